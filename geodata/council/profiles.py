"""Import profiles: how one source's files are read, saved as a text file a person can read.

A profile is made once, from a first file and a person's corrections, and used on every file after
it: columns may move or be added, but one that the profile names must be there. Its file is TOML,
without comments and always in the same order, so that two versions can be compared line by line.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

import tomli_w

from geodata.council.categories import guess_category
from geodata.council.columns import guess_columns
from geodata.council.convert import category_wordings
from geodata.council.fields import DATE_FIELDS, FIELD_BY_NAME, FIELD_NAMES, fold
from geodata.council.table import Table
from geodata.durable import write_file
from geodata.errors import ProfileError
from geodata.vocabularies import (
    CATEGORY_BY_CODE,
    DateBasis,
    GeoPrecision,
    RecordLevel,
    Source,
    TimePrecision,
)

ENDING = ".toml"
MOST_WORDINGS = 500
"""Kinds that a first look maps; a column with more of them is no list of kinds."""


@dataclass(frozen=True)
class Profile:
    """How the files of one source are read.

    Attributes
    ----------
    name : str
        What people call it.
    source : str
        One of `geodata.vocabularies.Source`.
    provider : str
        Who recorded the reports, as a slug ('tower-hamlets'): what is stored as `force`.
    record_level : str
        What a row counts: incident, complaint or case.
    date_basis : str
        What the main date means: occurred, reported or recorded.
    sheet : str
        The sheet or layer to read; '' to find it.
    time_precision, geo_precision : str
        What times and places are worth at best, '' to tell from the values.
    excel_1904 : bool
        True if day numbers count from 1904.
    keep_personal : tuple of str
        Columns whose values are kept even where they look personal.
    known_columns : tuple of str
        All columns of the file it was made from: others are new.
    columns : mapping of str to str
        Column of the file by our field.
    categories : mapping of str to str
        Our category by the source's words.
    """

    name: str
    source: Source
    provider: str = ""
    record_level: RecordLevel = "incident"
    date_basis: DateBasis = "occurred"
    sheet: str = ""
    time_precision: TimePrecision | str = ""
    geo_precision: GeoPrecision | str = ""
    excel_1904: bool = False
    keep_personal: tuple[str, ...] = ()
    known_columns: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a profile that is not sound, naming every fault at once."""
        faults = list(_faults(self))
        if faults:
            raise ProfileError(
                f"The profile {self.name!r} is not sound", got="; ".join(faults),
                todo="correct it, or make it again from a file",
            )  # fmt: skip

    def resolve(self, columns: Sequence[str], file: str) -> dict[str, str]:
        """Find the columns of a file that the profile names, wherever they stand.

        Case, spaces and punctuation in a name do not matter.

        Parameters
        ----------
        columns : sequence of str
            Column names of the file.
        file : str
            Its name, for messages.

        Returns
        -------
        dict of str to str
            Column of this file by our field, in the order of the fields.

        Raises
        ------
        ProfileError
            If a column it names is not there; the message lists all of them.

        Examples
        --------
        >>> profile = Profile("a", "other", columns={"occurred_from": "Date"})
        >>> profile.resolve(["New", "DATE "], "may.csv")
        {'occurred_from': 'DATE '}
        """
        exact = set(columns)
        folded: dict[str, str] = {}
        for column in columns:
            folded.setdefault(fold(column), column)
        found = {
            name: wanted if wanted in exact else folded.get(fold(wanted), "")
            for name, wanted in self.columns.items()
        }
        gone = [self.columns[name] for name, column in found.items() if not column]
        if gone:
            raise ProfileError(
                f"{file} lacks {_count(len(gone), 'column')} that the profile {self.name!r} needs",
                got=", ".join(f"no {g!r}{_like(g, columns)}" for g in dict.fromkeys(gone)),
                todo="export it with these columns, or change the profile's mapping",
            )
        return {name: found[name] for name in FIELD_NAMES if name in found}


def _faults(profile: Profile) -> list[str]:
    faults = [] if profile.name.strip() else ["it has no name"]
    closed: dict[str, object] = {
        "source": Source, "record_level": RecordLevel, "date_basis": DateBasis,
        "time_precision": TimePrecision, "geo_precision": GeoPrecision,
    }  # fmt: skip
    for name, vocabulary in closed.items():
        value = getattr(profile, name)
        if value not in get_args(vocabulary) and not (value == "" and name.endswith("precision")):
            faults.append(f"{name} is {value!r}, not one of {', '.join(get_args(vocabulary))}")
    faults += [f"no field is called {n!r}" for n in profile.columns if n not in FIELD_BY_NAME]
    faults += [
        f"{words!r} is mapped to {code!r}, which is no category"
        for words, code in profile.categories.items()
        if code not in CATEGORY_BY_CODE
    ]
    if not set(DATE_FIELDS) & set(profile.columns):
        faults.append("no column is mapped to a date (occurred_from or reported_at)")
    return faults


def _count(number: int, noun: str) -> str:
    return f"the {noun}" if number == 1 else f"{number} {noun}s"


def _like(name: str, columns: Sequence[str]) -> str:
    close = get_close_matches(fold(name), [fold(c) for c in columns], n=1, cutoff=0.6)
    similar = [c for c in columns if close and fold(c) == close[0]]
    return f" (perhaps {similar[0]!r})" if similar else ""


# From a table


def guess_profile(
    table: Table, source: Source, *, name: str = "", provider: str = "", rows: int = 2_000
) -> Profile:
    """Make a profile from a table: columns, kinds, what a row counts.

    Parameters
    ----------
    table : Table
        The file, opened.
    source : str
        Where it comes from (`geodata.vocabularies.Source`).
    name : str
        What to call the profile; the source's name if ''.
    provider : str
        Who recorded the reports, as a slug.
    rows : int
        Rows looked at to guess the columns; kinds are read from the whole file.

    Raises
    ------
    ProfileError
        If no column looks like a date.
    """
    head = table.head(rows)
    guesses = {g.field: g for g in guess_columns(head)}
    columns = {name: guess.column for name, guess in guesses.items()}
    if not set(DATE_FIELDS) & set(columns):
        raise ProfileError(
            f"No column of {table.name} looks like a date",
            got=", ".join(table.columns[:20]),
            todo="say which column holds the date of the report",
        )
    wordings = category_wordings(table, columns)
    known = {w: guess_category(w, source=source) for w in list(wordings)[:MOST_WORDINGS]}
    return Profile(
        name=name or source.replace("_", " "), source=source, provider=provider,
        record_level=guess_record_level(columns),
        date_basis="occurred" if "occurred_from" in columns else "reported",
        excel_1904=table.excel_1904, known_columns=table.columns, columns=columns,
        categories={w: code for w, code in sorted(known.items()) if code},
    )  # fmt: skip


def guess_record_level(columns: Mapping[str, str]) -> RecordLevel:
    """Guess what a row counts from what its references are called.

    Examples
    --------
    >>> guess_record_level({"source_ref": "Complaint no"}), guess_record_level({"case_ref": "Case"})
    ('complaint', 'case')
    """
    named = {name: fold(columns.get(name, "")).split() for name in ("source_ref", "case_ref")}
    if "complaint" in named["source_ref"]:
        return "complaint"
    alone = "case_ref" in columns and "source_ref" not in columns
    return "case" if alone or "case" in named["source_ref"] else "incident"


# Text files


def to_toml(profile: Profile) -> str:
    """Write a profile as TOML: settings first, then columns in the order of the fields, then kinds.

    Examples
    --------
    >>> print(to_toml(Profile("NoiseWorks", "council_noise", columns={"occurred_from": "Start"})))
    name = "NoiseWorks"
    source = "council_noise"
    provider = ""
    record_level = "incident"
    date_basis = "occurred"
    sheet = ""
    time_precision = ""
    geo_precision = ""
    excel_1904 = false
    keep_personal = []
    known_columns = []
    <BLANKLINE>
    [columns]
    occurred_from = "Start"
    <BLANKLINE>
    [categories]
    <BLANKLINE>
    """
    content: dict[str, Any] = {
        f.name: getattr(profile, f.name) for f in dataclasses.fields(profile)
    }
    for name in ("keep_personal", "known_columns"):
        content[name] = list(content[name])
    content["columns"] = {n: profile.columns[n] for n in FIELD_NAMES if n in profile.columns}
    content["categories"] = dict(sorted(profile.categories.items()))
    return tomli_w.dumps(content)


def from_toml(text: str, *, name: str = "") -> Profile:
    """Read a profile.

    Raises
    ------
    ProfileError
        If it is not TOML, has a setting that is not known or of another type, or is not sound.

    Examples
    --------
    >>> profile = Profile("a", "other", columns={"occurred_from": "Date"})
    >>> from_toml(to_toml(profile)) == profile
    True
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(
            f"The profile {name} cannot be read", got=str(error), todo="correct that line"
        ) from error
    fields = {f.name: f for f in dataclasses.fields(Profile)}
    unknown = [key for key in content if key not in fields]
    if unknown:
        raise ProfileError(
            f"The profile {name} has settings that are not known", got=", ".join(unknown),
            todo=f"use only {', '.join(fields)}",
        )  # fmt: skip
    content = {"name": name, "source": ""} | content
    wrong = [key for key, value in content.items() if not _is_of_its_type(key, value)]
    if wrong:
        raise ProfileError(
            f"The profile {name} has settings of another type", got=", ".join(wrong),
            todo="write texts in quotes, lists in brackets, mappings under [columns], [categories]",
        )  # fmt: skip
    for key in ("keep_personal", "known_columns"):
        content[key] = tuple(content.get(key, ()))
    return Profile(**content)


def _is_of_its_type(key: str, value: object) -> bool:
    if key in {"keep_personal", "known_columns"}:
        return isinstance(value, list) and all(isinstance(v, str) for v in value)
    if key in {"columns", "categories"}:
        return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
    return isinstance(value, bool if key == "excel_1904" else str)


def file_name(name: str) -> str:
    """Give the file name of a profile.

    Examples
    --------
    >>> file_name("NoiseWorks: cases (2026)")
    'noiseworks-cases-2026.toml'
    """
    return "-".join(re.findall(r"\w+", name.casefold())) + ENDING


def save_profile(folder: Path, profile: Profile) -> Path:
    """Save a profile in a folder, in the place of one of the same name.

    Raises
    ------
    ProfileError
        If its name has no letter or digit.
    """
    name = file_name(profile.name)
    if name == ENDING:
        raise ProfileError(
            "A profile needs a name with letters in it", got=repr(profile.name),
            todo="name it after the system or team that the files come from",
        )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    write_file(folder / name, to_toml(profile).encode())
    return folder / name


def load_profile(folder: Path, name: str) -> Profile:
    """Load a profile by its name.

    Raises
    ------
    ProfileError
        If there is none of that name, or it cannot be read.
    """
    path = folder / file_name(name)
    if not path.is_file():
        have = ", ".join(list_profiles(folder))
        raise ProfileError(
            f"No profile is called {name!r}", got=have or "no profiles yet",
            todo="use one of these, or make one from a file on the Data page",
        )  # fmt: skip
    try:
        return from_toml(path.read_text("utf-8"), name=name)
    except UnicodeDecodeError as error:
        raise ProfileError(
            f"The profile {name} cannot be read", got=str(error), todo="save it as UTF-8"
        ) from error


def delete_profile(folder: Path, name: str) -> None:
    """Delete a profile. What was imported with it stays.

    Raises
    ------
    ProfileError
        If there is none of that name.
    """
    try:
        (folder / file_name(name)).unlink()
    except FileNotFoundError as error:
        raise ProfileError(
            f"No profile is called {name!r}", got=", ".join(list_profiles(folder)) or "none",
            todo="use one of these",
        ) from error  # fmt: skip


def list_profiles(folder: Path) -> list[str]:
    """List the names of the profiles saved in a folder, those that cannot be read by file name."""
    names = []
    for path in sorted(folder.glob(f"*{ENDING}")) if folder.is_dir() else ():
        try:
            names.append(from_toml(path.read_text("utf-8"), name=path.stem).name)
        except (ProfileError, UnicodeDecodeError):
            names.append(path.stem)
    return names
