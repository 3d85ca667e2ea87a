"""Tables that share their numbers, worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure import Period, Rules, Table, protect, reach
from geodata.errors import SaferWalksError

YEAR = Period("2025-04", "2026-03")
LAST = Period("2026-01", "2026-03")


def _protect(rows, tables, columns=("ward", "kind"), **given):
    counts = pd.DataFrame(rows, columns=[*columns, "count"]).assign(month="2026-02")
    first = counts.head(1).assign(month="2025-04", count=0)
    given = {"measure": "cases", "sources": ["council_asb"], **given}
    return protect(pd.concat([counts, first]), tables, **given)


def _marks(table, *by):
    return table.set_index(list(by))["withheld"].to_dict()


def test_rows_and_columns_are_made_safe_together() -> None:
    rows = [("A", "x", 3), ("A", "y", 9), ("B", "x", 20), ("B", "y", 30)]
    by = [("ward", "kind"), ("ward",), ("kind",), ()]
    found = _protect(rows, [Table(b, (YEAR,)) for b in by])
    # Row A and column x each leave the 3 alone, so 9 and 20 go; then 30, or row B gives 20 away.
    assert _marks(found.tables[0], "ward", "kind") == {
        ("A", "x"): "1 to 4", ("A", "y"): "withheld",
        ("B", "x"): "withheld", ("B", "y"): "withheld",
    }  # fmt: skip
    assert [t["count"].tolist() for t in found.tables[1:]] == [[12, 50], [23, 39], [62]]
    assert found.masked == 4
    assert [note.rsplit(": ", 1)[1] for note in found.notes] == ["1.", "3."]


def test_four_ones_with_a_total_of_four_say_less_than_one_to_four() -> None:
    """Four numbers of 1 or more that add up to at most 4 are all 1, so no mark may say so much."""
    rows = [(ward, "x", 1) for ward in "ABCD"]
    found = _protect(rows, [Table(("ward",), (YEAR,)), Table((), (YEAR,))])
    marks = [*found.tables[0]["withheld"], *found.tables[1]["withheld"]]
    assert "withheld" in marks
    assert found.tables[0]["count"].isna().all()
    assert found.tables[1]["count"].isna().all()


def test_zeros_are_shown_and_missing_pairs_are_zeros() -> None:
    found = _protect([("A", "x", 9), ("B", "y", 9)], [Table(("ward", "kind"), (YEAR,))])
    assert found.tables[0]["count"].tolist() == [9, 0, 0, 9]
    assert found.notes == ()


def test_zeros_are_masked_where_it_is_known_who_took_part() -> None:
    rows = [("A", "safe", 0), ("A", "unsafe", 3), ("B", "safe", 20), ("B", "unsafe", 20)]
    found = _protect(rows, [Table(("ward", "kind"), (YEAR,))], rules=Rules(zeros="withheld"))
    assert found.tables[0]["withheld"].tolist() == ["0 to 4", "0 to 4", "", ""]


def test_hexagons_wards_and_borough_are_one_system() -> None:
    rows = [("h1", "A", 2), ("h2", "A", 30), ("h3", "A", 40), ("h4", "B", 50), ("h5", "B", 60)]
    tables = [Table((by,), (YEAR,)) for by in ("hexagon", "ward")] + [Table((), (YEAR,))]
    found = _protect(
        rows, tables, columns=("hexagon", "ward"), dimensions=[("hexagon", "ward")]
    )  # fmt: skip
    assert found.tables[0]["withheld"].tolist() == ["1 to 4", "withheld", "", "", ""]
    assert found.tables[1]["count"].tolist() == [72, 110]


def test_a_quarter_and_the_year_it_ends_are_one_system() -> None:
    counts = pd.DataFrame(
        {"month": ["2025-04", "2025-07", "2025-10", "2026-01"], "count": [9, 8, 7, 2]}
    )
    quarters = tuple(Period(f, f[:5] + e) for f, e in zip(
        counts["month"], ("06", "09", "12", "03"), strict=True))  # fmt: skip
    found = protect(
        counts, [Table((), (*quarters, YEAR))], measure="cases", sources=["council_asb"]
    )
    assert found.tables[0]["withheld"].tolist() == ["", "", "withheld", "1 to 4", ""]


def test_open_counts_pass_however_small() -> None:
    found = _protect([("A", "x", 1)], [Table(("ward",), (YEAR,))], sources=["police_uk"])
    assert found.tables[0]["count"].tolist() == [1]
    assert found.entries["shown"].all()


def test_open_and_other_sources_are_never_added_up() -> None:
    with pytest.raises(SaferWalksError, match="never added up"):
        _protect([("A", "x", 9)], [Table((), (YEAR,))], sources=["police_uk", "council_asb"])


@pytest.mark.parametrize(("first", "last"), [("2026-02", "2026-02"), ("2025-03", "2026-02")])
def test_only_quarters_and_years_that_end_with_one_are_published(first, last) -> None:
    with pytest.raises(SaferWalksError, match="calendar quarter"):
        _protect([("A", "x", 9)], [Table((), (Period(first, last),))])


def test_sensitive_kinds_are_banded_by_ward_and_year_and_refused_below() -> None:
    rows = [("A", "hate_abuse", 12), ("A", "noise", 60), ("B", "hate_abuse", 0), ("B", "noise", 9)]
    found = _protect(rows, [Table(("ward", "kind"), (YEAR,))])
    assert found.tables[0]["withheld"].tolist() == ["10 to 19", "", "", ""]
    assert "bands: 1." in found.notes[0]
    with pytest.raises(SaferWalksError, match="Sensitive kinds"):
        _protect(rows, [Table(("ward", "kind"), (LAST,))])
    with pytest.raises(SaferWalksError, match="Sensitive kinds"):
        _protect(rows, [Table(("hexagon", "kind"), (YEAR,))], columns=("hexagon", "kind"))


def test_a_total_beside_a_band_does_not_tell_the_number() -> None:
    rows = [("A", "hate_abuse", 12), ("A", "noise", 60), ("A", "rowdy", 80)]
    found = _protect(rows, [Table(("ward", "kind"), (YEAR,)), Table(("ward",), (YEAR,))])
    assert found.tables[0]["withheld"].tolist() == ["10 to 19", "withheld", ""]


def test_what_an_earlier_release_withheld_stays_withheld() -> None:
    """The year shown first without its parts; then the parts, one of them small."""
    first = _protect([("A", "x", 3), ("A", "y", 30), ("A", "z", 9)], [Table(("ward",), (YEAR,))])
    then = _protect(
        [("A", "x", 3), ("A", "y", 30), ("A", "z", 9)], [Table(("ward", "kind"), (YEAR,))],
        earlier=first.entries,
    )  # fmt: skip
    assert then.tables[0]["withheld"].tolist() == ["1 to 4", "", "withheld"]
    alone = _protect([("A", "x", 3), ("A", "y", 30), ("A", "z", 9)],
                     [Table(("ward", "kind"), (YEAR,))])  # fmt: skip
    assert alone.tables[0]["withheld"].tolist() == ["1 to 4", "", ""]


def test_counts_that_do_not_reach_back_far_enough_are_refused() -> None:
    first = _protect([("A", "x", 30)], [Table(("ward",), (YEAR,))])
    counts = pd.DataFrame({"month": ["2026-02"], "ward": ["A"], "count": [9]})
    given = {"measure": "cases", "sources": ["council_asb"], "earlier": first.entries}
    with pytest.raises(SaferWalksError, match="reaches further back"):
        protect(counts, [Table(("ward",), (LAST,))], since="2026-01", **given)
    assert protect(counts, [Table(("ward",), (LAST,))], **given).tables[0]["count"].tolist() == [9]
    assert reach(first.entries, "cases") == (("ward",), "2025-04")


def test_counts_not_cut_as_an_earlier_release_was_are_refused() -> None:
    first = _protect([("A", "x", 30)], [Table(("ward", "kind"), (YEAR,))])
    with pytest.raises(SaferWalksError, match="no column kind"):
        _protect([("A", 30)], [Table(("ward",), (YEAR,))], columns=("ward",),
                 earlier=first.entries)  # fmt: skip


def test_a_count_corrected_since_gives_no_equation() -> None:
    first = _protect([("A", "x", 7), ("B", "x", 9)], [Table(("ward",), (YEAR,))])
    now = _protect([("A", "x", 3), ("B", "x", 9)], [Table(("ward",), (YEAR,))],
                   earlier=first.entries)  # fmt: skip
    assert now.tables[0]["withheld"].tolist() == ["1 to 4", ""]


def test_every_shown_number_is_true_and_every_small_one_is_held_back() -> None:
    chance = np.random.default_rng(4)
    rows = [(w, k, int(c)) for w in "ABCDEF" for k in "pqrs" for c in chance.poisson(4, 1)]
    by = [("ward", "kind"), ("ward",), ("kind",), ()]
    found = _protect(rows, [Table(b, (YEAR,)) for b in by])
    truth = {(w, k): c for w, k, c in rows}
    for line in found.tables[0].itertuples():
        count = truth[line.ward, line.kind]
        assert line.count is not None
        assert np.isnan(line[5]) == (line.withheld != "")
        assert 0 < count < 5 or line.withheld in ("", "withheld")
        assert (0 < count < 5) <= (line.withheld != "")


@pytest.mark.parametrize("threshold", [4, 11])
def test_a_minimum_outside_five_to_ten_is_refused(threshold) -> None:
    with pytest.raises(SaferWalksError, match="5 to 10"):
        Rules(threshold=threshold)
