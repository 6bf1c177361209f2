"""Jupyter's contents paths, and where they are on disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from .errors import BranchbookError


def to_absolute(root_dir: str, contents_path: str) -> Path:
    """The file or folder that a contents path names, links resolved.

    Raises
    ------
    BranchbookError
        PATH_UNSAFE when it lies outside the server's root folder, also by way of symbolic links.
    """
    root = os.path.realpath(root_dir)
    parts = contents_path.strip("/").split("/")
    if contents_path.startswith("//") or "\0" in contents_path or "\\" in contents_path or ".." in parts:
        raise _unsafe(contents_path, "it is not a contents path")
    path = os.path.realpath(os.path.join(root, *parts))
    if not _is_within(path, root):
        raise _unsafe(contents_path, "it is outside the server's folder")
    return Path(path)


def check_output(root_dir: str, project: Path, output: str) -> None:
    """Refuse to write a file that a verb was given by its absolute path, outside the server's folder and the project.

    Raises
    ------
    BranchbookError
        PATH_UNSAFE
    """
    path = os.path.realpath(output)
    if not os.path.isabs(output) or not any(_is_within(path, os.path.realpath(top)) for top in (root_dir, project)):
        raise _unsafe(output, "it is outside the server's folder")


def describe(root_dir: str, project_root: str) -> dict[str, Any]:
    """`LocatedProject` of the protocol: how contents paths and project paths translate.

    Parameters
    ----------
    root_dir : str
        The server's root folder.
    project_root : str
        Absolute path of the project's root.
    """
    server = os.path.realpath(root_dir)
    project = os.path.realpath(project_root)
    if _is_within(project, server):
        return {"root": project_root, "contentsPath": _relative(project, server), "projectPrefix": ""}
    return {"root": project_root, "contentsPath": None, "projectPrefix": _relative(server, project)}


def _relative(path: str, start: str) -> str:
    relative = Path(os.path.relpath(path, start)).as_posix()
    return "" if relative == "." else relative


def _is_within(path: str, folder: str) -> bool:
    try:
        relative = os.path.relpath(path, folder)
    except ValueError:
        # Another drive on Windows.
        return False
    return relative != os.pardir and not relative.startswith(os.pardir + os.sep)


def _unsafe(path: str, reason: str) -> BranchbookError:
    return BranchbookError(
        "PATH_UNSAFE",
        f"The path {path!r} is not safe: {reason}.",
        {"path": path, "reason": reason},
        "Use a path below the folder that Jupyter Server shows.",
    )
