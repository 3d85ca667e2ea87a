"""How promised actions stand: red, amber, green by rule, what is late, and what is told of them.

Dates are days; the rules compare them with a day that is passed in. A colour always comes with its
word and its reason.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

SOON_DAYS = 14
QUIET_DAYS = 30
SILENT_DAYS = 60
PUBLISH_DAYS = 28
"""Days after a walk within which an issue's outcome should be published."""

DONE = ("completed", "verified")
CLOSED = (*DONE, "cannot_do", "superseded")
RAGS = ("red", "amber", "green", "grey")
RAG_WORDS = {"red": "Red", "amber": "Amber", "green": "Green", "grey": "Grey"}

GROUPS = {"did": "We did", "not_yet": "Not yet", "cannot": "We cannot"}


def rag(actions: pd.DataFrame, as_at: dt.date) -> pd.DataFrame:
    """Say how each action stands.

    Grey: cannot be done, or superseded. Green: completed or verified; or due in more than 14 days
    with an update in the last 30. Red: overdue, or its date revised twice, or blocked without the
    owner's decision, or no update for more than 60 days. Amber: everything else (due within 14
    days, no update for 31 to 60 days, revised once, no date or owner yet).

    Parameters
    ----------
    actions : pandas.DataFrame
        Columns of an action (`geodata.records.tables.Action`); never changed.
    as_at : date
        The day it is asked for.

    Returns
    -------
    pandas.DataFrame
        On the index of `actions`: `due` (the date that holds now), `days_left` (to it),
        `is_open`, `is_overdue`, `rag`, `rag_word`, `rag_reason`.

    Notes
    -----
    Source: the action log of the domain reference, section 4.2. What it leaves open is decided
    here: silence beyond 60 days is red, an action without a date or owner is amber, and
    the day an action was agreed counts as an update.

    Examples
    --------
    >>> actions = pd.DataFrame({"status": ["agreed"], "due_on": ["2026-05-01"],
    ...     "revised_due_on": [None], "revisions": [0], "agreed_on": ["2026-03-01"],
    ...     "last_update_on": ["2026-03-20"], "blocked_decision_on": [None],
    ...     "owner_agency": ["tfl"]})
    >>> rag(actions, dt.date(2026, 4, 1))[["rag", "rag_reason"]].to_numpy().tolist()
    [['green', 'due in 30 days, updated 12 days ago']]
    """
    today = pd.Timestamp(as_at)
    due = _days(actions, "revised_due_on").fillna(_days(actions, "due_on"))
    updated = _days(actions, "last_update_on").fillna(_days(actions, "agreed_on"))
    left = (due - today).dt.days
    quiet = (today - updated).dt.days
    is_open = ~actions["status"].isin(CLOSED)
    rows = [
        _colour(_Standing(*row))
        for row in zip(
            actions["status"], left, quiet, actions["revisions"].fillna(0).astype(int),
            _days(actions, "blocked_decision_on").notna(), actions["owner_agency"] != "",
            strict=True,
        )
    ]  # fmt: skip
    colours = [colour for colour, _ in rows]
    return pd.DataFrame(
        {
            "due": due,
            "days_left": left.astype("Int64"),
            "is_open": is_open,
            "is_overdue": is_open & (left < 0),
            "rag": pd.Series(colours, index=actions.index, dtype="str"),
            "rag_word": pd.Series([RAG_WORDS[c] for c in colours], actions.index, dtype="str"),
            "rag_reason": pd.Series([r for _, r in rows], actions.index, dtype="str"),
        },
        index=actions.index,
    )


@dataclass(frozen=True)
class _Standing:
    status: str
    left: float
    quiet: float
    revisions: int
    decided: bool
    owned: bool


def _colour(one: _Standing) -> tuple[str, str]:
    if one.status in ("cannot_do", "superseded"):
        return "grey", "cannot be done" if one.status == "cannot_do" else "superseded"
    if one.status in DONE:
        return "green", one.status
    for colour, reasons in (("red", _red(one)), ("amber", _amber(one))):
        if reasons:
            return colour, ", ".join(reasons)
    return "green", f"due in {one.left:.0f} days, updated {_ago(one.quiet)}"


def _red(one: _Standing) -> list[str]:
    found = {
        f"{_count(-one.left)} overdue": one.left < 0,
        "date revised twice or more": one.revisions >= 2,
        "blocked, and the owner has not decided": one.status == "blocked" and not one.decided,
        f"no update for {_count(one.quiet)}": one.quiet > SILENT_DAYS,
    }
    return [reason for reason, holds in found.items() if holds]


def _amber(one: _Standing) -> list[str]:
    found = {
        f"due in {_count(one.left)}" if one.left else "due today": one.left <= SOON_DAYS,
        "no date yet": one.left != one.left,
        "no owner yet": not one.owned,
        "date revised once": one.revisions == 1,
        "blocked": one.status == "blocked",
        f"no update for {_count(one.quiet)}": one.quiet > QUIET_DAYS,
        "no update yet": one.quiet != one.quiet,
    }
    return [reason for reason, holds in found.items() if holds]


def _count(days: float) -> str:
    return "" if days != days else f"{days:.0f} day{'' if days == 1 else 's'}"


def _ago(days: float) -> str:
    return "today" if days <= 0 else f"{_count(days)} ago"


def said_and_done(actions: pd.DataFrame, as_at: dt.date) -> pd.DataFrame:
    """Write "You said, we did, not yet, cannot" for the public.

    Parameters
    ----------
    actions : pandas.DataFrame
        Columns of an action.
    as_at : date
        The day it is written for.

    Returns
    -------
    pandas.DataFrame
        `action_id`, `ward_code`, `group` ('did', 'not_yet', 'cannot'), `heading`, `you_said`,
        `answer`, `rag`, `rag_word`, `due`; done first, then by date. Proposed and superseded
        actions are left out: nobody has promised them.
    """
    stand = rag(actions, as_at)
    told = actions[~actions["status"].isin(("proposed", "superseded"))]
    group = told["status"].map(
        lambda s: "did" if s in DONE else "cannot" if s == "cannot_do" else "not_yet"
    )
    done = told["we_did"].where(told["we_did"] != "", told["action_text"])
    so_far = told["public_update"].where(told["public_update"] != "", told["action_text"])
    answer = so_far.mask(group == "did", done).mask(group == "cannot", told["why_not"])
    frame = pd.DataFrame(
        {
            "action_id": told["action_id"],
            "ward_code": told["ward_code"],
            "group": group.astype("str"),
            "heading": group.map(GROUPS).astype("str"),
            "you_said": told["you_said"].where(told["you_said"] != "", told["issue_text"]),
            "answer": answer,
            "rag": stand["rag"],
            "rag_word": stand["rag_word"],
            "due": stand["due"],
        },
        index=told.index,
    )
    order = frame["group"].map(list(GROUPS).index)
    frame = frame.assign(order=order).sort_values(["order", "due", "action_id"], kind="stable")
    return frame.drop(columns="order").reset_index(drop=True)


def by_agency(actions: pd.DataFrame, as_at: dt.date) -> pd.DataFrame:
    """Count each agency's actions.

    Returns
    -------
    pandas.DataFrame
        `owner_agency` ('' for none), `actions`, `open`, `overdue`, `completed`, `on_time`
        (of those completed by the date first promised), `verified`, `days_to_verified` (median,
        from agreed; missing where none is). Most overdue first.
    """
    stand = rag(actions, as_at)
    done = _days(actions, "completed_on")
    verified = _days(actions, "verified_on")
    table = pd.DataFrame(
        {
            "owner_agency": actions["owner_agency"],
            "actions": 1,
            "open": stand["is_open"].astype(int),
            "overdue": stand["is_overdue"].astype(int),
            "completed": done.notna().astype(int),
            "on_time": (done <= _days(actions, "due_on")).astype(int),
            "verified": verified.notna().astype(int),
            "days_to_verified": (verified - _days(actions, "agreed_on")).dt.days,
        }
    )
    counted = ["actions", "open", "overdue", "completed", "on_time", "verified"]
    grouped = table.groupby("owner_agency")
    found = grouped[counted].sum().assign(days_to_verified=grouped["days_to_verified"].median())
    return found.reset_index().sort_values(
        ["overdue", "open", "owner_agency"], ascending=[False, False, True], ignore_index=True
    )


def kpis(
    actions: pd.DataFrame,
    events: pd.DataFrame,
    stops: pd.DataFrame,
    responses: pd.DataFrame,
    as_at: dt.date,
) -> pd.DataFrame:
    """Work out the figures a ward panel is shown.

    Parameters
    ----------
    actions, events, stops, responses : pandas.DataFrame
        Columns of each (`geodata.records.tables`).
    as_at : date
        Only what was known by then counts as published; walks within the last 28 days are not
        yet judged by what was published of them.

    Returns
    -------
    pandas.DataFrame
        `code`, `label`, `value` (missing where `n` is 0), `n` (what it is made from), `unit`
        ('%', 'days', 'people', 'points').

    Notes
    -----
    Shares are in per cent. "On time" means by the date first promised, however often it was
    revised since. A repeated issue is one that was met at a place on a walk and again at the same
    place on the walk that repeats it. The change of feeling compares single people's answers on
    the site after dark, and is a difference of means of different people: read it with its n.
    """
    promised = actions[actions["status"] != "superseded"]
    owned = (promised["owner_agency"] != "") & promised["due_on"].notna()
    done = _days(promised, "completed_on")
    dated = promised[done.notna() & promised["due_on"].notna()]
    on_time = done[dated.index] <= _days(dated, "due_on")
    waited = (_days(promised, "verified_on") - _days(promised, "agreed_on")).dt.days.dropna()
    told = _published(promised, events, as_at)
    again = _repeated(events, stops, responses)
    held = events[events["status"] == "held"]
    came = held[["attendees_residents"]].dropna()
    change, people = _dark_change(events, responses)
    rows: list[tuple[str, str, float, int, str]] = [
        ("owned", "Actions with an owner and a date", _share(owned), len(owned), "%"),
        ("on_time", "Completed by the date first promised", _share(on_time), len(on_time), "%"),
        ("verified", "From agreed to verified, median", waited.median(), len(waited), "days"),
        ("published", "Issues of a walk answered in public within 28 days", _share(told),
         len(told), "%"),
        ("repeated", "Issues met again on the next walk", _share(again), len(again), "%"),
        ("attendance", "Residents at an event, median",
         came["attendees_residents"].astype(float).median(), len(came), "people"),
        ("dark_change", "Feeling after dark on repeat walks, change", change, people, "points"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["code", "label", "value", "n", "unit"]).astype(
        {"value": "float64"}
    )


def _published(actions: pd.DataFrame, events: pd.DataFrame, as_at: dt.date) -> pd.Series:
    """Tell for each action of a walk held long enough ago whether its outcome was told in time."""
    held = events[events["status"] == "held"].set_index("event_id")
    started = held["actual_start"].dt.tz_localize(None).dt.normalize()
    day = started.fillna(_days(held, "planned_date"))
    of_walk = actions[actions["event_id"].isin(held.index)]
    walked = pd.Series(day.reindex(of_walk["event_id"]).to_numpy(), index=of_walk.index)
    judged = walked + pd.Timedelta(days=PUBLISH_DAYS) < pd.Timestamp(as_at)
    told = _days(of_walk, "outcome_published_on")
    return (told <= walked + pd.Timedelta(days=PUBLISH_DAYS))[judged]


def _repeated(events: pd.DataFrame, stops: pd.DataFrame, responses: pd.DataFrame) -> pd.Series:
    met = responses[["event_id", "stop_id", "issues"]].merge(
        stops[["stop_id", "site_id"]].dropna(), on="stop_id"
    )
    by_event: dict[str, set[tuple[str, str]]] = {}
    for event, site, issues in zip(met["event_id"], met["site_id"], met["issues"], strict=True):
        by_event.setdefault(event, set()).update((site, issue) for issue in issues)
    pairs = events[["repeat_of_event_id", "event_id"]].dropna()
    again = [
        found in by_event.get(later, set())
        for first, later in zip(pairs["repeat_of_event_id"], pairs["event_id"], strict=True)
        if later in by_event
        for found in sorted(by_event.get(first, set()))
    ]
    return pd.Series(again, dtype=bool)


def _dark_change(events: pd.DataFrame, responses: pd.DataFrame) -> tuple[float, int]:
    alone = responses[(responses["mode"] == "individual") & responses["feel_dark"].notna()]
    alone = alone[~alone["feel_dark_recalled"].fillna(value=False).astype(bool)]
    means = alone.groupby("event_id")["feel_dark"].agg(["mean", "size"])
    pairs = events[["repeat_of_event_id", "event_id"]].dropna()
    pairs = pairs[pairs.isin(set(means.index)).all(axis=1)]
    if pairs.empty:
        return float("nan"), 0
    first, later = means.loc[pairs["repeat_of_event_id"]], means.loc[pairs["event_id"]]
    change = later["mean"].astype(float).to_numpy() - first["mean"].astype(float).to_numpy()
    return float(change.mean()), int(first["size"].sum() + later["size"].sum())


def _share(holds: pd.Series) -> float:
    return 100 * float(holds.mean()) if len(holds) else float("nan")


def _days(frame: pd.DataFrame, column: str) -> pd.Series:
    return pd.to_datetime(frame[column]).astype("datetime64[us]")
