"""Explore further: `trends`, `hours`, `compare-wards`, `concentration`, `count-in`, `breaks`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from analysis.commands.answers import Answer
from analysis.commands.words import (
    AsAt,
    Categories,
    FirstMonth,
    Json,
    LastMonth,
    SideLength,
    SourceName,
    folder,
    month,
    opened,
    table_file,
)

if TYPE_CHECKING:
    from analysis.jobs.count_in import Area
    from geodata.workspace import Workspace

app = typer.Typer()
breaks_app = typer.Typer(
    no_args_is_help=True, help="Months from which a series is not comparable with those before."
)
app.add_typer(breaks_app, name="breaks")

OptionalTable = Annotated[
    Path | None,
    typer.Option(
        "--out",
        callback=lambda value: None if value is None else table_file(value),
        help="File to write: .csv, .geojson, .gpkg, .parquet.",
    ),
]
WardName = Annotated[str, typer.Option("--ward", metavar="WARD", help="Code or name of a ward.")]


@app.command()
def trends(
    ctx: typer.Context,
    by: Annotated[
        Literal["borough", "ward", "category", "site"], typer.Option(help="One series a what.")
    ],
    as_at: AsAt,
    out: OptionalTable = None,
    category: Categories = None,
    with_drugs: Annotated[
        bool, typer.Option("--with-drugs", help="Count ASB and drugs together, as one series.")
    ] = False,
    months: Annotated[int, typer.Option(min=12, max=120, help="Months to look back.")] = 36,
    source: SourceName = None,
    _json: Json = False,
) -> Answer:
    """Follow reports month by month, against the year before and within control limits."""
    from analysis.jobs.exports import save_table
    from analysis.jobs.trends import WITH_DRUGS
    from analysis.jobs.trends import trends as follow
    from geodata.breaks import own_breaks

    if with_drugs and category:
        raise typer.BadParameter("Say --with-drugs or --category, not both.")
    workspace = opened(ctx)
    found = follow(
        workspace, by=by, as_at=as_at, months=months, source=source,
        categories=WITH_DRUGS if with_drugs else category or (),
        own_breaks=own_breaks(workspace.path),
    )  # fmt: skip
    if out is None:
        return found.to_json()
    save_table(found.table, out, kind=workspace.kind, source=found.selection.source)
    return {**found.to_json(), "out": str(out)}


@app.command()
def hours(
    ctx: typer.Context,
    first: FirstMonth = None,
    last: LastMonth = None,
    out: OptionalTable = None,
    category: Categories = None,
    ward: WardName = "",
    source: SourceName = None,
    _json: Json = False,
) -> Answer:
    """Spread reports over days, hours and light, as far as their times allow."""
    from analysis.jobs.count_in import ward_area
    from analysis.jobs.exports import save_table
    from analysis.jobs.hours import hours as spread

    workspace = opened(ctx)
    code = ward_area(workspace, ward).ward_code if ward else ""
    found = spread(
        workspace, categories=category or (), source=source, first=first, last=last, ward=code
    )
    if out is None:
        return found.to_json()
    save_table(found.table(), out, kind=workspace.kind, source=found.selection.source)
    return {**found.to_json(), "out": str(out)}


@app.command("compare-wards")
def compare_wards(
    ctx: typer.Context,
    exposure: Annotated[
        Literal["residents", "km2"], typer.Option(help="What reports are compared to.")
    ] = "residents",
    first: FirstMonth = None,
    last: LastMonth = None,
    out: OptionalTable = None,
    category: Categories = None,
    source: SourceName = None,
    _json: Json = False,
) -> Answer:
    """Say which wards differ from the others by more than their usual spread. No ranking."""
    from analysis.jobs.exports import save_table
    from analysis.jobs.wards_compared import compare_wards as compare

    workspace = opened(ctx)
    found = compare(
        workspace, exposure=exposure, categories=category or (), source=source, first=first,
        last=last,
    )  # fmt: skip
    if out is None:
        return found.to_json()
    save_table(found.table, out, kind=workspace.kind, source=found.selection.source)
    return {**found.to_json(), "out": str(out)}


@app.command()
def concentration(
    ctx: typer.Context,
    first: FirstMonth = None,
    last: LastMonth = None,
    category: Categories = None,
    side: SideLength = 200,
    source: SourceName = None,
    _json: Json = False,
) -> Answer:
    """Say how concentrated reports are, beside what chance alone would give."""
    from analysis.jobs.concentration import concentrated

    return concentrated(
        opened(ctx), categories=category or (), source=source, first=first, last=last, side=side
    ).to_json()


@app.command("near-repeats")
def near_repeats(
    ctx: typer.Context,
    first: FirstMonth = None,
    last: LastMonth = None,
    category: Categories = None,
    source: SourceName = None,
    metres: Annotated[float, typer.Option(min=1, max=2000, help="Near in space.")] = 200,
    days: Annotated[float, typer.Option(min=1, max=90, help="Near in time.")] = 14,
    _json: Json = False,
) -> Answer:
    """Test whether one report makes another nearby soon after more likely."""
    from dataclasses import asdict

    from analysis.jobs.concentration import near_repeat_test

    found = near_repeat_test(
        opened(ctx), categories=category or (), source=source, first=first, last=last,
        metres=metres, days=days,
    )  # fmt: skip
    numbers = asdict(found)
    numbers["ratio"] = None if found.ratio != found.ratio else found.ratio
    return {"message": found.sentence(), **numbers}


@app.command("count-in")
def count_in(
    ctx: typer.Context,
    polygon: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Outline: GeoJSON, or corners as text.")
    ] = None,
    ward: WardName = "",
    hexagon: Annotated[str, typer.Option(metavar="ID", help="A hexagon, as h200_1767_2.")] = "",
    site: Annotated[str, typer.Option(metavar="NAME", help="200 m round a named place.")] = "",
    first: FirstMonth = None,
    last: LastMonth = None,
    out: OptionalTable = None,
    category: Categories = None,
    source: SourceName = None,
    _json: Json = False,
) -> Answer:
    """Count the reports in an outline, a ward, a hexagon or round a named place."""
    from analysis.jobs.count_in import count_in as count
    from analysis.jobs.exports import save_table

    if sum(map(bool, (polygon, ward, hexagon, site))) != 1:
        raise typer.BadParameter("Say one of --polygon, --ward, --hexagon and --site.")
    workspace = opened(ctx)
    area = _area(workspace, polygon, ward, hexagon, site)
    found = count(workspace, area, categories=category or (), source=source, first=first, last=last)
    if out is None:
        return found.to_json()
    save_table(found.by_category_month, out, kind=workspace.kind, source=found.selection.source)
    return {**found.to_json(), "out": str(out)}


def _area(workspace: Workspace, polygon: Path | None, ward: str, hexagon: str, site: str) -> Area:
    from analysis.jobs.count_in import Area, hexagon_area, place_area, ward_area
    from geodata.outlines import read_outline

    if polygon is not None:
        return Area(polygon.name, read_outline(polygon))
    if ward:
        return ward_area(workspace, ward)
    return hexagon_area(hexagon) if hexagon else place_area(workspace, site)


@breaks_app.command("list")
def list_breaks(ctx: typer.Context, _json: Json = False) -> Answer:
    """List the known breaks: of the country, and the workspace's own."""
    from geodata.breaks import national_breaks, own_breaks

    return {
        "national": [{"month": b.month, "label": b.label} for b in national_breaks()],
        "own": [{"month": b.month, "label": b.label} for b in own_breaks(folder(ctx))],
    }


@breaks_app.command("add")
def add_break(
    ctx: typer.Context,
    first_month: Annotated[str, typer.Argument(metavar="YYYY-MM", callback=month)],
    label: Annotated[str, typer.Argument(metavar="WORDS", help="What changed.")],
    _json: Json = False,
) -> Answer:
    """Add a break of this workspace: the first month of the new series, and what changed."""
    from geodata.breaks import add_break as add

    kept = add(opened(ctx).path, first_month, label)
    return {"own": [{"month": b.month, "label": b.label} for b in kept]}


@breaks_app.command("remove")
def remove_break(
    ctx: typer.Context,
    first_month: Annotated[str, typer.Argument(metavar="YYYY-MM", callback=month)],
    _json: Json = False,
) -> Answer:
    """Take a break of this workspace out again."""
    from geodata.breaks import remove_break as remove

    kept = remove(opened(ctx).path, first_month)
    return {"own": [{"month": b.month, "label": b.label} for b in kept]}
