"""Sharing from Python and from cells, with a real core and a place that is a folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import branchbook as bb
from branchbook.results import Result
from branchbook.sharing import _object


@pytest.fixture
def team(project: bb.Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A namespace in a folder with the project as `iris` in it, and a working folder that is in no project."""
    place = tmp_path / "place"
    place.mkdir()
    address = f"{place}/ml-team"
    assert address in bb.namespace("create", address).done
    project.push(to=f"{address}/iris")
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    monkeypatch.chdir(nowhere)
    return address


def run(shell: Any, line: str) -> Any:
    outcome = shell.run_cell(line)
    outcome.raise_error()
    return outcome.result


def test_a_team_from_python(team: str, project: bb.Repo) -> None:
    assert bb.namespace("list", team.rpartition("/")[0]).places[0].namespaces[0].name == "ml-team"
    project.member("add", "anna", "editor")
    assert [each.principal.name for each in bb.member(namespace=team).members][1:] == ["anna"]
    assert "group:vision" in repr(project.member("add", "group:vision", "viewer", cleared=True))
    project.member("role", "anna", "viewer")
    assert project.member("remove", "group:vision").members[1].role == "viewer"

    end = datetime(2100, 1, 2, tzinfo=UTC)
    granted = project.share("grant", "iris/data", who="bob", right="edit", until=end)
    assert granted.grants[0].expires == end.timestamp() * 1000
    assert "asset:iris/data" in repr(project.share()) and "user:bob" in repr(project.share())
    assert "editor" not in repr(project.share("explain", "iris", who="anna"))
    project.share("revoke", granted.grants[0].id)
    assert not project.share().grants

    project.namespace("set", policy={"everyone": {"data": "view"}}, title="Machine learning")
    project.namespace("project", project="iris", protect={"prod": "manage"})
    shown = project.namespace("show")
    assert shown.view.namespace.policy.everyone.data == "view" and "prod=manage" in repr(shown)
    assert "grant.add" in project.namespace("audit", actions="grant")._repr_html_()
    assert not project.namespace("audit", until=datetime(2020, 1, 1, tzinfo=UTC)).events
    assert not project.compute().endpoints


def test_a_link_is_joined_and_an_address_cloned(team: str, project: bb.Repo, tmp_path: Path) -> None:
    link = project.share("link", "iris", right="edit", until="2d")
    assert link.link in repr(link)
    joined = bb.join(link.link, tmp_path / "joined")
    assert bb.open(joined.root).status().branch == "main" and "is a project now" in repr(joined)
    cloned = bb.clone(f"{team}/iris", "again", lazy=True)
    assert Path(cloned.root) == (tmp_path / "nowhere" / "again").resolve()
    assert not bb.open(cloned.root).pull().incoming
    assert bb.namespace("project", team, project="iris", delete=True).done
    assert not bb.namespace("show", team).view.projects


def test_a_lazy_clone_brings_what_cells_and_python_read(team: str, project: bb.Repo, shell: Any) -> None:
    (project.root / "data").mkdir()
    for name in ("a", "b"):
        (project.root / f"data/{name}.csv").write_text(f"id,x\n1,{name}\n")
    project.snapshot(message="Tables")
    project.push()
    clone = bb.open(bb.clone(f"{team}/iris", "lazy", lazy=True).root)
    assert "oid sha256" in (clone.root / "data/a.csv").read_text()
    assert len(clone.status().absent) == 2 and clone.check().absent.assets == 2
    assert clone.get("data/a.csv@main").x.tolist() == ["a"]
    shell.run_line_magic("cd", f"-q {clone.root}")
    assert run(shell, "%bb get data/b.csv").x.tolist() == ["b"]
    assert "oid sha256" not in (clone.root / "data/b.csv").read_text()
    assert "not fetched" not in repr(run(shell, "%bb check"))


def test_cells_of_a_notebook_in_no_project(team: str, shell: Any, tmp_path: Path) -> None:
    assert "ml-team" in repr(run(shell, f"%bb namespace show {team}"))
    run(shell, f"%bb member add anna editor -n {team}")
    assert "user:anna" in run(shell, f"%bb member list -n {team}")._repr_html_()
    link = run(shell, f"%bb share link iris --many -n {team}").link
    assert "project:iris" in repr(run(shell, f"%bb share list -n {team}"))
    assert repr(run(shell, f"%bb compute list -n {team}")) == "There are no endpoints"
    clone = Path(run(shell, f"%bb clone {team}/iris").root)
    assert clone == (tmp_path / "nowhere" / "iris").resolve()
    assert Path(run(shell, f"%bb join {link} other").root).name == "other"
    shell.run_line_magic("cd", f"-q {clone}")
    assert not run(shell, "%bb push").pushed


@pytest.mark.parametrize("line", ["member list", "share list", "compute list"])
def test_a_namespace_has_to_be_named_outside_of_projects(own_core: Path, shell: Any, tmp_path: Path, line: str) -> None:
    shell.run_line_magic("cd", f"-q {tmp_path}")
    outcome = shell.run_cell(f"%bb {line}")
    assert outcome.error_in_exec.code == "REMOTE_UNKNOWN" and "--namespace" in outcome.error_in_exec.hint


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("namespace", {"kind": "namespace"}),
        ("iris", {"kind": "project", "project": "iris"}),
        ("iris/", {"kind": "project", "project": "iris"}),
        ("iris/data/raw/", {"kind": "asset", "project": "iris", "path": "data/raw"}),
        ("branch:iris/release/*", {"kind": "branch", "project": "iris", "pattern": "release/*"}),
        ("compute:gpu-1", {"kind": "compute", "endpoint": "gpu-1"}),
    ],
)
def test_things_are_named_by_text(text: str, thing: dict[str, str]) -> None:
    assert _object(text) == thing


@pytest.mark.parametrize("text", [None, "", "branch:iris", "robot:x", "asset:/data"])
def test_what_names_nothing_is_refused(text: str | None) -> None:
    with pytest.raises(bb.BranchbookError) as caught:
        bb.share("grant", text, who="anna")
    assert caught.value.code == "USAGE"


@pytest.mark.parametrize(
    ("verb", "data", "words"),
    [
        ("login", {"place": "https://hub", "identity": {"displayName": "Ada"}}, "as Ada"),
        ("logout", {"place": "https://hub"}, "forgotten"),
        (
            "compute",
            {"ran": {"notebook": "a.ipynb", "output": "a-on-g.ipynb", "cells": 2, "failed": True, "milliseconds": 5}},
            "Stopped at an error after 2 cells",
        ),
        (
            "compute",
            {"shares": [{"principal": {"kind": "user", "name": "bob"}, "created": "2026-11-21"}], "codes": []},
            "user:bob",
        ),
    ],
)
def test_what_a_hub_gives_is_shown(verb: str, data: dict[str, Any], words: str) -> None:
    result = Result(verb, data)
    assert words in repr(result) and "<div" in result._repr_html_()


def test_login_says_that_no_hub_answers(own_core: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(bb.BranchbookError) as caught:
        bb.login("http://127.0.0.1:9", token="t")
    assert caught.value.code.startswith("PLACE_")
