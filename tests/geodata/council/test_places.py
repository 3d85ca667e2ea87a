import numpy as np
import osbng
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.council.places import PRECISIONS, read_places
from geodata.council.rules import Rule
from geodata.crs import BNG_EXTENT, LONLAT_EXTENT, to_bng, to_lonlat

HAMLETS = (532_770.0, 177_580.0, 540_100.0, 185_280.0)


def _read(columns, **options):
    arrays = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    return read_places(arrays, len(next(iter(columns.values()))), **options)


def _one(columns, **options):
    found = _read({name: [value] for name, value in columns.items()}, **options)
    place = None
    if np.isfinite(found.easting[0]):
        place = (round(float(found.easting[0])), round(float(found.northing[0])))
    return place, PRECISIONS[found.precision[0]], Rule(int(found.flags[0]))


EN = ("easting", "northing")
LL = ("lon", "lat")
NONE = Rule(0)
SWAPPED, OTHER = Rule.COORDINATES_SWAPPED, Rule.COORDINATES_OTHER_SYSTEM


@pytest.mark.parametrize(
    ("fields", "x", "y", "flags"),
    [
        (EN, "536501", "182501", NONE),
        (EN, "536,501.4", "182,501", NONE),
        (EN, "-0.033778", "51.524934", OTHER),
        (EN, "51.524934", "-0.033778", OTHER | SWAPPED),
        (LL, "-0.033778", "51.524934", NONE),
        (LL, "51.524934", "-0.033778", SWAPPED),
        (LL, "536501", "182501", OTHER),
        (LL, "-0,033778", "51,524934", NONE),
    ],
)
def test_a_pair_is_told_by_its_size_and_not_by_its_column(fields, x, y, flags):
    place, precision, found = _one(dict(zip(fields, (x, y), strict=True)))
    assert abs(place[0] - 536_501) <= 2
    assert abs(place[1] - 182_501) <= 2
    assert (precision, found) == ("exact", flags)


def test_swapped_grid_metres_are_told_only_where_that_is_certain():
    # In the Irish Sea, were it not for the wards.
    assert _one({"easting": "182501", "northing": "536501"})[0] == (182_501, 536_501)
    place, _, flags = _one({"easting": "182501", "northing": "536501"}, extent=HAMLETS)
    assert (place, flags) == ((536_501, 182_501), SWAPPED)
    # No place in Great Britain has an easting of a million.
    place, _, flags = _one({"easting": "1150501", "northing": "450501"})
    assert (place, flags) == ((450_501, 1_150_501), SWAPPED)


@pytest.mark.parametrize(
    ("columns", "flags"),
    [
        ({"easting": "0", "northing": "0"}, Rule.COORDINATES_ZERO),
        ({"lon": "0.0", "lat": "0"}, Rule.COORDINATES_ZERO),
        ({"easting": "Lockdown", "northing": "182501"}, Rule.COORDINATES_UNUSABLE),
        ({"easting": "536501", "northing": ""}, Rule.COORDINATES_UNUSABLE),
        ({"easting": "536501", "northing": "99999999"}, Rule.COORDINATES_UNUSABLE),
        ({"lon": "13.4", "lat": "52.5"}, Rule.COORDINATES_UNUSABLE),
        ({"lon": "-0.03", "lat": "0"}, Rule.COORDINATES_UNUSABLE),
        ({"grid_reference": "ZZ 12 34"}, Rule.COORDINATES_UNUSABLE),
        ({"grid_reference": "TQ 361 82"}, Rule.COORDINATES_UNUSABLE),
        ({"coordinates": "by the pond"}, Rule.COORDINATES_UNUSABLE),
        ({"geometry": "POINT EMPTY"}, Rule.COORDINATES_UNUSABLE),
        ({"geometry": "PIONT (1 2)"}, Rule.COORDINATES_UNUSABLE),
        ({"easting": "", "northing": ""}, NONE),
        ({"grid_reference": ""}, NONE),
        ({"geometry": ""}, NONE),
    ],
)
def test_what_is_no_place_is_kept_without_one_and_said(columns, flags):
    assert _one(columns) == (None, "none", flags)


@pytest.mark.parametrize(
    ("columns", "place", "precision"),
    [
        ({"grid_reference": "TQ 36 82"}, (536_500, 182_500), "ward_only"),
        ({"grid_reference": "TQ3682"}, (536_500, 182_500), "ward_only"),
        ({"grid_reference": "tq 365 825"}, (536_550, 182_550), "street"),
        ({"grid_reference": "TQ 36501 82501"}, (536_502, 182_502), "exact"),
        ({"grid_reference": "HU 47 41"}, (447_500, 1_141_500), "ward_only"),
        ({"coordinates": "51.524934, -0.033778"}, (536_501, 182_501), "exact"),
        ({"coordinates": "-0.033778 51.524934"}, (536_501, 182_501), "exact"),
        ({"coordinates": "(51.524934,-0.033778)"}, (536_501, 182_501), "exact"),
        ({"coordinates": "536501;182501"}, (536_501, 182_501), "exact"),
        ({"geometry": "POINT (-0.033778 51.524934)"}, (536_501, 182_501), "exact"),
        ({"geometry": "SRID=1;POINT(536501 182501)"}, (536_501, 182_501), "exact"),
        ({"easting": "536000", "northing": "182000"}, (536_000, 182_000), "ward_only"),
        ({"easting": "536500", "northing": "182500"}, (536_500, 182_500), "street"),
        ({"lon": "-0.034", "lat": "51.525"}, (536_486, 182_508), "ward_only"),
        ({"lon": "-0.0338", "lat": "51.525"}, (536_499, 182_508), "street"),
    ],
)
def test_every_way_of_giving_a_place_and_what_it_is_worth(columns, place, precision):
    found, worth, flags = _one(columns)
    assert abs(found[0] - place[0]) <= 2
    assert abs(found[1] - place[1]) <= 2
    assert worth == precision
    assert flags == (Rule.COORDINATES_COARSE if precision == "ward_only" else NONE)


def test_a_shape_is_a_point_on_it_known_to_within_its_size():
    square = "POLYGON ((536500 182500, 536580 182500, 536580 182580, 536500 182580, 536500 182500))"
    found = _read({"geometry": [square, "LINESTRING (536500 182500, 537500 182500)"]})
    assert found.easting.tolist()[0] == 536_540
    assert [PRECISIONS[p] for p in found.precision] == ["street", "ward_only"]
    assert found.radius_m.round().tolist() == [100, 707]


def test_the_next_way_serves_where_the_first_gives_nothing():
    found = _read(
        {
            "easting": ["536501", "", "x"],
            "northing": ["182501", "", "0"],
            "grid_reference": ["TQ 37 82", "TQ 36501 82501", ""],
        }
    )
    assert found.easting[:2].round().tolist() == [536_501, 536_502]
    assert np.isnan(found.easting[2])
    assert found.flags.tolist() == [0, 0, int(Rule.COORDINATES_UNUSABLE)]


def test_a_profile_can_say_that_coordinates_are_worth_less():
    columns = {"easting": "536501", "northing": "182501"}
    assert _one(columns, precision="postcode")[1] == "postcode"
    found = _read({"easting": ["536000"], "northing": ["182000"]}, precision="postcode")
    assert found.radius_m.round().tolist() == [707]


@given(st.integers(100, 69_999), st.integers(0, 129_999), st.sampled_from([1, 10, 100, 1_000]))
def test_grid_references_agree_with_osbng(x, y, side):
    easting, northing = x * 10 + 5, y * 10 + 5
    reference = osbng.xy_to_bng(easting, northing, side)
    west, south, east, north = reference.bng_to_bbox()
    found = _read({"grid_reference": [reference.bng_ref_formatted]})
    if np.isfinite(found.easting[0]):
        assert (found.easting[0], found.northing[0]) == ((west + east) / 2, (south + north) / 2)
    else:  # far out at sea, beyond the longitudes that a row may have
        lon, lat = to_lonlat(np.array([(west + east) / 2]), np.array([(south + north) / 2]))
        west, south, east, north = LONLAT_EXTENT
        assert not (west <= lon[0] <= east and south <= lat[0] <= north)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.floats(530_000, 545_000), st.floats(175_000, 190_000), st.sampled_from(range(6))
        ),
        min_size=1,
        max_size=15,
    )
)
def test_mixed_systems_in_one_file_come_out_where_they_are(rows):
    """Whatever system and order each row uses, its place is found, and both systems agree."""
    truth = np.array([(e, n) for e, n, _ in rows])
    lon, lat = to_lonlat(truth[:, 0], truth[:, 1])
    columns = {name: [] for name in (*EN, *LL)}
    for (e, n, way), x, y in zip(rows, lon, lat, strict=True):
        given_ = [(e, n), (x, y), (y, x)][way % 3]
        at = EN if way < 3 else LL
        for name in (*EN, *LL):
            columns[name].append(repr(float(given_[at.index(name)])) if name in at else "")
    found = _read(columns)
    assert np.allclose(found.easting, truth[:, 0], atol=0.01)
    assert np.allclose(found.northing, truth[:, 1], atol=0.01)
    again = to_bng(found.lon, found.lat)
    assert np.allclose(again[0], found.easting, atol=0.01)
    turned = sum(way % 3 == 2 for *_, way in rows)
    assert np.count_nonzero(found.flags & int(SWAPPED)) == turned


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), min_size=1, max_size=12))
def test_a_place_is_given_in_both_systems_or_in_neither_and_in_range(pairs):
    texts = list(zip(*pairs, strict=True))
    found = _read({"lon": list(texts[0]), "lat": list(texts[1]), "coordinates": list(texts[0])})
    placed = np.isfinite(found.easting)
    for column, (low, high) in (
        (found.lon, LONLAT_EXTENT[::2]),
        (found.lat, LONLAT_EXTENT[1::2]),
        (found.easting, BNG_EXTENT[::2]),
        (found.northing, BNG_EXTENT[1::2]),
    ):
        assert np.isfinite(column).tolist() == placed.tolist()
        assert ((column[placed] >= low) & (column[placed] <= high)).all()
