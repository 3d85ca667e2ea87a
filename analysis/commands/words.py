"""What may be said after a command, and the few things every command needs.

Options that several commands share stand here once; a callback refuses a wrong word before any
work starts. Heavy libraries are imported inside, so that a wrong word is answered at once.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TextIO

import typer

from geodata.errors import SaferWalksError

if TYPE_CHECKING:
    from geodata.workspace import Workspace


@dataclass(frozen=True)
class Said:
    """What was said before the command, and where an answer goes."""

    workspace: Path | None
    out: TextIO
    as_json: bool


def folder(ctx: typer.Context) -> Path:
    """Give the folder of the workspace that was named, or the usual one."""
    from geodata.workspace import default_path

    return ctx.obj.workspace or default_path()


def opened(ctx: typer.Context) -> Workspace:
    """Open the workspace that was named, or the usual one."""
    from geodata.workspace import Workspace

    return Workspace.open(folder(ctx))


def show_progress(fraction: float, text: str) -> None:
    """Say how far a job is, on standard error."""
    typer.echo(f"{fraction:4.0%}  {text}", err=True)


def this_moment() -> str:
    """Tell the time for a log: here, where a person gave the command, and nowhere deeper."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def calendar_day(value: str | None) -> str | None:
    """Refuse what is not a day."""
    if value is not None:
        try:
            dt.date.fromisoformat(value)
        except ValueError:
            raise typer.BadParameter(f"{value!r} is not a day; write 2026-04-30.") from None
    return value


def month(value: str | None) -> str | None:
    """Refuse what is not a month."""
    from geodata.months import is_month

    if value is not None and not is_month(value):
        raise typer.BadParameter(f"{value!r} is not a month; write it YYYY-MM, as in 2026-04.")
    return value


def hexagon_side(value: int) -> int:
    """Refuse a side that hexagons are not made in."""
    from geodata.hexagons import SIDES

    if value not in SIDES:
        raise typer.BadParameter(f"{value} is not one of {', '.join(map(str, SIDES))}.")
    return value


def source_name(value: str | None) -> str | None:
    """Refuse a source that is not known."""
    from geodata.vocabularies import SOURCES

    if value is not None and value not in SOURCES:
        raise typer.BadParameter(f"{value!r} is not one of {', '.join(SOURCES)}.")
    return value


def category_codes(values: list[str]) -> list[str]:
    """Turn names of kinds into their codes."""
    from geodata.vocabularies import resolve_categories

    names = [name for text in values for name in text.split(",")]
    try:
        return list(resolve_categories(names)) if names else []
    except SaferWalksError as fault:
        raise typer.BadParameter(str(fault)) from fault


def weights_of(values: list[str] | None) -> dict[str, float] | None:
    """Turn PART=NUMBER into weights; None where nothing is said."""
    found: dict[str, float] = {}
    for text in values or []:
        part, equals, number = text.partition("=")
        try:
            found[part.strip()] = float(number)
        except ValueError:
            equals = ""
        if not equals:
            raise typer.BadParameter(f"{text!r} is not PART=NUMBER, as in volume=30.")
    return found or None


def settled(workspace: Workspace, preset: str) -> str:
    """Refuse a preset that is neither built in nor saved."""
    from analysis.jobs.presets import preset_of

    try:
        preset_of(workspace, preset)
    except SaferWalksError as fault:
        raise typer.BadParameter(str(fault)) from fault
    return preset


def count_keys(value: str) -> str:
    """Refuse a key that reports are not counted by."""
    keys = [key.strip() for key in value.split(",")]
    unknown = [key for key in keys if key not in COUNT_KEYS]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is not one of {', '.join(COUNT_KEYS)}.")
    if len(set(keys)) < len(keys):
        raise typer.BadParameter("name each key once.")
    return ",".join(keys)


def table_file(value: Path) -> Path:
    """Refuse a name whose ending no table is written with."""
    return with_ending(value, TABLE_ENDINGS)


def csv_file(value: Path) -> Path:
    """Refuse a name that does not end in .csv."""
    return with_ending(value, (".csv",))


def with_ending(value: Path, endings: tuple[str, ...]) -> Path:
    """Refuse a file name with another ending."""
    if value.suffix.lower() not in endings:
        raise typer.BadParameter(f"{value.name!r} must end in {', '.join(endings)}.")
    return value


COUNT_KEYS = ("ward", "hexagon", "month", "category")
TABLE_ENDINGS = (".csv", ".geojson", ".gpkg", ".parquet")

Json = Annotated[
    bool, typer.Option("--json", help="One JSON object on standard output, nothing else there.")
]
AsAt = Annotated[
    str, typer.Option(callback=month, metavar="YYYY-MM", help="Last month used, itself included.")
]
Categories = Annotated[
    list[str] | None,
    typer.Option(
        callback=lambda values: category_codes(values or []),
        help="Code or police.uk name; comma-separated or repeated. Default: ASB.",
    ),
]
SourceName = Annotated[
    str | None,
    typer.Option(callback=source_name, help="Whose reports. Default: police_uk if stored."),
]
SideLength = Annotated[
    int, typer.Option(callback=hexagon_side, help="Side of a hexagon in metres: 100, 200 or 350.")
]
TableFile = Annotated[
    Path, typer.Option(callback=table_file, help=f"File to write: {', '.join(TABLE_ENDINGS)}.")
]
FirstMonth = Annotated[
    str | None, typer.Option("--from", callback=month, metavar="YYYY-MM", help="First month.")
]
LastMonth = Annotated[
    str | None, typer.Option("--to", callback=month, metavar="YYYY-MM", help="Last month.")
]
FetchFrom = Annotated[
    str, typer.Option("--from", callback=month, metavar="YYYY-MM", help="First month.")
]
FetchTo = Annotated[
    str, typer.Option("--to", callback=month, metavar="YYYY-MM", help="Last month.")
]
AuthorityName = Annotated[
    str, typer.Option(metavar="NAME", help="Local authority: name, or code such as E09000030.")
]
OptionalAuthority = Annotated[
    str, typer.Option(metavar="NAME", help="Whose wards, where the workspace has none yet.")
]
DropIn = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Read this file instead of asking the internet.")
]
PresetName = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="walkabout, womens_walk, engagement, or one that was saved (presets)."
    ),
]
Normaliser = Annotated[
    Literal["rank", "min-max", "z", "index"] | None,
    typer.Option(help="Scale the parts are put on. Default: the preset's, percentile rank."),
]
Window = Annotated[
    Literal["6", "12", "24"] | None,
    typer.Option(help="Months of reports counted. Default: the preset's, 12."),
]
Weights = Annotated[
    list[str] | None,
    typer.Option(
        "--weight", metavar="PART=NUMBER", help="In place of the preset's weights; repeatable."
    ),
]
ComparedPlaces = Annotated[
    Literal["hexagons", "sites"],
    typer.Option("--places", help="Hexagons, or the places people named."),
]
Catchment = Annotated[
    int, typer.Option(metavar="METRES", help="How far round a named place evidence counts.")
]
RecordLevel = Literal["incident", "complaint", "case"]
Preset = Literal["walkabout", "womens_walk", "engagement"]
Layer = Literal["wards", "hotspots", "locations"]
Audience = Literal["public", "internal"]
