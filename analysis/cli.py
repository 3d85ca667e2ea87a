"""The command line: `safer-walks [--workspace DIR] COMMAND ... [--json]`.

Thin on purpose: read the words, call one job, hand over its answer. Everything here can be done on
a page too, through the same functions. The commands stand in `analysis.commands`.

With `--json` there is one JSON object on standard output and nothing else; progress and messages
go to standard error. Exit codes: 0 done; 1 the data are at fault (a file that is not there
included); 2 the command was not understood. Heavy libraries are imported inside the commands, so
that a wrong word is answered at once.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from typer.main import get_command

from analysis.commands import (
    build,
    calendar,
    context,
    data,
    evidence,
    explore,
    fetch,
    pack,
    people,
    places,
    plan,
    presets,
    records,
    route,
    serve,
    transparency,
    trends,
    voice,
    wards,
)
from analysis.commands.answers import as_json, as_text, print_out
from analysis.commands.words import Json, Said
from geodata.errors import SaferWalksError, how_to_open

DONE, DATA_AT_FAULT, USAGE = 0, 1, 2

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for group in (
    data,
    fetch,
    explore,
    evidence,
    trends,
    voice,
    plan,
    route,
    pack,
    records,
    build,
    transparency,
    serve,
):
    app.add_typer(group.app)
app.add_typer(people.app, name="users")
for name, commands in records.groups.items():
    app.add_typer(commands, name=name)
app.add_typer(wards.app, name="wards")
app.add_typer(places.app, name="places")
app.add_typer(context.app, name="context")
app.add_typer(presets.app, name="presets")
app.add_typer(calendar.app, name="calendar")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after `safer-walks`; those of the process when not given.

    Returns
    -------
    int
        0 done, 1 the data are at fault, 2 usage, 130 interrupted.

    Examples
    --------
    >>> main(["counts", "--by", "ward", "--out", "wards.csv", "--from", "2026-13"])
    2
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    out = sys.stdout
    wants_json = "--json" in words
    try:
        # A library that prints would spoil the one object: what is not ours goes to stderr.
        with contextlib.redirect_stdout(sys.stderr) if wants_json else contextlib.nullcontext():
            answer = _command()(words, prog_name="safer-walks", standalone_mode=False, obj=out)
    except typer.TyperException as fault:
        _show(fault)
        return _fail(out, fault.format_message(), code=USAGE, wants_json=wants_json)
    except SaferWalksError as fault:
        typer.echo(str(fault), err=True)
        return _fail(out, str(fault), code=DATA_AT_FAULT, wants_json=wants_json)
    except OSError as fault:
        what = f"{fault.filename or 'A file'} cannot be used"
        got = fault.strerror or str(fault)
        message = str(SaferWalksError(what, got=got, todo=how_to_open(fault)))
        typer.echo(message, err=True)
        return _fail(out, message, code=DATA_AT_FAULT, wants_json=wants_json)
    if isinstance(answer, int):
        return answer
    print_out(out, as_json(answer) if wants_json else as_text(answer))
    return DONE


@cache
def _command() -> Callable[..., Any]:
    """Make the commands out of their functions; to do so takes longer than most of them run."""
    return get_command(app)


def _show(fault: typer.TyperException) -> None:
    """Print a usage error with the usage of its command, which only Typer's inner classes know."""
    show = getattr(fault, "show", None)
    if show is None:
        typer.echo(f"Error: {fault.format_message()}", err=True)
    else:
        show()


def _fail(out: TextIO, message: str, *, code: int, wants_json: bool) -> int:
    if wants_json:
        print_out(out, as_json({"error": message}))
    return code


@app.callback()
def choose_workspace(
    ctx: typer.Context,
    workspace: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder that holds the data. Default: $SAFER_WALKS_WORKSPACE or ./workspace.",
        ),
    ] = None,
    _json: Json = False,
) -> None:
    """Choose where walkabouts and women's safety walks run, and show what came of them."""
    ctx.obj = Said(workspace, ctx.obj, as_json=_json)
