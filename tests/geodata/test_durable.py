from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from geodata import durable
from geodata.errors import WorkspaceError


def names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_file_is_written_whole_with_its_folders(tmp_path: Path) -> None:
    durable.write_file(tmp_path / "a/b/c.bin", b"one")
    durable.write_file(tmp_path / "a/b/c.bin", b"two")
    assert (tmp_path / "a/b/c.bin").read_bytes() == b"two"
    assert names(tmp_path) == ["a/b/c.bin"]


@pytest.mark.parametrize("step", ["flush_file", "swap"])
def test_a_failure_on_the_way_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    durable.write_file(tmp_path / "a.bin", b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable, step, fail)
    with pytest.raises(OSError, match="No space left"):
        durable.write_file(tmp_path / "a.bin", b"new")
    assert (tmp_path / "a.bin").read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


def test_the_disk_has_the_file_before_its_name_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    for name in ("flush_file", "swap", "flush_folder"):
        real = getattr(durable, name)

        def noted(*args: object, name: str = name, real: object = real) -> None:
            steps.append(name)
            real(*args)  # type: ignore[operator]

        monkeypatch.setattr(durable, name, noted)
    durable.write_file(tmp_path / "a.bin", b"x")
    assert steps == ["flush_file", "swap", "flush_folder"]


def test_the_sweep_takes_what_is_not_named_once_its_time_of_grace_is_over(tmp_path: Path) -> None:
    for name in ("layers/old.gpkg", "layers/new.gpkg", "incidents/source=x/month=y/1.parquet"):
        durable.write_file(tmp_path / name, b"x")
    durable.write_file(tmp_path / f"rejected/{durable.TEMPORARY}1.parquet", b"x")
    durable.write_file(tmp_path / "manifest.json", b"x")
    durable.sweep(tmp_path, {"layers/new.gpkg"}, grace=60)
    kept = ["incidents/source=x/month=y/1.parquet", "layers/new.gpkg", "layers/old.gpkg"]
    assert names(tmp_path) == [*kept, "manifest.json"]
    hour_ago = time.time() - 3600
    for name in kept:
        os.utime(tmp_path / name, (hour_ago, hour_ago))
    durable.touch(tmp_path, ["layers/old.gpkg"])
    durable.sweep(tmp_path, {"layers/new.gpkg"}, grace=60)
    assert names(tmp_path) == ["layers/new.gpkg", "layers/old.gpkg", "manifest.json"]
    assert not (tmp_path / "incidents/source=x").exists()


def test_one_holder_of_the_lock_at_a_time(tmp_path: Path) -> None:
    inside, most = 0, 0
    gate = threading.Lock()

    def work() -> None:
        nonlocal inside, most
        with durable.locked(tmp_path):
            with gate:
                inside += 1
                most = max(most, inside)
            time.sleep(0.02)
            with gate:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_lock_that_is_held_for_too_long_is_an_error(tmp_path: Path) -> None:
    with (
        durable.locked(tmp_path),
        pytest.raises(WorkspaceError, match="Another import is still writing"),
        durable.locked(tmp_path, timeout=0.05),
    ):
        pass
    with durable.locked(tmp_path, timeout=0.05):
        pass


@pytest.mark.skipif(os.name == "nt", reason="Windows grants writing by other means")
def test_a_folder_that_may_not_be_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(durable.filelock.FileLock, "acquire", refuse)
    with pytest.raises(WorkspaceError, match="cannot be written to"), durable.locked(tmp_path):
        pass


class TestStaging:
    def test_files_come_into_their_places_together(self, tmp_path: Path) -> None:
        staging = durable.Staging()
        for name in ("a/1.txt", "a/2.txt", "b/3.txt"):
            staging.add(tmp_path / name, name.encode())
        assert not list(tmp_path.rglob("[0-9].txt"))
        staging.finish()
        assert {p.name: p.read_text() for p in tmp_path.rglob("*.txt")} == {
            "1.txt": "a/1.txt", "2.txt": "a/2.txt", "3.txt": "b/3.txt",
        }  # fmt: skip
        staging.clear()
        assert len(list(tmp_path.rglob("*.txt"))) == 3

    def test_what_is_given_up_leaves_nothing(self, tmp_path: Path) -> None:
        staging = durable.Staging()
        staging.add(tmp_path / "1.txt", b"x")
        staging.clear()
        assert list(tmp_path.iterdir()) == []
