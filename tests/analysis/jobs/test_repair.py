"""Mending places, end to end: what waits, what a pin does, and what a gazetteer brings later."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from analysis.jobs import repair
from analysis.jobs.imports import import_files
from geodata import layers
from geodata.batches import Batch
from geodata.crs import BNG
from geodata.errors import PinError
from geodata.locating.pins import PIN_FRAME, Wording
from geodata.locating.rows import Locator
from geodata.store import commit, read_incidents, stored_months
from geodata.workspace import Workspace
from tests.builders import EAST, ORIGIN, WEST, batch, incidents, workspace_of

X, Y = ORIGIN
AT = "2026-11-22T10:00:00+00:00"
COLUMNS = ["location", "easting", "northing", "geo_precision", "geo_radius_m", "ward_code",
           "dq_flags"]  # fmt: skip


def council(rows: Sequence[dict[str, object]], name: str = "c", **columns: object) -> Batch:
    """Reports without coordinates, one a dict of what they say; and one with, in West."""
    months = [str(r.get("month", "2026-04")) for r in rows]
    made = incidents(
        [(m, None, None, "rowdy") for m in months] + [(months[-1], 500, 500, "rowdy")],
        source="council_asb", force="tower-hamlets", **columns,
    )  # fmt: skip
    for field in ("location", "postcode", "uprn", "usrn", "ward_code_source"):
        made[field] = [*(r.get(field) for r in rows), None]
    return batch(name, made)


def said(location: str | None = None, **more: object) -> dict[str, object]:
    return {"location": location, **more}


ROWS = [
    said("Back of the shops"), said("back of the  shops."),
    said("Back of the shops", month="2026-02"), said("Side St"), said(postcode="E1 6AN"),
    said(uprn="000100021"), said("Nowhere Lane"),
    said(), said("Mr Smith of number 3"), said("14 Nowhere Lane"),
]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workspace_of(tmp_path_factory.mktemp("repair") / "workspace", council(ROWS)).path


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "workspace"))


def gazetteer(path: Path) -> None:
    """Bring in a postcode, a property and a street."""
    entries = pd.DataFrame(
        {"key": ["E16AN"], "name": ["E1 6AN"], "kind": ["postcode"], "easting": [X + 1500],
         "northing": [Y + 500]}
    )  # fmt: skip
    numbers = pd.DataFrame(
        {"key": ["100021"], "kind": ["uprn"], "easting": [X + 10], "northing": [Y + 20]}
    )
    streets = gpd.GeoDataFrame(
        {"street_id": ["1"], "name": ["Side Street"], "kind": ["residential"]},
        geometry=[shapely.LineString([(X + 1600, Y + 500), (X + 1600, Y + 700)])], crs=BNG,
    )  # fmt: skip
    layers.put(
        Workspace.open(path), "gazetteer", {}, gazetteer_codepoint=entries,
        gazetteer_openuprn=numbers, streets=streets,
    )  # fmt: skip


def stored(path: Path) -> pd.DataFrame:
    return read_incidents(Workspace.open(path), columns=COLUMNS)


def wards(path: Path, text: str) -> list[str]:
    rows = stored(path)
    return sorted(rows.loc[rows["location"].eq(text), "ward_code"].astype("str").unique())


def shops(path: Path) -> repair.Group:
    return repair.waiting(Workspace.open(path)).groups[0]


def test_what_waits_is_grouped_by_what_it_says(path: Path) -> None:
    found = repair.waiting(Workspace.open(path))
    assert [(g.wording.shown, g.rows, g.first, g.last) for g in found.groups] == [
        ("Back of the shops", 3, "2026-02", "2026-04"),
        ("Nowhere Lane", 2, "2026-04", "2026-04"),  # with and without a house number
        ("Side St", 1, "2026-04", "2026-04"),
        ("E1 6AN", 1, "2026-04", "2026-04"),
        ("UPRN 000100021", 1, "2026-04", "2026-04"),
    ]
    assert {g.reason for g in found.groups} == {"no_gazetteer"}
    assert (found.rows, found.waiting, found.silent, found.settled) == (10, 8, 2, 0)
    assert "Smith" not in json.dumps(found.to_json())
    assert found.message == (
        "0 of 10 rows without coordinates are placed, 8 wait under 5 wordings; 2 say nothing of "
        "their place."
    )


def test_a_pin_places_every_row_that_says_so_and_is_remembered(path: Path) -> None:
    done = repair.pin(
        Workspace.open(path), shops(path).wording, easting=X + 1200, northing=Y + 300,
        radius_m=100, by="A N Alyst", at=AT,
    )  # fmt: skip
    assert (done.rows, done.pins) == (3, 1)
    rows = stored(path)
    mine = rows[rows["location"].astype("str").str.lower().str.startswith("back")]
    assert mine["ward_code"].tolist() == [EAST] * 3
    assert set(mine["geo_precision"]) == {"street"}
    assert set(mine["geo_radius_m"]) == {100.0}
    assert set(mine["dq_flags"]) == {"placed_by_pin"}
    assert stored_months(Workspace.open(path))["inside"].sum() == 4
    found = repair.waiting(Workspace.open(path))
    assert found.placed == {"pin": 3}
    assert "Back of the shops" not in [g.wording.text for g in found.groups]
    assert Workspace.open(path).manifest().imports[-1].mode == "relocated"
    # The next month's file needs no person any more.
    workspace = Workspace.open(path)
    again = council([said("BACK OF THE SHOPS", month="2026-05")], "next")
    report = commit(workspace, [again], locate=Locator.of(workspace))
    assert (report.placed, report.inside) == (1, 2)
    assert repair.waiting(Workspace.open(path)).placed == {"pin": 4}


def test_a_pin_can_be_changed_and_taken_out(path: Path) -> None:
    wording = shops(path).wording
    for east, ward in ((1200, EAST), (300, WEST)):
        done = repair.pin(
            Workspace.open(path), wording, easting=X + east, northing=Y + 300, radius_m=10
        )
        assert done.rows == 3
        assert wards(path, "Back of the shops") == [ward]
    assert len(repair.list_pins(Workspace.open(path))) == 1
    done = repair.unpin(Workspace.open(path), wording)
    assert done.rows == 3
    rows = stored(path)
    gone = rows[rows["location"].eq("Back of the shops")]
    assert gone["easting"].isna().all()
    assert set(gone["geo_precision"]) == {"none"}
    assert gone["dq_flags"].isna().all()
    assert shops(path).wording == wording
    assert "pins" not in Workspace.open(path).manifest().layers
    with pytest.raises(PinError, match="no such pin"):
        repair.unpin(Workspace.open(path), wording)


@pytest.mark.parametrize("verdict", ["outside", "nowhere"])
def test_what_cannot_be_placed_waits_no_more(path: Path, verdict: str) -> None:
    wording = shops(path).wording
    done = repair.pin(Workspace.open(path), wording, verdict)
    assert done.rows == 0
    found = repair.waiting(Workspace.open(path))
    assert (found.settled, found.waiting) == (3, 5)
    assert "3 cannot be placed or lie outside" in found.message


def test_a_gazetteer_that_comes_later_places_what_it_knows(path: Path) -> None:
    gazetteer(path)
    assert repair.locate_again(Workspace.open(path), at=AT) == 3
    found = repair.waiting(Workspace.open(path))
    assert found.placed == {"uprn": 1, "postcode": 1, "street": 1}
    assert [(g.wording.text, g.reason) for g in found.groups] == [
        ("Back of the shops", "unknown_text"), ("Nowhere Lane", "unknown_text"),
    ]  # fmt: skip
    flags = stored(path)["dq_flags"].dropna().tolist()
    assert sorted(flags) == ["placed_by_postcode", "placed_by_street", "placed_by_uprn"]
    version = Workspace.open(path).version
    assert repair.locate_again(Workspace.open(path)) == 0
    assert Workspace.open(path).version == version


def test_a_pin_wins_over_the_gazetteer(path: Path) -> None:
    gazetteer(path)
    repair.locate_again(Workspace.open(path))
    wording = Wording("council_asb", "tower-hamlets", "Side Street")
    assert repair.pin(
        Workspace.open(path), wording, easting=X + 100, northing=Y + 100, radius_m=50
    ).rows == 1  # fmt: skip
    assert wards(path, "Side St") == [WEST]
    assert repair.unpin(Workspace.open(path), wording).rows == 1
    assert wards(path, "Side St") == [EAST]


def test_pins_go_out_and_come_in(path: Path, made: Path, tmp_path: Path) -> None:
    first = shops(path).wording
    repair.pin(Workspace.open(path), first, easting=X + 1, northing=Y + 2, radius_m=10, at=AT)
    other = Wording("council_asb", "tower-hamlets", '=He said "by, the bins"', ward="West")
    repair.pin(Workspace.open(path), other, "nowhere", by="B")
    assert repair.find_wording(Workspace.open(path), "he said by the bins") == other
    text = repair.export_pins(Workspace.open(path))
    assert repair.write_pins(Workspace.open(path), tmp_path / "pins.csv")["pins"] == 2
    elsewhere = Path(shutil.copytree(made, tmp_path / "other"))
    done = repair.import_pins(Workspace.open(elsewhere), tmp_path / "pins.csv")
    assert (done.pins, done.rows) == (2, 3)
    assert repair.export_pins(Workspace.open(elsewhere)) == text
    assert repair.import_pins(Workspace.open(elsewhere), text).rows == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("source,provider,text\n", "lacks a column"),
        ("source,provider,text,verdict\nnobody,x,Here,nowhere\n", "line 2"),
        ("source,provider,text,verdict\nhousing,x,Here,nowhere\nhousing,x,Here,maybe\n", "line 3"),
        ("source,provider,text,verdict,easting\nhousing,x,Here,here,many\n", "line 2"),
        (f"{','.join(PIN_FRAME[:3])},verdict,easting,northing,radius_m\nhousing,x,A,here,1,2,0\n",
         "line 2"),
        ("\x00\x01", "lacks a column"), ("", "not a table of pins"),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_pins_changes_nothing(path: Path, text: str, message: str) -> None:
    version = Workspace.open(path).version
    with pytest.raises(PinError, match=message):
        repair.import_pins(Workspace.open(path), text.encode())
    assert Workspace.open(path).version == version


@pytest.mark.parametrize(
    ("typed", "east", "north"),
    [
        ("531500 180500", 1500, 500), ("531500,180500", 1500, 500),
        ("TQ 31500 80500", 1500.5, 500.5), ("TQ 3150 8050", 1505, 505), ("e1 6an", 1500, 500),
    ],
)  # fmt: skip
def test_a_place_can_be_typed(path: Path, typed: str, east: float, north: float) -> None:
    gazetteer(path)
    found = repair.find_place(Workspace.open(path), typed)
    assert (found.easting - X, found.northing - Y) == (east, north)


def test_degrees_can_be_typed(path: Path) -> None:
    found = repair.find_place(Workspace.open(path), "51.5034, -0.1276")  # Downing Street
    assert abs(found.easting - 530_050) < 30
    assert abs(found.northing - 179_950) < 50


@pytest.mark.parametrize("typed", ["", "Whitechapel", "E1 9XY", "12", "ZZ 12 34"])
def test_what_is_no_place_is_refused(path: Path, typed: str) -> None:
    with pytest.raises(PinError, match=r"not a place|not in the gazetteer"):
        repair.find_place(Workspace.open(path), typed)


def test_a_pin_must_be_a_place(path: Path) -> None:
    wording = shops(path).wording
    for easting, radius in ((-5.0, 10.0), (X, 0.0), (X, 50_000.0)):
        with pytest.raises(PinError):
            repair.pin(Workspace.open(path), wording, easting=easting, northing=Y, radius_m=radius)


def test_candidates_of_a_wording(path: Path) -> None:
    gazetteer(path)
    found = repair.candidates(Workspace.open(path), Wording("council_asb", "x", "Syde Street"))
    assert (found.reason, [c.name for c in found.candidates]) == ("unknown_text", ["Side Street"])


def test_police_rows_are_never_looked_for(tmp_path: Path) -> None:
    rows = incidents([("2026-04", None, None), ("2026-04", 500, 500)]).assign(location="Side St")
    path = workspace_of(tmp_path / "w", batch("p", rows)).path
    gazetteer(path)
    assert repair.locate_again(Workspace.open(path)) == 0
    found = repair.waiting(Workspace.open(path))
    assert (found.rows, found.groups) == (0, ())
    assert found.message == "Every report came with coordinates: nothing waits for a place."


def test_one_text_in_two_wards_is_two_places(tmp_path: Path) -> None:
    rows = [said("Park Lane", ward_code_source=w) for w in ("West", "East", "East")]
    path = workspace_of(tmp_path / "w", council(rows)).path
    groups = repair.waiting(Workspace.open(path)).groups
    assert [(g.wording.shown, g.rows) for g in groups] == [
        ("Park Lane (ward: East)", 2), ("Park Lane (ward: West)", 1),
    ]  # fmt: skip
    assert repair.waiting(Workspace.open(path)).table["why"].nunique() == 1


def test_a_wording_is_found_by_its_text(tmp_path: Path) -> None:
    rows = [said("Park Lane", ward_code_source=w) for w in ("West", "East")] + [said("Old Yd")]
    workspace = workspace_of(tmp_path / "w", council(rows))
    assert repair.find_wording(workspace, "old yard").text == "Old Yd"
    assert repair.find_wording(workspace, "Park Lane (ward: East)").ward == "East"
    assert repair.find_wording(workspace, "park ln", ward="west").ward == "West"
    with pytest.raises(PinError, match=r"Several wordings.*Park Lane \(ward: East\)"):
        repair.find_wording(workspace, "Park Lane")
    with pytest.raises(PinError, match="No report that waits says this"):
        repair.find_wording(workspace, "Park Lane", source="housing")


def test_a_council_file_is_placed_as_it_comes_in(path: Path, tmp_path: Path) -> None:
    gazetteer(path)
    lines = [
        "Ref,Date,Type,Location,Postcode,UPRN,Easting,Northing",
        "1,03/06/2026,Noise,Side Street,,,,", "2,03/06/2026,Noise,,E1 6AN,,,",
        "3,03/06/2026,Noise,,,100021,,", "4,03/06/2026,Noise,By the bins,,,,",
        "5,03/06/2026,Noise,Side Street,,,530511,180507", "6,03/06/2026,Noise,,,,,",
    ]  # fmt: skip
    (tmp_path / "asb.csv").write_text("\n".join(lines), "utf-8")
    workspace = Workspace.open(path)
    said = {"source": "council_noise", "at": AT}
    dry = import_files(workspace, [tmp_path / "asb.csv"], dry_run=True, **said)
    report = import_files(workspace, [tmp_path / "asb.csv"], **said)
    assert report.rules == dry.rules
    ways = {rule: n for rule, n in report.rules.items() if rule.startswith("placed_by_")}
    assert ways == {"placed_by_street": 1, "placed_by_postcode": 1, "placed_by_uprn": 1}
    assert (report.inside, report.no_location, report.placed) == (4, 2, 3)
    assert report.rules["without_location"] == 5
    assert "Rows without coordinates were placed: 1 by property number" in " ".join(report.flags)
    assert "1 rows say where they are in words" in " ".join(report.flags)
    rows = read_incidents(
        Workspace.open(path), sources=["council_noise"], columns=["geo_precision", "dq_flags"]
    )
    assert sorted(rows["geo_precision"]) == ["exact", "none", "none", "postcode", "street", "uprn"]
    assert sum("placed_by_street" in str(flags) for flags in rows["dq_flags"]) == 1
