"""The client against a real core: every method, as a script would use it."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from conftest import git
from pandas.testing import assert_frame_equal
from polars.testing import assert_frame_equal as assert_polars_equal

import branchbook as bb
from branchbook._core import ensure_core
from branchbook.completion import ACTIONS, OPTIONS


def frame(rows: int) -> pd.DataFrame:
    return pd.DataFrame({"x": range(rows), "y": np.linspace(0, 1, rows)})


def test_versions_of_an_object(project: bb.Repo) -> None:
    first = project.snapshot(frame(1000), "data/sales.parquet", message="raw")
    second = project.snapshot(frame(900), "data/sales.parquet", message="clean")
    [asset] = second.assets
    assert (asset.facts.rows, asset.previous.facts.rows, second.snapshot.subject) == (900, 1000, "clean")
    assert "−100 rows" in repr(second)
    versions = project.versions("data/sales.parquet").versions
    assert [version.id for version in versions] == [second.snapshot.id, first.snapshot.id]
    assert_frame_equal(project.get("data/sales.parquet@main~1"), frame(1000))
    assert_frame_equal(project.get("data/sales.parquet"), frame(900))
    assert_frame_equal(project.get(versions[1].address), frame(1000))


def test_types_come_back(project: bb.Repo) -> None:
    table = pl.DataFrame({"a": [[1], []]})
    project.snapshot(table, "data/t.parquet")
    project.snapshot(np.arange(3), "data/a.npy")
    project.snapshot("text\n", "notes.md")
    assert_polars_equal(project.get("data/t.parquet@main"), table)
    assert project.get("data/a.npy@main").tolist() == [0, 1, 2]
    assert project.get("notes.md@main") == "text\n"


def test_taking_the_same_snapshot_twice(project: bb.Repo) -> None:
    first = project.snapshot(frame(10), "data/a.parquet")
    again = project.snapshot(frame(10), "data/a.parquet")
    assert again.snapshot.id == first.snapshot.id and len(again.changes) == 0
    assert len(project.versions("data/a.parquet").versions) == 1
    assert project.snapshot().snapshot.id == first.snapshot.id


def test_snapshots_of_files_and_folders(project: bb.Repo) -> None:
    (project.root / "data" / "deep").mkdir(parents=True)
    (project.root / "data" / "a.csv").write_text("a\n1\n")
    (project.root / "data" / "deep" / "b.csv").write_text("b\n2\n")
    (project.root / "other.txt").write_text("x")
    result = project.snapshot("data", message="two files")
    assert sorted(asset.path for asset in result.assets) == ["data/a.csv", "data/deep/b.csv"]
    status = project.status()
    assert [change.path for change in status.changes] == ["other.txt"] and not status.clean
    assert len(project.snapshot().changes) == 1 and project.status().clean


def test_a_folder_as_an_object(project: bb.Repo, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("a.bin", "b.bin"):
        (source / name).write_bytes(os.urandom(100))
    result = project.snapshot(source, "data/raw")
    assert [asset.path for asset in result.assets] == ["data/raw/a.bin", "data/raw/b.bin"]


def test_branches_switch_files(project: bb.Repo) -> None:
    project.snapshot(frame(10), "data/a.parquet")
    project.branch("experiment", switch=True)
    project.snapshot(frame(5), "data/a.parquet")
    switched = project.switch("main")
    assert list(switched.changed) == ["data/a.parquet"]
    assert len(pd.read_parquet(project.root / "data/a.parquet")) == 10
    project.undo()
    assert project.status().branch == "experiment"
    assert len(pd.read_parquet(project.root / "data/a.parquet")) == 5
    redone = project.undo(redo=True)
    assert redone.redone.description == "switch experiment → main" and str(redone).startswith("Done again: switch")
    assert str(project.undo()).startswith("Undone: switch experiment → main")
    project.branch("experiment", rename="trial")
    assert {branch.name for branch in project.branch().branches} == {"main", "trial"}
    with pytest.raises(bb.BranchbookError) as caught:
        project.undo(redo=True)
    assert caught.value.code == "NOTHING_TO_UNDO"
    project.switch("main")
    with pytest.raises(bb.BranchbookError) as caught:
        project.branch("trial", delete=True)
    assert caught.value.code == "BRANCH_NOT_MERGED"
    assert project.merge("trial").kind == "fast-forward"
    project.branch("trial", delete=True)
    assert [branch.name for branch in project.branch().branches] == ["main"]


def test_leaving_snapshots_that_no_branch_has(project: bb.Repo) -> None:
    project.snapshot("one", "a.txt")
    project.switch("main", detach=True)
    project.snapshot("two", "a.txt")
    switched = project.switch("main")
    assert "branchbook branch NAME --from" in switched.notices[0]
    assert switched.notices[0] in str(switched)
    project.switch("main", detach=True)
    project.snapshot("three", "a.txt")
    created = project.branch("other", start="main", switch=True)
    assert created.switched.notices[0] in str(created)


def test_a_dirty_switch_is_refused_then_parked(project: bb.Repo) -> None:
    project.snapshot("one", "a.txt")
    project.branch("other", switch=True)
    project.snapshot("two", "a.txt")
    (project.root / "a.txt").write_text("three")
    with pytest.raises(bb.BranchbookError) as caught:
        project.switch("main")
    assert caught.value.code == "WORK_TREE_DIRTY" and caught.value.hint
    assert project.switch("main", changes="park").parked
    assert project.get("a.txt@other") == "three"


def test_conflicts_are_decided_by_side(project: bb.Repo) -> None:
    project.snapshot(frame(3), "data/a.parquet")
    project.branch("left")
    project.branch("right", switch=True)
    project.snapshot(frame(4), "data/a.parquet")
    project.switch("left")
    project.snapshot(frame(5), "data/a.parquet")
    with pytest.raises(bb.BranchbookError) as caught:
        project.merge("right")
    assert caught.value.code == "MERGE_CONFLICT"
    assert caught.value.data["conflicts"][0]["path"] == "data/a.parquet"
    assert project.merge("right", theirs=["data/a.parquet"]).kind == "merge"
    assert_frame_equal(project.get("data/a.parquet"), frame(4))


def test_metrics_are_compared(project: bb.Repo) -> None:
    path = project.metrics({"auc": np.float64(0.5), "n": 3}, "model")
    assert path == project.root / "metrics" / "model.json"
    project.snapshot()
    project.branch("better", switch=True)
    project.metrics({"auc": 0.75, "n": 3}, "model", snapshot=True)
    compared = project.compare("main", "better")
    [auc] = [row for row in compared.metrics if row.name == "auc"]
    assert auc.values == (0.5, 0.75)
    assert "0.75" in repr(compared) and "0.75" in compared._repr_html_()


def test_restore_show_assets_track_check(project: bb.Repo) -> None:
    project.snapshot(frame(3), "data/a.parquet", message="three")
    project.snapshot(frame(4), "data/a.parquet", message="four")
    project.restore("data/a.parquet@main~1")
    assert len(pd.read_parquet(project.root / "data/a.parquet")) == 3
    assert [change.path for change in project.status().changes] == ["data/a.parquet"]
    assert project.show("data/a.parquet@main~1").version.subject == "three"
    assert project.show("@main").snapshot.subject == project.show("main").snapshot.subject == "four"
    assert [asset.path for asset in project.assets().assets] == ["data/a.parquet"]
    assert "*.weights" in project.track("*.weights").added
    assert project.check(read_data=True).findings == ()
    assert project.gc(dry_run=True, grace="0d").removed.contents == 0
    assert project.undo(list=True).operations


def test_every_result_shows_in_both_forms(project: bb.Repo) -> None:
    project.snapshot(frame(3), "data/a.parquet")
    project.branch("other")
    results = [
        project.status(),
        project.assets(),
        project.versions("data/a.parquet"),
        project.show("@main"),
        project.show("data/a.parquet@main", chunks=True),
        project.compare("main", "other"),
        project.check(),
        project.gc(),
        project.track("*.weights"),
        project.branch(),
        project.switch("other"),
        project.merge("main"),
        project.restore("data/a.parquet@main"),
        project.undo(list=True),
    ]
    for result in results:
        bundle = result._repr_mimebundle_()
        assert bundle["text/plain"].strip() and bundle["text/html"].startswith("<div")


def test_get_to_a_file(project: bb.Repo, tmp_path: Path) -> None:
    project.snapshot(b"old", "data/a.bin")
    project.snapshot(b"new", "data/a.bin")
    target = project.get("data/a.bin@main~1", output=tmp_path / "old.bin")
    assert target.read_bytes() == b"old"


def test_a_model_made_by_somebody_else_is_not_unpickled(project: bb.Repo) -> None:
    project.snapshot({"a": (1, 2)}, "models/m.pkl")
    assert project.get("models/m.pkl@main") == {"a": (1, 2)}
    git(project.root, "config", "user.email", "eve@example.org")
    with pytest.raises(bb.BranchbookError) as caught:
        project.get("models/m.pkl@main")
    assert caught.value.code == "UNTRUSTED_PICKLE"
    assert project.get("models/m.pkl@main", trust=True) == {"a": (1, 2)}


@pytest.mark.parametrize("arrive", ["fetch", "cherry-pick"])
def test_a_model_made_elsewhere_in_our_name_is_not_unpickled(project: bb.Repo, tmp_path: Path, arrive: str) -> None:
    clone = tmp_path / "hostile"
    git(tmp_path, "clone", "--quiet", str(project.root), str(clone))
    git(clone, "config", "user.name", "Ada Lovelace")
    git(clone, "config", "user.email", "ada@example.org")
    (clone / ".gitattributes").write_text("")
    (clone / "gift.pkl").write_bytes(pickle.dumps({"harmless": False}))
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "-m", "commit: a gift")
    git(project.root, "fetch", "--quiet", str(clone), "main:gift")
    if arrive == "cherry-pick":
        git(project.root, "cherry-pick", "gift")
    with pytest.raises(bb.BranchbookError) as caught:
        project.get("gift.pkl@gift" if arrive == "fetch" else "gift.pkl@main")
    assert caught.value.code == "UNTRUSTED_PICKLE"


def test_paths_are_relative_to_the_folder_opened(project: bb.Repo) -> None:
    (project.root / "notebooks").mkdir()
    repo = bb.open(project.root / "notebooks")
    repo.snapshot("x", "../data/a.txt")
    assert repo.get("../data/a.txt@main") == "x"
    assert [version.path for version in repo.versions("../data/a.txt").versions] == ["data/a.txt"]


def test_outside_a_project(tmp_path: Path) -> None:
    with pytest.raises(bb.BranchbookError) as caught:
        bb.open(tmp_path)
    assert caught.value.code == "NOT_A_PROJECT" and "init" in caught.value.hint


def test_import_is_light() -> None:
    heavy = "pandas numpy pyarrow polars sklearn matplotlib plotly torch IPython tornado jupyter_server".split()
    code = f"import sys, branchbook; print([name for name in {heavy!r} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_the_command_line_runs_from_python(project: bb.Repo) -> None:
    command = [sys.executable, "-m", "branchbook", "status"]
    assert "main" in subprocess.check_output(command, text=True, cwd=project.root)
    wrong = subprocess.run([*command[:3], "no-such-verb"], capture_output=True, text=True, cwd=project.root)
    assert wrong.returncode == 2 and wrong.stderr


def test_completion_knows_the_options_of_the_command_line(project: bb.Repo) -> None:
    """Options that only programs use, and those every verb has, are left out."""
    common = {"--help", "--json"}
    for_programs = {"--notebook", "--cell", "--kernel", "--library", "--facts", "--token"}
    magic_only = {"--as", "--trust"}
    for verb, options in OPTIONS.items():
        helps = [[verb, "--help"], *([verb, action, "--help"] for action in ACTIONS.get(verb, ()))]
        text = "".join(ensure_core().command(words, str(project.root))["stdout"] for words in helps)
        listed = set(re.findall(r"^\s+(?:-\w, )?(--[\w-]+)", text, re.MULTILINE))
        assert listed - common - for_programs == set(options) - magic_only, verb
