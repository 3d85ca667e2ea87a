"""The canonical incident table: one row per thing reported, wherever it came from.

Coordinates are BNG metres in `easting`, `northing`; `lon`, `lat` are decimal degrees (WGS84) as
the source gave them, or derived. A row without a place has NaN in all four.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, get_args

import pandas as pd
import pyarrow as pa

from geodata import vocabularies as v

if TYPE_CHECKING:
    import pandera.pandas as pandera

TIMEZONE = "Europe/London"

_TEXT = pa.large_string()
_CODE = pa.dictionary(pa.int32(), pa.string())
_WHEN = pa.timestamp("us", tz=TIMEZONE)

INCIDENT_SCHEMA = pa.schema(
    [
        # unique in the store: source, digest of the file, row number. Never a hash of the content:
        # two identical police.uk rows are two incidents.
        pa.field("incident_uid", _TEXT, nullable=False),
        pa.field("source", _CODE, nullable=False),
        pa.field("record_level", _CODE, nullable=False),  # what one row counts
        pa.field("force", _CODE),  # police force or council that recorded it, as a slug
        pa.field("month", _CODE, nullable=False),  # YYYY-MM
        pa.field("occurred_from", _WHEN),
        pa.field("occurred_to", _WHEN),
        pa.field("time_precision", _CODE, nullable=False),
        pa.field("date_basis", _CODE, nullable=False),
        pa.field("category", _CODE, nullable=False),
        pa.field("source_category", _CODE),  # the source's own words
        pa.field("lon", pa.float64()),
        pa.field("lat", pa.float64()),
        pa.field("easting", pa.float64()),
        pa.field("northing", pa.float64()),
        pa.field("geo_precision", _CODE, nullable=False),
        pa.field("location", _CODE),  # "On or near ..." as given; never an address
        pa.field("lsoa_code", _CODE),  # as supplied; vintages are mixed
        pa.field("source_ref", _TEXT),  # the source's own id: internal, in no export
        pa.field("ward_code", _CODE),
        pa.field("ward_match", _CODE, nullable=False),
        pa.field("near_boundary", pa.bool_(), nullable=False),  # inside, within 25 m of an edge
        pa.field("in_collar", pa.bool_(), nullable=False),  # outside, within 500 m of the wards
    ]
)

INCIDENT_COLUMNS: tuple[str, ...] = tuple(INCIDENT_SCHEMA.names)
WARD_COLUMNS = ("ward_code", "ward_match", "near_boundary", "in_collar")
"""Columns filled by the ward join, not by a reader."""

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
"""What only case systems know. Stored where a file says it, read only when asked for by name, and
never in an export that is not internal (`analysis.disclosure`)."""

COUNCIL_COLUMNS: tuple[str, ...] = tuple(field.name for field in COUNCIL_FIELDS)

STORED_SCHEMA = pa.schema([*INCIDENT_SCHEMA, *COUNCIL_FIELDS])
"""Every column a stored report may have. A column that no row of a file fills is left out of its
partition and reads as missing."""


def empty_incidents() -> pd.DataFrame:
    """Build an incident table with no rows and the right column types."""
    return INCIDENT_SCHEMA.empty_table().to_pandas()


@cache
def incident_checks() -> pandera.DataFrameSchema:
    """Build the pandera schema that every incident table passes before it is stored.

    Built on first use: pandera takes most of a second to import.

    Examples
    --------
    >>> incident_checks().validate(empty_incidents(), lazy=True).shape[0]
    0
    """
    import pandera.pandas as pandera

    def one_of(vocabulary: object, *, nullable: bool = False) -> pandera.Column:
        return pandera.Column(checks=pandera.Check.isin(get_args(vocabulary)), nullable=nullable)

    def number(low: float, high: float) -> pandera.Column:
        return pandera.Column("float64", pandera.Check.in_range(low, high), nullable=True)

    return pandera.DataFrameSchema(
        {
            "incident_uid": pandera.Column(nullable=False, unique=True),
            "source": one_of(v.Source),
            "record_level": one_of(v.RecordLevel),
            "month": pandera.Column(checks=pandera.Check.str_matches(r"^\d{4}-\d{2}$")),
            "time_precision": one_of(v.TimePrecision),
            "date_basis": one_of(v.DateBasis),
            "category": pandera.Column(checks=pandera.Check.isin(v.CATEGORY_BY_CODE)),
            "lon": number(-9.0, 2.5),
            "lat": number(49.0, 61.5),
            "easting": number(0.0, 700_000.0),
            "northing": number(0.0, 1_300_000.0),
            "geo_precision": one_of(v.GeoPrecision),
        },
        checks=pandera.Check(
            lambda df: df["lon"].isna().eq(df["easting"].isna()).all(),
            error="a place is given in both systems or in neither",
        ),
    )
