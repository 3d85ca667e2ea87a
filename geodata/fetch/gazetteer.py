"""Postcodes, names and property numbers with their places, from the Ordnance Survey's open data.

Code-Point Open, OS Open Names and OS Open UPRN come as zips of CSV files in British National Grid.
They are read as a stream, and only what lies near the wards is kept: OS Open UPRN has 41 million
rows. A postcode's point is the middle of its addresses, a road's the middle of its run; of names
the box they fill is kept, too.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from geodata import archives
from geodata.archives import GIB, MIB, Limits
from geodata.errors import FetchError, ReportFileError, how_to_open
from geodata.fetch.http import Client
from geodata.ward_join import COLLAR_M

REACH_M = 2_000.0
"""Metres round the wards' bounding box within which postcodes and names are kept."""

LIMITS = Limits(members=5_000, total_bytes=8 * GIB, member_bytes=8 * GIB)
_BLOCK = 8 * MIB
_HEAD = 64 * 1024

_POSTCODE = re.compile(r"^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$")
_CODE_POINT_WIDTH, _OPEN_NAMES_WIDTH = 10, 30
_IMPUTED, _IMPUTED_M, _WORTHLESS = "50", 250.0, ("60", "90")
"""Positional quality of Code-Point Open: estimated from postcodes around; of a whole sector, or
none."""

_NAMES = {
    "name": 2, "second": 4, "type": 6, "local": 7, "easting": 8, "northing": 9,
    "west": 12, "south": 13, "east": 14, "north": 15, "district": 16,
}  # fmt: skip
"""Where OS Open Names has what."""

_STREETS = frozenset(
    {"Named Road", "Section Of Named Road", "Numbered Road", "Section Of Numbered Road"}
)
_LARGE = frozenset({"populatedplace", "landcover", "landform", "hydrography", "administrative"})


@dataclass(frozen=True)
class Product:
    """One of the Ordnance Survey's open products.

    Attributes
    ----------
    key, title : str
        What we and people call it.
    name : str
        What the OS Downloads API calls it.
    layer : str
        The layer of the workspace that holds it.
    reach_m : float
        Metres round the wards' bounding box within which it is kept.
    """

    key: str
    title: str
    name: str
    layer: str
    reach_m: float = REACH_M


PRODUCTS: Mapping[str, Product] = {
    p.key: p
    for p in (
        Product("codepoint", "Code-Point Open", "CodePointOpen", "gazetteer_codepoint"),
        Product("opennames", "OS Open Names", "OpenNames", "gazetteer_opennames"),
        Product("openuprn", "OS Open UPRN", "OpenUPRN", "gazetteer_openuprn", COLLAR_M),
    )
}


@dataclass(frozen=True)
class Found:
    """What was read of a zip: which product it is, and the rows near the wards."""

    product: Product
    frame: pd.DataFrame


def fetch_gazetteer(
    client: Client, product: Product, *, progress: Callable[[float], None] | None = None
) -> Path:
    """Bring a product's zip into the cache by the OS Downloads API; one that is there stays.

    Parameters
    ----------
    client : Client
        Of `geodata.fetch.sources.OS_OPEN`.
    product : Product
        Which.
    progress : callable, optional
        Told the share that has arrived.

    Raises
    ------
    FetchError, FetchCancelledError
        If it cannot be fetched, or is not the file that was announced; what has arrived stays.
    """
    offered = client.get_json(f"products/{product.name}/downloads", {"area": "GB", "format": "CSV"})
    url, md5 = _offer(offered, product)
    path = client.cache.path_of(f"{product.key}-{md5[:12] or 'any'}.zip")
    if not path.is_file():
        client.download(url, path, progress=progress)
    if md5 and _md5_of(path) != md5:
        path.unlink()
        raise FetchError(
            f"The file of {product.title} is not what {client.source.title} announced",
            got=f"another checksum than {md5}", todo="try again in a while",
        )  # fmt: skip
    return path


def _offer(offered: Any, product: Product) -> tuple[str, str]:  # noqa: ANN401 - it is JSON
    files = [f for f in offered if isinstance(f, dict)] if isinstance(offered, list) else []
    zips = [f for f in files if f.get("url") and f.get("format", "CSV") == "CSV"]
    if not zips:
        raise FetchError(
            f"The Ordnance Survey does not offer {product.title} as CSV", got=str(offered)[:120],
            todo="download it by hand from https://osdatahub.os.uk/downloads/open and run "
            "`safer-walks fetch gazetteer --file FILE.zip`",
        )  # fmt: skip
    return str(zips[0]["url"]), str(zips[0].get("md5") or "").lower()


def _md5_of(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def read_gazetteer(path: Path, wards: gpd.GeoDataFrame) -> Found:
    """Read a gazetteer zip as the Ordnance Survey gives it.

    Parameters
    ----------
    path : Path
        Code-Point Open, OS Open Names or OS Open UPRN, as CSV in a zip.
    wards : geopandas.GeoDataFrame
        In BNG; entries further than the product's `reach_m` outside their bounding box are left
        out.

    Returns
    -------
    Found
        `frame` has columns of `geodata.locating.gazetteer.GAZETTEER_FRAME`, by kind and key: `key`
        (folded, for looking up), `kind` (postcode, street, place, area, uprn), `easting`,
        `northing`, and what else the product tells.

    Raises
    ------
    ReportFileError
        If the file is none of them, or holds nothing near the wards.
    UnsafeArchiveError
        If the zip is damaged or unsafe.
    """
    bounds = wards.total_bounds
    key, parts = "", []
    try:
        for member in archives.open_members(path, suffixes=[".csv"], limits=LIMITS):
            with member.open() as packed:
                read = _layout(packed)
                if read is not None:
                    key = read
                    parts.append(_READERS[read](packed, bounds))
    except OSError as error:
        raise ReportFileError(
            f"{path.name} cannot be read", got=error.strerror or str(error), todo=how_to_open(error)
        ) from error
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise ReportFileError(
            f"{path.name} is damaged", got=str(error)[:120], todo="download it again"
        ) from error
    if not any(len(part) for part in parts):
        raise ReportFileError(
            f"{path.name} holds no postcode, name or property near the wards",
            todo="give Code-Point Open, OS Open Names or OS Open UPRN as CSV, from "
            "https://osdatahub.os.uk/downloads/open",
        )
    frame = pd.concat([part for part in parts if len(part)]).drop_duplicates()
    frame = frame.sort_values(["kind", "key", "easting", "northing"], ignore_index=True)
    return Found(PRODUCTS[key], frame)


def fold_key(text: str) -> str:
    """Fold a postcode or name for looking up.

    Examples
    --------
    >>> fold_key("e1  6an"), fold_key("St. Katharine's Way")
    ('E16AN', 'ST KATHARINES WAY')
    """
    upper = text.upper().strip()
    squeezed = re.sub(r"\s+", "", upper)
    if _POSTCODE.match(squeezed):
        return squeezed
    return " ".join(re.findall(r"[A-Z0-9]+", upper.replace("'", "").replace("’", "")))


def _layout(packed: io.BufferedReader) -> str | None:
    """Tell by its first line which product a file is of; None for notes and headings."""
    cells = _first_row(packed)
    if cells[:3] == ["UPRN", "X_COORDINATE", "Y_COORDINATE"]:
        return "openuprn"
    if len(cells) >= _OPEN_NAMES_WIDTH:
        return "opennames"
    if len(cells) == _CODE_POINT_WIDTH and _POSTCODE.match(" ".join(cells[0].split())):
        return "codepoint"
    return None


def _first_row(packed: io.BufferedReader) -> list[str]:
    """Look at the first row without taking it."""
    head = packed.peek(_HEAD).removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    line = (head.splitlines() or [""])[0]
    return [cell.strip() for cell in next(csv.reader([line]), [])]


def _batches(
    packed: io.BufferedReader, columns: Mapping[str, int], kind: pa.DataType
) -> Iterator[pd.DataFrame]:
    """Step through some columns of a CSV without a header; odd rows are passed over."""
    names = [f"f{n}" for n in range(len(_first_row(packed)))]
    wanted = [f"f{n}" for n in columns.values()]
    reader = pa.csv.open_csv(
        packed,
        read_options=pa.csv.ReadOptions(column_names=names, block_size=_BLOCK),
        parse_options=pa.csv.ParseOptions(invalid_row_handler=lambda _row: "skip"),
        convert_options=pa.csv.ConvertOptions(
            include_columns=wanted, column_types=dict.fromkeys(wanted, kind),
            strings_can_be_null=False,
        ),
    )  # fmt: skip
    for batch in reader:
        cells = (column.to_pylist() for column in batch.columns)
        texts = ([v.decode("utf-8", "replace") for v in column] for column in cells)
        yield pd.DataFrame(dict(zip(columns, texts, strict=True)), dtype="str")


def _near(frame: pd.DataFrame, bounds: np.ndarray, reach_m: float) -> pd.DataFrame:
    """Keep rows whose numbers are a place near the wards."""
    x, y = (pd.to_numeric(frame[n], errors="coerce") for n in ("easting", "northing"))
    near = x.between(bounds[0] - reach_m, bounds[2] + reach_m)
    near &= y.between(bounds[1] - reach_m, bounds[3] + reach_m)
    return frame.assign(easting=x, northing=y)[near]


def _read_code_point(packed: io.BufferedReader, bounds: np.ndarray) -> pd.DataFrame:
    columns = {"name": 0, "quality": 1, "easting": 2, "northing": 3}
    parts = [_near(part, bounds, REACH_M) for part in _batches(packed, columns, pa.binary())]
    frame = pd.concat(parts, ignore_index=True)
    frame = frame[~frame["quality"].isin(_WORTHLESS) & frame["name"].str.match(_POSTCODE.pattern)]
    radius = np.where(frame["quality"].eq(_IMPUTED), _IMPUTED_M, np.nan)
    return pd.DataFrame(
        {
            "key": frame["name"].map(fold_key), "name": frame["name"].map(_single_blanks),
            "kind": "postcode", "easting": frame["easting"], "northing": frame["northing"],
            "radius_m": radius,
        }
    )  # fmt: skip


def _read_names(packed: io.BufferedReader, bounds: np.ndarray) -> pd.DataFrame:
    parts = [_near(part, bounds, REACH_M) for part in _batches(packed, _NAMES, pa.binary())]
    near = pd.concat(parts, ignore_index=True)
    second = near[near["second"].ne("")]
    both = pd.concat([near, second.assign(name=second["second"])], ignore_index=True)
    box = {n: pd.to_numeric(both[n], errors="coerce") for n in ("west", "south", "east", "north")}
    reach = np.hypot(box["east"] - box["west"], box["north"] - box["south"]) / 2
    return pd.DataFrame(
        {
            "key": both["name"].map(fold_key), "name": both["name"].map(_single_blanks),
            "kind": [_kind_of(*pair) for pair in zip(both["type"], both["local"], strict=True)],
            "easting": both["easting"], "northing": both["northing"],
            "radius_m": np.where(reach > 0, reach, np.nan), "district": both["district"], **box,
        }
    )  # fmt: skip


def _kind_of(of_type: str, local: str) -> str:
    if local == "Postcode":
        return "postcode"
    if local in _STREETS:
        return "street"
    return "area" if of_type.lower() in _LARGE else "place"


def _read_uprns(packed: io.BufferedReader, bounds: np.ndarray) -> pd.DataFrame:
    """Read properties; the whole country's 41 million rows pass in blocks."""
    names = ["UPRN", "X_COORDINATE", "Y_COORDINATE"]
    types = {"UPRN": pa.int64(), "X_COORDINATE": pa.float64(), "Y_COORDINATE": pa.float64()}
    reader = pa.csv.open_csv(
        packed,
        read_options=pa.csv.ReadOptions(block_size=_BLOCK),
        convert_options=pa.csv.ConvertOptions(include_columns=names, column_types=types),
    )
    parts = []
    for batch in reader:
        numbers, x, y = (column.to_numpy(zero_copy_only=False) for column in batch.columns)
        near = (x >= bounds[0] - COLLAR_M) & (x <= bounds[2] + COLLAR_M)
        near &= (y >= bounds[1] - COLLAR_M) & (y <= bounds[3] + COLLAR_M)
        parts.append(pd.DataFrame({"key": numbers[near], "easting": x[near], "northing": y[near]}))
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(key=frame["key"].astype("str"), kind="uprn")


def _single_blanks(text: str) -> str:
    return " ".join(text.split())


_READERS: Mapping[str, Callable[[io.BufferedReader, np.ndarray], pd.DataFrame]] = {
    "codepoint": _read_code_point, "opennames": _read_names, "openuprn": _read_uprns,
}  # fmt: skip
