"""Two years of the demo borough's records: walks, what people said, what was promised and done.

Every word and number is invented, apart from the council's published programme of 2024 (dates,
wards and places of its surgeries and women's safety walks), which is a public fact. The thread to
follow is Langdon Park: a virtual walk names it, a walk by day finds little, one after dark finds
what women meant, agencies promise, one is late and one says no, and a walk a year later shows what
it changed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from geodata import months
from geodata.demo.panel_story import ask_for_walks, meet_panels
from geodata.demo.places import places
from geodata.records import actions, feedback
from geodata.records.changes import Change
from geodata.records.database import open_records
from geodata.records.fields import LONDON
from geodata.records.programme_text import add_listed, read_programme
from geodata.records.vocabularies import MONITORING, label
from geodata.ward_join import assign_wards
from geodata.workspace import Workspace

WRITTEN_FOR = "2026-06"
"""The last month of the story as it is written below; for another it is moved by whole months."""

BY = "demo"

PROGRAMME = """
Safer communities engagement days
Outside the town hall | Safety surgery
Mile End | Salmon Lane E14 (Junction to Lydbrook Place) | Safety surgery
Bethnal Green West | Location TBC | Safety surgery
30/1/25 | 6pm-8pm | Canary Wharf | Location TBC | Safety surgery
Bow West | Clinton Road, E3 | Safety surgery
St Katherines and Wapping | Outside the Waitrose, St Katherine's Dock | Safety surgery
Bromley North | Location TBC | Safety surgery
Location TBC | Safety surgery
Location TBC | Safety surgery
Location TBC | Safety surgery
Blackwall and Cubitt Town | Location TBC | Safety surgery
Bromley South | Location TBC | Safety surgery
Bethnal Green East | Location TBC | Safety surgery
Location TBC | Safety surgery
St Dunstan's | Location TBC | Safety surgery
Island Gardens | Location TBC | Safety surgery
Women's safety walks
- Mile End station: 2nd October 2024 for a 5pm start
- Gowers Walk: 3rd October 2024 for a 5pm start
- Langdon Park: 9th October 2024 for a 5pm start
- Bethnal Green Gardens: 24th October 2024 for a 5pm start
"""

_SITES = (
    "Mile End station", "Gowers Walk", "Langdon Park", "Bethnal Green Gardens", "Roman Road Market",
    "Chrisp Street Market", "Watney Market", "Limehouse Basin", "Weavers Fields", "Altab Ali Park",
    "Victoria Park", "Millwall Park", "Shadwell station", "Stepney Green station",
)  # fmt: skip

# Name, type, site, day, start, residents, women, what it repeats.
_HELD: tuple[tuple[str, str, str, str, str, int, int, str], ...] = (
    ("virtual", "virtual_walk", "Langdon Park", "2024-07-18", "19:00", 11, 11, ""),
    ("virtual-2", "virtual_walk", "Mile End station", "2024-07-25", "19:00", 9, 8, ""),
    ("langdon-dark", "womens_walk", "Langdon Park", "2025-02-05", "18:30", 9, 9, "langdon"),
    ("langdon-again", "womens_walk", "Langdon Park", "2026-02-04", "18:30", 12, 12, "langdon-dark"),
    ("mile-end-dark", "womens_walk", "Mile End station", "2025-11-19", "18:00", 8, 8, "mile-end"),
    ("gowers-dark", "womens_walk", "Gowers Walk", "2026-01-21", "17:30", 7, 7, "gowers"),
    ("roman-road", "womens_walk", "Roman Road Market", "2025-10-15", "18:30", 10, 9, ""),
    ("shadwell", "womens_walk", "Shadwell station", "2026-03-11", "18:45", 8, 8, ""),
    ("walkabout-1", "walkabout", "Chrisp Street Market", "2024-11-14", "14:00", 18, 9, ""),
    ("walkabout-2", "walkabout", "Watney Market", "2025-04-10", "11:00", 14, 6, ""),
    ("walkabout-3", "walkabout", "Weavers Fields", "2025-09-18", "17:00", 21, 11, ""),
    ("walkabout-4", "walkabout", "Limehouse Basin", "2026-04-23", "18:00", 16, 7, ""),
    ("action-day-1", "community_action_day", "Langdon Park", "2025-03-15", "10:00", 34, 20, ""),
    ("action-day-2", "community_action_day", "Watney Market", "2025-05-17", "10:00", 22, 10, ""),
    ("talk-1", "walk_and_talk", "Stepney Green station", "2025-01-22", "21:30", 1, 1, ""),
    ("talk-2", "walk_and_talk", "Millwall Park", "2025-12-03", "18:15", 1, 1, ""),
    ("day-1", "engagement_day", "Altab Ali Park", "2025-06-21", "11:00", 60, 31, ""),
    ("day-2", "engagement_day", "Victoria Park", "2025-08-16", "11:00", 85, 44, ""),
    ("day-3", "engagement_day", "Chrisp Street Market", "2026-05-09", "11:00", 70, 36, ""),
)
_SEED_WALKS = {
    "Mile End station": ("mile-end", 10), "Gowers Walk": ("gowers", 7),
    "Langdon Park": ("langdon", 12), "Bethnal Green Gardens": ("gardens", 9),
}  # fmt: skip
_TO_COME: tuple[tuple[str, str, str, str, str], ...] = (
    ("womens_walk", "confirmed", "Bethnal Green Gardens", "2026-07-15", "21:30"),
    ("walkabout", "planned_tbc", "", "2026-09-17", "17:00"),
    ("womens_walk", "proposed", "", "", ""),
)

# Stops of a walk: name, setting, metres east and north of the place.
_STOPS: dict[str, tuple[tuple[str, str, int, int], ...]] = {
    "Langdon Park": (
        ("Station exit", "station", -150, 0), ("Path beside the railway", "park_open_space", 0, 40),
        ("Play area", "park_open_space", 40, 0), ("Footbridge", "underpass_bridge", 90, -60),
    ),
    "Mile End station": (
        ("Station exit", "station", 0, 0), ("Bridge over the road", "underpass_bridge", -80, -40),
        ("Bus stop", "bus_stop", 60, 10),
    ),
    "Gowers Walk": (
        ("North end", "street", 0, 80), ("Building site", "building_site", 0, 0),
        ("Steps to the main road", "lift_stairwell", 20, -90),
    ),
}  # fmt: skip
_ANY_STOPS = (("Meeting point", "street", 0, 0), ("Side street", "street", 60, 40),
              ("Way home", "residential", 120, -30))  # fmt: skip

# Walk -> (how it feels now, and after dark where asked; 1 to 6), by the story.
_FEELS: dict[str, tuple[float, float | None]] = {
    "virtual": (2.6, 2.0), "virtual-2": (3.4, 2.8), "langdon": (4.3, 2.3), "mile-end": (4.1, 3.0),
    "gowers": (3.6, 2.4), "gardens": (4.6, 3.4), "langdon-dark": (2.1, 2.1),
    "langdon-again": (3.7, 3.7), "mile-end-dark": (3.1, 3.1), "gowers-dark": (2.7, 2.7),
    "roman-road": (3.5, 3.5), "shadwell": (2.4, 2.4),
}  # fmt: skip
_ISSUES: dict[str, tuple[str, ...]] = {
    "virtual": ("poor_lighting", "empty_isolated"), "virtual-2": ("poor_lighting",),
    "langdon": ("restricted_visibility_planting", "litter_flytip", "poor_lighting"),
    "langdon-dark": ("poor_lighting", "light_out", "restricted_visibility_planting", "no_cctv"),
    "langdon-again": ("no_cctv", "litter_flytip"), "mile-end": ("noise", "poor_signage"),
    "mile-end-dark": ("poor_signage", "bus_stop_exposed"), "gowers": ("construction_hoarding",),
    "gowers-dark": ("construction_hoarding", "blind_spots_layout"),
    "gardens": ("nitrous_canisters", "damaged_path"), "roman-road": ("closed_frontages",),
    "shadwell": ("poor_lighting", "underpass_lift_stairwell", "litter_flytip"),
}  # fmt: skip
_SAID = (
    "I walk faster here and keep my keys in my hand.", "Nobody would see if something happened.",
    "Fine when the shops are open, not after.", "I go round the other way, it takes ten minutes.",
    "There used to be a light here.", "Men stand by the gate and stare.",
    "I like it by day, my children play here.", "You cannot see who comes round the corner.",
)  # fmt: skip
_WISHES = (
    "Mend the lights.", "Cut the bushes back.", "Somebody who walks through in the evening.",
    "A mirror at the corner.", "A way out on the other side.",
)  # fmt: skip

# What was promised: key, walk, site, issue, type, agency, post, agreed, due, and what followed:
# (day, columns) one after the other.
_Step = tuple[str, Mapping[str, str]]
_PROMISED: tuple[tuple[str, str, str, str, str, str, str, str, str, tuple[_Step, ...]], ...] = (
    (
        "Replace four lamps on the path beside the railway", "langdon-dark", "Langdon Park",
        "poor_lighting", "lighting", "council_highways_lighting", "Street lighting engineer",
        "2025-02-19", "2025-04-30",
        (
            ("2025-02-26", {"status": "in_progress"}),
            ("2025-04-22", {"revised_due_on": "2025-06-30", "public_update":
                            "The lamps are ordered; the supplier is late."}),
            ("2025-06-12", {"status": "completed", "we_did": "Four lamps were replaced."}),
            ("2026-02-06", {"status": "verified", "verified_by": "repeat_walk"}),
        ),
    ),
    (
        "Cut back the bushes along the path", "langdon-dark", "Langdon Park",
        "restricted_visibility_planting", "planting", "council_parks", "Parks supervisor",
        "2025-02-19", "2025-03-31",
        (
            ("2025-03-15", {"status": "completed", "we_did":
                            "Cut back on the community action day, and twice a year from now on."}),
            ("2025-03-20", {"status": "verified", "verified_by": "officer_visit"}),
        ),
    ),
    (
        "Put a camera at the footbridge", "langdon-dark", "Langdon Park", "no_cctv", "cctv",
        "council_community_safety", "CCTV manager", "2025-02-19", "2025-05-31",
        (
            ("2025-05-06", {"status": "cannot_do", "why_not": "A camera there would look into "
             "homes, and lighting and sightlines have been mended instead."}),
        ),
    ),
    (
        "Walk through the park between 18:00 and 20:00 on winter evenings", "langdon-dark",
        "Langdon Park", "empty_isolated", "patrol", "police_snt", "Ward sergeant", "2025-02-19",
        "2025-03-07",
        (
            ("2025-03-06", {"status": "completed", "we_did": "Three evenings a week until April."}),
            ("2026-02-06", {"status": "verified", "verified_by": "resident_confirmed"}),
        ),
    ),
    (
        "Put signs to the station back up", "mile-end", "Mile End station", "poor_signage",
        "signage", "tfl", "Station manager", "2024-10-16", "2024-12-15",
        (
            ("2024-12-10", {"revised_due_on": "2025-06-30", "public_update": "Being designed."}),
            ("2025-06-24", {"revised_due_on": "2026-07-31", "public_update": "Waiting for parts."}),
            ("2026-06-10", {"status": "in_progress"}),
        ),
    ),
    (
        "Light the hoarding and open a window in it", "gowers", "Gowers Walk",
        "construction_hoarding", "design_change", "business_landowner", "Site manager",
        "2024-10-17", "2024-11-30",
        (("2025-01-09", {"status": "blocked", "blocked_reason": "landowner"}),),
    ),
    (
        "Clear canisters every morning", "gardens", "Bethnal Green Gardens", "nitrous_canisters",
        "repair_clean", "council_waste", "Cleansing manager", "2024-11-07", "2024-11-21",
        (
            ("2024-11-20", {"status": "completed", "we_did": "Cleared daily before nine."}),
            ("2024-12-05", {"status": "verified", "verified_by": "photo"}),
        ),
    ),
    (
        "Mend the path by the pond", "gardens", "Bethnal Green Gardens", "damaged_path",
        "repair_clean", "council_parks", "Parks supervisor", "2024-11-07", "2025-01-31",
        (("2025-01-28", {"status": "completed", "we_did": "The path is relaid."}),),
    ),
    (
        "Patrol the market at closing time", "walkabout-1", "Chrisp Street Market",
        "drug_dealing_seen", "patrol", "theo", "Patrol lead", "2024-11-28", "2024-12-31",
        (
            ("2024-12-20", {"status": "completed", "we_did": "Patrols every evening but Sunday."}),
            ("2025-02-13", {"status": "verified", "verified_by": "resident_confirmed"}),
        ),
    ),
    (
        "Mend the door entry of the block", "walkabout-1", "Chrisp Street Market",
        "door_entry_broken", "repair_clean", "registered_provider", "Neighbourhood manager",
        "2024-11-28", "2025-01-15",
        (("2025-03-04", {"status": "completed", "we_did": "A new door was fitted."}),),
    ),
    (
        "Take away the abandoned van", "walkabout-2", "Watney Market", "abandoned_vehicle",
        "enforcement", "council_waste", "Street care manager", "2025-04-17", "2025-04-30",
        (("2025-04-24", {"status": "completed", "we_did": "It was taken away."}),),
    ),
    (
        "Reach out to people who sleep near the market", "walkabout-2", "Watney Market",
        "street_drinking_seen", "outreach_support", "nhs_substance", "Outreach lead",
        "2025-04-17", "2025-06-30",
        (("2025-06-20", {"status": "in_progress", "public_update": "Two visits a week."}),),
    ),
    (
        "Look at a crossing to the fields", "walkabout-3", "Weavers Fields", "no_crossing",
        "traffic", "council_highways_lighting", "Traffic engineer", "2025-10-02", "2026-03-31",
        (
            ("2026-03-20", {"revised_due_on": "2026-09-30", "public_update":
                            "Counts are done; the design follows."}),
            ("2026-06-18", {"public_update": "The design is out to neighbours."}),
        ),
    ),
    (
        "Youth workers at the ball court on Fridays", "walkabout-3", "Weavers Fields",
        "threatening_group", "outreach_support", "vcs", "Youth work lead", "2025-10-02",
        "2025-11-30",
        (
            ("2025-11-07", {"status": "completed", "we_did": "Every Friday from six to nine."}),
            ("2026-01-15", {"status": "verified", "verified_by": "officer_visit"}),
        ),
    ),
    (
        "Light the steps to the basin", "walkabout-4", "Limehouse Basin", "poor_lighting",
        "lighting", "canal_river_trust", "Towpath manager", "2026-05-07", "2026-07-10", (),
    ),
    (
        "Clear the towpath of canisters", "walkabout-4", "Limehouse Basin", "nitrous_canisters",
        "repair_clean", "council_waste", "Cleansing manager", "2026-05-07", "2026-09-30",
        (("2026-06-11", {"status": "in_progress", "public_update": "Weekly since June."}),),
    ),
    (
        "Wash and light the underpass", "shadwell", "Shadwell station",
        "underpass_lift_stairwell", "repair_clean", "tfl", "Station manager", "2026-03-25",
        "2026-05-31", (("2026-04-30", {"status": "in_progress"}),),
    ),
    (
        "Ask shops on the corner to leave a light on", "roman-road", "Roman Road Market",
        "closed_frontages", "communication", "council_community_safety", "Town centre manager",
        "2025-10-29", "2025-12-12",
        (("2025-12-09", {"status": "completed", "we_did": "Nine of fourteen shops do now."}),),
    ),
)  # fmt: skip


def add_records(workspace: Workspace, *, seed: int, last_month: str) -> None:
    """Write the demo's records into its workspace, as if people had over two years.

    Parameters
    ----------
    workspace : Workspace
        Of kind 'demo', with its wards.
    seed : int
        The same seed gives the same records.
    last_month : str
        YYYY-MM; the story ends there, and its plans reach a few months further.
    """
    records = open_records(workspace)
    when = dt.datetime(2024, 6, 3, 9, 0, tzinfo=LONDON)
    with records.changing(by=BY, at=when) as change:
        story = _Story(change, workspace, seed, last_month)
        story.tell()


class _Story:
    """Two years, told in the order in which things happened."""

    def __init__(self, change: Change, workspace: Workspace, seed: int, last_month: str) -> None:
        self._change, self._workspace = change, workspace
        self._by_months = months.number(last_month) - months.number(WRITTEN_FOR)
        self.rng = np.random.default_rng([seed, 20_241_002])
        self.sites: dict[str, tuple[str, float, float, str]] = {}
        self.events: dict[str, str] = {}
        self.actions: dict[str, str] = {}
        self._stops: dict[str, list[tuple[str, str]]] = {}

    def tell(self) -> None:
        """Write everything."""
        self._name_places()
        self._walk()
        self._promise()
        meet_panels(self, self._change)
        ask_for_walks(self)

    def day(self, text: str) -> dt.date:
        """Give a day of the story, moved with it."""
        day = dt.date.fromisoformat(text)
        month = months.shift(text[:7], self._by_months)
        return dt.date(
            int(month[:4]), int(month[5:]), min(day.day, 28) if self._by_months else day.day
        )

    def on(self, day: dt.date, clock: str = "10:00") -> Change:
        """Give the change as if it were made on a day."""
        at = dt.datetime.combine(day, dt.time.fromisoformat(clock), tzinfo=LONDON)
        return replace(self._change, at=at)

    def _name_places(self) -> None:
        known = places().set_index("name")
        spots = known.loc[list(_SITES)].reset_index()
        wards = assign_wards(spots, self._workspace.wards())["ward_code"]
        for row, ward in zip(spots.itertuples(), wards, strict=True):
            values = {
                "name": row.name, "kind": row.kind, "status": "current", "place_id": row.place_id,
                "ward_code": ward if isinstance(ward, str) else "",
                "easting": row.geometry.x, "northing": row.geometry.y,
            }  # fmt: skip
            made = self._change.create("sites", values)
            self.sites[row.name] = (made.id, row.geometry.x, row.geometry.y, values["ward_code"])

    def _walk(self) -> None:
        self._publish_programme()
        for key, kind, site, day, clock, residents, women, repeats in _HELD:
            self._hold(key, kind, site, self.day(day), clock, residents, women, repeats)
        for kind, status, site, day, clock in _TO_COME:
            self._plan(kind, status, site, self.day(day) if day else None, clock)

    def _publish_programme(self) -> None:
        """Bring the published list in by the door every list comes in by; its walks were held."""
        listed = read_programme(PROGRAMME, self._workspace.wards())
        rows = tuple(
            replace(row, values=self._moved(row.values)) if self._by_months else row
            for row in listed.rows
        )
        add_listed(self.on(self.day("2024-09-02")), replace(listed, rows=rows))
        ids = self._ids_by_place()
        for name, (key, women) in _SEED_WALKS.items():
            event = self._change.get("events", ids[name])
            start = event["planned_start"]
            self.events[key] = event.id
            held = self.on(start.date(), "21:00")
            values = self._held(name, start, women, women) | {"women_only": True}
            held.update("events", event.id, values, version=None)
            self._add_stops(key, name, held)
            self._listen(key, held)

    def _moved(self, values: Mapping[str, Any]) -> dict[str, Any]:
        moved = dict(values)
        for column in ("planned_date", "planned_start", "planned_end"):
            if values[column] is not None:
                day = self.day(values[column].strftime("%Y-%m-%d"))
                moved[column] = (
                    dt.datetime.combine(day, values[column].timetz())
                    if isinstance(values[column], dt.datetime)
                    else day
                )
        return moved

    def _ids_by_place(self) -> dict[str, str]:
        from sqlalchemy import select

        from geodata.records.tables import Event

        rows = self._change.connection.execute(select(Event.location_name, Event.event_id))
        return {row.location_name: row.event_id for row in rows}

    def _held(self, site: str, start: dt.datetime, residents: int, women: int) -> dict[str, Any]:
        return {
            "status": "held", "site_id": self.sites[site][0], "actual_start": start,
            "actual_end": start + dt.timedelta(minutes=80), "attendees_residents": residents,
            "attendees_women": women, "attendees_officers": 2 + residents // 8,
            "weather": str(self.rng.choice(["dry", "dry", "dry", "light_rain", "windy"])),
            "organisations": ("council_community_safety", "police_snt"),
            "ward_codes": tuple(filter(None, (self.sites[site][3],))),
            "selection_reasons": ("asb_reports", "virtual_walk"), "facilitator": "Walk lead",
        }  # fmt: skip

    def _hold(
        self, key: str, kind: str, site: str, day: dt.date, clock: str, residents: int, women: int,
        repeats: str,
    ) -> None:  # fmt: skip
        start = dt.datetime.combine(day, dt.time.fromisoformat(clock), tzinfo=LONDON)
        follows = {"action-day-1": "langdon-dark", "action-day-2": "walkabout-2"}.get(key, "")
        values = self._held(site, start, residents, women) | {
            "event_type": kind, "location_name": site, "planned_date": day, "planned_start": start,
            "planned_end": start + dt.timedelta(minutes=90),
            "women_only": kind in ("womens_walk", "walk_and_talk"),
            "repeat_of_event_id": self.events.get(repeats), "follows_event_id":
            self.events.get(follows),
        }  # fmt: skip
        if repeats:
            values["selection_reasons"] = ("previous_walk_issue",)
        planned = values | {"status": "confirmed"}
        made = self.on(day - dt.timedelta(days=21)).create("events", planned)
        held = self.on(day, "22:30")
        held.update("events", made.id, {"status": "held"}, version=None)
        self.events[key] = made.id
        if key in _FEELS:
            self._add_stops(key, site, held)
            self._listen(key, held)

    def _plan(self, kind: str, status: str, site: str, day: dt.date | None, clock: str) -> None:
        start = (
            dt.datetime.combine(day, dt.time.fromisoformat(clock), tzinfo=LONDON) if day else None
        )
        values = {
            "event_type": kind, "status": status, "location_name": site or "Location TBC",
            "site_id": self.sites[site][0] if site else None, "planned_date": day,
            "ward_codes": tuple(filter(None, (self.sites[site][3],))) if site else (),
            "planned_start": start, "women_only": kind == "womens_walk",
        }  # fmt: skip
        self.on(self.day("2026-06-15")).create("events", values)

    def _add_stops(self, key: str, site: str, on: Change) -> None:
        site_id, east, north, ward = self.sites[site]
        made = []
        for seq, (name, setting, dx, dy) in enumerate(_STOPS.get(site, _ANY_STOPS), start=1):
            values = {
                "event_id": self.events[key], "seq": seq, "name": name, "setting": setting,
                "site_id": site_id, "ward_code": ward, "easting": east + dx, "northing": north + dy,
                "precision": "street" if key.startswith("virtual") else "exact",
                "stimulus": "street_image" if key.startswith("virtual") else "",
            }  # fmt: skip
            made.append((on.create("stops", values).id, setting))
        self._stops[key] = made

    def _listen(self, key: str, on: Change) -> None:
        """Invent what each person said at each stop, around how the walk felt."""
        rng, (now, dark) = self.rng, _FEELS[key]
        people = on.get("events", self.events[key])["attendees_women"]
        is_virtual, issues = key.startswith("virtual"), _ISSUES[key]
        was_dark = not is_virtual and now == dark
        for person in range(people):
            leaning, mark = rng.normal(0, 0.6), f"{rng.integers(16**8):08x}"
            self._count_person(on)
            for number, (stop_id, _) in enumerate(self._stops[key]):
                feel = _scale(rng, now + leaning)
                said = (person + 2 * number) % 3 == 0
                found = [i for i in issues if rng.random() < (0.75 if number else 0.4)]
                values: dict[str, Any] = {
                    "event_id": self.events[key], "stop_id": stop_id, "form": "quick",
                    "mode": "individual", "n_people": 1, "participant_key": mark,
                    "channel": "online_session" if is_virtual else "phone_form",
                    "said_on": on.at.date(),
                    "experience": "image_only" if is_virtual else "today_on_site",
                    "feel_now": None if is_virtual else feel,
                    "feel_dark": feel if was_dark else _scale(rng, (dark or now) + leaning),
                    "feel_dark_recalled": not was_dark,
                    "alone_effect": "would_use_alone" if feel > 3 else "only_with_others",
                    "issues": found, "open_reason": str(rng.choice(_SAID)) if said else "",
                    "suggestion": str(rng.choice(_WISHES)) if said else "",
                    "suggestion_tags": ("lighting",) if "poor_lighting" in found else (),
                    "lighting": _rating(rng, 1 if "poor_lighting" in found else 2),
                    "visibility": _rating(rng, 1 if feel < 3 else 2),
                    "upkeep": _rating(rng, 1 if "litter_flytip" in found else 2),
                    "positives": ("familiar_faces",) if feel > 4 else (),
                    "consent_store": True, "consent_quote": bool(said),
                }  # fmt: skip
                on.create("responses", values)

    def _count_person(self, on: Change) -> None:
        ages = [code for code in MONITORING["age_band"] if code != "prefer_not"]
        answers = {"gender": "woman", "age_band": str(self.rng.choice(ages))}
        feedback.count_monitoring(on, answers, on=on.at.date())

    def _promise(self) -> None:
        for text, walk, site, issue, kind, agency, post, agreed, due, steps in _PROMISED:
            site_id, _, _, ward = self.sites[site]
            event = self._change.get("events", self.events[walk])
            words = label("issue", issue)
            words = words[:1].lower() + words[1:]
            values = {
                "origin": event["event_type"], "event_id": event.id, "site_id": site_id,
                "ward_code": ward, "issue_code": issue, "action_type": kind, "action_text": text,
                "issue_text": f"{site}: {words}", "owner_agency": agency,
                "owner_role": post, "agreed_on": self.day(agreed), "due_on": self.day(due),
                "status": "agreed", "you_said": f"You told us: {words} at {site}.",
                "outcome_published_on": event["actual_start"].date()
                + dt.timedelta(days=14 if len(text) % 4 else 40),
            }  # fmt: skip
            made = self.on(self.day(agreed)).create("actions", values)
            self.actions[text] = made.id
            for day, changes in steps:
                told = {
                    name: self.day(value) if name.endswith("_on") else value
                    for name, value in changes.items()
                }
                actions.progress(self.on(self.day(day)), made.id, told, version=None)


def _scale(rng: np.random.Generator, mean: float) -> int:
    return int(np.clip(round(float(rng.normal(mean, 0.7))), 1, 6))


def _rating(rng: np.random.Generator, mean: float) -> int:
    return int(np.clip(round(float(rng.normal(mean, 0.6))), 0, 3))
