"""Content that is stored as it is: bytes, text, open files, and files and folders on disk."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import BranchbookError
from .atomic import replacing
from .family import Family

TEXT_SUFFIXES = (
    ".txt",
    ".md",
    ".rst",
    ".log",
    ".py",
    ".sql",
    ".tex",
    ".yaml",
    ".yml",
    ".toml",
    ".ini",
    ".html",
    ".xml",
)


def is_source(obj: Any) -> bool:
    """Tell whether `obj` is content as it is, which may go to a file of any suffix."""
    return isinstance(obj, str | bytes | bytearray | memoryview | os.PathLike) or _is_stream(obj)


def _is_stream(obj: Any) -> bool:
    # Not only `read`: archives and datasets have one too, of another meaning.
    return hasattr(obj, "read") and hasattr(obj, "readable")


def source_path(obj: Any) -> Path | None:
    """Give the file or folder that `obj` names, or None when it is content itself.

    A string names a file when there is one; a string that can only be meant as a path must be one.

    Raises
    ------
    BranchbookError
        PATH_UNKNOWN when it names nothing.
    """
    if isinstance(obj, os.PathLike):
        path = Path(obj)
        if path.exists():
            return path
        raise _unknown(path)
    if not isinstance(obj, str) or "\n" in obj or len(obj) > 4096 or not obj:
        return None
    path = Path(obj)
    if path.exists():
        return path
    if " " not in obj and ("/" in obj or os.sep in obj):
        raise _unknown(path)
    return None


def _unknown(path: Path) -> BranchbookError:
    return BranchbookError(
        "PATH_UNKNOWN",
        f"There is no file or folder {str(path)!r}.",
        {"path": str(path)},
        "Check the path; to store this text itself, encode it: text.encode().",
    )


def write_source(obj: Any, path: Path) -> str:
    """Write bytes, text or an open file to `path` and give its type."""
    if isinstance(obj, str):
        _write_bytes(obj.encode(), path)
        return "text"
    if _is_stream(obj):
        _write_stream(obj, path)
        return "file"
    _write_bytes(obj, path)
    return "bytes"


def _write_bytes(content: Any, path: Path) -> None:
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def _write_stream(stream: Any, path: Path) -> None:
    """Copy a stream from its beginning when it can go there, and leave its position as it was."""
    if stream.closed or not stream.readable():
        raise BranchbookError(
            "USAGE",
            "This file is closed, or was opened for writing only.",
            {"argument": "obj", "reason": "unreadable"},
            'Open it with mode "rb" or "w+b", or give its path.',
        )
    stream.flush()
    seekable = stream.seekable()
    position = stream.tell() if seekable else 0
    if seekable:
        stream.seek(0)
    try:
        with replacing(path) as temporary, temporary.open("wb") as target:
            while block := stream.read(1024 * 1024):
                target.write(block.encode() if isinstance(block, str) else block)
    finally:
        if seekable:
            stream.seek(position)


def read_text(path: Path) -> str:
    """Read text as `write_source` wrote it: UTF-8, line ends as they are."""
    return path.read_bytes().decode()


def copy_path(source: Path, target: Path) -> Iterator[Path]:
    """Copy a file, or every file of a folder, to `target`; yield the files written.

    Links inside a folder are kept as links. A file that is already in place is yielded without being touched.
    """
    if source.is_dir():
        for item in sorted(source.iterdir()):
            yield from (
                _copy_link(item, target / item.name) if item.is_symlink() else copy_path(item, target / item.name)
            )
        return
    if not (target.exists() and source.samefile(target)):
        with replacing(target) as temporary:
            shutil.copyfile(source, temporary)
    yield target


def _copy_link(source: Path, target: Path) -> Iterator[Path]:
    text = os.readlink(source)
    if not target.is_symlink() or os.readlink(target) != text:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".branchbook-{secrets.token_hex(6)}")
        os.symlink(text, temporary)
        os.replace(temporary, target)
    yield target


TEXT = Family(
    type="text",
    library=None,
    matches=lambda obj: isinstance(obj, str),
    readers=dict.fromkeys(TEXT_SUFFIXES, read_text),
)
