"""How schemas of tables, and what is not as they say, are put into words and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .display import Table, View, count

Data = Mapping[str, Any]
_LONGEST_LIST = 40


def anomalies_table(anomalies: Sequence[Data]) -> list[Table]:
    """List what tables have that their schemas do not expect, the worst first."""
    ordered = sorted(anomalies, key=lambda anomaly: anomaly["severity"] != "fail")
    rows = [
        [anomaly["severity"], anomaly["path"], anomaly["message"], anomaly["code"], anomaly["hint"]]
        for anomaly in ordered[:_LONGEST_LIST]
    ]
    if len(ordered) > _LONGEST_LIST:
        rows.append([f"… and {len(ordered) - _LONGEST_LIST:,} more", "", "", "", ""])
    return [Table(("anomaly", "table", "what", "code", "what to do"), rows)] if rows else []


def schema_view(data: Data) -> View:
    """Give the view of what `schema` gave."""
    if data["action"] == "check":
        return _checked(data)
    if data["action"] == "show":
        warnings = [f"{where} means nothing here." for where in data["unknown"]]
        return View(data["path"], f"by {data['file']}", _rules_tables(data["schema"]), warnings=warnings)
    kept = [[item["where"], item["file"], item["data"]] for item in data["kept"][:_LONGEST_LIST]]
    tables = [Table(("left as it is", "in the file", "in the data"), kept)] if kept else []
    if data["created"]:
        title = f"{data['file']}: a first draft of what {data['path']} holds"
        return View(title, "Read it, correct it, then snapshot it.", _rules_tables(data["schema"]), data["notices"])
    added = [[item["where"], item["to"]] for item in data["added"][:_LONGEST_LIST]]
    if added:
        tables.insert(0, Table(("added", "rule"), added))
    what = f"{count(len(data['added']), 'rule')} added" if data["added"] else "nothing to add"
    return View(f"{data['file']}: {what}", tables=tables, notes=data["notices"])


def _checked(data: Data) -> View:
    anomalies = [anomaly for table in data["tables"] for anomaly in table["anomalies"]]
    checked = f"{count(len(data['tables']), 'table')} checked"
    title = count(len(anomalies), "anomaly") if anomalies else "As expected"
    return View(title, checked, anomalies_table(anomalies), data["notices"])


def _rules_tables(schema: Data) -> list[Table]:
    rows = []
    for column in schema["columns"][:_LONGEST_LIST]:
        rules = {name: value for name, value in column.items() if name not in ("name", "type", "description")}
        rows.append([column["name"], column.get("type", ""), ", ".join(_rule(*rule) for rule in rules.items())])
    if len(schema["columns"]) > _LONGEST_LIST:
        rows.append([f"… and {len(schema['columns']) - _LONGEST_LIST:,} more", "", ""])
    return [Table(("column", "type", "rules"), rows)] if rows else []


def _rule(name: str, value: Any) -> str:
    if name == "domain":
        return f"one of {count(len(value), 'value')}"
    return name if value is True else f"{name} {value}"
