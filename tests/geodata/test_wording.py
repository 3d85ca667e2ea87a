"""Words of the forms: complete in English, and a further language is a file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis.report.forms import phone_form
from geodata.errors import SaferWalksError
from geodata.records.vocabularies import MONITORING, RATINGS
from geodata.reporting import Way, save_ways, ways
from geodata.wording import languages, untranslated, wording


def another(folder: Path, text: str) -> Path:
    (folder / "wording").mkdir()
    (folder / "wording" / "bn.toml").write_text(text, "utf-8")
    return folder


def test_a_language_is_a_file_and_falls_back_to_english(tmp_path: Path) -> None:
    folder = another(tmp_path, 'language = "বাংলা"\n[form]\nwhere = "কোথায়"\n')
    assert languages(folder=folder) == {"en-GB": "English", "bn": "বাংলা"}
    words = wording("bn", folder=folder)
    assert (words["form.where"], words["form.send"]) == ("কোথায়", "Save this stop")
    assert "form.send" in untranslated(words)
    page = phone_form(words, ways(folder), ring=[])
    assert '<html lang="bn">' in page
    assert "কোথায়" in page


@pytest.mark.parametrize(
    ("text", "match"),
    [('language = "x', "is not TOML"), ('[form]\nwher = "x"', "no form shows. Got: form.wher")],
)
def test_a_file_that_cannot_be_used_is_said(text: str, match: str, tmp_path: Path) -> None:
    with pytest.raises(SaferWalksError, match=match):
        wording("bn", folder=another(tmp_path, text))


def test_there_is_no_language_by_a_path(tmp_path: Path) -> None:
    with pytest.raises(SaferWalksError, match="no such language"):
        wording("../../etc/passwd", folder=tmp_path)


def test_every_rating_and_question_has_its_words() -> None:
    words = wording()
    assert set(words.section("full.rating")) == set(RATINGS)
    assert set(words.section("full.about")) == set(MONITORING)


def test_the_script_finds_every_word_it_asks_for() -> None:
    """`words.state.sent` in the script is `form.state.sent` in the file."""
    script = (Path(__file__).parents[2] / "pages" / "phone" / "form.js").read_text("utf-8")
    asked = set(re.findall(r"words\.((?:state\.|safeguarding\.)?[a-z_]+)\b", script))
    have = set(wording().section("form"))
    assert asked - have <= {"state", "kind", "mark", "addresses"}
    assert {"state.kept", "state.sent", "state.refused"} <= have


def test_a_councils_own_ways_to_report_are_kept(tmp_path: Path) -> None:
    changed = {
        "route": [{"name": "Emergency", "how": "999"}, {"name": "", "how": ""}],
        "ring": [{"name": "Duty team", "how": "020 7364 0000"}],
    }
    save_ways(tmp_path, changed)
    assert ways(tmp_path)["route"] == (Way("Emergency", "999"),)
    assert ways(tmp_path)["support"] == ()


@pytest.mark.parametrize(
    ("lines", "match"),
    [([], "No way to report"), ([{"name": "x" * 201, "how": "1"}], "200 characters")],
)
def test_ways_to_report_never_run_out(
    lines: list[dict[str, str]], match: str, tmp_path: Path
) -> None:
    with pytest.raises(SaferWalksError, match=match):
        save_ways(tmp_path, {"route": lines})
    assert len(ways(tmp_path)["route"]) > 5


def test_a_broken_list_is_said(tmp_path: Path) -> None:
    (tmp_path / "reporting.toml").write_text("[[route")
    with pytest.raises(SaferWalksError, match="is not TOML"):
        ways(tmp_path)
