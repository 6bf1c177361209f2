"""In a real kernel: what the front end tells about the cell, completion requests, and interruption."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel


@pytest.fixture
def started(repository: Path) -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    (repository / "train.ipynb").touch()
    environment = {**os.environ, "JPY_SESSION_NAME": str(repository / "train.ipynb")}
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(repository), env=environment)
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(started: tuple[KernelManager, BlockingKernelClient]) -> BlockingKernelClient:
    return started[1]


def execute(client: BlockingKernelClient, code: str, metadata: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Run code as a front end does, and give the content of every output."""
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
    message = client.session.msg("execute_request", content, metadata=metadata)
    client.shell_channel.send(message)
    outputs = []
    while True:
        answer = client.get_iopub_msg(timeout=60)
        if answer["parent_header"].get("msg_id") != message["header"]["msg_id"]:
            continue
        if answer["msg_type"] == "status" and answer["content"]["execution_state"] == "idle":
            return outputs
        outputs.append(answer["content"])


@pytest.mark.parametrize("sent", ["1f5d0f2e-cell", "vscode-notebook-cell:/home/ada/train.ipynb#1f5d0f2e-cell"])
def test_provenance_of_a_cell(kernel: BlockingKernelClient, sent: str) -> None:
    code = (
        "import json, pandas\nfrom pathlib import Path\nfrom branchbook import provenance\n"
        "print(json.dumps(provenance.collect(Path.cwd())))"
    )
    outputs = execute(kernel, code, {"cellId": sent})
    facts = json.loads("".join(output.get("text", "") for output in outputs))
    assert facts["notebook"] == "train.ipynb"
    assert facts["cell"] == "1f5d0f2e-cell"
    assert facts["kernel"].startswith("python3 (CPython 3.")
    assert {"pandas", "numpy"} <= set(facts["libraries"])


def test_completion_request(kernel: BlockingKernelClient) -> None:
    execute(kernel, "%load_ext branchbook")
    execute(kernel, "sales = 1")
    code = "x = 1\n%bb snapshot sal"
    answer = kernel.complete(code, len(code), reply=True, timeout=60)["content"]
    assert answer["matches"] == ["sales"]
    assert code[: answer["cursor_start"]] + answer["matches"][0] == "x = 1\n%bb snapshot sales"


def test_progress_is_one_output_that_is_updated(kernel: BlockingKernelClient) -> None:
    outputs = execute(
        kernel,
        "from branchbook import progress\nprogress.PATIENCE = progress.INTERVAL = 0\n"
        "line = {'phase': 'moving', 'total': 3, 'unit': 'files'}\n"
        "with progress.Progress('switch') as shown:\n"
        "    for done in range(3):\n        shown.update({**line, 'done': done})",
    )
    shown = [output for output in outputs if "data" in output]
    assert len(shown) == 4
    assert len({output["transient"]["display_id"] for output in shown}) == 1
    assert "done after" in shown[-1]["data"]["text/plain"]


@pytest.mark.parametrize("cell", ["bb.open().status()", "%bb check --data"])
def test_an_interrupt_cancels_the_operation(
    started: tuple[KernelManager, BlockingKernelClient], tmp_path: Path, cell: str
) -> None:
    """The core learns of a cancellation by the connection's end; here a socket that never answers is the core."""
    manager, client = started
    path = str(tmp_path / "core.sock")
    received, closed = threading.Event(), threading.Event()

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        while connection.recv(65536):
            received.set()
        closed.set()

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        execute(
            client,
            "%load_ext branchbook\nimport branchbook as bb\nfrom branchbook import _core\n"
            "from branchbook._transport import Core, Endpoint\n"
            f"_core.ensure_core = lambda: Core(Endpoint(1, {path!r}, None, '0', 1))",
        )
        threading.Thread(target=lambda: received.wait(30) and manager.interrupt_kernel()).start()
        outputs = execute(client, cell)
    assert [output["ename"] for output in outputs if "ename" in output] == ["KeyboardInterrupt"]
    assert closed.wait(10)
