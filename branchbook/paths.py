"""Where a project begins, and how paths given by people become project paths."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

from .errors import BranchbookError


def find_root(path: Path) -> Path:
    """Find the innermost folder at or above `path` that is a git work tree.

    Raises
    ------
    BranchbookError
        NOT_A_PROJECT when there is none.
    """
    start = path.resolve()
    for folder in (start, *start.parents):
        if (folder / ".git").exists():
            return folder
    raise BranchbookError(
        "NOT_A_PROJECT",
        f"{path} is not in a project.",
        {"path": str(path)},
        "Make it one with branchbook.init() or `branchbook init`.",
    )


def git_folder(root: Path) -> Path:
    """Give the git folder of a work tree; in a linked one `.git` is a file that points to it."""
    git = root / ".git"
    return root / git.read_text().removeprefix("gitdir:").strip() if git.is_file() else git


def common_folder(root: Path) -> Path:
    """Give the git folder that all work trees of the repository share, which holds the branches."""
    git = git_folder(root)
    common = git / "commondir"
    return git / common.read_text().strip() if common.exists() else git


class Located:
    """Translates paths given in a folder of a project.

    Parameters
    ----------
    root : pathlib.Path
        The project's root, links resolved.
    folder : pathlib.Path
        The folder that relative paths start from.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        self._root = root
        self._folder = folder.resolve()

    def absolute(self, path: str | os.PathLike[str]) -> Path:
        """Give the absolute path, ``..`` taken out, the last link not followed."""
        joined = Path(os.path.normpath(self._folder / Path(path).expanduser()))
        return joined.parent.resolve() / joined.name if joined.name else joined

    def project_path(self, path: str | os.PathLike[str]) -> str:
        """Give the POSIX path relative to the project's root, which itself is the empty text.

        Raises
        ------
        BranchbookError
            PATH_UNSAFE when it lies outside the project or in ``.git``.
        """
        absolute = self.absolute(path)
        if not absolute.is_relative_to(self._root):
            raise _unsafe(path, "it lies outside the project")
        relative = absolute.relative_to(self._root)
        if any(part.lower() == ".git" for part in relative.parts):
            raise _unsafe(path, "it lies inside .git")
        return unicodedata.normalize("NFC", "/".join(relative.parts))

    def writable(self, path: str | os.PathLike[str]) -> Path:
        """Give the absolute path to write to, refused as by `project_path`."""
        self.project_path(path)
        return self.absolute(path)

    def address(self, address: str) -> str:
        """Translate the path of ``path`` or ``path@revision``; ``@revision`` stays as it is."""
        path, at, revision = address.partition("@")
        return f"{self.project_path(path)}{at}{revision}" if path else address


def _unsafe(path: str | os.PathLike[str], reason: str) -> BranchbookError:
    return BranchbookError(
        "PATH_UNSAFE",
        f"{os.fspath(path)!r} cannot be used: {reason}.",
        {"path": os.fspath(path), "reason": reason},
        "Give a path inside the project.",
    )
