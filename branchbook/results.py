"""Read-only results: attributes, rich and plain display, and the plain data underneath."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .display import View


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match.group(1).upper(), name)


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: "_" + match.group(1).lower(), name)


def _wrap(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Record(value)
    if isinstance(value, list | tuple):
        return tuple(_wrap(item) for item in value)
    return value


class Record:
    """A read-only view of plain data: ``record.new_bytes`` is the field ``newBytes``.

    Fields whose names are not Python names are reached as ``record["a-b"]``.
    """

    __slots__ = ("_data",)
    _data: Mapping[str, Any]

    def __init__(self, data: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_data", data)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        for key in (_camel(name), name):
            if key in self._data:
                return _wrap(self._data[key])
        raise AttributeError(f"no field {name!r}; there are: {', '.join(sorted(self._fields()))}")

    def __getitem__(self, name: str) -> Any:
        return _wrap(self._data[name])

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("results are read-only")

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __contains__(self, name: object) -> bool:
        return name in self._data

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and self._data == other._data

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self._data,))

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._fields()]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={self[name]!r}' for name in self._data)})"

    def _fields(self) -> list[str]:
        return [_snake(name) for name in self._data]

    def to_dict(self) -> dict[str, Any]:
        """Give a copy of the plain data, with the names of the wire format."""
        return copy.deepcopy(dict(self._data))


class Result(Record):
    """What a verb gave. Shows as HTML in notebooks and as text everywhere else.

    Parameters
    ----------
    verb : str
        For example ``status``.
    data : mapping
        The verb's result as the core gave it.
    warnings : tuple of str
        Sentences to show below it.
    """

    __slots__ = ("_verb", "_warnings")
    _verb: str
    _warnings: tuple[str, ...]

    def __init__(self, verb: str, data: Mapping[str, Any], warnings: tuple[str, ...] = ()) -> None:
        super().__init__(data)
        object.__setattr__(self, "_verb", verb)
        object.__setattr__(self, "_warnings", warnings)

    def __reduce__(self) -> tuple[Any, ...]:
        return (Result, (self._verb, self._data, self._warnings))

    @property
    def data(self) -> dict[str, Any]:
        """The plain data, as `to_dict` gives it."""
        return self.to_dict()

    def _view(self) -> View:
        from . import views

        return views.view_of(self._verb, self._data, self._warnings)

    def __repr__(self) -> str:
        from .display import to_text

        return to_text(self._view())

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def _repr_html_(self) -> str:
        from .display import to_html

        return to_html(self._view())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/plain": repr(self), "text/html": self._repr_html_()}
        if self._verb == "snapshot":
            bundle["application/vnd.branchbook.snapshot+json"] = self.to_dict()
        return bundle
