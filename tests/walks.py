"""A walk with two stops, its lead and a safeguarding officer, in a workspace of two wards."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from analysis.jobs.people import find_person, grant
from geodata.records.database import Records, open_records
from geodata.workspace import Workspace
from tests.builders import once, workspace_of

LEAD, OFFICER = "lead@council.uk", "sam@council.uk"


@dataclass(frozen=True)
class Walk:
    """What the tests of the forms stand on."""

    workspace: Workspace
    event_id: str
    stops: tuple[str, ...]
    lead_id: str

    @property
    def records(self) -> Records:
        return open_records(self.workspace)

    def answers(self) -> list[dict[str, object]]:
        return [dict(answer.values) for answer in self.records.list("responses")]

    def concerns(self) -> list[dict[str, object]]:
        return [dict(alert.values) for alert in self.records.list("alerts")]


def a_walk(folder: Path, *, at: dt.datetime) -> Walk:
    """Make a women's walk on the day of `at`, with the stops Station entrance and Underpass."""
    event_id, stops, lead_id = once(folder, lambda: _made(folder, at), "walk", at)
    return Walk(Workspace.open(folder), event_id, stops, lead_id)


def _made(folder: Path, at: dt.datetime) -> tuple[str, tuple[str, ...], str]:
    made = workspace_of(folder)
    grant(made, LEAD, ["walk_lead"], by="test", at=at)
    about = {"name": "Sam Green", "phone": "020 7364 0000"}
    grant(made, OFFICER, ["safeguarding_officer"], by="test", at=at, about=about)
    lead = find_person(made.path, LEAD).user_id
    with open_records(made).changing(by="test", at=at) as change:
        event = change.create(
            "events",
            {"event_type": "womens_walk", "status": "confirmed", "planned_date": at.date(),
             "location_name": "Mile End station", "lead_user_id": lead},
        )  # fmt: skip
        stops = [
            change.create("stops", {"event_id": event.id, "seq": n, "name": name}).id
            for n, name in enumerate(["Station entrance", "Underpass"], start=1)
        ]
    return event.id, tuple(stops), lead
