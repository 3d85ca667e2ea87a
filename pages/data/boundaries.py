"""Ward boundaries: what is known about them, and how to start with, or change to, others."""

from __future__ import annotations

from pages.components import frame
from pages.components.session import workspace
from pages.data import ward_boundaries

here = workspace()
frame.heading(
    "Ward boundaries",
    "Every report is counted in the ward it lies in. Reports that are stored already are joined "
    "again when the boundaries change; none is lost.",
)
if here.kind == "demo":
    ward_boundaries.start_own()
else:
    ward_boundaries.show_result()
    ward_boundaries.show(here)
