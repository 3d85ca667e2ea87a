"""Meetings of ward panels, and the ward plans that agencies agree to or decline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from geodata.records.checks import in_order, needs
from geodata.records.labels import Naming
from geodata.records.tables import PlanAnswer

if TYPE_CHECKING:
    from geodata.records.changes import Change, Record


def check(values: Mapping[str, Any], name: Naming) -> list[str]:
    """Say what is wrong with a meeting."""
    wrong = in_order(values, name, "held_on", "next_on")
    if (values["n_residents"] or 0) > (values["n_present"] or values["n_residents"] or 0):
        wrong.append(f"{name('n_residents')} is more than {name('n_present')}")
    return wrong


def check_answer(values: Mapping[str, Any], name: Naming) -> list[str]:
    """Say what is wrong with an agency's answer to a plan."""
    return needs(values, name, "answer", {"agreed": "answered_on", "declined": "answered_on"})


def draft(change: Change, values: Mapping[str, Any], agencies: Iterable[str] = ()) -> Record:
    """Write a ward's plan and ask every agency of it to sign up.

    Parameters
    ----------
    change : Change
        Of whoever enters it.
    values : mapping
        Columns of `geodata.records.tables.WardPlan`; `drafted_on` is filled in.
    agencies : iterable of str
        Whom it asks something of; each stands as asked until it answers.
    """
    plan = change.create("plans", {"drafted_on": change.at.date()} | dict(values))
    for agency in agencies:
        answer(change, plan.id, agency, "asked", on=None)
    return plan


def answer(
    change: Change,
    plan_id: str,
    agency: str,
    said: str,
    *,
    on: dt.date | None,
    reason: str = "",
    version: int | None = None,
) -> Record:
    """Note whether an agency agreed to a ward's plan or declined; a later answer replaces it.

    Parameters
    ----------
    change : Change
        Of whoever enters it.
    plan_id, agency : str
        Which plan, and whose answer.
    said : {'asked', 'agreed', 'declined'}
        What it said.
    on : date or None
        When.
    reason : str, optional
        In its own words.
    version : int, optional
        The version of its earlier answer that this person has seen.

    Raises
    ------
    StaleRecordError
        If somebody changed the earlier answer since `version`.
    """
    values = {
        "plan_id": plan_id, "agency": agency, "answer": said, "answered_on": on, "reason": reason,
    }  # fmt: skip
    query = sa.select(PlanAnswer.answer_id).where(
        PlanAnswer.plan_id == plan_id, PlanAnswer.agency == agency
    )
    known = change.connection.execute(query).scalar_one_or_none()
    if known is None:
        return change.create("plan_answers", values)
    return change.update("plan_answers", known, values, version=version)
