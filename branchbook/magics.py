"""The `%bb` magic: every verb from a cell, with the objects of the notebook."""

from __future__ import annotations

import argparse
import keyword
import re
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand

from .advice import advice
from .client import Repo
from .completion import OPTIONS
from .display import clean
from .errors import BranchbookError
from .progress import Progress
from .results import Result

_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_BRACES = re.compile(r"(?<!@)\{([^{}]+)\}")


class MagicError(BranchbookError):
    """A failure shown as its message and hint, without a trace. `%bb --verbose …` shows the trace."""

    @classmethod
    def of(cls, error: BranchbookError) -> MagicError:
        """Take over the code, message, data and hint of an error."""
        return cls(error.code, error.message, error.data, error.hint)

    def _render_traceback_(self) -> list[str]:
        lines = [f"{clean(self.code)}: {clean(advice(self.message))}"]
        return [*lines, clean(advice(self.hint))] if self.hint else lines


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}\n{self.format_usage().strip()}")


def _snapshot_parser() -> _Parser:
    usage = "%(prog)s [NAME] [PATH …] [-m MESSAGE] [--allow-empty] [--allow-anomalies]"
    parser = _Parser(prog="%bb snapshot", usage=usage, add_help=False)
    parser.add_argument("words", nargs="*")
    parser.add_argument("-m", "--message")
    parser.add_argument("--allow-empty", action="store_true")
    parser.add_argument("--allow-anomalies", action="store_true")
    return parser


def _get_parser() -> _Parser:
    parser = _Parser(prog="%bb get", usage="%(prog)s PATH@REVISION [--as NAME] [--trust] [-o FILE]", add_help=False)
    parser.add_argument("address")
    parser.add_argument("--as", dest="name")
    parser.add_argument("--trust", action="store_true")
    parser.add_argument("-o", "--output")
    return parser


@magics_class
class BranchbookMagics(Magics):
    """Branch, snapshot and switch from a cell."""

    shell: Any

    @no_var_expand
    @line_magic
    def bb(self, line: str) -> Any:
        """Run a Branchbook verb.

        ``%bb status``, ``%bb snapshot df data/sales.parquet -m "clean"``, ``%bb get data/sales.parquet@main~2``,
        ``%bb switch experiment-1`` … ``%bb --help`` lists every verb, ``%bb VERB --help`` explains one.

        ``{name}`` stands for a variable's value. ``--verbose`` shows the Python trace of a failure.
        """
        return self._line(line)

    @no_var_expand
    @line_magic
    def branchbook(self, line: str) -> Any:
        """Run a Branchbook verb: the long name of `%bb`."""
        return self._line(line)

    def _line(self, line: str) -> Any:
        words = self._words(line)
        verbose = "--verbose" in words
        argv = [word for word in words if word != "--verbose"]
        try:
            return self._run(argv)
        except BranchbookError as error:
            if verbose:
                raise
            raise _shown(error) from None

    def _words(self, line: str) -> list[str]:
        try:
            words = shlex.split(line)
        except ValueError as error:
            raise UsageError(f"{error}: check the quotes in this line.") from error
        return [_BRACES.sub(self._expand, word) for word in words]

    def _expand(self, match: re.Match[str]) -> str:
        """Give the value of ``{expression}``; what is no Python of this notebook stays as it is."""
        try:
            return str(self.shell.ev(match[1]))
        except (NameError, SyntaxError):
            return match[0]

    def _run(self, argv: Sequence[str]) -> Any:
        own: dict[str, Callable[[Sequence[str]], Any]] = {"snapshot": self._snapshot, "get": self._get}
        if argv and argv[0] in own and not {"--help", "-h", "--json"}.intersection(argv):
            return own[argv[0]](argv[1:])
        return self._command(argv or ["--help"])

    # ------------------------------------------------------------------------------------------ snapshot

    def _snapshot(self, argv: Sequence[str]) -> Result:
        given = _snapshot_parser().parse_intermixed_args(list(argv))
        options = {
            "message": given.message,
            "allow_empty": given.allow_empty,
            "allow_anomalies": given.allow_anomalies,
        }
        if (found := self._variable(given.words)) is not None:
            return Repo().snapshot(found[0], given.words[1], **options)
        return Repo().snapshot(given.words or None, **options)

    def _variable(self, words: Sequence[str]) -> tuple[Any] | None:
        """Tell whether `words` are a variable and the path to store it at; give its value in a tuple."""
        if not words or not _is_name(words[0]):
            return None
        name, on_disk = words[0], Path(words[0]).exists()
        value = self._lookup(name)
        if value is None:
            if len(words) == 2 and not on_disk and not Path(words[1]).exists():
                raise UsageError(f"There is no variable and no file called {name!r}.")
            return None
        if len(words) == 1:
            if on_disk:
                return None
            raise UsageError(f"Where should {name} be stored? For example: %bb snapshot {name} data/{name}.parquet")
        if len(words) > 2:
            return None
        if on_disk and Path(words[1]).exists():
            raise UsageError(
                f"{name!r} is a variable and also a file or folder here. Write ./{name} for the one on disk, "
                "or give the variable another name."
            )
        return value

    def _lookup(self, name: str) -> tuple[Any] | None:
        first, *attributes = name.split(".")
        if first not in self.shell.user_ns:
            return None
        value = self.shell.user_ns[first]
        for attribute in attributes:
            if not hasattr(value, attribute):
                return None
            value = getattr(value, attribute)
        return (value,)

    # ----------------------------------------------------------------------------------------------- get

    def _get(self, argv: Sequence[str]) -> Any:
        given = _get_parser().parse_args(list(argv))
        if given.name is not None and not _is_variable(given.name):
            raise UsageError(f"{given.name!r} cannot be the name of a variable.")
        value = Repo().get(given.address, output=given.output, trust=given.trust)
        if given.name is None:
            return value
        self.shell.user_ns[given.name] = value
        return None

    # ------------------------------------------------------------------------------------------ the rest

    def _command(self, argv: Sequence[str]) -> Any:
        from ._core import ensure_core

        with Progress(argv[0]) as progress:
            answer = ensure_core().command(list(argv), str(Path.cwd()), on_progress=progress.update)
        if answer["error"] is not None:
            raise BranchbookError.from_json(answer["error"])
        if answer["exitCode"] != 0:
            raise UsageError(clean_lines(answer["stderr"] or answer["stdout"]))
        if answer["result"] is None or "--json" in argv or "--help" in argv:
            print(answer["stdout"], end="")
            return None
        verb = _verb_of(argv, answer["result"])
        return Result(verb, answer["result"], self._warnings(verb, answer["result"]))

    def _warnings(self, verb: str, result: dict[str, Any]) -> tuple[str, ...]:
        """Warn that the kernel's variables did not switch with the files."""
        left = _branch_left(verb, result)
        if left is None or not any(self._is_state(name) for name in list(self.shell.user_ns)):
            return ()
        return (
            f"The variables of this kernel still hold what you made on {left}: "
            "run your cells again, or restart the kernel.",
        )

    def _is_state(self, name: str) -> bool:
        own = not name.startswith("_") and name not in self.shell.user_ns_hidden
        return own and not isinstance(self.shell.user_ns[name], ModuleType)


def clean_lines(text: str) -> str:
    """Make text of several lines safe to print."""
    return "\n".join(clean(line) for line in text.strip().splitlines())


def _verb_of(argv: Sequence[str], result: dict[str, Any]) -> str:
    """Name the verb whose result this is: `switch --create` gives that of `branch`."""
    verb = next(word for word in argv if word in OPTIONS)
    return "branch" if verb == "switch" and "branches" in result else verb


def _branch_left(verb: str, result: dict[str, Any]) -> str | None:
    """Name the branch that the files on disk are no longer of, if they changed branch."""
    if verb == "undo":
        done = result["undone"] or result["redone"]
        return "the other branch" if done and done["verb"] == "switch" else None
    switched = result if verb == "switch" else result.get("switched")
    return switched["from"] if switched else None


def _is_name(word: str) -> bool:
    return _NAME.fullmatch(word) is not None


def _is_variable(word: str) -> bool:
    return word.isidentifier() and not keyword.iskeyword(word)


def _shown(error: BranchbookError) -> Exception:
    if error.code == "USAGE":
        return UsageError("\n".join(clean(advice(part)) for part in (error.message, error.hint) if part))
    return MagicError.of(error)


def load(shell: Any) -> None:
    """Register the magics and the completion in a shell."""
    from .completion import make_matcher

    unload(shell)
    shell.register_magics(BranchbookMagics)
    shell.Completer.custom_matchers.append(make_matcher(shell))


def unload(shell: Any) -> None:
    """Take back what `load` did."""
    from .completion import MATCHER

    for name in ("bb", "branchbook"):
        shell.magics_manager.magics["line"].pop(name, None)
    shell.magics_manager.registry.pop(BranchbookMagics.__name__, None)
    matchers = shell.Completer.custom_matchers
    matchers[:] = [matcher for matcher in matchers if getattr(matcher, "matcher_identifier", "") != MATCHER]
