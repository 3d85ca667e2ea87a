"""The list of users: given, taken, found by address or by the provider's own name."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from analysis.cli import main
from analysis.jobs.people import NOBODY, find_person, grant, list_people, revoke
from geodata.errors import SaferWalksError
from geodata.records.database import open_records
from geodata.workspace import Workspace
from tests.builders import workspace_of

NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
AMINA = "amina@council.uk"


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path / "w")


def test_roles_add_up_and_are_found_in_any_case(made: Workspace) -> None:
    grant(made, f" {AMINA.upper()} ", ["walk_lead"], by="t", at=NOW)
    grant(made, AMINA, ["manager"], by="t", at=NOW, about={"name": "Amina"})
    person = find_person(made.path, "Amina@Council.UK")
    assert person.roles == {"walk_lead", "manager"}
    assert [row["name"] for row in list_people(made)] == ["Amina"]


def test_roles_are_taken_one_by_one_or_all_at_once(made: Workspace) -> None:
    grant(made, AMINA, ["walk_lead", "manager"], by="t", at=NOW)
    assert revoke(made, AMINA, ["manager"], by="t", at=NOW)["roles"] == ["walk_lead"]
    assert find_person(made.path, AMINA).roles == {"walk_lead"}
    gone = revoke(made, AMINA, by="t", at=NOW)
    assert (gone["roles"], gone["active"]) == ([], False)
    assert find_person(made.path, AMINA) == NOBODY


def test_who_had_lost_every_role_may_get_one_again(made: Workspace) -> None:
    grant(made, AMINA, ["manager"], by="t", at=NOW)
    revoke(made, AMINA, by="t", at=NOW)
    grant(made, AMINA, ["analyst"], by="t", at=NOW)
    assert find_person(made.path, AMINA).roles == {"analyst"}


def test_an_action_owner_brings_an_agency(made: Workspace) -> None:
    with pytest.raises(SaferWalksError, match="agency must be filled in"):
        grant(made, AMINA, ["action_owner"], by="t", at=NOW)
    grant(made, AMINA, ["action_owner"], by="t", at=NOW, about={"agency": "tfl"})
    assert find_person(made.path, AMINA).agency == "tfl"


@pytest.mark.parametrize("name", ["", "nobody@council.uk", "amina", "%", "@"])
def test_whoever_is_not_on_the_list_is_nobody(name: str, made: Workspace) -> None:
    grant(made, AMINA, ["manager"], by="t", at=NOW)
    assert find_person(made.path, name) == NOBODY


def test_no_workspace_has_no_users(tmp_path: Path) -> None:
    assert find_person(tmp_path / "none", AMINA) == NOBODY
    assert not (tmp_path / "none").exists()


def test_the_history_knows_who_gave_what(made: Workspace) -> None:
    grant(made, AMINA, ["manager"], by="Ben", at=NOW)
    grant(made, AMINA, ["analyst"], by="Ben", at=NOW)
    told = open_records(made).history(kind="users")
    assert set(told["by"]) == {"Ben"}
    assert "manager; analyst" in set(told["new"].dropna())


def test_the_commands_do_the_same(made: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    def say(*words: str) -> tuple[int, dict[str, object]]:
        code = main(["--workspace", str(made.path), "users", *words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    assert say("grant", AMINA, "walk_lead", "analyst")[1]["roles"] == ["walk_lead", "analyst"]
    code, listed = say("list")
    assert (code, [row["email"] for row in listed["users"]]) == (0, [AMINA])  # type: ignore[attr-defined]
    assert say("revoke", AMINA, "analyst")[1]["roles"] == ["walk_lead"]
    assert say("grant", AMINA, "boss")[0] == 1
    assert say("revoke", "ben@council.uk")[0] == 1
