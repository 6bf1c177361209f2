"""Writing a file so that every reader sees the old content or the new, never a part."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; when the block ends well it becomes `path`, else it is removed.

    The temporary file has the same suffix, for writers that look at it. On return the content and the name are on
    the disk, not only in its cache. A file that is replaced hands on its permissions.

    Raises
    ------
    OSError
        As the file system reports it; `path` is then untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".branchbook-{secrets.token_hex(6)}{path.suffix}")
    try:
        yield temporary
        _keep_mode(path, temporary)
        _sync(temporary)
        os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            temporary.unlink()
        raise
    _sync_folder(path.parent)


def _keep_mode(path: Path, temporary: Path) -> None:
    with suppress(FileNotFoundError):
        os.chmod(temporary, stat.S_IMODE(os.stat(path).st_mode))


def _sync(path: Path) -> None:
    # Opened for writing: Windows refuses to flush a handle that is not.
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
