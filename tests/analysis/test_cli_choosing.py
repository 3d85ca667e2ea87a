"""Choosing from the command line: presets, named places, decisions, and who gets walks."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis import cli
from geodata import months as m
from geodata.records.database import open_records
from geodata.records.fields import LONDON
from tests.builders import ORIGIN, batch, incidents, workspace_of

Say = Callable[..., dict[str, Any]]


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Two wards; all reports in the west, one walk held there long ago, two named places."""
    rows = [(month, x, 200) for month in m.window("2026-04", 12) for x in (200, 200, 900)]
    workspace = workspace_of(tmp_path / "w", batch("met", incidents(rows)))
    at = dt.datetime(2026, 5, 1, 12, tzinfo=LONDON)
    walk = {"event_type": "walkabout", "status": "held", "location_name": "The corner",
            "ward_codes": "E05999991", "planned_date": "2025-01-10"}  # fmt: skip
    with open_records(workspace).changing(by="test", at=at) as change:
        for name, x in (("The corner", 200), ("The end", 1700)):
            place = {"name": name, "kind": "street", "easting": ORIGIN[0] + x}
            change.create("sites", place | {"northing": ORIGIN[1] + 200})
        change.create("events", walk)
        change.create("events", walk | {"ward_codes": ()})
    monkeypatch.chdir(tmp_path)

    def said(*words: object, code: int = 0) -> dict[str, Any]:
        command = ["--workspace", str(workspace.path), *map(str, words), "--json"]
        assert cli.main(command) == code
        told: dict[str, Any] = json.loads(capsys.readouterr().out)
        return told

    return said


MONTH = ("--as-at", "2026-04")


def test_a_preset_is_saved_used_chosen_with_and_removed(say: Say) -> None:
    made = say(
        "presets", "save", "Busy streets", "--weight", "volume=70", "--weight", "persistence=30",
        "--normaliser", "min-max", "--window", "6", "--reason", "Agreed in May", "--by", "Manager",
    )  # fmt: skip
    assert (made["version"], made["weights"]) == (1, {"volume": 70.0, "persistence": 30.0})
    listed = say("presets", "list")
    assert listed["saved"] == 1
    row = listed["presets"][-1]
    assert {"preset": "Busy streets", "by": "Manager", "reason": "Agreed in May",
            "window": 6}.items() <= row.items()  # fmt: skip
    scored = say("score", "--preset", "Busy streets", *MONTH, "--out", "a.csv", "--draws", "50")
    assert (scored["label"], scored["normaliser"], scored["window"]) == (
        "Busy streets", "min-max", 6,
    )  # fmt: skip
    table = pd.read_csv("a.csv")
    assert {"rank_low", "p_top10", "tags", "pick", "weight_low", "without_volume"} <= set(table)
    assert table["total"].max() == 100
    chosen = say("decide", table["location_id"][0], "--preset", "Busy streets", "--reason",
                 "asb_reports")  # fmt: skip
    again = say("presets", "save", "Busy streets", "--reason", "More", "--from", "Busy streets",
                "--weight", "volume=1")  # fmt: skip
    assert again["version"] == 2
    assert say("presets", "remove", "busy streets")["version"] == 3
    checked = say("check-decision", chosen["decision_id"])
    assert checked["now"] == pytest.approx(chosen["score"])
    say("score", "--preset", "Busy streets", *MONTH, "--out", "a.csv", code=cli.USAGE)


def test_weights_scale_and_window_for_once(say: Say) -> None:
    words = ("score", "--preset", "walkabout", *MONTH, "--out", "a.csv")
    scored = say(*words, "--weight", "volume=1", "--normaliser", "index", "--draws", "20")
    assert (scored["label"], scored["draws"]) == ("Walkabout, changed", 20)
    table = pd.read_csv("a.csv")
    assert table["total"].mean() == pytest.approx(100)
    say(*words, "--weight", "volume", code=cli.USAGE)
    say(*words, "--weight", "volume=many", code=cli.USAGE)
    say(*words, "--weight", "sightings=1", code=cli.DATA_AT_FAULT)


def test_named_places_are_scored_and_chosen(say: Say) -> None:
    words = ("--places", "sites", "--catchment", "150")
    scored = say("score", "--preset", "walkabout", *MONTH, "--out", "a.csv", *words)
    assert (scored["places"], scored["metres"], scored["locations"]) == ("sites", 150, 2)
    table = pd.read_csv("a.csv")
    assert table["name"].tolist() == ["The corner", "The end"]
    chosen = say("decide", table["location_id"][0], "--preset", "walkabout", "--reason",
                 "asb_reports", *words)  # fmt: skip
    assert chosen["rank"] == 1
    found = say("shortlist", *table["location_id"], "--preset", "walkabout", *MONTH, "--out",
                "s.csv", *words)  # fmt: skip
    first = found["places"]["The corner"]
    assert first["Ward"] == "West"
    assert first["Reports counted"] == "24"
    assert first["Last visit"] == "none on record"  # the walk on record names no place
    assert first["Reached without steps"] == "not known"
    assert first["Not known"].startswith("reports for the same months a year before; ")
    assert found["places"]["The end"]["Reports counted"] == "0"
    one = table["location_id"][0]
    say("shortlist", one, "--preset", "walkabout", *MONTH, "--out", "s.csv", *words,
        code=cli.DATA_AT_FAULT)  # fmt: skip
    say("shortlist", one, "SIT-9", "--preset", "walkabout", *MONTH, "--out", "s.csv", *words,
        code=cli.DATA_AT_FAULT)  # fmt: skip


def test_who_gets_walks_is_written_ward_by_ward(say: Say) -> None:
    found = say("need", *MONTH, "--out", "need.csv")
    assert found["wards_without_a_walk"] == ["East", "West"]
    assert found["walks_in_12_months"] == 0
    assert found["message"].endswith("1 event that was held names no ward and stands in no row.")
    table = pd.read_csv("need.csv").set_index("ward_name")
    assert table["share_reports"].to_dict() == {"East": 0.0, "West": 1.0}
    assert table["note"].to_dict() == {"East": "no walk on record", "West": "no walk in 12 months"}
    assert table.loc["West", ["months_since", "walks_2025_q1"]].tolist() == [15, 1]


def test_the_calendar_is_kept_and_a_programme_goes_by_it(say: Say, tmp_path: Path) -> None:
    made = say("calendar", "add", "Half-term", "--from", "2026-05-25", "--to", "2026-05-29")
    assert say("calendar", "list")["dates"][0]["last_on"] == "2026-05-29"
    events = tmp_path / "list.csv"
    events.write_text("event_id,event_type,ward\na,walkabout,West\n")
    words = ("plan", "--events", events, "--out", "plan.csv", "--from", "2026-05-25",
             "--to", "2026-06-01", "--today", "2026-05-01", "--hours-week", "4")  # fmt: skip
    assert say(*words)["not_kept"] == []
    assert pd.read_csv("plan.csv")["planned_date"].tolist() == ["2026-06-01"]
    assert say("calendar", "remove", made["avoid_id"])["name"] == "Half-term"
    assert say("calendar", "list")["count"] == 0
    assert say(*words, "--step-free")["not_kept"] != []  # nobody has said that a place is
    say(*words, "--preset", "None such", code=cli.USAGE)
