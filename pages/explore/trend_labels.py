"""What the Trends page calls its series and columns, and what it says of their limits."""

from __future__ import annotations

BY = {
    "borough": "The borough",
    "ward": "Wards",
    "category": "Kinds of report",
    "site": "Named places",
}
DRUGS = {"": "Anti-social behaviour alone", "with": "With drugs, as one series"}
SUMMARY = {
    "name": "Series",
    "count": "Reports",
    "year_before": "A year before",
    "z": "Poisson z",
    "words": "In words",
    "stands_out": "Months that stand out",
}
LIMITS = (
    "The limits are those between which a series like this varies by itself, as much as one month "
    "differs from the next. The rules are meant to be sensitive: on three years in which nothing "
    "happens, about one chart in three marks some month. A mark is a reason to look, not a finding."
)
Z_LIMITS = (
    "z compares two counts by chance alone; beyond 3 either way is called a change. Reports vary "
    "more than chance alone, so look at the months too. Months are never compared with the month "
    "before: a season would look like a change."
)
NO_CAUSE = (
    "Why a number rose or fell is not known from here: campaigns, a new way to report, or changes "
    "of recording raise and lower it too. Publicised walks raise reporting, and more reports may "
    "be success."
)
