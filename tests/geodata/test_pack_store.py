"""Published packs: kept version by version, never changed, and a changed file is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from geodata import pack_store
from geodata.errors import SaferWalksError
from geodata.workspace import Workspace
from tests.builders import workspace_of


@pytest.fixture
def here(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path / "w")


def test_versions_are_counted_and_kept(here: Workspace) -> None:
    for n, content in enumerate((b"one", b"two"), start=1):
        found = pack_store.publish(here, "E1-public", content, {"numbers": {}, "n": n})
        assert found.version == n
    assert [v.about["n"] for v in pack_store.versions(here, "E1-public")] == [1, 2]
    assert [v.name for v in pack_store.all_published(here)] == ["E1-public"] * 2
    assert pack_store.read_pack(here, "E1-public", 1) == b"one"


def test_the_same_file_is_no_new_version(here: Workspace) -> None:
    pack_store.publish(here, "a", b"one", {})
    with pytest.raises(SaferWalksError, match="published already"):
        pack_store.publish(here, "a", b"one", {})


def test_a_changed_file_is_noticed(here: Workspace) -> None:
    pack_store.publish(here, "a", b"one", {})
    (here.path / "packs" / "a" / "v1.zip").write_bytes(b"other")
    with pytest.raises(SaferWalksError, match="not the one that was published"):
        pack_store.read_pack(here, "a", 1)


@pytest.mark.parametrize("name", ["../a", "a/b", "", "a b", "x" * 121])
def test_a_name_is_no_path(name: str, here: Workspace) -> None:
    with pytest.raises(SaferWalksError, match="letters, digits and hyphens"):
        pack_store.publish(here, name, b"", {})


def test_what_is_not_there_is_said(here: Workspace) -> None:
    assert pack_store.all_published(here) == []
    with pytest.raises(SaferWalksError, match="no such version"):
        pack_store.read_pack(here, "a", 1)


def test_the_workspace_stays_as_it_was(here: Workspace) -> None:
    pack_store.publish(here, "a", b"one", {})
    assert Workspace.open(here.path).version == here.version
