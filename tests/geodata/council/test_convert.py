import pytest

from geodata.council.convert import category_wordings, mend_postcode, mend_uprn, mend_usrn
from geodata.council.tables import open_table


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("100023456789", "100023456789"),
        ("000000000123", "000000000123"),
        ("100 023 456 789", "100023456789"),
        ("100023456789.0", "100023456789"),
        ("1.00023E+11", ""),
        ("1000234567890", ""),
        ("10002A", ""),
        ("١٢٣", ""),
    ],
)
def test_a_uprn_stays_text_of_up_to_twelve_digits(given, kept):
    assert mend_uprn(given) == kept


@pytest.mark.parametrize(
    ("given", "kept"), [("4502345", "04502345"), ("20602345", "20602345"), ("4.5E+6", "")]
)
def test_a_usrn_has_eight_digits(given, kept):
    assert mend_usrn(given) == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("e16an", "E1 6AN"),
        ("EC1A 1BB", "EC1A 1BB"),
        ("E1", "E1"),
        ("E14  5.AB", "E14 5AB"),
        ("E1 OAA", "E1 0AA"),  # an O for a nought, where only a digit can stand
        ("12345", ""),
        ("Bow", ""),
    ],
)
def test_a_postcode_is_written_one_way(given, kept):
    assert mend_postcode(given) == kept


def test_the_words_for_kinds_are_counted_over_the_whole_file_without_people(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "Date,Type,Detail\n1,Noise,Party\n2, Noise ,Party\n3,Litter,\n4,,\n5,ask Mr Smith,\n"
    )
    with open_table(path) as table:
        assert category_wordings(table, {"category": "Type", "category_detail": "Detail"}) == {
            "Noise / Party": 2,
            "Litter": 1,
        }
        assert category_wordings(table, {"occurred_from": "Date"}) == {}
