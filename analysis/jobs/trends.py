"""Trends: months beside the same months a year before, and which are out of the ordinary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.change import change_words, poisson_z
from analysis.control_chart import RULES, Break, drawn_chart, stretches
from analysis.coverage import compared_months
from analysis.jobs.count_in import ROUND_M
from analysis.jobs.overview import comparable_months
from analysis.jobs.selection import (
    Selection,
    category_levels,
    select,
    selected_counts,
    settle_as_at,
)
from analysis.seasonality import seasonal_index
from analysis.tally import counts_by, inside_rows, monthly_matrix
from geodata import months as m
from geodata.breaks import KnownBreak, national_breaks
from geodata.errors import NotEnoughDataError, SaferWalksError
from geodata.points import points_near, points_of
from geodata.vocabularies import ALL_GROUP, ASB_CATEGORIES, CATEGORY_BY_CODE
from geodata.workspace import Workspace

By = Literal["borough", "ward", "category", "site"]
BY: tuple[str, ...] = get_args(By)

LONGEST = 36
"""Months that a trend looks back."""
WINDOW_MONTHS = 12
SEASON_YEARS = 2
"""Times each month of the year must have a whole year around it before seasons are taken out."""

WITH_DRUGS: tuple[str, ...] = (*ASB_CATEGORIES, "drugs")
"""Anti-social behaviour and drugs together: one series across the change of November 2023."""

SHORT: dict[str, str] = {
    "beyond": "beyond the limits",
    "two_of_three": "two of three far out",
    "run": "eight on one side",
    "trend": "six rising or falling in a row",
}
"""Rules of `analysis.control_chart`, in a few words each."""

SEASON_NOTE = (
    "The borough's seasons are taken out: a month stands out only against the same month of other "
    "years."
)
NO_SEASON_NOTE = (
    "The seasons are still in: with fewer than about three years stored they cannot be told from "
    "chance, so a summer may stand out only for being summer."
)


@dataclass(frozen=True)
class Trends:
    """Series of months, one or several.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a series and month: `series`, `name`, `month`, `count` (NaN where no file covers
        the month), `is_partial` (a force's file is missing), `year_before`, `centre`, `low`,
        `high` (control limits, reports a month), `z`, `signals` (names of
        `analysis.control_chart.RULES`), `note` (the same in words).
    summary : pandas.DataFrame
        One row a series, in the order of names (categories: of the vocabulary): `series`, `name`,
        `months_compared`, `count`, `year_before` (over those months), `z` (Poisson), `words`,
        `stands_out` (months of the last 12 marked by the control chart, in words).
    by : str
        What the series are.
    as_at : str
        Last month.
    breaks : tuple of KnownBreak
        Those within the months shown that touch what is counted.
    season : pandas.DataFrame or None
        As `analysis.seasonality.seasonal_index`, of the whole borough; None with too few months.
    season_out : bool
        Whether the seasons are taken out of the limits: only where each month of the year has been
        met twice.
    notes : tuple of str
        What to know before reading.
    selection : Selection
        What was counted.
    """

    table: pd.DataFrame
    summary: pd.DataFrame
    by: str
    as_at: str
    breaks: tuple[KnownBreak, ...]
    season: pd.DataFrame | None
    season_out: bool
    notes: tuple[str, ...]
    selection: Selection

    def to_json(self) -> dict[str, Any]:
        """Keys for the command line; the months themselves go to `--out`."""
        told = self.summary.astype(object).where(self.summary.notna(), None)
        return {
            "by": self.by,
            "as_at": self.as_at,
            "first": str(self.table["month"].min()),
            "series": told.to_dict("records"),
            "breaks": [{"month": b.month, "label": b.label} for b in self.breaks],
            "seasons_taken_out": self.season_out,
            "notes": list(self.notes),
            **self.selection.to_json(),
        }


def trends(
    workspace: Workspace,
    *,
    by: By = "borough",
    as_at: str | None = None,
    months: int = LONGEST,
    categories: Sequence[str] = (),
    source: str | None = None,
    own_breaks: Sequence[KnownBreak] = (),
) -> Trends:
    """Follow reports month by month.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    by : {'borough', 'ward', 'category', 'site'}
        One series for all wards together, or one a ward, a kind of report, or a named place (all
        within 200 m of it, which may overlap).
    as_at : str, optional
        Last month, included; the newest stored month by default.
    months : int, default 36
        How many months to show at most, at least 12.
    categories : sequence of str
        As `analysis.jobs.selection.select`; by category everything is counted unless some are
        named.
    source : str, optional
        As `analysis.jobs.selection.select`.
    own_breaks : sequence of KnownBreak
        Breaks beside the national ones, as `geodata.breaks.own_breaks` reads them.

    Returns
    -------
    Trends
        Only reports inside the wards are counted. A month that a force's file is missing for is
        shown and not judged.

    Raises
    ------
    NotEnoughDataError
        If nothing is stored for what was asked.
    SaferWalksError
        If `by` is not one of the four, or there are no named places.
    """
    if by not in BY:
        raise SaferWalksError("Trends go by one thing", got=repr(by), todo=f"use {', '.join(BY)}")
    if by == "category" and not categories:
        categories = (ALL_GROUP,)
    chosen = select(workspace, source=source, categories=categories)
    month = settle_as_at(chosen, as_at)
    counted = inside_rows(selected_counts(workspace, chosen))
    matrix, names = _series(workspace, counted, chosen, by)
    span = [x for x in m.window(month, max(months, WINDOW_MONTHS)) if x >= chosen.first]
    breaks = _breaks(chosen, span, own_breaks)
    everything = counts_by(counted, "month").reindex(chosen.cover.present).fillna(0)
    season = _season(everything, chosen, month)
    out = season is not None and int(season["years"].min()) >= SEASON_YEARS
    used = season if out else None
    parts = _Months.of(chosen, span, breaks, used).judged(matrix)
    table = pd.concat(parts, keys=matrix.index, names=["series", "month"]).reset_index()
    table.insert(1, "name", table["series"].map(names))
    return Trends(
        table, _summary(matrix, names, table, chosen, month), by, month, breaks, season,
        out, _notes(chosen, span, season_out=out), chosen,
    )  # fmt: skip


def _series(
    workspace: Workspace, counted: pd.DataFrame, chosen: Selection, by: By
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Count by series and month, with the names of the series."""
    present = chosen.cover.present
    if by == "site":
        return _sites(workspace, chosen)
    if by == "borough":
        keys = pd.Series("borough", index=counted.index)
        names = {"borough": "All wards"}
    elif by == "ward":
        wards = workspace.wards().sort_values("ward_name", kind="stable")
        keys, names = (
            counted["ward_code"],
            dict(zip(wards["ward_code"], wards["ward_name"], strict=True)),
        )
    else:
        keys = counted["category"].astype(str)
        names = {c: CATEGORY_BY_CODE[c].label for c in category_levels(workspace, chosen)}
    matrix = monthly_matrix(keys, counted["month"], present, counted["count"])
    return matrix.reindex(pd.Index(list(names)), fill_value=0), names


def _sites(workspace: Workspace, chosen: Selection) -> tuple[pd.DataFrame, dict[str, str]]:
    places = workspace.places().sort_values("name", kind="stable")
    if places.empty:
        raise SaferWalksError(
            "The workspace has no named places to follow", todo="fetch or import places first"
        )
    points = points_of(workspace, chosen.source)
    near = points_near(points, places.geometry.buffer(ROUND_M).to_numpy())
    kept = points.which(**chosen.words()) & points.in_wards
    counted = points.matrix(*near, len(places), kept, chosen.cover.present)
    codes = places["place_id"].astype(str)
    matrix = pd.DataFrame(counted, pd.Index(codes), list(chosen.cover.present), dtype="float64")
    return matrix, dict(zip(codes, places["name"].astype(str), strict=True))


def _breaks(
    chosen: Selection, span: list[str], own: Sequence[KnownBreak]
) -> tuple[KnownBreak, ...]:
    known = sorted({*national_breaks(), *own}, key=lambda each: (each.month, each.label))
    return tuple(
        each
        for each in known
        if span[0] < each.month <= span[-1] and each.touches(chosen.source, chosen.categories)
    )


def _judged(counts: pd.Series, chosen: Selection, months: Sequence[str]) -> pd.Series:
    """Lay counts along months; NaN where no file, or not every force's file, covers the month."""
    complete = [x for x in months if chosen.cover.is_complete(x)]
    return counts.astype("float64").reindex(complete).reindex(list(months))


def _season(everything: pd.Series, chosen: Selection, as_at: str) -> pd.DataFrame | None:
    """Work out the borough's seasons, where whole years are stored."""
    known = [x for x in chosen.cover.present if x <= as_at]
    try:
        return seasonal_index(_judged(everything, chosen, m.span(known[0], as_at)))
    except NotEnoughDataError:
        return None


@dataclass(frozen=True)
class _Months:
    """What all series share: the months that are shown, and what each is in proportion to."""

    span: list[str]
    partial: list[bool]
    complete: npt.NDArray[np.bool_]
    exposure: npt.NDArray[np.float64]
    stretch: npt.NDArray[np.int64]
    before: list[str]

    @classmethod
    def of(
        cls,
        chosen: Selection,
        span: list[str],
        breaks: Sequence[KnownBreak],
        season: pd.DataFrame | None,
    ) -> _Months:
        exposure = pd.PeriodIndex(span, freq="M").days_in_month.to_numpy("float64")
        if season is not None:
            index = season["index"].to_numpy()
            exposure = exposure * np.array([index[int(x[5:7]) - 1] for x in span])
        parts = stretches(pd.Index(span), [Break(each.month, each.label) for each in breaks])
        whole = np.array([chosen.cover.is_complete(x) for x in span])
        partial = [x in chosen.cover.partial for x in span]
        return cls(span, partial, whole, exposure, parts, compared_months(span))

    def judged(self, matrix: pd.DataFrame) -> list[pd.DataFrame]:
        """Judge every series: a table each."""
        known = matrix.astype("float64")
        now = known.reindex(columns=self.span).to_numpy()
        before = known.reindex(columns=self.before).to_numpy()
        return [self._one(*rows) for rows in zip(now, before, strict=True)]

    def _one(
        self, counts: npt.NDArray[np.float64], before: npt.NDArray[np.float64]
    ) -> pd.DataFrame:
        judged = np.where(self.complete, counts, np.nan)
        chart = drawn_chart(judged, self.exposure, self.stretch)
        return pd.DataFrame(
            {
                "count": counts, "is_partial": self.partial, "year_before": before,
                **{c: chart[c] for c in ("centre", "low", "high", "z", "signals")},
                "note": [_rules_in_words(each) for each in chart["signals"]],
            },
            index=pd.Index(self.span, name="month"),
        )  # fmt: skip


def _rules_in_words(signals: str) -> str:
    return "; ".join(RULES[name] for name in signals.split())


def _summary(
    matrix: pd.DataFrame, names: dict[str, str], table: pd.DataFrame, chosen: Selection, as_at: str
) -> pd.DataFrame:
    """Sum up each series: the last 12 months against the year before, and what stands out."""
    window = [x for x in m.window(as_at, WINDOW_MONTHS) if x in chosen.cover.present]
    compared = list(comparable_months(chosen, window))
    now = matrix[compared].sum(axis=1).astype("float64")
    before = matrix[compared_months(compared)].sum(axis=1).astype("float64")
    if not compared:
        now, before = matrix[window].sum(axis=1).astype("float64"), now * np.nan
    recent = table[table["month"].isin(window) & table["signals"].ne("")]
    marked = {str(code): marked_words(part) for code, part in recent.groupby("series", sort=False)}
    rows = pd.DataFrame(
        {
            "series": matrix.index, "name": [names[code] for code in matrix.index],
            "months_compared": len(compared), "count": now.to_numpy(),
            "year_before": before.to_numpy(), "z": poisson_z(now, before).to_numpy(),
        }
    )  # fmt: skip
    rows["words"] = [
        change_words(a, b) if compared else "cannot be compared with the year before"
        for a, b in zip(rows["count"], rows["year_before"], strict=True)
    ]
    rows["stands_out"] = [marked.get(str(code), "") for code in rows["series"]]
    return rows


def marked_words(months: pd.DataFrame) -> str:
    """Say which months a control chart marks, rule by rule.

    Parameters
    ----------
    months : pandas.DataFrame
        `month`, `signals`, as in `Trends.table`.

    Examples
    --------
    >>> table = pd.DataFrame({"month": ["2026-01", "2026-02"], "signals": ["run", "run beyond"]})
    >>> marked_words(table)
    'beyond the limits: February 2026; eight on one side: January 2026, February 2026'
    """
    said = []
    for rule, words in SHORT.items():
        met = months.loc[[rule in each.split() for each in months["signals"]], "month"]
        if len(met):
            said.append(f"{words}: {', '.join(m.label(str(x)) for x in met)}")
    return "; ".join(said)


def _notes(chosen: Selection, span: list[str], *, season_out: bool) -> tuple[str, ...]:
    said = [SEASON_NOTE if season_out else NO_SEASON_NOTE]
    absent = [m.label(x) for x in span if x not in chosen.cover.present]
    if absent:
        said.append(f"No file covers {', '.join(absent)}: a gap, not a zero.")
    partial = [m.label(x) for x in span if x in chosen.cover.partial]
    if partial:
        said.append(f"Not judged, since one force's file is missing: {', '.join(partial)}.")
    return tuple(said)
