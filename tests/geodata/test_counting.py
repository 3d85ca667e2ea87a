"""Counting by distinct point gives what counting row by row gives, to the last row."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata import counting
from geodata.crs import to_bng, to_lonlat
from geodata.hexagons import hexagon_codes, hexagon_ids, hexagon_ids_of, hexagon_of


def write(folder: Path, frames: list[pd.DataFrame]) -> list[Path]:
    paths = [folder / f"{number}.parquet" for number in range(len(frames))]
    for path, frame in zip(paths, frames, strict=True):
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path)
    return paths


def months(decimals: int | None) -> list[pd.DataFrame]:
    """Four files on both sides of Greenwich; some rows have no place, one file has no row."""
    rng = np.random.default_rng(3)
    lon, lat = to_lonlat(rng.uniform(520_000, 560_000, 300), rng.uniform(160_000, 200_000, 300))
    if decimals is not None:
        lon, lat = lon.round(decimals), lat.round(decimals)
    frames = []
    for rows in (500, 0, 900, 20):
        at = rng.integers(0, 300, rows)
        frame = pd.DataFrame({"lon": lon[at], "lat": lat[at]})
        frame.loc[frame.index % 17 == 3, "lon"] = np.nan
        frame.loc[frame.index % 29 == 5, "lat"] = np.nan
        frames.append(frame)
    return frames


@pytest.mark.parametrize("decimals", [6, None], ids=["on the grid", "any place"])
@pytest.mark.parametrize("workers", [1, 3])
def test_hexagons_are_those_of_the_rows_one_by_one(
    tmp_path: Path, decimals: int | None, workers: int
) -> None:
    frames = months(decimals)
    paths = write(tmp_path, frames)
    points = counting.count_points(paths, workers=workers)
    east, north = to_bng(points.x, points.y)
    *cells, table = counting.count_hexagons(points, east, north, 200)
    names = hexagon_ids(*cells, 200)
    got = pd.DataFrame(table, names)
    located = [frame.dropna() for frame in frames]
    assert points.unlocated == sum(map(len, frames)) - sum(map(len, located))
    for number, frame in enumerate(located):
        q, r = hexagon_of(*to_bng(frame["lon"].to_numpy(), frame["lat"].to_numpy()), 200)
        plain = pd.Series(hexagon_ids(q, r, 200)).value_counts().reindex(names, fill_value=0)
        pd.testing.assert_series_equal(got[number], plain, check_names=False)
    assert table.sum() == sum(map(len, located))
    together = counting.count_points(paths, apart=False, workers=workers)
    q, r, totals = counting.count_hexagons(together, *to_bng(together.x, together.y), 200)
    assert [axis.tolist() for axis in cells] == [q.tolist(), r.tolist()]
    assert totals[:, 0].tolist() == table.sum(axis=1).tolist()
    assert together.unlocated == points.unlocated


def test_points_are_counted_file_by_file_whatever_the_threads(tmp_path: Path) -> None:
    """On the grid of published coordinates and off it, in one file and across them."""
    on, off = months(6)[0].dropna(), months(None)[0].dropna()
    frames = [on, pd.concat([off.head(50), on.head(50)], ignore_index=True), on.tail(9)]
    paths = write(tmp_path, frames)
    for workers in (1, 2, 5):
        points = counting.count_points(paths, workers=workers)
        seen = pd.MultiIndex.from_arrays([points.x, points.y])
        assert seen.is_unique
        for often, frame in zip(points.files, frames, strict=True):
            told = pd.Series(often.count, seen[often.point])
            assert told.to_dict() == frame.value_counts().to_dict()


def test_batches_that_are_counted_in_between_are_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "CHUNK", 16)
    monkeypatch.setattr(counting, "_AT_ONCE", 3)
    frames = months(6)
    for apart in (True, False):
        points = counting.count_points(write(tmp_path, frames), apart=apart)
        rows = sum(int(often.count.sum()) for often in points.files)
        assert rows + points.unlocated == sum(map(len, frames))
        assert len(points.files) == (4 if apart else 1)


def test_nulls_and_whole_numbers_are_read_as_they_are(tmp_path: Path) -> None:
    """Metres as whole numbers, with Arrow's nulls, and as 32-bit floats."""
    table = pa.table({"e": pa.array([5, None, 5, 7]), "n": pa.array([1, 2, 1, None], "float32")})
    pq.write_table(table, tmp_path / "a.parquet")
    points = counting.count_points([tmp_path / "a.parquet"], x="e", y="n", workers=2)
    assert (points.x.tolist(), points.y.tolist(), points.unlocated) == ([5.0], [1.0], 2)
    assert [often.count.tolist() for often in points.files] == [[2]]


def test_no_file_is_no_point() -> None:
    points = counting.count_points([])
    assert (len(points.x), points.files, points.unlocated) == (0, (), 0)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 2), st.integers(1, 9)), max_size=40),
    st.booleans(),
    st.booleans(),
)
def test_codes_are_counted_as_a_counter_counts_them(
    rows: list[tuple[int, int, int]], many: bool, weighed: bool
) -> None:
    """In a table of all combinations, and sorted where there are too many of them."""
    sizes = (4, 1_000_000_000 if many else 3)
    *codes, weight = (np.array([row[i] for row in rows], dtype="int64") for i in (0, 1, 2))
    found, count = counting.count_codes(codes, sizes, weight if weighed else None)
    told = dict(zip(zip(*(c.tolist() for c in found), strict=True), count.tolist(), strict=True))
    by_hand: Counter[tuple[int, int]] = Counter()
    for one, other, rows_of_it in rows:
        if min(one, other) >= 0:
            by_hand[one, other] += rows_of_it if weighed else 1
    assert told == by_hand
    assert list(told) == sorted(told)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 7e5), st.floats(0, 1.3e6)), max_size=40))
def test_codes_name_the_cell_of_every_point(places: list[tuple[float, float]]) -> None:
    x, y = (np.array([p[i] for p in places], dtype="float64") for i in (0, 1))
    code, q, r = hexagon_codes(x, y, 100)
    here_q, here_r = hexagon_of(x, y, 100)
    np.testing.assert_array_equal(q[code], here_q)
    np.testing.assert_array_equal(r[code], here_r)
    assert sorted(set(zip(q, r, strict=True))) == list(zip(q, r, strict=True))
    assert list(hexagon_ids_of(x, y, 100)) == hexagon_ids(here_q, here_r, 100).tolist()
