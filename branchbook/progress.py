"""Progress of a long operation: nothing for the first second, then one line that keeps itself up to date."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from html import escape
from types import TracebackType
from typing import Any, Protocol

from .display import clean, size

PATIENCE = 1.0
"""Seconds before anything is shown."""
INTERVAL = 0.2
"""Seconds between two updates."""


class Sink(Protocol):
    """Where progress is shown."""

    def show(self, line: Mapping[str, Any], text: str) -> None:
        """Show a progress line, in place of the one before."""

    def end(self, text: str) -> None:
        """Replace the last line by a closing one."""


class _Notebook:
    """An output of the running cell that is updated by its display id."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, line: Mapping[str, Any], text: str) -> None:
        total = line.get("total")
        measure = f'max="{int(total)}" value="{int(line["done"])}"' if total else ""
        self._put(text, f"<progress {measure}></progress> {escape(text)}")

    def end(self, text: str) -> None:
        self._put(text, f'<span style="color:var(--jp-ui-font-color2, #666)">{escape(text)}</span>')

    def _put(self, text: str, html: str) -> None:
        from IPython.display import display

        bundle = {"text/plain": text, "text/html": html}
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)


class _Terminal:
    """The last line of a terminal."""

    def show(self, line: Mapping[str, Any], text: str) -> None:
        sys.stderr.write(f"\r\x1b[K{text[:110]}")
        sys.stderr.flush()

    def end(self, text: str) -> None:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def _sink() -> Sink | None:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None and hasattr(shell, "kernel"):
        return _Notebook()
    return _Terminal() if sys.stderr.isatty() else None


class Progress:
    """Shows an operation's progress while its block runs.

    Parameters
    ----------
    verb : str
        What runs, for example ``snapshot``.
    sink : Sink, optional
        Where to show it; found from the environment when missing.
    clock : callable
        Seconds, monotonic.
    """

    def __init__(self, verb: str, sink: Sink | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._verb = verb
        self._sink = sink if sink is not None else _sink()
        self._clock = clock
        self._started = self._next = clock()
        self._shown = False
        self._pace = _Pace()

    def __enter__(self) -> Progress:
        self._started = self._clock()
        self._next = self._started + PATIENCE
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown and self._sink is not None:
            ended = "stopped" if error else "done"
            self._sink.end(f"{self._verb}: {ended} after {self._clock() - self._started:.1f} s")

    def update(self, line: Mapping[str, Any]) -> None:
        """Take a `ProgressLine`; shown when it is time to."""
        now = self._clock()
        pace = self._pace.take(line, now)
        if self._sink is None or now < self._next:
            return
        self._next = now + INTERVAL
        self._shown = True
        self._sink.show(line, f"{self._verb}: {describe(line)}{pace}")


class _Pace:
    """Finds out of progress how fast it goes. Each phase is looked at for itself; it starts anew with another file."""

    def __init__(self) -> None:
        self._starts: dict[str, tuple[float, int, object]] = {}

    def take(self, line: Mapping[str, Any], now: float) -> str:
        """Put speed and time left into words, for example ``, 310 MB/s, 12 s left``; empty at first."""
        phase, done, path = line["phase"], line["done"], line.get("path")
        since, first, known = self._starts.get(phase, (now, done + 1, None))
        if done < first or (line["unit"] == "bytes" and path != known):
            self._starts[phase] = (now, done, path)
            return ""
        if now - since < 1 or done == first:
            return ""
        speed = (done - first) / (now - since)
        told = f"{size(round(speed))}/s" if line["unit"] == "bytes" else f"{round(speed):,} {line['unit']}/s"
        left = f", {duration((line['total'] - done) / speed)} left" if line.get("total") else ""
        return f", {told}{left}"


def duration(seconds: float) -> str:
    """Spell a duration for people, for example ``12 s``, ``3 min`` or ``1 h 20 min``."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def describe(line: Mapping[str, Any]) -> str:
    """Put a progress line into words, for example ``reading data/a.csv, 1.2 MB of 3 MB (40 %)``."""
    spell: Callable[[int], str] = size if line["unit"] == "bytes" else lambda number: f"{number:,}"
    what = f"{line['phase']} {line['path']}" if line.get("path") else line["phase"]
    done, total = line["done"], line.get("total")
    noun = "" if line["unit"] == "bytes" else f" {line['unit']}"
    if not total:
        return clean(f"{what}, {spell(done)}{noun}")
    return clean(f"{what}, {spell(done)} of {spell(total)}{noun} ({100 * done // total} %)")
