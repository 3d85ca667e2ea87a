"""What the program says of itself: `transparency`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from analysis.commands.answers import Answer
from analysis.commands.words import Json, folder

app = typer.Typer()

Name = Literal["transparency", "accessibility", "dpia", "equality"]


@app.command()
def transparency(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Markdown file to write.")],
    document: Annotated[Name, typer.Option(help="Which document.")] = "transparency",
    _json: Json = False,
) -> Answer:
    """Write the transparency record or another document, filled in from the program itself."""
    from analysis.jobs.transparency import DOCUMENTS, write_document
    from geodata.releases import minimum_cell

    write_document(document, out, minimum_cell(folder(ctx)))
    return {"message": f"{DOCUMENTS[document]} written.", "document": document, "out": str(out)}
