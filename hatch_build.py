"""Put the native packages that the core uses into the wheel, and tag the wheel for the platform they are for."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import sys_tags

_NEEDED = ("@duckdb/node-api", "@napi-rs/blake-hash")
"""npm packages that the built core loads at run time; all else is part of its bundle."""

_PLAIN = "BRANCHBOOK_PLAIN_WHEEL"
"""Set to 1 to build a wheel for all platforms: tables then need DuckDB from elsewhere."""


class NativePackages(BuildHookInterface):
    """Copies packages with all they depend on, as far as npm installed them for this platform."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        shutil.rmtree(self._target, ignore_errors=True)
        if version == "editable" or os.environ.get(_PLAIN) == "1":
            return
        source = Path(self.root) / "node_modules"
        names = _closure(source, _NEEDED)
        if not any((source / name).glob("*.node") for name in names):
            return
        for name in sorted(names):
            shutil.copytree(
                source / name, self._target / name, ignore=shutil.ignore_patterns("*.d.ts", "*.map", "node_modules")
            )
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{_platform()}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        # The core of this checkout finds the same packages in its own node_modules.
        shutil.rmtree(self._target, ignore_errors=True)

    @property
    def _target(self) -> Path:
        return Path(self.root) / "branchbook" / "_core" / "node_modules"


def _closure(source: Path, wanted: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        manifest = source / name / "package.json"
        if name in found or not manifest.is_file():
            continue
        found.add(name)
        package = json.loads(manifest.read_text("utf-8"))
        waiting += [*package.get("dependencies", {}), *package.get("optionalDependencies", {})]
    return found


def _platform() -> str:
    """Give the wheel's platform; on Linux with glibc an older one than this machine's: DuckDB asks for 2.25 only."""
    if sys.platform != "linux":
        return sysconfig.get_platform().replace("-", "_").replace(".", "_")
    names = [tag.platform for tag in sys_tags()]
    portable = next((name for name in names if name.startswith(("manylinux", "musllinux"))), names[0])
    return re.sub(r"^manylinux_\d+_\d+", "manylinux_2_28", portable)
