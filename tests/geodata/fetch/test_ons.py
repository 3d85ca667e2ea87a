"""Wards and authorities as the ONS portal gives them, of any year and in any paging."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geodata.crs import is_bng
from geodata.errors import FetchError
from geodata.fetch import ons
from geodata.fetch.cache import Cache
from geodata.fetch.http import Client, Patience
from geodata.fetch.sources import ONS
from geodata.wards import read_wards
from tests.builders import EAST, WEST, two_wards
from tests.replay_server import OnsPortal, Replay, Reply, json_reply, replaying

NEWEST, OLDER = "WD_MAY_2025_UK_BFE_V2", "Wards_December_2022_Boundaries_GB_BFE"


def ons_layer(year: str, wards: gpd.GeoDataFrame, *, authorities: bool = True) -> gpd.GeoDataFrame:
    """The wards in the columns of a year's layer, with a neighbour and one from Scotland."""
    far = gpd.GeoDataFrame(
        {"ward_code": ["E05888888", "S13002999"], "ward_name": ["Next", "Far"]},
        geometry=[shapely.box(532_000, 180_000, 533_000, 181_000),
                  shapely.box(300_000, 700_000, 301_000, 701_000)],
        crs=wards.crs,
    )  # fmt: skip
    frame = gpd.pd.concat([wards, far], ignore_index=True)
    frame = frame.rename(columns={"ward_code": f"WD{year}CD", "ward_name": f"WD{year}NM"})
    if not authorities:
        return frame
    codes = ["E09000030"] * len(wards) + ["E09000025", "S12000036"]
    names = ["Tower Hamlets"] * len(wards) + ["Newham", "City of Edinburgh"]
    return frame.assign(**{f"LAD{year}CD": codes, f"LAD{year}NM": names})


def portal(page: int = 2_000) -> OnsPortal:
    old = two_wards().assign(ward_code=["E05999981", EAST])
    return OnsPortal(
        {
            NEWEST: ons_layer("25", two_wards()),
            "WD_MAY_2025_UK_BFE": ons_layer("25", two_wards()),
            "WD_MAY_2025_UK_BGC": ons_layer("25", two_wards()),
            OLDER: ons_layer("22", old, authorities=False),
            "WD22_LAD22_UK_LU": ons_layer("22", old).drop(columns="geometry"),
        },
        page=page,
    )


@pytest.fixture(params=[2_000, 1])
def server(request: pytest.FixtureRequest) -> Iterator[Replay]:
    with replaying(portal(page=request.param)) as running:
        yield running


def client(server: Replay, folder: Path) -> Client:
    source = replace(ONS, address=server.address)
    return Client(source, Cache(folder / "cache"), patience=Patience(tries=2, pause_s=0.01))


def test_the_newest_wards_of_an_authority_arrive_as_they_are(
    server: Replay, tmp_path: Path
) -> None:
    asker = client(server, tmp_path)
    names = ons.services(asker)
    layer = ons.choose_layer(asker, names)
    assert (layer.service, layer.vintage) == (NEWEST, "2025-05")
    found = ons.find_authority(asker, names, layer, "tower hamlets")
    assert found == ons.Authority("E09000030", "Tower Hamlets")
    codes = ons.ward_codes(asker, names, layer, found)
    assert codes == {WEST, EAST}
    file = tmp_path / "wards.geojson"
    file.write_bytes(ons.fetch_boundaries(asker, layer, codes))
    wards, info = read_wards(file, register=codes)
    assert wards["ward_name"].tolist() == ["West", "East"]
    assert is_bng(wards.crs)
    assert info.area_ha == 200.0
    assert wards.geometry.geom_equals_exact(two_wards().geometry, 1e-6).all()
    assert info.vintage_note == "All 2 codes are in the register of current wards."


def test_an_older_layer_without_authorities_is_read_with_its_look_up(
    server: Replay, tmp_path: Path
) -> None:
    asker = client(server, tmp_path)
    names = ons.services(asker)
    layer = ons.choose_layer(asker, names, "2022")
    assert layer.vintage == "2022-12"
    found = ons.find_authority(asker, names, layer, "E09000030")
    assert ons.ward_codes(asker, names, layer, found) == {"E05999981", EAST}


def test_a_name_that_is_none_is_answered_with_those_near(server: Replay, tmp_path: Path) -> None:
    asker = client(server, tmp_path)
    names = ons.services(asker)
    layer = ons.choose_layer(asker, names)
    with pytest.raises(FetchError, match=r"near: Tower Hamlets \(E09000030\)"):
        ons.find_authority(asker, names, layer, "Tower Hamlet")
    with pytest.raises(FetchError, match="of England or Wales"):
        ons.find_authority(asker, names, layer, "S12000036")


def test_a_vintage_that_is_none_is_answered_with_those_there_are(
    server: Replay, tmp_path: Path
) -> None:
    asker = client(server, tmp_path)
    with pytest.raises(FetchError, match="2022-12, 2025-05"):
        ons.choose_layer(asker, ons.services(asker), "1999")


def test_wards_that_do_not_all_come_are_refused(server: Replay, tmp_path: Path) -> None:
    asker = client(server, tmp_path)
    layer = ons.choose_layer(asker, ons.services(asker))
    with pytest.raises(FetchError, match="missing E05777777"):
        ons.fetch_boundaries(asker, layer, {WEST, "E05777777"})


def test_an_error_that_comes_as_an_answer_is_an_error(tmp_path: Path) -> None:
    wrong = {"error": {"code": 400, "message": "Token required"}}
    with (
        replaying(lambda _a: json_reply(wrong)) as server,
        pytest.raises(FetchError, match="Token required"),
    ):
        ons.services(client(server, tmp_path))


@pytest.mark.parametrize("answer", [{}, {"services": []}, [], "no", 3])
def test_an_answer_of_another_shape_is_refused(tmp_path: Path, answer: object) -> None:
    with replaying(lambda _a: json_reply(answer)) as server, pytest.raises(FetchError):
        ons.services(client(server, tmp_path))


def test_a_server_that_pages_for_ever_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ons, "_MOST_PAGES", 5)
    endless = {"fields": [{"name": n} for n in ("WD25CD", "WD25NM", "LAD25CD", "LAD25NM")],
               "features": [{"attributes": {"LAD25CD": "E09000030", "LAD25NM": "Here"}}],
               "exceededTransferLimit": True}  # fmt: skip
    with replaying(lambda _a: Reply(body=json.dumps(endless).encode())) as server:
        asker = client(server, tmp_path)
        layer = ons.choose_layer(asker, [NEWEST])
        with pytest.raises(FetchError, match="an end of the list"):
            ons.find_authority(asker, [NEWEST], layer, "Here")


def test_degrees_are_taken_where_a_server_ignores_what_was_asked(tmp_path: Path) -> None:
    given = portal()
    given.layers = {NEWEST: given.layers[NEWEST].to_crs("OGC:CRS84")}
    real = given._query

    def in_degrees(frame: gpd.GeoDataFrame, asked: object) -> dict:
        return real(frame, replace(asked, query={**asked.query, "outSR": "none"}))

    given._query = in_degrees
    with replaying(given) as server:
        asker = client(server, tmp_path)
        layer = ons.choose_layer(asker, ons.services(asker))
        file = tmp_path / "wards.geojson"
        file.write_bytes(ons.fetch_boundaries(asker, layer, {WEST, EAST}))
    wards, _ = read_wards(file)
    assert wards.geometry.symmetric_difference(two_wards().geometry).area.max() < 500
