"""Every public byte the app writes, of a borough in which everything personal is known by name."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pandas as pd
import pytest

from analysis.disclosure import scan
from analysis.jobs.areas import area_table
from analysis.jobs.exports import ENDINGS, table_file
from analysis.jobs.maps import map_file
from analysis.jobs.pack import Wanted, make_packs
from analysis.jobs.programme_calendar import public_calendar
from analysis.jobs.records import add_record
from analysis.jobs.releases import known_words
from geodata import months as m
from geodata.records.database import open_records
from geodata.records.fields import LONDON
from geodata.workspace import Workspace
from tests.builders import EAST, ORIGIN, WEST, batch, incidents, workspace_of

NOW = dt.datetime(2026, 7, 1, 12, tzinfo=LONDON)
WHO: dict[str, Any] = {"by": "test", "at": NOW}
MONTHS = m.span("2024-07", "2026-06")
HOME = (317.0, 523.0)
"""Metres from the origin: where somebody's reports were made."""

PERSONAL = ("Quillmaker House", "Jo Sampler", "ASB-77-4411", "10008231977", "my open secret")
MANY = 1733
"""West had 2 council cases in the year, and East so many: told, the total would give both away."""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    police = [(month, 200, 200) for month in MONTHS] + [(month, 1300, 500) for month in MONTHS]
    cases = [(MONTHS[-2], *HOME, "rowdy")] * 2 + [(MONTHS[-3], 1310, 510, "rowdy")] * MANY
    council = incidents(
        cases, source="council_asb", force="", geo_precision="exact", source_ref=PERSONAL[2],
        uprn=PERSONAL[3], location=PERSONAL[0],
    )  # fmt: skip
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
    return made


@pytest.fixture(scope="module")
def public(here: Workspace) -> dict[str, bytes]:
    files = {}
    for source in ("police_uk", "council_asb"):
        for layer in ("wards", "hotspots"):
            page = map_file(here, layer=layer, source=source, audience="public")  # type: ignore[arg-type]
            files[f"{source} {layer}.html"] = page.encode()
            areas = area_table(here, layer=layer, source=source)  # type: ignore[arg-type]
            for ending in ENDINGS:
                files[f"{source} {layer}{ending}"] = table_file(
                    areas, ending, kind="real", source=source, audience="public"
                )
    files["locations.html"] = map_file(here, layer="locations", audience="public").encode()
    files["programme.ics"] = public_calendar(here, at=NOW).content
    for who, wards in (("public", (WEST, EAST)), ("panel", (WEST,))):
        for one in make_packs(here, Wanted(wards, who), at=NOW, draft=False).made:  # type: ignore[arg-type]
            files[f"{one.name}.zip"] = one.zipped()
    return files


def test_nothing_that_identifies_a_person_is_in_any_public_byte(
    here: Workspace, public: dict[str, bytes]
) -> None:
    words = known_words(open_records(here)) | set(PERSONAL)
    assert {"Jo Sampler", "jo@example.org"} <= words
    home = (ORIGIN[0] + HOME[0], ORIGIN[1] + HOME[1])
    degrees = incidents([("2026-04", *HOME)])[["lon", "lat"]].iloc[0]
    points = [home, (float(degrees["lon"]), float(degrees["lat"]))]
    found = [
        hit for name, data in public.items() for hit in scan(data, name=name, words=words,
                                                             points=points)
    ]  # fmt: skip
    assert found == []
    assert len(public) == 2 * (2 + 2 * len(ENDINGS)) + 2 + 3


def test_the_same_search_finds_it_in_rows_as_they_are_stored() -> None:
    """The test can fail: rows as they are stored hold what it looks for."""
    rows = incidents([("2026-04", *HOME)], location=PERSONAL[0])
    stored = rows[["location", "easting", "northing"]].to_csv(index=False).encode()
    home = (ORIGIN[0] + HOME[0], ORIGIN[1] + HOME[1])
    kinds = {hit.kind for hit in scan(stored, words=PERSONAL, points=[home])}
    assert kinds == {"a name or reference of this workspace", "the point of a person's report"}


def test_no_withheld_value_is_in_the_source_of_a_map_or_table(
    here: Workspace, public: dict[str, bytes]
) -> None:
    """A browser map's source holds every value it was given: it was given none of these."""
    shapes = json.loads(public["council_asb wards.geojson"])
    told = {f["properties"]["ward_code"]: f["properties"] for f in shapes["features"]}
    assert {code: row["count"] for code, row in told.items()} == {WEST: None, EAST: None}
    assert told[EAST]["withheld"] == "withheld"
    assert told[WEST]["per_km2"] is None
    assert told[WEST]["withheld"] == "1 to 4"
    page = public["council_asb wards.html"].decode()
    inside = map_file(here, layer="wards", source="council_asb")
    large = re.compile(r"(?<![\d.])1,?733(?![\d.])")
    assert large.search(inside)
    assert not large.search(page)


def test_the_total_that_would_tell_is_not_there(public: dict[str, bytes]) -> None:
    total = re.compile(r"(?<![\d.])1,?735(?![\d.])")
    council = {n: d for n, d in public.items() if n.startswith("council_asb") and ".gpkg" not in n}
    assert [name for name, data in council.items() if total.search(data.decode())] == []


def test_tables_of_frames_pass_the_gate_only(here: Workspace) -> None:
    frame = pd.DataFrame({"ward_name": ["West"], "count": [9], "source_ref": [PERSONAL[2]]})
    seen = table_file(frame, ".csv", kind="real", source="council_asb", audience="internal")
    assert PERSONAL[2].encode() not in seen
