"""Disclosure control in one place: what may be shown, to whom, of numbers about people.

`gate` lets columns and areas through, `linked` withholds in tables that share their numbers,
`solving` works out what a reader could, `periods` coarsens time, and `scanning` reads the bytes
that leave. Everything others need is named here.
"""

from __future__ import annotations

from analysis.disclosure.gate import (
    LEAVES,
    NEVER,
    OPEN_SOURCES,
    THRESHOLD,
    Audience,
    Disclosed,
    for_audience,
    marking,
    record_columns,
    reports_alone,
    require_one_kind,
    require_open,
)
from analysis.disclosure.linked import (
    THRESHOLDS,
    Protected,
    Rules,
    Table,
    protect,
    reach,
    settled_counts,
)
from analysis.disclosure.periods import Period, last_whole_quarter, public_year, year_before
from analysis.disclosure.scanning import Found, Known, require_clean, scan

__all__ = [
    "LEAVES",
    "NEVER",
    "OPEN_SOURCES",
    "THRESHOLD",
    "THRESHOLDS",
    "Audience",
    "Disclosed",
    "Found",
    "Known",
    "Period",
    "Protected",
    "Rules",
    "Table",
    "for_audience",
    "last_whole_quarter",
    "marking",
    "protect",
    "public_year",
    "reach",
    "record_columns",
    "reports_alone",
    "require_clean",
    "require_one_kind",
    "require_open",
    "scan",
    "settled_counts",
    "year_before",
]
