"""The wheel, installed in a fresh environment where neither npm nor a system Node exists, gives the same JupyterLab."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "wheel-test"


def run(*argv: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    done = subprocess.run([str(part) for part in argv], cwd=cwd, env=env, capture_output=True, text=True)
    assert done.returncode == 0, f"{argv} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh virtual environment with the wheel installed; returns its bin folder."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder / "dist", ROOT)
    (wheel,) = (folder / "dist").glob("branchbook-*.whl")
    # It carries DuckDB's program, so it is for one platform.
    assert "-py3-none-" in wheel.name and not wheel.name.endswith("-any.whl")
    assert wheel.stat().st_size < 40_000_000
    run(sys.executable, "-m", "venv", folder / "venv")
    run(folder / "venv" / "bin" / "python", "-m", "pip", "install", "--quiet", wheel)
    return folder / "venv" / "bin"


@pytest.fixture
def isolated(environment: Path, tmp_path: Path) -> dict[str, str]:
    """Environment variables of a machine without Node: only git and the new environment are on the PATH."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for program in ("git", "sh", "uname"):
        found = subprocess.run(["/usr/bin/which", program], capture_output=True, text=True).stdout.strip()
        (tools / program).symlink_to(found)
    return {
        "PATH": f"{environment}:{tools}",
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "JUPYTER_TOKEN": TOKEN,
        "GIT_AUTHOR_NAME": "Wheel",
        "GIT_AUTHOR_EMAIL": "wheel@example.org",
        "GIT_COMMITTER_NAME": "Wheel",
        "GIT_COMMITTER_EMAIL": "wheel@example.org",
    }


def test_command_line(environment: Path, isolated: dict[str, str], tmp_path: Path) -> None:
    version = json.loads((ROOT / "package.json").read_text())["version"]
    assert version in run(environment / "branchbook", "--version", env=isolated)
    project = tmp_path / "project"
    project.mkdir()
    (project / "data").mkdir()
    (project / "data" / "rows.csv").write_text("a,b\n1,2\n")
    run(environment / "branchbook", "init", cwd=project, env=isolated)
    run(environment / "branchbook", "snapshot", "-m", "first", cwd=project, env=isolated)
    status = json.loads(run(environment / "branchbook", "status", "--json", cwd=project, env=isolated))
    assert status["clean"] is True
    pointer = run("git", "show", "HEAD:data/rows.csv", cwd=project)
    assert pointer.startswith("version https://git-lfs.github.com/spec/v1")


def test_tables(environment: Path, isolated: dict[str, str], tmp_path: Path) -> None:
    project = tmp_path / "tables"
    (project / "data").mkdir(parents=True)
    pd.DataFrame({"x": [1, 2, 4], "y": ["a", "b", "a"]}).to_parquet(project / "data" / "t.parquet")
    run(environment / "branchbook", "init", cwd=project, env=isolated)
    run(environment / "branchbook", "snapshot", "-m", "first", cwd=project, env=isolated)
    shown = json.loads(run(environment / "branchbook", "show", "data/t.parquet", "--json", cwd=project, env=isolated))
    x, y = shown["content"]["statistics"]
    assert (x["mean"], x["maximum"], y["top"][0]) == (pytest.approx(7 / 3), 4, {"value": "a", "count": 2})


@pytest.fixture
def server(environment: Path, isolated: dict[str, str], tmp_path: Path) -> Iterator[str]:
    project = tmp_path / "served"
    project.mkdir()
    run(environment / "branchbook", "init", cwd=project, env=isolated)
    log = (tmp_path / "jupyter.log").open("w")
    argv = [environment / "jupyter", "lab", "--no-browser", "--port=18777", f"--ServerApp.root_dir={project}"]
    if os.geteuid() == 0:
        argv.append("--allow-root")
    process = subprocess.Popen([str(part) for part in argv], env=isolated, stdout=log, stderr=log)
    base = "http://127.0.0.1:18777"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{base}/api")
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        else:
            pytest.fail((tmp_path / "jupyter.log").read_text())
        yield base
    finally:
        process.terminate()
        process.wait(20)


def fetch(url: str) -> dict:
    request = urllib.request.Request(url, headers={"Authorization": f"token {TOKEN}"})
    return json.loads(urllib.request.urlopen(request).read())


def test_jupyterlab(server: str) -> None:
    health = fetch(f"{server}/branchbook/api/health")
    assert health["version"] == json.loads((ROOT / "package.json").read_text())["version"]
    located = fetch(f"{server}/branchbook/api/project?path=")
    assert located["contentsPath"] == ""
    page = urllib.request.urlopen(
        urllib.request.Request(f"{server}/lab", headers={"Authorization": f"token {TOKEN}"})
    ).read()
    config = json.loads(
        page.decode().split('id="jupyter-config-data" type="application/json">')[1].split("</script>")[0]
    )
    ours = [extension for extension in config["federated_extensions"] if extension["name"] == "branchbook"]
    assert len(ours) == 1
    bundle = urllib.request.urlopen(f"{server}/lab/extensions/branchbook/{ours[0]['load']}").read()
    assert len(bundle) > 1000
