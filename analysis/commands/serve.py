"""Start the app: `serve`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from analysis.commands.answers import as_json, print_out
from analysis.commands.words import Json, folder

app = typer.Typer()


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

    workspace, wants_json = folder(ctx), _json or ctx.obj.as_json
    if wants_json:
        answer = {"url": f"http://{address}:{port}", "workspace": str(workspace)}
        print_out(ctx.obj.out, as_json(answer))
    log = sys.stderr if wants_json else sys.stdout
    raise typer.Exit(start(workspace, port=port, address=address, log=log))
