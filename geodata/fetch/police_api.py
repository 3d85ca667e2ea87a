"""Reports of data.police.uk by area and month, through its API.

The API gives at most 10,000 reports an answer and says 503 beyond; the area is then split. The id
of a report is the API's own, so a report that two overlapping areas bring counts once; reports
without an id cannot be told from their copies and are set aside. The API does not say which force
recorded a report, and it answers for all of them: the rows of one month stand under the name
`geodata.forces.AREA_SEARCH`, and no file of any force is counted beside them in the same area.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from geodata import manifest, months, police_uk
from geodata.batches import Batch
from geodata.errors import FetchError
from geodata.fetch.http import Answer, Client
from geodata.fetch.rates import TokenBucket
from geodata.fetch.search_areas import SearchArea
from geodata.forces import AREA_SEARCH

RATE_PER_S, BURST = 15.0, 30
"""What the API allows, by its own page on call limits."""

TOO_MANY = 503
SMALLEST_M2 = 100.0 * 100.0
"""An area of one hectare that still holds too many reports is not split further."""

NO_ID = "the answer gives it no id, so it cannot be told from its copies"

CATEGORY_NAMES: dict[str, str] = {
    "anti-social-behaviour": "Anti-social behaviour",
    "bicycle-theft": "Bicycle theft",
    "burglary": "Burglary",
    "criminal-damage-arson": "Criminal damage and arson",
    "drugs": "Drugs",
    "other-crime": "Other crime",
    "other-theft": "Other theft",
    "possession-of-weapons": "Possession of weapons",
    "public-disorder-weapons": "Public disorder and weapons",
    "public-order": "Public order",
    "robbery": "Robbery",
    "shoplifting": "Shoplifting",
    "theft-from-the-person": "Theft from the person",
    "vehicle-crime": "Vehicle crime",
    "violent-crime": "Violence and sexual offences",
}
"""The API's short names and the words of the files, for servers that do not list them."""

Row = dict[str, Any]
_HEADER = ("Crime ID", "Month", "Reported by", "Longitude", "Latitude", "Location", "Crime type")


def rate_limit() -> TokenBucket:
    """Build the bucket that keeps us within what the API allows."""
    return TokenBucket(RATE_PER_S, BURST)


def months_available(client: Client) -> list[str] | None:
    """List the months the API has, oldest first; None if this server does not say.

    Raises
    ------
    FetchError
        If the server cannot be reached, or answers something else.
    """
    answer = _list_of(client, "crimes-street-dates", {})
    if answer is None:
        return None
    found = sorted({str(row["date"]) for row in answer if "date" in row})
    if not found or not all(map(months.is_month, found)):
        raise _strange("crimes-street-dates", answer[:1])
    return found


def category_names(client: Client, month: str) -> dict[str, str] | None:
    """Map the API's category names of a month to words; None if this server does not say.

    Raises
    ------
    FetchError
        If the server cannot be reached, or answers something else.
    """
    answer = _list_of(client, "crime-categories", {"date": month})
    if answer is None:
        return None
    return {str(row["url"]): str(row["name"]) for row in answer if {"url", "name"} <= set(row)}


def search(
    client: Client,
    month: str,
    areas: Sequence[SearchArea],
    *,
    progress: Callable[[int, str], None] | None = None,
) -> list[Row]:
    """Fetch the reports of one month in some areas, as the API gives them, each once.

    Parameters
    ----------
    client : Client
        Of the police API.
    month : str
        YYYY-MM.
    areas : sequence of SearchArea
        They may overlap.
    progress : callable, optional
        Told how many areas lie behind, and the name of the next.

    Returns
    -------
    list of dict
        By id; those without one, as often as they came, at the end.

    Raises
    ------
    FetchError
        If the server cannot be reached, answers with something else than reports of that month,
        or still refuses an area of one hectare.
    FetchCancelledError
        If a person stopped it; the finished areas are in the cache.
    """
    tell = progress or (lambda _done, _name: None)
    by_id: dict[int, Row] = {}
    without: list[Row] = []
    for done, area in enumerate(areas):
        tell(done, area.name)
        for row in _search_one(client, month, area):
            if isinstance(row.get("id"), int):
                by_id[row["id"]] = row
            else:
                without.append(row)
    return [by_id[i] for i in sorted(by_id)] + without


def _search_one(client: Client, month: str, area: SearchArea) -> list[Row]:
    answer = _ask_area(client, month, area)
    if answer.status == TOO_MANY:
        # 503 means 'over 10,000 reports' and 'out of order' alike: a small question tells which,
        # and waits until the server is well again.
        url = f"{client.source.address}/crimes-street-dates"
        client.ask("GET", url, also=frozenset({404}), fresh=True)
        answer = _ask_area(client, month, area)
    if answer.status != TOO_MANY:
        return _rows(answer.data, month)
    if area.ring.area <= SMALLEST_M2:
        raise FetchError(
            "The police API refuses even a very small area", got=f"{area.name}, {month}",
            todo=f"try again later, or bring it by hand: {client.source.by_hand}",
        )  # fmt: skip
    return [row for half in area.halves() for row in _search_one(client, month, half)]


def _ask_area(client: Client, month: str, area: SearchArea) -> Answer:
    return client.ask(
        "POST",
        f"{client.source.address}/crimes-street/all-crime",
        {"date": month, "poly": area.poly()},
        check=lambda data: _rows(data, month),
        also=frozenset({TOO_MANY}),
    )


def _rows(data: bytes, month: str) -> list[Row]:
    """Read an answer; ValueError if it is no list of reports of that month."""
    if not data.strip():
        raise ValueError("the answer is empty")
    rows = json.loads(data)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("the answer is no list of reports")
    for row in rows:
        if not {"category", "month"} <= set(row):
            raise ValueError("a report has no category or no month")
        if row["month"] != month:
            raise ValueError(f"a report is of {row['month']}, not of {month}")
    return rows


def to_batch(rows: Sequence[Row], month: str, names: dict[str, str] | None = None) -> Batch:
    """Turn the API's reports of one month into a batch, by the same rules as a street file.

    Parameters
    ----------
    rows : sequence of dict
        From `search`.
    month : str
        YYYY-MM.
    names : dict, optional
        The words of the categories as the server lists them; a report of another category is
        kept, and flagged. `CATEGORY_NAMES` fills in.

    Returns
    -------
    Batch
        Channel 'api'. Its digest names what is stored of the reports and nothing else: an outcome
        that changed later does not make another edition. No rows at all say that the month had
        no reports.

    Examples
    --------
    >>> row = {"id": 7, "category": "burglary", "month": "2026-04", "persistent_id": "",
    ...        "location": {"latitude": "51.525", "longitude": "-0.033",
    ...                     "street": {"name": "On or near A Street"}}}
    >>> batch = to_batch([row], "2026-04")
    >>> batch.incidents["incident_uid"].tolist(), batch.incidents["category"].tolist()
    (['police_uk:api:2026-04:7'], ['burglary'])
    """
    words = CATEGORY_NAMES | (names or {})
    known = [row for row in rows if isinstance(row.get("id"), int)]
    without = [row for row in rows if not isinstance(row.get("id"), int)]
    table = [_fields(row, words) for row in known]
    parsed = police_uk.read_street_file(f"{month}-{AREA_SEARCH}-street.csv", _as_csv(table))
    ids = [row["id"] for row in known]
    number = [int(uid.rpartition(":")[2]) for uid in parsed.incidents["incident_uid"]]
    uids = [f"{police_uk.SOURCE}:api:{month}:{ids[n - 1]}" for n in number]
    rejected = pd.concat([parsed.rejected, _set_aside(without, words)], ignore_index=True)
    name = f"police.uk API, {month}"
    unlisted = sorted({str(row["category"]) for row in rows} - set(names)) if names else []
    flags = [f"Category {c!r} is not on the server's list for {month}." for c in unlisted]
    content = json.dumps([*zip(ids, table, strict=True), len(without)], ensure_ascii=False)
    return dataclasses.replace(
        parsed,
        file=name,
        digest=manifest.digest_of(f"api {month}\0{content}".encode()),
        channel="api",
        incidents=parsed.incidents.assign(incident_uid=pd.Series(uids, dtype="str")),
        rejected=rejected.assign(file=name),
        rows_in=len(rows),
        flags=(*parsed.flags, *flags),
    )


def _fields(row: Row, words: dict[str, str]) -> tuple[str, ...]:
    """Give what is stored of a report, in the columns of a street file."""
    place = row.get("location") or {}
    street = place.get("street") or {}
    category = str(row["category"])
    given = (
        row.get("persistent_id"), row["month"], "", place.get("longitude"),
        place.get("latitude"), street.get("name"), words.get(category, category),
    )  # fmt: skip
    return tuple("" if value is None else str(value) for value in given)


def _as_csv(table: Sequence[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_HEADER, *table])
    return text.getvalue().encode()


def _set_aside(rows: Sequence[Row], words: dict[str, str]) -> pd.DataFrame:
    written = [",".join(_fields(row, words)) for row in rows]
    frame = pd.DataFrame({"file": "", "line": range(len(rows)), "reason": NO_ID, "row": written})
    return frame.astype({"file": "str", "line": "int64", "reason": "str", "row": "str"})


def _list_of(client: Client, path: str, params: dict[str, str]) -> list[Row] | None:
    """Ask for a list of objects; None where the server knows no such question."""
    query = "&".join(f"{k}={v}" for k, v in params.items())
    url = f"{client.source.address}/{path}{'?' if query else ''}{query}"
    answer = client.ask("GET", url, check=_objects, also=frozenset({404}))
    return None if answer.status == 404 else _objects(answer.data)


def _objects(data: bytes) -> list[Row]:
    rows = json.loads(data)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("the answer is no list of objects")
    return rows


def _strange(path: str, got: object) -> FetchError:
    return FetchError(
        "The police API answered with something else than months", got=f"{path}: {got!r}"[:200],
        todo="check the address in SAFER_WALKS_POLICE_API",
    )  # fmt: skip
