"""What the Python tests share: git repositories, a running core of their own, and an IPython shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import branchbook as bb


def git(folder: Path, *argv: str) -> str:
    """Run git and give what it prints."""
    return subprocess.run(["git", *argv], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="session", autouse=True)
def importable() -> Iterator[None]:
    """Kernels and scripts that tests start import the same package as the tests do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(bb.__file__).parents[1]), prepend=os.pathsep)
        yield


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty git repository with an identity, as the working folder."""
    folder = (tmp_path / "project").resolve()
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.name", "Ada Lovelace")
    git(folder, "config", "user.email", "ada@example.org")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(scope="session")
def own_core() -> Iterator[Path]:
    """Runtime and configuration folders of this test run: neither the core nor the places it knows are the user's."""
    from branchbook._core import discover
    from branchbook._transport import Core

    folder = Path(tempfile.mkdtemp(prefix="bb-"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_RUNTIME_DIR", str(folder))
        patch.setenv("XDG_CONFIG_HOME", str(folder / "configuration"))
        yield folder
        endpoint = discover()
        if endpoint is not None:
            Core(endpoint).shutdown(when_idle=False)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def project(repository: Path, own_core: Path) -> bb.Repo:
    """A project with one snapshot."""
    (repository / "README.md").write_text("# Project\n")
    repo = bb.init(repository)
    repo.snapshot(message="Start")
    return repo


@pytest.fixture
def shell() -> Iterator[Any]:
    """An IPython shell with the magics loaded; `get_ipython()` finds it."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    instance = InteractiveShell.instance(config=config)
    instance.run_line_magic("load_ext", "branchbook")
    yield instance
    instance.run_line_magic("unload_ext", "branchbook")
    InteractiveShell.clear_instance()
