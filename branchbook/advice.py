"""How commands are named to whoever reads: `%bb pull` where that can be typed, `branchbook pull` elsewhere."""

from __future__ import annotations

import re
import sys

_COMMAND = re.compile(r"`branchbook (?!hub\b|serve\b)(?=[^`<]*`)")
"""A command that a cell can run: not a server, nor one that reads a file by the shell's ``<``."""


def advice(text: str) -> str:
    """Name the commands in `text` as they are typed here.

    The core writes hints for terminals. In a notebook whose kernel has the magic, its short name is what works.
    """
    return _COMMAND.sub("`%bb ", text) if _has_magic() else text


def _has_magic() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and shell.find_line_magic("bb") is not None
