"""Trends, hours, wards, concentration, counts in an area and breaks, by command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis import cli
from geodata import months as m
from tests.builders import batch, incidents, workspace_of

MONTHS = m.span("2024-07", "2026-06")


@pytest.fixture
def said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Any:
    """Run a command with --json on two years of 3 a month in West and 2 in East."""
    rows = [(x, e, 500) for x in MONTHS for e in (300, 300, 300, 1300, 1300)]
    made = workspace_of(tmp_path / "w", batch("street", incidents(rows)))
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, dict[str, Any]]:
        code = cli.main(["--workspace", str(made.path), *words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def test_trends_by_ward_to_a_file(said: Any) -> None:
    code, answer = said("trends", "--by", "ward", "--as-at", "2026-06", "--out", "t.csv")
    assert code == cli.DONE
    assert [(each["name"], each["count"], each["year_before"]) for each in answer["series"]] == [
        ("East", 24, 24), ("West", 36, 36),
    ]  # fmt: skip
    table = pd.read_csv("t.csv")
    assert len(table) == 2 * 24
    assert {"month", "count", "low", "high", "signals", "year_before"} <= set(table)


def test_trends_of_asb_with_drugs_or_of_kinds_not_both(said: Any) -> None:
    code, answer = said("trends", "--by", "borough", "--as-at", "2026-06", "--with-drugs")
    assert code == cli.DONE
    assert "drugs" in answer["categories"]
    words = ("--with-drugs", "--category", "drugs")
    code, answer = said("trends", "--by", "borough", "--as-at", "2026-06", *words)
    assert code == cli.USAGE
    assert "not both" in answer["error"]


def test_hours_say_why_there_are_none(said: Any) -> None:
    code, answer = said("hours", "--ward", "West", "--out", "hours.csv")
    assert code == cli.DONE
    assert answer["message"].startswith("Police.uk publishes the month")
    assert len(pd.read_csv("hours.csv")) == 168
    assert said("hours", "--ward", "Middle")[0] == cli.DATA_AT_FAULT


def test_too_few_wards_are_not_compared(said: Any) -> None:
    code, answer = said("compare-wards", "--exposure", "km2")
    assert code == cli.DATA_AT_FAULT
    assert "at least 5 places" in answer["error"]


def test_concentration_and_near_repeats(said: Any) -> None:
    code, answer = said("concentration", "--side", "100")
    assert (code, answer["reports"], answer["beyond_chance"]) == (cli.DONE, 120, True)
    code, answer = said("near-repeats")
    assert code == cli.DATA_AT_FAULT
    assert "exact dates and places" in answer["error"]


def test_count_in_by_each_way(said: Any) -> None:
    assert said("count-in", "--ward", "West")[1]["total"] == 72
    Path("area.txt").write_text("530900 180100\n531900 180100\n531900 180900\n530900 180900")
    code, answer = said("count-in", "--polygon", "area.txt", "--out", "kinds.csv")
    assert (code, answer["total"], answer["area"]) == (cli.DONE, 48, "area.txt")
    assert pd.read_csv("kinds.csv")["count"].sum() == 48
    assert said("count-in", "--hexagon", "h200_0_0")[1]["total"] == 0
    assert said("count-in", "--site", "nowhere")[0] == cli.DATA_AT_FAULT
    for words in ((), ("--ward", "West", "--site", "x")):
        code, answer = said("count-in", *words)
        assert code == cli.USAGE
        assert "Say one of" in answer["error"]


def test_breaks_are_listed_added_used_and_removed(said: Any) -> None:
    assert said("breaks", "list")[1]["own"] == []
    assert said("breaks", "add", "2025-07", "A new form")[0] == cli.DONE
    answer = said("trends", "--by", "borough", "--as-at", "2026-06")[1]
    assert answer["breaks"] == [{"month": "2025-07", "label": "A new form"}]
    assert said("breaks", "remove", "2025-07")[1] == {"own": []}
    assert said("breaks", "remove", "2025-07")[0] == cli.DATA_AT_FAULT
    assert said("breaks", "add", "July", "x")[0] == cli.USAGE
