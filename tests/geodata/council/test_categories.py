import pytest

from geodata.council.categories import CROSSWALK, CategoryMap, fold_words, guess_category
from geodata.vocabularies import CATEGORIES, CATEGORY_BY_CODE


@pytest.mark.parametrize(
    ("words", "code"),
    [
        # Hackney NoiseWorks
        ("animal", "animals"),
        ("music-pub", "noise_street_commercial"),
        ("diy", "noise_domestic"),
        ("buskers", "noise_street_commercial"),
        # NSIR
        ("Rowdy or Inconsiderate Behaviour", "rowdy"),
        ("Begging / Vagrancy", "begging"),
        ("Vehicle Abandoned - Not Stolen", "vehicle_abandoned"),
        ("Malicious/Nuisance Communications", "nuisance_comms"),
        ("Littering/Drugs Paraphernalia", "drug_use"),
        ("Hoax call", "hoax"),
        # Tower Hamlets
        ("Aggressive and persistent begging", "begging"),
        ("Threatening or abusive behaviour", "threatening"),
        ("Dumping rubbish", "flytipping_litter"),
        ("Uncontrolled pets", "animals"),
        ("Hate-motivated harassment", "threatening"),
        ("Dangerous parking", "vehicle_nuisance"),
        # Civica's pairs
        ("Vehicles / Abandoned car", "vehicle_abandoned"),
        ("Noise / Other", "noise_domestic"),
        ("Zorbing / Fireworks", "fireworks"),
        # Rough sleeping is not anti-social behaviour; a tent may be.
        ("ROUGH SLEEPING", "rough_sleeping_welfare"),
        ("Encampments", "encampment"),
        # police.uk's own words, and ours
        ("Anti-social behaviour", "police_uk_unspecified"),
        ("Bicycle theft", "bicycle_theft"),
        ("vandalism_graffiti", "vandalism_graffiti"),
        ("Zorbing", ""),
    ],
)
def test_wordings_of_councils_and_of_the_police(words, code):
    assert guess_category(words) == code


def test_every_wording_leads_to_one_of_our_categories():
    assert set(CROSSWALK.values()) <= set(CATEGORY_BY_CODE)
    for category in CATEGORIES:
        if category.label != "Drugs":  # to a council, a nuisance; to the police, an offence
            assert guess_category(category.label) == category.code
        if category.police_uk:
            assert guess_category(category.police_uk, source="police_uk") == category.code


def test_no_wording_is_listed_under_two_categories():
    from geodata.council.categories import _WORDINGS

    seen = {}
    for code, words in _WORDINGS.items():
        for word in map(fold_words, words.split("|")):
            assert seen.setdefault(word, code) == code, word


def test_a_profile_overrules_whole_then_detail_then_kind():
    kinds = CategoryMap({"Noise": "rowdy", "Pub": "other", "Noise / Alarm": "animals"})
    assert kinds.code("NOISE") == "rowdy"
    assert kinds.code("Noise / pub") == "other"
    assert kinds.code("noise / alarm") == "animals"
    assert kinds.code("Noise / Party") == "rowdy"
    assert kinds.code("Litter") == "flytipping_litter"
