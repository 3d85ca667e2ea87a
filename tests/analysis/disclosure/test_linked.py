"""Tables that share their numbers, worked out by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from analysis.disclosure import Period, Rules, Table, linked, protect, reach, solving
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
    # h2 or h3 would do as well: which of them goes hangs on their names and on no count.
    assert found.tables[0]["withheld"].tolist() == ["1 to 4", "", "withheld", "", ""]
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
    assert found.tables[0]["withheld"].tolist() == ["withheld", "", "", "1 to 4", ""]


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
    assert then.tables[0]["withheld"].tolist() == ["1 to 4", "withheld", ""]
    alone = _protect([("A", "x", 3), ("A", "y", 30), ("A", "z", 9)],
                     [Table(("ward", "kind"), (YEAR,))])  # fmt: skip
    assert alone.tables[0]["withheld"].tolist() == ["1 to 4", "", ""]


def test_counts_that_do_not_reach_back_far_enough_are_refused() -> None:
    first = _protect([("A", "x", 30)], [Table(("ward",), (YEAR,))])
    counts = pd.DataFrame({"month": ["2026-02"], "ward": ["A"], "count": [9]})
    given = {"measure": "cases", "sources": ["council_asb"], "earlier": first.entries}
    with pytest.raises(SaferWalksError, match="reaches further back"):
        protect(counts, [Table(("ward",), (LAST,))], since="2026-01", **given)
    # The quarter is settled at the 30 that were published from.
    assert protect(counts, [Table(("ward",), (LAST,))], **given).tables[0]["count"].tolist() == [30]
    assert reach(first.entries, "cases") == (("ward",), "2025-04")


def test_counts_not_cut_as_an_earlier_release_was_are_refused() -> None:
    first = _protect([("A", "x", 30)], [Table(("ward", "kind"), (YEAR,))])
    with pytest.raises(SaferWalksError, match="no column kind"):
        _protect([("A", 30)], [Table(("ward",), (YEAR,))], columns=("ward",),
                 earlier=first.entries)  # fmt: skip


def test_a_published_count_stays_whatever_is_corrected_later() -> None:
    """7 and then 8 would be one case that came in late; 7 and then "1 to 4" one that went."""
    tables = [Table(("ward",), (YEAR,))]
    first = _protect([("A", "x", 7), ("B", "x", 9)], tables).entries
    for now in (8, 3):
        again = _protect([("A", "x", now), ("B", "x", 9), ("C", "x", 2)], tables, earlier=first)
        assert again.tables[0]["count"].tolist() == [7, 9]
        assert again.moved == 0
    # Not by another table, nor as part of a later year, either.
    later = Period("2025-07", "2026-06")
    again = _protect(
        [("A", "x", 8)], [Table(("ward",), (later,)), Table((), (YEAR,))], earlier=first
    )
    assert [t["count"].tolist() for t in again.tables] == [[7, 9], [16]]
    # That half of all came in late is said without the number.
    assert _protect([("A", "x", 40)], tables, earlier=first).moved == (40 - 16) / 16


def test_a_walk_that_is_written_down_late_comes_in_and_one_that_was_told_of_stays() -> None:
    """Six of walk 1 were told of; a seventh form comes late, and all forms of walk 2."""

    def told(one: int, two: int, **given: object):
        rows = [("1", "Bow", one), ("2", "Bow", two)]
        return _protect(
            [r for r in rows if r[2]], [Table(("walk",), (YEAR,)), Table(("place",), (YEAR,))],
            columns=("walk", "place"), dimensions=[("walk", "place")], unit=("walk",), **given,
        )  # fmt: skip

    first = told(6, 0)
    then = told(7, 8, earlier=first.entries.assign(release="a"))
    assert then.tables[0]["count"].tolist() == [6, 8]
    assert then.tables[1]["count"].tolist() == [14]
    # Two more at Bow than were told before would be the two of walk 2.
    small = told(7, 2, earlier=first.entries.assign(release="a"))
    assert small.tables[0]["withheld"].tolist() == ["", "1 to 4"]
    assert small.tables[1]["withheld"].tolist() == ["withheld"]


def test_counts_published_before_they_were_kept_are_compared_as_they_are_now() -> None:
    tables = [Table(("ward",), (YEAR,))]
    first = _protect([("A", "x", 7), ("B", "x", 9)], tables)
    told = first.entries[~first.entries["mark"].isin(["settled", "counted"])]
    now = _protect([("A", "x", 3), ("B", "x", 9)], tables, earlier=told)
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


# One list of wards and its total, by hand and against every possibility


def _seen(counts, **given):
    rows = [(chr(65 + n), "x", count) for n, count in enumerate(counts)]
    found = _protect(rows, [Table(("ward",), (YEAR,)), Table((), (YEAR,))], **given)
    shown = [None if pd.isna(c) else int(c) for c in found.tables[0]["count"]]
    return shown, found.tables[0]["withheld"].tolist(), found.tables[1].iloc[0]


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        # 3 + 2 = 5 could be 1+4, 2+3, 3+2, 4+1, so nothing more is needed.
        ([0, 3, 2, 5, 40], ["", "1 to 4", "1 to 4", "", ""]),
        # One masked count is the total less the others: another goes with it.
        ([3, 8, 20], ["1 to 4", "withheld", ""]),
        # 1 + 1 = 2 can only be 1 and 1: another goes, ward D before ward C.
        ([1, 1, 7, 50], ["1 to 4", "1 to 4", "", "withheld"]),
        # 4 + 4 = 8 can only be 4 and 4.
        ([4, 4, 6, 50], ["1 to 4", "1 to 4", "", "withheld"]),
        ([1, 5, 9, 50], ["1 to 4", "", "", "withheld"]),
        # 1 and 5 sum to 6: if the withheld one is at least 5, the other is 1. 9 must go too.
        ([9, 1, 0, 5], ["withheld", "1 to 4", "", "withheld"]),
        ([0, 5, 12], ["", "", ""]),
    ],
)
def test_a_small_count_takes_others_with_it(counts, why) -> None:
    shown, marks, total = _seen(counts)
    assert (marks, total["count"]) == (why, sum(counts))
    assert shown == [None if w else c for c, w in zip(counts, why, strict=True)]


def test_a_total_that_gives_all_away_is_not_shown() -> None:
    shown, _, total = _seen([4, 4, 0])
    assert (shown, total["withheld"]) == ([None, None, 0], "withheld")


def test_a_higher_minimum_masks_more() -> None:
    assert _seen([7, 5, 40], rules=Rules(threshold=10))[1] == ["1 to 9", "1 to 9", ""]


@settings(max_examples=12)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=4))
def test_no_masked_count_can_be_worked_out_by_trying_them_all(counts) -> None:
    shown, marks, total = _seen(counts)
    if total["withheld"]:
        return  # then the reader has no total to work with
    choices = [
        [count] if mark == "" else list(range(1, 5) if mark == "1 to 4" else range(5, 40))
        for count, mark in zip(shown, marks, strict=True)
    ]
    possible = [guess for guess in product(*choices) if sum(guess) == sum(counts)]
    assert tuple(counts) in possible
    for n, mark in enumerate(marks):
        assert not mark or len({guess[n] for guess in possible}) >= 3


def test_the_rule_by_which_numbers_are_withheld_tells_nothing_more() -> None:
    """Work every list of three wards out, and keep those that look the same when published.

    Were the smallest other number withheld, and no more than needed, then 3, 6 and 6 of 15 in all,
    of which the last is shown, would be told from 1, 8 and 6: the second is no more than the third.
    """
    alike: dict[tuple[str, ...], list[tuple[int, ...]]] = {}
    sums, others = sparse.csr_array(np.vstack([np.eye(3), np.ones(3)])), (0, 5, 6, 7, 8)
    for counts in product(range(1, 5), others, others):
        small = np.array([0 < n < 5 for n in (*counts, sum(counts))])
        system = solving.System(
            sums=sums, parts=np.array(counts, float), shown=~small, low=np.ones(4),
            high=np.where(small, 4, np.inf), free=np.ones(4, bool), widest=np.ones(4),
            need=Rules().need + linked.SPARE, small=(1, 4), order=np.array([2, 0, 1, 3]),
        )  # fmt: skip
        solving.withhold(system, threshold=5)
        seen = np.where(system.shown, system.values, -1)
        alike.setdefault((*map(str, seen), *map(str, system.high)), []).append(counts)
    # A list in which 8 stands may look like one with a 9, which was not tried.
    whole = [found for found in alike.values() if max(n for c in found for n in c) < max(others)]
    assert len(whole) > 3
    for found in whole:
        assert len({counts[0] for counts in found}) > Rules().need


# What was published before


def _register(found, minimum):
    return found.entries.assign(minimum=minimum)


def test_a_lower_minimum_loosens_nothing_of_the_months_published_under_a_higher() -> None:
    rows = [("A", "x", 7), ("B", "x", 8), ("C", "x", 40)]
    tables = [Table(("ward",), (YEAR,))]
    strict = _protect(rows, tables, rules=Rules(threshold=10))
    assert strict.tables[0]["withheld"].tolist() == ["1 to 9", "1 to 9", ""]
    before = _register(strict, 10)
    again = _protect(rows, tables, rules=Rules(), earlier=before)
    assert again.tables[0]["withheld"].tolist() == ["1 to 9", "1 to 9", ""]
    # Also not in a part of those months, from which the year could be put together.
    quarter = _protect(rows, [Table(("ward",), (LAST,))], rules=Rules(), earlier=before)
    assert quarter.tables[0]["withheld"].tolist() == ["1 to 9", "1 to 9", ""]
    free = _protect(rows, tables, rules=Rules(), earlier=_register(strict, 10), measure="others")
    assert free.tables[0]["withheld"].tolist() == ["", "", ""]


def test_months_that_were_never_published_have_the_minimum_of_now() -> None:
    rows = [("A", "x", 7), ("B", "x", 8)]
    long_ago = Period("2023-04", "2024-03")
    strict = _protect(rows, [Table(("ward",), (long_ago,))], rules=Rules(threshold=10))
    found = _protect(rows, [Table(("ward",), (YEAR,))], earlier=_register(strict, 10))
    assert found.tables[0]["count"].tolist() == [7, 8]


def test_what_was_withheld_for_anothers_sake_stays_withheld_where_nothing_asks_for_it_now() -> None:
    rows = [("A", "x", 3), ("B", "x", 8), ("C", "x", 20)]
    first = _protect(rows, [Table(("ward",), (YEAR,)), Table((), (YEAR,))])
    assert first.tables[0]["withheld"].tolist() == ["1 to 4", "withheld", ""]
    # Without the total the 8 could be shown, were there no earlier release that held it back.
    later = _protect(rows, [Table(("ward",), (YEAR,))], earlier=_register(first, 5))
    assert later.tables[0]["withheld"].tolist() == ["1 to 4", "withheld", ""]


def test_what_was_shown_once_is_known_though_a_later_release_withheld_it() -> None:
    """Who kept the first file still has the 7, and a total of 8 would tell the 1."""
    rows = [("A", "x", 7), ("B", "x", 1)]
    tables = [Table(("ward",), (YEAR,))]
    first = _register(_protect(rows, tables), 5)
    first = first[~first["mark"].isin(["settled", "counted"])]
    hidden = first.assign(shown=False, value=None, mark="1 to 9", low=1.0, high=9.0, minimum=5)
    only_hidden = _protect(rows, [Table((), (YEAR,))], earlier=hidden)
    assert only_hidden.tables[0]["count"].tolist() == [8.0]
    both = pd.concat([first, hidden], ignore_index=True)
    found = _protect(rows, [Table((), (YEAR,))], earlier=both)
    assert found.tables[0]["withheld"].tolist() == ["withheld"]
