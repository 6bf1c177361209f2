"""Line completion for `%bb`: verbs, options, branches, tags, paths and addresses. Reads files only, starts nothing."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from .errors import BranchbookError
from .paths import common_folder, find_root

OPTIONS: Mapping[str, tuple[str, ...]] = {
    "init": ("--name", "--email"),
    "status": (),
    "track": (),
    "snapshot": ("--message", "--allow-empty", "--allow-anomalies"),
    "branch": ("--from", "--switch", "--rename", "--delete", "--force", "--beside"),
    "switch": ("--create", "--from", "--detach", "--park", "--discard", "--only", "--all"),
    "merge": ("--into", "--message", "--ours", "--theirs", "--allow-anomalies"),
    "compare": ("--path", "--content", "--drift", "--markdown"),
    "diff": ("--key", "--no-key", "--drift", "--rows", "--offset", "--limit", "--export"),
    "versions": ("--all", "--revision", "--limit"),
    "assets": (),
    "show": ("--no-statistics", "--rows", "--sort", "--filter", "--work-tree", "--chunks", "--dedup", "--used"),
    "restore": ("--revision",),
    "get": ("--as", "--output", "--trust"),
    "undo": ("--redo", "--list"),
    "migrate": ("--from", "--to", "--dry-run", "--drop-source", "--keep-dvc-files", "--above", "--include"),
    "schema": ("--update",),
    "namespace": (
        *("--kind", "--title", "--label", "--git", "--private", "--team", "--everyone", "--quota", "--max-projects"),
        *("--namespace", "--description", "--protect", "--delete", "--projects", "--user", "--project", "--action"),
        *("--target", "--since", "--until", "--before", "--limit"),
    ),
    "member": ("--namespace", "--cleared"),
    "share": (
        *("--with", "--right", "--until", "--namespace", "--many", "--member", "--who", "--message", "--grant"),
        "--refuse",
    ),
    "compute": (
        *("--namespace", "--kind", "--title", "--output", "--user", "--group", "--link", "--expires", "--links"),
        "--url",
    ),
    "login": (),
    "logout": (),
    "clone": ("--branch", "--lazy"),
    "join": ("--look", "--only"),
    "pull": ("--remote", "--branch", "--assets", "--fetch"),
    "push": ("--remote", "--all", "--to", "--pull"),
    "remote": ("--assets", "--offline"),
    "check": ("--read-data", "--repair"),
    "gc": ("--at", "--dry-run", "--grace", "--expire", "--ignore-missing", "--no-compress"),
}
"""Every verb with its options."""

_TAKES_BRANCHES = frozenset({"branch", "switch", "merge", "compare", "diff", "show", "assets", "push"})
_TAKES_PATHS = frozenset({"track", "snapshot", "versions", "show", "restore", "get", "compare", "diff", "schema"})
_BRANCH_OPTIONS = frozenset({"--from", "--into", "--revision"})
ACTIONS: Mapping[str, tuple[str, ...]] = {
    "namespace": ("list", "create", "show", "set", "project", "delete", "audit", "activity"),
    "member": ("list", "add", "role", "remove"),
    "share": ("link", "list", "revoke", "explain", "request", "answer"),
    "compute": (
        *("list", "add", "remove", "run", "server-shares", "share-server", "unshare-server"),
        *("kubeflow-import", "kubeflow-export"),
    ),
}
"""Verbs with actions, each with help of its own."""

_LINE = re.compile(r"^\s*(?:[\w, ]+=\s*)?%(?:bb|branchbook)\s+(?P<rest>.*)$", re.DOTALL)
_SECONDS_FRESH = 2.0
_cache: dict[Path, tuple[float, list[str]]] = {}


MATCHER = "branchbook"
"""Identifier of our matcher in IPython."""


def make_matcher(shell: Any) -> Callable[[Any], dict[str, Any]]:
    """Make the matcher of a shell (IPython's matcher interface, version 2)."""
    from IPython.core.completer import SimpleCompletion, completion_matcher

    @completion_matcher(identifier=MATCHER, priority=100, api_version=2)
    def match(context: Any) -> dict[str, Any]:
        found = _LINE.match(context.line_with_cursor[: context.cursor_position])
        if found is None:
            return {"completions": [], "suppress": False}
        names = [name for name in list(shell.user_ns) if name not in shell.user_ns_hidden]
        fragment, words = complete(found["rest"], Path.cwd(), names)
        return {
            "completions": [SimpleCompletion(text=word, type="param") for word in words],
            "matched_fragment": fragment,
            "suppress": True,
        }

    return match


def complete(rest: str, folder: Path, names: Iterable[str] = ()) -> tuple[str, list[str]]:
    """Complete what follows `%bb`.

    Parameters
    ----------
    rest : str
        The line after ``%bb`` up to the cursor.
    folder : pathlib.Path
        Working folder that paths are relative to.
    names : iterable of str
        Variables that could be snapshotted.

    Returns
    -------
    (str, list of str)
        The part of the line that is completed, and what it could become.
    """
    before, _, fragment = rest.rpartition(" ")
    words = before.split()
    if not words:
        return fragment, _starting(fragment, OPTIONS)
    verb, last = words[0], words[-1]
    if fragment.startswith("-"):
        return fragment, _starting(fragment, OPTIONS.get(verb, ()))
    _, at, revision = fragment.rpartition("@")
    if at and verb in _TAKES_PATHS:
        return revision, _starting(revision, revisions(folder))
    found: list[str] = []
    if verb in _TAKES_BRANCHES or last in _BRANCH_OPTIONS:
        found += _starting(fragment, revisions(folder))
    if verb == "snapshot" and len(words) == 1:
        found += _starting(fragment, (name for name in names if not name.startswith("_")))
    if verb == "schema" and len(words) == 1:
        return fragment, _starting(fragment, ("infer", "check", "show"))
    if verb in ACTIONS and len(words) == 1:
        return fragment, _starting(fragment, ACTIONS[verb])
    if verb in _TAKES_PATHS and last not in _BRANCH_OPTIONS:
        found += paths(fragment, folder)
    return fragment, list(dict.fromkeys(found))


def _starting(prefix: str, words: Iterable[str]) -> list[str]:
    return [word for word in words if word.startswith(prefix)]


def paths(prefix: str, folder: Path) -> list[str]:
    """Complete a path on disk; folders end with a slash, hidden files only appear when asked for."""
    parent, slash, name = prefix.rpartition("/")
    try:
        with os.scandir(folder / (parent + slash)) as entries:
            found = [(entry.name, entry.is_dir()) for entry in entries if entry.name.startswith(name)]
    except OSError:
        return []
    shown = (item for item in sorted(found) if item[0] != ".git" and (name.startswith(".") or item[0][0] != "."))
    return [f"{parent}{slash}{_quoted(item)}{'/' if is_folder else ''}" for item, is_folder in shown]


def _quoted(name: str) -> str:
    return re.sub(r"([\s'\"\\])", r"\\\1", name)


def revisions(folder: Path) -> list[str]:
    """List branches, then tags, from git's files; kept for two seconds."""
    try:
        root = find_root(folder)
    except BranchbookError:
        return []
    read, names = _cache.get(root, (float("-inf"), []))
    if time.monotonic() - read > _SECONDS_FRESH:
        names = _read_refs(common_folder(root))
        _cache[root] = (time.monotonic(), names)
    return names


def _read_refs(git: Path) -> list[str]:
    packed = git / "packed-refs"
    lines = packed.read_text(encoding="utf-8").splitlines() if packed.exists() else []
    names = {line.split(" ", 1)[1] for line in lines if " refs/" in line and not line.startswith("#")}
    for kind in ("heads", "tags"):
        base = git / "refs" / kind
        names.update(
            f"refs/{kind}/{file.relative_to(base).as_posix()}"
            for file in base.rglob("*")
            if file.is_file() and file.suffix != ".lock"
        )
    return [
        name.removeprefix(prefix)
        for prefix in ("refs/heads/", "refs/tags/")
        for name in sorted(names)
        if name.startswith(prefix)
    ]
