"""How the result of each verb is put into words and tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .compare_view import compare_view
from .content_views import content_tables
from .diff_view import diff_view
from .display import Table, View, count, size
from .schema_view import anomalies_table, schema_view
from .sharing_views import compute_view, join_view, login_view, logout_view, member_view, namespace_view, share_view
from .sync_views import clone_view, pull_view, push_view, remote_view

Data = Mapping[str, Any]
_LONGEST_LIST = 40


def view_of(verb: str, data: Data, warnings: Sequence[str] = ()) -> View:
    """Give the view of a verb's result, with warnings of the caller's own below it."""
    view = _VIEWS[verb](data)
    return replace(view, warnings=(*view.warnings, *warnings))


def short(commit: str | None) -> str:
    """Abbreviate a commit id as git does."""
    return commit[:7] if commit else "–"


def when(time: str) -> str:
    """Give an ISO 8601 time to the minute, in the zone it was made in."""
    return time[:16].replace("T", " ")


def _duration(milliseconds: float) -> str:
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def _shape(facts: Data | None, size_in_bytes: int | None) -> str:
    if facts and facts.get("rows") is not None:
        columns = f" × {count(facts['columns'], 'column')}" if facts.get("columns") is not None else ""
        return f"{count(facts['rows'], 'row')}{columns}"
    if facts and facts.get("shape") is not None:
        return " × ".join(f"{length:,}" for length in facts["shape"]) or "scalar"
    return size(size_in_bytes)


def _signed(number: int, words: str) -> str:
    return f"{'+' if number > 0 else '−'}{words}"


def _growth(asset: Data) -> str:
    """Say how an asset changed since its last version: rows when both are tables, and bytes."""
    previous = asset["previous"]
    if previous is None:
        return "new"
    parts = []
    rows, old_rows = ((facts or {}).get("rows") for facts in (asset["facts"], previous["facts"]))
    if rows is not None and old_rows is not None and rows != old_rows:
        parts.append(_signed(rows - old_rows, count(abs(rows - old_rows), "row")))
    grown = asset["size"] - previous["size"]
    if grown:
        parts.append(_signed(grown, size(abs(grown))))
    return ", ".join(parts) or "same size"


def _changes_table(changes: Sequence[Data]) -> list[Table]:
    rows = [[change["path"], change["kind"], size(change["size"])] for change in changes[:_LONGEST_LIST]]
    if len(changes) > _LONGEST_LIST:
        rows.append([f"… and {len(changes) - _LONGEST_LIST:,} more", "", ""])
    return [Table(("path", "change", "size"), rows, frozenset({2}))] if rows else []


def _moved(data: Data) -> str:
    parts = [f"{len(data[key]):,} {key}" for key in ("changed", "added", "removed") if data[key]]
    return f"{', '.join(parts)} on disk" if parts else "nothing to change on disk"


def _asset_row(asset: Data) -> list[str]:
    content = _shape(asset["facts"], asset["size"])
    return [asset["path"], content, size(asset["size"]), size(asset["newBytes"]), _growth(asset)]


def _snapshot(data: Data) -> View:
    snapshot, changed = data["snapshot"], bool(data["changes"])
    what = "Snapshot" if changed else "No change since snapshot"
    took = f" in {_duration(data['milliseconds'])}" if changed else ""
    headings = ("asset", "content", "size", "new bytes", "since last version")
    rows = [_asset_row(asset) for asset in data["assets"]]
    others = [change for change in data["changes"] if not change["asset"]]
    return View(
        f"{what} {short(snapshot['id'])} on {data['branch']}: {snapshot['subject']}",
        f"{snapshot['author']['name']}, {when(snapshot['time'])}{took}",
        [
            *([Table(headings, rows, frozenset({2, 3}))] if rows else []),
            *_changes_table(others),
            *anomalies_table(data.get("anomalies", ())),
        ],
        data["notices"],
    )


def _status(data: Data) -> View:
    identity = data["identity"]
    warnings = [*_absence(data), *data["obstacles"]]
    if identity is None:
        warnings.append("git knows no name and email for you here: run `branchbook init` or `git config user.name`.")
    return View(f"On {data['branch']}", data["summary"], _changes_table(data["changes"]), warnings=warnings)


def _absence(data: Data) -> list[str]:
    everything = "`branchbook switch BRANCH --all` brings all"
    only = [f"Only {' '.join(data['only'])} comes here; {everything}."] if data["only"] else []
    absent = data["absent"]
    if not absent:
        return only
    total = size(sum(asset["size"] for asset in absent))
    first = f"`branchbook get {absent[0]['path']}` brings the first"
    return [*only, f"Not here: {count(len(absent), 'asset')} ({total}); {first}."]


def _init(data: Data) -> View:
    made = "Created a project" if data["created"] else "This is a project"
    return View(f"{made} in {data['root']}", f"On {data['branch']}; assets: {' '.join(data['patterns'])}")


def _track(data: Data) -> View:
    added = " ".join(data["added"]) or "nothing new"
    return View(f"Tracked as assets: {added}", f"All patterns: {' '.join(data['patterns'])}")


def _branch(data: Data) -> View:
    rows = [
        [
            "* " + branch["name"] if branch["current"] else "  " + branch["name"],
            short(branch["commit"]),
            branch["subject"],
            when(branch["time"]),
        ]
        for branch in data["branches"]
    ]
    title = f"Branch {data['branch']}" if data.get("branch") else count(len(rows), "branch")
    detail = f"Worktree in {data['worktree']}" if data.get("worktree") else ""
    warnings: Sequence[str] = ()
    if data.get("switched"):
        detail = f"Switched to it: {_moved(data['switched'])}"
        warnings = data["switched"]["notices"]
    return View(title, detail, [Table(("branch", "snapshot", "message", "time"), rows)], warnings=warnings)


def _switch(data: Data) -> View:
    notes = [f"Carried along, unsnapshotted: {', '.join(data['carried'])}."] if data["carried"] else []
    if data["parked"]:
        notes.append(f"Your changes are parked on {data['from']} as snapshot {short(data['parked'])}.")
    return View(
        f"Switched from {data['from']} to {data['to']} ({short(data['commit'])})",
        f"{_moved(data)} in {_duration(data['milliseconds'])}",
        notes=notes,
        warnings=data["notices"],
    )


def _merge(data: Data) -> View:
    if data["kind"] == "up-to-date":
        return View(f"{data['branch']} already has everything from {data['merged']}")
    how = "fast-forward" if data["kind"] == "fast-forward" else "merge"
    title = f"Merged {data['merged']} into {data['branch']} ({how}, {short(data['commit'])})"
    return View(title, _moved(data), anomalies_table(data.get("anomalies", ())))


def _made_in(provenance: Data) -> str:
    cell = f" (cell {provenance['cell'][:8]})" if provenance.get("cell") else ""
    return f"{provenance['notebook']}{cell}" if provenance.get("notebook") else ""


def _versions(data: Data) -> View:
    versions = data["versions"]
    everywhere = any("containedIn" in version for version in versions)
    where = ["on"] if everywhere else []
    headings = ("address", "content", "new bytes", *where, "message", "author", "time", "made in")
    rows = [
        [
            version["address"],
            _shape(version["facts"], version["size"]) if version["size"] is not None else "removed",
            "" if version.get("newBytes") is None else size(version["newBytes"]),
            *([_places(version["containedIn"])] if everywhere else []),
            version["subject"],
            version["author"]["name"],
            when(version["time"]),
            _made_in(version["provenance"]),
        ]
        for version in versions
    ]
    return View(f"{data['path']}: {count(len(rows), 'version')}", tables=[Table(headings, rows, frozenset({2}))])


def _places(refs: Sequence[Data]) -> str:
    more = f" and {len(refs) - 3} more" if len(refs) > 3 else ""
    return ", ".join(ref["name"] for ref in refs[:3]) + more


def _assets(data: Data) -> View:
    rows = [
        [
            asset["path"],
            asset["kind"],
            size(asset["size"]),
            asset["last"]["subject"] if asset["last"] else "never snapshotted",
            "" if asset["here"] and not asset["standIn"] else "not here",
        ]
        for asset in data["assets"]
    ]
    tables = [Table(("asset", "kind", "size", "last snapshot", ""), rows, frozenset({2}))] if rows else []
    return View(f"{count(len(rows), 'asset')} on {data['branch']}", tables=tables)


def _show(data: Data) -> View:
    if data["kind"] == "file":
        tables, notes = content_tables(data.get("content"))
        return View(data["path"], f"{data['assetKind']} in the work tree, {size(data['size'])}", tables, notes=notes)
    if data["kind"] == "snapshot":
        snapshot = data["snapshot"]
        inside, notes = content_tables(data.get("content"))
        tables = [*_changes_table(data["changes"]), *inside]
    else:
        snapshot = data["version"]
        chunks = [
            [chunk["hash"][:16], f"{chunk['offset']:,}", f"{chunk['length']:,}"] for chunk in data.get("chunks", ())
        ]
        facts = [["content", _shape(snapshot["facts"], snapshot["size"])], ["sha256", snapshot["sha256"] or "–"]]
        facts += _deduplication(data["dedup"]) if "dedup" in data else []
        if "usedBy" in data:
            facts.append(["used by", ", ".join(ref["name"] for ref in data["usedBy"]) or "no branch or tag any more"])
        inside, notes = content_tables(data.get("content"))
        tables = [Table((snapshot["path"], data["assetKind"]), facts), *inside]
        tables += [Table(("chunk", "offset", "bytes"), chunks, frozenset({1, 2}))] if chunks else []
    made = _made_in(snapshot["provenance"])
    detail = f"{snapshot['author']['name']}, {when(snapshot['time'])}{f', in {made}' if made else ''}"
    return View(f"{short(snapshot['id'])}: {snapshot['subject']}", detail, tables, notes=notes)


def _deduplication(dedup: Data) -> list[list[str]]:
    versions, project = dedup["versions"], dedup["project"]
    return [
        ["shared with others", size(dedup["sharedBytes"])],
        [count(versions["count"], "version"), f"{size(versions['bytes'])}, {size(versions['uniqueBytes'])} unshared"],
        ["project", f"{size(project['bytes'])}, {size(project['storedBytes'])} on disk"],
    ]


def _restore(data: Data) -> View:
    rows = [[item["path"], short(item["from"]), size(item["size"])] for item in data["restored"]]
    return View(f"Restored {count(len(rows), 'file')}", tables=[Table(("path", "from", "size"), rows, frozenset({2}))])


def _get(data: Data) -> View:
    return View(f"{data['path']} as of {short(data['snapshot'])}", f"{size(data['size'])} in {data['file']}")


def _undo(data: Data) -> View:
    rows = [
        [operation["description"], when(operation["time"]), "undone" if operation["undone"] else ""]
        for operation in data["operations"][::-1][:_LONGEST_LIST]
    ]
    done = data["undone"] or data["redone"]
    if done is None:
        tables = [Table(("operation", "time", ""), rows)] if rows else []
        return View(count(len(data["operations"]), "operation"), tables=tables)
    return View(f"{'Done again' if data['redone'] else 'Undone'}: {done['description']}", _moved(data))


def _check(data: Data) -> View:
    rows = [
        [finding["severity"], finding["object"], finding["message"], finding["repair"]] for finding in data["findings"]
    ]
    checked = f"{count(data['commits'], 'commit')}, {count(data['assets'], 'asset')}, {size(data['bytes'])} checked"
    if absent := data["absent"]["assets"]:
        checked += f"; {count(absent, 'asset')} ({size(data['absent']['bytes'])}) not fetched yet"
    tables = [Table(("severity", "object", "problem", "repair"), rows)] if rows else []
    if data["repaired"]:
        done = [[item["message"], item["from"]] for item in data["repaired"]]
        tables.insert(0, Table(("repaired", "from"), done))
    return View("No problems found" if not rows else count(len(rows), "problem"), checked, tables)


def _gc(data: Data) -> View:
    removed, repacked, young, evicted = data["removed"], data["repacked"], data["young"], data["evicted"]
    compressed = data["compressed"]
    kept = "kept, for now" if data.get("at") else "kept, young"
    rows = [
        ["not needed any more", count(removed["contents"], "version"), size(removed["bytes"])],
        ["packed anew", count(repacked["packs"], "pack"), size(round(repacked["bytes"]))],
        ["compressed", count(compressed["packs"], "pack"), size(compressed["bytes"])],
        ["no longer kept ready", count(evicted["files"], "file"), size(evicted["bytes"])],
        ["kept, in use", count(data["needed"], "version"), size(data["after"]["bytes"])],
        [kept, count(young["contents"], "version"), size(young["bytes"])],
    ]
    verb = "Would free" if data["dryRun"] else "Freed"
    detail = f"{size(data['before']['bytes'])} before, {size(data['after']['bytes'])} after"
    saved = (data.get("maintenance") or {}).get("saved")
    notes = [f"Maintenance saved {size(saved['bytes'])} by itself."] if saved else []
    return View(f"{verb} {size(data['freed'])}", detail, [Table(("", "", "size"), rows, frozenset({2}))], notes=notes)


def _migrate(data: Data) -> View:
    rows = [[item["path"], item["object"][:12], item["reason"]] for item in data["missing"]]
    tables = [Table(("missing", "object", "why"), rows)] if rows else []
    would = "Would migrate" if data["dryRun"] else "Migrated"
    what = f"{count(data['files'], 'file')} in {count(data['versions'], 'version')}, {size(data['bytes'])}"
    detail = f"{what}; {count(data['commits'], 'commit')} rewritten" if data["commits"] else what
    return View(f"{would} from {data['from']} to {data['to']}", detail, tables, notes=data["notices"])


_VIEWS: Mapping[str, Callable[[Data], View]] = {
    "snapshot": _snapshot,
    "status": _status,
    "init": _init,
    "track": _track,
    "branch": _branch,
    "switch": _switch,
    "merge": _merge,
    "compare": compare_view,
    "diff": diff_view,
    "versions": _versions,
    "assets": _assets,
    "show": _show,
    "restore": _restore,
    "get": _get,
    "undo": _undo,
    "check": _check,
    "gc": _gc,
    "migrate": _migrate,
    "schema": schema_view,
    "clone": clone_view,
    "pull": pull_view,
    "push": push_view,
    "remote": remote_view,
    "join": join_view,
    "namespace": namespace_view,
    "member": member_view,
    "share": share_view,
    "compute": compute_view,
    "login": login_view,
    "logout": logout_view,
}
