"""One view, two forms: rich HTML for notebooks and plain text for terminals, logs and nbconvert."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from .advice import advice

_BORDER = "1px solid var(--jp-border-color2, #ccc)"
_BOX = (
    f"border:{_BORDER};border-left:3px solid var(--jp-brand-color1, #1976d2);border-radius:2px;padding:8px 12px;"
    "color:var(--jp-ui-font-color1, inherit);background:var(--jp-layout-color1, transparent);"
    "font-family:var(--jp-ui-font-family, system-ui, sans-serif);font-size:var(--jp-ui-font-size1, 13px);"
    "max-width:max-content"
)
_FAINT = "color:var(--jp-ui-font-color2, #666)"
_WARN = "color:var(--jp-warn-color0, #b45309)"
_MONO = "font-family:var(--jp-code-font-family, monospace)"
# Spelled out: JupyterLab has rules of its own for tables in outputs, and old pages do not inherit into them.
_TABLE = "border-collapse:collapse;margin:6px 0;color:inherit;font-size:inherit;table-layout:auto"
_CELL = f"padding:2px 12px 2px 0;border-bottom:{_BORDER};vertical-align:top;white-space:nowrap"


@dataclass(frozen=True)
class Bars:
    """Counts to be drawn as bars beside each other; `title` says what of."""

    counts: tuple[int, ...]
    title: str = ""

    def __str__(self) -> str:
        highest = max(self.counts, default=0)
        return "".join(" ▁▂▃▄▅▆▇█"[-(-8 * count // highest)] if highest else " " for count in self.counts)


@dataclass(frozen=True)
class Table:
    """Rows of text under headings; columns in `numeric` are aligned to the right."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str | Bars]]
    numeric: frozenset[int] = frozenset()


@dataclass(frozen=True)
class View:
    """What to say: one line of title, one of detail, tables, sentences below them, and what needs attention."""

    title: str
    detail: str = ""
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    warnings: Sequence[str] = ()


def clean(text: str) -> str:
    """Make text safe to print: control and direction characters, which could forge output, are spelled out."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def size(count: int | None) -> str:
    """Spell a number of bytes in decimal units, for example ``12.3 MB``; None is a dash."""
    if count is None:
        return "–"
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if abs(value) < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{count} B" if unit == "B" else f"{value:.3g} {unit}"


def count(number: int, noun: str) -> str:
    """Spell a count: ``1 file``, ``2 files``."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}es" if noun.endswith("ch") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def to_text(view: View) -> str:
    """Render as plain text, one trailing newline less."""
    lines = [clean(view.title)]
    if view.detail:
        lines.append(clean(view.detail))
    for table in view.tables:
        lines += ["", *_text_rows(table)]
    notes = (clean(advice(note)) for note in view.notes)
    sentences = [*notes, *(f"! {clean(advice(warning))}" for warning in view.warnings)]
    if sentences:
        lines += ["", *sentences]
    return "\n".join(lines)


def _text_rows(table: Table) -> list[str]:
    rows = [[clean(str(cell)) for cell in row] for row in (table.headings, *table.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.headings))]

    def line(row: list[str]) -> str:
        cells = (
            cell.rjust(width) if column in table.numeric else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        return "  ".join(cells).rstrip()

    return [line(row) for row in rows]


def to_html(view: View) -> str:
    """Render as HTML that follows JupyterLab's theme. Every text from outside is escaped here."""
    parts = [f'<div style="font-weight:600">{_escape(view.title)}</div>']
    if view.detail:
        parts.append(f'<div style="{_FAINT}">{_escape(view.detail)}</div>')
    parts += [_html_table(table) for table in view.tables]
    parts += [f"<div>{_escape(advice(note))}</div>" for note in view.notes]
    parts += [f'<div style="{_WARN}">{_escape(advice(warning))}</div>' for warning in view.warnings]
    return f'<div class="branchbook-result" style="{_BOX}">{"".join(parts)}</div>'


def _escape(text: str) -> str:
    return escape(clean(text))


def _html_table(table: Table) -> str:
    head = "".join(_html_cell("th", heading, column, table) for column, heading in enumerate(table.headings))
    rows = ("".join(_html_cell("td", cell, column, table) for column, cell in enumerate(row)) for row in table.rows)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<table style="{_TABLE}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _html_bars(bars: Bars) -> str:
    highest = max((*bars.counts, 1))
    shapes = "".join(
        f'<rect x="{4 * place}" y="{16 - height}" width="3" height="{height}"/>'
        for place, count in enumerate(bars.counts)
        if (height := -(-16 * count // highest))
    )
    return (
        f'<svg role="img" width="{4 * len(bars.counts)}" height="16" style="display:block;'
        f'fill:var(--jp-brand-color1, #1976d2)"><title>{_escape(bars.title)}</title>{shapes}</svg>'
    )


def _html_cell(tag: str, text: str | Bars, column: int, table: Table) -> str:
    align = "right" if column in table.numeric else "left"
    inner = _html_bars(text) if isinstance(text, Bars) else _escape(text)
    look = f"font-weight:normal;{_FAINT}" if tag == "th" else (_MONO if column == 0 else "")
    return f'<{tag} style="{_CELL};text-align:{align};{look}">{inner}</{tag}>'
