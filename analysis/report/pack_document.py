"""A pack laid out once for every way it is handed on: words, cells and drawings, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis.packs.model import Figure, Pack, Section, Table, printed
from analysis.report.chart_pictures import chart_svg
from analysis.report.charts import monthly_chart, monthly_summary
from analysis.report.classes import legend_for
from analysis.report.html_export import map_summary
from analysis.report.static_map import Layers, static_map
from analysis.report.week_charts import week_grid, week_words


@dataclass(frozen=True)
class Ground:
    """What maps are drawn on: wards, and what people find their way by; all in BNG."""

    wards: gpd.GeoDataFrame
    water: gpd.GeoDataFrame | None = None
    streets: gpd.GeoDataFrame | None = None
    places: gpd.GeoDataFrame | None = None


def pack_document(pack: Pack, ground: Ground) -> dict[str, Any]:
    """Lay a pack out: what `pack_html` and `pack.typ` set.

    Parameters
    ----------
    pack : Pack
        The pack.
    ground : Ground
        What its map is drawn on.

    Returns
    -------
    dict
        What JSON can hold: `title`, `marks`, `watermark`, `footer`, `facts`, `licences` and
        `sections`, each with `lines`, `figures` (`svg`, `alt`, `caption`), `tables` (`caption`,
        `heads`, `rows`, `numeric`, `widths`) and `notes`.
    """
    marks = [*pack.marks, *([pack.watermark] if pack.watermark else [])]
    return {
        "title": pack.title, "ward": pack.ward_name, "marks": marks, "watermark": pack.watermark,
        "footer": f"{pack.title}, {pack.facts.get('Period', '')}".rstrip(", "),
        "facts": [list(pair) for pair in pack.facts.items()],
        "licences": list(pack.licences),
        "sections": [_section(part, pack, ground) for part in pack.sections],
    }  # fmt: skip


def _section(part: Section, pack: Pack, ground: Ground) -> dict[str, Any]:
    return {
        "code": part.code, "title": part.title, "lines": list(part.lines),
        "figures": [_figure(f, pack, ground) for f in part.figures],
        "tables": [table_of(t) for t in part.tables],
        "notes": list(part.notes),
    }  # fmt: skip


def table_of(table: Table) -> dict[str, Any]:
    """Lay a table out: heads, rows of text, and which columns are numbers."""
    return {
        "name": table.name, "caption": table.caption,
        "heads": [heading for _, heading in table.columns],
        # A number stays on one line with its sign.
        "rows": [[cell.replace(" %", "\u00a0%") for cell in row] for row in printed(table)],
        "numeric": [
            pd.api.types.is_numeric_dtype(table.frame[c]) or _all_numbers(table.frame[c])
            for c, _ in table.columns
        ],
        "widths": list(table.widths),
    }  # fmt: skip


def _all_numbers(column: pd.Series) -> bool:
    known = column.dropna()
    return bool(len(known)) and all(isinstance(v, (int, float, np.number)) for v in known)


def _figure(figure: Figure, pack: Pack, ground: Ground) -> dict[str, Any]:
    draw = {"map": _map, "months": _months, "week": _week}[figure.kind]
    svg, alt = draw(figure, pack, ground)
    return {"name": figure.name, "svg": svg, "alt": alt, "caption": figure.title}


def _months(figure: Figure, _pack: Pack, _ground: Ground) -> tuple[str, str]:
    months = figure.frame["month"].nunique()
    shown = min(12, max(1, months - 12))
    chart = monthly_chart(figure.frame, what=figure.title, months=shown)
    return chart_svg(chart), monthly_summary(figure.frame, what=figure.title, months=shown)


def _week(figure: Figure, _pack: Pack, _ground: Ground) -> tuple[str, str]:
    drawn = week_grid(figure.frame, what=figure.title)
    return drawn, week_words(figure.frame, what=figure.title)


def _map(figure: Figure, pack: Pack, ground: Ground) -> tuple[str, str]:
    cells = figure.frame
    withheld = cells["withheld"].fillna("").ne("")
    legend = legend_for(cells["count"], title=figure.title, withheld=withheld, adds_up=True)
    classes = legend.class_of(cells["count"], withheld)
    said = map_summary(cells, value="count", legend=legend, are="hexagons")
    alt = f"Map of {pack.ward_name} in hexagons. {' '.join(said)} The tables hold the same."
    svg = static_map(
        Layers(
            ground.wards, [pack.ward_code], cells, classes, legend, ground.water, ground.streets,
            ground.places,
        ),
        label=alt,
    )  # fmt: skip
    return svg, alt
