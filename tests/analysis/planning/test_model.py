"""The planner against plans worked out by hand, and against every plan there is."""

from __future__ import annotations

import datetime as dt
from itertools import product

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.planning import assignment
from analysis.planning.assignment import Event, Plan, Programme, broken, same_spot, value
from analysis.planning.model import solve
from analysis.planning.wishes import Wishes

MONDAY = dt.date(2026, 11, 2)
OFF = Wishes(
    per_ward_quarter=None, spacing_m=None, ward_days=None, teams=None, neighbours_apart=False,
    hold_months=None, dark=False, coverage_share=0.0,
)  # fmt: skip


def days(*after: int) -> tuple[dt.date, ...]:
    return tuple(MONDAY + dt.timedelta(days=n) for n in after)


def places(*rows: tuple[str, str, float, float], **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame(
        [row[1:] for row in rows],
        index=[row[0] for row in rows],
        columns=["ward_code", "easting", "northing"],
    ).assign(choosable=True, venue=True, step_free=None, last_visited=None, unresolved=False)
    for name, values in columns.items():
        frame[name] = pd.Series(values, frame.index, dtype="object")
    return frame


def worth(frame: pd.DataFrame, *points: float) -> pd.DataFrame:
    one = pd.Series(points, frame.index, dtype="float64")
    return pd.DataFrame({"walkabout": one, "womens_walk": one})


def programme(
    events: list[Event], frame: pd.DataFrame, points: list[float], wishes: Wishes, **more: object
) -> Programme:
    dusk = {MONDAY + dt.timedelta(days=n): dt.time(17, 5) for n in range(-400, 400)}
    return Programme(tuple(events), frame, worth(frame, *points), wishes, dusk=dusk, **more)  # type: ignore[arg-type]


ROW = places(("p", "A", 0, 0), ("q", "A", 300, 0), ("r", "B", 2000, 0), ("s", "B", 2100, 0))


def test_the_best_place_of_the_ward_is_chosen_and_what_is_fixed_stays() -> None:
    events = [Event("1", "walkabout", ward="A"), Event("2", "walkabout", place="s")]
    solved = solve(programme(events, ROW, [40, 70, 90, 10], OFF))
    assert solved.plan.place == {"1": "q", "2": "s"}
    assert (solved.points, solved.proven, solved.gap) == (70.0, True, 0.0)


def test_nothing_lands_twice_on_one_spot() -> None:
    events = [Event(str(n), "walkabout", ward="B") for n in range(2)]
    solved = solve(programme(events, ROW, [0, 0, 90, 80], OFF))
    # r and s are 100 m apart: one spot. The other event is left without a place, and that is said.
    assert sorted(solved.plan.place.values(), key=str) == [None, "r"]
    assert solved.points == 90.0


def test_spacing_is_given_up_only_where_it_costs_more_than_it_is_worth() -> None:
    events = [Event(str(n), "walkabout", ward="A") for n in range(2)]
    wish = Wishes(**{**OFF.__dict__, "spacing_m": 400.0})
    solved = solve(programme(events, ROW, [40, 70, 0, 0], wish))
    assert set(solved.plan.place.values()) == {"p", "q"}
    (collision,) = solved.collisions
    assert (collision.given_up, collision.points) == (("spacing", "p|q"), 100.0)
    assert collision.collides_with == ()  # what is fixed, the ward, rules it out
    open_wards = [Event(str(n), "walkabout") for n in range(2)]
    apart = solve(programme(open_wards, ROW, [40, 70, 5, 0], wish))
    assert (set(apart.plan.place.values()), apart.points) == ({"q", "r"}, 75.0)


def test_wishes_that_cannot_both_be_kept_are_named() -> None:
    """Two events in one ward, two days: one team a day, and a fortnight between them."""
    events = [Event(str(n), "walkabout", ward="A") for n in range(2)]
    wish = Wishes(**{**OFF.__dict__, "ward_days": 14, "teams": 1, "worth": {"teams": 30.0}})
    solved = solve(programme(events, ROW, [1, 1, 0, 0], wish, days=days(0, 7)))
    assert [c.given_up[0] for c in solved.collisions] == ["ward_days"]
    assert set(solved.plan.day.values()) == set(days(0, 7))
    cheap = Wishes(**{**wish.__dict__, "worth": {"ward_days": 10.0}, "per_ward_quarter": 1})
    both = solve(programme(events, ROW, [1, 1, 0, 0], cheap, days=days(0, 7)))
    assert {c.given_up[0] for c in both.collisions} == {"ward_days", "ward_quarter"}


def test_a_collision_names_the_other_side() -> None:
    """The step-free place was visited last month: one of the two wishes must go."""
    visited = places(
        ("p", "A", 0, 0), ("q", "A", 300, 0), step_free=[True, False],
        last_visited=[MONDAY - dt.timedelta(days=30), None],
    )  # fmt: skip
    wish = Wishes(**{**OFF.__dict__, "hold_months": 6, "step_free": True})
    event = Event("1", "walkabout", ward="A", day=MONDAY)
    solved = solve(programme([event], visited, [50, 50], wish))
    (collision,) = solved.collisions
    pair = {collision.given_up[0], *(kind for kind, _ in collision.collides_with)}
    assert pair == {"recently_visited", "step_free"}


def test_a_womens_walk_is_given_a_day_on_which_it_starts_in_the_dark() -> None:
    dusk = {MONDAY: dt.time(17, 5), MONDAY + dt.timedelta(days=1): dt.time(16, 50)}
    event = Event("1", "womens_walk", ward="A", start=dt.time(17, 0))
    wish = Wishes(**{**OFF.__dict__, "dark": True})
    made = programme([event], ROW, [1, 2, 0, 0], wish, days=days(0, 1))
    solved = solve(Programme(**{**made.__dict__, "dusk": dusk}))
    assert solved.plan.day == {"1": MONDAY + dt.timedelta(days=1)}
    fixed = Event("1", "womens_walk", place="p", day=MONDAY, start=dt.time(17, 0))
    told = Programme(**{**made.__dict__, "events": (fixed,), "dusk": dusk})
    assert [b.kind for b in broken(told, solve(told).plan)] == ["dark"]


def test_one_place_in_five_goes_where_no_walk_has_been_for_longest() -> None:
    wish = Wishes(**{**OFF.__dict__, "coverage_share": 0.2})
    events = [Event("1", "walkabout")]
    solved = solve(programme(events, ROW, [90, 95, 20, 10], wish, least_walked=("B", "A")))
    assert solved.plan.place == {"1": "r"}


def test_a_place_visited_lately_waits_unless_something_there_is_unfinished() -> None:
    seen = [MONDAY - dt.timedelta(days=60), None]
    for unfinished, chosen in (([False, False], "q"), ([True, False], "p")):
        frame = places(
            ("p", "A", 0, 0), ("q", "A", 300, 0), last_visited=seen, unresolved=unfinished
        )
        wish = Wishes(**{**OFF.__dict__, "hold_months": 6})
        made = programme([Event("1", "walkabout", ward="A")], frame, [90, 10], wish, as_at=MONDAY)
        assert solve(made).plan.place == {"1": chosen}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_programme_gives_the_same_plan(seed: int) -> None:
    events = [Event(str(n), "walkabout") for n in range(2)]
    made = programme(events, ROW, [50, 50, 50, 50], Wishes(), days=days(0, 1, 14))
    assert solve(made, seed=seed).plan == solve(made, seed=seed).plan


wards = st.sampled_from(["A", "B", None])
event_lists = st.lists(
    st.tuples(wards, st.sampled_from([None, "p", "r"]), st.sampled_from([None, 0, 7])),
    min_size=1, max_size=3,
)  # fmt: skip
wish_sets = st.builds(
    Wishes,
    per_ward_quarter=st.sampled_from([None, 1]),
    spacing_m=st.sampled_from([None, 400.0, 2500.0]),
    ward_days=st.sampled_from([None, 10]),
    teams=st.sampled_from([None, 1]),
    hours_week=st.sampled_from([None, 2.0, 4.5]),
    neighbours_apart=st.booleans(),
    hold_months=st.sampled_from([None, 6]),
    step_free=st.booleans(),
    avoid=st.sampled_from([(), ((MONDAY, MONDAY, "a holiday"),)]),
    dark=st.booleans(),
    coverage_share=st.sampled_from([0.0, 0.5, 1.0]),
    worth=st.dictionaries(
        st.sampled_from(["spacing", "teams", "dark", "hours"]), st.integers(0, 200)
    ),
)


@settings(max_examples=15)
@given(event_lists, wish_sets, st.lists(st.integers(0, 100), min_size=4, max_size=4), st.booleans())
def test_no_plan_is_better_than_the_one_found(
    drawn: list[tuple[str | None, str | None, int | None]],
    wishes: Wishes,
    points: list[float],
    paired: bool,
) -> None:
    """Every plan there is, valued without the solver, against the one the solver calls best."""
    frame = ROW.assign(
        step_free=pd.Series([True, False, None, True], ROW.index, dtype="object"),
        last_visited=pd.Series([MONDAY, None, MONDAY, None], ROW.index, dtype="object"),
    )
    events = [
        Event(
            str(n), "womens_walk", place=place, ward=None if place else ward,
            day=None if day is None else MONDAY + dt.timedelta(days=day),
            start=dt.time(17, 0) if n else None, minutes=(120, 45, 200)[n],
            repeat_of="0" if paired and n == 1 else None,
        )
        for n, (ward, place, day) in enumerate(drawn)
    ]  # fmt: skip
    made = programme(
        events, frame, points, wishes, days=days(0, 7), least_walked=("B", "A"),
        neighbours=frozenset({frozenset({"A", "B"})}),
    )  # fmt: skip
    solved = solve(made)
    assert solved.proven
    assert solved.points == pytest.approx(value(made, solved.plan), abs=1e-6)
    plans = _all_plans(made)
    if (
        not plans
    ):  # one of a pair is fixed where a third event is fixed too: all stay where they are
        assert paired
        assert all(solved.plan.place[e.event_id] == e.place for e in events if e.place)
        return
    best = max(plans, key=lambda plan: (_placed(plan), value(made, plan)))
    assert _placed(solved.plan) == _placed(best)
    assert solved.points == pytest.approx(value(made, best), abs=1e-6)


def _placed(plan: Plan) -> int:
    return sum(place is not None for place in plan.place.values())


def _all_plans(made: Programme) -> list[Plan]:
    ids = [e.event_id for e in made.events]
    choices = [[*made.candidates(e), *([] if e.place else [None])] for e in made.events]
    when = [made.days_for(e) for e in made.events]
    found = []
    for where in product(*choices):
        open_places = [
            (p, n) for n, (e, p) in enumerate(zip(made.events, where, strict=True))
            if p is not None and e.place is None
        ]  # fmt: skip
        clash = any(
            p is not None and other is not None and same_spot(made, p, other)
            for p, n in open_places
            for m, other in enumerate(where)
            if m != n and made.partner.get(ids[n]) != ids[m]
        )
        apart = any(
            where[ids.index(one)] != where[ids.index(other)] for one, other in made.partner.items()
            if None in (made.by_id[one].place, made.by_id[other].place)
        )  # fmt: skip
        if not clash and not apart:
            found += [
                Plan(dict(zip(ids, where, strict=True)), dict(zip(ids, on, strict=True)))
                for on in product(*when)
            ]
    return found


def test_the_cost_of_insisting_is_the_difference_with_everything_else_as_planned() -> None:
    events = [Event("1", "walkabout"), Event("2", "walkabout", place="s")]
    frame = places(("p", "A", 0, 0), ("q", "A", 300, 0), ("s", "B", 600, 0), ("t", "C", 5000, 0))
    wish = Wishes(**{**OFF.__dict__, "spacing_m": 400.0})
    made = programme(events, frame, [80, 90, 0, 75], wish)
    plan = solve(made).plan
    assert plan.place["1"] == "p"
    others = assignment.alternatives(made, plan, events[0])
    assert [(place, cost, [b.kind for b in new]) for place, cost, new in others] == [
        ("t", 5.0, []),
        ("q", 90.0, ["spacing"]),
    ]


def test_no_more_hours_in_a_week_than_the_teams_have() -> None:
    """Two events of three hours in one week, four hours a week: the other waits a week."""
    events = [Event(str(n), "walkabout", ward="A", minutes=180) for n in range(2)]
    wish = Wishes(**{**OFF.__dict__, "hours_week": 4.0})
    solved = solve(programme(events, ROW, [1, 1, 0, 0], wish, days=days(0, 2, 7)))
    weeks = {assignment.week_of(day) for day in solved.plan.day.values() if day is not None}
    assert weeks == {"2026-11-02", "2026-11-09"}
    crowded = programme(events, ROW, [1, 1, 0, 0], wish, days=days(0, 2))
    (wish_broken,) = broken(crowded, solve(crowded).plan)
    assert (wish_broken.kind, wish_broken.times) == ("hours", 2)  # six hours are two over four


def test_a_pair_goes_to_one_place_by_day_and_after_dark() -> None:
    first = Event("1", "womens_walk", ward="B", start=dt.time(18, 0))
    again = Event("2", "womens_walk", ward="B", repeat_of="1")
    wish = Wishes(**{**OFF.__dict__, "dark": True, "ward_days": 14, "neighbours_apart": True})
    made = programme([first, again], ROW, [0, 0, 60, 50], wish, days=days(0))
    solved = solve(made)
    assert solved.plan.place == {"1": "r", "2": "r"}
    assert [made.light_wanted(e) for e in made.events] == ["dark", "day"]
    assert broken(made, solved.plan) == []
    assert solved.points == 120.0
    early = Event("1", "womens_walk", place="s", day=MONDAY, start=dt.time(13, 0))
    late = Event("2", "womens_walk", day=MONDAY, start=dt.time(15, 0), repeat_of="1")
    told = programme([early, late], ROW, [0, 0, 60, 50], wish)
    plan = solve(told).plan
    assert plan.place == {"1": "s", "2": "s"}  # the place of its pair, which is fixed
    assert [(b.kind, b.events) for b in broken(told, plan)] == [("dark", ("2",))]
    assert assignment.alternatives(told, plan, late) == []


def test_an_alternative_for_one_of_a_pair_moves_both() -> None:
    frame = places(("p", "A", 0, 0), ("q", "A", 900, 0), ("r", "A", 1800, 0))
    events = [Event("1", "womens_walk"), Event("2", "womens_walk", repeat_of="1")]
    made = programme(events, frame, [90, 80, 10], OFF)
    plan = solve(made).plan
    for event in events:
        found = assignment.alternatives(made, plan, event)
        assert [(place, cost) for place, cost, _ in found] == [("q", 20.0), ("r", 160.0)]
