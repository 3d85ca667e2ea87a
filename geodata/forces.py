"""Police forces as police.uk names them: in 'Reported by' and, as a slug, in file names."""

from __future__ import annotations

import re

FORCES: dict[str, str] = {
    "avon-and-somerset": "Avon and Somerset Constabulary",
    "bedfordshire": "Bedfordshire Police",
    "btp": "British Transport Police",
    "cambridgeshire": "Cambridgeshire Constabulary",
    "cheshire": "Cheshire Constabulary",
    "city-of-london": "City of London Police",
    "cleveland": "Cleveland Police",
    "cumbria": "Cumbria Constabulary",
    "derbyshire": "Derbyshire Constabulary",
    "devon-and-cornwall": "Devon & Cornwall Police",
    "dorset": "Dorset Police",
    "durham": "Durham Constabulary",
    "dyfed-powys": "Dyfed-Powys Police",
    "essex": "Essex Police",
    "gloucestershire": "Gloucestershire Constabulary",
    "greater-manchester": "Greater Manchester Police",
    "gwent": "Gwent Police",
    "hampshire": "Hampshire Constabulary",
    "hertfordshire": "Hertfordshire Constabulary",
    "humberside": "Humberside Police",
    "kent": "Kent Police",
    "lancashire": "Lancashire Constabulary",
    "leicestershire": "Leicestershire Police",
    "lincolnshire": "Lincolnshire Police",
    "merseyside": "Merseyside Police",
    "metropolitan": "Metropolitan Police Service",
    "norfolk": "Norfolk Constabulary",
    "north-wales": "North Wales Police",
    "north-yorkshire": "North Yorkshire Police",
    "northamptonshire": "Northamptonshire Police",
    "northern-ireland": "Police Service of Northern Ireland",
    "northumbria": "Northumbria Police",
    "nottinghamshire": "Nottinghamshire Police",
    "south-wales": "South Wales Police",
    "south-yorkshire": "South Yorkshire Police",
    "staffordshire": "Staffordshire Police",
    "suffolk": "Suffolk Constabulary",
    "surrey": "Surrey Police",
    "sussex": "Sussex Police",
    "thames-valley": "Thames Valley Police",
    "warwickshire": "Warwickshire Police",
    "west-mercia": "West Mercia Police",
    "west-midlands": "West Midlands Police",
    "west-yorkshire": "West Yorkshire Police",
    "wiltshire": "Wiltshire Police",
}
"""Slug to name. Forces were renamed over the years; `force_slug` knows the older words too."""

AREA_SEARCH = "police-uk-api"
"""Stands where a force would stand for reports that the police.uk API found in an area: it searches
the reports of every force and does not say whose they are."""

_NOT_TELLING = {"police", "service", "constabulary", "the", "and", "of", "heddlu"}


def _telling_words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", name.lower())) - _NOT_TELLING


_BY_WORDS = {
    _telling_words(text): slug for pair in FORCES.items() for slug in pair[:1] for text in pair
}


def force_slug(name: str) -> str:
    """Turn a force's name, or a slug, into the slug police.uk uses.

    Words such as 'Police', 'Service' or 'Constabulary' do not matter, nor do case and
    punctuation. A name on no list becomes a slug of its own.

    Examples
    --------
    >>> force_slug("Metropolitan Police Service"), force_slug("Devon and Cornwall Constabulary")
    ('metropolitan', 'devon-and-cornwall')
    >>> force_slug("British Transport Police"), force_slug("Parks Police of Barsetshire")
    ('btp', 'parks-police-of-barsetshire')
    """
    words = re.findall(r"[a-z0-9]+", name.lower())
    return _BY_WORDS.get(_telling_words(name), "-".join(words))


def force_name(slug: str) -> str:
    """Give the name people know a force by; a slug on no list is put into words.

    Examples
    --------
    >>> force_name("city-of-london"), force_name("parks-police")
    ('City of London Police', 'Parks Police')
    >>> force_name("kensington-and-chelsea")
    'Kensington and Chelsea'
    """
    if slug == AREA_SEARCH:
        return "Every force (police.uk API)"
    words = [w if w in ("and", "of", "the") else w.capitalize() for w in slug.split("-")]
    return FORCES.get(slug) or " ".join(words)
