"""Sharing: namespaces, members, shares and compute of a place; cloning, joining, signing in.

What a project's remote says is the default. Outside of a project the same functions take a namespace's address.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from .errors import BranchbookError
from .looking import PathLike, run_operation
from .paths import Located, find_root
from .results import Result

_PARTS: Mapping[str, tuple[str, ...]] = {
    "project": ("project",),
    "branch": ("project", "pattern"),
    "asset": ("project", "path"),
    "pipeline": ("project", "pipeline"),
    "compute": ("endpoint",),
}


class Sharing:
    """The verbs about the places that projects are shared in. People and things are named by text.

    People: ``anna`` or ``user:anna``, ``group:vision``, ``namespace:ml-team``, ``everyone``. Things: ``namespace``,
    ``iris`` (a project), ``iris/data/raw`` (a file or folder in it), ``branch:iris/prod``, ``pipeline:iris/train``,
    ``compute:gpu-1``. A namespace is ``PLACE/NAMESPACE``; the default is that of the project's remote.
    """

    def _folder(self) -> Path:
        return Path.cwd()

    def _shared(self, verb: str, **args: Any) -> Result:
        given = {name: value for name, value in args.items() if value is not None}
        return Result(verb, run_operation(verb, str(self._folder()), given))

    def namespace(
        self,
        action: Literal["list", "create", "show", "set", "project", "delete", "audit", "activity"] = "list",
        address: str | None = None,
        *,
        project: str | None = None,
        kind: Literal["personal", "team", "everyone"] | None = None,
        title: str | None = None,
        description: str | None = None,
        label: Literal["unclassified", "protected"] | None = None,
        git: str | None = None,
        policy: Mapping[str, Mapping[str, str]] | None = None,
        quota: Mapping[str, int | None] | None = None,
        protect: Mapping[str, str] | None = None,
        delete: bool = False,
        projects: bool = False,
        user: str | None = None,
        actions: str | None = None,
        target: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: str | None = None,
        limit: int | None = None,
    ) -> Result:
        """List, make, show, change and delete namespaces, and read their logs.

        Parameters
        ----------
        action : str
            ``list`` those of a place, or of all that were used; ``create``; ``show``; ``set`` its title, label, policy
            or quota; ``project`` changes or deletes one of its projects; ``delete``; ``audit`` (for owners) and
            ``activity`` tell who did what.
        address : str
            ``PLACE/NAMESPACE``; with ``list`` a place.
        project : str
            With ``project``: which one. With ``audit`` and ``activity``: only what happened to it.
        kind, title, label, git
            With ``create``; `title` and `label` also with ``set``. `git` says where git keeps the histories of a
            namespace in a bucket, with ``{project}`` in it.
        policy : mapping
            Cells of the table to change: ``{"everyone": {"data": "view"}}``.
        quota : mapping
            ``{"bytes": 500_000_000_000, "projects": None}``; None is no limit.
        description, protect, delete
            With ``project``: what it is about; who may push where, ``{"prod": "manage"}``, in place of the rules it
            had; or delete it with all of its history.
        projects : bool
            With ``delete``: with its projects and all of their history.
        user, actions, target, since, until, before, limit
            Only these events; `actions` is how they begin, `before` the id of an event to continue below.

        Examples
        --------
        >>> bb.namespace("create", "/srv/shared/ml-team")
        """
        if action == "list":
            return self._shared("namespace", action=action, place=address)
        if action == "project":
            rules = None if protect is None else [{"pattern": key, "push": push} for key, push in protect.items()]
            changes = {"description": description, "label": label, "branchRules": rules}
            return self._shared(
                "namespace",
                action="delete-project" if delete else "set-project",
                namespace=address,
                project=project,
                **({} if delete else changes),
            )
        return self._shared(
            "namespace",
            action=action,
            namespace=address,
            **{"kind": kind, "title": title, "label": label, "git": git, "policy": policy, "quota": quota},
            projects=projects or None,
            **{"project": project, "user": user, "actions": actions, "target": target, "before": before},
            since=_milliseconds(since),
            until=_milliseconds(until),
            limit=limit,
        )

    def member(
        self,
        action: Literal["list", "add", "role", "remove"] = "list",
        member: str | None = None,
        role: Literal["viewer", "runner", "editor", "owner"] | None = None,
        *,
        cleared: bool = False,
        namespace: str | None = None,
    ) -> Result:
        """List who is in a namespace; ``add`` or ``remove`` a person or group, or give another ``role``.

        `cleared` members may have what is labelled protected.

        Examples
        --------
        >>> repo.member("add", "group:vision", "viewer")
        """
        who = None if member is None else _principal(member)
        return self._shared(
            "member", action=action, namespace=namespace, member=who, role=role, cleared=cleared or None
        )

    def share(
        self,
        action: Literal["list", "grant", "link", "revoke", "explain", "request", "answer"] = "list",
        what: str | None = None,
        *,
        who: str | None = None,
        right: Literal["view", "run", "edit", "manage"] | None = None,
        until: str | datetime | None = None,
        many: bool = False,
        member: bool = False,
        message: str | None = None,
        grant: bool | None = None,
        namespace: str | None = None,
    ) -> Result:
        """Give access to a project or a part of it, and see who has it.

        Parameters
        ----------
        action : str
            ``list`` shares, links and requests; ``grant`` a right to `who`; make a ``link`` that gives it to who opens
            it (`link` of the result, to be seen this once); ``revoke`` a share or link; ``explain`` who can see it, and
            why; ``request`` access; ``answer`` a request.
        what : str
            The thing, for example ``iris/data/raw``; with ``revoke`` and ``answer`` an id as ``list`` has it.
        who : str
            With ``grant``: who gets it. With ``explain``: only about them.
        right : str
            What they may do with it: ``view`` when missing. With ``answer``: another right than they asked for.
        until : str or datetime
            ``7d``, or a day. Missing: a grant lasts until it is revoked, a link for 7 days.
        many, member : bool
            A link for as many people as get it; one that makes them members of the namespace.
        message : str
            With ``request``: what for.
        grant : bool
            With ``answer``: give it, or refuse it.

        Examples
        --------
        >>> repo.share("grant", "iris", who="anna", right="edit", until="30d")
        >>> repo.share("link", "iris").link
        """
        args: dict[str, Any] = {"action": action, "namespace": namespace}
        if action == "revoke":
            return self._shared("share", **args, id=what)
        if action == "answer":
            if grant is None:
                raise _usage("grant", "Grant it or refuse it?", "Give grant=True or grant=False.")
            return self._shared("share", **args, id=what, answer="granted" if grant else "refused", right=right)
        if action == "list":
            return self._shared("share", **args)
        args["object"] = _object(what)
        args["principal"] = None if who is None else _principal(who)
        if action == "explain":
            return self._shared("share", **args)
        args["right"] = right or "view"
        args["until"] = until.astimezone().isoformat() if isinstance(until, datetime) else until
        if action == "link":
            args |= {"uses": "many" if many else "single", "gives": "membership" if member else "grant"}
        return self._shared("share", **args, message=message)

    def compute(
        self,
        action: str = "list",
        name: str | None = None,
        notebook: PathLike | None = None,
        *,
        output: PathLike | None = None,
        kind: Literal["jupyter-server", "kernel-gateway"] | None = None,
        title: str | None = None,
        url: str | None = None,
        token: str | None = None,
        user: str | None = None,
        group: str | None = None,
        codes: bool = False,
        expires_in: int | None = None,
        namespace: str | None = None,
    ) -> Result:
        """Run notebooks on shared compute, and share it.

        Parameters
        ----------
        action : str
            ``list`` the endpoints of a namespace; ``run`` `notebook` on the one called `name`; ``add`` or ``remove``
            one (owners). Under JupyterHub also ``server-shares``, ``share-server``, ``share-server-link`` and
            ``unshare-server``: whoever may use your server can do all that you can.
        notebook, output : path
            Outputs come back into a copy beside the notebook, or into `output`.
        kind, title, url, token
            With ``add``: a Jupyter Server or Kernel Gateway. Its token is never shown again.
        user, group : str
            With ``share-server`` and ``unshare-server``: one of them.
        codes : bool
            With ``unshare-server``: end the links instead.
        expires_in : int
            With ``share-server-link``: for how many seconds.

        Examples
        --------
        >>> repo.compute("run", "gpu-1", "train.ipynb").ran.output
        """
        return self._shared(
            "compute",
            action=action,
            name=name,
            notebook=self._project_path(notebook),
            output=self._project_path(output),
            **{"kind": kind, "title": title, "url": url, "token": token, "user": user, "group": group},
            codes=codes or None,
            expiresIn=expires_in,
            namespace=namespace,
        )

    def _project_path(self, path: PathLike | None) -> str | None:
        if path is None:
            return None
        folder = self._folder()
        return Located(find_root(folder), folder).project_path(path)


_here = Sharing()
namespace = _here.namespace
member = _here.member
share = _here.share
compute = _here.compute


def clone(address: str, folder: PathLike | None = None, *, branch: str | None = None, lazy: bool = False) -> Result:
    """Clone a shared project; its folder is `root` of the result.

    Parameters
    ----------
    address : str
        ``PLACE/NAMESPACE/PROJECT``, or where git finds a project.
    folder : path
        Where to; a new folder of the project's name when missing.
    branch : str
        The branch to start on; the one its owners chose when missing.
    lazy : bool
        Assets come when they are asked for.

    Examples
    --------
    >>> repo = bb.open(bb.clone("/srv/shared/ml-team/iris").root)
    """
    return _here._shared("clone", address=address, folder=_absolute(folder), branch=branch, lazy=lazy or None)


def join(link: str, folder: PathLike | None = None, *, look: bool = False, only: bool = False) -> Result:
    """Take what a link gives, and clone the project (into `folder`) unless it is there, or `only` the rights.

    With `look`, take nothing, and say what the link would give.
    """
    return _here._shared("join", link=link, folder=_absolute(folder), look=look or None, only=only or None)


def login(place: str, token: str | None = None) -> Result:
    """Sign in to a hub, with a token of yours, with that in ``BRANCHBOOK_TOKEN``, through JupyterHub, or on a page."""
    return _here._shared("login", place=place, token=token or os.environ.get("BRANCHBOOK_TOKEN") or None)


def logout(place: str) -> Result:
    """Forget the token of a hub."""
    return _here._shared("logout", place=place)


def _absolute(path: PathLike | None) -> str | None:
    return None if path is None else str(Path(path).expanduser().absolute())


def _milliseconds(time: datetime | None) -> int | None:
    return None if time is None else int(time.timestamp() * 1000)


def _principal(text: str) -> dict[str, str]:
    """Read ``user:anna``; a name alone is a person's. Whether somebody can be called so, the core says."""
    if text == "everyone":
        return {"kind": "everyone"}
    kind, colon, name = text.partition(":")
    return {"kind": kind, "name": name} if colon else {"kind": "user", "name": text}


def _object(text: str | None) -> dict[str, str]:
    """Read ``branch:iris/prod``; a name alone is a project's, one with a path an asset's."""
    if text is None:
        raise _usage("what", "Share what?", 'For example repo.share("grant", "iris", who="anna").')
    if text == "namespace":
        return {"kind": "namespace"}
    kind, colon, rest = text.partition(":")
    if not colon:
        kind, rest = ("asset" if "/" in text.rstrip("/") else "project"), text
    rest = rest.rstrip("/")
    names = _PARTS.get(kind, ())
    parts = rest.split("/", 1) if len(names) == 2 else [rest]
    if len(parts) != len(names) or not all(parts):
        things = "namespace, iris, iris/data/raw, branch:iris/prod, pipeline:iris/train or compute:gpu-1"
        raise _usage("what", f"{text!r} names nothing that can be shared.", f"Write it as {things}.")
    return {"kind": kind, **dict(zip(names, parts, strict=True))}


def _usage(argument: str, message: str, hint: str) -> BranchbookError:
    return BranchbookError("USAGE", message, {"argument": argument, "reason": message}, hint)
