"""Plan a programme and choose places: `plan`, `need`, `decide`, `check-decision`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from analysis.commands.answers import Answer
from analysis.commands.words import (
    Catchment,
    ComparedPlaces,
    Json,
    Normaliser,
    PresetName,
    SideLength,
    SourceName,
    Weights,
    Window,
    calendar_day,
    csv_file,
    month,
    opened,
    settled,
    this_moment,
    weights_of,
)

if TYPE_CHECKING:
    from analysis.planning.wishes import WishKind

app = typer.Typer()


def _off(values: list[str] | None) -> list[str]:
    from analysis.planning.wishes import LABELS

    unknown = [value for value in values or [] if value not in LABELS]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is not one of {', '.join(LABELS)}.")
    return values or []


@app.command()
def plan(
    ctx: typer.Context,
    events: Annotated[
        Path,
        typer.Option(metavar="FILE", help="List of events: .csv, .xlsx, or text as published."),
    ],
    out: Annotated[Path, typer.Option(callback=csv_file, help="File to write: .csv.")],
    first: Annotated[
        str | None,
        typer.Option(
            "--from",
            callback=calendar_day,
            metavar="YYYY-MM-DD",
            help="First day of the programme.",
        ),
    ] = None,
    last: Annotated[
        str | None,
        typer.Option(
            "--to",
            callback=calendar_day,
            metavar="YYYY-MM-DD",
            help="Last day: dates are proposed.",
        ),
    ] = None,
    as_at: Annotated[
        str | None,
        typer.Option(callback=month, metavar="YYYY-MM", help="Last month of reports used."),
    ] = None,
    teams: Annotated[int, typer.Option(min=1, help="Events that can run on one day.")] = 1,
    per_ward_quarter: Annotated[int, typer.Option(min=1, help="Most in a ward and quarter.")] = 2,
    spacing: Annotated[int, typer.Option(min=0, help="Metres between any two places.")] = 400,
    ward_days: Annotated[int, typer.Option(min=0, help="Days between two events in a ward.")] = 14,
    hours_week: Annotated[
        float | None, typer.Option(min=0, help="Most hours of events in one week.")
    ] = None,
    step_free: Annotated[
        bool, typer.Option("--step-free", help="Only places known to be reached without steps.")
    ] = False,
    preset: Annotated[
        str, typer.Option(metavar="NAME", help="A saved preset, in place of the one it is from.")
    ] = "",
    hold_months: Annotated[int, typer.Option(min=0, help="Months a visited place waits.")] = 6,
    coverage: Annotated[
        float, typer.Option(min=0, max=1, help="Share chosen where no walk was for longest.")
    ] = 0.2,
    off: Annotated[
        list[str] | None,
        typer.Option(callback=_off, metavar="WISH", help="Do not ask for this; repeatable."),
    ] = None,
    avoid: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Dates to keep off besides the calendar's: first, last, name."
        ),
    ] = None,
    today: Annotated[
        str | None,
        typer.Option(callback=calendar_day, metavar="YYYY-MM-DD", help="Day of planning."),
    ] = None,
    _json: Json = False,
) -> Answer:
    """Propose a place, a ward, a date and a time for every event that lacks one, with reasons."""
    from analysis.jobs.plan import calendar_of, plan_file
    from analysis.planning.wishes import Wishes

    if bool(first) != bool(last):
        raise typer.BadParameter("Say --from and --to together.")
    period = (dt.date.fromisoformat(first), dt.date.fromisoformat(last)) if first and last else None
    wishes = Wishes(
        teams=teams, per_ward_quarter=per_ward_quarter, spacing_m=float(spacing),
        ward_days=ward_days, hold_months=hold_months, coverage_share=coverage,
        hours_week=hours_week, step_free=step_free,
        avoid=calendar_of(avoid) if avoid else (),
    ).without(*cast("list[WishKind]", off or []))  # fmt: skip
    workspace = opened(ctx)
    found = plan_file(
        workspace, events, out, wishes=wishes, period=period, as_at=as_at,
        preset=settled(workspace, preset) if preset else "",
        calendar="avoid_date" not in (off or []),
        today=dt.date.fromisoformat(today or this_moment()[:10]),
    )  # fmt: skip
    return {**found.to_json(), "out": str(out)}


@app.command()
def need(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(callback=csv_file, help="File to write: .csv.")],
    as_at: Annotated[
        str | None,
        typer.Option(callback=month, metavar="YYYY-MM", help="Last month of reports and walks."),
    ] = None,
    preset: PresetName = "walkabout",
    source: SourceName = None,
    _json: Json = False,
) -> Answer:
    """Set reports and walks of every ward side by side: who gets walks, and who has waited."""
    from analysis.jobs.exports import save_table
    from analysis.jobs.need import need as work_out

    workspace = opened(ctx)
    found = work_out(workspace, as_at=as_at, source=source, preset=settled(workspace, preset))
    save_table(found.readable, out, kind=workspace.kind, source=found.selection.source)
    return {**found.to_json(), "out": str(out)}


@app.command()
def decide(
    ctx: typer.Context,
    place: Annotated[str, typer.Argument(help="As `score` lists it: location_id.")],
    preset: PresetName,
    reason: Annotated[list[str], typer.Option(metavar="CODE", help="As asb_reports; repeatable.")],
    words: Annotated[
        str, typer.Option(metavar="TEXT", help="Why, in words: needed beyond the first ten.")
    ] = "",
    by: Annotated[str, typer.Option(metavar="POST", help="Who decided.")] = "command line",
    as_at: Annotated[
        str | None, typer.Option(callback=month, metavar="YYYY-MM", help="Last month of reports.")
    ] = None,
    side: SideLength = 200,
    source: SourceName = None,
    places: ComparedPlaces = "hexagons",
    catchment: Catchment = 200,
    normaliser: Normaliser = None,
    window: Window = None,
    weight: Weights = None,
    _json: Json = False,
) -> Answer:
    """Record that a place was chosen, with the score, weights and data it was chosen by."""
    from analysis.jobs.decide import decide as record

    workspace = opened(ctx)
    made = record(
        workspace, place, preset=settled(workspace, preset), reasons=reason, words=words, by=by,
        as_at=as_at, side=side, source=source, places=places, catchment=catchment,
        normaliser=normaliser, window=None if window is None else int(window),
        weights=weights_of(weight), at=dt.datetime.fromisoformat(this_moment()),
    )  # fmt: skip
    return {"decision_id": made.id, "rank": made["rank"], "score": made["score"]}


@app.command("check-decision")
def check_decision(
    ctx: typer.Context,
    decision: Annotated[str, typer.Argument(help="As DEC-2026-0001.")],
    _json: Json = False,
) -> Answer:
    """Work the score of a decision out again, from its snapshot and from the data."""
    from analysis.jobs.decide import check_decision as check

    return check(opened(ctx), decision)
