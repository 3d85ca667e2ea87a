"""The outlines that say something: round hot spots, and what a person draws, on every map."""

from __future__ import annotations

from analysis.report.palette import Theme

LINE: dict[Theme, str] = {"light": "#A63E00", "dark": "#CC4C00"}
"""Colour of the outlines drawn over areas, on a rim of the halo's colour.

The opposite of the blues of the classes, so that it is told from each of them also by people who
do not tell red from green, or blue from yellow: see `analysis.report.palette.difference`."""

DASHES: dict[str, str] = {"": "", "persistent": "", "new": "1 7", "fading": "11 7", "drawn": "4 4"}
"""How an outline is dashed, by what it says: never told apart by colour alone."""
