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
from geodata.errors import ReportFileError
from geodata.hexagons import hexagon_codes, hexagon_ids, hexagon_ids_of, hexagon_of
from geodata.ward_join import assign_wards_xy
from tests.builders import ORIGIN, two_wards


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
    places = counting.Places(200)
    points = counting.count_points(paths, places, workers=workers)
    files = counting.count_hexagons(points, places)
    located = [frame.dropna() for frame in frames]
    assert points.unlocated == sum(map(len, frames)) - sum(map(len, located))
    for found, frame in zip(files, located, strict=True):
        q, r = hexagon_of(*to_bng(frame["lon"].to_numpy(), frame["lat"].to_numpy()), 200)
        plain = pd.Series(hexagon_ids(q, r, 200)).value_counts().to_dict()
        got = hexagon_ids(found.q, found.r, 200).tolist()
        assert dict(zip(got, found.count.tolist(), strict=True)) == plain
        assert list(zip(found.q, found.r, strict=True)) == sorted(
            zip(found.q, found.r, strict=True)
        )
    again = counting.Places(200)
    together = counting.count_points(paths, again, apart=False, workers=workers)
    [whole] = counting.count_hexagons(together, again)
    added: Counter[tuple[int, int]] = Counter()
    for found in files:
        cells = zip(found.q.tolist(), found.r.tolist(), strict=True)
        added.update(dict(zip(cells, found.count.tolist(), strict=True)))
    cells = zip(whole.q.tolist(), whole.r.tolist(), strict=True)
    assert dict(zip(cells, whole.count.tolist(), strict=True)) == added
    assert together.unlocated == points.unlocated
    assert together.rows == points.rows == sum(map(len, frames))


def test_points_are_counted_file_by_file_whatever_the_threads(tmp_path: Path) -> None:
    """On the grid of published coordinates and off it, in one file and across them."""
    on, off = months(6)[0].dropna(), months(None)[0].dropna()
    frames = [on, pd.concat([off.head(50), on.head(50)], ignore_index=True), on.tail(9)]
    paths = write(tmp_path, frames)
    for workers in (1, 2, 5):
        points = counting.count_points(paths, counting.Places(200), workers=workers)
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
        points = counting.count_points(write(tmp_path, frames), counting.Places(200), apart=apart)
        rows = sum(int(often.count.sum()) for often in points.files)
        assert rows + points.unlocated == sum(map(len, frames))
        assert len(points.files) == (4 if apart else 1)


def test_nulls_and_whole_numbers_are_read_as_they_are(tmp_path: Path) -> None:
    """Metres as whole numbers, with Arrow's nulls, and as 32-bit floats."""
    table = pa.table({"e": pa.array([5, None, 5, 7]), "n": pa.array([1, 2, 1, None], "float32")})
    pq.write_table(table, tmp_path / "a.parquet")
    points = counting.count_points(
        [tmp_path / "a.parquet"], counting.Places(200), place=("e", "n"), workers=2
    )
    assert (points.x.tolist(), points.y.tolist(), points.unlocated) == ([5.0], [1.0], 2)
    assert [often.count.tolist() for often in points.files] == [[2]]


def test_no_file_is_no_point() -> None:
    places = counting.Places(200)
    points = counting.count_points([], places)
    assert (len(points.x), points.files, points.unlocated) == (0, (), 0)
    assert counting.count_hexagons(points, places) == []


def worded(folder: Path, rows: int, seed: int, *, coded: bool) -> pd.DataFrame:
    """Reports of two months by category, some without one; text as such or as categories."""
    chance = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "month": chance.choice(["2026-01", "2026-02"], rows),
            "category": chance.choice(["drugs", "burglary", None], rows),
            "easting": ORIGIN[0] + chance.integers(-3, 25, rows) * 100.0,
            "northing": ORIGIN[1] + chance.integers(0, 9, rows) * 100.0,
        }
    )
    frame.loc[::13, "easting"] = np.nan
    kept = frame.astype({"category": "category"}) if coded else frame
    kept.to_parquet(folder / f"{seed}.parquet", row_group_size=max(rows // 3, 1))
    return frame


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("apart", [True, False])
def test_rows_are_told_apart_by_words_and_wards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int, apart: bool
) -> None:
    """Beside pandas, in batches that know few of the words each."""
    monkeypatch.setattr(counting, "CHUNK", 16)
    monkeypatch.setattr(counting, "_AT_ONCE", 3)
    frames = [worded(tmp_path, rows, n, coded=n == 1) for n, rows in enumerate((200, 90, 1))]
    wards = two_wards()
    places = counting.Places(100, wards)
    by = {"month": "", "category": "not said"}
    points = counting.count_points(
        sorted(tmp_path.iterdir()), places, by=by, apart=apart, workers=workers
    )
    whole = frames if apart else [pd.concat(frames)]
    pairs = zip(counting.count_wards(points, places), whole, strict=True)
    for found, frame in pairs:
        words = (np.array(w)[code] for w, code in zip(points.words, found.words, strict=True))
        got = zip(wards["ward_code"].to_numpy()[found.ward], *words, strict=True)
        joined = assign_wards_xy(frame["easting"], frame["northing"], wards)["ward_code"]
        kept = frame.fillna({"category": "not said"}).assign(ward=joined.astype(object))
        plain = kept.dropna(subset=["ward"]).value_counts(["ward", "month", "category"])
        assert dict(zip(got, found.count.tolist(), strict=True)) == plain.to_dict()
    hexagons = counting.count_hexagons(points, places)
    inside = [one.count.sum() for one in counting.count_wards(points, places)]
    assert [one.count.sum() for one in hexagons] == inside


def test_what_is_known_of_places_changes_no_count(tmp_path: Path) -> None:
    frames = [worded(tmp_path, 80, n, coded=False) for n in range(3)]
    known = counting.Places(200, two_wards(), most=5)  # forgets on the way
    assert len(frames) == 3
    for path in sorted(tmp_path.iterdir()):
        fresh = counting.Places(200, two_wards())
        one, other = (
            counting.count_hexagons(counting.count_points([path], each), each)[0]
            for each in (known, fresh)
        )
        for here, there in zip(
            (one.q, one.r, one.count), (other.q, other.r, other.count), strict=True
        ):
            np.testing.assert_array_equal(here, there)


def test_far_places_are_counted_and_impossible_ones_are_nowhere(tmp_path: Path) -> None:
    """A row in Shetland beside one in Cornwall; and a latitude that there is not."""
    frame = pd.DataFrame({"lon": [-1.2, -5.5, -1.2, 0.0], "lat": [60.2, 50.1, 60.2, 95.0]})
    places = counting.Places(100)
    points = counting.count_points(write(tmp_path, [frame]), places)
    [found] = counting.count_hexagons(points, places)
    assert found.count.tolist() == [1, 2]
    assert (points.unlocated, counting.rows_nowhere(points, places)) == (0, 1)


def test_degrees_and_metres_are_not_counted_together(tmp_path: Path) -> None:
    paths = write(tmp_path, [pd.DataFrame({"lon": [0.1], "lat": [51.5]})])
    pd.DataFrame({"easting": [1.0], "northing": [2.0]}).to_parquet(tmp_path / "b.parquet")
    for workers in (1, 2):
        with pytest.raises(ReportFileError, match="degrees"):
            counting.count_points(
                [*paths, tmp_path / "b.parquet"], counting.Places(100), workers=workers
            )


def test_a_row_without_its_month_is_named(tmp_path: Path) -> None:
    frame = pd.DataFrame({"month": ["2026-01", None], "easting": 1.0, "northing": 2.0})
    with pytest.raises(ReportFileError, match="row 2"):
        counting.count_points(write(tmp_path, [frame]), counting.Places(100), by={"month": ""})


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
