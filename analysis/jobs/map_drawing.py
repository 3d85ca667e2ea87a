"""The map of a borough as one drawing: areas that passed the gate, and what to find them by."""

from __future__ import annotations

import pandas as pd

from analysis.jobs.bearings import bearings
from analysis.report.classes import legend_for
from analysis.report.html_export import map_summary
from analysis.report.static_map import Layers, static_map
from analysis.report.taken import MapParts
from geodata.workspace import Workspace

AROUND_M = 320.0
"""Ground shown around the wards: room for the hexagons that reach over their edge."""


def drawn_map(workspace: Workspace, parts: MapParts) -> tuple[str, str]:
    """Draw areas on wards, water, main roads, stations and parks.

    Parameters
    ----------
    workspace : Workspace
        What lies around the areas.
    parts : MapParts
        What is drawn, as its reader may see it; `withheld` says in words what was held back.

    Returns
    -------
    str
        `<svg>`, light, for white paper.
    str
        What it shows, in words.
    """
    areas, values = parts.areas, parts.areas[parts.value]
    withheld: pd.Series | None = areas["withheld"].ne("") if "withheld" in areas else None
    adds_up = parts.value == "count"
    legend = legend_for(values, title=parts.measure, withheld=withheld, adds_up=adds_up)
    said = " ".join(map_summary(areas, value=parts.value, legend=legend, are=parts.are))
    ground, roads = bearings(workspace), None
    if ground.roads is not None:
        roads = ground.roads.rename(columns={"name": "kind"}).assign(name="")
    layers = Layers(
        workspace.wards(), (), areas, legend.class_of(values, withheld), legend, ground.water,
        roads, workspace.places(), over=parts.over, over_words=parts.over_words,
    )  # fmt: skip
    return static_map(layers, label=said, margin_m=AROUND_M), said
