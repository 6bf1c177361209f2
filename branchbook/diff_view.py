"""How a diff is put into words and tables: which files differ, and inside one file what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .display import Table, View, size
from .document_view import document_diff_view

Data = Mapping[str, Any]
_LONGEST_LIST = 40
_COLUMNS_SHOWN = 12
_CELL_CHARACTERS = 60
_MARKS = {"added": "+", "removed": "−", "modified": "~", "changed": "~", "same": "="}
_SOURCES = {
    "named": "as named",
    "declared": "declared in the schema file",
    "index": "the file's own index",
    "found": "found: the smallest that is unique on both sides",
}


def diff_view(data: Data) -> View:
    """Give the view of `diff`."""
    files = data["files"]
    title = f"{data['from']['name']} → {data['to']['name']}"
    if len(files) == 1 and "content" in files[0]:
        return _content(f"{files[0]['path']}: {title}", files[0]["content"])
    rows = [
        [_MARKS[file["change"]], file["path"], *(size(amount) for amount in file["sizes"])]
        for file in files[:_LONGEST_LIST]
    ]
    more = [f"… and {len(files) - len(rows)} more"] if len(files) > len(rows) else []
    detail = (
        "No file differs." if not files else f"{len(files):,} {'file differs' if len(files) == 1 else 'files differ'}"
    )
    if len(files) == 1 and files[0]["change"] == "same":
        detail = "The file is the same."
    return View(title, detail, [Table(("", "file", "before", "after"), rows, frozenset({2, 3}))] if rows else [], more)


def _content(title: str, content: Data) -> View:
    make: Callable[[str, Data], View] | None = {"table": _table, "opaque": _opaque}.get(content["kind"])
    return make(title, content) if make else document_diff_view(title, content)


def _opaque(title: str, content: Data) -> View:
    return View(title, content["reason"])


def _table(title: str, diff: Data) -> View:
    counts = diff["counts"]
    detail = (
        f"+{counts['added']:,} added, −{counts['removed']:,} removed, ~{counts['changed']:,} changed, "
        f"{counts['unchanged']:,} unchanged; {counts['from']:,} → {counts['to']:,} rows"
    )
    broken = diff["broken"]["from"] + diff["broken"]["to"]
    warnings = [*_odd_keys(diff), *([f"{broken:,} rows could not be read and were left out."] if broken else [])]
    tables = [
        *_schema(diff["schema"]),
        *([_rows(diff)] if diff["rows"] else []),
        *([_drift(diff["drift"])] if diff.get("drift") else []),
    ]
    notes = [
        _key(diff["key"]),
        *_cells(diff["changedCells"]),
        *_renamed(diff["schema"]),
        *diff["notices"],
        *_more(diff),
    ]
    return View(title, detail, tables, notes, warnings)


def _key(key: Data | None) -> str:
    if key is None:
        return "No key: rows were compared as a bag, so a changed row is one removed and one added."
    return f"Key: {', '.join(key['columns'])} ({_SOURCES[key['source']]})."


def _odd_keys(diff: Data) -> list[str]:
    found = []
    for name, words in (("duplicateKeys", "keys on several rows"), ("nullKeys", "rows with null in the key")):
        before, after = diff[name]["from"], diff[name]["to"]
        if before + after:
            found.append(f"{before:,} → {after:,} {words}: compared as a bag.")
    return found


def _cells(cells: Sequence[Data]) -> list[str]:
    shown = ", ".join(f"{cell['column']} {cell['count']:,}" for cell in cells[:_COLUMNS_SHOWN])
    more = f" and {len(cells) - _COLUMNS_SHOWN} more columns" if len(cells) > _COLUMNS_SHOWN else ""
    return [f"Changed cells: {shown}{more}."] if cells else []


def _schema(schema: Data) -> list[Table]:
    rows = [
        *(["+", column["name"], "", column["type"]] for column in schema["added"]),
        *(["−", column["name"], column["type"], ""] for column in schema["removed"]),
        *(["~", column["name"], column["from"], column["to"]] for column in schema["retyped"]),
    ]
    return [Table(("", "column", "type before", "type after"), rows[:_LONGEST_LIST])] if rows else []


def _renamed(schema: Data) -> list[str]:
    found = [
        f"{pair['from']} may have been renamed to {pair['to']}: {pair['similarity']:.1%} of their values are equal."
        for pair in schema["renamed"]
    ]
    return [*found, *(["The columns stand in another order."] if schema["reordered"] else [])]


def _rows(diff: Data) -> Table:
    columns = diff["columns"]
    shown = _columns_to_show(diff)
    headings = ("", *(columns[position]["name"] for position in shown))
    return Table(headings, [_row(row, shown) for row in diff["rows"]])


def _columns_to_show(diff: Data) -> list[int]:
    """The key and columns with changes first, when there are too many for a page."""
    keys = len(diff["key"]["columns"]) if diff["key"] else 0
    changed = {position for row in diff["rows"] for position in row["cells"]}
    ranked = sorted(range(len(diff["columns"])), key=lambda at: (0 if at < keys else 1 if at in changed else 2, at))
    return sorted(ranked[:_COLUMNS_SHOWN])


def _row(row: Data, shown: Sequence[int]) -> list[str]:
    now = row["to"] if row["to"] is not None else row["from"]
    cells = []
    for position in shown:
        text = _cell(now[position])
        changed = row["kind"] == "changed" and position in row["cells"]
        cells.append(f"{_cell(row['from'][position])} → {text}" if changed else text)
    return [_MARKS[row["kind"]], *cells]


def _cell(value: Any) -> str:
    text = "–" if value is None else str(value)
    return text if len(text) <= _CELL_CHARACTERS else f"{text[: _CELL_CHARACTERS - 1]}…"


def _more(diff: Data) -> list[str]:
    shown = len(diff["rows"])
    return [f"{shown:,} of {diff['total']:,} rows; `offset` and `limit` show others."] if shown < diff["total"] else []


def _drift(drift: Sequence[Data]) -> Table:
    rows = []
    for column in drift:
        values = {measure["name"]: measure for measure in column["measures"]}
        test = values.get("kolmogorov-smirnov") or values.get("chi-squared") or {}
        numbers = [values.get(name, {}).get("value") for name in ("psi", "jensen-shannon")]
        rows.append(
            [
                "ok" if column["level"] == "none" else column["level"],
                column["column"],
                *(" → ".join(f"{amount:,}" for amount in column[name]) for name in ("n", "nulls")),
                *(_number(value) for value in (*numbers, test.get("value"), test.get("pValue"))),
            ]
        )
    return Table(("", "column", "n", "nulls", "PSI", "JS (log2)", "KS D or χ²", "p"), rows, frozenset(range(2, 8)))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"
