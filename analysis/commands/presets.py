"""Weights of the score with names: `presets list`, `presets save`, `presets remove`."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from analysis.commands.answers import Answer
from analysis.commands.words import (
    Json,
    Normaliser,
    Weights,
    Window,
    opened,
    settled,
    this_moment,
    weights_of,
)

app = typer.Typer(no_args_is_help=True, help="Weights of the score with names, and why.")

By = Annotated[str, typer.Option(metavar="POST", help="Who does it.")]


@app.command("list")
def list_(ctx: typer.Context, _json: Json = False) -> Answer:
    """List the presets: the three built in, and those people saved, with who, when and why."""
    from analysis.jobs.presets import presets

    listed = presets(opened(ctx))
    return {"presets": listed.to_dict("records"), "saved": int(listed["version"].gt(0).sum())}


@app.command("save")
def save(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What to call it; one that is there is changed.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why these weights.")],
    base: Annotated[
        str, typer.Option("--from", metavar="PRESET", help="Which preset to begin with.")
    ] = "walkabout",
    weight: Weights = None,
    normaliser: Normaliser = None,
    window: Window = None,
    by: By = "command line",
    _json: Json = False,
) -> Answer:
    """Save weights under a name, with the reason; what was before stays in the history."""
    from analysis.jobs.presets import preset_of, save_preset

    workspace = opened(ctx)
    weights = preset_of(
        workspace, settled(workspace, base), weights=weights_of(weight), normaliser=normaliser,
        window=None if window is None else int(window),
    )  # fmt: skip
    made = save_preset(
        workspace, name, weights, reason=reason, by=by,
        at=dt.datetime.fromisoformat(this_moment()),
    )  # fmt: skip
    return {"preset_id": made.id, "name": made["name"], "version": made.version,
            "weights": dict(made["weights"])}  # fmt: skip


@app.command("remove")
def remove(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Which: its name or id.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why it goes.")] = "",
    by: By = "command line",
    _json: Json = False,
) -> Answer:
    """Offer a saved preset no more; it stays in the history and in decisions made with it."""
    from analysis.jobs.presets import retire_preset

    gone = retire_preset(
        opened(ctx), name, reason=reason, by=by, at=dt.datetime.fromisoformat(this_moment())
    )
    return {"preset_id": gone.id, "name": gone["name"], "version": gone.version}
