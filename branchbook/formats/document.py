"""Dictionaries and lists as JSON: metrics, parameters, reports."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ..errors import BranchbookError
from .family import Family


def to_plain(value: Any) -> Any:
    """Turn a value into what JSON can hold, keys in the order given.

    NumPy scalars and arrays become numbers and lists, dates ISO 8601 text, and the three numbers that JSON lacks
    the text ``"NaN"``, ``"Infinity"`` and ``"-Infinity"`` (``float()`` reads them back).

    Raises
    ------
    BranchbookError
        USAGE when a key is not text or a value has no JSON form.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else _non_finite(value)
    if isinstance(value, Mapping):
        return {_key(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "tolist") and hasattr(value, "dtype"):
        return to_plain(value.tolist())
    raise BranchbookError(
        "USAGE",
        f"A value of type {type(value).__name__} has no JSON form.",
        {"argument": "obj", "reason": type(value).__name__},
        "Convert it to numbers, text, lists and dictionaries, or snapshot it as .pkl.",
    )


def _key(key: Any) -> str:
    if isinstance(key, str):
        return key
    raise BranchbookError(
        "USAGE",
        f"JSON keys are text, this dictionary has the key {key!r}.",
        {"argument": "obj", "reason": "key"},
        "Use str(key) for its keys, or snapshot it as .pkl.",
    )


def _non_finite(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _write_json(obj: Any, path: Path) -> None:
    text = json.dumps(to_plain(obj), ensure_ascii=False, indent=2, allow_nan=False)
    path.write_bytes(f"{text}\n".encode())


def _read_json(path: Path) -> Any:
    return json.loads(path.read_bytes())


def write_lines(rows: Iterable[Any], path: Path) -> None:
    """Write one JSON value a line."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(json.dumps(to_plain(row), ensure_ascii=False, allow_nan=False) + "\n")


def _read_lines(path: Path) -> list[Any]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


JSON = Family(
    type="json",
    library=None,
    matches=lambda obj: isinstance(obj, dict | list),
    writers={".json": _write_json},
    readers={".json": _read_json},
)

JSON_LINES = Family(
    type="json.lines",
    library=None,
    matches=lambda obj: isinstance(obj, list),
    writers={".jsonl": write_lines, ".ndjson": write_lines},
    readers={".jsonl": _read_lines, ".ndjson": _read_lines},
    describe=lambda rows: {"rows": len(rows)},
)

FAMILIES = (JSON, JSON_LINES)
