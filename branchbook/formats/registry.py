"""Chooses the family for an object or a file, and writes and reads through it."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import BranchbookError
from . import array, content, document, figure, model, table
from .atomic import replacing
from .family import Facts, Family, Reader

FAMILIES: tuple[Family, ...] = (
    *table.FAMILIES,
    *array.FAMILIES,
    *model.FAMILIES,
    *figure.FAMILIES,
    *document.FAMILIES,
    model.PICKLE,
)

_AS_IS: dict[str, Reader] = {"bytes": Path.read_bytes, "text": content.read_text}

# What a file without a recorded type is read as: the first family whose library is imported, else installed.
_TABLES = (table.PANDAS, table.POLARS, table.PYARROW)
_DEFAULTS: dict[str, tuple[Family, ...]] = {
    **dict.fromkeys((".parquet", ".arrow", ".feather", ".csv", ".jsonl", ".ndjson"), _TABLES),
    ".npy": (array.NUMPY,),
    ".npz": (array.NUMPY_DICT,),
    ".json": (document.JSON,),
    ".safetensors": (model.SAFETENSORS_TORCH, model.SAFETENSORS),
    **dict.fromkeys(model.TORCH, (model.TORCH_STATE,)),
    **dict.fromkeys(model.PICKLE.readers, (model.PICKLE,)),
    **dict.fromkeys(content.TEXT.readers, (content.TEXT,)),
    **dict.fromkeys(figure.PICTURE.readers, (figure.PICTURE,)),
}


def save(obj: Any, path: Path) -> list[tuple[Path, Facts]]:
    """Write an object to `path`, atomically, and give every file written with its facts.

    Parameters
    ----------
    obj : object
        A table, array, model, figure, dictionary, list, bytes, text, open file, or the path of a file or folder.
    path : pathlib.Path
        Where to; its suffix chooses the format.

    Returns
    -------
    list of (pathlib.Path, dict)
        One file, or one for each file of a folder. Facts hold ``type`` and ``rows``, ``columns`` or ``shape``.

    Raises
    ------
    BranchbookError
        USAGE when the object has no such format, PATH_UNKNOWN when it names no file, DISK_FULL, PERMISSION_DENIED
        or IO from the disk. The old file is then untouched.
    """
    try:
        if content.is_source(obj):
            return _save_source(obj, path)
        family = _family_for(obj, path)
        with replacing(path) as temporary:
            _write(family, obj, temporary)
        return [(path, {**family.describe(obj), "type": family.type})]
    except OSError as error:
        raise _disk_error(error, path) from error


def _save_source(obj: Any, path: Path) -> list[tuple[Path, Facts]]:
    source = content.source_path(obj)
    if source is None:
        return [(path, {"type": content.write_source(obj, path)})]
    return [(file, {"type": "file"}) for file in content.copy_path(source, path)]


def _family_for(obj: Any, path: Path) -> Family:
    suffix = path.suffix.lower()
    owners = [family for family in FAMILIES if family.owns(obj)]
    for family in owners:
        if suffix in family.writers:
            return family
    kind = f"{type(obj).__module__.partition('.')[0]} {type(obj).__name__}".removeprefix("builtins ")
    raise BranchbookError(
        "USAGE",
        f"A {kind} cannot be written as {suffix or 'a file without a suffix'}.",
        {"argument": "path", "reason": suffix},
        f"Give a path that ends in one of: {_suffixes(owners)}.",
    )


def _suffixes(families: Iterable[Family]) -> str:
    return ", ".join(dict.fromkeys(suffix for family in families for suffix in family.writers))


def _write(family: Family, obj: Any, path: Path) -> None:
    """Write through the family; a library's complaint about the object becomes a usage error in its words."""
    suffix = path.suffix.lower()
    try:
        family.writers[suffix](obj, path)
    except (BranchbookError, OSError):
        raise
    except ImportError as error:
        raise _library_missing(error, f"Writing {suffix}") from error
    except Exception as error:
        raise BranchbookError(
            "USAGE",
            f"This {type(obj).__name__} cannot be written as {suffix}: {error}",
            {"argument": "obj", "reason": type(error).__name__},
            "Change the values it complains about, or choose another suffix.",
        ) from error


def load(file: Path, name: str, facts: Facts | None, trusted: bool) -> Any:
    """Read a version back to the type it was written from.

    Parameters
    ----------
    file : pathlib.Path
        A file with the version's content.
    name : str
        Project path of the version; its suffix tells the format.
    facts : dict or None
        Recorded when the version was made; ``type`` chooses the library.
    trusted : bool
        Whether code in the file may run.

    Returns
    -------
    object
        The object; `file` itself when it is of no type that is known here.

    Raises
    ------
    BranchbookError
        UNTRUSTED_PICKLE, FORMAT_INVALID for bytes that do not decode, USAGE when a library is not installed.
    """
    kind = (facts or {}).get("type")
    if kind in _AS_IS:
        return _read(_AS_IS[kind], kind, file, name)
    suffix = PurePosixPath(name).suffix.lower()
    family = _recorded(kind, suffix) or _default(suffix)
    if family is None:
        return file
    if suffix in family.unpickles and not trusted:
        raise _untrusted(name)
    return _read(family.readers[suffix], f"{family.type} {suffix}", file, name)


def _recorded(kind: str | None, suffix: str) -> Family | None:
    """Find the family a version was written by; an unknown or foreign type is read by its suffix."""
    return next((family for family in FAMILIES if family.type == kind and suffix in family.readers), None)


def _default(suffix: str) -> Family | None:
    candidates = _DEFAULTS.get(suffix, ())
    imported = (family for family in candidates if family.imported)
    installed = (family for family in candidates if family.installed)
    return next(imported, None) or next(installed, None) or next(iter(candidates), None)


def _read(reader: Reader, kind: str, file: Path, name: str) -> Any:
    try:
        return reader(file)
    except ImportError as error:
        raise _library_missing(error, f"Loading {name}") from error
    except OSError as error:
        raise _disk_error(error, Path(name)) from error
    except Exception as error:
        raise BranchbookError(
            "FORMAT_INVALID",
            f"{name} could not be read as {kind}: {error}",
            {"format": kind, "reason": type(error).__name__},
            "Get the file itself with output=… to look into it.",
        ) from error


def _library_missing(error: ImportError, what: str) -> BranchbookError:
    return BranchbookError(
        "USAGE",
        f"{what} needs a Python package that is not installed: {error}.",
        {"argument": "library", "reason": error.name or ""},
        f"Install it: pip install {error.name or 'it'}.",
    )


def _untrusted(name: str) -> BranchbookError:
    return BranchbookError(
        "UNTRUSTED_PICKLE",
        f"{name} was not made by you: loading it can run any code that its author put in.",
        {"path": name, "revision": ""},
        "If you trust its author, load it with --trust (in Python: trust=True).",
    )


def _disk_error(error: OSError, path: Path) -> BranchbookError:
    codes = {errno.ENOSPC: "DISK_FULL", errno.EDQUOT: "DISK_FULL", errno.EACCES: "PERMISSION_DENIED"}
    codes[errno.EPERM] = "PERMISSION_DENIED"
    reason = error.strerror or str(error)
    return BranchbookError(
        codes.get(error.errno or 0, "IO"),
        f"{path}: {reason}.",
        {"path": str(path), "reason": reason},
        "Nothing was changed; make room or check the folder's permissions and try again.",
    )
