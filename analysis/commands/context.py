"""Counts by ward that others publish: `context add`, `list`, `show`, `remove`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analysis.commands.answers import Answer
from analysis.commands.words import Json, folder, month, opened, this_moment

app = typer.Typer(
    no_args_is_help=True,
    help="Counts by ward that others publish, shown beside the reports and never in a score.",
)


@app.command()
def add(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV or parquet: ward, month, count.")
    ],
    title: Annotated[str, typer.Option(help="What is counted, in words.")],
    by: Annotated[str, typer.Option(metavar="COLUMN", help="Keep its values apart.")] = "",
    publisher: Annotated[str, typer.Option(help="Who counted.")] = "Metropolitan Police",
    licence: Annotated[str, typer.Option(help="What it may be used under.")] = (
        "Open Government Licence v3.0"
    ),
    _json: Json = False,
) -> Answer:
    """Bring in a table of counts by ward and month, such as violence against women and girls."""
    from analysis.jobs.context import add_context

    return add_context(
        folder(ctx), file, title=title, by=by, publisher=publisher, licence=licence,
        at=this_moment(),
    )  # fmt: skip


@app.command("list")
def list_(ctx: typer.Context, _json: Json = False) -> Answer:
    """List these tables, with source, licence and months."""
    from analysis.jobs.context import ward_context

    tables = ward_context(opened(ctx))
    return {"tables": [{"name": t.name, **t.origin} for t in tables]}


@app.command()
def show(
    ctx: typer.Context,
    as_at: Annotated[
        str | None, typer.Option(callback=month, metavar="YYYY-MM", help="Last month counted.")
    ] = None,
    _json: Json = False,
) -> Answer:
    """Count each table by ward over twelve months."""
    from analysis.jobs.context import ward_context

    return {"tables": [t.to_json() for t in ward_context(opened(ctx), as_at=as_at)]}


@app.command()
def remove(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="As `context list` gives it.")],
    _json: Json = False,
) -> Answer:
    """Take one of these tables out."""
    from analysis.jobs.context import remove_context

    remove_context(folder(ctx), name)
    return {"removed": name}
