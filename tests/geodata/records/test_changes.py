"""Records are stored whole, told to the history, and never overwritten unseen."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from geodata.errors import RecordError, StaleRecordError
from geodata.records.database import Records
from geodata.records.fields import LONDON
from tests.databases import AT

WALK = {"event_type": "womens_walk", "status": "planned_tbc"}
ACTION = {"origin": "womens_walk", "status": "proposed", "action_text": "Mend the light"}


def test_what_is_stored_is_what_comes_back(records: Records) -> None:
    given = WALK | {
        "ward_codes": ["E05009327", "E05009319"], "location_name": "=Mile End station",
        "planned_date": "2/10/2024", "planned_start": "2024-10-02 17:00",
        "planned_end": "2024-10-02T16:00:00+00:00", "easting": "536512.34", "northing": 182_437,
        "route": "LINESTRING (536500 182400, 536600.04 182400)", "women_only": True,
        "selection_reasons": "virtual_walk; Reports of anti-social behaviour",
        "attendees_women": "12", "score_snapshot": {"score": 71.5, "rank": 3},
        "languages": ["Bengali", "Somali"], "public_note": "One\r\ntwo",
    }  # fmt: skip
    with records.changing(by="anna", at=AT) as change:
        made = change.create("events", given)
    assert made.id == "EVT-2026-0001"
    stored = records.get("events", made.id)
    assert stored == made
    assert stored["ward_codes"] == ("E05009319", "E05009327")
    assert stored["planned_date"] == dt.date(2024, 10, 2)
    assert stored["planned_start"].isoformat() == "2024-10-02T17:00:00+01:00"
    assert stored["planned_end"] == dt.datetime(2024, 10, 2, 17, tzinfo=LONDON)
    assert (stored["easting"], stored["northing"]) == (536_512.3, 182_437.0)
    assert stored["route"] == "LINESTRING (536500 182400, 536600 182400)"
    assert stored["selection_reasons"] == ("asb_reports", "virtual_walk")
    assert stored["score_snapshot"] == {"score": 71.5, "rank": 3}
    assert stored["languages"] == ("Bengali", "Somali")
    assert stored["public_note"] == "One\ntwo"
    assert (stored.version, stored.created_by, stored.created_at) == (1, "anna", AT)
    assert stored["actual_start"] is None
    assert stored["meeting_point"] == ""


def test_every_fault_is_told_at_once_and_nothing_is_stored(records: Records) -> None:
    wrong = {"event_type": "party", "attendees_women": -1, "colour": "red"}

    def two_steps() -> None:
        with records.changing(by="anna", at=AT) as change:
            change.create("events", WALK)
            change.create("events", wrong)

    with pytest.raises(RecordError) as caught:
        two_steps()
    for fault in (
        "'colour' is no",
        "'Kind' cannot be 'party'; it is",
        "goes from 0",
        "'Status' must",
    ):
        assert fault in str(caught.value)
    assert records.list("events") == []
    assert records.history().empty


def test_ids_count_on_by_kind_and_year(records: Records) -> None:
    later = AT.replace(year=2027)
    with records.changing(by="anna", at=AT) as change:
        ids = [change.create("events", WALK).id for _ in range(2)]
        ids.append(change.create("events", WALK, record_id="EVT-2026-0041").id)
        ids.append(change.create("events", WALK).id)
        ids.append(change.create("actions", ACTION).id)
    with records.changing(by="anna", at=later) as change:
        ids.append(change.create("events", WALK).id)
    expected = ["EVT-2026-0001", "EVT-2026-0002", "EVT-2026-0041", "EVT-2026-0042"]
    assert ids == [*expected, "ACT-2026-0001", "EVT-2027-0001"]
    with pytest.raises(RecordError, match="already"), records.changing(by="b", at=AT) as change:
        change.create("events", WALK, record_id="EVT-2026-0041")


def test_the_same_key_stores_once(records: Records) -> None:
    for _ in range(3):
        with records.changing(by="phone", at=AT) as change:
            stored = change.create("events", WALK, key="made-by-a-phone")
            assert stored.id == "EVT-2026-0001"
    assert len(records.list("events")) == 1
    assert len(records.history()) == 1
    with (
        pytest.raises(RecordError, match="other content"),
        records.changing(by="phone", at=AT) as change,
    ):
        change.create("events", WALK | {"location_name": "elsewhere"}, key="made-by-a-phone")
    with records.changing(by="anna", at=AT) as change:
        change.delete("events", "EVT-2026-0001", version=1)
    with (
        pytest.raises(RecordError, match="deleted since"),
        records.changing(by="phone", at=AT) as change,
    ):
        change.create("events", WALK, key="made-by-a-phone")


def test_the_second_editor_is_told_and_shown_both(records: Records) -> None:
    with records.changing(by="anna", at=AT) as change:
        seen = change.create("actions", ACTION)
    with records.changing(by="anna", at=AT) as change:
        change.update("actions", seen.id, {"action_text": "Mend two lights"}, version=seen.version)
    with pytest.raises(StaleRecordError) as caught, records.changing(by="bob", at=AT) as change:
        change.update(
            "actions", seen.id, {"action_text": "Mend no light", "status": "proposed"},
            version=seen.version,
        )  # fmt: skip
    told = caught.value
    assert told.theirs["action_text"] == "Mend two lights"
    assert told.yours == {"action_text": "Mend no light", "status": "proposed"}
    assert told.differing == ("action_text",)
    assert "anna" in str(told)
    assert records.get("actions", seen.id)["action_text"] == "Mend two lights"
    with records.changing(by="bob", at=AT) as change:
        mended = change.update("actions", seen.id, told.yours, version=told.version)
    assert (mended.version, mended["action_text"]) == (3, "Mend no light")


def test_wanting_what_is_there_is_no_conflict_and_no_change(records: Records) -> None:
    with records.changing(by="anna", at=AT) as change:
        made = change.create("actions", ACTION | {"due_on": "2026-12-01"})
        changed = change.update("actions", made.id, {"due_on": "2/12/2026"}, version=1)
    before = records.stamp()
    with records.changing(by="bob", at=AT) as change:
        again = change.update("actions", made.id, {"due_on": dt.date(2026, 12, 2)}, version=1)
    assert again == changed
    assert records.stamp() == before


def test_the_history_says_from_what_to_what_but_not_what_people_wrote(records: Records) -> None:
    with records.changing(by="anna", at=AT) as change:
        made = change.create("actions", ACTION)
    with records.changing(by="bob", at=AT + dt.timedelta(hours=1)) as change:
        values = {"status": "agreed", "owner_agency": "tfl", "action_text": "Mend it today"}
        change.update("actions", made.id, values, version=1)
    told = records.history(kind="actions", record_id=made.id)
    rows = told[["by", "doing", "field", "old", "new", "hidden"]].astype(object)
    assert rows.where(rows.notna(), None).to_numpy().tolist() == [
        ["bob", "change", "status", "proposed", "agreed", False],
        ["bob", "change", "owner_agency", "", "tfl", False],
        ["bob", "change", "action_text", None, None, True],
        ["anna", "create", "", None, None, False],
    ]
    assert told["at"].iloc[0] == AT + dt.timedelta(hours=1)
    everything = str(records.history().to_dict("records"))
    assert "today" not in everything


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM history",
        "UPDATE history SET new = 'verified'",
        "UPDATE history SET \"by\" = 'nobody', old = NULL, new = NULL, hidden = true",
    ],
)
def test_the_database_itself_keeps_the_history(records: Records, statement: str) -> None:
    with records.changing(by="anna", at=AT) as change:
        made = change.create("actions", ACTION)
        change.update("actions", made.id, {"status": "superseded"}, version=1)
    before = records.history()
    with pytest.raises(sa.exc.DatabaseError, match="never changed"), records.engine.begin() as raw:
        raw.execute(sa.text(statement))
    assert records.history().equals(before)


def test_a_deletion_takes_what_belongs_to_it_and_reaches_the_history(records: Records) -> None:
    with records.changing(by="anna", at=AT) as change:
        event = change.create("events", WALK | {"location_name": "Her own street"})
        change.update("events", event.id, {"location_name": "Another street"}, version=1)
        stop = change.create("stops", {"event_id": event.id, "name": "Stop 1"})
        said = {"event_id": event.id, "stop_id": stop.id, "mode": "individual", "n_people": 1}
        change.create("responses", said | {"consent_store": "yes", "consent_quote": "no"})
        action = change.create("actions", ACTION | {"event_id": event.id, "stop_id": stop.id})
    assert "Her own street" in str(records.history().to_dict("records"))
    with records.changing(by="bob", at=AT) as change:
        assert change.delete("events", event.id, version=2) == 3
    assert records.list("stops") == records.list("responses") == []
    left = records.get("actions", action.id)
    assert (left["event_id"], left["stop_id"]) == (None, None)
    told = records.history()
    assert "street" not in str(told.to_dict("records")).lower()
    gone = told[told["doing"] == "delete"]
    assert sorted(gone["kind"]) == ["events", "responses", "stops"]
    assert set(gone["by"]) == {"bob"}
    with pytest.raises(RecordError, match="no event of this id"):
        records.get("events", event.id)


def test_a_link_to_nothing_is_refused(records: Records) -> None:
    with (
        pytest.raises(RecordError, match="'Event' names EVT-1, which is not there"),
        records.changing(by="anna", at=AT) as change,
    ):
        change.create("stops", {"event_id": "EVT-1", "name": "Stop 1"})


def test_a_frame_has_a_type_for_every_column_even_when_empty(records: Records) -> None:
    empty = records.frame("events")
    with records.changing(by="anna", at=AT) as change:
        day = {"planned_start": "2026-03-29 00:30", "planned_date": "2026-03-29"}
        change.create("events", WALK | day | {"attendees_women": 4})
    frame = records.frame("events")
    assert list(frame.columns) == list(empty.columns)
    for column in ("planned_date", "planned_start", "attendees_women", "women_only", "updated_at"):
        assert frame[column].dtype == empty[column].dtype, column
    assert str(frame["planned_start"].dtype) == "datetime64[us, Europe/London]"
    assert frame["attendees_women"].tolist() == [4]
    assert records.list("events", status="held") == []
    assert len(records.list("events", status="planned_tbc")) == 1
