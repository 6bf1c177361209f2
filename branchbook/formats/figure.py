"""Figures: matplotlib and Plotly, and the pictures they leave behind."""

from __future__ import annotations

import base64
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from .family import Family

_IMAGE_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
}

# What matplotlib would stamp into each kind of file: its version, the time, a random salt.
_NO_STAMPS: dict[str, dict[str, Any]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


class Picture:
    """An image version: shows itself in a notebook, and is never executed.

    Attributes
    ----------
    path : pathlib.Path
        The file with exactly that version's content.
    media_type : str
        For example ``image/png``.
    """

    def __init__(self, path: Path, media_type: str) -> None:
        self.path = path
        self.media_type = media_type

    def __repr__(self) -> str:
        return f"<Picture {self.media_type} {str(self.path)!r}>"

    def _repr_html_(self) -> str:
        # An <img> never runs the scripts that an SVG may hold.
        content = base64.b64encode(self.path.read_bytes()).decode("ascii")
        return f'<img alt="{escape(self.path.name)}" src="data:{self.media_type};base64,{content}">'


def _is_matplotlib(obj: Any) -> bool:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    return isinstance(obj, Figure | Axes)


def _write_matplotlib(obj: Any, path: Path) -> None:
    import matplotlib

    figure = obj if hasattr(obj, "savefig") else obj.get_figure(root=True)
    metadata = _NO_STAMPS.get(path.suffix.lower())
    with matplotlib.rc_context({"svg.hashsalt": "branchbook"}):
        figure.savefig(path, metadata=metadata, bbox_inches="tight")


def _is_plotly(obj: Any) -> bool:
    from plotly.basedatatypes import BaseFigure

    return isinstance(obj, BaseFigure)


def _write_plotly_json(figure: Any, path: Path) -> None:
    path.write_bytes(f"{figure.to_json()}\n".encode())


def _read_plotly_json(path: Path) -> Any:
    from plotly.io import read_json

    return read_json(path)


def _write_plotly_html(figure: Any, path: Path) -> None:
    # A fixed id: Plotly's random one would make every save a new version.
    html = figure.to_html(include_plotlyjs=True, full_html=True, div_id="branchbook-figure")
    path.write_bytes(html.encode())


def _write_plotly_image(figure: Any, path: Path) -> None:
    figure.write_image(path)


_PLOTLY_IMAGES = (".png", ".svg", ".pdf", ".jpg")
_PICTURES = {suffix: partial(Picture, media_type=media_type) for suffix, media_type in _IMAGE_TYPES.items()}

MATPLOTLIB = Family(
    type="matplotlib",
    library="matplotlib.figure",
    matches=_is_matplotlib,
    writers=dict.fromkeys((".png", ".svg", ".pdf", ".jpg"), _write_matplotlib),
    readers=_PICTURES,
)

PLOTLY = Family(
    type="plotly",
    library="plotly.basedatatypes",
    matches=_is_plotly,
    writers={
        ".json": _write_plotly_json,
        ".html": _write_plotly_html,
        **dict.fromkeys(_PLOTLY_IMAGES, _write_plotly_image),
    },
    readers={".json": _read_plotly_json, **_PICTURES},
)

PICTURE = Family(type="picture", library=None, matches=lambda obj: isinstance(obj, Picture), readers=_PICTURES)

FAMILIES = (MATPLOTLIB, PLOTLY, PICTURE)
