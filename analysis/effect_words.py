"""What a before-and-after comparison comes to, in plain words."""

from __future__ import annotations

from analysis.displacement import Estimate
from analysis.evaluation import Effect, Evaluation
from analysis.matching import PER_PLACE

VERDICTS = {
    "no_sign": "No sign either way",
    "fewer": "Fewer reports than expected, beyond chance",
    "moved": "Fewer reports here, but not once the surroundings are counted",
    "more": "More reports than expected, beyond chance",
}
"""What each verdict is called. Most are 'no sign either way': places are small and few reports come
from them."""

REPORTING = (
    "A walk or an action that people hear of makes more of them report. So more reports can be a "
    "success, and a fall in what happens can hide behind more reporting. Ask people too."
)
UNSEEN = (
    "So few reports come from here that hardly any fall could have shown. That says nothing "
    "against what was done."
)


def say_effect(found: Evaluation, *, what: str) -> list[str]:
    """Say what was found at one place.

    Parameters
    ----------
    found : Evaluation
        From `analysis.evaluation.evaluate`.
    what : str
        What was counted: 'ASB reports'.

    Returns
    -------
    list of str
        Sentences: what came and what was to be expected, the luck in the count before, the
        surroundings, what could have been seen, and what raises reporting.
    """
    here = found.here
    lines = [
        f"In the {_months(len(found.periods.after))} after, {_whole(here.observed)} {what} came "
        f"from here; about {_whole(here.expected)} were to be expected had nothing been done. "
        f"{_range(here.change)}"
    ]
    lines += [line for line in (_luck(here), _around(found), _reach(found)) if line]
    return [*lines, say_smallest(here), REPORTING]


def say_smallest(effect: Effect) -> str:
    """Say how large a fall would have had to be to show."""
    if effect.smallest_share >= 1:
        return UNSEEN
    return (
        f"Only a fall of about {100 * effect.smallest_share:.0f} % "
        f"({_whole(effect.smallest)} reports) or more would have shown four times in five."
    )


def _range(change: Estimate) -> str:
    return (
        f"Allowing for chance, the difference made lies between {_signed(change.low)} and "
        f"{_signed(change.high)}."
    )


def _luck(here: Effect) -> str:
    lucky = here.before - here.likely
    if lucky < max(1.0, 0.02 * here.before):
        return ""
    return (
        f"Before, it had {_whole(here.before)} in as long a time. Places that stand out are partly "
        f"lucky and fall back by themselves: the level under that count was about "
        f"{_whole(here.likely)}, and the comparison starts from there."
    )


def _around(found: Evaluation) -> str:
    if not found.ring:
        return ""
    around, all_of_it = found.around.change, found.together.change
    return (
        f"Around it: {_signed(around.value)} than expected (between {_signed(around.low)} and "
        f"{_signed(around.high)}). With its surroundings: {_signed(all_of_it.value)} "
        f"(between {_signed(all_of_it.low)} and {_signed(all_of_it.high)})."
    )


def _reach(found: Evaluation) -> str:
    if found.matched.is_out_of_reach:
        return "No other place was as busy before, so the comparison leans on less busy ones."
    if len(found.matched.table) < PER_PLACE * len(found.places):
        return "There were few places to compare with."
    return ""


def _signed(value: float) -> str:
    count = round(abs(value))
    if not count:
        return "none fewer or more"
    return f"{count:,} {'fewer' if value < 0 else 'more'}"


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _months(count: int) -> str:
    return "month" if count == 1 else f"{count} months"
