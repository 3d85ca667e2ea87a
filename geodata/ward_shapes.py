"""Make ward shapes sound and measure how they fit together. BNG metres throughout."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from geodata.errors import WardFileError

GAP_WIDTH_M = 10.0
"""Gaps narrower than this count as gaps even where they are open to the outside."""

GAP_METHOD = (
    "Counted are holes enclosed by the wards, and slivers under 10 m wide between two or more "
    "wards that are open at their ends at most."
)


@dataclass(frozen=True)
class Fit:
    """How well wards tile their area, in square metres (`area_ha` in hectares).

    Attributes
    ----------
    area_ha : float
        Area of all wards together, overlaps counted once.
    overlap_m2 : float
        Sum over pairs of wards of the area both claim.
    overlaps : tuple of (int, int, float)
        Positions of the pairs and their areas, largest first.
    gap_m2 : float
        Area between wards that belongs to none: see `GAP_METHOD`.
    """

    area_ha: float
    overlap_m2: float
    overlaps: tuple[tuple[int, int, float], ...]
    gap_m2: float


def require_polygons(shapes: gpd.GeoSeries, labels: list[str]) -> None:
    """Raise `WardFileError` naming the first row without a polygon."""
    missing = (shapes.isna() | shapes.is_empty).to_numpy()
    kinds = shapely.get_type_id(shapes.to_numpy())
    other = ~missing & ~np.isin(kinds, (3, 6))
    for bad, problem in ((missing, "has no geometry"), (other, "is not a polygon")):
        if bad.any():
            first = int(np.flatnonzero(bad)[0])
            kind = "" if missing[first] else shapes.iloc[first].geom_type
            raise WardFileError(
                f"A row of the boundary file {problem}",
                got=f"{int(bad.sum())} such rows{f', {kind}' if kind else ''}",
                first_bad=labels[first],
                todo="mend or remove the row",
            )


def repair(shapes: np.ndarray, labels: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Make invalid polygons valid, keeping their polygon parts.

    Returns
    -------
    tuple of numpy.ndarray
        The shapes, and which of them were mended.

    Raises
    ------
    WardFileError
        Naming the first row that has no area.

    Examples
    --------
    >>> bowtie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    >>> mended, which = repair(np.array([bowtie, shapely.box(0, 0, 1, 1)]), ["row 1", "row 2"])
    >>> mended[0].area, which.tolist()
    (2.0, [True, False])
    """
    bad = ~shapely.is_valid(shapes)
    out = shapes.copy()
    for i in np.flatnonzero(bad):
        parts = shapely.get_parts(shapely.make_valid(shapes[i]))
        parts = shapely.get_parts(parts[np.isin(shapely.get_type_id(parts), (3, 6, 7))])
        out[i] = shapely.union_all(parts[shapely.get_type_id(parts) == 3])
    flat = np.flatnonzero(shapely.area(out) == 0)
    if len(flat):
        raise WardFileError(
            "A row of the boundary file has no area", first_bad=labels[flat[0]],
            todo="mend or remove the row",
        )  # fmt: skip
    return out, bad


def measure_fit(polygons: np.ndarray) -> Fit:
    """Measure overlaps and gaps between wards.

    Parameters
    ----------
    polygons : numpy.ndarray
        Valid polygons, BNG.

    Examples
    --------
    >>> tiles = np.array([shapely.box(0, 0, 100, 100), shapely.box(90, 0, 200, 100)])
    >>> fit = measure_fit(tiles)
    >>> fit.area_ha, fit.overlap_m2, fit.gap_m2
    (2.0, 1000.0, 0.0)
    """
    union = shapely.union_all(polygons)
    pairs = _overlaps(polygons)
    return Fit(
        area_ha=round(union.area / 1e4, 3),
        overlap_m2=round(float(sum(area for _, _, area in pairs)), 1),
        overlaps=pairs,
        gap_m2=round(_gap_area(polygons, union), 1),
    )


def _overlaps(polygons: np.ndarray) -> tuple[tuple[int, int, float], ...]:
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    left, right = left[left < right], right[left < right]
    area = shapely.area(shapely.intersection(polygons[left], polygons[right]))
    found = [
        (int(a), int(b), round(float(m), 1)) for a, b, m in zip(left, right, area, strict=True)
    ]
    return tuple(sorted((f for f in found if f[2] > 0), key=lambda f: (-f[2], f[0], f[1])))


def _gap_area(polygons: np.ndarray, union: shapely.Geometry) -> float:
    parts = shapely.get_parts(union)
    holes = [shapely.polygons(ring) for part in parts for ring in part.interiors]
    # Closing: grow by half the width, shrink back; what stays filled is narrower than the width.
    # Mitred corners, so that a plain corner is not rounded off and mistaken for a gap.
    half = GAP_WIDTH_M / 2
    grown = shapely.buffer(union, half, join_style="mitre", mitre_limit=5.0)
    closed = shapely.buffer(grown, -half, join_style="mitre", mitre_limit=20.0)
    slivers = shapely.get_parts(shapely.difference(closed, union))
    slivers = slivers[shapely.area(slivers) > 0.05]
    tree = shapely.STRtree(polygons)
    sliver, _ = tree.query(slivers, predicate="dwithin", distance=0.01)
    between = slivers[np.bincount(sliver, minlength=len(slivers)) >= 2]
    # Where two wards meet the outside at a sharp angle, the notch is no gap: a third of its edge
    # is open. A sliver is open at its ends, a small part of its edge.
    rim = shapely.boundary(between)
    open_length = shapely.length(shapely.difference(rim, shapely.buffer(union, 0.01)))
    between = between[open_length < 0.1 * shapely.length(rim)]
    return float(shapely.area(shapely.union_all([*holes, *between])))
