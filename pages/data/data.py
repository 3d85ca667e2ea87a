"""The Data page: bring reports in, see what became of every row, and set the ward boundaries."""

from __future__ import annotations

from pages.components import frame
from pages.components.session import workspace
from pages.data import importing, quality_report, stored, ward_boundaries

here = workspace()
frame.heading(
    "Data",
    "Bring in reports and ward boundaries, and see what became of every row: "
    "what was counted, what was left out, and why.",
)
importing.show_result()
if here.kind == "demo":
    ward_boundaries.start_own()
    stored.show(here)
    quality_report.show(here)
else:
    stored.show(here)
    importing.show(here)
    quality_report.show(here)
    ward_boundaries.show(here)
