"""Bring reports in, see what became of every row: `demo`, `init`, `import`, `quality` and so on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from analysis.commands.answers import Answer
from analysis.commands.words import (
    Json,
    csv_file,
    folder,
    opened,
    show_progress,
    source_name,
    this_moment,
)

if TYPE_CHECKING:
    from geodata.vocabularies import Source

app = typer.Typer()


@app.command()
def demo(ctx: typer.Context, _json: Json = False) -> Answer:
    """Make a made-up borough to try things on. It never shares a workspace with real data."""
    from analysis.jobs.demo import make_demo

    made = make_demo(folder(ctx))
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

    made = initialise(
        folder(ctx), wards, code=code, name=name, at=this_moment(), progress=show_progress
    )
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
        typer.Option(
            callback=source_name, help="Whose reports. Default: the profile's, or police_uk."
        ),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="How they are read. Default: guessed, and said."),
    ] = None,
    corrects: Annotated[
        bool, typer.Option("--corrects", help="PATH is what `rejected` wrote, corrected.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read, check and report; store nothing.")
    ] = False,
    _json: Json = False,
) -> Answer:
    """Bring in reports: police.uk files, a zip or folder of them, or tables of another source."""
    from analysis.jobs.imports import import_files
    from analysis.jobs.rejected import correct

    if corrects:
        if len(paths) != 1 or replace or add or source:
            raise typer.BadParameter("--corrects takes one file, and none of these other options.")
        return correct(
            opened(ctx), paths[0], profile=profile, dry_run=dry_run, progress=show_progress,
            at=this_moment(),
        ).to_json()  # fmt: skip
    if replace and add:
        raise typer.BadParameter("Say --replace or --add, not both.")
    mode: Literal["correct", "replace", "add"] = (
        "replace" if replace else "add" if add else "correct"
    )
    done = import_files(
        opened(ctx), paths, source=cast("Source | None", source), profile=profile, mode=mode,
        dry_run=dry_run, progress=show_progress, at=this_moment(),
    )  # fmt: skip
    return done.to_json()


@app.command("imports")
def imports_(ctx: typer.Context, _json: Json = False) -> Answer:
    """List what was imported, when, and from which files."""
    from analysis.jobs.imports import list_imports

    return {"imports": list_imports(opened(ctx))}


@app.command()
def undo(
    ctx: typer.Context,
    import_id: Annotated[str, typer.Argument(help="As `imports` lists it.")],
    _json: Json = False,
) -> Answer:
    """Take out what one import brought and put back what it replaced; the newest first."""
    from analysis.jobs.imports import undo_import

    return undo_import(opened(ctx), import_id, at=this_moment())


@app.command()
def rejected(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(callback=csv_file, help="File to write: .csv.")],
    _json: Json = False,
) -> Answer:
    """Write the rejected rows with file, line and reason: correct them and `import --corrects`."""
    from analysis.jobs.exports import save_rejected

    return {"rejected": save_rejected(opened(ctx), out), "out": str(out)}


@app.command()
def profiles(ctx: typer.Context, _json: Json = False) -> Answer:
    """List the saved profiles: how the files of other sources than police.uk are read."""
    from analysis.jobs.profiles import list_saved

    return {"profiles": list_saved(opened(ctx))}


profile_commands = typer.Typer(no_args_is_help=True, help="How the files of a source are read.")
app.add_typer(profile_commands, name="profile")


@profile_commands.command("save")
def profile_save(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What to call it.")],
    file: Annotated[
        Path, typer.Option("--from", metavar="FILE", help="A file like those it will read.")
    ],
    source: Annotated[str, typer.Option(callback=source_name, help="Where such files come from.")],
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
        opened(ctx), name, file, source=cast("Source", source), provider=provider, replace=replace
    )
    return {
        "profile": saved.name, "source": saved.source, "columns": dict(saved.columns),
        "categories": len(saved.categories), "out": str(path),
    }  # fmt: skip


@app.command()
def quality(ctx: typer.Context, _json: Json = False) -> Answer:
    """Tell what is stored, what was left out and why, and which months are missing."""
    from analysis.jobs.quality import quality as report_quality

    return report_quality(opened(ctx)).to_json()
