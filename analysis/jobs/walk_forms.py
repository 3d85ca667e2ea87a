"""What the forms ask for and hand in: walks to choose from, answers, safeguarding concerns.

Answers are checked by the rules of the records and by nothing else, so that a form, a spreadsheet
and a program store the same. A concern goes to its own table, is linked to the walk and to no
answer, and no log and no error message holds a word of either.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis import paper_codes
from analysis.report.forms import numbers
from geodata.crs import BNG_EXTENT, to_bng
from geodata.errors import RecordError
from geodata.records import feedback
from geodata.records.changes import Record
from geodata.records.database import Records, open_records
from geodata.records.vocabularies import EVENT_TYPES, RATINGS
from geodata.wording import wording
from geodata.workspace import Workspace

DAYS_BEFORE, DAYS_AFTER = 14, 7
"""A walk is offered from a week before it until two weeks after it."""

STATUSES = ("planned_tbc", "confirmed", "held", "postponed")
SENT = (
    *("event_id", "stop_id", "place_text", "mode", "n_people", "said_on", "feel_now"),
    *("open_reason", "issues", "suggestion", "consent_store", "consent_quote"),
)
"""Columns of a response that the phone form fills."""
AUDITED = (
    *SENT,
    *("feel_day", "feel_day_recalled", "feel_dark", "feel_dark_recalled", "experience"),
    *("familiarity", "usual_times", "alone_effect", *RATINGS, "not_applicable", "positives"),
    *("behaviours", "changed_behaviour", "reported_before", "reasons_not_reported"),
    *("suggestion_tags", "positive_text"),
)
"""Columns of a response that the full audit fills."""
BOXES = (
    *("stop", "people", "feel_now", "feel_day", "feel_dark", "issues", "help", "good", "met"),
    *("ratings", "keep", "quote", "why", "what"),
)
"""Boxes of the keyboard screen, in the order of the paper."""
RAISED = ("event_id", "stop_id", "detail", "contact")
PLACE = ("lon", "lat")


@dataclass(frozen=True)
class Sender:
    """Who sends a form.

    Attributes
    ----------
    name : str
        For the history.
    user_id : str
        Whose walks they may record; '' for nobody's own.
    every_walk : bool
        Whether they may record walks that others lead.
    """

    name: str
    user_id: str = ""
    every_walk: bool = False

    def may_record(self, event: Record) -> bool:
        """Tell whether a walk is theirs to record."""
        return self.every_walk or bool(self.user_id and event["lead_user_id"] == self.user_id)


def walks(workspace: Workspace, sender: Sender, *, today: dt.date) -> list[dict[str, Any]]:
    """List the walks somebody may record these days, nearest first, with their stops.

    Parameters
    ----------
    workspace : Workspace
        Where they are.
    sender : Sender
        Who asks.
    today : date
        In London.

    Returns
    -------
    list of dict
        `event_id`, `name`, `date`, `stops` (each `stop_id`, `name`).
    """
    records = open_records(workspace)
    first, last = (today - dt.timedelta(DAYS_BEFORE), today + dt.timedelta(DAYS_AFTER))
    near = [
        event
        for event in records.list("events")
        if event["status"] in STATUSES
        and event["planned_date"]
        and first <= event["planned_date"] <= last
        and sender.may_record(event)
    ]
    near.sort(key=lambda e: (abs((e["planned_date"] - today).days), e["planned_date"], e.id))
    return [_walk(records, event) for event in near]


def every_walk(workspace: Workspace, sender: Sender) -> list[dict[str, Any]]:
    """List every walk somebody may record, latest first, for a stack of paper forms."""
    records = open_records(workspace)
    mine = [event for event in records.list("events") if sender.may_record(event)]
    mine.sort(key=lambda e: (e["planned_date"] or dt.date.min, e.id), reverse=True)
    return [_walk(records, event) for event in mine]


def _walk(records: Records, event: Record) -> dict[str, Any]:
    stops = sorted(records.list("stops", event_id=event.id), key=lambda s: (s["seq"] or 0, s.id))
    day = event["planned_date"]
    place = event["location_name"] or "place to be confirmed"
    return {
        "event_id": event.id,
        "name": f"{EVENT_TYPES[event['event_type']]}, {place}",
        "date": day.isoformat() if day else "",
        "is_virtual": event["event_type"] == "virtual_walk",
        "stops": [{"stop_id": stop.id, "name": stop["name"]} for stop in stops],
    }


SUMMARY_COLUMNS = ("mode", "experience", "answers", "people", "feel_now", "feel_dark")


def summary(workspace: Workspace, event_id: str) -> pd.DataFrame:
    """Count the answers of a walk; people, groups, observers and pictures are never put together.

    Returns
    -------
    pandas.DataFrame
        One row for each `mode` and `experience`: `answers`, `people`, and the medians of
        `feel_now` and `feel_dark` (1 to 6), missing where nobody said.
    """
    answers = open_records(workspace).frame("responses", event_id=event_id)
    if answers.empty:
        return pd.DataFrame(columns=list(SUMMARY_COLUMNS))
    feelings = ["feel_now", "feel_dark"]
    answers = answers.astype(dict.fromkeys(feelings, "Float64"))
    grouped = answers.groupby(["mode", "experience"], sort=True)
    return grouped.agg(
        answers=("response_id", "size"), people=("n_people", "sum"),
        feel_now=("feel_now", "median"), feel_dark=("feel_dark", "median"),
    ).reset_index()  # fmt: skip


def send_answer(
    workspace: Workspace, sender: Sender, said: Mapping[str, Any], *, key: str, at: dt.datetime
) -> str:
    """Store what the phone form sent; sent again with the same key, it is stored once.

    Parameters
    ----------
    workspace : Workspace
        Where to.
    sender : Sender
        Who sends it.
    said : mapping
        Columns of `SENT`, and `lon` and `lat` where the phone gave its place (WGS84).
    key : str
        Made up by the sender for this very answer.
    at : datetime
        Now.

    Returns
    -------
    str
        The id of the stored answer.

    Raises
    ------
    RecordError
        If it cannot be stored, or the walk is not the sender's.
    """
    _check_names(said, (*SENT, *PLACE))
    values = {name: said[name] for name in SENT if name in said} | _point(said)
    fixed = {"form": "quick", "channel": "phone_form", "experience": "today_on_site"}
    records = open_records(workspace)
    _check_walk(records, sender, said.get("event_id"))
    with records.changing(by=sender.name, at=at) as change:
        return feedback.record(change, values | fixed, key=_key("answer", key)).id


def send_full(
    workspace: Workspace,
    sender: Sender,
    values: Mapping[str, Any],
    *,
    monitoring: Mapping[str, str],
    key: str,
    at: dt.datetime,
) -> str:
    """Store a full audit or a paper form; what people said about themselves is counted apart.

    Parameters
    ----------
    workspace, sender, key, at
        As `send_answer`.
    values : mapping
        Columns of a response.
    monitoring : mapping of str to str
        Answers about the person, by question.

    Raises
    ------
    RecordError
        If it cannot be stored, or the walk is not the sender's.
    """
    records = open_records(workspace)
    _check_walk(records, sender, values.get("event_id"))
    with records.changing(by=sender.name, at=at) as change:
        stored = feedback.record(
            change, {"form": "full", **values}, monitoring=monitoring, key=_key("answer", key)
        )
        return stored.id


def send_audit(
    workspace: Workspace, sender: Sender, said: Mapping[str, Any], *, key: str, at: dt.datetime
) -> str:
    """Store what the full audit says; on a virtual walk nothing was seen on site.

    Parameters
    ----------
    workspace, sender, key, at
        As `send_answer`.
    said : mapping
        Columns of `AUDITED`, `lon` and `lat`, and `monitoring`: answers about the person.

    Raises
    ------
    RecordError
        If it cannot be stored, or the walk is not the sender's.
    """
    values = {name: value for name, value in said.items() if name not in (*PLACE, "monitoring")}
    _check_names(values, AUDITED)
    about = said.get("monitoring") or {}
    if not isinstance(about, Mapping):
        raise RecordError("The form sent something that is not asked for", got="monitoring")
    event = _event(open_records(workspace), sender, values.get("event_id"))
    is_virtual = event["event_type"] == "virtual_walk"
    if is_virtual and values.get("experience") == "today_on_site":
        raise RecordError("A virtual walk is not seen on site", todo="say what the answer is from")
    values["channel"] = "online_session" if is_virtual else "tablet"
    whole = {**values, **_point(said)}
    return send_full(workspace, sender, whole, monitoring=dict(about), key=key, at=at)


def send_paper(
    workspace: Workspace, sender: Sender, said: Mapping[str, Any], *, key: str, at: dt.datetime
) -> str:
    """Store a paper form as it was typed in: short boxes, the numbers on paper.

    Parameters
    ----------
    workspace, sender, key, at
        As `send_answer`.
    said : mapping
        `event_id` and the text of each of `BOXES`.

    Raises
    ------
    RecordError
        If a box cannot be read, with its name; or as `send_answer`.
    """
    _check_names(said, ("event_id", *BOXES))
    records = open_records(workspace)
    walk = _walk(records, _event(records, sender, said.get("event_id")))
    typed = {box: str(said.get(box, "")) for box in BOXES}
    values = {"event_id": walk["event_id"], **paper_values(typed, walk)}
    if walk["date"] and walk["date"] <= at.date().isoformat():
        values["said_on"] = walk["date"]  # said on the walk, typed in days later
    return send_full(workspace, sender, values, monitoring={}, key=key, at=at)


def paper_values(typed: Mapping[str, str], walk: Mapping[str, Any]) -> dict[str, Any]:
    """Turn the boxes of the keyboard screen into columns, by the numbers on paper.

    Parameters
    ----------
    typed : mapping of str to str
        Text of each of `BOXES`.
    walk : mapping
        `stops` and `is_virtual`, as `walks` gives them.

    Raises
    ------
    RecordError
        If a box cannot be read; nothing is guessed.
    """
    words = wording()
    of, box = numbers(words), words.section("keys")
    stops = walk["stops"]
    place = paper_codes.number(typed["stop"], 1, max(len(stops), 1), box=box["stop"])
    people = paper_codes.number(typed["people"], 2, 200, box=box["people"])
    feelings = {
        name: paper_codes.number(typed[name], 1, 6, box=box[name])
        for name in ("feel_now", "feel_day", "feel_dark")
    }
    lists = {
        column: paper_codes.codes(typed[name], of[listed], box=box[name])
        for column, name, listed in (
            ("issues", "issues", "issue"), ("suggestion_tags", "help", "suggestion"),
            ("positives", "good", "positive"), ("behaviours", "met", "behaviour"),
        )
    }  # fmt: skip
    return {
        **feelings, **lists, **paper_codes.ratings(typed["ratings"]), "channel": "paper",
        "stop_id": stops[place - 1]["stop_id"] if place and stops else None,
        "mode": "group_consensus" if people else "individual", "n_people": people or 1,
        "experience": "image_only" if walk["is_virtual"] else "today_on_site",
        "consent_store": paper_codes.yes(typed["keep"], box=box["keep"]),
        "consent_quote": paper_codes.yes(typed["quote"], box=box["quote"]),
        "open_reason": typed["why"], "suggestion": typed["what"],
    }  # fmt: skip


def raise_concern(
    workspace: Workspace, sender: Sender, said: Mapping[str, Any], *, key: str, at: dt.datetime
) -> str:
    """Store a safeguarding concern, for the officers alone.

    Parameters
    ----------
    workspace, sender, key, at
        As `send_answer`; the key is another one than the answer's.
    said : mapping
        Columns of `RAISED`.

    Raises
    ------
    RecordError
        If it cannot be stored, or the walk is not the sender's.
    """
    _check_names(said, RAISED)
    records = open_records(workspace)
    _check_walk(records, sender, said.get("event_id"))
    with records.changing(by=sender.name, at=at) as change:
        return feedback.raise_alert(change, dict(said), key=_key("concern", key)).id


def _check_names(said: Mapping[str, Any], known: tuple[str, ...]) -> None:
    unknown = [name for name in said if name not in known]
    if unknown:
        raise RecordError("The form sent something that is not asked for", got=str(unknown[0])[:40])


def _check_walk(records: Records, sender: Sender, event_id: object) -> None:
    _event(records, sender, event_id)


def _event(records: Records, sender: Sender, event_id: object) -> Record:
    """Read a walk that is the sender's to record."""
    event = records.get("events", str(event_id or ""))
    if not sender.may_record(event):
        raise RecordError(
            "This walk is led by somebody else", got=str(event_id)[:40],
            todo="ask whoever plans the walks to put you down as its lead",
        )  # fmt: skip
    return event


def _point(said: Mapping[str, Any]) -> dict[str, float]:
    """Turn the phone's place to metres; none where it gave none."""
    given = [said.get(name) for name in PLACE]
    if given == [None, None]:
        return {}
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in given):
        raise RecordError("The place is no pair of numbers", todo="pick the stop instead")
    lon, lat = (np.array([float(v)]) for v in given if v is not None)
    easting, northing = to_bng(lon, lat)
    x, y = float(easting[0]), float(northing[0])
    west, south, east, north = BNG_EXTENT
    if not (west <= x <= east and south <= y <= north):  # a place that is no number is neither
        raise RecordError("The place is not in Great Britain", todo="pick the stop instead")
    return {"easting": round(x, 1), "northing": round(y, 1)}


def _key(kind: str, key: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]{16,64}", key):
        raise RecordError("The form sent no key of its own", todo="load the form again")
    return f"{kind}:{key}"
