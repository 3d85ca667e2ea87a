"""Publish: what anybody may see is checked against all that left before, and written down.

A release is made of files and of the numbers about people in them. The files are looked through
for what identifies a person; the numbers enter the register, against which the next release is
checked. What holds no such numbers is looked through alone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from analysis.disclosure import OPEN_SOURCES, Known, Rules, require_clean
from analysis.disclosure.linked import COUNTED, SETTLED
from analysis.disclosure.routes import RESTRICTED_TYPES
from analysis.jobs.voices import records_of
from geodata import releases
from geodata.crs import to_lonlat
from geodata.records.database import Records
from geodata.records.kinds import kind_of
from geodata.reporting import ways
from geodata.store import read_incidents
from geodata.workspace import Workspace


@dataclass(frozen=True)
class Minimum:
    """The smallest count about people that is published, and how it came to be.

    Attributes
    ----------
    count : int
        Counts below it, other than zero, are withheld.
    changes : tuple of dict
        `at`, `by`, `before`, `minimum_cell`, oldest first.
    """

    count: int
    changes: tuple[dict[str, str | int], ...]

    def to_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {
            "message": f"Counts of people below {self.count} are not published.",
            "minimum_cell": self.count, "changes": list(self.changes),
        }  # fmt: skip


def minimum(workspace: Workspace) -> Minimum:
    """Tell the smallest count about people that a workspace publishes.

    Raises
    ------
    SaferWalksError
        If the settings were edited by hand and cannot be read.
    """
    count = releases.minimum_cell(workspace.path)
    return Minimum(count, tuple(releases.minimum_changes(workspace.path)))


def set_minimum(workspace: Workspace, count: int, *, by: str, at: dt.datetime) -> Minimum:
    """Set it; what was published under a higher number is not loosened by a lower one.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    count : int
        5 to 10.
    by, at
        Who sets it, and when.

    Raises
    ------
    SaferWalksError
        If the number is not one of these.
    """
    releases.set_minimum_cell(workspace.path, count, by=by, at=at.isoformat(timespec="seconds"))
    return minimum(workspace)


@dataclass(frozen=True)
class Release:
    """Something that was published.

    Attributes
    ----------
    release : str
        Its name: the start of the digest of its files.
    title : str
        What it is.
    at : str
        When.
    digest : str
        SHA-256 over the names and bytes of its files.
    numbers, withheld : int
        Numbers about people in it, and how many of them were held back.
    """

    release: str
    title: str
    at: str
    digest: str
    numbers: int
    withheld: int

    def to_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Register:
    """What was published so far, as a new release is checked against it."""

    numbers: pd.DataFrame
    rules: Rules

    def until(self, stamp: int, minimum: int | None = None) -> Register:
        """Give the register as it was when it had that stamp: nothing is ever taken out of it.

        `minimum` is the smallest count shown then, if it is known.
        """
        rules = self.rules if minimum is None else Rules(threshold=minimum)
        return Register(self.numbers.head(stamp), rules)

    @property
    def stamp(self) -> int:
        """Tells one state of the register from the next."""
        return len(self.numbers)


def register(workspace: Workspace) -> Register:
    """Read what was published, and how small a count may be.

    Parameters
    ----------
    workspace : Workspace
        Read at the state it was opened in.

    Returns
    -------
    Register
        `numbers` is the `earlier` of `analysis.disclosure.protect`, `rules` its rules.

    Raises
    ------
    SaferWalksError
        If the settings were edited by hand and cannot be read.
    """
    least = releases.minimum_cell(workspace.path)
    return Register(releases.register(workspace), Rules(threshold=least))


def published(workspace: Workspace) -> tuple[Release, ...]:
    """List what was published, oldest first."""
    rows = releases.register(workspace)
    found = []
    for (release, title, at, digest), part in rows.groupby(
        ["release", "title", "at", "digest"], sort=False
    ):
        told = _seen(part.loc[part["measure"] != ""])
        hidden = int((~told["shown"].astype(bool)).sum())
        found.append(Release(str(release), str(title), str(at), str(digest), len(told), hidden))
    return tuple(found)


def publish(
    workspace: Workspace,
    files: Mapping[str, bytes],
    told: Sequence[pd.DataFrame],
    *,
    title: str,
    at: str,
    checked_against: Register,
) -> Release:
    """Look files through a last time, and enter their numbers in the register.

    Call it with everything that leaves together, just before it does, and hand nothing out if it
    raises.

    Parameters
    ----------
    workspace : Workspace
        Whose numbers these are.
    files : mapping of str to bytes
        Name -> content of every file.
    told : sequence of pandas.DataFrame
        The `entries` that `analysis.disclosure.protect` gave for the tables in them.
    title : str
        What it is: 'Panel pack, Bow East, July to September 2026'.
    at : str
        When it was published.
    checked_against : Register
        The register they were worked out with.

    Returns
    -------
    Release

    Raises
    ------
    SaferWalksError
        If a file holds what identifies a person.
    StoreConflictError
        If something else was published since the register was read. The same files published
        again are no new release.
    """
    require_clean(files, persons_known(workspace))
    digest = _digest(files)
    before = {r.digest: r for r in published(workspace.reopen())}
    if digest in before:
        return before[digest]
    entries = [numbers for numbers in told if len(numbers)]
    numbers = pd.concat(entries, ignore_index=True) if entries else pd.DataFrame()
    seen = _seen(numbers) if len(numbers) else numbers
    release = Release(
        digest[:12], title, at, digest, len(seen),
        int((~seen["shown"].astype(bool)).sum()) if len(seen) else 0,
    )  # fmt: skip
    about = {k: getattr(release, k) for k in ("release", "title", "at", "digest")}
    releases.add_release(
        workspace, numbers, known=checked_against.stamp,
        about={**about, "minimum": checked_against.rules.threshold},
    )  # fmt: skip
    return release


def _seen(entries: pd.DataFrame) -> pd.DataFrame:
    """Keep what readers saw, without the counts it was made from."""
    return entries[~entries["mark"].isin((SETTLED, COUNTED))]


def look_through(workspace: Workspace, files: Mapping[str, bytes]) -> None:
    """Refuse files for anybody that hold what identifies a person this workspace knows of.

    Parameters
    ----------
    workspace : Workspace
        What is looked for: `persons_known`.
    files : mapping of str to bytes
        Name -> content of everything that is handed out together.

    Raises
    ------
    SaferWalksError
        If one does.
    """
    require_clean(files, persons_known(workspace))


CONTACT: Mapping[str, tuple[str, ...]] = {
    "contacts": ("name", "email", "phone"),
    "alerts": ("contact",),
    "users": ("email", "phone"),
}
"""Kind of record -> columns that tell who somebody is, or how to reach them. Names of staff are not
among them: who answers for an action is public."""

TOLD_BY: tuple[str, ...] = ("responses", "requests", "asks", "alerts", "contacts")
"""Kinds of record in which somebody's own words stand."""

REFERENCES = ("source_ref", "case_ref", "uprn", "merged_into")
"""Columns of reports by which a case system finds somebody's case or home."""

EXACT = ("exact", "uprn")
"""How precise a place is that tells whose it is."""

LEAST_WORDS = 4
"""A text of fewer words may stand anywhere by chance."""


def persons_known(workspace: Workspace) -> Known:
    """Gather what identifies persons in a workspace, to be looked for in what anybody gets.

    Names and contacts, what people said without leave to quote it, references and property numbers
    of reports that are not open, names of places of Walk and Talks alone that are on no open map,
    and the exact points of those reports and of answers. Points of places, events and stops may
    stand, and so may the ways to report that the council publishes.
    """
    records = records_of(workspace)
    refs = _reports(workspace)
    words = {*known_words(records), *_told(records)} if records is not None else set[str]()
    for column in REFERENCES:
        words |= {str(value) for value in refs[column].dropna().unique()}
    listed = ways(workspace.path)
    allowed = [text for part in listed.values() for way in part for text in (way.name, way.how)]
    points = set(_points(refs))
    if records is not None:
        points |= set(_points(records.frame("responses")))
        sites, private = records.frame("sites"), private_sites(records)
        shown = ~sites["site_id"].isin(private)
        alone = {name for name in sites.loc[~shown, "name"] if len(name.split()) > 1}
        # A station on everybody's map may be named; nobody learns from it who met there.
        words |= alone - set(workspace.places()["name"])
        for public in (sites[shown], records.frame("events"), records.frame("stops")):
            points -= set(_points(public))
    return Known(words, allowed, frozenset(points))


def known_words(records: Records) -> frozenset[str]:
    """List the names and contact details of persons in the records.

    Parameters
    ----------
    records : Records
        The records of the workspace.

    Returns
    -------
    frozenset of str
        Whole texts of the columns of `CONTACT`, of 4 to 80 letters; a name has two words or more,
        since one alone is also a street's or a park's.
    """
    texts = {
        str(record[column])
        for kind, columns in CONTACT.items()
        for record in records.list(kind)
        for column in columns
        if record[column] and (column != "name" or len(str(record[column]).split()) > 1)
    }
    return frozenset(t for t in texts if 4 <= len(t) <= 80)


def private_sites(records: Records) -> frozenset[str]:
    """List the places that are in the records for Walk and Talks alone: nobody is told them."""
    used: dict[str, set[bool]] = {}
    for event in records.list("events"):
        if event["site_id"]:
            talk = event["event_type"] in RESTRICTED_TYPES
            used.setdefault(str(event["site_id"]), set()).add(talk)
    return frozenset(site for site, kinds in used.items() if kinds == {True})


def _told(records: Records) -> Iterator[str]:
    """Give what people said in their own words, unless they let it be quoted."""
    for kind in TOLD_BY:
        fields = kind_of(kind).fields
        prose = [n for n, f in fields.items() if f.shape == "prose" and f.seen != "open"]
        for record in records.list(kind):
            if "consent_quote" in fields and record["consent_quote"]:
                continue
            said = [str(record[name] or "") for name in prose]
            yield from (text for text in said if len(text.split()) >= LEAST_WORDS)


def _reports(workspace: Workspace) -> pd.DataFrame:
    closed = sorted({p.source for p in workspace.manifest().live} - OPEN_SOURCES)
    columns = [*REFERENCES, "geo_precision", "easting", "northing"]
    found = read_incidents(workspace, sources=closed, columns=columns)
    exact = found["geo_precision"].isin(EXACT)
    return found.assign(
        easting=found["easting"].where(exact), northing=found["northing"].where(exact)
    )


def _points(frame: pd.DataFrame) -> Iterator[tuple[float, float]]:
    """Give each point twice: in metres, and as longitude and latitude."""
    known = frame[["easting", "northing"]].dropna().astype("float64").drop_duplicates()
    east, north = known["easting"].to_numpy(), known["northing"].to_numpy()
    yield from zip(east.round().tolist(), north.round().tolist(), strict=True)
    lon, lat = to_lonlat(east, north)
    yield from zip(lon.round(5).tolist(), lat.round(5).tolist(), strict=True)


def _digest(files: Mapping[str, bytes]) -> str:
    seen = hashlib.sha256()
    for name in sorted(files):
        seen.update(f"{name}\0{len(files[name])}\0".encode())
        seen.update(files[name])
    return seen.hexdigest()
