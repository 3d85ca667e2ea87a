"""The sentence per location says its own numbers and nothing more."""

from __future__ import annotations

import pandas as pd

from analysis.components import Reading
from analysis.score import PRESETS, score_locations
from analysis.why import absent_evidence, why_here

PLACES = ["a", "b", "c"]
EVIDENCE = pd.DataFrame({"volume": [60.0, 30.0, 0.0], "persistence": [0.5, 0.0, 0.0]}, PLACES)
FACTS = pd.DataFrame(
    {"reports": [61, 30, 0], "recent": [49.0, 9.0, 0.0], "recent_before": [25.0, 9.0, 0.0]}, PLACES
)
READINGS = {
    "volume": Reading(EVIDENCE["volume"], 12, ""),
    "persistence": Reading(EVIDENCE["persistence"], 10, ""),
}
SCORED = score_locations(EVIDENCE, PRESETS["walkabout"])


def test_a_busy_place() -> None:
    assert why_here(SCORED, FACTS, READINGS, what="ASB reports")["a"] == (
        "61 ASB reports in 12 months, more than at 66 % of the places compared (the middle place "
        "has 30); in the busiest tenth in 5 of 10 three-month periods; last three months: more "
        "than in the same months a year before (49, was 25)."
    )


def test_no_reports_is_never_called_safe() -> None:
    said = why_here(SCORED, FACTS, READINGS, what="ASB reports")["c"]
    assert said.startswith("no ASB reports in 12 months, which does not mean that it feels safe;")


def test_one_report_is_singular() -> None:
    facts = FACTS.assign(reports=[1, 0, 0])
    said = why_here(SCORED, facts, READINGS, what="ASB reports")["a"]
    assert said.startswith("1 ASB report in 12 months")


def test_months_that_are_not_covered_are_not_mentioned() -> None:
    facts = FACTS.assign(recent_before=float("nan"))
    assert "last three months" not in why_here(SCORED, facts, READINGS, what="reports")["a"]


def test_absent_evidence_is_named_only_where_the_preset_weighs_it() -> None:
    assert "what people told us on walks" in absent_evidence(SCORED, PRESETS["walkabout"])
    assert "actions still open at the place" not in absent_evidence(SCORED, PRESETS["womens_walk"])
