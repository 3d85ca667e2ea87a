"""Match what reports say of their place with a gazetteer: surely, or not at all. BNG metres.

The surest way wins: a property number (UPRN), then a whole postcode, then the words: the junction
of two streets, a street, a place. A ward or postcode district that the file gives decides between
streets of one name. Whatever could be two places, is as long as several wards, or contradicts
itself is not placed; its candidates are listed for a person to choose from.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.locating.gazetteer import Gazetteer, Spot, middle_of
from geodata.locating.postcodes import Postcode, read_postcode, take_postcodes
from geodata.locating.words import STEPS, capitals, cut, name_key, without_meeting

WANTED = ("text", "postcode", "uprn", "ward")
"""What a row may say of its place, each as text, '' where it says nothing."""

MATCHED = ("method", "easting", "northing", "radius_m", "precision", "candidates", "reason")

METHODS: Mapping[str, str] = {
    "pin": "pinned by hand",
    "uprn": "by property number (UPRN)",
    "postcode": "by postcode",
    "junction": "at the junction of two streets",
    "street": "by the name of a street",
    "place": "by the name of a place",
}
REASONS: Mapping[str, str] = {
    "no_gazetteer": "no gazetteer has been brought in yet",
    "unknown_text": "no street or place here has this name",
    "ambiguous": "several places here have this name",
    "several_streets": "it names more than one place",
    "junction_unclear": "these streets do not meet in one place",
    "long_street": "the street is long and runs through several wards",
    "area_only": "it names a neighbourhood, not a spot",
    "contradiction": "the postcode and the street are far apart",
    "postcode_unknown": "the postcode is not in the gazetteer",
    "postcode_partial": "only the first half of a postcode is given",
    "number_unknown": "the number (UPRN or USRN) is not in the gazetteer",
    "nothing": "nothing is given to find it by",
}
"""Why something is not placed, in words."""

LONG_M = 250.0
"""A street whose ends are further than this from its middle is not one spot."""

MEETING_M = 15.0
"""Streets meet where they come as close as this: half the width of a road."""

_SMALL_M, _JUNCTION_M, _LEAST_JUNCTION_M = 200.0, 200.0, 30.0
_APART_M = 500.0
_ALONG_M = 25.0
_LIKE, _MOST_LIKE = 0.75, 6
_MOST_ANSWERS = 50_000
_PRECISIONS = ((10.0, "exact"), (LONG_M, "street"), (np.inf, "ward_only"))


@dataclass(frozen=True)
class Match:
    """What one text came to.

    Attributes
    ----------
    method : str
        One of `METHODS`; '' if it is not placed.
    easting, northing, radius_m : float
        Where, and metres within which the true place may lie; NaN if it is not placed.
    precision : str
        `geodata.vocabularies.GeoPrecision`.
    reason : str
        One of `REASONS` if it is not placed.
    candidates : tuple of Spot
        What it could be; of a placed one those among which it was told by the ward or district.
    """

    method: str = ""
    easting: float = np.nan
    northing: float = np.nan
    radius_m: float = np.nan
    precision: str = "none"
    reason: str = ""
    candidates: tuple[Spot, ...] = ()


@dataclass(frozen=True)
class _Hints:
    """What a file says beside the words: the ward it names, and postcode districts."""

    ward: BaseGeometry | None = None
    districts: frozenset[str] = frozenset()


@dataclass
class _Named:
    """Streets and places that the pieces of a text name."""

    streets: list[tuple[Spot, ...]] = field(default_factory=list)
    places: list[tuple[Spot, ...]] = field(default_factory=list)
    areas: list[tuple[Spot, ...]] = field(default_factory=list)

    def add(self, other: _Named) -> None:
        self.streets += other.streets
        self.places += other.places
        self.areas += other.areas

    @property
    def any(self) -> bool:
        return bool(self.streets or self.places)


def precision_of(radius_m: float) -> str:
    """Say in the vocabulary's words what a place known to so many metres is worth.

    Examples
    --------
    >>> precision_of(10), precision_of(100), precision_of(600)
    ('exact', 'street', 'ward_only')
    """
    return next(word for limit, word in _PRECISIONS if radius_m <= limit)


def match(wanted: pd.DataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    """Match rows with a gazetteer, each distinct row once.

    Parameters
    ----------
    wanted : pandas.DataFrame
        Columns `WANTED`, text without missing values.
    gazetteer : Gazetteer
        What is known.

    Returns
    -------
    pandas.DataFrame
        Columns `MATCHED` on the same index; `candidates` counts them.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geodata.crs import BNG
    >>> wards = gpd.GeoDataFrame({"ward_code": ["E05000001"], "ward_name": ["West"]},
    ...     geometry=[shapely.box(530_000, 180_000, 531_000, 181_000)], crs=BNG)
    >>> roads = gpd.GeoDataFrame({"name": ["Mile End Road"]},
    ...     geometry=[shapely.LineString([(530_100, 180_500), (530_300, 180_500)])], crs=BNG)
    >>> wanted = pd.DataFrame({"text": ["o/s Tesco, Mile End Rd", "Nowhere Lane"],
    ...                        "postcode": "", "uprn": "", "ward": ""})
    >>> found = match(wanted, Gazetteer(wards, streets=roads))
    >>> found[["method", "easting", "radius_m", "precision", "reason"]].to_numpy().tolist()
    ... # doctest: +NORMALIZE_WHITESPACE
    [['street', 530200.0, 100.0, 'street', ''], ['', nan, nan, 'none', 'unknown_text']]
    """
    codes, distinct = _distinct(wanted)
    numbers = gazetteer.look_up("uprn", np.array([u.lstrip("0") for u in distinct["uprn"]], "O"))
    rows = zip(*(distinct[c] for c in WANTED), numbers, strict=True)
    found = [_known(*row, gazetteer=gazetteer) for row in rows]
    frame = pd.DataFrame(
        {
            name: [len(m.candidates) if name == "candidates" else getattr(m, name) for m in found]
            for name in MATCHED
        }
    ).astype(_TYPES)
    return frame.take(codes).set_axis(wanted.index)


_TYPES = {
    "method": "str", "easting": "float64", "northing": "float64", "radius_m": "float64",
    "precision": "str", "candidates": "int64", "reason": "str",
}  # fmt: skip


def _distinct(wanted: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    codes = wanted.groupby(list(WANTED), sort=False, dropna=False).ngroup().to_numpy()
    return codes, wanted.loc[:, list(WANTED)].drop_duplicates()


def _known(
    text: str, postcode: str, uprn: str, ward: str, number: np.void, *, gazetteer: Gazetteer
) -> Match:
    """Match one, unless it was matched before: a long file comes in parts that say the same."""
    if np.isfinite(number["easting"]):
        return _match(text, postcode, uprn, ward, number, gazetteer=gazetteer)
    key = (text, postcode, ward, bool(uprn))
    if key not in gazetteer.answers:
        if len(gazetteer.answers) >= _MOST_ANSWERS:
            gazetteer.answers.clear()
        found = _match(text, postcode, uprn, ward, number, gazetteer=gazetteer)
        gazetteer.answers[key] = found
    answer: Match = gazetteer.answers[key]
    return answer


def match_one(text: str, postcode: str, uprn: str, ward: str, gazetteer: Gazetteer) -> Match:
    """Match one row, with the candidates themselves; of one without a match also names like it."""
    number = gazetteer.look_up("uprn", np.array([uprn.lstrip("0")], "O"))[0]
    found = _match(text, postcode, uprn, ward, number, gazetteer=gazetteer)
    if found.method or found.candidates:
        return found
    return replace(found, candidates=_like(text, gazetteer))


def _match(
    text: str, postcode: str, uprn: str, ward: str, number: np.void, *, gazetteer: Gazetteer
) -> Match:
    if np.isfinite(number["easting"]):
        return _placed("uprn", *(float(number[n]) for n in _NUMBERS), precision="uprn")
    rest, inside = take_postcodes(capitals(text))
    given = read_postcode(postcode) if postcode else None
    codes = [p for p in (given, *inside) if p]
    districts = frozenset(p.district for p in codes)
    hints = _Hints(gazetteer.ward(ward) if ward else None, districts)
    words = _by_words(rest, hints, gazetteer)
    unit = next((p for p in codes if p.unit), None)
    point = gazetteer.find("postcode", unit.key) if unit else None
    if unit is None or point is None:
        return _told(words, uprn, codes, rest, gazetteer)
    if words.method and not _agree(point, words):
        return Match(reason="contradiction", candidates=(_spot_of(unit, point), *words.candidates))
    return _placed("postcode", *(float(point[n]) for n in _NUMBERS), precision="postcode")


_NUMBERS = ("easting", "northing", "radius_m")


def _placed(
    method: str, easting: float, northing: float, radius_m: float, *, precision: str = "",
    among: Sequence[Spot] = (),
) -> Match:  # fmt: skip
    word = precision or precision_of(radius_m)
    return Match(method, easting, northing, radius_m, word, candidates=tuple(among))


def _told(
    words: Match, uprn: str, codes: Sequence[Postcode], rest: str, gazetteer: Gazetteer
) -> Match:
    """Choose the most telling reason where the words name nothing."""
    if words.method:
        return words
    if not (rest or codes or uprn):
        return replace(words, reason="nothing")
    if gazetteer.empty:
        return replace(words, reason="no_gazetteer")
    if words.reason != "unknown_text" or rest:
        return words
    if any(p.unit for p in codes):
        return replace(words, reason="postcode_unknown")
    return replace(words, reason="postcode_partial" if codes else "number_unknown")


def _agree(point: np.void, words: Match) -> bool:
    """Tell whether a postcode and the words of a text can both be right."""
    x, y = float(point["easting"]), float(point["northing"])
    apart = min(shapely.distance(s.shape, shapely.Point(x, y)) for s in words.candidates)
    return bool(apart <= _APART_M)


def _spot_of(unit: Postcode, point: np.void) -> Spot:
    x, y, radius = (float(point[n]) for n in _NUMBERS)
    return Spot(unit.unit, "postcode", x, y, radius, shapely.Point(x, y))


# Words.


def _by_words(text: str, hints: _Hints, gazetteer: Gazetteer) -> Match:
    bare, meeting = without_meeting(text)
    named = _recognise(bare, gazetteer, 0)
    joined = meeting or any(sign in f" {bare} " for sign in (" AND ", "&", "/", "@", " AT ", " X "))
    if len(named.streets) == 2 and joined:
        return _junction(named, hints, gazetteer)
    if len(named.streets) > 1 or (meeting and named.streets):
        reason = "junction_unclear" if meeting else "several_streets"
        return Match(reason=reason, candidates=_all(named.streets))
    if named.places:
        return _by_place(named, hints, gazetteer)
    if named.streets:
        return _on_street(named.streets[0], hints, gazetteer)
    if named.areas:
        return Match(reason="area_only", candidates=_all(named.areas))
    return Match(reason="unknown_text")


def _recognise(text: str, gazetteer: Gazetteer, step: int) -> _Named:
    """Find what a text names: as a whole, else in its pieces, cut finer and finer."""
    key = name_key(text)
    if not key:
        return _Named()
    if streets := gazetteer.streets(key):
        return _Named(streets=[streets])
    if places := gazetteer.places(key):
        return _Named(places=[places])
    named = _Named()
    if areas := gazetteer.areas(key):
        named.areas.append(areas)
        return named
    if step == STEPS:
        return named
    for piece in cut(text, step):
        named.add(_recognise(piece, gazetteer, step + 1))
    return _Named(_once(named.streets), _once(named.places), _once(named.areas))


def _once(found: list[tuple[Spot, ...]]) -> list[tuple[Spot, ...]]:
    return list(dict.fromkeys(found))


def _all(found: Iterable[tuple[Spot, ...]]) -> tuple[Spot, ...]:
    return tuple(spot for spots in found for spot in spots)


def _narrowed(spots: tuple[Spot, ...], hints: _Hints, gazetteer: Gazetteer) -> tuple[Spot, ...]:
    """Leave those that lie in the wards, then in the ward given, then in the district given."""
    spots = _those(spots, [shapely.intersects(gazetteer.land, s.shape) for s in spots])
    if len(spots) > 1 and hints.ward is not None:
        near = [shapely.distance(hints.ward, s.shape) <= _ALONG_M for s in spots]
        spots = _those(spots, near)
    if len(spots) > 1 and hints.districts:
        spots = _those(spots, [bool(s.districts & hints.districts) for s in spots])
    return spots


def _those(spots: tuple[Spot, ...], held: Sequence[bool]) -> tuple[Spot, ...]:
    left = tuple(s for s, is_held in zip(spots, held, strict=True) if is_held)
    return left or spots


def _on_street(spots: tuple[Spot, ...], hints: _Hints, gazetteer: Gazetteer) -> Match:
    left = _narrowed(spots, hints, gazetteer)
    if len(left) > 1:
        return Match(reason="ambiguous", candidates=left)
    street = _within(left[0], hints.ward)
    if street.radius_m > LONG_M:
        parts = _by_ward(street, gazetteer)
        if len(parts) > 1:
            return Match(reason="long_street", candidates=parts)
    return _placed("street", street.easting, street.northing, street.radius_m, among=spots)


def _within(street: Spot, ward: BaseGeometry | None) -> Spot:
    """Keep the part of a street that lies in a ward, if some of it does."""
    if ward is None or street.shape.geom_type == "Point":
        return street
    part = shapely.intersection(street.shape, ward)
    same_kind = part.length >= _ALONG_M and "Collection" not in part.geom_type
    if not same_kind or part.equals(street.shape):
        return street
    easting, northing, radius = middle_of(part)
    return Spot(street.name, "street", easting, northing, radius, part, street.districts)


def _by_ward(street: Spot, gazetteer: Gazetteer) -> tuple[Spot, ...]:
    """Cut a street at the wards' edges; the parts are called by street and ward."""
    wards = gazetteer.wards
    parts = []
    for position in np.flatnonzero(shapely.intersects(wards.geometry.to_numpy(), street.shape)):
        part = _within(street, wards.geometry.iloc[position])
        if part is not street:
            name = f"{street.name} in {wards['ward_name'].iloc[position]}"
            parts.append(replace(part, name=name))
    return tuple(parts)


def _by_place(named: _Named, hints: _Hints, gazetteer: Gazetteer) -> Match:
    """Place a text that names places, and perhaps a street that they lie on."""
    spots = _all(_narrowed(found, hints, gazetteer) for found in named.places)
    if len(spots) > 1 and named.streets:
        streets = shapely.union_all([s.shape for s in _all(named.streets)])
        near = [shapely.distance(streets, s.shape) <= s.radius_m for s in spots]
        spots = _those(spots, near)
    if len(spots) > 1:
        reason = "several_streets" if len(named.places) > 1 else "ambiguous"
        return Match(reason=reason, candidates=spots)
    spot = spots[0]
    for streets_of_name in named.streets:
        apart = min(shapely.distance(s.shape, spot.shape) for s in streets_of_name)
        if apart > max(spot.radius_m, _SMALL_M):
            return Match(reason="several_streets", candidates=(spot, *streets_of_name))
    if spot.radius_m > LONG_M:
        return Match(reason="area_only", candidates=(spot,))
    among = _all(named.places)
    return _placed("place", spot.easting, spot.northing, spot.radius_m, among=among)


def _junction(named: _Named, hints: _Hints, gazetteer: Gazetteer) -> Match:
    one, other = named.streets
    meetings = [m for a in one for b in other for m in _meetings(a, b)]
    left = _narrowed(tuple(meetings), hints, gazetteer) if meetings else ()
    if len(left) != 1:
        return Match(reason="junction_unclear", candidates=left or (*one, *other))
    spot = left[0]
    return _placed("junction", spot.easting, spot.northing, spot.radius_m, among=left)


def _meetings(one: Spot, other: Spot) -> list[Spot]:
    """Find where two streets meet; of boxes, only where their overlap is small."""
    both = shapely.intersection(
        shapely.buffer(one.shape, MEETING_M), shapely.buffer(other.shape, MEETING_M)
    )
    if both.is_empty:
        return []
    corners = shapely.get_coordinates(shapely.envelope(both))
    across = float(np.hypot(*np.ptp(corners, axis=0)))
    name = f"{one.name} and {other.name}"
    if across <= _JUNCTION_M:  # the two sides of a wide road are one junction
        x, y = shapely.get_coordinates(both.centroid)[0]
        radius = max(across / 2, _LEAST_JUNCTION_M)
        return [Spot(name, "junction", float(x), float(y), radius, both.centroid)]
    parts = [p for p in shapely.get_parts(both) if p.length < np.pi * _JUNCTION_M]
    if len(parts) != shapely.get_num_geometries(both):
        return []  # they run side by side
    return [
        Spot(name, "junction", p.centroid.x, p.centroid.y,
             max(p.length / np.pi / 2, _LEAST_JUNCTION_M), p.centroid)
        for p in parts
    ]  # fmt: skip


def _like(text: str, gazetteer: Gazetteer) -> tuple[Spot, ...]:
    """List streets and places whose names are like a piece of a text: to offer, never to take."""
    names = gazetteer.known_names()
    bare, _ = without_meeting(take_postcodes(capitals(text))[0])
    pieces = {name_key(p) for p in (bare, *cut(bare, 0), *cut(bare, 1))} - {""}
    close = [
        key for piece in sorted(pieces)
        for key in difflib.get_close_matches(piece, names, _MOST_LIKE, _LIKE)
    ]  # fmt: skip
    return tuple(_all(names[key] for key in dict.fromkeys(close)))[:_MOST_LIKE]
