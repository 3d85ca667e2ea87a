from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from analysis.jobs.imports import import_files
from analysis.jobs.initialise import initialise
from geodata.crs import BNG, WGS84
from geodata.errors import ReportFileError, SaferWalksError, StoreConflictError, WorkspaceError
from geodata.store import months_missing, read_incidents, read_rejected
from geodata.workspace import Workspace
from tests.builders import two_wards, workspace_of
from tests.street_files import along, row, street_csv, write

KEYS = {
    *("rows_in", "inside", "outside", "no_location", "near_boundary", "rejected"),
    *("already_imported", "replaced", "months", "months_missing"),
}
NAME = "2026-04-metropolitan-street.csv"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path / "workspace")


def test_a_folder_comes_in_with_every_row_accounted_for(
    workspace: Workspace, tmp_path: Path
) -> None:
    write(tmp_path / "in", f"2026-04/{NAME}", [row(), row(None), row(month="?")])
    write(tmp_path / "in", "2026-06/2026-06-metropolitan-street.csv", [row(2200, month="2026-06")])
    write(tmp_path / "in", "2026-06/2026-06-metropolitan-outcomes.csv", [])
    told: list[float] = []
    report = import_files(
        workspace, [tmp_path / "in"], progress=lambda share, _: told.append(share)
    )
    said = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert set(said) >= KEYS
    assert {key: said[key] for key in KEYS} == {
        "rows_in": 4, "inside": 1, "outside": 1, "no_location": 1, "near_boundary": 0,
        "rejected": 1, "already_imported": 0, "replaced": 0, "months": ["2026-04", "2026-06"],
        "months_missing": ["2026-05"],
    }  # fmt: skip
    assert said["skipped"] == [
        {"file": "2026-06/2026-06-metropolitan-outcomes.csv",
         "reason": "not a street-level file, by its name"}
    ]  # fmt: skip
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0, 1)
    assert read_rejected(workspace.reopen())["file"].tolist() == [f"2026-04/{NAME}"]


def test_a_folder_and_a_zip_of_it_count_once(workspace: Workspace, tmp_path: Path) -> None:
    plain = write(tmp_path / "in", NAME, along(5))
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as made:
        made.write(plain, NAME)
    (tmp_path / "in" / "copy.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    report = import_files(workspace, [tmp_path / "in", tmp_path / "in.zip"])
    assert (report.rows_in, report.inside, report.already_imported) == (15, 5, 10)


def test_a_demo_takes_no_files(tmp_path: Path) -> None:
    demo = Workspace.create(tmp_path / "w", kind="demo", wards=two_wards(), ward_info={})
    with pytest.raises(WorkspaceError, match=r"in a demo workspace.*in another folder"):
        import_files(demo, [write(tmp_path, NAME, [row()])])
    assert demo.reopen().version == demo.version


def test_modes_reach_the_store(workspace: Workspace, tmp_path: Path) -> None:
    import_files(workspace, [write(tmp_path, NAME, along(5))])
    cut = write(tmp_path, "cut.csv", along(5, first=100))
    with pytest.raises(StoreConflictError, match="--replace.*--add"):
        import_files(workspace, [cut])
    assert import_files(workspace, [cut], mode="add").inside == 5
    whole = write(tmp_path, "whole.csv", along(3, first=50))
    assert import_files(workspace, [whole], mode="replace").replaced == 10


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("2026-05-metropolitan-street.csv", b""),
        ("2026-05-metropolitan-street.csv", b"\0\1\2"),
        ("2026-05-metropolitan-street.csv.gz", gzip.compress(b"Month," * 99, mtime=0)[:-12]),
        ("2026-05-metropolitan-street.csv", b"Month,Crime type\n2026-05,Burglary\n"),
        ("2026-05-metropolitan-street.csv", street_csv([row(at=("51.5", "-0.1"))]).encode()),
        ("2026-05-metropolitan-street.csv", street_csv([row(at=("530500", "180500"))]).encode()),
        ("all.zip", b"PK\3\4 no zip at all"),
        ("april.csv", street_csv([]).encode()),
    ],
)
def test_one_file_that_cannot_be_used_keeps_all_out(
    workspace: Workspace, tmp_path: Path, name: str, content: bytes
) -> None:
    write(tmp_path / "in", NAME, [row()])
    (tmp_path / "in" / name).write_bytes(content)
    with pytest.raises(SaferWalksError) as caught:
        import_files(workspace, [tmp_path / "in"])
    assert name in str(caught.value)
    assert caught.value.todo
    assert workspace.reopen().version == workspace.version


class TestRealMonths:
    @pytest.mark.parametrize(
        ("wards", "reports", "rows", "missing"),
        [
            ("tower_hamlets_wards_2014_bng.gpkg", "tower-hamlets-2025-05_2026-04", 47_420, []),
            ("newham_wards_bng.gpkg", "newham-2016-01_2018-06", 97_530, ["2016-03"]),
            ("london_wards.zip", "city-of-london", 15_059, []),
        ],
    )
    def test_ward_counts_equal_a_plain_join(
        self, tmp_path: Path, shared_data: Path, wards: str, reports: str, rows: int,
        missing: list[str],
    ) -> None:  # fmt: skip
        initialise(tmp_path / "w", shared_data / "wards" / wards)
        workspace = Workspace.open(tmp_path / "w")
        folder = shared_data / "police" / reports
        report = import_files(workspace, [folder])
        assert report.rows_in == rows == report.accounted_for
        assert (report.rejected, report.replaced, report.already_imported) == (0, 0, 0)
        assert list(report.months_missing) == missing == months_missing(workspace.reopen())
        found = read_incidents(workspace.reopen())
        ours = found.loc[found["ward_match"] == "inside", "ward_code"].astype("str").value_counts()
        raw = pd.concat([pd.read_csv(p) for p in sorted(folder.rglob("*street.csv*"))])
        plain = self.plain_join(raw, workspace.wards())
        assert ours.sort_index().to_dict() == plain.value_counts().sort_index().to_dict()
        assert report.inside == len(plain)
        asb = found.loc[found["category"] == "police_uk_unspecified"]
        assert len(asb) == (raw["Crime type"] == "Anti-social behaviour").sum()
        assert report.no_location == raw["Longitude"].isna().sum()
        again = import_files(workspace, [folder])
        assert (again.already_imported, again.unchanged) == (rows, True)

    @staticmethod
    def plain_join(raw: pd.DataFrame, wards: gpd.GeoDataFrame) -> pd.Series:
        """Join row by row with geopandas; of several wards the lowest code."""
        raw = raw.dropna(subset="Longitude").reset_index(drop=True)
        points = gpd.points_from_xy(raw["Longitude"], raw["Latitude"], crs=WGS84).to_crs(BNG)
        joined = gpd.GeoDataFrame(raw, geometry=points).sjoin(wards, predicate="intersects")
        return joined.groupby(level=0)["ward_code"].min()

    def test_another_borough_is_refused_by_name_and_distance(
        self, tmp_path: Path, shared_data: Path
    ) -> None:
        initialise(tmp_path / "w", shared_data / "wards/tower_hamlets_wards_2014_bng.gpkg")
        with pytest.raises(ReportFileError, match=r"within 500 m of any ward.*km from the wards"):
            import_files(
                Workspace.open(tmp_path / "w"),
                [shared_data / "messy/met_vso_2024_pandas_reexport.csv.gz"],
            )

    def test_two_boroughs_cuts_of_one_force_are_no_corrections_of_each_other(
        self, tmp_path: Path, shared_data: Path
    ) -> None:
        initialise(tmp_path / "w", shared_data / "wards/london_wards.zip")
        workspace = Workspace.open(tmp_path / "w")
        source = shared_data / "police/newham-2016-01_2018-06/2018-06-metropolitan-street.csv.gz"
        raw = pd.read_csv(source, dtype=str)
        west = raw["Longitude"].astype(float) < raw["Longitude"].astype(float).median()
        for name, rows in {"west.csv": raw[west], "east.csv": raw[~west]}.items():
            rows.to_csv(tmp_path / name, index=False)
        import_files(workspace, [tmp_path / "west.csv"])
        with pytest.raises(StoreConflictError, match="not a correction"):
            import_files(workspace, [tmp_path / "east.csv"])
        assert import_files(workspace, [tmp_path / "east.csv"], mode="add").inside > 0
        whole = import_files(workspace, [source])
        assert whole.replaced == len(raw)
        assert len(read_incidents(workspace.reopen())) == len(raw)
