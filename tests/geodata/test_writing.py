from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from analysis.jobs.imports import import_files
from geodata import spool, spooling, store
from geodata.batches import Batch
from geodata.store import commit, read_aside, read_incidents, read_rejected, stored_months
from geodata.workspace import Workspace
from tests.builders import batch, incidents, workspace_of

AT = "2026-11-22T09:00:00+00:00"


def small_files() -> list[Batch]:
    made = []
    for number, month in enumerate(["2026-01", "2026-02", "2026-03"]):
        rows = incidents([(month, 500 + number, 500), (month, 1500, 500), (month, None, None)])
        named = rows.assign(location=[f"{month} street", None, "B"], source_ref=[None, "r", None])
        made.append(batch(month, named.astype({"force": "category"})))
    bare = incidents([("2026-04", 1, 1)]).assign(location=pd.Series([None], dtype="object"))
    return [*made, batch("2026-04", bare)]


def test_files_written_together_are_those_written_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together, alone = (workspace_of(tmp_path / name) for name in ("together", "alone"))
    commit(together, small_files())
    monkeypatch.setattr(store, "WRITTEN_AT_ONCE", 0)
    commit(alone, small_files())
    pd.testing.assert_frame_equal(read_incidents(together.reopen()), read_incidents(alone.reopen()))
    for first, second in zip(
        together.reopen().manifest().live, alone.reopen().manifest().live, strict=True
    ):
        assert dataclasses.replace(first, path="") == dataclasses.replace(second, path="")
    words = pyarrow.parquet.read_table(
        together.path / together.reopen().manifest().live[1].path, columns=["location"]
    )["location"].combine_chunks()
    assert sorted(words.dictionary.to_pylist()) == ["2026-02 street", "B"]  # its own words only


def export(folder: Path) -> Path:
    """Ninety cases of three months; some merged, repeated, without a place or not readable."""
    lines = ["Ref,Incident date,Type,Easting,Northing,Status,Postcode"]
    for n in range(90):
        day = "31/02/2026" if n % 29 == 0 else f"{n % 28 + 1:02d}/{n % 3 + 4:02d}/2026 21:15"
        place = "," if n % 7 == 0 else f"{530_000 + n * 20},180500"
        status = "Merged" if n % 11 == 0 else "Open"
        lines.append(f"ASB/{n},{day},Noise,{place},{status},E1 6AN")
    lines += lines[5:9]  # repeats
    path = folder / "cases.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def everything(workspace: Workspace) -> list[pd.DataFrame]:
    now = workspace.reopen()
    frames = [read_incidents(now), read_aside(now), read_rejected(now), stored_months(now)]
    return [f.drop(columns="import_id", errors="ignore") for f in frames]


def test_a_file_longer_than_memory_gives_what_a_short_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = export(tmp_path)
    held, spilled = (workspace_of(tmp_path / name) for name in ("held", "spilled"))
    said = import_files(held, [path], source="council_asb", at=AT)
    kept = {"rejected": 4, "merged": 8, "duplicates": 4}
    assert {name: getattr(said, name) for name in kept} == kept

    class Short(spool.Spool):
        """Keeps ten rows in memory, and takes five at a time."""

        def __init__(self, folder: Path, _room: spool.Room) -> None:
            super().__init__(folder, spool.Room(10))

        def add(self, key: Hashable, table: pa.Table) -> None:
            for start in range(0, table.num_rows, 5):
                super().add(key, table.slice(start, 5))

    monkeypatch.setattr(spooling, "Spool", Short)
    monkeypatch.setattr(spool, "SLAB_ROWS", 8)
    again = import_files(spilled, [path], source="council_asb", at=AT)
    assert again.to_json() == said.to_json()
    for first, second in zip(everything(held), everything(spilled), strict=True):
        pd.testing.assert_frame_equal(first, second)
    files = list((spilled.path / "incidents").rglob("*.parquet"))
    assert max(pyarrow.parquet.read_metadata(f).num_row_groups for f in files) > 1
    assert not list(spilled.path.rglob(".tmp-*"))


def test_nothing_is_left_in_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    import_files(workspace_of(tmp_path / "w"), [export(tmp_path)], source="council_asb", at=AT)
    assert list((tmp_path / "temporary").iterdir()) == []
