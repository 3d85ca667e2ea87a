"""Who took part: what people said about themselves on forms, as counts that point at nobody."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.disclosure import Period, Rules, Table, protect, public_year
from analysis.jobs.releases import register
from geodata import months as m
from geodata.errors import NotEnoughDataError
from geodata.records import feedback
from geodata.records.database import open_records
from geodata.records.vocabularies import MONITORING
from geodata.wording import wording
from geodata.workspace import Workspace

MEASURE = "answers about themselves"


@dataclass(frozen=True)
class TakingPart:
    """What people said about themselves.

    Attributes
    ----------
    table : pandas.DataFrame
        One row an answer, in the order of the form: `question`, `answer` (words), `answers`
        (missing where withheld), `withheld` ('' where shown), `answered` (to the question, missing
        where withheld), `share` (per cent of those who answered it, missing where either is).
    period : Period
        The 12 months, ending with the last calendar quarter that is over.
    notes : tuple of str
        What was held back and why.
    """

    table: pd.DataFrame
    period: Period
    notes: tuple[str, ...]

    @property
    def message(self) -> str:
        """What to make of it, in plain words."""
        return (
            f"Answers given from {self.period.label}. Whoever filled a form on two walks counts "
            "twice, and many say nothing: this tells who answered, not who lives or walks here."
        )

    def to_json(self) -> dict[str, Any]:
        """Everything."""
        rows = self.table.astype(object).where(self.table.notna(), None)
        return {
            "first": self.period.first, "last": self.period.last, "message": self.message,
            "notes": list(self.notes), "answers": rows.to_dict("records"),
        }  # fmt: skip


def taking_part(workspace: Workspace, *, today: dt.date) -> TakingPart:
    """Count what people said about themselves, for those who watch that all are heard.

    The 12 months ending with the last calendar quarter that is over. Small counts are withheld as
    they are for the public (`analysis.disclosure.protect`, zeros among them): answers about a
    person never stand beside what the person said, and a table of two people would put them there.

    Parameters
    ----------
    workspace : Workspace
        Its records are read.
    today : datetime.date
        The day it is.

    Returns
    -------
    TakingPart

    Raises
    ------
    NotEnoughDataError
        If nobody said anything about themselves in these months.

    Notes
    -----
    Each question is counted by itself. Two answers of one person are linked nowhere, so no table of
    two questions can be made.
    """
    period = public_year(m.shift(f"{today:%Y-%m}", -1))
    counts = _counts(workspace, period)
    if counts["count"].sum() == 0:
        raise NotEnoughDataError(
            f"Nobody has said anything about themselves from {period.label}",
            got="no answers to the questions about the person",
            todo="offer the full audit on walks; a quarter is counted when it is over",
        )
    keys = ("question", "answer")
    found = protect(
        counts, [Table(("question",), (period,)), Table(keys, (period,))], measure=MEASURE,
        sources=["forms"], dimensions=[keys],
        rules=Rules(register(workspace).rules.threshold, "withheld"),
    )  # fmt: skip
    asked, told = found.tables
    answered = asked.set_index("question")["count"]
    table = told.rename(columns={"count": "answers"})
    table["answered"] = table["question"].map(answered)
    table["share"] = (100 * table["answers"] / table["answered"]).round(1)
    return TakingPart(_worded(table), period, found.notes)


def _counts(workspace: Workspace, period: Period) -> pd.DataFrame:
    """Count by month and answer; an answer that nobody gave is a zero of a question asked."""
    with open_records(workspace).reading() as connection:
        kept = feedback.monitoring(connection)
    quarter = kept["quarter"].astype(str)
    month = quarter.str[:4] + "-" + (3 * quarter.str[-1:].astype("int64") - 2).map("{:02d}".format)
    kept = kept.assign(month=month, count=kept["people"])
    kept = kept[kept["month"].isin(period.months)]
    zeros = pd.DataFrame(
        [(period.first, q, a, 0) for q in kept["question"].unique() for a in MONITORING[q]],
        columns=["month", "question", "answer", "count"],
    )
    return pd.concat([kept[zeros.columns], zeros], ignore_index=True)


def _worded(table: pd.DataFrame) -> pd.DataFrame:
    """Put the words of the form for its codes, in the form's order."""
    words = wording()
    every = [(question, answer) for question in MONITORING for answer in MONITORING[question]]
    order = {key: number for number, key in enumerate(every)}
    keys = list(zip(table["question"], table["answer"], strict=True))
    worded = table.assign(
        question=[words[f"full.about.{q}"] for q, _ in keys],
        answer=[MONITORING[q][a] for q, a in keys],
        place=[order[key] for key in keys],
    ).sort_values("place", ignore_index=True)
    return worded[["question", "answer", "answers", "withheld", "answered", "share"]]
