"""Counts beside the reports: the same as counting rows, whatever happens to files and rows."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata import aggregates, durable, partitions
from geodata.hexagons import SIDES, hexagon_ids_of, hexagon_of
from geodata.store import change_wards, commit, read_incidents, undo
from geodata.workspace import Workspace
from tests.builders import batch, incidents, two_wards, workspace_of

TEXTS = ["month", "category", "record_level", "ward_code", "ward_match"]
KEYS = ["partition", "category", "record_level", "ward_code", "ward_match", "in_collar"]

ROWS = st.lists(
    st.tuples(
        st.sampled_from([0, 1]),
        st.sampled_from(["incident", "complaint"]),
        st.sampled_from(["police_uk_unspecified", "rowdy", "burglary"]),
        st.sampled_from([("A", "inside", False), ("B", "inside", False), (None, "outside", True),
                         (None, "outside", False), (None, "no_location", False)]),
        st.booleans(),
        st.sampled_from([0.0, 90.0, 99.9, 350.0]),
    ),
    max_size=50,
)  # fmt: skip


def by_rows(workspace: Workspace, side: int) -> dict[tuple[object, ...], tuple[int, int]]:
    """Count in the plainest way: row after row."""
    found: dict[tuple[object, ...], tuple[int, int]] = {}
    rows = read_incidents(workspace, sources=["police_uk"])
    x, y = rows["easting"].to_numpy(), rows["northing"].to_numpy()
    cells = hexagon_ids_of(x, y, side) if side else [""] * len(rows)
    for row, cell in zip(rows.astype(dict.fromkeys(TEXTS, object)).to_dict("records"), cells,
                         strict=True):  # fmt: skip
        if side and row["ward_match"] != "inside" and not row["in_collar"]:
            continue
        words = [None if row[name] != row[name] else row[name] for name in TEXTS]
        key = (*words, row["in_collar"], cell)
        count, near = found.get(key, (0, 0))
        found[key] = count + 1, near + int(row["near_boundary"])
    return found


def by_counts(workspace: Workspace, side: int) -> dict[tuple[object, ...], tuple[int, int]]:
    table = aggregates.counts(workspace, "police_uk", side=side)
    found: dict[tuple[object, ...], tuple[int, int]] = {}
    for row in table.astype(dict.fromkeys(TEXTS, object)).to_dict("records"):
        words = [None if row[name] != row[name] else row[name] for name in TEXTS]
        key = (*words, row["in_collar"], row.get("hexagon", ""))
        count, near = found.get(key, (0, 0))  # a month may lie in several files
        found[key] = count + row["count"], near + row.get("near_boundary", 0)
    return found


def agrees(workspace: Workspace) -> None:
    """The counts are those of the rows, also when they are read from nothing but their files."""
    for kept in (True, False):
        if not kept:
            forget()
        assert by_counts(workspace, 0) == by_rows(workspace, 0)
        for side in SIDES:
            rows = by_rows(workspace, side)
            assert {k: n for k, (n, _) in by_counts(workspace, side).items()} == {
                k: n for k, (n, _) in rows.items()
            }


def forget() -> None:
    """Drop what this process holds, as a new one would begin."""
    aggregates._kept._kept.clear()


def files(workspace: Workspace) -> list[Path]:
    return sorted((workspace.path / aggregates.FOLDER).rglob("*.parquet"))


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    rows = [("2026-03", 100, 500), ("2026-03", 100, 500), ("2026-03", 1300, 500, "rowdy"),
            ("2026-04", -300, 500), ("2026-04", -3000, 500), ("2026-04", None, None)]  # fmt: skip
    march, april = incidents(rows[:3]), incidents(rows[3:])
    return workspace_of(tmp_path / "w", batch("march", march), batch("april", april))


@given(ROWS)
def test_whatever_the_rows_they_are_counted_as_one_by_one(rows: list[tuple[Any, ...]]) -> None:
    """Every row is in part 0; those inside and around the wards are in each size of hexagon."""
    names = ["partition", "record_level", "category", "where", "near_boundary", "easting"]
    frame = pd.DataFrame(rows, columns=names).astype({"easting": "float64", "near_boundary": bool})
    where = pd.DataFrame(frame.pop("where").tolist(), columns=["ward_code", "ward_match", "near"])
    placed = where["ward_match"] != "no_location"
    frame = frame.assign(
        ward_code=where["ward_code"].astype("category"), ward_match=where["ward_match"],
        in_collar=where["near"].astype(bool), northing=-170.0,
        easting=frame["easting"].where(placed),
    )  # fmt: skip
    table = aggregates.count_rows(frame)
    assert table["count"].gt(0).all()
    for side in (0, *SIDES):
        expected: Counter[tuple[object, ...]] = Counter()
        near: Counter[tuple[object, ...]] = Counter()
        for row in frame.astype(object).where(frame.notna(), None).to_dict("records"):
            if side and row["ward_match"] != "inside" and not row["in_collar"]:
                continue
            q, r = (0, 0) if not side else _cell(row["easting"], row["northing"], side)
            key = (*(row[name] for name in KEYS), q, r)
            expected[key] += 1
            near[key] += bool(row["near_boundary"]) and not side
        mine = table[table["part"] == side].astype(object)
        keys = [*KEYS, "q", "r"]
        found = {
            tuple(None if x != x else x for x in (row[k] for k in keys)): row
            for row in mine.to_dict("records")
        }
        assert {k: row["count"] for k, row in found.items()} == dict(expected)
        assert {k: row["near_boundary"] for k, row in found.items()} == {k: near[k] for k in found}


def _cell(x: float, y: float, side: int) -> tuple[int, int]:
    q, r = hexagon_of(np.array([x]), np.array([y]), side)
    return int(q[0]), int(r[0])


def test_an_import_leaves_a_file_for_each_partition(made: Workspace) -> None:
    named = {Path(p.path).name for p in made.manifest().live}
    assert {path.name for path in files(made)} == named
    table = aggregates.counts(made, "police_uk")
    by_match = table.groupby("ward_match", observed=True)["count"].sum()
    assert by_match.to_dict() == {"inside": 3, "outside": 2, "no_location": 1}
    assert table.loc[table["in_collar"], "count"].sum() == 1
    assert aggregates.counts(made, "council_asb").empty


def test_it_is_read_once_and_shared(made: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    first = aggregates.counts(made, "police_uk", side=200)
    monkeypatch.setattr(aggregates, "read", None)
    assert aggregates.counts(Workspace.open(made.path), "police_uk", side=200) is first


def test_an_import_is_seen_and_reads_only_what_is_new(
    made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    plain = partitions.read
    aggregates.counts(made, "police_uk")

    def counted(folder, wanted, columns=None):  # type: ignore[no-untyped-def]
        read.extend(p.rows for p in wanted)
        return plain(folder, wanted, columns)

    monkeypatch.setattr(partitions, "read", counted)
    commit(made, [batch("may", incidents([("2026-05", 100, 500)] * 4))])
    now = made.reopen()
    assert aggregates.counts(now, "police_uk")["count"].sum() == 10
    assert aggregates.counts(made, "police_uk")["count"].sum() == 6  # still at its own state
    assert read == [4]


def test_undoing_joining_again_and_placing_are_seen(tmp_path: Path) -> None:
    stored = workspace_of(tmp_path / "w", batch("a", incidents([("2026-03", 100, 500)] * 2)))
    commit(stored, [batch("b", incidents([("2026-04", None, None), ("2026-04", 1300, 500)]))])
    agrees(stored.reopen())
    moved = two_wards().assign(ward_code=["E05999995", "E05999996"])
    change_wards(stored, moved, {})
    agrees(stored.reopen())
    assert set(aggregates.counts(stored.reopen(), "police_uk")["ward_code"].dropna()) == {
        "E05999995", "E05999996",
    }  # fmt: skip
    undo(stored, stored.reopen().manifest().imports[-1].import_id)
    now = stored.reopen()
    agrees(now)
    assert aggregates.counts(now, "police_uk")["count"].sum() == 2


@pytest.mark.parametrize("harm", ["deleted", "cut short", "no parquet", "empty"])
def test_what_is_lost_or_broken_is_made_again(made: Workspace, harm: str) -> None:
    one = files(made)[0]
    whole = one.read_bytes()
    if harm == "deleted":
        one.unlink()
    else:
        one.write_bytes({"cut short": whole[: len(whole) // 2], "empty": b""}.get(harm, b"x" * 99))
    forget()
    assert by_counts(made, 0) == by_rows(made, 0)
    assert one.read_bytes() == whole


def test_a_folder_that_cannot_be_written_to_still_answers(
    made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in files(made):
        path.unlink()

    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "replace", refuse)
    agrees(made)
    assert not files(made)
    assert not list((made.path / aggregates.FOLDER).rglob(f"{durable.TEMPORARY}*"))


def test_what_no_manifest_names_is_swept_after_a_while(made: Workspace) -> None:
    stray = files(made)[0].with_name("0" * 32 + ".parquet")
    stray.write_bytes(b"of rows that are gone")
    aggregates.prepare(made)
    assert stray.exists()  # somebody who opened the workspace before may still read it
    long_ago = time.time() - 2 * durable.GRACE_S
    for path in files(made):
        os.utime(path, (long_ago, long_ago))
    aggregates.prepare(made)
    assert not stray.exists()
    assert len(files(made)) == 4  # two partitions, each counted in two ways


def test_large_partitions_are_counted_a_few_at_a_time(
    made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aggregates, "READ_AT_ONCE", 1)
    for path in files(made):
        path.unlink()
    agrees(made)


def test_counting_by_hand() -> None:
    """Two reports at one spot by the edge, one elsewhere in the same hexagon of 350 m."""
    rows = pd.DataFrame(
        {
            "partition": [0, 0, 0], "record_level": "incident", "category": "rowdy",
            "ward_code": "A", "ward_match": "inside", "near_boundary": [True, True, False],
            "in_collar": False, "easting": [0.0, 0.0, 180.0], "northing": 0.0,
        }
    )  # fmt: skip
    table = aggregates.count_rows(rows)
    by_part = table.groupby("part")["count"].agg(list)
    assert by_part.to_dict() == {0: [3], 100: [2, 1], 200: [3], 350: [3]}
    assert table.loc[table["part"] == 0, "near_boundary"].tolist() == [2]
