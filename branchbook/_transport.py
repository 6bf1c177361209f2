"""Talking to the core: HTTP over its Unix socket (loopback with a token on Windows), standard library only."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from .errors import BranchbookError

ProgressListener = Callable[[Mapping[str, Any]], None]

#: Seconds in which a core that runs accepts a connection and answers a health question.
ANSWER_TIMEOUT = 5.0


@dataclass(frozen=True)
class Endpoint:
    """Where a core listens: the content of the discovery file.

    Attributes
    ----------
    pid : int
    socket : str
        Path of the Unix socket, or ``127.0.0.1:<port>``.
    token : str or None
        Needed on TCP only; a Unix socket is protected by its permissions.
    version : str
    protocol : int
    lent : str or None
        Fingerprint of the token that JupyterHub lent the server it was started from.
    """

    pid: int
    socket: str
    token: str | None
    version: str
    protocol: int
    lent: str | None = None

    @property
    def tcp(self) -> tuple[str, int] | None:
        """Host and port, when the core listens on TCP."""
        if self.token is None:
            return None
        host, _, port = self.socket.rpartition(":")
        return host, int(port)

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


class _Connection(http.client.HTTPConnection):
    """An HTTP connection through a Unix socket or TCP, as the endpoint says."""

    def __init__(self, endpoint: Endpoint, timeout: float | None) -> None:
        super().__init__("localhost", timeout=timeout)
        self._endpoint = endpoint

    def connect(self) -> None:
        """Open the socket; connecting is always quick or hopeless, reading may take as long as the work does."""
        if self._endpoint.tcp:
            self.sock = socket.create_connection(self._endpoint.tcp, timeout=ANSWER_TIMEOUT)
        else:
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(ANSWER_TIMEOUT)
            self.sock.connect(self._endpoint.socket)
        self.sock.settimeout(self.timeout)


@contextmanager
def _cancelling(connection: http.client.HTTPConnection, cancel: threading.Event | None) -> Iterator[None]:
    """While active, setting `cancel` breaks the connection, which is how the core learns of a cancellation."""
    if cancel is None:
        yield
        return
    finished = threading.Event()

    def watch() -> None:
        while not finished.is_set():
            if cancel.wait(0.1):
                with suppress(OSError):
                    if connection.sock:
                        connection.sock.shutdown(socket.SHUT_RDWR)
                return

    watcher = threading.Thread(target=watch, name="branchbook-cancel", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        finished.set()
        watcher.join()


class Unreachable(BranchbookError):
    """No core answers: `sent` tells whether the request may have reached one all the same."""

    def __init__(self, cause: BaseException, *, sent: bool) -> None:
        if sent:
            super().__init__(
                "OUTCOME_UNKNOWN",
                "The Branchbook core stopped before it answered.",
                {"reason": str(cause)},
                "Look at the status; run the operation again if it did not happen.",
            )
        else:
            super().__init__("IO", "The Branchbook core cannot be reached.", {"reason": str(cause)}, "Try again.")
        self.sent = sent


class Core:
    """A running core.

    Parameters
    ----------
    endpoint : Endpoint
        Where it listens.
    reconnect : callable, optional
        Gives the endpoint of a core that runs; called when this one does not accept connections any more.
    """

    def __init__(self, endpoint: Endpoint, reconnect: Callable[[], Endpoint] | None = None) -> None:
        self.endpoint = endpoint
        self._reconnect = reconnect

    def health(self) -> dict[str, Any]:
        """Version, protocol and process id of the core."""
        with self._request("GET", "/v1/health", None, ANSWER_TIMEOUT) as response:
            return _read_json(response)

    def operation(
        self,
        verb: str,
        project: str,
        args: Mapping[str, Any],
        on_progress: ProgressListener | None = None,
        cancel: threading.Event | None = None,
    ) -> dict[str, Any]:
        """Run a verb and wait for its result.

        Parameters
        ----------
        verb : str
        project : str
            Absolute path of any folder or file inside the project.
        args : mapping
            The verb's arguments.
        on_progress : callable, optional
            Called with each progress line.
        cancel : threading.Event, optional
            Setting it cancels the operation; so does any exception that leaves this call (an interrupt).

        Raises
        ------
        BranchbookError
        """
        body = {"project": project, "args": dict(args)}
        return self._run(f"/v1/operation/{verb}", body, on_progress, cancel)

    def command(
        self,
        argv: list[str],
        cwd: str,
        on_progress: ProgressListener | None = None,
        cancel: threading.Event | None = None,
    ) -> dict[str, Any]:
        """Run the command line inside the core; progress and cancellation are as for `operation`.

        Returns
        -------
        dict
            ``exitCode``, ``stdout``, ``stderr``, ``result``, ``error``: a command that fails is not an exception.
        """
        return self._run("/v1/command", {"cwd": cwd, "argv": argv}, on_progress, cancel)

    def _run(
        self,
        path: str,
        body: Mapping[str, Any],
        on_progress: ProgressListener | None,
        cancel: threading.Event | None,
    ) -> dict[str, Any]:
        """Follow a stream of progress lines to its last line."""
        with self._request("POST", path, body, None, cancel) as response:
            for line in _lines(response):
                if line["type"] == "result":
                    return line["result"]
                if line["type"] == "error":
                    raise BranchbookError.from_json(line["error"])
                if on_progress:
                    on_progress(line)
        raise _broken_off(EOFError("the stream ended without a result"), cancel)

    def shutdown(self, *, when_idle: bool) -> bool:
        """Ask the core to stop. False when it is busy and was asked to stop only when idle."""
        try:
            with self._request("POST", "/v1/shutdown", {"whenIdle": when_idle}, ANSWER_TIMEOUT) as response:
                response.read()
        except BranchbookError as error:
            if error.code == "LOCKED":
                return False
            raise
        return True

    @contextmanager
    def _request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        timeout: float | None,
        cancel: threading.Event | None = None,
    ) -> Iterator[http.client.HTTPResponse]:
        """One exchange. Leaving early closes the connection, and with it cancels the operation."""
        connection = self._connect(timeout)
        headers = dict(self.endpoint.headers)
        payload = None if body is None else json.dumps(body).encode()
        if payload is not None:
            headers["Content-Type"] = "application/json"
        try:
            with _cancelling(connection, cancel):
                connection.request(method, path, payload, headers)
                response = connection.getresponse()
                if response.status >= 400:
                    raise _failure(response)
                yield response
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _broken_off(error, cancel) from error
        finally:
            connection.close()

    def _connect(self, timeout: float | None) -> _Connection:
        """Connect, once more after bringing a core back when there is none."""
        try:
            return _open(self.endpoint, timeout)
        except OSError as error:
            if self._reconnect is None:
                raise Unreachable(error, sent=False) from error
        self.endpoint = self._reconnect()
        try:
            return _open(self.endpoint, timeout)
        except OSError as error:
            raise Unreachable(error, sent=False) from error


def _broken_off(cause: BaseException, cancel: threading.Event | None) -> BranchbookError:
    """Why an answer did not arrive: because of us, or because of the core."""
    if cancel is not None and cancel.is_set():
        return BranchbookError("CANCELLED", "The operation was cancelled.")
    return Unreachable(cause, sent=True)


def _open(endpoint: Endpoint, timeout: float | None) -> _Connection:
    connection = _Connection(endpoint, timeout)
    try:
        connection.connect()
    except OSError:
        connection.close()
        raise
    return connection


def _read_json(response: http.client.HTTPResponse) -> dict[str, Any]:
    return json.loads(response.read())


def _lines(response: http.client.HTTPResponse) -> Iterator[dict[str, Any]]:
    """The stream's lines as they arrive; empty ones only keep the connection alive."""
    while line := response.readline():
        if line.strip():
            yield json.loads(line)


def _failure(response: http.client.HTTPResponse) -> BranchbookError:
    """The error in a response that failed before its stream began."""
    text = response.read().decode(errors="replace")
    try:
        return BranchbookError.from_json(json.loads(text)["error"])
    except (ValueError, KeyError, TypeError):
        return BranchbookError("INTERNAL", f"The Branchbook core answered {response.status} {response.reason}.")
