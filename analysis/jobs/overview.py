"""What happened, where, what changed, and how fresh the data are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import pandas as pd

from analysis.change import STANDS_OUT, change_words, poisson_z
from analysis.coverage import compared_months
from analysis.evidence import hexagon_matrix
from analysis.jobs.areas import area_table, month_series
from analysis.jobs.ground import ground_of
from analysis.jobs.selection import Selection, select, selected_counts, settle_as_at
from analysis.tally import counts_by, inside_rows
from geodata import months as m
from geodata.hexagons import DEFAULT_SIDE
from geodata.store import stored_months
from geodata.vocabularies import ALL_GROUP, CATEGORY_BY_CODE, SOURCES
from geodata.workspace import Workspace

RECENT_MONTHS = 3
WINDOW_MONTHS = 12


@dataclass(frozen=True)
class Overview:
    """The first screen, as frames and numbers.

    Attributes
    ----------
    as_at : str
        Last month counted.
    total : int
        Reports inside the wards over the covered months of the 12 that end with `as_at`.
    months_counted : int
        How many of those 12 months data cover.
    compared : tuple of str
        Those of the counted months that every force covers in both years: only they are compared
        with the year before. Empty when they are fewer than 3.
    compared_total, year_before : float
        Reports in the compared months, and in the same months a year earlier; NaN when none are
        compared.
    change : str
        How the two compare, in words, and over which months; says why when they cannot be.
    by_ward : pandas.DataFrame
        `ward_code`, `ward_name`, `count`, `per_km2`, `per_1000`, `near_boundary_share` (0-1 of the
        ward's reports within 25 m of its edge); ordered by name, not by count.
    by_month : pandas.DataFrame
        `month`, `count` (NaN where no file covers it), `is_partial`: everything stored to `as_at`.
    by_category : pandas.DataFrame
        `category`, `label`, `count` over the window, all categories of the source, largest first.
    changes : pandas.DataFrame
        Places whose last three months differ from the same months a year before by a Poisson z
        beyond 3: `area_id`, `name`, `recent`, `before`, `z`, `words`.
    changes_note : str
        Why `changes` is empty, when it is.
    sources : pandas.DataFrame
        Side by side, never added up: `source`, `label`, `force`, `first`, `last`, `months`,
        `reports`, `missing` (months, words).
    selection : Selection
        What was counted.
    """

    as_at: str
    total: int
    months_counted: int
    compared: tuple[str, ...]
    compared_total: float
    year_before: float
    change: str
    by_ward: pd.DataFrame
    by_month: pd.DataFrame
    by_category: pd.DataFrame
    changes: pd.DataFrame
    changes_note: str
    sources: pd.DataFrame
    selection: Selection


def overview(
    workspace: Workspace,
    *,
    source: str | None = None,
    categories: Sequence[str] = (),
    as_at: str | None = None,
    side: int = DEFAULT_SIDE,
) -> Overview:
    """Sum up the last 12 months.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    source, categories
        As `analysis.jobs.selection.select`.
    as_at : str, optional
        Last month, included; the newest stored month by default.
    side : int, default 200
        Side of the hexagons among which changes are looked for, metres.

    Returns
    -------
    Overview
        Frames and numbers.
    """
    chosen = select(workspace, source=source, categories=categories)
    month = settle_as_at(chosen, as_at)
    counted = inside_rows(selected_counts(workspace, chosen))
    monthly = counts_by(counted, "month").reindex(chosen.cover.present, fill_value=0)
    window = [x for x in m.window(month, WINDOW_MONTHS) if x in chosen.cover.present]
    compared = comparable_months(chosen, window)
    now, before = _sums(monthly, compared)
    changes, note = _changes(workspace, chosen, month, side)
    series = month_series(monthly, chosen)
    return Overview(
        as_at=month, total=int(monthly[window].sum()), months_counted=len(window),
        compared=compared, compared_total=now, year_before=before,
        change=_change_in_words(now, before, compared, window),
        by_ward=_by_ward(workspace, counted, chosen, window),
        by_month=series[series["month"] <= month].reset_index(drop=True),
        by_category=_by_category(workspace, chosen, window),
        changes=changes, changes_note=note, sources=source_table(workspace), selection=chosen,
    )  # fmt: skip


def source_table(workspace: Workspace) -> pd.DataFrame:
    """List what is stored, source by source and force by force.

    Returns
    -------
    pandas.DataFrame
        As `Overview.sources`. `reports` counts all rows, also those outside the wards.
    """
    stored = stored_months(workspace).astype({"source": "str", "force": "str", "month": "str"})
    rows = []
    for key, part in stored.groupby(["source", "force"], sort=True):
        source, force = map(str, cast("tuple[str, str]", key))
        months = sorted(part["month"].unique())
        rows.append(
            {
                "source": source, "label": SOURCES[source], "force": force,
                "first": months[0], "last": months[-1], "months": len(months),
                "reports": int(part["rows"].sum()), "missing": ", ".join(m.missing(months)),
            }
        )  # fmt: skip
    columns = ["source", "label", "force", "first", "last", "months", "reports", "missing"]
    return pd.DataFrame(rows, columns=columns)


def comparable_months(chosen: Selection, window: list[str]) -> tuple[str, ...]:
    """List the months of a window that every force covers in both years; under 3, none.

    Parameters
    ----------
    chosen : Selection
        What is counted, not cut to the window: the year before is needed too.
    window : list of str
        Months to compare with the same ones a year before.
    """
    pairs = zip(window, compared_months(window), strict=True)
    both = [x for x, y in pairs if chosen.cover.is_complete(x) and chosen.cover.is_complete(y)]
    return tuple(both) if len(both) >= RECENT_MONTHS else ()


def _sums(monthly: pd.Series, compared: tuple[str, ...]) -> tuple[float, float]:
    if not compared:
        return float("nan"), float("nan")
    before = compared_months(compared)
    return float(monthly[list(compared)].sum()), float(monthly[before].sum())


def _change_in_words(
    now: float, before: float, compared: tuple[str, ...], window: list[str]
) -> str:
    if not compared:
        return (
            "cannot be compared with the year before: reports are needed for the same months of "
            "both years"
        )
    words = change_words(now, before)
    left_out = [m.label(x) for x in window if x not in compared]
    if left_out:
        words += (
            f"; {', '.join(left_out)} left out, since a file is missing for "
            f"{'it' if len(left_out) == 1 else 'them'} or for the year before"
        )
    return words


def _by_ward(
    workspace: Workspace, counted: pd.DataFrame, chosen: Selection, window: list[str]
) -> pd.DataFrame:
    areas = area_table(
        workspace, layer="wards", categories=chosen.categories, source=chosen.source,
        first=window[0], last=window[-1],
    )  # fmt: skip
    counted = counted[counted["month"].isin(window)]
    near = counts_by(counted, "ward_code", "near_boundary") / counts_by(counted, "ward_code")
    table = areas[["ward_code", "ward_name", "count", "per_km2", "per_1000"]].assign(
        near_boundary_share=areas["ward_code"].map(near)
    )
    return pd.DataFrame(table).sort_values("ward_name", kind="stable").reset_index(drop=True)


def _by_category(workspace: Workspace, chosen: Selection, window: list[str]) -> pd.DataFrame:
    everything = select(workspace, source=chosen.source, categories=(ALL_GROUP,))
    counted = inside_rows(selected_counts(workspace, everything))
    found = counts_by(counted[counted["month"].isin(window)], "category")
    table = found[found > 0].rename_axis("category").reset_index()
    table.insert(1, "label", table["category"].map(lambda c: CATEGORY_BY_CODE[c].label))
    return table.sort_values(["count", "category"], ascending=[False, True]).reset_index(drop=True)


def _changes(
    workspace: Workspace, chosen: Selection, as_at: str, side: int
) -> tuple[pd.DataFrame, str]:
    columns = ["area_id", "name", "recent", "before", "z", "words"]
    now = m.window(as_at, RECENT_MONTHS)
    before = compared_months(now)
    lacking = [x for x in [*before, *now] if not chosen.cover.is_complete(x)]
    if lacking:
        months = ", ".join(lacking)
        note = f"Changes need the same three months a year before: {months} not covered."
        return pd.DataFrame(columns=columns), note
    ground = ground_of(workspace, side)
    counted = inside_rows(selected_counts(workspace, chosen, side=side))
    matrix = hexagon_matrix(counted, ground.cells, chosen.cover)
    table = pd.DataFrame(
        {
            "area_id": ground.cells["hexagon"].to_numpy(),
            "name": ground.names.to_numpy(),
            "recent": matrix[now].sum(axis=1).to_numpy(),
            "before": matrix[before].sum(axis=1).to_numpy(),
        }
    )
    table["z"] = poisson_z(table["recent"], table["before"])
    table = table[table["z"].abs() > STANDS_OUT].sort_values(
        ["z", "area_id"], ascending=[False, True]
    )
    table["words"] = [
        change_words(a, b) for a, b in zip(table["recent"], table["before"], strict=True)
    ]
    note = "" if len(table) else "No place stands out against the same three months a year before."
    return table[columns].reset_index(drop=True), note
