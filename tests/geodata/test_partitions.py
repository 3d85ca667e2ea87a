from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet
import pytest

from geodata import partitions
from geodata.errors import SaferWalksError
from geodata.incidents import (
    COUNCIL_COLUMNS,
    INCIDENT_COLUMNS,
    INCIDENT_SCHEMA,
    STORED_SCHEMA,
)
from tests.builders import incidents


def joined(rows: pd.DataFrame, **columns: object) -> pd.DataFrame:
    return rows.assign(
        ward_code=None, ward_match="outside", near_boundary=False, in_collar=False, **columns
    )


def test_a_column_that_no_row_fills_costs_nothing(tmp_path: Path) -> None:
    rows = joined(incidents([("2026-04", 1, 1), ("2026-04", 2, 2)]))
    case = rows.assign(postcode=["E1 6AN", None], status=None, geo_radius_m=[float("nan"), 75.0])
    for name, frame in {"police": rows, "council": case}.items():
        (tmp_path / name).write_bytes(partitions.encode(frame))
    held = {n: set(pyarrow.parquet.read_schema(tmp_path / n).names) for n in ("police", "council")}
    assert held["police"] == {*INCIDENT_SCHEMA.names, "geometry"}
    assert held["council"] - held["police"] == {"postcode", "geo_radius_m"}


def test_what_councils_know_comes_when_it_is_named(tmp_path: Path) -> None:
    rows = joined(incidents([("2026-04", 1, 1), ("2026-04", 2, 2)]))
    paths = [tmp_path / "police", tmp_path / "council"]
    paths[0].write_bytes(partitions.encode(rows))
    paths[1].write_bytes(partitions.encode(rows.assign(uprn=["000123456789", None], status="open")))
    assert tuple(partitions.decode(paths).columns) == INCIDENT_COLUMNS
    named = partitions.decode(paths, ["uprn", "status", "month", "postcode"])
    assert named.astype("object").where(named.notna(), None).to_numpy().tolist() == [
        [None, None, "2026-04", None],
        [None, None, "2026-04", None],
        ["000123456789", "open", "2026-04", None],
        [None, "open", "2026-04", None],
    ]
    empty = partitions.decode([], ["uprn", "status", "month", "postcode"])
    assert empty.dtypes.map(str).equals(named.dtypes.map(str))
    with pytest.raises(SaferWalksError, match=r"no such column. Got: hour.*postcode"):
        partitions.decode(paths, ["hour"])


def test_the_table_as_it_was_is_part_of_the_table_as_stored() -> None:
    assert (*INCIDENT_COLUMNS, *COUNCIL_COLUMNS) == tuple(STORED_SCHEMA.names)
    assert not set(INCIDENT_COLUMNS) & set(COUNCIL_COLUMNS)
