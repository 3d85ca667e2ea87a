"""Archives that lie: about sizes, names, kinds and themselves."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.archives import Limits, extract_to, is_zip, open_members
from geodata.errors import UnsafeArchiveError

CSV = (".csv",)


def write(path: Path, files: dict[str | zipfile.ZipInfo, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def contents(path: Path, limits: Limits | None = None) -> dict[str, bytes]:
    found = {}
    for member in open_members(path, suffixes=CSV, limits=limits):
        with member.open() as file:
            found[member.name] = file.read()
    return found


def refused(path: Path, match: str, limits: Limits | None = None) -> str:
    with pytest.raises(UnsafeArchiveError, match=match) as caught:
        contents(path, limits)
    assert str(path.parent) not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def zip_path(tmp_path):
    return tmp_path / "months.zip"


def test_files_come_in_order_with_their_bytes(zip_path):
    write(zip_path, {"b/2.CSV": "two", "readme.txt": "no", "a/1.csv": "one", "a/": ""})
    assert contents(zip_path) == {"b/2.CSV": b"two", "a/1.csv": b"one"}
    assert list(contents(zip_path)) == ["b/2.CSV", "a/1.csv"]


def test_a_member_reads_as_text_line_by_line(zip_path):
    write(zip_path, {"a.csv": "Month\n2026-04\n"})
    for member in open_members(zip_path, suffixes=CSV):
        with io.TextIOWrapper(member.open(), encoding="utf-8") as lines:
            assert list(lines) == ["Month\n", "2026-04\n"]
        assert member.size == 14


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=5000), st.integers(1, 700))
def test_what_goes_in_comes_out_however_it_is_read(zip_path, content, chunk):
    write(zip_path, {"a.csv": content})
    for member in open_members(zip_path, suffixes=CSV):
        with member.open() as file:
            assert b"".join(iter(lambda f=file: f.read(chunk), b"")) == content


def test_windows_slashes_and_the_litter_of_macos(zip_path):
    write(zip_path, {"2026-04\\a.csv": "x", "__MACOSX/._a.csv": "y", "2026-04/._a.csv": "z"})
    assert contents(zip_path) == {"2026-04/a.csv": b"x"}


def test_an_archive_with_nothing_wanted_is_empty_not_wrong(zip_path):
    assert contents(write(zip_path, {"readme.txt": "x"})) == {}
    assert contents(write(zip_path, {})) == {}


def test_is_zip_goes_by_content(tmp_path):
    assert is_zip(write(tmp_path / "wards.gpkg", {"a": "b"}))
    assert is_zip(write(tmp_path / "empty.zip", {}))
    (tmp_path / "not.zip").write_bytes(b"SQLite format 3\0")
    assert not is_zip(tmp_path / "not.zip")


# --- names -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["../a.csv", "x/../../a.csv", "/etc/a.csv", "C:/a.csv", "c:\\a.csv", "..\\a.csv", "\\a.csv"],
)
def test_names_that_lead_out_are_refused(zip_path, name):
    write(zip_path, {"fine.csv": "x", name: "y"})
    assert name.replace("\\", "/") in refused(zip_path, "leads out of its own folder")


def test_names_that_lead_out_are_refused_even_where_not_wanted(zip_path):
    refused(write(zip_path, {"fine.csv": "x", "../evil.txt": "y"}), "leads out")


def test_dots_inside_a_name_are_fine(zip_path):
    assert contents(write(zip_path, {"a..b/c..csv": "x"})) == {"a..b/c..csv": b"x"}


def test_links_and_devices_are_refused(zip_path):
    for kind in (stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR):
        info = zipfile.ZipInfo("a.csv")
        info.external_attr = (kind | 0o777) << 16
        refused(write(zip_path, {info: "/etc/passwd"}), "a link or a device")


@pytest.mark.parametrize("name", ["inner.zip", "a/b.CSV.GZ", "data.7z", "x.tar", "y.kmz"])
def test_an_archive_inside_is_refused_not_passed_over(zip_path, name):
    assert name in refused(write(zip_path, {"a.csv": "x", name: "y"}), "holds another archive")


def test_a_packed_csv_is_let_through_where_it_is_asked_for(zip_path):
    write(zip_path, {"a.csv.gz": "x"})
    assert [m.name for m in open_members(zip_path, suffixes=[".csv", ".csv.gz"])] == ["a.csv.gz"]


def test_two_files_of_one_name_are_refused(zip_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        write(zip_path, {zipfile.ZipInfo("a.csv"): "x", zipfile.ZipInfo("a.csv"): "y"})
    refused(zip_path, "two files of one name")


# --- sizes -----------------------------------------------------------------------------------


def test_too_many_members(zip_path):
    write(zip_path, {f"{n}.txt": "" for n in range(11)})
    assert "11, where 10 are allowed" in refused(zip_path, "too many files", Limits(members=10))
    assert contents(zip_path, Limits(members=11)) == {}


def test_the_stated_total_is_refused_before_anything_is_read(zip_path):
    write(zip_path, {"a.csv": b"x" * 600, "b.csv": b"y" * 600, "c.txt": b"z" * 9000})
    with pytest.raises(UnsafeArchiveError, match="unpacks to more than allowed"):
        next(open_members(zip_path, suffixes=CSV, limits=Limits(total_bytes=1199)))
    assert len(contents(zip_path, Limits(total_bytes=1200))) == 2


def test_bytes_are_counted_as_they_are_read(zip_path):
    # Read twice: the stated sizes are within the limit, what is unpacked is not.
    write(zip_path, {"a.csv": b"x" * 600})
    for member in open_members(zip_path, suffixes=CSV, limits=Limits(total_bytes=1000)):
        assert len(member.open().read()) == 600
        with pytest.raises(UnsafeArchiveError, match="unpacks to more than allowed"):
            member.open().read()


def test_a_size_stated_too_small_is_found_out(zip_path):
    write(zip_path, {"a.csv": b"x" * 600})
    raw = bytearray(zip_path.read_bytes())
    central = raw.index(b"PK\x01\x02")
    raw[central + 24 : central + 28] = struct.pack("<I", 10)
    zip_path.write_bytes(raw)
    refused(zip_path, "damaged")


def test_one_member_may_not_pass_its_own_limit(zip_path):
    write(zip_path, {"a.csv": b"x" * 600})
    refused(zip_path, "unpacks to more than allowed", Limits(member_bytes=599))
    assert len(contents(zip_path, Limits(member_bytes=600))["a.csv"]) == 600


def test_a_bomb_is_stopped_by_its_ratio(zip_path):
    write(zip_path, {"a.csv": bytes(20 * 2**20)})
    member = next(members := open_members(zip_path, suffixes=CSV))
    read = [0]

    def drain() -> None:
        with member.open() as file:
            while chunk := file.read(2**20):
                read[0] += len(chunk)

    with pytest.raises(UnsafeArchiveError, match="far more than a real file would"):
        drain()
    members.close()
    assert 15 * 2**20 <= read[0] <= 17 * 2**20


def test_a_small_file_of_repeats_is_no_bomb(zip_path):
    assert len(contents(write(zip_path, {"a.csv": b"2026-04\n" * 10**6}))["a.csv"]) == 8 * 10**6


# --- damage ----------------------------------------------------------------------------------


def test_a_password_is_refused(zip_path):
    write(zip_path, {"a.csv": "secret"})
    raw = bytearray(zip_path.read_bytes())
    central = raw.index(b"PK\x01\x02")
    raw[6] |= 1
    raw[central + 8] |= 1
    zip_path.write_bytes(raw)
    refused(zip_path, "protected with a password")


def test_an_unknown_way_of_packing_is_said(zip_path):
    write(zip_path, {"a.csv": "x" * 100})
    raw = bytearray(zip_path.read_bytes())
    central = raw.index(b"PK\x01\x02")
    raw[8:10] = raw[central + 10 : central + 12] = struct.pack("<H", 9)  # Deflate64
    zip_path.write_bytes(raw)
    refused(zip_path, "packed in an unusual way")


def test_a_wrong_checksum_is_found_at_the_end(zip_path):
    write(zip_path, {"a.csv": "x" * 100})
    raw = bytearray(zip_path.read_bytes())
    central = raw.index(b"PK\x01\x02")
    raw[central + 16] ^= 0xFF
    zip_path.write_bytes(raw)
    refused(zip_path, r"damaged.*Bad CRC-32")


def test_something_else_called_zip_is_damaged(zip_path):
    zip_path.write_bytes(b"PK\x03\x04 and no more")
    refused(zip_path, "damaged, incomplete or packed")


def test_a_missing_file_stays_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        contents(tmp_path / "none.zip")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_flipped_bytes_give_the_content_or_one_plain_error(zip_path, data):
    write(zip_path, {"a/1.csv": "one" * 50, "é.csv": "two" * 50})
    raw = bytearray(zip_path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    zip_path.write_bytes(raw[: data.draw(st.integers(1, len(raw)))])
    try:
        found = contents(zip_path)
    except UnsafeArchiveError:
        return
    assert set(found.values()) <= {b"one" * 50, b"two" * 50}


# --- unpacking -------------------------------------------------------------------------------


def test_unpacking_keeps_folders_and_stays_inside(tmp_path, zip_path):
    write(zip_path, {"a/x.csv": "1", "b/x.csv": "2", 'odd:|"?.csv': "3", "c.txt": "4"})
    folder = tmp_path / "out"
    written = extract_to(zip_path, folder, CSV)
    assert [name for name, _ in written] == ["a/x.csv", "b/x.csv", 'odd:|"?.csv']
    assert [p.relative_to(folder).as_posix() for _, p in written] == [
        "a/x.csv", "b/x.csv", "odd____.csv",
    ]  # fmt: skip
    assert [p.read_text() for _, p in written] == ["1", "2", "3"]
    assert sorted(p.name for p in folder.rglob("*.*")) == ["odd____.csv", "x.csv", "x.csv"]


def test_names_that_fall_together_on_some_systems_are_refused(tmp_path, zip_path):
    for pair in (("a.csv", "A.csv"), ("a?.csv", "a*.csv")):
        write(zip_path, dict.fromkeys(pair, "x"))
        with pytest.raises(UnsafeArchiveError, match="two files of one name"):
            extract_to(zip_path, tmp_path / "out", CSV)


def test_unpacking_obeys_the_limits(tmp_path, zip_path):
    write(zip_path, {"a.csv": b"x" * 600})
    with pytest.raises(UnsafeArchiveError, match="unpacks to more than allowed"):
        extract_to(zip_path, tmp_path / "out", CSV, Limits(member_bytes=599))
