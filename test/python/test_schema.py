"""A table's schema in a notebook: inferred, edited, checked with every snapshot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import branchbook as bb
from branchbook.views import view_of

TABLE = "data/orders.parquet"
FILE = f"schemas/{TABLE}.json"


def orders(rows: int = 200) -> pd.DataFrame:
    """Orders that are as they should be."""
    frame = pd.DataFrame({"order_id": range(rows)})
    frame["status"] = ["paid", "open", "cancelled", "paid"] * (rows // 4)
    frame["price"] = frame["order_id"] * 0.5
    frame["day"] = pd.Timestamp("2026-11-01") + pd.to_timedelta(frame["order_id"] % 30, unit="D")
    return frame


def edit(file: Path, **changes: Any) -> None:
    """Change the schema file as a person would."""
    schema = json.loads(file.read_text(encoding="utf-8"))
    columns = changes.pop("columns", {})
    schema |= changes
    for name, rules in columns.items():
        schema["columns"][name] |= rules
    file.write_text(json.dumps(schema, indent=2), encoding="utf-8")


def test_a_story_of_orders(project: bb.Repo) -> None:
    frame = orders()
    assert "anomalies" not in project.snapshot(frame, TABLE, message="first")
    inferred = project.schema("infer", TABLE)
    assert inferred.created and list(inferred.schema.key) == ["order_id"]
    types = {column.name: column.type for column in inferred.schema.columns}
    assert types == {"order_id": "integer", "status": "string", "price": "float", "day": "timestamp"}
    assert sorted(frame["status"].unique()) == list(inferred.schema.columns[1].domain)
    assert len(project.schema("check").tables[0].anomalies) == 0

    frame.loc[5:7, "status"] = "lost"
    frame.loc[9, "price"] = -1
    frame["note"] = "new"
    told = project.snapshot(frame, TABLE, message="with surprises")
    found = {anomaly.code: anomaly for anomaly in told.anomalies}
    assert set(found) == {"SCHEMA_NEW_COLUMN", "ENUM_TYPE_UNEXPECTED_STRING_VALUES", "FLOAT_TYPE_SMALL_FLOAT"}
    unexpected = found["ENUM_TYPE_UNEXPECTED_STRING_VALUES"]
    assert unexpected.rows == (frame["status"] == "lost").sum()
    assert unexpected.examples[0].value == "lost"
    assert 'below 0, for example "-1.0"' in found["FLOAT_TYPE_SMALL_FLOAT"].message
    assert "ENUM_TYPE_UNEXPECTED_STRING_VALUES" in repr(told)
    assert "&quot;lost&quot; (3 rows)" in told._repr_html_()


def test_a_rule_marked_fail_refuses(project: bb.Repo) -> None:
    project.snapshot(orders(), TABLE, message="first")
    project.schema("infer", TABLE)
    edit(project.root / FILE, rows={"ratio": {"min": 0.5}}, columns={"status": {"severity": "fail"}})
    project.snapshot(FILE, message="rules")
    head = project.show().snapshot.id
    bad = orders()
    bad.loc[0, "status"] = "lost"
    with pytest.raises(bb.BranchbookError) as refused:
        project.snapshot(bad, TABLE)
    assert refused.value.code == "SCHEMA_VIOLATED"
    assert '"lost"' in refused.value.message and "--allow-anomalies" in refused.value.hint
    assert refused.value.data["anomalies"][0]["column"] == "status"
    assert project.show().snapshot.id == head

    assert project.schema("check", TABLE).tables[0].anomalies[0].severity == "fail"
    taken = project.snapshot(bad, TABLE, allow_anomalies=True)
    assert len(taken.anomalies) == 1
    assert [anomaly.code for anomaly in project.snapshot(orders(40), TABLE).anomalies] == [
        "COMPARATOR_LOW_NUM_EXAMPLES"
    ]


def test_the_magic_mirrors_it(project: bb.Repo, shell: Any) -> None:
    shell.user_ns["frame"] = orders()
    for line in (f"snapshot frame {TABLE}", f"schema infer {TABLE}", "snapshot -m rules"):
        shell.run_cell(f"%bb {line}").raise_error()
    shown = shell.run_cell(f"%bb schema show {TABLE}").result
    assert [column.name for column in shown.schema.columns] == ["order_id", "status", "price", "day"]
    assert "order_id" in repr(shown)
    again = shell.run_cell(f"%bb schema infer {TABLE}")
    assert "SCHEMA_EXISTS" in str(again.error_in_exec.code)
    assert "nothing to add" in repr(shell.run_cell(f"%bb schema infer {TABLE} --update").result)
    assert "As expected" in repr(shell.run_cell("%bb schema check").result)

    edit(project.root / FILE, columns={"status": {"domain": ["paid"], "severity": "fail"}})
    refused = shell.run_cell("%bb snapshot")
    assert refused.error_in_exec.code == "SCHEMA_VIOLATED"
    assert len(shell.run_cell("%bb snapshot --allow-anomalies").result.anomalies) == 1


def test_one_table_for_infer_and_show(project: bb.Repo) -> None:
    for action in ("infer", "show"):
        with pytest.raises(bb.BranchbookError, match="takes one table"):
            project.schema(action, "a.csv", "b.csv")


def test_texts_from_tables_are_data() -> None:
    hostile = "<img src=x onerror=alert(1)>\x1b[31m\u202e"
    anomaly = {
        "code": "SCHEMA_NEW_COLUMN",
        "severity": "warn",
        "path": hostile,
        "column": hostile,
        "summary": "",
        "message": hostile,
        "hint": hostile,
        "rows": None,
        "examples": [],
    }
    table = {"path": hostile, "file": hostile, "rows": 1, "columns": 1, "anomalies": [anomaly] * 50}
    from branchbook.display import to_html, to_text

    view = view_of("schema", {"action": "check", "tables": [table], "notices": []})
    assert "<img" not in to_html(view) and "&lt;img" in to_html(view)
    assert "\x1b" not in to_text(view) and "\u202e" not in to_text(view)
    assert "… and 10 more" in to_text(view)
