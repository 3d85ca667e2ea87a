"""Headings of the tables of the Ward panel page."""

from __future__ import annotations

MEETINGS = {
    "day": "Met on",
    "n_present": "Present",
    "n_residents": "Residents among them",
    "decisions": "Decided",
    "votes": "Votes",
    "next_day": "Next meeting",
}
PLANS = {
    "title": "Plan",
    "drafted": "Drafted",
    "agreed": "Agreed",
    "declined": "Declined",
    "asked": "Not answered yet",
    "published": "Published",
}
ANSWERS = {
    "agency_name": "Agency",
    "answer_name": "Answer",
    "day": "On",
    "reason": "Reason",
}
PRIORITIES = {
    "title": "Priority",
    "status_name": "Status",
    "period": "Period",
    "progress": "Progress",
    "measure": "Measured by",
    "baseline": "At the start",
    "target": "Target",
    "outcome_text": "Outcome",
    "places": "Places",
}
ASKED = {
    "place": "Place",
    "people": "People",
    "residents": "Residents among them",
    "asks": "Requests",
    "last": "Last asked",
}
