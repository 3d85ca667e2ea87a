import pytest

from geodata.council.headers import find_header
from geodata.errors import ReportFileError

DATA = [["03/04/2026", "Noise", "536500"], ["04/04/2026", "Litter", "536600"]]


@pytest.mark.parametrize(
    ("above", "row"),
    [
        ([], 0),
        ([["ASB report"]], 1),
        ([["ASB report", "", ""], ["Run by:", "A team", ""]], 2),
        ([["Report", "run on", "03/04/2026"]], 1),
    ],
)
def test_the_names_are_found_below_titles(above, row):
    found = find_header([*above, ["Date", "Type", "Easting"], *DATA], name="a.csv")
    assert (found.row, found.columns) == (row, ("Date", "Type", "Easting"))


def test_a_row_like_data_is_no_header():
    with pytest.raises(ReportFileError, match=r"no line of column names\. Got: 03/04/2026"):
        find_header(DATA, name="a.csv")


def test_names_that_councils_do_not_use_still_serve():
    found = find_header([["Alpha", "Beta", "Gamma"], *DATA], name="a.csv")
    assert found.columns == ("Alpha", "Beta", "Gamma")


def test_names_are_trimmed_numbered_and_all_different():
    cells = [" Date \n of  report ", "", "Type", "Type", "Type (2)", "Type"]
    found = find_header([cells, ["1/2/26", "x", "a", "b", "c", "d"]], name="a.csv")
    assert found.columns == (
        "Date of report",
        "column 2",
        "Type",
        "Type (3)",
        "Type (2)",
        "Type (4)",
    )
    assert len(found.notes) == 3


def test_a_profile_s_names_are_found_whatever_stands_above():
    rows = [["Date", "Type", "Easting"], *DATA, ["When", "What", "X"], *DATA]
    assert find_header(rows, name="a", wanted=["what", "WHEN"]).row == 3
    assert find_header(rows, name="a", wanted=["Who"]).row == 0
