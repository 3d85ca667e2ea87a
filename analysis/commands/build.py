"""Count more than one machine holds: `build`."""

from __future__ import annotations

from typing import Annotated

import typer

from analysis.commands.answers import Answer
from analysis.commands.words import Json, SideLength, opened, show_progress

app = typer.Typer()


@app.command()
def build(
    ctx: typer.Context,
    out: Annotated[str, typer.Option(help="Folder or bucket to write to; a new one.")],
    reports: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="URL",
            help="Folder or bucket of parquet files. Default: the reports of this workspace.",
        ),
    ] = "",
    source: Annotated[
        str, typer.Option(help="Which reports of the workspace, where --from is not given.")
    ] = "police_uk",
    side: SideLength = 200,
    scheduler: Annotated[
        str, typer.Option(metavar="tcp://HOST:PORT", help="Dask scheduler whose workers do it.")
    ] = "",
    workers: Annotated[int, typer.Option(min=0, help="Or: start this many processes here.")] = 0,
    _json: Json = False,
) -> Answer:
    """Join and count a county, a region or the country by hexagon, ward, month and category."""
    from analysis.jobs.build import build as run
    from analysis.jobs.build import build_workspace

    workspace = opened(ctx)
    if reports:
        result = run(
            workspace.wards(), reports, out, side=side, scheduler=scheduler, workers=workers,
            progress=show_progress,
        )  # fmt: skip
    else:
        result = build_workspace(
            workspace, out, source=source, side=side, scheduler=scheduler, workers=workers,
            progress=show_progress,
        )  # fmt: skip
    return result.to_json()
