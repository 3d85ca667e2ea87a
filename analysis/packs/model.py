"""The parts of a ward panel pack: sections of sentences, tables and drawings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import geopandas as gpd
import pandas as pd

from analysis.disclosure import Audience, marking

PackAudience = Literal["public", "panel", "internal"]

SEEN_BY: Mapping[str, Audience] = {"public": "public", "panel": "public", "internal": "internal"}
"""How numbers and records pass the gate for each: a panel meets in public and takes its papers
home, so that it sees no smaller numbers than anybody does."""

MARKS: Mapping[str, str] = {
    "public": "",
    "panel": "OFFICIAL: for the ward panel",
    "internal": marking("internal"),
}
"""What is printed on every page."""

LABELS: Mapping[str, str] = {
    "public": "Public: anybody may have it",
    "panel": "Ward panel: with what is suggested for the next months",
    "internal": "Internal: with small numbers, for council staff only",
}

DRAFT = "DRAFT"

UNPUBLISHED = "For the council only until it is published"
"""Printed on a draft of what anybody may have: its numbers are in no register yet, so that a later
pack is not checked against it."""


@dataclass(frozen=True)
class Table:
    """A table as it is printed and as it is handed on.

    Attributes
    ----------
    name : str
        What its file is called.
    caption : str
        What it holds.
    columns : tuple of (column, heading)
        What is shown, in order; the first names the row.
    frame : pandas.DataFrame
        The rows. Where a number may not be shown, `withheld` says so in words. A GeoDataFrame in
        BNG is handed on with its shapes.
    missing : str
        The word for a missing value.
    widths : tuple of float
        How wide its columns are on paper, beside each other; as they need by default.
    """

    name: str
    caption: str
    columns: tuple[tuple[str, str], ...]
    frame: pd.DataFrame | gpd.GeoDataFrame
    missing: str = "not known"
    widths: tuple[float, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A drawing to be made.

    Attributes
    ----------
    kind : {'map', 'months', 'week'}
        Areas on a map, a line of months beside the year before, or days by hours.
    name : str
        What its file is called.
    frame : pandas.DataFrame
        What is drawn: for a map `hexagon`, `count`, `withheld`, polygons in BNG; for a week
        `day`, `hour`, `count`, `withheld`.
    title : str
        What is counted.
    """

    kind: Literal["map", "months", "week"]
    name: str
    frame: pd.DataFrame | gpd.GeoDataFrame
    title: str


@dataclass(frozen=True)
class Section:
    """A part of a pack, under a heading.

    Attributes
    ----------
    code, title : str
        Its name in addresses, and its heading.
    lines : tuple of str
        Sentences that come first.
    figures, tables : tuple
        In order.
    notes : tuple of str
        What limits it.
    """

    code: str
    title: str
    lines: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pack:
    """A ward panel pack, ready to be set.

    Attributes
    ----------
    ward_code, ward_name : str
        Whose.
    audience : {'public', 'panel', 'internal'}
        Who may have it.
    facts : mapping of str to str
        What stands under the title: period, last month of the data, who made it and when.
    marks : tuple of str
        What is printed on every page.
    watermark : str
        What is printed across every page; '' for a published pack.
    sections : tuple of Section
        The one-page summary first.
    licences : tuple of str
        Whose data it rests on.
    made_on : str
        The day it describes, YYYY-MM-DD.
    """

    ward_code: str
    ward_name: str
    audience: PackAudience
    facts: Mapping[str, str]
    marks: tuple[str, ...]
    watermark: str
    sections: tuple[Section, ...]
    licences: tuple[str, ...]
    made_on: str
    title: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", f"Ward panel pack: {self.ward_name}")

    def tables(self) -> tuple[Table, ...]:
        """List its tables, in order."""
        return tuple(table for section in self.sections for table in section.tables)

    def numbers(self) -> dict[str, Any]:
        """Give everything it says, without how it looks: what is frozen and checked later.

        Examples
        --------
        >>> one = Section("summary", "Summary", ("Nothing happened.",))
        >>> pack = Pack("E1", "Bow", "public", {}, (), "", (one,), (), "2026-04-30")
        >>> pack.numbers()
        {'summary': {'lines': ['Nothing happened.'], 'notes': [], 'tables': {}}}
        """
        return {
            section.code: {
                "lines": list(section.lines),
                "notes": list(section.notes),
                "tables": {table.name: printed(table) for table in section.tables},
            }
            for section in self.sections
        }


def printed(table: Table) -> list[list[str]]:
    """Write the cells of a table as they are read.

    Examples
    --------
    >>> frame = pd.DataFrame({"ward": ["Bow", "Mile End"], "count": [1234.0, None],
    ...     "withheld": ["", "1 to 4"]})
    >>> printed(Table("t", "Reports", (("ward", "Ward"), ("count", "Reports")), frame))
    [['Bow', '1,234'], ['Mile End', '1 to 4']]
    """
    return [list(row) for row in zip(*(_column(table, c) for c, _ in table.columns), strict=True)]


def _column(table: Table, column: str) -> list[str]:
    frame = table.frame
    empty = [""] * len(frame)
    own = f"{column}_withheld" if f"{column}_withheld" in frame else "withheld"
    held = frame[own].tolist() if own in frame else empty
    return [_cell(v, _cell(w, table.missing)) for v, w in zip(frame[column], held, strict=True)]


def _cell(value: Any, missing: str) -> str:  # noqa: ANN401 - a cell of a frame
    if value is None or value is pd.NA or value is pd.NaT or value != value or value == "":
        return missing
    if isinstance(value, pd.Timestamp):
        return day_words(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return str(value)


def day_words(day: Any) -> str:  # noqa: ANN401 - a date or a timestamp
    """Write a day for people.

    Examples
    --------
    >>> import datetime as dt
    >>> day_words(dt.date(2026, 4, 3))
    '3 April 2026'
    """
    return f"{day.day} {day.strftime('%B %Y')}"
