"""Files that ship inside packages are found, and read the same on every system."""

from __future__ import annotations

import pytest

from geodata.package_files import package_text


@pytest.mark.parametrize("name", ["map.html", "map.css", "map.js"])
def test_our_templates_are_found(name):
    assert len(package_text("analysis.report", f"templates/{name}")) > 1000


def test_leaflet_is_the_release_that_its_package_names():
    from xstatic.pkg import leaflet

    assert f"Leaflet {leaflet.VERSION}" in package_text("xstatic.pkg.leaflet", "data/leaflet.js")


def test_line_ends_are_those_of_html_so_that_a_digest_holds(tmp_path, monkeypatch):
    folder = tmp_path / "lineends"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "a.txt").write_bytes(b"a\r\nb\rc\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert package_text("lineends", "a.txt") == "a\nb\nc\n"


def test_a_file_that_is_not_there_is_a_fault_of_ours():
    with pytest.raises(FileNotFoundError):
        package_text("analysis.report", "templates/nothing.html")
