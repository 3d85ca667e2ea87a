"""The demo as a whole: the same everywhere, and fit for the store."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from geodata import demo as package
from geodata.demo import demo
from geodata.demo.frames import digest_of
from geodata.incidents import incident_checks

ROOT = Path(__file__).resolve().parents[3]


def test_one_seed_one_borough(made):
    again = demo()
    assert [b.digest for b in made.batches] == [b.digest for b in again.batches]
    assert made.ward_info == again.ward_info
    other = demo(seed=1)
    assert not {b.digest for b in made.batches} & {b.digest for b in other.batches}


def test_another_process_with_other_hashing_makes_the_same(made):
    script = "from geodata.demo import demo; print(*[b.digest for b in demo().batches])"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONHASHSEED": "12345", "PYTHONPATH": str(ROOT)},
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == [b.digest for b in made.batches]


def test_the_last_month_is_the_one_asked_for():
    made = demo(last_month="2025-02")
    for batch in made.batches:
        stored = batch.incidents["month"].astype(str)
        assert (stored.min(), stored.max()) == ("2022-03", "2025-02")


def test_a_month_that_is_none_is_refused():
    with pytest.raises(ValueError, match="YYYY-MM"):
        demo(last_month="June")


def test_reports_pass_the_checks_of_the_store(reports):
    incident_checks().validate(reports, lazy=True)
    assert reports["incident_uid"].is_unique


def test_batches_balance_and_say_where_they_come_from(made):
    assert [b.source for b in made.batches] == ["police_uk"] * 3 + ["council_asb"]
    assert all(b.rows_in == len(b.incidents) and not len(b.rejected) for b in made.batches)
    assert len({b.digest for b in made.batches}) == 4


def test_boundaries_are_marked_schematic(made):
    assert made.ward_info["schematic"] is True
    assert "not the real wards" in made.ward_info["source"]
    assert made.ward_info["wards"] == 20
    assert made.ward_info["overlap_m2"] == made.ward_info["gap_m2"] == 0


def test_the_digest_sees_every_part(made, monkeypatch):
    assert demo().ward_info["demo_digest"] == made.ward_info["demo_digest"]
    fewer = made.population.assign(residents=made.population["residents"] - 500)
    monkeypatch.setattr(package.borough, "population", lambda: fewer)
    assert demo().ward_info["demo_digest"] != made.ward_info["demo_digest"]


def test_no_module_of_the_demo_reads_a_file():
    reading = ("read_file", "read_csv", "read_parquet", "open(", "read_text", "Path(")
    for module in Path(package.__file__).parent.glob("*.py"):
        text = module.read_text(encoding="utf-8")
        assert not [word for word in reading if word in text], module.name


def test_the_borough_is_the_one_we_know(made):
    """Every screenshot and example shows these rows: whoever changes them means to."""
    told = ["month", "category", "easting", "northing"]
    digests = {batch.file: digest_of(batch.incidents[told])[:12] for batch in made.batches}
    assert digests == {
        "demo metropolitan": "042bfb1932f0",
        "demo city-of-london": "aa22d1fa1fed",
        "demo btp": "7e637d89e542",
        "demo council cases": "f959d71111c2",
    }
