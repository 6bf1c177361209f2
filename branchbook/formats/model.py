"""Models: scikit-learn estimators, torch modules and state, safetensors; and pickle for everything else."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from .family import Family

TORCH = (".pt", ".pth")


def _is_estimator(obj: Any) -> bool:
    from sklearn.base import BaseEstimator

    return isinstance(obj, BaseEstimator)


def _write_joblib(obj: Any, path: Path) -> None:
    import joblib

    # Uncompressed: arrays stay raw, so two versions of a model share what did not change.
    joblib.dump(obj, path, compress=0)


def _read_joblib(path: Path) -> Any:
    import joblib

    return joblib.load(path)


def _write_pickle(obj: Any, path: Path) -> None:
    with path.open("wb") as file:
        # A fixed protocol: the same bytes whichever Python writes them.
        pickle.dump(obj, file, protocol=5)


def _read_pickle(path: Path) -> Any:
    with path.open("rb") as file:
        return pickle.load(file)  # noqa: S301 - the registry asks for trust first


def _is_module(obj: Any) -> bool:
    import torch

    return isinstance(obj, torch.nn.Module)


def _is_tensor_state(obj: Any) -> bool:
    import torch

    return isinstance(obj, torch.Tensor) or (
        isinstance(obj, dict) and any(isinstance(value, torch.Tensor) for value in obj.values())
    )


def _write_torch(obj: Any, path: Path) -> None:
    import torch

    torch.save(obj, path)


def _read_torch_module(path: Path) -> Any:
    import torch

    return torch.load(path, map_location="cpu", weights_only=False)


def _read_torch_state(path: Path) -> Any:
    import torch

    return torch.load(path, map_location="cpu", weights_only=True)


def _state_of(obj: Any) -> Any:
    return obj.state_dict() if hasattr(obj, "state_dict") else obj


def _write_torch_safetensors(obj: Any, path: Path) -> None:
    from safetensors.torch import save_file

    save_file({name: tensor.contiguous() for name, tensor in _state_of(obj).items()}, str(path))


def _read_torch_safetensors(path: Path) -> Any:
    from safetensors.torch import load_file

    return load_file(str(path))


def _is_array_state(obj: Any) -> bool:
    import numpy as np

    return isinstance(obj, dict) and bool(obj) and all(isinstance(value, np.ndarray) for value in obj.values())


def _write_numpy_safetensors(obj: Any, path: Path) -> None:
    import numpy as np
    from safetensors.numpy import save_file

    # safetensors writes the raw buffer, which is not in C order for a transposed view.
    save_file({name: np.ascontiguousarray(array) for name, array in obj.items()}, str(path))


def _read_numpy_safetensors(path: Path) -> Any:
    from safetensors.numpy import load_file

    return load_file(str(path))


SCIKIT_LEARN = Family(
    type="scikit-learn",
    library="sklearn.base",
    matches=_is_estimator,
    writers={".joblib": _write_joblib},
    readers={".joblib": _read_joblib},
    unpickles=frozenset({".joblib"}),
)

TORCH_MODULE = Family(
    type="torch.Module",
    library="torch",
    matches=_is_module,
    writers=dict.fromkeys(TORCH, _write_torch),
    readers=dict.fromkeys(TORCH, _read_torch_module),
    unpickles=frozenset(TORCH),
)

TORCH_STATE = Family(
    type="torch",
    library="torch",
    matches=_is_tensor_state,
    writers=dict.fromkeys(TORCH, _write_torch),
    readers=dict.fromkeys(TORCH, _read_torch_state),
)

SAFETENSORS_TORCH = Family(
    type="safetensors.torch",
    library="torch",
    matches=lambda obj: _is_module(obj) or _is_tensor_state(obj),
    writers={".safetensors": _write_torch_safetensors},
    readers={".safetensors": _read_torch_safetensors},
)

SAFETENSORS = Family(
    type="safetensors",
    library="numpy",
    matches=_is_array_state,
    writers={".safetensors": _write_numpy_safetensors},
    readers={".safetensors": _read_numpy_safetensors},
)

# Last of all families: any object, when the user chose the suffix.
PICKLE = Family(
    type="pickle",
    library=None,
    matches=lambda obj: True,
    writers={".joblib": _write_joblib, ".pkl": _write_pickle, ".pickle": _write_pickle},
    readers={".joblib": _read_joblib, ".pkl": _read_pickle, ".pickle": _read_pickle},
    unpickles=frozenset({".joblib", ".pkl", ".pickle"}),
)

FAMILIES = (SCIKIT_LEARN, TORCH_MODULE, TORCH_STATE, SAFETENSORS_TORCH, SAFETENSORS)
