"""The table that a council file becomes: the incident table and what only case systems know.

`COUNCIL_COLUMNS` come after the incident table's own. They hold what rows are told apart, counted
and repaired by; none of them may leave in an export that is not internal.
"""

from __future__ import annotations

import pyarrow as pa

from geodata.incidents import COUNCIL_COLUMNS, COUNCIL_FIELDS, INCIDENT_SCHEMA, WARD_COLUMNS

__all__ = ["COUNCIL_COLUMNS", "COUNCIL_FIELDS", "COUNCIL_SCHEMA"]

COUNCIL_SCHEMA = pa.schema(
    [*(f for f in INCIDENT_SCHEMA if f.name not in WARD_COLUMNS), *COUNCIL_FIELDS]
)
"""What `geodata.council.reader` gives: everything but what the ward join fills in."""
