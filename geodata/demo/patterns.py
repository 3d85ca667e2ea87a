"""When and where the invented reports rise and fall: seasons, days, hours and four stories."""

from __future__ import annotations

import calendar
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geodata import months
from geodata.demo.places import places

SEASON: tuple[float, ...] = (
    *(0.87, 0.94, 1.01, 1.125, 1.065, 1.04),
    *(1.09, 1.165, 0.975, 0.99, 0.86, 0.73),
)
"""ASB a day against the mean of the year, January to December: about what two forces' police.uk
files of 2022 show."""

WEEKDAYS: tuple[float, ...] = (0.85, 0.85, 0.9, 1.0, 1.3, 1.35, 1.05)
"""Council cases a day against the mean, Monday to Sunday."""

HOURS: dict[str, tuple[int, ...]] = {
    "day": (1, 1, 1, 1, 1, 2, 4, 6, 8, 9, 9, 9, 9, 9, 9, 9, 9, 8, 6, 5, 4, 3, 2, 1),
    "evening": (3, 2, 1, 1, 1, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 8, 9, 10, 11, 12, 12, 11, 8, 5),
    "night": (9, 8, 6, 4, 2, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 4, 5, 7, 8, 10, 12, 13, 12),
}
"""How often a kind of case starts in each hour of the day, 0 to 23."""


@dataclass(frozen=True)
class Story:
    """A place where ASB changes over the months.

    Attributes
    ----------
    place_id : str
        Where.
    reach_m : float
        How far it reaches: at this distance 37 % of the change is left.
    before, after : float
        The level at the start and in the last month, against the place's own mean.
    starts : int
        How many months before the end the change begins; it is then a straight line.
    """

    place_id: str
    reach_m: float
    before: float
    after: float
    starts: int


STORIES: tuple[Story, ...] = (
    Story("site-limehouse-station", 320, 0.8, 2.3, 18),
    Story("site-langdon-park-station", 260, 0.7, 2.0, 12),
    Story("site-watney-market", 280, 1.7, 0.45, 24),
    Story("site-weavers-fields", 240, 1.3, 0.75, 30),
)
"""Two places get worse, two get better; the others stay what they are."""


def daily_level(month: str) -> float:
    """Look up the season of a month: reports a day against the mean of the year."""
    return SEASON[int(month[5:7]) - 1]


def days_in(month: str) -> int:
    """Count the days of a month.

    Examples
    --------
    >>> days_in("2024-02")
    29
    """
    return calendar.monthrange(int(month[:4]), int(month[5:7]))[1]


def story_levels(points: pd.DataFrame, length: int) -> np.ndarray:
    """Work out how the stories change each point, month by month.

    Parameters
    ----------
    points : pandas.DataFrame
        `easting`, `northing` in BNG metres.
    length : int
        Number of months.

    Returns
    -------
    numpy.ndarray
        One row a month, one column a point; 1 where nothing changes.
    """
    at = places().set_index("place_id").geometry
    x, y = points["easting"].to_numpy(), points["northing"].to_numpy()
    to_end = np.arange(length - 1, -1, -1)
    levels = np.ones((length, len(points)))
    for story in STORIES:
        squared = (x - at[story.place_id].x) ** 2 + (y - at[story.place_id].y) ** 2
        along = np.clip(1 - to_end / story.starts, 0, 1)
        change = story.before + (story.after - story.before) * along - 1
        levels *= 1 + change[:, None] * np.exp(-squared / story.reach_m**2)[None, :]
    return levels


def drift_levels(rng: np.random.Generator, blocks: np.ndarray, length: int) -> np.ndarray:
    """Let every block of points drift slowly by up to a quarter, each in its own rhythm.

    Returns
    -------
    numpy.ndarray
        One row a month, one column a point.
    """
    which, block_of = np.unique(blocks, return_inverse=True)
    period = 30 + 30 * rng.random(len(which))
    phase = rng.random(len(which))
    month = np.arange(length)[:, None]
    return (1 + 0.25 * np.sin(2 * np.pi * (month / period + phase)))[:, block_of]


def last_months(last_month: str, length: int) -> list[str]:
    """List the demo's months, checked; the last one is `last_month`."""
    if not months.is_month(last_month):
        raise ValueError(f"a month is written YYYY-MM, not {last_month!r}")
    return months.window(last_month, length)
