"""One page for those who came on a walk: what you said, what happens next, by whom and when.

Those who came take it home, so it is public: how many answered is told as packs tell it, and is
entered in the register of releases.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.actions import said_and_done
from analysis.disclosure.periods import quarter_of
from analysis.disclosure.routes import RESTRICTED_TYPES
from analysis.jobs.maps import DEMO_MARK
from analysis.jobs.pack_answers import FURTHER
from analysis.jobs.pack_evidence import Reading, Said
from analysis.jobs.releases import Register, publish, register
from analysis.packs.model import Table, day_words
from analysis.report.escaping import safe_filename
from analysis.report.pack_document import table_of
from analysis.report.pack_files import document_html, document_pdf
from geodata import months as m
from geodata.errors import SaferWalksError
from geodata.records.database import open_records
from geodata.records.vocabularies import AGENCIES
from geodata.reporting import ways
from geodata.workspace import Workspace

LISTED = 8
"""Actions on the sheet: more would not fit on a page."""


@dataclass(frozen=True)
class Sheet:
    """A sheet, ready to hand out.

    Attributes
    ----------
    name : str
        What its files are called, without ending.
    page : str
        HTML, self-contained.
    pdf : bytes or None
        PDF/UA-1; None where the font lacks a letter.
    no_pdf : str
        Why there is none.
    """

    name: str
    page: str
    pdf: bytes | None
    no_pdf: str = ""


def feedback_sheet(workspace: Workspace, event_id: str, *, at: dt.datetime) -> Sheet:
    """Write the sheet of one walk that was held.

    Parameters
    ----------
    workspace : Workspace
        Whose records.
    event_id : str
        Which walk.
    at : datetime
        Actions are told as they stand on this day.

    Raises
    ------
    SaferWalksError
        If there is no such event, it was not held, or it is a Walk and Talk: what one person said
        is handed to nobody. If a word on it would tell who somebody is.
    StoreConflictError
        If something else was published while it was made.
    """
    records = open_records(workspace)
    event = records.get("events", event_id)
    if event["event_type"] in RESTRICTED_TYPES or event["status"] != "held":
        raise SaferWalksError(
            "A feedback sheet is made for a walk that was held, and never for a Walk and Talk",
            got=event_id, todo="choose a walk that was held",
        )  # fmt: skip
    now = workspace.reopen()
    known = register(now)
    row, told_of = _walk(now, event_id, at, known)
    actions = records.frame("actions", event_id=event_id)
    actions = actions[~actions["origin"].isin(RESTRICTED_TYPES)]
    told = said_and_done(actions, at.date()).head(LISTED)
    owners = actions.set_index("action_id")["owner_agency"]
    document = _document(workspace, row, told.assign(who=_agencies(told, owners)), at)
    name = safe_filename(f"feedback {row['place']} {row['date']:%Y-%m}")
    page, pdf, fault = document_html(document), None, ""
    try:
        pdf = document_pdf(document, made_on=at.date())
    except SaferWalksError as error:
        fault = str(error)
    files = {f"{name}.html": page.encode(), **({f"{name}.pdf": pdf} if pdf else {})}
    publish(now, files, told_of, title=f"{name}, feedback sheet", at=at.isoformat(),
            checked_against=known)  # fmt: skip
    return Sheet(name, page, pdf, fault)


def _walk(
    workspace: Workspace, event_id: str, at: dt.datetime, known: Register
) -> tuple[dict[Any, Any], list[pd.DataFrame]]:
    """Give a walk as anybody may know of it, and what that tells, for the register.

    Its month, and what was said if enough were asked.
    """
    day = open_records(workspace).get("events", event_id)["planned_date"] or at.date()
    last = quarter_of(f"{day:%Y-%m}").last
    reading = Reading(
        workspace, "public", m.shift(last, -11), last, at.date(), known.numbers, known.rules,
        unfinished=True,
    )  # fmt: skip
    entries: list[pd.DataFrame] = []
    events = Said(reading, entries).events()
    mine = {json.dumps(name) for name in (event_id, f"{FURTHER}{event_id}")}
    own = [
        numbers[[any(name in where for name in mine) for where in numbers["where"]]]
        for numbers in entries
    ]  # what the sheet does not tell settles nothing: other walks may still be answered
    return dict(events[events["event_id"] == event_id].to_dict("records")[0]), own


def _agencies(told: pd.DataFrame, owners: pd.Series) -> list[str]:
    return [AGENCIES.get(str(owners[a]), "No owner yet") for a in told["action_id"]]


def _document(
    workspace: Workspace, row: dict[Any, Any], told: pd.DataFrame, at: dt.datetime
) -> dict[str, Any]:
    marks = [DEMO_MARK] if workspace.kind == "demo" else []
    listed = ways(workspace.path)["route"]
    contacts = pd.DataFrame([(way.name, way.how) for way in listed[:4]], columns=["what", "how"])
    report = Table("ways", "How to report", (("what", "For"), ("how", "How")), contacts)
    return {
        "title": f"What came of the walk at {row['place']}", "marks": marks, "watermark": "",
        "footer": "Thank you for walking with us", "first-alone": False,
        "facts": [["Walk", row["type_name"]], ["When", row["when"]], ["Light", row["light_name"]],
                  ["As at", day_words(at.date())]],
        "licences": ["Thank you. What you said is used without names, and nobody is quoted."],
        "sections": [
            _part("said", "What you said", _said(row)),
            _next(told),
            {**_part("report", "If something is wrong", []), "tables": [table_of(report)]},
        ],
    }  # fmt: skip


def _part(code: str, title: str, lines: list[str]) -> dict[str, Any]:
    return {"code": code, "title": title, "lines": lines, "figures": [], "tables": [], "notes": []}


def _said(row: dict[Any, Any]) -> list[str]:
    people, named = row["people"], row["named"]
    if pd.isna(people):
        return ["Too few people answered for us to tell what was said without telling who said it."]
    lines = [f"{people:,.0f} people told us how they felt and what they saw."]
    if isinstance(named, str) and named:
        lines.append(f"Named most: {named}.")
    return lines


def _next(told: pd.DataFrame) -> dict[str, Any]:
    part = _part("next", "What happens next", [])
    if told.empty:
        return {**part, "lines": ["No action is agreed yet. We shall tell you when one is."]}
    table = Table(
        "next", "What happens, by whom and when",
        (("you_said", "You said"), ("heading", "Stands"), ("answer", "What happens"),
         ("who", "Who"), ("due", "By when")),
        told, "no date yet", (1.7, 0.8, 2, 1.2, 1.1),
    )  # fmt: skip
    return {**part, "tables": [table_of(table)]}
