"""A few places side by side: what is known of each, and what is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from analysis.components import COMPONENTS
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
_YES = {True: "yes", False: "no"}


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
    rows = found.full_table.set_index("location_id").loc[chosen]
    facts = {name: [say(place, row) for place, row in rows.iterrows()]
             for name, say in _facts(found).items()}  # fmt: skip
    names = rows["name"].astype(str)
    twice = names.duplicated(keep=False)
    heads = names.where(~twice, names + " (" + rows.index.astype(str) + ")")
    table = pd.DataFrame(facts, index=pd.Index(heads)).T
    return table.rename_axis("fact").rename_axis(None, axis=1).reset_index()


_Say = Callable[[object, pd.Series], str]


def _facts(found: ScoreResult) -> dict[str, _Say]:
    weighed = [c for c in COMPONENTS if found.weights.of(c.code) > 0]
    about = _about(found)
    return {
        "Ward": lambda place, _: str(about.at[place, "ward_name"]),
        "Rank": _rank,
        "Chance of the first ten": lambda _, row: _percent(row["p_top10"]),
        "Pick": lambda _, row: PICKS[row["pick"]] if pd.notna(row["rank"]) else NOT_KNOWN,
        "Score": lambda _, row: _number(row["total"]),
        **{f"{c.label} ({found.weights.of(c.code):g} of {found.weights.total:g})": _part(c.code)
           for c in weighed},
        "Not known": lambda _, row: "; ".join(
            c.evidence for c in weighed if pd.isna(row[f"{c.code}_score"])
        ) or "nothing that is asked for",
        "Reports counted": lambda place, _: _count(found, place, "reports"),
        "People who felt unsafe there": lambda place, _: _felt(found, place),
        "People who asked for a walk": lambda place, _: _count(found, place, "asking"),
        "Actions still open": lambda place, _: _count(found, place, "owed"),
        "Last visit": lambda place, _: _visit(found, place),
        "To know": lambda _, row: row["tags"] or NONE,
        "Reached without steps": lambda place, _: _YES.get(about.at[place, "step_free"], NOT_KNOWN),
        "A van can stand there": lambda place, _: _YES.get(about.at[place, "kerb_space"],
                                                           NOT_KNOWN),
    }  # fmt: skip


def _about(found: ScoreResult) -> pd.DataFrame:
    """Say what the places themselves are like; of a hexagon nobody said anything."""
    empty = pd.DataFrame(index=found.table["location_id"], columns=["ward_name"])
    about = empty if found.where is None else found.where.table.set_index("location_id")
    return pd.DataFrame(about).reindex(columns=["ward_name", "step_free", "kerb_space"])


def _part(code: str) -> _Say:
    def say(_: object, row: pd.Series) -> str:
        score, raw = row[f"{code}_score"], row[f"{code}_raw"]
        return NOT_KNOWN if pd.isna(score) else f"{score:.0f} (from {raw:.3g})"

    return say


def _rank(_: object, row: pd.Series) -> str:
    if pd.isna(row["rank"]):
        return "not enough evidence yet"
    if pd.isna(row["rank_low"]):
        return f"{row['rank']:.0f}"
    return rank_words(row["rank"], row["rank_low"], row["rank_high"])


def _percent(share: float) -> str:
    return NOT_KNOWN if pd.isna(share) else f"{100 * share:.0f} %"


def _number(value: float) -> str:
    return NOT_KNOWN if pd.isna(value) else f"{value:.1f}"


def _count(found: ScoreResult, place: object, name: str) -> str:
    if name not in found.facts:
        return NOT_KNOWN
    value = found.facts.at[place, name]
    return NOT_KNOWN if pd.isna(value) else f"{value:,.0f}"


def _felt(found: ScoreResult, place: object) -> str:
    if "answers" not in found.facts:
        return NOT_KNOWN
    answers, unsafe = (found.facts.at[place, name] for name in ("answers", "unsafe"))
    return f"{unsafe:.0f} of {answers:.0f}" if answers > 0 else "nobody was asked"


def _visit(found: ScoreResult, place: object) -> str:
    visits = found.visits
    if visits.empty:
        return NOT_KNOWN
    here = visits[visits["place"].eq(place) & visits["on"].notna()]
    if here.empty:
        return "none on record"
    last = here.sort_values("on", kind="stable").iloc[-1]
    day = pd.Timestamp(last["on"])
    return f"{day.day} {day:%B %Y}, {_LIGHT.get(str(last['light']), '')}".rstrip(", ")
