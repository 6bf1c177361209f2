"""How models, texts, trees and notebooks are put into words and tables: what is in them, and what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .compare_view import number
from .display import Table, View

Data = Mapping[str, Any]
_LONGEST_LIST = 40
_CHARACTERS = 200
_MARKS = {"-": "−", "@": "…"}


def document_tables(content: Data) -> list[Table]:
    """Give the tables that describe what is in a version that is no table."""
    if content["kind"] == "model":
        return _model(content)
    if content["kind"] in ("binary", "unreadable"):
        head = content["head"]
        lines = [[f"{at // 2:04x}", head[at : at + 32]] for at in range(0, len(head), 32)]
        return [Table((content.get("type") or content["reason"], "first bytes"), lines)]
    facts = [["type", content["mime"]]]
    if "width" in content:
        facts.append(["pixels", f"{content['width']} × {content['height']}"])
    text = content.get("text", "").split("\n")[:_LONGEST_LIST] if "text" in content else []
    return [Table(("content", ""), facts), *([Table(("text",), [[_cut(line)] for line in text])] if text else [])]


def _model(model: Data) -> list[Table]:
    facts = [
        ["format", model["format"]],
        ["framework", model["framework"] or "–"],
        ["estimator", model["estimator"] or "–"],
        ["parameters", "–" if model["parameters"] is None else f"{model['parameters']:,}"],
        ["features", ", ".join(model["features"][:_LONGEST_LIST]) if model["features"] else "–"],
    ]
    sections = [
        (("setting", "value"), [[name, number(value)] for name, value in model["settings"].items()]),
        (("tensor", "type", "shape"), [[t["name"], t["type"], _shape(t["shape"])] for t in model["tensors"]]),
        (("metric", "value", "file"), [[m["name"], number(m["value"]), m["path"]] for m in model["metrics"]]),
        (("trained with",), [[dataset["address"]] for dataset in model["trainedOn"]]),
    ]
    return [Table(("model", ""), facts), *(Table(names, rows[:_LONGEST_LIST]) for names, rows in sections if rows)]


def _shape(shape: list[int]) -> str:
    return " × ".join(f"{length:,}" for length in shape) or "scalar"


def _cut(text: str) -> str:
    return text if len(text) <= _CHARACTERS else f"{text[: _CHARACTERS - 1]}…"


def document_diff_view(title: str, diff: Data) -> View:
    """Give the view of a change inside a model, a tree, a notebook, a text, a picture or a sound."""
    if diff["kind"] == "model":
        rows = [[name, before, after] for name, before, after in _model_rows(diff["from"], diff["to"])]
        detail = "" if rows else "Both say the same of themselves."
        return View(title, detail, [Table(("", "before", "after"), rows)] if rows else [])
    if diff["kind"] == "tree":
        return _tree(title, diff)
    if diff["kind"] == "notebook":
        return _notebook(title, diff)
    if diff["kind"] == "text":
        rows = [_line(line) for line in diff["lines"][: 5 * _LONGEST_LIST]]
        more = ["… and more"] if diff["truncated"] or len(rows) < len(diff["lines"]) else []
        return View(title, "" if rows else "Only line ends differ.", [Table(("", "line"), rows)] if rows else [], more)
    return View(title, f"The {diff['kind']} differs; JupyterLab shows both side by side.")


def _model_rows(before: Data, after: Data) -> Iterator[tuple[str, str, str]]:
    for name in ("format", "framework", "estimator", "parameters"):
        if before[name] != after[name]:
            yield name, number(before[name]), number(after[name])
    for read in (_settings, _metrics):
        old, new = read(before), read(after)
        for name in dict.fromkeys([*old, *new]):
            if old.get(name) != new.get(name):
                yield name, old.get(name, "–"), new.get(name, "–")
    old_names, new_names = before["features"] or [], after["features"] or []
    lost = [name for name in old_names if name not in new_names]
    gained = [name for name in new_names if name not in old_names]
    if lost or gained:
        yield "features", _listed(lost), _listed(gained)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_LONGEST_LIST]) or "–"


def _settings(model: Data) -> dict[str, str]:
    return {name: "None" if value is None else number(value) for name, value in model["settings"].items()}


def _metrics(model: Data) -> dict[str, str]:
    return {metric["name"]: number(metric["value"]) for metric in model["metrics"]}


def _tree(title: str, diff: Data) -> View:
    rows = [
        [
            change["path"],
            _leaf(change, "from"),
            _leaf(change, "to"),
            "" if change["delta"] is None else f"{change['delta']:+.4g}",
        ]
        for change in diff["changes"][: 5 * _LONGEST_LIST]
    ]
    more = [f"… and {diff['total'] - len(rows):,} more"] if diff["total"] > len(rows) else []
    detail = f"{diff['total']:,} {'value differs' if diff['total'] == 1 else 'values differ'}"
    return View(title, detail, [Table(("value", "before", "after", "difference"), rows, frozenset({1, 2, 3}))], more)


def _leaf(change: Data, side: str) -> str:
    if side not in change:
        return "–"
    return "null" if change[side] is None else _cut(number(change[side]))


def _notebook(title: str, diff: Data) -> View:
    changed = [cell for cell in diff["cells"] if cell["change"] != "same"]
    same = len(diff["cells"]) - len(changed)
    rows = [row for cell in changed[:_LONGEST_LIST] for row in _cell_rows(cell)]
    notes = ["The notebook's metadata differs."] if diff["metadata"] else []
    detail = f"{len(changed):,} {'cell differs' if len(changed) == 1 else 'cells differ'}, {same:,} unchanged"
    return View(title, detail, [Table(("", "", "source"), rows)] if rows else [], notes)


def _cell_rows(cell: Data) -> Iterator[list[str]]:
    before, after = (None if at is None else at + 1 for at in cell["positions"])
    place = f"{before or after}" if before == after or before is None or after is None else f"{before} → {after}"
    output = ", output differs" if cell["change"] == "changed" and cell["outputs"] else ""
    yield [place, cell["change"], f"{cell['type']} cell{output}"]
    if cell["change"] != "moved":
        for line in cell["source"][: 2 * _LONGEST_LIST]:
            yield ["", *_line(line)]


def _line(line: Data) -> list[str]:
    return [_MARKS.get(line["mark"], line["mark"].strip()), _cut(line["text"])]
