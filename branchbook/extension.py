"""The Jupyter Server extension: an authenticated way from the browser to the core."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_server.extension.application import ExtensionApp
from traitlets import Unicode

from . import _node
from ._connection import CoreConnection
from .handlers import handlers

#: `eventSchema` in src/service/protocol.ts.
EVENT_SCHEMA = "https://branchbook.dev/events/project/v1"


class BranchbookExtension(ExtensionApp):
    """Branches, snapshots and versions for JupyterLab."""

    name = "branchbook"
    handlers = handlers

    node = Unicode(
        "",
        config=True,
        help=f"The Node.js program that runs the core; empty: look for one. As the environment's {_node.SETTING}.",
    )

    def initialize_settings(self) -> None:
        """Prepare the way to the core. The core itself is started by the first request, not by Jupyter's start."""
        if self.node:
            # In the environment, so that kernels started from here use the same.
            os.environ[_node.SETTING] = self.node
        self.serverapp.event_logger.register_event_schema(Path(__file__).parent / "event-schemas" / "project-v1.yaml")
        self._connection = CoreConnection(self.log, self._emit)
        self.settings["branchbook_connection"] = self._connection

    async def stop_extension(self) -> None:
        """Called when Jupyter Server stops."""
        await self._connection.close()

    def _emit(self, event: Mapping[str, Any]) -> None:
        data = {name: event[name] for name in ("root", "what", "branch", "commit")}
        self.serverapp.event_logger.emit(schema_id=EVENT_SCHEMA, data=data)
