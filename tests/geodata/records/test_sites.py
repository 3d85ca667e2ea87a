"""Merging places is taken back by the history alone, on both databases."""

from __future__ import annotations

import datetime as dt

import pytest

from geodata.errors import RecordError
from geodata.records import sites
from geodata.records.database import Records
from tests.databases import AT

WALK = {"event_type": "womens_walk", "status": "planned_tbc"}


def test_two_merges_in_one_moment_are_taken_back_each_by_itself(records: Records) -> None:
    with records.changing(by="anna", at=AT) as change:
        one, two, stays = (
            change.create("sites", {"name": name, "kind": "street"}) for name in ("A", "B", "C")
        )
        old = change.create("sites", {"name": "Older", "kind": "street"})
        sites.merge(change, old.id, one.id, version=1)
        request = {"received_on": "2026-01-01", "status": "received"}
        asked = [change.create("requests", request | {"site_id": s.id}).id for s in (one, two)]
        walk = change.create("events", WALK | {"site_id": one.id}).id
        change.update("sites", stays.id, {"former_names": ("Before",)}, version=1)
        sites.merge(change, one.id, stays.id, version=None)
        sites.merge(change, two.id, stays.id, version=1)
    assert records.get("sites", stays.id)["former_names"] == ("Before", "A", "Older", "B")
    assert records.get("sites", old.id)["merged_into"] == stays.id
    with records.changing(by="bob", at=AT + dt.timedelta(days=1)) as change:
        undone = sites.undo_merge(change, one.id, version=None)
    assert (undone.into, undone.left) == (stays.id, ())
    assert undone.moved == {"sites": 1, "requests": 1, "events": 1}
    assert records.get("events", walk)["site_id"] == one.id
    assert [records.get("requests", r)["site_id"] for r in asked] == [one.id, stays.id]
    assert records.get("sites", old.id)["merged_into"] == one.id
    assert records.get("sites", one.id)["status"] == "current"
    assert records.get("sites", stays.id)["former_names"] == ("Before", "B")


def test_what_was_deleted_since_does_not_stop_it(records: Records) -> None:
    with records.changing(by="anna", at=AT) as change:
        gone, stays = (change.create("sites", {"name": n, "kind": "park"}) for n in ("A", "B"))
        walk = change.create("events", WALK | {"site_id": gone.id}).id
        sites.merge(change, gone.id, stays.id, version=1)
        change.delete("events", walk, version=None)
        undone = sites.undo_merge(change, gone.id, version=None)
    assert (undone.moved, undone.left) == ({}, ())


def test_a_merge_that_came_in_with_a_list_is_told_as_such(records: Records) -> None:
    with records.changing(by="anna", at=AT) as change:
        stays = change.create("sites", {"name": "B", "kind": "park"})
        values = {"name": "A", "kind": "park", "status": "merged", "merged_into": stays.id}
        gone = change.create("sites", values)
        with pytest.raises(RecordError, match="came in merged, from a list"):
            sites.undo_merge(change, gone.id, version=1)
        with pytest.raises(RecordError, match="merged into another"):
            sites.retire(change, gone.id, version=1)
