"""Choices with their snapshot: worked out again by hand and from the data."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from analysis.jobs.decide import check_decision, decide, weighted_mean
from analysis.jobs.presets import preset_of, retire_preset, save_preset
from analysis.jobs.score import score
from geodata import months as m
from geodata import store
from geodata.errors import RecordError, SaferWalksError
from geodata.records.database import open_records
from geodata.records.fields import LONDON
from geodata.workspace import Workspace
from tests.builders import ORIGIN, batch, incidents, workspace_of

NOW = dt.datetime(2026, 5, 1, 12, tzinfo=LONDON)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    rows = [(month, x, 200) for month in m.window("2026-04", 12) for x in (200, 200, 1700)]
    return workspace_of(tmp_path / "w", batch("met", incidents(rows)))


def test_a_choice_keeps_what_it_was_made_by(workspace: Workspace) -> None:
    first = score(workspace).table.iloc[0]
    made = decide(
        workspace, first["location_id"], preset="walkabout", reasons=["asb_reports"],
        by="Manager", at=NOW,
    )  # fmt: skip
    assert (made["rank"], made["purpose"]) == (1, "walkabout")
    kept = made["snapshot"]
    assert kept["as_at"] == "2026-04"
    assert weighted_mean(kept["scores"], kept["weights"]) == pytest.approx(first["total"])
    again = check_decision(workspace, made.id)
    assert again["by_hand"] == pytest.approx(again["score"], abs=1e-6)
    assert again["now"] == pytest.approx(again["score"], abs=1e-6)
    assert again["same_data"]
    assert again["message"].startswith("The stored score follows from its own parts")


def test_a_lower_place_needs_a_reason_in_words_and_is_normal(workspace: Workspace) -> None:
    table = score(workspace).table
    low = table[table["rank"] > 10].iloc[0]["location_id"]
    with pytest.raises(RecordError, match="must say why a place of rank"):
        decide(workspace, low, preset="walkabout", reasons=["random_check"], by="M", at=NOW)
    made = decide(
        workspace, low, preset="walkabout", reasons=["random_check"], by="M", at=NOW,
        words="The school asked us to come",
    )  # fmt: skip
    assert made["rank"] > 10
    with pytest.raises(RecordError, match="'Reasons' or 'In words' must be filled in"):
        decide(workspace, low, preset="walkabout", reasons=[], by="M", at=NOW)


def test_a_place_that_is_not_in_the_list_is_told(workspace: Workspace) -> None:
    with pytest.raises(SaferWalksError, match="no such place"):
        decide(workspace, "h200_0_0", preset="walkabout", reasons=["asb_reports"], by="M", at=NOW)


def test_after_another_import_the_data_are_said_to_have_changed(workspace: Workspace) -> None:
    first = score(workspace).table.iloc[0]["location_id"]
    made = decide(workspace, first, preset="walkabout", reasons=["asb_reports"], by="M", at=NOW)
    store.commit(workspace, [batch("later", incidents([("2026-05", 200, 200)]))])
    again = check_decision(workspace.reopen(), made.id)
    assert not again["same_data"]
    assert again["message"].endswith("the data have changed since.")
    assert again["now"] == pytest.approx(
        again["score"], abs=1e-6
    )  # the month asked for is the same


def test_a_choice_made_with_a_preset_outlives_it(workspace: Workspace) -> None:
    who: dict[str, Any] = {"by": "Manager", "at": NOW}
    weights = preset_of(
        workspace, "walkabout", weights={"volume": 70.0, "persistence": 30.0},
        normaliser="min-max", window=6,
    )  # fmt: skip
    save_preset(workspace, "Busy streets", weights, reason="Agreed in May", **who)
    first = score(workspace, preset="busy streets").table.iloc[0]
    made = decide(
        workspace, first["location_id"], preset="Busy streets", reasons=["asb_reports"], **who
    )
    assert (made["purpose"], made["score"]) == ("walkabout", pytest.approx(first["total"]))
    save_preset(
        workspace, "Busy streets", preset_of(workspace, "engagement"), reason="Another", **who
    )
    for _ in range(2):  # changed, then gone
        again = check_decision(workspace, made.id)
        assert again["by_hand"] == pytest.approx(made["score"], abs=1e-6)
        assert again["now"] == pytest.approx(made["score"], abs=1e-6)
        if _ == 0:
            retire_preset(workspace, "Busy streets", reason="Not used", **who)


def test_a_named_place_is_chosen_by_its_id(workspace: Workspace) -> None:
    corner = {"name": "The corner", "kind": "street", "easting": ORIGIN[0] + 200,
              "northing": ORIGIN[1] + 200}  # fmt: skip
    with open_records(workspace).changing(by="test", at=NOW) as change:
        site = change.create("sites", corner)
        change.create("sites", corner | {"name": "Away", "easting": ORIGIN[0] + 1700})
    made = decide(
        workspace, site.id, preset="walkabout", reasons=["asb_reports"], by="M", at=NOW,
        places="sites", catchment=150,
    )  # fmt: skip
    assert (made["site_id"], made["location_id"], made["rank"]) == (site.id, site.id, 1)
    assert (made["snapshot"]["places_are"], made["snapshot"]["metres"]) == ("sites", 150)
    again = check_decision(workspace, made.id)
    assert again["now"] == pytest.approx(made["score"], abs=1e-6)
