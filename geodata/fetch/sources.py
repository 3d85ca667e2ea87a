"""Where open data come from: address, licence, and the way by hand where the network refuses.

Every address is a setting. An environment variable wins over the table `[sources]` in the
workspace's `settings.toml`, which wins over the publisher's own address below:

    [sources]
    police_api = "http://mirror.example/api"
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from geodata.errors import FetchError

SETTINGS_NAME = "settings.toml"

OGL = "Open Government Licence v3.0"
OGL_ADDRESS = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"


@dataclass(frozen=True)
class Source:
    """One publisher's service.

    Attributes
    ----------
    key : str
        Its name in the table `[sources]`.
    title : str
        Its name for people.
    variable : str
        The environment variable that gives another address.
    address : str
        Where it answers; without a slash at the end.
    licence : str
        What its data may be used under.
    attribution : str
        The words the licence asks for.
    by_hand : str
        What to do where the network refuses: where to download, and which command takes the file.
    also : tuple of str
        Other hosts that the publisher itself sends us on to.
    """

    key: str
    title: str
    variable: str
    address: str
    licence: str
    attribution: str
    by_hand: str
    also: tuple[str, ...] = ()

    @property
    def hosts(self) -> frozenset[str]:
        """Hosts that may be asked, 'name' or 'name:port', as the addresses write them."""
        return frozenset({urlsplit(self.address).netloc.lower(), *self.also})


_POLICE_WORDS = (
    "Contains public sector information licensed under the Open Government Licence v3.0."
)
_ONS_WORDS = (
    "Source: Office for National Statistics licensed under the Open Government Licence v3.0. "
    "Contains OS data © Crown copyright and database right."
)
_FILES_BY_HAND = (
    "download the months and forces from https://data.police.uk/data/ in a browser, and run "
    "`safer-walks import FILE.zip`"
)

POLICE_API = Source(
    "police_api", "data.police.uk", "SAFER_WALKS_POLICE_API", "https://data.police.uk/api",
    OGL, _POLICE_WORDS, _FILES_BY_HAND,
)  # fmt: skip
ARCHIVE = Source(
    "archive", "the data.police.uk archive", "SAFER_WALKS_ARCHIVE",
    "https://data.police.uk/data/archive", OGL, _POLICE_WORDS, _FILES_BY_HAND,
    also=("policeuk-data.s3.amazonaws.com",),
)  # fmt: skip
ONS = Source(
    "ons", "the ONS Open Geography Portal", "SAFER_WALKS_ONS",
    "https://services1.arcgis.com/ESMARspQHYMw9BZ9/arcgis/rest/services", OGL, _ONS_WORDS,
    "download the ward boundaries (BFE, full resolution, extent of the realm) as GeoPackage or "
    "GeoJSON from https://geoportal.statistics.gov.uk in a browser, keep the rows of the "
    "authority, and run `safer-walks init --wards FILE`",
)  # fmt: skip
NOMIS = Source(
    "nomis", "Nomis", "SAFER_WALKS_NOMIS", "https://www.nomisweb.co.uk/api/v01", OGL,
    "Source: Office for National Statistics licensed under the Open Government Licence v3.0.",
    "download ward population estimates as CSV from "
    "https://www.nomisweb.co.uk/datasets/pestsyoaoa in a browser, and run "
    "`safer-walks fetch population --file FILE.csv`",
)  # fmt: skip

OVERPASS = Source(
    "overpass", "Overpass (OpenStreetMap)", "SAFER_WALKS_OVERPASS",
    "https://overpass-api.de/api/interpreter", "Open Database Licence v1.0 (ODbL)",
    "© OpenStreetMap contributors, ODbL.",
    "download an extract (.osm.pbf) from https://download.geofabrik.de/europe/united-kingdom.html "
    "or save the area from https://overpass-turbo.eu as GeoJSON, and run "
    "`safer-walks fetch streets --file FILE`",
)  # fmt: skip
OS_OPEN = Source(
    "os_open", "the Ordnance Survey", "SAFER_WALKS_OS_OPEN",
    "https://api.os.uk/downloads/v1", OGL,
    "Contains OS data © Crown copyright and database right. Contains Royal Mail data © Royal Mail "
    "copyright and database right.",
    "download Code-Point Open, OS Open Names or OS Open UPRN as CSV from "
    "https://osdatahub.os.uk/downloads/open in a browser, and run "
    "`safer-walks fetch gazetteer --file FILE.zip`",
    also=("omseprd1stdstordownload.blob.core.windows.net",),
)  # fmt: skip

SOURCES: tuple[Source, ...] = (POLICE_API, ARCHIVE, ONS, NOMIS, OVERPASS, OS_OPEN)


def configured(source: Source, workspace: Path | None = None) -> Source:
    """Give a source the address that the environment or the workspace's settings say.

    Parameters
    ----------
    source : Source
        One of `SOURCES`.
    workspace : Path, optional
        Folder whose `settings.toml` counts, if it is there.

    Raises
    ------
    FetchError
        If the address is not one of http or https, or the settings cannot be read.

    Examples
    --------
    >>> configured(POLICE_API).hosts
    frozenset({'data.police.uk'})
    """
    given = os.environ.get(source.variable) or _from_settings(source, workspace)
    if not given or given.rstrip("/") == source.address:
        return source
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchError(
            f"The address of {source.title} is not one that can be asked", got=repr(given),
            todo=f"write it like {source.address} in {source.variable} or in the table [sources] "
            f"of {SETTINGS_NAME}",
        )  # fmt: skip
    return replace(source, address=given.rstrip("/"))


def _from_settings(source: Source, workspace: Path | None) -> str:
    path = workspace / SETTINGS_NAME if workspace else None
    if path is None or not path.is_file():
        return ""
    try:
        table = tomllib.loads(path.read_text("utf-8")).get("sources", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FetchError(
            "The workspace's settings cannot be read", got=f"{path}: {error}",
            todo="mend the file; it is TOML, in UTF-8",
        ) from error  # fmt: skip
    return str(table.get(source.key, "")) if isinstance(table, dict) else ""
