"""How many reports lie at each point: for areas that nobody knew of when reports were imported.

Round a named place, or inside an outline that somebody has just drawn, only distinct points need be
looked at, not reports. The tables are those of `geodata.aggregates.POINTS`; here they lie in
memory, ordered from west to east, once a process for each source.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geodata import aggregates
from geodata.distinct import distinct_points
from geodata.shared import Shared
from geodata.workspace import Workspace

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.integer]
Mask: TypeAlias = npt.NDArray[np.bool_]

_KEYS = ("month", "category", "record_level", "ward_code", "geo_precision")


@dataclass(frozen=True, eq=False)
class Points:
    """Distinct points from west to east, and what was counted at each.

    Attributes
    ----------
    x, y : numpy.ndarray
        BNG metres.
    start : numpy.ndarray
        Counts of point i are those from `start[i]` to before `start[i + 1]`; those from the last
        entry of it on have no place.
    count : numpy.ndarray
        Reports.
    point : numpy.ndarray
        For each count, the number of its point; -1 without a place.
    code : mapping of str to numpy.ndarray
        For each count, its `month`, `category`, `record_level`, `ward_code` and `geo_precision`, as
        a number; -1 is missing.
    words : mapping of str to pandas.Index
        What those numbers mean.
    """

    x: Floats
    y: Floats
    start: Ints
    count: Ints
    point: Ints
    code: Mapping[str, Ints]
    words: Mapping[str, pd.Index]

    @property
    def in_wards(self) -> Mask:
        """Tell which counts lie inside the wards."""
        return np.asarray(self.code["ward_code"] >= 0)

    def which(self, **wanted: Sequence[str]) -> Mask:
        """Tell which counts are of certain words: `which(month=["2026-04"])`."""
        kept = np.ones(len(self.count), dtype=bool)
        for name, words in wanted.items():
            known = np.append(self.words[name].isin(list(words)), False)  # missing is -1
            kept &= known.take(self.code[name], mode="wrap")
        return kept

    def between(self, west: float, south: float, east: float, north: float) -> Ints:
        """Give the points in a box, its edge included."""
        first = np.searchsorted(self.x, west, side="left")
        last = np.searchsorted(self.x, east, side="right")
        y = self.y[first:last]
        return first + np.flatnonzero((y >= south) & (y <= north))

    def inside(self, shape: shapely.Geometry, *, metres: float = 0.0) -> Ints:
        """Give the points that lie in a shape, or within so many metres of it; edges included."""
        west, south, east, north = shape.bounds
        if not np.isfinite(west):
            return np.empty(0, dtype="int64")
        near = self.between(west - metres, south - metres, east + metres, north + metres)
        shapely.prepare(shape)
        points = shapely.points(self.x[near], self.y[near])
        met = (
            shapely.dwithin(points, shape, metres) if metres else shapely.intersects(shape, points)
        )
        return near[met]

    def at(self, points: Ints) -> Mask:
        """Tell which counts are of certain points."""
        wanted = np.zeros(len(self.x) + 1, dtype=bool)
        wanted[points] = True
        return wanted.take(self.point, mode="wrap")

    def matrix(
        self, point: Ints, place: Ints, places: int, kept: Mask, months: Sequence[str]
    ) -> npt.NDArray[np.int64]:
        """Count by place and month, where a point may count for several places.

        Parameters
        ----------
        point, place : numpy.ndarray
            Pairs: this point counts for that place.
        places : int
            How many places there are.
        kept : numpy.ndarray
            Counts that take part, from `which`.
        months : sequence of str
            Columns.
        """
        column = np.append(pd.Index(months).get_indexer(self.words["month"]), -1)
        column = column.take(self.code["month"], mode="wrap")
        of = np.flatnonzero(kept & (column >= 0) & (self.point >= 0))
        at, when = self.point[of].astype("int64"), column[of]
        # Few points belong to a place, so those are looked at first.
        met = np.unique(point)
        number = np.full(len(self.x), -1)
        number[met] = np.arange(len(met))
        row = number[at]
        used = row >= 0
        size = len(met) * len(months)
        by_point = np.bincount(
            row[used] * len(months) + when[used], self.count[of][used], size
        ).reshape(len(met), len(months))
        found = np.zeros((places, len(months)))
        np.add.at(found, place, by_point[number[point]])
        return found.astype("int64")


def points_of(workspace: Workspace, source: str) -> Points:
    """Give the points of every stored report of a source: shared by everybody, never change them.

    Raises
    ------
    WorkspaceError
        If a table has to be made anew and a stored file is missing.
    """
    live = [p for p in workspace.manifest().live if p.source == source and p.path]
    key = (str(workspace.path.absolute()), tuple(p.path for p in live))
    return _kept.get(key, lambda: _laid_out(aggregates.read(workspace, aggregates.POINTS, live)))


_kept: Shared[Points] = Shared(4)


def points_near(
    points: Points, shapes: npt.NDArray[np.object_], metres: float = 0.0
) -> tuple[Ints, Ints]:
    """Say which points lie in which shapes, or within so many metres of them; edges included.

    It depends on no filter, so it is worked out once for the same points and shapes.

    Parameters
    ----------
    points : Points
        From `points_of`.
    shapes : numpy.ndarray
        Any geometries, BNG.
    metres : float, default 0
        How far round each.

    Returns
    -------
    tuple of numpy.ndarray
        Numbers of points and of shapes, pair by pair: for `Points.matrix`. Never change them.
    """
    key = (id(points), hashlib.sha256(b"".join(shapely.to_wkb(shapes))).digest(), metres)
    return _pairs.get(key, lambda: _near(points, shapes, metres))[1:]


def _near(
    points: Points, shapes: npt.NDArray[np.object_], metres: float
) -> tuple[Points, Ints, Ints]:
    met = [points.inside(shape, metres=metres) for shape in shapes]
    shape = np.repeat(np.arange(len(shapes)), [len(one) for one in met])
    # The points are kept with the pairs, so that no others can come to have their id.
    return points, np.concatenate([np.empty(0, dtype="int64"), *met]), shape


_pairs: Shared[tuple[Points, Ints, Ints]] = Shared(8)


def _laid_out(table: pd.DataFrame) -> Points:
    number, x, y = distinct_points(table["x"].to_numpy("float64"), table["y"].to_numpy("float64"))
    order = np.lexsort((y, x))
    place = np.empty(len(x) + 1, dtype="int32")
    place[order] = np.arange(len(x), dtype="int32")
    place[-1] = len(x)  # without a place: behind all others
    point = place[number]
    row = np.argsort(point, kind="stable")
    point = point[row]
    start = np.searchsorted(point, np.arange(len(x) + 1))
    code = {name: table[name].cat.codes.to_numpy()[row] for name in _KEYS}
    words = {name: pd.Index(table[name].cat.categories) for name in _KEYS}
    point[point == len(x)] = -1
    return Points(x[order], y[order], start, table["count"].to_numpy()[row], point, code, words)
