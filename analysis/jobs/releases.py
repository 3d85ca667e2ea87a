"""Publish: what anybody may see is checked against all that left before, and written down.

A release is made of files and of the numbers about people in them. The files are looked through
for what identifies a person; the numbers enter the register, against which the next release is
checked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from analysis.disclosure import Rules, require_clean
from geodata import releases
from geodata.records.database import Records
from geodata.workspace import Workspace


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

    def until(self, stamp: int) -> Register:
        """Give the register as it was when it had that stamp: nothing is ever taken out of it."""
        return Register(self.numbers.head(stamp), self.rules)

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
    minimum = releases.minimum_cell(workspace.path)
    return Register(releases.register(workspace), Rules(threshold=minimum))


def published(workspace: Workspace) -> tuple[Release, ...]:
    """List what was published, oldest first."""
    rows = releases.register(workspace)
    found = []
    for (release, title, at, digest), part in rows.groupby(
        ["release", "title", "at", "digest"], sort=False
    ):
        told = part.loc[part["measure"] != ""]
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
    records: Records | None = None,
    allowed: Collection[str] = (),
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
    records : Records, optional
        Names and references in them are looked for in the files.
    allowed : collection of str
        Published contacts, which may stand in the files.

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
    words = known_words(records) if records is not None else ()
    require_clean(dict(files), words=words, allowed=allowed)
    digest = _digest(files)
    before = {r.digest: r for r in published(workspace.reopen())}
    if digest in before:
        return before[digest]
    entries = [numbers for numbers in told if len(numbers)]
    numbers = pd.concat(entries, ignore_index=True) if entries else pd.DataFrame()
    release = Release(
        digest[:12], title, at, digest, len(numbers),
        int((~numbers["shown"].astype(bool)).sum()) if len(numbers) else 0,
    )  # fmt: skip
    about = {k: getattr(release, k) for k in ("release", "title", "at", "digest")}
    releases.add_release(
        workspace, numbers, known=checked_against.stamp,
        about={**about, "minimum": checked_against.rules.threshold},
    )  # fmt: skip
    return release


PERSONAL: Mapping[str, tuple[str, ...]] = {
    "contacts": ("name", "email", "phone"),
    "alerts": ("contact",),
    "users": ("email", "phone"),
}
"""Kind of record -> columns whose words must stand in no public file. Names of staff are not among
them: who answers for an action is public."""


def known_words(records: Records) -> frozenset[str]:
    """List the names and contact details of persons in the records.

    Parameters
    ----------
    records : Records
        The records of the workspace.

    Returns
    -------
    frozenset of str
        Whole texts of the columns of `PERSONAL`, of 4 to 80 letters.
    """
    texts = {
        str(value)
        for kind, columns in PERSONAL.items()
        for record in records.list(kind)
        for value in (record[column] for column in columns)
        if value
    }
    return frozenset(t for t in texts if 4 <= len(t) <= 80)


def _digest(files: Mapping[str, bytes]) -> str:
    seen = hashlib.sha256()
    for name in sorted(files):
        seen.update(f"{name}\0{len(files[name])}\0".encode())
        seen.update(files[name])
    return seen.hexdigest()
