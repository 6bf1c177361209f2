"""What `show` says of tables, against what pandas computes of the same files."""

from __future__ import annotations

import datetime
import math
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import branchbook as bb

QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95]


def make_frame() -> pd.DataFrame:
    random = np.random.default_rng(7)
    count = 4000
    return pd.DataFrame(
        {
            "id": np.arange(count),
            "price": np.where(random.random(count) < 0.1, np.nan, random.lognormal(3, 1, count)),
            "rate": random.normal(size=count).round(2),
            "stars": random.integers(1, 6, count),
            "city": pd.Series(random.choice(["Oslo", "Bergen", "Tromsø", "<b>Å</b>"], count)),
            "when": pd.Timestamp("1870-01-01") + pd.to_timedelta(random.integers(0, 10**9, count), unit="s"),
            "open": random.random(count) < 0.3,
        }
    )


def check(statistics: list, frame: pd.DataFrame) -> None:
    assert [column["name"] for column in statistics] == list(frame.columns)
    for column in statistics:
        values = frame[column["name"]]
        present = values.dropna()
        assert (column["count"], column["nulls"]) == (len(present), int(values.isna().sum())), column["name"]
        assert column["distinct"] == present.nunique()
        assert column["approximate"] is False
        if column["kind"] == "number":
            assert column["mean"] == pytest.approx(present.mean(), rel=1e-9)
            assert column["standardDeviation"] == pytest.approx(present.std(), rel=1e-9)
            assert (column["minimum"], column["maximum"]) == (
                pytest.approx(present.min()),
                pytest.approx(present.max()),
            )
            assert column["quantiles"] == pytest.approx(list(present.quantile(QUANTILES)))
            assert column["zeros"] == int((present == 0).sum())
            if present.nunique() > 20:
                counts, _ = np.histogram(present, bins=20)
                ours = [bar["count"] for bar in column["histogram"]]
                # A value on an edge may fall to either side of it.
                assert sum(ours) == len(present)
                assert np.abs(np.cumsum(ours) - np.cumsum(counts)).max() <= 20
        if column["kind"] == "string":
            lengths = present.str.len()
            assert (column["minimum"], column["maximum"]) == (lengths.min(), lengths.max())
            counted = present.value_counts()
            assert {top["value"]: top["count"] for top in column["top"]} == counted.head(20).to_dict()
        if column["kind"] == "time":
            assert pd.Timestamp(column["minimum"]) == present.min()
            assert pd.Timestamp(column["maximum"]) == present.max()


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.jsonl", "t.feather", "t.csv.gz"])
def test_statistics_are_those_of_pandas(project: bb.Repo, name: str) -> None:
    # JSON has no times: they are texts there.
    frame = make_frame().drop(columns=["when"] if name == "t.jsonl" else [])
    path = project.root / "data" / name
    path.parent.mkdir(exist_ok=True)
    if name.endswith("parquet"):
        frame.to_parquet(path, index=False)
    elif name.endswith("jsonl"):
        frame.to_json(path, orient="records", lines=True, date_format="iso")
    elif name.endswith("feather"):
        frame.to_feather(path)
    else:
        frame.to_csv(path, index=False)
    project.snapshot(path, message="a table")
    shown = project.show(f"data/{name}@main", rows=(3900, 4000))
    content = shown.content.to_dict()
    assert content["table"]["rows"] == 4000
    check(content["statistics"], frame)
    page = content["page"]
    assert [row[0] for row in page["rows"]] == list(range(3900, 4000))
    assert [row[4] for row in page["rows"]] == list(frame["city"][3900:])
    html = shown._repr_html_()
    assert "<b>Å" not in html and "&lt;b&gt;Å" in html and "<svg" in html
    assert "Tromsø" in repr(shown)


def test_rows_are_sorted_and_filtered(project: bb.Repo) -> None:
    frame = make_frame()
    project.snapshot(frame, "data/t.parquet", message="a table")
    page = project.show("data/t.parquet", sort="-price", filter=[("city", "=", "Oslo"), ("stars", ">", 3)]).content.page
    wanted = frame[(frame.city == "Oslo") & (frame.stars > 3)].sort_values("price", ascending=False, kind="stable")
    assert page.total == len(wanted)
    assert [row[0] for row in page.rows] == list(wanted["id"][:20])
    with pytest.raises(bb.BranchbookError) as failure:
        project.show("data/t.parquet", filter=[("nothing", "=", 1)])
    assert failure.value.code == "USAGE"


def test_a_file_that_no_snapshot_has(project: bb.Repo) -> None:
    (project.root / "data").mkdir()
    (project.root / "data" / "bad.csv").write_text("a,b\n1,2\n3\n4,5\n")
    shown = project.show("data/bad.csv", work_tree=True)
    assert shown.content.table.rows == 2
    assert [row.line for row in shown.content.table.broken] == [3]
    assert "broken" in repr(shown)


@pytest.mark.parametrize("compression", ["lz4", "zstd", "uncompressed"])
@pytest.mark.parametrize("form", ["file", "stream"])
def test_arrow_of_every_type(project: bb.Repo, compression: str, form: str, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    day = datetime.date(1815, 12, 10)
    zone = datetime.timezone.utc
    table = pa.table(
        {
            "i8": pa.array([1, None, -3], pa.int8()),
            "u64": pa.array([1, 2**63 + 1, None], pa.uint64()),
            "f": pa.array([1.5, float("nan"), None], pa.float64()),
            "h": pa.array([0.5, None, 2.0], pa.float32()),
            "b": pa.array([True, None, False]),
            "s": pa.array(["å", None, "z" * 50]),
            "large": pa.array(["x", None, ""], pa.large_string()),
            "dict": pa.array(["p", None, "p"]).dictionary_encode(),
            "d": pa.array([Decimal("1.25"), None, Decimal("-3.50")], pa.decimal128(10, 2)),
            "day": pa.array([day, None, day]),
            "us": pa.array([datetime.datetime(1890, 1, 1, 1, 2, 3, 456789), None, None], pa.timestamp("us")),
            "ns": pa.array([1_500_000_000_123_456_789, None, None], pa.timestamp("ns")),
            "tz": pa.array(
                [datetime.datetime(2020, 1, 1, tzinfo=zone), None, None], pa.timestamp("ms", tz="Europe/Oslo")
            ),
            "time": pa.array([datetime.time(1, 2, 3), None, None], pa.time64("us")),
            "raw": pa.array([b"\x00a", None, b""]),
            "list": pa.array([[1, None], None, []], pa.list_(pa.int64())),
            "struct": pa.array([{"k": "v", "n": [1.5]}, None, {"k": None, "n": []}]),
            "map": pa.array([[("a", 1)], None, []], pa.map_(pa.string(), pa.int32())),
            "none": pa.nulls(3),
        }
    )
    path = project.root / "data" / "t.arrow"
    path.parent.mkdir()
    options = pa.ipc.IpcWriteOptions(compression=None if compression == "uncompressed" else compression)
    make = pa.ipc.new_file if form == "file" else pa.ipc.new_stream
    with make(path, table.schema, options=options) as writer:
        writer.write_table(table)
        writer.write_table(table.slice(1))
    content = project.show("data/t.arrow", work_tree=True, rows=(0, 5)).content.to_dict()
    names = [column["name"] for column in content["table"]["columns"]]
    assert names == table.column_names
    rows = [dict(zip(names, row, strict=True)) for row in content["page"]["rows"]]
    assert rows[0] == {
        "i8": 1,
        "u64": 1,
        "f": 1.5,
        "h": 0.5,
        "b": True,
        "s": "å",
        "large": "x",
        "dict": "p",
        "d": "1.25",
        "day": "1815-12-10",
        "us": "1890-01-01 01:02:03.456789",
        "ns": "2017-07-14 02:40:00.123456789",
        "tz": "2020-01-01 00:00:00+00",
        "time": "01:02:03",
        "raw": "\\x00a",
        "list": "[1, NULL]",
        "struct": "{'k': v, 'n': [1.5]}",
        "map": "{a=1}",
        "none": None,
    }
    assert rows[1]["u64"] == str(2**63 + 1)
    assert rows[1]["f"] == "NaN"
    assert [row["i8"] for row in rows] == [1, None, -3, None, -3]
    assert [row["s"] for row in rows] == ["å", None, "z" * 50, None, "z" * 50]
    assert [row["list"] for row in rows] == ["[1, NULL]", None, "[]", None, "[]"]
    assert math.isclose(content["statistics"][0]["mean"], (1 - 3 - 3) / 3)


def test_arrow_that_is_cut_off(project: bb.Repo) -> None:
    (project.root / "data").mkdir()
    path = project.root / "data" / "t.feather"
    make_frame().to_feather(path)
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], whole[:20], b"", b"FEA1" + whole[4:]):
        path.write_bytes(content)
        assert project.show("data/t.feather", work_tree=True).content.kind == "unreadable"
