"""Outlines a person draws, types or brings: what is read, and what is refused in words."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata.crs import to_lonlat
from geodata.errors import SaferWalksError
from geodata.outlines import outline_from_text, outline_of, read_outline

SQUARE = [(530_000.0, 180_000.0), (530_200.0, 180_000.0), (530_200.0, 180_100.0)]


def _lonlat() -> list[tuple[float, float]]:
    x, y = zip(*SQUARE, strict=True)
    return list(zip(*(a.tolist() for a in to_lonlat(x, y)), strict=True))


def test_corners_in_either_order_and_system_are_the_same_area() -> None:
    lonlat = _lonlat()
    swapped = [(b, a) for a, b in lonlat]
    for corners in (SQUARE, lonlat, swapped):
        assert outline_of(corners).area == pytest.approx(10_000, rel=1e-4)


def test_lines_of_text() -> None:
    text = "\n".join(f"{lat:.6f}, {lon:.6f}" for lon, lat in _lonlat())
    assert outline_from_text(text).area == pytest.approx(10_000, rel=1e-2)
    assert outline_from_text("530000 180000\n530200 180000\n530200 180100").area == 10_000


def test_geojson_of_several_polygons_is_one_area(tmp_path: Path) -> None:
    x, y = _lonlat()[0]
    boxes = [
        shapely.box(x, y, x + 0.001, y + 0.001),
        shapely.box(x + 0.01, y, x + 0.011, y + 0.001),
    ]
    features = [
        {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(b)}
        for b in boxes
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features})
    both = outline_from_text(content)
    one = outline_from_text(json.dumps(features[0]))
    assert both.geom_type == "MultiPolygon"
    assert both.area == pytest.approx(2 * one.area, rel=1e-3)
    file = tmp_path / "a.geojson"
    file.write_text("\ufeff" + content, encoding="utf-8")
    assert read_outline(file).equals(both)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("51.5, -0.1\n51.6, -0.1", "at least three corners"),
        ("51.5, -0.1\n51.6\n51.5, -0.2", "A corner is two numbers"),
        ("0, 0\n0, 1\n1, 1", "not in Great Britain"),
        ("51.5 -0.1; 51.6 -0.2; 51.6 -0.1; 51.5 -0.2", "cross"),
        ('{"type": "Point", "coordinates": [0, 51]}', "holds no polygon"),
        ("{not json", "cannot be read"),
        ('{"type": "FeatureCollection", "features": []}', "holds no polygon"),
        ("9" * 6_000_000, "too long"),
    ],
)
def test_what_is_no_outline_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(SaferWalksError, match=said):
        outline_from_text(text)


def test_a_file_that_is_not_there_or_too_large(tmp_path: Path) -> None:
    with pytest.raises(SaferWalksError, match="cannot be read"):
        read_outline(tmp_path / "none.geojson")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SaferWalksError, match="cannot be read"):
        read_outline(tmp_path / "binary")
    (tmp_path / "large").write_bytes(b" " * 5_000_001)
    with pytest.raises(SaferWalksError, match="too large"):
        read_outline(tmp_path / "large")


@given(st.text(max_size=60))
def test_any_text_is_an_outline_or_one_clear_error(text: str) -> None:
    with contextlib.suppress(SaferWalksError):
        assert outline_from_text(text).is_valid
