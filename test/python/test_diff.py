"""Diffs of tables through the real core, every number checked against pandas and scipy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

import branchbook as bb

PATH = "data/t.parquet"


def table(rows: int, shift: float, seed: int) -> pd.DataFrame:
    """Numbers, categories, times, ties and gaps, the further from the first the larger `shift`."""
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "id": np.arange(rows),
            "x": random.normal(shift, 1, rows),
            "k": random.integers(0, 30, rows),
            "mostly": np.where(random.random(rows) < 0.95 - shift * 0.3, 1, 0),
            "letter": random.choice(list("abcd"), rows, p=[0.4 - shift / 5, 0.3, 0.2, 0.1 + shift / 5]),
            "word": [f"w{value}" for value in random.zipf(1.6, rows) % 500],
            "flag": random.random(rows) < 0.5,
            "time": pd.Timestamp("1850-01-01")
            + pd.to_timedelta(random.integers(0, 10**8, rows) * (1 + shift), unit="s"),
            "gaps": np.where(random.random(rows) < 0.1, np.nan, random.random(rows)),
        }
    )


@pytest.fixture
def tables(project: bb.Repo) -> tuple[pd.DataFrame, pd.DataFrame]:
    before, after = table(3000, 0, 2), table(2500, 0.4, 3)
    (project.root / "data").mkdir()
    before.to_parquet(project.root / PATH)
    project.snapshot(message="before")
    after.to_parquet(project.root / PATH)
    return before, after


def numbers(series: pd.Series) -> np.ndarray:
    kept = series.dropna()
    return (
        kept.astype("datetime64[us]").astype("int64").to_numpy(float)
        if series.dtype.kind == "M"
        else kept.to_numpy(float)
    )


def divergence(p: np.ndarray, q: np.ndarray) -> float:
    p, q = p / p.sum(), q / q.sum()
    middle = (p + q) / 2
    return float((special.rel_entr(p, middle).sum() + special.rel_entr(q, middle).sum()) / 2 / np.log(2))


def stability(p: np.ndarray, q: np.ndarray) -> float:
    p, q = np.maximum(p / p.sum(), 1e-4), np.maximum(q / q.sum(), 1e-4)
    return float(((q - p) * np.log(q / p)).sum())


def deciles(values: np.ndarray) -> np.ndarray:
    edges = np.quantile(values, np.arange(1, 10) / 10)
    repeated = [edge for edge in edges if (edges == edge).sum() > 1]
    return np.unique([*edges, *(np.nextafter(edge, -np.inf) for edge in repeated)])


def expected_of_numbers(a: np.ndarray, b: np.ndarray) -> dict[str, float]:
    edges = np.linspace(min(a.min(), b.min()), max(a.max(), b.max()), 21)
    parts = [np.bincount(np.searchsorted(deciles(a), values), minlength=len(deciles(a)) + 1) for values in (a, b)]
    distance = stats.ks_2samp(a, b, method="asymp").statistic
    return {
        "psi": stability(*parts),
        "jensen-shannon": divergence(*(np.histogram(values, edges)[0] for values in (a, b))),
        "kolmogorov-smirnov": distance,
        "p": special.kolmogorov(distance * np.sqrt(len(a) * len(b) / (len(a) + len(b)))),
    }


def expected_of_values(a: pd.Series, b: pd.Series) -> dict[str, float]:
    both = pd.DataFrame({"a": a.value_counts(), "b": b.value_counts()}).fillna(0)
    both = both.assign(name=both.index.map(str), total=both.a + both.b).sort_values(
        ["total", "name"], ascending=[False, True]
    )
    counts = both[["a", "b"]].to_numpy(float)
    if len(counts) > 20:
        counts = np.vstack([counts[:19], counts[19:].sum(axis=0)])
    test = stats.chi2_contingency(counts.T, correction=False)
    return {
        "psi": stability(*counts.T),
        "jensen-shannon": divergence(*counts.T),
        "chi-squared": test.statistic,
        "p": test.pvalue,
    }


def test_drift_is_what_scipy_says(project: bb.Repo, tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    before, after = tables
    drift = {column.column: column for column in project.diff(path=PATH, drift=True).files[0].content.drift}
    assert list(drift) == list(before.columns)
    for name in before.columns:
        column = drift[name]
        assert column.n == (before[name].count(), after[name].count())
        assert column.nulls == (before[name].isna().sum(), after[name].isna().sum())
        if name in ("letter", "word", "flag"):
            expected = expected_of_values(before[name], after[name])
        else:
            expected = expected_of_numbers(numbers(before[name]), numbers(after[name]))
        measures: dict[str, Any] = {measure.name: measure for measure in column.measures}
        for measure in measures.values():
            assert measure.value == pytest.approx(expected[measure.name], rel=1e-9, abs=1e-12), (name, measure.name)
            assert measure.formula
            if "p_value" in dir(measure):
                assert measure.p_value == pytest.approx(expected["p"], rel=1e-7, abs=1e-12), name
        assert set(measures) == set(expected) - {"p"}
        for side, frame in ((0, before), (1, after)):
            assert sum((bin_["from"], bin_["to"])[side] for bin_ in column.bins) == frame[name].count()
    assert drift["x"].level == "fail" and drift["flag"].level == "none"


def test_counts_are_what_pandas_says(project: bb.Repo, tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    before, _ = tables
    after = before.copy()
    after.loc[after.index[::100], "x"] += 1
    after.loc[after.index[::150], "letter"] = "z"
    after = after.drop(after.index[7::300])
    after = pd.concat([after, table(20, 0, 9).assign(id=lambda frame: frame.id + 5000)]).sample(frac=1, random_state=1)
    after.to_parquet(project.root / PATH, index=False)
    diff = project.diff(path=PATH, limit=1000).files[0].content
    joined = before.merge(after, on="id", how="outer", indicator=True, suffixes=("", "_new"))
    both = joined[joined._merge == "both"]
    differs = {
        name: ~((both[name] == both[f"{name}_new"]) | (both[name].isna() & both[f"{name}_new"].isna()))
        for name in before.columns.drop("id")
    }
    changed = np.logical_or.reduce(list(differs.values()))
    assert diff.key.columns == ("id",)
    assert diff.counts.to_dict() == {
        "from": len(before),
        "to": len(after),
        "added": (joined._merge == "right_only").sum(),
        "removed": (joined._merge == "left_only").sum(),
        "changed": changed.sum(),
        "unchanged": len(both) - changed.sum(),
    }
    cells = {name: int(rows.sum()) for name, rows in differs.items() if rows.any()}
    assert {cell.column: cell.count for cell in diff.changed_cells} == cells
    assert [(row.to if row.to is not None else row["from"])[0] for row in diff.rows] == sorted(
        joined.id[joined._merge != "both"].tolist() + both.id[changed].tolist()
    )


def test_the_index_of_pandas_is_the_key(project: bb.Repo) -> None:
    (project.root / "data").mkdir()
    frame = pd.DataFrame({"n": [1, 2, 3], "v": [1.0, 2.0, 3.0]}, index=pd.Index(["c", "a", "b"], name="city"))
    frame.to_parquet(project.root / PATH)
    project.snapshot(message="before")
    frame.assign(v=[1.0, 5.0, 3.0]).to_parquet(project.root / PATH)
    diff = project.diff(path=PATH).files[0].content
    assert (diff.key.columns, diff.key.source) == (("city",), "index")
    assert diff.counts.changed == 1


def test_views_show_hostile_text_as_text(project: bb.Repo, shell: Any) -> None:
    (project.root / "data").mkdir()
    hostile = "<img src=x onerror=alert(1)>"
    pd.DataFrame({"id": [1, 2], "t": ["a", "b"]}).to_csv(project.root / "data/t.csv", index=False)
    project.snapshot(message="before")
    pd.DataFrame({"id": [1, 2], "t": [hostile, "=1+1"]}).to_csv(project.root / "data/t.csv", index=False)
    result = shell.run_cell("%bb diff HEAD data/t.csv --drift").result
    html = result._repr_html_()
    assert hostile not in html and "&lt;img src=x" in html and "a → " in html
    assert "~2 changed" in repr(result) and "=1+1" in repr(result)
    assert "t.csv" in repr(project.diff())
    exported = project.root / "changed.csv"
    project.diff(path="data/t.csv", export=exported)
    assert pd.read_csv(exported)["t (new)"].tolist() == [hostile, "=1+1"]
