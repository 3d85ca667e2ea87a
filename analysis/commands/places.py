"""Mend places: what could not be found on the map, pinned once: `places waiting`, `places pin`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analysis.commands import sites
from analysis.commands.answers import Answer
from analysis.commands.words import Json, csv_file, opened, show_progress, this_moment

app = typer.Typer(
    no_args_is_help=True,
    help="Mend places that could not be found on the map, and keep the named ones (`sites`).",
)
app.add_typer(sites.app, name="sites")

Text = Annotated[str, typer.Argument(metavar="TEXT", help="As `places waiting` shows it.")]
OfSource = Annotated[str, typer.Option("--source", help="Whose reports, where several say it.")]
OfProvider = Annotated[str, typer.Option("--provider", help="Which council or provider.")]
WithPostcode = Annotated[str, typer.Option("--postcode", help="With this postcode.")]
InWard = Annotated[str, typer.Option("--ward", help="With this ward, as the file gives it.")]


@app.command("waiting")
def waiting(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many wordings to list.")] = 50,
    _json: Json = False,
) -> Answer:
    """List what could not be found on the map, by what it says, most reports first."""
    from analysis.jobs.repair import waiting as job

    found = job(opened(ctx)).to_json()
    return {**found, "groups": found["groups"][:limit]}


@app.command("candidates")
def candidates(
    ctx: typer.Context,
    text: Text,
    source: OfSource = "",
    provider: OfProvider = "",
    postcode: WithPostcode = "",
    ward: InWard = "",
    _json: Json = False,
) -> Answer:
    """List what a wording could be, and why it was not placed."""
    from analysis.jobs import repair

    workspace = opened(ctx)
    wording = repair.find_wording(
        workspace, text, source=source, provider=provider, postcode=postcode, ward=ward
    )
    return repair.candidates_json(workspace, wording)


@app.command("pin")
def pin(
    ctx: typer.Context,
    text: Text,
    place: Annotated[
        str, typer.Option("--place", help="Grid reference, easting and northing, or postcode.")
    ] = "",
    radius: Annotated[
        float | None, typer.Option(min=1, max=5000, help="Metres to which it is known.")
    ] = None,
    outside: Annotated[bool, typer.Option("--outside", help="It lies outside the area.")] = False,
    nowhere: Annotated[bool, typer.Option("--nowhere", help="It cannot be placed.")] = False,
    source: OfSource = "",
    provider: OfProvider = "",
    postcode: WithPostcode = "",
    ward: InWard = "",
    by: Annotated[str, typer.Option(help="Who decided, for the record.")] = "",
    _json: Json = False,
) -> Answer:
    """Say where a wording is: all reports that say it are placed, now and in later imports."""
    from analysis.jobs import repair

    if sum([bool(place), outside, nowhere]) != 1:
        raise typer.BadParameter("say one of --place, --outside and --nowhere.")
    workspace = opened(ctx)
    wording = repair.find_wording(
        workspace, text, source=source, provider=provider, postcode=postcode, ward=ward
    )
    said = {"by": by, "at": this_moment(), "progress": show_progress}
    if not place:
        done = repair.pin(workspace, wording, "outside" if outside else "nowhere", **said)  # type: ignore[arg-type]
    else:
        spot = repair.find_place(workspace, place)
        done = repair.pin(
            workspace, wording, easting=spot.easting, northing=spot.northing,
            radius_m=radius or spot.radius_m, **said,  # type: ignore[arg-type]
        )  # fmt: skip
    return done.to_json()


@app.command("unpin")
def unpin(
    ctx: typer.Context,
    text: Text,
    source: OfSource = "",
    provider: OfProvider = "",
    postcode: WithPostcode = "",
    ward: InWard = "",
    _json: Json = False,
) -> Answer:
    """Take a pin out: its reports wait again, or go where the gazetteer says."""
    from analysis.jobs import repair

    workspace = opened(ctx)
    wording = repair.find_wording(
        workspace, text, source=source, provider=provider, postcode=postcode, ward=ward
    )
    return repair.unpin(workspace, wording, at=this_moment()).to_json()


@app.command("again")
def again(ctx: typer.Context, _json: Json = False) -> Answer:
    """Look again for everything without coordinates, with what is known by now."""
    from analysis.jobs import repair

    rows = repair.locate_again(opened(ctx), at=this_moment(), progress=show_progress)
    found = repair.waiting(opened(ctx)).to_json()
    return {"rows": rows, "waiting": found["waiting"], "message": found["message"]}


@app.command("list")
def list_(ctx: typer.Context, _json: Json = False) -> Answer:
    """List the pins."""
    from analysis.jobs import repair

    return {"pins": repair.pins_json(opened(ctx))}


@app.command("export")
def export(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(callback=csv_file, help="CSV file to write.")],
    _json: Json = False,
) -> Answer:
    """Write the pins as CSV, to keep or for another workspace."""
    from analysis.jobs import repair

    return repair.write_pins(opened(ctx), out)


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV of pins.")],
    _json: Json = False,
) -> Answer:
    """Take pins from a CSV file; one that is there already is replaced."""
    from analysis.jobs import repair

    return repair.import_pins(opened(ctx), file, at=this_moment()).to_json()
