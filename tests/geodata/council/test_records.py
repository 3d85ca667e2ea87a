import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.council.records import MAX_LINES, UNCLOSED, Record, records
from geodata.council.table import Fault


def _read(text, delimiter=",", *, last=True):
    return list(records(text.split("\n"), delimiter=delimiter, last=last))


def test_a_record_may_run_over_lines_and_keeps_the_line_it_begins_on():
    found = _read('1,"two\nlines",x\n2,one,y')
    assert found == [Record(1, 2, ["1", "two\nlines", "x"]), Record(3, 3, ["2", "one", "y"])]


def test_a_mark_that_is_never_closed_costs_its_own_line_only():
    found = _read('1,"open\n2,b\n3,c')
    assert found == [Fault(1, UNCLOSED), Record(2, 2, ["2", "b"]), Record(3, 3, ["3", "c"])]


def test_two_stray_marks_on_two_lines_do_not_make_one_row_of_both():
    # csv.reader would give one row: ['1', 'a\n2,b']
    assert _read('1,"a\n2,"b\n3,c') == [
        Fault(1, UNCLOSED),
        Fault(2, UNCLOSED),
        Record(3, 3, ["3", "c"]),
    ]


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ('a,"b ""c""",d', ["a", 'b "c"', "d"]),
        ('a,5" pipe,d', ["a", '5" pipe', "d"]),
        ('"a"b,c', ["ab", "c"]),
        ('"",""', ["", ""]),
        (",", ["", ""]),
        ('a, "b"', ["a", ' "b"']),
    ],
)
def test_quotation_marks_within_one_line(line, values):
    (found,) = _read(line)
    assert found.values == values


def test_rows_of_delimiters_are_blank_and_rows_of_quoted_nothing_are_not():
    assert [r.blank for r in _read(',,\n\n"",,\n,x,')] == [True, True, False, False]


def test_a_record_begun_on_the_last_line_waits_for_more():
    assert _read('1,a\n2,"b', last=False) == [Record(1, 1, ["1", "a"]), 1]


def test_a_value_over_too_many_lines_counts_as_never_closed():
    long = '1,"' + "\n".join(["x"] * MAX_LINES)
    (kept,) = _read(long + '"')
    assert kept.last_line == MAX_LINES
    found = _read(long + '\n"')
    assert found[0] == Fault(1, UNCLOSED)
    assert len(found) == MAX_LINES + 1


def test_lines_that_together_make_no_row_are_read_apart():
    # The marks pair up, but the three lines make five values where rows have two.
    text = '1,"a\n2,b\n3,",x,y\n4,d'
    found = list(records(text.split("\n"), delimiter=",", fits=lambda values: len(values) == 2))
    assert found == [
        Fault(1, UNCLOSED),
        Record(2, 2, ["2", "b"]),
        Fault(3, UNCLOSED),
        Record(4, 4, ["4", "d"]),
    ]


def test_a_carriage_return_inside_a_line_is_a_fault_and_at_its_end_is_none():
    crossed, plain = _read("a\rb,c\nd,e\r")
    assert isinstance(crossed, Fault)
    assert plain.values == ["d", "e"]


VALUES = st.text(st.sampled_from('ab,;"\n \t|é'), max_size=6)


@given(st.lists(st.lists(VALUES, min_size=2, max_size=4), max_size=6), st.sampled_from(",;\t|"))
def test_what_csv_writes_is_read_back(rows, delimiter):
    import io

    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    lines = out.getvalue().split("\n")[:-1]
    found = [r for r in records(lines, delimiter=delimiter) if not r.blank]
    assert [r.values for r in found] == [row for row in rows if any(row)]
    assert all(r.last_line - r.line == sum(v.count("\n") for v in r.values) for r in found)


@given(st.lists(st.text(st.sampled_from('ab,"\r '), max_size=12), max_size=12))
def test_every_line_is_in_exactly_one_record_or_fault(lines):
    covered = []
    for found in records(lines, delimiter=","):
        last = found.line if isinstance(found, Fault) else found.last_line
        covered += range(found.line, last + 1)
    assert covered == list(range(1, len(lines) + 1))
