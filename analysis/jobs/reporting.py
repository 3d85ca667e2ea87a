"""How readily people report, ward by ward, where a case system says what was reported again."""

from __future__ import annotations

import pandas as pd

from analysis.reporting_rate import reporting_rates
from geodata import kept
from geodata.store import read_aside, read_incidents, stored_months
from geodata.workspace import Workspace

WATCHED_DAYS = 28
"""Days for which an event is looked at after its first report: when it ended is not known."""

CODE = ("analysis/jobs/reporting.py", "analysis/reporting_rate.py")
"""What decides the answer beside the data."""

_EVENT = ["case_ref", "reported_at", "occurred_from", "ward_code"]


def reporting_by_ward(workspace: Workspace) -> pd.DataFrame | None:
    """Estimate how often an event is reported again, by ward.

    Parameters
    ----------
    workspace : Workspace
        Whose council files: cases, and the reports that were merged into them.

    Returns
    -------
    pandas.DataFrame or None
        As `analysis.reporting_rate.reporting_rates`, with `ward_name`; None where no source says
        which reports are of one event, or too few do for any ward.

    Notes
    -----
    An event counts from its first report, and only if the 28 days after it are stored. Events that
    were never reported are never seen: the rate is that of events somebody reported once.
    It reads every row, so it is kept until an import changes them (`geodata.kept`).
    """
    code = kept.code_digest(CODE, ("numpy", "pandas", "scipy"))
    place = kept.place_of(workspace, "reporting", "", {}, code=code)
    found = kept.read(place)
    if found is not None:
        table, note = found
        return table.set_index("group") if note["known"] else None
    rates = _worked_out(workspace)
    empty = pd.DataFrame({"group": []})
    table = empty if rates is None else rates.rename_axis("group").reset_index()
    kept.write(place, table, {"known": rates is not None})
    return rates


def _worked_out(workspace: Workspace) -> pd.DataFrame | None:
    sources = [s for s in stored_months(workspace)["source"].unique() if s != "police_uk"]
    aside = read_aside(workspace, columns=["merged_into", "reported_at", "occurred_from"])
    again = aside[aside["merged_into"].notna() & aside["merged_into"].ne("")]
    if not sources or again.empty:
        return None
    events = read_incidents(workspace, sources=sources, columns=_EVENT)
    events = events.assign(first=events["reported_at"].fillna(events["occurred_from"]))
    known = events["case_ref"].notna() & events["ward_code"].notna() & events["first"].notna()
    events = events[known].sort_values("first").drop_duplicates("case_ref")
    events = events[events["first"] <= events["first"].max() - pd.Timedelta(days=WATCHED_DAYS)]
    rates = reporting_rates(_events(events, again))
    if rates["rate"].notna().sum() == 0:
        return None
    wards = workspace.wards()
    names = dict(zip(wards["ward_code"], wards["ward_name"], strict=True))
    return rates.assign(ward_name=rates.index.map(names)).sort_values("ward_name")


def _events(events: pd.DataFrame, again: pd.DataFrame) -> pd.DataFrame:
    """Count the reports that followed the first one of each event while it was looked at."""
    followed = again.assign(when=again["reported_at"].fillna(again["occurred_from"]))
    first = followed["merged_into"].map(dict(zip(events["case_ref"], events["first"], strict=True)))
    apart = pd.to_datetime(followed["when"], utc=True) - pd.to_datetime(first, utc=True)
    in_time = apart.ge(pd.Timedelta(0)) & apart.le(pd.Timedelta(days=WATCHED_DAYS))
    repeats = followed.loc[in_time, "merged_into"].value_counts()
    return pd.DataFrame(
        {
            "group": events["ward_code"].astype(str),
            "repeats": events["case_ref"].map(repeats).fillna(0).astype("int64"),
            "days": float(WATCHED_DAYS),
        }
    )
