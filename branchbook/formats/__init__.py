"""How Python objects become files and files become objects again.

One module per family of objects; `registry` chooses by type and by suffix. Libraries are imported when an object or
a file needs them, never when Branchbook is.
"""

from .registry import load, save

__all__ = ["load", "save"]
