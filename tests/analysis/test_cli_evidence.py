"""`evaluate` and `backtest` as a program sees them: one object, and the exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.cli import main
from geodata import months as m
from tests.builders import batch, incidents, workspace_of

MONTHS = m.span("2024-01", "2025-12")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(9)
    rows = [
        (month, float(x), float(y))
        for month in MONTHS
        for x, y in rng.uniform((5, 5), (1995, 995), (40, 2))
    ]
    made = workspace_of(tmp_path_factory.mktemp("cli") / "ws", batch("street", incidents(rows)))
    return made.path


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict[str, object]]:
    code = main([*map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out or "{}")


def test_evaluate_gives_one_object_and_a_file(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sites, out = tmp_path / "sites.csv", tmp_path / "found.csv"
    sites.write_text("name,easting,northing\nA,530700,180500\nB,531500,180500\n")
    code, answer = run(
        capsys, "--workspace", folder, "evaluate", "--sites", sites, "--on", "2025-01-17",
        "--side", 100, "--out", out,
    )  # fmt: skip
    assert code == 0
    assert answer["as_at"] == "2025-12"
    names = [site["name"] for site in answer["sites"]]  # type: ignore[union-attr]
    assert names == ["A", "B", "All of them together"]
    table = pd.read_csv(out)
    assert table["name"].tolist() == names
    assert {"verdict", "expected", "observed", "change_low", "change_high"} <= set(table)


def test_backtest_gives_one_object_and_a_file(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "past.csv"
    code, answer = run(
        capsys, "--workspace", folder, "backtest", "--horizon", 3, "--coverage", "0.05,0.2",
        "--as-at", "2025-12", "--side", 100, "--out", out,
    )  # fmt: skip
    assert code == 0
    assert answer["horizon"] == 3
    assert sorted({row["coverage"] for row in answer["results"]}) == [0.05, 0.2]  # type: ignore[attr-defined]
    assert len(pd.read_csv(out)) == len(answer["results"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "words",
    [
        ["backtest", "--coverage", "5"],
        ["backtest", "--coverage", "a"],
        ["backtest", "--horizon", "0"],
        ["evaluate", "--sites", "x.csv", "--on", "17/01/2025"],
    ],
)
def test_wrong_words_are_usage_errors(folder: Path, words: list[str]) -> None:
    assert main(["--workspace", str(folder), *words]) == 2


def test_a_file_that_is_not_there_is_the_datas_fault(folder: Path) -> None:
    assert (
        main(["--workspace", str(folder), "evaluate", "--sites", "x.csv", "--on", "2025-01"]) == 1
    )
