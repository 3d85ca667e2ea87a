"""Text becomes safe for where it goes, and stays readable."""

from __future__ import annotations

import html
import json
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from analysis.report.escaping import (
    css_string,
    csv_cell,
    html_text,
    js_json,
    our_html,
    safe_filename,
    safe_html,
)
from tests.drawings import HOSTILE


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_starts_a_tag_an_attribute_or_a_literal_survives(text):
    assert not re.search(r"[<>\"'`${}\\]", html_text(text))


@given(st.text())
def test_html_reads_back_as_what_was_written(text):
    seen = html.unescape(html_text(text))
    kept = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
    lost = kept.sub("", text).replace("\ufffe", "").replace("\uffff", "")
    # Python's unescape turns a few numeric references into other characters; we write none.
    assert seen == lost or any(ord(c) > 0xFFFF or c == "\r" for c in text)


@pytest.mark.parametrize("value", [None, float("nan"), np.nan, pd.NA, pd.NaT])
def test_missing_values_are_written_as_nothing(value):
    assert html_text(value) == ""


def test_numbers_are_written_as_they_are():
    assert (html_text(0), html_text(-1.5), html_text(np.int64(7))) == ("0", "-1.5", "7")


def test_marks_that_reverse_the_reading_direction_are_dropped():
    assert html_text("\u202egnp.exe\x00") == "gnp.exe"


def test_escaping_twice_is_not_possible_through_safe_html():
    once = safe_html("a & b")
    assert safe_html(once) == once == Markup("a &amp; b")
    assert our_html("<b>x</b>") == Markup("<b>x</b>")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_script_reads_back_the_text_and_ends_nowhere_else(text):
    written = js_json({"name": text})
    assert not re.search("[<>&\u2028\u2029]", written)
    assert json.loads(written) == {"name": text}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_any_json_value_comes_back(value):
    plain = json.loads(js_json(value))
    assert plain == value


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_json_does_not_have_is_refused(value):
    with pytest.raises(ValueError, match="JSON compliant"):
        js_json([value])


def test_half_a_character_becomes_a_replacement():
    assert json.loads(js_json("a\ud800b")) == "a\ufffdb"


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\tx", "\rx", "\nx", "|cmd", "%x", " =1", "\xa0=1"),
        *("\u200b=1", "\ufeff=1", "\uff1d1", "\uff0bx", "\uff0dx", "\uff20x", "-", "--1", "+44 20"),
        *("- a dash first", "1+1".rjust(4, "=")),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert csv_cell(text) == "'" + text.replace("\r", "\n")


def test_no_carriage_return_can_break_a_row_in_two():
    assert csv_cell("a\r\nb\rc") == "a\nb\nc"


@pytest.mark.parametrize(
    "value", ["-0.5", "+3", "1e-5", "-1.", ".5", "St Peter's", "", "a=b", "2026-04", "E05009317"]
)
def test_numbers_and_plain_words_are_left_alone(value):
    assert csv_cell(value) == value


@pytest.mark.parametrize("value", [-1, -0.5, True, None, np.float64(-2), np.int64(-3)])
def test_values_that_are_no_text_stay_what_they_are(value):
    assert csv_cell(value) is value


@given(st.text(max_size=200), st.sampled_from(["", ".csv", ".html"]))
def test_a_file_name_is_a_name_on_every_system(text, ending):
    name = safe_filename(text, ending)
    assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name)
    assert name.endswith(ending)
    assert len(name) <= 100 + len("file-") + len(ending)
    assert ".." not in name
    assert not re.match(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", name)


def test_nothing_ends_a_style_sheets_string():
    for text in HOSTILE:
        inside = css_string(text)[1:-1]
        assert not re.search(r"[\"'<>{}\n]", inside)
    assert css_string("DEMO - invented data") == '"DEMO - invented data"'
