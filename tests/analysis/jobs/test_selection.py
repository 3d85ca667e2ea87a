"""Counts of a selection are those of its rows, for every source, level, kind, month and hexagon."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.jobs.selection import select, selected_counts, selected_incidents
from geodata.hexagons import SIDES, hexagon_ids_of
from geodata.vocabularies import CATEGORIES
from geodata.workspace import Workspace
from tests.builders import batch, incidents, workspace_of

MONTHS = ("2025-12", "2026-01", "2026-03")
KEYS = ["month", "category", "ward_code", "ward_match", "in_collar"]
SOURCES = {"police_uk": ["incident"], "council_asb": ["complaint", "case"]}


def _rows(source: str, level: str, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    kinds = [category.code for category in CATEGORIES[:6]]
    places = [None, -3000.0, -400.0, 10.0, 300.0, 999.0, 1001.0, 1990.0]
    rows = [
        (MONTHS[rng.integers(3)], places[rng.integers(8)], rng.uniform(0, 1000), rng.choice(kinds))
        for _ in range(150)
    ]
    return incidents(rows, source=source, record_level=level, force=f"{level}s")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    levels = [(source, level) for source, known in SOURCES.items() for level in known]
    parts = [batch(level, _rows(*each, seed)) for seed, each in enumerate(levels)
             for level in each[1:]]  # fmt: skip
    return workspace_of(tmp_path_factory.mktemp("w"), *parts)


@given(st.data())
def test_every_filter_counts_its_rows(made: Workspace, data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(list(SOURCES)))
    first, last = sorted(data.draw(st.tuples(st.sampled_from(MONTHS), st.sampled_from(MONTHS))))
    kinds = data.draw(st.lists(st.sampled_from([c.code for c in CATEGORIES[:6]]), max_size=3))
    chosen = select(
        made, source=source, first=first, last=last, categories=tuple(kinds),
        record_level=data.draw(st.sampled_from(SOURCES[source])),
    )  # fmt: skip
    rows = selected_incidents(made, chosen, [*KEYS, "near_boundary", "easting", "northing"])
    whole = selected_counts(made, chosen)
    assert whole["count"].sum() == len(rows)
    assert whole["near_boundary"].sum() == rows["near_boundary"].sum()
    assert _added(whole, KEYS) == _added(rows.assign(count=1), KEYS)
    side = data.draw(st.sampled_from(SIDES))
    x, y = rows["easting"].to_numpy(), rows["northing"].to_numpy()
    placed = rows.assign(hexagon=hexagon_ids_of(x, y, side), count=1)
    placed = placed[placed["ward_match"].eq("inside") | placed["in_collar"]]
    keys = [*KEYS, "hexagon"]
    assert _added(selected_counts(made, chosen, side=side), keys) == _added(placed, keys)


def _added(counted: pd.DataFrame, keys: list[str]) -> dict[tuple[str, ...], int]:
    words = counted[keys].astype(str)
    return counted["count"].groupby([words[key] for key in keys]).sum().to_dict()


def test_a_shared_answer_belongs_to_one_state(made: Workspace) -> None:
    """The same question is answered once; a category is not another one's answer."""
    assert select(made) is select(Workspace.open(made.path))
    assert select(made, categories=("rowdy",)) != select(made)
