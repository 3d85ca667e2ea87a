"""What was done and what people said, out of the records, for looking back at a place."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from analysis.jobs.concern import light_of_events
from analysis.jobs.voices import Located, records_of
from analysis.perception import before_and_after, felt
from analysis.voices import ON_SITE
from geodata.hexagons import DEFAULT_SIDE
from geodata.records.vocabularies import EVENT_TYPES
from geodata.workspace import Workspace

COLUMNS = ["id", "label", "hexagon", "on", "wards"]


def walks_and_actions(workspace: Workspace, *, side: int = DEFAULT_SIDE) -> pd.DataFrame:
    """List walks that were held and actions that were completed, where their place is known.

    Parameters
    ----------
    workspace : Workspace
        Whose records.
    side : int, default 200
        Side of the hexagons, metres.

    Returns
    -------
    pandas.DataFrame
        `id`, `label` (what, where, when), `hexagon`, `on` ('YYYY-MM-DD'), `wards` (codes), newest
        first; empty where there are no records.
    """
    records = records_of(workspace)
    if records is None:
        return pd.DataFrame(columns=COLUMNS)
    events, actions = records.frame("events", status="held"), records.frame("actions")
    where = Located(records.frame("sites"), records.frame("stops"), records.frame("events"), side)
    held = pd.DataFrame(
        {
            "id": events["event_id"],
            "what": events["event_type"].map(EVENT_TYPES),
            "name": events["location_name"],
            "hexagon": where.of(events, "site_id", own=True),
            "on": events["planned_date"],
            "wards": events["ward_codes"],
        }
    )
    completed = actions[actions["completed_on"].notna()]
    finished = pd.DataFrame(
        {
            "id": completed["action_id"],
            "what": "Action",
            "name": completed["action_text"],
            "hexagon": where.of(completed, "site_id", "stop_id", "event_id"),
            "on": completed["completed_on"],
            "wards": [(code,) for code in completed["ward_code"]],
        }
    )
    table = pd.concat([held, finished], ignore_index=True).dropna(subset=["hexagon", "on"])
    table = table.assign(on=pd.to_datetime(table["on"]).dt.strftime("%Y-%m-%d"))
    names = table["name"].astype(str).str.slice(0, 60)
    label = table["what"] + names.where(names == "", ": " + names) + ", " + table["on"]
    return table.assign(label=label).sort_values("on", ascending=False)[COLUMNS]


def felt_before_and_after(
    workspace: Workspace, hexagons: Collection[str], on: str, *, side: int = DEFAULT_SIDE
) -> pd.DataFrame | None:
    """Compare how safe people felt at a place before and after, light by light.

    Only answers that one person gave who was there are used, and of those only what they felt, not
    what they remembered. "How safe do you feel here now" counts for the light the walk was held
    under.

    Parameters
    ----------
    workspace : Workspace
        Whose records.
    hexagons : collection of str
        The place.
    on : str
        The date, 'YYYY-MM-DD'.
    side : int, default 200
        Side of the hexagons, metres.

    Returns
    -------
    pandas.DataFrame or None
        As `analysis.perception.before_and_after`; None where nobody answered there.
    """
    records = records_of(workspace)
    if records is None:
        return None
    said, stops = records.frame("responses"), records.frame("stops")
    where = Located(records.frame("sites"), stops, records.frame("events"), side)
    here = where.of(said, "stop_id", own=True).isin(list(hexagons))
    own = said["mode"].eq("individual") & said["experience"].isin(ON_SITE)
    said = said[here & own & said["said_on"].notna()]
    if said.empty:
        return None
    light = said["event_id"].map(light_of_events(workspace)).fillna("")
    return before_and_after(felt(said.assign(light=light)), on)
