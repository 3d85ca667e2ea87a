"""Look at, replace and switch ward boundaries: `wards list`, `wards replace`, `wards use`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analysis.commands.answers import Answer
from analysis.commands.words import (
    FirstMonth,
    Json,
    LastMonth,
    SourceName,
    folder,
    opened,
    show_progress,
    this_moment,
)

app = typer.Typer(no_args_is_help=True, help="Look at, replace and switch ward boundaries.")

Name = Annotated[str, typer.Argument(metavar="VINTAGE", help="As `wards list` gives it.")]


@app.command("list")
def list_(ctx: typer.Context, _json: Json = False) -> Answer:
    """List the ward boundaries this workspace has had, the ones in use first."""
    from analysis.jobs.ward_boundaries import list_vintages

    return {"vintages": list_vintages(opened(ctx)).to_dict("records")}


@app.command()
def replace(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The new boundaries.")],
    code: Annotated[str | None, typer.Option(metavar="COLUMN", help="Ward codes.")] = None,
    name: Annotated[str | None, typer.Option(metavar="COLUMN", help="Ward names.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change; store nothing.")
    ] = False,
    _json: Json = False,
) -> Answer:
    """Replace the ward boundaries. Stored reports are joined again, and the old ones stay."""
    from analysis.jobs.ward_boundaries import preview_wards, replace_wards

    if dry_run:
        return preview_wards(opened(ctx), file, code=code, name=name).to_json()
    return replace_wards(
        folder(ctx), file, code=code, name=name, at=this_moment(), progress=show_progress
    ).to_json()


@app.command()
def use(ctx: typer.Context, vintage: Name, _json: Json = False) -> Answer:
    """Go back to boundaries that were in use before. Stored reports are joined again."""
    from analysis.jobs.ward_boundaries import use_vintage

    return use_vintage(folder(ctx), vintage, at=this_moment(), progress=show_progress).to_json()


@app.command()
def counts(
    ctx: typer.Context,
    vintage: Name,
    first: FirstMonth = None,
    last: LastMonth = None,
    source: SourceName = None,
    _json: Json = False,
) -> Answer:
    """Count anti-social behaviour by the wards of any of these boundaries; changes nothing."""
    from analysis.jobs.ward_boundaries import counts_by_vintage

    table = counts_by_vintage(opened(ctx), vintage, source=source, first=first, last=last)
    return {"vintage": vintage, "by_ward": table.to_dict("records")}
