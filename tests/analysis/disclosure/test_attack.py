"""All public tables of many periods, wards and kinds together: nothing withheld is recovered."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.disclosure import Period, Rules, Table, protect, solving
from geodata import months as m
from tests.analysis.disclosure.attacker import Attacker

WARDS, KINDS = ("A", "B", "C"), ("noise", "rowdy", "vehicles")
MONTHS = m.span("2024-04", "2025-12")
RELEASES = ("2025-03", "2025-06", "2025-12")
"""The quarters after which a panel got its tables: years that overlap by nine months, or six."""


def _year(last: str) -> Period:
    return Period(m.shift(last, -11), last)


def _quarter(last: str) -> Period:
    return Period(m.shift(last, -2), last)


def _counts(seed: int, mean: float) -> pd.DataFrame:
    chance = np.random.default_rng(seed)
    cells = list(itertools.product(MONTHS[::3], WARDS, KINDS))
    rates = mean * chance.gamma(1.0, 1.0, len(WARDS) * len(KINDS))
    counts = chance.poisson(np.resize(rates, len(cells)))
    table = pd.DataFrame(cells, columns=["month", "ward_code", "category"]).assign(count=counts)
    return pd.concat([table, table.assign(month=MONTHS[-1], count=0)]).drop_duplicates(
        ["month", "ward_code", "category"]
    )


def _tables(last: str) -> list[Table]:
    year, quarter = (_year(last),), (_quarter(last),)
    return [
        Table(("ward_code", "category"), year),
        Table(("ward_code",), (*year, *quarter)),
        Table(("category",), (*year, *quarter)),
        Table((), (*year, *quarter)),
    ]


def _attacked(counts: pd.DataFrame, *, remembers: bool = True, rules: Rules | None = None):
    """Publish three releases one after the other, and give an attacker all of them."""
    attacker = Attacker({"ward_code": WARDS, "category": KINDS, "quarter": MONTHS[::3]})
    register = None
    masked = 0
    for last in RELEASES:
        found = protect(
            counts, _tables(last), measure="cases", sources=["council_asb"],
            rules=rules, earlier=register if remembers else None,
        )  # fmt: skip
        register = pd.concat([register, found.entries]) if register is not None else found.entries
        masked += found.masked
        for table in found.tables:
            attacker.reads(table, secondaries=1)
    return attacker, masked


def _weak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solving, "withhold", lambda system, threshold: [])


@settings(max_examples=3)
@given(seed=st.integers(0, 10_000), mean=st.sampled_from([0.7, 2.0, 6.0]))
def test_nothing_withheld_is_recovered_from_all_releases_together(seed, mean):
    attacker, _ = _attacked(_counts(seed, mean))
    assert attacker.narrow(need=2) == []


def test_the_attacker_breaks_tables_in_which_only_small_counts_are_masked(monkeypatch):
    _weak(monkeypatch)
    attacker, masked = _attacked(_counts(3, 2.0))
    assert masked > 10
    assert len(attacker.narrow(need=1)) > 3


def test_the_attacker_breaks_releases_that_do_not_know_of_each_other():
    """Each is safe by itself; years that overlap, subtracted, are not."""
    attacker, _ = _attacked(_counts(3, 1.2), remembers=False)
    assert attacker.narrow(need=2) != []
    attacker, _ = _attacked(_counts(3, 1.2))
    assert attacker.narrow(need=2) == []


def test_a_minimum_of_ten_leaves_five_numbers_at_least():
    attacker, masked = _attacked(_counts(5, 3.0), rules=Rules(threshold=10))
    assert masked
    assert attacker.narrow(need=4) == []


def test_a_difference_of_two_tables_tells_no_small_count_that_stands_in_neither():
    """Ward A has 12 cases; without the kind that is left out 10 are left: the 2 would be told."""
    year = _year("2025-03")
    counts = pd.DataFrame(
        {
            "month": "2025-01", "ward_code": list("AABB"), "count": [10, 2, 40, 30],
            "category": ["noise", "rowdy", "noise", "rowdy"],
        }
    )  # fmt: skip
    counts = pd.concat([counts, counts.assign(month="2024-04", count=0)], ignore_index=True)
    first = protect(
        counts, [Table(("ward_code",), (year,))], measure="cases", sources=["council_asb"]
    )
    assert first.tables[0]["count"].tolist() == [12, 70]
    noise = counts.assign(noise=np.where(counts["category"] == "noise", "yes", "no"))
    later = protect(
        noise, [Table(("ward_code", "noise"), (year,))], measure="cases", sources=["council_asb"],
        earlier=first.entries,
    )  # fmt: skip
    table = later.tables[0].set_index(["ward_code", "noise"])
    assert table.loc[("A", "no"), "withheld"] == "1 to 4"
    assert table.loc[("A", "yes"), "withheld"] == "withheld"
    attacker = Attacker(
        {"ward_code": "AB", "noise": ("yes", "no"), "quarter": ("2024-04", "2025-01")}
    )
    for published in (first.tables[0], later.tables[0]):
        attacker.reads(published)
    assert attacker.narrow(need=2) == []
