"""What clone, pull, push and remote show in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .display import Table, View, count, size

Data = Mapping[str, Any]


def clone_view(data: Data) -> View:
    """Say where the new project is, and which assets are not here yet."""
    absent = data["absent"]
    notes = list(data["notices"])
    if absent["assets"]:
        missing = f"{count(absent['assets'], 'asset')} ({size(absent['bytes'])})"
        how = "`branchbook get PATH` brings one, `branchbook switch BRANCH --all` all of them"
        notes.insert(0, f"{missing} not here yet: {how}.")
    return View(f"{data['root']} is a project now", f"on {data['branch']}{_travelled(data['transfer'])}", notes=notes)


def pull_view(data: Data) -> View:
    """List what came in."""
    new = count(len(data["incoming"]), "snapshot")
    title = f"{new} from {data['remote']}" if data["incoming"] else f"Nothing is new at {data['remote']}"
    merged = data["merged"]
    detail = f"{merged['branch']} now at {merged['commit'][:8]}" if merged else _standing(data)
    return View(title, f"{detail}{_travelled(data['transfer'])}", _snapshots(data["incoming"]), notes=data["notices"])


def push_view(data: Data) -> View:
    """List the branches that moved there."""
    rows = [[ref["name"], count(ref["snapshots"], "snapshot"), ref["to"][:8]] for ref in data["pushed"]]
    tables = [Table(("branch", "", "now at"), rows)] if rows else []
    title = f"Pushed to {data['address']}" if rows else f"{data['address']} has everything"
    return View(title, _travelled(data["transfer"]).strip(" ;"), tables, notes=data["notices"] if rows else [])


def remote_view(data: Data) -> View:
    """List remotes, or say how the branch stands to one."""
    check = data.get("check")
    if check is None:
        rows = [[remote["name"], remote["address"], remote["assets"]] for remote in data["remotes"]]
        return View(count(len(rows), "remote"), tables=[Table(("name", "address", "assets"), rows)] if rows else [])
    notes = [f"Here now: {person['displayName']}" for person in check["people"]]
    if not check["canPush"]:
        notes.insert(0, f"This branch cannot be pushed: {check['reason']}")
    title = f"{check['remote']['name']}: {check['remote']['address']}"
    return View(title, _standing(check), _snapshots(check["incoming"]), notes=notes)


def _snapshots(incoming: list[Data]) -> list[Table]:
    rows = [
        [each["id"][:8], each["time"][:16].replace("T", " "), each["subject"], each["author"]["name"]]
        for each in incoming
    ]
    return [Table(("snapshot", "time", "", "by"), rows)] if rows else []


def _standing(data: Data) -> str:
    parts = [
        f"{count(data[side], 'snapshot')} to {verb}"
        for side, verb in (("ahead", "push"), ("behind", "pull"))
        if data[side]
    ]
    return ", ".join(parts) or "in step"


def _travelled(transfer: Data) -> str:
    if not transfer["contents"]:
        return ""
    what = f"{count(transfer['contents'], 'asset version')}, {size(transfer['transferred'])}"
    return f"; {what} of {size(transfer['bytes'])} travelled"
