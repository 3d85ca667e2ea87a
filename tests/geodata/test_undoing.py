from __future__ import annotations

from dataclasses import replace

import pytest

from geodata.manifest import ImportEntry, Manifest, Partition
from geodata.undoing import KEPT_IMPORTS, RELOCATED, UNDONE, forget_retired, why_not_undo

OLD = Partition(
    source="police_uk", force="metropolitan", month="2026-04", digest="a", channel="file", rows=5,
    inside=5, outside=0, in_collar=0, no_location=0, near_boundary=0, points=5, path="a.parquet",
    import_id="1", retired_by="2",
)  # fmt: skip
NEW = replace(OLD, digest="b", path="b.parquet", import_id="2", retired_by="")


def manifest(*partitions: Partition, modes: str = "correct correct correct") -> Manifest:
    log = tuple(
        ImportEntry(str(number), mode, "", (), {"rows_in": 5})
        for number, mode in enumerate(modes.split(), 1)
    )
    return Manifest("real", {}, {}, (), partitions, log)


def fault(stored: Manifest, import_id: str) -> str:
    found = why_not_undo(stored, import_id)
    return "" if found is None else str(found)


def test_what_was_replaced_by_the_newest_can_come_back() -> None:
    assert fault(manifest(OLD, NEW), "2") == ""
    assert "A later import has replaced rows of this one. Got: 2." in fault(manifest(OLD, NEW), "1")


@pytest.mark.parametrize(
    ("change", "stands_on_top"),
    [
        ({}, True), ({"force": "btp"}, True), ({"month": "2026-05"}, False),
        ({"source": "council_asb"}, False), ({"import_id": "1"}, False),
    ],
)  # fmt: skip
def test_a_later_import_of_the_month_stands_on_top(
    change: dict[str, str], stands_on_top: bool
) -> None:
    later = replace(NEW, **{"digest": "c", "import_id": "3", **change})  # type: ignore[arg-type]
    said = fault(manifest(OLD, NEW, later), "2")
    assert ("later imports stand on top. Got: 3." in said) == stands_on_top
    assert bool(said) == stands_on_top


def test_rows_of_a_council_may_come_back_in_any_month() -> None:
    council = {"source": "council_asb", "force": "bow"}
    stored = [replace(p, **council) for p in (OLD, NEW)]
    later = replace(stored[1], import_id="3", month="2026-09", digest="c")
    assert "stand on top" in fault(manifest(*stored, later), "2")
    assert fault(manifest(*stored, replace(later, force="hackney")), "2") == ""


@pytest.mark.parametrize(("mode", "words"), [(UNDONE, "undone before"), (RELOCATED, "places")])
def test_what_is_no_import_is_not_undone(mode: str, words: str) -> None:
    assert words in fault(manifest(modes=f"correct {mode}"), "2")
    assert "no such import" in fault(manifest(), "9")


def test_files_are_let_go_after_so_many_imports() -> None:
    modes = "correct " * (KEPT_IMPORTS + 1)
    kept = forget_retired(manifest(OLD, NEW, modes=modes))
    assert [p.path for p in kept.partitions] == ["a.parquet", "b.parquet"]
    gone = forget_retired(manifest(OLD, NEW, modes=modes), upcoming=1)
    assert [p.path for p in gone.partitions] == ["", "b.parquet"]
    assert "no longer kept. Got: 5 rows" in fault(gone, "2")
