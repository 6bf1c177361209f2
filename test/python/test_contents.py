"""Models of scikit-learn, notebooks and numbers: shown, compared, and checked against what Python itself says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import branchbook as bb

joblib = pytest.importorskip("joblib")
pytest.importorskip("sklearn")


@pytest.fixture
def trained(project: bb.Repo) -> bb.Repo:
    import pandas as pd
    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    frame = pd.DataFrame({"carat": range(40), "depth": [n % 7 for n in range(40)]})
    target = [int(n > 20) for n in range(40)]
    project.snapshot(frame, "data/d.parquet", message="data")
    project.metrics({"auc": 0.5, "loss": 2.0})
    project.snapshot(LogisticRegression(C=0.25).fit(frame, target), "models/m.joblib", message="logistic")
    project.snapshot(message="numbers")
    project.branch("boosted", switch=True)
    project.metrics({"auc": 0.75, "loss": 3.0})
    model = GradientBoostingClassifier(n_estimators=7, max_depth=2).fit(
        frame.rename(columns={"depth": "table"}), target
    )
    project.snapshot(model, "models/m.joblib", message="boosted")
    project.snapshot(message="numbers")
    return project


def test_models_are_described_as_python_does(trained: bb.Repo) -> None:
    shown = trained.show("models/m.joblib@main", used=True)
    content = shown.content
    model = trained.get("models/m.joblib@main", trust=True)
    assert content.estimator == type(model).__name__
    assert content.parameters == model.coef_.size + model.intercept_.size
    assert list(content.features) == list(model.feature_names_in_)
    assert content.settings["C"] == model.C
    assert [ref.name for ref in shown.usedBy] == ["main"]
    assert "LogisticRegression" in repr(shown) and "data/d.parquet@" in shown._repr_html_()


def test_changes_of_models_stand_side_by_side(trained: bb.Repo) -> None:
    diff = trained.diff("main", "boosted", "models/m.joblib")
    text = repr(diff)
    assert "GradientBoostingClassifier" in text and "n_estimators" in text
    [features] = [line.split() for line in text.splitlines() if line.startswith("features")]
    assert features == ["features", "depth", "table"]


def test_branches_are_compared_with_verdicts(trained: bb.Repo) -> None:
    compared = trained.compare("main", "boosted", content=True)
    directions = {row.name: row.direction for row in compared.metrics}
    assert directions == {"auc": "higher", "loss": "lower"}
    text = repr(compared)
    assert "0.75 (+0.25, +50 %) better" in text and "3 (+1, +50 %) worse" in text
    assert "| auc ↑ | 0.5 | 0.75 (+0.25, +50 %) 🟢 |" in compared.markdown
    [model] = compared.models
    assert model.versions[1].estimator == "GradientBoostingClassifier"


def test_the_timeline_has_all_branches(trained: bb.Repo) -> None:
    versions = trained.versions("models/m.joblib", all=True).versions
    assert [[ref.name for ref in version.containedIn] for version in versions] == [["boosted"], ["boosted", "main"]]
    # Both hold the same feature name and class; most bytes of the second are new.
    assert 0 < versions[0].newBytes <= versions[0].size
    assert versions[1].newBytes == versions[1].size


def test_notebooks_and_numbers_are_compared(project: bb.Repo) -> None:
    folder = Path(project.root)

    def write(source: str, rate: float) -> None:
        cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": source, "outputs": [], "execution_count": 1}
        notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (folder / "n.ipynb").write_text(json.dumps(notebook))
        (folder / "params.yaml").write_text(f"rate: {rate}\nname: <b>\n")

    write("x = 1\ny = 2", 0.5)
    project.snapshot(message="first")
    write("x = 1\ny = 3", 0.75)
    project.snapshot(message="second")
    assert "1 cell differs, 0 unchanged" in repr(project.diff("HEAD~1", "HEAD", "n.ipynb"))
    tree = project.diff("HEAD~1", "HEAD", "params.yaml")
    assert [(c.path, c["from"], c.to, c.delta) for c in tree.files[0].content.changes] == [("rate", 0.5, 0.75, 0.25)]
    assert "+0.25" in repr(tree)
    assert "&lt;b&gt;" in project.show("params.yaml")._repr_html_()
