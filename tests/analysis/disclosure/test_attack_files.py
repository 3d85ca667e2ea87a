"""An attacker with every public file that was written, of many months: nothing withheld is found.

Reads what a resident would: the pages, tables, workbooks and shapes of packs and of maps and tables
handed out one by one. Each number becomes an equation, each mark a range, and a solver of its own
(`attacker`) asks what every withheld number could be.
"""

from __future__ import annotations

import datetime as dt
import html
import io
import itertools
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from analysis.disclosure import Rules, solving
from analysis.jobs import handing_out
from analysis.jobs.handing_out import map_for, ward_table_for_all
from analysis.jobs.pack import Wanted, make_packs, publish_packs
from analysis.report import pack_files
from geodata import months as m
from geodata.errors import SaferWalksError
from geodata.records.fields import LONDON
from geodata.vocabularies import CATEGORY_BY_CODE
from geodata.workspace import Workspace
from tests.analysis.disclosure.attacker import Attacker
from tests.builders import EAST, WEST, batch, incidents, workspace_of

MONTHS = m.span("2024-04", "2026-06")
KINDS = ("rowdy", "noise_domestic", "drug_use")
EVENING, WEEKEND, UNTIMED = "Monday to Friday,20", "Saturday and Sunday,20", "-1"
PARTS = {"ward_code": (WEST, EAST), "category": KINDS, "when": (EVENING, WEEKEND, UNTIMED),
         "quarter": MONTHS[::3]}  # fmt: skip
NAMES = {"West": WEST, "East": EAST}
LABELS = {CATEGORY_BY_CODE[code].label: code for code in KINDS}
AT = dt.datetime(2026, 7, 1, 12, tzinfo=LONDON)
YEAR = r"([A-Z][a-z]+ \d{4}) to ([A-Z][a-z]+ \d{4})"
MARK = r"\d+ to \d+|withheld|[\d,]+"


def _world(folder: Path, seed: int) -> Workspace:
    """Few cases of each kind and part of the week in either ward, and one of police a month."""
    chance = np.random.default_rng(seed)
    rows, times = [], []
    for (x, kind, when), month in itertools.product(
        itertools.product((310, 1310), KINDS, (EVENING, WEEKEND, UNTIMED)), MONTHS
    ):
        mean = 0.08 * (1 + (x > 1000)) * (1 + 2 * (kind == "rowdy")) * (1 + (when == UNTIMED))
        for _ in range(chance.poisson(mean)):
            day = pd.Timestamp(f"{month}-01") + pd.offsets.Week(weekday=5 if when == WEEKEND else 2)
            rows.append((month, x, 510, kind))
            times.append(day + pd.Timedelta(hours=21) if when != UNTIMED else pd.NaT)
    rows += [(month, 1310, 510, "rowdy") for month in MONTHS]  # so that every month is stored
    times += [pd.NaT] * len(MONTHS)
    began = pd.Series(times).dt.tz_localize("Europe/London")
    council = incidents(
        rows, source="council_asb", force="", occurred_from=began.to_numpy(),
        time_precision=np.where(began.isna(), "month", "exact"),
    ).assign(occurred_from=began.astype("datetime64[us, Europe/London]"))  # fmt: skip
    police = incidents([(month, 300, 500) for month in MONTHS])
    return workspace_of(folder, batch("council", council), batch("police", police))


# What is published


def _packs(here: Workspace, last: str, audience: Any) -> dict[str, bytes]:
    made = make_packs(here.reopen(), Wanted((), audience, None, last), at=AT, draft=False)
    publish_packs(here.reopen(), made, by="test", at=AT)
    return {f"{one.name}.zip": one.zipped() for one in made.made}


def _table(here: Workspace, last: str, kind: str, ending: str) -> dict[str, bytes]:
    name, kinds = f"{last} {kind}{ending}", (kind,) if kind else ()
    asked: dict[str, Any] = {"source": "council_asb", "at": AT.isoformat(), "as_at": last}
    return {name: ward_table_for_all(here.reopen(), ending, categories=kinds, name=name, **asked)}


def _map(here: Workspace, last: str, *kinds: str) -> dict[str, bytes]:
    asked: dict[str, Any] = {"source": "council_asb", "at": AT.isoformat(), "as_at": last}
    name = f"{last} {kinds} map.html"
    made = map_for(
        here.reopen(), audience="public", layer="wards", name=name, categories=kinds, **asked
    )
    return {name: made}


# What is read


def _rows(ward: str, by: str, given: dict[str, str], year: tuple[str, str]) -> pd.DataFrame:
    table = pd.DataFrame({by: list(given), "said": list(given.values())})
    table = table.assign(ward_code=ward, first=year[0], last=year[1])
    is_number = table["said"].str.fullmatch(r"[\d,]+(\.0)?")
    count = table["said"].str.replace(",", "").where(is_number).astype("float64")
    return table.assign(count=count, withheld=table["said"].mask(is_number, "")).drop(
        columns=["said", *([] if by != "one" else ["one"])]
    )


def _months(words: tuple[str, ...] | list[str]) -> tuple[str, str]:
    return tuple(f"{dt.datetime.strptime(w, '%B %Y'):%Y-%m}" for w in words)  # type: ignore[return-value]


def _plain(page: str) -> str:
    bare = re.sub(r"<(style|svg|script)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", bare)).split())


def _grid(lines: list[list[Any]]) -> list[list[str]]:
    return [[str(c).removesuffix(".0") for c in line] for line in lines]


def _read_pack(data: bytes) -> Iterator[pd.DataFrame]:
    """Read one ward's pack, and make sure that all its forms tell the same."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    page = next(content for name, content in files.items() if name.endswith(".html")).decode()
    text = _plain(page)
    ward = NAMES[re.search(r"Ward panel pack: (\w+)", text)[1]]
    council = text.split("Council reports", 1)[1]
    sections = re.findall(rf"{YEAR}: ({MARK}) ASB reports in the ward", council)
    first, last, total = sections[-1]
    year = _months([first, last])
    before = tuple(m.shift(month, -12) for month in year)
    yield _rows(ward, "one", {"": total}, year)
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(next(c for n, c in files.items() if n.endswith(".xlsx")))
    )
    for name in ("kinds-council_asb", "week-council_asb"):
        if f"tables/{name}.csv" not in files:
            continue
        table = pd.read_csv(io.BytesIO(files[f"tables/{name}.csv"]), dtype=str)
        table = table.drop(columns="Marking", errors="ignore")
        lines = _grid([list(table), *table.to_numpy().tolist()])
        sheet = _grid(book.get_sheet_by_name(name).to_python())
        assert [line[: len(lines[0])] for line in sheet] == lines
        for line in lines[1:]:
            assert " ".join(line) in text
        if name.startswith("kinds"):
            codes = [LABELS[line[0]] for line in lines[1:]]
            for column, span in ((1, year), (2, before)):
                told = {c: line[column] for c, line in zip(codes, lines[1:], strict=True)}
                told = {c: said for c, said in told.items() if said != "no data"}
                if told:
                    yield _rows(ward, "category", told, span)
        else:
            at = lines[0].index("20 to 24")
            yield _rows(ward, "when", {f"{line[0]},20": line[at] for line in lines[1:]}, year)
            left = re.search(rf"not known well enough: ({MARK})(?: of|\.)", text)
            yield _rows(ward, "when", {UNTIMED: left[1]}, year)
    pdf = [content for name, content in files.items() if name.endswith(".pdf")]
    for content in pdf:
        drawn = "\n".join(p.extract_text() for p in PdfReader(io.BytesIO(content)).pages)
        part = drawn[drawn.rindex("Council reports in") :].split("Where\n")[0]
        assert set(re.findall(r"\d+", part)) <= set(re.findall(r"\d+", text))


def _read_one(name: str, data: bytes) -> Iterator[pd.DataFrame]:
    """Read a map or table that was handed out by itself."""
    kind = next((code for code in KINDS if code in name), "")
    if name.endswith(".csv"):
        table = pd.read_csv(io.BytesIO(data))
    elif name.endswith(".geojson"):
        table = pd.DataFrame([f["properties"] for f in json.loads(data)["features"]])
    elif name.endswith(".gpkg"):
        with closing(sqlite3.connect(":memory:")) as book:
            book.deserialize(data)
            [(layer,)] = book.execute("SELECT table_name FROM gpkg_contents").fetchall()
            table = pd.read_sql_query(f'SELECT * FROM "{layer}"', book)  # noqa: S608
    else:
        yield from _read_map(data)
        return
    held = table["withheld"].astype("object").where(table["withheld"].notna(), "").astype("str")
    table["said"] = held.where(held.ne(""), table["count"].map("{:.0f}".format))
    for row in table.to_dict("records"):
        by, given = ("category", {kind: row["said"]}) if kind else ("one", {"": row["said"]})
        yield _rows(row["ward_code"], by, given, (row["first"], row["last"]))


def _read_map(data: bytes) -> Iterator[pd.DataFrame]:
    text = _plain(data.decode())
    kind = next((code for label, code in LABELS.items() if label in text), "")
    year = _months(list(re.search(YEAR, text).groups()))
    for name, ward in NAMES.items():
        said = re.search(rf"\b{name} ({MARK}) (?:{MARK})", text)
        by, given = ("category", {kind: said[1]}) if kind else ("one", {"": said[1]})
        yield _rows(ward, by, given, year)


def _attacker(files: dict[str, bytes]) -> Attacker:
    found = Attacker(PARTS)
    seen: set[str] = set()
    for name, data in files.items():
        read = _read_pack(data) if name.endswith(".zip") else _read_one(name, data)
        for table in read:
            told = table.to_json()
            if told not in seen:
                found.reads(table, secondaries=1)
                seen.add(told)
    return found


# The attacks


def test_nothing_withheld_is_found_in_all_public_files_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = _world(tmp_path / "w", seed=1)
    files = _packs(here, "2025-09", "public")
    monkeypatch.setattr(pack_files, "document_pdf", _no_pdf)  # one release as PDF is enough
    monkeypatch.setattr(pack_files, "svg_png", lambda *_args, **_given: b"\x89PNG\r\n\x1a\n")
    files |= _table(here, "2025-12", "", ".csv") | _table(here, "2025-12", KINDS[1], ".gpkg")
    files |= _map(here, "2025-12", KINDS[2])
    files |= _packs(here, "2026-03", "panel")
    files |= _table(here, "2026-06", KINDS[0], ".geojson") | _map(here, "2026-06")
    attacker = _attacker(files)
    assert len(attacker.hidden) > 10
    assert len(attacker.equal) > 20
    assert attacker.narrow(need=2) == []


def _no_pdf(*_args: object, **_given: object) -> bytes:
    raise SaferWalksError("no PDF")


class _Forgetful:
    """A register that knows of no earlier release."""

    def __init__(self, real: Any) -> None:
        self.numbers, self.rules, self.stamp = real.numbers.head(0), Rules(), real.stamp


def _two_years(folder: Path) -> Workspace:
    """West: 8 rowdy in the summer of 2025 and 2 of noise in 2026; East enough for every month.

    Each year is safe by itself. But no rowdiness to March 2025 and 8 cases to December leave 8 or
    more to March 2026, and with 10 of both kinds then, 1 or 2 of noise.
    """
    rows = [(month, 1310, 510, "rowdy") for month in m.span("2024-04", "2026-03")]
    rows += [("2025-07", 310, 510, "rowdy")] * 8 + [("2026-02", 310, 510, "noise_domestic")] * 2
    return workspace_of(folder, batch("council", incidents(rows, source="council_asb", force="")))


@pytest.mark.parametrize("what", ["secondary suppression", "the register", "nothing"])
def test_the_attacker_finds_some_when_a_guard_is_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    here = _two_years(tmp_path / "w")
    if what == "secondary suppression":
        monkeypatch.setattr(solving, "withhold", lambda system, threshold: [])
    elif what == "the register":
        real = handing_out.register
        monkeypatch.setattr(handing_out, "register", lambda w: _Forgetful(real(w)))
    files: dict[str, bytes] = {}
    for last, kind in (("2025-03", "rowdy"), ("2025-12", "rowdy"), ("2026-03", ""),
                       ("2026-03", "rowdy"), ("2026-03", "noise_domestic")):  # fmt: skip
        files |= _table(here, last, kind, ".csv")
    found = _attacker(files).narrow(need=2)
    assert (found == []) == (what == "nothing")
    assert what == "nothing" or any("noise_domestic" in told for told in found)
