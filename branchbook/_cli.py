"""The `branchbook` command: the bundled program, run by Node in place of this process."""

from __future__ import annotations

import os
import subprocess
import sys

from ._core import bundle
from ._node import find_node
from .errors import BranchbookError


def main() -> int:
    """Run the command line with this process's arguments.

    Returns
    -------
    int
        The exit code, where the system cannot replace one process by another.
    """
    try:
        command = [find_node(), str(bundle()), *sys.argv[1:]]
    except BranchbookError as error:
        print(f"branchbook: {error}", file=sys.stderr)
        return 1
    if os.name == "nt":
        return subprocess.run(command, check=False).returncode  # noqa: S603 - our own program, no shell
    os.execv(command[0], command)  # noqa: S606 - as above
