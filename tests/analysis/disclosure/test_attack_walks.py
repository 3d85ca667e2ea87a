"""An attacker with everything that was told of walks: sheets, packs, their later versions.

Who came on a walk, who was asked at each of its stops and who of them felt unsafe are sums of the
same few people. All that is told of them over two quarters, before and after forms come in late,
becomes equations and ranges, as in `test_attack_files`; a solver asks what each withheld number
could be.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure import linked
from analysis.jobs import feedback_sheet as sheets
from analysis.jobs.pack_evidence import ANSWERS, Reading, Said
from analysis.jobs.releases import publish, register
from geodata import months as m
from geodata.errors import SaferWalksError
from geodata.records.database import open_records
from geodata.records.fields import LONDON
from tests.analysis.disclosure.attacker import Attacker
from tests.builders import WEST, batch, incidents, workspace_of

AT = dt.datetime(2026, 10, 9, 12, tzinfo=LONDON)
STOPS = ("The bridge", "The square")
WALKS = {"2026-02-11": "2026-01", "2026-05-13": "2026-04", "2026-06-10": "2026-04"}
"""Day of each walk -> its quarter."""


class World:
    """Two places, walks that stop at both, and what was told of them so far."""

    def __init__(self, folder: Path) -> None:
        police = incidents([(month, 300, 500) for month in m.span("2025-04", "2026-09")])
        self.here = workspace_of(folder, batch("police", police))
        self.stops: dict[str, list[str]] = {}
        self.told: list[tuple[pd.DataFrame, tuple[str, ...]]] = []
        """Each with the walks that had been written down by then."""
        with open_records(self.here).changing(by="t", at=AT) as change:
            self.sites = [
                change.create("sites", {"name": name, "kind": "street", "ward_code": WEST,
                                        "easting": 530_300.0, "northing": 180_500.0}).id
                for name in STOPS
            ]  # fmt: skip

    def walk(self, day: str, feelings: Sequence[Sequence[int]]) -> None:
        """Hold a walk after dark, and write down what each person felt at one of its stops."""
        start = dt.datetime.fromisoformat(f"{day}T23:00").replace(tzinfo=LONDON)
        about = {"event_type": "womens_walk", "status": "held", "ward_codes": [WEST],
                 "site_id": self.sites[0], "planned_date": day, "actual_start": start}  # fmt: skip
        with open_records(self.here).changing(by="t", at=AT) as change:
            walk = change.create("events", about).id
            stops = [{"event_id": walk, "seq": n, "name": str(n), "site_id": site}
                     for n, site in enumerate(self.sites)]  # fmt: skip
            self.stops[day] = [walk, *(change.create("stops", stop).id for stop in stops)]
        for stop, felt in enumerate(feelings):
            self.forms(day, stop, felt)

    def forms(self, day: str, stop: int, feelings: Sequence[int]) -> None:
        """Write forms down, on the day or later."""
        walk, *stops = self.stops[day]
        with open_records(self.here).changing(by="t", at=AT) as change:
            for feel in feelings:
                change.create("responses", {
                    "event_id": walk, "stop_id": stops[stop], "mode": "individual", "n_people": 1,
                    "feel_now": feel, "said_on": day, "consent_store": True,
                    "consent_quote": False, "channel": "paper",
                })  # fmt: skip

    def sheet(self, day: str) -> None:
        """Hand the sheet of a walk out."""
        page = sheets.feedback_sheet(self.here.reopen(), self.stops[day][0], at=AT).page
        said = re.search(r"(\d+) people told us", page)
        last = m.shift(WALKS[day], 2)
        self._read("walk", {day: float(said[1]) if said else np.nan}, {day: "withheld"}, last)

    def pack(self, last: str) -> None:
        """Publish what packs tell of the year."""
        here = self.here.reopen()
        known, entries = register(here), []  # type: ignore[var-annotated]
        reading = Reading(
            here, "public", m.shift(last, -11), last, AT.date(), known.numbers, known.rules
        )
        said = Said(reading, entries)
        events, places = said.events().set_index("event_id"), said.places().set_index("place")
        files = {"pack.html": f"{len(self.told)} {events} {places}".encode()}
        publish(here, files, entries, title="p", at=AT.isoformat(), checked_against=known)
        days = {ids[0]: day for day, ids in self.stops.items()}
        walks = events[events["people"].notna() | events["withheld"].ne("")].rename(index=days)
        self._read("walk", walks["people"], walks["withheld"], last)
        self._read("place", places["people"], places["withheld"], last)
        asked = places[places["unsafe_withheld"].ne("too few asked")]
        self._read("place", asked["unsafe"], asked["unsafe_withheld"], last, felt="unsafe")

    def _read(self, by: str, people: Any, held: Any, last: str, **more: str) -> None:  # noqa: ANN401
        marks = {key: held[key] if np.isnan(n) else "" for key, n in dict(people).items()}
        table = pd.DataFrame({by: list(marks), "count": list(dict(people).values())})
        told = table.assign(
            withheld=list(marks.values()), first=m.shift(last, -11), last=last, **more
        )
        self.told.append((told, tuple(self.stops)))


def _found(world: World) -> list[str]:
    """Give what an attacker finds; that two numbers contradict each other is a find as well."""
    attacker = Attacker({
        "walk": tuple(WALKS), "place": STOPS, "felt": ("unsafe", "other"),
        "quarter": ("2026-01", "2026-04"),
    })  # fmt: skip
    of_walk = {day: attacker.row({"walk": day}, [quarter]) for day, quarter in WALKS.items()}
    row = attacker.row
    for table, walks in world.told:
        there = sum(of_walk[day] for day in walks)
        attacker.row = lambda *asked, there=there: row(*asked) * there  # type: ignore[method-assign,misc]
        attacker.reads(table, secondaries=0)
    # What was told once is no secret, though a later release withholds it.
    told = {known.tobytes() for known, _ in attacker.equal}
    attacker.hidden = [one for one in attacker.hidden if one[1].tobytes() not in told]
    try:
        return attacker.narrow(need=2)
    except AssertionError as contradiction:
        return [str(contradiction)]


def _feelings(chance: np.random.Generator) -> list[list[int]]:
    return [[int(f) for f in chance.integers(1, 7, n)] for n in chance.integers(3, 13, 2)]


def _told(folder: Path, seed: int) -> World:
    """Tell of three walks by sheets and packs; forms come in before and after each."""
    world, chance = World(folder), np.random.default_rng(seed)
    first, second, third = WALKS
    world.walk(first, _feelings(chance))
    world.sheet(first)
    world.forms(first, 1, [1])
    world.pack("2026-03")
    world.walk(second, _feelings(chance))
    world.forms(first, 0, [2])
    world.pack("2026-06")
    world.walk(third, [[1], [1, 6]])
    world.forms(second, 0, [1])
    world.pack("2026-06")
    return world


@pytest.fixture(autouse=True)
def _no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_args: object, **_given: object) -> bytes:
        raise SaferWalksError("no PDF")

    monkeypatch.setattr(sheets, "document_pdf", refused)


def test_nothing_withheld_of_walks_is_found_in_sheets_and_packs_together(tmp_path: Path) -> None:
    world = _told(tmp_path / "w", seed=2)
    shown = pd.concat([table for table, _ in world.told])["withheld"].eq("")
    assert shown.sum() > 3
    assert (~shown).sum() > 3
    assert _found(world) == []


def _unsettled(counts: pd.DataFrame, *_args: object) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    return counts, pd.DataFrame(columns=["event_id", "quarter", "order"]), 0.0


_real = Said._shield


def _apart(said: Said, counts: Any, tables: Any, measure: str, *given: Any, **more: Any) -> Any:
    if measure != ANSWERS:
        return _real(said, counts, tables, measure, *given, **more)
    nothing = pd.DataFrame({"event_id": [], "withheld": []})
    return [nothing, *_real(said, counts, tables[1:], measure, *given, **more)]


GUARDS: Mapping[str, tuple[Any, str, Any]] = {
    "settling": (linked, "_settle", _unsettled),
    "walks beside places": (Said, "_shield", _apart),
}


@pytest.mark.parametrize("guard", GUARDS)
def test_the_attacker_finds_some_when_a_guard_of_walks_is_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, guard: str
) -> None:
    """Ten at one stop and two at the other of twelve; and one whose form comes in late."""
    monkeypatch.setattr(*GUARDS[guard])
    world, first = World(tmp_path / "w"), next(iter(WALKS))
    world.walk(first, [[1] * 4 + [6] * 6, [1, 6]])
    world.pack("2026-03")
    if guard == "settling":
        world.forms(first, 0, [1])
        world.pack("2026-03")
    assert _found(world) != []
