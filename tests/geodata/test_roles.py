"""The table of who may do what: complete, default deny, and no role more than its job."""

from __future__ import annotations

import itertools

import pytest

from geodata import roles as r
from geodata.errors import SaferWalksError
from geodata.records.kinds import KINDS, Kind
from geodata.roles import FIELDS, PAGES, ROLES, TABLE, THIS_LAPTOP, check_roles, may

MATRIX = {
    "viewer": "overview hotspots method",
    "panel_member": "overview hotspots method trends day-and-hour wards-compared did-it-work "
    "programme actions ward-panel",
    "panel_chair": "overview hotspots method trends day-and-hour wards-compared did-it-work "
    "panel-pack programme actions ward-panel",
    "action_owner": "overview hotspots method programme actions",
    "walk_lead": "overview hotspots method route programme feedback actions walk-requests",
    "safeguarding_officer": "overview hotspots method walk-requests safeguarding",
    "manager": "overview hotspots method trends day-and-hour wards-compared "
    "voice did-it-work where-next route selection open-data repair panel-pack "
    "programme feedback actions ward-panel walk-requests places "
    "bring-in rejected boundaries data people",
    "analyst": "overview hotspots method trends day-and-hour wards-compared "
    "voice did-it-work where-next route selection open-data repair panel-pack "
    "programme feedback actions ward-panel places bring-in rejected boundaries data",
    "information_governance": "overview hotspots method people",
}
"""Written out by hand: a change of the table must be a change here too."""


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_the_pages_written_here_and_no_other(role: r.Role) -> None:
    assert set(r.pages_of({role})) == set(MATRIX[role].split())


@pytest.mark.parametrize("kind", TABLE)
def test_what_is_on_no_list_is_denied_to_everybody(kind: r.Kind) -> None:
    for role in ROLES:
        assert not may({role}, kind, "no such thing")
    assert not may(THIS_LAPTOP, kind, "no such thing")


@pytest.mark.parametrize("kind", TABLE)
def test_nobody_without_a_role_gets_anything(kind: r.Kind) -> None:
    assert not any(may((), kind, name) for name in TABLE[kind])


def test_this_laptop_gets_everything_that_anybody_gets() -> None:
    for kind, names in TABLE.items():
        for name, allowed in names.items():
            assert may(THIS_LAPTOP, kind, name) == bool(allowed)


def test_more_roles_never_take_anything_away() -> None:
    for kind, names in TABLE.items():
        for name in names:
            for one, other in itertools.combinations(ROLES, 2):
                both = may({one, other}, kind, name)
                assert both == (may({one}, kind, name) or may({other}, kind, name))


def test_the_table_names_roles_that_exist() -> None:
    for names in TABLE.values():
        for allowed in names.values():
            assert allowed <= set(ROLES)
    assert set(r.LABELS) == set(ROLES)


@pytest.mark.parametrize("role", ["viewer", "panel_member", "panel_chair", "action_owner"])
def test_outsiders_see_open_fields_only(role: r.Role) -> None:
    assert [name for name in FIELDS if may({role}, "field", name)] == ["open"]


def test_what_was_said_in_confidence_has_few_readers() -> None:
    assert FIELDS["safeguarding"] == {"safeguarding_officer"}
    assert FIELDS["restricted"] == {"analyst", "information_governance"}


def test_a_column_nobody_listed_is_hidden_from_everybody() -> None:
    seen = {"feel_now": "staff", "odd": "a group nobody made"}
    assert r.visible(["new", "feel_now", "odd"], THIS_LAPTOP, seen=seen) == ["feel_now"]


def test_words_that_are_no_roles_are_refused() -> None:
    with pytest.raises(SaferWalksError, match="This is no role. Got: boss"):
        check_roles(["manager", "boss"])
    assert check_roles([]) == ()


def test_each_page_of_the_table_has_a_name_that_fits_an_address() -> None:
    assert all(page == page.lower() and " " not in page for page in PAGES)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_restricted_columns_of_the_records_reach_no_lower_role(kind: Kind) -> None:
    """Every column of every record says who may see it, and the table of roles obeys."""
    seen = {name: field.seen for name, field in kind.fields.items()}
    assert set(seen.values()) <= set(FIELDS)
    for role in ("viewer", "panel_member", "panel_chair", "action_owner"):
        shown = r.visible(seen, {role}, seen=seen)
        assert {seen[name] for name in shown} <= {"open"}
    for role in ("walk_lead", "manager"):
        shown = r.visible(seen, {role}, seen=seen)
        assert not {seen[name] for name in shown} & {"restricted", "safeguarding"}


def test_what_the_issue_calls_restricted_is_marked_so() -> None:
    said = KINDS["responses"].fields
    for name in ("open_reason", "behaviours", "easting", "northing", "suggestion"):
        assert said[name].seen == "restricted"
    assert {f.seen for n, f in KINDS["alerts"].fields.items() if n != "alert_id"} == {
        "safeguarding"
    }
