"""The command line: `safer-walks [--workspace DIR] COMMAND ... [--json]`.

Thin on purpose: read the words, call one job, hand over its answer. Everything here can be done on
a page too, through the same functions.

With `--json` there is one JSON object on standard output and nothing else; progress and messages
go to standard error. Exit codes: 0 done; 1 the data are at fault (a file that is not there
included); 2 the command was not understood. Heavy libraries are imported inside the commands, so
that a wrong word is answered at once.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TextIO, cast

import typer

from geodata.errors import SaferWalksError

if TYPE_CHECKING:
    from geodata.vocabularies import Source
    from geodata.workspace import Workspace

DONE, DATA_AT_FAULT, USAGE = 0, 1, 2
LONG_LIST = 8
"""A list longer than this is shortened for people; `--json` always has all of it."""

Answer = dict[str, Any]
"""What a command found, under the keys that `--json` shows."""

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


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
    as_json = "--json" in words
    try:
        # A library that prints would spoil the one object: what is not ours goes to stderr.
        with contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext():
            answer = app(words, prog_name="safer-walks", standalone_mode=False, obj=out)
    except typer.TyperException as fault:
        _show(fault)
        return _fail(out, fault.format_message(), code=USAGE, as_json=as_json)
    except SaferWalksError as fault:
        typer.echo(str(fault), err=True)
        return _fail(out, str(fault), code=DATA_AT_FAULT, as_json=as_json)
    except OSError as fault:
        message = f"{fault.filename or 'A file'} cannot be used. Got: {fault.strerror or fault}."
        typer.echo(message, err=True)
        return _fail(out, message, code=DATA_AT_FAULT, as_json=as_json)
    if isinstance(answer, int):
        return answer
    return _print(out, _as_json(answer) if as_json else _as_text(answer))


def _show(fault: typer.TyperException) -> None:
    """Print a usage error with the usage of its command, which only Typer's inner classes know."""
    show = getattr(fault, "show", None)
    if show is None:
        typer.echo(f"Error: {fault.format_message()}", err=True)
    else:
        show()


def _fail(out: TextIO, message: str, *, code: int, as_json: bool) -> int:
    if as_json:
        _print(out, _as_json({"error": message}))
    return code


def _print(out: TextIO, text: str) -> int:
    try:
        typer.echo(text, file=out)
    except BrokenPipeError:
        # The reader has gone (`| head`). Python would try to flush once more on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
    return DONE


def _as_json(answer: Answer) -> str:
    return json.dumps(answer, allow_nan=False)


def _as_text(answer: Answer) -> str:
    """Write an answer for people: what it comes to first, then every key with its value."""
    said = [str(answer["message"])] if answer.get("message") else []
    rest = (f"{_label(key)}: {_words(v)}" for key, v in answer.items() if key != "message")
    return "\n".join([*said, *rest])


def _label(key: str) -> str:
    return key.replace("_", " ")


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{_label(key)} {_words(v)}" for key, v in value.items())
    if isinstance(value, list | tuple):
        return _list_words(list(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"
    return "not known" if value is None or value == "" else str(value)


def _list_words(items: list[object]) -> str:
    if any(isinstance(item, dict) for item in items):
        return "".join(f"\n  - {_words(item)}" for item in items)
    if len(items) > LONG_LIST:
        return f"{_words(items[0])} ... {_words(items[-1])} ({len(items)} in all)"
    return ", ".join(map(_words, items)) or "none"


def _progress(fraction: float, text: str) -> None:
    typer.echo(f"{fraction:4.0%}  {text}", err=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


# What may be said after a command. A callback refuses a wrong word before any work starts.


def _month(value: str | None) -> str | None:
    from geodata.months import is_month

    if value is not None and not is_month(value):
        raise typer.BadParameter(f"{value!r} is not a month; write it YYYY-MM, as in 2026-04.")
    return value


def _side(value: int) -> int:
    from geodata.hexagons import SIDES

    if value not in SIDES:
        raise typer.BadParameter(f"{value} is not one of {', '.join(map(str, SIDES))}.")
    return value


def _source(value: str | None) -> str | None:
    from geodata.vocabularies import SOURCES

    if value is not None and value not in SOURCES:
        raise typer.BadParameter(f"{value!r} is not one of {', '.join(SOURCES)}.")
    return value


def _categories(values: list[str]) -> list[str]:
    from geodata.vocabularies import resolve_categories

    names = [name for text in values for name in text.split(",")]
    try:
        return list(resolve_categories(names)) if names else []
    except SaferWalksError as fault:
        raise typer.BadParameter(str(fault)) from fault


def _keys(value: str) -> str:
    keys = [key.strip() for key in value.split(",")]
    unknown = [key for key in keys if key not in COUNT_KEYS]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is not one of {', '.join(COUNT_KEYS)}.")
    if len(set(keys)) < len(keys):
        raise typer.BadParameter("name each key once.")
    return ",".join(keys)


def _table_file(value: Path) -> Path:
    return _ending(value, TABLE_ENDINGS)


def _csv_file(value: Path) -> Path:
    return _ending(value, (".csv",))


def _html_file(value: Path) -> Path:
    return _ending(value, (".html", ".htm"))


def _ending(value: Path, endings: tuple[str, ...]) -> Path:
    if value.suffix.lower() not in endings:
        raise typer.BadParameter(f"{value.name!r} must end in {', '.join(endings)}.")
    return value


COUNT_KEYS = ("ward", "hexagon", "month", "category")
TABLE_ENDINGS = (".csv", ".geojson", ".gpkg", ".parquet")

Json = Annotated[
    bool, typer.Option("--json", help="One JSON object on standard output, nothing else there.")
]
AsAt = Annotated[
    str, typer.Option(callback=_month, metavar="YYYY-MM", help="Last month used, itself included.")
]
Categories = Annotated[
    list[str] | None,
    typer.Option(
        callback=lambda values: _categories(values or []),
        help="Code or police.uk name; comma-separated or repeated. Default: ASB.",
    ),
]
SourceName = Annotated[
    str | None, typer.Option(callback=_source, help="Whose reports. Default: police_uk if stored.")
]
SideLength = Annotated[
    int, typer.Option(callback=_side, help="Side of a hexagon in metres: 100, 200 or 350.")
]
TableFile = Annotated[
    Path, typer.Option(callback=_table_file, help=f"File to write: {', '.join(TABLE_ENDINGS)}.")
]
FirstMonth = Annotated[
    str | None, typer.Option("--from", callback=_month, metavar="YYYY-MM", help="First month.")
]
LastMonth = Annotated[
    str | None, typer.Option("--to", callback=_month, metavar="YYYY-MM", help="Last month.")
]
FetchFrom = Annotated[
    str, typer.Option("--from", callback=_month, metavar="YYYY-MM", help="First month.")
]
FetchTo = Annotated[
    str, typer.Option("--to", callback=_month, metavar="YYYY-MM", help="Last month.")
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
Preset = Literal["walkabout", "womens_walk"]
Layer = Literal["wards", "hotspots", "locations"]
Audience = Literal["public", "internal"]


@dataclass(frozen=True)
class _Said:
    """What was said before the command, and where an answer goes."""

    workspace: Path | None
    out: TextIO
    as_json: bool


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
    ctx.obj = _Said(workspace, ctx.obj, as_json=_json)


def _path(ctx: typer.Context) -> Path:
    from geodata.workspace import default_path

    return ctx.obj.workspace or default_path()


def _open(ctx: typer.Context) -> Workspace:
    from geodata.workspace import Workspace

    return Workspace.open(_path(ctx))


@app.command()
def demo(ctx: typer.Context, _json: Json = False) -> Answer:
    """Make a made-up borough to try things on. It never shares a workspace with real data."""
    from analysis.jobs.demo import make_demo

    made = make_demo(_path(ctx))
    return {"workspace": str(made.path), "kind": made.kind, "wards": len(made.wards())}


@app.command()
def init(
    ctx: typer.Context,
    wards: Annotated[Path, typer.Option(metavar="FILE", help="Ward boundaries.")],
    code: Annotated[str | None, typer.Option(metavar="COLUMN", help="Ward codes.")] = None,
    name: Annotated[str | None, typer.Option(metavar="COLUMN", help="Ward names.")] = None,
    _json: Json = False,
) -> Answer:
    """Start a workspace from a file of ward boundaries."""
    from analysis.jobs.initialise import initialise

    made = initialise(_path(ctx), wards, code=code, name=name, progress=_progress)
    return made.to_json()


@app.command("import")
def import_(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files or folders.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="These files stand for the months they hold.")
    ] = False,
    add: Annotated[
        bool, typer.Option("--add", help="These files come on top: another cut of the force.")
    ] = False,
    source: Annotated[
        str | None,
        typer.Option(callback=_source, help="Whose reports. Default: the profile's, or police_uk."),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="How they are read. Default: guessed, and said."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read, check and report; store nothing.")
    ] = False,
    _json: Json = False,
) -> Answer:
    """Bring in reports: police.uk files, a zip or folder of them, or tables of another source."""
    from analysis.jobs.imports import import_files

    if replace and add:
        raise typer.BadParameter("Say --replace or --add, not both.")
    mode: Literal["correct", "replace", "add"] = (
        "replace" if replace else "add" if add else "correct"
    )
    done = import_files(
        _open(ctx), paths, source=cast("Source | None", source), profile=profile, mode=mode,
        dry_run=dry_run, progress=_progress, at=_now(),
    )  # fmt: skip
    return done.to_json()


@app.command("imports")
def imports_(ctx: typer.Context, _json: Json = False) -> Answer:
    """List what was imported, when, and from which files."""
    from analysis.jobs.imports import list_imports

    return {"imports": list_imports(_open(ctx))}


@app.command()
def undo(
    ctx: typer.Context,
    import_id: Annotated[str, typer.Argument(help="As `imports` lists it.")],
    _json: Json = False,
) -> Answer:
    """Take out what one import brought, if it replaced nothing and nothing replaced it."""
    from analysis.jobs.imports import undo_import

    return undo_import(_open(ctx), import_id, at=_now())


@app.command()
def rejected(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(callback=_csv_file, help="File to write: .csv.")],
    _json: Json = False,
) -> Answer:
    """Write the rows that were rejected, with file, line and reason, to be mended."""
    from analysis.jobs.exports import save_rejected

    return {"rejected": save_rejected(_open(ctx), out), "out": str(out)}


@app.command()
def profiles(ctx: typer.Context, _json: Json = False) -> Answer:
    """List the saved profiles: how the files of other sources than police.uk are read."""
    from analysis.jobs.profiles import list_saved

    return {"profiles": list_saved(_open(ctx))}


profile_commands = typer.Typer(no_args_is_help=True, help="How the files of a source are read.")
app.add_typer(profile_commands, name="profile")


@profile_commands.command("save")
def profile_save(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What to call it.")],
    file: Annotated[
        Path, typer.Option("--from", metavar="FILE", help="A file like those it will read.")
    ],
    source: Annotated[str, typer.Option(callback=_source, help="Where such files come from.")],
    provider: Annotated[
        str, typer.Option(metavar="SLUG", help="Who recorded the reports, as tower-hamlets.")
    ] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="In place of the profile of the same name.")
    ] = False,
    _json: Json = False,
) -> Answer:
    """Guess how a file is read and save that as a text file, to be checked and corrected."""
    from analysis.jobs.profiles import save_guessed

    saved, path = save_guessed(
        _open(ctx), name, file, source=cast("Source", source), provider=provider, replace=replace
    )
    return {
        "profile": saved.name, "source": saved.source, "columns": dict(saved.columns),
        "categories": len(saved.categories), "out": str(path),
    }  # fmt: skip


open_data = typer.Typer(no_args_is_help=True, help="Bring in open data from their publishers.")
app.add_typer(open_data, name="fetch")


@open_data.command("wards")
def fetch_wards(
    ctx: typer.Context,
    authority: AuthorityName,
    vintage: Annotated[
        str, typer.Option(metavar="YEAR", help="Year or YYYY-MM. Default: the newest.")
    ] = "",
    _json: Json = False,
) -> Answer:
    """Fetch the ward boundaries of a local authority from ONS."""
    from analysis.jobs.fetch import fetch_wards as fetch

    return fetch(_path(ctx), authority, vintage=vintage, at=_now(), progress=_progress).to_json()


@open_data.command("reports")
def fetch_reports(
    ctx: typer.Context,
    first: FetchFrom,
    last: FetchTo,
    authority: OptionalAuthority = "",
    archive: Annotated[
        bool, typer.Option("--archive", help="Whole forces from the monthly archive (1.7 GB).")
    ] = False,
    force: Annotated[
        list[str] | None, typer.Option(help="With --archive: which forces; may be repeated.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="In place of files stored for the same months.")
    ] = False,
    _json: Json = False,
) -> Answer:
    """Fetch the police reports in and round the wards from data.police.uk."""
    from analysis.jobs.fetch import fetch_archive
    from analysis.jobs.fetch import fetch_reports as fetch

    if first > last:
        raise typer.BadParameter(f"--from {first} is later than --to {last}.")
    if archive != bool(force):
        raise typer.BadParameter("--archive and --force go together.")
    mode: Literal["correct", "replace"] = "replace" if replace else "correct"
    if archive:
        done = fetch_archive(
            _path(ctx), first, last, force or [], mode=mode, at=_now(), progress=_progress
        )
    else:
        done = fetch(
            _path(ctx), first, last, authority=authority, mode=mode, at=_now(), progress=_progress
        )
    return done.to_json()


@open_data.command("population")
def fetch_population(
    ctx: typer.Context,
    file: DropIn = None,
    lookup: Annotated[
        Path | None, typer.Option(metavar="FILE", help="LSOAs to wards, where FILE counts LSOAs.")
    ] = None,
    year: Annotated[int | None, typer.Option(min=2001, max=2049, help="Of the estimates.")] = None,
    _json: Json = False,
) -> Answer:
    """Fetch the residents of each ward, or read them from a CSV."""
    from analysis.jobs.fetch import fetch_population as fetch

    return fetch(
        _path(ctx), file=file, lookup=lookup, year=year, at=_now(), progress=_progress
    ).to_json()


@open_data.command("streets")
def fetch_streets(
    ctx: typer.Context,
    file: DropIn = None,
    kind: Annotated[str, typer.Option(help="What untagged points of FILE are.")] = "station",
    _json: Json = False,
) -> Answer:
    """Fetch streets, stations and parks from OpenStreetMap, or read them from a GeoJSON."""
    from analysis.jobs.fetch import fetch_streets as fetch

    return fetch(_path(ctx), file=file, kind=kind, at=_now(), progress=_progress).to_json()


@open_data.command("gazetteer")
def fetch_gazetteer(
    ctx: typer.Context,
    file: Annotated[Path, typer.Option(metavar="FILE", help="Code-Point Open or OS Open Names.")],
    _json: Json = False,
) -> Answer:
    """Read postcodes and street names from a zip of Ordnance Survey open data."""
    from analysis.jobs.fetch import fetch_gazetteer as fetch

    return fetch(_path(ctx), file, at=_now(), progress=_progress).to_json()


@app.command()
def quality(ctx: typer.Context, _json: Json = False) -> Answer:
    """Tell what is stored, what was left out and why, and which months are missing."""
    from analysis.jobs.quality import quality as report_quality

    return report_quality(_open(ctx)).to_json()


@app.command()
def counts(
    ctx: typer.Context,
    by: Annotated[
        str, typer.Option(callback=_keys, help=f"Any of {', '.join(COUNT_KEYS)}; comma-separated.")
    ],
    out: TableFile,
    category: Categories = None,
    first: FirstMonth = None,
    last: LastMonth = None,
    side: SideLength = 200,
    source: SourceName = None,
    _json: Json = False,
) -> Answer:
    """Count reports by ward, hexagon, month and category."""
    from analysis.jobs.counts import counts as count
    from analysis.jobs.exports import save_table

    if first and last and first > last:
        raise typer.BadParameter(f"--from {first} is later than --to {last}.")
    workspace = _open(ctx)
    counted = count(
        workspace,
        by.split(","),
        categories=category or (),
        source=source,
        first=first,
        last=last,
        side=side,
    )
    save_table(counted.table, out, kind=workspace.kind, source=counted.selection.source)
    return {**counted.to_json(), "out": str(out)}


@app.command()
def score(
    ctx: typer.Context,
    preset: Annotated[Preset, typer.Option(help="What the walk is for.")],
    as_at: AsAt,
    out: TableFile,
    side: SideLength = 200,
    source: SourceName = None,
    _json: Json = False,
) -> Answer:
    """Score every hexagon, with the range of each rank, and say why each stands where it does."""
    from analysis.jobs.exports import save_table
    from analysis.jobs.score import score as score_places

    workspace = _open(ctx)
    scored = score_places(workspace, preset=preset, as_at=as_at, side=side, source=source)
    save_table(scored.table, out, kind=workspace.kind, source=scored.selection.source)
    return {**scored.to_json(), "out": str(out)}


@app.command()
def hotspots(
    ctx: typer.Context,
    as_at: AsAt,
    out: TableFile,
    category: Categories = None,
    side: SideLength = 200,
    source: SourceName = None,
    _json: Json = False,
) -> Answer:
    """Certify where busy hexagons lie together more than chance would put them."""
    from analysis.jobs.exports import save_table
    from analysis.jobs.hotspots import hotspots as certify

    workspace = _open(ctx)
    found = certify(workspace, as_at=as_at, categories=category or (), side=side, source=source)
    save_table(found.table, out, kind=workspace.kind, source=found.selection.source)
    return {**found.to_json(), "out": str(out)}


@app.command("map")
def map_(
    ctx: typer.Context,
    layer: Annotated[Layer, typer.Option(help="What to draw.")],
    as_at: AsAt,
    out: Annotated[Path, typer.Option(callback=_html_file, help="File to write: .html.")],
    audience: Annotated[Audience, typer.Option(help="Who may see it.")] = "internal",
    preset: Annotated[Preset, typer.Option(help="For --layer locations.")] = "walkabout",
    category: Categories = None,
    side: SideLength = 200,
    source: SourceName = None,
    _json: Json = False,
) -> Answer:
    """Write a map as one HTML file that opens with no internet."""
    from analysis.jobs.maps import map_file
    from analysis.report.tables import write_text

    page = map_file(
        _open(ctx),
        layer=layer,
        as_at=as_at,
        audience=audience,
        side=side,
        categories=category or (),
        source=source,
        preset=preset,
    )
    write_text(page, out)
    return {"layer": layer, "as_at": as_at, "audience": audience, "out": str(out)}


@app.command()
def serve(
    ctx: typer.Context,
    port: Annotated[
        int, typer.Option(min=1, max=65535, envvar="STREAMLIT_SERVER_PORT", help="Port to use.")
    ] = 8501,
    address: Annotated[
        str, typer.Option(envvar="STREAMLIT_SERVER_ADDRESS", help="Address to listen on.")
    ] = "127.0.0.1",
    _json: Json = False,
) -> None:
    """Start the app. It listens on this machine only unless --address says otherwise."""
    from analysis.jobs.serve import serve as start

    workspace, as_json = _path(ctx), _json or ctx.obj.as_json
    if as_json:
        answer = {"url": f"http://{address}:{port}", "workspace": str(workspace)}
        _print(ctx.obj.out, _as_json(answer))
    log = sys.stderr if as_json else sys.stdout
    raise typer.Exit(start(workspace, port=port, address=address, log=log))
