"""Red, amber, green by the rules; figures worked out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.actions import RAG_WORDS, by_agency, kpis, rag, said_and_done

DAY = dt.date(2026, 4, 1)
PLAIN: dict[str, Any] = {
    "action_id": "A", "ward_code": "E1", "status": "agreed", "owner_agency": "tfl",
    "due_on": None, "revised_due_on": None, "revisions": 0, "agreed_on": None,
    "last_update_on": None, "blocked_decision_on": None, "completed_on": None, "verified_on": None,
    "event_id": None, "outcome_published_on": None, "you_said": "", "issue_text": "dark",
    "we_did": "", "public_update": "", "why_not": "", "action_text": "mend",
}  # fmt: skip
DATES = ("due_on", "revised_due_on", "agreed_on", "last_update_on", "blocked_decision_on",
         "completed_on", "verified_on", "outcome_published_on")  # fmt: skip


def log(*rows: dict[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame([PLAIN | row for row in rows])
    for column in DATES:
        frame[column] = pd.to_datetime(frame[column]).astype("datetime64[us]")
    return frame.astype({"revisions": "Int64"})


def days(number: int) -> dt.date:
    return DAY + dt.timedelta(days=number)


@pytest.mark.parametrize(
    ("values", "colour", "reason"),
    [
        ({"due_on": days(15), "last_update_on": days(-30)}, "green",
         "due in 15 days, updated 30 days ago"),
        ({"due_on": days(15), "agreed_on": days(0)}, "green", "due in 15 days, updated today"),
        ({"due_on": days(14), "last_update_on": days(0)}, "amber", "due in 14 days"),
        ({"due_on": days(1), "last_update_on": days(0)}, "amber", "due in 1 day"),
        ({"due_on": days(0), "last_update_on": days(0)}, "amber", "due today"),
        ({"due_on": days(-1), "last_update_on": days(0)}, "red", "1 day overdue"),
        ({"due_on": days(99), "last_update_on": days(-31)}, "amber", "no update for 31 days"),
        ({"due_on": days(99), "last_update_on": days(-60)}, "amber", "no update for 60 days"),
        ({"due_on": days(99), "last_update_on": days(-61)}, "red", "no update for 61 days"),
        ({"due_on": days(99)}, "amber", "no update yet"),
        ({"last_update_on": days(0)}, "amber", "no date yet"),
        ({"due_on": days(99), "last_update_on": days(0), "owner_agency": ""}, "amber",
         "no owner yet"),
        ({"due_on": days(-9), "revised_due_on": days(99), "revisions": 1,
          "last_update_on": days(0)}, "amber", "date revised once"),
        ({"due_on": days(-9), "revised_due_on": days(99), "revisions": 2,
          "last_update_on": days(0)}, "red", "date revised twice or more"),
        ({"due_on": days(99), "last_update_on": days(0), "status": "blocked"}, "red",
         "blocked, and the owner has not decided"),
        ({"due_on": days(99), "last_update_on": days(0), "status": "blocked",
          "blocked_decision_on": days(-3)}, "amber", "blocked"),
        ({"due_on": days(-99), "status": "completed"}, "green", "completed"),
        ({"due_on": days(-99), "status": "verified", "revisions": 5}, "green", "verified"),
        ({"due_on": days(-99), "status": "cannot_do"}, "grey", "cannot be done"),
        ({"status": "superseded"}, "grey", "superseded"),
    ],
)  # fmt: skip
def test_each_rule(values: dict[str, Any], colour: str, reason: str) -> None:
    told = rag(log(values), DAY).iloc[0]
    assert (told["rag"], told["rag_reason"]) == (colour, reason)
    assert told["rag_word"] == RAG_WORDS[colour]


STATUS = st.sampled_from(["proposed", "agreed", "in_progress", "blocked", "completed", "cannot_do"])
SOME_DAY = st.none() | st.integers(-100, 100).map(days)


@given(STATUS, SOME_DAY, SOME_DAY, st.integers(0, 4), st.integers(1, 50))
def test_waiting_never_makes_it_better(
    status: str, due: dt.date | None, updated: dt.date | None, revisions: int, later: int
) -> None:
    order = ["green", "amber", "red"]
    action = log(
        {"status": status, "due_on": due, "last_update_on": updated, "revisions": revisions}
    )
    now, then = (rag(action, days(n)).iloc[0]["rag"] for n in (0, later))
    assert now == then == "grey" or order.index(then) >= order.index(now)


def test_no_actions_are_no_trouble() -> None:
    none = log({})[:0]
    assert rag(none, DAY).empty
    assert by_agency(none, DAY).empty
    assert said_and_done(none, DAY).empty


def test_you_said_we_did() -> None:
    told = said_and_done(
        log(
            {"action_id": "A", "status": "in_progress", "due_on": days(9), "public_update": "soon"},
            {"action_id": "B", "status": "cannot_do", "why_not": "no money"},
            {"action_id": "C", "status": "completed", "we_did": "mended", "you_said": "it is dark"},
            {"action_id": "D", "status": "completed"},
            {"action_id": "E", "status": "proposed"},
            {"action_id": "F", "status": "superseded"},
        ),
        DAY,
    )
    shown = told[["action_id", "heading", "you_said", "answer", "rag_word"]].to_numpy().tolist()
    assert shown == [
        ["C", "We did", "it is dark", "mended", "Green"],
        ["D", "We did", "dark", "mend", "Green"],
        ["A", "Not yet", "dark", "soon", "Amber"],
        ["B", "We cannot", "dark", "no money", "Grey"],
    ]


def test_agencies_are_counted() -> None:
    told = by_agency(
        log(
            {"due_on": days(-1)},
            {"due_on": days(50), "agreed_on": days(-40), "completed_on": days(49),
             "verified_on": days(0), "status": "verified"},
            {"due_on": days(50), "agreed_on": days(-30), "completed_on": days(51),
             "verified_on": days(60), "status": "verified"},
            {"owner_agency": "", "status": "proposed"},
        ),
        DAY,
    )  # fmt: skip
    assert told.astype(object).where(told.notna(), None).to_numpy().tolist() == [
        ["tfl", 3, 1, 1, 2, 1, 2, 65.0],
        ["", 1, 1, 0, 0, 0, 0, None],
    ]


def events(*rows: tuple[str, str, str | None, dt.date | None, int | None]) -> pd.DataFrame:
    frame = pd.DataFrame(
        rows, columns=["event_id", "status", "repeat_of_event_id", "day", "attendees_residents"]
    )
    when = pd.to_datetime(frame.pop("day")).astype("datetime64[us]")
    return frame.assign(
        actual_start=when.dt.tz_localize("Europe/London"),
        planned_date=pd.NaT,
        attendees_residents=frame["attendees_residents"].astype("Int64"),
    )


def test_the_figures_of_a_panel() -> None:
    held = events(
        ("E1", "held", None, days(-100), 10), ("E2", "held", "E1", days(-40), 20),
        ("E3", "held", None, days(-10), 90), ("E4", "confirmed", None, days(20), None),
    )  # fmt: skip
    actions = log(
        {"event_id": "E1", "due_on": days(-50), "completed_on": days(-50),
         "outcome_published_on": days(-72), "status": "completed"},
        {"event_id": "E1", "due_on": days(-50), "completed_on": days(-49), "status": "completed",
         "outcome_published_on": days(-71), "revised_due_on": days(-40), "revisions": 1},
        {"event_id": "E2", "owner_agency": "", "due_on": days(5), "status": "proposed"},
        {"event_id": "E3", "agreed_on": days(-9), "verified_on": days(-2), "status": "verified"},
        {"status": "superseded", "owner_agency": ""},
    )  # fmt: skip
    stops = pd.DataFrame(
        [("S1", "here"), ("S2", "here"), ("S3", None)], columns=["stop_id", "site_id"]
    )
    said = pd.DataFrame(
        [
            ("E1", "S1", "individual", 2, False, ("dark", "litter")),
            ("E1", "S1", "individual", 3, False, ("dark",)),
            ("E1", "S1", "group_consensus", 6, False, ()),
            ("E1", "S1", "individual", 6, True, ()),
            ("E1", "S3", "individual", None, None, ("noise",)),
            ("E2", "S2", "individual", 4, False, ("dark",)),
        ],
        columns=["event_id", "stop_id", "mode", "feel_dark", "feel_dark_recalled", "issues"],
    )
    said = said.astype({"feel_dark": "Int64", "feel_dark_recalled": "boolean"})
    told = kpis(actions, held, stops, said, DAY).set_index("code")
    assert told["value"].to_dict() == {
        "owned": 50.0,  # two of the four that still stand
        "on_time": 50.0,  # the other was late by the date first promised
        "verified": 7.0,
        "published": pytest.approx(100 / 3),  # E1 on day 28 and day 29; E2 never; E3 too young
        "repeated": 50.0,  # dark again, litter not; noise was at no named place
        "attendance": 20.0,
        "dark_change": 1.5,  # 4 against the mean of 2 and 3
    }
    assert told["n"].to_dict() == {
        "owned": 4, "on_time": 2, "verified": 1, "published": 3, "repeated": 2, "attendance": 3,
        "dark_change": 3,
    }  # fmt: skip


def test_figures_of_nothing_are_missing_and_not_zero() -> None:
    none = pd.DataFrame(columns=["event_id", "stop_id", "mode", "feel_dark", "feel_dark_recalled",
                                 "issues"])  # fmt: skip
    told = kpis(log({})[:0], events(), none[["stop_id"]].assign(site_id=None), none, DAY)
    assert told["value"].isna().all()
    assert (told["n"] == 0).all()
