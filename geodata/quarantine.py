"""Rejected rows, and what became of them since: which wait to be corrected, which have been.

A rejected row that was corrected by hand and brought in again keeps the name it had, its
`incident_uid` (source, digest of the file, line): that is how the two are one row. The row stands
corrected as long as the import that brought it is not undone, also after a later export replaced
it. Sums stay sums: of a corrected row only the corrected one counts, and a second try that failed
counts nowhere.
"""

from __future__ import annotations

import pandas as pd

from geodata import partitions
from geodata.batches import REJECTED_COLUMNS
from geodata.manifest import Manifest, SourceFile
from geodata.workspace import Workspace, missing_file

MENDED = "-mended"
"""How the digest of a file of corrected rows ends."""

COLUMNS = ("row_id", "source", *REJECTED_COLUMNS, "import_id", "digest")

_NOT_TO_MEND = ("repeats line ", "it was merged into ")
"""How the reasons of rows begin that older versions listed as rejected and no rule lets in."""


def row_id(source: str, digest: str, line: int) -> str:
    """Name a row of a file as `incident_uid` does.

    Examples
    --------
    >>> row_id("council_asb", "0123456789abcdef0123456789abcdef-89ab", 7)
    'council_asb:0123456789abcdef:7'
    """
    return f"{source}:{digest[:16]}:{line}"


def is_mended(digest: str) -> bool:
    """Tell a file of corrected rows by its digest.

    Examples
    --------
    >>> is_mended("0123-89ab-mended"), is_mended("0123-89ab")
    (True, False)
    """
    return digest.endswith(MENDED)


def read_standing(workspace: Workspace) -> pd.DataFrame:
    """Read the rejected rows of every file that still counts, without those corrected since.

    Parameters
    ----------
    workspace : Workspace
        Read at the state it was opened in.

    Returns
    -------
    pandas.DataFrame
        `row_id`, `source`, `file`, `line`, `reason`, `row` (as it stood in the file, of council
        files only the mapped columns, as JSON), `import_id`, `digest` (of the file).

    Raises
    ------
    WorkspaceError
        If a stored file is missing.
    """
    manifest = workspace.manifest()
    counting = {(p.source, p.digest) for p in manifest.live}
    frames = [
        _read_file(workspace, file)
        for file in manifest.files
        if file.rejected_path
        and (file.source, file.digest) in counting
        and not is_mended(file.digest)
    ]
    if not frames:
        empty = pd.DataFrame({c: pd.Series(dtype="str") for c in COLUMNS})
        return empty.astype({"line": "int64"})
    rejected = pd.concat(frames, ignore_index=True)
    waiting = ~rejected["row_id"].isin(corrected_ids(workspace))
    return rejected.loc[waiting, list(COLUMNS)].reset_index(drop=True)


def read_waiting(workspace: Workspace) -> pd.DataFrame:
    """Read the rows that a person could correct: as `read_standing`, of council files only."""
    standing = read_standing(workspace)
    is_ours = standing["source"].ne("police_uk")
    by_rule = standing["reason"].str.startswith(_NOT_TO_MEND)
    return standing[is_ours & ~by_rule].reset_index(drop=True)


def corrected_ids(workspace: Workspace) -> set[str]:
    """List the rows that came in corrected, by the names they had when they were rejected."""
    manifest = workspace.manifest()
    names = [
        path
        for p in manifest.partitions
        if is_mended(p.digest)
        for path in (p.path, p.aside_path)
        if path
    ]
    if not names:
        return set()
    found = partitions.decode([workspace.path / n for n in names], ["incident_uid"])
    return set(found["incident_uid"].astype("str"))


def mended_from(workspace: Workspace, import_id: str) -> list[str]:
    """List the imports that brought corrected rows of the files of one import.

    Parameters
    ----------
    workspace : Workspace
        Read at the state it was opened in.
    import_id : str
        As in the log.
    """
    manifest = workspace.manifest()
    named = tuple(
        row_id(f.source, f.digest, 0)[:-1]
        for f in manifest.files
        if f.import_id == import_id and not is_mended(f.digest)
    )
    return [i for i in _mending_imports(manifest) if _holds(workspace, manifest, i, named)]


def _mending_imports(manifest: Manifest) -> list[str]:
    return list(dict.fromkeys(p.import_id for p in manifest.partitions if is_mended(p.digest)))


def _holds(
    workspace: Workspace, manifest: Manifest, import_id: str, named: tuple[str, ...]
) -> bool:
    paths = [
        workspace.path / p.path
        for p in manifest.partitions
        if p.import_id == import_id and is_mended(p.digest) and p.path
    ]
    found = partitions.decode(paths, ["incident_uid"])["incident_uid"].astype("str")
    return bool(named) and bool(found.str.startswith(named).any())


def _read_file(workspace: Workspace, file: SourceFile) -> pd.DataFrame:
    path = workspace.path / file.rejected_path
    if not path.is_file():
        raise missing_file(path)
    frame = pd.read_parquet(path)
    ids = [row_id(file.source, file.digest, line) for line in frame["line"].tolist()]
    return frame.assign(
        row_id=pd.array(ids, dtype="str"), source=file.source, import_id=file.import_id,
        digest=file.digest,
    )  # fmt: skip
