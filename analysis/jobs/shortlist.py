"""A few places side by side: what is known of each, and what is not."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.components import COMPONENTS, Component
from analysis.jobs.score import ScoreResult
from analysis.robustness import rank_words
from geodata.errors import SaferWalksError

FEWEST, MOST = 2, 5
NOT_KNOWN, NONE = "not known", "none"
PICKS = {
    "robust": "robust: among the first ten in at least 80 of 100 draws",
    "sensitive": "sensitive: among the first ten in 20 to 80 of 100 draws",
    "": "seldom among the first ten",
}
_LIGHT = {"day": "by day", "dusk": "at dusk", "dark": "in the dark", "": "light not known"}


def shortlist(found: ScoreResult, places: Sequence[str]) -> pd.DataFrame:
    """Set a few places side by side.

    Parameters
    ----------
    found : ScoreResult
        From `analysis.jobs.score.score`.
    places : sequence of str
        Ids of two to five of its places, in the order they are to stand in.

    Returns
    -------
    pandas.DataFrame
        `fact`, and one column a place, named after it; cells are words.

    Raises
    ------
    SaferWalksError
        If there are fewer than two or more than five, or one is not in the list.
    """
    chosen = list(dict.fromkeys(places))
    unknown = sorted(set(chosen) - set(found.table["location_id"]))
    if unknown or not FEWEST <= len(chosen) <= MOST:
        raise SaferWalksError(
            f"Between {FEWEST} and {MOST} places of the list can be set side by side",
            got=f"{unknown[0]} is not in the list" if unknown else f"{len(chosen)} places",
            todo="take their ids from the list: safer-walks score",
        )
    rows = pd.DataFrame(found.full_table.drop(columns="geometry")).set_index("location_id")
    rows = rows.loc[chosen]
    cells: dict[str, Row] = {str(k): v for k, v in rows.to_dict("index").items()}
    facts = {
        name: [say(place, row) for place, row in cells.items()]
        for name, say in _facts(found).items()
    }
    names = rows["name"].astype(str)
    twice = names.duplicated(keep=False)
    heads = names.where(~twice, names + " (" + rows.index.astype(str) + ")")
    table = pd.DataFrame(facts, index=pd.Index(heads)).T
    return table.rename_axis("fact").rename_axis(None, axis=1).reset_index()


Row = Mapping[Hashable, Any]
_Say = Callable[[str, Row], str]


def _facts(found: ScoreResult) -> dict[str, _Say]:
    weighed = [c for c in COMPONENTS if found.weights.of(c.code) > 0]
    about, known = _about(found), _records(found.facts)
    return {
        "Ward": lambda place, _: str(about[place].get("ward_name", NOT_KNOWN)),
        "Rank": _rank,
        "Chance of the first ten": lambda _, row: _percent(row["p_top10"]),
        "Pick": lambda _, row: NOT_KNOWN if _missing(row["rank"]) else PICKS[row["pick"]],
        "Score": lambda _, row: _number(row["total"]),
        **{
            f"{c.label} ({found.weights.of(c.code):g} of {found.weights.total:g})": _part(c.code)
            for c in weighed
        },
        "Not known": lambda _, row: _lacking(row, weighed),
        "Reports counted": lambda place, _: _count(known[place], "reports"),
        "People who felt unsafe there": lambda place, _: _felt(known[place]),
        "People who asked for a walk": lambda place, _: _count(known[place], "asking"),
        "Actions still open": lambda place, _: _count(known[place], "owed"),
        "Last visit": lambda place, _: _visit(found.visits, place),
        "To know": lambda _, row: row["tags"] or NONE,
        "Reached without steps": lambda place, _: _yes(about[place].get("step_free")),
        "A van can stand there": lambda place, _: _yes(about[place].get("kerb_space")),
    }


def _records(frame: pd.DataFrame) -> dict[str, Row]:
    return {str(key): row for key, row in frame.to_dict("index").items()}


def _about(found: ScoreResult) -> dict[str, Row]:
    """Say what the places themselves are like; of a hexagon nobody said anything."""
    if found.where is None:
        return {str(place): {} for place in found.table["location_id"]}
    table = pd.DataFrame(found.where.table.drop(columns="geometry"))
    return _records(table.set_index("location_id"))


def _missing(value: Any) -> bool:  # noqa: ANN401 - a cell of a frame
    return value is None or value is pd.NA or value is pd.NaT or bool(value != value)


def _yes(said: object) -> str:
    return {True: "yes", False: "no"}.get(said, NOT_KNOWN) if isinstance(said, bool) else NOT_KNOWN


def _lacking(row: Row, weighed: Sequence[Component]) -> str:
    lacking = [c.evidence for c in weighed if _missing(row[f"{c.code}_score"])]
    return "; ".join(lacking) or "nothing that is asked for"


def _part(code: str) -> _Say:
    def say(_: str, row: Row) -> str:
        score, raw = row[f"{code}_score"], row[f"{code}_raw"]
        return NOT_KNOWN if _missing(score) else f"{score:.0f} (from {raw:.3g})"

    return say


def _rank(_: str, row: Row) -> str:
    if _missing(row["rank"]):
        return "not enough evidence yet"
    if _missing(row["rank_low"]):
        return f"{row['rank']:.0f}"
    return rank_words(row["rank"], row["rank_low"], row["rank_high"])


def _percent(share: float) -> str:
    return NOT_KNOWN if np.isnan(share) else f"{100 * share:.0f} %"


def _number(value: float) -> str:
    return NOT_KNOWN if np.isnan(value) else f"{value:.1f}"


def _count(facts: Row, name: str) -> str:
    value = facts.get(name, np.nan)
    return NOT_KNOWN if _missing(value) else f"{value:,.0f}"


def _felt(facts: Row) -> str:
    if "answers" not in facts or _missing(facts["answers"]):
        return NOT_KNOWN
    if not facts["answers"]:
        return "nobody was asked"
    return f"{facts['unsafe']:.0f} of {facts['answers']:.0f}"


def _visit(visits: pd.DataFrame, place: str) -> str:
    if visits.empty:
        return NOT_KNOWN
    here = visits[visits["place"].eq(place) & visits["on"].notna()]
    if here.empty:
        return "none on record"
    last = here.sort_values("on", kind="stable").to_dict("records")[-1]
    day = pd.Timestamp(last["on"])
    return f"{day.day} {day:%B %Y}, {_LIGHT.get(str(last['light']), '')}".rstrip(", ")
