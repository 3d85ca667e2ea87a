"""What people call the columns of the records: on forms, in messages, in the history of a place.

The one list of these words. A form takes the label of what it asks for from here, so that a
message that refuses what was typed names the box by the words above it. Files and the command line
have the columns' own names: whoever works with those is told those (`Naming`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from geodata.records.fields import LONDON, Field, as_text
from geodata.records.vocabularies import LISTS

_EVERYWHERE: Mapping[str, str] = MappingProxyType(
    {
        "ward_code": "Ward",
        "ward_codes": "Wards",
        "site_id": "Named place",
        "event_id": "Event",
        "stop_id": "Stop",
        "meeting_id": "Panel meeting",
        "priority_id": "Ward priority",
        "note": "Notes",
        "closed_on": "Closed on",
        "withdrawn_on": "Withdrawn on",
        "published_on": "Published on",
        "event_type": "Kind",
        "override_reason": "In words",
    }
)
"""Columns that mean the same in several kinds of record."""

_OF_KIND: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "sites": {
            "merged_into": "Place it was merged into",
            "place_id": "Place or map area it was made from",
            "step_free": "Reached without steps",
            "kerb_space": "A van can stand at the kerb",
            "note": "Opening hours, and what else colleagues should know",
        },
        "users": {
            "email": "E-mail address, as their provider names them",
            "subject": "The provider's own name for them",
            "active": "May sign in",
        },
        "requests": {
            "channel": "How it came",
            "route_text": "Route or place",
            "unsafe_when": "When it feels unsafe",
            "female_officer": "Wishes for a female officer",
            "assigned_agency": "Agency",
            "assigned_to": "Looked after by (post)",
            "outcome": "Outcome, in a few words",
            "feel_before": "How it felt before the walk",
            "feel_after": "How it felt after it",
            "suggestion_tags": "What would help",
            "would_recommend": "Would she recommend it",
            "questionnaire_text": "In her own words, if she agrees to it being kept",
        },
        "contacts": {
            "request_id": "Walk request",
            "email": "E-mail",
            "safe_to_contact": "When and how it is safe to reach her",
            "delete_after": "Deleted after",
        },
        "asks": {
            "asker": "Who asks",
            "ward_code": "Its ward",
            "place_text": "Place",
            "reason_text": "Reason",
            "person_mark": "Mark that tells people apart",
        },
        "meetings": {
            "held_on": "Met on",
            "next_on": "Next meeting",
            "n_present": "People present",
            "n_residents": "Residents among them",
            "decisions": "Decided",
            "votes": "Votes, with their numbers",
        },
        "decisions": {
            "decided_by": "Decided by (post)",
            "purpose": "Kind of walk",
            "location_id": "Place in the ranking",
            "snapshot": "Scores, weights and cut-off when decided",
            "public_reason": "Reason, fit to be read out",
        },
        "events": {
            "location_name": "Place or meeting point",
            "meeting_point": "Where people meet",
            "planned_date": "Date",
            "planned_start": "Start",
            "planned_end": "End",
            "actual_start": "Began at",
            "actual_end": "Ended at",
            "light_override": "Light condition, set by hand",
            "light_reason": "Why the light condition was set by hand",
            "selected_by": "Chosen by",
            "selected_on": "Chosen on",
            "score_snapshot": "Scores when it was chosen",
            "decision_id": "Decision",
            "attendees_residents": "Residents who came",
            "attendees_women": "Women who came",
            "attendees_officers": "Officers who came",
            "facilitator": "Facilitator (post)",
            "lead_user_id": "Walk lead",
            "women_only": "For women only",
            "follows_event_id": "Follows",
            "repeat_of_event_id": "Repeats",
            "public_note": "Note for residents",
            "listed_as": "As the published list has it",
            "listed_line": "Line of the published list",
        },
        "stops": {
            "seq": "Number on the route",
            "radius_m": "Radius in metres",
            "precision": "How exact the place is",
            "photo_refs": "Photographs",
            "streetlight_ids": "Numbers of the street lights",
            "stimulus": "Picture shown",
            "image_date": "Day of the picture",
            "session_no": "Session",
            "facilitator_note": "Note of the facilitator",
        },
        "responses": {
            "mode": "Whose words are these",
            "n_people": "How many people agree",
            "place_text": "Where, in words",
            "feel_now": "How safe do you feel here, now?",
            "feel_day": "How safe does it feel by day?",
            "feel_dark": "How safe does it feel after dark?",
            "open_reason": "Why? In their own words",
            "issues": "What is wrong here?",
            "suggestion": "What would help?",
            "suggestion_tags": "Kinds of help",
            "familiarity": "How often do you come here?",
            "experience": "What is this from?",
            "usual_times": "When do you usually come here?",
            "alone_effect": "And alone?",
            "not_applicable": "Does not apply here",
            "behaviours": "What people have met here",
            "positives": "What is good here?",
            "positive_text": "What is good here, in their own words",
            "changed_behaviour": "What have you changed because of it?",
            "reported_before": "Was it reported?",
            "reasons_not_reported": "If not, why not?",
            "consent_store": "They agree that this is kept",
            "consent_quote": "They agree to be quoted, without a name",
            "openness": "Open view",
            "visibility": "Overlooked by windows and shops",
            "people": "People about",
            "guardianship": "Staff, patrol or help",
            "path": "The path",
            "transport_access": "Public transport",
            "gender_mix": "Who is here",
            "wayfinding": "Finding the way",
        },
        "alerts": {"detail": "What is known", "contact": "How to reach the person"},
        "priorities": {
            "title": "Priority",
            "meeting_id": "Set at the meeting of",
            "period_start": "From",
            "period_end": "To",
            "site_ids": "Places",
            "category_codes": "Kinds of report",
            "source_evidence": "What it rests on",
            "votes_n": "Votes",
            "aim_text": "Aim",
            "measure": "Measured by",
            "baseline": "At the start",
            "outcome_text": "Outcome",
        },
        "actions": {
            "repeat_of_action_id": "Repeats the action",
            "origin": "Where it comes from",
            "issue_code": "Kind of issue",
            "issue_text": "What it is about, fit for the public",
            "action_type": "Kind",
            "action_text": "What will be done",
            "owner_agency": "Owner",
            "owner_role": "Post that is responsible (not a name)",
            "partner_agencies": "Agencies that help",
            "agreed_on": "Agreed on",
            "due_on": "Due",
            "revised_due_on": "New date, if it moves",
            "revisions": "How often the date moved",
            "last_update_on": "Last told of on",
            "blocked_reason": "Blocked because of",
            "blocked_decision_on": "Blocked: the owner decided what to do on",
            "you_said": "You said (for residents)",
            "we_did": "We did",
            "public_update": "Not yet: how it goes",
            "why_not": "Cannot: why not",
            "outcome_published_on": "Residents were told of it on",
            "escalated_to": "Raised with",
            "escalated_on": "Raised on",
        },
        "plans": {"event_id": "It came of", "agreed_text": "What is agreed"},
        "plan_answers": {
            "plan_id": "Plan",
            "answer": "Its answer",
            "answered_on": "Answered on",
            "reason": "Reason, in its words",
        },
        "published": {
            "text": "Text (no names, no words by which somebody can be told)",
            "n_people": "People it is made from",
            "address": "Where it can be read (address or notice board)",
        },
        "presets": {
            "base": "Made from",
            "normaliser": "Scale",
            "window": "Months of reports counted",
            "reason": "Reason, fit to be read out",
        },
        "avoid": {
            "name": "What it is",
            "first_on": "First day",
            "last_on": "Last day, if it is another",
        },
    }
)


def label_of(kind: str, column: str) -> str:
    """Say what people call a column of a kind of record.

    Examples
    --------
    >>> label_of("actions", "owner_agency"), label_of("events", "women_only")
    ('Owner', 'For women only')
    >>> label_of("sites", "former_names")
    'Former names'
    """
    told = _OF_KIND.get(kind, {}).get(column) or _EVERYWHERE.get(column)
    return told or column.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Naming:
    """How a message names columns, and the codes in them.

    Attributes
    ----------
    fields : mapping
        Column -> what it holds, with its label.
    headings : mapping, optional
        Column -> how a file is headed, for people who work with one: codes then stand as they are
        written in it, and a column that the file lacks has its own name. None: as on the forms.

    Examples
    --------
    >>> about = {"status": Field("code", options="action_status", label="Status")}
    >>> name = Naming(about)
    >>> name("status"), name.value("status", "in_progress")
    ("'Status'", "'In progress'")
    >>> name = Naming(about, {"status": "State of it"})
    >>> name("status"), name.value("status", "in_progress")
    ("'State of it'", "'in_progress'")
    """

    fields: Mapping[str, Field]
    headings: Mapping[str, str] | None = None

    def __call__(self, column: str) -> str:
        """Name a column."""
        if self.headings is not None:
            return f"'{self.headings.get(column, column)}'"
        return f"'{self.fields[column].label or column}'"

    def value(self, column: str, value: object) -> str:
        """Name a code of a column."""
        if self.headings is not None or column not in self.fields:
            return f"'{value}'"
        return f"'{in_words(self.fields[column], value)}'"


def in_words(field: Field, value: Any) -> str:  # noqa: ANN401 - each shape has its own
    """Write a stored value for people: codes by their labels, days with their month's name.

    Examples
    --------
    >>> in_words(Field("date"), dt.date(2026, 10, 3)), in_words(Field("yes_no"), None)
    ('03 Oct 2026', 'nothing')
    >>> in_words(Field("codes", options="weather"), ("dry", "fog"))
    'Dry, Fog'
    """
    if isinstance(value, dt.datetime):
        return f"{value.astimezone(LONDON):%d %b %Y, %H:%M}"
    if isinstance(value, dt.date):
        return f"{value:%d %b %Y}"
    labels = LISTS.get(field.options, {})
    if isinstance(value, list | tuple):
        return ", ".join(labels.get(one, str(one)) for one in value) or "nothing"
    return labels.get(value, as_text(field, value)) or "nothing"
