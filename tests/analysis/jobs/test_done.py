"""How safe people felt before and after: what they felt there and then counts, under its light."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from analysis.jobs.done import felt_before_and_after
from geodata import months as m
from geodata.hexagons import hexagon_ids_of
from geodata.records.database import open_records
from tests.builders import ORIGIN, batch, incidents, workspace_of

NOW = dt.datetime(2026, 5, 1, 12, tzinfo=ZoneInfo("Europe/London"))
HERE = {"easting": ORIGIN[0] + 200, "northing": ORIGIN[1] + 200}


def test_feeling_now_counts_for_the_light_of_the_walk(tmp_path: Path) -> None:
    rows = [(month, 200, 200) for month in m.window("2026-04", 12)]
    workspace = workspace_of(tmp_path / "w", batch("met", incidents(rows)))
    walks = (("2026-01-10", "dark", (1, 1, 2, 2, 5)), ("2026-03-10", "dark", (5, 5, 6, 6, 6)),
             ("2026-03-11", "day", (3, 3)))  # fmt: skip
    with open_records(workspace).changing(by="test", at=NOW) as change:
        for on, light, feelings in walks:
            walk = change.create(
                "events",
                {"event_type": "womens_walk", "status": "held", "planned_date": on,
                 "light_override": light, "light_reason": "as seen"},
            )  # fmt: skip
            stop = change.create("stops", {"event_id": walk.id, "seq": 1, "name": "1", **HERE})
            for feel in feelings:
                change.create(
                    "responses",
                    {"event_id": walk.id, "stop_id": stop.id, "form": "quick", "n_people": 1,
                     "mode": "individual", "experience": "today_on_site", "feel_now": feel,
                     "said_on": on, "consent_store": True, "consent_quote": False},
                )  # fmt: skip
    here = hexagon_ids_of(*(np.array([v]) for v in HERE.values()), 200)[0]
    found = felt_before_and_after(workspace, [here], "2026-02-01")
    assert found is not None
    told = found.set_index("light")[["n_before", "unsafe_before", "n_after", "unsafe_after"]]
    assert told.loc["dark"].tolist() == [5, 4, 5, 0]
    assert told.loc["day"].tolist() == [0, 0, 2, 0]
    assert found.set_index("light")["reading"].to_dict() == {
        "day": "too_few", "dusk": "too_few", "dark": "fewer",
    }  # fmt: skip
