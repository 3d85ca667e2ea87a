"""What an audience may see: the one gate that everything handed out passes.

Police.uk counts are published already and pass as they are. Anything else is about people who
told a council or a landlord something, and the public sees of it only counts of areas, with small
counts masked. Columns are let through by name: what nobody listed does not leave the building.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse

from analysis.components import COMPONENT_CODES
from analysis.disclosure.solving import System, withhold
from geodata.crs import require_bng
from geodata.errors import SaferWalksError
from geodata.hexagons import centre, hexagon_area_km2, parse_hexagon_id
from geodata.vocabularies import SOURCES

Audience = Literal["public", "internal"]

THRESHOLD = 5
"""Counts above zero and below this are masked for the public."""

OPEN_SOURCES = frozenset({"police_uk"})
"""Sources whose counts and anonymised points are published by their owner."""

NEVER = frozenset(
    {
        "incident_uid",
        "source_ref",
        "case_ref",
        "merged_into",
        "uprn",
        "usrn",
        "postcode",
        "repeat_reporter_key",
    }
    | {"restricted", "is_hate_flag", "is_vawg_flag"}
)
"""Columns that no file holds, whoever it is for."""

STRUCTURE = frozenset(
    {"area_id", "hexagon", "location_id", "name", "ward", "ward_code", "ward_name", "ward_shares"}
    | {"side", "q", "r", "inside_share", "area_km2", "residents", "easting", "northing"}
    | {"month", "category", "category_name", "source", "mode", "coverage", "geometry"}
    | {f"{code}_weight" for code in COMPONENT_CODES}
)
"""Columns that say what a row is about; they stay when its number is masked."""

FINDINGS = frozenset(
    {"count", "count_last_year", "per_km2", "per_1000", "total", "rank"}
    | {"rank_low", "rank_high", "p_top10"}
    | {f"{code}_score" for code in COMPONENT_CODES}
)
"""Columns made from reports; they go when the count they were made from is masked."""

OPEN_ONLY = frozenset(
    {"lon", "lat", "location", "lsoa_code", "force", "source_category", "why"}
    | {"expected", "statistic", "p", "hot", "word", "class", "class_older"}
    | {"hot_share", "busy_share"}
    | {"series", "is_partial", "year_before", "centre", "low", "high", "z", "signals", "note"}
    | {"exposure", "rate", "shrunk", "low95", "high95", "low998", "high998", "stands_out"}
    | {"verdict", "reading", "before", "likely", "expected", "observed", "smallest_fall"}
    | {"smallest_share", "wdd", "wdd_low", "wdd_high", "wdq", "wdq_low", "wdq_high", "hexagons"}
    | {
        f"{where}change{end}"
        for where in ("", "around_", "together_")
        for end in ("", "_low", "_high")
    }
    | {f"{code}_raw" for code in COMPONENT_CODES}
)
"""Columns the public may have of open sources only: of single rows, or telling the counts of
shorter periods, which are too small to show even where the count itself is not."""

WITHHELD = "withheld"

SMALLEST_AREA_KM2 = 0.9 * hexagon_area_km2(100)
"""A shape smaller than this says where something happened too exactly for the public."""


@dataclass(frozen=True)
class Disclosed:
    """A frame as an audience may see it, and what was held back.

    Attributes
    ----------
    frame : pandas.DataFrame or geopandas.GeoDataFrame
        The same rows on the same index. Masked numbers are missing; where anything could be
        masked, a column `withheld` holds '1 to 4' or 'withheld' beside them, '' elsewhere.
    notes : tuple of str
        What was held back and why, in words to print beside the frame.
    masked : int
        Numbers masked because they are small, and more so that those cannot be worked out.
    totals_withheld : tuple of str
        Totals that must not be shown beside the frame, because they would give a number away.
    marking : str
        What to print on it: '' for the public.
    """

    frame: pd.DataFrame | gpd.GeoDataFrame
    notes: tuple[str, ...] = ()
    masked: int = 0
    totals_withheld: tuple[str, ...] = ()
    marking: str = ""


def marking(audience: Audience) -> str:
    """Say what a file for this audience has printed on it.

    Examples
    --------
    >>> marking("internal"), marking("public")
    ('INTERNAL: not for publication', '')
    """
    return "INTERNAL: not for publication" if _checked(audience) == "internal" else ""


LEAVES: dict[Audience, frozenset[str]] = {
    "public": frozenset({"open"}),
    "internal": frozenset({"open", "staff", "restricted"}),
}
"""What may leave in a list of records, by who may see a column (`geodata.records.fields.Seen`).
Contact details and safeguarding leave in none."""

PUBLIC_RECORDS = frozenset(
    {"sites", "events", "stops", "actions", "priorities", "plans", "plan_answers", "meetings"}
    | {"decisions", "published"}
)
"""Kinds of record of which the public may have a list at all: none whose rows are people."""


def record_columns(kind: str, seen: Mapping[str, str], audience: Audience) -> tuple[str, ...]:
    """List the columns of a kind of record that may leave in a list for an audience.

    Parameters
    ----------
    kind : str
        As `geodata.records.kinds.KINDS` has it.
    seen : mapping
        Column -> who may see it.
    audience : {'public', 'internal'}
        Who the list is for.

    Raises
    ------
    SaferWalksError
        If an audience may not have a list of this kind.

    Examples
    --------
    >>> record_columns("events", {"status": "open", "note": "staff"}, "public")
    ('status',)
    """
    if _checked(audience) == "public" and kind not in PUBLIC_RECORDS:
        raise SaferWalksError(
            "There is no list of these for the public: each row is what one person said or asked",
            got=kind, todo="make it for internal readers, or publish counts",
        )  # fmt: skip
    return tuple(name for name, who in seen.items() if who in LEAVES[audience])


def reports_alone(audience: Audience) -> bool:
    """Tell whether an audience may have rankings made from open reports only.

    What a few people said moves a rank: the public could tell from it that somebody spoke up.

    Examples
    --------
    >>> reports_alone("public"), reports_alone("internal")
    (True, False)
    """
    return _checked(audience) == "public"


def for_audience(
    frame: pd.DataFrame | gpd.GeoDataFrame,
    audience: Audience,
    *,
    sources: Collection[str],
    counts: Sequence[str] = ("count",),
    groups: Iterable[Sequence[str]] = ((),),
    threshold: int = THRESHOLD,
) -> Disclosed:
    """Give a frame as an audience may see it.

    Internal readers get everything but `NEVER`. The public gets listed columns only. Unless all
    `sources` are open, it gets areas, not points; counts of 1 to `threshold` - 1 are masked, and
    so is what was made from them; and where totals would give a masked count away, further counts
    are withheld, the smallest first, until every masked count could still be at least three
    numbers.

    Parameters
    ----------
    frame : pandas.DataFrame or geopandas.GeoDataFrame
        One row an area (and perhaps month and category); never changed. Geometry in BNG.
    audience : {'public', 'internal'}
        Who it is for.
    sources : collection of str
        Codes of every source that went into the numbers, see `geodata.vocabularies.SOURCES`.
    counts : sequence of str, default ('count',)
        Columns that count reports or people.
    groups : iterable of sequences of str, default ((),)
        Sets of columns within which totals are shown anywhere; () is the grand total.
    threshold : int, default 5
        Smallest count shown, other than zero.

    Returns
    -------
    Disclosed

    Raises
    ------
    SaferWalksError
        If the public asks for rows of a source that is not open without their counts, or for open
        and other sources added up.
    CrsError
        If the geometry is not in BNG.
    ValueError
        If a source or audience is unknown, or a count is negative or not whole.

    Notes
    -----
    All groups are made safe together, as one system of sums. Two tables of one area cut
    differently, or of two times, can still be subtracted from each other: what is published about
    people goes through `analysis.disclosure.protect`, which knows of the others. Zeros are shown as
    zeros.

    Examples
    --------
    >>> frame = pd.DataFrame({"ward_name": ["A", "B", "C"], "count": [3, 8, 20], "uprn": "1"})
    >>> seen = for_audience(frame, "public", sources=["council_asb"])
    >>> seen.frame.to_numpy().tolist()
    [['A', nan, '1 to 4'], ['B', nan, 'withheld'], ['C', 20.0, '']]
    >>> for_audience(frame, "public", sources=["police_uk"]).frame["count"].tolist()
    [3, 8, 20]
    """
    _check_sources(sources)
    mark = marking(audience)
    if mark:
        kept = frame[[c for c in frame.columns if c not in NEVER]].copy()
        return Disclosed(kept, _left_out(frame, kept), marking=mark)
    require_one_kind(sources)
    is_open = set(sources) <= OPEN_SOURCES
    kept = frame[[c for c in frame.columns if _is_listed(c, counts, is_open=is_open)]].copy()
    if is_open:
        return Disclosed(kept, _left_out(frame, kept))
    _check_counts(kept, counts)
    kept = _without_points(kept)
    return _masked(kept, [c for c in counts if c in kept], groups, threshold, frame)


def require_one_kind(sources: Collection[str]) -> None:
    """Refuse to add open and other sources up in what the public gets.

    Who subtracts the open counts, which anybody has, would hold the others.

    Raises
    ------
    SaferWalksError
        If some of the sources are open and some are not.

    Examples
    --------
    >>> require_one_kind(["police_uk", "council_asb"])
    Traceback (most recent call last):
        ...
    geodata.errors.SaferWalksError: Open and other sources are never added up ...
    """
    if isinstance(sources, str) or not sources:
        raise ValueError(f"name every source the numbers came from, not {sources!r}")
    is_open = set(sources) & OPEN_SOURCES
    if is_open and set(sources) - OPEN_SOURCES:
        raise SaferWalksError(
            "Open and other sources are never added up in what the public gets: who takes away the "
            "open counts would hold the others",
            got=", ".join(sorted(sources)), todo="publish each source by itself",
        )  # fmt: skip


def _checked(audience: Audience) -> Audience:
    if audience not in ("public", "internal"):
        raise ValueError(f"an audience is 'public' or 'internal', not {audience!r}")
    return audience


def _check_sources(sources: Collection[str]) -> None:
    unknown = [s for s in sources if s not in SOURCES]
    if isinstance(sources, str) or not sources or unknown:
        raise ValueError(f"name every source the numbers came from, not {sources!r}")


def _check_counts(frame: pd.DataFrame, counts: Sequence[str]) -> None:
    present = [c for c in counts if c in frame]
    if not present:
        raise SaferWalksError(
            "What is made from reports that are not open data goes to the public only beside the "
            "counts it was made from, so that small ones can be masked",
            got=f"a table without the column {' or '.join(counts)}",
            todo="publish counts by ward or hexagon, or make the file for internal readers",
        )
    for column in present:
        known = frame[column].to_numpy(dtype="float64", na_value=np.nan)
        known = known[~np.isnan(known)]
        if (known < 0).any() or (known != np.round(known)).any():
            raise ValueError(f"{column} holds something other than counts")


def _is_listed(column: str, counts: Sequence[str], *, is_open: bool) -> bool:
    if column in NEVER:
        return False
    listed = column in STRUCTURE or column in FINDINGS or column in counts
    return listed or (is_open and column in OPEN_ONLY)


def _left_out(before: pd.DataFrame, after: pd.DataFrame) -> tuple[str, ...]:
    gone = [str(c) for c in before.columns if c not in after.columns]
    return (f"Left out: {', '.join(gone)}.",) if gone else ()


def _without_points(frame: pd.DataFrame | gpd.GeoDataFrame) -> pd.DataFrame | gpd.GeoDataFrame:
    """Drop shapes and coordinates that are more exact than an area."""
    if isinstance(frame, gpd.GeoDataFrame) and "geometry" in frame:
        require_bng(frame, "What is published")
        areas = frame.geometry.area / 1e6
        if len(frame) and not (areas >= SMALLEST_AREA_KM2).all():
            frame = pd.DataFrame(frame.drop(columns="geometry"))
    where = [c for c in ("easting", "northing") if c in frame]
    if where and not (len(where) == 2 and _are_centres(frame)):
        frame = frame.drop(columns=where)
    return frame


def _are_centres(frame: pd.DataFrame) -> bool:
    """Tell whether easting and northing are nothing but the centres of the named hexagons."""
    name = next((c for c in ("hexagon", "location_id", "area_id") if c in frame), None)
    if name is None:
        return False
    try:
        parsed = [parse_hexagon_id(str(cell)) for cell in frame[name]]
    except ValueError:
        return False
    for (side, q, r), x, y in zip(parsed, frame["easting"], frame["northing"], strict=True):
        cx, cy = centre(np.array([q]), np.array([r]), side)
        if abs(cx[0] - x) > 1 or abs(cy[0] - y) > 1:
            return False
    return True


def _masked(
    frame: pd.DataFrame | gpd.GeoDataFrame,
    counts: Sequence[str],
    groups: Iterable[Sequence[str]],
    threshold: int,
    before: pd.DataFrame,
) -> Disclosed:
    groupings = [_codes(frame, group) for group in groups]
    reasons: list[np.ndarray] = []
    unsafe: set[str] = set()
    for column in counts:
        numbers = frame[column].to_numpy(dtype="float64", na_value=np.nan)
        is_small = (numbers > 0) & (numbers < threshold)
        said, totals = _made_safe(numbers, is_small, groupings, threshold)
        unsafe |= totals
        reasons.append(said)
        frame[column] = np.where(said != "", np.nan, numbers)
    hidden = np.any([reason != "" for reason in reasons], axis=0)
    for column in set(frame.columns) - STRUCTURE - set(counts):
        frame[column] = frame[column].mask(hidden)
    # A row of several counts is marked with the first reason it has.
    shown = reasons[0]
    for reason in reasons[1:]:
        shown = np.where(shown == "", reason, shown)
    frame["withheld"] = pd.Series(shown, index=frame.index, dtype="str")
    small = sum(int((reason == _small(threshold)).sum()) for reason in reasons)
    more = sum(int((reason == WITHHELD).sum()) for reason in reasons)
    notes = (*_left_out(before, frame), *_notes(small, more, unsafe, threshold))
    return Disclosed(frame, notes, small + more, tuple(sorted(unsafe)))


def _small(threshold: int) -> str:
    return f"1 to {threshold - 1}"


def _codes(frame: pd.DataFrame, group: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    columns = list(group)
    if not columns:
        return np.zeros(len(frame), dtype="int64"), ["the grand total"]
    grouped = frame.groupby(columns, sort=True, observed=True, dropna=False)
    names = [" / ".join(map(str, key)) for key, _ in grouped]
    return grouped.ngroup().to_numpy(), [f"the total of {name}" for name in names]


def _made_safe(
    numbers: np.ndarray,
    small: np.ndarray,
    groupings: list[tuple[np.ndarray, list[str]]],
    threshold: int,
) -> tuple[np.ndarray, set[str]]:
    """Say what stands in place of each number, and which totals must not be shown."""
    told = ~np.isnan(numbers)
    parts = np.where(told, numbers, 0.0)
    rows = [sparse.eye_array(len(parts), dtype="int64")]
    for code, names in groupings:
        shape = (len(names), len(parts))
        ones = np.ones(len(parts), dtype="int64")
        rows.append(sparse.csr_array((ones, (code, np.arange(len(parts)))), shape=shape))
    sums = sparse.csr_array(sparse.vstack(rows).tocsr())
    values = np.asarray(sums @ parts).ravel()
    is_row = np.arange(len(values)) < len(parts)
    is_small = (values > 0) & (values < threshold)
    # A total that is held back has no mark: nothing is said of it but that it is there.
    system = System(
        sums=sums, parts=parts, shown=~is_small, low=np.where(is_small, 1.0, 0.0),
        high=np.where(is_small & is_row, threshold - 1.0, np.inf),
        free=np.ones(len(values), dtype=bool), widest=np.ones(len(values)),
        need=max(1, (threshold - 1) // 2), small=(1, threshold - 1),
    )  # fmt: skip
    withhold(system, threshold=threshold)
    hidden, narrow = ~system.shown[: len(parts)], np.isfinite(system.high[: len(parts)])
    said = np.select([hidden & small & narrow, hidden & told], [_small(threshold), WITHHELD], "")
    names = [name for _, named in groupings for name in named]
    gone = (values[len(parts) :] > 0) & ~system.shown[len(parts) :]
    return said, {name for name, held in zip(names, gone, strict=True) if held}


def _notes(small: int, more: int, unsafe: set[str], threshold: int) -> list[str]:
    notes = []
    if small:
        notes.append(
            f"Counts of {_small(threshold)} are masked, so that nobody can be picked out: {small}."
        )
    if more:
        notes.append(f"Further counts withheld, so that masked ones cannot be worked out: {more}.")
    if unsafe:
        notes.append(f"Not shown, since they would give a count away: {', '.join(sorted(unsafe))}.")
    return notes
