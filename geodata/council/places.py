"""Where a row lies: grid metres, degrees, grid references, pairs and shapes, read row by row.

Out come easting and northing (British National Grid, metres) and longitude and latitude (WGS84,
degrees), both or neither. What a number is, is told by its size and not by the column it stands in:
in Great Britain the ranges of longitude, latitude and grid metres do not meet. So a latitude in the
column of longitudes, or grid metres among degrees, is put right and counted. Easting and northing
swapped can only be told where the extent of the wards is known or no place could have them
otherwise; else they are left as they are and fall outside the wards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import osbng
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geodata.council.figures import decimals, read_numbers
from geodata.council.rules import Rule
from geodata.crs import BNG_EXTENT, LONLAT_EXTENT, to_bng, to_lonlat
from geodata.vocabularies import GEO_RADIUS_M
from geodata.ward_join import COLLAR_M

Extent = tuple[float, float, float, float]
"""minx, miny, maxx, maxy of the wards and what lies around them, BNG metres."""

PRECISIONS = ("exact", "uprn", "street", "postcode", "snap_point", "ward_only", "none")
_NONE = PRECISIONS.index("none")
_BY_RESOLUTION_M: tuple[tuple[float, str], ...] = (
    (10.0, "exact"), (100.0, "street"), (np.inf, "ward_only"),
)  # fmt: skip
"""What a coordinate given to so many metres is worth, at best."""

_METRES_PER_DEGREE = 111_000.0
_SMALLEST_GRID_M = 1_000.0
"""Below this in both numbers, a pair is not a place on the grid (it would lie off Scilly)."""


def extent_of(wards: gpd.GeoDataFrame) -> Extent:
    """Give the bounds of wards (BNG) and their collar, by which swapped coordinates are told.

    Examples
    --------
    >>> from geodata.crs import BNG
    >>> wards = gpd.GeoDataFrame(geometry=[shapely.box(530_000, 180_000, 531_000, 181_000)],
    ...                          crs=BNG)
    >>> extent_of(wards)
    (529500.0, 179500.0, 531500.0, 181500.0)
    """
    west, south, east, north = map(float, wards.total_bounds)
    return west - COLLAR_M, south - COLLAR_M, east + COLLAR_M, north + COLLAR_M


@dataclass(frozen=True)
class Places:
    """Where rows lie. All arrays have one entry a row.

    Attributes
    ----------
    easting, northing, lon, lat : numpy.ndarray
        NaN where a row has no usable place.
    precision : numpy.ndarray
        Position in `PRECISIONS`.
    radius_m : numpy.ndarray
        Metres within which the true place may lie; NaN without a place.
    flags : numpy.ndarray
        `Rule` bits.
    """

    easting: np.ndarray
    northing: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    precision: np.ndarray
    radius_m: np.ndarray
    flags: np.ndarray


@dataclass
class _Pairs:
    """Coordinates as found: x, y, the metres they are given to, and rule bits."""

    x: np.ndarray
    y: np.ndarray
    resolution_m: np.ndarray
    flags: np.ndarray

    @classmethod
    def blank(cls, count: int) -> _Pairs:
        return cls(
            np.full(count, np.nan), np.full(count, np.nan), np.zeros(count), np.zeros(count, "i8")
        )


def read_places(
    columns: Mapping[str, pa.Array],
    count: int,
    *,
    extent: Extent | None = None,
    precision: str = "",
) -> Places:
    """Read the places of some rows.

    Where a row gives its place more than once, the first usable of grid metres, degrees, grid
    reference, pair and shape counts.

    Parameters
    ----------
    columns : mapping of str to pyarrow.Array
        Trimmed text by field: `easting`, `northing`, `lon`, `lat`, `grid_reference`,
        `coordinates`, `geometry`; those that the file has.
    count : int
        Rows.
    extent : tuple of float, optional
        minx, miny, maxx, maxy of the wards and what lies around them, BNG metres: tells a swapped
        easting and northing.
    precision : str
        What the profile says the coordinates are worth at best (`GeoPrecision`), '' if nothing.

    Examples
    --------
    >>> columns = {"easting": pa.array(["536500", "51.52", "0"]),
    ...            "northing": pa.array(["182500", "-0.03", "0"])}
    >>> places = read_places(columns, 3)
    >>> places.easting.round().tolist()
    [536500.0, 536778.0, nan]
    >>> [PRECISIONS[p] for p in places.precision]
    ['street', 'ward_only', 'none']
    """
    places = _Built(count, extent)
    for fields, read in _READERS:
        given = [columns[f] for f in fields if f in columns]
        if len(given) == len(fields):
            places.add(read(*given), stated=fields[0] if len(fields) == 2 else "")
    return places.finish(precision)


class _Built:
    """Places being put together from one source after another."""

    def __init__(self, count: int, extent: Extent | None) -> None:
        self.extent = extent
        self.easting, self.northing = np.full(count, np.nan), np.full(count, np.nan)
        self.lon, self.lat = np.full(count, np.nan), np.full(count, np.nan)
        self.resolution_m, self.flags = np.full(count, np.nan), np.zeros(count, "i8")

    def add(self, pairs: _Pairs, *, stated: str) -> None:
        """Enter the rows that have no place yet and get one here."""
        given = np.isfinite(pairs.x) | np.isfinite(pairs.y) | (pairs.flags > 0)
        rows = np.flatnonzero(np.isnan(self.easting) & given)
        if not len(rows):
            return
        x, y, flags = pairs.x[rows], pairs.y[rows], pairs.flags[rows].copy()
        is_lonlat, is_grid = _tell_apart(x, y, flags, stated, self.extent)
        self._enter_lonlat(rows[is_lonlat], x[is_lonlat], y[is_lonlat])
        self._enter_grid(rows[is_grid], x[is_grid], y[is_grid])
        placed = np.isfinite(self.easting[rows])
        flags[~placed & (flags & Rule.COORDINATES_ZERO == 0)] |= Rule.COORDINATES_UNUSABLE
        flags[placed] &= ~int(Rule.COORDINATES_UNUSABLE | Rule.COORDINATES_ZERO)
        self.flags[rows] = np.where(placed, flags, self.flags[rows] | flags)
        self.resolution_m[rows] = pairs.resolution_m[rows]

    def _enter_lonlat(self, rows: np.ndarray, lon: np.ndarray, lat: np.ndarray) -> None:
        easting, northing = to_bng(lon, lat)
        good = _inside(easting, northing, BNG_EXTENT)
        rows = rows[good]
        self.lon[rows], self.lat[rows] = lon[good], lat[good]
        self.easting[rows], self.northing[rows] = easting[good], northing[good]

    def _enter_grid(self, rows: np.ndarray, easting: np.ndarray, northing: np.ndarray) -> None:
        lon, lat = to_lonlat(easting, northing)
        good = _inside(lon, lat, LONLAT_EXTENT)
        rows = rows[good]
        self.lon[rows], self.lat[rows] = lon[good], lat[good]
        self.easting[rows], self.northing[rows] = easting[good], northing[good]

    def finish(self, best: str) -> Places:
        placed = np.isfinite(self.easting)
        limits = [limit for limit, _ in _BY_RESOLUTION_M]
        codes = np.array([PRECISIONS.index(name) for _, name in _BY_RESOLUTION_M])
        step = np.searchsorted(limits, np.where(placed, self.resolution_m, 0.0))
        radii = np.array([GEO_RADIUS_M.get(name, np.nan) for name in PRECISIONS])
        precision = codes[step]
        radius = np.fmax(radii[precision], self.resolution_m * np.sqrt(0.5))
        if best:
            code = PRECISIONS.index(best)
            coarser = ~(radius > radii[code])
            precision = np.where(coarser, code, precision)
            radius = np.where(coarser, radii[code], radius)
        coarse = placed & (codes[step] == PRECISIONS.index("ward_only"))
        self.flags[coarse] |= Rule.COORDINATES_COARSE
        return Places(
            self.easting, self.northing, self.lon, self.lat,
            np.where(placed, precision, _NONE).astype("i4"), np.where(placed, radius, np.nan),
            self.flags,
        )  # fmt: skip


def _tell_apart(
    x: np.ndarray, y: np.ndarray, flags: np.ndarray, stated: str, extent: Extent | None
) -> tuple[np.ndarray, np.ndarray]:
    """Tell degrees from grid metres and put swapped pairs right, in place."""
    zero = (x == 0) & (y == 0)
    flags[zero] |= Rule.COORDINATES_ZERO
    straight, turned = _inside(x, y, LONLAT_EXTENT), _inside(y, x, LONLAT_EXTENT)
    is_lonlat = (straight | turned) & ~zero
    is_grid = ~is_lonlat & ~zero & (np.maximum(np.abs(x), np.abs(y)) >= _SMALLEST_GRID_M)
    turned = (turned & ~straight) | (is_grid & _grid_turned(x, y, extent))
    x[turned], y[turned] = y[turned].copy(), x[turned].copy()
    is_grid &= _inside(x, y, BNG_EXTENT)
    if stated:
        flags[turned & (is_lonlat | is_grid)] |= Rule.COORDINATES_SWAPPED
        flags[is_lonlat if stated == "easting" else is_grid] |= Rule.COORDINATES_OTHER_SYSTEM
    return is_lonlat, is_grid


def _grid_turned(x: np.ndarray, y: np.ndarray, extent: Extent | None) -> np.ndarray:
    impossible = ~_inside(x, y, BNG_EXTENT) & _inside(y, x, BNG_EXTENT)
    if extent is None:
        return impossible
    return impossible | (~_inside(x, y, extent) & _inside(y, x, extent))


def _inside(x: np.ndarray, y: np.ndarray, extent: Extent) -> np.ndarray:
    west, south, east, north = extent
    return (x >= west) & (x <= east) & (y >= south) & (y <= north)


# One reader for each way of giving a place.


def _two_columns(first: pa.Array, second: pa.Array) -> _Pairs:
    x, odd_x = read_numbers(first)
    y, odd_y = read_numbers(second)
    half = (np.isnan(x) != np.isnan(y)) | odd_x | odd_y
    return _Pairs(
        np.where(half, np.nan, x), np.where(half, np.nan, y), _resolution(first, second, x, y),
        np.where(half, int(Rule.COORDINATES_UNUSABLE), 0),
    )  # fmt: skip


def _resolution(first: pa.Array, second: pa.Array, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Give the metres to which a pair is written, told by its digits.

    Both numbers are looked at, since one of them ends in zeros by chance often enough.
    """
    digits = np.maximum(decimals(first), decimals(second))
    degrees = _METRES_PER_DEGREE * 10.0 ** -np.minimum(digits, 9)
    whole = np.select(
        [(x % step == 0) & (y % step == 0) for step in (10_000, 1_000, 100)],
        [10_000.0, 1_000.0, 100.0], 1.0,
    )  # fmt: skip
    return np.where(np.maximum(np.abs(x), np.abs(y)) < _SMALLEST_GRID_M, degrees, whole)


_REFERENCE = r"^(?P<square>[HJNOST][A-HJ-Z])(?P<digits>\d{2,10})$"


def _grid_references(text: pa.Array) -> _Pairs:
    tight = pc.utf8_upper(pc.replace_substring_regex(text, r"[\s,/.-]+", ""))
    pairs = _Pairs.blank(len(text))
    struct = pc.extract_regex(tight, _REFERENCE)
    rows = np.flatnonzero(struct.is_valid().to_numpy(zero_copy_only=False))
    pairs.flags[pc.not_equal(text, "").to_numpy(zero_copy_only=False)] = Rule.COORDINATES_UNUSABLE
    squares = struct.field("square").take(pa.array(rows)).dictionary_encode()
    digits = struct.field("digits").take(pa.array(rows))
    corners = np.array([_corner(s.as_py()) for s in squares.dictionary]).reshape(-1, 2)
    corner = corners[squares.indices.to_numpy()]
    length = pc.binary_length(digits).to_numpy()
    half = length // 2
    side = 10.0 ** (5 - half)
    number = pc.cast(digits, pa.int64()).to_numpy()
    split = 10**half
    good = (length % 2 == 0) & np.isfinite(corner[:, 0])
    at = rows[good]
    pairs.x[at] = (corner[:, 0] + number // split * side + side / 2)[good]
    pairs.y[at] = (corner[:, 1] + number % split * side + side / 2)[good]
    pairs.resolution_m[at] = side[good]
    pairs.flags[at] = 0
    return pairs


def _corner(square: str) -> tuple[float, float]:
    """Give the south-west corner of a 100 km square of the National Grid, NaN if there is none."""
    rows, columns = np.nonzero(np.asarray(osbng.PREFIXES) == square)
    if not len(rows):
        return np.nan, np.nan
    return float(columns[0]) * 100_000.0, float(rows[0]) * 100_000.0


_PAIR = r"^[^\d+-]*(?P<x>[+-]?\d+(?:\.\d+)?)\s*[,; ]\s*(?P<y>[+-]?\d+(?:\.\d+)?)[^\d]*$"


def _pairs_of_text(text: pa.Array) -> _Pairs:
    """Read '51.52, -0.03' in either order; which number is which is told by its size."""
    struct = pc.extract_regex(text, _PAIR)
    first, second = (pc.fill_null(struct.field(name), "") for name in "xy")
    pairs = _two_columns(first, second)
    filled = pc.not_equal(text, "").to_numpy(zero_copy_only=False)
    pairs.flags[filled & np.isnan(pairs.x)] |= Rule.COORDINATES_UNUSABLE
    return pairs


def _shapes(text: pa.Array) -> _Pairs:
    """Read WKT; of a line or an area, a point on it, known to within its size."""
    codes = pc.replace_substring_regex(text, r"^(?i)SRID=\d+;\s*", "").dictionary_encode()
    shapes = shapely.from_wkt(codes.dictionary.to_numpy(zero_copy_only=False), on_invalid="ignore")
    sound = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    points = np.where(sound, shapely.point_on_surface(shapes), None)
    bounds = shapely.bounds(np.where(sound, shapes, None)).reshape(-1, 4)
    size = np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1])
    degrees = np.abs(bounds).max(axis=1, initial=0.0) < _SMALLEST_GRID_M
    rows = codes.indices.to_numpy()
    pairs = _Pairs(
        shapely.get_x(points)[rows], shapely.get_y(points)[rows],
        np.where(degrees, size * _METRES_PER_DEGREE, size)[rows], np.zeros(len(text), "i8"),
    )  # fmt: skip
    filled = pc.not_equal(text, "").to_numpy(zero_copy_only=False)
    pairs.flags[filled & np.isnan(pairs.x)] |= Rule.COORDINATES_UNUSABLE
    return pairs


_READERS: tuple[tuple[tuple[str, ...], Callable[..., _Pairs]], ...] = (
    (("easting", "northing"), _two_columns),
    (("lon", "lat"), _two_columns),
    (("grid_reference",), _grid_references),
    (("coordinates",), _pairs_of_text),
    (("geometry",), _shapes),
)
