"""Plan the route of a walk: `route`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from analysis.commands.answers import Answer
from analysis.commands.words import Json, opened, this_moment, with_ending

if TYPE_CHECKING:
    from analysis.routing.wishes import Around

app = typer.Typer()

ENDINGS = (".gpx", ".pdf", ".html", ".png", ".ics", ".geojson")
Shape = Literal["loop", "line"]


def _route_file(value: Path) -> Path:
    return with_ending(value, ENDINGS)


def _point(value: str | None) -> str | None:
    if value is not None:
        _numbers(value, 2)
    return value


def _numbers(value: str, count: int) -> tuple[float, ...]:
    try:
        found = tuple(float(part) for part in value.split(","))
    except ValueError:
        found = ()
    if len(found) != count:
        example = "534600,181800" if count == 2 else "534600,181800,100"
        raise typer.BadParameter(f"{value!r} is not written like {example}.")
    return found


def _moment(value: str | None) -> str | None:
    if value is not None:
        try:
            dt.datetime.fromisoformat(value)
        except ValueError:
            raise typer.BadParameter(f"{value!r} is no time; write 2026-10-02T18:30.") from None
    return value


def _areas(values: list[str] | None) -> list[str]:
    for value in values or []:
        _numbers(value, 3)
    return values or []


@app.command()
def route(
    ctx: typer.Context,
    out: Annotated[
        Path, typer.Option(callback=_route_file, help=f"File to write: {', '.join(ENDINGS)}.")
    ],
    event: Annotated[str, typer.Option(metavar="ID", help="As EVT-2026-0001.")] = "",
    start: Annotated[
        str | None,
        typer.Option("--from", callback=_point, metavar="E,N", help="Or a point: BNG metres."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(callback=_moment, metavar="TIME", help="Start from a point, London time."),
    ] = None,
    minutes: Annotated[float, typer.Option(help="From start to end, stops included.")] = 60,
    stay: Annotated[float, typer.Option(help="Minutes at a stop.")] = 7,
    pace: Annotated[float, typer.Option(help="Walking pace, km/h.")] = 4.5,
    line: Annotated[
        bool, typer.Option("--line/--loop", help="End at a station, or where it began.")
    ] = False,
    end: Annotated[str, typer.Option(metavar="NAME", help="Station a line must end at.")] = "",
    step_free: Annotated[bool, typer.Option("--step-free", help="Keep off known steps.")] = False,
    lit: Annotated[
        bool | None, typer.Option("--lit/--any-light", help="Default: lit unless in daylight.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(metavar="STREET", help="Not along it; repeatable.")
    ] = None,
    keep_out: Annotated[
        list[str] | None,
        typer.Option(callback=_areas, metavar="E,N,METRES", help="Not there; repeatable."),
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(metavar="PLACE", help="No stop there; repeatable.")
    ] = None,
    save: Annotated[bool, typer.Option("--save", help="Keep its stops on the event.")] = False,
    _json: Json = False,
) -> Answer:
    """Propose a walk through the stops worth most in the time, and write it to a file."""
    from analysis.jobs.route import plan_route, save_route
    from analysis.jobs.route_files import route_file
    from analysis.report.tables import write_bytes
    from analysis.routing.wishes import RouteWishes
    from geodata.records.fields import LONDON

    if bool(event) == (start is not None):
        raise typer.BadParameter("Say --event or --from, one of them.")
    wishes = RouteWishes(
        minutes, "line" if line else "loop", stay, pace, step_free, lit, tuple(exclude or ()),
        tuple(_around(value) for value in keep_out or ()), tuple(without or ()), end,
    )  # fmt: skip
    workspace, now = opened(ctx), dt.datetime.fromisoformat(this_moment())
    begins = dt.datetime.fromisoformat(at) if at else None
    if begins is not None and begins.tzinfo is None:
        begins = begins.replace(tzinfo=LONDON)
    place = _numbers(start, 2) if start else None
    found = plan_route(
        workspace, event_id=event, start=(place[0], place[1]) if place else None,
        starts_at=begins, wishes=wishes,
    )  # fmt: skip
    write_bytes(route_file(workspace, found, out.suffix.lower(), at=now), out)
    stored = save_route(workspace, found, by="command line", at=now) if save else 0
    return {**found.to_json(), "stored_stops": stored, "out": str(out)}


def _around(value: str) -> Around:
    from analysis.routing.wishes import Around

    return Around(*_numbers(value, 3))
