"""Tables of numbers about people that share their numbers: rows, columns, totals, earlier releases.

A table is a way to add up the same small counts. All tables of a release, and what was released
before, are made safe together, so that no difference of two sums gives a masked number away.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from analysis.disclosure.gate import OPEN_SOURCES, THRESHOLD, WITHHELD, require_one_kind
from analysis.disclosure.periods import YEAR, Period, quarter_of, require_public
from geodata.errors import SaferWalksError

if TYPE_CHECKING:
    from scipy import sparse

    from analysis.disclosure import solving

THRESHOLDS = (5, 10)
"""Least and greatest minimum cell a workspace may set."""

SENSITIVE = frozenset(
    {"harassment_street", "sex_work_related", "hate_abuse", "indecent_exposure", "touching"}
    | {"followed", "other_harassment", "kerb_crawling"}
)
"""Kinds whose numbers the public gets by ward or borough for 12 months only, and in bands."""

BANDS = (10, 20, 50, 100)
"""Where the bands of sensitive kinds begin, after the minimum cell."""

FINE = frozenset({"hexagon", "location_id", "area_id", "site_id", "stop_id", "street"})
"""Columns of places smaller than a ward."""

REGISTER = ("measure", "first", "last", "where", "shown", "value", "mark", "low", "high")
"""Columns of what a release tells, as `Protected.entries` gives and `earlier` takes them."""

SETTLED, COUNTED = "settled", "counted"
"""Marks of entries that nobody is shown: that the counts of a quarter are settled, and the counts.
They are kept so that what comes in late can never be the difference of two releases."""

SPARE = 1
"""By how many more than `Rules.need` a withheld number must be able to vary when it is checked: who
knows that the next number was withheld only because the check had failed can rule out some."""

MUCH = 20
"""Counts by which a year must have moved before it is told that it did."""

NEW = int(np.iinfo("int64").max)
"""When a part came that no release settled."""


@dataclass(frozen=True)
class Rules:
    """How numbers about people are masked.

    Attributes
    ----------
    threshold : int
        Smallest count shown, other than zero: 5, or up to 10.
    zeros : {'shown', 'withheld'}
        'withheld' for answers of people who are known to have taken part: that nobody of a few
        said something tells what each said.
    sensitive : frozenset of str
        Values, of any column, whose numbers are banded.

    Examples
    --------
    >>> Rules(threshold=3)
    Traceback (most recent call last):
        ...
    geodata.errors.SaferWalksError: The smallest count shown is 5 to 10. Got: 3. What to do: ...
    """

    threshold: int = THRESHOLD
    zeros: Literal["shown", "withheld"] = "shown"
    sensitive: frozenset[str] = SENSITIVE

    def __post_init__(self) -> None:
        if not THRESHOLDS[0] <= self.threshold <= THRESHOLDS[1]:
            raise SaferWalksError(
                f"The smallest count shown is {THRESHOLDS[0]} to {THRESHOLDS[1]}",
                got=str(self.threshold), todo="choose a number between them",
            )  # fmt: skip

    @property
    def least(self) -> int:
        """The smallest count that is masked."""
        return 1 if self.zeros == "shown" else 0

    @property
    def small(self) -> str:
        """What stands in place of a small count."""
        return f"{self.least} to {self.threshold - 1}"

    @property
    def need(self) -> int:
        """A masked number could still be at least this many more numbers than one."""
        return max(1, (self.threshold - 1) // 2)

    def band(self, count: float) -> tuple[str, float, float]:
        """Give the band of a sensitive count: in words, its least and its greatest.

        Examples
        --------
        >>> Rules().band(12), Rules().band(3), Rules().band(400)
        (('10 to 19', 10, 19), ('1 to 4', 1, 4), ('100 or more', 100, inf))
        """
        if count < self.threshold:
            return self.small, self.least, self.threshold - 1
        starts = [self.threshold, *(b for b in BANDS if b > self.threshold)]
        at = max(n for n, start in enumerate(starts) if start <= count)
        if at == len(starts) - 1:
            return f"{starts[at]} or more", starts[at], np.inf
        return f"{starts[at]} to {starts[at + 1] - 1}", starts[at], starts[at + 1] - 1


@dataclass(frozen=True)
class Table:
    """A table that will be shown.

    Attributes
    ----------
    by : tuple of str
        Its columns; () for the grand total.
    periods : tuple of Period
        One set of numbers each; calendar quarters, or 12 months that end with one.
    """

    by: tuple[str, ...]
    periods: tuple[Period, ...]


@dataclass(frozen=True)
class Protected:
    """Tables as they may be shown.

    Attributes
    ----------
    tables : tuple of pandas.DataFrame
        One a table, in the order asked for: `first`, `last`, its columns, `count` (missing where
        withheld) and `withheld` ('' where shown, else '1 to 4', a band, or 'withheld').
    notes : tuple of str
        What was held back and why, in words to print beside the tables.
    masked : int
        Numbers held back.
    entries : pandas.DataFrame
        What the release tells, for the register: columns `REGISTER`, a row a number; and, marked
        `SETTLED` and `COUNTED`, what it was counted from.
    moved : float
        Net change since, as a share, of the counts of these months that were settled before; 0
        where it is less than `MUCH`.
    """

    tables: tuple[pd.DataFrame, ...]
    notes: tuple[str, ...]
    masked: int
    entries: pd.DataFrame
    moved: float = 0.0


@dataclass
class _Cells:
    """Numbers, each with the parts it is made of."""

    frame: pd.DataFrame
    rows: sparse.csr_array


def protect(
    counts: pd.DataFrame,
    tables: Sequence[Table],
    *,
    measure: str,
    sources: Collection[str],
    rules: Rules | None = None,
    earlier: pd.DataFrame | None = None,
    dimensions: Sequence[Sequence[str]] = (),
    since: str = "",
    unit: Sequence[str] = (),
) -> Protected:
    """Add small counts up to tables that may be shown to anybody.

    Small numbers are masked. Then further numbers are withheld until no masked one, and no small
    count that stands in no table, can be worked out from everything that is shown here and was
    shown before: each could still be at least three numbers (five where the minimum is 10).

    Parameters
    ----------
    counts : pandas.DataFrame
        `month` ('YYYY-MM'), the columns of the tables and of earlier releases of this measure, and
        `count`. Several rows of the same are added up. A value that has no row in a month counts
        as zero there. Give all months there are, not only those of the tables: what earlier
        releases told of them is checked, too.
    tables : sequence of Table
        What will be shown. All of one release belong in one call: all wards together.
    measure : str
        What is counted, as the register calls it: 'council_asb cases'.
    sources : collection of str
        Codes of `geodata.vocabularies.SOURCES`, or a word of one's own for what people wrote in
        records: anything that is not an open source is about people.
    rules : Rules, optional
        The minimum cell, and what becomes of zeros.
    earlier : pandas.DataFrame, optional
        The register, as `analysis.jobs.releases.register` reads it, with the `minimum` each was
        published under.
    dimensions : sequence of sequences of str, optional
        Columns that belong together, as ('hexagon', 'ward_code'): only pairs that occur get a
        row. Other columns are crossed.
    since : str, optional
        First month of the counts, where they do not hold all there are.
    unit : sequence of str, optional
        Columns that, with a quarter, name what is settled together when it is first published: by
        default the quarter as a whole. What comes in later for a settled unit is left out; a unit
        nothing was published of comes in whenever it does.

    Returns
    -------
    Protected

    Raises
    ------
    SaferWalksError
        If open and other sources are added up; if a period is not a calendar quarter nor 12 months
        ending with one; if a sensitive kind is asked for by quarter or by a place below a ward; if
        earlier releases cut the counts in a way these cannot be.

    Notes
    -----
    A reader is taken to know what every mark means, which numbers were withheld for others' sake,
    and all earlier releases. Months published under a higher minimum keep it, and what was withheld
    stays so, whatever the minimum is now. All releases are cut from one body of counts: those of a
    quarter are settled when it is first published, as statistical offices make all tables of a
    period from one extract, so that no correction is the difference of two releases. Where earlier
    counts were not kept as fine as is asked for now, they are taken as they are now; a shown
    number that has changed since then gives no equation. Open sources pass as they are.

    Examples
    --------
    >>> year = Period("2025-04", "2026-03")
    >>> counts = pd.DataFrame({"month": "2026-01", "ward": list("ABC"), "count": [3, 8, 20]})
    >>> found = protect(counts, [Table(("ward",), (year,)), Table((), (year,))],
    ...     measure="cases", sources=["council_asb"])
    >>> found.tables[0][["ward", "count", "withheld"]].to_numpy().tolist()
    [['A', nan, '1 to 4'], ['B', nan, 'withheld'], ['C', 20.0, '']]
    >>> found.tables[1]["count"].tolist()
    [31.0]
    """
    require_one_kind(sources)
    for period in (p for table in tables for p in table.periods):
        require_public(period)
    is_open = set(sources) <= OPEN_SOURCES
    known = _earlier(earlier, measure)
    before = known[~known["mark"].isin((SETTLED, COUNTED))].reset_index(drop=True)
    counts, settled, moved = _settle(counts, known, tables, unit)
    rules = _strictest(rules or Rules(), tables, before)
    _check_reach(since, tables, before)
    parts = _parts(counts, tables, before, dimensions, settled)
    new = _stacked([_cells(parts, t.by, p, n) for n, t in enumerate(tables) for p in t.periods])
    if is_open:
        frame = new.frame.assign(shown=True, mark="", low=0.0, high=np.inf)
        return _answer(frame, tables, rules, measure, 0)
    _check_sensitive(new.frame, tables, rules)
    marked = _marked(new.frame, tables, rules)
    old = _expressed(parts, before)
    lost = _withheld(marked, new, old, parts, rules)
    found = _answer(marked, tables, rules, measure, lost)
    kept = _kept(counts, settled, tables, unit, measure)
    entries = pd.concat([found.entries, kept], ignore_index=True)
    return replace(found, entries=entries, moved=moved)


def _earlier(earlier: pd.DataFrame | None, measure: str) -> pd.DataFrame:
    """Take what was published of a measure, and number the releases in their order."""
    if earlier is None or not len(earlier):
        return pd.DataFrame(columns=[*REGISTER, "minimum", "order"])
    same = earlier.loc[earlier["measure"] == measure]
    if "minimum" not in same:
        same = same.assign(minimum=0)
    order = pd.Series(pd.factorize(same["release"])[0] if "release" in same else 0, same.index)
    settling = np.unique(order[_finest(same, same["mark"] == SETTLED)])
    # Releases between two that settled something saw the same body of counts.
    state = np.searchsorted(settling, order, side="right") - 1
    said = ["first", "last", "where", "shown", "value", "mark", "low", "high", "order"]
    found = same.assign(order=state).sort_values("minimum", kind="stable")
    return found.drop_duplicates(said, keep="last").sort_index().reset_index(drop=True)


def _settle(
    counts: pd.DataFrame, known: pd.DataFrame, tables: Sequence[Table], unit: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """Put the counts that were published from in place of those of now.

    Returns the counts, by quarter where they are settled; the settled units: `unit`, `quarter` and
    the `order` of the release that settled them; and by which share of it the sum moved since.
    """
    finest = _finest(known, known["mark"] == SETTLED)
    width = known.loc[finest, "value"].max() if finest.any() else 0
    marks = _said(known[finest])
    held = _said(known[(known["mark"] == COUNTED) & (known["low"] == width)])
    columns = [c for c in counts.columns if c not in ("month", "count")]
    key = [*unit, "quarter"]
    if marks.empty or (len(held) and set(columns) - set(held.columns)):
        return counts, pd.DataFrame(columns=[*key, "order"]), 0.0
    marks = marks[[*key, "order"]].drop_duplicates(key)
    now = counts.assign(quarter=_quarters(counts["month"]))
    now[columns] = now[columns].astype(str)
    late = now.merge(marks, on=key, how="left")["order"].notna().to_numpy()
    if held.empty:
        held = held.reindex(columns=[*columns, "quarter", "count"])
    kept = held[[*columns, "quarter", "count"]]
    asked = {q for t in tables for p in t.periods for q in p.quarters}
    old, new = (f.loc[f["quarter"].isin(asked), "count"].sum() for f in (kept, now[late]))
    found = pd.concat([
        now.loc[~late, [*columns, "month", "count"]],
        kept.rename(columns={"quarter": "month"}),
    ], ignore_index=True)  # fmt: skip
    moved = float(abs(new - old) / max(old, 1)) if abs(new - old) >= MUCH else 0.0
    return found, marks, moved


def settled_counts(
    counts: pd.DataFrame,
    periods: Sequence[Period],
    *,
    measure: str,
    earlier: pd.DataFrame | None = None,
    unit: Sequence[str] = (),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give counts as they were when they were first published from, for what is told in words.

    Parameters
    ----------
    counts, measure, earlier, unit
        As `protect` takes them.
    periods : sequence of Period
        What will be told of.

    Returns
    -------
    tuple of pandas.DataFrame
        The counts, and for the register what was not settled before.
    """
    asked = [Table((), tuple(periods))]
    found, settled, _ = _settle(counts, _earlier(earlier, measure), asked, unit)
    return found, _kept(found, settled, asked, unit, measure)


def _finest(known: pd.DataFrame, marks: pd.Series) -> pd.Series:
    """Of marks that something is settled, take those under which most columns were counted by."""
    return marks & (known["value"] == known.loc[marks, "value"].max())


def _said(rows: pd.DataFrame) -> pd.DataFrame:
    """Write out what stands in `where` of entries, a column each; `quarter`, `count`, `order`."""
    code, wheres = pd.factorize(rows["where"])
    wide = pd.DataFrame([json.loads(where) for where in wheres]).reset_index(drop=True)
    wide = wide.iloc[code].reset_index(drop=True) if len(wheres) else pd.DataFrame()
    return wide.assign(
        quarter=rows["first"].to_numpy(), count=rows["value"].to_numpy(dtype="float64"),
        order=rows["order"].to_numpy(),
    )  # fmt: skip


def _quarters(months: pd.Series) -> pd.Series:
    return months.map({month: quarter_of(month).first for month in months.unique()})


def _kept(
    counts: pd.DataFrame,
    settled: pd.DataFrame,
    tables: Sequence[Table],
    unit: Sequence[str],
    measure: str,
) -> pd.DataFrame:
    """Give the counts a release was made from and that no earlier one settled, for the register."""
    asked = {q for t in tables for p in t.periods for q in p.quarters}
    key = [*unit, "quarter"]
    columns = sorted(c for c in counts.columns if c not in ("month", "count"))
    own = counts.assign(quarter=_quarters(counts["month"]))
    own[columns] = own[columns].astype(str)
    own = own[own["quarter"].isin(asked)].merge(settled[key], on=key, how="left", indicator="met")
    own = own[own["met"] == "left_only"]
    rows = own.groupby([*columns, "quarter"])["count"].sum().reset_index()
    if unit:
        units = rows[key].drop_duplicates()
    else:
        units = pd.DataFrame({"quarter": sorted(asked - set(settled["quarter"]))})
    # How many columns the counts are by stands as the number of the mark, and beside each count.
    marks = _entries(units.assign(count=float(len(columns))), list(unit), SETTLED)
    held = _entries(rows[rows["count"] > 0], columns, COUNTED).assign(low=float(len(columns)))
    return pd.concat([marks, held], ignore_index=True).assign(measure=measure)[list(REGISTER)]


def _entries(rows: pd.DataFrame, columns: Sequence[str], mark: str) -> pd.DataFrame:
    if len(columns):
        code = rows.groupby(list(columns), sort=False).ngroup().to_numpy()
        named = rows[list(columns)].drop_duplicates().to_dict("records")
    else:
        code, named = np.zeros(len(rows), dtype="int64"), [{}]
    wheres = np.array([json.dumps(n, sort_keys=True, ensure_ascii=False) for n in named], object)
    ends = {first: quarter_of(first).last for first in rows["quarter"].unique()}
    return pd.DataFrame({
        "first": rows["quarter"].to_numpy(), "last": rows["quarter"].map(ends).to_numpy(),
        "where": wheres[code] if len(rows) else [], "shown": False,
        "value": rows["count"].to_numpy(dtype="float64"), "mark": mark, "low": 0.0, "high": 0.0,
    })  # fmt: skip


def _strictest(rules: Rules, tables: Sequence[Table], before: pd.DataFrame) -> Rules:
    """Keep to the highest minimum under which any of these months were published already."""
    if not len(before):
        return rules
    inside = np.zeros(len(before), dtype=bool)
    for period in (p for table in tables for p in table.periods):
        inside |= ((before["first"] <= period.last) & (before["last"] >= period.first)).to_numpy()
    highest = max([rules.threshold, *(int(n) for n in before.loc[inside, "minimum"])])
    return replace(rules, threshold=highest)


def _parts(
    counts: pd.DataFrame,
    tables: Sequence[Table],
    before: pd.DataFrame,
    dimensions: Sequence[Sequence[str]],
    settled: pd.DataFrame,
) -> pd.DataFrame:
    """Count by everything any table tells apart, and by quarter, zeros included.

    `since` is the order of the release that settled a part; `NEW` where none did.
    """
    unit = [c for c in settled.columns if c not in ("quarter", "order")]
    columns = {*unit, *(c for table in tables for c in table.by)}
    columns |= {c for where in before["where"].unique() for c in json.loads(where)}
    wanting = sorted(columns - set(counts.columns))
    if wanting:
        raise SaferWalksError(
            "An earlier release, or a table of this one, is cut by what these counts do not hold",
            got=f"no column {', '.join(wanting)}", todo="count by it, too",
        )  # fmt: skip
    columns_now = sorted(columns)
    frame = counts.assign(quarter=_quarters(counts["month"]))
    frame[columns_now] = frame[columns_now].astype(str)
    given = frame.groupby([*columns_now, "quarter"], sort=True, as_index=False)["count"].sum()
    together = [[c for c in group if c in columns] for group in dimensions]
    alone = columns - {c for group in together for c in group}
    spans = {q for t in tables for p in t.periods for q in p.quarters}
    spans |= {q for p in _periods(before) for q in p.quarters}
    whole = pd.DataFrame({"quarter": sorted(spans)})
    for group in [*(g for g in together if g), *([c] for c in sorted(alone))]:
        whole = whole.merge(given[group].drop_duplicates(), how="cross")
    found = whole.merge(given, how="left", on=["quarter", *columns_now])
    found["count"] = found["count"].fillna(0).astype("int64")
    found = found.merge(settled, how="left", on=[*unit, "quarter"])
    found["since"] = found["order"].fillna(NEW).astype("int64")
    return found.drop(columns="order")


def _periods(cells: pd.DataFrame) -> list[Period]:
    pairs = cells[["first", "last"]].drop_duplicates()
    return [Period(first, last) for first, last in pairs.itertuples(index=False)]


def _check_reach(since: str, tables: Sequence[Table], before: pd.DataFrame) -> None:
    """Refuse counts that begin after what an earlier release told of the same months."""
    reached = min((p.first for t in tables for p in t.periods), default="")
    for period in _periods(before):
        if period.last >= reached and period.first < since:
            raise SaferWalksError(
                "An earlier release reaches further back than these counts, so what the two "
                "tell together cannot be checked",
                got=f"counts from {since}, a release from {period.first}",
                todo=f"count from {period.first} on",
            )  # fmt: skip


def _cells(
    parts: pd.DataFrame, by: Sequence[str], period: Period, table: int, until: int = NEW
) -> _Cells:
    """Add the parts of a period up by some columns: those that were there at a release."""
    from scipy import sparse

    there = parts["quarter"].isin(period.quarters) & (parts["since"] <= until)
    inside = np.flatnonzero(there)
    chosen = parts.iloc[inside]
    if by:
        grouped = chosen.groupby(list(by), sort=True)
        code, keys = grouped.ngroup().to_numpy(), grouped.size().index.to_frame(index=False)
    else:
        code, keys = np.zeros(len(chosen), dtype="int64"), pd.DataFrame(index=range(1))
    wheres = [
        json.dumps(dict(zip(by, map(str, key), strict=True)), sort_keys=True, ensure_ascii=False)
        for key in (keys.itertuples(index=False) if by else [()])
    ]
    rows = sparse.csr_array(
        (np.ones(len(inside), dtype="int64"), (code, inside)), shape=(len(keys), len(parts))
    )
    counts = np.bincount(code, weights=chosen["count"], minlength=len(keys))
    frame = keys.assign(
        table=table, first=period.first, last=period.last, where=wheres, count=counts
    )
    return _Cells(frame, rows)


def _stacked(cells: Sequence[_Cells]) -> _Cells:
    from scipy import sparse

    frame = pd.concat([c.frame for c in cells], ignore_index=True)
    return _Cells(frame, sparse.csr_array(sparse.vstack([c.rows for c in cells]).tocsr()))


def _check_sensitive(cells: pd.DataFrame, tables: Sequence[Table], rules: Rules) -> None:
    for number, table in enumerate(tables):
        own = cells.loc[cells["table"] == number]
        held = sorted({v for c in table.by for v in set(own[c]) & rules.sensitive})
        fine = bool(FINE & set(table.by)) or any(len(p.months) < YEAR for p in table.periods)
        if held and fine:
            raise SaferWalksError(
                "Sensitive kinds are published by ward or borough for 12 months only",
                got=", ".join(held), todo="leave them out of this table, or count them with others",
            )  # fmt: skip


def _marked(cells: pd.DataFrame, tables: Sequence[Table], rules: Rules) -> pd.DataFrame:
    """Mask what is small, and band what is sensitive."""
    count = cells["count"].to_numpy(dtype="float64")
    small = (count >= rules.least) & (count < rules.threshold)
    banded = np.zeros(len(cells), dtype=bool)
    for column in {c for table in tables for c in table.by}:
        banded |= cells[column].isin(rules.sensitive).to_numpy()
    banded &= count > 0
    found = cells.assign(shown=~(small | banded), mark="", low=0.0, high=np.inf)
    bands = [rules.band(c) for c in count[small | banded]]
    for column, values in zip(("mark", "low", "high"), zip(*bands, strict=True), strict=False):
        found.loc[small | banded, column] = list(values)
    return found


def _expressed(parts: pd.DataFrame, before: pd.DataFrame) -> _Cells | None:
    """Say what earlier releases told, as sums of the parts there are now."""
    if not len(before):
        return None
    columns = (tuple(json.loads(where)) for where in before["where"])
    kinds = sorted(set(zip(columns, before["first"], before["last"], before["order"], strict=True)))
    said = ["where", "first", "last", "shown", "value", "mark", "low", "high"]
    found = []
    kept = bool((parts["since"] < NEW).any())
    for by, first, last, order in kinds:
        same = before.loc[before["order"] == order, said]
        # What was published before counts were kept was counted from all there is.
        cells = _cells(parts, by, Period(first, last), -1, order if kept and order >= 0 else NEW)
        joined = cells.frame[["where", "first", "last", "count"]].reset_index(names="at")
        joined = joined.merge(same, on=["where", "first", "last"])
        found.append(_Cells(joined, cells.rows[joined["at"].to_numpy()]))
    return _stacked(found)


def _withheld(
    marked: pd.DataFrame, new: _Cells, old: _Cells | None, parts: pd.DataFrame, rules: Rules
) -> int:
    """Withhold what would give something away; `marked` is changed. Count what is lost anyway."""
    from analysis.disclosure import solving

    columns = ["shown", "low", "high", "count", "where", "first", "last"]
    fixed, kept = 0, None
    if old is not None:
        said = old.frame
        shown = said["shown"].astype(bool)
        same = said["value"].to_numpy(dtype="float64") == said["count"].to_numpy(dtype="float64")
        inside = (said["count"] >= said["low"]) & (said["count"] <= said["high"])
        holds = np.where(shown, same, inside).astype(bool)
        told = said.loc[holds].assign(shown=shown[holds])
        _kept_back(marked, told)
        kept = _Cells(told[columns], old.rows[np.flatnonzero(holds)])
        fixed = len(told)
    known = _Cells(marked[columns], new.rows)
    known = known if kept is None else _stacked([kept, known])
    frame = known.frame
    shown_before = set(
        frame.iloc[:fixed].loc[frame["shown"].iloc[:fixed].astype(bool), ["where", "first", "last"]]
        .itertuples(index=False, name=None)
    )  # fmt: skip
    places = frame[["where", "first", "last"]].itertuples(index=False, name=None)
    free = np.array([n >= fixed and key not in shown_before for n, key in enumerate(places)])
    system = solving.System(
        sums=known.rows, parts=parts["count"].to_numpy(dtype="float64"),
        shown=np.array(frame["shown"], dtype=bool), low=np.array(frame["low"], dtype="float64"),
        high=np.array(frame["high"], dtype="float64"), free=free,
        widest=np.full(len(frame), float(rules.least)), need=rules.need + SPARE,
        small=(rules.least, rules.threshold - 1), order=_order(frame["where"]),
    )  # fmt: skip
    lost = solving.withhold(system, threshold=rules.threshold)
    _write_back(marked, system, fixed)
    return len(lost)


def _order(wheres: pd.Series) -> np.ndarray:
    """Put places in an order that anybody can work out and that hangs on no count.

    The same for all periods: what is withheld of one is withheld of the next.
    """
    code, names = pd.factorize(wheres)
    keys = [hashlib.sha256(str(name).encode()).digest() for name in names]
    rank = np.empty(len(keys), dtype="int64")
    rank[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
    return rank[code]


def _kept_back(marked: pd.DataFrame, told: pd.DataFrame) -> None:
    """Withhold again what was withheld before and never shown; `marked` is changed."""
    key = ["where", "first", "last"]
    shown = set(told.loc[told["shown"], key].itertuples(index=False, name=None))
    before = {
        place: said
        for place, said in zip(
            told.loc[~told["shown"], key].itertuples(index=False, name=None),
            told.loc[~told["shown"], ["mark", "low", "high"]].itertuples(index=False, name=None),
            strict=True,
        )
        if place not in shown
    }
    for at, place in zip(marked.index, marked[key].itertuples(index=False, name=None), strict=True):
        if marked.at[at, "shown"] and place in before:
            mark, low, high = before[place]
            marked.loc[at, ["shown", "mark", "low", "high"]] = [False, mark, low, high]


def _write_back(marked: pd.DataFrame, system: solving.System, fixed: int) -> None:
    shown, low, high = (a[fixed:] for a in (system.shown, system.low, system.high))
    changed = (shown != marked["shown"]) | (low != marked["low"]) | (high != marked["high"])
    marked["shown"], marked["low"], marked["high"] = shown, low, high
    marked["mark"] = np.where(changed & ~shown, WITHHELD, marked["mark"])


def _answer(
    cells: pd.DataFrame, tables: Sequence[Table], rules: Rules, measure: str, lost: int
) -> Protected:
    shown = cells["shown"].to_numpy(dtype=bool)
    seen = cells.assign(count=np.where(shown, cells["count"], np.nan), withheld=cells["mark"])
    given = tuple(
        seen.loc[seen["table"] == n, ["first", "last", *t.by, "count", "withheld"]]
        .reset_index(drop=True) for n, t in enumerate(tables)
    )  # fmt: skip
    entries = seen.assign(measure=measure, value=seen["count"])[list(REGISTER)]
    entries = entries.drop_duplicates(["first", "last", "where"]).reset_index(drop=True)
    return Protected(given, _notes(seen, rules, lost), int((~shown).sum()), entries)


def _notes(cells: pd.DataFrame, rules: Rules, lost: int) -> tuple[str, ...]:
    small = int((cells["withheld"] == rules.small).sum())
    more = int((cells["withheld"] == WITHHELD).sum())
    banded = int((~cells["shown"]).sum()) - small - more
    notes = []
    if small:
        notes.append(
            f"Counts of {rules.small} are masked, so that nobody can be picked out: {small}."
        )
    if more:
        notes.append(f"Further counts withheld, so that masked ones cannot be worked out: {more}.")
    if banded:
        notes.append(f"Counts of sensitive kinds are given as bands: {banded}.")
    if lost:
        notes.append(
            f"Earlier releases tell {lost} small counts by themselves; this one adds nothing to it."
        )
    return tuple(notes)


def reach(earlier: pd.DataFrame | None, measure: str) -> tuple[tuple[str, ...], str]:
    """Tell how counts must be cut so that earlier releases of a measure can be checked.

    Returns
    -------
    tuple
        The columns earlier releases used, and the first month they reach back to ('' if none).

    Examples
    --------
    >>> reach(None, "cases")
    ((), '')
    """
    before = _earlier(earlier, measure)
    before = before[~before["mark"].isin((SETTLED, COUNTED))]
    columns = {c for where in before["where"] for c in json.loads(where)}
    first = before["first"].min() if len(before) else ""
    return tuple(sorted(columns)), str(first)
