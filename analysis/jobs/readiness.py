"""Tell an operator whether the app can do its work: the workspace opens and its records answer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from analysis.jobs.voices import records_of
from geodata.errors import SaferWalksError
from geodata.workspace import Workspace


@dataclass(frozen=True)
class Readiness:
    """What was found.

    Attributes
    ----------
    faults : tuple of str
        What does not answer: 'workspace', 'records'. Nothing of what they hold.
    detail : tuple of str
        The messages of those faults, for the server's own log.
    workspace_version : str
        Version of the workspace that was read, which changes with every import; '' for none.
    """

    faults: tuple[str, ...] = ()
    detail: tuple[str, ...] = ()
    workspace_version: str = ""

    @property
    def ready(self) -> bool:
        """Whether nothing is amiss."""
        return not self.faults


def readiness(path: Path) -> Readiness:
    """Open the workspace and ask its records one question.

    Parameters
    ----------
    path : pathlib.Path
        Folder of the workspace. Where nothing is yet the app makes its demo, so that is ready.

    Returns
    -------
    Readiness

    Notes
    -----
    It reads the manifest and the records' latest change: milliseconds, whatever they hold. Whether
    every stored file is whole is asked of `safer-walks data check`, not of this.
    """
    if not Workspace.exists(path):
        return Readiness()
    try:
        workspace = Workspace.open(path)
    except SaferWalksError as fault:
        return Readiness(("workspace",), (str(fault),))
    try:
        records = records_of(workspace)
        if records is not None:
            records.stamp()
    except SaferWalksError as fault:
        return Readiness(("records",), (str(fault),), workspace.version)
    return Readiness(workspace_version=workspace.version)
