"""Count, score and draw: `counts`, `score`, `shortlist`, `hotspots`, `map`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analysis.commands.answers import Answer
from analysis.commands.words import (
    COUNT_KEYS,
    AsAt,
    Audience,
    Catchment,
    Categories,
    ComparedPlaces,
    FirstMonth,
    Json,
    LastMonth,
    Layer,
    Normaliser,
    PresetName,
    RecordLevel,
    SideLength,
    SourceName,
    TableFile,
    Weights,
    Window,
    count_keys,
    csv_file,
    opened,
    settled,
    show_progress,
    this_moment,
    weights_of,
    with_ending,
)

app = typer.Typer()


def _map_file(value: Path) -> Path:
    return with_ending(value, (".html", ".png"))


def _ward_file(value: Path) -> Path:
    return with_ending(value, (".csv", ".geojson", ".gpkg"))


@app.command()
def counts(
    ctx: typer.Context,
    by: Annotated[
        str,
        typer.Option(callback=count_keys, help=f"Any of {', '.join(COUNT_KEYS)}; comma-separated."),
    ],
    out: TableFile,
    category: Categories = None,
    first: FirstMonth = None,
    last: LastMonth = None,
    side: SideLength = 200,
    source: SourceName = None,
    record_level: Annotated[
        RecordLevel | None,
        typer.Option(help="What one row counts. Default: the first of these that is stored."),
    ] = None,
    _json: Json = False,
) -> Answer:
    """Count reports by ward, hexagon, month and category."""
    from analysis.jobs.counts import counts as count
    from analysis.jobs.exports import save_table

    if first and last and first > last:
        raise typer.BadParameter(f"--from {first} is later than --to {last}.")
    workspace = opened(ctx)
    counted = count(
        workspace,
        by.split(","),
        categories=category or (),
        source=source,
        first=first,
        last=last,
        side=side,
        record_level=record_level,
    )
    save_table(counted.table, out, kind=workspace.kind, source=counted.selection.source)
    return {**counted.to_json(), "out": str(out)}


@app.command()
def score(
    ctx: typer.Context,
    preset: PresetName,
    as_at: AsAt,
    out: TableFile,
    side: SideLength = 200,
    source: SourceName = None,
    places: ComparedPlaces = "hexagons",
    catchment: Catchment = 200,
    normaliser: Normaliser = None,
    window: Window = None,
    weight: Weights = None,
    draws: Annotated[
        int, typer.Option(min=1, max=10_000, help="Draws behind the range of each rank.")
    ] = 1000,
    seed: Annotated[int | None, typer.Option(help="What the draws are made from.")] = None,
    _json: Json = False,
) -> Answer:
    """Score every place, with the range of each rank, and say why each stands where it does."""
    from analysis.jobs.exports import save_table
    from analysis.jobs.score import score as score_places
    from analysis.robustness import SEED

    workspace = opened(ctx)
    scored = score_places(
        workspace, preset=settled(workspace, preset), as_at=as_at, side=side, source=source,
        places=places, catchment=catchment, normaliser=normaliser, weights=weights_of(weight),
        window=None if window is None else int(window), draws=draws,
        seed=SEED if seed is None else seed,
    )  # fmt: skip
    save_table(scored.full_table, out, kind=workspace.kind, source=scored.selection.source)
    return {**scored.to_json(), "out": str(out)}


@app.command()
def shortlist(
    ctx: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID ID ...", help="As `score` lists them.")],
    preset: PresetName,
    as_at: AsAt,
    out: Annotated[Path, typer.Option(callback=csv_file, help="File to write: .csv.")],
    side: SideLength = 200,
    source: SourceName = None,
    places: ComparedPlaces = "hexagons",
    catchment: Catchment = 200,
    _json: Json = False,
) -> Answer:
    """Set two to five places side by side: what is known of each, and what is not."""
    from analysis.jobs.exports import save_table
    from analysis.jobs.score import score as score_places
    from analysis.jobs.shortlist import shortlist as set_side_by_side

    workspace = opened(ctx)
    scored = score_places(
        workspace, preset=settled(workspace, preset), as_at=as_at, side=side, source=source,
        places=places, catchment=catchment,
    )  # fmt: skip
    table = set_side_by_side(scored, ids)
    save_table(table, out, kind=workspace.kind, source=scored.selection.source)
    columns = [name for name in table.columns if name != "fact"]
    facts = {name: dict(zip(table["fact"], table[name], strict=True)) for name in columns}
    return {"places": facts, "out": str(out)}


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

    workspace = opened(ctx)
    found = certify(
        workspace, as_at=as_at, categories=category or (), side=side, source=source,
        progress=show_progress,
    )  # fmt: skip
    save_table(found.table, out, kind=workspace.kind, source=found.selection.source)
    return {**found.to_json(), "out": str(out)}


@app.command("map")
def map_(
    ctx: typer.Context,
    layer: Annotated[Layer, typer.Option(help="What to draw.")],
    as_at: AsAt,
    out: Annotated[Path, typer.Option(callback=_map_file, help="File to write: .html or .png.")],
    audience: Annotated[Audience, typer.Option(help="Who may see it.")] = "internal",
    preset: PresetName = "walkabout",
    category: Categories = None,
    side: SideLength = 200,
    source: SourceName = None,
    _json: Json = False,
) -> Answer:
    """Write a map as one HTML file that opens with no internet, or as a picture."""
    from analysis.jobs.handing_out import map_for
    from analysis.report.tables import write_bytes

    workspace = opened(ctx)
    page = map_for(
        workspace,
        audience=audience,
        at=this_moment(),
        name=out.name,
        layer=layer,
        as_at=as_at,
        side=side,
        categories=category or (),
        source=source,
        preset=settled(workspace, preset),
    )
    write_bytes(page, out)
    return {"layer": layer, "as_at": as_at, "audience": audience, "out": str(out)}


@app.command("public-table")
def public_table(
    ctx: typer.Context,
    source: Annotated[str, typer.Option(metavar="SOURCE", help="As `counts` names it.")],
    out: Annotated[
        Path, typer.Option(callback=_ward_file, help="File to write: .csv, .geojson or .gpkg.")
    ],
    as_at: AsAt,
    category: Categories = None,
    _json: Json = False,
) -> Answer:
    """Write reports by ward as anybody may have them: 12 months, small counts withheld."""
    from analysis.jobs.handing_out import ward_table_for_all
    from analysis.report.tables import write_bytes

    content = ward_table_for_all(
        opened(ctx), out.suffix.lower(), source=source, at=this_moment(), as_at=as_at,
        categories=category or (), name=out.name,
    )  # fmt: skip
    write_bytes(content, out)
    return {"source": source, "audience": "public", "out": str(out)}
