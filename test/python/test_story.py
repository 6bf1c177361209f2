"""The main job through magics, and headless: nbclient and papermill run notebooks against a real core."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest

import branchbook as bb

TRAIN = """
import json
import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

data = load_breast_cancer(as_frame=True).frame

def train(features):
    train_rows, test_rows = train_test_split(data, random_state=0, stratify=data["target"])
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    model.fit(train_rows[features], train_rows["target"])
    return model, {"accuracy": model.score(test_rows[features], test_rows["target"]), "features": len(features)}
"""


def run(shell: Any, code: str) -> Any:
    """Run a cell as a user would; a failure fails the test."""
    outcome = shell.run_cell(code)
    outcome.raise_error()
    return outcome.result


def test_from_baseline_to_production_and_back(project: bb.Repo, shell: Any) -> None:
    run(shell, TRAIN)
    run(shell, "%bb branch baseline --switch")
    run(shell, '%bb snapshot data data/cancer.parquet -m "data as published"')
    run(shell, "model, scores = train(['mean radius'])")
    model = run(shell, '%bb snapshot model models/classifier.joblib -m "one feature"')
    run(shell, '%bb snapshot scores metrics/classifier.json -m "scores of one feature"')
    assert model.assets[0].facts.type == "scikit-learn" and model.snapshot.provenance.libraries["scikit-learn"]

    run(shell, "%bb switch main")
    assert not (project.root / "models/classifier.joblib").exists()
    assert run(shell, "%bb merge baseline").kind == "fast-forward"
    run(shell, "%bb branch prod")

    run(shell, "%bb branch experiment-1 --switch")
    run(shell, "model, scores = train(['mean radius', 'mean texture', 'worst area', 'worst concavity'])")
    run(shell, '%bb snapshot model models/classifier.joblib -m "four features"')
    run(shell, '%bb snapshot scores metrics/classifier.json -m "scores of four features"')

    compared = run(shell, "%bb compare prod experiment-1")
    rows = {row.name: row.values for row in compared.metrics}
    assert rows["features"] == (1, 4)
    assert rows["accuracy"][1] > rows["accuracy"][0]
    assert "accuracy" in repr(compared)

    switched = run(shell, "%bb switch prod")
    assert "models/classifier.joblib" in switched.changed and "still hold" in repr(switched)
    run(shell, "%bb merge experiment-1")
    run(shell, "%bb get models/classifier.joblib@prod --as now")
    run(shell, "%bb get models/classifier.joblib@prod~2 --as before")
    run(shell, "%bb get metrics/classifier.json@main --as claimed")
    names = shell.user_ns
    assert (names["now"].n_features_in_, names["before"].n_features_in_) == (4, 1)
    run(shell, "again = before.score(*[part for part in [data[['mean radius']], data['target']]])")
    run(shell, "reproduced = train(['mean radius'])[1]")
    assert names["reproduced"] == names["claimed"] and names["again"] > 0.8
    assert run(shell, "%bb check").findings == ()


def test_a_failure_stops_the_cell_with_one_message(project: bb.Repo, shell: Any, capsys: Any) -> None:
    outcome = shell.run_cell("%bb switch nowhere")
    assert outcome.error_in_exec.code == "BRANCH_UNKNOWN"
    printed = capsys.readouterr().out
    assert "nowhere" in printed and "Traceback" not in printed
    with pytest.raises(Exception, match="frobnicate"):
        shell.run_line_magic("bb", "frobnicate")


CELLS = [
    "%load_ext branchbook",
    "import pandas as pd\nfrom sklearn.linear_model import LinearRegression\n"
    "df = pd.DataFrame({'x': range(rows), 'y': [2.0 * n for n in range(rows)]})\n"
    "model = LinearRegression().fit(df[['x']], df['y'])",
    "%bb snapshot df data/line.parquet -m 'first rows'",
    "%bb snapshot model models/line.joblib -m 'first model'",
    "%bb branch shorter --switch",
    "df = df.head(5)",
    "%bb snapshot df data/line.parquet -m 'five rows'",
    "%bb switch main",
    "%bb get data/line.parquet@shorter --as short",
    "%bb get models/line.joblib@main --as old",
    "on_disk = pd.read_parquet('data/line.parquet')\nprint(len(on_disk), len(short), round(float(old.coef_[0]), 6))",
]


def notebook(parameters: str) -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})]
    cells += [nbformat.v4.new_code_cell(source) for source in CELLS]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def test_a_notebook_through_nbclient(project: bb.Repo) -> None:
    from nbclient import NotebookClient

    nb = notebook("rows = 20")
    NotebookClient(nb, kernel_name="python3", resources={"metadata": {"path": str(project.root)}}).execute()
    assert nb.cells[-1].outputs[0].text == "20 5 2.0\n"
    shown = nb.cells[3].outputs[0].data
    assert "20 rows × 2 columns" in shown["text/plain"] and "20 rows × 2 columns" in shown["text/html"]
    assert shown["application/vnd.branchbook.snapshot+json"]["branch"] == "main"
    assert project.status().branch == "main"


def test_a_failing_notebook_tells_why(project: bb.Repo) -> None:
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("%load_ext branchbook\n%bb switch nowhere")])
    with pytest.raises(CellExecutionError):
        NotebookClient(nb, kernel_name="python3", resources={"metadata": {"path": str(project.root)}}).execute()
    [output] = nb.cells[0].outputs
    assert output.ename == "MagicError" and "nowhere" in "".join(output.traceback)
    assert len(output.traceback) <= 2


def test_a_notebook_through_papermill(project: bb.Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    import papermill

    source = project.root / "train.ipynb"
    nbformat.write(notebook("rows = 10"), source)
    project.snapshot(message="notebook")
    monkeypatch.setenv("BRANCHBOOK_NOTEBOOK", "train.ipynb")
    done = papermill.execute_notebook(
        str(source), str(project.root.parent / "out.ipynb"), {"rows": 30}, cwd=str(project.root), progress_bar=False
    )
    assert done.cells[-1].outputs[0].text == "30 5 2.0\n"
    [version] = project.versions("data/line.parquet").versions
    assert version.provenance.notebook == "train.ipynb"
    assert version.provenance.kernel.startswith("python3 (CPython ")
    assert version.provenance.libraries.pandas == pd.__version__
    assert np.isclose(project.get("models/line.joblib@main").coef_[0], 2.0)
    assert Path(project.get("data/line.parquet@main", output=project.root.parent / "x.parquet")).exists()
