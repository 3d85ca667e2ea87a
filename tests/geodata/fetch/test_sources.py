"""Addresses are settings: the environment, then the workspace, then the publisher."""

from __future__ import annotations

from pathlib import Path

import pytest

from geodata.errors import FetchError
from geodata.fetch.sources import ARCHIVE, SOURCES, Source, configured


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for source in SOURCES:
        monkeypatch.delenv(source.variable, raising=False)


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.key)
def test_every_source_says_its_licence_and_the_way_by_hand(source: Source) -> None:
    assert source.address.startswith("https://")
    assert not source.address.endswith("/")
    assert "icence" in source.licence
    assert source.attribution.endswith(".")
    assert "https://" in source.by_hand
    assert "`safer-walks " in source.by_hand


def test_keys_and_variables_are_told_apart() -> None:
    assert len({s.key for s in SOURCES}) == len({s.variable for s in SOURCES}) == len(SOURCES)


def test_the_environment_wins_over_the_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert configured(ARCHIVE, tmp_path) is ARCHIVE
    (tmp_path / "settings.toml").write_text('[sources]\narchive = "http://here:81/a"\n')
    found = configured(ARCHIVE, tmp_path)
    assert found.address == "http://here:81/a"
    assert found.hosts == {"here:81", "policeuk-data.s3.amazonaws.com"}
    monkeypatch.setenv(ARCHIVE.variable, "https://there/b/")
    assert configured(ARCHIVE, tmp_path).address == "https://there/b"


@pytest.mark.parametrize("address", ["ftp://x", "/data", "http://", "x.example/api"])
def test_what_cannot_be_asked_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ARCHIVE.variable, address)
    with pytest.raises(FetchError, match="SAFER_WALKS_ARCHIVE"):
        configured(ARCHIVE)


def test_settings_without_sources_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('sources = "all"\n[weights]\nasb = 1\n')
    assert configured(ARCHIVE, tmp_path) is ARCHIVE
