"""What a ward panel holds agencies to: meetings, the plan, priorities, what was published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.actions import GROUPS, rag, said_and_done
from geodata.records import panels, requests
from geodata.records.changes import Record
from geodata.records.database import Records, open_records
from geodata.records.vocabularies import (
    AGENCIES,
    PLAN_ANSWERS,
    PRIORITY_STATUSES,
    PUBLICATION_KINDS,
)
from geodata.workspace import Workspace


@dataclass(frozen=True)
class WardPanel:
    """Everything a ward's panel has before it on one day.

    Attributes
    ----------
    ward_code, ward_name : str
        The ward.
    as_at : date
        The day; later meetings, publications and plans are not in it.
    meetings : pandas.DataFrame
        Columns of a panel meeting, latest first.
    plans : pandas.DataFrame
        Columns of a ward plan and `asked`, `agreed`, `declined` (agencies), latest first.
    answers : pandas.DataFrame
        Columns of an agency's answer and `plan_title`, `agency_name`, `answer_name`; by plan, then
        agency.
    priorities : pandas.DataFrame
        Columns of a ward priority and `status_name`, `places` (names), `actions`, `done` (completed
        or verified), `verified`, `overdue`, `cannot`, `progress` (a sentence); active ones first,
        then latest first.
    published : pandas.DataFrame
        Columns of a publication and `kind_name`, latest first.
    asked : pandas.DataFrame
        See `geodata.records.requests.asked`: who asks for walks where, in this ward.
    told : pandas.DataFrame
        See `analysis.actions.said_and_done`, with `outcome_published_on`.
    """

    ward_code: str
    ward_name: str
    as_at: dt.date
    meetings: pd.DataFrame
    plans: pd.DataFrame
    answers: pd.DataFrame
    priorities: pd.DataFrame
    published: pd.DataFrame
    asked: pd.DataFrame
    told: pd.DataFrame

    @property
    def last_met(self) -> dt.date | None:
        """The day of the latest meeting; None if there was none."""
        return None if self.meetings.empty else self.meetings["held_on"].iloc[0].date()

    @property
    def meets_next(self) -> dt.date | None:
        """The day the panel meets next, as its last meeting set it; None if that set none."""
        if self.meetings.empty or pd.isna(self.meetings["next_on"].iloc[0]):
            return None
        return self.meetings["next_on"].iloc[0].date()

    def to_json(self) -> dict[str, Any]:
        """Turn it into what JSON can hold."""
        frames = ("meetings", "plans", "answers", "priorities", "published", "asked", "told")
        return {
            "ward_code": self.ward_code, "ward_name": self.ward_name,
            "as_at": self.as_at.isoformat(), "last_met": _iso(self.last_met),
            "meets_next": _iso(self.meets_next),
            **{name: _rows(getattr(self, name)) for name in frames},
        }  # fmt: skip


def ward_panel(workspace: Workspace, ward_code: str, as_at: dt.date) -> WardPanel:
    """Gather what a ward's panel has before it on a day.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    ward_code : str
        GSS code of the ward; one that is not known here has nothing, and its code for a name.
    as_at : date
        The day.
    """
    records, day = open_records(workspace), pd.Timestamp(as_at)
    wards = workspace.wards()
    names = dict(zip(wards["ward_code"], wards["ward_name"], strict=True))
    plans = records.frame("plans", ward_code=ward_code)
    plans = _by_day(plans[~(plans["drafted_on"] > day)], "drafted_on", "plan_id")
    answers = _answers(records, plans)
    actions = records.frame("actions", ward_code=ward_code)
    with records.reading() as connection:
        asked = requests.asked(connection)
    told = said_and_done(actions, as_at)
    published_on = actions.set_index("action_id")["outcome_published_on"]
    return WardPanel(
        ward_code, names.get(ward_code, ward_code), as_at,
        meetings=_of_ward(records.frame("meetings"), ward_code, day, "held_on", "meeting_id"),
        plans=_counted(plans, answers), answers=answers,
        priorities=_priorities(records, ward_code, actions, as_at),
        published=_published(records, ward_code, day),
        asked=asked[asked["ward_code"].eq(ward_code)].reset_index(drop=True),
        told=told.assign(outcome_published_on=published_on.reindex(told["action_id"]).to_numpy()),
    )  # fmt: skip


def _of_ward(
    frame: pd.DataFrame, ward_code: str, day: pd.Timestamp, on: str, key: str
) -> pd.DataFrame:
    here = pd.Series([ward_code in each for each in frame["ward_codes"]], frame.index, dtype=bool)
    return _by_day(frame[here & ~(frame[on] > day)], on, key)


def _by_day(frame: pd.DataFrame, on: str, key: str) -> pd.DataFrame:
    return frame.sort_values(
        [on, key], ascending=[False, False], kind="stable", na_position="last", ignore_index=True
    )


def _answers(records: Records, plans: pd.DataFrame) -> pd.DataFrame:
    answers = records.frame("plan_answers")
    answers = answers[answers["plan_id"].isin(plans["plan_id"])]
    titles = dict(zip(plans["plan_id"], plans["title"], strict=True))
    full = answers.assign(
        plan_title=answers["plan_id"].map(titles).astype("str"),
        agency_name=answers["agency"].map(AGENCIES).astype("str"),
        answer_name=answers["answer"].map(PLAN_ANSWERS).astype("str"),
        place=answers["plan_id"].map(list(plans["plan_id"]).index),
    )
    order = full.sort_values(["place", "agency_name"], kind="stable", ignore_index=True)
    return order.drop(columns="place")


def _counted(plans: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    counts = {
        said: plans["plan_id"]
        .map(answers.loc[answers["answer"].eq(said), "plan_id"].value_counts())
        .fillna(0)
        .astype("int64")
        for said in PLAN_ANSWERS
    }
    return plans.assign(**counts)


def _priorities(
    records: Records, ward_code: str, actions: pd.DataFrame, as_at: dt.date
) -> pd.DataFrame:
    """Say how far each priority has come, by the actions that serve it."""
    frame = records.frame("priorities", ward_code=ward_code)
    frame = frame[~(frame["period_start"] > pd.Timestamp(as_at))]
    sites = records.frame("sites").set_index("site_id")["name"].to_dict()
    stand = pd.concat([actions[["priority_id", "status"]], rag(actions, as_at)], axis=1)
    rows = []
    for row in frame.to_dict("records"):
        its = stand[stand["priority_id"].eq(row["priority_id"])]
        done = its["status"].isin(("completed", "verified"))
        counts = {
            "actions": len(its), "done": int(done.sum()),
            "verified": int(its["status"].eq("verified").sum()),
            "overdue": int(its["is_overdue"].sum()),
            "cannot": int(its["status"].eq("cannot_do").sum()),
        }  # fmt: skip
        places = ", ".join(sites.get(site, site) for site in row["site_ids"])
        rows.append({"places": places, **counts, "progress": _progress(counts)})
    names = ("places", "actions", "done", "verified", "overdue", "cannot", "progress")
    told = pd.DataFrame(rows, columns=list(names), index=frame.index)
    full = pd.concat([frame, told], axis=1).assign(
        status_name=frame["status"].map(PRIORITY_STATUSES).astype("str"),
        order=frame["status"].ne("active"),
    )
    ordered = _by_day(full, "period_start", "priority_id")
    return ordered.sort_values("order", kind="stable", ignore_index=True).drop(columns="order")


def _progress(counts: Mapping[str, int]) -> str:
    """Say in a sentence how far a priority has come.

    Examples
    --------
    >>> _progress({"actions": 4, "done": 2, "verified": 1, "overdue": 1, "cannot": 1})
    '2 of 4 actions done (1 verified), 1 overdue, 1 cannot be done'
    >>> _progress({"actions": 0, "done": 0, "verified": 0, "overdue": 0, "cannot": 0})
    'no action serves it yet'
    """
    if not counts["actions"]:
        return "no action serves it yet"
    verified = f" ({counts['verified']} verified)" if counts["verified"] else ""
    said = [f"{counts['done']} of {counts['actions']} actions done{verified}"]
    said += [f"{counts['overdue']} overdue"] if counts["overdue"] else []
    said += [f"{counts['cannot']} cannot be done"] if counts["cannot"] else []
    return ", ".join(said)


def _published(records: Records, ward_code: str, day: pd.Timestamp) -> pd.DataFrame:
    frame = records.frame("published")
    frame = frame.assign(kind_name=frame["kind"].map(PUBLICATION_KINDS).astype("str"))
    return _of_ward(frame, ward_code, day, "published_on", "publication_id")


def draft_plan(
    workspace: Workspace,
    values: Mapping[str, Any],
    agencies: Collection[str],
    *,
    by: str,
    at: dt.datetime,
) -> Record:
    """Write a ward's plan; every agency of it is asked to sign up.

    Raises
    ------
    RecordError
        If it cannot be stored.
    """
    with open_records(workspace).changing(by=by, at=at) as change:
        return panels.draft(change, values, agencies)


def answer_plan(
    workspace: Workspace,
    plan_id: str,
    agency: str,
    said: str,
    *,
    by: str,
    at: dt.datetime,
    on: dt.date | None = None,
    reason: str = "",
    version: int | None = None,
) -> Record:
    """Note that an agency agreed to a ward's plan or declined; see `geodata.records.panels.answer`.

    Raises
    ------
    StaleRecordError
        If somebody changed its earlier answer since `version`, with both.
    RecordError
        If it cannot be stored: an answer needs its date.
    """
    with open_records(workspace).changing(by=by, at=at) as change:
        return panels.answer(change, plan_id, agency, said, on=on, reason=reason, version=version)


def publish(
    workspace: Workspace,
    values: Mapping[str, Any],
    *,
    actions: Collection[str] = (),
    by: str,
    at: dt.datetime,
) -> Record:
    """Note what residents were told, and that the outcome of these actions is public from then on.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    values : mapping
        Columns of `geodata.records.tables.PublishedFeedback`; `published_on` is filled in.
    actions : collection of str
        Whose outcome it tells; one that was told before keeps its earlier date.
    by, at
        Who publishes it, and when.

    Raises
    ------
    RecordError
        If it cannot be stored; nothing has been stored then.
    """
    with open_records(workspace).changing(by=by, at=at) as change:
        made = change.create("published", {"published_on": at.date()} | dict(values))
        for action_id in actions:
            if change.get("actions", action_id)["outcome_published_on"] is None:
                on = {"outcome_published_on": made["published_on"]}
                change.update("actions", action_id, on, version=None)
        return made


def told_text(told: pd.DataFrame) -> str:
    """Write "You said, we did, not yet, cannot" as plain text, for a person to edit and publish.

    Parameters
    ----------
    told : pandas.DataFrame
        As `WardPanel.told` has it, or some of its rows.

    Examples
    --------
    >>> print(told_text(pd.DataFrame({"group": ["did"], "you_said": ["It is dark."],
    ...     "answer": ["Four lamps were replaced."]})))
    We did
    You said: It is dark.
    We did: Four lamps were replaced.
    """
    parts = []
    for group, heading in GROUPS.items():
        rows = told[told["group"].eq(group)]
        if len(rows):
            lines = [
                f"You said: {said}\n{heading}: {answer}"
                for said, answer in zip(rows["you_said"], rows["answer"], strict=True)
            ]
            parts.append("\n".join([heading, *lines]))
    return "\n\n".join(parts)


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.drop(columns=["updated_at", "updated_by", "note"], errors="ignore")
    rows = plain.astype(object).where(plain.notna(), None).to_dict("records")
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:  # noqa: ANN401 - a cell of a frame
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, dt.date) else value
