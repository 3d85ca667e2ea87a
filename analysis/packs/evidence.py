"""What the packs of a borough are made from: frames that have passed the gate for their audience.

One reading of the workspace serves all wards, so that their packs agree with each other. Numbers
about people are protected for all wards together before a ward's rows are taken out of them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from analysis.packs.model import PackAudience
from geodata import months as m


@dataclass(frozen=True)
class Reports:
    """One source's reports, never added up with another's.

    Attributes
    ----------
    source, label : str
        Code and words of the source.
    what : str
        What one counts: 'ASB reports'.
    first, last : str
        Months counted, both included.
    is_open : bool
        Whether anybody may have its numbers as they are.
    by_ward : pandas.DataFrame
        `ward_code`, `count`, `withheld`; `same` (of the months that can be compared with the year
        before) and `before` (of those a year before), each with its `_withheld`.
    by_kind : pandas.DataFrame
        `ward_code`, `label`, `same`, `before`, each with its `_withheld`.
    by_month : pandas.DataFrame
        `ward_code`, `month`, `count` (missing where no file covers it), `is_partial`; empty where
        months may not be shown.
    cells : geopandas.GeoDataFrame
        `hexagon`, `name`, `ward_codes` (of all wards it meets), `ward_shares` (words), `count`,
        `withheld`, hexagons in BNG.
    notes : tuple of str
        Months that are missing, what was withheld.
    compared : str
        Which months `same` and `before` are of, where they are not all of the pack's; '' where
        they are.
    by_hour : pandas.DataFrame
        `ward_code`, `day`, `hour` (the first of four; -1 where no time is known), `count`,
        `withheld`; empty where no report has a time.
    hours_note : str
        How times were counted, or why there are none.
    left_out : str
        Why none of its numbers are in the pack, and what to do; '' where they are.
    """

    source: str
    label: str
    what: str
    first: str
    last: str
    is_open: bool
    by_ward: pd.DataFrame
    by_kind: pd.DataFrame
    by_month: pd.DataFrame
    cells: gpd.GeoDataFrame
    notes: tuple[str, ...] = ()
    compared: str = ""
    by_hour: pd.DataFrame = field(default_factory=pd.DataFrame)
    hours_note: str = ""
    left_out: str = ""

    @property
    def period(self) -> str:
        """The months counted, for people."""
        return f"{m.label(self.first)} to {m.label(self.last)}"


@dataclass(frozen=True)
class Evidence:
    """Everything a pack can say, for all wards.

    Attributes
    ----------
    audience : {'public', 'panel', 'internal'}
        Whom it has passed the gate for.
    first, last : str
        Months of the pack.
    as_at : date
        The day actions are looked at.
    wards : geopandas.GeoDataFrame
        `ward_code`, `ward_name`, `residents` (missing where not known), polygons.
    reports : tuple of Reports
        The first is the one drawn on the map.
    actions, told : pandas.DataFrame
        As `analysis.jobs.actions.action_log`.
    meetings, priorities : pandas.DataFrame
        Records that may leave.
    events : pandas.DataFrame
        `event_id`, `ward_codes`, `type_name`, `status`, `place`, `date`, `when` (words),
        `light_name`, `people`, `withheld`, `named` (what people named most), `liked`.
    said : pandas.DataFrame
        `ward_code`, `place`, `light`, `people`, `withheld`, `unsafe`, `unsafe_withheld`, `named`,
        `positives`.
    said_period : str
        The months of `said`, in words.
    asked : pandas.DataFrame
        `ward_code`, `count`, `withheld`: people and bodies that asked for a walk.
    candidates : pandas.DataFrame
        Places that may come next, by rank: `ward_code`, `rank`, `ranks`, `name`, `reports`, `hot`,
        `people`, `unsafe`, `asking`, `owed` and each with its `_withheld`, `coverage` (evidence
        held, of 100), `why`, `unknown`.
    candidates_note : str
        What to make of the ranking.
    ways : tuple of (str, str)
        How to report: for what, and how.
    least : int
        Smallest number about people that is shown.
    """

    audience: PackAudience
    first: str
    last: str
    as_at: dt.date
    wards: gpd.GeoDataFrame
    reports: tuple[Reports, ...]
    actions: pd.DataFrame
    told: pd.DataFrame
    meetings: pd.DataFrame
    priorities: pd.DataFrame
    events: pd.DataFrame
    said: pd.DataFrame
    said_period: str
    asked: pd.DataFrame
    candidates: pd.DataFrame
    candidates_note: str
    ways: tuple[tuple[str, str], ...] = ()
    least: int = 5

    @property
    def period(self) -> str:
        """The months of the pack, for people."""
        return f"{m.label(self.first)} to {m.label(self.last)}"
