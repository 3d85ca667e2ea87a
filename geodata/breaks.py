"""Known breaks in a series: months from which counts are no longer comparable with those before.

The national ones ship with the program (`breaks.toml`); a team adds its own, which are kept in the
settings of its workspace: a new way to report, a change of recording, a boundary moved.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from geodata import durable
from geodata import months as m
from geodata.errors import SaferWalksError
from geodata.package_files import package_text
from geodata.vocabularies import resolve_categories

SETTINGS = "settings"
FILE = "breaks.toml"
LONGEST = 200


@dataclass(frozen=True)
class KnownBreak:
    """A month from which a series is no longer comparable with what came before.

    Attributes
    ----------
    month : str
        First month of the new series, 'YYYY-MM'.
    label : str
        What changed, in words.
    sources : tuple of str
        Sources it touches; all when empty.
    moves : tuple of str
        Kinds of report between which it moved reports, one group of kinds an entry, as
        `geodata.vocabularies.resolve_categories` reads them. A count of all of them together, or
        of none, has no break. Empty: every count has it.
    """

    month: str
    label: str
    sources: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()

    def touches(self, source: str, categories: Collection[str]) -> bool:
        """Tell whether counts of these categories of a source change their meaning here.

        Examples
        --------
        >>> (gas,) = national_breaks()
        >>> asb = resolve_categories(["asb"])
        >>> gas.touches("police_uk", asb), gas.touches("police_uk", (*asb, "drugs"))
        (True, False)
        >>> gas.touches("police_uk", ["burglary"]), gas.touches("council_asb", asb)
        (False, False)
        """
        if self.sources and source not in self.sources:
            return False
        if not self.moves:
            return True
        counted = set(categories)
        met = [bool(counted & set(resolve_categories([name]))) for name in self.moves]
        return any(met) and not all(met)


def national_breaks() -> tuple[KnownBreak, ...]:
    """List the breaks that ship with the program, oldest first.

    Examples
    --------
    >>> [known.month for known in national_breaks()]
    ['2023-11']
    """
    return _parsed(package_text("geodata", "breaks.toml"), "breaks.toml")


def own_breaks(workspace: Path) -> tuple[KnownBreak, ...]:
    """List the breaks a team added to its workspace, oldest first.

    Raises
    ------
    SaferWalksError
        If the file was edited by hand and cannot be read.
    """
    path = workspace / SETTINGS / FILE
    if not path.is_file():
        return ()
    return _parsed(path.read_text(encoding="utf-8"), str(path))


def add_break(workspace: Path, month: str, label: str) -> tuple[KnownBreak, ...]:
    """Add a break to a workspace; the same month and words again change nothing.

    Parameters
    ----------
    workspace : Path
        Folder of the workspace.
    month : str
        First month of the new series, 'YYYY-MM'.
    label : str
        What changed, up to 200 letters.

    Returns
    -------
    tuple of KnownBreak
        All of the workspace's own, oldest first.

    Raises
    ------
    SaferWalksError
        If the month is not one or nothing is said.
    """
    words = " ".join(label.split())
    if not m.is_month(month) or not words or len(words) > LONGEST:
        raise SaferWalksError(
            "A break is a month and a few words on what changed", got=f"{month!r}, {words[:40]!r}",
            todo=f"write the month as YYYY-MM, and up to {LONGEST} letters",
        )  # fmt: skip
    with durable.locked(workspace):
        kept = {*own_breaks(workspace), KnownBreak(month, words)}
        return _written(workspace, sorted(kept, key=_order))


def remove_break(workspace: Path, month: str, label: str = "") -> tuple[KnownBreak, ...]:
    """Take a break out of a workspace again.

    Parameters
    ----------
    workspace : Path
        Folder of the workspace.
    month : str
        Its month.
    label : str, optional
        Its words, where several stand for that month.

    Returns
    -------
    tuple of KnownBreak
        Those that remain.

    Raises
    ------
    SaferWalksError
        If there is none.
    """
    with durable.locked(workspace):
        have = own_breaks(workspace)
        gone = {each for each in have if each.month == month and label in ("", each.label)}
        if not gone:
            raise SaferWalksError(
                "The workspace has no such break of its own", got=month,
                todo="the national ones cannot be taken out; `breaks list` shows both",
            )  # fmt: skip
        return _written(workspace, [each for each in have if each not in gone])


def _order(each: KnownBreak) -> tuple[str, str]:
    return each.month, each.label


def _written(workspace: Path, breaks: Sequence[KnownBreak]) -> tuple[KnownBreak, ...]:
    head = (
        "# Breaks this team knows of; `safer-walks breaks` and the Trends page write this file.\n\n"
    )
    content = {"break": [{"month": each.month, "label": each.label} for each in breaks]}
    durable.write_file(workspace / SETTINGS / FILE, (head + tomli_w.dumps(content)).encode())
    return tuple(breaks)


def _parsed(text: str, where: str) -> tuple[KnownBreak, ...]:
    try:
        found = tomllib.loads(text).get("break", [])
        return tuple(sorted((_one(each) for each in found), key=_order))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise SaferWalksError(
            "The list of known breaks cannot be read", got=f"{where}: {error}",
            todo="mend the file, or delete it and add the breaks again on the Trends page",
        ) from error  # fmt: skip


def _one(entry: dict[str, Any]) -> KnownBreak:
    month, label = entry["month"], entry["label"]
    if not m.is_month(month) or not isinstance(label, str):
        raise TypeError(f"{month!r} is not a month, or its label not a text")
    return KnownBreak(month, label, tuple(entry.get("sources", ())), tuple(entry.get("moves", ())))
