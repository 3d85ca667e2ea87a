"""How to report a crime and who helps: the list that forms show, which a council can edit."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from geodata import durable
from geodata.errors import SaferWalksError
from geodata.package_files import package_text

FILE_NAME = "reporting.toml"
LISTS = ("route", "support", "ring")
LONGEST = 200


@dataclass(frozen=True)
class Way:
    """One way to report, or to get help.

    Attributes
    ----------
    name : str
        What or whom it is for.
    how : str
        A number to ring or text, or an address.
    """

    name: str
    how: str


Ways = Mapping[str, tuple[Way, ...]]
"""'route': how to report; 'support': help that is not the police; 'ring': whom a walk lead rings
beside the safeguarding officers when somebody may be at risk."""


def ways(folder: Path) -> Ways:
    """Read the list of a workspace, or the one that comes with the program.

    Raises
    ------
    SaferWalksError
        If the workspace's own file is not as it must be.

    Examples
    --------
    >>> [way.how for way in ways(Path("no-workspace"))["route"]][:4]
    ['999', '101', 'www.police.uk', '0800 555 111']
    """
    own = folder / FILE_NAME
    text = (
        own.read_text("utf-8")
        if own.is_file()
        else package_text("geodata.wording", "reporting.toml")
    )
    try:
        return _checked(tomllib.loads(text))
    except tomllib.TOMLDecodeError as fault:
        raise SaferWalksError(
            "The list of ways to report is not TOML", got=str(fault),
            todo=f"mend or remove {FILE_NAME} in the workspace",
        ) from fault  # fmt: skip


def save_ways(folder: Path, changed: Mapping[str, Sequence[Mapping[str, str]]]) -> Ways:
    """Store a workspace's own list.

    Parameters
    ----------
    folder : Path
        The workspace.
    changed : mapping
        'route', 'support' and 'ring', each a list of `name` and `how`. Lines without either go.

    Raises
    ------
    SaferWalksError
        If a line is too long or half empty, or nothing is left under 'route'.
    """
    content = {
        part: [
            {name: str(line.get(name) or "").strip() for name in ("name", "how")}
            for line in changed.get(part, ())
            if str(line.get("name") or "").strip() or str(line.get("how") or "").strip()
        ]
        for part in LISTS
    }
    checked = _checked(content)
    if not checked["route"]:
        raise SaferWalksError("No way to report would be left", todo="keep at least one")
    # Not under the workspace's lock, which an import may hold for minutes: whoever calls this
    # holds the records, and the file is swapped whole.
    durable.write_file(folder / FILE_NAME, tomli_w.dumps(content).encode())
    return checked


def _checked(content: Mapping[str, Any]) -> Ways:
    return {part: tuple(_way(line, part) for line in content.get(part, ())) for part in LISTS}


def _way(line: Mapping[str, Any], part: str) -> Way:
    name, how = str(line.get("name", "")).strip(), str(line.get("how", "")).strip()
    if not name or not how or max(len(name), len(how)) > LONGEST:
        raise SaferWalksError(
            "A way to report needs a name and how, each of 200 characters at most",
            got=f"{part}: {(name or how)[:60]}",
        )
    return Way(name, how)
