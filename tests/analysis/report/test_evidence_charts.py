"""The chart of before and after: every month on it, gaps as gaps, and its words."""

from __future__ import annotations

import pandas as pd

from analysis.report.evidence_charts import CAME, LED, before_after_chart, before_after_summary

MONTHS = pd.DataFrame(
    {
        "month": ["2026-01", "2026-02", "2026-03", "2026-04"],
        "period": ["before", "before", "done", "after"],
        "observed": [6.0, float("nan"), 5, 2],
        "expected": [5.0, float("nan"), 5, 4.5],
    }
)


def test_both_lines_hold_every_month_and_a_missing_one_is_a_gap() -> None:
    chart = before_after_chart(MONTHS, what="ASB reports").to_dict()
    rows = chart["layer"][0]["data"]["values"]
    assert [(r["series"], r["count"]) for r in rows] == [
        (CAME, 6.0), (CAME, None), (CAME, 5.0), (CAME, 2.0),
        (LED, 5.0), (LED, None), (LED, 5.0), (LED, 4.5),
    ]  # fmt: skip
    assert chart["layer"][1]["data"]["values"] == [{"label": "Mar 2026"}]
    assert chart["description"] == before_after_summary(MONTHS, what="ASB reports")


def test_the_words_leave_the_month_it_was_done_out() -> None:
    assert before_after_summary(MONTHS) == (
        "Reports a month at the place: 6 on average before February 2026 ended and 2 after March "
        "2026. The comparison led to expect 5 and 4.5."
    )
