import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.council.figures import decimals, read_numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("533883", 533883.0),
        ("-0.0332", -0.0332),
        ("533,883", 533883.0),
        ("1,533,883.5", 1533883.5),
        ("51,5203", 51.5203),
        ("51.52°", 51.52),
        ("−0.03", -0.03),
        ("5.3e5", 530000.0),
        ("536500m", 536500.0),
        ("536 500", 536500.0),
    ],
)
def test_numbers_as_people_write_them(text, number):
    numbers, words = read_numbers(pa.array([text]))
    assert (numbers.tolist(), words.tolist()) == ([number], [False])


@pytest.mark.parametrize(
    "text", ["Lockdown", "missing", "1,23", "12-14", "1.2.3", "inf", "nan", "x"]
)
def test_words_cost_their_own_cell(text):
    numbers, words = read_numbers(pa.array(["1", text, "", "2"]))
    assert np.array_equal(numbers, [1, np.nan, np.nan, 2], equal_nan=True)
    assert words.tolist() == [False, True, False, False]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=20))
def test_every_number_that_python_writes_is_read_back(numbers):
    found, words = read_numbers(pa.array([repr(n) for n in numbers], pa.string()))
    assert found.tolist() == numbers
    assert not words.any()


def test_digits_after_the_point():
    assert decimals(pa.array(["51.5", "51", "", "51.123456"])).tolist() == [1, 0, 0, 6]
