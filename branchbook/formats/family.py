"""A family: one kind of object and the files it can be written to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

Facts = dict[str, Any]
Writer = Callable[[Any, Path], None]
Reader = Callable[[Path], Any]

_EMPTY: Mapping[str, Any] = MappingProxyType({})


def no_facts(_: Any) -> Facts:
    """Describe an object of which only the type matters."""
    return {}


@dataclass(frozen=True)
class Family:
    """One kind of object.

    Attributes
    ----------
    type : str
        Recorded as ``facts.type``, so that a version loads back to the same type.
    library : str or None
        Import name of the library the objects come from. An object can be of this family only if it is imported.
    matches : callable
        Tells whether an object belongs to the family. Called only when `library` is imported.
    writers, readers : mapping
        By lower-case suffix with the dot. A writer may write straight to its path: the caller makes it atomic.
    describe : callable
        Gives ``rows``, ``columns`` or ``shape`` of an object.
    unpickles : frozenset of str
        Suffixes whose reader can run code from the file.
    """

    type: str
    library: str | None
    matches: Callable[[Any], bool]
    writers: Mapping[str, Writer] = field(default_factory=lambda: _EMPTY)
    readers: Mapping[str, Reader] = field(default_factory=lambda: _EMPTY)
    describe: Callable[[Any], Facts] = no_facts
    unpickles: frozenset[str] = frozenset()

    def owns(self, obj: Any) -> bool:
        """Tell whether `obj` is of this family, without importing anything."""
        return self.imported and self.matches(obj)

    @property
    def imported(self) -> bool:
        """True when the library is loaded in this process."""
        return self.library is None or self.library in sys.modules

    @property
    def installed(self) -> bool:
        """True when the library can be imported."""
        return self.imported or find_spec(str(self.library).partition(".")[0]) is not None
