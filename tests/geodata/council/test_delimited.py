import gzip
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geodata.council.delimited as delimited
from geodata.council.delimited import open_delimited
from geodata.council.table import Fault
from geodata.errors import ReportFileError

CASES = "Date,Type,Street\n03/04/2026,Noise,Mile End Road\n04/04/2026,Café,Roman Road\n"


def _open(tmp_path, content, name="a.csv", **options):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_delimited(path, name, **options)


def _all(table, columns=None):
    rows, lines, faults = [], [], []
    for chunk in table.chunks(columns):
        rows += [tuple(row.values()) for row in chunk.data.to_pylist()]
        lines += chunk.line.tolist()
        faults += chunk.faults
    return rows, lines, faults


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_encoding_and_any_line_ending(tmp_path, encoding, newline):
    table = _open(tmp_path, CASES.replace("\n", newline).encode(encoding))
    rows, lines, faults = _all(table)
    assert table.columns == ("Date", "Type", "Street")
    assert rows[1] == ("04/04/2026", "Café", "Roman Road")
    assert (lines, faults) == ([2, 3], [])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_delimiter(tmp_path, delimiter):
    text = CASES.replace(",", delimiter).replace("Noise", '"Noise, loud; very|\t"')
    rows, _, _ = _all(_open(tmp_path, text))
    assert rows[0] == ("03/04/2026", "Noise, loud; very|\t", "Mile End Road")


def test_titles_and_blank_lines_above_the_header_keep_the_line_numbers_true(tmp_path):
    text = 'ASB cases,,\n"Run by the team,\nin May",,\n\n,,\n' + CASES + ",,\n"
    table = _open(tmp_path, text)
    rows, lines, faults = _all(table)
    assert table.columns == ("Date", "Type", "Street")
    assert lines == [7, 8]
    assert (len(rows), faults) == (2, [])
    assert any("row 3" in note for note in table.notes)


def test_a_profile_settles_the_header_where_guessing_would_not(tmp_path):
    text = "Week,Month,Year\n1,2,3\nWhen,x,Kind\n03/04/2026,a,Noise\n"
    assert _open(tmp_path, text, wanted=["When", "Kind"]).columns == ("When", "x", "Kind")


def test_stray_index_columns_and_names_given_twice_are_named_and_said(tmp_path):
    table = _open(tmp_path, ",Date,Type,Type\n0,03/04/2026,Noise,Loud\n1,04/04/2026,Noise,Loud\n")
    assert table.columns == ("column 1", "Date", "Type", "Type (2)")
    assert any("only numbers the rows" in note for note in table.notes)
    assert any("two columns are called 'Type'" in note for note in table.notes)


def test_row_names_without_a_header_of_their_own_shift_nothing(tmp_path):
    table = _open(tmp_path, "Date,Type\na,03/04/2026,Noise\nb,04/04/2026,Litter\n")
    rows, _, faults = _all(table)
    assert table.columns == ("column 1", "Date", "Type")
    assert rows == [("a", "03/04/2026", "Noise"), ("b", "04/04/2026", "Litter")]
    assert not faults


def test_ragged_rows_are_faults_and_trailing_delimiters_are_not(tmp_path):
    text = "Date,Type,Street\n1,2,3,,\n1,2\n1,2,3,4\n5,6,7\n"
    rows, lines, faults = _all(_open(tmp_path, text))
    assert rows == [("1", "2", "3"), ("5", "6", "7")]
    assert lines == [2, 5]
    assert [f.line for f in faults] == [3, 4]
    assert "2 values where there are 3 columns" in faults[0].reason


def test_a_short_row_serves_if_all_that_is_asked_for_is_there(tmp_path):
    table = _open(tmp_path, "Date,Type,Notes\n1,2\n3,4,5\n")
    rows, _, faults = _all(table, ["Date", "Type"])
    assert rows == [("1", "2"), ("3", "4")]
    assert not faults


def test_a_stray_quotation_mark_does_not_swallow_the_file(tmp_path):
    lines = [f'{n},"open,x' if n == 5 else f"{n},Noise,x" for n in range(1, 5_001)]
    rows, _, faults = _all(_open(tmp_path, "No,Type,Street\n" + "\n".join(lines) + "\n"))
    assert len(rows) == 4_999
    assert faults == [Fault(6, "a quotation mark is opened and never closed")]


def test_a_late_pound_sign_makes_the_whole_file_windows_1252(tmp_path):
    text = "Date,Fee\n" + "03/04/2026,1\n" * 1_000_000 + "04/04/2026,£5\n"
    rows, lines, _ = _all(_open(tmp_path, text.encode("cp1252")))
    assert rows[-1] == ("04/04/2026", "£5")
    assert lines[-1] == 1_000_002


def test_gzip_is_opened_and_a_bomb_or_a_cut_one_refused(tmp_path):
    packed = gzip.compress(CASES.encode(), mtime=0)
    assert _all(_open(tmp_path, packed, "a.csv.gz"))[1] == [2, 3]
    with pytest.raises(ReportFileError, match="cut short"):
        _open(tmp_path, packed[:-12], "b.csv.gz")
    with pytest.raises(ReportFileError, match="unpacks to far more"):
        _open(tmp_path, gzip.compress(b"a,b\n" * 2**23, mtime=0), "c.csv.gz")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n\n \n", "is empty"),
        (b"\x00\x01\x02\xff" * 100, "neither a text table"),
        (b"1,2,3\n4,5,6\n", "no line of column names"),
        (",".join(f"c{n}" for n in range(1_000_000)).encode() + b"\n", "first line never ends"),
        (",".join(f"c{n}" for n in range(6_000)).encode() + b"\n", "too many columns"),
        (b"x" * 2_000_000, "first line never ends"),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path, content, words):
    with pytest.raises(ReportFileError, match=words):
        _open(tmp_path, content)


def test_a_row_without_end_is_refused_before_memory_is(tmp_path, monkeypatch):
    monkeypatch.setattr(delimited, "_MAX_RECORD", 10_000)
    table = _open(tmp_path, b"Date,Type\n1,2\n" + b"x" * 50_000, block=4_096)
    with pytest.raises(ReportFileError, match="at line 3"):
        _all(table)


CELL = st.text(st.sampled_from('ab"\n\r;,é '), max_size=5)
LINES = st.lists(
    st.one_of(
        st.lists(CELL, min_size=3, max_size=3).map(
            lambda v: ",".join('"' + c.replace('"', '""') + '"' for c in v)
        ),
        st.lists(st.text(st.sampled_from("ab é"), max_size=4), min_size=3, max_size=3).map(
            ",".join
        ),
        st.text(st.sampled_from('ab,"\r é'), max_size=14),
    ),
    max_size=25,
)


def _trial(text, block, *, by_line=False):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        if by_line:
            patch.setattr(delimited, "_by_arrow", lambda *_: None)
        path = Path(folder) / "a.csv"
        path.write_bytes(("Date,Type,Street\n" + text).encode())
        return _all(open_delimited(path, "a.csv", wanted=["Date", "Type", "Street"], block=block))


@settings(max_examples=150, deadline=None)
@given(LINES, st.integers(20, 200))
def test_blocks_of_any_size_give_what_reading_line_by_line_gives(lines, block):
    text = "\n".join(lines)
    assert _trial(text, block) == _trial(text, 1_000_000, by_line=True)
