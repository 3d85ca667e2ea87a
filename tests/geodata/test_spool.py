from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from geodata import spool as spools
from geodata.spool import Room, Spool


def table(*words: str) -> pa.Table:
    return pa.table({"word": pa.array(words).dictionary_encode(), "n": list(range(len(words)))})


def words(spool: Spool, key: str) -> list[list[str]]:
    return [slab["word"].to_pylist() for slab in spool.slabs(key)]


def test_few_rows_stay_in_memory(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s")
    spool.add("may", table("a", "b"))
    spool.add("may", table("b", "c"))
    assert words(spool, "may") == [["a", "b", "b", "c"]]
    assert (spool.rows("may"), spool.rows("june"), spool.everything()) == (4, 0, ["may"])
    assert words(spool, "june") == []
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("held", [0, 1, 3, 100])
def test_what_is_written_comes_back_in_its_order(tmp_path: Path, held: int) -> None:
    spool = Spool(tmp_path / "s", Room(held))
    for number in range(7):
        spool.add("even" if number % 2 == 0 else "odd", table(str(number), "x"))
    spool.add("none", table())
    assert words(spool, "even") == [["0", "x", "2", "x", "4", "x", "6", "x"]]
    assert words(spool, "odd") == [["1", "x", "3", "x", "5", "x"]]
    [slab] = spool.slabs("even", ["n"])
    assert slab.column_names == ["n"]
    assert spool.everything() == ["even", "odd"]


def test_a_long_key_comes_slab_by_slab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spools, "SLAB_ROWS", 3)
    spool = Spool(tmp_path / "s", Room(4))
    for number in range(4):
        spool.add("may", table(str(number), "x"))
    found = words(spool, "may")
    assert [len(slab) for slab in found] == [6, 2]  # the spilled six are one file
    assert sum(found, []) == ["0", "x", "1", "x", "2", "x", "3", "x"]


def test_spools_that_share_a_room_are_all_written_when_it_is_full(tmp_path: Path) -> None:
    room = Room(5)
    may, june = (Spool(tmp_path / name, room) for name in ("may", "june"))
    may.add("a", table("1", "2"))
    june.add("a", table("3", "4"))
    assert not list(tmp_path.rglob("*.arrow"))
    june.add("b", table("5", "6"))
    assert [p.parent.name for p in sorted(tmp_path.rglob("*.arrow"))] == ["june", "june", "may"]
    may.add("a", table("7"))
    assert words(may, "a") == [["1", "2", "7"]]
    assert (words(june, "a"), words(june, "b")) == ([["3", "4"]], [["5", "6"]])
