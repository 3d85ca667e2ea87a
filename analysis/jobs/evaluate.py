"""Did it work? Before and after at places, for a date, in a workspace."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis.effect_words import VERDICTS, say_effect
from analysis.evaluation import LEAST_AFTER, LEAST_BEFORE, MONTHS, Effect, Evaluation, periods
from analysis.evaluation import evaluate as compare
from analysis.evidence import hexagon_matrix
from analysis.jobs.ground import ground_of
from analysis.jobs.selection import Selection, select, selected_counts, settle_as_at
from analysis.tally import inside_rows
from geodata import months as m
from geodata.crs import BNG
from geodata.errors import SaferWalksError
from geodata.hexagons import DEFAULT_SIDE, hexagon_ids_of, hexagon_polygons, parse_hexagon_id
from geodata.site_files import read_sites
from geodata.workspace import Workspace

TOGETHER = "All of them together"


@dataclass(frozen=True)
class EvaluateResult:
    """Before and after at some places.

    Attributes
    ----------
    table : geopandas.GeoDataFrame
        One row a place, and one for all of them where there are several; BNG: `name`, `verdict`,
        `reading`, `before` (scaled to the time after), `likely`, `expected`, `observed`, `change`,
        `change_low`, `change_high`, the same for `around_` and `together_`, `smallest_fall`,
        `smallest_share`, `wdd`, `wdd_low`, `wdd_high`, `wdq`, `wdq_low`, `wdq_high`, `hexagons`.
    found : mapping of str to Evaluation
        All there is to know, by `name`.
    sentences : mapping of str to tuple of str
        The same in words.
    on : str
        The date.
    as_at : str
        Last month looked at.
    selection : Selection
        What was counted.
    notes : tuple of str
        What to know when reading several places.
    """

    table: gpd.GeoDataFrame
    found: Mapping[str, Evaluation]
    sentences: Mapping[str, tuple[str, ...]]
    on: str
    as_at: str
    selection: Selection
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Everything but the shapes; None where a number is not known or has no bound."""
        rows = self.table.drop(columns="geometry")
        first = next(iter(self.found.values()))
        return {
            "message": _message(self),
            "on": self.on,
            "as_at": self.as_at,
            "months_before": list(first.periods.before),
            "months_after": list(first.periods.after),
            "sites": [{k: _plain(v) for k, v in row.items()} for row in rows.to_dict("records")],
            "notes": list(self.notes),
            **self.selection.to_json(),
        }


def evaluate(
    workspace: Workspace,
    sites: gpd.GeoDataFrame,
    *,
    on: str,
    as_at: str | None = None,
    months: int = MONTHS,
    side: int = DEFAULT_SIDE,
    source: str | None = None,
    categories: Sequence[str] = (),
) -> EvaluateResult:
    """Compare before and after at every site, and at all of them together.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    sites : geopandas.GeoDataFrame
        `name` and geometry in BNG (`geodata.site_files.read_sites`, or `site_of`). A point stands
        for its hexagon, a shape for the hexagons it holds the middle of.
    on : str
        When it was done: 'YYYY-MM-DD' or 'YYYY-MM'. The month it falls in is in neither period.
    as_at : str, optional
        Last month that may be looked at; the newest stored month by default.
    months : int, default 12
        Months before and after, as far as they are stored.
    side : int, default 200
        Side of the hexagons, metres.
    source, categories
        As `analysis.jobs.selection.select`.

    Returns
    -------
    EvaluateResult

    Raises
    ------
    NotEnoughDataError
        If too few months are stored before or after, or too few places are left to compare with.
    SaferWalksError
        If a date is not one, or a site lies outside the wards.
    """
    done = month_of(on)
    chosen = select(workspace, source=source, categories=categories)
    last = settle_as_at(chosen, as_at)
    when = periods(chosen.cover, done, last, length=months)
    counted = inside_rows(selected_counts(workspace, chosen, side=side))
    cells = ground_of(workspace, side).cells
    matrix = hexagon_matrix(counted, cells, chosen.cover.within(None, last))
    groups = _groups(sites, cells, side)
    every = list(dict.fromkeys(h for group in groups.values() for h in group))
    if len(groups) > 1:
        groups[TOGETHER] = every
    found = {name: compare(matrix, group, when, avoid=every) for name, group in groups.items()}
    said = {name: tuple(say_effect(one, what=chosen.what)) for name, one in found.items()}
    return EvaluateResult(_table(found), found, said, on, last, chosen, _notes(len(found)))


def evaluate_file(workspace: Workspace, path: Path, **asked: Any) -> EvaluateResult:  # noqa: ANN401
    """Compare before and after at the sites of a file; see `evaluate` and `read_sites`."""
    return evaluate(workspace, read_sites(path, workspace.places()), **asked)


def evaluate_place(workspace: Workspace, hexagon: str, name: str, **asked: Any) -> EvaluateResult:  # noqa: ANN401
    """Compare before and after at one hexagon; see `evaluate`."""
    side, _, _ = parse_hexagon_id(hexagon)
    return evaluate(workspace, site_of(hexagon, name), side=side, **asked)


def months_to_judge(months: Sequence[str]) -> tuple[list[str], str]:
    """List the months in which something may have been done so that it can be judged now.

    Parameters
    ----------
    months : sequence of str
        Months that data cover, oldest first.

    Returns
    -------
    tuple of list of str and str
        The months, newest first, and the one to begin with: the newest with 12 months after it,
        else the one with most. Empty, and '', where too few months are stored.

    Examples
    --------
    >>> months_to_judge(m.span("2025-01", "2025-11"))
    (['2025-08', '2025-07'], '2025-07')
    """
    kept = [x for x in months if m.shift(x, LEAST_AFTER) <= months[-1]
            and m.shift(x, -LEAST_BEFORE) >= months[0]]  # fmt: skip
    whole = [x for x in kept if m.shift(x, MONTHS) <= months[-1]]
    first = whole[-1] if whole else kept[0] if kept else ""
    return kept[::-1], first


def site_of(hexagon: str, name: str) -> gpd.GeoDataFrame:
    """Make a site of one hexagon."""
    return gpd.GeoDataFrame({"name": [name]}, geometry=[_polygon(hexagon)], crs=BNG)


def month_of(on: str) -> str:
    """Give the month of a date or month.

    Raises
    ------
    SaferWalksError
        If it is neither.

    Examples
    --------
    >>> month_of("2025-10-24"), month_of("2025-10")
    ('2025-10', '2025-10')
    """
    day = pd.to_datetime(on, format="%Y-%m-%d" if len(on) > len("2025-10") else "%Y-%m",
                         errors="coerce")  # fmt: skip
    if pd.isna(day) or not m.is_month(on[:7]):
        raise SaferWalksError("That is not a date", got=repr(on), todo="write it as 2025-10-24")
    return on[:7]


def _groups(sites: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, side: int) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for number, (name, shape) in enumerate(zip(sites["name"], sites.geometry, strict=True), 1):
        unique = name if name not in groups and name != TOGETHER else f"{name} ({number})"
        groups[unique] = _hexagons_of(shape, cells, side)
        if not groups[unique]:
            raise SaferWalksError(
                "A site lies outside the wards", got=str(name), first_bad=f"site {number}",
                todo="check its place, or leave it out",
            )  # fmt: skip
    return groups


def _hexagons_of(shape: Any, cells: gpd.GeoDataFrame, side: int) -> list[str]:  # noqa: ANN401
    """List the hexagons a shape holds the middle of; else the one that its own middle is in."""
    middles = gpd.points_from_xy(cells["easting"], cells["northing"])
    held = cells["hexagon"][middles.within(shape)].tolist() if shape.area else []
    if held:
        return held
    point = shape.representative_point()
    name = str(
        hexagon_ids_of(pd.array([point.x]).to_numpy(), pd.array([point.y]).to_numpy(), side)[0]
    )
    return [name] if cells["hexagon"].eq(name).any() else []


def _table(found: Mapping[str, Evaluation]) -> gpd.GeoDataFrame:
    rows = [_row(name, one) for name, one in found.items()]
    shapes = [
        gpd.GeoSeries([_polygon(h) for h in one.places]).union_all() for one in found.values()
    ]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=BNG)


def _row(name: str, one: Evaluation) -> dict[str, object]:
    here, quotient = one.here, one.quotient
    nothing = (math.nan,) * 3
    wdq = (quotient.wdq, quotient.low, quotient.high) if quotient else nothing
    return {
        "name": name, "verdict": one.verdict, "reading": VERDICTS[one.verdict],
        "before": here.before, "likely": here.likely, "expected": here.expected,
        "observed": int(here.observed), **_change("", here), **_change("around_", one.around),
        **_change("together_", one.together), "smallest_fall": here.smallest,
        "smallest_share": here.smallest_share, "wdd": one.plain_spread.value,
        "wdd_low": one.plain_spread.low, "wdd_high": one.plain_spread.high,
        **dict(zip(("wdq", "wdq_low", "wdq_high"), wdq, strict=True)),
        "hexagons": " ".join(one.places),
    }  # fmt: skip


def _change(before: str, effect: Effect) -> dict[str, float]:
    change = effect.change
    return {
        f"{before}change": change.value,
        f"{before}change_low": change.low,
        f"{before}change_high": change.high,
    }


def _polygon(hexagon: str) -> Any:  # noqa: ANN401 - shapely has no types
    side, q, r = parse_hexagon_id(hexagon)
    return hexagon_polygons(np.array([q]), np.array([r]), side)[0]


def _notes(count: int) -> tuple[str, ...]:
    if count <= 1:
        return ()
    return (
        f"Look at all of them together first: of {count - 1} places, about one in forty would "
        "show fewer reports, and one in forty more, by chance alone.",
    )


def _message(result: EvaluateResult) -> str:
    name = TOGETHER if TOGETHER in result.found else next(iter(result.found))
    return f"{name}: {VERDICTS[result.found[name].verdict]}. {result.sentences[name][0]}"


def _plain(value: object) -> object:
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else None
    return value
