"""What people read on the forms, language by language, from files that need no code.

A language is a TOML file named by its code, here or in the folder `wording` of a workspace. What it
leaves out is shown in English. The words of codes come from `geodata.records.vocabularies` unless
a language brings its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from geodata.errors import SaferWalksError
from geodata.records.vocabularies import FEELINGS, LISTS, MONITORING, RATINGS

ENGLISH = "en-GB"
FOLDER = "wording"
"""Folder of a workspace with further languages."""
_OTHER_FILES = ("reporting",)


@dataclass(frozen=True)
class Wording:
    """The words of one language.

    Attributes
    ----------
    code : str
        As `en-GB`; goes into the page's `lang`.
    name : str
        What the language calls itself.
    texts : mapping of str to str
        Key such as 'form.feel_now' to its words.
    """

    code: str
    name: str
    texts: Mapping[str, str]

    def __getitem__(self, key: str) -> str:
        """Give the words of a key; English ones where this language has none.

        Raises
        ------
        KeyError
            If no language has it: a fault of ours.
        """
        return self.texts[key] if key in self.texts else _english()[key]

    def options(self, name: str) -> dict[str, str]:
        """Give the codes of a list with their words, in order.

        Examples
        --------
        >>> wording().options("response_mode")["group_consensus"]
        'The group agreed'
        """
        return {
            code: self.texts.get(f"list.{name}.{code}", words)
            for code, words in _codes(name).items()
        }

    def section(self, prefix: str) -> dict[str, str]:
        """Give every text under a prefix, by the rest of its key.

        Examples
        --------
        >>> wording().section("form.state")["sent"]
        'Sent'
        """
        start = f"{prefix}."
        keys = [key for key in _english() if key.startswith(start)]
        return {key.removeprefix(start): self[key] for key in keys}


def wording(code: str = ENGLISH, *, folder: Path | None = None) -> Wording:
    """Load the words of a language.

    Parameters
    ----------
    code : str
        Of `languages`.
    folder : Path, optional
        A workspace, whose own languages count too.

    Raises
    ------
    SaferWalksError
        If there is no such language, or its file cannot be used.
    """
    if code not in languages(folder=folder):
        raise SaferWalksError("There is no such language here", got=code[:40])
    own = _own_file(code, folder)
    texts = _flat(_parse(own.read_text("utf-8"), own.name)) if own else _shipped(code)
    unknown = [key for key in texts if not key.startswith("list.") and key not in _english()]
    if unknown:
        raise SaferWalksError(
            f"The file of the language {code} has a text that no form shows", got=unknown[0],
            todo="take it out, or spell its key as en-GB.toml does",
        )  # fmt: skip
    return Wording(code, texts.get("language", code), texts)


def languages(*, folder: Path | None = None) -> dict[str, str]:
    """List the languages there are: code to what it calls itself, English first.

    Examples
    --------
    >>> languages()
    {'en-GB': 'English'}
    """
    found = {
        path.name.removesuffix(".toml"): path.read_text("utf-8")
        for path in files("geodata.wording").iterdir()
        if path.name.endswith(".toml") and path.name.removesuffix(".toml") not in _OTHER_FILES
    }
    for path in sorted((folder / FOLDER).glob("*.toml")) if folder else ():
        found[path.stem] = path.read_text("utf-8")
    named = {code: str(_parse(text, code).get("language", code)) for code, text in found.items()}
    return {code: named[code] for code in sorted(named, key=lambda c: (c != ENGLISH, c))}


def untranslated(words: Wording) -> list[str]:
    """List the keys that a language leaves to English.

    Examples
    --------
    >>> untranslated(wording())
    []
    """
    return [key for key in _english() if key not in words.texts]


def _codes(name: str) -> Mapping[str, str]:
    if name == "feeling":
        return {str(number): words for number, words in FEELINGS.items()}
    if name.startswith("rating."):
        levels = RATINGS[name.removeprefix("rating.")]
        return {str(level): words for level, words in enumerate(levels)}
    if name.startswith("monitoring."):
        return MONITORING[name.removeprefix("monitoring.")]
    return LISTS[name]


def _own_file(code: str, folder: Path | None) -> Path | None:
    path = folder / FOLDER / f"{code}.toml" if folder else None
    return path if path and path.is_file() else None


@cache
def _shipped(code: str) -> dict[str, str]:
    text = files("geodata.wording").joinpath(f"{code}.toml").read_text("utf-8")
    return _flat(_parse(text, code))


def _english() -> dict[str, str]:
    return _shipped(ENGLISH)


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise SaferWalksError(
            f"The file of the language {name} is not TOML", got=str(fault),
            todo="mend that line; every text stands between quotation marks",
        ) from fault  # fmt: skip


def _flat(content: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """Turn sections into keys with dots."""
    flat: dict[str, str] = {}
    for name, value in content.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{before}{name}.")
        else:
            flat[f"{before}{name}"] = str(value)
    return flat
