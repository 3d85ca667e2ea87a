"""What is stored, what was left out and why, and how far it can be trusted.

Rows are counted, of every category. A file that a later one replaced no longer counts, nor do its
rejected rows; it is still listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.reach import THIN_COLLAR, collar_density, doubtful_months
from geodata import months as month_text
from geodata.aggregates import counts
from geodata.forces import force_name
from geodata.manifest import Partition
from geodata.quarantine import read_standing
from geodata.store import read_incidents, stored_months
from geodata.vocabularies import CATEGORY_BY_CODE, SOURCES
from geodata.ward_names import name_key, spellings
from geodata.workspace import Workspace

_COUNTED = ("inside", "outside", "in_collar", "no_location", "near_boundary")
_KEPT = ("merged", "duplicates")
_REJECTED = ("source", "file", "line", "reason", "row", "import_id")
_FIRST_ROWS = 100
"""Rejected rows that the JSON spells out; the store keeps them all."""


@dataclass(frozen=True)
class QualityReport:
    """The state of the stored reports, as tables. Shares are 0 to 1, NaN of nothing.

    Attributes
    ----------
    totals : pandas.DataFrame
        By `source`: `rows_in` = `inside` + `outside` + `no_location` + `merged` + `duplicates` +
        `rejected`. `in_collar` (within 500 m of the wards) is part of outside; `near_boundary`
        (within 25 m of its ward's edge) of inside, with `near_boundary_share` of those inside;
        `merged` rows (into another case) and `duplicates` (of another row) are kept and in no
        count; `no_location_share` is of the rows that count or lack a place.
    by_ward : pandas.DataFrame
        `source`, `ward_code`, `ward_name`, `reports`, `near_boundary`, `near_boundary_share`:
        every ward, also those without reports.
    months : pandas.DataFrame
        `source`, `force`, `month`, `status`, `edge`, `rows`, `inside`: every month between the
        first and the last of a force. Status is 'present', 'zero' (a file says there were no
        reports) or 'missing' (no file covers it: its counts are missing too, not zero). `edge`
        marks the first and the last month, which may be partial.
    rejected : pandas.DataFrame
        By `source` and `reason`: `rows`, and the first such row: `file`, `line`, `row`.
    rejected_rows : pandas.DataFrame
        Every rejected row that was not corrected since: `source`, `file`, `line`, `reason`, `row`,
        `import_id`.
    sources : pandas.DataFrame
        By `source` and `force`: `force_name`, `first`, `last`, `present`, `zero`, `missing`
        (months), `rows`.
    files : pandas.DataFrame
        By file: `import_id`, `file`, `source`, `channel`, `rows_in`, `stored` (rows that count
        today), `rejected`, `state` ('counts', 'partly replaced', 'replaced').
    unknown : pandas.DataFrame
        Categories on no list: `source`, `source_category`, `rows`.
    by_category : pandas.DataFrame
        By `source` and `category`: `label`, `rows`, `no_location`, `no_location_share`, since
        what lacks a place is not a fair sample.
    ward_given : pandas.DataFrame
        By `source` and `ward_given`, the ward as the files name it: `rows` that have a place, and
        how many of these `differ`, lying in another ward or in none. The ward of a report is
        always that of its place.
    flags : tuple of str
        What to know before using the data, in sentences.
    """

    totals: pd.DataFrame
    by_ward: pd.DataFrame
    months: pd.DataFrame
    rejected: pd.DataFrame
    rejected_rows: pd.DataFrame
    sources: pd.DataFrame
    files: pd.DataFrame
    unknown: pd.DataFrame
    by_category: pd.DataFrame
    ward_given: pd.DataFrame
    flags: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Turn the report into what JSON can hold: the sums first, then every table."""
        counted = ("rows_in", *_COUNTED, *_KEPT, "rejected")
        sums: dict[str, Any] = {name: int(self.totals[name].sum()) for name in counted}
        sums["near_boundary_share"] = _ratio(sums["near_boundary"], sums["inside"])
        by_status = self.months.groupby("status")["month"].unique()
        named = {s: sorted(by_status.get(s, ())) for s in ("present", "zero", "missing")}
        edges = sorted(self.months.loc[self.months["edge"], "month"].unique())
        tables = {
            "totals": self.totals,
            "by_ward": self.by_ward,
            "sources": self.sources,
            "months_by_force": self.months,
            "files": self.files,
            "unknown_categories": self.unknown,
            "by_category": self.by_category,
            "ward_given": self.ward_given,
            "rejected_by_reason": self.rejected,
            "rejected_rows": self.rejected_rows.head(_FIRST_ROWS),
        }
        return sums | {
            "months": sorted({*named["present"], *named["zero"]}),
            "months_missing": named["missing"],
            "edge_months": edges,
            "flags": list(self.flags),
            **{name: _records(table) for name, table in tables.items()},
        }


def quality(workspace: Workspace) -> QualityReport:
    """Report on the quality of the stored reports.

    Parameters
    ----------
    workspace : Workspace
        Read at the state it was opened in.

    Returns
    -------
    QualityReport
        Tables with no rows where nothing is stored.
    """
    stored = stored_months(workspace)
    counted = _counted(workspace, stored)
    rejected = read_standing(workspace)[list(_REJECTED)]
    months = _months(stored)
    totals = _totals(stored, rejected)
    unknown = _unknown(workspace, counted)
    files = _files(workspace)
    ward_given = _ward_given(workspace)
    return QualityReport(
        totals=totals,
        by_ward=_by_ward(counted, workspace),
        months=months,
        rejected=_by_reason(rejected),
        rejected_rows=rejected,
        sources=_sources(months),
        files=files,
        unknown=unknown,
        by_category=_by_category(counted),
        ward_given=ward_given,
        flags=(
            *_flags(totals, months, unknown, files),
            *_wards_differ(ward_given),
            *_reach(counted, stored, workspace),
        ),
    )


def _counted(workspace: Workspace, stored: pd.DataFrame) -> pd.DataFrame:
    """Put the counts of every source under one another; a source without a row has none."""
    sources = sorted(stored.loc[stored["rows"] > 0, "source"].unique())
    each = [counts(workspace, source).assign(source=source) for source in sources]
    table = pd.concat(each) if each else counts(workspace, "").assign(source="")
    names = ["source", "month", "category", "ward_code", "ward_match"]
    return table.astype(dict.fromkeys(names, "str"))


def _totals(stored: pd.DataFrame, rejected: pd.DataFrame) -> pd.DataFrame:
    totals = stored.groupby("source")[["rows", *_COUNTED, *_KEPT]].sum()
    totals["rejected"] = rejected.groupby("source").size().reindex(totals.index, fill_value=0)
    totals["rows_in"] = totals[["rows", *_KEPT, "rejected"]].sum(axis=1)
    totals["near_boundary_share"] = _share(totals["near_boundary"], totals["inside"])
    totals["no_location_share"] = _share(totals["no_location"], totals["rows"])
    shares = ["near_boundary_share", "no_location_share"]
    return totals.reset_index()[["source", "rows_in", *_COUNTED, *_KEPT, "rejected", *shares]]


def _by_ward(counted: pd.DataFrame, workspace: Workspace) -> pd.DataFrame:
    wards = workspace.wards()[["ward_code", "ward_name"]]
    inside = counted[counted["ward_match"] == "inside"]
    sources = sorted(counted["source"].unique())
    every = pd.MultiIndex.from_product([sources, wards["ward_code"]], names=["source", "ward_code"])
    by = inside.groupby(["source", "ward_code"])[["count", "near_boundary"]].sum()
    found = by.rename(columns={"count": "reports"}).reindex(every, fill_value=0)
    table = found.astype("int64").reset_index().merge(wards, on="ward_code", how="left")
    table["near_boundary_share"] = _share(table["near_boundary"], table["reports"])
    order = ["source", "ward_code", "ward_name", "reports", "near_boundary", "near_boundary_share"]
    return table[order]


def _months(stored: pd.DataFrame) -> pd.DataFrame:
    """List every month of every force from its first to its last, missing ones with no counts."""
    rows = []
    for (source, force), group in stored.groupby(["source", "force"]):
        span = month_text.span(group["month"].min(), group["month"].max())
        known = group.set_index("month")[["rows", "inside"]].reindex(span).astype("Int64")
        known["status"] = "present"
        known.loc[known["rows"].eq(0).fillna(value=False), "status"] = "zero"
        known.loc[known["rows"].isna(), "status"] = "missing"
        known["edge"] = [m in (span[0], span[-1]) for m in span]
        known["source"], known["force"] = str(source), str(force)
        rows.append(known.rename_axis("month").reset_index())
    order = ["source", "force", "month", "status", "edge", "rows", "inside"]
    if not rows:
        empty = pd.DataFrame({c: pd.Series(dtype="str") for c in order})
        return empty.astype({"edge": "bool", "rows": "Int64", "inside": "Int64"})
    return pd.concat(rows, ignore_index=True)[order]


def _sources(months: pd.DataFrame) -> pd.DataFrame:
    by = months.groupby(["source", "force"])
    table = by.agg(first=("month", "min"), last=("month", "max"), rows=("rows", "sum"))
    for status in ("present", "zero", "missing"):
        table[status] = (
            months["status"].eq(status).groupby([months["source"], months["force"]]).sum()
        )
    table = table.reset_index()
    table["force_name"] = [force_name(force) for force in table["force"]]
    counted = ["present", "zero", "missing", "rows"]
    table = table.astype(dict.fromkeys(counted, "int64"))
    return table[["source", "force", "force_name", "first", "last", *counted]]


def _files(workspace: Workspace) -> pd.DataFrame:
    manifest = workspace.manifest()
    of_file: dict[tuple[str, str], list[Partition]] = {}
    for partition in manifest.partitions:
        of_file.setdefault((partition.source, partition.digest), []).append(partition)
    rows = []
    for file in manifest.files:
        parts = of_file.get((file.source, file.digest), [])
        live = [p for p in parts if not p.retired_by]
        stored = sum(p.rows for p in live)
        partly = "partly replaced" if stored else "replaced"
        state = "counts" if len(live) == len(parts) else partly
        rows.append((file.import_id, file.name, file.source, file.channel, file.rows_in, stored,
                     file.rejected, state))  # fmt: skip
    columns = ["import_id", "file", "source", "channel", "rows_in", "stored", "rejected", "state"]
    return pd.DataFrame(rows, columns=columns)


def _by_reason(rejected: pd.DataFrame) -> pd.DataFrame:
    by = rejected.groupby(["source", "reason"], sort=True)
    first = by[["file", "line", "row"]].first()
    table = first.assign(rows=by.size()).reset_index()
    return table[["source", "reason", "rows", "file", "line", "row"]]


def _unknown(workspace: Workspace, counted: pd.DataFrame) -> pd.DataFrame:
    met = counted[counted["category"] == "unknown"]
    rows = read_incidents(
        workspace, sources=met["source"].unique().tolist(), months=met["month"].unique().tolist(),
        columns=["source", "category", "source_category"],
    )  # fmt: skip
    unknown = rows[rows["category"] == "unknown"]
    words = (
        unknown["source_category"]
        .astype("object")
        .where(unknown["source_category"].notna(), "(blank)")
    )
    by = unknown.groupby([unknown["source"].astype("str"), words.astype("str")])
    return by.size().rename("rows").reset_index()


def _by_category(counted: pd.DataFrame) -> pd.DataFrame:
    lost = counted["count"].where(counted["ward_match"].eq("no_location"), 0)
    both = counted.assign(rows=counted["count"], no_location=lost)
    table = both.groupby(["source", "category"])[["rows", "no_location"]].sum().reset_index()
    table["label"] = [CATEGORY_BY_CODE[c].label for c in table["category"]]
    table["no_location_share"] = _share(table["no_location"], table["rows"])
    return table[["source", "category", "label", "rows", "no_location", "no_location_share"]]


def _ward_given(workspace: Workspace) -> pd.DataFrame:
    """Compare the ward that files give with the ward in which rows lie; police.uk gives none."""
    keys = ["source", "ward_code_source", "ward_code"]
    incidents = read_incidents(
        workspace, sources=[s for s in SOURCES if s != "police_uk"], columns=[*keys, "ward_match"]
    )
    given = incidents[incidents["ward_code_source"].notna()]
    given = given.loc[given["ward_match"] != "no_location", keys].astype("object")
    groups = given.fillna("").groupby(keys).size().rename("rows").reset_index()
    wards = workspace.wards()
    known = spellings(wards["ward_code"], wards["ward_name"])
    meant = {
        word: {word.strip().upper()} | known.get(name_key(word), set())
        for word in map(str, groups["ward_code_source"].unique())
    }
    differ = [
        0 if code in meant[word] or (not code and name_key(word) == "outside") else rows
        for word, code, rows in zip(
            groups["ward_code_source"], groups["ward_code"], groups["rows"], strict=True
        )
    ]
    table = groups.assign(differ=differ).rename(columns={"ward_code_source": "ward_given"})
    by = table.groupby(["source", "ward_given"])[["rows", "differ"]].sum().reset_index()
    return by.astype({"source": "str", "ward_given": "str", "rows": "int64", "differ": "int64"})


def _wards_differ(ward_given: pd.DataFrame) -> list[str]:
    by = ward_given.groupby("source")[["rows", "differ"]].sum()
    return [
        f"{SOURCES[str(source)]}: {row['differ']:,} of {row['rows']:,} rows that name a ward lie "
        "in another one, or in none; they count where they lie."
        for source, row in by.iterrows()
        if row["differ"]
    ]


def _flags(
    totals: pd.DataFrame, months: pd.DataFrame, unknown: pd.DataFrame, files: pd.DataFrame
) -> list[str]:
    flags = []
    missing = months[months["status"] == "missing"]
    for force, group in missing.groupby("force"):
        flags.append(
            f"{force_name(str(force))}: no file covers {_listed(group['month'].tolist())}; "
            "these months are missing, not zero."
        )
    edges = sorted(months.loc[months["edge"], "month"].unique())
    if edges:
        flags.append(f"The first and last stored months may be partial: {_listed(edges)}.")
    if len(unknown):
        flags.append(
            f"Rows whose category is on no list: {unknown['rows'].sum():,} "
            f"({_listed(unknown['source_category'].tolist())})."
        )
    bad = int(totals["rejected"].sum())
    if bad:
        flags.append(f"Rows that were rejected and are in no count: {bad:,}.")
    old = int((files["state"] != "counts").sum())
    if old:
        flags.append(f"Files that later ones replaced, wholly or in part: {old:,}.")
    return flags


def _reach(counted: pd.DataFrame, stored: pd.DataFrame, workspace: Workspace) -> list[str]:
    """Say where files may stop short of the wards, or at their outline."""
    wards = workspace.wards()
    inside = counted[counted["ward_match"] == "inside"]
    flags = []
    for source, months in stored.groupby("source"):
        mine, label = inside[inside["source"] == source], SOURCES[str(source)]
        with_rows = sorted(months.loc[months["rows"] > 0, "month"].unique())
        by_ward = mine.pivot_table("count", "ward_code", "month", aggfunc="sum", fill_value=0)
        doubtful = doubtful_months(by_ward.reindex(columns=with_rows, fill_value=0), len(wards))
        if len(doubtful):
            flags.append(
                f"{label}: in {_listed(list(doubtful.index))} up to {doubtful.max()} of "
                f"{len(wards)} wards have no report of any kind. The files may not cover the whole "
                "area; zeros there may be gaps."
            )
        around = int(months["in_collar"].sum())
        if collar_density(wards, int(mine["count"].sum()), around) < THIN_COLLAR:
            flags.append(
                f"{label}: {'hardly any' if around else 'no'} reports lie in the 500 m around the "
                "wards, so the files seem cut at the boundary. What lies outside is missing, not "
                "zero."
            )
    return flags


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:6])
    return f"{shown} and {len(names) - 6} more" if len(names) > 6 else shown


def _share(part: pd.Series, whole: pd.Series) -> pd.Series:
    return (part / whole.where(whole > 0)).astype("float64")


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    plain = table.astype("object").where(table.notna(), None)
    return [{str(k): v for k, v in row.items()} for row in plain.to_dict("records")]
