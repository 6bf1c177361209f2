"""Branches for everything a notebook touches.

>>> import branchbook as bb
>>> repo = bb.open()
>>> repo.snapshot(df, "data/sales.parquet", message="clean")

In a notebook: ``%load_ext branchbook``, then ``%bb snapshot df data/sales.parquet -m "clean"``.
"""

from __future__ import annotations

from typing import Any

from ._jupyter import _jupyter_labextension_paths, _jupyter_server_extension_points
from ._version import __version__
from .client import Repo, init, open
from .errors import BranchbookError
from .sharing import clone, compute, join, login, logout, member, namespace, share

__all__ = [
    "BranchbookError",
    "Repo",
    "__version__",
    "_jupyter_labextension_paths",
    "_jupyter_server_extension_points",
    "clone",
    "compute",
    "init",
    "join",
    "load_ipython_extension",
    "login",
    "logout",
    "member",
    "namespace",
    "open",
    "share",
    "unload_ipython_extension",
]


def load_ipython_extension(ipython: Any) -> None:
    """Register `%bb` (called by ``%load_ext branchbook``)."""
    from .magics import load

    load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """Remove `%bb` (called by ``%unload_ext branchbook``)."""
    from .magics import unload

    unload(ipython)
