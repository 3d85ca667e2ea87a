"""The map of a borough as one drawing: areas that passed the gate, and what to find them by."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from analysis.jobs.bearings import bearings
from analysis.report.classes import legend_for
from analysis.report.html_export import map_summary
from analysis.report.static_map import Layers, static_map
from analysis.report.taken import MapParts, PointParts
from geodata.crs import BNG
from geodata.errors import SaferWalksError
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
    water, roads = _ground(workspace)
    layers = Layers(
        workspace.wards(), (), areas, legend.class_of(values, withheld), legend, water,
        roads, workspace.places(), over=parts.over, over_words=parts.over_words,
    )  # fmt: skip
    return static_map(layers, label=said, margin_m=AROUND_M), said


def drawn_points(workspace: Workspace, parts: PointParts) -> tuple[str, str]:
    """Draw places as numbered marks on wards, water, main roads, stations and parks.

    Parameters
    ----------
    workspace : Workspace
        What lies around them.
    parts : PointParts
        The places; an outline is marked at a point inside it.

    Returns
    -------
    str
        `<svg>`, light, for white paper.
    str
        Which number is which place.

    Raises
    ------
    SaferWalksError
        If no place lies anywhere.
    """
    places = parts.places
    if places.empty:
        raise SaferWalksError("No place of the list is on the map", todo="give them a point first")
    labels = [str(number) for number in range(1, len(places) + 1)]
    marks = gpd.GeoDataFrame(
        {"label": labels}, geometry=places.geometry.representative_point().to_numpy(), crs=BNG
    )
    said = f"{len(places):,} {parts.are}: " + "; ".join(
        f"{number} {name}" for number, name in zip(labels, places["name"], strict=True)
    )
    water, roads = _ground(workspace)
    drawing = Layers(
        workspace.wards(), (), water=water, streets=roads, places=workspace.places(), stops=marks
    )
    return static_map(drawing, label=said, margin_m=AROUND_M), f"{said}."


def _ground(workspace: Workspace) -> tuple[gpd.GeoDataFrame | None, gpd.GeoDataFrame | None]:
    """Give water and main roads as `Layers` takes them."""
    ground = bearings(workspace)
    if ground.roads is None:
        return ground.water, None
    return ground.water, ground.roads.rename(columns={"name": "kind"}).assign(name="")
