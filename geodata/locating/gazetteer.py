"""What is known of places by name in and round some wards, ready to be asked. BNG metres.

Streets come as lines (OpenStreetMap), as boxes round a middle (OS Open Names) or as a point; parts
of one name that lie close together are one street. Where lines are known they count, and the rest
only says that the street is there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.crs import require_bng
from geodata.locating.words import name_key, station_key
from geodata.vocabularies import GEO_RADIUS_M

SAME_STREET_M = 150.0
"""Parts of one name no further apart are one street."""

SAME_PLACE_M = 300.0
"""Places of one name no further apart are one place: the entrances of a station."""

PLACE_RADIUS_M: Mapping[str, float] = {"park": 200.0, "street": 100.0}
"""Metres within which something at a named place lies, where the gazetteer does not say how large
it is; 100 otherwise."""

BOX = ("west", "south", "east", "north")
GAZETTEER_FRAME = (
    *("key", "name", "kind", "easting", "northing", "radius_m", "district"),
    *BOX,
)
KINDS = ("postcode", "uprn", "street", "place", "area")
_USUAL_RADIUS_M = 100.0
_ENTRY = np.dtype([("easting", "f8"), ("northing", "f8"), ("radius_m", "f8")])


@dataclass(frozen=True)
class Spot:
    """A street, a place or a neighbourhood that goes by a name.

    Attributes
    ----------
    name, kind : str
        As people know it; 'street', 'place' or 'area'.
    easting, northing : float
        Its middle; of a street a point on it.
    radius_m : float
        Metres from the middle to its furthest end.
    shape : shapely geometry
        Lines, a box or a point.
    districts : frozenset of str
        Postcode districts it is said to lie in.
    """

    name: str
    kind: str
    easting: float
    northing: float
    radius_m: float
    shape: BaseGeometry
    districts: frozenset[str] = frozenset()


class Gazetteer:
    """Places by name in and round some wards.

    Parameters
    ----------
    wards : geopandas.GeoDataFrame
        `ward_code`, `ward_name`, polygons in BNG.
    entries : pandas.DataFrame, optional
        Columns `GAZETTEER_FRAME`, as `geodata.layers.gazetteer` gives them.
    places : geopandas.GeoDataFrame, optional
        `name`, `kind`, points in BNG.
    streets : geopandas.GeoDataFrame, optional
        `name`, lines in BNG.

    Attributes
    ----------
    answers : dict
        What `geodata.locating.match` found out with it so far.

    Raises
    ------
    CrsError
        If a frame is not in BNG.
    """

    def __init__(
        self,
        wards: gpd.GeoDataFrame,
        entries: pd.DataFrame | None = None,
        places: gpd.GeoDataFrame | None = None,
        streets: gpd.GeoDataFrame | None = None,
    ) -> None:
        for frame, label in ((wards, "The wards"), (places, "The places"), (streets, "Streets")):
            if frame is not None and len(frame):
                require_bng(frame, label)
        self.wards = wards
        self.answers: dict[Hashable, Any] = {}
        self._entries = completed(entries)
        self._places = places if places is not None and len(places) else None
        self._streets = streets if streets is not None and len(streets) else None

    @property
    def empty(self) -> bool:
        """Tell whether nothing is known at all."""
        return self._entries.empty and self._places is None and self._streets is None

    def has(self, kind: str) -> bool:
        """Tell whether any entry of a kind ('postcode', 'uprn') is known."""
        return bool(len(self._indexes[kind][0]))

    @cached_property
    def land(self) -> BaseGeometry:
        """The wards in one shape, ready for many questions."""
        land = self.wards.union_all()
        shapely.prepare(land)
        return land

    @cached_property
    def ward_shapes(self) -> dict[str, BaseGeometry]:
        """Ward polygons by code and by folded name; a name that two wards have is left out."""
        names = self.wards["ward_name"].map(name_key)
        once = ~names.duplicated(keep=False)
        shapes = dict(zip(names[once], self.wards.geometry[once], strict=True))
        return shapes | dict(zip(self.wards["ward_code"], self.wards.geometry, strict=True))

    def ward(self, given: str) -> BaseGeometry | None:
        """Find the ward that a file names, by code or name; None if there is none here."""
        return self.ward_shapes.get(given.strip()) or self.ward_shapes.get(
            name_key(given).removesuffix(" WARD")
        )

    def look_up(self, kind: str, keys: np.ndarray) -> np.ndarray:
        """Look up postcodes or UPRNs.

        Parameters
        ----------
        kind : {'postcode', 'uprn'}
            Which.
        keys : numpy.ndarray of str
            Postcodes without blanks, UPRNs without zeros at the front.

        Returns
        -------
        numpy.ndarray
            Fields `easting`, `northing`, `radius_m`; NaN for what is not known.
        """
        index, points = self._indexes[kind]
        found = index.get_indexer(pd.Index(keys))
        answer = np.full(len(keys), np.nan, dtype=_ENTRY)
        answer[found >= 0] = points[found[found >= 0]]
        return answer

    def find(self, kind: str, key: str) -> np.void | None:
        """Look up one; None if it is not known."""
        index, points = self._indexes[kind]
        if key not in index:
            return None
        found: np.void = points[np.asarray(index.get_loc(key)).item()]
        return found

    @cached_property
    def _indexes(self) -> dict[str, tuple[pd.Index, np.ndarray]]:
        found = {}
        for kind in ("postcode", "uprn"):
            rows = self._entries[self._entries["kind"].eq(kind)].drop_duplicates("key")
            points = np.empty(len(rows), dtype=_ENTRY)
            for name in _ENTRY.names or ():
                points[name] = rows[name]
            if kind == "postcode" and len(rows):
                points["radius_m"] = np.fmax(points["radius_m"], _reach(points))
            missing = np.isnan(points["radius_m"])
            points["radius_m"][missing] = GEO_RADIUS_M[kind]
            found[kind] = (pd.Index(rows["key"]), points)
        return found

    def streets(self, key: str) -> tuple[Spot, ...]:
        """List the streets of a name (see `geodata.locating.words.name_key`)."""
        return self._street_index.get(key, ())

    def places(self, key: str) -> tuple[Spot, ...]:
        """List the places of a name: first those called just so, else stations of any railway."""
        return self._place_index.get(key, ()) or self._place_index.get(station_key(key), ())

    def areas(self, key: str) -> tuple[Spot, ...]:
        """List the neighbourhoods of a name: too large to be where something happened."""
        return self._area_index.get(key, ())

    def known_names(self) -> dict[str, tuple[Spot, ...]]:
        """List every street and place by its key, to offer names like one that is not there."""
        return {**self._place_index, **self._street_index}

    @cached_property
    def _street_index(self) -> dict[str, tuple[Spot, ...]]:
        parts = [*self._lines(), *self._boxes("street"), *self._named_points("street")]
        return {key: _streets_of(found) for key, found in _by_key(parts).items()}

    @cached_property
    def _place_index(self) -> dict[str, tuple[Spot, ...]]:
        named = _by_key([*self._boxes("place"), *self._named_points("place")])
        loose = _by_key((station_key(key), spot) for key, spots in named.items() for spot in spots)
        return {key: _places_of(found) for key, found in {**loose, **named}.items()}

    @cached_property
    def _area_index(self) -> dict[str, tuple[Spot, ...]]:
        return {key: tuple(found) for key, found in _by_key(self._boxes("area")).items()}

    def _lines(self) -> Iterable[tuple[str, Spot]]:
        if self._streets is None:
            return
        named = self._streets[self._streets["name"].fillna("").ne("")]
        for name, shape in zip(named["name"], named.geometry, strict=True):
            yield name_key(name), Spot(name, "street", 0.0, 0.0, 0.0, shape)

    def _boxes(self, kind: str) -> Iterable[tuple[str, Spot]]:
        rows = self._entries[self._entries["kind"].eq(kind)]
        boxed = rows["west"].notna().to_numpy() & (kind == "street")
        boxes = shapely.box(*(rows[side].to_numpy() for side in BOX))
        points = shapely.points(rows["easting"], rows["northing"])
        shapes = np.where(boxed, boxes, points)
        columns = ("name", "easting", "northing", "radius_m", "district")
        for name, x, y, radius, district, shape in zip(
            *(rows[c] for c in columns), shapes, strict=True
        ):
            reach = max(radius, _USUAL_RADIUS_M) if radius == radius else _USUAL_RADIUS_M
            yield name_key(name), Spot(name, kind, x, y, reach, shape, frozenset({district} - {""}))

    def _named_points(self, kind: str) -> Iterable[tuple[str, Spot]]:
        if self._places is None:
            return
        of_streets = self._places["kind"].eq("street")
        rows = self._places[of_streets if kind == "street" else ~of_streets]
        for name, given, point in zip(rows["name"], rows["kind"], rows.geometry, strict=True):
            key = name_key(name)
            if given == "station" and not station_key(key):
                key = f"{key} STATION"
            reach = PLACE_RADIUS_M.get(given, _USUAL_RADIUS_M)
            yield key, Spot(name, kind, point.x, point.y, reach, point)


def completed(entries: pd.DataFrame | None) -> pd.DataFrame:
    """Give a gazetteer the columns that it lacks: words '', numbers NaN.

    Examples
    --------
    >>> one = pd.DataFrame({"key": ["E16AN"], "kind": ["postcode"], "easting": [533700.0],
    ...                     "northing": [181600.0]})
    >>> completed(one)[["name", "radius_m"]].to_numpy().tolist()
    [['', nan]]
    """
    entries = pd.DataFrame(columns=list(GAZETTEER_FRAME)) if entries is None else entries
    frame = entries.reindex(columns=list(GAZETTEER_FRAME))
    words = ["key", "name", "kind", "district"]
    numbers = [c for c in GAZETTEER_FRAME if c not in words]
    types = dict.fromkeys(numbers, "float64") | dict.fromkeys(words, "object")
    return frame.astype(types).fillna(dict.fromkeys(words, ""))


def _reach(points: np.ndarray) -> np.ndarray:
    """Say how far a postcode may reach: to the next one, but never less than is usual.

    Postcodes share out the addresses between them, so in open country, where the next postcode is
    a kilometre away, its own addresses may be nearly as far from their middle.
    """
    from scipy.spatial import KDTree

    xy = np.column_stack([points["easting"], points["northing"]])
    distinct = np.unique(xy, axis=0)
    if len(distinct) < 2:
        return np.full(len(xy), GEO_RADIUS_M["postcode"])
    distance, _ = KDTree(distinct).query(xy, k=2)
    return np.maximum(distance[:, 1], GEO_RADIUS_M["postcode"])


def _by_key(parts: Iterable[tuple[str, Spot]]) -> dict[str, list[Spot]]:
    found: defaultdict[str, list[Spot]] = defaultdict(list)
    for key, spot in parts:
        if key:
            found[key].append(spot)
    return dict(found)


def _streets_of(parts: list[Spot]) -> tuple[Spot, ...]:
    """Put parts of one name together into streets, from west to east."""
    streets = [street_of(group) for group in _grouped(parts, SAME_STREET_M)]
    return tuple(sorted(streets, key=lambda s: (s.easting, s.northing)))


def street_of(parts: list[Spot]) -> Spot:
    """Make one street of its parts: of its lines, where there are any."""
    lines = [p.shape for p in parts if "LineString" in p.shape.geom_type]
    shape = shapely.union_all(lines or [p.shape for p in parts])
    districts = frozenset().union(*(p.districts for p in parts))
    if not lines and len(parts) == 1:
        return replace(parts[0], kind="street")
    easting, northing, radius = middle_of(shape)
    return Spot(parts[0].name, "street", easting, northing, radius, shape, districts)


def middle_of(shape: BaseGeometry) -> tuple[float, float, float]:
    """Give the point of a shape that lies nearest to its centre, and how far its ends are from it.

    Never less than the radius that a street has by default.

    Examples
    --------
    >>> middle_of(shapely.LineString([(0, 0), (400, 0)]))
    (200.0, 0.0, 200.0)
    """
    centre = shapely.shortest_line(shape, shape.centroid)
    x, y = shapely.get_coordinates(centre)[0]
    ends = shapely.get_coordinates(shape)
    furthest = float(np.hypot(ends[:, 0] - x, ends[:, 1] - y).max())
    return float(x), float(y), max(furthest, GEO_RADIUS_M["street"])


def _places_of(parts: list[Spot]) -> tuple[Spot, ...]:
    found = []
    for group in _grouped(parts, SAME_PLACE_M):
        x, y = (float(np.mean([getattr(s, n) for s in group])) for n in ("easting", "northing"))
        reach = max(s.radius_m + np.hypot(s.easting - x, s.northing - y) for s in group)
        districts = frozenset().union(*(s.districts for s in group))
        point = shapely.Point(x, y)
        found.append(Spot(group[0].name, "place", x, y, float(reach), point, districts))
    return tuple(sorted(found, key=lambda s: (s.easting, s.northing)))


def _grouped(parts: list[Spot], apart_m: float) -> list[list[Spot]]:
    """Put together what lies no further apart than `apart_m`, step by step."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if len(parts) == 1:
        return [parts]
    tree = shapely.STRtree([p.shape for p in parts])
    one, other = tree.query(tree.geometries, predicate="dwithin", distance=apart_m)
    close = coo_array((np.ones(len(one)), (one, other)), (len(parts), len(parts)))
    count, labels = connected_components(close, directed=False)
    return [[p for p, n in zip(parts, labels, strict=True) if n == g] for g in range(count)]
