"""What is stored: sources side by side, what was imported, and how good the data are."""

from __future__ import annotations

from pages.components import frame
from pages.components.session import workspace
from pages.data import imports_log, quality_report, stored

here = workspace()
frame.heading(
    "What is stored",
    "The reports that everything here is worked out from: where they came from, what they cover, "
    "and what to know before using them.",
)
stored.show(here)
imports_log.show(here)
quality_report.show(here)
