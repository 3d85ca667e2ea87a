"""Give a workspace layers beside its wards, and note where each thing came from.

Origins stand in the ward information under `fetched`: what, from where, under which licence, when.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata import durable
from geodata import manifest as manifests
from geodata.crs import require_bng
from geodata.workspace import (
    Workspace,
    as_json,
    missing_file,
    prepare_layers,
    write_layers,
)

ORIGINS = "fetched"
GAZETTEER = "gazetteer"
"""How the names of layers begin that hold a gazetteer: one layer a product."""

Origin = dict[str, Any]


def origins(workspace: Workspace) -> dict[str, Origin]:
    """List where each thing that was fetched came from: 'wards', 'reports', 'population', ..."""
    return dict(workspace.ward_info().get(ORIGINS, {}))


def credits_of(workspace: Workspace, *names: str) -> tuple[str, ...]:
    """Say how the publishers of what was fetched ask to be named, each once.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    *names : str
        What is drawn, by default what maps show to find one's way by.
    """
    known = origins(workspace)
    told = (known.get(name, {}).get("attribution", "") for name in names or BEARINGS)
    return tuple(dict.fromkeys(f"{text.rstrip('.')}." for text in told if text))


BEARINGS = ("streets", "water", "roads", "places")
"""What maps show to find one's way by, as `origins` names it."""


def streets(workspace: Workspace) -> gpd.GeoDataFrame | None:
    """Read the streets one can walk along, as `geodata.street_network.STREET_FRAME`; or None."""
    return _shapes(workspace, "streets")


def lamps(workspace: Workspace) -> gpd.GeoDataFrame | None:
    """Read the street lamps the map shows: `lamp_id`, points in BNG; or None."""
    return _shapes(workspace, "lamps")


def crossings(workspace: Workspace) -> gpd.GeoDataFrame | None:
    """Read the crossings on foot: `crossing_id`, `kind`, points in BNG; or None."""
    return _shapes(workspace, "crossings")


def water(workspace: Workspace) -> gpd.GeoDataFrame | None:
    """Read the water to find one's way by: `name`, polygons in BNG; or None."""
    return _shapes(workspace, "water")


def gazetteer(workspace: Workspace) -> pd.DataFrame | None:
    """Read all gazetteers as one: `key`, `name`, `kind`, `easting`, `northing` (BNG); or None.

    What else a product tells (`geodata.fetch.gazetteer`) is missing where another does not.
    """
    names = sorted(n for n in workspace.manifest().layers if n.startswith(GAZETTEER))
    tables = [found for name in names if (found := table(workspace, name)) is not None]
    return pd.concat(tables, ignore_index=True) if tables else None


def table(workspace: Workspace, name: str) -> pd.DataFrame | None:
    """Read a layer without shapes as it was given to `put`; None if there is none."""
    path = _path(workspace, name)
    return pd.read_parquet(path) if path else None


def _shapes(workspace: Workspace, name: str) -> gpd.GeoDataFrame | None:
    path = _path(workspace, name)
    return gpd.read_file(path) if path else None


def _path(workspace: Workspace, name: str) -> Path | None:
    layer = workspace.manifest().layers.get(name)
    path = workspace.path / layer.path if layer else None
    if path and not path.is_file():
        raise missing_file(path)
    return path


def with_origin(path: Path, name: str, origin: Origin | None) -> dict[str, dict[str, Origin]]:
    """Give the origins of a workspace, one of them new or, with None, no longer true.

    Parameters
    ----------
    path : Path
        Folder of a workspace that may not be there yet.
    name : str
        What the origin is of.
    origin : dict, optional
        Where it came from; None for what a person brought as a file.

    Returns
    -------
    dict
        Ready to go into the ward information; empty if nothing was ever fetched.
    """
    known = origins(Workspace.open(path)) if Workspace.exists(path) else {}
    known.pop(name, None)
    if origin is not None:
        known[name] = origin
    return {ORIGINS: known} if known else {}


def put(
    workspace: Workspace,
    name: str,
    origin: Origin,
    *,
    places: gpd.GeoDataFrame | None = None,
    population: pd.DataFrame | None = None,
    **others: pd.DataFrame | None,
) -> bool:
    """Store a layer, if one is given, and where it came from, in one manifest swap.

    Parameters
    ----------
    workspace : Workspace
        Which one; open it again to see the layer.
    name : str
        What the origin is of.
    origin : dict
        Anything JSON can hold.
    places : geopandas.GeoDataFrame, optional
        As in `Workspace.create`; replaces the places there were.
    population : pandas.DataFrame, optional
        As in `Workspace.create`; replaces the residents there were.
    **others : pandas.DataFrame, optional
        Further layers by name ('streets', 'lamps', 'gazetteer', ...), shapes in BNG. Each replaces
        what there was; one without rows takes it away; None leaves it.

    Returns
    -------
    bool
        True if the workspace holds other layers than before. Where it does not, nothing is
        written: the same data fetched on another day keep the day they first came.

    Raises
    ------
    CrsError
        If shapes are not in BNG.
    WorkspaceError
        If another import holds the workspace for too long.
    """
    with durable.locked(workspace.path):
        now = workspace.reopen()
        manifest = now.manifest()
        frames = prepare_layers(now.wards(), places, population)
        del frames["wards"]
        given = {key: frame for key, frame in others.items() if frame is not None}
        frames |= {key: _checked(key, frame) for key, frame in given.items() if len(frame)}
        gone = {key for key, frame in given.items() if not len(frame)}
        written = manifest.layers | write_layers(now.path, frames)
        written = {key: layer for key, layer in written.items() if key not in gone}
        known = origins(now)
        if frames and name in known and written == manifest.layers:
            return False
        info = {**now.ward_info(), ORIGINS: {**known, name: origin}}
        after = replace(manifest, layers=written, ward_info=as_json(info))
        durable.touch(now.path, sorted(manifest.named() - after.named()))
        if after != manifest:
            manifests.save(now.path, after)
    return written != manifest.layers


def update(
    workspace: Workspace, name: str, change: Callable[[pd.DataFrame | None], pd.DataFrame]
) -> None:
    """Change a layer without shapes, in one manifest swap, with nobody else in between.

    Parameters
    ----------
    workspace : Workspace
        Which one; open it again to see the change.
    name : str
        The layer.
    change : callable
        Given the layer as it is now (None if there is none), gives what it shall be; one without
        rows is taken away.

    Raises
    ------
    WorkspaceError
        If another import holds the workspace for too long.
    """
    with durable.locked(workspace.path):
        now = workspace.reopen()
        manifest = now.manifest()
        frame = change(table(now, name))
        kept = {key: layer for key, layer in manifest.layers.items() if key != name}
        if len(frame):
            kept |= write_layers(now.path, {name: frame})
        if kept != manifest.layers:
            after = replace(manifest, layers=kept)
            durable.touch(now.path, sorted(manifest.named() - after.named()))
            manifests.save(now.path, after)


def _checked(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    if isinstance(frame, gpd.GeoDataFrame):
        require_bng(frame, f"The {name}")
    return frame
