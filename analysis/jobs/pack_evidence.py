"""Read a workspace once for the packs of all its wards, through the gate of their audience."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from osbng.indexing import xy_to_bng

from analysis.actions import said_and_done
from analysis.coverage import compared_months
from analysis.disclosure import (
    OPEN_SOURCES,
    Period,
    Rules,
    Table,
    protect,
    public_year,
    record_columns,
    reports_alone,
    settled_counts,
    year_before,
)
from analysis.disclosure.gate import WITHHELD
from analysis.disclosure.routes import RESTRICTED_TYPES, route_is_restricted
from analysis.jobs.actions import action_log
from analysis.jobs.areas import area_table
from analysis.jobs.events import programme
from analysis.jobs.hours import POLICE_NOTE
from analysis.jobs.overview import comparable_months, source_table
from analysis.jobs.pack_answers import PLACE, answer_counts, most_named, naming_counts
from analysis.jobs.pack_week import (
    CERTAIN_ONLY,
    NO_TIMES,
    SHARED_OUT,
    TIMES,
    nothing,
    shown_weeks,
    spread_weeks,
)
from analysis.jobs.public_numbers import guarded, whole_years
from analysis.jobs.score import score
from analysis.jobs.selection import Selection, select, selected_incidents
from analysis.jobs.voices import Located, records_of
from analysis.packs.evidence import Evidence, Reports
from analysis.packs.model import SEEN_BY, PackAudience
from analysis.tally import inside_rows, monthly_matrix
from geodata import months as m
from geodata.breaks import national_breaks, own_breaks
from geodata.errors import NotEnoughDataError
from geodata.hexagons import DEFAULT_SIDE, ward_shares
from geodata.records.kinds import kind_of
from geodata.records.vocabularies import LIGHTS, PRIORITY_STATUSES
from geodata.reporting import ways
from geodata.vocabularies import ALL_GROUP, CATEGORY_BY_CODE, SOURCES
from geodata.workspace import Workspace

SIDE = DEFAULT_SIDE
"""One hexagon size for everything that leaves."""

SUGGESTS: frozenset[PackAudience] = frozenset({"panel", "internal"})
"""Whose packs say what could be next."""

FEW = dict(zip(range(5, 11), ("five", "six", "seven", "eight", "nine", "ten"), strict=True))
"""People who must have named a thing before it is told what a walk named most, in words."""


UNRANKED = (
    "No place is ranked: only reports that are open to anybody rank places outside the council, "
    "and none are stored."
)
FIXED = (
    "Once published, the numbers of a quarter stay as they are: what comes in or is corrected "
    "later is not in them, so that nobody can be picked out by comparing two packs."
)
MOVED = "What is stored of these months has changed by more than a tenth since they were published."
MUCH = 0.1
NOT_TOLD = "not told"
ANSWERS = "walk answers"
"""What answers at places are called in the register."""
LISTED = 4
"""Missing months that are named."""

NO_MONTHS = pd.DataFrame(columns=["ward_code", "month", "count", "is_partial"])


@dataclass(frozen=True)
class Reading:
    """What is read, for whom, and how."""

    workspace: Workspace
    audience: PackAudience
    first: str
    last: str
    as_at: dt.date
    earlier: pd.DataFrame | None = None
    rules: Rules = Rules()  # noqa: RUF009 - frozen
    unfinished: bool = False
    """Whether a quarter that is not over yet may be counted: for the sheet of one walk."""

    @property
    def shielded(self) -> bool:
        """Whether small numbers about people must be masked."""
        return reports_alone(SEEN_BY[self.audience])

    @property
    def window(self) -> list[str]:
        """The months of the packs."""
        return m.span(self.first, self.last)

    @property
    def year(self) -> Period:
        """The months over which numbers about people are counted."""
        if not self.shielded:
            return Period(self.first, self.last)
        # What is still to be said in a quarter would be the difference of two packs.
        over = m.shift(f"{self.as_at:%Y-%m}", -1)
        return public_year(self.last if self.unfinished else min(self.last, over))


def settle_months(workspace: Workspace, first: str | None, last: str | None) -> tuple[str, str]:
    """Give the months of a pack: by default the last 12 that are stored.

    Raises
    ------
    NotEnoughDataError
        If nothing is stored there.
    """
    stored = select(workspace).cover.present
    end = last or stored[-1]
    start = first or m.shift(end, -11)
    if not [month for month in stored if start <= month <= end]:
        raise NotEnoughDataError(
            f"No reports are stored for {start} to {end}",
            got=f"months {stored[0]} to {stored[-1]}", todo="choose months within these",
        )  # fmt: skip
    return start, end


def read_evidence(reading: Reading) -> tuple[Evidence, pd.DataFrame]:
    """Read everything the packs of all wards are made from.

    Returns
    -------
    Evidence
        Passed through the gate.
    pandas.DataFrame
        What the numbers about people tell, for the register of releases.
    """
    entries: list[pd.DataFrame] = []
    workspace = reading.workspace
    reports = tuple(_reports(reading, source, entries) for source in _sources(workspace))
    log = action_log(workspace, reading.as_at)
    said = Said(reading, entries)
    records = {k: _records(reading, k) for k in ("meetings", "priorities")}
    ranked, note = _ranked(reading, reports[0].source)
    statuses = records["priorities"]["status"].map(PRIORITY_STATUSES).astype("str")
    agreed = _agreed(reading, log.actions, said.programme)
    actions = _listed(reading, "actions", agreed)
    residents = workspace.population()[["ward_code", "residents"]]
    wards = workspace.wards().merge(residents, on="ward_code", how="left")
    evidence = Evidence(
        reading.audience, reading.first, reading.last, reading.as_at, wards, reports,
        actions, said_and_done(agreed, reading.as_at), records["meetings"],
        records["priorities"].assign(status_name=statuses), said.events(), said.places(),
        reading.year.label, said.asked(),
        _beside(ranked, reports[0], said, agreed), note, _ways(workspace),
        reading.rules.threshold,
    )  # fmt: skip
    told = pd.concat(entries, ignore_index=True) if entries else pd.DataFrame()
    return evidence, told


def _sources(workspace: Workspace) -> list[str]:
    """List the sources with reports, the open one first."""
    stored = list(dict.fromkeys(source_table(workspace)["source"]))
    first = select(workspace).source
    return [first, *(s for s in stored if s != first)]


def _agreed(reading: Reading, actions: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Leave out what came of Walk and Talks, unless for internal readers."""
    if not reading.shielded:
        return actions
    talks = events.loc[events["event_type"].isin(RESTRICTED_TYPES), "event_id"]
    hidden = actions["origin"].isin(RESTRICTED_TYPES) | actions["event_id"].isin(talks)
    return actions[~hidden]


def _listed(reading: Reading, kind: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Keep the columns that may leave, and what was worked out from them."""
    fields = kind_of(kind).fields
    kept = record_columns(
        kind, {name: about.seen for name, about in fields.items()}, SEEN_BY[reading.audience]
    )
    return frame[[c for c in frame.columns if c in kept or c not in fields]]


def _records(reading: Reading, kind: str) -> pd.DataFrame:
    records = records_of(reading.workspace)
    if records is None:
        names = [*kind_of(kind).fields]
        return pd.DataFrame({name: pd.Series(dtype=object) for name in names})
    return _listed(reading, kind, records.frame(kind))


def _ways(workspace: Workspace) -> tuple[tuple[str, str], ...]:
    listed = ways(workspace.path)
    return tuple((way.name, way.how) for part in ("route", "support") for way in listed[part])


# Reports


def _reports(reading: Reading, source: str, entries: list[pd.DataFrame]) -> Reports:
    if source in OPEN_SOURCES or not reading.shielded:
        return _plain_reports(reading, source)
    return _shielded_reports(reading, source, entries)


def _rows(reading: Reading, source: str) -> tuple[Selection, pd.DataFrame]:
    """Read the rows of a source, all kinds, inside the wards."""
    every = select(reading.workspace, source=source, categories=(ALL_GROUP,))
    times = [] if source == "police_uk" else TIMES
    columns = ["ward_code", "month", "easting", "northing", *times]
    return every, inside_rows(selected_incidents(reading.workspace, every, columns))


def _plain_reports(reading: Reading, source: str) -> Reports:
    chosen = select(reading.workspace, source=source)
    _, rows = _rows(reading, source)
    asb = rows[rows["category"].isin(chosen.categories)]
    months = [x for x in reading.window if x in chosen.cover.present]
    same = list(comparable_months(chosen, months))
    codes = list(reading.workspace.wards()["ward_code"])
    matrix = monthly_matrix(asb["ward_code"], asb["month"], chosen.cover.present)
    matrix = matrix.reindex(codes, fill_value=0)
    by_ward = pd.DataFrame({"ward_code": codes, "count": matrix[months].sum(axis=1).to_numpy()})
    by_ward["same"] = matrix[same].sum(axis=1).to_numpy() if same else np.nan
    by_ward["before"] = matrix[compared_months(same)].sum(axis=1).to_numpy() if same else np.nan
    by_hour, note = _weeks(source, asb[asb["month"].isin(months)], codes)
    return Reports(
        source, SOURCES[source], chosen.what, reading.first, reading.last, source in OPEN_SOURCES,
        by_ward.assign(withheld="", same_withheld="", before_withheld=""),
        _kinds(rows, codes, same or months, compared_months(same)),
        _monthly(matrix, chosen, reading), _cells(reading, source),
        (*_gaps(months, same, reading), *_breaks(chosen, reading)), _compared(months, same),
        by_hour, note,
    )  # fmt: skip


def _weeks(source: str, rows: pd.DataFrame, codes: Sequence[str]) -> tuple[pd.DataFrame, str]:
    """Spread reports over the week, and say how, or why they cannot be."""
    if source == "police_uk":
        return nothing(), POLICE_NOTE
    found = spread_weeks(rows, codes)
    return found, SHARED_OUT if len(found) else NO_TIMES


def _breaks(chosen: Selection, reading: Reading) -> tuple[str, ...]:
    """Name what changed within the months drawn, so that counts before and after do not compare."""
    first = m.shift(reading.first, -12)
    known = {*national_breaks(), *own_breaks(reading.workspace.path)}
    return tuple(
        f"Changed in {m.label(each.month)}: {each.label}"
        for each in sorted(known, key=lambda one: (one.month, one.label))
        if first < each.month <= reading.last and each.touches(chosen.source, chosen.categories)
    )


def _compared(months: list[str], same: list[str]) -> str:
    """Name the months that have a year before, where those are not all: "11 months ..."."""
    if not same or len(same) == len(months):
        return ""
    many = "month that" if len(same) == 1 else "months that"
    return f"the {len(same)} {many} can be compared"


def _kinds(
    rows: pd.DataFrame, codes: Sequence[str], months: Sequence[str], before: Sequence[str]
) -> pd.DataFrame:
    met = sorted(rows["category"].astype(str).unique())
    every = pd.MultiIndex.from_product([codes, met], names=["ward_code", "category"])
    keys = [rows["ward_code"].astype(str), rows["category"].astype(str)]
    now, then = (
        rows["month"].isin(list(span)).groupby(keys).sum().reindex(every, fill_value=0)
        for span in (months, before)
    )
    table = pd.DataFrame({"same": now, "before": then if before else np.nan}).reset_index()
    labels = table["category"].map(lambda c: CATEGORY_BY_CODE[c].label)
    return table.assign(label=labels, same_withheld="", before_withheld="")


def _monthly(matrix: pd.DataFrame, chosen: Selection, reading: Reading) -> pd.DataFrame:
    """Lay the months of the packs and the year before under one another, gaps as gaps."""
    months = m.span(m.shift(reading.first, -12), reading.last)
    wide = matrix.reindex(columns=months).astype("float64")
    long = pd.Series(wide.stack(future_stack=True), name="count").reset_index()
    long.columns = pd.Index(["ward_code", "month", "count"])
    return long.assign(is_partial=long["month"].isin(chosen.cover.partial))


def _cells(reading: Reading, source: str) -> gpd.GeoDataFrame:
    areas = area_table(
        reading.workspace, layer="hotspots", first=reading.first, last=reading.last,
        side=SIDE, source=source,
    )  # fmt: skip
    return _with_wards(reading, areas.rename(columns={"area_id": "hexagon"}).assign(withheld=""))


def _with_wards(reading: Reading, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shares = ward_shares(reading.workspace.wards(), SIDE)
    shares = shares[shares["share"] > 0.01]
    meets = shares.groupby("hexagon")["ward_code"].agg(tuple)
    columns = ["hexagon", "name", "ward_codes", "ward_shares", "count", "withheld", "geometry"]
    codes = areas["hexagon"].astype(str).map(meets)
    codes = codes.map(lambda found: found if isinstance(found, tuple) else ())
    middles = areas.geometry.centroid
    names = _told_apart(areas["name"], middles.x, middles.y)
    return areas.assign(ward_codes=codes, name=names)[columns].reset_index(drop=True)


def _told_apart(names: pd.Series, eastings: pd.Series, northings: pd.Series) -> list[str]:
    """Add the grid reference to names that several places share."""
    many = names.duplicated(keep=False)
    return [
        f"{name} ({xy_to_bng(x, y, 100).bng_ref_formatted})" if twice else str(name)
        for name, x, y, twice in zip(names, eastings, northings, many, strict=True)
    ]


def _gaps(months: list[str], same: list[str], reading: Reading) -> tuple[str, ...]:
    notes = []
    absent = [m.label(x) for x in reading.window if x not in months]
    if absent:
        notes.append(f"No file covers {', '.join(absent)}.")
    left = [m.label(x) for x in months if x not in same]
    if same and left:
        notes.append(
            f"Comparisons with the year before leave out {', '.join(left)}: a file is missing for "
            "that month or for the one a year before."
        )
    return tuple(notes)


def _shielded_reports(reading: Reading, source: str, entries: list[pd.DataFrame]) -> Reports:
    """Count a source that is not open by whole years, all wards together, small numbers masked."""
    chosen, rows = _rows(reading, source)
    counted = select(reading.workspace, source=source)
    asb = rows[rows["category"].isin(counted.categories)]
    codes = list(reading.workspace.wards()["ward_code"])
    year, periods = whole_years(chosen.cover, reading.last)
    if not periods:
        return _left_out(reading, counted, year, codes)
    found = guarded(asb, source, periods, earlier=reading.earlier, rules=reading.rules)
    entries.append(found.entries)
    wards, kinds = (_side_by_side(table, year) for table in found.tables[:2])
    kinds = kinds.assign(label=kinds["category"].map(lambda c: CATEGORY_BY_CODE[c].label))
    by_hour = shown_weeks(found.tables[2], codes)
    return Reports(
        source, SOURCES[source], counted.what, year.first, year.last, False,
        _filled(_every_ward(wards, codes, compared=len(periods) > 1)), _filled(kinds),
        NO_MONTHS, _no_cells(reading),
        (FIXED, *([MOVED] if found.moved > MUCH else []), *_breaks(counted, reading)), "", by_hour,
        CERTAIN_ONLY if len(by_hour) else NO_TIMES,
    )  # fmt: skip


def _left_out(reading: Reading, counted: Selection, year: Period, codes: Sequence[str]) -> Reports:
    """Give none of a source's numbers where months are to come: two packs would tell them."""
    whole = set(counted.cover.present) - set(counted.cover.missing)
    absent = [m.label(month) for month in year.months if month not in whole]
    listed = ", ".join(absent[:LISTED]) + (" and others" if len(absent) > LISTED else "")
    why = (
        f"No numbers in this pack. They are given for 12 whole months, {year.label}, and of these "
        f"{listed} {'is' if len(absent) == 1 else 'are'} not all stored. Filled in later, two "
        "packs side by side would tell the small numbers of those months. What to do: bring in the "
        "missing months and make the pack again, or choose months that end earlier."
    )
    empty = pd.DataFrame({"ward_code": codes, "withheld": NOT_TOLD, "count": np.nan})
    by_ward = empty.assign(
        same=np.nan, before=np.nan, same_withheld=NOT_TOLD, before_withheld=NOT_TOLD
    )
    return Reports(
        counted.source, SOURCES[counted.source], counted.what, year.first, year.last, False,
        by_ward, by_ward.head(0).assign(label=""), NO_MONTHS, _no_cells(reading),
        by_hour=nothing(), left_out=why,
    )  # fmt: skip


def _no_cells(reading: Reading) -> gpd.GeoDataFrame:
    names = ("hexagon", "name", "ward_codes", "ward_shares", "count", "withheld")
    crs = reading.workspace.wards().crs
    return gpd.GeoDataFrame({name: [] for name in names}, geometry=[], crs=crs)


def _every_ward(wards: pd.DataFrame, codes: Sequence[str], *, compared: bool) -> pd.DataFrame:
    """Add the wards from which no report ever came: none is 0, not unknown."""
    whole = wards.set_index("ward_code").reindex(list(codes))
    absent = ~whole.index.isin(wards["ward_code"])
    numbers = ["count", "same", *(["before"] if compared else [])]
    whole.loc[absent, numbers] = 0.0
    return whole.reset_index()


def _side_by_side(table: pd.DataFrame, year: Period) -> pd.DataFrame:
    """Put the numbers of a year and of the one before into one row."""
    keys = [c for c in table.columns if c in ("ward_code", "category")]
    now, then = (
        table[table["first"] == period.first][[*keys, "count", "withheld"]]
        for period in (year, year_before(year))
    )
    then = then.rename(columns={"count": "before", "withheld": "before_withheld"})
    both = now.merge(then, on=keys, how="left")
    return both.assign(same=both["count"], same_withheld=both["withheld"])


def _filled(table: pd.DataFrame) -> pd.DataFrame:
    held = [c for c in table.columns if str(c).endswith("withheld")]
    return table.assign(**{c: _words(table[c]) for c in held})


# What people said


class Said:
    """What people said on walks in the months of the packs."""

    def __init__(self, reading: Reading, entries: list[pd.DataFrame]) -> None:
        self.reading, self.entries = reading, entries
        self.programme = programme(reading.workspace)
        self.records = records_of(reading.workspace)
        months = set(reading.year.months)
        said = self._frame("responses")
        said = said.assign(month=_months(said["said_on"])) if len(said) else said
        # Numbers are checked with earlier releases, so all months are counted, and one year shown.
        self.every = said
        self.responses = said[said["month"].isin(months)] if len(said) else said
        self.held: pd.DataFrame | None = None
        self.at_places = said.head(0)
        self.counted = pd.DataFrame()
        self.shown: list[pd.DataFrame] | None = None

    def _frame(self, kind: str) -> pd.DataFrame:
        if self.records is None:
            return pd.DataFrame({name: pd.Series(dtype=object) for name in kind_of(kind).fields})
        return self.records.frame(kind)

    def events(self) -> pd.DataFrame:
        """List the events as the audience may see them."""
        shown = self.programme
        if self.reading.shielded:
            shown = shown[~shown["event_type"].isin(RESTRICTED_TYPES)]
        people = self._people()
        known = people[people["withheld"].eq("")]
        told = known[known["people"] >= self._least_named()]["event_id"]
        named, liked = (self._named("event_id", c, told) for c in ("issues", "positives"))
        return pd.DataFrame(
            {
                "event_id": shown["event_id"], "ward_codes": shown["ward_codes"],
                "type_name": shown["type_name"], "status": shown["status"],
                "place": [_place(row) for row in shown.to_dict("records")],
                "date": shown["date"],
                "when": [_when(row, self.reading) for row in shown.to_dict("records")],
                "light_name": _words(shown["light"].map(LIGHTS), "not known"),
            }
        ).merge(people, on="event_id", how="left").assign(
            withheld=lambda f: _words(f["withheld"]),
            named=lambda f: f["event_id"].map(named), liked=lambda f: f["event_id"].map(liked),
        )  # fmt: skip

    def _people(self) -> pd.DataFrame:
        if self.responses.empty:
            return _nobody("event_id", "people")
        given = self.every.astype({"event_id": "str"})
        walks = set(self.programme["event_id"])
        if self.reading.shielded:
            women = self.programme["event_type"].isin(RESTRICTED_TYPES)
            walks -= set(self.programme.loc[women, "event_id"])
        given = given[given["event_id"].isin(walks)]
        counts = given.groupby(["month", "event_id"])["n_people"].sum().rename("count")
        (table,) = self._shield(
            counts.reset_index(), [("event_id",)], "walk participants", unit=("event_id",)
        )
        now = set(self.responses["event_id"].astype("str"))
        table = table.loc[table["event_id"].isin(now), ["event_id", "people", "withheld"]]
        # Beside those at its places, how many came would tell how many were asked at one of them.
        answered = self._answered()
        held = answered.loc[answered["withheld"].ne(""), "event_id"]
        hide = table["withheld"].eq("") & table["event_id"].isin(held)
        table.loc[hide, "people"] = np.nan
        table.loc[hide, "withheld"] = WITHHELD
        return table

    def _answered(self) -> pd.DataFrame:
        """Give those of each walk whose answers count at a place, as the audience may see them."""
        return self._tables()[0]

    def _tables(self) -> list[pd.DataFrame]:
        """Give answers by walk, by place and light, and by whether they were of feeling unsafe."""
        if self.shown is None:
            said = self._at_places() if len(self.responses) else self.responses
            self.at_places = said
            if len(said) == 0:
                self.shown = [_nobody("event_id", "people"), pd.DataFrame(), pd.DataFrame()]
                return self.shown
            # One system: who did not feel unsafe is the rest of those who were asked, and those
            # asked at all places of a walk are no more than those who came.
            self.counted = answer_counts(said)
            self.shown = self._shield(
                self.counted, [("event_id",), PLACE, (*PLACE, "felt")], ANSWERS,
                dimensions=[("event_id", *PLACE)], unit=("event_id",),
                rules=Rules(self.reading.rules.threshold, "withheld"),
            )  # fmt: skip
        return self.shown

    def _shield(
        self,
        counts: pd.DataFrame,
        tables: list[tuple[str, ...]],
        measure: str,
        rules: Rules | None = None,
        dimensions: Sequence[Sequence[str]] = (),
        unit: Sequence[str] = (),
    ) -> list[pd.DataFrame]:
        """Add counts of all months up over the year, as the audience may see them."""
        if not self.reading.shielded or counts.empty:
            now = counts[counts["month"].isin(self.reading.year.months)]
            summed = [now.groupby(list(by))["count"].sum().reset_index() for by in tables]
            return [t.rename(columns={"count": "people"}).assign(withheld="") for t in summed]
        found = protect(
            counts, [Table(by, (self.reading.year,)) for by in tables], measure=measure,
            sources=["walk feedback"], earlier=self.reading.earlier,
            rules=rules or self.reading.rules, dimensions=dimensions, unit=unit,
        )  # fmt: skip
        self.entries.append(found.entries)
        return [table.rename(columns={"count": "people"}) for table in found.tables]

    def _least_named(self) -> int:
        """Give how many must have answered before it is told what most of them named.

        Five who named a thing of five who answered would be every one of them.
        """
        rules = self.reading.rules
        return rules.threshold + rules.need if self.reading.shielded else 0

    def _named(self, by: str, column: str, told: Iterable[str]) -> Mapping[str, str]:
        """Say in words what was named most, by how many only to those who may know."""
        said = self.at_places if by == "place" else self.every
        if self.responses.empty or said.empty:
            return {}
        counts = naming_counts(said, by, column)
        months = self.reading.year.months
        if self.reading.shielded:
            counts, kept = settled_counts(
                counts, (self.reading.year,), measure=f"walk {column} by {by}",
                earlier=self.reading.earlier, unit=("event_id",),
            )  # fmt: skip
            self.entries.append(kept)
            counts = counts[counts["of"].isin(list(told))]
        found = most_named(counts[counts["month"].isin(months)])
        labels = _labels(column)
        if self.reading.shielded:
            found = found[found["named"] >= self.reading.rules.threshold]
            words = found["code"].map(labels)
        else:
            words = found["code"].map(labels) + " (" + found["named"].astype(str) + ")"
        told_of = words.groupby(found["of"]).agg(", ".join)
        return dict(zip(map(str, told_of.index), told_of, strict=True))

    def places(self) -> pd.DataFrame:
        """Say by place and light how many felt unsafe."""
        columns = ["ward_code", "place", "light", "people", "withheld", "unsafe",
                   "unsafe_withheld", "named", "positives", "hexagon"]  # fmt: skip
        if self.held is None:
            _, total, unsafe = self._tables()
            self.held = self._places(total, unsafe) if len(total) else pd.DataFrame(columns=columns)
        return self.held

    def _places(self, total: pd.DataFrame, unsafe: pd.DataFrame) -> pd.DataFrame:
        keys = list(PLACE)
        every = self.counted
        if self.reading.shielded:  # what came in late does not show either
            every, _ = settled_counts(
                every, (self.reading.year,), measure=ANSWERS, earlier=self.reading.earlier,
                unit=("event_id",),
            )  # fmt: skip
        inside = every["month"].isin(self.reading.year.months) & every["count"].gt(0)
        now = every.loc[inside, keys]
        total = total.merge(now.drop_duplicates(), on=keys)
        unsafe = unsafe[unsafe["felt"] == "unsafe"].rename(
            columns={"people": "unsafe", "withheld": "unsafe_withheld"}
        )
        table = total[[*keys, "people", "withheld"]].merge(
            unsafe[[*keys, "unsafe", "unsafe_withheld"]], on=list(keys), how="left"
        )
        return self._described(table)

    def _described(self, table: pd.DataFrame) -> pd.DataFrame:
        known = table["unsafe"].notna() | _words(table["unsafe_withheld"]).ne("")
        table["unsafe"] = table["unsafe"].where(known, 0.0)
        table["unsafe_withheld"] = _words(table["unsafe_withheld"])
        masked = table["withheld"].ne("") & table["people"].isna()
        table.loc[masked, "unsafe"] = np.nan
        table.loc[masked, "unsafe_withheld"] = "too few asked"
        people = table["people"].where(table["withheld"].eq("")).astype("float64")
        of = people.groupby(table["place"]).agg(lambda each: each.sum(skipna=False))
        told = of.index[of >= self._least_named()]
        words = {c: self._named("place", c, told) for c in ("issues", "positives")}
        nothing_by = f"nothing by {FEW[self.reading.rules.threshold]} people"
        hexagons = self.at_places.groupby("place")["hexagon"].first()
        return table.assign(
            named=_words(table["place"].map(words["issues"]), nothing_by),
            positives=_words(table["place"].map(words["positives"]), nothing_by),
            hexagon=table["place"].map(hexagons),
        )

    def _at_places(self) -> pd.DataFrame:
        """Say of every answer at which place, ward and hexagon it was given, and in what light."""
        said, stops, sites = self.every, self._frame("stops"), self._frame("sites")
        events = self.programme.set_index("event_id")
        if self.reading.shielded:
            kinds = said["event_id"].map(events["event_type"])
            said = said[~kinds.isin(RESTRICTED_TYPES)]
        site_of = stops.set_index("stop_id")["site_id"].astype("object")
        site = said["stop_id"].astype("object").map(site_of)
        site = site.where(site.notna(), said["event_id"].map(events["site_id"].astype("object")))
        about = sites.set_index("site_id")
        wards = site.map(about["ward_code"].astype("object"))
        own = said["event_id"].map(events["ward_codes"].map(lambda c: c[0] if c else ""))
        said = said.assign(
            place=site.map(about["name"].astype("object")).to_numpy(),
            ward_code=wards.where(_words(wards).ne(""), own).to_numpy(),
            light=_words(said["event_id"].map(events["light"])),
            hexagon=self._located().of(said, "stop_id", "event_id", own=True),
        )
        return said[said["place"].notna() & said["mode"].eq("individual")]

    def asked(self) -> pd.DataFrame:
        """Count who asked for a walk, by ward."""
        asks = self._frame("asks")
        asks = asks.assign(month=_months(asks["asked_on"])) if len(asks) else asks
        if asks.empty:
            return _nobody("ward_code", "count")
        asks = asks[asks["ward_code"].ne("")]
        counts = asks.groupby(["month", "ward_code"]).size().rename("count").reset_index()
        (table,) = self._shield(counts, [("ward_code",)], "walk requests")
        return table[["ward_code", "people", "withheld"]].rename(columns={"people": "count"})

    def asking(self) -> pd.Series:
        """Count who asked for a walk, by hexagon; for internal readers only."""
        if self.reading.shielded:
            return pd.Series(dtype="float64")
        return self._located().of(self._frame("asks"), "site_id").value_counts().astype("float64")

    def owed(self, actions: pd.DataFrame) -> pd.Series:
        """Count open actions by hexagon."""
        open_ = actions[actions["is_open"]]
        found = self._located().of(open_, "site_id", "stop_id", "event_id")
        return found.value_counts().astype("float64")

    def _located(self) -> Located:
        return Located(self._frame("sites"), self._frame("stops"), self._frame("events"), SIDE)


def _words(column: pd.Series, missing: str = "") -> pd.Series:
    """Give a column as text, a word in place of what is missing."""
    return column.astype("object").where(column.notna(), missing).astype("str")


def _nobody(key: str, number: str) -> pd.DataFrame:
    """Give an empty table of numbers about people, with the types of a full one."""
    types = {key: "str", number: "float64", "withheld": "str"}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})


def _months(dates: pd.Series) -> pd.Series:
    return pd.to_datetime(dates).dt.strftime("%Y-%m")


def _labels(column: str) -> Mapping[str, str]:
    from geodata.records.vocabularies import ISSUES, POSITIVES

    return dict(ISSUES) if column == "issues" else dict(POSITIVES)


def _is_hidden(row: Mapping[Any, Any]) -> bool:
    women = row["women_only"]
    return route_is_restricted(
        row["event_type"], women_only=None if pd.isna(women) else bool(women)
    )


def _place(row: Mapping[Any, Any]) -> str:
    """Name the place; of a Walk and Talk nobody is told it."""
    return "not told" if row["event_type"] in RESTRICTED_TYPES else str(row["place"])


def _when(row: Mapping[Any, Any], reading: Reading) -> str:
    """Say when an event is or was; of a women-only walk the month alone leaves the building."""
    if pd.isna(row["date"]):
        return "date to be confirmed"
    day = pd.Timestamp(row["date"])
    if _is_hidden(row) and reading.shielded:
        return f"{day:%B %Y}"
    start = "" if pd.isna(row["start"]) else f", {row['start']:%H:%M}"
    return f"{day.day} {day:%B %Y}{start}"


# What could be next


def _ranked(reading: Reading, source: str) -> tuple[pd.DataFrame, str]:
    if reading.audience not in SUGGESTS:
        return pd.DataFrame(columns=["location_id", "ward_code"]), ""
    if reading.shielded and source not in OPEN_SOURCES:
        # The order of small places would tell which of them had reports that are not open.
        return pd.DataFrame(columns=["location_id", "ward_code"]), UNRANKED
    found = score(
        reading.workspace, as_at=reading.last, side=SIDE, source=source,
        reports_only=reading.shielded,
    )  # fmt: skip
    table = pd.DataFrame(found.table.drop(columns="geometry"))
    ranked = table[table["rank"].notna()]
    return ranked, found.message if found.is_ranked else f"No place is ranked. {found.message}"


def _beside(
    ranked: pd.DataFrame, reports: Reports, said: Said, actions: pd.DataFrame
) -> pd.DataFrame:
    """Set every stream of evidence beside each ranked place, and say what is not known."""
    columns = ["ward_code", "location_id", "rank", "ranks", "name", "reports", "people",
               "people_withheld", "unsafe", "unsafe_withheld", "owed", "coverage", "why",
               "unknown"]  # fmt: skip
    if ranked.empty:
        return pd.DataFrame(columns=columns)
    key = ranked["location_id"].astype(str)
    counts = reports.cells.set_index("hexagon")
    heard = said.places().sort_values(
        "light", key=lambda s: s.map({"dark": 0, "dusk": 1}).fillna(2)
    )
    heard = heard.drop_duplicates("hexagon").dropna(subset=["hexagon"]).set_index("hexagon")
    rows = ranked.assign(
        ranks=_rank_range(ranked),
        name=_told_apart(ranked["name"], ranked["easting"], ranked["northing"]),
        reports=key.map(counts["count"]),
        people=key.map(heard["people"]), people_withheld=_words(key.map(heard["withheld"])),
        unsafe=key.map(heard["unsafe"]),
        unsafe_withheld=_words(key.map(heard["unsafe_withheld"])),
        owed=key.map(said.owed(actions)).fillna(0.0),
    )  # fmt: skip
    asking = said.asking()
    if not said.reading.shielded:
        rows["asking"] = key.map(asking).fillna(0.0)
        columns.insert(-4, "asking")
    rows["unknown"] = [_unknown(row) for row in rows.to_dict("records")]
    return rows[columns].reset_index(drop=True)


def _rank_range(ranked: pd.DataFrame) -> list[str]:
    return [
        f"{rank:.0f} (likely {low:.0f} to {high:.0f})"
        for rank, low, high in zip(
            ranked["rank"], ranked["rank_low"], ranked["rank_high"], strict=True
        )
    ]


def _unknown(row: Mapping[Any, Any]) -> str:
    gaps = []
    if pd.isna(row["people"]) and not row["people_withheld"]:
        gaps.append("how people feel there: nobody was asked")
    if "asking" in row and not row["asking"]:
        gaps.append("whether residents want a walk: nobody asked for one")
    gaps.append("what goes unreported")
    return "; ".join(gaps).capitalize()
