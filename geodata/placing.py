"""Give rows without a place one: the hook by which places come from elsewhere than the file.

Whoever knows where a postcode, a UPRN or a street lies, or what a person pinned by hand, gives a
function from rows to rows; the store calls it before the ward join, and again for what is stored.
A row that was given its place so says by which way in `dq_flags` ('placed_by_...'), so that it can
be asked about again when more is known, or when a pin is taken out.
Coordinates are British National Grid metres and WGS84 degrees, as in `geodata.incidents`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from geodata.crs import to_lonlat
from geodata.incidents import COUNCIL_COLUMNS
from geodata.vocabularies import GEO_RADIUS_M

Place = Callable[[pd.DataFrame], pd.DataFrame]
"""From rows without a place to the same rows on the same index, some of them with `easting`,
`northing` and `geo_precision`, and perhaps `lon`, `lat`, `geo_radius_m` and `dq_flags`. Pure: its
answer depends on nothing but the rows and what it was made from."""

PLACED = "placed_by_"
"""How codes in `dq_flags` begin that say by which way a row was given its place."""

_NUMBERS = ("easting", "northing", "lon", "lat", "geo_radius_m")


def place_rows(incidents: pd.DataFrame, place: Place) -> tuple[pd.DataFrame, int]:
    """Let `place` give a place to rows that have none, or have one from `place` itself.

    Rows that the file gave a place are never touched.

    Parameters
    ----------
    incidents : pandas.DataFrame
        Columns of `geodata.incidents.INCIDENT_SCHEMA`, perhaps without those of the ward join, and
        perhaps those of `COUNCIL_FIELDS`; never changed.
    place : callable
        See `Place`. It is given the rows without a place, and those that it placed before, as
        they were then; it is not called if there are none. What it does to other columns than
        those of places and `dq_flags` is not taken.

    Returns
    -------
    tuple of pandas.DataFrame, int
        The same rows in the same order, and how many have another place than before, or none any
        more. Longitude and latitude are worked out where `place` gives none, and the radius
        follows from the precision.

    Raises
    ------
    ValueError
        If `place` gives rows on another index, or a place without `geo_precision`.

    Examples
    --------
    >>> rows = pd.DataFrame({"easting": [530_500.0, np.nan], "northing": [180_500.0, np.nan],
    ...                      "lon": [-0.12, np.nan], "lat": [51.5, np.nan],
    ...                      "geo_precision": ["exact", "none"], "postcode": [None, "E1 6AN"]})
    >>> def look_up(rows):
    ...     found = rows["postcode"].eq("E1 6AN")
    ...     return rows.assign(easting=np.where(found, 533_700.0, np.nan),
    ...                        northing=np.where(found, 181_600.0, np.nan),
    ...                        geo_precision=np.where(found, "postcode", "none"))
    >>> placed, count = place_rows(rows, look_up)
    >>> count, placed["easting"].tolist(), placed["geo_radius_m"].tolist()
    (1, [530500.0, 533700.0], [nan, 75.0])
    """
    again = was_placed(incidents)
    waiting = np.flatnonzero(incidents["easting"].isna().to_numpy() | again)
    if not len(waiting):
        return incidents, 0
    asked = _forgotten(_with_all_columns(incidents.iloc[waiting]))
    answer = place(asked)
    if not answer.index.equals(asked.index):
        raise ValueError("places must come on the index of the rows that were asked about")
    found = np.flatnonzero((answer["easting"].notna() & answer["northing"].notna()).to_numpy())
    if not len(found) and not again.any():
        return incidents, 0
    after = _put(_put_nowhere(incidents, waiting), waiting[found], _complete(answer.iloc[found]))
    after = _with_flags(after, waiting, answer)
    changed = _changed(incidents, after)
    return (after, changed) if changed else (incidents, 0)


def was_placed(incidents: pd.DataFrame) -> np.ndarray:
    """Tell which rows have a place that their file did not give.

    Examples
    --------
    >>> rows = pd.DataFrame({"dq_flags": ["closed;placed_by_pin", None, "closed"]})
    >>> was_placed(rows).tolist()
    [True, False, False]
    """
    if "dq_flags" not in incidents:
        return np.zeros(len(incidents), dtype=bool)
    codes, words = pd.factorize(incidents["dq_flags"])
    placed = np.array([PLACED in str(word) for word in words] + [False])
    return placed[codes]  # -1, a missing value, takes the last


def _forgotten(rows: pd.DataFrame) -> pd.DataFrame:
    """Give rows as they were before a place was found for them."""
    codes, words = pd.factorize(rows["dq_flags"])
    bare = [";".join(w for w in str(word).split(";") if not w.startswith(PLACED)) for word in words]
    flags = np.array([*(word or None for word in bare), None], dtype=object)[codes]
    nowhere = dict.fromkeys(_NUMBERS, np.nan)
    return rows.assign(**nowhere, geo_precision="none", dq_flags=flags)


def _with_all_columns(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(**{c: None for c in COUNCIL_COLUMNS if c not in rows})


def _complete(placed: pd.DataFrame) -> pd.DataFrame:
    """Work out degrees from metres, and a radius from the precision, where they are not given."""
    precision = placed["geo_precision"].astype("object")
    if not precision.isin(list(GEO_RADIUS_M)).all():
        raise ValueError(f"a place needs one of {', '.join(GEO_RADIUS_M)} as its geo_precision")
    easting, northing = (placed[c].to_numpy("float64") for c in ("easting", "northing"))
    lon, lat = to_lonlat(easting, northing)
    usual = precision.map(GEO_RADIUS_M).to_numpy("float64")
    given = {c: placed[c].to_numpy("float64") if c in placed else np.nan for c in _NUMBERS}
    both = np.isfinite(given["lon"]) & np.isfinite(given["lat"])
    return pd.DataFrame(
        {
            "easting": easting, "northing": northing,
            "lon": np.where(both, given["lon"], lon), "lat": np.where(both, given["lat"], lat),
            "geo_radius_m": np.where(
                np.isfinite(given["geo_radius_m"]), given["geo_radius_m"], usual
            ),
            "geo_precision": precision.to_numpy(),
        }
    )  # fmt: skip


def _put_nowhere(incidents: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    nowhere = pd.DataFrame(
        {**dict.fromkeys(_NUMBERS, np.nan), "geo_precision": "none"}, index=range(len(rows))
    )
    return _put(incidents, rows, nowhere)


def _put(incidents: pd.DataFrame, rows: np.ndarray, places: pd.DataFrame) -> pd.DataFrame:
    columns: dict[str, np.ndarray | pd.Categorical[str]] = {}
    for name in _NUMBERS:
        whole = (
            incidents[name].to_numpy("float64").copy()
            if name in incidents
            else np.full(len(incidents), np.nan)
        )
        whole[rows] = places[name]
        columns[name] = whole
    precision = incidents["geo_precision"].astype("object").to_numpy().copy()
    precision[rows] = places["geo_precision"]
    columns["geo_precision"] = pd.Categorical(precision)
    return incidents.assign(**columns)


def _with_flags(incidents: pd.DataFrame, rows: np.ndarray, answer: pd.DataFrame) -> pd.DataFrame:
    whole = np.full(len(incidents), None, dtype=object)
    if "dq_flags" in incidents:
        before = incidents["dq_flags"].astype("object")
        whole[:] = before.where(before.notna(), None)
    elif answer["dq_flags"].isna().all():
        return incidents
    given = answer["dq_flags"].astype("object")
    whole[rows] = given.where(given.notna(), None)
    return incidents.assign(dq_flags=pd.Categorical(whole))


def _changed(before: pd.DataFrame, after: pd.DataFrame) -> int:
    """Count the rows whose place, or the way it was found, is another."""
    differ = np.zeros(len(before), dtype=bool)
    for name in ("easting", "northing", "geo_precision", "geo_radius_m", "dq_flags"):
        if name in after:
            old = before[name].astype("object") if name in before else pd.Series(None, after.index)
            new = after[name].astype("object")
            differ |= (old.ne(new) & ~(old.isna() & new.isna())).to_numpy(dtype=bool)
    return int(differ.sum())
