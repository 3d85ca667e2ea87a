"""Bring in open data from their publishers: `fetch wards`, `fetch reports` and so on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from analysis.commands.answers import Answer
from analysis.commands.words import (
    AuthorityName,
    DropIn,
    FetchFrom,
    FetchTo,
    Json,
    OptionalAuthority,
    folder,
    show_progress,
    this_moment,
)

app = typer.Typer()


open_data = typer.Typer(no_args_is_help=True, help="Bring in open data from their publishers.")
app.add_typer(open_data, name="fetch")


PRODUCTS = ("codepoint", "opennames", "openuprn")


def _products(values: list[str] | None) -> list[str]:
    unknown = [value for value in values or [] if value not in PRODUCTS]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is not one of {', '.join(PRODUCTS)}.")
    return list(values or [])


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

    return fetch(
        folder(ctx), authority, vintage=vintage, at=this_moment(), progress=show_progress
    ).to_json()


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
            folder(ctx),
            first,
            last,
            force or [],
            mode=mode,
            at=this_moment(),
            progress=show_progress,
        )
    else:
        done = fetch(
            folder(ctx),
            first,
            last,
            authority=authority,
            mode=mode,
            at=this_moment(),
            progress=show_progress,
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
        folder(ctx), file=file, lookup=lookup, year=year, at=this_moment(), progress=show_progress
    ).to_json()


@open_data.command("streets")
def fetch_streets(
    ctx: typer.Context,
    file: DropIn = None,
    kind: Annotated[str, typer.Option(help="What untagged points of a GeoJSON are.")] = "station",
    _json: Json = False,
) -> Answer:
    """Fetch the walking network, lamps, crossings, stations and parks of OpenStreetMap."""
    from analysis.jobs.fetch import fetch_streets as fetch

    return fetch(
        folder(ctx), file=file, kind=kind, at=this_moment(), progress=show_progress
    ).to_json()


@open_data.command("gazetteer")
def fetch_gazetteer(
    ctx: typer.Context,
    file: DropIn = None,
    product: Annotated[
        list[str] | None,
        typer.Option(
            callback=_products,
            metavar="|".join(PRODUCTS),
            help="Postcodes, names, or property numbers (700 MB); may be repeated. Default: the "
            "first two.",
        ),
    ] = None,
    _json: Json = False,
) -> Answer:
    """Fetch postcodes, street names and property numbers from the Ordnance Survey."""
    from analysis.jobs.fetch import GAZETTEERS
    from analysis.jobs.fetch import fetch_gazetteer as fetch

    return fetch(
        folder(ctx),
        file=file,
        products=product or GAZETTEERS,
        at=this_moment(),
        progress=show_progress,
    ).to_json()
