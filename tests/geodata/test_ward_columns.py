"""Which column holds the codes, and which the names."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geodata.errors import WardFileError
from geodata.ward_columns import find_code_column, find_name_column, text_table

CODES = ["E05009317", "E05009318", "E05009319"]


def table(**columns: object) -> pd.DataFrame:
    return text_table(pd.DataFrame(columns))


@pytest.mark.parametrize(
    "column", ["GSS_CODE", "WD24CD", "wd11cd", "ward_code", "code", "id", "Anything at all"]
)
def test_codes_are_found_by_content_whatever_the_column_is_called(column):
    assert find_code_column(table(NAME=["a", "b", "c"], **{column: CODES})) == column


def test_borough_codes_and_numbers_are_not_taken_for_wards():
    frame = table(
        POLY_ID=[1.0, 2.0, 3.0], LB_GSS_CD=["E09000030"] * 3, LAD24CD=["E09000030"] * 3, X=CODES
    )
    assert find_code_column(frame) == "X"


def test_welsh_scottish_and_northern_irish_codes_count():
    for prefix in ("W05", "S13", "N08"):
        assert find_code_column(table(x=[f"{prefix}000001", f"{prefix}000002"])) == "x"


def test_of_two_columns_with_ward_codes_the_later_year_is_taken():
    old = ["E05000573", "E05000574", "E05000575"]
    assert find_code_column(table(WD13CD=old, WD24CD=CODES)) == "WD24CD"
    assert find_code_column(table(WD24CD=CODES, WD13CD=old)) == "WD24CD"


def test_of_two_columns_the_one_with_more_wards_is_taken():
    assert find_code_column(table(WD24CD=CODES[:1] * 3, mine=CODES)) == "mine"


def test_a_column_with_a_bad_code_among_good_ones_is_still_the_one():
    assert find_code_column(table(code=[*CODES, None], other=list("abcd"))) == "code"


def test_a_column_named_by_a_person_is_found_in_any_case():
    frame = table(POLY_ID=[1.0, 2.0, 3.0], GSS_CODE=CODES)
    assert find_code_column(frame, "poly_id") == "POLY_ID"
    both = table(Code=CODES, CODE=CODES)
    assert find_code_column(both, "CODE") == "CODE"
    with pytest.raises(WardFileError, match="no column 'code'"):
        find_code_column(both, "code")


def test_a_column_that_is_not_there_lists_those_that_are():
    frame = table(NAME=["a"], AREA=[1.0])
    with pytest.raises(WardFileError, match=r"no column 'GSS'\. Got: columns NAME, AREA\..*--code"):
        find_code_column(frame, "GSS")
    with pytest.raises(WardFileError, match=r"Got: columns NAME, AREA\..*--name"):
        find_name_column(frame, "AREA", "title")


def test_codes_of_an_older_series_are_taken_by_the_columns_name_if_unique():
    assert find_code_column(table(ward_code=["00BGFX", "00BGFY"], n=["a", "b"])) == "ward_code"
    with pytest.raises(WardFileError, match="No column holds ward codes such as E05009317"):
        find_code_column(table(ward_code=["00BGFX", "00BGFX"], n=["a", "b"]))


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"lsoa21cd": ["E01004198", "E01004199"], "msoa21cd": ["E02000865"] * 2}, "LSOAs"),
        # A best-fit ward beside each LSOA does not make a ward boundary of it.
        ({"LSOA11CD": ["E01004198", "E01004199"], "WD21CD": ["E05009317"] * 2}, "LSOAs"),
        ({"OA21CD": ["E00021001", "E00021002"], "WD21CD": ["E05009317"] * 2}, "output areas"),
        ({"msoa": ["E02000865", "E02000866"]}, "MSOAs"),
        ({"code": ["E09000030", "E09000025"]}, "boroughs or districts"),
        ({"code": ["E07000001", "E06000002"]}, "boroughs or districts"),
        ({"PCON24CD": ["E14001001", "E14001002"]}, "constituencies"),
        ({"PARCD": ["E04000001", "E04000002"]}, "parishes"),
    ],
)
def test_other_areas_given_by_mistake_are_named(columns, words):
    with pytest.raises(WardFileError, match=f"These look like .*{words}.*, not wards"):
        find_code_column(table(**columns))


def test_one_ward_with_its_borough_is_a_ward():
    assert find_code_column(table(LAD24CD=["E09000030"], WD24CD=["E05009317"])) == "WD24CD"


@pytest.mark.parametrize(
    ("columns", "code", "name"),
    [
        (["NAME", "GSS_CODE", "BOROUGH"], "GSS_CODE", "NAME"),
        (["WD24CD", "WD24NM", "WD24NMW", "LAD24NM"], "WD24CD", "WD24NM"),
        (["WD24CD", "WD24NMW", "WD24NM"], "WD24CD", "WD24NM"),
        (["WD24CD", "WD13NM", "WD24NM"], "WD24CD", "WD24NM"),
        (["wd11cd", "wd11nm"], "wd11cd", "wd11nm"),
        (["ward_code", "ward_name", "name"], "ward_code", "ward_name"),
        (["code", "name"], "code", "name"),
        (["ward", "gss"], "gss", "ward"),
        (["x", "WD24NMW"], "x", "WD24NMW"),
    ],
)
def test_names_are_found_by_what_the_column_is_called(columns, code, name):
    assert find_name_column(pd.DataFrame(columns=columns), code) == name


def test_the_code_column_is_never_the_name_column():
    with pytest.raises(WardFileError, match="No column looks like ward names"):
        find_name_column(pd.DataFrame(columns=["ward", "BOROUGH"]), "ward")


def test_cells_of_every_kind_become_text():
    cells = [1, 2.0, 2.5, True, None, np.nan, pd.NA, pd.NaT, " a ", "", {"b": 1}, [1, 2],
             np.array([1]), pd.Timestamp("2024-05-02")]  # fmt: skip
    frame = pd.DataFrame({"x": pd.Series(cells, dtype=object), "geometry": None})
    texts = text_table(frame, without="geometry")
    assert list(texts.columns) == ["x"]
    assert texts["x"].tolist() == [
        "1", "2", "2.5", "True", None, None, None, None, "a", None, "{'b': 1}", "[1, 2]", "[1]",
        "2024-05-02 00:00:00",
    ]  # fmt: skip
