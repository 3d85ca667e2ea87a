"""Repeat reports of one event out of a council file, counted by ward and by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis.jobs import reporting
from analysis.jobs.imports import import_files
from analysis.jobs.reporting import reporting_by_ward
from geodata.workspace import Workspace
from tests.builders import EAST, ORIGIN, WEST, workspace_of


def council_file(path: Path) -> Path:
    """West: 25 cases, each reported again next day. East: 25 cases, ten reported again too late."""
    lines = ["Case ref,Reported,Type,Easting,Northing,Status,Merged into"]
    for n in range(25):
        for ward, x, again in (("W", 300, f"0{1 + n % 9}/02/2026"), ("E", 1300, "20/03/2026")):
            place = f"{ORIGIN[0] + x:.0f},{ORIGIN[1] + 500:.0f}"
            lines.append(f"{ward}{n},0{n % 9 + 1}/02/2026 10:0{n % 10},Noise,{place},closed,")
            if ward == "W" or n < 10:
                lines.append(f"{ward}{n}b,{again} 23:00,Noise,{place},merged,{ward}{n}")
    lines.append(f"late,01/05/2026 10:00,Noise,{ORIGIN[0] + 300:.0f},{ORIGIN[1] + 500:.0f},open,")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_repeats_in_time_count_and_late_ones_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = workspace_of(tmp_path / "w")
    file = council_file(tmp_path / "cases.csv")
    import_files(workspace, [file], source="council_asb", at="2026-06-01T10:00:00+00:00")
    rates = reporting_by_ward(workspace.reopen())
    assert rates is not None
    assert rates.loc[WEST, ["events", "repeats"]].tolist() == [25, 25]
    assert rates.loc[WEST, "rate"] == pytest.approx(1.0)
    assert rates.loc[EAST, ["events", "repeats"]].tolist() == [25, 0]
    assert rates.loc[EAST, ["rate"]].isna().all()
    monkeypatch.setattr(reporting, "read_incidents", lambda *_, **__: pytest.fail("read again"))
    again = reporting_by_ward(workspace.reopen())
    assert again is not None
    pd.testing.assert_frame_equal(again, rates)


def test_without_repeats_nothing_is_claimed(tmp_path: Path) -> None:
    assert reporting_by_ward(Workspace.open(workspace_of(tmp_path / "w").path)) is None
