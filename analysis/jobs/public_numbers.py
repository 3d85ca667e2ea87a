"""Numbers of sources that are not open, as anybody may have them: cut in one way only.

By ward, by ward and kind, and by ward and part of the week, over the 12 months that end with a
quarter; the first two also over the 12 months before. Packs, maps and tables all take them from
here, so that no two of them can be subtracted from each other: there is no other month, place or
choice of kinds to subtract.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from analysis.areas import with_rates
from analysis.coverage import MonthCover
from analysis.disclosure import (
    Period,
    Protected,
    Rules,
    Table,
    protect,
    public_year,
    year_before,
)
from analysis.jobs.areas import area_table
from analysis.jobs.pack_week import TIMES, WHEN, when_known
from analysis.jobs.selection import select, selected_incidents
from analysis.tally import inside_rows
from geodata.errors import NotEnoughDataError, SaferWalksError
from geodata.vocabularies import ALL_GROUP, CATEGORY_BY_CODE, SOURCES
from geodata.workspace import Workspace

KEYS = ("month", "ward_code", "category", WHEN)


@dataclass(frozen=True)
class PublicNumbers:
    """What anybody may know of a source that is not open.

    Attributes
    ----------
    source : str
        Its code.
    year : Period
        The 12 months.
    wards, kinds : pandas.DataFrame
        `first`, `last`, `ward_code`, for kinds `category`, `count` (missing where withheld) and
        `withheld`; for the year and, where data cover it, the year before.
    told : pandas.DataFrame
        What they tell, for the register of releases.
    """

    source: str
    year: Period
    wards: pd.DataFrame
    kinds: pd.DataFrame
    told: pd.DataFrame


def public_numbers(
    workspace: Workspace,
    source: str,
    *,
    earlier: pd.DataFrame | None,
    rules: Rules,
    last: str | None = None,
) -> PublicNumbers:
    """Count a source that is not open by whole years, all wards together, small numbers masked.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    source : str
        Code of the source.
    earlier, rules
        Of `analysis.jobs.releases.register`.
    last : str, optional
        The year is the newest that ends with a whole quarter by then; the newest stored month by
        default.

    Raises
    ------
    NotEnoughDataError
        If a month of the year is not stored.
    """
    every = select(workspace, source=source, categories=(ALL_GROUP,))
    columns = ["ward_code", "month", *TIMES]
    rows = inside_rows(selected_incidents(workspace, every, columns))
    asb = rows[rows["category"].isin(select(workspace, source=source).categories)]
    year, periods = whole_years(every.cover, last)
    if not periods:
        stored = every.cover.present
        raise NotEnoughDataError(
            f"Anybody gets {SOURCES[source].lower()} of 12 whole months that end with a quarter, "
            "and these are not all stored",
            got=f"{year.label}, with reports of {stored[0]} to {stored[-1]}",
            todo="bring in the missing months, or choose others",
        )  # fmt: skip
    found = guarded(asb, source, periods, earlier=earlier, rules=rules)
    wards, kinds, _ = found.tables
    return PublicNumbers(source, year, wards, kinds, found.entries)


def whole_years(cover: MonthCover, last: str | None = None) -> tuple[Period, tuple[Period, ...]]:
    """Give the year anybody may have numbers of, and which of it and the one before are stored.

    A month counts as stored when everybody who should has sent it. Filled in later, what is missing
    would be the difference of two releases.

    Parameters
    ----------
    cover : MonthCover
        Of the source, over all that is stored.
    last : str, optional
        The year is the newest that ends with a whole quarter by then.

    Returns
    -------
    tuple
        The year; and the year and the one before, or the year alone, or nothing at all where a
        month of the year itself is missing.

    Examples
    --------
    >>> from geodata import months as m
    >>> cover = MonthCover(tuple(m.span("2024-11", "2026-05")), ())
    >>> year, periods = whole_years(cover)
    >>> year.label, periods == (year,)
    ('April 2025 to March 2026', True)
    >>> whole_years(MonthCover(cover.present, ("2025-09",)))[1]
    ()
    """
    stored = set(cover.present) - set(cover.missing)
    year = public_year(min(last or cover.present[-1], cover.present[-1]))
    if not set(year.months) <= stored:
        return year, ()
    before = year_before(year)
    return year, (year, before) if set(before.months) <= stored else (year,)


def guarded(
    rows: pd.DataFrame,
    source: str,
    periods: Sequence[Period],
    *,
    earlier: pd.DataFrame | None,
    rules: Rules,
) -> Protected:
    """Pass wards, kinds and parts of the week through the gate together, all wards at once.

    Parameters
    ----------
    rows : pandas.DataFrame
        Reports inside the wards, of all months: `month`, `ward_code`, `category`, `TIMES`.
    source : str
        Where they come from.
    periods : sequence of Period
        The year, and the one before where it is covered.
    earlier, rules
        Of `analysis.jobs.releases.register`.

    Returns
    -------
    Protected
        Three tables: by ward; by ward and category; by ward and `WHEN`, for the year alone.
    """
    told = rows.assign(**{WHEN: when_known(rows)}).astype(dict.fromkeys(KEYS, "str"))
    counts = told.groupby(list(KEYS)).size().rename("count").reset_index()
    tables = [
        Table(("ward_code",), tuple(periods)), Table(("ward_code", "category"), tuple(periods)),
        Table(("ward_code", WHEN), tuple(periods[:1])),
    ]  # fmt: skip
    return protect(
        counts, tables, measure=f"{source} reports", sources=[source], rules=rules, earlier=earlier
    )


def public_wards(
    workspace: Workspace, numbers: PublicNumbers, categories: Sequence[str] = ()
) -> gpd.GeoDataFrame:
    """Lay the numbers of the year on the wards.

    Parameters
    ----------
    workspace : Workspace
        Whose wards.
    numbers : PublicNumbers
        From `public_numbers`.
    categories : sequence of str
        None for all anti-social behaviour, or one kind.

    Returns
    -------
    geopandas.GeoDataFrame
        As `analysis.jobs.areas.area_table`, with `withheld`; where that is not '', `count` and what
        is made from it are missing.

    Raises
    ------
    SaferWalksError
        If several kinds, or one that is not published, are asked for.
    """
    chosen = select(workspace, source=numbers.source, categories=categories).categories
    plain = select(workspace, source=numbers.source).categories
    if set(chosen) == set(plain):
        table = numbers.wards
    elif len(chosen) == 1 and chosen[0] in set(numbers.kinds["category"]):
        table = numbers.kinds[numbers.kinds["category"] == chosen[0]]
    else:
        raise SaferWalksError(
            f"Of {SOURCES[numbers.source].lower()} anybody gets all anti-social behaviour, or one "
            "kind of it: from another choice of kinds the rest could be worked out",
            got=", ".join(CATEGORY_BY_CODE[c].label.lower() for c in chosen[:6]),
            todo="choose one kind, or none",
        )  # fmt: skip
    now = table[table["first"] == numbers.year.first].set_index("ward_code")
    areas = area_table(
        workspace, layer="wards", source=numbers.source, categories=categories,
        first=numbers.year.first, last=numbers.year.last,
    )  # fmt: skip
    count = areas["ward_code"].map(now["count"])
    withheld = areas["ward_code"].map(now["withheld"]).fillna("").astype("str")
    # A ward from which nothing ever came has no row, and is 0.
    told = count.mask(withheld.eq("") & count.isna(), 0.0)
    return with_rates(areas.assign(count=told, withheld=withheld), workspace.population())
