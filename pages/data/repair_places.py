"""Repair places: say once where a wording is, and every report that says it is placed."""

from __future__ import annotations

from pages.components import frame
from pages.components.session import workspace
from pages.data import repair

frame.heading(
    "Repair places",
    "Reports that came without coordinates, by what they say of their place. Say once where that "
    "is: all of them are placed, now and in every later file.",
)
repair.show(workspace())
