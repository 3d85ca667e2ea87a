"""The first layout of the records. Released: never changed, only followed by others."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

from geodata.crs import BNG

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

POINTS = ("sites", "events", "stops", "walk_requests", "responses")
SHAPES = {"sites": "outline", "events": "route"}


def upgrade() -> None:
    """Make the tables, what keeps the history as it was, and what QGIS opens."""
    _tables()
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgres()
        _geometry_postgres()
    _views(with_shapes=op.get_bind().dialect.name != "sqlite")


def _tables() -> None:  # noqa: PLR0915 - a list of tables, as long as there are tables
    op.create_table(
        "about",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_about")),
    )
    op.create_table(
        "history",
        sa.Column(
            "history_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("doing", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("old", sa.Text(), nullable=True),
        sa.Column("new", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_history")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_history_record", "history", ["kind", "record_id"], unique=False)
    op.create_table(
        "monitoring_counts",
        sa.Column("quarter", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("quarter", "question", "answer", name=op.f("pk_monitoring_counts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "numbers",
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", "year", name=op.f("pk_numbers")),
    )
    op.create_table(
        "panel_meetings",
        sa.Column("meeting_id", sa.String(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("ward_codes", sa.Text(), server_default="", nullable=False),
        sa.Column("n_present", sa.Integer(), nullable=True),
        sa.Column("n_residents", sa.Integer(), nullable=True),
        sa.Column("decisions", sa.Text(), server_default="", nullable=False),
        sa.Column("votes", sa.Text(), server_default="", nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_panel_meetings")),
    )
    op.create_table(
        "sites",
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), server_default="", nullable=False),
        sa.Column("kind", sa.String(), server_default="", nullable=False),
        sa.Column("status", sa.String(), server_default="", nullable=False),
        sa.Column("former_names", sa.Text(), server_default="", nullable=False),
        sa.Column("merged_into", sa.String(), nullable=True),
        sa.Column("place_id", sa.String(), server_default="", nullable=False),
        sa.Column("ward_code", sa.String(), server_default="", nullable=False),
        sa.Column("easting", sa.Float(), nullable=True),
        sa.Column("northing", sa.Float(), nullable=True),
        sa.Column("outline", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merged_into"],
            ["sites.site_id"],
            name=op.f("fk_sites_merged_into"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_sites")),
    )
    op.create_index(op.f("ix_sites_merged_into"), "sites", ["merged_into"], unique=False)
    op.create_table(
        "submissions",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_submissions")),
    )
    op.create_table(
        "users",
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("email", sa.String(), server_default="", nullable=False),
        sa.Column("subject", sa.String(), server_default="", nullable=False),
        sa.Column("name", sa.String(), server_default="", nullable=False),
        sa.Column("phone", sa.String(), server_default="", nullable=False),
        sa.Column("roles", sa.Text(), server_default="", nullable=False),
        sa.Column("agency", sa.String(), server_default="", nullable=False),
        sa.Column("ward_codes", sa.Text(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_users")),
    )
    op.create_index("uq_users_email", "users", ["email"], unique=True)
    op.create_table(
        "asks",
        sa.Column("ask_id", sa.String(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("asker", sa.String(), server_default="", nullable=False),
        sa.Column("event_type", sa.String(), server_default="", nullable=False),
        sa.Column("site_id", sa.String(), nullable=True),
        sa.Column("ward_code", sa.String(), server_default="", nullable=False),
        sa.Column("place_text", sa.String(), server_default="", nullable=False),
        sa.Column("reason_text", sa.Text(), server_default="", nullable=False),
        sa.Column("person_mark", sa.String(), server_default="", nullable=False),
        sa.Column("meeting_id", sa.String(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["panel_meetings.meeting_id"],
            name=op.f("fk_asks_meeting_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.site_id"], name=op.f("fk_asks_site_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("ask_id", name=op.f("pk_asks")),
    )
    op.create_index(op.f("ix_asks_meeting_id"), "asks", ["meeting_id"], unique=False)
    op.create_index(op.f("ix_asks_site_id"), "asks", ["site_id"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.String(), server_default="", nullable=False),
        sa.Column("purpose", sa.String(), server_default="", nullable=False),
        sa.Column("site_id", sa.String(), nullable=True),
        sa.Column("location_id", sa.String(), server_default="", nullable=False),
        sa.Column("ward_code", sa.String(), server_default="", nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("snapshot", sa.Text(), nullable=True),
        sa.Column("reasons", sa.Text(), server_default="", nullable=False),
        sa.Column("override_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("public_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.site_id"], name=op.f("fk_decisions_site_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_site_id"), "decisions", ["site_id"], unique=False)
    op.create_table(
        "ward_priorities",
        sa.Column("priority_id", sa.String(), nullable=False),
        sa.Column("ward_code", sa.String(), server_default="", nullable=False),
        sa.Column("meeting_id", sa.String(), nullable=True),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("title", sa.String(), server_default="", nullable=False),
        sa.Column("category_codes", sa.Text(), server_default="", nullable=False),
        sa.Column("site_ids", sa.Text(), server_default="", nullable=False),
        sa.Column("source_evidence", sa.Text(), server_default="", nullable=False),
        sa.Column("votes_n", sa.Integer(), nullable=True),
        sa.Column("aim_text", sa.Text(), server_default="", nullable=False),
        sa.Column("measure", sa.String(), server_default="", nullable=False),
        sa.Column("baseline", sa.String(), server_default="", nullable=False),
        sa.Column("target", sa.String(), server_default="", nullable=False),
        sa.Column("status", sa.String(), server_default="", nullable=False),
        sa.Column("outcome_text", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["panel_meetings.meeting_id"],
            name=op.f("fk_ward_priorities_meeting_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("priority_id", name=op.f("pk_ward_priorities")),
    )
    op.create_index(
        op.f("ix_ward_priorities_meeting_id"), "ward_priorities", ["meeting_id"], unique=False
    )
    op.create_table(
        "events",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("event_type", sa.String(), server_default="", nullable=False),
        sa.Column("status", sa.String(), server_default="", nullable=False),
        sa.Column("ward_codes", sa.Text(), server_default="", nullable=False),
        sa.Column("site_id", sa.String(), nullable=True),
        sa.Column("location_name", sa.String(), server_default="", nullable=False),
        sa.Column("meeting_point", sa.String(), server_default="", nullable=False),
        sa.Column("easting", sa.Float(), nullable=True),
        sa.Column("northing", sa.Float(), nullable=True),
        sa.Column("route", sa.Text(), server_default="", nullable=False),
        sa.Column("planned_date", sa.Date(), nullable=True),
        sa.Column("planned_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("planned_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actual_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actual_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("light_override", sa.String(), server_default="", nullable=False),
        sa.Column("light_reason", sa.String(), server_default="", nullable=False),
        sa.Column("weather", sa.String(), server_default="", nullable=False),
        sa.Column("selection_reasons", sa.Text(), server_default="", nullable=False),
        sa.Column("selected_by", sa.String(), server_default="", nullable=False),
        sa.Column("selected_on", sa.Date(), nullable=True),
        sa.Column("override_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("score_snapshot", sa.Text(), nullable=True),
        sa.Column("decision_id", sa.String(), nullable=True),
        sa.Column("organisations", sa.Text(), server_default="", nullable=False),
        sa.Column("attendees_residents", sa.Integer(), nullable=True),
        sa.Column("attendees_women", sa.Integer(), nullable=True),
        sa.Column("attendees_officers", sa.Integer(), nullable=True),
        sa.Column("facilitator", sa.String(), server_default="", nullable=False),
        sa.Column("lead_user_id", sa.String(), nullable=True),
        sa.Column("women_only", sa.Boolean(), nullable=True),
        sa.Column("languages", sa.Text(), server_default="", nullable=False),
        sa.Column("access_needs_met", sa.String(), server_default="", nullable=False),
        sa.Column("follows_event_id", sa.String(), nullable=True),
        sa.Column("repeat_of_event_id", sa.String(), nullable=True),
        sa.Column("public_note", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("listed_as", sa.Text(), server_default="", nullable=False),
        sa.Column("listed_line", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["decisions.decision_id"],
            name=op.f("fk_events_decision_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["follows_event_id"],
            ["events.event_id"],
            name=op.f("fk_events_follows_event_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["lead_user_id"],
            ["users.user_id"],
            name=op.f("fk_events_lead_user_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["repeat_of_event_id"],
            ["events.event_id"],
            name=op.f("fk_events_repeat_of_event_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.site_id"], name=op.f("fk_events_site_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_decision_id"), "events", ["decision_id"], unique=False)
    op.create_index(
        op.f("ix_events_follows_event_id"), "events", ["follows_event_id"], unique=False
    )
    op.create_index(op.f("ix_events_lead_user_id"), "events", ["lead_user_id"], unique=False)
    op.create_index(
        op.f("ix_events_repeat_of_event_id"), "events", ["repeat_of_event_id"], unique=False
    )
    op.create_index(op.f("ix_events_site_id"), "events", ["site_id"], unique=False)
    op.create_table(
        "published_feedback",
        sa.Column("publication_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), server_default="", nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=True),
        sa.Column("site_id", sa.String(), nullable=True),
        sa.Column("ward_codes", sa.Text(), server_default="", nullable=False),
        sa.Column("title", sa.String(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("n_people", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(), server_default="", nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.event_id"],
            name=op.f("fk_published_feedback_event_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["sites.site_id"],
            name=op.f("fk_published_feedback_site_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("publication_id", name=op.f("pk_published_feedback")),
    )
    op.create_index(
        op.f("ix_published_feedback_event_id"), "published_feedback", ["event_id"], unique=False
    )
    op.create_index(
        op.f("ix_published_feedback_site_id"), "published_feedback", ["site_id"], unique=False
    )
    op.create_table(
        "stops",
        sa.Column("stop_id", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), server_default="", nullable=False),
        sa.Column("site_id", sa.String(), nullable=True),
        sa.Column("ward_code", sa.String(), server_default="", nullable=False),
        sa.Column("easting", sa.Float(), nullable=True),
        sa.Column("northing", sa.Float(), nullable=True),
        sa.Column("radius_m", sa.Integer(), nullable=True),
        sa.Column("precision", sa.String(), server_default="", nullable=False),
        sa.Column("setting", sa.String(), server_default="", nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("photo_refs", sa.Text(), server_default="", nullable=False),
        sa.Column("streetlight_ids", sa.Text(), server_default="", nullable=False),
        sa.Column("stimulus", sa.String(), server_default="", nullable=False),
        sa.Column("image_date", sa.Date(), nullable=True),
        sa.Column("session_no", sa.Integer(), nullable=True),
        sa.Column("facilitator_note", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.event_id"], name=op.f("fk_stops_event_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.site_id"], name=op.f("fk_stops_site_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("stop_id", name=op.f("pk_stops")),
    )
    op.create_index(op.f("ix_stops_event_id"), "stops", ["event_id"], unique=False)
    op.create_index(op.f("ix_stops_site_id"), "stops", ["site_id"], unique=False)
    op.create_table(
        "walk_requests",
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(), server_default="", nullable=False),
        sa.Column("status", sa.String(), server_default="", nullable=False),
        sa.Column("ward_code", sa.String(), server_default="", nullable=False),
        sa.Column("site_id", sa.String(), nullable=True),
        sa.Column("route_text", sa.Text(), server_default="", nullable=False),
        sa.Column("easting", sa.Float(), nullable=True),
        sa.Column("northing", sa.Float(), nullable=True),
        sa.Column("unsafe_when", sa.Text(), server_default="", nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("usual_times", sa.Text(), server_default="", nullable=False),
        sa.Column("female_officer", sa.Boolean(), nullable=True),
        sa.Column("access_needs", sa.Text(), server_default="", nullable=False),
        sa.Column("assigned_agency", sa.String(), server_default="", nullable=False),
        sa.Column("assigned_to", sa.String(), server_default="", nullable=False),
        sa.Column("assigned_on", sa.Date(), nullable=True),
        sa.Column("event_id", sa.String(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("feel_before", sa.Integer(), nullable=True),
        sa.Column("feel_after", sa.Integer(), nullable=True),
        sa.Column("suggestion_tags", sa.Text(), server_default="", nullable=False),
        sa.Column("would_recommend", sa.Boolean(), nullable=True),
        sa.Column("questionnaire_text", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.event_id"],
            name=op.f("fk_walk_requests_event_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["sites.site_id"],
            name=op.f("fk_walk_requests_site_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_walk_requests")),
    )
    op.create_index(op.f("ix_walk_requests_event_id"), "walk_requests", ["event_id"], unique=False)
    op.create_index(op.f("ix_walk_requests_site_id"), "walk_requests", ["site_id"], unique=False)
    op.create_table(
        "ward_plans",
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("ward_code", sa.String(), server_default="", nullable=False),
        sa.Column("event_id", sa.String(), nullable=True),
        sa.Column("title", sa.String(), server_default="", nullable=False),
        sa.Column("drafted_on", sa.Date(), nullable=True),
        sa.Column("agreed_text", sa.Text(), server_default="", nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.event_id"],
            name=op.f("fk_ward_plans_event_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_ward_plans")),
    )
    op.create_index(op.f("ix_ward_plans_event_id"), "ward_plans", ["event_id"], unique=False)
    op.create_table(
        "actions",
        sa.Column("action_id", sa.String(), nullable=False),
        sa.Column("ward_code", sa.String(), server_default="", nullable=False),
        sa.Column("site_id", sa.String(), nullable=True),
        sa.Column("event_id", sa.String(), nullable=True),
        sa.Column("stop_id", sa.String(), nullable=True),
        sa.Column("priority_id", sa.String(), nullable=True),
        sa.Column("meeting_id", sa.String(), nullable=True),
        sa.Column("repeat_of_action_id", sa.String(), nullable=True),
        sa.Column("origin", sa.String(), server_default="", nullable=False),
        sa.Column("issue_code", sa.String(), server_default="", nullable=False),
        sa.Column("issue_text", sa.Text(), server_default="", nullable=False),
        sa.Column("action_type", sa.String(), server_default="", nullable=False),
        sa.Column("action_text", sa.Text(), server_default="", nullable=False),
        sa.Column("owner_agency", sa.String(), server_default="", nullable=False),
        sa.Column("owner_role", sa.String(), server_default="", nullable=False),
        sa.Column("partner_agencies", sa.Text(), server_default="", nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("revised_due_on", sa.Date(), nullable=True),
        sa.Column("revisions", sa.Integer(), nullable=True),
        sa.Column("last_update_on", sa.Date(), nullable=True),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("verified_by", sa.String(), server_default="", nullable=False),
        sa.Column("status", sa.String(), server_default="", nullable=False),
        sa.Column("blocked_reason", sa.String(), server_default="", nullable=False),
        sa.Column("blocked_decision_on", sa.Date(), nullable=True),
        sa.Column("public_update", sa.Text(), server_default="", nullable=False),
        sa.Column("you_said", sa.Text(), server_default="", nullable=False),
        sa.Column("we_did", sa.Text(), server_default="", nullable=False),
        sa.Column("why_not", sa.Text(), server_default="", nullable=False),
        sa.Column("outcome_published_on", sa.Date(), nullable=True),
        sa.Column("escalated_to", sa.String(), server_default="", nullable=False),
        sa.Column("escalated_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.event_id"], name=op.f("fk_actions_event_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["panel_meetings.meeting_id"],
            name=op.f("fk_actions_meeting_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["priority_id"],
            ["ward_priorities.priority_id"],
            name=op.f("fk_actions_priority_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["repeat_of_action_id"],
            ["actions.action_id"],
            name=op.f("fk_actions_repeat_of_action_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.site_id"], name=op.f("fk_actions_site_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["stop_id"], ["stops.stop_id"], name=op.f("fk_actions_stop_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("action_id", name=op.f("pk_actions")),
    )
    op.create_index(op.f("ix_actions_event_id"), "actions", ["event_id"], unique=False)
    op.create_index(op.f("ix_actions_meeting_id"), "actions", ["meeting_id"], unique=False)
    op.create_index(op.f("ix_actions_priority_id"), "actions", ["priority_id"], unique=False)
    op.create_index(
        op.f("ix_actions_repeat_of_action_id"), "actions", ["repeat_of_action_id"], unique=False
    )
    op.create_index(op.f("ix_actions_site_id"), "actions", ["site_id"], unique=False)
    op.create_index(op.f("ix_actions_stop_id"), "actions", ["stop_id"], unique=False)
    op.create_table(
        "plan_answers",
        sa.Column("answer_id", sa.String(), nullable=False),
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), server_default="", nullable=False),
        sa.Column("answer", sa.String(), server_default="", nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["ward_plans.plan_id"],
            name=op.f("fk_plan_answers_plan_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_plan_answers")),
    )
    op.create_index(op.f("ix_plan_answers_plan_id"), "plan_answers", ["plan_id"], unique=False)
    op.create_index("uq_plan_answers_agency", "plan_answers", ["plan_id", "agency"], unique=True)
    op.create_table(
        "request_contacts",
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), server_default="", nullable=False),
        sa.Column("email", sa.String(), server_default="", nullable=False),
        sa.Column("phone", sa.String(), server_default="", nullable=False),
        sa.Column("safe_to_contact", sa.Text(), server_default="", nullable=False),
        sa.Column("delete_after", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["walk_requests.request_id"],
            name=op.f("fk_request_contacts_request_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_request_contacts")),
    )
    op.create_index(
        op.f("ix_request_contacts_request_id"), "request_contacts", ["request_id"], unique=False
    )
    op.create_table(
        "responses",
        sa.Column("response_id", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("stop_id", sa.String(), nullable=True),
        sa.Column("form", sa.String(), server_default="", nullable=False),
        sa.Column("mode", sa.String(), server_default="", nullable=False),
        sa.Column("n_people", sa.Integer(), nullable=False),
        sa.Column("participant_key", sa.String(), server_default="", nullable=False),
        sa.Column("channel", sa.String(), server_default="", nullable=False),
        sa.Column("said_on", sa.Date(), nullable=True),
        sa.Column("easting", sa.Float(), nullable=True),
        sa.Column("northing", sa.Float(), nullable=True),
        sa.Column("place_text", sa.String(), server_default="", nullable=False),
        sa.Column("familiarity", sa.String(), server_default="", nullable=False),
        sa.Column("experience", sa.String(), server_default="", nullable=False),
        sa.Column("usual_times", sa.Text(), server_default="", nullable=False),
        sa.Column("feel_now", sa.Integer(), nullable=True),
        sa.Column("feel_day", sa.Integer(), nullable=True),
        sa.Column("feel_dark", sa.Integer(), nullable=True),
        sa.Column("feel_day_recalled", sa.Boolean(), nullable=True),
        sa.Column("feel_dark_recalled", sa.Boolean(), nullable=True),
        sa.Column("alone_effect", sa.String(), server_default="", nullable=False),
        sa.Column("open_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("lighting", sa.Integer(), nullable=True),
        sa.Column("openness", sa.Integer(), nullable=True),
        sa.Column("visibility", sa.Integer(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("guardianship", sa.Integer(), nullable=True),
        sa.Column("path", sa.Integer(), nullable=True),
        sa.Column("transport_access", sa.Integer(), nullable=True),
        sa.Column("gender_mix", sa.Integer(), nullable=True),
        sa.Column("upkeep", sa.Integer(), nullable=True),
        sa.Column("wayfinding", sa.Integer(), nullable=True),
        sa.Column("help_nearby", sa.Integer(), nullable=True),
        sa.Column("not_applicable", sa.Text(), server_default="", nullable=False),
        sa.Column("issues", sa.Text(), server_default="", nullable=False),
        sa.Column("behaviours", sa.Text(), server_default="", nullable=False),
        sa.Column("positives", sa.Text(), server_default="", nullable=False),
        sa.Column("positive_text", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_behaviour", sa.Text(), server_default="", nullable=False),
        sa.Column("reported_before", sa.String(), server_default="", nullable=False),
        sa.Column("reasons_not_reported", sa.Text(), server_default="", nullable=False),
        sa.Column("suggestion", sa.Text(), server_default="", nullable=False),
        sa.Column("suggestion_tags", sa.Text(), server_default="", nullable=False),
        sa.Column("consent_store", sa.Boolean(), nullable=False),
        sa.Column("consent_quote", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.event_id"],
            name=op.f("fk_responses_event_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["stop_id"], ["stops.stop_id"], name=op.f("fk_responses_stop_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_responses")),
    )
    op.create_index(op.f("ix_responses_event_id"), "responses", ["event_id"], unique=False)
    op.create_index(op.f("ix_responses_stop_id"), "responses", ["stop_id"], unique=False)
    op.create_table(
        "safeguarding_alerts",
        sa.Column("alert_id", sa.String(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_by", sa.String(), server_default="", nullable=False),
        sa.Column("event_id", sa.String(), nullable=True),
        sa.Column("stop_id", sa.String(), nullable=True),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("contact", sa.Text(), server_default="", nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.String(), server_default="", nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(), server_default="", nullable=False),
        sa.Column("outcome_text", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.event_id"],
            name=op.f("fk_safeguarding_alerts_event_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["stop_id"],
            ["stops.stop_id"],
            name=op.f("fk_safeguarding_alerts_stop_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_safeguarding_alerts")),
    )
    op.create_index(
        op.f("ix_safeguarding_alerts_event_id"), "safeguarding_alerts", ["event_id"], unique=False
    )
    op.create_index(
        op.f("ix_safeguarding_alerts_stop_id"), "safeguarding_alerts", ["stop_id"], unique=False
    )


def _guard_sqlite() -> None:
    refuse = "SELECT RAISE(ABORT, 'the history is never changed')"
    op.execute(f"CREATE TRIGGER history_kept BEFORE DELETE ON history BEGIN {refuse}; END")
    op.execute(
        "CREATE TRIGGER history_as_it_was BEFORE UPDATE ON history"
        " WHEN NOT (NEW.old IS NULL AND NEW.new IS NULL AND NEW.hidden = 1"
        ' AND NEW.history_id = OLD.history_id AND NEW.at = OLD.at AND NEW."by" = OLD."by"'
        " AND NEW.kind = OLD.kind AND NEW.record_id = OLD.record_id AND NEW.doing = OLD.doing"
        f" AND NEW.field = OLD.field) BEGIN {refuse}; END"
    )


def _guard_postgres() -> None:
    op.execute(
        "CREATE FUNCTION history_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF TG_OP = 'UPDATE' AND NEW.old IS NULL AND NEW.new IS NULL AND NEW.hidden"
        ' AND (NEW.history_id, NEW.at, NEW."by", NEW.kind, NEW.record_id, NEW.doing, NEW.field)'
        ' = (OLD.history_id, OLD.at, OLD."by", OLD.kind, OLD.record_id, OLD.doing, OLD.field)'
        " THEN RETURN NEW; END IF;"
        " RAISE EXCEPTION 'the history is never changed'; END $$"
    )
    op.execute(
        "CREATE TRIGGER history_as_it_was BEFORE UPDATE OR DELETE ON history"
        " FOR EACH ROW EXECUTE FUNCTION history_guard()"
    )
    op.execute(
        "CREATE TRIGGER history_kept BEFORE TRUNCATE ON history"
        " FOR EACH STATEMENT EXECUTE FUNCTION history_guard()"
    )


def _geometry_postgres() -> None:
    """Real geometry, worked out by the database, so that it never differs from the coordinates."""
    srid = BNG.rpartition(":")[2]
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    for table in POINTS:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN point geometry(Point, {srid}) GENERATED ALWAYS AS"
            f" (ST_SetSRID(ST_MakePoint(easting, northing), {srid})) STORED"
        )
        op.execute(f"CREATE INDEX ix_{table}_point ON {table} USING gist (point)")
    for table, column in SHAPES.items():
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column}_shape geometry(Geometry, {srid})"
            f" GENERATED ALWAYS AS (CASE WHEN {column} = '' THEN NULL"
            f" ELSE ST_GeomFromText({column}, {srid}) END) STORED"
        )


def _views(*, with_shapes: bool) -> None:
    """Make the views that a map shows: an event, stop or action lies where its place lies."""
    point = "s.point" if with_shapes else ""
    op.execute(
        "CREATE VIEW map_sites AS SELECT s.site_id, s.name, s.kind, s.status, s.ward_code,"
        f" s.easting, s.northing{', ' + point if point else ''} FROM sites s"
    )
    for name, table, key, columns, via in _VIEWS:
        east, north = (_first(f"{alias}.{axis}" for alias in via) for axis in _AXES)
        shape = f", {_first(f'{alias}.point' for alias in via)} AS point" if with_shapes else ""
        listed = ", ".join(f"t.{column}" for column in (key, *columns))
        links = {
            "p": " LEFT JOIN stops p ON p.stop_id = t.stop_id",
            "s": " LEFT JOIN sites s ON s.site_id = t.site_id",
            "e": " LEFT JOIN events e ON e.event_id = t.event_id",
        }
        joins = "".join(links[alias] for alias in via if alias != "t")
        op.execute(
            f"CREATE VIEW {name} AS SELECT {listed}, {east} AS easting, {north} AS northing{shape}"
            f" FROM {table} t{joins}"
        )


_AXES = ("easting", "northing")
_VIEWS = (
    (
        "map_events", "events", "event_id",
        ("event_type", "status", "location_name", "planned_date", "planned_start"), ("t", "s"),
    ),
    ("map_stops", "stops", "stop_id", ("event_id", "seq", "name", "setting"), ("t", "s")),
    (
        "map_actions", "actions", "action_id",
        ("ward_code", "action_type", "owner_agency", "status", "due_on", "revised_due_on"),
        ("p", "s", "e"),
    ),
)  # fmt: skip


def _first(names: Iterable[str]) -> str:
    return f"COALESCE({', '.join(names)})"
