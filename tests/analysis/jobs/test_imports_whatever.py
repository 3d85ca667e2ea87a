"""Any file at all: a report that balances or one clear error, and then nothing has changed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.jobs.imports import import_files
from analysis.jobs.profiles import save_guessed
from geodata import durable
from geodata.errors import SaferWalksError
from geodata.store import read_aside, read_incidents, read_rejected, stored_months
from geodata.vocabularies import Source
from geodata.workspace import Workspace
from tests.builders import workspace_of
from tests.street_files import HEADER, row

AT = "2026-11-22T09:00:00+00:00"
COUNCIL = "Ref,Incident date,Type,Easting,Northing,Status,Merged into\n"
ENDINGS = st.sampled_from([".csv", ".zip", ".xlsx", ".xls", ".parquet", ".geojson", ".gpkg", ".gz"])
SIGNS = st.sampled_from(
    [
        b"",
        b"PK\x03\x04",
        b"PAR1",
        b"SQLite format 3\0",
        b"\xd0\xcf\x11\xe0",
        b"\x1f\x8b",
        b"{",
        b"<",
    ]
)
CELLS = st.sampled_from(
    ["A1", "A2", "", "03/04/2026 21:15", "31/02/2026", "Lockdown", "2026-04", "Noise", "530500"]
    + ["180500", "-0.12", "51.5", "closed as duplicate", "0", "1e400", "=1+1", '"', "\u00a0", "\0"]
)
CASE = st.tuples(
    st.sampled_from(["ASB/1", "ASB/2", "ASB/3", "ASB/4", ""]),
    st.sampled_from(["03/04/2026 21:15", "13/05/2026", "31/02/2026", "", "01/01/2027"]),
    st.sampled_from(["Noise", "Gong farming", ""]),
    st.sampled_from(["530500", "531500", "0", "far"]),
    st.sampled_from(["180500", "180600", "0"]),
    st.sampled_from(["Open", "Closed", "closed as duplicate", ""]),
    st.sampled_from(["", "", "", "ASB/9"]),
).map(",".join)
CASES = st.lists(CASE, min_size=1, max_size=12).map("\n".join)
LINES = st.lists(st.lists(CELLS, max_size=9).map(",".join), max_size=12).map("\n".join)


def packed(content: bytes, cut: int) -> bytes:
    """Pack a file, and lose the end of the archive."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("2026-04-metropolitan-street.csv", content)
    return sink.getvalue()[: len(sink.getvalue()) - cut]


CONTENTS = st.one_of(
    st.builds(lambda sign, rest: sign + rest, SIGNS, st.binary(max_size=200)),
    LINES.map(lambda lines: (COUNCIL + lines).encode()),
    CASES.map(lambda lines: (COUNCIL + lines).encode()),
    CASES.map(lambda lines: (COUNCIL + lines).encode("utf-16")),
    LINES.map(lambda lines: (HEADER + "\n" + row() + "\n" + lines).encode()),
    st.builds(packed, CASES.map(lambda lines: (COUNCIL + lines).encode()), st.integers(0, 60)),
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace_of(tmp_path_factory.mktemp("whatever") / "w")


@pytest.fixture(scope="module", autouse=True)
def profile(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Guessing looks at the values, which are nonsense here: say once what is what."""
    path = tmp_path_factory.mktemp("like") / "like.csv"
    rows = [f"ASB/{n},03/04/2026,Noise,530500,180500,Open,ASB/9" for n in range(9)]
    path.write_text(COUNCIL + "\n".join(rows))
    save_guessed(workspace, "cases", path, source="council_asb")


def state(workspace: Workspace) -> set[tuple[str, int]]:
    files = (p for p in workspace.path.rglob("*") if p.is_file() and p.name != durable.LOCK_NAME)
    return {(p.relative_to(workspace.path).as_posix(), p.stat().st_size) for p in files}


def bring(workspace: Workspace, path: Path, source: Source | None) -> None:
    said = {"source": source, "profile": "cases" if source else None, "mode": "replace", "at": AT}
    before, version = state(workspace), workspace.reopen().version
    try:
        report = import_files(workspace, [path], **said)  # type: ignore[arg-type]
    except SaferWalksError:
        assert (state(workspace), workspace.reopen().version) == (before, version)
        return
    assert report.accounted_for == report.rows_in
    now = workspace.reopen()
    months = stored_months(now)
    assert len(read_incidents(now, columns=["month"])) == months["rows"].sum()
    assert len(read_aside(now, columns=["month"])) == months[["merged", "duplicates"]].sum().sum()
    read_rejected(now)
    assert import_files(now, [path], **said).unchanged  # type: ignore[arg-type]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(CONTENTS, ENDINGS, st.sampled_from([None, "council_asb"]))
def test_whatever_comes_balances_or_changes_nothing(
    workspace: Workspace,
    tmp_path_factory: pytest.TempPathFactory,
    content: bytes,
    ending: str,
    source: Source | None,
) -> None:
    path = tmp_path_factory.mktemp("any", numbered=True) / f"2026-04-metropolitan-street{ending}"
    path.write_bytes(content)
    bring(workspace, path, source)


@pytest.mark.parametrize("source", [None, "council_asb"])
@pytest.mark.parametrize(
    "content",
    [
        (",".join(["Date"] + ["x"] * 1_000_000) + "\n1\n").encode(),
        (",".join(["Date"] + ["x"] * 200_000) + "\n03/04/2026\n").encode(),
        b"Date,Type\n" + b"," * 2_000_000,
        b"Date,Type\n" + b'"' * 100_001,
        packed(bytes(20 * 2**20), 0),  # a bomb
        b"",
    ],
    ids=[
        "a million columns",
        "many columns",
        "one endless row",
        "quotation marks",
        "bomb",
        "empty",
    ],
)
def test_files_made_to_hurt_are_one_clear_error(
    workspace: Workspace, tmp_path: Path, content: bytes, source: Source | None
) -> None:
    path = tmp_path / "2026-04-metropolitan-street.csv"
    path.write_bytes(content)
    bring(workspace, path, source)
    if source:
        before = state(workspace)
        with pytest.raises(SaferWalksError):  # also where the columns are guessed
            import_files(workspace, [path], source=source, at="")
        assert state(workspace) == before


def test_a_folder_is_searched_and_what_is_no_table_is_listed(
    workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "exports" / "2026").mkdir(parents=True)
    for name, day in {"april.csv": "03/04/2026", "2026/may.csv": "03/05/2026"}.items():
        text = f"{COUNCIL}{name},{day} 21:15,Noise,530500,180500,Open,\n"
        (tmp_path / "exports" / name).write_text(text)
    (tmp_path / "exports" / "notes.docx").write_bytes(b"PK")
    (tmp_path / "exports" / ".hidden.csv").write_bytes(b"x")
    report = import_files(workspace, [tmp_path / "exports"], source="housing", at=AT)
    assert (report.files, report.inside) == (("may.csv", "april.csv"), 2)
    assert [(s.file, s.reason) for s in report.skipped] == [
        ("notes.docx", "not a table, by its name")
    ]
    (tmp_path / "none").mkdir()
    with pytest.raises(SaferWalksError, match="none holds no table"):
        import_files(workspace, [tmp_path / "none"], source="housing", at=AT)
