"""Tables: pandas, polars and pyarrow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import arrow
from .document import write_lines
from .family import Facts, Family, Reader, Writer

JSON_LINES = (".jsonl", ".ndjson")
IPC = (".arrow", ".feather")


def _arrow_writers(to_arrow: Callable[[Any], Any]) -> dict[str, Writer]:
    ipc: Writer = lambda obj, path: arrow.write_ipc(to_arrow(obj), path)  # noqa: E731
    return {
        ".parquet": lambda obj, path: arrow.write_parquet(to_arrow(obj), path),
        **dict.fromkeys(IPC, ipc),
    }


def _arrow_readers(from_arrow: Callable[[Any], Any]) -> dict[str, Reader]:
    ipc: Reader = lambda path: from_arrow(arrow.read_ipc(path))  # noqa: E731
    return {
        ".parquet": lambda path: from_arrow(arrow.read_parquet(path)),
        **dict.fromkeys(IPC, ipc),
    }


# ----------------------------------------------------------------------------------------------------- pandas


def _is_frame(obj: Any) -> bool:
    import pandas as pd

    return isinstance(obj, pd.DataFrame)


def _is_series(obj: Any) -> bool:
    import pandas as pd

    return isinstance(obj, pd.Series)


def _pandas_to_arrow(frame: Any) -> Any:
    import pyarrow as pa

    return pa.Table.from_pandas(frame)


def _pandas_from_arrow(table: Any) -> Any:
    return table.to_pandas()


def _has_default_index(frame: Any) -> bool:
    import pandas as pd

    index = frame.index
    return isinstance(index, pd.RangeIndex) and index.name is None and index.start == 0 and index.step == 1


def _pandas_write_csv(frame: Any, path: Path) -> None:
    # lineterminator: the same bytes on every operating system.
    frame.to_csv(path, index=not _has_default_index(frame), lineterminator="\n")


def _pandas_read_csv(path: Path) -> Any:
    import pandas as pd

    return pd.read_csv(path)


def _pandas_write_lines(frame: Any, path: Path) -> None:
    rows = frame if _has_default_index(frame) else frame.reset_index()
    rows.to_json(path, orient="records", lines=True, date_format="iso", date_unit="ns")


def _pandas_read_lines(path: Path) -> Any:
    import pandas as pd

    return pd.read_json(path, orient="records", lines=True)


def _series_name(series: Any) -> Any:
    return "values" if series.name is None else series.name


def _series_to_arrow(series: Any) -> Any:
    table = _pandas_to_arrow(series.to_frame(_series_name(series)))
    unnamed = {b"branchbook.series": b"unnamed" if series.name is None else b"named"}
    return table.replace_schema_metadata({**(table.schema.metadata or {}), **unnamed})


def _series_from_arrow(table: Any) -> Any:
    series = _pandas_from_arrow(table).iloc[:, 0]
    unnamed = (table.schema.metadata or {}).get(b"branchbook.series") == b"unnamed"
    return series.rename(None) if unnamed else series


def _frame_facts(frame: Any) -> Facts:
    return {"rows": int(frame.shape[0]), "columns": int(frame.shape[1])}


PANDAS = Family(
    type="pandas",
    library="pandas",
    matches=_is_frame,
    writers={
        **_arrow_writers(_pandas_to_arrow),
        ".csv": _pandas_write_csv,
        **dict.fromkeys(JSON_LINES, _pandas_write_lines),
    },
    readers={
        **_arrow_readers(_pandas_from_arrow),
        ".csv": _pandas_read_csv,
        **dict.fromkeys(JSON_LINES, _pandas_read_lines),
    },
    describe=_frame_facts,
)

PANDAS_SERIES = Family(
    type="pandas.Series",
    library="pandas",
    matches=_is_series,
    writers=_arrow_writers(_series_to_arrow),
    readers=_arrow_readers(_series_from_arrow),
    describe=lambda series: {"rows": len(series), "columns": 1},
)

# ----------------------------------------------------------------------------------------------------- polars


def _is_polars(obj: Any) -> bool:
    import polars as pl

    return isinstance(obj, pl.DataFrame)


def _polars_from_arrow(table: Any) -> Any:
    import polars as pl

    return pl.from_arrow(table)


def _polars_read_csv(path: Path) -> Any:
    import polars as pl

    return pl.read_csv(path, try_parse_dates=True)


def _polars_read_lines(path: Path) -> Any:
    import polars as pl

    return pl.read_ndjson(path)


POLARS = Family(
    type="polars",
    library="polars",
    matches=_is_polars,
    writers={
        **_arrow_writers(lambda frame: frame.to_arrow()),
        ".csv": lambda frame, path: frame.write_csv(path),
        **dict.fromkeys(JSON_LINES, lambda frame, path: frame.write_ndjson(path)),
    },
    readers={
        **_arrow_readers(_polars_from_arrow),
        ".csv": _polars_read_csv,
        **dict.fromkeys(JSON_LINES, _polars_read_lines),
    },
    describe=_frame_facts,
)

# ---------------------------------------------------------------------------------------------------- pyarrow


def _is_arrow(obj: Any) -> bool:
    import pyarrow as pa

    return isinstance(obj, pa.Table)


def _arrow_write_csv(table: Any, path: Path) -> None:
    from pyarrow import csv

    csv.write_csv(table, path)


def _arrow_read_csv(path: Path) -> Any:
    from pyarrow import csv

    return csv.read_csv(path)


def _arrow_write_lines(table: Any, path: Path) -> None:
    write_lines((row for batch in table.to_batches() for row in batch.to_pylist()), path)


def _arrow_read_lines(path: Path) -> Any:
    from pyarrow import json

    return json.read_json(path)


PYARROW = Family(
    type="pyarrow",
    library="pyarrow",
    matches=_is_arrow,
    writers={
        **_arrow_writers(lambda table: table),
        ".csv": _arrow_write_csv,
        **dict.fromkeys(JSON_LINES, _arrow_write_lines),
    },
    readers={
        **_arrow_readers(lambda table: table),
        ".csv": _arrow_read_csv,
        **dict.fromkeys(JSON_LINES, _arrow_read_lines),
    },
    describe=lambda table: {"rows": table.num_rows, "columns": table.num_columns},
)

FAMILIES = (PANDAS, PANDAS_SERIES, POLARS, PYARROW)
