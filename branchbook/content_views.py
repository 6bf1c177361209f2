"""What is in a version, as tables of a view."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .display import Bars, Table
from .document_view import document_tables

Data = Mapping[str, Any]
_COLUMNS_SHOWN = 100
_BROKEN_SHOWN = 10
_WIDEST = 48


def content_tables(content: Data | None) -> tuple[list[Table], list[str]]:
    """Give the tables that describe a content, and sentences to show below them."""
    if content is None:
        return [], []
    if content["kind"] == "table":
        return _table(content)
    return document_tables(content), list(content.get("notices", ()))


def _table(content: Data) -> tuple[list[Table], list[str]]:
    info = content["table"]
    columns = info["columns"]
    notes = list(info["notices"])
    if len(columns) > _COLUMNS_SHOWN:
        notes.append(f"… and {len(columns) - _COLUMNS_SHOWN:,} more columns")
    shape = f"{info['rows']:,} rows × {len(columns):,} columns"
    if "statistics" in content:
        tables = [_statistics(content["statistics"][:_COLUMNS_SHOWN], shape)]
        if any(column["kind"] in ("string", "list") for column in content["statistics"]):
            notes.append("In parentheses: lengths of texts and lists.")
    else:
        rows = [[_cut(column["name"]), _cut(column["type"])] for column in columns[:_COLUMNS_SHOWN]]
        tables = [Table((shape, "type"), rows)]
    if info["brokenCount"]:
        broken = [[f"{row['line']:,}", row["reason"], _cut(row["text"])] for row in info["broken"][:_BROKEN_SHOWN]]
        heading = f"{info['brokenCount']:,} broken lines"
        tables.append(Table((heading, "reason", "text"), broken))
    if "page" in content:
        tables.append(_page(content["page"]))
    return tables, notes


def _statistics(statistics: list[Data], shape: str) -> Table:
    headings = (shape, "type", "nulls", "distinct", "min", "median", "mean", "max", "values")
    rows = [
        [
            _cut(column["name"]),
            _cut(column["type"]),
            f"{column['nulls']:,}" if column["nulls"] else "",
            f"{'~' if column['approximate'] else ''}{column['distinct']:,}",
            _extreme(column, "minimum"),
            _cell((column["quantiles"] or [None] * 5)[2]),
            "" if column["kind"] in ("string", "list") else _cell(column["mean"]),
            _extreme(column, "maximum"),
            _values(column),
        ]
        for column in statistics
    ]
    return Table(headings, rows, frozenset(range(2, 8)))


def _extreme(column: Data, which: str) -> str:
    text = _cell(column[which])
    return f"({text})" if text and column["kind"] in ("string", "list") else text


def _values(column: Data) -> str | Bars:
    bins = column["histogram"]
    if bins and not column["top"]:
        return Bars(tuple(bin_["count"] for bin_ in bins), f"{bins[0]['low']} … {bins[-1]['high']}")
    shares = (
        f"{_cut(str(top['value']), 16)} {100 * top['count'] / column['count']:.0f} %" for top in column["top"][:2]
    )
    return ", ".join(shares)


def _page(page: Data) -> Table:
    shown = page["columns"][:_COLUMNS_SHOWN]
    first = page["offset"]
    rows = [
        [f"{first + place:,}", *("–" if cell is None else _cut(str(cell)) for cell in row[:_COLUMNS_SHOWN])]
        for place, row in enumerate(page["rows"])
    ]
    numeric = frozenset({0, *(place + 1 for place, column in enumerate(shown) if column["kind"] == "number")})
    return Table((f"of {page['total']:,}", *(_cut(column["name"]) for column in shown)), rows, numeric)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else _cut(str(value), 26)


def _cut(text: str, width: int = _WIDEST) -> str:
    line = text.replace("\n", "␤")
    return f"{line[: width - 1]}…" if len(line) > width else line
