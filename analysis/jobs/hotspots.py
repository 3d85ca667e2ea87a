"""Certified hot spots: where busy hexagons lie together more than chance would put them.

They take seconds of processor, and nothing but an import changes them: what was worked out once is
kept on disk beside the counts, for every restart and every replica (`geodata.kept`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis.components import persistence
from analysis.emerging import Bins, classify, hot_bins
from analysis.evidence import hexagon_matrix
from analysis.hotspot_words import hotspot_words, recent_change
from analysis.hotspots import Certified, certified, certify
from analysis.jobs.ground import Ground, ground_of
from analysis.jobs.selection import Selection, select, selected_counts, settle_as_at
from analysis.neighbours import Neighbourhoods, hexagon_neighbourhoods, share_as_exposure
from analysis.reach import THIN_COLLAR, collar_density
from geodata import kept
from geodata import months as m
from geodata.hexagons import DEFAULT_SIDE
from geodata.workspace import Workspace

SEED = 20_260_430
WINDOW_MONTHS = 12
CLASS_MONTHS = 24
CLASS_LEAST = 12
CLASS_MEMORY = 2
RECENT_MONTHS = 6
RECENT_LEAST = 4
"""Complete months that each half of the year needs for a word."""

CODE = (
    *(f"analysis/jobs/{name}.py" for name in ("hotspots", "ground", "selection")),
    *(
        f"analysis/{name}.py"
        for name in (
            "areas", "change", "components", "coverage", "emerging", "evidence", "hotspot_words",
            "hotspots", "neighbours", "reach", "residuals", "smoothing", "tally", "trend_test",
        )
    ),
    *(f"geodata/{name}.py" for name in ("aggregates", "hexagons", "months", "vocabularies")),
)  # fmt: skip
"""What decides the answer beside the data: a result made by other code is not read."""
LIBRARIES = ("numpy", "scipy", "pandas")

Progress = Callable[[float, str], None]

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
        'fading' of a certified hexagon, else ''; see `analysis.hotspot_words`), `class` and
        `class_older` (through time, with the current and the older reading of sporadic; blank
        where months are too few), `hot_share` (of the rolling three-month windows in which it was
        hot), `busy_share` (of those in which it was among the busiest tenth), geometry.
    summary : Certified
        How much of the borough is certified; `summary.sentence()` says it.
    as_at : str
        Last month, included.
    notes : tuple of str
        How edges were treated, and what was too short.
    windows : tuple of str
        Last month of every three-month window behind `class` and `hot_share`; may be none.
    seed : int
        Seed of the shuffling.
    selection : Selection
        What was counted.
    """

    table: gpd.GeoDataFrame
    summary: Certified
    as_at: str
    notes: tuple[str, ...]
    windows: tuple[str, ...]
    seed: int
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
            "words": self.words(),
            "notes": list(self.notes),
            "seed": self.seed,
            **self.selection.to_json(),
        }

    def words(self) -> dict[str, int]:
        """Count the certified hexagons by their word."""
        told = self.table.loc[self.table["hot"] & self.table["word"].ne(""), "word"]
        return {str(word): int(n) for word, n in told.value_counts().sort_index().items()}


def hotspots(
    workspace: Workspace,
    *,
    as_at: str | None = None,
    categories: Sequence[str] = (),
    source: str | None = None,
    side: int = DEFAULT_SIDE,
    seed: int = SEED,
    classes: bool = True,
    progress: Progress = lambda _share, _words: None,
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
    seed : int
        Seed of the shuffling: the same seed on the same data gives the same answer.
    classes : bool, default True
        Whether to class hexagons through time too, which takes longest; blank where not.
    progress : callable, optional
        Told the share done (0-1) and what is being done.

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
    progress(0.0, "Counting")
    asked = _settled(workspace, as_at, categories, source, side, seed, classes=classes)
    found = _kept(workspace, asked)
    if found is None:
        table, note = _worked_out(workspace, asked, progress)
        kept.write(_place(workspace, asked), table, note)
        found = _result(workspace, asked, table, note)
    progress(1.0, "Done")
    return found


@dataclass(frozen=True)
class _Asked:
    """What is to be certified, with nothing left open."""

    chosen: Selection
    month: str
    side: int
    seed: int
    classes: bool


def _settled(
    workspace: Workspace, as_at: str | None, categories: Sequence[str], source: str | None,
    side: int, seed: int, *, classes: bool,
) -> _Asked:  # fmt: skip
    chosen = select(workspace, source=source, categories=categories)
    return _Asked(chosen, settle_as_at(chosen, as_at), side, seed, classes)


def _place(workspace: Workspace, asked: _Asked) -> Path:
    chosen = asked.chosen
    words = {
        "as_at": asked.month, "side": asked.side, "seed": asked.seed, "classes": asked.classes,
        "categories": sorted(chosen.categories), "record_level": chosen.record_level,
    }  # fmt: skip
    code = kept.code_digest(CODE, LIBRARIES)
    return kept.place_of(workspace, "certified", chosen.source, words, code=code)


def _kept(workspace: Workspace, asked: _Asked) -> HotspotsResult | None:
    found = kept.read(_place(workspace, asked))
    return None if found is None else _result(workspace, asked, *found)


def _worked_out(
    workspace: Workspace, asked: _Asked, progress: Progress
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Certify: what was found of each hexagon that meets a ward, in their order, and notes."""
    chosen, month, seed = asked.chosen, asked.month, asked.seed
    ground = ground_of(workspace, asked.side)
    cells = ground.cells
    tested = _tested(workspace, chosen, month, ground)
    progress(0.1, "Shuffling the map")
    found = tested.certify(_present(chosen, m.window(month, WINDOW_MONTHS)), seed)
    progress(0.4, "Looking at the last six months")
    words, word_note = _words(tested, found, chosen, month, seed)
    progress(0.6, "Looking at every three months")
    told, windows, class_note = (
        _classes(tested, chosen, month, seed) if asked.classes else (_no_classes(tested), (), "")
    )
    busy = persistence(tested.matrix.loc[cells["hexagon"]], chosen.cover, month).raw
    extra = told.assign(word=words, busy_share=busy).reindex(cells["hexagon"])
    table = _numbers(found.reindex(cells["hexagon"]), extra)
    notes = [note for note in (tested.note, word_note, class_note) if note]
    return table, {"notes": notes, "windows": list(windows)}


def _result(
    workspace: Workspace, asked: _Asked, table: pd.DataFrame, note: dict[str, Any]
) -> HotspotsResult:
    """Lay what was found on the ground again."""
    ground = ground_of(workspace, asked.side)
    cells = ground.cells
    where = {"hexagon": cells["hexagon"], "name": ground.names, "ward_code": cells["ward_code"]}
    whole = gpd.GeoDataFrame(
        {**where, **{str(name): table[name].to_numpy() for name in table.columns}},
        geometry=cells.geometry.to_numpy(), crs=cells.crs,
    )  # fmt: skip
    return HotspotsResult(
        whole, certified(table), asked.month, tuple(note["notes"]), tuple(note["windows"]),
        asked.seed, asked.chosen,
    )  # fmt: skip


@dataclass(frozen=True)
class _Tested:
    """The hexagons that are tested, their monthly counts, and their exposure."""

    matrix: pd.DataFrame
    near: Neighbourhoods
    exposure: pd.Series | None
    judged: pd.Series
    note: str

    def certify(self, months: list[str], seed: int) -> pd.DataFrame:
        return certify(
            self.matrix[months].sum(axis=1), self.near, seed=seed, exposure=self.exposure,
            judged=self.judged,
        )  # fmt: skip


def _tested(workspace: Workspace, chosen: Selection, as_at: str, ground: Ground) -> _Tested:
    counted = selected_counts(workspace, chosen, side=ground.side)
    inside = counted["ward_match"].eq("inside")
    in_year = counted["month"].isin(_present(chosen, m.window(as_at, WINDOW_MONTHS)))
    of_year = counted["count"].where(in_year, 0)
    density = collar_density(ground.wards, int(of_year[inside].sum()), int(of_year[~inside].sum()))
    cells = ground.cells[["hexagon"]]
    if density >= THIN_COLLAR:
        tested = pd.concat([cells, ground.around[["hexagon"]]], ignore_index=True)
        near, exposure, note = ground.near_with_around, None, WHOLE_NOTE
    else:
        tested, near, counted = cells, ground.near, counted[inside]
        exposure, note = share_as_exposure(ground.cells), INSIDE_NOTE
    matrix = hexagon_matrix(counted, tested, chosen.cover)
    judged = pd.Series(tested["hexagon"].isin(cells["hexagon"]).to_numpy(), tested["hexagon"])
    return _Tested(matrix, near, exposure, judged, note)


def _present(chosen: Selection, months: Sequence[str]) -> list[str]:
    return [x for x in months if x in chosen.cover.present]


def _complete(chosen: Selection, months: Sequence[str]) -> list[str]:
    return [x for x in months if chosen.cover.is_complete(x)]


def _words(
    tested: _Tested, found: pd.DataFrame, chosen: Selection, as_at: str, seed: int
) -> tuple[pd.Series, str]:
    """Give certified hexagons their word, where enough months are complete."""
    z = _change(tested, chosen, as_at)
    if z is None:
        return pd.Series("", index=found.index), (
            f"New, persistent and fading need {RECENT_LEAST} complete months in each half of the "
            f"year up to {m.label(as_at)}."
        )
    start = m.shift(as_at, -RECENT_MONTHS)
    before = tested.certify(_complete(chosen, m.window(start, WINDOW_MONTHS)), seed)
    a_year_ago = _change(tested, chosen, m.shift(as_at, -12))
    return hotspot_words(found["hot"], before["hot"].reindex(found.index), z, a_year_ago), ""


def _change(tested: _Tested, chosen: Selection, as_at: str) -> pd.Series | None:
    """Compare the six months to `as_at` with the six before, if both are covered well enough."""
    year = m.window(as_at, 2 * RECENT_MONTHS)
    before, now = (_complete(chosen, part) for part in (year[:RECENT_MONTHS], year[RECENT_MONTHS:]))
    if min(len(before), len(now)) < RECENT_LEAST:
        return None
    change = recent_change(
        tested.matrix[now].sum(axis=1), tested.matrix[before].sum(axis=1), tested.near.sizes[0]
    )
    return change["z"]


def _classes(
    tested: _Tested, chosen: Selection, as_at: str, seed: int
) -> tuple[pd.DataFrame, tuple[str, ...], str]:
    """Class hexagons through time over the complete months of the last two years."""
    span = [x for x in m.window(as_at, CLASS_MONTHS) if x >= chosen.first]
    months = _complete(chosen, span)
    if len(months) < CLASS_LEAST:
        return (
            _no_classes(tested),
            (),
            (
                f"The classes through time need {CLASS_LEAST} complete months in the two years to "
                f"{m.label(as_at)}; there are {len(months)}."
            ),
        )
    left_out = ", ".join(m.label(x) for x in span if x not in months)
    note = f"The classes through time leave out {left_out}: a file is missing." if left_out else ""
    cube, exposure = tested.matrix[months], tested.exposure
    if exposure is not None:
        cube = cube.loc[exposure.index[exposure.notna()]]
        exposure = exposure.dropna()
    bins = hot_bins(
        cube, hexagon_neighbourhoods(cube.index), seed=seed, exposure=exposure, memory=CLASS_MEMORY
    )
    return _readings(bins), tuple(months[CLASS_MEMORY:]), note


def _no_classes(tested: _Tested) -> pd.DataFrame:
    none = pd.DataFrame({"class": "", "class_older": ""}, index=tested.matrix.index)
    return none.assign(hot_share=np.nan)


def _readings(bins: Bins) -> pd.DataFrame:
    """Class by both readings; the first windows are not whole and left out."""
    windows = slice(CLASS_MEMORY, None)
    state, score = bins.state.iloc[:, windows], bins.score.iloc[:, windows]
    current = classify(state, score, memory=CLASS_MEMORY)
    older = classify(state, score, memory=CLASS_MEMORY, reading="older")
    return pd.DataFrame(
        {
            "class": current["class"].where(current["side"].eq("hot"), "none"),
            "class_older": older["class"].where(older["side"].eq("hot"), "none"),
            "hot_share": current["hot_share"],
        }
    )


def _numbers(found: pd.DataFrame, extra: pd.DataFrame) -> pd.DataFrame:
    tested = ("count", "expected", "statistic", "p", "hot")
    texts = {c: extra[c].fillna("").to_numpy() for c in ("word", "class", "class_older")}
    return pd.DataFrame(
        {
            **{c: found[c].to_numpy() for c in tested},
            **texts,
            **{c: extra[c].to_numpy() for c in ("hot_share", "busy_share")},
        }
    )
