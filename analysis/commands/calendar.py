"""Days that no event should fall on: `calendar list`, `calendar add`, `calendar remove`."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from analysis.commands.answers import Answer
from analysis.commands.words import Json, calendar_day, opened, this_moment

app = typer.Typer(no_args_is_help=True, help="Days that no event should fall on.")

By = Annotated[str, typer.Option(metavar="POST", help="Who does it.")]


@app.command("list")
def list_(ctx: typer.Context, _json: Json = False) -> Answer:
    """List the days to keep off."""
    from analysis.jobs.avoiding import dates_to_avoid

    kept = dates_to_avoid(opened(ctx))
    days = {name: kept[name].astype(str).str.slice(0, 10) for name in ("first_on", "last_on")}
    return {"count": len(kept), "dates": kept.assign(**days).to_dict("records")}


@app.command("add")
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What they are: Ramadan evenings, half-term.")],
    first: Annotated[
        str, typer.Option("--from", callback=calendar_day, metavar="YYYY-MM-DD", help="First day.")
    ],
    last: Annotated[
        str | None,
        typer.Option("--to", callback=calendar_day, metavar="YYYY-MM-DD", help="Last day."),
    ] = None,
    by: By = "command line",
    _json: Json = False,
) -> Answer:
    """Add days to keep off."""
    from analysis.jobs.avoiding import avoid

    made = avoid(
        opened(ctx), name, dt.date.fromisoformat(first),
        None if last is None else dt.date.fromisoformat(last), by=by,
        at=dt.datetime.fromisoformat(this_moment()),
    )  # fmt: skip
    return {"avoid_id": made.id, "name": made["name"]}


@app.command("remove")
def remove(
    ctx: typer.Context,
    avoid_id: Annotated[str, typer.Argument(help="As AVD-2026-0001.")],
    by: By = "command line",
    _json: Json = False,
) -> Answer:
    """Take days out of the calendar."""
    from analysis.jobs.avoiding import avoid_no_more

    at = dt.datetime.fromisoformat(this_moment())
    gone = avoid_no_more(opened(ctx), avoid_id, by=by, at=at)
    return {"avoid_id": gone.id, "name": gone["name"]}
