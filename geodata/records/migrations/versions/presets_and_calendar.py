"""Presets, dates to avoid, and what the meeting point of a place is like."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two tables, and two columns of a place that are unknown until somebody says."""
    for name in ("step_free", "kerb_space"):
        op.add_column("sites", sa.Column(name, sa.Boolean(), nullable=True))
    op.create_table(
        "presets",
        sa.Column("preset_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), server_default="", nullable=False),
        sa.Column("status", sa.String(), server_default="", nullable=False),
        sa.Column("base", sa.String(), server_default="", nullable=False),
        sa.Column("weights", sa.Text(), nullable=False),
        sa.Column("normaliser", sa.String(), server_default="", nullable=False),
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        *_stamps(),
        sa.PrimaryKeyConstraint("preset_id", name=op.f("pk_presets")),
    )
    op.create_table(
        "dates_to_avoid",
        sa.Column("avoid_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), server_default="", nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        *_stamps(),
        sa.PrimaryKeyConstraint("avoid_id", name=op.f("pk_dates_to_avoid")),
    )


def _stamps() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
    )
