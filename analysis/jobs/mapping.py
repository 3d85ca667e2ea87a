"""Find out how a file is read, and show what that makes of its rows, before anything is stored.

`look` opens the first table of what is given once and keeps its first rows; everything else here
works on these, so that a correction of the mapping is answered at once. Only the kinds of report
are counted over the whole file.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow as pa

from analysis.jobs.profiles import folder, load
from geodata.council import Profile, guess_columns, preview
from geodata.council.categories import CategoryMap
from geodata.council.convert import WORDS, category_wordings
from geodata.council.fields import DATE_FIELDS, FIELD_NAMES, fold
from geodata.council.personal import blank_personal, personal_reason, without_house_numbers
from geodata.council.places import extent_of
from geodata.council.profiles import MOST_WORDINGS, list_profiles
from geodata.council.reader import CouncilFile
from geodata.council.table import Table
from geodata.council.tables import open_first, tables_under
from geodata.errors import ProfileError, ReportFileError
from geodata.police_uk import is_street_file
from geodata.vocabularies import SOURCES, Source
from geodata.ward_join import assign_wards_xy
from geodata.workspace import Workspace

GUESS_ROWS, PREVIEW_ROWS = 2_000, 200
_MOST_CELLS = 400_000
"""Cells kept of a very wide file: then fewer rows are looked at."""

_NEARLY = 0.6
"""Share of a profile's columns from which a file is taken for one of its kind with some missing."""

Kind = Literal["police_uk", "table"]


@dataclass(frozen=True)
class Look:
    """The first table of an import, opened once.

    Attributes
    ----------
    path : pathlib.Path
        The file, or a zip of several of which this is the first.
    sheet : str
        The sheet or layer to name in a profile; '' where it need not be said.
    sheets : tuple of str
        Those that could be read; empty where there is no choice.
    table : Table
        Its first rows, kept in memory.
    others : int
        Further tables of the same zip, which are read in the same way.
    """

    path: Path
    sheet: str
    sheets: tuple[str, ...]
    table: Table
    others: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns."""
        return self.table.columns

    @cached_property
    def head(self) -> pd.DataFrame:
        """Its first rows as text, by line; never changed."""
        return self.table.head(PREVIEW_ROWS)

    @cached_property
    def guess(self) -> Mapping[str, str]:
        """The column that seems to hold each field, by field."""
        return {g.field: g.column for g in guess_columns(self.table.head(GUESS_ROWS))}

    def examples(self, column: str, most: int = 3) -> list[str]:
        """Give the first different values of a column; none that looks personal."""
        if column not in self.columns:
            return []
        values = self.head[column].str.strip()
        if personal_reason(column, values):
            return []
        distinct = values[values != ""].drop_duplicates()
        plain, _ = blank_personal(pa.array(distinct, pa.string()))
        plain, _ = without_house_numbers(plain)
        return [v[:40] for v in dict.fromkeys(plain.to_pylist()) if v][:most]


@dataclass(frozen=True)
class Fit:
    """A saved profile beside a file: which columns it needs and does not find, or its own fault."""

    name: str
    source: str
    columns: int
    missing: tuple[str, ...] = ()
    fault: str = ""

    @property
    def fits(self) -> bool:
        """True if the file can be read with it."""
        return not self.missing and not self.fault


@dataclass(frozen=True)
class Preview:
    """What a mapping makes of the first rows.

    Attributes
    ----------
    file : CouncilFile
        The rows as they would be read.
    rows : pandas.DataFrame
        In the order of the file: `line`, `state` ('usable', 'rejected', 'repeat'), `start`, `end`
        (times or missing), `time_precision`, `category`, `source_category`, `place` (coordinates,
        street or postcode), `geo_precision`, `ward` (a ward's name, 'outside the wards' or ''),
        `reason`.
    blanked : tuple of str
        Mapped columns some of whose values look personal and are blanked.
    """

    file: CouncilFile
    rows: pd.DataFrame
    blanked: tuple[str, ...]

    def counts(self) -> dict[str, int]:
        """Count the rows by what becomes of them; `placed` of the usable ones have coordinates."""
        state = self.rows["state"].value_counts()
        counted = {name: int(state.get(name, 0)) for name in ("usable", "rejected", "repeat")}
        located = self.file.incidents["easting"].notna()
        wards = self.rows.loc[self.rows["state"].eq("usable"), "ward"]
        inside = int((wards.ne("") & wards.ne(OUTSIDE)).sum())
        return {"rows": len(self.rows), **counted, "placed": int(located.sum()), "inside": inside}


OUTSIDE = "outside the wards"


def recognise(paths: Sequence[Path]) -> Kind:
    """Tell police.uk files, which need no mapping, from tables of other sources.

    Raises
    ------
    ReportFileError
        If there are both, or nothing at all.
    """
    if not paths:
        raise ReportFileError("No file was given", todo="name at least one file")
    gone = [p.name for p in paths if not p.exists()]
    if gone:
        raise ReportFileError(f"{gone[0]} is not there", todo="check the path")
    police = [p for p in paths if is_street_file(p)]
    if police and len(police) < len(paths):
        other = next(p for p in paths if p not in police)
        raise ReportFileError(
            "These files are of different kinds",
            got=f"{police[0].name} is of police.uk, {other.name} is not",
            todo="bring in files of one kind at a time",
        )
    return "police_uk" if police else "table"


def look(path: Path, *, sheet: str = "", wanted: Collection[str] = ()) -> Look:
    """Open the first table of a file and keep its first rows.

    Parameters
    ----------
    path : pathlib.Path
        A table of any kind that `geodata.council` reads, or a zip or folder of them.
    sheet : str
        The sheet or layer to read where there are several; '' to find it.
    wanted : collection of str
        Columns that profiles ask for; they help to find header and sheet.

    Raises
    ------
    ReportFileError, UnsafeArchiveError
        If it cannot be read.
    """
    if path.is_dir():
        path = tables_under(path)[0][0]
    with open_first(path, sheet=sheet, wanted=wanted) as first:
        rows = _MOST_CELLS // max(len(first.table.columns), 1)
        held = first.table.held(max(PREVIEW_ROWS, min(GUESS_ROWS, rows)))
        return Look(path, first.sheet, first.sheets, held, first.others)


def fitting(workspace: Workspace, columns: Sequence[str]) -> list[Fit]:
    """Compare the saved profiles with a file's columns: those that fit first, the fullest first."""
    found = [_fit(workspace, name, columns) for name in list_profiles(folder(workspace))]
    return sorted(found, key=lambda f: (not f.fits, bool(f.fault), len(f.missing), -f.columns))


def _fit(workspace: Workspace, name: str, columns: Sequence[str]) -> Fit:
    try:
        profile = load(workspace, name)
    except ProfileError as fault:
        return Fit(name, "", 0, fault=str(fault))
    folded = {fold(column) for column in columns}
    wanted = dict.fromkeys(profile.columns.values())
    missing = tuple(c for c in wanted if c not in columns and fold(c) not in folded)
    return Fit(profile.name, profile.source, len(wanted), missing)


def proposed(fits: Sequence[Fit]) -> str:
    """Propose a profile: the best that fits, else one of whose columns few are missing, else ''."""
    best = [f for f in fits if not f.fault][:1]
    return best[0].name if best and (best[0].fits or _nearly(best[0])) else ""


def _nearly(fit: Fit) -> bool:
    return fit.columns > 1 and 1 - len(fit.missing) / fit.columns >= _NEARLY


def saved_mapping(found: Look, profile: Profile) -> dict[str, str]:
    """Give the columns that a saved profile takes from this file; those it lacks are left out."""
    by_words = {fold(column): column for column in reversed(found.columns)}
    return {
        name: column if column in found.columns else by_words[fold(column)]
        for name, column in profile.columns.items()
        if fold(column) in by_words
    }


def wordings(found: Look, columns: Mapping[str, str]) -> dict[str, int]:
    """Count the file's words for kinds of report over all its rows, the commonest first.

    Parameters
    ----------
    found : Look
        The file.
    columns : mapping of str to str
        Column by field; only those of kinds are read.

    Raises
    ------
    ReportFileError, UnsafeArchiveError
        If it cannot be read any more.
    """
    if not {"category", "category_detail"} & set(columns):
        return {}
    wanted = list(columns.values())
    with open_first(found.path, sheet=found.sheet, wanted=wanted) as first:
        counted = category_wordings(first.table, columns)
    return dict(list(counted.items())[:MOST_WORDINGS])


def kinds(counted: Mapping[str, int], mapped: Mapping[str, str], *, source: Source) -> pd.DataFrame:
    """Put the file's words for kinds beside ours: `value`, `rows`, `category`; unmapped first.

    Parameters
    ----------
    counted : mapping of str to int
        From `wordings`.
    mapped : mapping of str to str
        Our category by the file's words, as a person or a profile says; known words come after.
    source : str
        Where the words come from.
    """
    known = CategoryMap(mapped, source=source)
    rows = [(value, count, known.code(value)) for value, count in counted.items()]
    table = pd.DataFrame(rows, columns=["value", "rows", "category"])
    table = table.astype({"value": "str", "rows": "int64", "category": "str"})
    table = table.assign(mapped=table["category"].ne(""))
    order = table.sort_values(["mapped", "rows", "value"], ascending=[True, False, True])
    return order[["value", "rows", "category"]].reset_index(drop=True)


def make_profile(
    found: Look,
    name: str,
    *,
    source: Source,
    columns: Mapping[str, str],
    base: Profile | None = None,
    **settings: Any,  # noqa: ANN401 - fields of a profile, checked by it
) -> Profile:
    """Make a profile of what a person said.

    Parameters
    ----------
    found : Look
        A file like those that it will read.
    name, source
        What to call it, and where such files come from.
    columns : mapping of str to str
        Column by field.
    base : Profile, optional
        The saved profile that is being changed: what is not said stays as it was there.
    **settings
        Further fields of `geodata.council.Profile`, such as `provider` and `categories`.

    Raises
    ------
    ProfileError
        If it is not sound: no date, or one column for two fields, is said in one sentence.
    """
    if not set(DATE_FIELDS) & set(columns):
        raise ProfileError(
            "No column is chosen for the date", got=f"the columns of {found.table.name}",
            todo="choose the one that says when it happened or, failing that, was reported",
        )  # fmt: skip
    twice = [c for c in dict.fromkeys(columns.values()) if list(columns.values()).count(c) > 1]
    if twice:
        raise ProfileError(
            f"The column {twice[0]!r} is chosen twice", todo="leave one of the two empty"
        )
    ordered = {f: columns[f] for f in FIELD_NAMES if f in columns}
    said = {"name": name.strip() or SOURCES[source], "source": source, "columns": ordered,
            "sheet": found.sheet, "known_columns": found.columns, **settings}  # fmt: skip
    if base is not None:
        return replace(base, **said)
    return Profile(excel_1904=found.table.excel_1904, **said)


def preview_rows(workspace: Workspace, found: Look, profile: Profile, *, as_at: str) -> Preview:
    """Read the first rows as an import with this profile would.

    Parameters
    ----------
    workspace : Workspace
        Whose wards the places are joined to.
    found : Look
        The file.
    profile : Profile
        How it is read.
    as_at : str
        The day, YYYY-MM-DD: later dates are rejected.

    Raises
    ------
    ReportFileError, ProfileError
        As an import would.
    """
    file = preview(
        found.table, profile, as_at=as_at, rows=PREVIEW_ROWS, extent=extent_of(workspace.wards())
    )
    rows = pd.concat([_usable(file, workspace), _listed(file)], ignore_index=True)
    mapping = profile.resolve(found.columns, found.table.name)
    blanked = _blanked(found, mapping, profile)
    return Preview(file, rows.sort_values("line", ignore_index=True), blanked)


def personal_columns(found: Look, columns: Sequence[str]) -> dict[str, str]:
    """Say which of some columns look like they are about people, and why."""
    head = found.head
    reasons = {c: personal_reason(c, head[c]) for c in columns if c in head.columns}
    return {column: reason for column, reason in reasons.items() if reason}


def _usable(file: CouncilFile, workspace: Workspace) -> pd.DataFrame:
    incidents, wards = file.incidents, workspace.wards()
    names = dict(zip(wards["ward_code"], wards["ward_name"], strict=True))
    joined = assign_wards_xy(incidents["easting"], incidents["northing"], wards)
    ward = joined["ward_code"].map(names).astype("object")
    ward = ward.where(ward.notna(), joined["ward_match"].map({"outside": OUTSIDE}))
    return pd.DataFrame(
        {
            "line": incidents["incident_uid"].str.rpartition(":")[2].astype("int64"),
            "state": "usable",
            "start": incidents["occurred_from"].astype("object"),
            "end": incidents["occurred_to"].astype("object"),
            "month": incidents["month"].astype("str"),
            "time_precision": incidents["time_precision"].astype("str"),
            "category": incidents["category"].astype("str"),
            "source_category": _text(incidents["source_category"]),
            "place": _place(incidents),
            "geo_precision": incidents["geo_precision"].astype("str"),
            "ward": _text(ward),
            "reason": "",
        }
    )


def _place(incidents: pd.DataFrame) -> pd.Series:
    located = incidents["easting"].notna()
    x, y = incidents["easting"].fillna(0).round(), incidents["northing"].fillna(0).round()
    grid = x.astype("int64").astype("str") + ", " + y.astype("int64").astype("str")
    text = _text(incidents["location"])
    text = text.where(text.ne(""), _text(incidents["postcode"]))
    return grid.where(located, text)


def _text(values: pd.Series) -> pd.Series:
    text = values.astype("object")
    return text.where(text.notna(), "").astype("str")


def _listed(file: CouncilFile) -> pd.DataFrame:
    tables = {"rejected": file.rejected, "repeat": file.duplicates}
    return pd.concat(
        [t[["line", "reason"]].assign(state=state) for state, t in tables.items()],
        ignore_index=True,
    )


def _blanked(found: Look, mapping: Mapping[str, str], profile: Profile) -> tuple[str, ...]:
    """List the mapped columns of words in which values look personal, blanked or kept."""
    head = found.head
    worded = [c for f, c in mapping.items() if f in WORDS]
    hit = [c for c in worded if blank_personal(pa.array(head[c], pa.string()))[1].any()]
    return tuple(dict.fromkeys([*hit, *(c for c in profile.keep_personal if c in worded)]))
