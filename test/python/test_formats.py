"""Every format gives back what it was given, in the same bytes each time, and never runs code unasked."""

from __future__ import annotations

import datetime as dt
import os
import pickle
import sys
import types
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal
from polars.testing import assert_frame_equal as assert_polars_equal

from branchbook import BranchbookError, formats


def round_trip(obj: Any, path: Path, trusted: bool = False) -> Any:
    [(file, facts)] = formats.save(obj, path)
    return formats.load(file, path.name, facts, trusted)


def facts_of(obj: Any, path: Path) -> dict[str, Any]:
    [(_, facts)] = formats.save(obj, path)
    return facts


def rich_frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "integer": pd.array([1, None, 3], dtype="Int64"),
            "small": np.array([1, 2, 3], dtype="int8"),
            "real": [1.5, float("nan"), float("inf")],
            "text": ["a", None, "ü 🎉"],
            "flag": pd.array([True, None, False], dtype="boolean"),
            "kind": pd.Categorical(["low", "high", "low"], categories=["low", "high"], ordered=True),
            "instant": pd.to_datetime(["2026-01-01T00:00", None, "2026-03-29T02:30"]).tz_localize("UTC"),
            "local": pd.date_range("2026-03-28", periods=3, tz="Europe/Berlin"),
            "span": pd.to_timedelta(["1 day", "2 hours", None]),
            "list": [[1, 2], [], [3]],
        }
    )


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".feather"])
@pytest.mark.parametrize(
    "index",
    [
        None,
        pd.RangeIndex(5, 11, 2, name="step"),
        pd.Index(["x", "y", "z"], name="key"),
        pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["group", None]),
        pd.DatetimeIndex(["2026-01-01", "2026-01-02", "2026-01-03"], tz="Asia/Tokyo"),
    ],
)
def test_pandas_keeps_types_and_index(tmp_path: Path, suffix: str, index: pd.Index | None) -> None:
    frame = rich_frame()
    if index is not None:
        frame.index = index
    back = round_trip(frame, tmp_path / f"frame{suffix}")
    lists = back.pop("list").map(list)
    assert lists.tolist() == frame.pop("list").tolist()
    assert_frame_equal(back, frame)


@pytest.mark.parametrize("suffix", [".parquet", ".arrow"])
@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(),
        pd.DataFrame({"a": pd.Series([], dtype="int32"), "b": pd.Series([], dtype="str")}),
        pd.DataFrame({1: [1], 2: [2.0]}),
        pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")])),
    ],
    ids=["empty", "no-rows", "integer-columns", "nested-columns"],
)
def test_pandas_edge_frames(tmp_path: Path, suffix: str, frame: pd.DataFrame) -> None:
    assert_frame_equal(round_trip(frame, tmp_path / f"frame{suffix}"), frame)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_pandas_text_formats(tmp_path: Path, suffix: str) -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": ['x, "y"', "line\nbreak"], "c": [0.1, 1e-300]})
    assert_frame_equal(round_trip(frame, tmp_path / f"frame{suffix}"), frame)


def test_pandas_csv_keeps_a_meaningful_index_as_columns(tmp_path: Path) -> None:
    frame = pd.DataFrame({"v": [1, 2]}, index=pd.Index(["a", "b"], name="key"))
    assert_frame_equal(round_trip(frame, tmp_path / "f.csv").set_index("key"), frame)


@pytest.mark.parametrize("name", ["v", None, 3])
def test_pandas_series(tmp_path: Path, name: Any) -> None:
    series = pd.Series([1.0, 2.0], index=["a", "b"], name=name)
    assert_series_equal(round_trip(series, tmp_path / "s.parquet"), series)


def test_polars_keeps_nested_types(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "struct": [{"a": 1, "b": ["x"]}, {"a": None, "b": []}],
            "lists": [[[1], [2, 3]], []],
            "enum": pl.Series(["b", "a"], dtype=pl.Enum(["a", "b"])),
            "category": pl.Series(["x", "y"], dtype=pl.Categorical),
            "zone": pl.Series([dt.datetime(2026, 1, 1), None]).dt.replace_time_zone("Europe/Paris"),
            "money": pl.Series([Decimal("1.10"), Decimal("2.20")], dtype=pl.Decimal(10, 2)),
            "time": [dt.time(1, 2, 3), None],
            "bytes": [b"\x00\xff", None],
            "u64": pl.Series([2**64 - 1, 0], dtype=pl.UInt64),
        }
    )
    for suffix in (".parquet", ".arrow"):
        back = round_trip(frame, tmp_path / f"frame{suffix}")
        assert isinstance(back, pl.DataFrame)
        assert_polars_equal(back, frame)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_polars_text_and_empty(tmp_path: Path, suffix: str) -> None:
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    assert_polars_equal(round_trip(frame, tmp_path / f"frame{suffix}"), frame)
    if suffix == ".parquet":
        assert_polars_equal(round_trip(frame.clear(), tmp_path / "none.parquet"), frame.clear())


@pytest.mark.parametrize("suffix", [".parquet", ".feather", ".csv", ".jsonl"])
def test_arrow_table(tmp_path: Path, suffix: str) -> None:
    table = pa.table({"a": [1, 2], "b": ["x", "y"]})
    back = round_trip(table, tmp_path / f"t{suffix}")
    assert isinstance(back, pa.Table)
    assert back.equals(table)


def test_a_partition_like_folder_adds_no_column(tmp_path: Path) -> None:
    table = pa.table({"a": [1]})
    assert round_trip(table, tmp_path / "year=2024" / "t.parquet").column_names == ["a"]


def test_parquet_pages_follow_content(tmp_path: Path) -> None:
    values = np.random.default_rng(1).normal(size=400_000)
    before, after = tmp_path / "a.parquet", tmp_path / "b.parquet"
    formats.save(pd.DataFrame({"v": values}), before)
    formats.save(pd.DataFrame({"v": np.insert(values, 1000, 42.0)}), after)
    tail = before.read_bytes()[-1_000_000:-500_000]
    assert tail in after.read_bytes()


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12, dtype=">i2").reshape(3, 4),
        np.asfortranarray(np.ones((2, 3), dtype="complex64")),
        np.array(3.5),
        np.zeros((0, 2), dtype="datetime64[ns]"),
        np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
    ],
)
def test_numpy_array(tmp_path: Path, array: np.ndarray) -> None:
    back = round_trip(array, tmp_path / "a.npy")
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)


def test_numpy_dictionary_with_awkward_keys(tmp_path: Path) -> None:
    arrays = {"file": np.arange(3), "a/b": np.ones((2, 2))}
    back = round_trip(arrays, tmp_path / "a.npz")
    assert list(back) == list(arrays)
    np.testing.assert_array_equal(back["a/b"], arrays["a/b"])


def test_object_arrays_are_refused_rather_than_pickled(tmp_path: Path) -> None:
    with pytest.raises(BranchbookError, match=r"cannot be written as \.npy"):
        formats.save(np.array([{}], dtype=object), tmp_path / "a.npy")
    hostile = tmp_path / "hostile.npy"
    np.save(hostile, np.array([print], dtype=object), allow_pickle=True)
    with pytest.raises(BranchbookError) as caught:
        formats.load(hostile, "hostile.npy", {"type": "numpy"}, True)
    assert caught.value.code == "FORMAT_INVALID"


def test_json_keeps_order_and_takes_numpy(tmp_path: Path) -> None:
    metrics = {"z": np.float64(0.5), "a": np.int32(3), "matrix": np.eye(2), "name": "x", "when": dt.date(2026, 1, 1)}
    path = tmp_path / "m.json"
    back = round_trip(metrics, path)
    assert list(back) == list(metrics)
    assert back == {"z": 0.5, "a": 3, "matrix": [[1, 0], [0, 1]], "name": "x", "when": "2026-01-01"}
    assert path.read_text().endswith("}\n")


def test_json_without_a_number_for_it(tmp_path: Path) -> None:
    assert round_trip({"loss": float("nan"), "max": np.inf}, tmp_path / "m.json") == {"loss": "NaN", "max": "Infinity"}
    for unfit in ({1: 2}, {"f": print}):
        with pytest.raises(BranchbookError, match="JSON"):
            formats.save(unfit, tmp_path / "m.json")


def test_json_lines(tmp_path: Path) -> None:
    rows = [{"a": 1}, {"b": [None]}]
    assert round_trip(rows, tmp_path / "r.jsonl") == rows


def fitted() -> Any:
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression()).fit(*load_iris(return_X_y=True))


def test_estimator_only_loads_when_trusted(tmp_path: Path) -> None:
    from sklearn.datasets import load_iris

    model, path = fitted(), tmp_path / "m.joblib"
    [(_, facts)] = formats.save(model, path)
    with pytest.raises(BranchbookError) as caught:
        formats.load(path, "m.joblib", facts, False)
    assert caught.value.code == "UNTRUSTED_PICKLE"
    assert "--trust" in caught.value.hint and "trust=True" in caught.value.hint
    back = formats.load(path, "m.joblib", facts, True)
    rows = load_iris().data
    np.testing.assert_array_equal(back.predict(rows), model.predict(rows))


class _Bomb:
    def __init__(self, marker: str) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, (self.marker,))


@pytest.mark.parametrize("name", ["x.pkl", "x.pickle", "x.joblib", "X.PKL"])
@pytest.mark.parametrize("kind", [None, "pickle", "scikit-learn", "pandas", "file", "no such type"])
def test_untrusted_pickles_never_run(tmp_path: Path, name: str, kind: str | None) -> None:
    marker = tmp_path / "ran"
    path = tmp_path / name
    path.write_bytes(pickle.dumps(_Bomb(str(marker))))
    with pytest.raises(BranchbookError) as caught:
        formats.load(path, name, {"type": kind} if kind else None, False)
    assert caught.value.code == "UNTRUSTED_PICKLE"
    assert not marker.exists()


@pytest.mark.parametrize("name", ["x.npy", "x.npz", "x.parquet", "x.arrow", "x.json", "x.csv"])
def test_a_disguised_pickle_never_runs(tmp_path: Path, name: str) -> None:
    marker = tmp_path / "ran"
    path = tmp_path / name
    path.write_bytes(pickle.dumps(_Bomb(str(marker))))
    try:
        formats.load(path, name, {"type": "pickle"}, True)
    except BranchbookError as error:
        assert error.code == "FORMAT_INVALID"
    assert not marker.exists()


def test_safetensors(tmp_path: Path) -> None:
    state = {"w": np.arange(6, dtype="float32").reshape(2, 3).T, "b": np.zeros(2, dtype="int64")}
    back = round_trip(state, tmp_path / "s.safetensors")
    for name, array in state.items():
        np.testing.assert_array_equal(back[name], array)


def test_torch_state_is_read_as_weights_only_and_modules_only_when_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a stand-in for torch, which is too large to install for its two functions."""
    reads: list[bool] = []
    torch = types.ModuleType("torch")
    torch.Tensor = type("Tensor", (), {})
    torch.nn = types.SimpleNamespace(Module=type("Module", (), {}))
    torch.save = lambda obj, path: Path(path).write_bytes(b"state")
    torch.load = lambda path, map_location, weights_only: reads.append(weights_only)
    monkeypatch.setitem(sys.modules, "torch", torch)
    path = tmp_path / "m.pt"
    [(_, state)] = formats.save({"w": torch.Tensor()}, path)
    formats.load(path, "m.pt", state, False)
    [(_, module)] = formats.save(torch.nn.Module(), path)
    with pytest.raises(BranchbookError, match="any code"):
        formats.load(path, "m.pt", module, False)
    formats.load(path, "m.pt", module, True)
    formats.load(path, "m.pt", None, True)
    assert reads == [True, False, True]


@pytest.fixture
def figure() -> Any:
    from matplotlib.figure import Figure

    result = Figure()
    result.subplots().plot([1, 3, 2])
    return result


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf", ".jpg"])
def test_matplotlib_figures_have_the_same_bytes_each_time(tmp_path: Path, figure: Any, suffix: str) -> None:
    formats.save(figure, tmp_path / f"a{suffix}")
    formats.save(figure, tmp_path / f"b{suffix}")
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_pictures_show_without_running(tmp_path: Path, figure: Any) -> None:
    name = '<script>alert(1)</script>".svg'.replace("/", "_")
    [(file, facts)] = formats.save(figure, tmp_path / name)
    html = formats.load(file, name, facts, False)._repr_html_()
    assert html.startswith("<img ") and "<script" not in html and "<svg" not in html


def test_plotly(tmp_path: Path) -> None:
    import plotly.graph_objects as go

    plot = go.Figure(go.Scatter(y=[1, 3, 2]))
    assert round_trip(plot, tmp_path / "p.json") == plot
    formats.save(plot, tmp_path / "a.html")
    formats.save(plot, tmp_path / "b.html")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


DETERMINISTIC: dict[str, Callable[[], Any]] = {
    "a.parquet": rich_frame,
    "a.arrow": rich_frame,
    "b.parquet": lambda: pl.DataFrame({"a": [[1], []]}),
    "a.npy": lambda: np.arange(9),
    "a.npz": lambda: {"x": np.arange(9)},
    "a.json": lambda: {"b": 1, "a": 2.5},
    "a.joblib": fitted,
    "a.pkl": lambda: {"x": (1, 2)},
    "a.safetensors": lambda: {"x": np.arange(9)},
}


@pytest.mark.parametrize("name", DETERMINISTIC)
def test_the_same_object_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    contents = set()
    for _ in range(2):
        formats.save(DETERMINISTIC[name](), path)
        contents.add(path.read_bytes())
    assert len(contents) == 1


def test_facts(tmp_path: Path) -> None:
    assert facts_of(rich_frame(), tmp_path / "a.parquet") == {"type": "pandas", "rows": 3, "columns": 10}
    assert facts_of(np.ones((2, 3)), tmp_path / "a.npy") == {"type": "numpy", "shape": [2, 3]}
    assert facts_of({"a": 1}, tmp_path / "a.json") == {"type": "json"}
