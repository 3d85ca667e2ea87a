"""What the Did it work? page says of its method, its readings and its columns."""

from __future__ import annotations

ABOUT = (
    "The comparison is with places that had as many reports before and were moving the same way; "
    "they are chosen by the months before alone. It cannot tell what else happened here in the "
    "same months."
)
PUBLISHED = (
    "WDD and WDQ are the measures most evaluations print. They credit a place with falling back "
    "from a lucky count, so for places chosen because they were busy they find success too often. "
    "They are here for those who know them; the reading above does not rest on them."
)
READINGS = {
    "fewer": "fewer felt unsafe, beyond chance",
    "more": "more felt unsafe, beyond chance",
    "no_sign": "no sign either way",
    "too_few": "too few answers to say (5 are needed before and after)",
}
EFFECT_COLUMNS = {
    "where": "Where",
    "before": "Before, as long a time",
    "likely": "Likely level then",
    "expected": "To be expected after",
    "observed": "Came after",
    "change": "Difference",
    "range": "Between",
}
FELT_COLUMNS = {
    "light": "Light",
    "before": "Felt unsafe before",
    "after": "Felt unsafe after",
    "change": "Difference, points",
    "reading": "Reading",
}
