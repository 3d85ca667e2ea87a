"""Every set of ward boundaries a workspace has had: what they were, when they came, their shapes.

Boundaries that are replaced stay as a layer of their own, so that counts can be shown by either and
switching back is one step. Shapes are in BNG. The list stands in the ward information.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd

from geodata.errors import WorkspaceError
from geodata.layers import ORIGINS, Origin
from geodata.manifest import Layer, Manifest
from geodata.workspace import WARD_FRAME, Workspace, missing_file

EDITIONS, NAME, STORED_AT = "editions", "edition", "stored_at"
_LAYER = "wards@"


@dataclass(frozen=True)
class Edition:
    """One set of ward boundaries.

    Attributes
    ----------
    name : str
        What it is called in commands and lists: its date, its year, or the name of its file.
    wards : int
        How many wards it has.
    source : str
        The file it was read from.
    stored_at : str
        When it came into the workspace (ISO 8601); '' if nobody said.
    in_use : bool
        The reports are joined to it now.
    info : dict
        What reading the file found.
    origin : dict
        Where it was fetched from, under which licence, when; empty for a file of one's own.
    layer : Layer
        Where its shapes lie.
    """

    name: str
    wards: int
    source: str
    stored_at: str
    in_use: bool
    info: dict[str, Any]
    origin: Origin
    layer: Layer


def editions(workspace: Workspace) -> list[Edition]:
    """List the boundaries a workspace has had, the ones in use first, then as they came."""
    return _editions(workspace.manifest())


def find(workspace: Workspace, name: str) -> Edition:
    """Find boundaries by name.

    Raises
    ------
    WorkspaceError
        If there are none of that name; the message lists those there are.
    """
    known = editions(workspace)
    for edition in known:
        if edition.name == name:
            return edition
    raise WorkspaceError(
        f"This workspace has no ward boundaries called {name!r}",
        got=", ".join(e.name for e in known), todo="take a name from `safer-walks wards list`",
    )  # fmt: skip


def shapes(workspace: Workspace, edition: Edition) -> gpd.GeoDataFrame:
    """Read the wards of an edition: `ward_code`, `ward_name`, `area_km2`, polygons in BNG."""
    path = workspace.path / edition.layer.path
    if not path.is_file():
        raise missing_file(path)
    return gpd.read_file(path, columns=list(WARD_FRAME[:-1]))


def remembered(
    manifest: Manifest, layers: dict[str, Layer], ward_info: dict[str, Any]
) -> tuple[dict[str, Layer], dict[str, Any]]:
    """Add what was there before to the layers and the ward information that are to come.

    Parameters
    ----------
    manifest : Manifest
        As it is.
    layers : dict
        Layers as they will be, 'wards' among them.
    ward_info : dict
        What reading those wards found.

    Returns
    -------
    tuple of (dict, dict)
        Layers and ward information to store. The same wards again add nothing.
    """
    old = [e for e in _editions(manifest) if e.layer.digest != layers["wards"].digest]
    info = {k: v for k, v in ward_info.items() if k not in (EDITIONS, NAME)}
    if layers["wards"].digest == manifest.layers["wards"].digest:
        kept = {k: manifest.ward_info[k] for k in (NAME, STORED_AT) if k in manifest.ward_info}
        info = {k: v for k, v in info.items() if k != STORED_AT} | kept
    else:
        again = [e for e in _editions(manifest) if e.layer.digest == layers["wards"].digest]
        taken = {e.name for e in old}
        info[NAME] = again[0].name if again else _free_name(_plain_name(info), taken)
    if old:
        info[EDITIONS] = [_written(e) for e in old]
    layers = {k: layer for k, layer in layers.items() if not k.startswith(_LAYER)}
    return layers | {f"{_LAYER}{e.name}": e.layer for e in old}, info


def _editions(manifest: Manifest) -> list[Edition]:
    info = manifest.ward_info
    inner = {k: v for k, v in info.items() if k not in (EDITIONS, NAME, STORED_AT, ORIGINS)}
    now = Edition(
        name=str(info.get(NAME) or _plain_name(info)), wards=manifest.layers["wards"].rows,
        source=str(info.get("source", "")), stored_at=str(info.get(STORED_AT, "")), in_use=True,
        info=inner, origin=dict(info.get(ORIGINS, {}).get("wards", {})),
        layer=manifest.layers["wards"],
    )  # fmt: skip
    return [now, *(_read(e, manifest) for e in info.get(EDITIONS, ()))]


def _read(written: dict[str, Any], manifest: Manifest) -> Edition:
    layer = manifest.layers[f"{_LAYER}{written['name']}"]
    return Edition(**written, wards=layer.rows, in_use=False, layer=layer)


def _written(edition: Edition) -> dict[str, Any]:
    names = ("name", "source", "stored_at", "info", "origin")
    return {name: getattr(edition, name) for name in names}


def _plain_name(info: dict[str, Any]) -> str:
    """Name boundaries by their date, their year, or their file."""
    date = info.get(ORIGINS, {}).get("wards", {}).get("vintage_date")
    named = date or info.get("vintage_year") or Path(str(info.get("source", ""))).stem
    return re.sub(r"[^A-Za-z0-9._-]+", "-", str(named)).strip("-") or "wards"


def _free_name(name: str, taken: set[str]) -> str:
    names = [name, *(f"{name}-{n}" for n in range(2, len(taken) + 3))]
    return next(n for n in names if n not in taken)
