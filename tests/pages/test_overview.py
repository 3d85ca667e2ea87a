"""The Overview page: totals, months, wards in order of name, changes, sources."""

from __future__ import annotations

from pathlib import Path

from tests.builders import batch, incidents, workspace_of
from tests.pages.conftest import Open, html, words


def test_totals_and_why_there_is_no_comparison(open_page: Open, small: Path) -> None:
    at = open_page("Overview", small)
    shown = {metric.label: metric.value for metric in at.metric}
    assert shown == {
        "ASB reports in the 6 months to June 2026": "18",
        "Against a year before (0 months)": "not known",
        "Newest month stored": "June 2026",
    }
    assert "cannot be compared with the year before" in html(at)


def test_wards_stand_in_order_of_name(open_page: Open, small: Path) -> None:
    said = html(open_page("Overview", small))
    table = said[said.index("Reports by ward, in order of name") :]
    assert table.index(">East") < table.index(">West")
    assert '<th scope="row">East<td class="n">12' in table.replace("</th>", "").replace("</td>", "")


def test_a_month_that_no_file_covers_is_no_data_not_zero(open_page: Open, tmp_path: Path) -> None:
    rows = [(month, 300, 500) for month in ("2026-01", "2026-02", "2026-04")]
    made = workspace_of(tmp_path / "gap", batch("street", incidents(rows)))
    said = html(open_page("Overview", made.path))
    assert "March 2026" in said
    row = said[said.index("March 2026") :][:120]
    assert "no data" in row


def test_a_kind_that_was_not_reported_is_counted_as_none(open_page: Open, small: Path) -> None:
    at = open_page("Overview", small, category="all")
    assert at.metric[0].label == "Reports in the 6 months to June 2026"
    assert at.metric[0].value == "18"


def test_an_earlier_month_looks_back_from_there(open_page: Open, small: Path) -> None:
    at = open_page("Overview", small, as_at="2026-03")
    assert at.metric[0].label == "ASB reports in the 3 months to March 2026"
    assert at.metric[0].value == "9"
    assert at.metric[2].value == "June 2026"


def test_sources_are_never_added_up(open_page: Open, tmp_path: Path) -> None:
    council = incidents(
        [("2026-06", 300, 500, "rowdy")], source="council_asb", force="tower-hamlets"
    )
    made = workspace_of(
        tmp_path / "two",
        batch("street", incidents([("2026-06", 300, 500)] * 3)),
        batch("council", council),
    )
    at = open_page("Overview", made.path)
    assert at.metric[0].value == "3"
    at.selectbox(key="source").set_value("council_asb").run()
    assert not at.exception
    assert at.metric[0].value == "1"
    assert "never added up" in words(at)


def test_each_chart_can_be_taken_as_a_picture(open_page: Open, small: Path) -> None:
    labels = [button.label for button in open_page("Overview", small).get("download_button")]
    assert labels.count("Chart as picture (PNG)") == 2
