"""What a council file can tell us, field by field, and the words councils use for it.

A profile maps these fields to the columns of a file. Only mapped columns enter; everything else is
left out. The words are those of real exports (NoiseWorks, Civica Cx, police.uk, open data portals).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

Kind = Literal["date", "time", "number", "code", "text", "reference"]


@dataclass(frozen=True)
class Field:
    """One thing that a column of a file can hold.

    Attributes
    ----------
    name : str
        What a profile calls it.
    label : str
        What people see beside their own column.
    kind : {'date', 'time', 'number', 'code', 'text', 'reference'}
        What its values look like. In 'text' and 'code' columns, values that look personal are
        blanked; a 'reference' is kept to the letter.
    names : tuple of str
        Column names that mean it, folded by `fold`.
    """

    name: str
    label: str
    kind: Kind
    names: tuple[str, ...]


FIELDS: tuple[Field, ...] = (
    Field("source_ref", "Reference of the row", "reference", (
        "id", "ref", "reference", "reference number", "ref no", "reference no", "row id",
        "incident id", "incident ref", "incident reference", "incident number", "incident no",
        "report id", "report ref", "report reference", "report number", "complaint id",
        "complaint ref", "complaint reference", "complaint number", "log id", "log number",
        "log no", "cad", "cad number", "cad ref", "crime id", "enquiry number", "job number",
        "service request", "service request number", "request id", "sr number", "unique id",
        "objectid", "fid", "external id", "fixmystreet id", "record id", "visit id",
    )),
    Field("case_ref", "Reference of the case", "reference", (
        "case id", "case ref", "case reference", "case number", "case no", "case", "caseid",
        "parent case", "case file",
    )),
    Field("occurred_from", "When it happened, or began", "date", (
        "date", "incident date", "date of incident", "incident date time", "incident datetime",
        "date occurred", "occurred", "occurred on", "occurred at", "occurred from",
        "date time", "datetime", "date and time", "event date", "date of event", "offence date",
        "start", "start date", "start date time", "start datetime", "started", "from",
        "date from", "from date", "date from date", "incident start", "month", "patrol date",
        "visit date", "date of visit", "date committed", "committed from", "date of occurrence",
        "occurrence date", "timestamp", "incident date and time", "sighting date",
    )),
    Field("occurred_from_time", "Time it happened, or began", "time", (
        "time", "incident time", "time of incident", "time occurred", "start time", "time from",
        "from time", "event time", "time of day", "time started", "patrol time",
    )),
    Field("occurred_to", "When it ended", "date", (
        "end", "end date", "end date time", "end datetime", "ended", "to", "date to", "to date",
        "until", "incident end", "finish", "finished", "committed to", "occurred to",
    )),
    Field("occurred_to_time", "Time it ended", "time", (
        "end time", "time to", "to time", "finish time", "time ended", "time finished",
    )),
    Field("reported_at", "When it was reported", "date", (
        "date reported", "reported", "reported on", "reported date", "reported at",
        "report date", "date of report", "created", "created on", "created date", "date created",
        "created at", "date received", "received", "received date", "received on", "logged",
        "date logged", "logged date", "date opened", "opened", "opened date", "recorded date",
        "date recorded", "recorded", "recorded date months", "date raised", "raised",
        "raised date", "submitted", "submitted at", "date submitted", "entered", "date entered",
        "case opened", "date of complaint", "complaint date", "reported date time",
        "requested datetime", "confirmed",
    )),
    Field("category", "Kind of report", "code", (
        "category", "type", "kind", "incident type", "type of incident", "asb type",
        "type of asb", "asb category", "case type", "complaint type", "type of complaint",
        "nature", "nature of complaint", "nature of incident", "report type", "crime type",
        "incident category", "case category", "complaint category", "classification",
        "main category", "primary category", "category type", "issue", "issue type", "heading",
        "asb heading", "service request type", "request type", "problem", "problem type",
        "subject", "offence", "offence type", "behaviour", "type category", "major text",
        "majortext", "noise type", "asb",
    )),
    Field("category_detail", "Kind, in detail", "code", (
        "sub category", "subcategory", "sub type", "subtype", "kind other", "category detail",
        "secondary category", "type detail", "detail type", "category 2", "type 2", "minor text",
        "minortext", "sub classification", "subclassification", "asb sub type", "specific type",
    )),
    Field("nsir_qualifier", "Personal, nuisance or environmental", "code", (
        "qualifier", "nsir qualifier", "asb qualifier", "nsir", "asb nsir",
    )),
    Field("easting", "Easting", "number", (
        "easting", "eastings", "x", "x coord", "x coordinate", "xcoord", "geo x", "map x",
        "east", "bng x", "os x", "osgb x", "grid x", "grid squares x", "grid e",
        "grid easting", "x easting", "easting x", "location x", "point x", "coord x",
        "x cord", "easting m", "ngr easting", "osgb east", "location easting",
    )),
    Field("northing", "Northing", "number", (
        "northing", "northings", "y", "y coord", "y coordinate", "ycoord", "geo y", "map y",
        "north", "bng y", "os y", "osgb y", "grid y", "grid squares y", "grid n",
        "grid northing", "y northing", "northing y", "location y", "point y", "coord y",
        "y cord", "northing m", "ngr northing", "osgb north", "location northing",
    )),
    Field("lon", "Longitude", "number", (
        "longitude", "lon", "lng", "long", "longitude wgs84", "wgs84 longitude",
        "decimal longitude", "geo lon", "geo longitude", "map longitude", "x",
        "location longitude", "x wgs84", "point x",
    )),
    Field("lat", "Latitude", "number", (
        "latitude", "lat", "latitude wgs84", "wgs84 latitude", "decimal latitude", "geo lat",
        "geo latitude", "map latitude", "y", "location latitude", "y wgs84", "point y",
    )),
    Field("grid_reference", "Grid reference", "code", (
        "grid reference", "grid ref", "gridref", "os grid reference", "os grid ref",
        "national grid reference", "ngr", "os ref", "map reference", "map ref", "bng",
        "os reference", "bng reference",
    )),
    Field("coordinates", "Both coordinates in one column", "code", (
        "coordinates", "coords", "lat long", "lat lon", "latlong", "latlng", "lat lng",
        "geo point", "geopoint", "geolocation", "location coordinates", "gps", "gps coordinates",
        "latitude longitude", "longitude latitude", "easting northing", "geo point 2d", "pin",
    )),
    Field("geometry", "Shape on the map", "code", (
        "geometry", "geom", "wkt", "the geom", "shape", "wkt geom", "geo shape", "point",
        "geometry wkt",
    )),
    Field("street", "Street or place", "text", (
        "street", "street name", "road", "road name", "location", "location text",
        "location description", "incident location", "location of incident", "place", "site",
        "location cache", "site name", "venue", "area", "place name", "street location",
        "thoroughfare", "where did it happen", "location name", "incident street",
        "incident road", "estate name", "estate", "park", "locality", "incident address",
        "address of incident", "location address",
    )),
    Field("postcode", "Postcode", "code", (
        "postcode", "post code", "incident postcode", "location postcode", "pcd", "pcds",
        "zip", "postal code", "postcode of incident", "site postcode",
    )),
    Field("uprn", "Property number (UPRN)", "reference", (
        "uprn", "property reference", "unique property reference number", "location uprn",
        "incident uprn", "llpg uprn",
    )),
    Field("usrn", "Street number (USRN)", "reference", (
        "usrn", "unique street reference number", "street usrn", "nsg usrn", "incident usrn",
    )),
    Field("setting", "Kind of place", "code", (
        "setting", "where", "location type", "place type", "type of location", "premises type",
        "type of place", "site type", "location category", "type of premises",
    )),
    Field("ward_code_source", "Ward, as the file gives it", "code", (
        "ward", "ward name", "ward code", "electoral ward", "wardname", "wardcode", "incident ward",
        "ward gss", "gss code", "gss ward", "ward of incident", "wd24cd", "wd22cd", "wd21cd",
        "ward id", "location ward",
    )),
    Field("lsoa_code", "LSOA", "code", (
        "lsoa", "lsoa code", "lsoa21cd", "lsoa11cd", "lsoa 2021", "lsoa 2011", "lsoa21",
    )),
    Field("status", "Status", "code", (
        "status", "case status", "state", "current status", "incident status", "outcome status",
        "case state", "progress",
    )),
    Field("merged_into", "Merged into", "reference", (
        "merged into", "merged into id", "merged with", "merged to", "master case",
        "duplicate of", "merged case", "merged into case", "parent id",
    )),
    Field("record_level", "What a row counts", "code", ("record level", "record type", "level")),
)  # fmt: skip
"""Every field, in the order in which profiles and pages list them."""

FIELD_BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}
FIELD_NAMES: tuple[str, ...] = tuple(FIELD_BY_NAME)

DATE_FIELDS = ("occurred_from", "reported_at")
"""One of these is all that a file needs."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])")
_NOT_WORD = re.compile(r"[^a-z0-9]+")


def fold(name: str) -> str:
    """Reduce a column name to its words, so that ways of writing it do not matter.

    Examples
    --------
    >>> fold("Date_Reported"), fold("dateReported"), fold(" DATE  reported* ")
    ('date reported', 'date reported', 'date reported')
    """
    return " ".join(_NOT_WORD.sub(" ", _CAMEL.sub(" ", name).casefold()).split())


@cache
def _known() -> frozenset[str]:
    return frozenset(name.replace(" ", "") for field in FIELDS for name in field.names)


def is_known(name: str) -> bool:
    """Tell whether a column name is one that councils use for some field.

    Examples
    --------
    >>> is_known("Incident Date"), is_known("Report run by")
    (True, False)
    """
    return fold(name).replace(" ", "") in _known()
