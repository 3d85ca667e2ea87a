"""What is taken away as a picture: which chart or map, called what, made from which sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd

RECORDS = "records"
"""In place of a source: what people wrote down, said, asked for or were promised."""


@dataclass(frozen=True)
class Shown:
    """What a picture is of.

    Attributes
    ----------
    title, period : str
        What is drawn, of which months.
    sources : tuple of str
        Codes of the sources of the numbers; `RECORDS` for what people said or wrote down.
    """

    title: str
    period: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class ChartParts:
    """A chart that can be drawn again, light.

    Attributes
    ----------
    name : str
        Module of `analysis.report` and function: "charts.monthly_chart".
    given : tuple
        What it is drawn from.
    more : mapping
        Further arguments by name, other than `theme`.
    said : str
        What it shows, in words.
    """

    name: str
    given: tuple[object, ...]
    more: Mapping[str, Any]
    said: str


@dataclass(frozen=True)
class PointParts:
    """What a map of named places draws.

    Attributes
    ----------
    places : geopandas.GeoDataFrame
        `name`; points, lines or polygons in BNG, in the order of their numbers.
    are : str
        What they are, in the plural.
    """

    places: gpd.GeoDataFrame
    are: str


@dataclass(frozen=True)
class MapParts:
    """What a map draws.

    Attributes
    ----------
    areas : geopandas.GeoDataFrame
        Areas as on the page, in BNG.
    value, measure, are : str
        Column that is drawn, what it is called, and what the areas are, in the plural.
    over : geopandas.GeoDataFrame or None
        Outlines, as `analysis.report.static_map.Layers` takes them.
    over_words : mapping of str to str
        What each kind of outline says.
    """

    areas: gpd.GeoDataFrame
    value: str
    measure: str
    are: str
    over: gpd.GeoDataFrame | None = None
    over_words: Mapping[str, str] = field(default_factory=dict)
