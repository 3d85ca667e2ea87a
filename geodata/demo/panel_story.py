"""What the panels of the demo's wards decided, who signed up, and what residents were told.

Every word and number is invented. The thread of Langdon Park goes on here: its panel sets a
priority after the walk in the dark, votes on it, and closes it a year later.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple, Protocol

import numpy as np

from geodata.records import panels, requests
from geodata.records.changes import Change

__all__ = ["ask_for_walks", "meet_panels"]


class Story(Protocol):
    """What of the demo's story this part of it needs; see `geodata.demo.records`."""

    rng: np.random.Generator
    sites: dict[str, tuple[str, float, float, str]]
    events: dict[str, str]
    actions: dict[str, str]

    def day(self, text: str) -> dt.date:
        """Give a day of the story, moved with it."""

    def on(self, day: dt.date, clock: str = "10:00") -> Change:
        """Give the change as if it were made on a day."""


class _Plan(NamedTuple):
    walk: str
    title: str
    text: str
    agreed: tuple[str, ...]
    declined: tuple[tuple[str, str], ...] = ()
    asked: tuple[str, ...] = ()


_PLANS = (
    _Plan(
        "walkabout-1", "Lansbury plan",
        "Patrols of the market at closing time; the block's door entry mended; a women's walk "
        "through Langdon Park after dark.",
        ("council_community_safety", "police_snt", "theo", "registered_provider"),
    ),
    _Plan(
        "walkabout-2", "Shadwell plan",
        "The abandoned van taken away; outreach for people who sleep near the market; shutters "
        "of the market's back row painted.",
        ("council_waste", "police_snt", "nhs_substance"),
        (("business_landowner", "The shutters belong to the stall holders, not to us."),),
    ),
    _Plan(
        "walkabout-3", "Weavers plan",
        "A crossing to the fields looked at; youth workers at the ball court on Fridays.",
        ("council_highways_lighting", "police_snt", "vcs"),
    ),
    _Plan(
        "walkabout-4", "Limehouse plan",
        "The steps to the basin lit; canisters cleared from the towpath every week.",
        ("council_waste", "police_snt"), (), ("canal_river_trust",),
    ),
)  # fmt: skip

_QUARTERS = (
    "2024-09", "2024-12", "2025-03", "2025-06", "2025-09", "2025-12", "2026-03", "2026-06",
)  # fmt: skip

# Panel -> what each of its meetings decided, and how it voted.
_PANELS: dict[str, tuple[tuple[str, str], ...]] = {
    "Langdon Park": (
        ("The virtual walk's answers were read out. A women's walk in the park was asked for.",
         "Ask for a walk in the park: 9 for, none against."),
        ("The October walk was by daylight: a walk after dark was asked for.", ""),
        ("What women said after dark was heard. Three priorities were set.",
         "Lit paths in the park 11, drug dealing by the market 7, noise 4."),
        ("The bushes are cut back; the lamps are late, and highways explained why.", ""),
        ("The lamps are in. No camera will come: the panel accepts the reason.",
         "Accept the reason: 6 for, 2 against."),
        ("A walk after dark was asked for, to see what changed.", ""),
        ("The walk in February: women felt safer. The priority was closed as achieved.",
         "Close it: 10 for, none against."),
        ("Two new priorities were set from the summer's reports.",
         "Market at closing time 8, footbridge 5."),
    ),
    "Mile End station": (
        ("The panel met for the first time and agreed how it works.", ""),
        ("The October walk was heard. Signs to the station were set as a priority.",
         "Signs 5, noise 3."),
        ("Signs: being designed. The station manager was asked to the next meeting.", ""),
        ("Signs: the date moved for the first time. The panel regrets it.", ""),
        ("A walk after dark was asked for.", ""),
        ("The November walk was heard: signs and the bus stop.", "Add the bus stop: 7 for."),
        ("Signs: the date moved a second time; raised with the Safer Neighbourhood Board.",
         "Raise it: 8 for, 1 against."),
        ("Signs: fitting has begun.", ""),
    ),
    "Weavers Fields": (
        ("The panel asked for a walkabout.", ""),
        ("Noise by the fields was discussed; no priority was set.", ""),
        ("A priority on quiet evenings was set.", "Quiet evenings 6, parking 2."),
        ("Few reports came in: the priority was dropped.", "Drop it: 5 for, 1 against."),
        ("What the walkabout found was heard. The ball court was set as a priority.",
         "Ball court 9, crossing 8."),
        ("Youth workers have begun. The crossing is being counted.", ""),
        ("The crossing's date moved to autumn.", ""),
        ("The design of the crossing was shown.", "Like the design: 7 for, 3 against."),
    ),
    "Limehouse Basin": (
        ("Nitrous oxide on the towpath was reported by members.", ""),
        ("The Canal & River Trust did not come.", ""),
        ("A priority on the towpath was set.", "Towpath 7, parking 3."),
        ("Clearing was asked for every week.", ""),
        ("Nobody has answered for the towpath. A walkabout was asked for.",
         "Ask for it: 8 for, none against."),
        ("A date for the walkabout was settled.", ""),
        ("Who comes on the walkabout was settled.", ""),
        ("The walkabout's plan was agreed. Light on the steps was set as a priority.",
         "Steps 9, towpath 6."),
    ),
}  # fmt: skip


class _Priority(NamedTuple):
    panel: str
    quarter: int
    title: str
    status: str
    votes: int
    evidence: tuple[str, ...]
    aim: str
    measure: str
    baseline: str
    target: str
    outcome: str
    actions: tuple[str, ...]
    place: str = ""


_PRIORITIES = (
    _Priority(
        "Langdon Park", 2, "Lit and overlooked paths in Langdon Park", "achieved", 11,
        ("panel", "walk"), "Women use the path beside the railway after dark.",
        "Feeling after dark on the walks, 1 to 6", "2.1 in February 2025", "3.5 a year later",
        "3.7 in February 2026: lamps and cut bushes made the difference; no camera came.",
        (
            "Replace four lamps on the path beside the railway",
            "Cut back the bushes along the path", "Put a camera at the footbridge",
            "Walk through the park between 18:00 and 20:00 on winter evenings",
        ),
    ),
    _Priority(
        "Langdon Park", 2, "Drug dealing by Chrisp Street Market", "continued", 7,
        ("panel", "incident_data"), "People can close their stalls without being watched.",
        "Reports a quarter within 200 m", "", "a third fewer", "",
        ("Patrol the market at closing time", "Mend the door entry of the block"),
        "Chrisp Street Market",
    ),
    _Priority(
        "Langdon Park", 7, "The market at closing time", "active", 8,
        ("panel", "incident_data"), "Stall holders and late shoppers go home at ease.",
        "Stall holders who say so, of 20 asked", "7 of 20", "14 of 20", "", (),
        "Chrisp Street Market",
    ),
    _Priority(
        "Mile End station", 1, "Signs from the station to the park and the canal", "active", 5,
        ("walk", "panel"), "Nobody takes the wrong way out after dark.",
        "Signs up, of six promised", "0", "6 by July 2026", "",
        ("Put signs to the station back up",),
    ),
    _Priority(
        "Weavers Fields", 2, "Quiet evenings by the fields", "dropped", 6, ("survey",),
        "Fewer disturbed nights.", "Noise reports a quarter", "", "",
        "Too few reports to work on; the survey will be asked again.", (),
    ),
    _Priority(
        "Weavers Fields", 4, "The ball court and the way to it", "active", 9, ("walk", "panel"),
        "Young people use the court, and everybody passes it.", "Fridays with youth workers",
        "none", "40 a year", "",
        ("Youth workers at the ball court on Fridays", "Look at a crossing to the fields"),
    ),
    _Priority(
        "Limehouse Basin", 2, "Nitrous oxide on the towpath", "continued", 7,
        ("panel", "councillor"), "The towpath is clear in the morning.",
        "Mornings without canisters, of ten looked at", "2", "8", "",
        ("Clear the towpath of canisters",),
    ),
    _Priority(
        "Limehouse Basin", 7, "Light on the steps to the basin", "active", 9, ("walk", "panel"),
        "People come up the steps after dark.", "Feeling after dark on the next walk", "", "", "",
        ("Light the steps to the basin",),
    ),
)  # fmt: skip


class _Told(NamedTuple):
    walk: str
    day: str
    kind: str
    title: str
    text: str
    address: str = ""


_PUBLISHED = (
    _Told("walkabout-1", "2024-12-20", "plan", "The Lansbury plan",
          "What every partner signed up to after the walkabout of November.", "Idea Store notices"),
    _Told("langdon-dark", "2025-03-04", "you_said_we_did", "Langdon Park: you said, we will",
          "You said: the path beside the railway is dark.\n"
          "Not yet: four lamps will be replaced by the end of April.\n"
          "You said: bushes hide who is there.\n"
          "Not yet: they will be cut back by the end of March.\n"
          "You said: a camera would help at the footbridge.\n"
          "Not yet: we will say by May whether one can come."),
    _Told("roman-road", "2025-11-05", "you_said_we_did", "Roman Road: you said, we will",
          "You said: closed shop fronts make the corner lonely.\n"
          "Not yet: the town centre manager asks shops to leave a light on."),
    _Told("walkabout-3", "2025-10-16", "plan", "The Weavers plan",
          "A crossing to the fields looked at; youth workers at the ball court.",
          "Ward newsletter, autumn"),
    _Told("langdon-again", "2026-02-27", "you_said_we_did",
          "Langdon Park, a year on: what changed",
          "You said: the path beside the railway is dark.\nWe did: four lamps were replaced.\n"
          "You said: bushes hide who is there.\nWe did: cut back, and twice a year from now on.\n"
          "You said: a camera would help at the footbridge.\n"
          "We cannot: it would look into homes. Lighting and sightlines were mended instead."),
    _Told("walkabout-4", "2026-06-03", "plan", "The Limehouse plan",
          "The steps to the basin lit; canisters cleared every week."),
)  # fmt: skip


def meet_panels(story: Story, change: Change) -> None:
    """Write the plans, the meetings, the priorities, and what was published."""
    for plan in _PLANS:
        _write_plan(story, change.get("events", story.events[plan.walk]), plan)
    meetings = {
        (panel, quarter): _meet(story, panel, number, quarter)
        for number, panel in enumerate(_PANELS)
        for quarter in range(len(_QUARTERS))
    }
    for priority in _PRIORITIES:
        _set_priority(story, priority, *meetings[priority.panel, priority.quarter])
    for told in _PUBLISHED:
        _publish(story, change.get("events", story.events[told.walk]), told)


def _write_plan(story: Story, event: Any, plan: _Plan) -> None:  # noqa: ANN401 - a record
    day = event["actual_start"].date() + dt.timedelta(days=20)
    answered, on = day + dt.timedelta(days=5), story.on(day)
    values = {
        "ward_code": event["ward_codes"][0], "event_id": event.id, "title": plan.title,
        "drafted_on": day, "published_on": day + dt.timedelta(days=8), "agreed_text": plan.text,
    }  # fmt: skip
    made = panels.draft(on, values, plan.asked)
    for agency in plan.agreed:
        panels.answer(on, made.id, agency, "agreed", on=answered)
    for agency, reason in plan.declined:
        panels.answer(on, made.id, agency, "declined", on=answered, reason=reason)


def _meet(story: Story, panel: str, number: int, quarter: int) -> tuple[str, dt.date]:
    days = [story.day(f"{month}-1{number}") for month in _QUARTERS]
    day, present = days[quarter], int(story.rng.integers(5, 16))
    is_last = quarter + 1 == len(days)
    following = day + dt.timedelta(days=91) if is_last else days[quarter + 1]
    decided, votes = _PANELS[panel][quarter]
    values = {
        "held_on": day, "ward_codes": (story.sites[panel][3],), "n_present": present,
        "n_residents": present - 3, "next_on": following, "decisions": decided, "votes": votes,
    }  # fmt: skip
    return story.on(day, "20:30").create("meetings", values).id, day


def _set_priority(story: Story, one: _Priority, meeting_id: str, day: dt.date) -> None:
    on, is_open = story.on(day, "21:00"), one.status == "active"
    made = on.create(
        "priorities",
        {
            "ward_code": story.sites[one.panel][3], "meeting_id": meeting_id, "title": one.title,
            "period_start": day, "period_end": None if is_open else day + dt.timedelta(days=182),
            "site_ids": (story.sites[one.place or one.panel][0],), "source_evidence": one.evidence,
            "votes_n": one.votes, "aim_text": one.aim, "measure": one.measure,
            "baseline": one.baseline, "target": one.target, "status": one.status,
            "outcome_text": one.outcome,
        },
    )  # fmt: skip
    for text in one.actions:
        action = on.get("actions", story.actions[text])
        later = story.on(max(day, action["agreed_on"]), "21:00")
        later.update("actions", action.id, {"priority_id": made.id}, version=None)


def _publish(story: Story, event: Any, told: _Told) -> None:  # noqa: ANN401 - a record
    day = story.day(told.day)
    values = {
        "kind": told.kind, "published_on": day, "event_id": event.id,
        "site_id": event["site_id"], "ward_codes": event["ward_codes"], "title": told.title,
        "text": told.text, "n_people": event["attendees_residents"], "address": told.address,
    }  # fmt: skip
    story.on(day).create("published", values)


_ASKED = (
    ("Shadwell station", "resident"), ("Shadwell station", "resident"),
    ("Stepney Green station", "councillor"), ("Limehouse Basin", "ward_panel"),
    ("Shadwell station", "resident"), ("Altab Ali Park", "partner"),
)  # fmt: skip
_TALKS = (
    ("talk-1", "held", "2025-01-08"), ("talk-2", "held", "2025-11-20"),
    ("", "assigned", "2026-06-02"), ("", "received", "2026-06-23"),
)  # fmt: skip


def ask_for_walks(story: Story) -> None:
    """Write who asked for a walk where, and four requests for a Walk and Talk."""
    for number, (site, asker) in enumerate(_ASKED * 3):
        day = story.day("2026-01-05") + dt.timedelta(days=6 * number)
        values = {
            "asker": asker, "event_type": "womens_walk", "site_id": story.sites[site][0],
            "ward_code": story.sites[site][3], "reason_text": "Asked for a walk after dark.",
        }  # fmt: skip
        person = f"invented {number % 7}"
        requests.register(story.on(day), values, person=person, secret=b"demo")
    for walk, status, day_text in _TALKS:
        wanted: dict[str, Any] = {
            "status": status, "channel": "email", "female_officer": True,
            "why": "I come home late from work.", "unsafe_when": "After nine in the evening.",
            "event_id": story.events.get(walk), "assigned_agency":
            "police_snt" if status != "received" else "",
            "feel_before": 2 if status == "held" else None,
            "feel_after": 4 if status == "held" else None,
        }  # fmt: skip
        requests.receive(story.on(story.day(day_text)), wanted)
