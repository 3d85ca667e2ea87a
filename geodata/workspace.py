"""One folder that holds everything: ward boundaries and other layers, reports, the import log.

All geometry is in British National Grid (metres). Opening a workspace reads its manifest once;
what is read through the opened object afterwards belongs to that one state, whatever other
processes import meanwhile. Open it again to see what they brought.
"""

from __future__ import annotations

import hashlib
import math
import os
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata import durable
from geodata import manifest as manifests
from geodata.crs import BNG, require_bng
from geodata.errors import WardFileError, WorkspaceError
from geodata.manifest import Kind, Layer, Manifest
from geodata.shared import Shared
from geodata.ward_join import check_wards

VARIABLE = "SAFER_WALKS_WORKSPACE"
WARD_FRAME = ("ward_code", "ward_name", "area_km2", "geometry")
PLACE_FRAME = ("place_id", "name", "kind", "geometry")
POPULATION_FRAME = ("ward_code", "residents", "source", "year")


# Layer files never change, and a shallow copy shares them: what is set on it stays with it.
_layers: Shared[gpd.GeoDataFrame] = Shared(16)
_tables: Shared[pd.DataFrame] = Shared(16)


def default_path() -> Path:
    """Folder of the workspace unless one is named: $SAFER_WALKS_WORKSPACE, else ./workspace."""
    return Path(os.environ.get(VARIABLE) or "workspace")


@dataclass(frozen=True)
class Workspace:
    """A workspace at the moment it was opened.

    Attributes
    ----------
    path : Path
        The folder.
    version : str
        Digest of the manifest: changes with every import and never otherwise, so it is the cache
        key of everything computed from the workspace.
    """

    path: Path
    version: str
    _manifest: Manifest = field(repr=False, compare=False)

    @staticmethod
    def exists(path: Path | str) -> bool:
        """Tell whether a workspace was ever made in this folder; it may still be damaged."""
        return (Path(path) / manifests.MANIFEST_NAME).is_file()

    @classmethod
    def open(cls, path: Path | str) -> Workspace:
        """Open a workspace at its present state.

        Raises
        ------
        WorkspaceError
            If there is none, it is damaged, or a newer version of Safer Walks wrote it.
        """
        folder = Path(path)
        manifest, version = manifests.load(folder)
        return cls(folder, version, manifest)

    @classmethod
    def create(
        cls,
        path: Path | str,
        *,
        kind: Kind,
        wards: gpd.GeoDataFrame,
        ward_info: dict[str, Any],
        places: gpd.GeoDataFrame | None = None,
        population: pd.DataFrame | None = None,
    ) -> Workspace:
        """Make a workspace, or give an existing one of the same kind its layers anew.

        Parameters
        ----------
        path : Path or str
            The folder; made if it is not there.
        kind : {'real', 'demo'}
            Invented and real reports never share a workspace.
        wards : geopandas.GeoDataFrame
            `ward_code`, `ward_name`, polygons in BNG. Sorted by code; `area_km2` is worked out.
        ward_info : dict
            What reading the wards found; anything JSON can hold.
        places : geopandas.GeoDataFrame, optional
            `place_id`, `name`, `kind`, points in BNG.
        population : pandas.DataFrame, optional
            `ward_code`, `residents`, `source`, `year`.

        Returns
        -------
        Workspace
            Opened at its new state. The same content again changes nothing, not even the version.

        Raises
        ------
        WorkspaceError
            If the folder holds a workspace of the other kind, or reports joined to other wards
            (`geodata.store.change_wards` re-joins them).
        CrsError, WardFileError, VintageError
            If the wards cannot be joined to.
        """
        folder = Path(path)
        layers = prepare_layers(wards, places, population)
        _make_folder(folder)
        with durable.locked(folder):
            old = manifests.load(folder)[0] if cls.exists(folder) else None
            if old is not None:
                _check_same_kind(old, kind, folder)
                _check_same_wards(old, layers["wards"], folder)
            base = old or Manifest(kind=kind, layers={}, ward_info={})
            new = replace(base, layers=write_layers(folder, layers), ward_info=as_json(ward_info))
            if new != old:
                manifests.save(folder, new)
        return cls.open(folder)

    @property
    def kind(self) -> Kind:
        """Tell invented reports ('demo') from real ones ('real')."""
        return self._manifest.kind

    def manifest(self) -> Manifest:
        """List what the workspace held when it was opened."""
        return self._manifest

    def reopen(self) -> Workspace:
        """Open the same folder again, to see what was imported since."""
        return Workspace.open(self.path)

    def wards(self) -> gpd.GeoDataFrame:
        """Read the wards: `ward_code`, `ward_name`, `area_km2`, geometry in BNG, by code."""
        return self._geo_layer("wards", WARD_FRAME)

    def ward_info(self) -> dict[str, Any]:
        """Return what reading the ward file found: source, CRS, vintage, overlaps and so on."""
        return dict(self._manifest.ward_info)

    def places(self) -> gpd.GeoDataFrame:
        """Read the named places: `place_id`, `name`, `kind`, points in BNG; empty if none."""
        return self._geo_layer("places", PLACE_FRAME)

    def population(self) -> pd.DataFrame:
        """Read the residents of each ward, with source and year; empty if none."""
        layer = self._manifest.layers.get("population")
        if layer is None:
            return _population_frame(pd.DataFrame(columns=list(POPULATION_FRAME)))
        path = self._existing(layer.path)
        read = partial(pd.read_parquet, path)
        return _tables.get(str(path.absolute()), read).copy(deep=False)

    def require_real(self, doing: str) -> None:
        """Raise `WorkspaceError` if this is a demo: `doing` says what was asked for."""
        if self.kind == "demo":
            raise WorkspaceError(
                f"{doing} is not possible in a demo workspace: invented and real reports must "
                "never be counted together",
                got=str(self.path),
                todo="make a workspace of your own, in another folder, with "
                "`safer-walks --workspace FOLDER init --wards FILE`",
            )

    def _geo_layer(self, name: str, columns: tuple[str, ...]) -> gpd.GeoDataFrame:
        layer = self._manifest.layers.get(name)
        if layer is None:
            return gpd.GeoDataFrame({c: [] for c in columns}, geometry="geometry", crs=BNG)
        path = self._existing(layer.path)
        read = partial(gpd.read_file, path, columns=list(columns[:-1]))
        return _layers.get((str(path.absolute()), columns), read).copy(deep=False)

    def _existing(self, name: str) -> Path:
        path = self.path / name
        if not path.is_file():
            raise missing_file(path)
        return path


def missing_file(path: Path) -> WorkspaceError:
    """Build the error for a file that the manifest names and the disk has not."""
    return WorkspaceError(
        "A file of the workspace is missing",
        got=str(path),
        todo="open the workspace again: an import may have replaced it over an hour ago; "
        "if that does not help, restore the folder from a backup",
    )


def prepare_layers(
    wards: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame | None = None,
    population: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """Bring layers into the shape they are stored in, and check that wards can be joined to."""
    check_wards(wards)
    layers: dict[str, pd.DataFrame] = {"wards": _ward_frame(wards)}
    if places is not None and len(places):
        require_bng(places, "The places")
        layers["places"] = places[list(PLACE_FRAME)].reset_index(drop=True)
    if population is not None and len(population):
        layers["population"] = _population_frame(population)
    return layers


def write_layers(folder: Path, layers: dict[str, pd.DataFrame]) -> dict[str, Layer]:
    """Write layers that are not there yet and say where they lie. For the holder of the lock.

    A layer is named by what it says, not by the file's bytes: GeoPackage stamps the time of
    writing into the file.
    """
    return {name: _write_layer(folder, name, frame) for name, frame in layers.items()}


def _write_layer(folder: Path, name: str, frame: pd.DataFrame) -> Layer:
    digest = _content_digest(frame)
    ending = "gpkg" if isinstance(frame, gpd.GeoDataFrame) else "parquet"
    path = folder / "layers" / f"{name}-{digest}.{ending}"

    def write(temporary: Path) -> None:
        temporary.unlink(missing_ok=True)
        if isinstance(frame, gpd.GeoDataFrame):
            frame.to_file(temporary, driver="GPKG", layer=name)
        else:
            frame.to_parquet(temporary, index=False)

    if not path.is_file():
        durable.write_by(path, write)
    return Layer(path.relative_to(folder).as_posix(), digest, len(frame))


def _content_digest(frame: pd.DataFrame) -> str:
    seen = hashlib.sha256()
    for name in frame.columns:
        values = frame.geometry.to_wkb() if name == "geometry" else frame[name].astype(str)
        for value in values:
            data = value if isinstance(value, bytes) else str(value).encode()
            seen.update(len(data).to_bytes(8, "little") + data)
    return seen.hexdigest()[:32]


def _ward_frame(wards: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    missing = [c for c in ("ward_code", "ward_name") if c not in wards.columns]
    if missing:
        raise WardFileError(
            "The wards lack a column", got=", ".join(map(str, wards.columns)),
            todo=f"read them through geodata.wards.read_wards, which makes {missing[0]}",
        )  # fmt: skip
    frame = wards.assign(area_km2=wards.geometry.area / 1e6)
    frame = frame.set_crs(BNG, allow_override=True)  # the grid may come without its EPSG code
    frame = frame.sort_values("ward_code", ignore_index=True)
    if frame.geometry.name != "geometry":
        frame = frame.rename_geometry("geometry")
    return frame[list(WARD_FRAME)]


def _population_frame(population: pd.DataFrame) -> pd.DataFrame:
    frame = population[list(POPULATION_FRAME)].reset_index(drop=True)
    types = {"ward_code": "str", "residents": "int64", "source": "str", "year": "int64"}
    return frame.astype(types)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(
            "The workspace folder cannot be made", got=f"{folder}: {error.strerror}",
            todo="choose another folder",
        ) from error  # fmt: skip


def _check_same_kind(old: Manifest, kind: Kind, folder: Path) -> None:
    if old.kind != kind:
        words = {"real": "real data", "demo": "the invented reports of a demo"}
        raise WorkspaceError(
            f"This folder already holds {words[old.kind]}", got=str(folder),
            todo="choose another folder: invented and real reports never share one",
        )  # fmt: skip


def _check_same_wards(old: Manifest, wards: pd.DataFrame, folder: Path) -> None:
    if old.live and old.layers["wards"].digest != _content_digest(wards):
        raise WorkspaceError(
            "This workspace holds reports that were joined to other wards", got=str(folder),
            todo="run `safer-walks init --wards FILE`, which joins them again",
        )  # fmt: skip


def as_json(content: dict[str, Any]) -> dict[str, Any]:
    """Turn numpy numbers, paths and tuples into what JSON gives back when it is read."""

    def plain(value: object) -> Any:  # noqa: ANN401 - JSON is what it is
        if isinstance(value, dict):
            return {str(k): plain(v) for k, v in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            items = sorted(value) if isinstance(value, set | frozenset) else value
            return [plain(v) for v in items]
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, float) and not math.isfinite(value):
            return None
        return value if isinstance(value, str | int | float | bool | None) else str(value)

    return {str(k): plain(v) for k, v in content.items()}
