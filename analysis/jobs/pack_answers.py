"""What people answered on walks, as counts of which every public number of a pack is a sum.

Who was asked at a place, who of them felt unsafe and how many answered on a walk are numbers of the
same people: from two of them a third follows. They are counted as one, so that they pass the gate
as one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.perception import LIGHTS, felt
from analysis.voices import UNSAFE

PLACE = ("ward_code", "place", "light")
KEYS = ("month", "event_id", *PLACE, "felt")
FELT = ("unsafe", "other")
FURTHER = "further:"
"""Before the code of a walk: answers of people who were counted under another light already."""


def answer_counts(said: pd.DataFrame) -> pd.DataFrame:
    """Count answers by walk, place, light and whether they were of feeling unsafe.

    Parameters
    ----------
    said : pandas.DataFrame
        Answers of single people with `event_id`, `ward_code`, `place` and `light`, as
        `analysis.perception.felt` takes them.

    Returns
    -------
    pandas.DataFrame
        `KEYS`, `count`. A person's first answer stands under the walk, so that those of a walk are
        no more than the people who answered on it; answers under another light stand under the
        walk's code after `FURTHER`. Both values of `felt` occur, if only as a zero.
    """
    said = said.assign(event_id=said["event_id"].astype("str"))
    on_the_spot = said["feel_now"].notna() & said["light"].isin(list(LIGHTS))
    by_day = said["feel_day"].notna() & ~said["feel_day_recalled"].eq(True).fillna(False)
    first = said.assign(
        feel_day=said["feel_day"].where(~on_the_spot),
        feel_dark=said["feel_dark"].where(~(on_the_spot | by_day)),
    )
    every, own = _counted(said), _counted(first)
    further = every.sub(own, fill_value=0).rename("count").reset_index()
    further["event_id"] = FURTHER + further["event_id"]
    found = pd.concat([own.rename("count").reset_index(), further[further["count"] > 0]])
    zeros = found.drop_duplicates(["month", "event_id", *PLACE]).assign(count=0)
    whole = pd.concat([found, *(zeros.assign(felt=word) for word in FELT)], ignore_index=True)
    return whole.groupby(list(KEYS))["count"].sum().reset_index()


def _counted(said: pd.DataFrame) -> pd.Series:
    answers = felt(said, keep=["event_id", "ward_code", "place"])
    answers["month"] = pd.to_datetime(answers["on"]).dt.strftime("%Y-%m")
    answers["felt"] = np.where(answers["feel"] <= UNSAFE, *FELT)
    return answers.groupby(list(KEYS))["people"].sum()


def naming_counts(said: pd.DataFrame, by: str, column: str) -> pd.DataFrame:
    """Count what answers name, by walk and by what they are of.

    Parameters
    ----------
    said : pandas.DataFrame
        `month`, `event_id`, `by`, and `column`: a tuple of codes.
    by : str
        Column of what they are of: 'event_id' or 'place'.
    column : str
        'issues' or 'positives'.

    Returns
    -------
    pandas.DataFrame
        `month`, `event_id`, `of`, `code`, `count` (answers that name it).
    """
    codes = said[column].map(lambda v: tuple(set(v)) if isinstance(v, tuple | list | set) else ())
    named = pd.DataFrame({
        "month": said["month"], "event_id": said["event_id"].astype("str"),
        "of": said[by].astype("str"), "code": codes,
    }).explode("code").dropna(subset=["code"])  # fmt: skip
    keys = ["month", "event_id", "of", "code"]
    return named.groupby(keys).size().rename("count").reset_index()


def most_named(counts: pd.DataFrame, *, most: int = 3) -> pd.DataFrame:
    """List what was named most: `of`, `code`, `named`, most first, ties by code.

    Examples
    --------
    >>> counts = pd.DataFrame({"of": "Bow", "code": ["noise", "lights", "noise"],
    ...     "count": [1, 2, 3]})
    >>> most_named(counts, most=1).to_numpy().tolist()
    [['Bow', 'noise', 4]]
    """
    named = counts.groupby(["of", "code"])["count"].sum().astype("int64")
    found = named.rename("named").reset_index()
    found = found.sort_values(["of", "named", "code"], ascending=[True, False, True])
    return found.groupby("of").head(most).reset_index(drop=True)
