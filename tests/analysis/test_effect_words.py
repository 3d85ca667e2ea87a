"""What a comparison comes to, in words a ward panel can read."""

from __future__ import annotations

from analysis.displacement import Estimate
from analysis.effect_words import REPORTING, UNSEEN, VERDICTS, say_effect, say_smallest
from analysis.evaluation import Effect, evaluate
from tests.analysis.test_evaluation import AFTER, MIDDLE, WHEN, flat


def effect(smallest: float, expected: float = 50.0) -> Effect:
    return Effect(60, 55, expected, 48, Estimate(-2, 10, -22, 18), smallest)


def test_words_come_first_and_reporting_is_always_said() -> None:
    counts = flat()
    said = say_effect(evaluate(counts, [MIDDLE], WHEN), what="ASB reports")
    came = int(counts.loc[MIDDLE, AFTER].sum())
    assert said[0].startswith(f"In the 12 months after, {came} ASB reports came from here; about")
    assert "Allowing for chance, the difference made lies between" in said[0]
    assert said[-1] == REPORTING
    assert "more reports can be a success" in REPORTING


def test_the_smallest_fall_is_said_as_a_share_and_a_number() -> None:
    assert say_smallest(effect(20)) == (
        "Only a fall of about 40 % (20 reports) or more would have shown four times in five."
    )
    assert say_smallest(effect(80)) == UNSEEN


def test_luck_is_said_where_there_was_some() -> None:
    busy = flat(1, **{MIDDLE: [20.0] * 13 + [4.0] * 12})
    said = " ".join(say_effect(evaluate(busy, [MIDDLE], WHEN), what="reports"))
    assert "Places that stand out are partly lucky" in said
    assert "No other place was as busy before" in said


def test_every_verdict_has_words_without_blame() -> None:
    assert set(VERDICTS) == {"no_sign", "fewer", "moved", "more"}
    assert VERDICTS["no_sign"] == "No sign either way"
