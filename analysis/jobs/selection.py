"""What a person picks before anything is counted: source, categories, months, record level.

One place, so that a page, a map, a table and the command line never differ in what they count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.coverage import MonthCover, month_cover
from geodata import aggregates
from geodata import months as m
from geodata.errors import NotEnoughDataError, SaferWalksError
from geodata.shared import Shared
from geodata.store import read_incidents, stored_levels
from geodata.vocabularies import ASB_CATEGORIES, CATEGORY_BY_CODE, SOURCES, resolve_categories
from geodata.workspace import Workspace

RECORD_LEVELS = ("incident", "complaint", "case")
"""What one row may count, in the order in which one is chosen where nobody says which."""

_COUNTED_AS = {"incident": "reports", "complaint": "complaints", "case": "cases"}


@dataclass(frozen=True)
class Selection:
    """What is counted.

    Attributes
    ----------
    source : str
        One source. Sources are shown side by side and never added up: a council report and a
        police report may be about the same event.
    other_sources : tuple of str
        Sources that are stored but not counted here.
    categories : tuple of str
        Category codes.
    cover : MonthCover
        Months of the source that data cover, cut to the months asked for.
    record_level : str
        What one row counts: an incident, a complaint or a case. One case has many complaints, so
        they are never added up.
    other_levels : mapping of str to int
        Record levels of the source that are stored but not counted here, with all their rows.
    """

    source: str
    other_sources: tuple[str, ...]
    categories: tuple[str, ...]
    cover: MonthCover
    record_level: str = RECORD_LEVELS[0]
    other_levels: Mapping[str, int] = field(default_factory=dict)

    @property
    def what(self) -> str:
        """What one counts, in words: 'ASB reports' or 'reports', or complaints, or cases."""
        words = _COUNTED_AS.get(self.record_level, "reports")
        return f"ASB {words}" if self.categories == ASB_CATEGORIES else words

    @property
    def first(self) -> str:
        """First month that data cover."""
        return self.cover.present[0]

    @property
    def last(self) -> str:
        """Last month that data cover: the data cut-off."""
        return self.cover.present[-1]

    def words(self) -> dict[str, Sequence[str]]:
        """Give what is counted as words by column, as `geodata.points.Points.which` takes them."""
        return {
            "month": self.cover.present,
            "category": self.categories,
            "record_level": [self.record_level],
        }

    def to_json(self) -> dict[str, Any]:
        """Keys that every result carries, so that its numbers can be traced."""
        return {
            "source": self.source,
            "sources_not_counted": list(self.other_sources),
            "record_level": self.record_level,
            "record_levels_not_counted": dict(self.other_levels),
            "categories": list(self.categories),
            "months": list(self.cover.present),
            "months_missing": sorted({*self.cover.missing, *self.cover.absent}),
        }


def select(
    workspace: Workspace,
    *,
    source: str | None = None,
    categories: Sequence[str] = (),
    first: str | None = None,
    last: str | None = None,
    record_level: str | None = None,
) -> Selection:
    """Settle what is counted.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    source : str, optional
        A source code; police.uk by default where it is stored, else the first that is.
    categories : sequence of str
        As `geodata.vocabularies.resolve_categories`; anti-social behaviour by default.
    first, last : str, optional
        First and last month, both included; everything stored by default.
    record_level : str, optional
        'incident', 'complaint' or 'case'; by default the first of these that the source holds.
        Months that hold other levels only are not covered.

    Returns
    -------
    Selection
        What is counted.

    Raises
    ------
    NotEnoughDataError
        If nothing is stored, or no stored month lies between `first` and `last`.
    SaferWalksError
        If a source, category, month or record level is not one.
    """
    # The version names what the manifest says, and nothing else decides the answer.
    key = (workspace.version, source, tuple(categories), first, last, record_level)
    return _kept.get(key, lambda: _select(workspace, source, categories, first, last, record_level))


_kept: Shared[Selection] = Shared(256)


def _select(
    workspace: Workspace,
    source: str | None,
    categories: Sequence[str],
    first: str | None,
    last: str | None,
    record_level: str | None,
) -> Selection:
    _check_months(first, last)
    stored = stored_levels(workspace)
    chosen, others = _choose_source(stored, source)
    level, other_levels, held = _choose_level(stored[stored["source"] == chosen], record_level)
    cover = month_cover(held)
    cut = cover.within(first, last)
    if not cut.present:
        raise NotEnoughDataError(
            f"No reports are stored for {first or 'the start'} to {last or 'the end'}",
            got=f"{SOURCES[chosen]} from {cover.present[0]} to {cover.present[-1]}",
            todo="choose months within these, or import the missing months",
        )
    wanted = resolve_categories(categories)
    return Selection(chosen, others, wanted, cut, level, other_levels)


def settle_as_at(selection: Selection, as_at: str | None) -> str:
    """Give the month that results stand for; the newest stored month by default.

    Raises
    ------
    NotEnoughDataError
        If that month is not stored: a month without data would look like a quiet one.
    """
    if as_at is None:
        return selection.last
    _check_months(as_at, as_at)
    if as_at not in selection.cover.present:
        raise NotEnoughDataError(
            f"No {SOURCES[selection.source].lower()} are stored for {as_at}",
            got=f"months {selection.first} to {selection.last}"
            + (f", without {', '.join(selection.cover.absent)}" if selection.cover.absent else ""),
            todo=f"choose another month, such as {selection.last}, or import that month",
        )
    return as_at


def selected_incidents(
    workspace: Workspace, selection: Selection, columns: Sequence[str]
) -> pd.DataFrame:
    """Read the incident rows of a selection, wherever they lie: inside, outside, no location.

    For what only rows can tell; `selected_counts` answers the rest in a small part of the time.
    """
    wanted = list(dict.fromkeys([*columns, "category", "ward_match"]))
    several = ["record_level"] if selection.other_levels else []
    rows = read_incidents(
        workspace, sources=[selection.source], months=list(selection.cover.present),
        columns=list(dict.fromkeys([*wanted, *several])),
    )  # fmt: skip
    for name in several:
        rows = rows[rows[name] == selection.record_level]
    return rows.loc[rows["category"].isin(selection.categories), wanted]


def selected_counts(
    workspace: Workspace, selection: Selection, *, side: int = 0, whole: bool = False
) -> pd.DataFrame:
    """Count a selection without reading a row, as `geodata.aggregates.counts` does.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    selection : Selection
        What is counted.
    side : int, default 0
        Side of the hexagons that counts are told apart by, metres; 0 for none, and all rows.
    whole : bool, default False
        All months that are stored and all that the source tells apart, not only what is selected:
        only the record level counts then.

    Returns
    -------
    pandas.DataFrame
        As `geodata.aggregates.counts`.
    """
    counted = aggregates.counts(workspace, selection.source, side=side)
    kept = is_one_of(counted["record_level"], [selection.record_level])
    if not whole:
        kept &= is_one_of(counted["month"], selection.cover.present)
        kept &= is_one_of(counted["category"], selection.categories)
    return counted[kept]


def is_one_of(words: pd.Series, wanted: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Tell which of many words are wanted, by looking at each distinct word once.

    Parameters
    ----------
    words : pandas.Series
        Categories.
    wanted : sequence of str
        Those that are.

    Examples
    --------
    >>> is_one_of(pd.Series(["a", "b", "a"], dtype="category"), ["a"]).tolist()
    [True, False, True]
    """
    return words.cat.categories.isin(list(wanted))[words.cat.codes.to_numpy()]


def category_levels(workspace: Workspace, selection: Selection) -> list[str]:
    """List the categories of a selection that its source tells apart.

    A source that does not know a kind of report has no zero for it: police.uk never says that
    anti-social behaviour was noise, so noise is absent there, not nil.
    """
    met = set(selected_counts(workspace, selection, whole=True)["category"].unique())
    return [c for c in CATEGORY_BY_CODE if c in met and c in selection.categories]


def _choose_level(
    stored: pd.DataFrame, record_level: str | None
) -> tuple[str, dict[str, int], pd.DataFrame]:
    """Choose what one row counts; give the others with their rows, and the months it covers."""
    if record_level is not None and record_level not in RECORD_LEVELS:
        raise SaferWalksError(
            "A row counts an incident, a complaint or a case", got=repr(record_level),
            todo=f"use one of: {', '.join(RECORD_LEVELS)}",
        )  # fmt: skip
    rows = stored.groupby("record_level")["rows"].sum().to_dict()
    have = {level: int(rows[level]) for level in RECORD_LEVELS if rows.get(level)}
    if record_level is not None and have and record_level not in have:
        raise NotEnoughDataError(
            f"No {_COUNTED_AS[record_level]} are stored as such",
            got=", ".join(f"{n:,} rows that count one {level} each" for level, n in have.items()),
            todo=f"choose {' or '.join(have)}",
        )
    chosen = record_level or next(iter(have), RECORD_LEVELS[0])
    others = {level: n for level, n in have.items() if level != chosen}
    return chosen, others, stored[stored["record_level"].isin([chosen, ""])]


def _choose_source(stored: pd.DataFrame, source: str | None) -> tuple[str, tuple[str, ...]]:
    have = [s for s in SOURCES if s in set(stored["source"].astype(str))]
    if source is not None and source not in SOURCES:
        raise SaferWalksError(
            "No source has that name", got=repr(source), todo=f"use one of: {', '.join(SOURCES)}"
        )
    if not have or (source is not None and source not in have):
        raise NotEnoughDataError(
            "No reports are stored" if source is None else f"No reports of {source} are stored",
            got=f"sources {', '.join(have)}" if have else "an empty store",
            todo="import files first: the Data page, or safer-walks import PATH",
        )
    chosen = source or have[0]
    return chosen, tuple(s for s in have if s != chosen)


def _check_months(first: str | None, last: str | None) -> None:
    for month in (first, last):
        if month is not None and not m.is_month(month):
            raise SaferWalksError(
                "That is not a month", got=repr(month), todo="write months as YYYY-MM: 2026-04"
            )
    if first and last and first > last:
        raise SaferWalksError(
            "The first month is after the last", got=f"{first} to {last}", todo="swap them"
        )
