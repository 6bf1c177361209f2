"""NumPy arrays and dictionaries of arrays. Never through pickle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .family import Facts, Family


def _is_array(obj: Any) -> bool:
    import numpy as np

    # A masked array would lose its mask, an object array its safety.
    return isinstance(obj, np.ndarray) and not isinstance(obj, np.ma.MaskedArray) and not obj.dtype.hasobject


def _is_array_dict(obj: Any) -> bool:
    return isinstance(obj, dict) and bool(obj) and all(isinstance(k, str) and _is_array(v) for k, v in obj.items())


def _write_npy(array: Any, path: Path) -> None:
    import numpy as np

    np.save(path, array, allow_pickle=False)


def _read_npy(path: Path) -> Any:
    import numpy as np

    return np.load(path, allow_pickle=False)


def _write_npz(arrays: dict[str, Any], path: Path) -> None:
    import io
    import zipfile

    import numpy as np

    # numpy.savez cannot hold a key named `file`; the archive it makes is this one. Stored, not deflated, and with
    # zip's zero date, so that equal arrays give equal bytes and similar ones share most of them.
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.asanyarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), buffer.getvalue())


def _read_npz(path: Path) -> dict[str, Any]:
    import numpy as np

    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def _shape(array: Any) -> Facts:
    return {"shape": [int(length) for length in array.shape]}


NUMPY = Family(
    type="numpy",
    library="numpy",
    matches=_is_array,
    writers={".npy": _write_npy},
    readers={".npy": _read_npy},
    describe=_shape,
)

NUMPY_DICT = Family(
    type="numpy.dict",
    library="numpy",
    matches=_is_array_dict,
    writers={".npz": _write_npz},
    readers={".npz": _read_npz},
)

FAMILIES = (NUMPY, NUMPY_DICT)
