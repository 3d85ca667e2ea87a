"""The list of users: given, taken, found by address or by the provider's own name."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from analysis.cli import main
from analysis.commands import people as commands
from analysis.jobs.people import (
    NOBODY,
    add_person,
    find_person,
    grant,
    list_people,
    revoke,
    role_changes,
)
from geodata.errors import SaferWalksError
from geodata.records import users
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
    person = find_person(made.path, AMINA)
    assert (person.roles, person.is_shut_out) == (frozenset(), True)


def test_who_had_lost_every_role_may_get_one_again(made: Workspace) -> None:
    grant(made, AMINA, ["manager"], by="t", at=NOW)
    revoke(made, AMINA, by="t", at=NOW)
    grant(made, AMINA, ["analyst"], by="t", at=NOW)
    assert find_person(made.path, AMINA).roles == {"analyst"}


def test_an_action_owner_brings_an_agency(made: Workspace) -> None:
    with pytest.raises(SaferWalksError, match="'Agency' must be filled in"):
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
    taken = say("revoke", AMINA, "analyst", "--reason", "moved")[1]
    assert taken["roles"] == ["walk_lead"]
    latest = say("history", "--limit", "1")[1]["history"][0]  # type: ignore[index]
    assert (latest["before"], latest["why"]) == ("walk_lead; analyst", "Moved to other work")
    assert say("roles")[1]["roles"][0]["name"] == "overview"  # type: ignore[index]
    assert say("grant", AMINA, "boss")[0] == 1
    assert say("revoke", "ben@council.uk", "--reason", "left")[0] == 1
    assert main(["users", "revoke", AMINA, "--reason", "because"]) == 2


def test_the_last_who_may_manage_people_is_not_taken_away(made: Workspace) -> None:
    grant(made, AMINA, ["information_governance"], by="t", at=NOW)
    with pytest.raises(SaferWalksError, match="Nobody would be left who may manage people"):
        revoke(made, AMINA, by="t", at=NOW, reason="left")
    grant(made, "ben@council.uk", ["information_governance"], by="t", at=NOW)
    assert revoke(made, AMINA, by="t", at=NOW, reason="left")["active"] is False
    told = role_changes(made)
    assert set(told.loc[told["after"].eq("no"), "why"]) == {"Left the organisation or the panel"}


def test_a_ward_that_is_not_there_and_a_reason_off_the_list_are_refused(made: Workspace) -> None:
    with pytest.raises(SaferWalksError, match="no such ward. Got: E05999999"):
        grant(made, AMINA, ["panel_member"], by="t", at=NOW, about={"ward_codes": ["E05999999"]})
    grant(made, AMINA, ["manager", "analyst"], by="t", at=NOW)
    with pytest.raises(SaferWalksError, match="no reason of the list"):
        revoke(made, AMINA, ["manager"], by="t", at=NOW, reason="because")
    assert find_person(made.path, AMINA).roles == {"manager", "analyst"}


def test_nobody_is_put_on_the_list_twice(made: Workspace) -> None:
    add_person(made, AMINA, {"roles": ["manager"]}, by="t", at=NOW)
    with pytest.raises(SaferWalksError, match="has this address"):
        add_person(made, AMINA.upper(), {"roles": ["analyst"]}, by="t", at=NOW)


def test_the_reasons_of_the_command_are_those_of_the_records() -> None:
    assert list(commands.REASONS) == list(users.REASONS)
