"""The table that a council file becomes: the incident table and what only case systems know.

`COUNCIL_COLUMNS` come after the incident table's own. They hold what rows are told apart, counted
and repaired by; none of them may leave in an export that is not internal.
"""

from __future__ import annotations

import pyarrow as pa

from geodata.incidents import INCIDENT_SCHEMA, WARD_COLUMNS

_TEXT = pa.large_string()
_CODE = INCIDENT_SCHEMA.field("category").type
_WHEN = INCIDENT_SCHEMA.field("occurred_from").type

COUNCIL_FIELDS: tuple[pa.Field, ...] = (
    pa.field("reported_at", _WHEN),  # reported, logged or created: lag = reported - occurred
    pa.field("case_ref", _TEXT),  # groups incidents and complaints of one case
    pa.field("nsir_qualifier", _CODE),  # personal, nuisance, environmental
    pa.field("geo_radius_m", pa.float64()),  # metres within which the true place may lie
    pa.field("uprn", _TEXT),  # text: leading zeros, and more digits than a spreadsheet keeps
    pa.field("usrn", _TEXT),
    pa.field("postcode", _TEXT),
    pa.field("setting", _CODE),
    pa.field("ward_code_source", _CODE),  # as the file gives it: compared with the ward joined
    pa.field("status", _CODE),  # 'merged' is kept and not counted
    pa.field("merged_into", _TEXT),
    pa.field("dq_flags", _CODE),  # codes of geodata.council.rules, joined by ';'
)

COUNCIL_COLUMNS: tuple[str, ...] = tuple(field.name for field in COUNCIL_FIELDS)

COUNCIL_SCHEMA = pa.schema(
    [
        *(f for f in INCIDENT_SCHEMA if f.name not in (*WARD_COLUMNS, *COUNCIL_COLUMNS)),
        *COUNCIL_FIELDS,
    ]
)
"""What `geodata.council.reader` gives: everything but what the ward join fills in."""
