"""Reports by area and month: nothing lost, nothing twice, whatever the areas are."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.batches import Batch
from geodata.crs import BNG, to_bng, to_lonlat
from geodata.errors import FetchCancelledError, FetchError
from geodata.fetch import police_api
from geodata.fetch.cache import Cache
from geodata.fetch.http import Client, Patience
from geodata.fetch.search_areas import MARGIN_M, MOST_CORNERS, SearchArea, search_areas
from geodata.fetch.sources import POLICE_API
from geodata.ward_join import assign_wards_xy
from tests.builders import ORIGIN, two_wards
from tests.replay_server import Asked, PoliceApi, Replay, Reply, polygon_of, replaying, report

MONTH = "2018-06"


def client(server: Replay, folder: Path, **more: object) -> Client:
    source = replace(POLICE_API, address=server.address)
    quick = Patience(tries=2, pause_s=0.01, read_s=5.0)
    return Client(source, Cache(folder / "cache"), patience=quick, **more)


def scattered(count: int, *, seed: int = 1) -> list[dict]:
    """Reports all over the two wards of the builders, ids from 1."""
    r = np.random.default_rng(seed)
    lon, lat = to_lonlat(
        ORIGIN[0] + r.uniform(0, 2000, count), ORIGIN[1] + r.uniform(0, 1000, count)
    )
    places = zip(lon.tolist(), lat.tolist(), strict=True)
    return [report(n, MONTH, x, y) for n, (x, y) in enumerate(places, start=1)]


# Areas


@pytest.fixture(scope="module")
def star() -> gpd.GeoDataFrame:
    """Two wards with a frayed edge, an island, and a hole that another ward fills."""
    angle = np.linspace(0, 2 * np.pi, 4_000, endpoint=False)
    reach = 1_500 + 150 * np.sin(90 * angle)
    round_ = shapely.Polygon(
        np.column_stack([531_000 + reach * np.cos(angle), 181_000 + reach * np.sin(angle)])
    )
    hole = shapely.Point(531_000, 181_000).buffer(300)
    island = shapely.box(536_000, 181_000, 536_500, 181_500)
    return gpd.GeoDataFrame(
        {"ward_code": ["E05999991", "E05999992"], "ward_name": ["Ring", "Core"]},
        geometry=[shapely.union(round_.difference(hole), island), hole],
        crs=BNG,
    )


def test_the_areas_cover_the_wards_and_the_collar(star: gpd.GeoDataFrame) -> None:
    areas = search_areas(star)
    searched = shapely.union_all([polygon_of(a.poly()) for a in areas])
    lon, lat = shapely.get_coordinates(searched).T
    everything = shapely.union_all([a.ring for a in areas])
    wanted = star.union_all().buffer(500, quad_segs=64)
    assert wanted.difference(everything.buffer(1.0)).area < 2_000  # round corners, drawn with 8
    assert everything.difference(wanted.buffer(2 * MARGIN_M)).is_empty
    assert len(lon) == len(lat)
    west, south, east, north = wanted.bounds
    x, y = to_bng(lon, lat)
    assert x.min() <= west + 1
    assert x.max() >= east - 1
    assert y.min() <= south + 1
    assert y.max() >= north - 1


def test_no_area_is_too_long_to_ask(star: gpd.GeoDataFrame) -> None:
    areas = search_areas(star)
    assert [a.name for a in areas] == ["Ring, part 1", "Ring, part 2", "Core"]
    assert max(shapely.get_num_coordinates(a.ring) for a in areas) <= MOST_CORNERS
    assert all(shapely.area(a.ring) > 0 and not a.ring.interiors for a in areas)


def test_the_halves_of_an_area_make_it_whole() -> None:
    for area in search_areas(two_wards()):
        halves = area.halves()
        assert shapely.union_all([h.ring for h in halves]).symmetric_difference(area.ring).area < 1
        assert max(h.ring.area for h in halves) < 0.7 * area.ring.area


# Searching


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[tuple[Replay, Client]]:
    """A server that refuses areas with more than forty reports."""
    with replaying(PoliceApi(scattered(300), most=40)) as server:
        yield server, client(server, tmp_path)


def test_areas_with_too_many_reports_are_split_until_they_fit(
    crowded: tuple[Replay, Client],
) -> None:
    server, asker = crowded
    rows = police_api.search(asker, MONTH, search_areas(two_wards()))
    assert [r["id"] for r in rows] == list(range(1, 301))
    searches = [a for a in server.asked if a.path.endswith("all-crime")]
    assert len(searches) > 300 / 40
    assert all(a.method == "POST" and not a.query for a in searches)


def test_a_server_that_is_out_of_order_is_not_asked_a_hundred_times(tmp_path: Path) -> None:
    with replaying(lambda _a: Reply(503)) as server:
        with pytest.raises(FetchError, match="503"):
            police_api.search(client(server, tmp_path), MONTH, search_areas(two_wards()))
        assert len(server.asked) < 10


def test_a_server_that_refuses_every_area_is_given_up(tmp_path: Path) -> None:
    with replaying(PoliceApi(scattered(300), most=-1)) as server:
        with pytest.raises(FetchError, match="even a very small area"):
            police_api.search(client(server, tmp_path), MONTH, search_areas(two_wards()))
        assert len(server.asked) < 60


def test_a_busy_moment_is_not_taken_for_too_many_reports(tmp_path: Path) -> None:
    with replaying(PoliceApi(scattered(50))) as server:
        server.faults.append(Reply(503))
        rows = police_api.search(client(server, tmp_path), MONTH, search_areas(two_wards()))
        assert len(rows) == 50
        assert server.paths().count("/crimes-street/all-crime") == 3  # the first one twice


def test_a_report_in_two_areas_counts_once_and_two_alike_count_twice(tmp_path: Path) -> None:
    lon, lat = (v[0] for v in to_lonlat([ORIGIN[0] + 1000], [ORIGIN[1] - 100]))  # in both collars
    twins = [report(n, MONTH, lon, lat, "anti-social-behaviour") for n in (5, 6)]
    with replaying(PoliceApi(twins)) as server:
        rows = police_api.search(client(server, tmp_path), MONTH, search_areas(two_wards()))
    batch = police_api.to_batch(rows, MONTH)
    assert len(batch.incidents) == batch.rows_in == 2
    assert batch.incidents["incident_uid"].is_unique


def test_a_cancelled_search_goes_on_where_it_stopped(tmp_path: Path) -> None:
    areas = search_areas(two_wards())
    with replaying(PoliceApi(scattered(50))) as server:
        asker = client(server, tmp_path, mark="m")
        seen: list[str] = []
        asker.cancel = lambda: len(seen) == 2
        with pytest.raises(FetchCancelledError):
            police_api.search(asker, MONTH, areas, progress=lambda _n, name: seen.append(name))
        assert seen == ["West", "East"]
        assert len(server.asked) == 1
        rows = police_api.search(client(server, tmp_path, mark="m"), MONTH, areas)
        assert (len(rows), len(server.asked)) == (50, 2)


BAD = {
    "an object": b'{"error": "no"}',
    "a list of words": b'["a"]',
    "reports of another month": json.dumps([report(1, "2018-07", 0, 51)]).encode(),
    "reports without a category": b'[{"month": "2018-06", "id": 1}]',
}


@pytest.mark.parametrize("kind", BAD)
def test_an_answer_of_another_shape_is_refused(tmp_path: Path, kind: str) -> None:
    with (
        replaying(lambda _a: Reply(body=BAD[kind])) as server,
        pytest.raises(FetchError, match="report|list"),
    ):
        police_api.search(client(server, tmp_path), MONTH, search_areas(two_wards())[:1])


def test_months_and_categories_come_from_the_server(tmp_path: Path) -> None:
    with replaying(PoliceApi([], months=["2026-02", "2026-03"])) as server:
        asker = client(server, tmp_path)
        assert police_api.months_available(asker) == ["2026-02", "2026-03"]
        names = police_api.category_names(asker, "2026-03")
        assert names is not None
        assert names["burglary"] == "Burglary"


def test_a_mirror_that_only_has_reports_will_do(tmp_path: Path) -> None:
    with replaying(lambda _a: None) as server:
        assert police_api.months_available(client(server, tmp_path)) is None
        assert police_api.category_names(client(server, tmp_path), MONTH) is None


# Batches


def test_a_report_keeps_its_id_and_its_words() -> None:
    row = report(66147421, MONTH, 0.06, 51.51, "criminal-damage-arson")
    batch = police_api.to_batch([{**row, "persistent_id": "abc"}], MONTH)
    found = batch.incidents.iloc[0]
    assert (batch.channel, batch.source, found["force"]) == ("api", "police_uk", "police-uk-api")
    assert found["incident_uid"] == "police_uk:api:2018-06:66147421"
    assert (found["category"], found["source_category"]) == (
        *("criminal_damage_arson", "Criminal damage and arson"),
    )
    assert (found["source_ref"], found["location"]) == ("abc", "On or near A Street")
    assert (found["geo_precision"], found["month"]) == ("snap_point", MONTH)


def test_what_cannot_be_placed_is_kept_and_what_cannot_be_is_rejected() -> None:
    good = report(1, MONTH, 0.06, 51.51)
    nowhere = {**report(2, MONTH, 0, 0), "location": None}
    words = report(3, MONTH, 0.06, 51.51)
    words["location"]["latitude"] = "aaa"
    nameless = report(None, MONTH, 0.06, 51.51)
    batch = police_api.to_batch([good, nowhere, words, nameless, nameless], MONTH)
    assert batch.incidents["incident_uid"].str.rpartition(":")[2].tolist() == ["1", "2"]
    assert batch.rejected["reason"].tolist() == [
        "a coordinate is not a number", police_api.NO_ID, police_api.NO_ID,
    ]  # fmt: skip
    assert batch.rows_in == 5


def test_a_month_without_reports_is_a_month_with_none() -> None:
    batch = police_api.to_batch([], MONTH)
    assert batch.empty_months == (("police-uk-api", MONTH),)
    assert batch.digest != police_api.to_batch([], "2018-07").digest


def test_a_category_the_server_does_not_list_is_flagged() -> None:
    batch = police_api.to_batch([report(1, MONTH, 0, 51.5, "piracy")], MONTH, {"burglary": "B"})
    assert batch.incidents["category"].tolist() == ["unknown"]
    assert any("'piracy' is not on the server's list" in f for f in batch.flags)


def _digest(*rows: dict) -> str:
    return police_api.to_batch(list(rows), MONTH).digest


def test_the_digest_names_what_is_stored_and_nothing_else() -> None:
    row = report(1, MONTH, 0.06, 51.51)
    assert _digest({**row, "outcome_status": {"category": "Court", "date": MONTH}}) == _digest(row)
    assert _digest({**row, "id": 2}) != _digest(row)
    assert _digest({**row, "category": "drugs"}) != _digest(row)
    assert _digest(row, report(None, MONTH, 0, 51)) != _digest(row)


# Recorded answers of the real service


def recorded(folder: Path) -> dict[str, bytes]:
    """The recorded bytes by ward code; a ward searched in two parts gives the first's rows."""
    found: dict[str, list] = {}
    for path in sorted(folder.glob("*.json.gz")):
        code = path.name.split("_area_")[1][:9]
        found.setdefault(code, []).extend(json.loads(gzip.decompress(path.read_bytes())))
    return {code: json.dumps(rows).encode() for code, rows in found.items()}


@pytest.fixture(scope="module")
def newham(shared_data: Path) -> tuple[gpd.GeoDataFrame, dict[str, bytes]]:
    folder = shared_data / "police" / "api" / "newham_2018-06"
    if not folder.is_dir():
        pytest.skip("the recorded answers of the police API are not beside this checkout")
    wards = gpd.read_file(shared_data / "wards" / "newham_wards_bng.gpkg")
    wards = wards.rename(columns={"GSS_CODE": "ward_code", "NAME": "ward_name"})
    return wards.sort_values("ward_code", ignore_index=True), recorded(folder)


def _fetch_recorded(newham: tuple[gpd.GeoDataFrame, dict[str, bytes]], folder: Path) -> Batch:
    wards, answers = newham
    areas = [SearchArea(c, shapely.Polygon(shapely.get_parts(g)[0].exterior))
             for c, g in zip(wards["ward_code"], wards.geometry, strict=True)]  # fmt: skip
    by_poly = {a.poly(): answers[a.name] for a in areas}

    def answer(asked: Asked) -> Reply | None:
        return Reply(body=by_poly[asked.said("poly")]) if "poly" in asked.form else None

    with replaying(answer) as server:
        rows = police_api.search(client(server, folder), MONTH, areas)
    return police_api.to_batch(rows, MONTH)


def test_recorded_answers_come_in_whole_and_each_report_once(
    newham: tuple[gpd.GeoDataFrame, dict[str, bytes]], tmp_path: Path
) -> None:
    batch = _fetch_recorded(newham, tmp_path)
    rows = [row for data in newham[1].values() for row in json.loads(data)]
    assert len(rows) == 3_879
    assert batch.rows_in == len(batch.incidents) == len({r["id"] for r in rows}) == 3_764
    wanted = sum(
        r["category"] == "anti-social-behaviour" for r in {r["id"]: r for r in rows}.values()
    )
    assert (batch.incidents["category"] == "police_uk_unspecified").sum() == wanted
    assert not (batch.incidents["category"] == "unknown").any()
    assert batch.incidents["lon"].notna().all()


def test_our_own_join_decides_the_ward_and_not_the_polygon_asked_for(
    newham: tuple[gpd.GeoDataFrame, dict[str, bytes]], tmp_path: Path
) -> None:
    wards, answers = newham
    asked_for: dict[int, set[str]] = {}
    for code, data in answers.items():
        for row in json.loads(data):
            asked_for.setdefault(row["id"], set()).add(code)
    batch = _fetch_recorded(newham, tmp_path)
    joined = assign_wards_xy(batch.incidents["easting"], batch.incidents["northing"], wards)
    ids = batch.incidents["incident_uid"].str.rpartition(":")[2].astype(int)
    elsewhere = [code not in asked_for[i] for i, code in zip(ids, joined["ward_code"], strict=True)]
    pairs = sum(len(codes) for codes in asked_for.values())
    other = sum(
        code != ours
        for i, ours in zip(ids, joined["ward_code"], strict=True)
        for code in asked_for[i]
    )
    assert other / pairs == pytest.approx(0.04, abs=0.003)
    assert 0 < sum(elsewhere) < other
