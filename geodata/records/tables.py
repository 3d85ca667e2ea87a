"""Tables of the records people write. Coordinates are BNG metres; times are Europe/London.

Every column of a record carries a `Field` (`geodata.records.fields`) that says what it may hold
and who may see it. Text that was not given is '', several codes are kept in one text, a missing
number, date or link is NULL. Three tables are no records and stand at the end: counts of monitoring
answers, which link to nothing; the history, to which rows are only ever added; and the numbers
that ids are made from.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column

from geodata.records.fields import LONDON, SEPARATOR, Field, Seen, Shape
from geodata.records.vocabularies import RATINGS


class Moment(TypeDecorator[dt.datetime]):
    """A moment: kept in UTC, given back in Europe/London."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401
        """Turn it to UTC; SQLite, which knows no zones, gets it without one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment lacks its time zone")
        utc = value.astimezone(dt.UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:  # noqa: ANN401, ARG002
        """Turn it to London's time."""
        if value is None:
            return None
        return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).astimezone(LONDON)


class Several(TypeDecorator[tuple[str, ...]]):
    """Several codes or words in one text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:  # noqa: ANN401, ARG002
        """Join them."""
        return SEPARATOR.join(value or ())

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...]:  # noqa: ANN401, ARG002
        """Split them."""
        return tuple(value.split(SEPARATOR)) if value else ()


class Document(TypeDecorator[Any]):
    """What JSON can hold, kept as text that both databases and QGIS show."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ANN401, ARG002
        """Write it."""
        return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002
        """Read it."""
        return None if value is None else json.loads(value)


class Base(DeclarativeBase):
    """Everything in the database; constraints are named alike in both."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s", "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s",
        }
    )  # fmt: skip


_SQL: dict[str, Any] = {
    "text": String, "prose": Text, "code": String, "codes": Several, "words": Several,
    "ward": String, "wards": Several, "whole": Integer, "yes_no": Boolean, "date": Date,
    "moment": Moment, "metres": Float, "number": Float, "json": Document, "wkt": Text,
}  # fmt: skip


def _column(shape: Shape, options: str = "", **more: Any) -> MappedColumn[Any]:  # noqa: ANN401
    field = Field(shape, options=options, **more)
    empty = field.empty in ("", ())
    return mapped_column(
        _SQL[shape], nullable=not (empty or field.required), info={"field": field},
        server_default="" if empty else None,
    )  # fmt: skip


def _id() -> MappedColumn[str]:
    return mapped_column(String, primary_key=True, info={"field": Field("id", seen="open")})


def _to(column: str, *, seen: Seen = "open", required: bool = False) -> MappedColumn[Any]:
    field = Field("ref", seen=seen, required=required)
    link = ForeignKey(column, ondelete="CASCADE" if required else "SET NULL")
    return mapped_column(String, link, nullable=not required, index=True, info={"field": field})


class Kept:
    """What every record has beside its own columns: its version, and who touched it when."""

    version: Mapped[int] = mapped_column(Integer, nullable=False)
    created_at: Mapped[dt.datetime] = mapped_column(Moment, nullable=False)
    created_by: Mapped[str] = mapped_column(String, nullable=False)
    updated_at: Mapped[dt.datetime] = mapped_column(Moment, nullable=False)
    updated_by: Mapped[str] = mapped_column(String, nullable=False)


STAMPS = ("version", "created_at", "created_by", "updated_at", "updated_by")


class Site(Kept, Base):
    """A place with a name: picked or drawn on the map, renamed and merged, never forgotten."""

    __tablename__ = "sites"
    site_id: Mapped[str] = _id()
    name: Mapped[str] = _column("text", seen="open", required=True)
    kind: Mapped[str] = _column("code", "site_kind", seen="open", required=True)
    status: Mapped[str] = _column("code", "site_status", seen="open")
    former_names: Mapped[tuple[str, ...]] = _column("words", seen="open")
    merged_into: Mapped[str | None] = _to("sites.site_id")
    place_id: Mapped[str] = _column("text", seen="open")
    ward_code: Mapped[str] = _column("ward", seen="open")
    easting: Mapped[float | None] = _column("metres", seen="open")
    northing: Mapped[float | None] = _column("metres", seen="open")
    outline: Mapped[str] = _column("wkt", seen="open")
    step_free: Mapped[bool | None] = _column("yes_no", seen="open")
    kerb_space: Mapped[bool | None] = _column("yes_no", seen="open")
    note: Mapped[str] = _column("prose")


class User(Kept, Base):
    """Somebody who may sign in, and in what roles."""

    __tablename__ = "users"
    user_id: Mapped[str] = _id()
    email: Mapped[str] = _column("text", seen="contact", required=True)
    subject: Mapped[str] = _column("text", seen="contact")
    name: Mapped[str] = _column("text", seen="contact")
    phone: Mapped[str] = _column("text", seen="contact")
    roles: Mapped[tuple[str, ...]] = _column("codes", "role")
    agency: Mapped[str] = _column("code", "agency")
    ward_codes: Mapped[tuple[str, ...]] = _column("wards")
    active: Mapped[bool] = _column("yes_no", required=True)
    __table_args__ = (Index("uq_users_email", "email", unique=True),)


class WalkRequest(Kept, Base):
    """A request for a Walk and Talk. Her route and times can reveal a home: they are restricted."""

    __tablename__ = "walk_requests"
    request_id: Mapped[str] = _id()
    received_on: Mapped[dt.date] = _column("date", required=True)
    channel: Mapped[str] = _column("code", "request_channel")
    status: Mapped[str] = _column("code", "request_status", seen="open", required=True)
    ward_code: Mapped[str] = _column("ward")
    site_id: Mapped[str | None] = _to("sites.site_id", seen="restricted")
    route_text: Mapped[str] = _column("prose", seen="restricted")
    easting: Mapped[float | None] = _column("metres", seen="restricted")
    northing: Mapped[float | None] = _column("metres", seen="restricted")
    unsafe_when: Mapped[str] = _column("prose", seen="restricted")
    why: Mapped[str] = _column("prose", seen="restricted")
    usual_times: Mapped[tuple[str, ...]] = _column("codes", "usual_time", seen="restricted")
    female_officer: Mapped[bool | None] = _column("yes_no")
    access_needs: Mapped[str] = _column("prose", seen="restricted")
    assigned_agency: Mapped[str] = _column("code", "agency")
    assigned_to: Mapped[str] = _column("text")
    assigned_on: Mapped[dt.date | None] = _column("date")
    event_id: Mapped[str | None] = _to("events.event_id", seen="staff")
    closed_on: Mapped[dt.date | None] = _column("date")
    outcome: Mapped[str] = _column("prose", seen="restricted")
    feel_before: Mapped[int | None] = _column("whole", low=1, high=6)
    feel_after: Mapped[int | None] = _column("whole", low=1, high=6)
    suggestion_tags: Mapped[tuple[str, ...]] = _column("codes", "suggestion")
    would_recommend: Mapped[bool | None] = _column("yes_no")
    questionnaire_text: Mapped[str] = _column("prose", seen="restricted")


class RequestContact(Kept, Base):
    """How to reach who asked for a walk: kept apart, and deleted on the day it says."""

    __tablename__ = "request_contacts"
    contact_id: Mapped[str] = _id()
    request_id: Mapped[str] = _to("walk_requests.request_id", required=True, seen="contact")
    name: Mapped[str] = _column("text", seen="contact")
    email: Mapped[str] = _column("text", seen="contact")
    phone: Mapped[str] = _column("text", seen="contact")
    safe_to_contact: Mapped[str] = _column("prose", seen="contact")
    delete_after: Mapped[dt.date] = _column("date", seen="contact", required=True)


class Ask(Kept, Base):
    """One line of the request register: somebody asks for a walk at a place."""

    __tablename__ = "asks"
    ask_id: Mapped[str] = _id()
    asked_on: Mapped[dt.date] = _column("date", required=True)
    asker: Mapped[str] = _column("code", "asker", seen="open", required=True)
    event_type: Mapped[str] = _column("code", "event_type", seen="open")
    site_id: Mapped[str | None] = _to("sites.site_id")
    ward_code: Mapped[str] = _column("ward", seen="open")
    place_text: Mapped[str] = _column("text")
    reason_text: Mapped[str] = _column("prose", seen="restricted")
    person_mark: Mapped[str] = _column("text", seen="restricted")
    meeting_id: Mapped[str | None] = _to("panel_meetings.meeting_id")
    answered_on: Mapped[dt.date | None] = _column("date")
    answer: Mapped[str] = _column("prose", seen="open")


class PanelMeeting(Kept, Base):
    """A meeting of a ward panel."""

    __tablename__ = "panel_meetings"
    meeting_id: Mapped[str] = _id()
    held_on: Mapped[dt.date] = _column("date", seen="open", required=True)
    ward_codes: Mapped[tuple[str, ...]] = _column("wards", seen="open")
    n_present: Mapped[int | None] = _column("whole", seen="open")
    n_residents: Mapped[int | None] = _column("whole", seen="open")
    decisions: Mapped[str] = _column("prose", seen="open")
    votes: Mapped[str] = _column("prose", seen="open")
    next_on: Mapped[dt.date | None] = _column("date", seen="open")
    note: Mapped[str] = _column("prose")


class Decision(Kept, Base):
    """Why a place was chosen: what it scored when it was, who decided, and the reason."""

    __tablename__ = "decisions"
    decision_id: Mapped[str] = _id()
    decided_on: Mapped[dt.date] = _column("date", seen="open", required=True)
    decided_by: Mapped[str] = _column("text", required=True)
    purpose: Mapped[str] = _column("code", "event_type", seen="open", required=True)
    site_id: Mapped[str | None] = _to("sites.site_id")
    location_id: Mapped[str] = _column("text", seen="open")
    ward_code: Mapped[str] = _column("ward", seen="open")
    rank: Mapped[int | None] = _column("whole", low=1)
    score: Mapped[float | None] = _column("number")
    snapshot: Mapped[Any] = _column("json")
    reasons: Mapped[tuple[str, ...]] = _column("codes", "selection_reason", seen="open")
    override_reason: Mapped[str] = _column("prose", seen="open")
    public_reason: Mapped[str] = _column("prose", seen="open")
    withdrawn_on: Mapped[dt.date | None] = _column("date", seen="open")


class Event(Kept, Base):
    """An engagement day, surgery, walkabout, walk or action day: proposed, planned or held."""

    __tablename__ = "events"
    event_id: Mapped[str] = _id()
    event_type: Mapped[str] = _column("code", "event_type", seen="open", required=True)
    status: Mapped[str] = _column("code", "event_status", seen="open", required=True)
    ward_codes: Mapped[tuple[str, ...]] = _column("wards", seen="open")
    site_id: Mapped[str | None] = _to("sites.site_id")
    location_name: Mapped[str] = _column("text", seen="open")
    meeting_point: Mapped[str] = _column("text", seen="open")
    easting: Mapped[float | None] = _column("metres", seen="open")
    northing: Mapped[float | None] = _column("metres", seen="open")
    route: Mapped[str] = _column("wkt")
    planned_date: Mapped[dt.date | None] = _column("date", seen="open")
    planned_start: Mapped[dt.datetime | None] = _column("moment", seen="open")
    planned_end: Mapped[dt.datetime | None] = _column("moment", seen="open")
    actual_start: Mapped[dt.datetime | None] = _column("moment", seen="open")
    actual_end: Mapped[dt.datetime | None] = _column("moment", seen="open")
    light_override: Mapped[str] = _column("code", "light", seen="open")
    light_reason: Mapped[str] = _column("text", seen="open")
    weather: Mapped[str] = _column("code", "weather", seen="open")
    selection_reasons: Mapped[tuple[str, ...]] = _column("codes", "selection_reason", seen="open")
    selected_by: Mapped[str] = _column("text")
    selected_on: Mapped[dt.date | None] = _column("date", seen="open")
    override_reason: Mapped[str] = _column("prose", seen="open")
    score_snapshot: Mapped[Any] = _column("json")
    decision_id: Mapped[str | None] = _to("decisions.decision_id")
    organisations: Mapped[tuple[str, ...]] = _column("codes", "organisation", seen="open")
    attendees_residents: Mapped[int | None] = _column("whole", high=10_000)
    attendees_women: Mapped[int | None] = _column("whole", high=10_000)
    attendees_officers: Mapped[int | None] = _column("whole", high=10_000)
    facilitator: Mapped[str] = _column("text")
    lead_user_id: Mapped[str | None] = _to("users.user_id", seen="staff")
    women_only: Mapped[bool | None] = _column("yes_no", seen="open")
    languages: Mapped[tuple[str, ...]] = _column("words", seen="open")
    access_needs_met: Mapped[str] = _column("text")
    follows_event_id: Mapped[str | None] = _to("events.event_id")
    repeat_of_event_id: Mapped[str | None] = _to("events.event_id")
    public_note: Mapped[str] = _column("prose", seen="open")
    note: Mapped[str] = _column("prose")
    listed_as: Mapped[str] = _column("prose", seen="open")
    listed_line: Mapped[int | None] = _column("whole", seen="open")


class Stop(Kept, Base):
    """A stop of a walk: a place on the route, or a picture of one in a virtual walk."""

    __tablename__ = "stops"
    stop_id: Mapped[str] = _id()
    event_id: Mapped[str] = _to("events.event_id", required=True)
    seq: Mapped[int | None] = _column("whole", seen="open", high=500)
    name: Mapped[str] = _column("text", seen="open", required=True)
    site_id: Mapped[str | None] = _to("sites.site_id")
    ward_code: Mapped[str] = _column("ward", seen="open")
    easting: Mapped[float | None] = _column("metres", seen="open")
    northing: Mapped[float | None] = _column("metres", seen="open")
    radius_m: Mapped[int | None] = _column("whole", high=2_000)
    precision: Mapped[str] = _column("code", "place_precision", seen="open")
    setting: Mapped[str] = _column("code", "setting", seen="open")
    arrived_at: Mapped[dt.datetime | None] = _column("moment")
    photo_refs: Mapped[tuple[str, ...]] = _column("words", seen="restricted")
    streetlight_ids: Mapped[tuple[str, ...]] = _column("words")
    stimulus: Mapped[str] = _column("code", "stimulus", seen="open")
    image_date: Mapped[dt.date | None] = _column("date", seen="open")
    session_no: Mapped[int | None] = _column("whole", high=1_000)
    facilitator_note: Mapped[str] = _column("prose", seen="restricted")


def _rating() -> MappedColumn[Any]:
    return _column("whole", low=0, high=3)


class Response(Kept, Base):
    """What one person, or a group, said at one stop or of a whole walk."""

    __tablename__ = "responses"
    response_id: Mapped[str] = _id()
    event_id: Mapped[str] = _to("events.event_id", required=True)
    stop_id: Mapped[str | None] = _to("stops.stop_id")
    form: Mapped[str] = _column("code", "response_form")
    mode: Mapped[str] = _column("code", "response_mode", required=True)
    n_people: Mapped[int] = _column("whole", required=True, low=1, high=1_000)
    participant_key: Mapped[str] = _column("text", seen="restricted")
    channel: Mapped[str] = _column("code", "channel")
    said_on: Mapped[dt.date | None] = _column("date")
    easting: Mapped[float | None] = _column("metres", seen="restricted")
    northing: Mapped[float | None] = _column("metres", seen="restricted")
    place_text: Mapped[str] = _column("text", seen="restricted")
    familiarity: Mapped[str] = _column("code", "familiarity")
    experience: Mapped[str] = _column("code", "experience")
    usual_times: Mapped[tuple[str, ...]] = _column("codes", "usual_time", seen="restricted")
    feel_now: Mapped[int | None] = _column("whole", low=1, high=6)
    feel_day: Mapped[int | None] = _column("whole", low=1, high=6)
    feel_dark: Mapped[int | None] = _column("whole", low=1, high=6)
    feel_day_recalled: Mapped[bool | None] = _column("yes_no")
    feel_dark_recalled: Mapped[bool | None] = _column("yes_no")
    alone_effect: Mapped[str] = _column("code", "alone_effect")
    open_reason: Mapped[str] = _column("prose", seen="restricted")
    lighting: Mapped[int | None] = _rating()
    openness: Mapped[int | None] = _rating()
    visibility: Mapped[int | None] = _rating()
    people: Mapped[int | None] = _rating()
    guardianship: Mapped[int | None] = _rating()
    path: Mapped[int | None] = _rating()
    transport_access: Mapped[int | None] = _rating()
    gender_mix: Mapped[int | None] = _rating()
    upkeep: Mapped[int | None] = _rating()
    wayfinding: Mapped[int | None] = _rating()
    help_nearby: Mapped[int | None] = _rating()
    not_applicable: Mapped[tuple[str, ...]] = _column("codes", "rating")
    issues: Mapped[tuple[str, ...]] = _column("codes", "environment_issue")
    behaviours: Mapped[tuple[str, ...]] = _column("codes", "behaviour", seen="restricted")
    positives: Mapped[tuple[str, ...]] = _column("codes", "positive")
    positive_text: Mapped[str] = _column("prose", seen="restricted")
    changed_behaviour: Mapped[tuple[str, ...]] = _column(
        "codes", "changed_behaviour", seen="restricted"
    )
    reported_before: Mapped[str] = _column("code", "reported_to", seen="restricted")
    reasons_not_reported: Mapped[tuple[str, ...]] = _column(
        "codes", "reason_not_reported", seen="restricted"
    )
    suggestion: Mapped[str] = _column("prose", seen="restricted")
    suggestion_tags: Mapped[tuple[str, ...]] = _column("codes", "suggestion")
    consent_store: Mapped[bool] = _column("yes_no", required=True)
    consent_quote: Mapped[bool] = _column("yes_no", required=True)


class SafeguardingAlert(Kept, Base):
    """A safeguarding concern. It is linked to the walk and not to any response."""

    __tablename__ = "safeguarding_alerts"
    alert_id: Mapped[str] = _id()
    raised_at: Mapped[dt.datetime] = _column("moment", seen="safeguarding", required=True)
    raised_by: Mapped[str] = _column("text", seen="safeguarding", required=True)
    event_id: Mapped[str | None] = _to("events.event_id", seen="safeguarding")
    stop_id: Mapped[str | None] = _to("stops.stop_id", seen="safeguarding")
    detail: Mapped[str] = _column("prose", seen="safeguarding")
    contact: Mapped[str] = _column("prose", seen="safeguarding")
    acknowledged_at: Mapped[dt.datetime | None] = _column("moment", seen="safeguarding")
    acknowledged_by: Mapped[str] = _column("text", seen="safeguarding")
    closed_on: Mapped[dt.date | None] = _column("date", seen="safeguarding")
    outcome: Mapped[str] = _column("code", "alert_outcome", seen="safeguarding")
    outcome_text: Mapped[str] = _column("prose", seen="safeguarding")


class Priority(Kept, Base):
    """What a ward panel asked for, for some months."""

    __tablename__ = "ward_priorities"
    priority_id: Mapped[str] = _id()
    ward_code: Mapped[str] = _column("ward", seen="open", required=True)
    meeting_id: Mapped[str | None] = _to("panel_meetings.meeting_id")
    period_start: Mapped[dt.date | None] = _column("date", seen="open")
    period_end: Mapped[dt.date | None] = _column("date", seen="open")
    title: Mapped[str] = _column("text", seen="open", required=True)
    category_codes: Mapped[tuple[str, ...]] = _column("words", seen="open")
    site_ids: Mapped[tuple[str, ...]] = _column("words", seen="open")
    source_evidence: Mapped[tuple[str, ...]] = _column("codes", "priority_evidence", seen="open")
    votes_n: Mapped[int | None] = _column("whole", seen="open")
    aim_text: Mapped[str] = _column("prose", seen="open")
    measure: Mapped[str] = _column("text", seen="open")
    baseline: Mapped[str] = _column("text", seen="open")
    target: Mapped[str] = _column("text", seen="open")
    status: Mapped[str] = _column("code", "priority_status", seen="open", required=True)
    outcome_text: Mapped[str] = _column("prose", seen="open")


class Action(Kept, Base):
    """What somebody said they would do, by when, and what became of it."""

    __tablename__ = "actions"
    action_id: Mapped[str] = _id()
    ward_code: Mapped[str] = _column("ward", seen="open")
    site_id: Mapped[str | None] = _to("sites.site_id")
    event_id: Mapped[str | None] = _to("events.event_id")
    stop_id: Mapped[str | None] = _to("stops.stop_id")
    priority_id: Mapped[str | None] = _to("ward_priorities.priority_id")
    meeting_id: Mapped[str | None] = _to("panel_meetings.meeting_id")
    repeat_of_action_id: Mapped[str | None] = _to("actions.action_id")
    origin: Mapped[str] = _column("code", "action_origin", seen="open", required=True)
    issue_code: Mapped[str] = _column("code", "issue", seen="open")
    issue_text: Mapped[str] = _column("prose", seen="open")
    action_type: Mapped[str] = _column("code", "action_type", seen="open")
    action_text: Mapped[str] = _column("prose", seen="open", required=True)
    owner_agency: Mapped[str] = _column("code", "agency", seen="open")
    owner_role: Mapped[str] = _column("text", seen="open")
    partner_agencies: Mapped[tuple[str, ...]] = _column("codes", "agency", seen="open")
    agreed_on: Mapped[dt.date | None] = _column("date", seen="open")
    due_on: Mapped[dt.date | None] = _column("date", seen="open")
    revised_due_on: Mapped[dt.date | None] = _column("date", seen="open")
    revisions: Mapped[int | None] = _column("whole", seen="open", high=1_000)
    last_update_on: Mapped[dt.date | None] = _column("date", seen="open")
    completed_on: Mapped[dt.date | None] = _column("date", seen="open")
    verified_on: Mapped[dt.date | None] = _column("date", seen="open")
    verified_by: Mapped[str] = _column("code", "verified_by", seen="open")
    status: Mapped[str] = _column("code", "action_status", seen="open", required=True)
    blocked_reason: Mapped[str] = _column("code", "blocked_reason", seen="open")
    blocked_decision_on: Mapped[dt.date | None] = _column("date", seen="open")
    public_update: Mapped[str] = _column("prose", seen="open")
    you_said: Mapped[str] = _column("prose", seen="open")
    we_did: Mapped[str] = _column("prose", seen="open")
    why_not: Mapped[str] = _column("prose", seen="open")
    outcome_published_on: Mapped[dt.date | None] = _column("date", seen="open")
    escalated_to: Mapped[str] = _column("code", "escalated_to", seen="open")
    escalated_on: Mapped[dt.date | None] = _column("date", seen="open")
    note: Mapped[str] = _column("prose")


class WardPlan(Kept, Base):
    """A ward's plan that came of a walkabout, for every partner to sign up to."""

    __tablename__ = "ward_plans"
    plan_id: Mapped[str] = _id()
    ward_code: Mapped[str] = _column("ward", seen="open", required=True)
    event_id: Mapped[str | None] = _to("events.event_id")
    title: Mapped[str] = _column("text", seen="open", required=True)
    drafted_on: Mapped[dt.date | None] = _column("date", seen="open")
    agreed_text: Mapped[str] = _column("prose", seen="open")
    published_on: Mapped[dt.date | None] = _column("date", seen="open")


class PlanAnswer(Kept, Base):
    """Whether one agency agreed to a ward's plan or declined, and when."""

    __tablename__ = "plan_answers"
    answer_id: Mapped[str] = _id()
    plan_id: Mapped[str] = _to("ward_plans.plan_id", required=True)
    agency: Mapped[str] = _column("code", "agency", seen="open", required=True)
    answer: Mapped[str] = _column("code", "plan_answer", seen="open", required=True)
    answered_on: Mapped[dt.date | None] = _column("date", seen="open")
    reason: Mapped[str] = _column("prose", seen="open")
    __table_args__ = (Index("uq_plan_answers_agency", "plan_id", "agency", unique=True),)


class PublishedFeedback(Kept, Base):
    """What residents were told came of what they said."""

    __tablename__ = "published_feedback"
    publication_id: Mapped[str] = _id()
    kind: Mapped[str] = _column("code", "publication_kind", seen="open", required=True)
    published_on: Mapped[dt.date] = _column("date", seen="open", required=True)
    event_id: Mapped[str | None] = _to("events.event_id")
    site_id: Mapped[str | None] = _to("sites.site_id")
    ward_codes: Mapped[tuple[str, ...]] = _column("wards", seen="open")
    title: Mapped[str] = _column("text", seen="open", required=True)
    text: Mapped[str] = _column("prose", seen="open")
    n_people: Mapped[int | None] = _column("whole", seen="open")
    address: Mapped[str] = _column("text", seen="open")
    withdrawn_on: Mapped[dt.date | None] = _column("date", seen="open")


class Preset(Kept, Base):
    """Weights of the score with a name: who set them when, from which others, and why."""

    __tablename__ = "presets"
    preset_id: Mapped[str] = _id()
    name: Mapped[str] = _column("text", seen="open", required=True)
    status: Mapped[str] = _column("code", "preset_status", seen="open", required=True)
    base: Mapped[str] = _column("code", "score_purpose", seen="open", required=True)
    weights: Mapped[Any] = _column("json", seen="open", required=True)
    normaliser: Mapped[str] = _column("code", "normaliser", seen="open", required=True)
    window: Mapped[int] = _column("whole", seen="open", required=True, low=3, high=24)
    reason: Mapped[str] = _column("text", seen="open", required=True)


class DateToAvoid(Kept, Base):
    """Days that no event should fall on: the calendar that the team keeps."""

    __tablename__ = "dates_to_avoid"
    avoid_id: Mapped[str] = _id()
    name: Mapped[str] = _column("text", seen="open", required=True)
    first_on: Mapped[dt.date] = _column("date", seen="open", required=True)
    last_on: Mapped[dt.date | None] = _column("date", seen="open")
    note: Mapped[str] = _column("prose")


class MonitoringCount(Base):
    """How many gave an answer about themselves in a quarter.

    Only counts are kept, a question at a time: no row is a person, so none can be linked to what
    a person said, nor one answer of a person to another. SQLite is told to keep the rows by their
    key, so that their order does not say which answer came first.
    """

    __tablename__ = "monitoring_counts"
    quarter: Mapped[str] = mapped_column(String, primary_key=True)
    question: Mapped[str] = mapped_column(String, primary_key=True)
    answer: Mapped[str] = mapped_column(String, primary_key=True)
    people: Mapped[int] = mapped_column(Integer, nullable=False)
    __table_args__ = {"sqlite_with_rowid": False}


class HistoryRow(Base):
    """Who changed what, when, from what to what. Rows are added and never changed or deleted."""

    __tablename__ = "history"
    history_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    at: Mapped[dt.datetime] = mapped_column(Moment, nullable=False)
    by: Mapped[str] = mapped_column(String, nullable=False)
    kind: Mapped[str] = mapped_column(String, nullable=False)
    record_id: Mapped[str] = mapped_column(String, nullable=False)
    doing: Mapped[str] = mapped_column(String, nullable=False)
    field: Mapped[str] = mapped_column(String, nullable=False)
    hidden: Mapped[bool] = mapped_column(Boolean, nullable=False)
    old: Mapped[str | None] = mapped_column(Text)
    new: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        Index("ix_history_record", "kind", "record_id"),
        {"sqlite_autoincrement": True},
    )


class Submission(Base):
    """A key that a phone or program made up, and the record it led to: sent twice, stored once."""

    __tablename__ = "submissions"
    key: Mapped[str] = mapped_column(String, primary_key=True)
    kind: Mapped[str] = mapped_column(String, nullable=False)
    record_id: Mapped[str] = mapped_column(String, nullable=False)
    digest: Mapped[str] = mapped_column(String, nullable=False)


class Number(Base):
    """The last number given to an id of a kind in a year."""

    __tablename__ = "numbers"
    prefix: Mapped[str] = mapped_column(String, primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    last: Mapped[int] = mapped_column(Integer, nullable=False)


class About(Base):
    """What the database is: whether it holds invented records, and what made it."""

    __tablename__ = "about"
    name: Mapped[str] = mapped_column(String, primary_key=True)
    value: Mapped[str] = mapped_column(String, nullable=False)


RATED = tuple(RATINGS)
"""Columns of a response that hold a rating of 0 to 3."""
