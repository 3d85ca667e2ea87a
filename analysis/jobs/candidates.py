"""Places that may be chosen: every hexagon that meets a ward, or the places people named."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from analysis.evidence import hexagon_matrix
from analysis.jobs.ground import ground_of
from analysis.jobs.selection import Selection, selected_counts
from analysis.jobs.voices import records_of
from analysis.tally import inside_rows
from geodata.distinct import distinct_points
from geodata.errors import SaferWalksError
from geodata.hexagons import hexagon_ids_of
from geodata.points import points_near, points_of
from geodata.ward_join import assign_wards_xy
from geodata.workspace import Workspace

Places = Literal["hexagons", "sites"]
KINDS: tuple[Places, ...] = get_args(Places)
Floats: TypeAlias = npt.NDArray[np.float64]

CATCHMENT_M = 200
"""How far round a named place evidence counts for it, in metres, unless somebody says otherwise."""

CATCHMENTS = (100, 150, 200, 250, 400)
"""Metres that are offered."""

GONE = ("merged", "retired")
"""Statuses of places that are offered no more."""


@dataclass(frozen=True)
class Candidates:
    """The places that are compared, and which of them a point counts for.

    Attributes
    ----------
    kind : {'hexagons', 'sites'}
        Hexagons share the borough out; the catchments of named places may overlap.
    table : geopandas.GeoDataFrame
        `location_id`, `name` ('' for a hexagon), `ward_code`, `ward_name`, `easting`, `northing`
        (BNG metres), and the area as polygons; of a named place also `step_free` and `kerb_space`
        (True, False, or missing: nobody has said).
    metres : int
        Side of the hexagons, or how far round a place evidence counts.
    overlapping : int
        Places whose catchment meets another's.
    left_out : int
        Named places without coordinates, or outside the wards.
    origins : numpy.ndarray
        Outline or point of each named place: what the metres are measured from.
    """

    kind: Places
    table: gpd.GeoDataFrame
    metres: int
    overlapping: int = 0
    left_out: int = 0
    origins: npt.NDArray[np.object_] = field(default_factory=lambda: np.empty(0, dtype=object))

    @property
    def ids(self) -> pd.Index:
        """Ids of the places, in the order of the table."""
        return pd.Index(self.table["location_id"], name="location_id")

    def near(self, easting: Floats, northing: Floats) -> pd.Series:
        """Say which places each point counts for.

        Parameters
        ----------
        easting, northing : numpy.ndarray
            BNG metres; NaN is nowhere.

        Returns
        -------
        pandas.Series
            Ids of places, on the position of the point. A point that counts for several named
            places stands there once for each; one that counts for none does not stand there.
        """
        known = np.flatnonzero(np.isfinite(easting) & np.isfinite(northing))
        if self.kind == "hexagons":
            ids = hexagon_ids_of(easting[known], northing[known], self.metres)
            return pd.Series(np.asarray(ids, dtype=object), known, dtype="object")
        # Police data repeat their snap points: each is looked up once.
        which, x, y = distinct_points(easting[known], northing[known])
        tree = shapely.STRtree(self.origins)
        at, place = tree.query(
            shapely.points(x, y), predicate="dwithin", distance=self.metres
        )  # fmt: skip
        pairs = pd.Series(self.ids.to_numpy(dtype=object)[place], at, dtype="object")
        of_spot = pd.Series(known, which, name="point")
        joined = pairs.rename("place").to_frame().join(of_spot, how="inner")
        return joined.sort_values(["point", "place"]).set_index("point")["place"]

    def matrix(self, workspace: Workspace, chosen: Selection) -> pd.DataFrame:
        """Count reports by place and month; one near two named places counts at both.

        Parameters
        ----------
        workspace : Workspace
            Whose reports.
        chosen : Selection
            What is counted, of the reports inside the wards.
        """
        if self.kind == "hexagons":
            counted = inside_rows(selected_counts(workspace, chosen, side=self.metres))
            cells = self.table.rename(columns={"location_id": "hexagon"})
            return hexagon_matrix(counted, cells, chosen.cover).rename_axis("location_id")
        points, present = points_of(workspace, chosen.source), list(chosen.cover.present)
        near = points_near(points, self.origins, self.metres)
        kept = points.which(**chosen.words()) & points.in_wards
        return pd.DataFrame(points.matrix(*near, len(self.ids), kept, present), self.ids, present)

    def words(self) -> str:
        """Say what a place is, and what happens where two overlap; '' for hexagons."""
        if self.kind == "hexagons":
            return ""
        said = f"What lies within {self.metres} m of a place counts for it."
        if self.overlapping:
            said += (
                f" {self.overlapping} of {len(self.table)} overlap with another: what lies in both "
                "counts at both, so places must not be added up."
            )
        if self.left_out:
            said += f" {self.left_out} named places have no point inside the wards."
        return said


def candidates(
    workspace: Workspace, places: str, *, side: int, catchment: int = CATCHMENT_M
) -> Candidates:
    """List the places to be compared.

    Parameters
    ----------
    workspace : Workspace
        Whose wards and named places.
    places : {'hexagons', 'sites'}
        Hexagons that meet a ward, or the places people named (records of the kind 'sites').
    side : int
        Side of the hexagons, metres.
    catchment : int, default 200
        How far round a named place evidence counts: round its outline where one is drawn, else
        round its point.

    Raises
    ------
    SaferWalksError
        If `places` or `catchment` is none that is offered, or no place with a point inside the
        wards has been named.
    """
    if places not in KINDS:
        raise SaferWalksError("Places are hexagons or sites", got=repr(places),
                              todo=f"use one of: {', '.join(KINDS)}")  # fmt: skip
    if places == "hexagons":
        cells = ground_of(workspace, side).cells.rename(columns={"hexagon": "location_id"})
        return Candidates("hexagons", cells.assign(name=""), side)
    if catchment not in CATCHMENTS:
        raise SaferWalksError("Evidence is not counted so far round a place", got=f"{catchment} m",
                              todo=f"use one of: {', '.join(map(str, CATCHMENTS))}")  # fmt: skip
    return _sites(workspace, catchment)


def _sites(workspace: Workspace, metres: int) -> Candidates:
    records, wards = records_of(workspace), workspace.wards()
    every = pd.DataFrame() if records is None else records.frame("sites")
    current = every if every.empty else every[~every["status"].isin(GONE)]
    located = current if current.empty else current.dropna(subset=["easting", "northing"])
    if located.empty:
        raise SaferWalksError(
            "No place has been named yet", got="an empty list of places",
            todo="name places on the Places page, or safer-walks places import FILE",
        )  # fmt: skip
    wards_of = assign_wards_xy(located["easting"], located["northing"], wards)["ward_code"]
    inside = located.assign(ward_code=wards_of)[wards_of.notna()]
    if inside.empty:
        raise SaferWalksError(
            "No named place lies inside the wards", got=f"{len(located)} places outside them",
            todo="name places inside the wards on the Places page",
        )  # fmt: skip
    names = dict(zip(wards["ward_code"], wards["ward_name"], strict=True))
    inside = inside.sort_values("site_id")
    own = [
        shapely.from_wkt(text) if text else shapely.Point(e, n)
        for text, e, n in zip(inside["outline"], inside["easting"], inside["northing"], strict=True)
    ]
    areas = gpd.GeoSeries(own, index=inside.index, crs=wards.crs).buffer(metres)
    table = gpd.GeoDataFrame(
        {
            "location_id": inside["site_id"].astype(str), "name": inside["name"].astype(str),
            "ward_code": inside["ward_code"].astype(str),
            "ward_name": inside["ward_code"].map(names).astype(str),
            "easting": inside["easting"].astype("float64"),
            "northing": inside["northing"].astype("float64"),
            "step_free": inside["step_free"].astype("object"),
            "kerb_space": inside["kerb_space"].astype("object"),
        },
        geometry=areas, crs=wards.crs,
    ).reset_index(drop=True)  # fmt: skip
    left_out, origins = len(current) - len(table), np.array(own, dtype=object)
    return Candidates("sites", table, metres, _overlapping(table), left_out, origins)


def _overlapping(table: gpd.GeoDataFrame) -> int:
    one, two = table.sindex.query(table.geometry, predicate="intersects")
    return len(np.unique(one[one != two]))
