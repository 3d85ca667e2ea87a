"""What an audience may see: the one gate that every frame handed out passes.

Police.uk counts are published already and pass as they are. Anything else is about people who
told a council or a landlord something: of that, nothing passes here for the public. Its numbers
leave through `analysis.disclosure.protect` alone, which knows everything that was published before.
Columns are let through by name: what nobody listed does not leave the building.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import pandas as pd

from analysis.components import COMPONENT_CODES, COMPONENTS
from geodata.errors import SaferWalksError
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
"""Columns that say what a row is about."""

FINDINGS = frozenset(
    {"count", "count_last_year", "per_km2", "per_1000", "total", "rank"}
    | {"rank_low", "rank_high", "p_top10"}
    | {f"{code}_score" for code in COMPONENT_CODES}
)
"""Columns made from reports."""

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
"""Columns of single rows and of what tests found, which the public may have of open sources."""

TOLD_BY_PEOPLE = tuple(c.code for c in COMPONENTS if not c.from_reports)
"""Parts of the score that somebody had to say: a rank that weighs them is in no public file."""

WITHHELD = "withheld"


@dataclass(frozen=True)
class Disclosed:
    """A frame as an audience may see it, and what was held back.

    Attributes
    ----------
    frame : pandas.DataFrame or geopandas.GeoDataFrame
        The same rows on the same index.
    notes : tuple of str
        What was held back, in words to print beside the frame.
    marking : str
        What to print on it: '' for the public.
    """

    frame: pd.DataFrame | gpd.GeoDataFrame
    notes: tuple[str, ...] = ()
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
) -> Disclosed:
    """Give a frame as an audience may see it.

    Internal readers get everything but `NEVER`. The public gets listed columns of open sources,
    and no ranking that weighs what somebody said.

    Parameters
    ----------
    frame : pandas.DataFrame or geopandas.GeoDataFrame
        Any table; never changed.
    audience : {'public', 'internal'}
        Who it is for.
    sources : collection of str
        Codes of every source that went into the numbers, see `geodata.vocabularies.SOURCES`.

    Returns
    -------
    Disclosed

    Raises
    ------
    SaferWalksError
        If the public asks for what is made from a source that is not open, for open and other
        sources added up, or for a score that weighs what people told.
    ValueError
        If a source or audience is unknown.

    Notes
    -----
    Two tables of one source cut differently, or of two times, can be subtracted from each other.
    What is published about people is therefore cut in one way only and checked with all that was
    published before: `analysis.jobs.public_numbers`.

    Examples
    --------
    >>> frame = pd.DataFrame({"ward_name": ["A", "B", "C"], "count": [3, 8, 20], "uprn": "1"})
    >>> for_audience(frame, "public", sources=["police_uk"]).frame["count"].tolist()
    [3, 8, 20]
    >>> for_audience(frame, "public", sources=["council_asb"])
    Traceback (most recent call last):
        ...
    geodata.errors.SaferWalksError: Numbers of a source that is not open go to the public only ...
    """
    _check_sources(sources)
    mark = marking(audience)
    if mark:
        kept = frame[[c for c in frame.columns if c not in NEVER]].copy()
        return Disclosed(kept, _left_out(frame, kept), mark)
    require_one_kind(sources)
    require_open(sources)
    _check_scores(frame)
    kept = frame[[c for c in frame.columns if c in _LISTED]].copy()
    return Disclosed(kept, _left_out(frame, kept))


def require_open(sources: Collection[str]) -> None:
    """Refuse what is made from sources that are not open where nothing earlier is known of.

    Raises
    ------
    SaferWalksError
        If a source is not an open one.

    Examples
    --------
    >>> require_open(["police_uk"])
    """
    closed = set(sources) - OPEN_SOURCES
    if closed:
        raise SaferWalksError(
            "Numbers of a source that is not open go to the public only by ward, over 12 months, "
            "and checked against everything published before",
            got=", ".join(sorted(SOURCES[s].lower() for s in closed)),
            todo="publish a panel pack, or take the public map or table of wards from Hotspots",
        )  # fmt: skip


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


def _check_scores(frame: pd.DataFrame) -> None:
    """Refuse a ranking in which what somebody said may have moved a place."""
    ranked = {"total", "rank"} & set(frame.columns)
    told = [c for c in TOLD_BY_PEOPLE if ranked and f"{c}_score" not in frame]
    parts = [f"{code}_{end}" for code in TOLD_BY_PEOPLE for end in ("score", "raw")]
    told += [c for c in parts if c in frame and frame[c].notna().any()]
    if told:
        raise SaferWalksError(
            "A ranking for the public is made from reports alone: from a rank that weighs what a "
            "few people said, anybody could tell that somebody spoke up",
            got=", ".join(told), todo="score the places again from reports only",
        )  # fmt: skip


_LISTED = (STRUCTURE | FINDINGS | OPEN_ONLY) - NEVER


def _left_out(before: pd.DataFrame, after: pd.DataFrame) -> tuple[str, ...]:
    gone = [str(c) for c in before.columns if c not in after.columns]
    return (f"Left out: {', '.join(gone)}.",) if gone else ()
