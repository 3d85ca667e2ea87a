"""Named places that people keep: `places sites list`, `add`, `rename`, `merge`, `retire`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from analysis.commands.answers import Answer
from analysis.commands.records import by_hand, group
from analysis.commands.words import Json, opened

if TYPE_CHECKING:
    from geodata.workspace import Workspace

app = group("places", "The named places that walks and actions name.")

SiteId = Annotated[str, typer.Argument(metavar="ID", help="As `places sites find` gives it.")]


@app.command()
def find(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Part of a name, or an id.")],
    _json: Json = False,
) -> Answer:
    """Find places by what they are or were called, retired and merged ones too."""
    from analysis.jobs.sites import known_places

    found = known_places(opened(ctx), find=text, unused=True)
    shown = found[["site_id", "name", "also", "kind", "status", "ward_name", "used", "version"]]
    return {"count": len(found), "sites": shown.to_dict("records")}


@app.command()
def rename(
    ctx: typer.Context,
    site_id: SiteId,
    name: Annotated[str, typer.Argument(help="The new name; the old one is kept and found.")],
    _json: Json = False,
) -> Answer:
    """Give a place another name."""
    from analysis.jobs.sites import change_place

    here = opened(ctx)
    made = change_place(here, site_id, {"name": name}, version=_version(here, site_id), **by_hand())
    return {"id": made.id, "name": made["name"], "former_names": list(made["former_names"])}


@app.command()
def merge(
    ctx: typer.Context,
    site_id: SiteId,
    into: Annotated[str, typer.Argument(metavar="INTO", help="The place that stays.")],
    _json: Json = False,
) -> Answer:
    """Say that one place is another: everything that names it names the other."""
    from analysis.jobs.sites import merge_places

    here = opened(ctx)
    return merge_places(here, site_id, into, version=_version(here, site_id), **by_hand())


@app.command()
def unmerge(ctx: typer.Context, site_id: SiteId, _json: Json = False) -> Answer:
    """Take a merge back: what it moved names its own place again."""
    from analysis.jobs.sites import undo_merge

    here = opened(ctx)
    return undo_merge(here, site_id, version=_version(here, site_id), **by_hand())


@app.command()
def retire(
    ctx: typer.Context,
    site_id: SiteId,
    again: Annotated[bool, typer.Option("--again", help="Take it into use again.")] = False,
    _json: Json = False,
) -> Answer:
    """Say that a place is used no more; what names it stays."""
    from analysis.jobs.sites import retire_place

    here = opened(ctx)
    version = _version(here, site_id)
    made = retire_place(here, site_id, version=version, again=again, **by_hand())
    return {"id": made.id, "status": made["status"]}


def _version(here: Workspace, site_id: str) -> int:
    from analysis.jobs.records import get_record

    return get_record(here, "sites", site_id).version
