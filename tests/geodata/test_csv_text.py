from __future__ import annotations

import contextlib
import gzip
import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geodata import csv_text
from geodata.csv_text import Rows, TextColumn, open_table, unpack
from geodata.errors import ReportFileError, SaferWalksError


def values(column: TextColumn) -> list[str]:
    return [column.values[code] for code in column.codes]


def read(data: bytes, *columns: int) -> Rows:
    table = open_table("a.csv", data)
    return table.read(columns or range(len(table.header)))


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_encodings(encoding: str, name: str) -> None:
    table = open_table(
        "a.csv", "Month,Café £\n2026-04,“Dvořák”\n".replace("ř", "r").encode(encoding)
    )
    assert table.encoding == name
    assert table.header == ("Month", "Café £")
    assert values(table.read([1]).columns[0]) == ["“Dvorák”"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark(encoding: str) -> None:
    table = open_table("a.csv", "Month,Place\n2026-04,A Street\n".encode(encoding))
    assert (table.encoding, table.header) == ("UTF-16", ("Month", "Place"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters(delimiter: str) -> None:
    rows = read(f"a{delimiter}b\n1{delimiter}x y\n".encode())
    assert [values(c) for c in rows.columns] == [["1"], ["x y"]]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "newline"])
def test_line_ends(newline: str, last: str) -> None:
    text = newline.join(["a,b", "1,2", "", "3", "4,5"]) + (newline if last else "")
    rows = read(text.encode())
    assert values(rows.columns[0]) == ["1", "4"]
    assert rows.unreadable["line"].tolist() == [4]
    assert rows.unreadable["row"].tolist() == ["3"]
    assert rows.as_written(np.array([0, 1]))["line"].tolist() == [2, 5]


def test_lines_are_those_of_the_file_also_after_quoted_ends_of_line() -> None:
    text = '\n\n"a\nhead",b\n1,"x\r\ny\n\nz"\n2,"say ""so"", he\nsaid"\n\n3,4,5\n6,7\n'
    table = open_table("a.csv", text.encode())
    rows = table.read([0, 1])
    assert table.header == ("a\nhead", "b")
    assert values(rows.columns[0]) == ["1", "2", "6"]
    assert values(rows.columns[1]) == ["x\r\ny\n\nz", 'say "so", he\nsaid', "7"]
    written = rows.as_written(np.array([0, 1, 2]))
    assert written["line"].tolist() == [5, 9, 13]
    assert written["row"].tolist()[1:] == ['2,"say ""so"", he\nsaid"', "6,7"]
    assert rows.unreadable.to_dict("records") == [
        {
            "line": 12,
            "reason": "the row has 3 values where the header names 2 columns",
            "row": "3,4,5",
        }
    ]
    assert rows.number.tolist() == [1, 2, 4]
    assert len(rows) == 4


def test_a_stray_quotation_mark_loses_its_own_line_and_no_other() -> None:
    text = 'a,b\n1,x\n2,"On or near\n3,y\n4,z\n5,"O\'Neill\n6,w\n'
    rows = read(text.encode())
    assert values(rows.columns[0]) == ["1", "3", "4", "6"]
    assert rows.unreadable["line"].tolist() == [3, 6]
    assert rows.unreadable["row"].tolist() == ['2,"On or near', "5,\"O'Neill"]
    assert set(rows.unreadable["reason"]) == {
        "a quotation mark is opened and not closed on its line"
    }


def test_a_stray_quotation_mark_in_the_last_column_does_not_swallow_the_rest() -> None:
    lines = ["a,b", *(f"{i},x" for i in range(1000))]
    lines[500] = '499,"x'
    rows = read("\n".join(lines).encode())
    assert len(rows.number) == 999
    assert rows.unreadable["line"].tolist() == [501]


def test_a_quotation_mark_inside_a_field_means_nothing() -> None:
    rows = read(b'a,b\n5" pipe,x\n6,"y"" z"\n')
    assert [values(c) for c in rows.columns] == [['5" pipe', "6"], ["x", 'y" z']]


def test_a_row_longer_than_a_block_is_still_one_row() -> None:
    long = b"x" * (csv_text._CHUNK + 100)
    rows = read(b'a,b\n1,"' + long + b'"\n2,y\n3,"open\n4,z\n')
    assert values(rows.columns[0]) == ["1", "2", "4"]
    assert rows.unreadable["line"].tolist() == [4]


def test_a_row_too_long_for_any_block_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_text, "_CHUNK", 64)
    monkeypatch.setattr(csv_text, "_MAX_BLOCK", 128)
    with pytest.raises(ReportFileError, match=r"a\.csv cannot be read as CSV"):
        read(b'a,b\n1,"' + b"x" * 300 + b'"\n2,y\n')


def test_too_much_disorder_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b'a,b\n1,"x\n2,"y\n3,"z\n4,w\n'
    assert values(read(data).columns[0]) == ["4"]
    monkeypatch.setattr(csv_text, "_MAX_REPAIRS", 1)
    with pytest.raises(ReportFileError, match=r"quotation marks of a\.csv do not match"):
        read(data)


@pytest.mark.parametrize("data", [b"", b"\n\r\n", b"\xef\xbb\xbf", "\ufeff".encode("utf-16-le")])
def test_an_empty_file_is_an_error(data: bytes) -> None:
    with pytest.raises(ReportFileError, match=r"a\.csv is empty"):
        open_table("a.csv", data)


@pytest.mark.parametrize("data", [b"\x00\x01\x02\xff" * 50, b"a,b\n\x81\x8d,1\n", b"\xff\xfea"])
def test_what_is_not_text_is_an_error(data: bytes) -> None:
    with pytest.raises(ReportFileError, match=r"a\.csv is not a text file"):
        open_table("a.csv", data)


def test_gzip_is_told_by_its_bytes() -> None:
    packed = gzip.compress(b"first\n") + gzip.compress(b"second\n")
    assert unpack("a.csv", packed) == b"first\nsecond\n"
    assert unpack("a.csv.gz", b"plain") == b"plain"


@pytest.mark.parametrize("keep", [3, 12, -1])
def test_a_cut_gzip_is_an_error(keep: int) -> None:
    packed = gzip.compress(b"some words\n" * 100)
    with pytest.raises(ReportFileError, match="damaged or was cut short"):
        unpack("a.csv.gz", packed[:keep])


def test_a_gzip_that_unpacks_to_too_much_is_an_error() -> None:
    packed = gzip.compress(bytes(1000))
    assert len(unpack("a.csv.gz", packed, limit=1000)) == 1000
    with pytest.raises(ReportFileError, match="unpacks to more than allowed"):
        unpack("a.csv.gz", packed, limit=999)


PIECES = [b"a", b",", b'"', b"\n", b"\r", b"\r\n", b" ", b"1", b'""', b'","', "é".encode()]


@given(st.lists(st.sampled_from(PIECES), max_size=60))
@example([b"\r", b'"', b"\n", b","])
def test_every_row_is_found_on_its_line(pieces: list[bytes]) -> None:
    data = b"h,g\n" + b"".join(pieces)
    rows = read(data)
    lines = re.split("\r\n|\r|\n", data.decode())
    written = rows.as_written(np.arange(len(rows.number)))
    found = zip(written["line"], written["row"], *map(values, rows.columns), strict=True)
    for line, text, first, second in found:
        assert text.startswith(lines[line - 1])
        if '"' not in text:
            assert (lines[line - 1], text) == (f"{first},{second}", f"{first},{second}")
    for line, text in rows.unreadable[["line", "row"]].itertuples(index=False):
        assert text.startswith(lines[line - 1])
    if b'"' not in data:
        assert len(rows) == sum(1 for line in lines[1:] if line)


@given(st.binary(max_size=300))
def test_random_bytes_never_crash(data: bytes) -> None:
    with contextlib.suppress(SaferWalksError):
        rows = read(unpack("a.csv", data))
        assert len(rows) == len(rows.number) + len(rows.unreadable)
