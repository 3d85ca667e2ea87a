"""GDAL's drivers that follow links are off, however the modules are imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from geodata.errors import WardFileError
from geodata.gdal import (
    ALLOWED_DRIVERS,
    EXTRACT_DRIVER,
    INDIRECT_DRIVERS,
    require_safe_drivers,
    skip_drivers,
    unsafe_drivers,
)
from tests.geodata.ward_samples import save, three_wards, vrt

ROOT = Path(__file__).resolve().parents[2]
DRIVER_OF = "import pyogrio; print(pyogrio.read_info(__import__('sys').argv[1])['driver'])"


def run(code: str, *arguments: object, **extra: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if k != "GDAL_SKIP"}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**clean, "PYTHONPATH": str(ROOT), **extra},
        capture_output=True, text=True, check=False, timeout=180,
    )  # fmt: skip


@pytest.fixture
def trap(tmp_path):
    """A VRT that calls itself GeoJSON and points at a GeoPackage."""
    return vrt(
        tmp_path / "wards.geojson", save(three_wards(), tmp_path, "gpkg", "secret"), "secret"
    )


def test_only_the_drivers_needed_are_registered():
    import pyogrio

    assert set(pyogrio.list_drivers()) - {"MEM"} == {*ALLOWED_DRIVERS, EXTRACT_DRIVER}
    assert unsafe_drivers() == []
    require_safe_drivers()


def test_the_trap_works_where_nothing_is_switched_off(trap):
    # Without this the next test could not fail.
    assert run(DRIVER_OF, trap).stdout.strip() == "OGR_VRT"


@pytest.mark.parametrize("first", ["import geodata", "import geopandas, geodata"])
def test_importing_geodata_is_enough_and_silent(trap, first):
    done = run(f"{first}; {DRIVER_OF}", trap)
    assert done.stdout == ""
    assert "not recognized as being in a supported file format" in done.stderr
    assert "Unable to find driver" not in done.stderr


def test_where_gdal_was_loaded_first_reading_is_refused(tmp_path):
    path = save(three_wards(), tmp_path, "geojson")
    code = (
        "import sys, pyogrio\n"
        "from geodata.wards import read_wards\n"
        "try:\n    read_wards(sys.argv[1])\n"
        "except Exception as error:\n    print(type(error).__name__, error)"
    )
    said = run(code, path).stdout
    assert said.startswith("WardFileError Boundary files cannot be read safely")
    assert "OGR_VRT" in said
    assert "import geodata before pyogrio" in said


def test_a_driver_that_follows_links_is_named(monkeypatch):
    found = {"GPKG": "rw", "WFS": "r", "OGR_VRT": "r"}
    monkeypatch.setattr("pyogrio.list_drivers", lambda: found)
    with pytest.raises(WardFileError, match=r"Got: OGR_VRT, WFS\."):
        require_safe_drivers()


@pytest.mark.parametrize(
    ("before", "kept"),
    [("", []), ("DTED PNG", ["DTED", "PNG"]), ("MapInfo File,DTED", ["MapInfo File", "DTED"])],
)
def test_what_was_skipped_before_stays_skipped(monkeypatch, before, kept):
    monkeypatch.setenv("GDAL_SKIP", before)
    skip_drivers()
    skip_drivers()
    names = os.environ["GDAL_SKIP"].split(",")
    assert len(names) == len(set(names))
    assert set(kept) | set(INDIRECT_DRIVERS) <= set(names)
    assert not set(names) & {*ALLOWED_DRIVERS, EXTRACT_DRIVER}
