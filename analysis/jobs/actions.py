"""Actions as they stand: red, amber, green; late by agency; what residents are told; figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.actions import by_agency, kpis, rag, said_and_done
from analysis.jobs.records import ImportedRecords, record_sheets
from analysis.report.spreadsheets import sheet_bytes
from geodata.errors import RecordError, SaferWalksError
from geodata.records import exchange
from geodata.records.actions import owners, progress
from geodata.records.changes import Record
from geodata.records.database import open_records
from geodata.records.kinds import KINDS
from geodata.records.tabular import read_sheets
from geodata.records.vocabularies import ACTION_STATUSES, AGENCIES
from geodata.roles import Reach
from geodata.workspace import Workspace

EVERYTHING = Reach()


@dataclass(frozen=True)
class ActionLog:
    """Every action on one day.

    Attributes
    ----------
    as_at : date
        The day.
    actions : pandas.DataFrame
        Columns of an action and of `analysis.actions.rag`, and `ward_name`, `agency_name`,
        `status_name`; red first, then by date.
    agencies : pandas.DataFrame
        See `analysis.actions.by_agency`, with `agency_name`.
    told : pandas.DataFrame
        See `analysis.actions.said_and_done`.
    figures : pandas.DataFrame
        See `analysis.actions.kpis`.
    """

    as_at: dt.date
    actions: pd.DataFrame
    agencies: pd.DataFrame
    told: pd.DataFrame
    figures: pd.DataFrame

    def to_json(self) -> dict[str, Any]:
        """Turn the figures into what JSON can hold."""
        known = self.figures.astype(object).where(self.figures.notna(), None)
        agencies = self.agencies.astype(object).where(self.agencies.notna(), None)
        return {
            "as_at": self.as_at.isoformat(),
            "rag": self.actions["rag"].value_counts().to_dict(),
            "overdue": int(self.actions["is_overdue"].sum()),
            "figures": known.to_dict("records"),
            "agencies": agencies.to_dict("records"),
        }


def action_log(workspace: Workspace, as_at: dt.date, *, reach: Reach = EVERYTHING) -> ActionLog:
    """Say how every action stands on a day.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    as_at : date
        The day.
    reach : Reach
        Which of them whoever asks may see; nothing else is counted.
    """
    records = open_records(workspace)
    actions = _within(records.frame("actions"), reach)
    frames = {kind: records.frame(kind) for kind in ("events", "stops", "responses")}
    wards = workspace.wards()
    names = dict(zip(wards["ward_code"], wards["ward_name"], strict=True))
    stand = rag(actions, as_at)
    full = pd.concat([actions, stand], axis=1).assign(
        ward_name=actions["ward_code"].map(names).fillna("").astype("str"),
        agency_name=actions["owner_agency"].map(AGENCIES).fillna("No owner yet").astype("str"),
        status_name=actions["status"].map(ACTION_STATUSES).astype("str"),
    )
    order = full["rag"].map(["red", "amber", "green", "grey"].index)
    full = full.assign(order=order).sort_values(["order", "due", "action_id"], kind="stable")
    agencies = by_agency(actions, as_at)
    named = agencies["owner_agency"].map(AGENCIES).fillna("No owner yet").astype("str")
    return ActionLog(
        as_at,
        full.drop(columns="order").reset_index(drop=True),
        agencies.assign(agency_name=named),
        said_and_done(actions, as_at),
        kpis(actions, frames["events"], frames["stops"], frames["responses"], as_at),
    )


def _within(actions: pd.DataFrame, reach: Reach) -> pd.DataFrame:
    seen = [
        reach.covers([ward], agency)
        for ward, agency in zip(actions["ward_code"], actions["owner_agency"], strict=True)
    ]
    return actions[pd.Series(seen, index=actions.index, dtype="bool")].reset_index(drop=True)


def actions_file(workspace: Workspace, ending: str, *, reach: Reach = EVERYTHING) -> bytes:
    """Write the actions somebody may see as the bytes of a spreadsheet; see `update_action`.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    ending : str
        '.csv' or '.xlsx'.
    reach : Reach
        Which of them whoever asks may see.
    """
    ids = set(_within(open_records(workspace).frame("actions"), reach)["action_id"])
    sheet = record_sheets(workspace, "actions")["actions"]
    own = sheet[sheet["action_id"].isin(ids)].reset_index(drop=True)
    return sheet_bytes({"actions": own}, ending)


def import_own_actions(
    workspace: Workspace, path: Path | str, *, own: str, by: str, at: dt.datetime
) -> ImportedRecords:
    """Bring an agency's spreadsheet of its actions back: whole, or not at all.

    Parameters
    ----------
    workspace : Workspace
        Where to.
    path : Path or str
        A .csv or .xlsx that `actions_file` wrote.
    own : str
        The agency: its actions change, and stay its own; none is added.
    by, at
        Who brings it in, and when.

    Raises
    ------
    RecordError
        If a row would change another agency's action, give one away or add one; or with the
        faults of every row.
    """
    records = open_records(workspace)
    sheets = [s for s in read_sheets(path) if s.name == "actions" or s.name not in KINDS][:1]
    with records.changing(by=by, at=at) as change:
        before = owners(change)
        done = exchange.bring_in(change, sheets, kind="actions")
        for action_id, (version, agency) in owners(change).items():
            then = before.get(action_id)
            if then == (version, agency):
                continue
            if then is None or {then[1], agency} != {own}:
                raise RecordError(
                    "Nothing was brought in: a row is not an action of your agency", got=action_id,
                    todo="keep the rows as they came out, and change your own",
                )  # fmt: skip
    return ImportedRecords(done.added, done.changed, done.unchanged, done.left_out)


def update_action(
    workspace: Workspace,
    action_id: str,
    values: Mapping[str, Any],
    *,
    version: int,
    by: str,
    at: dt.datetime,
    own: str | None = None,
) -> Record:
    """Tell how an action goes; see `geodata.records.actions.progress` for what is filled in.

    `own` is the agency of whoever may change that agency's actions and no others.

    Raises
    ------
    StaleRecordError
        If somebody else changed it since, with both versions.
    SaferWalksError
        If it belongs to another agency than `own`.
    """
    with open_records(workspace).changing(by=by, at=at) as change:
        if own is not None and change.get("actions", action_id)["owner_agency"] != own:
            raise SaferWalksError(
                "This action belongs to another agency", got=action_id,
                todo="ask its owner, or whoever manages the actions",
            )  # fmt: skip
        return progress(change, action_id, values, version=version)
