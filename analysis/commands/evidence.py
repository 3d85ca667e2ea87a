"""Look back: `evaluate` (did it work?) and `backtest` (how would the list have done?)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analysis.commands.answers import Answer
from analysis.commands.trends import OptionalTable
from analysis.commands.words import (
    Categories,
    Json,
    Preset,
    SideLength,
    SourceName,
    csv_file,
    month,
    opened,
)

app = typer.Typer()

LastKnown = Annotated[
    str | None,
    typer.Option(
        "--as-at", callback=month, metavar="YYYY-MM",
        help="Last month used, itself included. Default: the newest stored.",
    ),
]  # fmt: skip


def shares(value: str) -> str:
    """Refuse what is not a list of shares of the area."""
    try:
        numbers = [float(text) for text in value.split(",")]
    except ValueError as fault:
        raise typer.BadParameter(f"{value!r} is not like 0.01,0.05.") from fault
    if not all(0 < number <= 1 for number in numbers):
        raise typer.BadParameter("a share of the area is above 0 and at most 1.")
    return value


def day(value: str) -> str:
    """Refuse what is neither a date nor a month."""
    from analysis.jobs.evaluate import month_of
    from geodata.errors import SaferWalksError

    try:
        month_of(value)
    except SaferWalksError as fault:
        raise typer.BadParameter(f"{value!r} is not a date; write it as in 2025-10-24.") from fault
    return value


@app.command()
def evaluate(
    ctx: typer.Context,
    sites: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            help="Where: CSV (easting and northing, hexagon, or name), GeoJSON or GeoPackage.",
        ),
    ],
    on: Annotated[
        str, typer.Option(callback=day, metavar="DATE", help="When: YYYY-MM-DD or YYYY-MM.")
    ],
    as_at: LastKnown = None,
    out: OptionalTable = None,
    months: Annotated[int, typer.Option(min=3, max=36, help="Months before and after.")] = 12,
    category: Categories = None,
    side: SideLength = 200,
    source: SourceName = None,
    _json: Json = False,
) -> Answer:
    """Compare before and after at places where something was done, with comparable places."""
    from analysis.jobs.evaluate import evaluate_file
    from analysis.jobs.exports import save_table

    workspace = opened(ctx)
    found = evaluate_file(
        workspace, sites, on=on, as_at=as_at, months=months, side=side, source=source,
        categories=category or (),
    )  # fmt: skip
    if out is None:
        return found.to_json()
    save_table(found.table, out, kind=workspace.kind, source=found.selection.source)
    return {**found.to_json(), "out": str(out)}


@app.command()
def backtest(
    ctx: typer.Context,
    as_at: LastKnown = None,
    horizon: Annotated[
        int, typer.Option(min=1, max=12, help="Months after each list it is judged by.")
    ] = 3,
    coverage: Annotated[
        str, typer.Option(callback=shares, help="Shares of the area, comma-separated.")
    ] = "0.01,0.05,0.1",
    preset: Annotated[Preset, typer.Option(help="Whose list.")] = "walkabout",
    out: Annotated[
        Path | None,
        typer.Option(
            callback=lambda value: None if value is None else csv_file(value),
            help="File to write: .csv.",
        ),
    ] = None,
    category: Categories = None,
    side: SideLength = 200,
    source: SourceName = None,
    _json: Json = False,
) -> Answer:
    """Judge the priority list as it was by the months that followed, beside plain counts."""
    from analysis.jobs.backtest import backtest as look_back
    from analysis.jobs.exports import save_table

    workspace = opened(ctx)
    found = look_back(
        workspace, preset=preset, horizon=horizon, as_at=as_at, side=side, source=source,
        coverage=[float(text) for text in coverage.split(",")], categories=category or (),
    )  # fmt: skip
    if out is None:
        return found.to_json()
    save_table(found.table, out, kind=workspace.kind, source=found.selection.source)
    return {**found.to_json(), "out": str(out)}
