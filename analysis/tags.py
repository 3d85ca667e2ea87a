"""What a manager should know of a place beside its score: tags, never hidden in the number."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from analysis.concern import FEW, MUCH

RECENT_MONTHS = 6
WARD_MONTHS = 12

RECENT = "visited in the last 6 months: wait"
UNFINISHED = "visited in the last 6 months, with something unfinished"
NEVER_DARK = "never visited in the dark"
QUIET = "few reports, much concern"
EQUITY = "no walk in this ward for 12 months"
LIT = "street lamps near by"
UNLIT = "no street lamp mapped near by"
STEPS = "steps at the meeting point"
STEP_FREE = "reached without steps"

LAMP_M = 150.0
"""A street lamp this close to the middle of a place, in metres, is near by."""

MAPPED_M = 500.0
"""Where no lamp is on the map this far round, in metres, nobody has mapped lamps there."""


def tags(
    scored: pd.DataFrame,
    wards: pd.Series,
    visits: pd.DataFrame,
    owed: pd.Series,
    on: dt.date,
    lamps: pd.Series | None = None,
    step_free: pd.Series | None = None,
) -> pd.Series:
    """Tag places.

    Parameters
    ----------
    scored : pandas.DataFrame
        From `analysis.score.score_locations`: `volume_score`, `concern_score`.
    wards : pandas.Series
        Ward code of every place, on the same index.
    visits : pandas.DataFrame
        Events held: `place`, `ward_codes` (tuple), `on` (date), `light` ('day', 'dusk', 'dark' or
        ''); those after `on` are not looked at. Empty where no records are kept: then no tag
        about visits is given, since nobody wrote down where walks went.
    owed : pandas.Series
        Open actions at every place, on the same index; missing where none are kept.
    on : datetime.date
        The day the score stands for.
    lamps : pandas.Series, optional
        Street lamps near by, on the same index; missing where no lamps have been mapped.
    step_free : pandas.Series, optional
        True, False, or missing where nobody said, on the same index.

    Returns
    -------
    pandas.Series
        Tags of each place in a fixed order, joined by '; '; '' for none.

    Examples
    --------
    >>> scored = pd.DataFrame({"volume_score": [10.0], "concern_score": [90.0]}, index=["a"])
    >>> none = pd.DataFrame(columns=["place", "ward_codes", "on", "light"])
    >>> tags(scored, pd.Series(["W"], ["a"]), none, pd.Series([0.0], ["a"]),
    ...      dt.date(2026, 6, 30)).tolist()
    ['few reports, much concern']
    """
    quiet = scored["concern_score"].ge(MUCH) & scored["volume_score"].le(FEW)
    found = {QUIET: quiet}
    if len(visits):
        found = _of_visits(scored.index, wards, visits, owed, on) | found
    if lamps is not None:
        found |= {LIT: lamps.gt(0), UNLIT: lamps.eq(0)}
    if step_free is not None:
        found |= {STEP_FREE: step_free.eq(True), STEPS: step_free.eq(False)}
    words = pd.DataFrame({tag: hold.map({True: tag, False: ""}) for tag, hold in found.items()})
    joined = ["; ".join(filter(None, row)) for row in words.itertuples(index=False)]
    return pd.Series(joined, scored.index, dtype="str")


def _of_visits(
    places: pd.Index, wards: pd.Series, visits: pd.DataFrame, owed: pd.Series, on: dt.date
) -> dict[str, pd.Series]:
    day = pd.Timestamp(on)
    past = visits[pd.to_datetime(visits["on"]).le(day)]
    lately = past[pd.to_datetime(past["on"]).gt(day - pd.DateOffset(months=RECENT_MONTHS))]
    recent = pd.Series(places.isin(lately["place"].dropna()), places)
    unfinished = owed.reindex(places).fillna(0).gt(0)
    dark = past.loc[past["light"].eq("dark"), "place"].dropna()
    year = past[pd.to_datetime(past["on"]).gt(day - pd.DateOffset(months=WARD_MONTHS))]
    walked = set(year["ward_codes"].explode().dropna())
    return {
        RECENT: recent & ~unfinished,
        UNFINISHED: recent & unfinished,
        NEVER_DARK: ~pd.Series(places.isin(dark), places),
        EQUITY: ~wards.reindex(places).isin(walked),
    }
