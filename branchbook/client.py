"""The Python client: one method for each verb, the same as on the command line.

Modules are imported where they are used, so that `import branchbook` costs a script next to nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .errors import BranchbookError
from .looking import PathLike, View, run_operation
from .results import Result
from .sharing import Sharing


class Repo(View, Sharing):
    """A project, seen from one folder in it.

    Paths are relative to that folder, as on the command line; absolute paths inside the project are fine too.
    Every method raises `BranchbookError`.

    Attributes
    ----------
    path : pathlib.Path
        The folder.
    root : pathlib.Path
        The project's root.
    """

    # ------------------------------------------------------------------------------------------ changing

    def gc(
        self,
        *,
        at: str | None = None,
        dry_run: bool = False,
        grace: str | None = None,
        expire: str | None = None,
        ignore_missing: bool = False,
        no_compress: bool = False,
    ) -> Result:
        """Delete stored content that nothing needs, compress the rest; `grace`, `expire`: times such as ``14d``.

        With `at`, a remote or the address of a shared project, its place deletes what no branch or tag there needs.
        """
        args = {"at": at, "grace": grace, "expire": expire}
        given = {name: value for name, value in args.items() if value is not None}
        return self._result("gc", dryRun=dry_run, ignoreMissing=ignore_missing, noCompress=no_compress, **given)

    def migrate(
        self,
        *,
        source: str | None = None,
        to: str | None = None,
        dry_run: bool = False,
        drop_source: bool = False,
        keep_dvc_files: bool = False,
        above: int | None = None,
        include: Iterable[str] | None = None,
    ) -> Result:
        """Take over the versions of another system (`source`: ``lfs``, ``dvc``, ``git``), or give ours `to` ``lfs``.

        With ``git``, `above` (bytes) and `include` (patterns) choose the files. `dry_run` only tells what would happen.
        """
        return self._result(
            "migrate",
            **{"from": source},
            to=to,
            dryRun=dry_run,
            dropSource=drop_source or None,
            keepDvcFiles=keep_dvc_files or None,
            above=above,
            include=None if include is None else list(include),
        )

    def track(self, *patterns: str) -> Result:
        """Make files that match the patterns assets from now on."""
        return self._result("track", patterns=list(patterns))

    def snapshot(
        self,
        obj: Any = None,
        path: PathLike | None = None,
        *,
        message: str | None = None,
        allow_empty: bool = False,
        allow_anomalies: bool = False,
    ) -> Result:
        """Take a snapshot.

        Parameters
        ----------
        obj : object, optional
            With `path`: a table, array, model, figure, dictionary, bytes, text, open file, or path of a file or folder,
            which is written to `path` first. Without: path or list of paths of files on disk. Missing: everything
            that changed.
        path : str or path, optional
            Where to write; its suffix chooses the format.
        message : str, optional
            Why. One is made up from the changes when missing.
        allow_empty : bool
            Take a snapshot even when nothing changed.
        allow_anomalies : bool
            Take it although a table breaks rules of its schema that are marked ``fail``.

        Returns
        -------
        Result
            As `SnapshotResult`. When nothing changed, `snapshot` is the one that holds this content already and
            `changes` is empty, so that a notebook can be run again from the top.
        """
        options = {"message": message, "allowEmpty": allow_empty, "allowAnomalies": allow_anomalies or None}
        if path is None:
            return self._snapshot(self._sources(obj), [], options)
        from . import formats

        saved = formats.save(obj, self._located.writable(path))
        facts = [{**facts, "path": self._located.project_path(file)} for file, facts in saved]
        return self._snapshot([item["path"] for item in facts], facts, options)

    def metrics(
        self, values: Mapping[str, Any], name: str = "metrics", *, snapshot: bool = False, message: str | None = None
    ) -> Result | Path:
        """Write numbers to ``metrics/<name>.json``, where `compare` finds them.

        Returns the file's path, or with `snapshot` the snapshot taken of it.
        """
        path = self.root / "metrics" / f"{name}.json"
        if snapshot:
            return self.snapshot(dict(values), path, message=message)
        from . import formats

        formats.save(dict(values), self._located.writable(path))
        return path

    def branch(
        self,
        name: str | None = None,
        *,
        start: str | None = None,
        switch: bool = False,
        rename: str | None = None,
        delete: bool = False,
        force: bool = False,
        beside: bool = False,
    ) -> Result:
        """List branches; or create, rename or delete `name`, or open it in a folder beside the project."""
        if name is None:
            return self._result("branch", action="list")
        if rename is not None:
            return self._result("branch", action="rename", name=name, to=rename)
        if delete:
            return self._result("branch", action="delete", name=name, force=force)
        if beside:
            return self._result("branch", action="worktree", name=name)
        return self._result("branch", action="create", name=name, **{"from": start}, switch=switch)

    def switch(
        self,
        branch: str,
        *,
        detach: bool = False,
        changes: str = "refuse",
        only: Iterable[str] | None = None,
        all_assets: bool = False,
    ) -> Result:
        """Make the files on disk those of another branch.

        `changes` says what becomes of unsnapshotted work: ``refuse`` to switch, ``park`` it as a snapshot on the
        current branch, or ``discard`` it (`undo` brings it back). Variables in this process keep their values.
        With `only`, just the assets that match these patterns come; the choice holds until `all_assets` or others.
        """
        return self._result(
            "switch",
            branch=branch,
            detach=detach,
            changes=changes,
            only=None if only is None else list(only),
            all=all_assets or None,
        )

    def merge(
        self,
        branch: str,
        *,
        into: str | None = None,
        message: str | None = None,
        ours: Iterable[PathLike] = (),
        theirs: Iterable[PathLike] = (),
        allow_anomalies: bool = False,
    ) -> Result:
        """Merge a branch into the current one, or into `into`; `ours` and `theirs` decide paths both changed.

        A merge after which a table breaks rules of its schema that are marked ``fail`` needs `allow_anomalies`.
        """
        sides = {"ours": self._decided(ours), "theirs": self._decided(theirs)}
        allowed = allow_anomalies or None
        return self._result("merge", branch=branch, into=into, message=message, allowAnomalies=allowed, **sides)

    def restore(self, *addresses: str, revision: str | None = None) -> Result:
        """Bring files back as they were in a version: in the work tree, nothing is snapshotted."""
        located = [self._located.address(address) for address in addresses]
        return self._result("restore", addresses=located, revision=revision)

    def undo(self, *, list: bool = False, redo: bool = False) -> Result:
        """Take back the last operation, and on the next call the one before it.

        With `redo`, put back the operation undone last; with `list`, only tell which operations there were.
        """
        return self._result("undo", list=list, redo=redo)

    # ------------------------------------------------------------------------------------------- sharing

    def pull(
        self, *, remote: str | None = None, branch: str | None = None, assets: str = "needed", fetch: bool = False
    ) -> Result:
        """Bring what is new at a remote, and merge it; with `fetch` only look.

        `assets` says which versions come: those ``needed`` on disk, ``all``, or ``none``.
        """
        return self._result("pull", remote=remote, branch=branch, assets=assets, fetchOnly=fetch or None)

    def push(
        self, *branches: str, remote: str | None = None, all: bool = False, to: str | None = None, pull: bool = False
    ) -> Result:
        """Send snapshots and their assets to a remote: the current branch, some `branches`, or `all`.

        With `to`, publish the project as ``PLACE/NAMESPACE[/PROJECT]`` first. When the branch moved there, nothing is
        changed; with `pull`, what is new is merged and pushed again.
        """
        chosen = [*branches] or None
        return self._result("push", branches=chosen, remote=remote, all=all or None, to=to, pullFirst=pull or None)

    def remote(
        self,
        action: str = "list",
        name: str | None = None,
        address: str | None = None,
        *,
        assets: str | None = None,
        offline: bool = False,
    ) -> Result:
        """``list``, ``add``, ``set`` or ``remove`` remotes, or ``check`` how the branch stands to its own.

        With `offline`, ``check`` asks nobody, and says how it was when the remote was asked last.
        """
        return self._result("remote", action=action, name=name, address=address, assets=assets, offline=offline or None)

    # ------------------------------------------------------------------------------------------- loading

    def get(self, address: str, *, output: PathLike | None = None, trust: bool = False) -> Any:
        """Load a version back to the type it was snapshotted from.

        Parameters
        ----------
        address : str
            For example ``data/sales.parquet@main~2``; without ``@`` the version of the last snapshot.
        output : str or path, optional
            Write the version's file there instead of loading it, and return the path.
        trust : bool
            Let code in the file run: needed for pickles that somebody else made.

        Returns
        -------
        object
            The object; or the path of a read-only copy, when the content has no type that is known here.
        """
        from . import formats

        target = None if output is None else str(Path(output).expanduser().absolute())
        got = self._run("get", {"address": self._located.address(address), "output": target})
        if target is not None:
            return Path(got["file"])
        return formats.load(Path(got["file"]), got["path"], got["facts"], trust or got["trusted"])

    # ------------------------------------------------------------------------------------------- helpers

    def _folder(self) -> Path:
        return self.path

    def _decided(self, paths: Iterable[PathLike]) -> list[str]:
        """Give project paths for a merge, in which the whole project is spelled ``.``."""
        return [path or "." for path in self._project_paths(paths)]

    def _sources(self, obj: Any) -> list[str]:
        if obj is None:
            return []
        if isinstance(obj, str | os.PathLike):
            return self._sources([obj])
        if isinstance(obj, list | tuple) and all(isinstance(item, str | os.PathLike) for item in obj):
            paths = self._project_paths(obj)
            return [] if "" in paths else paths
        raise BranchbookError(
            "USAGE",
            f"Where should this {type(obj).__name__} be stored?",
            {"argument": "path", "reason": "missing"},
            'Give a path: repo.snapshot(df, "data/sales.parquet").',
        )

    def _snapshot(self, paths: list[str], facts: list[dict[str, Any]], options: Mapping[str, Any]) -> Result:
        from . import provenance

        args = {"paths": paths, "facts": facts, **options, "provenance": provenance.collect(self.root)}
        try:
            return Result("snapshot", self._run("snapshot", args))
        except BranchbookError as error:
            if error.code != "NOTHING_TO_SNAPSHOT":
                raise
            return self._unchanged(paths) or _raise(error)

    def _unchanged(self, paths: list[str]) -> Result | None:
        """Describe the snapshot that holds the content already; None when there is none."""
        snapshot = self._holder(paths)
        if snapshot is None:
            return None
        branch = self._run("status", {})["branch"]
        what = paths[0] if len(paths) == 1 else "Everything"
        return Result(
            "snapshot",
            {
                "snapshot": snapshot,
                "branch": branch,
                "changes": [],
                "assets": [],
                "notices": [f"{what} is already as it was snapshotted."],
                "milliseconds": 0,
            },
        )

    def _holder(self, paths: list[str]) -> dict[str, Any] | None:
        if len(paths) == 1:
            try:
                versions = self._run("versions", {"path": paths[0], "limit": 1})["versions"]
            except BranchbookError:
                versions = []
            if versions:
                return dict(versions[0])
        return self._run("show", {"address": "@HEAD"}).get("snapshot")


def _raise(error: BranchbookError) -> Result:
    raise error


def open(path: PathLike = ".") -> Repo:
    """Open the project that `path` lies in.

    Raises
    ------
    BranchbookError
        NOT_A_PROJECT when it lies in none.
    """
    return Repo(path)


def init(path: PathLike = ".", *, name: str | None = None, email: str | None = None) -> Repo:
    """Make a folder a project, or a git repository a managed one, and open it.

    `name` and `email` are stored in the repository's configuration, for when git knows none.
    """
    folder = Path(path).expanduser().absolute()
    folder.mkdir(parents=True, exist_ok=True)
    identity = {"identity": {"name": name, "email": email}} if name and email else {}
    run_operation("init", str(folder), identity)
    return Repo(folder)
