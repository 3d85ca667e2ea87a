"""When in the week and the day: reports by weekday and hour, by daylight, and what dark adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.aoristic import Spread
from analysis.daylight import LIGHTS, DarkEffect, dark_effect_by_hour
from analysis.jobs.ground import ground_of
from analysis.jobs.selection import Selection, select
from analysis.jobs.times import Times, selected_times
from geodata import months as m
from geodata.errors import NotEnoughDataError
from geodata.vocabularies import SOURCES
from geodata.workspace import Workspace

SEED = 20_260_430
YEAR = 12

POLICE_NOTE = (
    "Police.uk publishes the month of a report and nothing finer, so no day, hour or light can be "
    "told from it, and none is made up."
)
HELP_NOTE = (
    "What helps: an export of council cases, noise complaints, patrol logs or police call records "
    "with the date and time of each, brought in on the Data page. From and to times are best."
)


@dataclass(frozen=True)
class Hours:
    """When reports were of.

    Attributes
    ----------
    hours, blocks : Spread
        Weekdays by 24 hours, and by 6 blocks of four hours.
    weekdays : Spread
        Weekdays; reports known only by their day count too.
    light : pandas.DataFrame
        `light` ('day', 'twilight', 'dark'), `label`, `count`, `share` (0-1), of reports precise to
        the hour.
    light_left_out : dict of str to int
        Reports that are not, by reason.
    dark : DarkEffect or None
        Dark against daylight at the same hours of the clock, over whole years.
    dark_note : str
        Over which months, or why there is none.
    note : str
        Why there is nothing at all and what would help; '' where there is something.
    selection : Selection
        What was counted.
    """

    hours: Spread
    blocks: Spread
    weekdays: Spread
    light: pd.DataFrame
    light_left_out: dict[str, int]
    dark: DarkEffect | None
    dark_note: str
    note: str
    selection: Selection

    def table(self) -> pd.DataFrame:
        """Lay the days and hours under one another: `weekday`, `hour`, `reports` (weights)."""
        wide = self.hours.table.rename_axis(index="weekday", columns="hour")
        return pd.Series(wide.stack(), name="reports").reset_index()

    def to_json(self) -> dict[str, Any]:
        """Keys for the command line."""
        return {
            "message": self.note or self.hours.sentence(),
            "used": self.hours.used,
            "left_out": dict(self.hours.left_out),
            "weekdays": self.weekdays.table["reports"].round(3).to_dict(),
            "light": dict(zip(self.light["light"], self.light["count"].tolist(), strict=True)),
            "dark": self.dark.sentence() if self.dark else "",
            "dark_odds_ratio": self.dark.odds_ratio if self.dark else None,
            "dark_interval": [self.dark.low, self.dark.high] if self.dark else None,
            "dark_note": self.dark_note,
            **self.selection.to_json(),
        }


def hours(
    workspace: Workspace,
    *,
    categories: Sequence[str] = (),
    source: str | None = None,
    first: str | None = None,
    last: str | None = None,
    ward: str = "",
    seed: int = SEED,
) -> Hours:
    """Spread reports over the week, the day and the light, as far as their times allow.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    categories, source, first, last
        As `analysis.jobs.selection.select`.
    ward : str, optional
        Code of one ward; all by default.
    seed : int
        Seed of the interval of the dark effect.

    Returns
    -------
    Hours
        Reports inside the wards. What has no usable time is counted by reason.

    Raises
    ------
    NotEnoughDataError
        If nothing is stored for what was asked.
    """
    chosen = select(workspace, source=source, categories=categories, first=first, last=last)
    times = selected_times(workspace, chosen, ward)
    spread = times.hours()
    dark, dark_note = _dark(times, chosen, ground_of(workspace).middle, seed)
    return Hours(
        spread, times.hours(block=4), times.weekdays(), _light(times), times.left_out("light"),
        dark, dark_note, _note(chosen, spread), chosen,
    )  # fmt: skip


LIGHT_WORDS = {"day": "Daylight", "twilight": "Twilight", "dark": "Dark"}


def _light(times: Times) -> pd.DataFrame:
    counted = times.light()
    total = max(int(counted.sum()), 1)
    return pd.DataFrame(
        {
            "light": list(LIGHTS), "label": [LIGHT_WORDS[each] for each in LIGHTS],
            "count": counted.to_numpy(), "share": counted.to_numpy() / total,
        }
    )  # fmt: skip


def _dark(
    times: Times, chosen: Selection, middle: tuple[float, float], seed: int
) -> tuple[DarkEffect | None, str]:
    """Compare dark with light over the whole years that the months cover without a gap."""
    months = _whole_years(chosen)
    if not months:
        return None, (
            "What darkness adds can only be told from whole years of reports with hours: choose 12 "
            "months or more, without a missing one."
        )
    first, last = pd.Period(months[0]).start_time.date(), pd.Period(months[-1]).end_time.date()
    lat, lon = middle
    try:
        found = dark_effect_by_hour(
            times.by_day(first, last), first, last, lat=lat, lon=lon, seed=seed
        )
    except NotEnoughDataError as error:
        return None, str(error)
    return found, f"From {m.label(months[0])} to {m.label(months[-1])}."


def _whole_years(chosen: Selection) -> list[str]:
    run: list[str] = []
    for month in reversed(m.span(chosen.first, chosen.last)):
        if month not in chosen.cover.present:
            break
        run.insert(0, month)
    years = len(run) // YEAR
    return run[-years * YEAR :] if years else []


def _note(chosen: Selection, spread: Spread) -> str:
    if spread.used:
        return ""
    why = (
        POLICE_NOTE
        if chosen.source == "police_uk"
        else f"{SOURCES[chosen.source]} of these months carry no time of day. {spread.sentence()}"
    )
    return f"{why} {HELP_NOTE}"
