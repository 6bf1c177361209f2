"""Make the example project: real data, a notebook, and a trained model on each of two branches.

    python examples/create.py FOLDER

The data is the breast cancer data set (569 tumours, 30 measurements) that scikit-learn ships. On ``main`` the notebook
trains on five measurements; on ``experiment-1`` it trains on all of them. Both are executed for real, so every output,
model and metric in the project was made by the notebook you open.
"""

from __future__ import annotations

import argparse
import getpass
import shutil
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from sklearn.datasets import load_breast_cancer

import branchbook as bb

FIVE = ["mean radius", "mean texture", "mean smoothness", "mean symmetry", "mean fractal dimension"]

README = """# Breast cancer: an example project

Open `train.ipynb`. Its toolbar shows the branch, `main`; choose `experiment-1` and see notebook, model and metrics
change together. The panel on the left lists every version of the data and the models.
"""


def cells(features: str) -> list[nbformat.NotebookNode]:
    """The notebook's cells; ``features`` is a Python expression for the list of columns to train on."""
    markdown, code = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
    return [
        markdown(
            "# Which tumours are malignant?\n\n"
            "569 tumours, measured under the microscope. "
            "The branch in the toolbar decides which measurements the model sees."
        ),
        code(
            "import pandas as pd\n"
            "from sklearn.linear_model import LogisticRegression\n"
            "from sklearn.metrics import accuracy_score, recall_score, roc_auc_score\n"
            "from sklearn.model_selection import train_test_split\n"
            "from sklearn.pipeline import make_pipeline\n"
            "from sklearn.preprocessing import StandardScaler\n\n"
            "%load_ext branchbook"
        ),
        code('tumours = pd.read_parquet("data/tumours.parquet")\ntumours.head()'),
        code(f"features = {features}\nlen(features)"),
        code(
            'seen, unseen = train_test_split(tumours, test_size=0.3, random_state=7, stratify=tumours["malignant"])\n'
            "model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))\n"
            'model.fit(seen[features], seen["malignant"])\n'
            "guess = model.predict(unseen[features])\n"
            "chance = model.predict_proba(unseen[features])[:, 1]\n"
            'scores = {\n    "accuracy": accuracy_score(unseen["malignant"], guess),\n'
            '    "recall": recall_score(unseen["malignant"], guess),\n'
            '    "roc_auc": roc_auc_score(unseen["malignant"], chance),\n    "features": len(features),\n}\nscores'
        ),
        code('%bb snapshot model models/classifier.joblib -m "Train the classifier"'),
        code('%bb snapshot scores metrics/classifier.json -m "Measure the classifier"'),
    ]


def execute(path: Path, features: str) -> None:
    """Write the notebook to ``path`` and run it there, as a person pressing "Run all" would."""
    notebook = nbformat.v4.new_notebook(
        cells=cells(features),
        metadata={"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}},
    )
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"step-{number}"
    nbformat.write(notebook, path)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}}).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    nbformat.write(notebook, path)


def create(folder: Path) -> None:
    """Make the project in ``folder``, replacing an unfinished one."""
    finished = folder / ".git" / "branchbook" / "example-complete"
    if folder.exists():
        if finished.exists() or not (folder / ".git").is_dir():
            raise SystemExit(f"{folder} exists already; choose another folder or remove it first")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    user = getpass.getuser()
    repo = bb.init(folder, name=user, email=f"{user}@localhost")
    (folder / "README.md").write_text(README)

    frame = load_breast_cancer(as_frame=True).frame
    frame["malignant"] = frame.pop("target") == 0
    repo.snapshot(frame, "data/tumours.parquet", message="Add the tumour measurements that scikit-learn ships")
    execute(folder / "train.ipynb", repr(FIVE))
    repo.snapshot(message="Baseline: five measurements")

    repo.branch("experiment-1", switch=True)
    execute(folder / "train.ipynb", '[column for column in tumours if column != "malignant"]')
    repo.snapshot(message="Experiment 1: all thirty measurements")
    repo.switch("main")
    finished.touch()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    create(parser.parse_args().folder.resolve())
