import numpy as np

from geodata.council.rules import MEANINGS, REJECTING, Rule, count_flags, flag_words


def test_every_finding_belongs_to_a_validation_rule_that_needs_no_wards():
    assert set(MEANINGS) == set(Rule)
    # 7 compares the ward given with the ward joined; 10 compares sources: both come later.
    assert {number for number, _ in MEANINGS.values()} == set(range(1, 15)) - {7, 10}


def test_bits_are_counted_and_written_rule_by_rule():
    bits = np.array([0, Rule.MERGED, Rule.MERGED | Rule.DATE_FUTURE, 0], dtype="i8")
    counted = {code: rows for code, rows in count_flags(bits).items() if rows}
    assert counted == {"date_future": 1, "merged": 2}
    rows, words = flag_words(bits)
    assert [words[r] for r in rows] == ["", "merged", "date_future;merged", ""]


def test_what_puts_a_row_in_quarantine():
    assert {rule.code for rule in Rule if rule & REJECTING} == {
        *("row_unreadable", "date_missing", "date_unreadable", "date_too_old", "date_future"),
        "interval_reversed",
    }
