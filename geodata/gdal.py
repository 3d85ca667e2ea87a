"""Switch off the parts of GDAL that read more than the file they are given.

GDAL recognises a file by its content, whatever its name. A text file called `wards.geojson` may be
an OGR VRT, which makes GDAL read any other file of the machine, or a service description, which
makes it call out. Only five of its drivers are needed here (GeoParquet is read by pyarrow), so the
others are taken off its list. The fifth reads OpenStreetMap extracts and is no driver of
boundaries: who reads a file checks which driver GDAL has chosen for it.

The only switch that works is the environment variable GDAL_SKIP, read once, when GDAL registers its
drivers: that is when pyogrio is first imported. Setting the same name later through
`pyogrio.set_gdal_config_options` changes nothing, since by then the drivers are registered, and
OGR_SKIP is no longer read. `import geodata` therefore sets the variable, and pyogrio is imported
only inside functions. Importing geopandas first does no harm, as it too loads pyogrio on first use.
Where something else loaded pyogrio earlier, `require_safe_drivers` notices and refuses to read.
"""

from __future__ import annotations

import os

from geodata.errors import WardFileError

ALLOWED_DRIVERS: dict[str, str] = {
    "GPKG": "GeoPackage",
    "ESRI Shapefile": "Shapefile",
    "GeoJSON": "GeoJSON",
    "FlatGeobuf": "FlatGeobuf",
}
"""GDAL's names of the drivers that may open a boundary file, with the names people know."""

EXTRACT_DRIVER = "OSM"
"""Opens OpenStreetMap extracts (.osm.pbf), and nothing else is read with it."""

INDIRECT_DRIVERS: tuple[str, ...] = (
    *("OGR_VRT", "VRT", "GTI", "GDALG", "DERIVED", "STACIT", "STACTA", "GNMFile", "GNMDatabase"),
    *("HTTP", "WFS", "OAPIF", "OGCAPI", "CSW", "WCS", "WMS", "WMTS", "Elasticsearch", "Carto"),
    *("AmigoCloud", "PLSCENES", "PLMOSAIC", "NGW", "EEDA", "EEDAI", "DAAS", "ADBC"),
)
"""Drivers that follow what a file says to other files or to the network."""

_OTHER_VECTOR_DRIVERS: tuple[str, ...] = (
    *("PCIDSK", "PDS4", "VICAR", "PDF", "MBTiles", "MapInfo File", "LVBAG", "S57", "DGN", "CSV"),
    *("GML", "GPX", "LIBKML", "KML", "GeoJSONSeq", "ESRIJSON", "TopoJSON", "OGR_GMT", "SQLite"),
    *("WAsP", "OpenFileGDB", "DXF", "GeoRSS", "VFK", "PGDUMP", "GPSBabel", "OGR_PDS"),
    *("EDIGEO", "Idrisi", "ODS", "XLSX", "SXF", "Selafin", "JML", "VDV", "MVT", "MapML", "GTFS"),
    *("PMTiles", "JSONFG", "MiraMonVector", "AVCBin", "AVCE00", "AIVector"),
)


def skip_drivers() -> None:
    """Put every driver that is not needed on GDAL_SKIP; what is there already stays.

    Takes effect only before GDAL is loaded. Called by `import geodata`.

    Examples
    --------
    >>> import os
    >>> skip_drivers()
    >>> "OGR_VRT" in os.environ["GDAL_SKIP"].split(",")
    True
    """
    present = os.environ.get("GDAL_SKIP", "")
    # GDAL splits at commas where there is one, at spaces otherwise ("MapInfo File" has a space).
    names = [n.strip() for n in (present.split(",") if "," in present else present.split())]
    wanted = dict.fromkeys([*names, *INDIRECT_DRIVERS, *_OTHER_VECTOR_DRIVERS])
    os.environ["GDAL_SKIP"] = ",".join(name for name in wanted if name)


def unsafe_drivers() -> list[str]:
    """List the drivers that follow links and yet are registered; loads GDAL.

    Examples
    --------
    >>> unsafe_drivers()
    []
    """
    import pyogrio

    return sorted(set(INDIRECT_DRIVERS) & set(pyogrio.list_drivers()))


def require_safe_drivers() -> None:
    """Refuse to go on if GDAL was loaded before `geodata` could switch its drivers off.

    Raises
    ------
    WardFileError
        Naming the drivers, and what to do.
    """
    unsafe = unsafe_drivers()
    if unsafe:
        raise WardFileError(
            "Boundary files cannot be read safely: GDAL was loaded with drivers that follow links",
            got=", ".join(unsafe),
            todo="import geodata before pyogrio (or set GDAL_SKIP=OGR_VRT,HTTP,... first)",
        )
