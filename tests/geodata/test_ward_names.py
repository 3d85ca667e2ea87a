"""Every spelling of domain knowledge finds its ward; the code never changes."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.errors import SaferWalksError
from geodata.ward_names import (
    ALIASES,
    TOWER_HAMLETS_NAMES,
    display_name,
    name_key,
    spellings,
    ward_code_for,
)

WARDS = pd.DataFrame(
    {"ward_code": list(TOWER_HAMLETS_NAMES), "ward_name": list(TOWER_HAMLETS_NAMES.values())}
)


def test_there_are_twenty_codes_in_a_row():
    assert list(TOWER_HAMLETS_NAMES) == [f"E0500{n}" for n in range(9317, 9337)]
    assert len(set(TOWER_HAMLETS_NAMES.values())) == 20


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("Bethnal Green East", "E05009317"),
        ("Bethnal Green", "E05009317"),
        ("Blackwall & Cubitt Town", "E05009318"),
        ("Blackwall and Cubitt Town", "E05009318"),
        ("BlackwallandCubittTown", "E05009318"),
        ("Mile End (Tower Hamlets)", "E05009327"),
        ("Poplar (Tower Hamlets)", "E05009328"),
        ("St Dunstan's", "E05009329"),
        ("St Dunstan’s", "E05009329"),
        ("St. Dunstan's", "E05009329"),
        ("St.Dunstans", "E05009329"),
        ("Saint Dunstan`s", "E05009329"),
        ("St Dunstanâ€™s", "E05009329"),  # UTF-8 read as cp1252
        ("St Katharine's & Wapping", "E05009330"),
        ("St Katherines and Wapping", "E05009330"),
        ("St. Katharine's & Wapping", "E05009330"),
        ("St Katharine’s and Wapping", "E05009330"),
        ("St Katharines and Wapping", "E05009330"),
        ("StKatharine'sandWapping", "E05009330"),
        ("Bethnal Green West", "E05009331"),
        ("St Peter's", "E05009331"),
        ("St. Peter's", "E05009331"),
        ("St Peter’s (Tower Hamlets)", "E05009331"),
        ("Spitalfields and Banglatown", "E05009333"),
        ("Spitalfields & Banglatown", "E05009333"),
        ("SpitalfieldsandBanglatown", "E05009333"),
        ("  stepney   GREEN ward ", "E05009334"),
        ("Mile_End", "E05009327"),
        ("Bromley-North", "E05009321"),
        ("E05009336", "E05009336"),
        ("e05009336 ", "E05009336"),
    ],
)
def test_each_spelling_met_in_data_finds_its_ward(spelling, code):
    assert ward_code_for(spelling, WARDS) == code


def test_the_names_a_file_gave_are_not_needed_to_find_a_ward():
    wards = WARDS.assign(ward_name=[f"Ward {n}" for n in range(20)])
    assert ward_code_for("St Peter's", wards) == "E05009331"
    assert ward_code_for("Ward 3", wards) == "E05009320"


def test_an_alias_counts_only_where_its_ward_is():
    newham = pd.DataFrame({"ward_code": ["E05000475"], "ward_name": ["Beckton"]})
    with pytest.raises(SaferWalksError, match="No ward has that code or name"):
        ward_code_for("St Peter's", newham)


@pytest.mark.parametrize("name", ["Stepny Green", "Bethnal Green Wst"])
def test_a_near_miss_is_hinted_at_not_taken(name):
    code = {"S": "E05009334", "B": "E05009331"}[name[0]]
    with pytest.raises(SaferWalksError, match=f"did you mean .*{code}"):
        ward_code_for(name, WARDS)


@pytest.mark.parametrize("name", ["Millwall", "", "Location TBC", "()"])
def test_an_unknown_name_is_refused(name):
    with pytest.raises(SaferWalksError, match="No ward has that code or name"):
        ward_code_for(name, WARDS)


def test_one_name_in_two_boroughs_is_not_guessed():
    wards = pd.DataFrame({"ward_code": ["E05000026", "E05000455"], "ward_name": ["Abbey", "Abbey"]})
    with pytest.raises(SaferWalksError, match="Several wards.*First: E05000026, E05000455"):
        ward_code_for("abbey", wards)


def test_the_council_name_is_shown_whatever_the_file_says():
    for code, name in TOWER_HAMLETS_NAMES.items():
        for other in (name, *ALIASES.get(code, ()), "anything"):
            assert display_name(other, code) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("St. Helier", "St Helier"),
        ("St.Helier", "St Helier"),
        ("St Mary’s", "St Mary's"),
        ("Canning Town North Ward", "Canning Town North"),
        ("CanningTownNorth", "Canning Town North"),
        ("McKinley", "McKinley"),
        ("Ynys Môn", "Ynys Môn"),
        ("Ynys MÃ´n", "Ynys Môn"),  # UTF-8 read as Latin-1
        ("St DunstanÂ´s", "St Dunstan's"),
        ("Tŷ-du", "Tŷ-du"),
        ("Norwood & Selhurst", "Norwood & Selhurst"),
        ("Abbey (Newham)", "Abbey (Newham)"),
        ("Stroud", "Stroud"),
        ("Ward", "Ward"),
        ("WARD ONE", "WARD ONE"),
    ],
)
def test_elsewhere_a_name_is_only_tidied(name, shown):
    assert display_name(name) == shown


@given(st.text())
def test_tidying_twice_changes_no_more(name):
    once = display_name(name)
    assert display_name(once) == once


@given(st.sampled_from(sorted(TOWER_HAMLETS_NAMES.values())), st.data())
def test_case_spaces_and_apostrophes_never_matter(name, data):
    changed = "".join(
        data.draw(st.sampled_from([c.upper(), c.lower()]))
        + (data.draw(st.sampled_from(["", " "])) if c == " " else "")
        for c in name
    ).replace("'", data.draw(st.sampled_from(["'", "’", "‘", "`", ""])))
    assert name_key(changed) == name_key(name)


def test_no_two_tower_hamlets_wards_share_a_key():
    known = spellings(WARDS["ward_code"], WARDS["ward_name"])
    assert all(len(codes) == 1 for codes in known.values())
    assert len(known) == 20 + sum(map(len, ALIASES.values()))


def test_names_of_real_files_find_their_codes(shared_data):
    from geodata.wards import read_wards

    wards, _ = read_wards(shared_data / "wards" / "tower_hamlets_wards_2014_bng.gpkg")
    recorded = pd.read_parquet(
        shared_data / "mps" / "tower_hamlets_recorded-crime-ward_long.parquet"
    )
    given = recorded[[c for c in recorded if "ward" in c.lower()]].drop_duplicates()
    name, code = sorted(given.columns, key=lambda c: given[c].str.startswith("E05").mean())
    ours = given[given[code].isin(wards["ward_code"])]
    assert len(ours) == 20
    for row in ours.itertuples(index=False):
        assert ward_code_for(getattr(row, name), wards) == getattr(row, code)
    offences = pd.read_csv(
        shared_data / "mps" / "tower_hamlets_vawg_offences_ward_month.csv.gz", low_memory=False
    )
    (column,) = [c for c in offences if "ward_name" in c]
    named = offences[column].dropna().unique()
    found = {ward_code_for(n, wards) for n in named if n.lower() not in {"unknown", "null"}}
    assert len(found) == 20
