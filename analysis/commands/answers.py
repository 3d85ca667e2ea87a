"""What a command found, and how it is said: to a program as JSON, to people in words."""

from __future__ import annotations

import json
import os
from typing import Any, TextIO

import typer

LONG_LIST = 8
"""A list longer than this is shortened for people; `--json` always has all of it."""

Answer = dict[str, Any]
"""What a command found, under the keys that `--json` shows."""


def print_out(out: TextIO, text: str) -> None:
    """Print to where answers go; a reader that has gone away (`| head`) is no fault."""
    try:
        typer.echo(text, file=out)
    except BrokenPipeError:
        # The reader has gone (`| head`). Python would try to flush once more on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())


def as_json(answer: Answer) -> str:
    """Write an answer as the one JSON object of `--json`."""
    return json.dumps(answer, allow_nan=False)


def as_text(answer: Answer) -> str:
    """Write an answer for people: what it comes to first, then every key with its value."""
    said = [str(answer["message"])] if answer.get("message") else []
    rest = (f"{_label(key)}: {_words(v)}" for key, v in answer.items() if key != "message")
    return "\n".join([*said, *rest])


def _label(key: str) -> str:
    return key.replace("_", " ")


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{_label(key)} {_words(v)}" for key, v in value.items())
    if isinstance(value, list | tuple):
        return _list_words(list(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"
    return "not known" if value is None or value == "" else str(value)


def _list_words(items: list[object]) -> str:
    if any(isinstance(item, dict) for item in items):
        return "".join(f"\n  - {_words(item)}" for item in items)
    if len(items) > LONG_LIST:
        return f"{_words(items[0])} ... {_words(items[-1])} ({len(items)} in all)"
    return ", ".join(map(_words, items)) or "none"
