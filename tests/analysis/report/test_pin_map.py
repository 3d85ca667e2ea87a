"""What could be meant is told from the pin, and from the dots of the ground."""

from __future__ import annotations

from typing import Any

import folium
import shapely

from analysis.report.palette import PALETTES
from analysis.report.pin_map import pin_layer
from geodata.locating.gazetteer import Spot


def styles(group: folium.FeatureGroup) -> list[dict[str, Any]]:
    drawn = [child for child in group._children.values() if isinstance(child, folium.GeoJson)]
    return [each.style_function(each.data["features"][0]) for each in drawn]


def test_candidates_are_rings_and_the_pin_is_filled() -> None:
    here, there = (
        Spot(name, "street", x, 1000.0, 50.0, shapely.Point(x, 1000.0))
        for name, x in (("Bow Road", 1000.0), ("Bow Lane", 2000.0))
    )
    for theme, palette in PALETTES.items():
        ring, other, pin = styles(pin_layer([here, there], here, theme=theme))
        assert ring == other
        assert (ring["color"], ring["fillColor"]) == (palette.accent, palette.halo)
        assert (pin["color"], pin["fillColor"]) == (palette.text, palette.accent)
