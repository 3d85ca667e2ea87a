"""What the Hotspots page calls its layers, measures and columns."""

from __future__ import annotations

LAYERS = {"hotspots": "Hexagons", "wards": "Wards"}
MEASURES = {
    "count": "Reports",
    "per_km2": "Reports per km²",
    "per_1000": "Reports per 1,000 residents",
}
TESTED = ("expected", "statistic", "p", "hot", "word", "class", "class_older")
COLUMNS = {
    "name": "Place",
    "count": "Reports",
    "per_km2": "Per km²",
    "per_1000": "Per 1,000 residents",
    "ward_shares": "Lies in",
}
