"""Maps and tables handed out one by one: looked through, cut in one way, and registered."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.cli import main
from analysis.jobs.handing_out import map_for, table_for, ward_table_for_all
from analysis.jobs.pack_evidence import Reading, read_evidence
from analysis.jobs.records import add_record
from analysis.jobs.releases import published, register, set_minimum
from geodata import months as m
from geodata.errors import NotEnoughDataError, SaferWalksError
from geodata.store import commit
from geodata.workspace import Workspace
from tests.analysis.jobs.test_handed_on import NOW, WHO
from tests.builders import EAST, WEST, batch, incidents, workspace_of

AT = NOW.isoformat()
MONTHS = m.span("2024-07", "2026-06")
COUNCIL: dict[str, Any] = {"source": "council_asb", "at": AT}


def _cases(tmp_path: Path, cases: list[tuple[Any, ...]]) -> Workspace:
    """East has two cases a month, so that every month is covered; West those that are given."""
    rows = [(month, 1310, 510, "rowdy") for month in MONTHS for _ in range(2)]
    rows += [(month, 310, 510, kind) for month, kind in cases]
    council = incidents(rows, source="council_asb", force="")
    return workspace_of(tmp_path / "w", batch("council", council))


@pytest.fixture
def here(tmp_path: Path) -> Workspace:
    return _cases(tmp_path, [("2026-02", "rowdy")] * 3 + [("2025-08", "noise_domestic")] * 9)


def _table(here: Workspace, **asked: Any) -> pd.DataFrame:
    made = ward_table_for_all(here.reopen(), ".csv", **{**COUNCIL, **asked})
    return pd.read_csv(io.BytesIO(made)).set_index("ward_code")


def test_a_public_table_is_by_ward_over_a_whole_year(here: Workspace) -> None:
    made = _table(here, as_at="2026-05")
    assert made[["first", "last"]].drop_duplicates().to_numpy().tolist() == [["2025-04", "2026-03"]]
    assert made["count"].to_dict() == {WEST: 12.0, EAST: 24.0}
    rowdy = _table(here, as_at="2026-05", categories=("rowdy",))
    assert rowdy.loc[WEST, "withheld"] == "1 to 4"
    # 12 in all less 9 of noise would be the 3: both kinds are withheld, whichever is asked for.
    noise = _table(here, as_at="2026-05", categories=("noise_domestic",))
    assert (noise.loc[WEST, "withheld"], pd.isna(noise.loc[WEST, "per_km2"])) == ("withheld", True)


def test_every_file_is_entered_in_the_register_once(here: Workspace) -> None:
    for _ in range(2):
        _table(here)
        map_for(here.reopen(), audience="public", layer="wards", name="a.html", **COUNCIL)
    first, second = published(here.reopen())
    assert (first.title[:9], second.title[:9]) == ("table: co", "a.html: c")
    assert first.numbers == second.numbers > 4
    assert register(here.reopen()).numbers["measure"].unique().tolist() == ["council_asb reports"]


@pytest.mark.parametrize(
    "asked",
    [
        {"layer": "hotspots"}, {"layer": "locations"},
        {"layer": "wards", "categories": ("rowdy", "noise_domestic")},
    ],
)  # fmt: skip
def test_what_could_be_subtracted_is_refused_with_what_to_do(
    here: Workspace, asked: dict[str, Any]
) -> None:
    with pytest.raises(SaferWalksError, match="What to do"):
        map_for(here, audience="public", **asked, **COUNCIL)
    assert published(here.reopen()) == ()


def test_two_maps_of_years_that_overlap_give_no_quarter_away(tmp_path: Path) -> None:
    """West: 9 in each quarter but 2 in the first of 2026; years to December and to March differ."""
    quarters = {"2025-01": 11, "2025-05": 9, "2025-08": 9, "2025-11": 9, "2026-02": 12}
    here = _cases(tmp_path, [(month, "rowdy") for month, n in quarters.items() for _ in range(n)])
    assert _table(here, as_at="2025-12").loc[WEST, "count"] == 38
    assert _table(here, as_at="2026-03").loc[WEST, "count"] == 39
    close = _cases(tmp_path / "2", [
        (month, "rowdy") for month, n in {**quarters, "2025-01": 2, "2026-02": 3}.items()
        for _ in range(n)
    ])  # fmt: skip
    assert _table(close, as_at="2025-12").loc[WEST, "count"] == 29
    later = _table(close, as_at="2026-03")
    # One more than the year before: a reader who knew one of the quarters would know the other.
    assert later.loc[WEST, "count"] == 30


def test_a_year_that_is_not_all_stored_is_refused(tmp_path: Path) -> None:
    """Filled in later, its missing months would be the difference of two tables."""
    rows = [(month, 310, 510, "rowdy") for month in MONTHS if month != "2025-10"]
    here = workspace_of(tmp_path / "w", batch("c", incidents(rows, source="council_asb", force="")))
    with pytest.raises(NotEnoughDataError, match="not all stored"):
        _table(here)


def test_a_case_that_comes_in_late_is_no_difference_of_two_files_or_of_a_file_and_a_pack(
    here: Workspace,
) -> None:
    """Two more cases in West, and one of a kind that was never there: 12 stay 12."""
    assert _table(here)["count"].to_dict() == {WEST: 12.0, EAST: 24.0}
    rows = [("2026-02", 310, 510, kind) for kind in ("rowdy", "rowdy", "drug_use")]
    late = batch("late", incidents(rows, source="council_asb", force=""))
    commit(here.reopen(), [late], mode="add")
    again = _table(here, name="again")
    assert again["count"].to_dict() == {WEST: 12.0, EAST: 24.0}
    known = register(here.reopen())
    read, _ = read_evidence(
        Reading(here.reopen(), "public", MONTHS[-12], MONTHS[-1], NOW.date(), known.numbers,
                known.rules)
    )  # fmt: skip
    [council] = read.reports
    assert council.by_ward.set_index("ward_code")["count"].to_dict() == {WEST: 12.0, EAST: 24.0}
    assert "drug_use" not in council.by_kind["category"].tolist()
    assert council.notes[0].startswith("Once published, the numbers of a quarter stay")
    inside, _ = read_evidence(
        Reading(here.reopen(), "internal", MONTHS[-12], MONTHS[-1], NOW.date())
    )
    assert inside.reports[0].by_ward.set_index("ward_code").loc[WEST, "count"] == 15


def test_the_minimum_of_the_workspace_holds_and_a_lower_one_loosens_nothing(
    here: Workspace,
) -> None:
    set_minimum(here, 10, by="anna", at=NOW)
    noise = {"categories": ("noise_domestic",)}
    assert _table(here, **noise).loc[WEST, "withheld"] == "1 to 9"
    set_minimum(here, 5, by="anna", at=NOW)
    assert _table(here, **noise).loc[WEST, "withheld"] == "1 to 9"
    assert _table(here, as_at="2026-03", **noise).loc[WEST, "withheld"] == "1 to 9"


def test_a_name_of_a_person_stops_a_file_also_in_its_own_name(here: Workspace) -> None:
    asked = add_record(
        here, "requests", {"received_on": NOW.date(), "status": "received"}, **WHO
    ).id
    add_record(here, "contacts", {"request_id": asked, "name": "Jo Sampler",
                                  "delete_after": NOW.date()}, **WHO)  # fmt: skip
    frame = pd.DataFrame({"name": ["Near Jo Sampler's"], "count": [9]})
    given: dict[str, Any] = {"source": "police_uk", "audience": "public"}
    with pytest.raises(SaferWalksError, match="Nothing was handed out"):
        table_for(here, frame, ".csv", **given)
    with pytest.raises(SaferWalksError, match="in the name of a file") as caught:
        table_for(here, frame.assign(name="x"), ".csv", name="for jo-sampler.csv", **given)
    assert "sampler" not in str(caught.value).lower()
    inside = table_for(here, frame, ".csv", source="police_uk", audience="internal")
    assert b"Jo Sampler" in inside


def test_the_command_line_writes_the_same_and_registers_it(
    here: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["--workspace", str(here.path), "--json"]
    asked = ["--source", "council_asb", "--as-at", "2026-06"]
    out = tmp_path / "w.geojson"
    assert main([*base, "public-table", *asked, "--out", str(out)]) == 0
    told = {f["properties"]["ward_code"]: f["properties"]["count"]
            for f in json.loads(out.read_text("utf-8"))["features"]}  # fmt: skip
    assert told == {WEST: 12, EAST: 24}
    public = [*base, "map", *asked, "--audience", "public", "--out", str(tmp_path / "m.html")]
    assert main([*public, "--layer", "wards"]) == 0
    assert main([*public, "--layer", "hotspots"]) == 1
    assert main([*base, "public-table", *asked, "--out", "t.xlsx"]) == 2
    capsys.readouterr()
    assert [r.title.partition(":")[0] for r in published(here.reopen())] == ["w.geojson", "m.html"]
