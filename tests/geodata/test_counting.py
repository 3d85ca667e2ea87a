"""Counting by distinct point gives what counting row by row gives, to the last row."""

from __future__ import annotations

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
    points = counting.count_points(write(tmp_path, frames), workers=workers)
    east, north = counting.projected(points, workers=workers)
    names, table = counting.count_hexagons(points, east, north, 200)
    got = pd.DataFrame(table, names)
    located = [frame.dropna() for frame in frames]
    assert points.unlocated == sum(map(len, frames)) - sum(map(len, located))
    for number, frame in enumerate(located):
        q, r = hexagon_of(*to_bng(frame["lon"].to_numpy(), frame["lat"].to_numpy()), 200)
        plain = pd.Series(hexagon_ids(q, r, 200)).value_counts().reindex(names, fill_value=0)
        pd.testing.assert_series_equal(got[number], plain, check_names=False)
    assert table.sum() == sum(map(len, located))


def test_the_number_of_threads_changes_nothing(tmp_path: Path) -> None:
    paths = write(tmp_path, months(6))
    one, other = (counting.count_points(paths, workers=n) for n in (1, 4))
    for name in ("x", "y", "point", "count"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert one.ends == other.ends


def test_a_file_off_the_grid_among_files_on_it_loses_no_point(tmp_path: Path) -> None:
    on, off = months(6)[0].dropna(), months(None)[0].dropna()
    both = pd.concat([off.head(50), on.head(50)], ignore_index=True)
    points = counting.count_points(write(tmp_path, [on, both]))
    seen = pd.MultiIndex.from_arrays([points.x, points.y])
    assert seen.is_unique
    for start, end, frame in zip((0, points.ends[0]), points.ends, (on, both), strict=True):
        entries = slice(start, end)
        told = pd.Series(points.count[entries], seen[points.point[entries]])
        pd.testing.assert_series_equal(
            told.sort_index(), frame.value_counts().sort_index(), check_names=False,
            check_dtype=False, check_index_type=False,
        )  # fmt: skip


def test_no_file_is_no_point() -> None:
    points = counting.count_points([])
    assert (len(points.x), points.ends, points.unlocated) == (0, (), 0)


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
