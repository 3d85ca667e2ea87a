"""How many are in here? Reports in a hexagon, a ward, round a place, or in an outline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from analysis.inside import NEAR_EDGE_M
from analysis.jobs.areas import month_series
from analysis.jobs.selection import Selection, category_levels, select
from geodata import months as m
from geodata.errors import SaferWalksError
from geodata.hexagons import hexagon_polygons, parse_hexagon_id
from geodata.points import Mask, Points, points_of
from geodata.vocabularies import CATEGORY_BY_CODE
from geodata.ward_join import COLLAR_M
from geodata.ward_names import ward_code_for
from geodata.workspace import Workspace

ROUND_M = 200.0
"""How far round a named place reports are counted, metres, unless said otherwise."""

SMALL_KM2 = 0.15
SNAP_POINT_CAVEAT = (
    "Police.uk moves every report to a nearby map point, which may be up to about 200 m away and "
    "stands for several streets: in so small an area the count says little."
)


@dataclass(frozen=True)
class Area:
    """An area to count in.

    Attributes
    ----------
    name : str
        What to call it.
    shape : shapely.Geometry
        Polygon or polygons, BNG.
    ward_code : str
        Of a ward: its code. Its reports are then those the ward join gave it, so that the total is
        that of every other table.
    """

    name: str
    shape: shapely.Geometry
    ward_code: str = ""

    @property
    def km2(self) -> float:
        """Its size."""
        return float(self.shape.area) / 1e6


@dataclass(frozen=True)
class CountIn:
    """What was counted in an area.

    Attributes
    ----------
    area : Area
        Where.
    total : int
        Reports inside, its edge included.
    near_edge : int
        Of those inside, how many lie within 25 m of the edge.
    just_outside : int
        Reports outside, within 25 m of the edge.
    by_category : pandas.DataFrame
        `category`, `label`, `count`, of the kinds the source tells apart, largest first.
    by_month : pandas.DataFrame
        `month`, `count` (NaN where no file covers the month), `is_partial`.
    by_category_month : pandas.DataFrame
        `category`, `label`, `month`, `count`, zeros included, for months that data cover.
    caveats : tuple of str
        What to know before the number is used.
    selection : Selection
        What was counted.
    """

    area: Area
    total: int
    near_edge: int
    just_outside: int
    by_category: pd.DataFrame
    by_month: pd.DataFrame
    by_category_month: pd.DataFrame
    caveats: tuple[str, ...]
    selection: Selection

    def sentence(self) -> str:
        """Say the number, the months it is of and how sure it is."""
        first, last = m.label(self.selection.first), m.label(self.selection.last)
        return (
            f"{self.total:,} {self.selection.what} from {first} to {last} lie in "
            f"{self.area.name} ({self.area.km2:.2f} km²); {self.near_edge:,} of them within "
            f"{NEAR_EDGE_M:g} m of its edge, and {self.just_outside:,} more just outside it."
        )

    def to_json(self) -> dict[str, Any]:
        """Keys for the command line."""
        return {
            "message": self.sentence(),
            "area": self.area.name,
            "km2": round(self.area.km2, 4),
            "total": self.total,
            "near_edge": self.near_edge,
            "just_outside": self.just_outside,
            "by_category": dict(
                zip(self.by_category["category"], self.by_category["count"].tolist(), strict=True)
            ),
            "by_month": {
                month: None if count != count else int(count)
                for month, count in zip(self.by_month["month"], self.by_month["count"], strict=True)
            },
            "caveats": list(self.caveats),
            **self.selection.to_json(),
        }


def hexagon_area(hexagon: str) -> Area:
    """Take a hexagon by its name, `h<side>_<q>_<r>`.

    Raises
    ------
    SaferWalksError
        If that is not a hexagon's name.

    Examples
    --------
    >>> round(hexagon_area("h200_0_0").km2, 4)
    0.1039
    """
    try:
        side, q, r = parse_hexagon_id(hexagon)
        (shape,) = hexagon_polygons(pd.array([q]).to_numpy(), pd.array([r]).to_numpy(), side)
    except ValueError as error:
        raise SaferWalksError(
            "That is not the name of a hexagon", got=repr(hexagon),
            todo="use a name such as h200_1767_2 from the Hotspots page or `counts --by hexagon`",
        ) from error  # fmt: skip
    return Area(f"hexagon {hexagon}", shape)


def ward_area(workspace: Workspace, ward: str) -> Area:
    """Take a ward by its code or name.

    Raises
    ------
    SaferWalksError
        If the workspace has no such ward.
    """
    wards = workspace.wards()
    found = wards[wards["ward_code"] == ward_code_for(ward, wards)]
    code, name = found["ward_code"].iloc[0], found["ward_name"].iloc[0]
    return Area(f"{name} ward", found.geometry.iloc[0], code)


def place_area(workspace: Workspace, place: str, *, metres: float = ROUND_M) -> Area:
    """Take everything round a named place of the workspace: a station, a park, a site.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    place : str
        Its id or name.
    metres : float, default 200
        How far round it.

    Raises
    ------
    SaferWalksError
        If the workspace has no such place.
    """
    places = workspace.places()
    folded = places["name"].astype(str).str.casefold()
    found = places[places["place_id"].astype(str).eq(place) | (folded == place.casefold())]
    if found.empty:
        known = ", ".join(sorted(places["name"].astype(str))[:5])
        raise SaferWalksError(
            "The workspace has no such place", got=repr(place),
            todo=f"use one of its places: {known} ..." if known else "fetch or import places first",
        )  # fmt: skip
    name = f"{metres:g} m round {found['name'].iloc[0]}"
    return Area(name, shapely.union_all(found.geometry.to_numpy()).buffer(metres))


def count_in(
    workspace: Workspace,
    area: Area,
    *,
    categories: Sequence[str] = (),
    source: str | None = None,
    first: str | None = None,
    last: str | None = None,
) -> CountIn:
    """Count the reports in an area by kind and month.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    area : Area
        From `hexagon_area`, `ward_area`, `place_area`, or an outline from `geodata.outlines`.
    categories, source, first, last
        As `analysis.jobs.selection.select`.

    Returns
    -------
    CountIn
        A report on the edge counts as inside; of a ward, as the ward join decided.

    Raises
    ------
    NotEnoughDataError
        If nothing is stored for what was asked.
    """
    chosen = select(workspace, source=source, categories=categories, first=first, last=last)
    points = points_of(workspace, chosen.source)
    counted = points.which(**chosen.words())
    edge = points.at(points.inside(shapely.boundary(area.shape), metres=NEAR_EDGE_M)) & counted
    inside = counted & (
        points.which(ward_code=[area.ward_code])
        if area.ward_code
        else points.at(points.inside(area.shape))
    )
    table = _by_category_month(points, inside, chosen, category_levels(workspace, chosen))
    monthly = table.groupby("month")["count"].sum().reindex(chosen.cover.present, fill_value=0)
    kinds = table.groupby(["category", "label"], sort=False)["count"].sum()
    by_category: pd.DataFrame = kinds.reset_index()
    total, near_edge, just_outside = (
        int(points.count[which].sum()) for which in (inside, inside & edge, edge & ~inside)
    )
    lost = int(points.count[counted & (points.point < 0)].sum())
    snapped = bool((inside & points.which(geo_precision=["snap_point"])).any())
    return CountIn(
        area, total, near_edge, just_outside,
        by_category.sort_values("count", ascending=False, kind="stable", ignore_index=True),
        month_series(monthly, chosen), table,
        _caveats(workspace, area, lost=lost, snapped=snapped), chosen,
    )  # fmt: skip


def _by_category_month(
    points: Points, inside: Mask, chosen: Selection, kinds: list[str]
) -> pd.DataFrame:
    present = chosen.cover.present
    index = pd.MultiIndex.from_product([kinds, list(present)], names=["category", "month"])
    row, column = (
        pd.Index(wanted).get_indexer(points.words[name])[points.code[name][inside]]
        for name, wanted in (("category", kinds), ("month", present))
    )
    known = row >= 0
    cell = row[known] * len(present) + column[known]
    counted = np.bincount(cell, points.count[inside][known], len(index)).astype("int64")
    table = pd.DataFrame({"count": counted}, index=index).reset_index()
    table = table.astype({"category": "str", "month": "str"})  # also where there are no rows
    table.insert(1, "label", table["category"].map(lambda code: CATEGORY_BY_CODE[code].label))
    return table


def _caveats(workspace: Workspace, area: Area, *, lost: int, snapped: bool) -> tuple[str, ...]:
    said = []
    if snapped and area.km2 < SMALL_KM2:
        said.append(SNAP_POINT_CAVEAT)
    elif snapped:
        said.append(
            "Police.uk gives a nearby map point in place of the place itself, so a report near the "
            "edge may belong to the other side."
        )
    if lost:
        said.append(f"{lost:,} reports of these months have no place and can be in no area.")
    reach = shapely.union_all(workspace.wards().geometry.to_numpy()).buffer(1.0)
    outside = 1 - float(area.shape.intersection(reach).area) / float(area.shape.area)
    if outside >= 0.01:
        said.append(
            f"{outside:.0%} of this area lies outside the wards, where reports are kept only as "
            f"far as {COLLAR_M:g} m out and not every source has them."
        )
    return tuple(said)
