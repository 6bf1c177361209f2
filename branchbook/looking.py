"""What a project can be asked without changing it: the part of the Python client that only looks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from .errors import BranchbookError
from .paths import Located, find_root
from .results import Result

PathLike = str | os.PathLike[str]
Operation = Callable[[str, str, Mapping[str, Any]], dict[str, Any]]
_FIRST_ROWS = 20


def run_operation(verb: str, project: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """Run a verb in the personal core, showing its progress and cancelling it on an interrupt."""
    from ._core import ensure_core
    from .progress import Progress

    core = ensure_core()
    with Progress(verb) as progress:
        return core.operation(verb, project, dict(args), on_progress=progress.update, cancel=None)


def _page(
    rows: tuple[int, int] | None, sort: Sequence[str], conditions: Sequence[tuple[str, str, Any]]
) -> dict[str, Any] | None:
    """Give the rows that are wanted as the core takes them; None when there are none."""
    if rows is None and not sort and not conditions:
        return None
    start, end = rows or (0, _FIRST_ROWS)
    keys = [{"column": key.removeprefix("-"), "descending": key.startswith("-")} for key in sort]
    tests = [
        {"column": column, "operator": operator, **({} if value is None else {"value": value})}
        for column, operator, value in conditions
    ]
    return {"offset": start, "limit": max(0, end - start), "sort": keys, "filter": tests}


class View:
    """A project, seen from one folder in it, to be looked at. `Repo` adds what changes it."""

    def __init__(self, path: PathLike = ".", *, operation: Operation = run_operation) -> None:
        self.path = Path(path).expanduser().absolute()
        self.root = find_root(self.path)
        self._located = Located(self.root, self.path)
        self._operation = operation

    def __repr__(self) -> str:
        return f"<branchbook.{type(self).__name__} {str(self.root)!r}>"

    def _run(self, verb: str, args: Mapping[str, Any]) -> dict[str, Any]:
        given = {name: value for name, value in args.items() if value is not None}
        return self._operation(verb, str(self.path), given)

    def _result(self, verb: str, **args: Any) -> Result:
        return Result(verb, self._run(verb, args))

    def status(self) -> Result:
        """Tell the branch, what changed since its last snapshot, and why a switch would be refused."""
        return self._result("status")

    def assets(self, revision: str | None = None) -> Result:
        """List the datasets, models and other assets of the work tree or of a revision."""
        return self._result("assets", revision=revision)

    def versions(
        self, path: PathLike, *, revision: str | None = None, limit: int | None = None, all: bool = False
    ) -> Result:
        """List the versions of a file, newest first: of a revision's history, or of all branches and tags."""
        project_path = self._located.project_path(path)
        return self._result("versions", path=project_path, revision=revision, limit=limit, all=all or None)

    def show(
        self,
        address: str = "@HEAD",
        *,
        statistics: bool = True,
        rows: tuple[int, int] | None = None,
        sort: str | Sequence[str] = (),
        filter: Sequence[tuple[str, str, Any]] = (),
        work_tree: bool = False,
        chunks: bool = False,
        dedup: bool = False,
        used: bool = False,
    ) -> Result:
        """Show a snapshot (``main~2``, ``@main~2``) or what is in a version (``data/sales.parquet@main~2``).

        Parameters
        ----------
        address : str
            A snapshot, or a file with or without a revision.
        statistics : bool
            Of a table also statistics of every column.
        rows : tuple of int, optional
            Of a table also these rows, ``(start, end)``, counted from 0; at most 1000.
        sort : str or sequence of str
            Columns to sort the rows by; ``-price`` for the greatest first.
        filter : sequence of tuple
            Only rows for which all of these hold, for example ``[("price", ">", 3), ("note", "is-not-null", None)]``.
        work_tree : bool
            The file as it is on disk, whether or not a snapshot has it.
        chunks : bool
            Also list the chunks it is stored in.
        dedup : bool
            Also say how much of it is stored once for several versions.
        used : bool
            Also list the branches and tags that hold it now.
        """
        page = _page(rows, [sort] if isinstance(sort, str) else sort, filter)
        more = {"content": True, "statistics": statistics, "page": page, "chunks": chunks, "dedup": dedup, "used": used}
        if work_tree:
            return self._result("show", address=self._located.project_path(address), workTree=True, **more)
        bare = "@" not in address and not self._located.absolute(address).exists()
        spelled = address if bare else self._located.address(address)
        return self._result("show", address=spelled, **more)

    def compare(
        self, *revisions: str, paths: Iterable[PathLike] = (), content: bool = False, drift: bool = False
    ) -> Result:
        """Compare two or more branches or revisions; the first is the baseline.

        Files, metrics and parameters; with `content` also the rows of datasets and what models say of themselves, with
        `drift` how far the distributions of the datasets moved. `markdown` of the result is the whole as Markdown.
        """
        looks = {"content": content or drift or None, "drift": drift or None}
        return self._result("compare", revisions=list(revisions), paths=self._project_paths(paths), **looks)

    def diff(
        self,
        start: str | None = None,
        end: str | None = None,
        path: PathLike | None = None,
        *,
        key: str | Iterable[str] | None = None,
        drift: bool = False,
        rows: Literal["added", "removed", "changed"] | None = None,
        offset: int = 0,
        limit: int = 20,
        export: PathLike | None = None,
    ) -> Result:
        """Tell what changed between two versions: which files, and inside one file what.

        Parameters
        ----------
        start, end : str
            Revisions, or addresses such as ``data/sales.parquet@main~2``. Without `end`: the files on disk; without
            both: what changed since the last snapshot.
        path : path
            Compare the contents of this file, or list what differs in this folder.
        key : str or list of str
            Columns whose values name a row; an empty list compares rows as a bag. Default: the key is found.
        drift : bool
            Compare the distribution of every column too.
        rows : str
            Show only rows that were ``added``, ``removed`` or ``changed``.
        offset, limit : int
            Which rows to show, in the order of the key; at most 1000 at a time. Counts are always of all rows.
        export : path
            Write all changed rows to this ``.csv`` or ``.parquet`` file.

        Examples
        --------
        >>> repo.diff("main", "experiment-1", "data/sales.parquet", key=["id"]).files[0].content.counts
        """
        page = {"offset": offset, "limit": limit, **({"kind": rows} if rows else {})}
        return self._result(
            "diff",
            **{"from": start, "to": end},
            path=None if path is None else self._located.project_path(path),
            key=[key] if isinstance(key, str) else None if key is None else list(key),
            drift=drift,
            rows=page,
            export=None if export is None else str(self._located.absolute(export)),
        )

    def check(self, *, read_data: bool | str = False, repair: bool = False) -> Result:
        """Verify the project, and with `repair` put right what can be.

        Parameters
        ----------
        read_data : bool or str
            Read every stored byte too; ``"3/7"`` reads the third of seven parts.
        repair : bool
            Look for good copies in work trees, kept copies, git-lfs's cache, and remotes that are folders.
        """
        part = read_data if isinstance(read_data, str) else None
        return self._result("check", readData=bool(read_data), part=part, repair=repair)

    def schema(self, action: str, *paths: PathLike, update: bool = False) -> Result:
        """Say what a table should hold, and check that it does.

        Parameters
        ----------
        action : str
            ``infer`` writes the schema file of a table, a first draft to edit; ``check`` compares tables on disk with
            theirs; ``show`` gives the rules.
        *paths : str or path
            One table; for ``check`` any number, none meaning every table that has a schema.
        update : bool
            With ``infer``: add to the file what it lacks. Nothing that is there changes.
        """
        located = self._project_paths(paths)
        if action == "check":
            return self._result("schema", action=action, paths=located)
        if len(located) != 1:
            raise BranchbookError("USAGE", f"schema {action!r} takes one table.", {"argument": "paths"})
        return self._result("schema", action=action, path=located[0], update=update or None)

    def _project_paths(self, paths: Iterable[PathLike]) -> list[str]:
        return [self._located.project_path(path) for path in paths]
