"""A real HTTP server on loopback that answers as the publishers do, and with faults on demand.

It answers `crimes-street/all-crime` from reports it was given, inside the polygon that is asked
for or, where a test says so, with recorded bytes as they are; the ONS portal from ward frames; and
files with ranges and validators. Every request is logged. Nothing else is ever contacted.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import numpy as np
import shapely

from geodata.crs import BNG, WGS84


@dataclass(frozen=True)
class Reply:
    """One answer; `cut` bytes are missing at its end, and it is `slow` by some seconds."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0
    slow: float = 0.0


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]

    def said(self, name: str) -> str:
        return self.form.get(name, self.query.get(name, ""))


Answers = Callable[[Asked], Reply | None]


def json_reply(content: object, **headers: str) -> Reply:
    """JSON with a validator, as a publisher sends it."""
    body = json.dumps(content).encode()
    return Reply(body=body, headers={"ETag": f'"{hashlib.md5(body).hexdigest()}"', **headers})


@dataclass
class Replay:
    """The server as a test sees it: its address, what was asked, and what to do wrong next."""

    address: str
    answers: list[Answers] = field(default_factory=list)
    faults: list[Reply] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def paths(self) -> list[str]:
        return [a.path for a in self.asked]

    def reply(self, asked: Asked) -> Reply:
        """Answer: a fault while there is one waiting, else the first who knows."""
        self.asked.append(asked)
        if self.faults:
            return self.faults.pop(0)
        for answers in self.answers:
            found = answers(asked)
            if found is not None:
                return _conditional(found, asked)
        return Reply(404, b"not found")


def _conditional(reply: Reply, asked: Asked) -> Reply:
    """Say 304 where the asker has this edition, and give the rest of a file where it has a part."""
    tag = reply.headers.get("ETag")
    if tag and asked.headers.get("if-none-match") == tag:
        return Reply(304, b"", {"ETag": tag})
    wanted = asked.headers.get("range", "")
    if tag and wanted.startswith("bytes=") and asked.headers.get("if-range") == tag:
        start = int(wanted[6:].rstrip("-"))
        if start >= len(reply.body):
            return Reply(416)
        return Reply(206, reply.body[start:], reply.headers)
    return reply


@contextlib.contextmanager
def replaying(*answers: Answers) -> Iterator[Replay]:
    """Start the server on a free port for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # noqa: N802
            self._answer("")

        def do_POST(self) -> None:  # noqa: N802
            length = int(self.headers.get("Content-Length", "0"))
            self._answer(self.rfile.read(length).decode())

        def _answer(self, body: str) -> None:
            parts = urlsplit(self.path)
            reply = replay.reply(
                Asked(
                    self.command,
                    parts.path,
                    _single(parts.query),
                    _single(body),
                    {k.lower(): v for k, v in self.headers.items()},
                )
            )
            time.sleep(reply.slow)
            with contextlib.suppress(ConnectionError):
                self._send(reply)

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != 304:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body[: len(reply.body) - reply.cut])
            if reply.cut:
                self.close_connection = True

        def log_message(self, *words: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    replay = Replay(f"http://127.0.0.1:{server.server_port}", list(answers))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield replay
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _single(query: str) -> dict[str, str]:
    return {k: v[0] for k, v in parse_qs(query, keep_blank_values=True).items()}


# The police API


CATEGORIES = [
    {"url": "anti-social-behaviour", "name": "Anti-social behaviour"},
    {"url": "burglary", "name": "Burglary"},
    {"url": "violent-crime", "name": "Violence and sexual offences"},
]


def report(
    number: int | None, month: str, lon: float, lat: float, category: str = "burglary"
) -> dict[str, Any]:
    """One report as the API writes it."""
    return {
        "category": category, "location_type": "Force", "context": "", "outcome_status": None,
        "persistent_id": "", "id": number, "location_subtype": "", "month": month,
        "location": {
            "latitude": f"{lat:.6f}", "longitude": f"{lon:.6f}",
            "street": {"id": 1, "name": "On or near A Street"},
        },
    }  # fmt: skip


@dataclass
class PoliceApi:
    """Answers as data.police.uk/api does, from a list of reports."""

    reports: list[dict[str, Any]]
    months: list[str] = field(default_factory=list)
    most: int = 10_000

    def __call__(self, asked: Asked) -> Reply | None:
        if asked.path == "/crimes-street-dates":
            known = self.months or sorted({r["month"] for r in self.reports})
            return json_reply([{"date": m, "stop-and-search": []} for m in reversed(known)])
        if asked.path == "/crime-categories":
            return json_reply(CATEGORIES)
        if asked.path == "/crimes-street/all-crime":
            return self._search(asked)
        return None

    def _search(self, asked: Asked) -> Reply:
        ring = polygon_of(asked.said("poly"))
        month = [r for r in self.reports if r["month"] == asked.said("date")]
        x = np.array([float(r["location"]["longitude"]) for r in month])
        y = np.array([float(r["location"]["latitude"]) for r in month])
        inside = shapely.contains_xy(ring, x, y) if month else []
        found = [r for r, here in zip(month, inside, strict=True) if here]
        return json_reply(found) if len(found) <= self.most else Reply(503)


def polygon_of(poly: str) -> shapely.Polygon:
    """Read 'lat,lng:lat,lng'."""
    pairs = [tuple(map(float, p.split(","))) for p in poly.split(":")]
    return shapely.Polygon([(lng, lat) for lat, lng in pairs])


# The ONS Open Geography Portal


@dataclass
class OnsPortal:
    """Answers as the ArcGIS services of ONS do, from frames of wards.

    `layers` maps a service's name to a frame in BNG with the service's own columns; a frame
    without geometry is a look-up.
    """

    layers: dict[str, gpd.GeoDataFrame]
    page: int = 2_000

    def __call__(self, asked: Asked) -> Reply | None:
        if asked.path == "/":
            return json_reply({"services": [{"name": n} for n in self.layers]})
        for name, frame in self.layers.items():
            if asked.path == f"/{name}/FeatureServer/0":
                return json_reply(
                    {"fields": [{"name": c} for c in frame if c != "geometry"],
                     "maxRecordCount": self.page}
                )  # fmt: skip
            if asked.path == f"/{name}/FeatureServer/0/query":
                return json_reply(self._query(frame, asked))
        return None

    def _query(self, frame: gpd.GeoDataFrame, asked: Asked) -> dict[str, Any]:
        columns = asked.said("outFields").split(",")
        unknown = set(columns) - set(frame.columns)
        if unknown:
            return {"error": {"code": 400, "message": f"Invalid field: {unknown.pop()}"}}
        rows = frame[_where(frame, asked.said("where"))]
        if asked.said("returnDistinctValues") == "true":
            rows = rows.drop_duplicates(columns)
        rows = rows.sort_values(asked.said("orderByFields"))
        offset, count = int(asked.said("resultOffset")), int(asked.said("resultRecordCount"))
        count = min(count, self.page)
        part, more = rows.iloc[offset : offset + count], len(rows) > offset + count
        if asked.said("f") == "geojson":
            here = part.to_crs(BNG if asked.said("outSR") in BNG else WGS84)
            found = json.loads(here[[*columns, "geometry"]].to_json(to_wgs84=False))
            found["properties"] = {"exceededTransferLimit": more}
            return found
        plain = [{"attributes": r} for r in part[columns].to_dict("records")]
        return {"features": plain, "exceededTransferLimit": more}


def _where(frame: gpd.GeoDataFrame, where: str) -> Any:
    if where == "1=1":
        return np.ones(len(frame), dtype=bool)
    column, _, values = where.replace(" IN (", "=").rstrip(")").partition("=")
    return frame[column].isin([v.strip("'") for v in values.split(",")])
