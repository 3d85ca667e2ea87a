"""Areas with their counts: what maps, tables and charts of areas are made from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import geopandas as gpd
import pandas as pd

from analysis.areas import with_rates
from analysis.evidence import hexagon_matrix
from analysis.jobs.ground import Ground, ground_of
from analysis.jobs.selection import Selection, select, selected_counts
from analysis.tally import inside_rows, monthly_matrix
from geodata.hexagons import DEFAULT_SIDE, hexagon_area_km2
from geodata.workspace import Workspace

AreaLayer = Literal["wards", "hotspots"]


def area_table(
    workspace: Workspace,
    *,
    layer: AreaLayer,
    categories: Sequence[str] = (),
    first: str | None = None,
    last: str | None = None,
    side: int = DEFAULT_SIDE,
    source: str | None = None,
) -> gpd.GeoDataFrame:
    """Count reports per ward or per hexagon, with rates.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    layer : {'wards', 'hotspots'}
        Wards, or hexagons that meet one.
    categories, first, last, source
        As `analysis.jobs.selection.select`.
    side : int, default 200
        Side of the hexagons, metres.

    Returns
    -------
    geopandas.GeoDataFrame
        BNG, one row an area, zeros included, ordered by `area_id`: `area_id`, `name`, `ward_code`
        (of a hexagon: the ward with most of its area), `ward_name`, `count` (reports inside the
        wards), `area_km2` (inside the wards), `per_km2`, `per_1000` (wards only, where residents
        are known), `ward_shares` (hexagons: words), geometry.
    """
    chosen = select(workspace, source=source, categories=categories, first=first, last=last)
    matrix, areas = _matrix_and_areas(workspace, chosen, layer, side)
    areas["count"] = matrix.sum(axis=1).to_numpy()
    residents = workspace.population() if layer == "wards" else pd.DataFrame()
    return with_rates(areas, residents)


def area_months(
    workspace: Workspace,
    area_id: str,
    *,
    layer: AreaLayer,
    categories: Sequence[str] = (),
    side: int = DEFAULT_SIDE,
    source: str | None = None,
) -> pd.DataFrame:
    """Count one area's reports month by month.

    Returns
    -------
    pandas.DataFrame
        `month`, `count` (float, NaN in a month that no file covers), `is_partial` (one force lacks
        the month), from the first stored month to the last, oldest first.
    """
    chosen = select(workspace, source=source, categories=categories)
    matrix, _ = _matrix_and_areas(workspace, chosen, layer, side)
    return month_series(matrix.T[area_id], chosen)


def month_series(counts: pd.Series, chosen: Selection) -> pd.DataFrame:
    """Lay counts along every month from the first stored to the last; gaps stay gaps.

    Parameters
    ----------
    counts : pandas.Series
        Counts by month, for the months that data cover.
    chosen : Selection
        What was counted.

    Returns
    -------
    pandas.DataFrame
        As `area_months`.
    """
    every = sorted({*chosen.cover.present, *chosen.cover.absent})
    return pd.DataFrame(
        {
            "month": every,
            "count": counts.reindex(every).astype("float64").to_numpy(),
            "is_partial": [month in chosen.cover.partial for month in every],
        }
    )


def _matrix_and_areas(
    workspace: Workspace, chosen: Selection, layer: AreaLayer, side: int
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    ground = ground_of(workspace, side)
    if layer == "wards":
        counted = inside_rows(selected_counts(workspace, chosen))
        matrix = monthly_matrix(
            counted["ward_code"], counted["month"], chosen.cover.present, counted["count"]
        )
        return matrix.reindex(ground.wards["ward_code"], fill_value=0), _ward_areas(ground.wards)
    counted = inside_rows(selected_counts(workspace, chosen, side=side))
    return hexagon_matrix(counted, ground.cells, chosen.cover), _cell_areas(ground)


def _ward_areas(wards: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return wards.assign(
        area_id=wards["ward_code"],
        name=wards["ward_name"],
        area_km2=wards.geometry.area / 1e6,
        ward_shares="",
    )[["area_id", "name", "ward_code", "ward_name", "area_km2", "ward_shares", "geometry"]]


def _cell_areas(ground: Ground) -> gpd.GeoDataFrame:
    cells = ground.cells
    return cells.assign(
        area_id=cells["hexagon"],
        name=ground.names,
        area_km2=cells["inside_share"] * hexagon_area_km2(ground.side),
        ward_shares=cells["hexagon"].map(ground.share_words),
    )[["area_id", "name", "ward_code", "ward_name", "area_km2", "ward_shares", "geometry"]]
