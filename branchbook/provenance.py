"""Which notebook, cell and software is running: what a snapshot records of its origin."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

# Libraries whose version changes what the data mean, when they are imported.
_RELEVANT = (
    "catboost",
    "dask",
    "duckdb",
    "geopandas",
    "jax",
    "joblib",
    "keras",
    "lightgbm",
    "matplotlib",
    "numpy",
    "onnx",
    "pandas",
    "plotly",
    "polars",
    "pyarrow",
    "pyspark",
    "safetensors",
    "scipy",
    "seaborn",
    "sklearn",
    "statsmodels",
    "tensorflow",
    "torch",
    "transformers",
    "xarray",
    "xgboost",
)
_DISTRIBUTIONS = {"sklearn": "scikit-learn"}


def collect(root: Path) -> dict[str, Any]:
    """Describe the code that is running now.

    Parameters
    ----------
    root : pathlib.Path
        The project's root; a notebook outside it is not recorded.

    Returns
    -------
    dict
        ``notebook`` (POSIX path below `root`), ``cell``, ``kernel`` and ``libraries``; what is not known is missing.
    """
    shell = _shell()
    facts = {
        "notebook": _notebook(root, shell),
        "cell": _cell(shell),
        "kernel": _kernel(shell),
        "libraries": _libraries(_namespace(shell)),
    }
    return {name: value for name, value in facts.items() if value}


def _shell() -> Any:
    """Give the running IPython shell, without importing IPython where it is not in use."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def _namespace(shell: Any) -> Mapping[str, Any]:
    return shell.user_ns if shell is not None else vars(sys.modules["__main__"])


def _notebook(root: Path, shell: Any) -> str | None:
    """Find the notebook's path; the user's word first, then what each front end leaves behind."""
    names = _namespace(shell)
    candidates = (
        os.environ.get("BRANCHBOOK_NOTEBOOK"),
        names.get("__vsc_ipynb_file__"),
        names.get("PAPERMILL_OUTPUT_PATH"),
        names.get("PAPERMILL_INPUT_PATH"),
        os.environ.get("JPY_SESSION_NAME"),
        getattr(sys.modules["__main__"], "__file__", None),
    )
    located = (_inside(root, candidate) for candidate in candidates if isinstance(candidate, str) and candidate)
    return next((path for path in located if path), None)


def _inside(root: Path, name: str) -> str | None:
    for base in (Path.cwd(), root):
        path = Path(os.path.abspath(base / name))
        with suppress(ValueError, OSError):
            if path.is_file():
                return path.resolve().relative_to(root.resolve()).as_posix()
    return None


def _cell(shell: Any) -> str | None:
    """Read the cell id that the front end sent with the running request."""
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return None
    parent = kernel.get_parent("shell") or {}
    cell = (parent.get("metadata") or {}).get("cellId") or (parent.get("content") or {}).get("cell_id")
    # VS Code sends a URI that holds the notebook's absolute path before the id.
    return cell.rpartition("#")[2] if isinstance(cell, str) else None


def _kernel(shell: Any) -> str:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    if shell is None:
        return python
    name = _kernel_name() if hasattr(shell, "kernel") else "ipython"
    return f"{name} ({python})"


def _kernel_name() -> str:
    with suppress(Exception):
        from ipykernel.connect import get_connection_file

        name = json.loads(Path(get_connection_file()).read_text()).get("kernel_name")
        if isinstance(name, str) and name:
            return name
    return "python3"


def _libraries(names: Mapping[str, Any]) -> dict[str, str]:
    """Give the versions of the relevant libraries and of every module the user imported by name."""
    imported = {value.__name__.partition(".")[0] for value in list(names.values()) if isinstance(value, ModuleType)}
    versions = {}
    for name in sorted(imported.union(_RELEVANT) - {"branchbook", "IPython"}):
        version = getattr(sys.modules.get(name), "__version__", None)
        if isinstance(version, str) and name not in sys.stdlib_module_names:
            versions[_DISTRIBUTIONS.get(name, name)] = version
    return versions
