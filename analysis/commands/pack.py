"""What is handed on: packs, sheets, the public calendar, and how small a number may be."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal

import typer

from analysis.commands.answers import Answer
from analysis.commands.words import (
    FirstMonth,
    Json,
    LastMonth,
    calendar_day,
    opened,
    show_progress,
    this_moment,
    with_ending,
)

app = typer.Typer()


def _ics_file(value: Path) -> Path:
    return with_ending(value, (".ics",))


def _sheet_file(value: Path) -> Path:
    return with_ending(value, (".pdf", ".html"))


PackFor = Literal["public", "panel", "internal"]


@app.command()
def pack(
    ctx: typer.Context,
    audience: Annotated[PackFor, typer.Option(help="Who may have it.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write the zips to.")],
    ward: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="A ward's code or name; repeatable.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All wards.")] = False,
    first: FirstMonth = None,
    last: LastMonth = None,
    as_at: Annotated[
        str | None,
        typer.Option(callback=calendar_day, metavar="YYYY-MM-DD", help="Day of the actions."),
    ] = None,
    prepared_by: Annotated[
        str, typer.Option(metavar="TEAM", help="Printed on it: a team or post.")
    ] = "Community safety team",
    publish: Annotated[
        bool, typer.Option("--publish", help="Not a draft: keep it in the workspace for good.")
    ] = False,
    why: Annotated[str, typer.Option(help="For a correction: what was wrong.")] = "",
    _json: Json = False,
) -> Answer:
    """Make what a ward panel needs: page, PDF, tables and map of each ward, zipped."""
    from analysis.jobs.pack import Wanted, make_packs, publish_packs, write_packs
    from analysis.report.tables import make_folder

    if bool(ward) == every:
        raise typer.BadParameter("Name a ward with --ward, or say --all.")
    make_folder(out)  # before the work, so that a wrong name costs no time
    workspace, at = opened(ctx), dt.datetime.fromisoformat(this_moment())
    day = dt.date.fromisoformat(as_at) if as_at else None
    wanted = Wanted(tuple(ward or ()), audience, first, last, day, prepared_by)
    made = make_packs(workspace, wanted, at=at, draft=not publish, progress=show_progress)
    # Published first: what may not leave is refused before a file is written.
    kept = publish_packs(workspace, made, by="command line", at=at, why=why) if publish else []
    paths = write_packs(made, out)
    answer: Answer = {**made.to_json(), "out": [str(path) for path in paths]}
    if publish:
        answer["published"] = [f"{one.name} v{one.version}" for one in kept]
    return answer


@app.command()
def packs(ctx: typer.Context, _json: Json = False) -> Answer:
    """List the published packs, every version of each."""
    from analysis.jobs.pack import published_packs

    found = published_packs(opened(ctx))
    count = f"{len(found)} published pack{'' if len(found) == 1 else 's'}"
    return {"message": f"{count}.", "packs": found.to_dict("records")}


@app.command(name="check-pack")
def check_pack(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="As `packs` lists it.")],
    version: Annotated[int | None, typer.Option(min=1, help="Default: the newest.")] = None,
    _json: Json = False,
) -> Answer:
    """Work a published pack out again from the workspace, and say what differs."""
    from analysis.jobs.pack import check_published

    return check_published(opened(ctx), name, version=version).to_json()


@app.command(name="minimum-cell")
def minimum_cell(
    ctx: typer.Context,
    count: Annotated[int | None, typer.Argument(min=5, max=10, help="Default: only tell.")] = None,
    _json: Json = False,
) -> Answer:
    """Tell, or set, the smallest count of people that is published, from 5 to 10."""
    from analysis.jobs.releases import minimum, set_minimum

    workspace, at = opened(ctx), dt.datetime.fromisoformat(this_moment())
    if count is None:
        return minimum(workspace).to_json()
    return set_minimum(workspace, count, by="command line", at=at).to_json()


@app.command(name="feedback-sheet")
def feedback_sheet(
    ctx: typer.Context,
    event_id: Annotated[str, typer.Argument(help="Of a walk that was held.")],
    out: Annotated[Path, typer.Option(callback=_sheet_file, help="File: .pdf or .html.")],
    _json: Json = False,
) -> Answer:
    """Write one page for those who came on a walk: what they said, and what happens next."""
    from analysis.jobs.feedback_sheet import feedback_sheet as make
    from analysis.report.tables import write_bytes
    from geodata.errors import SaferWalksError

    sheet = make(opened(ctx), event_id, at=dt.datetime.fromisoformat(this_moment()))
    if out.suffix.lower() == ".pdf" and sheet.pdf is None:
        raise SaferWalksError(sheet.no_pdf, todo="write it as .html")
    content = sheet.pdf if out.suffix.lower() == ".pdf" else sheet.page.encode()
    write_bytes(content or b"", out)
    return {"message": f"The sheet of {event_id} is written.", "out": str(out)}


@app.command(name="public-calendar")
def public_calendar(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(callback=_ics_file, help="File to write: .ics.")],
    _json: Json = False,
) -> Answer:
    """Write the events to come as a calendar file, without what nobody may know exactly."""
    from analysis.jobs.programme_calendar import public_calendar as make
    from analysis.report.tables import write_bytes

    found = make(opened(ctx), at=dt.datetime.fromisoformat(this_moment()))
    write_bytes(found.content, out)
    return {**found.to_json(), "out": str(out)}
