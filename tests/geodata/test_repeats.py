from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geodata.incidents import TIMEZONE
from geodata.repeats import repeat_keys

ROW = {
    "source_ref": None, "case_ref": "C1", "occurred_from": "2026-04-03 21:15",
    "source_category": "Noise", "record_level": "incident",
}  # fmt: skip


def keys(*changes: dict[str, object]) -> list[int]:
    rows = pd.DataFrame([ROW | change for change in changes])
    rows["occurred_from"] = pd.to_datetime(rows["occurred_from"]).dt.tz_localize(TIMEZONE)
    return repeat_keys(rows).tolist()


@pytest.mark.parametrize(
    "change",
    [
        {"case_ref": "C2"}, {"occurred_from": "2026-04-03 21:16"}, {"source_category": "Begging"},
        {"record_level": "complaint"}, {"source_ref": "R1"},
    ],
)  # fmt: skip
def test_rows_that_differ_in_what_counts_are_two(change: dict[str, object]) -> None:
    first, same, other = keys({}, {}, change)
    assert first == same != other
    assert 0 not in (first, other)


def test_a_reference_of_its_own_is_all_that_counts() -> None:
    own = {"source_ref": "R1"}
    first, second = keys(own, {**own, "case_ref": "C9", "source_category": "Begging"})
    assert first == second


def test_without_a_reference_or_a_case_and_start_a_row_repeats_none() -> None:
    assert keys({"case_ref": None}, {"occurred_from": None}, {"case_ref": ""}) == [0, 0, 0]
    police = pd.DataFrame({"record_level": pd.Categorical(["incident"] * 2)})
    assert repeat_keys(police).tolist() == [0, 0]
    assert len(repeat_keys(police.iloc[:0])) == 0


def test_the_way_a_column_is_held_does_not_matter() -> None:
    plain = pd.DataFrame([ROW, ROW | {"source_ref": "R1"}]).drop(columns="occurred_from")
    coded = plain.astype("category")
    assert np.array_equal(repeat_keys(plain), repeat_keys(coded))
