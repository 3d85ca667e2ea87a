"""The import profiles of a workspace: `profiles/NAME.toml`, text files that people may edit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from geodata.council import Profile, guess_profile, open_table
from geodata.council.profiles import (
    delete_profile,
    file_name,
    list_profiles,
    load_profile,
    save_profile,
    to_toml,
)
from geodata.errors import ProfileError
from geodata.vocabularies import Source
from geodata.workspace import Workspace

_FOLDER = "profiles"


def folder(workspace: Workspace) -> Path:
    """Give the folder that holds the profiles; it may not be there yet."""
    return workspace.path / _FOLDER


def load(workspace: Workspace, name: str) -> Profile:
    """Load a profile by its name.

    Raises
    ------
    ProfileError
        If there is none of that name, or it cannot be read.
    """
    return load_profile(folder(workspace), name)


def list_saved(workspace: Workspace) -> list[dict[str, Any]]:
    """List the profiles of a workspace, as JSON can hold them.

    Returns
    -------
    list of dict
        `name`, `source`, `provider`, `columns` (how many are mapped), `fault`: what is wrong with
        one that cannot be read, else ''.
    """
    listed = []
    for name in list_profiles(folder(workspace)):
        entry: dict[str, Any] = {"name": name, "source": "", "provider": "", "columns": 0}
        try:
            found = load(workspace, name)
        except ProfileError as fault:
            listed.append(entry | {"fault": str(fault)})
            continue
        entry |= {"source": found.source, "provider": found.provider, "columns": len(found.columns)}
        listed.append(entry | {"fault": ""})
    return listed


def save_guessed(
    workspace: Workspace,
    name: str,
    file: Path,
    *,
    source: Source,
    provider: str = "",
    replace: bool = False,
) -> tuple[Profile, Path]:
    """Guess how a file is read and save that as a profile, to be looked at and corrected.

    Parameters
    ----------
    workspace : Workspace
        Whose profiles.
    name : str
        What to call it.
    file : pathlib.Path
        A file like those that it will read.
    source : str
        Where such files come from (`geodata.vocabularies.Source`); not police.uk.
    provider : str
        Who recorded the reports, as a slug.
    replace : bool
        Put it in the place of one of the same name, with all that was corrected there.

    Returns
    -------
    tuple of Profile, pathlib.Path
        The profile, and the text file it was saved in.

    Raises
    ------
    ProfileError
        If one of that name is there, the name has no letters, or no column looks like a date.
    ReportFileError, UnsafeArchiveError
        If the file cannot be read.
    """
    if source == "police_uk":
        raise ProfileError(
            "police.uk files are read without a profile", got=name, todo="import them as they are"
        )
    if exists(workspace, name) and not replace:
        raise ProfileError(
            f"A profile is called {name!r} already", got=str(folder(workspace)),
            todo="choose another name, or say --replace to guess it anew",
        )  # fmt: skip
    with open_table(file) as table:
        profile = guess_profile(table, source, name=name, provider=provider)
    return profile, save(workspace, profile)


def exists(workspace: Workspace, name: str) -> bool:
    """Tell whether a profile of this name is saved; names that differ in signs alone are one."""
    return file_name(name) in {file_name(saved) for saved in list_profiles(folder(workspace))}


def save(workspace: Workspace, profile: Profile) -> Path:
    """Save a profile, in the place of one of the same name, and give its file.

    Raises
    ------
    ProfileError
        If its name has no letter or digit.
    WorkspaceError
        If this is a demo.
    """
    workspace.require_real("Saving a profile")
    return save_profile(folder(workspace), profile)


def delete(workspace: Workspace, name: str) -> None:
    """Delete a profile. What was imported with it stays.

    Raises
    ------
    ProfileError
        If there is none of that name.
    """
    delete_profile(folder(workspace), name)


def profile_file(profile: Profile) -> bytes:
    """Give a profile as the bytes of its text file."""
    return to_toml(profile).encode()
