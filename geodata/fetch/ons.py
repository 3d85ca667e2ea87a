"""Ward boundaries and local authorities from the ONS Open Geography Portal.

The portal lists its layers under names that hold their date, such as WD_MAY_2025_UK_BFE or
Wards_December_2024_Boundaries_UK_BFE, with columns WD25CD, WD25NM and, of late, LAD25CD, LAD25NM;
where the wards' own layer does not say which authority they are in, a look-up layer of the same
year does. Only BFE is used for joining: full resolution, to the extent of the realm. Clipped sets
leave river, piers and docks out. Coordinates are asked for in British National Grid, as ONS holds
them, so that nothing is lost on the way.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from geodata.crs import BNG
from geodata.errors import FetchError
from geodata.fetch.http import Client

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_BOUNDARIES = re.compile(
    r"^(WD|Wards)_(?P<month>[A-Za-z]+)_(?P<year>20\d\d)_(Boundaries_)?(?P<where>UK|GB|EW)_BFE"
    r"(_?V?(?P<edition>\d+))?$",
    re.IGNORECASE,
)
_LOOKUP = re.compile(r"^WD(?P<year>\d\d)_LAD(?P=year)_[A-Z]+_LU(_?[A-Za-z0-9]+)*$", re.IGNORECASE)
_AUTHORITY = re.compile(r"^(E0[6-9]|W06)\d{6}$")
_PAGE = 500
_MOST_PAGES = 200

Features = list[dict[str, Any]]


@dataclass(frozen=True)
class Layer:
    """One layer of the portal.

    Attributes
    ----------
    service : str
        Its name in the portal's list.
    vintage : str
        YYYY-MM of the wards, '' for a look-up.
    fields : tuple of str
        Names of its columns.
    page : int
        Rows it gives at most in one answer.
    """

    service: str
    vintage: str
    fields: tuple[str, ...]
    page: int = _PAGE

    def column(self, start: str, end: str) -> str:
        """Name the column WD..CD, WD..NM, LAD..CD or LAD..NM; '' if there is none."""
        pattern = re.compile(rf"^{start}\d\d{end}$", re.IGNORECASE)
        return next((f for f in self.fields if pattern.match(f)), "")


@dataclass(frozen=True)
class Authority:
    """A local authority of England or Wales: GSS code and name."""

    code: str
    name: str


def services(client: Client) -> list[str]:
    """List the layers the portal offers.

    Raises
    ------
    FetchError
        If it cannot be reached or answers something else.
    """
    answer = _ask(client, "", {})
    found = [str(s.get("name", "")).rpartition("/")[2] for s in answer.get("services", [])]
    if not found:
        raise _not_there(client, "a list of layers", "none")
    return found


def vintages(names: Iterable[str]) -> dict[str, str]:
    """Find the full-resolution ward layers among the portal's names: YYYY-MM to name.

    Examples
    --------
    >>> vintages(["WD_MAY_2025_UK_BFE_V2", "WD_MAY_2025_UK_BFE", "WD_MAY_2024_UK_BSC",
    ...           "Wards_December_2024_Boundaries_UK_BFE"])
    {'2024-12': 'Wards_December_2024_Boundaries_UK_BFE', '2025-05': 'WD_MAY_2025_UK_BFE_V2'}
    """
    found: dict[str, tuple[int, str]] = {}
    for name in names:
        told = _BOUNDARIES.match(name)
        month = told["month"][:3].upper() if told else ""
        if told is None or month not in MONTHS:
            continue
        vintage = f"{told['year']}-{MONTHS.index(month) + 1:02d}"
        edition = (int(told["edition"] or 1), name)
        found[vintage] = max(found.get(vintage, (0, "")), edition)
    return {vintage: found[vintage][1] for vintage in sorted(found)}


def choose_layer(client: Client, names: Sequence[str], vintage: str = "") -> Layer:
    """Describe the ward layer of a vintage, the newest by default.

    Parameters
    ----------
    client : Client
        Of the portal.
    names : sequence of str
        From `services`.
    vintage : str, optional
        A year, or a month YYYY-MM.

    Raises
    ------
    FetchError
        If there is no such vintage; the message lists those there are.
    """
    offered = vintages(names)
    fitting = [v for v in offered if v.startswith(vintage)]
    if not fitting:
        raise FetchError(
            f"There are no full-resolution ward boundaries of {vintage or 'any year'} to fetch",
            got=f"vintages {', '.join(offered) or 'none'}",
            todo="name one of them with --vintage" if offered else client.source.by_hand,
        )
    return _describe(client, offered[fitting[-1]], fitting[-1])


def find_authority(client: Client, names: Sequence[str], layer: Layer, wanted: str) -> Authority:
    """Find a local authority of England or Wales by code or name.

    Parameters
    ----------
    client : Client
        Of the portal.
    names : sequence of str
        From `services`.
    layer : Layer
        From `choose_layer`.
    wanted : str
        'E09000030' or 'Tower Hamlets'; case and punctuation do not matter.

    Raises
    ------
    FetchError
        If there is none, or several; the message names the nearest.
    """
    telling = _with_authorities(client, names, layer)
    code, name = telling.column("LAD", "CD"), telling.column("LAD", "NM")
    rows = _table(client, telling, [code, name], distinct=True)
    every = {Authority(str(r[code]), str(r[name])) for r in rows if r.get(code) and r.get(name)}
    listed = sorted((a for a in every if _AUTHORITY.match(a.code)), key=lambda a: a.code)
    key = _fold(wanted)
    for found in listed:
        if key in (_fold(found.code), _fold(found.name)):
            return found
    near = [a for a in listed if key and key in _fold(a.name)]
    close = difflib.get_close_matches(key, [_fold(a.name) for a in listed], n=3)
    near += [a for a in listed if _fold(a.name) in close and a not in near]
    raise FetchError(
        f"No local authority of England or Wales is called {wanted!r}",
        got=f"{len(listed)} authorities"
        + (f"; near: {', '.join(f'{a.name} ({a.code})' for a in near[:5])}" if near else ""),
        todo="give its name or its code, such as E09000030",
    )


def ward_codes(
    client: Client, names: Sequence[str], layer: Layer, authority: Authority
) -> set[str]:
    """List the wards of an authority in a layer's vintage.

    Raises
    ------
    FetchError
        If the portal cannot be reached, or knows none.
    """
    telling = _with_authorities(client, names, layer)
    ward, lad = telling.column("WD", "CD"), telling.column("LAD", "CD")
    rows = _table(client, telling, [ward], where=f"{lad}='{authority.code}'", distinct=True)
    codes = {str(r[ward]) for r in rows if r.get(ward)}
    if not codes:
        raise _not_there(client, f"wards of {authority.name} in {telling.service}", "none")
    return codes


def fetch_boundaries(
    client: Client,
    layer: Layer,
    codes: Iterable[str],
    *,
    progress: Callable[[float], None] | None = None,
) -> bytes:
    """Fetch the boundaries of wards as GeoJSON in BNG, page by page.

    Parameters
    ----------
    client : Client
        Of the portal.
    layer : Layer
        From `choose_layer`.
    codes : iterable of str
        GSS codes of the wards.
    progress : callable, optional
        Told the share that has arrived.

    Returns
    -------
    bytes
        One FeatureCollection that says its reference system, wards by code.

    Raises
    ------
    FetchError
        If the portal does not give every ward that was asked for.
    """
    tell = progress or (lambda _share: None)
    wanted = sorted(codes)
    code, name = layer.column("WD", "CD"), layer.column("WD", "NM")
    where = f"{code} IN ({','.join(repr(c) for c in wanted)})"
    columns = [c for c in (code, name, layer.column("LAD", "CD")) if c]
    features: Features = []
    for page in _pages(client, layer, columns, where, geometry=True):
        features += page
        tell(min(1.0, len(features) / len(wanted)))
    came = {str(f.get("properties", {}).get(code)) for f in features}
    lacking = sorted(set(wanted) - came)
    if lacking:
        raise _not_there(
            client, f"all {len(wanted)} wards in {layer.service}",
            f"{len(came)} of them; missing {', '.join(lacking[:3])}",
        )  # fmt: skip
    features.sort(key=lambda f: str(f["properties"][code]))
    crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:{BNG.replace(':', '::')}"}}
    collection: dict[str, object] = {"type": "FeatureCollection", "features": features}
    if _is_metres(features):
        collection["crs"] = crs
    return json.dumps(collection, ensure_ascii=False).encode()


def _describe(client: Client, service: str, vintage: str) -> Layer:
    answer = _ask(client, f"{service}/FeatureServer/0", {})
    fields = tuple(str(f.get("name", "")) for f in answer.get("fields") or [])
    page = answer.get("maxRecordCount")
    size = min(page, _PAGE) if isinstance(page, int) and page > 0 else _PAGE
    layer = Layer(service, vintage, fields, size)
    if not layer.column("WD", "CD"):
        raise _not_there(client, f"a column WD..CD in {service}", ", ".join(fields) or "none")
    return layer


def _with_authorities(client: Client, names: Sequence[str], layer: Layer) -> Layer:
    """Give the layer that says which authority a ward is in: itself, or its year's look-up."""
    if layer.column("LAD", "CD") and layer.column("LAD", "NM"):
        return layer
    year = layer.column("WD", "CD")[2:4]
    for name in sorted(names, reverse=True):
        told = _LOOKUP.match(name)
        if told and told["year"] == year:
            found = _describe(client, name, "")
            if found.column("LAD", "CD") and found.column("LAD", "NM"):
                return found
    raise _not_there(client, f"a look-up of wards to authorities of 20{year}", "none")


def _table(
    client: Client, layer: Layer, columns: Sequence[str], *, where: str = "1=1", distinct: bool
) -> list[dict[str, Any]]:
    pages = _pages(client, layer, columns, where, geometry=False, distinct=distinct)
    return [dict(f.get("attributes", {})) for page in pages for f in page]


def _pages(
    client: Client,
    layer: Layer,
    columns: Sequence[str],
    where: str,
    *,
    geometry: bool,
    distinct: bool = False,
) -> Iterable[Features]:
    offset = 0
    for _ in range(_MOST_PAGES):
        question: dict[str, object] = {
            "where": where, "outFields": ",".join(columns), "orderByFields": columns[0],
            "returnGeometry": str(geometry).lower(), "resultOffset": offset,
            "resultRecordCount": layer.page,
        }  # fmt: skip
        if distinct:
            question["returnDistinctValues"] = "true"
        if geometry:
            question["outSR"] = BNG.partition(":")[2]
        answer = _ask(client, f"{layer.service}/FeatureServer/0/query", question, geojson=geometry)
        features = answer.get("features")
        if not isinstance(features, list):
            raise _not_there(client, "a list of features", type(features).__name__)
        yield features
        offset += len(features)
        if not features or not _says_more(answer):
            return
    raise _not_there(client, "an end of the list", f"{_MOST_PAGES} pages")


def _says_more(answer: dict[str, Any]) -> bool:
    inner = answer.get("properties")
    told = [answer, inner] if isinstance(inner, dict) else [answer]
    return any(bool(t.get("exceededTransferLimit")) for t in told)


def _ask(
    client: Client, path: str, question: dict[str, object], *, geojson: bool = False
) -> dict[str, Any]:
    answer = client.get_json(path, {**question, "f": "geojson" if geojson else "json"})
    if isinstance(answer, dict) and "error" not in answer:
        return answer
    error = answer.get("error", {}) if isinstance(answer, dict) else {}
    said = error.get("message", "") if isinstance(error, dict) else str(error)
    raise _not_there(client, f"an answer from {path or 'its list'}", said or "something else")


def _is_metres(features: Features) -> bool:
    """Tell metres from degrees by the size of a coordinate: a server may ignore what was asked."""
    for feature in features:
        numbers = (feature.get("geometry") or {}).get("coordinates")
        while isinstance(numbers, list) and numbers:
            numbers = numbers[0]
        if isinstance(numbers, int | float):
            return abs(numbers) > 360
    return False


def _fold(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower().replace("&", " and ")))


def _not_there(client: Client, expected: str, got: str) -> FetchError:
    return FetchError(
        f"{client.source.title} did not give {expected}", got=f"{got}: {client.source.address}",
        todo=f"try again later, or bring it by hand: {client.source.by_hand}",
    )  # fmt: skip
