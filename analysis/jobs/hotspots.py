"""Certified hot spots: where busy hexagons lie together more than chance would put them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from analysis.emerging import classify, hot_bins
from analysis.evidence import hexagon_matrix
from analysis.hotspots import Certified, certified, certify
from analysis.jobs.score import location_names
from analysis.jobs.selection import Selection, select, selected_incidents, settle_as_at
from analysis.neighbours import collar_cells, hexagon_neighbourhoods, share_as_exposure
from analysis.reach import THIN_COLLAR, collar_density
from geodata import months as m
from geodata.hexagons import DEFAULT_SIDE, cover
from geodata.workspace import Workspace

SEED = 20_260_430
WINDOW_MONTHS = 12
CLASS_MONTHS = 24
CLASS_LEAST = 12
CLASS_MEMORY = 2

WHOLE_NOTE = (
    "Hexagons on the edge are counted whole, with the reports outside the wards; those further "
    "out only serve as neighbours."
)
INSIDE_NOTE = (
    "The files hold hardly any reports around the wards, so edge hexagons are compared by the "
    "share of them inside, and those less than a third inside are not tested."
)


@dataclass(frozen=True)
class HotspotsResult:
    """The certified hot spots of a borough.

    Attributes
    ----------
    table : geopandas.GeoDataFrame
        One row a hexagon that meets a ward, BNG: `hexagon`, `name`, `ward_code`, `count`,
        `expected`, `statistic`, `p` (for the whole map), `hot`, `word` ('new', 'persistent',
        'fading' or ''), `class` (the full class; blank where the months are too few), geometry.
    summary : Certified
        How much of the borough is certified; `summary.sentence()` says it.
    as_at : str
        Last month, included.
    notes : tuple of str
        How edges were treated, and what was too short.
    selection : Selection
        What was counted.
    """

    table: gpd.GeoDataFrame
    summary: Certified
    as_at: str
    notes: tuple[str, ...]
    selection: Selection

    def to_json(self) -> dict[str, Any]:
        """Everything but the table."""
        return {
            "as_at": self.as_at,
            "hexagons": self.summary.hexagons,
            "hot": self.summary.hot_hexagons,
            "hexagon_share": self.summary.hexagon_share,
            "report_share": self.summary.report_share,
            "alpha": self.summary.alpha,
            "summary": self.summary.sentence(),
            "notes": list(self.notes),
            "seed": SEED,
            **self.selection.to_json(),
        }


def hotspots(
    workspace: Workspace,
    *,
    as_at: str | None = None,
    categories: Sequence[str] = (),
    source: str | None = None,
    side: int = DEFAULT_SIDE,
) -> HotspotsResult:
    """Certify hot spots over the 12 months that end with `as_at`.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    as_at : str, optional
        Last month, included; the newest stored month by default.
    categories, source
        As `analysis.jobs.selection.select`.
    side : int, default 200
        Side of the hexagons, metres.

    Returns
    -------
    HotspotsResult
        Zero hexagons included. Where reports around the wards are stored, edge hexagons are
        counted whole, so their counts can exceed those of `counts --by hexagon`.

    Raises
    ------
    NotEnoughDataError
        If nothing is stored for what was asked, or there are fewer than 30 hexagons.
    """
    chosen = select(workspace, source=source, categories=categories)
    month = settle_as_at(chosen, as_at)
    rows = selected_incidents(workspace, chosen, ["month", "easting", "northing", "in_collar"])
    wards = workspace.wards()
    cells = cover(wards, side)
    inside = rows["ward_match"].eq("inside")
    year = [x for x in m.window(month, WINDOW_MONTHS) if x in chosen.cover.present]
    in_year = rows["month"].isin(year)
    density = collar_density(
        wards, int((inside & in_year).sum()), int((rows["in_collar"] & in_year).sum())
    )
    if density >= THIN_COLLAR:
        kept, tested, exposure = (
            rows[inside | rows["in_collar"]],
            _with_collar(cells, wards, side),
            None,
        )
        note = WHOLE_NOTE
    else:
        kept, tested, exposure = rows[inside], cells[["hexagon"]], share_as_exposure(cells)
        note = INSIDE_NOTE
    matrix = hexagon_matrix(kept, tested, chosen.cover, side)
    near = hexagon_neighbourhoods(tested["hexagon"])
    judged = pd.Series(tested["hexagon"].isin(cells["hexagon"]).to_numpy(), tested["hexagon"])
    found = certify(matrix[year].sum(axis=1), near, seed=SEED, exposure=exposure, judged=judged)
    found = found.reindex(cells["hexagon"])
    classes, class_note = _classes(matrix, chosen, month, exposure)
    return HotspotsResult(
        _table(cells, found, classes, location_names(cells, workspace.places())),
        certified(found), month, tuple(filter(None, (note, class_note))), chosen,
    )  # fmt: skip


def _with_collar(cells: gpd.GeoDataFrame, wards: gpd.GeoDataFrame, side: int) -> pd.DataFrame:
    around = collar_cells(wards, side)
    return pd.concat([cells[["hexagon"]], around[["hexagon"]]], ignore_index=True)


def _classes(
    matrix: pd.DataFrame, chosen: Selection, as_at: str, exposure: pd.Series | None
) -> tuple[pd.DataFrame | None, str]:
    """Class hexagons through time over the last complete months, if there are enough in a row."""
    months: list[str] = []
    for month in reversed(m.window(as_at, CLASS_MONTHS)):
        if not chosen.cover.is_complete(month):
            break
        months.insert(0, month)
    if len(months) < CLASS_LEAST:
        return None, (
            f"New, persistent and fading need {CLASS_LEAST} complete months in a row up to "
            f"{m.label(as_at)}; there are {len(months)}."
        )
    cube = matrix[months]
    if exposure is not None:
        cube = cube.loc[exposure.index[exposure.notna()]]
        exposure = exposure.dropna()
    bins = hot_bins(
        cube, hexagon_neighbourhoods(cube.index), seed=SEED, exposure=exposure, memory=CLASS_MEMORY
    )
    windows = slice(CLASS_MEMORY, None)  # the first windows are not whole
    state, score = bins.state.iloc[:, windows], bins.score.iloc[:, windows]
    return classify(state, score, memory=CLASS_MEMORY), ""


def _table(
    cells: gpd.GeoDataFrame, found: pd.DataFrame, classes: pd.DataFrame | None, names: pd.Series
) -> gpd.GeoDataFrame:
    word = pd.Series("", index=found.index)
    pattern = pd.Series("", index=found.index)
    if classes is not None:
        hot_side = classes["side"].eq("hot")
        word.update(classes["word"])
        pattern.update(classes["class"].where(hot_side, "none"))
    return gpd.GeoDataFrame(
        {
            "hexagon": cells["hexagon"],
            "name": names,
            "ward_code": cells["ward_code"],
            **{c: found[c].to_numpy() for c in ("count", "expected", "statistic", "p", "hot")},
            "word": word.to_numpy(),
            "class": pattern.to_numpy(),
        },
        geometry=cells.geometry.to_numpy(), crs=cells.crs,
    )  # fmt: skip
