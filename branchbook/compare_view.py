"""How a comparison of branches is put into words and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .display import Table, View, size

Data = Mapping[str, Any]
_LONGEST_LIST = 40
_ARROWS = {"higher": " ↑", "lower": " ↓"}


def compare_view(data: Data) -> View:
    """Give the view of `compare`: verdicts stand in words, since colour alone tells nothing to some."""
    names = [revision["name"] for revision in data["revisions"]]
    files = data["files"]
    apart = "; ".join(
        f"{revision['name']}: {revision['ahead']} ahead, {revision['behind']} behind"
        for revision in data["revisions"][1:]
    )
    differing = f"{len(files):,} differing {'file' if len(files) == 1 else 'files'}"
    params = [row for row in data.get("params", ()) if any(value != row["values"][0] for value in row["values"])]
    tables = [
        _table(("metrics file", "metric", *names), [_metric(row) for row in data["metrics"]]),
        _table(("parameters of", "parameter", *names), [_param(row) for row in params]),
        _table(("dataset", "", *names), [_dataset(row) for row in data.get("datasets", ())]),
        _table(("model", "", *names), [_model(row) for row in data.get("models", ())]),
        _table(("file", "kind", *names), [_file(file) for file in files]),
    ]
    shown = [table for table in tables if table.rows]
    return View(f"Compared {' with '.join(names)}", f"{differing}. {apart}".rstrip(". "), shown)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    return Table(headings, rows[:_LONGEST_LIST], frozenset(range(2, len(headings))))


def number(value: Any) -> str:
    """Spell a value of a metric or parameter to six digits; None is a dash."""
    if value is None:
        return "–"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _metric(row: Data) -> list[str]:
    direction = row.get("direction")
    base = row["values"][0]
    cells = [number(base), *(f"{number(value)}{_change(direction, base, value)}" for value in row["values"][1:])]
    return [row["path"], f"{row['name']}{_ARROWS.get(direction, '')}", *cells]


def _change(direction: str | None, base: Any, value: Any) -> str:
    if not all(isinstance(item, int | float) for item in (base, value)):
        return ""
    if value == base:
        return " (=)"
    share = f", {100 * (value - base) / abs(base):+.3g} %" if base else ""
    verdict = "" if direction is None else " better" if (value > base) == (direction == "higher") else " worse"
    return f" ({value - base:+.4g}{share}){verdict}"


def _param(row: Data) -> list[str]:
    return [row["path"], row["name"], *(number(value) for value in row["values"])]


def _dataset(row: Data) -> list[str]:
    return [row["path"], row.get("reason", ""), *map(_rows, row["rows"], row["deltas"])]


def _rows(rows: int | None, delta: Data | None) -> str:
    if rows is None:
        return "–"
    if delta is None:
        return f"{rows:,} rows"
    drift = f", drift: {delta['drift']}" if delta["drift"] not in (None, "none") else ""
    return f"{rows:,} rows (+{delta['added']:,} −{delta['removed']:,} ~{delta['changed']:,}{drift})"


def _model(row: Data) -> list[str]:
    return [row["path"], "", *(_version(version) for version in row["versions"])]


def _version(version: Data | None) -> str:
    if version is None:
        return "–"
    parameters = "" if version["parameters"] is None else f", {version['parameters']:,} parameters"
    return f"{version['estimator'] or version['format']}{parameters}, {size(version['size'])}"


def _file(file: Data) -> list[str]:
    return [file["path"], file["kind"], *(size(value) for value in file["sizes"])]
