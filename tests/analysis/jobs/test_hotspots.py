"""Certified hot spots of a workspace: a planted cluster is found, its edges treated as said."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure import Audience
from analysis.hotspot_words import OUTLINES, WORDS
from analysis.jobs import hotspots as job
from analysis.jobs.hotspots import INSIDE_NOTE, WHOLE_NOTE, hotspots
from analysis.jobs.maps import map_file
from geodata import kept
from geodata import months as m
from geodata.errors import NotEnoughDataError, SaferWalksError
from geodata.hexagons import centre, cover, hexagon_of, parse_hexagon_id
from geodata.store import commit
from geodata.workspace import Workspace
from tests.builders import ORIGIN, batch, incidents, two_wards, workspace_of

MONTHS = m.window("2026-04", 12)


def _scattered(
    extra: int, *, around: bool, when: range = range(12)
) -> list[tuple[str, float, float]]:
    """Two reports a hexagon of 100 m all over, and `extra` in seven that lie together."""
    rng = np.random.default_rng(7)
    low, high = (-480, 480) if around else (10, -10)
    rows: list[tuple[str, float, float]] = []
    for n in range(400):
        x, y = rng.uniform(low, 2000 + high), rng.uniform(low, 1000 + high)
        rows.append((MONTHS[n % 12], x, y))
    q, r = _middle()
    steps = [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, -1), (-1, 1)]
    for a, b in steps:
        cx, cy = centre(np.array([q + a]), np.array([r + b]), 100)
        for n in range(extra):
            rows.append(
                (MONTHS[when[n % len(when)]], float(cx[0]) - ORIGIN[0], float(cy[0]) - ORIGIN[1])
            )
    return rows


def _middle() -> tuple[int, int]:
    """Name the cell around which the cluster is planted, in the middle of the western ward."""
    q, r = hexagon_of(np.array([ORIGIN[0] + 500.0]), np.array([ORIGIN[1] + 500.0]), 100)
    return int(q[0]), int(r[0])


@pytest.fixture
def clustered(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path / "w", batch("met", incidents(_scattered(30, around=False))))


def test_a_planted_cluster_is_certified_and_little_else(clustered: Workspace) -> None:
    found = hotspots(clustered, side=100)
    hot = found.table[found.table["hot"]]
    assert len(hot) >= 7
    middle_q, middle_r = _middle()
    for name in hot["hexagon"]:
        _, q, r = parse_hexagon_id(name)
        steps = max(abs(q - middle_q), abs(r - middle_r), abs(q + r - middle_q - middle_r))
        assert steps <= 3
    assert f"{len(hot)} of " in found.summary.sentence()


def test_columns_and_candidates(clustered: Workspace) -> None:
    table = hotspots(clustered, side=100).table
    assert table.columns.tolist() == [
        "hexagon", "name", "ward_code", "count", "expected", "statistic", "p", "hot", "word",
        "class", "class_older", "hot_share", "busy_share", "geometry",
    ]  # fmt: skip
    assert table["hexagon"].tolist() == cover(two_wards(), 100)["hexagon"].tolist()
    assert set(table.loc[~table["hot"], "word"]) == {""}
    assert set(table.loc[table["hot"], "word"]) <= set(WORDS)


def test_reports_without_arrangement_certify_nothing(tmp_path: Path) -> None:
    made = workspace_of(tmp_path / "w", batch("met", incidents(_scattered(0, around=False))))
    found = hotspots(made, side=100)
    assert not found.table["hot"].any()
    assert found.summary.sentence().startswith("None of the")


def test_edges_are_whole_where_a_collar_is_stored_and_shares_where_not(tmp_path: Path) -> None:
    around = workspace_of(tmp_path / "a", batch("m", incidents(_scattered(30, around=True))))
    within = workspace_of(tmp_path / "b", batch("m", incidents(_scattered(30, around=False))))
    assert WHOLE_NOTE in hotspots(around, side=100).notes
    assert INSIDE_NOTE in hotspots(within, side=100).notes


def test_the_same_data_give_the_same_answer(clustered: Workspace) -> None:
    first, second = hotspots(clustered, side=100), hotspots(clustered, side=100)
    assert first.table["p"].equals(second.table["p"])


def test_short_data_get_no_word_and_no_class_and_say_why(tmp_path: Path) -> None:
    rows = [row for row in _scattered(30, around=False) if row[0] >= "2026-01"]
    found = hotspots(workspace_of(tmp_path / "w", batch("m", incidents(rows))), side=100)
    assert found.table["class"].eq("").all()
    assert found.table["word"].eq("").all()
    assert found.windows == ()
    assert any("need 4 complete months in each half" in note for note in found.notes)
    assert any("need 12 complete months" in note for note in found.notes)


@pytest.mark.parametrize(
    ("when", "word"),
    [(range(12), "persistent"), (range(6, 12), "new"), (range(6), "fading")],
)
def test_the_word_says_when(tmp_path: Path, when: range, word: str) -> None:
    """Sixty reports in each of seven hexagons, all year, in the last half or in the first."""
    made = workspace_of(
        tmp_path / "w", batch("m", incidents(_scattered(60, around=False, when=when)))
    )
    table = hotspots(made, side=100).table.set_index("hexagon")
    q, r = _middle()
    assert table.loc[f"h100_{q}_{r}", ["hot", "word"]].tolist() == [True, word]
    assert table.loc[table["hot"], "word"].ne("").all()


def test_a_month_of_one_force_is_left_out_of_the_classes_and_said(tmp_path: Path) -> None:
    met = batch("met", incidents(_scattered(30, around=False)))
    btp = incidents([(x, 500, 500) for x in MONTHS if x != "2025-12"], force="btp")
    found = hotspots(workspace_of(tmp_path / "w", met, batch("btp", btp)), side=100)
    assert "2025-12" not in found.windows
    assert len(found.windows) == 0
    assert any("there are 11" in note for note in found.notes)
    longer = [(m.shift(x, -12), *rest) for x, *rest in _scattered(0, around=False)]
    made = workspace_of(tmp_path / "v", met, batch("btp", btp), batch("old", incidents(longer)))
    again = hotspots(made, side=100)
    assert len(again.windows) == 21
    assert any("leave out December 2025" in note for note in again.notes)
    tested = again.table["p"].notna()
    assert again.table["class"].ne("").tolist() == tested.tolist()


def test_what_was_certified_is_found_again_the_same_and_not_worked_out_twice(
    clustered: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On disk, so that another process finds it; of what was asked exactly, and of these data."""

    def worked_out(*_: object) -> None:
        raise InterruptedError

    first = hotspots(clustered, side=100)
    monkeypatch.setattr(job, "_worked_out", worked_out)
    again = hotspots(clustered, side=100, as_at="2026-04")
    pd.testing.assert_frame_equal(again.table, first.table)
    assert again.to_json() == first.to_json()
    assert (again.windows, again.selection) == (first.windows, first.selection)
    for other in ({"seed": 1}, {"classes": False}, {"as_at": "2026-03"}, {"categories": ("all",)}):
        with pytest.raises(InterruptedError):
            hotspots(clustered, **({"side": 100} | other))
    commit(clustered, [batch("more", incidents([("2026-05", 500, 500)]))], mode="add")
    with pytest.raises(InterruptedError):
        hotspots(clustered.reopen(), side=100, as_at="2026-04")


def test_the_code_that_decides_the_answer_is_part_of_its_name() -> None:
    """Every module of analysis that certifying reaches by import is among those it is named by."""
    reached, todo = set(), ["analysis.jobs.hotspots"]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += [x for x in imports_of(name) if x.startswith("analysis.")]
    named = {file.removesuffix(".py").replace("/", ".") for file in job.CODE}
    assert reached <= named
    assert kept.code_digest(job.CODE) != kept.code_digest(job.CODE[1:])


def imports_of(name: str) -> set[str]:
    """List the modules that a module imports, by reading it."""
    tree = ast.parse(Path(str(import_module(name).__file__)).read_text(encoding="utf-8"))
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    named = {f"{node.module}.{each.name}" for node in froms for each in node.names}
    return {x for x in {*named, *(str(f.module) for f in froms)} if find(x)}


def find(name: str) -> bool:
    return Path(f"{Path(__file__).parents[3] / name.replace('.', '/')}.py").is_file()


def test_progress_is_told_and_the_seed_is_kept(clustered: Workspace) -> None:
    told: list[tuple[float, str]] = []
    found = hotspots(clustered, side=100, seed=3, progress=lambda x, words: told.append((x, words)))
    assert [x for x, _ in told] == sorted(x for x, _ in told)
    assert told[-1] == (1.0, "Done")
    assert found.to_json()["seed"] == 3
    assert sum(found.words().values()) == found.summary.hot_hexagons


def test_too_few_hexagons_are_not_tested(tmp_path: Path) -> None:
    made = workspace_of(tmp_path / "w", batch("m", incidents(_scattered(5, around=False))))
    with pytest.raises(NotEnoughDataError):
        hotspots(made, side=350)


def test_classes_can_be_left_out_and_nothing_else_changes(clustered: Workspace) -> None:
    whole, short = (hotspots(clustered, side=100, classes=c).table for c in (True, False))
    left_out = ["class", "class_older", "hot_share", "geometry"]
    tested = [t[t["p"].notna()].drop(columns=left_out) for t in (whole, short)]
    pd.testing.assert_frame_equal(*tested)
    assert (short["class"].eq("").all(), bool(short["hot_share"].isna().all())) == (True, True)


@pytest.mark.parametrize("audience", ["public", "internal"])
def test_a_map_file_carries_the_outlines_with_their_words(
    clustered: Workspace, audience: Audience
) -> None:
    page = map_file(clustered, layer="hotspots", side=100, audience=audience)
    hot = hotspots(clustered, side=100, classes=False).table.query("hot")
    (word,) = set(hot["word"])
    markup = re.sub(r"<script>.*?</script>|<style>.*?</style>", "", page, flags=re.DOTALL)
    assert re.search(
        rf'<g id="over"><path class="hot-rim" d="M[^"]+"/>.*class="hot-{word}"', markup
    )
    assert f'<span class="key hot hot-{word}" aria-hidden="true"></span>' in markup
    assert f"<span>{OUTLINES[word]}</span>" in markup
    assert markup.count(f"<td>{word}<td>") == len(hot)
    assert "Outlined hexagons are certified hot spots" in markup


def test_outlines_made_from_what_residents_told_are_not_for_the_public(tmp_path: Path) -> None:
    rows = [(*row, "rowdy") for row in _scattered(30, around=False)]
    council = incidents(rows, source="council_asb", force="council")
    made = workspace_of(tmp_path / "w", batch("council", council))
    assert 'id="over"' in map_file(made, layer="hotspots", side=100, audience="internal")
    with pytest.raises(SaferWalksError, match="only by ward"):
        map_file(made, layer="hotspots", side=100, audience="public")
