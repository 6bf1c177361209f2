"""The routes below `branchbook/api/`: authenticate, authorise, locate, then stream from the core."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import tornado.web
from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.extension.handler import ExtensionHandlerMixin
from tornado.iostream import StreamClosedError

from . import located
from ._connection import CoreConnection
from .errors import BranchbookError

AUTH_RESOURCE = "branchbook"
#: Verbs that change nothing: a viewer may run them, and running them twice does no harm.
READ_VERBS = frozenset({"status", "versions", "show", "compare", "assets"})
#: The same for verbs of which only some actions change nothing.
READ_ACTIONS: dict[str, tuple[str, ...]] = {
    "branch": ("list",),
    "namespace": ("list", "show", "audit", "activity"),
    "member": ("list",),
    "share": ("list", "explain"),
    "compute": ("list", "server-shares"),
    # To look how a branch stands also tells who else is there, which is forgotten in a minute.
    "remote": ("list", "check"),
}
#: Verbs that make a folder. Its name is a contents path, because browsers know no other.
FOLDER_VERBS = frozenset({"clone", "join"})
#: HTTP status of failures that arise on this side of the core (the core sets the status of its own).
_STATUS = {"USAGE": 400, "PATH_UNSAFE": 400, "PERMISSION_DENIED": 403, "NOT_A_PROJECT": 404, "VERSION_MISMATCH": 426}


def is_read(verb: str, args: dict[str, Any]) -> bool:
    """True when running the verb with these arguments changes nothing."""
    return (
        verb in READ_VERBS
        or (verb == "diff" and args.get("export") is None)
        or args.get("action") in READ_ACTIONS.get(verb, ())
        or (verb == "undo" and args.get("list") is True)
        or (verb == "check" and args.get("repair") is not True)
    )


class BranchbookHandler(ExtensionHandlerMixin, APIHandler):
    """What all routes share."""

    auth_resource = AUTH_RESOURCE

    @property
    def connection(self) -> CoreConnection:
        """The way to the core."""
        return self.settings["branchbook_connection"]

    @property
    def root_dir(self) -> str:
        """Absolute path of the folder that contents paths start from."""
        return getattr(self.contents_manager, "root_dir", None) or self.serverapp.root_dir

    def absolute(self, contents_path: str) -> Path:
        """See `located.to_absolute`."""
        return located.to_absolute(self.root_dir, contents_path)

    def fail(self, error: BranchbookError) -> None:
        """Answer with an error, in the form the core uses."""
        self.set_status(_STATUS.get(error.code, 500))
        self.finish(json.dumps({"type": "error", "error": error.to_json()}))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Failures of ours are typed; everything else is Jupyter's."""
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        if isinstance(error, BranchbookError):
            self.fail(error)
        else:
            super().write_error(status_code, **kwargs)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """A typed failure is an answer, not a fault of the server."""
        if not isinstance(value, BranchbookError):
            super().log_exception(typ, value, tb)


class HealthHandler(BranchbookHandler):
    """`GET health`: starts the core when needed."""

    @tornado.web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer the core's health."""
        self.finish(json.dumps(await self.connection.ask("/v1/health")))


class ProjectHandler(BranchbookHandler):
    """`GET project?path=P`: the project that holds a contents path."""

    @tornado.web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer `LocatedProject`."""
        path = self.absolute(self.get_query_argument("path", "", strip=False))
        found = await self.connection.ask(f"/v1/project?path={quote(str(path), safe='')}")
        self.connection.follow(found["root"])
        self.finish(json.dumps(located.describe(self.root_dir, found["root"])))


class OperationHandler(BranchbookHandler):
    """`POST operation/<verb>`: runs a verb, streaming its lines to the browser."""

    _running: asyncio.Task[None] | None = None
    _gone = False

    @tornado.web.authenticated
    async def post(self, verb: str) -> None:
        """Answer the core's stream."""
        path, args = self._read_request()
        read_only = is_read(verb, args)
        await self._authorize("read" if read_only else "write")
        project = self.absolute(path)
        for output in (args.get("output"), args.get("export")):
            if isinstance(output, str):
                located.check_output(self.root_dir, project, output)
        folder = args.get("folder")
        if verb in FOLDER_VERBS and isinstance(folder, str):
            args = {**args, "folder": str(self.absolute(folder))}
        body = {"project": str(project), "args": args}
        # A task of its own, so that `on_connection_close` has something to cancel.
        self._running = asyncio.create_task(self._stream(verb, body, read_only))
        try:
            await self._running
        except asyncio.CancelledError:
            if not self._gone:
                raise

    def on_connection_close(self) -> None:
        """The browser went away: so does our connection to the core, which cancels the operation there."""
        super().on_connection_close()
        self._gone = True
        if self._running:
            self._running.cancel()

    def _read_request(self) -> tuple[str, dict[str, Any]]:
        body = self.get_json_body()
        path = body.get("path") if isinstance(body, dict) else None
        args = body.get("args", {}) if isinstance(body, dict) else None
        if not isinstance(path, str) or not isinstance(args, dict):
            reason = "it needs a path and an object of arguments"
            raise BranchbookError("USAGE", f"The request is not as it should be: {reason}.", {"reason": reason})
        return path, args

    async def _authorize(self, action: str) -> None:
        """As `@authorized`, which cannot look at the verb."""
        allowed = await ensure_async(self.authorizer.is_authorized(self, self.current_user, action, self.auth_resource))
        if not allowed:
            raise tornado.web.HTTPError(403, f"User is not authorized to {action} on resource: {self.auth_resource}.")

    async def _stream(self, verb: str, body: dict[str, Any], read_only: bool) -> None:
        path = f"/v1/operation/{quote(verb, safe='')}"
        try:
            async with self.connection.open("POST", path, body, again=read_only) as answer:
                self.set_status(answer.status)
                self.set_header("Content-Type", "application/x-ndjson")
                self.set_header("Cache-Control", "no-store")
                # Proxies in front of Jupyter must not hold back the progress.
                self.set_header("X-Accel-Buffering", "no")
                async for line in answer.lines():
                    self.write(line)
                    await self.flush()
        except StreamClosedError:
            return
        except BranchbookError as error:
            if not self._headers_written:
                raise
            self.write(json.dumps({"type": "error", "error": error.to_json()}) + "\n")
        self.finish(set_content_type="application/x-ndjson")


class FileHandler(BranchbookHandler):
    """`GET file?path=P&address=A`: the bytes of a version, to look at."""

    #: Bytes read and sent at a time.
    PIECE = 1 << 20

    @tornado.web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer the bytes, in a form that no browser opens as a page: a file may hold anything."""
        address = self.get_query_argument("address", "", strip=False)
        # Without a revision, `get` may put an asset's content in the place of its pointer; looking changes nothing.
        if "@" not in address:
            raise BranchbookError("USAGE", "The address names no version.", {"address": address})
        project = self.absolute(self.get_query_argument("path", "", strip=False))
        found = await self._find(str(project), address)
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Content-Disposition", "attachment")
        self.set_header("Content-Length", str(found["size"]))
        self.set_header("Content-Security-Policy", "default-src 'none'; sandbox")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        with Path(found["file"]).open("rb") as file:
            while piece := await asyncio.to_thread(file.read, self.PIECE):
                self.write(piece)
                try:
                    await self.flush()
                except StreamClosedError:
                    return
        self.finish()

    def finish(self, *args: Any, **kwargs: Any) -> Any:
        """As usual, but bytes stay bytes: `APIHandler` would call them JSON."""
        if self.get_status() == 200:
            kwargs["set_content_type"] = "application/octet-stream"
        return super().finish(*args, **kwargs)

    async def _find(self, project: str, address: str) -> dict[str, Any]:
        """What `get` answers."""
        body = {"project": project, "args": {"address": address}}
        last: dict[str, Any] = {}
        async with self.connection.open("POST", "/v1/operation/get", body, again=True) as answer:
            async for line in answer.lines():
                last = json.loads(line)
        if "result" not in last:
            raise BranchbookError.from_json(last["error"])
        return last["result"]


handlers = [
    (r"/branchbook/api/health", HealthHandler),
    (r"/branchbook/api/project", ProjectHandler),
    (r"/branchbook/api/file", FileHandler),
    (r"/branchbook/api/operation/([a-z-]+)", OperationHandler),
]
