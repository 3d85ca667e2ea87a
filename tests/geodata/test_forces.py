from __future__ import annotations

import pytest

from geodata.forces import FORCES, force_name, force_slug


def test_every_force_is_found_by_its_name_and_by_its_slug() -> None:
    assert len(FORCES) == 45  # 43 territorial forces, British Transport Police, Northern Ireland
    for slug, name in FORCES.items():
        assert force_slug(name) == slug
        assert force_slug(slug) == slug
        assert force_name(slug) == name


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("  metropolitan police service ", "metropolitan"),
        ("Avon & Somerset Constabulary", "avon-and-somerset"),
        ("Devon and Cornwall Police", "devon-and-cornwall"),
        ("Lincolnshire Constabulary", "lincolnshire"),
        ("Heddlu Gwent Police", "gwent"),
        ("Police Service of Northern Ireland", "northern-ireland"),
        ("BTP", "btp"),
        ("South Yorkshire Police", "south-yorkshire"),
        ("Transport Scotland", "transport-scotland"),
        ("../../etc", "etc"),
    ],
)
def test_names_that_people_write(name: str, slug: str) -> None:
    assert force_slug(name) == slug
