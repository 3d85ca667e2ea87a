from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from geodata import manifest as manifests
from geodata.errors import WorkspaceError
from geodata.manifest import FORMAT, ImportEntry, Layer, Manifest, Partition, SourceFile

PARTITION = Partition(
    source="police_uk", force="metropolitan", month="2026-04", digest="aa", channel="file", rows=5,
    inside=3, outside=1, in_collar=1, no_location=1, near_boundary=2, points=4,
    path="incidents/source=police_uk/month=2026-04/1.parquet", import_id="00001-x",
)  # fmt: skip
FILE = SourceFile(
    source="police_uk", digest="aa", name="Café.csv", channel="file", rows_in=6, rejected=1,
    rejected_path="rejected/2.parquet", import_id="00001-x",
)  # fmt: skip
FULL = Manifest(
    kind="real",
    layers={"wards": Layer("layers/wards-1.gpkg", "1", 20)},
    ward_info={"source": "wards.gpkg", "overlap_m2": 0.0},
    files=(FILE,),
    partitions=(PARTITION,),
    imports=(ImportEntry("00001-x", "correct", "", ("aa",), {"rows_in": 6}, ("a flag",)),),
)


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    data = FULL.to_bytes()
    assert Manifest.from_bytes(data, tmp_path) == FULL
    assert Manifest.from_bytes(data, tmp_path).to_bytes() == data
    assert "Café.csv".encode() in data


def test_a_retired_partition_no_longer_counts_and_its_file_goes() -> None:
    retired = replace(FULL, partitions=(replace(PARTITION, retired_by="00002-y", path=""),))
    assert FULL.live == (PARTITION,)
    assert retired.live == ()
    assert FULL.named() - retired.named() == {PARTITION.path}
    assert retired.named() == {"layers/wards-1.gpkg", "rejected/2.parquet"}


def test_the_version_is_the_digest_of_the_bytes(tmp_path: Path) -> None:
    manifests.save(tmp_path, FULL)
    first = manifests.load(tmp_path)
    manifests.save(tmp_path, FULL)
    assert manifests.load(tmp_path) == first == (FULL, manifests.digest_of(FULL.to_bytes()))
    manifests.save(tmp_path, replace(FULL, files=()))
    assert manifests.load(tmp_path)[1] != first[1]


def test_no_workspace_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"no workspace here.*safer-walks init"):
        manifests.load(tmp_path / "nowhere")


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    content = json.loads(FULL.to_bytes()) | {"format": FORMAT + 1}
    (tmp_path / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(WorkspaceError, match="newer version of Safer Walks"):
        manifests.load(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", b"{}", b"\xff\xfe", FULL.to_bytes()[:-40]),
        FULL.to_bytes().replace(b'"points"', b'"pionts"'),
        FULL.to_bytes().replace(b'"format": 2', b'"format": "x"'),
    ],
)
def test_a_damaged_manifest_is_an_error_that_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(WorkspaceError, match="list of contents is damaged") as caught:
        manifests.load(tmp_path)
    assert "backup" in caught.value.todo
