"""Concentration over every hexagon, and near repeats that decline what cannot be told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.jobs.concentration import concentrated, near_repeat_test
from geodata.errors import NotEnoughDataError
from geodata.hexagons import cover
from tests.builders import batch, incidents, two_wards, workspace_of


def test_all_in_one_place(tmp_path: Path) -> None:
    rows = incidents([("2026-01", 500, 500)] * 200 + [("2026-01", 500, 1300)] * 50)
    found = concentrated(workspace_of(tmp_path / "w", batch("s", rows)), side=100)
    assert found.found.reports == 200  # those outside the wards are not counted
    assert found.found.places == len(cover(two_wards(), 100))
    assert found.found.gini == pytest.approx(1 - 1 / found.found.places)
    assert found.found.is_beyond_chance
    assert found.curve["reports_share"].iloc[1] == 1.0
    json.dumps(found.to_json(), allow_nan=False)


def test_reports_at_random_are_no_more_concentrated_than_chance(tmp_path: Path) -> None:
    """Half hexagons at the edge get half the reports, and so do they by chance."""
    rng = np.random.default_rng(4)
    rows = [("2026-01", rng.uniform(0, 2000), rng.uniform(0, 1000)) for _ in range(1500)]
    made = workspace_of(tmp_path / "w", batch("s", incidents(rows)))
    assert not concentrated(made, side=100).found.is_beyond_chance


def test_nothing_to_be_concentrated(tmp_path: Path) -> None:
    made = workspace_of(tmp_path / "w", batch("s", incidents([("2026-01", 500, 1300)])))
    found = concentrated(made)
    assert found.found.sentence().startswith("There are no reports")
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["gini"] is None


def test_near_repeats_decline_snap_points_and_say_why(tmp_path: Path) -> None:
    made = workspace_of(tmp_path / "w", batch("s", incidents([("2026-01", 500, 500)] * 40)))
    with pytest.raises(NotEnoughDataError, match="0 of 40 reports have both") as caught:
        near_repeat_test(made)
    assert "only to the month" in str(caught.value)
    assert "council cases" in str(caught.value)


def test_near_repeats_find_pairs_that_were_planted(tmp_path: Path) -> None:
    """Sixty places and days at random, each with a second report 20 m and 2 days on."""
    rng = np.random.default_rng(5)
    places = [
        (rng.uniform(50, 1950), rng.uniform(50, 950), int(rng.integers(0, 150))) for _ in range(60)
    ]
    rows, days = [], []
    for x, y, day in places:
        for step in (0, 1):
            when = pd.Timestamp("2026-01-01") + pd.Timedelta(days=day + 2 * step)
            days.append(when)
            rows.append((f"{when:%Y-%m}", x + 20 * step, y, "rowdy"))
    frame = incidents(
        rows, source="council_asb", record_level="case", force="th", geo_precision="exact",
        time_precision="day",
    )  # fmt: skip
    frame["occurred_from"] = pd.Series(days).dt.tz_localize("Europe/London").dt.as_unit("us")
    made = workspace_of(tmp_path / "w", batch("cases", frame))
    found = near_repeat_test(made, metres=50, days=7)
    assert found.reports == 120
    assert found.both >= 60
    assert found.p == 0.001
    assert "more than chance gives" in found.sentence()
