"""Charts as pictures (SVG), made with no browser, in the font that ships with us."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import altair as alt
import font_source_sans_pro  # type: ignore[import-untyped]
import vl_convert

from analysis.report.pdf import FONT

VEGA_LITE = "6.1"
WIDTH, HEIGHT = 640, 250
_SIZES = {"labelFontSize": 15, "titleFontSize": 15}
_APART = 12
"""Pixels between an axis' numbers and its title: a page without our font writes wider numbers."""


def chart_svg(chart: alt.LayerChart | alt.Chart, *, width: int = WIDTH) -> str:
    """Draw a chart as SVG, without style sheets or outside addresses.

    Parameters
    ----------
    chart : altair chart
        Of `analysis.report.charts` or `time_charts`.
    width : int, default 640
        In pixels, where the chart fills its container.
    """
    drawn = _library().vegalite_to_svg(_specification(chart, width), vl_version=VEGA_LITE)
    return _plain(drawn)


def _specification(chart: alt.LayerChart | alt.Chart, width: int) -> dict[str, Any]:
    # Whether a chart is sound is tested; asking again of every pack takes most of its time.
    spec = json.loads(chart.to_json(validate=False))
    if spec.get("width") == "container":
        spec["width"] = width
    config = spec.setdefault("config", {})
    config |= {
        "font": FONT, "background": "#FFFFFF", "axis": _SIZES, "legend": _SIZES,
        "axisLeft": {"titlePadding": _APART}, "view": {"stroke": None},
    }  # fmt: skip
    return spec


def _plain(svg: str) -> str:
    """Take out what a page's policy forbids, and what a reader is told beside the drawing."""
    svg = re.sub(r' (style|class|role|aria-[a-z]+)="[^"]*"', "", svg)
    return re.sub(r"<image\b[^>]*>", "", svg)


@cache
def _library() -> Any:  # noqa: ANN401 - a module
    vl_convert.register_font_directory(str(font_source_sans_pro.font_directory))
    return vl_convert
