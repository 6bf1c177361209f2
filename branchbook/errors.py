"""The one exception every failure becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .advice import advice


class BranchbookError(Exception):
    """A failure the core, or the way to it, can explain.

    Attributes
    ----------
    code : str
        A row of the error table, for example ``WORK_TREE_DIRTY``.
    message : str
        What happened, for people.
    data : dict
        What programs may want to know; depends on the code.
    hint : str
        What to do next; empty when the message says it all.
    """

    def __init__(self, code: str, message: str, data: Mapping[str, Any] | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = dict(data or {})
        self.hint = hint

    def __str__(self) -> str:
        return advice(f"{self.message} {self.hint}".rstrip())

    @classmethod
    def from_json(cls, error: Mapping[str, Any]) -> BranchbookError:
        """Read the form in which errors travel."""
        return cls(
            str(error.get("code", "INTERNAL")),
            str(error.get("message", "The core reported an error without a message.")),
            error.get("data") or {},
            str(error.get("hint") or ""),
        )

    def to_json(self) -> dict[str, Any]:
        """The form in which errors travel."""
        return {"code": self.code, "message": self.message, "data": self.data, "hint": self.hint}
