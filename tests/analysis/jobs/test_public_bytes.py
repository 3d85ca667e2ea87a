"""Every public byte the app writes, of a borough in which everything personal is known by name."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from pypdf import PdfReader

from analysis.disclosure import Known, scan
from analysis.jobs.areas import area_table
from analysis.jobs.exports import ENDINGS, table_file
from analysis.jobs.feedback_sheet import feedback_sheet
from analysis.jobs.handing_out import map_for, table_for, ward_table_for_all
from analysis.jobs.maps import map_file
from analysis.jobs.pack import Wanted, make_packs
from analysis.jobs.programme_calendar import public_calendar
from analysis.jobs.records import add_record, record_sheets
from analysis.jobs.releases import persons_known
from geodata import months as m
from geodata.records.database import open_records
from geodata.records.fields import LONDON
from geodata.workspace import Workspace
from tests.builders import EAST, ORIGIN, WEST, batch, incidents, workspace_of

NOW = dt.datetime(2026, 7, 1, 12, tzinfo=LONDON)
AT = NOW.isoformat()
WHO: dict[str, Any] = {"by": "test", "at": NOW}
MONTHS = m.span("2024-07", "2026-06")
HOME = (317.0, 523.0)
"""Metres from the origin: where somebody's reports were made."""

PERSONAL = ("Quillmaker House", "Jo Sampler", "ASB-77-4411", "10008231977", "my open secret here")
MANY = 864
"""West had 2 council cases in the year, and East so many."""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    police = [(month, 200, 200) for month in MONTHS] + [(month, 1300, 500) for month in MONTHS]
    cases = [("2026-02", *HOME, "rowdy")] * 2
    cases += [(month, 1310, 510, "rowdy") for month in MONTHS for _ in range(MANY // 12)]
    council = incidents(
        cases, source="council_asb", force="", geo_precision="exact", source_ref=PERSONAL[2],
        location=PERSONAL[0],
    ).assign(uprn=PERSONAL[3], case_ref="case 9911/x")  # fmt: skip
    folder = tmp_path_factory.mktemp("bytes") / "w"
    made = workspace_of(folder, batch("police", incidents(police)), batch("council", council))
    start = dt.datetime(2026, 8, 4, 18, 45, tzinfo=LONDON)
    site = add_record(
        made, "sites", {"name": PERSONAL[0], "kind": "street", "ward_code": WEST,
                        "easting": ORIGIN[0] + HOME[0], "northing": ORIGIN[1] + HOME[1]}, **WHO,
    ).id  # fmt: skip
    for kind in ("walk_and_talk", "walkabout"):
        event = {"event_type": kind, "status": "planned_tbc", "ward_codes": [WEST],
                 "planned_date": "2026-08-04", "planned_start": start}  # fmt: skip
        where = {"site_id": site} if kind == "walk_and_talk" else {}
        walk = add_record(made, "events", event | where, **WHO).id
    asked = add_record(made, "requests", {"received_on": dt.date(2026, 6, 1), "status": "received",
                                          "why": PERSONAL[4]}, **WHO).id  # fmt: skip
    contact = {"request_id": asked, "name": PERSONAL[1], "email": "jo@example.org",
               "phone": "07700 900123", "delete_after": dt.date(2027, 1, 1)}  # fmt: skip
    add_record(made, "contacts", contact, **WHO)
    said = {"event_id": walk, "mode": "individual", "n_people": 1, "feel_now": 1,
            "said_on": "2026-06-04", "open_reason": PERSONAL[4], "consent_store": True,
            "consent_quote": False, "channel": "paper"}  # fmt: skip
    add_record(made, "responses", said, **WHO)
    held = {"event_type": "womens_walk", "status": "held", "ward_codes": [WEST], "women_only": True,
            "planned_date": "2026-06-04", "location_name": "The corner",
            "planned_start": start.replace(month=6, hour=17, minute=33),
            "meeting_point": "By the blue door"}  # fmt: skip
    walk = add_record(made, "events", held, **WHO).id
    for _ in range(6):
        add_record(made, "responses", said | {"event_id": walk}, **WHO)
    for origin, text in (("walk_and_talk", "Cut the hedge"), ("womens_walk", "Mend the lamp")):
        promise = {"origin": origin, "ward_code": WEST, "event_id": walk, "status": "agreed",
                   "owner_agency": "tfl", "action_text": text, "agreed_on": "2026-06-05",
                   "due_on": "2026-08-01"}  # fmt: skip
        add_record(made, "actions", promise, **WHO)
    add_record(made, "decisions", {"decided_on": "2026-06-05", "decided_by": "Manager",
                                   "purpose": "walk_and_talk", "location_id": "h200:9:9",
                                   "reasons": ["resident_request"],
                                   "public_reason": "Asked for"}, **WHO)  # fmt: skip
    return made


def _held(here: Workspace) -> str:
    return next(e.id for e in open_records(here).list("events") if e["status"] == "held")


@pytest.fixture(scope="module")
def public(here: Workspace) -> dict[str, bytes]:
    files = {}
    for layer in ("wards", "hotspots", "locations"):
        files[f"police {layer}.html"] = map_for(here, audience="public", at=AT, layer=layer)
    areas = area_table(here, layer="hotspots", source="police_uk")
    asked: dict[str, Any] = {"source": "council_asb", "at": AT}
    for ending in ENDINGS:
        files[f"police{ending}"] = table_for(
            here, areas, ending, source="police_uk", audience="public"
        )
        files[f"council{ending}"] = ward_table_for_all(here, ending, **asked)
    files["council.html"] = map_for(here, audience="public", layer="wards", **asked)
    files["programme.ics"] = public_calendar(here, at=NOW).content
    sheet = feedback_sheet(here, _held(here), at=NOW)
    files |= {f"{sheet.name}.html": sheet.page.encode(), f"{sheet.name}.pdf": sheet.pdf or b""}
    for kind in ("events", "actions"):
        for name, rows in record_sheets(here, kind, audience="public").items():
            files[f"{name}.csv"] = rows.to_csv().encode()
    for who, wards in (("public", (WEST, EAST)), ("panel", (WEST,))):
        for one in make_packs(here, Wanted(wards, who), at=NOW, draft=False).made:  # type: ignore[arg-type]
            files[f"{one.name}.zip"] = one.zipped()
    return files


def test_nothing_that_identifies_a_person_is_in_any_public_byte(
    here: Workspace, public: dict[str, bytes]
) -> None:
    known = persons_known(here)
    told = {"Jo Sampler", "jo@example.org", "case 9911/x", *PERSONAL}
    assert told - set(known.words) == set()
    degrees = incidents([("2026-04", *HOME)])[["lon", "lat"]].iloc[0].round(5)
    home = (ORIGIN[0] + HOME[0], ORIGIN[1] + HOME[1])
    assert known.points >= {home, (float(degrees["lon"]), float(degrees["lat"]))}
    found = [hit for name, data in public.items() for hit in scan(data, name=name, known=known)]
    assert found == []
    assert len(public) >= 19


def _text_of(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    """Read a file as whoever gets it would: packed files opened, pages of a PDF as drawn."""
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for inner in archive.namelist():
                yield from _text_of(f"{name}: {inner}", archive.read(inner))
    elif data.startswith(b"%PDF"):
        yield name, "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    else:
        yield name, data.decode("utf-8", "ignore")


def test_no_walk_and_talk_nor_the_hour_of_a_womens_walk_is_in_any_public_file(
    public: dict[str, bytes],
) -> None:
    """Not its name, place, time or what came of it, in any file or name of one."""
    secret = ("Walk and Talk", "walk_and_talk", "Cut the hedge", "h200:9:9", "17:33", "T163300Z",
              "blue door", PERSONAL[0])  # fmt: skip
    texts = [t for name, data in public.items() for t in _text_of(name, data)]
    assert len(texts) > 60
    said = [t.replace("Walk and Talks and women-only walks are", "") for _, t in texts]
    assert [(n, s) for (n, _), t in zip(texts, said, strict=True) for s in secret
            if s in t or s in n] == []  # fmt: skip
    assert any("Mend the lamp" in t for t in said)
    assert any("The corner" in t for t in said)


def test_the_same_lists_for_colleagues_hold_all_of_it(here: Workspace) -> None:
    """The test can fail: what is asked for in the public files is in the lists of the office."""
    sheets = [record_sheets(here, kind) for kind in ("events", "actions", "places")]
    told = "".join(rows.to_csv() for each in sheets for rows in each.values())
    assert [
        s for s in ("walk_and_talk", "Cut the hedge", "17:33", PERSONAL[0]) if s not in told
    ] == []
    assert PERSONAL[0] not in record_sheets(here, "places", audience="public")["sites"].to_csv()


def test_the_same_search_finds_it_in_rows_as_they_are_stored() -> None:
    """The test can fail: rows as they are stored hold what it looks for."""
    rows = incidents([("2026-04", *HOME)], location=PERSONAL[0])
    stored = rows[["location", "easting", "northing"]].to_csv(index=False).encode()
    home = (ORIGIN[0] + HOME[0], ORIGIN[1] + HOME[1])
    kinds = {hit.kind for hit in scan(stored, known=Known(PERSONAL, points=[home]))}
    assert kinds == {"a name or reference of this workspace", "the point of a person's report"}


def test_no_withheld_value_is_in_the_source_of_a_map_or_table(
    here: Workspace, public: dict[str, bytes]
) -> None:
    """A browser map's source holds every value it was given: it was given none of these."""
    shapes = json.loads(public["council.geojson"])
    told = {f["properties"]["ward_code"]: f["properties"] for f in shapes["features"]}
    assert {code: row["count"] for code, row in told.items()} == {WEST: None, EAST: MANY}
    assert told[WEST]["per_km2"] is None
    assert told[WEST]["withheld"] == "1 to 4"
    inside = map_file(here, layer="wards", source="council_asb")
    per_km2 = re.compile(r"<td[^>]*>2(?:\.0)?<")
    assert per_km2.search(inside)
    assert not per_km2.search(public["council.html"].decode())
    assert "1 to 4" in public["council.html"].decode()


def test_tables_of_frames_pass_the_gate_only(here: Workspace) -> None:
    frame = pd.DataFrame({"ward_name": ["West"], "count": [9], "source_ref": [PERSONAL[2]]})
    seen = table_file(frame, ".csv", kind="real", source="council_asb", audience="internal")
    assert PERSONAL[2].encode() not in seen
