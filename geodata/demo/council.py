"""Invented council cases: kinds, places and hours, as a case system would export them.

Unlike police reports they often say when something happened, so they feed the day and hour
charts; one in eight has no place, as in real systems, and some of these say in words where it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geodata.crs import to_lonlat
from geodata.demo.frames import coded, constant, draw
from geodata.demo.patterns import HOURS, WEEKDAYS, daily_level, days_in, last_months, story_levels
from geodata.demo.places import places
from geodata.incidents import TIMEZONE

COUNCIL = "tower-hamlets"
CASES_A_MONTH = 120
NO_LOCATION_SHARE = 0.12
WORDED_SHARE = 0.4
"""Of the cases without a place, those that say in words where it was; the page Repair places lists
them."""

WORDINGS = (
    *("Roman Road", "Commercial Road", "Mile End Road", "Westferry Road"),  # through several wards
    *("Behind the parade of shops", "Car park of the leisure centre", "The towpath by the lock"),
    *("Underpass by the flyover", "Play area on the estate", "Alley beside the chip shop"),
    *("Roof of the bus garage", "Steps down to the river", "Bin store at the back of the flats"),
)
"""Invented; the first are streets too long to be one place."""

_DAY_MINUTES = 24 * 60
_PRECISIONS = ("exact", "hour", "part_of_day", "day")
_PRECISION_SHARES = np.array([0.35, 0.35, 0.08, 0.22])


@dataclass(frozen=True)
class Complaint:
    """One kind of case.

    Attributes
    ----------
    code, words : str
        Category code, and what the council's own list calls it.
    share : float
        Of all cases, in hundredths.
    hours : str
        Which profile of `patterns.HOURS` it follows.
    near : str
        Place it gathers at; '' for wherever people are.
    """

    code: str
    words: str
    share: float
    hours: str
    near: str = ""


COMPLAINTS: tuple[Complaint, ...] = (
    Complaint("noise_domestic", "Noise - music, TV or parties", 14, "night"),
    Complaint("noise_street_commercial", "Noise - pub or club music", 9, "night", "brick-lane"),
    Complaint("rowdy", "Rowdy or inconsiderate behaviour", 10, "evening"),
    Complaint("youth_groups", "Groups causing concern", 7, "evening"),
    Complaint("drug_dealing", "Drug dealing", 11, "evening"),
    Complaint("drug_use", "Drug use, smell or needles", 9, "evening"),
    Complaint("nitrous_oxide", "Nitrous oxide and canisters", 7, "night", "limehouse-station"),
    Complaint("street_drinking", "Street drinking", 6, "evening", "whitechapel-market"),
    Complaint("begging", "Aggressive begging", 3, "day", "whitechapel-station"),
    Complaint("encampment", "Tents or encampment", 2, "day"),
    Complaint("harassment_street", "Verbal abuse or following", 4, "evening", "mile-end-station"),
    Complaint("threatening", "Threats or intimidation", 3, "evening"),
    Complaint("vehicle_nuisance", "Mopeds, car meets, e-scooters", 5, "evening"),
    Complaint("vandalism_graffiti", "Vandalism or graffiti", 3, "day", "brick-lane-market"),
    Complaint("flytipping_litter", "Fly-tipping or dumped waste", 4, "day", "chrisp-street-market"),
    Complaint("fireworks", "Fireworks", 1, "night"),
    Complaint("rough_sleeping_welfare", "Rough sleeping", 2, "day", "aldgate-east-station"),
)  # fmt: skip


def council_cases(
    points: pd.DataFrame, rng: np.random.Generator, *, last_month: str, length: int
) -> pd.DataFrame:
    """Invent the council's cases.

    Parameters
    ----------
    points : pandas.DataFrame
        From `geodata.demo.snap_points.snap_points`: cases lie near them, not on them.
    rng : numpy.random.Generator
        Where chance comes from.
    last_month : str
        YYYY-MM.
    length : int
        Number of months.

    Returns
    -------
    pandas.DataFrame
        Incident table without the columns of the ward join; rows by day.
    """
    window = last_months(last_month, length)
    day, month = _days(rng, window)
    kind = draw(rng, np.array([c.share for c in COMPLAINTS]), len(day))
    start, end, precision = _times(rng, day, kind)
    point = _points(points, rng, kind, month, length)
    return _table(
        points, rng, window, {"month": month, "kind": kind, "point": point},
        (start, end, precision),
    )  # fmt: skip


def _days(rng: np.random.Generator, window: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Draw the day of every case, in order, and the position of its month."""
    lengths = [days_in(month) for month in window]
    month_of_day = np.repeat(np.arange(len(window)), lengths)
    first = np.datetime64(f"{window[0]}-01", "D")
    days = first + np.arange(len(month_of_day))
    weekday = (days.astype("int64") + 3) % 7  # day 0 was a Thursday
    season = np.array([daily_level(month) for month in window])
    weights = season[month_of_day] * np.array(WEEKDAYS)[weekday]
    drawn = np.sort(draw(rng, weights, CASES_A_MONTH * len(window)))
    return days[drawn], month_of_day[drawn]


def _times(
    rng: np.random.Generator, day: np.ndarray, kind: np.ndarray
) -> tuple[pd.Series, pd.Series, np.ndarray]:
    """Give every case the interval in which it happened, and say how well that is known."""
    hour = np.zeros(len(day), dtype="int64")
    for number, complaint in enumerate(COMPLAINTS):
        mine = kind == number
        hour[mine] = draw(rng, np.array(HOURS[complaint.hours]), int(mine.sum()))
    precision = draw(rng, _PRECISION_SHARES, len(day))
    minute = 60 * hour + 5 * (rng.random(len(day)) * 12).astype("int64")
    exact_span = 5 + 5 * (rng.random(len(day)) * 3).astype("int64")
    hour_span = 60 * (1 + (rng.random(len(day)) * 3).astype("int64"))
    choices = [precision == number for number in range(len(_PRECISIONS))]
    start = np.select(choices, [minute, 60 * hour, 360 * (hour // 6), 0 * hour])
    span = np.select(choices, [exact_span, hour_span, 0 * hour + 360, 0 * hour + _DAY_MINUTES])
    starts = _local(day, start)
    # Hours pass at the same speed through a clock change; days and parts of days end by the clock.
    ends = _local(day, start + span).where(
        precision >= 2, starts + pd.Series(span.astype("timedelta64[m]"))
    )
    return starts, ends, precision


def _local(day: np.ndarray, minutes: np.ndarray) -> pd.Series:
    """Read a day and minutes after midnight as London clock time.

    The hour that the spring change skips is moved forward; of the hour that comes twice in
    autumn the second is meant.
    """
    clock = pd.Series(day.astype("datetime64[us]") + minutes.astype("timedelta64[m]"))
    twice = np.zeros(len(clock), dtype=bool)
    return clock.dt.tz_localize(TIMEZONE, ambiguous=twice, nonexistent="shift_forward")


def _points(
    points: pd.DataFrame, rng: np.random.Generator, kind: np.ndarray, month: np.ndarray, length: int
) -> np.ndarray:
    """Choose a snap point for every case, as likely as its kind, its month and its place say."""
    inside = points["inside"].to_numpy()
    usual = np.where(inside, points["pull"].to_numpy() ** 0.7, 0.0)
    usual = usual * (0.3 + rng.random(len(points)) ** 2 * 3)
    at = places().set_index("place_id").geometry
    x, y = points["easting"].to_numpy(), points["northing"].to_numpy()
    year = story_levels(points, length)[::6]  # half-years are fine enough for a few cases
    chosen = np.empty(len(kind), dtype="int64")
    for number, complaint in enumerate(COMPLAINTS):
        weights = usual / usual.sum()
        if complaint.near:
            place = at[f"site-{complaint.near}"]
            away = np.exp(-((x - place.x) ** 2 + (y - place.y) ** 2) / 400**2) * usual
            weights = 0.45 * weights + 0.55 * away / away.sum()
        for step, level in enumerate(year):
            mine = (kind == number) & (month // 6 == step)
            chosen[mine] = draw(rng, weights * level, int(mine.sum()))
    return chosen


def _table(
    points: pd.DataFrame,
    rng: np.random.Generator,
    window: list[str],
    drawn: dict[str, np.ndarray],
    times: tuple[pd.Series, pd.Series, np.ndarray],
) -> pd.DataFrame:
    kind, count = drawn["kind"], len(drawn["kind"])
    geo, place = _place(points, rng, drawn["point"])
    worded = (geo == 2) & (rng.random(count) < WORDED_SHARE)
    named, names = pd.factorize(points["location"].str.removeprefix("On or near "))
    texts = list(dict.fromkeys([*names, *WORDINGS]))
    wording = draw(rng, 1.0 / np.arange(1, len(WORDINGS) + 1), count)
    said = np.array([texts.index(text) for text in WORDINGS])[wording]
    street = named[drawn["point"]]
    return pd.DataFrame(
        {
            "source": constant("council_asb", count),
            "record_level": constant("case", count),
            "force": constant(COUNCIL, count),
            "month": coded(drawn["month"], window),
            "occurred_from": times[0],
            "occurred_to": times[1],
            "time_precision": coded(times[2], _PRECISIONS),
            "date_basis": constant("occurred", count),
            "category": coded(kind, [c.code for c in COMPLAINTS]),
            "source_category": coded(kind, [c.words for c in COMPLAINTS]),
            **place,
            "geo_precision": coded(geo, ["exact", "street", "none"]),
            "location": coded(np.where(worded, said, np.where(geo == 2, -1, street)), texts),
            "lsoa_code": constant("", count),
            "source_ref": pd.Series([f"DEMO-{n:06d}" for n in range(1, count + 1)], dtype="str"),
        }
    )


def _place(
    points: pd.DataFrame, rng: np.random.Generator, point: np.ndarray
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Put cases near their snap points: exact ones up to 25 m off, others at the street's own."""
    exact = (1 - NO_LOCATION_SHARE) * 0.65
    geo = draw(rng, np.array([exact, 1 - NO_LOCATION_SHARE - exact, NO_LOCATION_SHARE]), len(point))
    off = np.where(geo == 0, np.rint(rng.random((2, len(point))) * 50 - 25), 0.0)
    lost = geo == 2
    easting = np.where(lost, np.nan, points["easting"].to_numpy()[point] + off[0])
    northing = np.where(lost, np.nan, points["northing"].to_numpy()[point] + off[1])
    lon, lat = (degrees.round(6) for degrees in to_lonlat(easting, northing))
    return geo, {"lon": lon, "lat": lat, "easting": easting, "northing": northing}
