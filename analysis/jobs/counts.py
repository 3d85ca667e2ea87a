"""Count reports by ward, hexagon, month and category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import geopandas as gpd
import pandas as pd

from analysis.jobs.ground import ground_of
from analysis.jobs.selection import Selection, category_levels, select, selected_counts
from analysis.tally import KEYS, Key, inside_rows, tally
from geodata.crs import BNG
from geodata.errors import SaferWalksError
from geodata.hexagons import DEFAULT_SIDE, hexagon_polygons, parse_hexagon_id
from geodata.vocabularies import ALL_GROUP, CATEGORY_BY_CODE
from geodata.workspace import Workspace


@dataclass(frozen=True)
class CountsResult:
    """A table of counts and what stands outside it.

    Attributes
    ----------
    table : pandas.DataFrame or geopandas.GeoDataFrame
        Columns named as the keys, and `count`; beside `ward` its `ward_name`, beside `category`
        its `category_name`. A GeoDataFrame in BNG when the keys name one kind of area.
    selection : Selection
        What was counted.
    inside, outside, no_location : int
        Rows of the selection; only the inside ones are in the table.
    """

    table: pd.DataFrame | gpd.GeoDataFrame
    selection: Selection
    inside: int
    outside: int
    no_location: int

    def to_json(self) -> dict[str, Any]:
        """Everything but the table."""
        return {
            "rows": len(self.table),
            "counted": int(self.table["count"].sum()),
            "inside": self.inside,
            "outside": self.outside,
            "no_location": self.no_location,
            **self.selection.to_json(),
        }


def counts(
    workspace: Workspace,
    by: Sequence[str],
    *,
    categories: Sequence[str] = (),
    source: str | None = None,
    first: str | None = None,
    last: str | None = None,
    side: int = DEFAULT_SIDE,
    record_level: str | None = None,
) -> CountsResult:
    """Count the reports inside the wards, zero-filled only where data exist.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    by : sequence of str
        Keys among 'ward', 'hexagon', 'month', 'category'.
    categories : sequence of str
        Names or codes; anti-social behaviour by default, and everything when 'category' is a key.
    source, first, last : str, optional
        As `analysis.jobs.selection.select`.
    side : int, default 200
        Side of the hexagons, metres.
    record_level : str, optional
        What is counted where a source holds several: 'incident', 'complaint' or 'case', by
        default the first of these. The others are named in the answer and never added.

    Returns
    -------
    CountsResult
        The counts add up to the rows inside; months that no file covers have no row.

    Raises
    ------
    SaferWalksError
        If a key is not one or is named twice, or nothing is stored for the selection.
    """
    keys = _checked_keys(by)
    if "category" in keys and not categories:
        categories = (ALL_GROUP,)
    chosen = select(
        workspace, source=source, categories=categories, first=first, last=last,
        record_level=record_level,
    )  # fmt: skip
    counted = selected_counts(workspace, chosen)
    found = counted.groupby("ward_match", observed=True)["count"].sum()
    if "hexagon" in keys:
        counted = selected_counts(workspace, chosen, side=side)
    wards = workspace.wards()
    levels: dict[Key, Sequence[str]] = {"month": chosen.cover.present}
    if "ward" in keys:
        levels["ward"] = list(wards["ward_code"])
    if "category" in keys:
        levels["category"] = category_levels(workspace, chosen)
    if "hexagon" in keys:
        levels["hexagon"] = list(ground_of(workspace, side).cells["hexagon"])
    table = tally(inside_rows(counted), keys, levels)
    return CountsResult(
        _named(table, wards), chosen,
        *(int(found.get(kind, 0)) for kind in ("inside", "outside", "no_location")),
    )  # fmt: skip


def _checked_keys(by: Sequence[str]) -> list[Key]:
    wrong = [key for key in by if key not in KEYS]
    if wrong or not by or len(set(by)) != len(by):
        raise SaferWalksError(
            "Counts go by one or more of ward, hexagon, month and category, each once",
            got=", ".join(map(repr, by)) or "nothing",
            todo="for instance: --by ward,month",
        )
    return [cast("Key", key) for key in by]


def _named(table: pd.DataFrame, wards: gpd.GeoDataFrame) -> pd.DataFrame | gpd.GeoDataFrame:
    if "ward" in table:
        names = wards.set_index("ward_code")["ward_name"]
        table.insert(list(table).index("ward") + 1, "ward_name", table["ward"].map(names))
    if "category" in table:
        shown = table["category"].map(lambda code: CATEGORY_BY_CODE[code].label)
        table.insert(list(table).index("category") + 1, "category_name", shown)
    if "ward" in table and "hexagon" not in table:
        shapes = wards.set_index("ward_code").geometry
        return gpd.GeoDataFrame(table, geometry=table["ward"].map(shapes), crs=BNG)
    if "hexagon" in table:
        return gpd.GeoDataFrame(table, geometry=_cell_shapes(table["hexagon"]), crs=BNG)
    return table


def _cell_shapes(hexagons: pd.Series) -> pd.Series:
    distinct = hexagons.unique()
    parsed = [parse_hexagon_id(name) for name in distinct]
    side = parsed[0][0] if parsed else DEFAULT_SIDE
    q, r = (pd.array([p[i] for p in parsed], dtype="int64").to_numpy() for i in (1, 2))
    return hexagons.map(dict(zip(distinct, hexagon_polygons(q, r, side), strict=True)))
