"""Times counted beside the reports: the same as spreading the rows, whatever is selected."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.aoristic import by_weekday, day_by_hour
from analysis.daylight import clock_times, light_condition
from analysis.jobs import times
from analysis.jobs.ground import ground_of
from analysis.jobs.selection import select, selected_incidents
from analysis.jobs.times import selected_times
from analysis.tally import inside_rows
from geodata import aggregates
from geodata.store import change_wards
from geodata.workspace import Workspace
from tests.builders import EAST, WEST, batch, incidents, two_wards, workspace_of

PRECISIONS = ["exact", "hour", "part_of_day", "day", "month", "unknown"]
COLUMNS = ["month", "ward_code", "occurred_from", "occurred_to", "time_precision"]


def rows_of(month: str, seed: int, count: int = 120) -> pd.DataFrame:
    """Make reports of every precision: with and without an end, short, long, and backwards."""
    rng = np.random.default_rng(seed)
    places = rng.choice([100.0, 900.0, 1500.0, -200.0], count)
    kinds = rng.choice(["rowdy", "begging"], count)
    frame = incidents(
        [(month, x, 500, kind) for x, kind in zip(places, kinds, strict=True)],
        source="council_asb", record_level="case", force="b", geo_precision="exact",
    )  # fmt: skip
    began = pd.Timestamp(f"{month}-01 00:10") + pd.to_timedelta(rng.integers(0, 40_000, count), "m")
    length = pd.to_timedelta(rng.choice([-30, 0, 20, 60, 90, 600, 2000, 20_000], count), "m")
    ended = pd.Series(began + length).where(rng.random(count) > 0.4)
    local = {"tz": "Europe/London", "ambiguous": True, "nonexistent": "shift_forward"}
    frame["occurred_from"] = pd.Series(began).dt.tz_localize(**local).dt.as_unit("us")
    frame["occurred_to"] = ended.dt.tz_localize(**local).dt.as_unit("us")
    frame.loc[rng.random(count) < 0.1, ["occurred_from", "occurred_to"]] = pd.NaT
    return frame.assign(time_precision=rng.choice(PRECISIONS, count), date_basis="occurred")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    months = ("2025-10", "2026-03", "2026-04")
    parts = [batch(month, rows_of(month, seed)) for seed, month in enumerate(months)]
    return workspace_of(tmp_path_factory.mktemp("w"), *parts)


@pytest.mark.parametrize("ward", ["", WEST, EAST])
@pytest.mark.parametrize(
    "chosen", [{}, {"categories": ("begging",)}, {"first": "2026-03", "last": "2026-03"}]
)
def test_every_selection_is_spread_as_its_rows_are(
    made: Workspace, chosen: dict[str, str], ward: str
) -> None:
    selection = select(made, **chosen)  # type: ignore[arg-type]
    rows = inside_rows(selected_incidents(made, selection, COLUMNS))
    rows = rows[rows["ward_code"].eq(ward)] if ward else rows
    found = selected_times(made, selection, ward)
    for ours, plain in (
        (found.hours(), day_by_hour(rows)),
        (found.hours(block=4), day_by_hour(rows, block=4)),
        (found.weekdays(), by_weekday(rows)),
    ):
        pd.testing.assert_frame_equal(ours.table, plain.table, check_exact=False, rtol=1e-12)
        assert (ours.used, dict(ours.left_out)) == (plain.used, dict(plain.left_out))
        assert ours.used + sum(ours.left_out.values()) == len(rows)
    when, left_out = clock_times(rows)
    light = light_condition(when, *ground_of(made).middle).value_counts()
    assert found.light().to_dict() == light.reindex(found.light().index).to_dict()
    assert found.left_out("light") == left_out
    first, last = pd.Timestamp("2026-03-01").date(), pd.Timestamp("2026-04-30").date()
    by_day = found.by_day(first, last)
    local = when[(when >= "2026-03-01") & (when < "2026-05-01")]
    assert by_day.shape == (61, 24)
    assert by_day.sum() == len(local)
    for moment in local:
        assert by_day[(moment.date() - first).days, moment.hour] > 0


def test_it_reads_no_row_once_counted(made: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    times.prepare(made)
    monkeypatch.setattr(aggregates.partitions, "read", None)  # type: ignore[attr-defined]
    times._kept._kept.clear()
    assert selected_times(made, select(made)).hours().used > 0


def test_other_wards_have_another_sun(tmp_path: Path) -> None:
    """What is light depends on where the wards lie: their counts are kept apart."""
    here = workspace_of(tmp_path / "w", batch("a", rows_of("2026-03", 3)))
    times.prepare(here)
    change_wards(here, two_wards().iloc[:1], {})
    assert times.recipe(here).name != times.recipe(here.reopen()).name
    found = selected_times(here.reopen(), select(here.reopen()))
    assert set(found.counted["ward_code"]) == {WEST}
