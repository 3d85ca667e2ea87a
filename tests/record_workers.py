"""What other processes do in the tests of the records: write at the same time, be killed.

In a module of its own, because a process that is started anew imports it by name.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from pathlib import Path
from zoneinfo import ZoneInfo

from geodata.records.database import open_records
from geodata.workspace import Workspace

AT = dt.datetime(2026, 11, 22, 9, 30, tzinfo=ZoneInfo("Europe/London"))
WALK = {"event_type": "walkabout", "status": "planned_tbc"}


def write_for(path: Path, url: str, name: str, seconds: float, answers: Path) -> None:
    """Add events and change one that all writers share; note each one that was acknowledged."""
    records = open_records(Workspace.open(path), url=url)
    until = time.monotonic() + seconds
    with (answers / name).open("a", encoding="utf-8", buffering=1) as log:
        number = 0
        while time.monotonic() < until:
            number += 1
            with records.changing(by=name, at=AT) as change:
                made = change.create("events", WALK | {"location_name": f"{name} {number}"})
                shared = change.get("events", "EVT-2000-0001")
                count = {"attendees_residents": (shared["attendees_residents"] or 0) + 1}
                change.update("events", shared.id, count, version=shared.version)
            log.write(f"{made.id}\n")


def die_while_writing(path: Path, url: str, name: str, answers: Path) -> None:
    """Write until killed."""
    os.setpgrp()
    write_for(path, url, name, 3600, answers)
