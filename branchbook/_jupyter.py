"""What Jupyter asks a package for when it looks for extensions."""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from .extension import BranchbookExtension

    return [{"module": "branchbook", "app": BranchbookExtension}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "branchbook"}]
