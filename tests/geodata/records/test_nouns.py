"""What each kind of record asks for, and the verbs of the nouns."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from geodata.errors import RecordError
from geodata.records import actions, feedback, panels, requests, sites, users
from geodata.records.changes import Change
from geodata.records.database import Records, open_records
from geodata.records.kinds import links_to
from tests.builders import workspace_of
from tests.databases import AT

WALK = {"event_type": "womens_walk", "status": "planned_tbc"}
ACTION = {"origin": "womens_walk", "status": "agreed", "action_text": "Mend", "owner_agency": "tfl"}
SAID = {"mode": "individual", "n_people": 1, "consent_store": True, "consent_quote": False}
SITE = {"name": "A street", "kind": "street"}


@pytest.fixture(scope="module")
def on_one(tmp_path_factory: pytest.TempPathFactory) -> Records:
    """Records in SQLite only, for rules that hold before any database is asked."""
    return open_records(workspace_of(tmp_path_factory.mktemp("one") / "w"), url="")


PRESET = {"name": "Dark evenings", "status": "current", "base": "womens_walk", "window": 12,
          "weights": {"volume": 1}, "normaliser": "rank", "reason": "Asked for"}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        ("presets", PRESET | {"name": "WALKABOUT"}, "taken by a built-in preset"),
        ("presets", PRESET | {"weights": [1, 2]}, "'Weights' must name the parts"),
        ("presets", PRESET | {"weights": {"volume": True}}, "'volume' is no number of 0 or more"),
        ("presets", PRESET | {"weights": {"volume": 0}}, "at least one weight must be above 0"),
        ("presets", PRESET | {"reason": ""}, "'Reason, fit to be read out' must be filled in"),
        ("presets", PRESET | {"window": 2}, "it goes from 3 to 24"),
        ("avoid", {"name": "Eid", "first_on": "2026-03-20", "last_on": "2026-03-19"},
         "'Last day, if it is another' is before 'First day'"),
        ("events", WALK | {"easting": 1}, "'Easting' and 'Northing' must both"),
        ("events", WALK | {"planned_start": "2026-01-02 18:00", "planned_date": "2026-01-03"},
         "'Date' must be the day of 'Start'"),
        ("events", WALK | {"planned_date": "2026-01-02", "planned_start": "2026-01-02 18:00",
                           "planned_end": "2026-01-02 17:00"}, "'End' is before 'Start'"),
        ("events", WALK | {"status": "confirmed"}, "'Date' must be filled in before"),
        ("events", WALK | {"status": "confirmed", "planned_date": "2026-01-02",
                           "location_name": "location tbc"}, "a place must be named"),
        ("events", WALK | {"status": "held"},
         "'Began at' or 'Date' must be filled in when 'Status' is 'Held'"),
        ("events", WALK | {"light_override": "dark"},
         "Why the light condition was set by hand' must be"),
        ("actions", ACTION | {"owner_agency": ""},
         "'Owner' must be filled in when 'Status' is 'Agreed'"),
        ("actions", ACTION | {"status": "blocked"}, "'Blocked because of' must be"),
        ("actions", ACTION | {"status": "cannot_do"}, "'Cannot: why not' must be filled in"),
        ("actions", ACTION | {"status": "completed"}, "'Completed on' must be filled in"),
        ("actions", ACTION | {"status": "verified", "verified_on": "2026-01-01"},
         "completed is not the same"),
        ("actions", ACTION | {"revised_due_on": "2026-01-01"},
         "'Due' must be filled in before 'New"),
        ("actions", ACTION | {"agreed_on": "2026-02-01", "due_on": "2026-01-01"},
         "'Due' is before 'Agreed"),
        ("decisions", {"decided_on": "2026-01-01", "decided_by": "Manager", "purpose": "walkabout",
                       "rank": 11, "ward_code": "E05009327", "reasons": "random_check"},
         "rank 11"),
        ("decisions", {"decided_on": "2026-01-01", "decided_by": "Manager", "purpose": "walkabout"},
         "'Reasons' or 'In words' must be"),
        ("priorities", {"ward_code": "E05009327", "title": "x", "status": "active",
                        "period_start": "2026-02-01", "period_end": "2026-01-01"},
         "'To' is before 'From'"),
        ("users", {"email": "Anna@x.org", "active": True}, "small letters"),
        ("users", {"email": "a@x.org", "active": True, "roles": "action_owner"},
         "'Agency' must be"),
        ("meetings", {"held_on": "2026-01-01", "n_present": 3, "n_residents": 4},
         "'Residents among them' is more than"),
        ("asks", {"asked_on": "2026-01-01", "asker": "resident"},
         "'Named place', 'Place' or 'Its ward' must"),
        ("sites", SITE | {"status": "merged"}, "merged into' must be filled in"),
        ("requests", {"received_on": "2026-01-01", "status": "assigned"},
         "'Agency' or 'Looked after by"),
    ],
)  # fmt: skip
def test_what_does_not_hang_together_is_refused(
    on_one: Records, kind: str, values: dict[str, Any], said: str
) -> None:
    with pytest.raises(RecordError, match=said), on_one.changing(by="anna", at=AT) as change:
        change.create(kind, values)


def walk(change: Change) -> str:
    return change.create("events", WALK).id


def test_answers_about_a_person_are_counted_and_lead_nowhere(records: Records) -> None:
    answers = {"gender": "woman", "age_band": "25_34"}
    with records.changing(by="phone", at=AT) as change:
        event = walk(change)
        for key in ("a", "b"):
            said = SAID | {"event_id": event, "open_reason": key}
            feedback.record(change, said, monitoring=answers, key=key)
    with records.changing(by="phone", at=AT + dt.timedelta(days=90)) as change:
        feedback.record(change, SAID | {"event_id": event, "open_reason": "b"},
                        monitoring=answers, key="b")  # fmt: skip
        feedback.record(change, SAID | {"event_id": event}, monitoring={"gender": "man"}, key="c")
    with records.reading() as connection:
        counts = feedback.monitoring(connection)
        columns = {c["name"] for c in sa.inspect(connection).get_columns("monitoring_counts")}
    assert counts.to_numpy().tolist() == [
        ["2026-Q4", "age_band", "25_34", 2],
        ["2026-Q4", "gender", "woman", 2],
        ["2027-Q1", "gender", "man", 1],
    ]
    assert columns == {"quarter", "question", "answer", "people"}
    assert "woman" not in str(records.history().to_dict("records"))
    with (
        pytest.raises(RecordError, match="answer is not in its list"),
        records.changing(by="phone", at=AT) as change,
    ):
        feedback.record(change, SAID | {"event_id": event}, monitoring={"gender": "x"})
    assert len(records.list("responses")) == 3


def test_the_counts_have_no_order_of_coming(on_one: Records) -> None:
    with on_one.reading() as connection, pytest.raises(sa.exc.OperationalError, match="rowid"):
        connection.execute(sa.text("SELECT rowid FROM monitoring_counts"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"consent_store": False}, "without consent nothing is stored"),
        ({"n_people": 3}, "agree' must be 1"),
        ({"feel_now": 7}, "goes from 1 to 6"),
        ({"lighting": 4}, "goes from 0 to 3"),
    ],
)
def test_a_response_that_must_not_be_stored(records: Records, more: Any, said: str) -> None:
    with pytest.raises(RecordError, match=said), records.changing(by="a", at=AT) as change:
        change.create("responses", SAID | {"event_id": walk(change)} | more)
    assert records.list("events") == []


def test_a_concern_waits_until_somebody_acknowledges_it(records: Records) -> None:
    with records.changing(by="lead", at=AT) as change:
        alert = feedback.raise_alert(change, {"detail": "A girl alone", "event_id": walk(change)})
    with records.reading() as connection:
        assert feedback.unacknowledged(connection) == [alert.id]
    with records.changing(by="officer", at=AT + dt.timedelta(minutes=9)) as change:
        feedback.acknowledge(change, alert.id)
    with records.changing(by="cover", at=AT + dt.timedelta(hours=1)) as change:
        seen = feedback.acknowledge(change, alert.id)
    assert seen["acknowledged_by"] == "officer"
    with records.reading() as connection:
        assert feedback.unacknowledged(connection) == []
    told = records.history(kind="alerts")
    assert told["old"].isna().all()
    assert told["new"].isna().all()


def test_an_action_fills_in_what_follows(records: Records) -> None:
    with records.changing(by="anna", at=AT) as change:
        made = change.create("actions", ACTION | {"due_on": "2026-12-01"})
        one = actions.progress(change, made.id, {"revised_due_on": "2027-01-01"}, version=1)
        assert (one["revisions"], one["last_update_on"]) == (1, AT.date())
        two = actions.progress(change, made.id, {"revised_due_on": "2027-02-01"}, version=2)
        assert two["revisions"] == 2
        same = actions.progress(change, made.id, {"revised_due_on": "2027-02-01"}, version=3)
        assert same == two
        done = actions.progress(change, made.id, {"status": "completed"}, version=3)
        assert done["completed_on"] == AT.date()
        values = {"status": "verified", "verified_by": "photo", "verified_on": "2026-12-24"}
        seen = actions.progress(change, made.id, values, version=4)
        assert seen["verified_on"] == dt.date(2026, 12, 24)
    with records.changing(by="anna", at=AT) as change:
        other = change.create("actions", ACTION)
        moved = actions.progress(change, other.id, {"owner_role": "Engineer"}, version=1)
        assert moved["last_update_on"] is None  # who owns it is no news of how it goes


def test_contact_details_are_kept_apart_and_deleted_on_their_day(records: Records) -> None:
    contact = {"name": "Somebody", "email": "somebody@example.org"}
    with records.changing(by="anna", at=AT) as change:
        kept = requests.receive(change, {"why": "dark"}, contact=contact, key="k")
        again = requests.receive(change, {"why": "dark"}, contact=contact, key="k")
    assert again.id == kept.id
    assert "somebody" not in str(kept.values).lower()
    first, *_ = records.list("contacts")
    assert first["delete_after"] == AT.date() + dt.timedelta(days=requests.KEEP_CONTACTS_DAYS)
    day_before = AT + dt.timedelta(days=requests.KEEP_CONTACTS_DAYS - 1)
    for at, gone in ((day_before, 0), (day_before + dt.timedelta(days=1), 1)):
        with records.changing(by="clock", at=at) as change:
            assert requests.delete_due_contacts(change) >= gone
            assert bool(requests.delete_due_contacts(change)) is False
    assert records.list("contacts") == []
    assert len(records.list("requests")) == 1
    told = records.history(kind="contacts")
    assert "delete" in set(told["doing"])
    assert "somebody" not in str(told.to_dict("records")).lower()


def test_distinct_people_are_counted_and_not_known(records: Records) -> None:
    secret = records.secret()
    with records.changing(by="anna", at=AT) as change:
        here, there = (change.create("sites", SITE | {"name": n}).id for n in ("Here", "There"))
        for site, asker, person in (
            (here, "resident", "ann@example.org"), (here, "resident", " ANN@example.org"),
            (here, "councillor", "bob"), (here, "resident", ""),
            (there, "resident", "ann@example.org"),
        ):  # fmt: skip
            values = {"asker": asker, "site_id": site}
            requests.register(change, values, person=person, secret=secret)
    with records.reading() as connection:
        told = requests.asked(connection)
    counted = told[["name", "asks", "people", "residents"]].to_numpy().tolist()
    assert counted == [["Here", 4, 3, 2], ["There", 1, 1, 1]]
    marks = [a["person_mark"] for a in records.list("asks")]
    assert marks[0] == marks[1] != marks[4]
    assert "example" not in str([a.values for a in records.list("asks")])


def test_a_place_is_renamed_and_merged_with_its_history(records: Records) -> None:
    with records.changing(by="anna", at=AT) as change:
        old = change.create("sites", SITE | {"name": "The cut"})
        new = change.create("sites", SITE | {"name": "Regents Canal"})
        event = change.create("events", WALK | {"site_id": old.id})
        aim = {"ward_code": "E05009327", "title": "x", "status": "active"}
        aimed = change.create("priorities", aim | {"site_ids": [old.id, new.id]})
        renamed = sites.rename(change, new.id, "Regent's Canal", version=1)
        assert renamed["former_names"] == ("Regents Canal",)
        kept = sites.merge(change, old.id, new.id, version=1)
    assert kept["former_names"] == ("Regents Canal", "The cut")
    assert records.get("events", event.id)["site_id"] == new.id
    assert records.get("priorities", aimed.id)["site_ids"] == (new.id,)
    assert records.get("sites", old.id)["status"] == "merged"
    with records.reading() as connection:
        assert sites.resolve(connection, old.id) == new.id
        assert sites.resolve(connection, "hex-1") == "hex-1"
    told = records.history(kind="sites", record_id=new.id)
    names = told[told["field"] == "name"][["old", "new"]].to_numpy().tolist()
    assert names == [["Regents Canal", "Regent's Canal"]]
    with (
        pytest.raises(RecordError, match="merged before"),
        records.changing(by="anna", at=AT) as change,
    ):
        sites.merge(change, old.id, new.id, version=None)


def test_what_names_a_place_is_counted_over_all_kinds(records: Records) -> None:
    with records.changing(by="a", at=AT) as change:
        one, two = (change.create("sites", SITE | {"name": name}).id for name in ("One", "Two"))
        for site in (one, one, two, ""):
            change.create("events", WALK | {"site_id": site})
        change.create("actions", ACTION | {"site_id": one})
    links = [(kind, column) for kind, column in links_to("sites") if kind.name != "sites"]
    assert {kind.name for kind, _ in links} >= {"events", "actions"}
    assert records.tally(links) == {one: 3, two: 1}
    assert records.tally([]) == {}


def test_each_agency_answers_a_plan_once(records: Records) -> None:
    with records.changing(by="anna", at=AT) as change:
        plan = change.create("plans", {"ward_code": "E05009327", "title": "Plan"}).id
        panels.answer(change, plan, "tfl", "asked", on=None)
        panels.answer(change, plan, "tfl", "declined", on=AT.date(), reason="No money")
        panels.answer(change, plan, "theo", "agreed", on=AT.date())
    told = [(a["agency"], a["answer"]) for a in records.list("plan_answers", plan_id=plan)]
    assert told == [("tfl", "declined"), ("theo", "agreed")]
    with (
        pytest.raises(RecordError, match="Answered on"),
        records.changing(by="anna", at=AT) as change,
    ):
        panels.answer(change, plan, "btp", "agreed", on=None)


def test_a_user_is_found_by_address_while_active(records: Records) -> None:
    with records.changing(by="anna", at=AT) as change:
        ann = {"email": "ann@example.org", "active": True, "roles": "viewer"}
        made = change.create("users", ann)
    with records.reading() as connection:
        assert users.find_user(connection, " Ann@Example.org") == made.id
        assert users.find_user(connection, "bob@example.org") is None
    with (
        pytest.raises(RecordError, match="there already"),
        records.changing(by="anna", at=AT) as change,
    ):
        change.create("users", {"email": "ann@example.org", "active": True})
    with records.changing(by="anna", at=AT) as change:
        change.update("users", made.id, {"active": False}, version=1)
    with records.reading() as connection:
        assert users.find_user(connection, "ann@example.org") is None
