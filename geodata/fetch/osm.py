"""What OpenStreetMap's tags say of a street, a lamp, a crossing, a place. Degrees in, BNG out.

A street is what a person may walk along. `lit` is what the map says of lamps, and 'unknown' where
it says nothing, which is most often: that is not darkness.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.crs import BNG, WGS84
from geodata.street_network import WAY_FRAME, network_of

REACH_M = 500.0
"""Metres beyond the wards up to which streets and places are kept."""

NOT_WALKED = frozenset(
    {"motorway", "motorway_link", "trunk_link", "construction", "proposed", "raceway", "busway",
     "bus_guideway", "escape", "platform", "abandoned", "razed", "corridor", "elevator", "no",
     "services", "rest_area", "via_ferrata"}
)  # fmt: skip
NOT_STREETS = frozenset(
    {"waterway", "railway", "barrier", "boundary", "natural", "power", "landuse", "building",
     "leisure", "aeroway", "route", "place"}
)  # fmt: skip
"""A line with one of these tags and no `highway` is something else than a street."""

_CLOSED = frozenset({"no", "private"})
_LIT = frozenset({"yes", "24/7", "automatic", "sunset-sunrise", "dusk-dawn"})
_UNLIT = frozenset({"no", "disused"})
_SIGNALS = frozenset({"traffic_signals", "signals", "pelican", "puffin", "toucan"})
_MARKED = frozenset({"marked", "zebra", "uncontrolled"})

UNTAGGED = "unknown"
Tags = dict[str, str]


@dataclass(frozen=True)
class Feature:
    """A thing on the map: its id, its tags, and its shape in degrees."""

    id: str
    tags: Tags
    shape: BaseGeometry


@dataclass(frozen=True)
class Streets:
    """What was found in and round the wards; all in BNG.

    Attributes
    ----------
    streets : geopandas.GeoDataFrame
        The network, as `geodata.street_network.network_of` gives it.
    places : geopandas.GeoDataFrame
        `place_id`, `name`, `kind` (station, park), points.
    lamps : geopandas.GeoDataFrame
        `lamp_id`, points. Where none is drawn there may be many.
    crossings : geopandas.GeoDataFrame
        `crossing_id`, `kind` (signals, marked, unmarked, unknown), points.
    """

    streets: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    lamps: gpd.GeoDataFrame
    crossings: gpd.GeoDataFrame

    @property
    def is_empty(self) -> bool:
        """Nothing at all was found."""
        return not any(map(len, (self.streets, self.places, self.lamps, self.crossings)))


def sort_out(features: Iterable[Feature], wards: gpd.GeoDataFrame) -> Streets:
    """Sort features into streets, places, lamps and crossings near the wards.

    Parameters
    ----------
    features : iterable of Feature
        In degrees; one that comes twice under its id counts once.
    wards : geopandas.GeoDataFrame
        In BNG. What lies more than `REACH_M` from them is left out.
    """
    ways, places, lamps, crossings = [], [], [], []
    for f in features:
        if is_walked(f):
            ways.append(_way(f))
        elif f.shape.geom_type == "Point" and f.tags.get("highway") == "street_lamp":
            lamps.append((f.id, f.shape))
        elif f.shape.geom_type == "Point" and crossing_kind(f.tags):
            crossings.append((f.id, crossing_kind(f.tags), f.shape))
        elif f.tags.get("name") and place_kind(f.tags):
            spot = f.shape if f.shape.geom_type == "Point" else f.shape.representative_point()
            places.append((f.id, f.tags["name"], place_kind(f.tags), spot))
    near = wards.union_all().buffer(REACH_M)
    shapely.prepare(near)
    streets = network_of(_frame(ways, WAY_FRAME, near))
    return Streets(
        streets,
        _frame(places, ("place_id", "name", "kind", "geometry"), near),
        _frame(lamps, ("lamp_id", "geometry"), near),
        _frame(crossings, ("crossing_id", "kind", "geometry"), near),
    )


def _way(f: Feature) -> tuple[Any, ...]:
    kind = street_kind(f.tags)
    named = (f.id, f.tags.get("name", ""), kind, lit(f.tags))
    return *named, kind == "steps", is_covered(f.tags), f.shape


def is_walked(feature: Feature) -> bool:
    """Tell whether a feature is a line that a person may walk along.

    Examples
    --------
    >>> line = shapely.LineString([(0, 51), (0, 52)])
    >>> [is_walked(Feature("way/1", tags, line)) for tags in (
    ...     {"highway": "footway"}, {"highway": "motorway"}, {"highway": "path", "foot": "no"},
    ...     {"highway": "service", "access": "private"},
    ...     {"highway": "service", "access": "private", "foot": "yes"}, {"waterway": "canal"})]
    [True, False, False, False, True, False]
    """
    kind, tags = street_kind(feature.tags), feature.tags
    if feature.shape.geom_type != "LineString" or not kind or kind in NOT_WALKED:
        return False
    return tags.get("foot", tags.get("access", "")) not in _CLOSED


def street_kind(tags: Tags) -> str:
    """Name the kind of street; 'unknown' for a line that says nothing, '' for what is none."""
    return tags.get("highway") or ("" if NOT_STREETS & set(tags) else UNTAGGED)


def lit(tags: Tags) -> str:
    """Say what the map says of a street's lamps: yes, no or unknown.

    Examples
    --------
    >>> [lit({"lit": said}) for said in ("yes", "24/7", "no", "limited")], lit({})
    (['yes', 'yes', 'no', 'unknown'], 'unknown')
    """
    said = tags.get("lit", "")
    return "yes" if said in _LIT else "no" if said in _UNLIT else "unknown"


def is_covered(tags: Tags) -> bool:
    """Tell an underpass, a tunnel or a passage through a building."""
    return any(tags.get(name, "no") != "no" for name in ("tunnel", "covered"))


def crossing_kind(tags: Tags) -> str:
    """Name the kind of a crossing on foot; '' for what is none.

    Examples
    --------
    >>> crossing_kind({"highway": "crossing", "crossing": "zebra"})
    'marked'
    >>> crossing_kind({"highway": "traffic_signals", "crossing": "traffic_signals"})
    'signals'
    >>> crossing_kind({"railway": "level_crossing"})
    ''
    """
    said = tags.get("crossing", "")
    highway = tags.get("highway", "").split(";")
    if said == "no" or not ("crossing" in highway or (said and "railway" not in tags)):
        return ""
    if said in _SIGNALS or "traffic_signals" in highway or tags.get("crossing:signals") == "yes":
        return "signals"
    if said in _MARKED or tags.get("crossing:markings", "no") != "no":
        return "marked"
    return "unmarked" if said == "unmarked" else "unknown"


def place_kind(tags: Tags) -> str:
    """Name the kind of a place: station, park, or what a file's own column `kind` says."""
    if tags.get("railway") in ("station", "halt"):
        return "station"
    return "park" if tags.get("leisure") == "park" else tags.get("kind", "")


def _frame(
    rows: list[tuple[Any, ...]], columns: tuple[str, ...], near: BaseGeometry
) -> gpd.GeoDataFrame:
    """Lay rows in BNG, by id, those near only."""
    shapes = gpd.GeoSeries([row[-1] for row in rows], crs=WGS84).to_crs(BNG)
    content = {name: [row[n] for row in rows] for n, name in enumerate(columns[:-1])}
    frame = gpd.GeoDataFrame(content, geometry=shapes, crs=BNG)
    frame = frame.drop_duplicates(columns[0])
    return frame[frame.intersects(near)].sort_values(columns[0], ignore_index=True)
