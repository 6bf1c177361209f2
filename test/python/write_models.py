"""Write the model files of test/fixture/models, and what Python itself says of them, to expected.json.

Run it by hand when a format is added: ``python test/python/write_models.py``. It needs scikit-learn, joblib,
safetensors, onnx, xgboost, lightgbm and skops. The PyTorch checkpoint is made of the classes' names alone, the Keras
archive by hand.
"""

from __future__ import annotations

import io
import json
import pickle
import sys
import types
import zipfile
from collections import OrderedDict
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import sklearn
from safetensors.numpy import save_file
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

FOLDER = Path(__file__).parents[1] / "fixture" / "models"


def _data() -> tuple[pd.DataFrame, pd.Series]:
    random = np.random.default_rng(7)
    frame = pd.DataFrame({"carat": random.normal(size=60), "größe": random.normal(size=60)})
    frame["depth, %"] = frame["carat"] * 2 + random.normal(size=60)
    return frame, (frame["carat"] > 0).astype(int)


def _plain(params: dict) -> dict:
    plain = {name: value for name, value in params.items() if value is None or isinstance(value, int | float | str)}
    return {name: "NaN" if value != value else value for name, value in plain.items()}


def _facts(model, parameters: int | None) -> dict:
    return {
        "framework": f"scikit-learn {sklearn.__version__}",
        "estimator": type(model).__name__,
        "parameters": parameters,
        "settings": _plain(model.get_params()),
        "features": [str(name) for name in getattr(model, "feature_names_in_", [])] or None,
    }


def _sklearn() -> dict[str, dict]:
    frame, target = _data()
    logistic = LogisticRegression(C=0.25, max_iter=321).fit(frame, target)
    forest = RandomForestClassifier(n_estimators=3, max_depth=2, random_state=1).fit(frame, target)
    network = MLPRegressor(hidden_layer_sizes=(4, 3), max_iter=5, random_state=0).fit(frame.to_numpy(), target)
    linear = LinearRegression().fit(frame, target)
    expected = {}
    for protocol in range(6):
        name = f"logistic-{protocol}.pkl"
        FOLDER.joinpath(name).write_bytes(pickle.dumps(logistic, protocol=protocol))
        expected[name] = _facts(logistic, logistic.coef_.size + logistic.intercept_.size)
    for name, model, compress in [
        ("linear.joblib", linear, 0),
        ("linear-zlib.joblib", linear, 3),
        ("linear-gzip.joblib", linear, ("gzip", 3)),
        ("forest.joblib", forest, 3),
        ("network.joblib", network, 3),
    ]:
        joblib.dump(model, FOLDER / name, compress=compress)
        weights = {
            "linear": linear.coef_.size + 1,
            "network": sum(a.size for a in network.coefs_ + network.intercepts_),
        }
        expected[name] = _facts(model, weights.get(name.split(".")[0].split("-")[0]))
    pickle.dump({"model": forest, "threshold": np.float64(0.25)}, FOLDER.joinpath("wrapped.pkl").open("wb"))
    expected["wrapped.pkl"] = _facts(forest, None)
    return {**expected, **_composed()}


def _composed() -> dict[str, dict]:
    frame, target = _data()
    frame["cut"] = ["good", "ideal"] * 30
    columns = ColumnTransformer([("numbers", StandardScaler(), ["carat"]), ("words", OneHotEncoder(), ["cut"])])
    model = Pipeline([("prepare", columns), ("clf", LogisticRegression(C=0.5))]).fit(frame, target)
    joblib.dump(model, FOLDER / "pipeline.joblib", compress=3)
    facts = _facts(model, model["clf"].coef_.size + 1)
    facts["estimator"] = "Pipeline(ColumnTransformer(StandardScaler, OneHotEncoder), LogisticRegression)"
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2).fit(frame[["carat"]], target)
    joblib.dump(search, FOLDER / "search.joblib", compress=3)
    found = _facts(search, search.best_estimator_.coef_.size + 1)
    found["settings"]["best_params_.C"] = search.best_params_["C"]
    found["parameters"] = None
    return {"pipeline.joblib": facts, "search.joblib": found}


def _torch() -> dict[str, dict]:
    """Write what `torch.save` writes: the same opcodes, with stand-ins for the classes."""
    module = types.ModuleType("torch")
    utils = types.ModuleType("torch._utils")
    storage = type("FloatStorage", (), {"__module__": "torch"})
    module.FloatStorage, module._utils = storage, utils

    def rebuild(*_args):
        raise AssertionError

    rebuild.__module__ = "torch._utils"
    rebuild.__qualname__ = rebuild.__name__ = "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = rebuild
    sys.modules |= {"torch": module, "torch._utils": utils}

    class Storage:
        def __init__(self, key: str, size: int) -> None:
            self.key, self.size = key, size

    class Tensor:
        def __init__(self, key: str, *shape: int) -> None:
            self.storage, self.shape = Storage(key, int(np.prod(shape))), shape

        def __reduce__(self):
            return rebuild, (self.storage, 0, self.shape, (1,) * len(self.shape), False, OrderedDict())

    class Pickler(pickle.Pickler):
        def persistent_id(self, obj):
            return ("storage", storage, obj.key, "cpu", obj.size) if isinstance(obj, Storage) else None

    weights = OrderedDict([("conv.weight", Tensor("0", 8, 3, 5, 5)), ("conv.bias", Tensor("1", 8))])
    optimizer = {"state": {0: {"exp_avg": Tensor("2", 8, 3, 5, 5)}}, "lr": 0.01}
    buffer = io.BytesIO()
    Pickler(buffer, protocol=2).dump({"state_dict": weights, "optimizer": optimizer, "epoch": 7})
    with zipfile.ZipFile(FOLDER / "checkpoint.pt", "w") as archive:
        archive.writestr("checkpoint/data.pkl", buffer.getvalue())
        archive.writestr("checkpoint/version", "3\n")
    facts = {"framework": "pytorch", "estimator": None, "parameters": 8 * 3 * 5 * 5 + 8}
    return {"checkpoint.pt": {**facts, "settings": {"epoch": 7, "optimizer.lr": 0.01}, "features": None}}


def _safetensors() -> dict[str, dict]:
    tensors = {"a.weight": np.zeros((3, 4), np.float32), "a.bias": np.zeros(4, np.float16)}
    save_file(tensors, FOLDER / "small.safetensors", metadata={"format": "pt", "epoch": "3"})
    facts = {"framework": "pytorch", "estimator": None, "parameters": 16}
    return {"small.safetensors": {**facts, "settings": {"format": "pt", "epoch": "3"}, "features": None}}


def _onnx() -> dict[str, dict]:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    weights = [
        numpy_helper.from_array(np.ones((3, 4), np.float32), "w"),
        numpy_helper.from_array(np.ones(4, np.float16), "b"),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"]), helper.make_node("Add", ["y", "b"], ["z"])],
        "small",
        [value("x", TensorProto.FLOAT, [None, 3])],
        [value("z", TensorProto.FLOAT, [None, 4])],
        initializer=weights,
    )
    model = helper.make_model(graph, producer_name="fixture", producer_version="1.2")
    model.opset_import[0].version, model.ir_version = 13, 8
    helper.set_model_props(model, {"epoch": "7"})
    onnx.save(model, FOLDER / "small.onnx")
    settings = {"opset ai.onnx": 13, "ir_version": 8, "epoch": "7", "graph": "small", "nodes": 2}
    facts = {"framework": "fixture 1.2", "estimator": None, "parameters": sum(int(np.prod(w.dims)) for w in weights)}
    return {"small.onnx": {**facts, "settings": settings, "features": ["x"]}}


def _boosting() -> dict[str, dict]:
    import lightgbm
    import xgboost

    frame, target = _data()
    frame.columns = ["carat", "größe", "depth"]
    booster = xgboost.XGBClassifier(n_estimators=4, max_depth=2).fit(frame, target)
    expected = {}
    for name, form in (("small.ubj", "ubj"), ("small.xgb", "json")):
        FOLDER.joinpath(name).write_bytes(booster.get_booster().save_raw(form))
        expected[name] = {
            "framework": f"xgboost {xgboost.__version__}",
            "estimator": "gbtree",
            "parameters": None,
            "settings": {"objective": "binary:logistic", "trees": booster.get_booster().num_boosted_rounds()},
            "features": list(frame.columns),
        }
    frame.columns = ["carat", "size", "depth"]
    light = lightgbm.LGBMClassifier(n_estimators=3, num_leaves=4, verbose=-1).fit(frame, target).booster_
    light.save_model(FOLDER / "small.lgb")
    expected["small.lgb"] = {
        "framework": "lightgbm",
        "estimator": "gbdt",
        "parameters": None,
        "settings": {"trees": light.num_trees(), "num_leaves": 4, "objective": "binary"},
        "features": light.feature_name(),
    }
    return expected


def _archives() -> dict[str, dict]:
    import skops.io

    frame, target = _data()
    model = LogisticRegression(C=0.25, max_iter=321).fit(frame, target)
    skops.io.dump(model, FOLDER / "small.skops")
    config = {
        "class_name": "Sequential",
        "config": {"name": "s", "layers": [{"class_name": "Dense", "config": {"name": "d", "units": 4}}]},
        "compile_config": {"loss": "mse", "optimizer": {"class_name": "Adam", "config": {"learning_rate": 0.001}}},
    }
    with zipfile.ZipFile(FOLDER / "small.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.5.0"}))
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", b"")
    settings = {"loss": "mse", "optimizer": "Adam", "optimizer_config.learning_rate": 0.001, "layers": 1}
    keras = {"framework": "keras 3.5.0", "estimator": "Sequential", "parameters": None, "features": None}
    skops_facts = {**_facts(model, None), "features": None}
    return {
        "small.skops": skops_facts,
        "small.keras": {**keras, "settings": {**settings, "layer 0 d": "Dense(units=4)"}},
    }


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    told = {**_sklearn(), **_torch(), **_safetensors(), **_onnx(), **_boosting(), **_archives()}
    FOLDER.joinpath("expected.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
