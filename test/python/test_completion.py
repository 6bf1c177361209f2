"""Completion of the `%bb` line, and where provenance comes from. Neither needs a core."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import git

from branchbook import provenance
from branchbook.completion import complete

# --------------------------------------------------------------------------------------------- completion


@pytest.fixture
def branches(repository: Path) -> Path:
    git(repository, "commit", "--quiet", "--allow-empty", "-m", "start")
    for name in ("experiment-1", "team/prod"):
        git(repository, "branch", name)
    git(repository, "tag", "v1.0")
    git(repository, "pack-refs", "--all")
    git(repository, "branch", "fresh")
    (repository / "data").mkdir()
    (repository / "data" / "sales 2026.csv").touch()
    (repository / "data" / ".hidden").touch()
    return repository


@pytest.mark.parametrize(
    ("line", "fragment", "found"),
    [
        ("", "", None),
        ("sn", "sn", ["snapshot"]),
        ("switch ", "", ["experiment-1", "fresh", "main", "team/prod", "v1.0"]),
        ("switch team/", "team/", ["team/prod"]),
        ("merge --in", "--in", ["--into"]),
        ("merge x --into ma", "ma", ["main"]),
        ("restore da", "da", ["data/"]),
        ("get data/s", "data/s", ["data/sales\\ 2026.csv"]),
        ("get data/x.parquet@ex", "ex", ["experiment-1"]),
        ("get data/.h", "data/.h", ["data/.hidden"]),
        ("snapshot d", "d", ["df", "data/"]),
        ("snapshot df d", "d", ["data/"]),
    ],
)
def test_completion(branches: Path, line: str, fragment: str, found: list[str] | None) -> None:
    completed, words = complete(line, branches, ["df", "_private", "other"])
    assert completed == fragment
    assert words == found if found is not None else {"snapshot", "switch", "undo"} <= set(words)


def test_completion_through_the_shell(shell: Any, branches: Path) -> None:
    from IPython.core.completer import provisionalcompleter

    def at_end(line: str) -> list[str]:
        with provisionalcompleter():
            return [line[: found.start] + found.text for found in shell.Completer.completions(line, len(line))]

    assert at_end("%bb switch ex") == ["%bb switch experiment-1"]
    assert at_end("old = %bb get data/x.parquet@team") == ["old = %bb get data/x.parquet@team/prod"]
    assert "print" in at_end("prin")


def test_completion_in_a_worktree(branches: Path) -> None:
    git(branches, "worktree", "add", "--quiet", "../beside", "fresh")
    assert complete("switch ex", branches.parent / "beside")[1] == ["experiment-1"]


def test_completion_outside_a_project(tmp_path: Path) -> None:
    assert complete("switch ", tmp_path) == ("", [])


# --------------------------------------------------------------------------------------------- provenance


def test_the_notebook_is_found_and_made_relative(repository: Path, shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("by-session", "by-code", "by-papermill", "by-user"):
        (repository / f"{name}.ipynb").touch()
    monkeypatch.setenv("JPY_SESSION_NAME", str(repository / "by-session.ipynb"))
    assert provenance.collect(repository)["notebook"] == "by-session.ipynb"
    shell.user_ns["PAPERMILL_OUTPUT_PATH"] = "by-papermill.ipynb"
    assert provenance.collect(repository)["notebook"] == "by-papermill.ipynb"
    shell.user_ns["__vsc_ipynb_file__"] = str(repository / "by-code.ipynb")
    assert provenance.collect(repository)["notebook"] == "by-code.ipynb"
    monkeypatch.setenv("BRANCHBOOK_NOTEBOOK", "by-user.ipynb")
    assert provenance.collect(repository)["notebook"] == "by-user.ipynb"


def test_a_notebook_outside_the_project_is_not_recorded(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "private.ipynb").touch()
    monkeypatch.setenv("BRANCHBOOK_NOTEBOOK", str(tmp_path / "private.ipynb"))
    assert "notebook" not in provenance.collect(repository)
