"""Finding the core, or starting it: one per user and machine, shared by Jupyter Server and all kernels."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote

from jupyter_core.paths import jupyter_runtime_dir

from ._node import find_node
from ._transport import Core, Endpoint, Unreachable
from .errors import BranchbookError

#: The protocol this package speaks (`protocolVersion` in src/service/protocol.ts).
PROTOCOL = 1
#: Seconds a core may take to start on a slow machine.
START_TIMEOUT = 30.0
#: Seconds another process may hold the start lock.
LOCK_TIMEOUT = 60.0
#: Bytes of the log at which a fresh one is begun; the last one is kept.
LOG_LIMIT = 5_000_000
#: The longest path every system takes for a Unix socket (macOS: 104 bytes with the closing zero).
SOCKET_PATH_LIMIT = 100

_WINDOWS = os.name == "nt"


def bundle() -> Path:
    """The core's program.

    Raises
    ------
    BranchbookError
        ``IO`` when this installation lacks it.
    """
    path = Path(__file__).parent / "_core" / "branchbook.cjs"
    if not path.is_file():
        raise BranchbookError(
            "IO",
            "This installation of Branchbook lacks its core.",
            {"path": str(path)},
            "Install it again with `pip install --force-reinstall branchbook`; in a checkout run `npm run build:core`.",
        )
    return path


def runtime_dir() -> Path:
    """Jupyter's runtime directory, which is created for this user alone; below it for a named server of JupyterHub."""
    path = Path(jupyter_runtime_dir())
    # Each server has a token of its own, and is shared by itself.
    server = os.environ.get("JUPYTERHUB_SERVER_NAME")
    if server:
        path /= f"branchbook-{quote(server, safe='')}"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def log_path() -> Path:
    """Where the core writes what it does."""
    return runtime_dir() / "branchbook-core.log"


def discovery_path() -> Path:
    """The file in which a core says where it listens."""
    return runtime_dir() / "branchbook-core.json"


def discover() -> Endpoint | None:
    """What the discovery file says; the core it names may have died since."""
    try:
        found = json.loads(discovery_path().read_text(encoding="utf-8"))
        token = found["token"]
        return Endpoint(
            int(found["pid"]),
            str(found["socket"]),
            None if token is None else str(token),
            str(found["version"]),
            int(found["protocol"]),
            found.get("lent"),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def ensure_core() -> Core:
    """A running core of this version, started when there is none.

    Safe to call from many processes at once: one starts the core, the others wait for it.

    Raises
    ------
    BranchbookError
        ``IO`` when it cannot be started, ``VERSION_MISMATCH`` when a core of another protocol is busy.
    """
    return Core(ensure_endpoint(), ensure_endpoint)


def ensure_endpoint() -> Endpoint:
    """As `ensure_core`, for callers that bring their own transport."""
    endpoint = _alive()
    if endpoint and not _outdated(endpoint):
        return _speaking(endpoint)
    with _start_lock():
        endpoint = _alive()
        if endpoint and (not _outdated(endpoint) or not _retire(endpoint)):
            return _speaking(endpoint)
        return _speaking(_start())


def _alive() -> Endpoint | None:
    """The core of the discovery file, if it answers."""
    endpoint = discover()
    if endpoint is None:
        return None
    try:
        health = Core(endpoint).health()
    except BranchbookError:
        return None
    return endpoint if health.get("pid") == endpoint.pid else None


def _outdated(endpoint: Endpoint) -> bool:
    """True when the program on disk was replaced after that core began, or speaks a newer protocol.

    So it is under JupyterHub when the server was started anew: the token of before is worth nothing any more.
    """
    lent = _lent()
    if endpoint.protocol < PROTOCOL or (lent is not None and lent != endpoint.lent):
        return True
    try:
        return bundle().stat().st_mtime > discovery_path().stat().st_mtime
    except (OSError, BranchbookError):
        return False


def _lent() -> str | None:
    token = os.environ.get("JUPYTERHUB_API_TOKEN")
    return hashlib.sha256(token.encode()).hexdigest() if token else None


def _speaking(endpoint: Endpoint) -> Endpoint:
    if endpoint.protocol == PROTOCOL:
        return endpoint
    raise BranchbookError(
        "VERSION_MISMATCH",
        f"A Branchbook core of another version ({endpoint.version}) is running.",
        {"client": PROTOCOL, "core": endpoint.protocol},
        "Let it finish or stop it, use one version of branchbook everywhere, then restart the kernel.",
    )


def _retire(endpoint: Endpoint) -> bool:
    """Stop an outdated core. False when it is busy and has to go on."""
    try:
        if not Core(endpoint).shutdown(when_idle=True):
            return False
    except Unreachable:
        return True
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        current = discover()
        if current is None or current.pid != endpoint.pid:
            return True
        time.sleep(0.02)
    return False


def _start() -> Endpoint:
    """Start a core that outlives this process, and wait until it answers."""
    command = [find_node(), str(bundle()), "serve", "--socket", _socket_path()]
    with _open_log() as log:
        try:
            process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=runtime_dir(),
                env={**os.environ, "JUPYTER_RUNTIME_DIR": str(runtime_dir())},
                close_fds=True,
                **_detached(),
            )
        except OSError as error:
            raise _not_started(str(error)) from error
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        endpoint = _alive()
        if endpoint:
            return endpoint
        if process.poll() is not None:
            # Exit code 0: another core was there first, and answers from now on.
            endpoint = _alive() if process.returncode == 0 else None
            if endpoint:
                return endpoint
            raise _not_started(f"it ended with exit code {process.returncode}")
        time.sleep(0.02)
    process.terminate()
    raise _not_started(f"it did not answer within {START_TIMEOUT:.0f} s")


def _detached() -> dict[str, object]:
    """Own session (own process group on Windows): an interrupt of the kernel must not stop everybody's core."""
    if _WINDOWS:
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}  # type: ignore[attr-defined]
    return {"start_new_session": True}


def _not_started(reason: str) -> BranchbookError:
    return BranchbookError(
        "IO",
        f"The Branchbook core could not be started: {reason}.",
        {"reason": reason, "log": str(log_path())},
        f"Its log says more: {log_path()}",
    )


def _socket_path() -> str:
    """Where the core is to listen; a private folder elsewhere when the runtime directory's path is too long."""
    path = runtime_dir() / "branchbook" / "core.sock"
    if len(os.fsencode(path)) > SOCKET_PATH_LIMIT:
        path = Path(tempfile.mkdtemp(prefix="branchbook-")) / "core.sock"
    return str(path)


def _open_log() -> IO[bytes]:
    path = log_path()
    try:
        if path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_suffix(".log.1"))
    except FileNotFoundError:
        pass
    return open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), "ab")


@contextmanager
def _start_lock() -> Iterator[None]:
    """Held by the one process that starts or replaces the core; the system releases it when that process dies."""
    descriptor = os.open(runtime_dir() / "branchbook-core.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        deadline = time.monotonic() + LOCK_TIMEOUT
        while not _try_lock(descriptor):
            if time.monotonic() > deadline:
                raise _not_started("another process is starting it and does not get ready")
            time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        if _WINDOWS:
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return False
        raise
    return True
