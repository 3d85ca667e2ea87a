"""What people said of places and of themselves: `concern`, `taking-part`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from analysis.commands.answers import Answer
from analysis.commands.evidence import LastKnown
from analysis.commands.words import Json, SideLength, csv_file, opened, this_moment

app = typer.Typer()


@app.command()
def concern(
    ctx: typer.Context,
    as_at: LastKnown = None,
    out: Annotated[
        Path | None, typer.Option(callback=lambda v: v and csv_file(v), help="File to write: .csv.")
    ] = None,
    side: SideLength = 200,
    _json: Json = False,
) -> Answer:
    """Say how many felt unsafe, by place and light, beside what is reported there; for staff."""
    from analysis.jobs.concern import concern as gather
    from analysis.jobs.exports import save_table

    workspace = opened(ctx)
    found = gather(workspace, as_at=as_at, side=side)
    if out is not None:
        save_table(found.table, out, kind=workspace.kind, source="police_uk")
    return {**found.to_json(), **({"out": str(out)} if out else {})}


@app.command("taking-part")
def taking_part_(ctx: typer.Context, _json: Json = False) -> Answer:
    """Count what people said about themselves on forms, a year to the last quarter; for staff."""
    from analysis.jobs.taking_part import taking_part

    today = dt.datetime.fromisoformat(this_moment()).date()
    return taking_part(opened(ctx), today=today).to_json()
