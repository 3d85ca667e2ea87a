"""The Did it work? page: before and after at a place, set against comparable places."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import streamlit as st

from analysis.effect_words import VERDICTS
from analysis.evaluation import Effect, Evaluation
from analysis.jobs.choices import Choices
from analysis.jobs.done import felt_before_and_after, walks_and_actions
from analysis.jobs.evaluate import EvaluateResult, months_to_judge
from analysis.jobs.voices import last_day
from analysis.perception import LIGHTS
from analysis.report.classes import legend_for
from analysis.report.taken import RECORDS, MapParts
from geodata import months as m
from geodata.errors import NotEnoughDataError
from pages.components import (
    address,
    cached,
    charts,
    downloads,
    filters,
    frame,
    maps,
    messages,
    pictures,
    sign_in,
    tables,
)
from pages.components.session import workspace
from pages.plan.effect_labels import ABOUT, EFFECT_COLUMNS, FELT_COLUMNS, PUBLISHED, READINGS


def choose_done(stored: Choices) -> str:
    """Offer the months in which something may have been done, so that it can be judged."""
    months, first = months_to_judge(stored.months)
    if not months:
        raise NotEnoughDataError(
            "Before and after need 6 months of reports before and 3 after",
            got=f"{len(stored.months)} months",
            todo="import earlier months",
        )
    options = {month: m.label(month) for month in months}
    return address.choose("Month it was done", options, key="done", default=first)


def choose_place(areas: pd.DataFrame) -> str:
    """Offer the places of the map as a list, for people who do not use a mouse."""
    listed = areas.sort_values("name", kind="stable")
    options = {"": "None picked", **dict(zip(listed["area_id"], listed["name"], strict=True))}
    return address.choose("Pick a place on the map, or here", options, key="area", default="")


def offer_walks(months: list[str]) -> None:
    """List walks and actions of the records, each with a button that picks its place and month."""
    done = walks_and_actions(here, side=side)
    own = sign_in.reach("page", "did-it-work")
    is_own = pd.Series([own.covers(codes) for codes in done["wards"]], done.index, dtype="bool")
    known = done[done["on"].str.slice(0, 7).isin(months) & is_own]
    if known.empty:
        return
    with st.expander(f"Walks held and actions completed ({len(known)})"):
        options = dict(zip(known["id"], known["label"], strict=True))
        chosen = st.selectbox(
            "Walk or action", list(options), format_func=lambda code: options[code]
        )
        row = known.set_index("id").loc[chosen]
        st.button("Look at this one", on_click=_take, args=(row["hexagon"], row["on"][:7]))


def _take(hexagon: str, month: str) -> None:
    st.session_state["area"], st.session_state["done"] = hexagon, month


def show_map(areas: gpd.GeoDataFrame) -> None:
    """Draw the reports of the last year, to pick a place from."""
    maps.show(
        here, areas, value="count", are="hexagons", title=f"{what} in the last 12 months",
        legend=legend_for(areas["count"], title=f"{what}, last 12 months", adds_up=True),
        key="area", tip=[("count", what)],
    )  # fmt: skip
    title, last = f"{what} in 12 months", stored.months[-1]
    parts = MapParts(areas, "count", what, "hexagons")
    pictures.offer_map(parts, pictures.of(title, m.shift(last, -11), last, stored.source))


def show_reading(result: EvaluateResult, name: str) -> None:
    """Say what was found, words first."""
    found, said = result.found[name], result.sentences[name]
    st.header("What came of it", anchor=False)
    kind: messages.Kind = "note" if found.verdict == "no_sign" else "attention"
    messages.box(kind, VERDICTS[found.verdict], {"Place": name, "Done": m.label(done)})
    frame.say([*said, ABOUT])
    title = f"{what} a month, {name}"
    at = pictures.of(title, *found.months["month"].iloc[[0, -1]], result.selection.source, RECORDS)
    charts.before_and_after(found.months, what=what, caption=title, of=at)


def show_numbers(found: Evaluation) -> None:
    """Lay the numbers behind the words in tables."""
    st.header("The numbers", anchor=False)
    rows = [
        _effect_row("The place", found.here),
        _effect_row("Around it", found.around),
        _effect_row("Both together", found.together),
    ]
    tables.show(
        pd.DataFrame(rows), EFFECT_COLUMNS,
        caption=f"{what} in {len(found.periods.after)} months after, and what was to be expected",
    )  # fmt: skip
    with st.expander("Places compared with"):
        names = dict(zip(areas["area_id"], areas["name"], strict=True))
        compared = found.matched.table.assign(name=found.matched.table["place"].map(names))
        tables.show(
            compared,
            {"name": "Place", "before": f"{what} before", "first": "First half",
             "second": "Second half"},
            caption="Matched on the months before, nearest first",
        )  # fmt: skip
    with st.expander("The published measures: WDD and WDQ"):
        frame.say([PUBLISHED])
        tables.show(found.counts, {"group": "Group", "before": "Before", "after": "After",
                                   "hexagons": "Hexagons"}, caption="The eight counts")  # fmt: skip
        tables.facts(_published(found))


def _effect_row(where: str, effect: Effect) -> dict[str, object]:
    change = effect.change
    numbers = {
        name: round(float(getattr(effect, name)))
        for name in ("before", "likely", "expected", "observed")
    }
    return {
        "where": where,
        **numbers,
        "change": _signed(change.value),
        "range": f"{_signed(change.low)} and {_signed(change.high)}",
    }


def _signed(value: float) -> str:
    return f"{value:+,.0f}".replace("-", "−")


def _published(found: Evaluation) -> dict[str, object]:
    plain, spread, ratio = found.plain, found.plain_spread, found.quotient
    facts: dict[str, object] = {
        "WDD": f"{plain.value:+,.0f} (between {plain.low:+,.0f} and {plain.high:+,.0f})",
        f"WDD, counts scatter {found.dispersion:.1f} times as much as by chance": (
            f"between {spread.low:+,.0f} and {spread.high:+,.0f}"
        ),
    }
    if ratio is None or ratio.wdq != ratio.wdq:
        facts["WDQ"] = "not defined: the place did not fall against the comparison"
    elif ratio.high == float("inf"):
        facts["WDQ"] = f"{ratio.wdq:.2f} (any value is possible: the fall is not certain)"
    else:
        facts["WDQ"] = f"{ratio.wdq:.2f} (between {ratio.low:.2f} and {ratio.high:.2f})"
    return facts


def show_felt(found: Evaluation) -> None:
    """Say how safe people felt before and after, light by light."""
    st.header("How safe people felt", anchor=False)
    if not sign_in.allowed("field", "small counts"):
        frame.say(["What few people said is counted for the council's own staff alone."])
        return
    felt = felt_before_and_after(here, found.places, last_day(done).isoformat(), side=side)
    if felt is None:
        messages.box(
            "note",
            "Nobody has told us how they felt here. Walk it again under the same light, and ask.",
        )
        return
    frame.say(["Answers of 1 or 2 of 6 count as unsafe. By day is compared with by day, and after "
               "dark with after dark."])  # fmt: skip
    rows = felt.assign(
        light=felt["light"].map(LIGHTS).str.capitalize(),
        before=[
            f"{u} of {n}" for u, n in zip(felt["unsafe_before"], felt["n_before"], strict=True)
        ],
        after=[f"{u} of {n}" for u, n in zip(felt["unsafe_after"], felt["n_after"], strict=True)],
        change=[_points(row) for _, row in felt.iterrows()],
        reading=felt["reading"].map(READINGS),
    )
    few = felt["reading"] == "too_few"
    rows.loc[few, ["before", "after"]] = "fewer than 5"
    tables.show(rows, FELT_COLUMNS, caption="Felt unsafe, before and after, under the same light")


def _points(row: pd.Series) -> str:
    if row["change"] != row["change"]:
        return ""
    low, high = 100 * row["low"], 100 * row["high"]
    return f"{100 * row['change']:+.0f} (between {low:+.0f} and {high:+.0f})"


def show_downloads(result: EvaluateResult, name: str) -> None:
    """Offer the numbers as files."""
    st.header("Take it with you", anchor=False)
    who = downloads.audience()
    with downloads.row():
        file = f"did it work {name} {done}"
        downloads.table(here, result.table, name=file, source=stored.source, who=who)


here = workspace()
frame.heading(
    "Did it work?",
    "Pick a place and the month in which a walk was held or something was done there. Most answers "
    "are “no sign either way”: few reports come from one place, and chance moves them.",
)
with messages.faults_in_a_box():
    with filters.bar():
        stored = filters.source(here)
        kinds = filters.kinds(stored)
        done = choose_done(stored)
        side = filters.side()
    notices = st.container()
    asked = {"source": stored.source, "categories": kinds}
    what = "Reports" if kinds else "ASB reports"
    year = m.shift(stored.months[-1], -11)
    areas = cached.area_table(
        here, layer="hotspots", first=max(year, stored.months[0]), last=stored.months[-1],
        side=side, **asked,
    )  # fmt: skip
    offer_walks(months_to_judge(stored.months)[0])
    left, right = st.columns([5, 3], gap="medium")
    with right:
        area = choose_place(areas)
        if not area:
            messages.box("note", "Click a place on the map, or pick one from the list.")
    with left:
        show_map(areas)
    with notices:
        address.show_faults()
    if area:
        name = str(areas.set_index("area_id").loc[area, "name"])
        result = cached.evaluate_place(here, area, name, on=done, **asked)
        show_reading(result, name)
        show_numbers(result.found[name])
        show_felt(result.found[name])
        show_downloads(result, name)
