"""Bring in reports: files of police.uk, and of councils and others, and what became of each row."""

from __future__ import annotations

from pages.components import frame
from pages.components.session import workspace
from pages.data import importing, profiles, ward_boundaries

here = workspace()
frame.heading(
    "Bring in reports",
    "Drop in this month's files. You see what became of every row: what was counted, what was left "
    "out, and why.",
)
if here.kind == "demo":
    ward_boundaries.start_own()
else:
    ward_boundaries.show_result()
    importing.show_result()
    importing.show(here)
    profiles.show(here)
