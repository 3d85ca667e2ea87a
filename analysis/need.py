"""Who gets walks: the share of reports and of walks of every ward, and how long it has waited.

No league table: wards stand in the order of their names, and nothing here says that a ward
deserves more than another. Reports are not need; they are the part of it that somebody wrote down.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

WALKS = ("walkabout", "womens_walk", "walk_and_talk", "environmental_audit")
"""Events at which people walk; surgeries and engagement days are counted beside them."""

MONTHS = 12
QUARTERS = 8
"""Quarters of the year that are told one by one, the present one included."""

NEVER, LONG = "no walk on record", f"no walk in {MONTHS} months"


def need_by_ward(
    wards: pd.DataFrame,
    reports: pd.Series,
    first_places: pd.Series,
    events: pd.DataFrame,
    on: dt.date,
) -> pd.DataFrame:
    """Set reports and walks of every ward side by side.

    Parameters
    ----------
    wards : pandas.DataFrame
        `ward_code`, `ward_name`.
    reports : pandas.Series
        Reports of the last 12 months by ward code; a ward that is not named has none.
    first_places : pandas.Series
        How many of the first places of the ranking lie in a ward, by ward code; empty where
        nothing is ranked.
    events : pandas.DataFrame
        Events held: `event_type`, `ward_codes` (tuple), `date`. Those after `on` are not looked
        at. One in two wards counts in both.
    on : datetime.date
        The day it stands for.

    Returns
    -------
    pandas.DataFrame
        In the order of the wards' names: `ward_code`, `ward_name`, `reports`, `share_reports`,
        `places`, `share_places`, `walks` and `others` (events of the last 12 months), `share_walks`
        (all shares 0 to 1, missing where there is nothing to share), `last_walk` (date or NaT),
        `months_since` (whole months since then, Int64), `note`, and `walks_2026_q1` and the like
        for the last 8 quarters.

    Examples
    --------
    >>> wards = pd.DataFrame({"ward_code": ["A", "B"], "ward_name": ["Ash", "Bow"]})
    >>> held = pd.DataFrame({"event_type": ["walkabout"], "ward_codes": [("A",)],
    ...                      "date": [pd.Timestamp("2026-03-10")]})
    >>> found = need_by_ward(wards, pd.Series({"A": 30, "B": 10}), pd.Series(dtype=float), held,
    ...                      dt.date(2026, 4, 30))
    >>> found["share_reports"].tolist(), found["share_walks"].tolist(), found["note"].tolist()
    ([0.75, 0.25], [1.0, 0.0], ['', 'no walk on record'])
    """
    codes, day = wards["ward_code"], pd.Timestamp(on)
    held = events.assign(date=pd.to_datetime(events["date"])).explode("ward_codes")
    held = held[held["date"].le(day) & held["ward_codes"].notna()]
    walked = held[held["event_type"].isin(WALKS)]
    lately = day - pd.DateOffset(months=MONTHS)
    latest = walked.groupby("ward_codes")["date"].max()
    last = pd.Series(latest.reindex(codes).to_numpy("datetime64[us]"), codes.index)
    since = ((day.year - last.dt.year) * 12 + day.month - last.dt.month).astype("Int64")
    since = since - (last.dt.day > day.day).astype("Int64")
    table = pd.DataFrame(
        {
            "ward_code": codes, "ward_name": wards["ward_name"],
            "reports": codes.map(reports).fillna(0.0),
            "places": codes.map(first_places).fillna(0.0),
            "walks": _count(codes, walked[walked["date"].gt(lately)]),
            "others": _count(
                codes, held[held["date"].gt(lately) & ~held["event_type"].isin(WALKS)]
            ),
            "last_walk": last, "months_since": since.where(last.notna()),
        }
    )  # fmt: skip
    for name in ("reports", "places", "walks"):
        whole = table[name].sum()
        table[f"share_{name}"] = table[name] / whole if whole else float("nan")
    waited = table["walks"].eq(0).map({True: LONG, False: ""})
    table["note"] = waited.where(table["last_walk"].notna(), NEVER)
    quarters = pd.PeriodIndex(walked["date"], freq="Q")
    for quarter in pd.period_range(end=pd.Period(day, "Q"), periods=QUARTERS, freq="Q"):
        name = f"walks_{quarter.year}_q{quarter.quarter}"
        table[name] = _count(codes, walked[quarters == quarter])
    return table.sort_values(["ward_name", "ward_code"], ignore_index=True)


def _count(codes: pd.Series, events: pd.DataFrame) -> pd.Series:
    return codes.map(events["ward_codes"].value_counts()).fillna(0).astype("int64")


def need_words(table: pd.DataFrame) -> str:
    """Say how walks were shared out, without ranking the wards.

    Examples
    --------
    >>> table = pd.DataFrame({"ward_name": ["Ash", "Bow"], "walks": [3, 0],
    ...                       "share_reports": [0.75, 0.25]})
    >>> print(need_words(table))
    3 walks in 12 months, in 1 of 2 wards. 1 ward had none; 25 % of the reports came from there.
    """
    total, without = int(table["walks"].sum()), table[table["walks"].eq(0)]
    walks = "1 walk" if total == 1 else f"{total} walks"
    said = f"{walks} in {MONTHS} months, in {len(table) - len(without)} of {len(table)} wards."
    if without.empty:
        return f"{said} Every ward had one."
    some = "1 ward" if len(without) == 1 else f"{len(without)} wards"
    reported = ""
    if without["share_reports"].notna().any():
        share = 100 * without["share_reports"].sum()
        reported = f"; {share:.0f} % of the reports came from there"
    return f"{said} {some} had none{reported}."
