"""Invented police reports in the manner of police.uk: a month, a snap point, a type, no hour.

Levels follow public figures for an inner London borough in round numbers: about 900 reports of
ASB and 3,500 of everything a month inside the borough, and some hundreds in the collar.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geodata import months
from geodata.demo.frames import coded, constant, draw, no_times
from geodata.demo.patterns import daily_level, days_in, drift_levels, last_months, story_levels
from geodata.demo.snap_points import station_points
from geodata.vocabularies import CATEGORY_BY_CODE

FORCES: tuple[str, ...] = ("metropolitan", "city-of-london", "btp")
NO_LOCATION_SHARE = 0.015
MISSING_MONTHS_BACK = 7
"""The transport police's file of this many months before the last is missing on purpose: a month
that no file covers must show as missing, not as zero."""

_COLLAR_LEVEL = 0.5
_MEAN_DAYS = 365.25 / 12


@dataclass(frozen=True)
class Kind:
    """How one type of report behaves.

    Attributes
    ----------
    code : str
        Category code.
    monthly : int
        Reports a month inside the borough.
    pull : float
        How strongly busy centres draw it (0 not at all, 1 in proportion).
    season : float
        How much of the season of ASB it shows.
    """

    code: str
    monthly: int
    pull: float
    season: float


ASB = Kind("police_uk_unspecified", 900, 0.0, 1.0)
CRIMES: tuple[Kind, ...] = (
    Kind("violence_sexual_offences", 700, 0.6, 0.3),
    Kind("vehicle_crime", 290, 0.05, 0.0),
    Kind("other_theft", 280, 0.8, 0.1),
    Kind("theft_from_the_person", 270, 1.2, -0.4),
    Kind("public_order", 165, 0.8, 0.5),
    Kind("criminal_damage_arson", 160, 0.4, 0.2),
    Kind("burglary", 155, 0.1, -0.3),
    Kind("shoplifting", 150, 1.0, 0.0),
    Kind("drugs", 130, 0.7, 0.3),
    Kind("bicycle_theft", 100, 0.8, 1.5),
    Kind("robbery", 95, 0.9, -0.4),
    Kind("other_crime", 45, 0.4, 0.0),
    Kind("possession_of_weapons", 12, 0.6, 0.0),
)
_KINDS = (ASB, *CRIMES)

_TRANSPORT: tuple[tuple[str, int], ...] = (
    ("violence_sexual_offences", 22), ("theft_from_the_person", 18), ("public_order", 12),
    ("police_uk_unspecified", 9), ("other_theft", 8), ("bicycle_theft", 5), ("drugs", 3),
    ("robbery", 2),
)  # fmt: skip


def police_reports(
    points: pd.DataFrame, rng: np.random.Generator, *, last_month: str, length: int
) -> dict[str, pd.DataFrame]:
    """Invent the police reports of each force.

    Parameters
    ----------
    points : pandas.DataFrame
        From `geodata.demo.snap_points.snap_points`.
    rng : numpy.random.Generator
        Where chance comes from.
    last_month : str
        YYYY-MM.
    length : int
        Number of months.

    Returns
    -------
    dict of str to pandas.DataFrame
        Force slug to incident table (without the columns of the ward join), rows by month.
        The transport police lack one month.
    """
    window = last_months(last_month, length)
    asb = _asb_rows(points, rng, window)
    crimes = [_crime_rows(points, rng, window, number) for number in range(1, len(_KINDS))]
    month, kind, point = (np.concatenate(parts) for parts in zip(asb, *crimes, strict=True))
    city = _is_city(points, rng)[point]
    rows = {
        "metropolitan": (month[~city], kind[~city], point[~city]),
        "city-of-london": (month[city], kind[city], point[city]),
        "btp": _transport_rows(points, rng, window),
    }
    return {force: _table(force, _by_month(rows[force]), points, window, rng) for force in FORCES}


Rows = tuple[np.ndarray, np.ndarray, np.ndarray]  # month, kind, point: positions in their lists


def _monthly_total(kind: Kind, month: str, rng: np.random.Generator) -> int:
    level = 1 + kind.season * (daily_level(month) - 1)
    wobble = 1 + 0.08 * (rng.random() - 0.5)
    return round(kind.monthly * days_in(month) / _MEAN_DAYS * level * wobble)


def _asb_rows(points: pd.DataFrame, rng: np.random.Generator, window: list[str]) -> Rows:
    inside = points["inside"].to_numpy()
    levels = story_levels(points, len(window))
    levels *= drift_levels(rng, points["block"].to_numpy(), len(window))
    weights = levels * np.where(inside, points["asb"], points["asb"] * _COLLAR_LEVEL)
    totals = [_monthly_total(ASB, month, rng) for month in window]
    drawn = [
        draw(rng, row, round(total * row.sum() / row[inside].sum()))
        for total, row in zip(totals, weights, strict=True)
    ]
    month = np.repeat(np.arange(len(window)), [len(d) for d in drawn])
    return month, np.zeros(len(month), dtype="int64"), np.concatenate(drawn)


def _crime_rows(
    points: pd.DataFrame, rng: np.random.Generator, window: list[str], number: int
) -> Rows:
    kind = _KINDS[number]
    inside = points["inside"].to_numpy()
    own = 0.2 + rng.random(len(points)) ** 4 * 4  # some points see a type often, most hardly ever
    weights = points["pull"].to_numpy() ** kind.pull * own * _suits(points, kind)
    weights = np.where(inside, weights, weights * _COLLAR_LEVEL)
    share_inside = weights[inside].sum() / weights.sum()
    totals = [round(_monthly_total(kind, month, rng) / share_inside) for month in window]
    month = np.repeat(np.arange(len(window)), totals)
    return month, np.full(len(month), number), draw(rng, weights, len(month))


def _suits(points: pd.DataFrame, kind: Kind) -> np.ndarray:
    """Raise the places a type belongs to: shops for shoplifting, car parks for vehicle crime."""
    at = {"shoplifting": ["Supermarket", "Shopping Area"], "vehicle_crime": ["Parking Area"]}
    strength = {"shoplifting": 60.0, "vehicle_crime": 5.0}.get(kind.code, 1.0)
    return np.where(points["kind"].isin(at.get(kind.code, [])), strength, 1.0)


def _is_city(points: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Say which points the City of London police record: over the edge, and a few on our side."""
    edge = (points["easting"] < 533_750) & points["northing"].between(180_900, 182_000)
    a_few = edge.to_numpy() & (rng.random(len(points)) < 0.2)
    return points["city"].to_numpy() | a_few


def _transport_rows(points: pd.DataFrame, rng: np.random.Generator, window: list[str]) -> Rows:
    stations = station_points(points)
    codes = [k.code for k in _KINDS]
    kinds = np.array([codes.index(code) for code, _ in _TRANSPORT])
    monthly = np.array([count for _, count in _TRANSPORT], dtype="float64")
    missing = months.shift(window[-1], -MISSING_MONTHS_BACK)
    totals = [
        0 if month == missing else round(monthly.sum() * (0.85 + 0.3 * rng.random()))
        for month in window
    ]
    month = np.repeat(np.arange(len(window)), totals)
    at = draw(rng, stations["pull"].to_numpy(), len(month))
    return month, kinds[draw(rng, monthly, len(month))], stations.index.to_numpy()[at]


def _by_month(rows: Rows) -> Rows:
    month, kind, point = rows
    order = np.argsort(month, kind="stable")
    return month[order], kind[order], point[order]


def _table(
    force: str, rows: Rows, points: pd.DataFrame, window: list[str], rng: np.random.Generator
) -> pd.DataFrame:
    month, kind, point = rows
    count = len(month)
    lost = rng.random(count) < NO_LOCATION_SHARE
    named, locations = pd.factorize(points["location"])
    place = {
        name: np.where(lost, np.nan, points[name].to_numpy()[point])
        for name in ("lon", "lat", "easting", "northing")
    }
    codes = [k.code for k in _KINDS]
    return pd.DataFrame(
        {
            "source": constant("police_uk", count),
            "record_level": constant("incident", count),
            "force": constant(force, count),
            "month": coded(month, window),
            "occurred_from": no_times(count),
            "occurred_to": no_times(count),
            "time_precision": constant("month", count),
            "date_basis": constant("recorded", count),
            "category": coded(kind, codes),
            "source_category": coded(kind, [CATEGORY_BY_CODE[c].police_uk for c in codes]),
            **place,
            "geo_precision": coded(lost.astype("int8"), ["snap_point", "none"]),
            "location": coded(
                np.where(lost, len(locations), named[point]), [*locations, "No Location"]
            ),
            "lsoa_code": constant("", count),
            "source_ref": pd.Series(None, index=range(count), dtype="str"),
        }
    )
