import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.council.cases import Keys, Repeats, counted, row_keys, statuses


def _repeats(refs, cases, starts, kinds):
    keys = row_keys(
        None if refs is None else pa.array(refs, pa.string()),
        None if cases is None else pa.array(cases, pa.string()),
        np.array(starts),
        pa.array(kinds, pa.string()),
    )
    met = Keys()
    met.add(keys[keys != 0])
    repeats = Repeats(met.repeated())
    found = repeats.mark(keys, np.arange(2, len(keys) + 2))
    return dict(zip(*(part.tolist() for part in found), strict=True))


def test_the_same_reference_repeats_whatever_else_differs():
    assert _repeats(["a", "b", "a", "", ""], None, [1, 1, 2, 1, 1], ["x"] * 5) == {2: 2}


def test_the_same_case_start_and_kind_repeat_only_where_rows_have_no_reference():
    cases, starts, kinds = ["C", "C", "C", "C"], [5, 5, 6, 5], ["x", "x", "x", "y"]
    assert _repeats(None, cases, starts, kinds) == {1: 2}
    # Two complaints about one case, each with a reference of its own, are two complaints.
    assert _repeats(["1", "2", "3", "4"], cases, starts, kinds) == {}
    assert _repeats(["1", "", "", "4"], cases, [5, 5, 5, 5], ["x"] * 4) == {2: 3}


def test_rows_whose_start_or_case_is_not_known_repeat_none():
    assert _repeats(None, ["C", "C", "", ""], [-1, -1, 5, 5], ["x"] * 4) == {}


def test_a_reference_and_a_case_of_one_name_are_not_confused():
    assert _repeats(["C", ""], ["", "C"], [5, 5], ["", ""]) == {}


@given(st.lists(st.sampled_from(["", "a", "b", "c"]), max_size=12))
def test_repeats_are_those_a_plain_loop_finds(refs):
    first, expected = {}, {}
    for position, ref in enumerate(refs):
        if ref and ref in first:
            expected[position] = first[ref] + 2
        first.setdefault(ref, position)
    assert _repeats(refs, None, [1] * len(refs), ["x"] * len(refs)) == expected


NUMBERS = st.one_of(st.integers(1, 9), st.sampled_from([2**32, 2**63, 2**64 - 1]))


@given(st.lists(st.lists(NUMBERS, max_size=9), max_size=6), st.integers(0, 9))
def test_keys_on_disk_are_those_in_memory(parts, held):
    keys = Keys(held=held)
    for part in parts:
        keys.add(np.array(part, dtype="u8"))
    every = sum(parts, [])
    assert keys.repeated().tolist() == sorted({key for key in every if every.count(key) > 1})
    assert keys.repeated().tolist() == []


@given(st.lists(st.lists(st.integers(0, 5), max_size=6), max_size=4))
def test_repeats_found_part_by_part_are_those_of_a_plain_loop(parts):
    every = sum(parts, [])
    repeats = Repeats(np.array(sorted({k for k in every if k and every.count(k) > 1}), dtype="u8"))
    first, line = {}, 2
    for part in parts:
        lines = np.arange(line, line + len(part))
        rows, firsts = repeats.mark(np.array(part, dtype="u8"), lines)
        expected = []
        for row, key in enumerate(part):
            if key and key in first:
                expected.append((row, first[key]))
            first.setdefault(key, line + row)
        assert list(zip(rows.tolist(), firsts.tolist(), strict=True)) == expected
        line += len(part)


@pytest.mark.parametrize(
    ("status", "merged_into", "expected"),
    [
        ("Closed", "", 1),
        ("closed - duplicate", "", 2),
        ("Open", "C7", 2),
        ("N.F.A.", "", -1),
        ("NFA", "", 3),
        ("In progress", "", 0),
        ("", "", -1),
    ],
)
def test_what_a_status_means(status, merged_into, expected):
    assert statuses(pa.array([status]), pa.array([merged_into]), 1).tolist() == [expected]
    assert statuses(None, None, 1).tolist() == [-1]


def test_merged_rows_are_the_only_ones_not_counted():
    status = pd.Categorical(["open", "merged", None, "closed"])
    found = counted(pd.DataFrame({"status": status}, index=[9, 8, 7, 6]))
    assert found.tolist() == [True, False, True, True]
    assert found.index.tolist() == [9, 8, 7, 6]
