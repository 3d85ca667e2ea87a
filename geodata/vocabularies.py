"""Closed vocabularies: every code the project stores, with the words people see for it.

Codes are stored and exported; labels are shown. A value outside its list never enters the store:
it becomes `unknown`, is counted, and its own words stay in `source_category`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from geodata.errors import SaferWalksError

Source = Literal[
    "council_asb",
    "council_noise",
    "theo_patrol",
    "housing",
    "police_uk",
    "mps_cad",
    "streetsafe",
    "btp",
    "other",
]
RecordLevel = Literal["incident", "complaint", "case"]
TimePrecision = Literal["exact", "hour", "part_of_day", "day", "month", "unknown"]
GeoPrecision = Literal["exact", "uprn", "street", "postcode", "snap_point", "ward_only", "none"]
DateBasis = Literal["occurred", "reported", "recorded"]
WardMatch = Literal["inside", "outside", "no_location"]

SOURCES: dict[str, str] = {
    "police_uk": "Police reports (police.uk)",
    "council_asb": "Council reports",
    "council_noise": "Council noise reports",
    "theo_patrol": "Enforcement officers' patrols",
    "housing": "Housing providers' reports",
    "mps_cad": "Police call records",
    "streetsafe": "StreetSafe pins",
    "btp": "British Transport Police",
    "other": "Other reports",
}

GEO_RADIUS_M: dict[str, float] = {
    **{"exact": 10.0, "uprn": 15.0, "street": 100.0, "postcode": 75.0, "snap_point": 200.0},
}
"""Metres within which the true place of a row may lie, by its `geo_precision`."""


@dataclass(frozen=True)
class Category:
    """One kind of report.

    Attributes
    ----------
    code : str
        What is stored and exported.
    label : str
        What people see.
    police_uk : str
        The name that police.uk gives it in its files; '' for a council category.
    is_asb : bool
        Anti-social behaviour, counted by default. Rough sleeping is not.
    """

    code: str
    label: str
    police_uk: str = ""
    is_asb: bool = False


CATEGORIES: tuple[Category, ...] = (
    Category(
        "police_uk_unspecified",
        "Anti-social behaviour (kind not given)",
        "Anti-social behaviour",
        is_asb=True,
    ),
    Category("noise_domestic", "Noise: neighbours", is_asb=True),
    Category("noise_street_commercial", "Noise: street or venue", is_asb=True),
    Category("rowdy", "Rowdy or inconsiderate behaviour", is_asb=True),
    Category("youth_groups", "Groups causing concern", is_asb=True),
    Category("drug_dealing", "Drug dealing", is_asb=True),
    Category("drug_use", "Drug use and paraphernalia", is_asb=True),
    Category("nitrous_oxide", "Nitrous oxide", is_asb=True),
    Category("street_drinking", "Street drinking", is_asb=True),
    Category("begging", "Aggressive begging", is_asb=True),
    Category("encampment", "Encampment", is_asb=True),
    Category("sex_work_related", "Sex work related", is_asb=True),
    Category("harassment_street", "Street harassment", is_asb=True),
    Category("threatening", "Threats or intimidation", is_asb=True),
    Category("vehicle_nuisance", "Vehicle nuisance", is_asb=True),
    Category("vehicle_abandoned", "Abandoned vehicle", is_asb=True),
    Category("vandalism_graffiti", "Vandalism or graffiti", is_asb=True),
    Category("flytipping_litter", "Fly-tipping or litter", is_asb=True),
    Category("fireworks", "Fireworks", is_asb=True),
    Category("animals", "Animal problems", is_asb=True),
    Category("trespass", "Trespass", is_asb=True),
    Category("nuisance_comms", "Nuisance communications", is_asb=True),
    Category("rough_sleeping_welfare", "Rough sleeping (welfare, not ASB)"),
    Category("hoax", "Hoax call"),
    Category("bicycle_theft", "Bicycle theft", "Bicycle theft"),
    Category("burglary", "Burglary", "Burglary"),
    Category("criminal_damage_arson", "Criminal damage and arson", "Criminal damage and arson"),
    Category("drugs", "Drugs", "Drugs"),
    Category("other_crime", "Other crime", "Other crime"),
    Category("other_theft", "Other theft", "Other theft"),
    Category("possession_of_weapons", "Possession of weapons", "Possession of weapons"),
    Category("public_order", "Public order", "Public order"),
    Category(
        "public_disorder_weapons", "Public disorder and weapons", "Public disorder and weapons"
    ),
    Category("robbery", "Robbery", "Robbery"),
    Category("shoplifting", "Shoplifting", "Shoplifting"),
    Category("theft_from_the_person", "Theft from the person", "Theft from the person"),
    Category("vehicle_crime", "Vehicle crime", "Vehicle crime"),
    Category("violent_crime", "Violent crime", "Violent crime"),
    Category(
        "violence_sexual_offences",
        "Violence and sexual offences",
        "Violence and sexual offences",
    ),
    Category("other", "Other"),
    Category("unknown", "Not known"),
)

CATEGORY_BY_CODE: dict[str, Category] = {c.code: c for c in CATEGORIES}
POLICE_UK_CATEGORY: dict[str, str] = {c.police_uk: c.code for c in CATEGORIES if c.police_uk}
ASB_CATEGORIES: tuple[str, ...] = tuple(c.code for c in CATEGORIES if c.is_asb)

VAWG_CATEGORIES: tuple[str, ...] = (
    *("harassment_street", "threatening", "sex_work_related", "drug_dealing"),
    *("street_drinking", "rowdy"),
)
"""Kinds that bear on violence against women and girls: what women's safety walks look at first."""

ASB_GROUP = "asb"
ALL_GROUP = "all"


def resolve_categories(names: Iterable[str]) -> tuple[str, ...]:
    """Turn what a person typed into category codes.

    Parameters
    ----------
    names : iterable of str
        Codes, labels, police.uk's own names, or the groups `asb` and `all`. Case, hyphens and
        underscores do not matter. "Anti-social behaviour" names the whole group, since that is
        what police.uk means by it. Nothing at all means the group `asb`.

    Returns
    -------
    tuple of str
        Codes in the order of `CATEGORIES`, each once.

    Raises
    ------
    SaferWalksError
        If a name is on no list.

    Examples
    --------
    >>> resolve_categories(["Bicycle theft", "burglary"])
    ('bicycle_theft', 'burglary')
    >>> resolve_categories(["Anti-social behaviour"]) == ASB_CATEGORIES
    True
    """
    chosen: set[str] = set()
    for name in names:
        chosen.update(_codes_named(name))
    return tuple(c.code for c in CATEGORIES if c.code in chosen) if chosen else ASB_CATEGORIES


def _codes_named(name: str) -> tuple[str, ...]:
    folded = _fold(name)
    if folded in {ASB_GROUP, "anti social behaviour", "antisocial behaviour"}:
        return ASB_CATEGORIES
    if folded == ALL_GROUP:
        return tuple(CATEGORY_BY_CODE)
    for category in CATEGORIES:
        if folded in {_fold(category.code), _fold(category.label), _fold(category.police_uk)}:
            return (category.code,)
    raise SaferWalksError(
        "No category has that name",
        got=repr(name),
        todo=f"use one of: {', '.join(CATEGORY_BY_CODE)}, or asb, or all",
    )


def _fold(text: str) -> str:
    return " ".join(text.lower().replace("-", " ").replace("_", " ").split())


def labels(values: Iterable[str]) -> dict[str, str]:
    """Map category codes to the words shown for them."""
    return {v: CATEGORY_BY_CODE[v].label for v in values if v in CATEGORY_BY_CODE}


WARD_MATCHES: tuple[str, ...] = get_args(WardMatch)
