"""Parquet and Arrow files, written so that the next version shares most bytes with this one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

# Content-defined pages survive a shift of rows, row groups do not: few large groups keep twice as much shared
# as pyarrow's default of 1 Mi rows.
ROW_GROUP_ROWS = 16 * 1024 * 1024


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write a table as Snappy Parquet with content-defined pages.

    Snappy, not zstd: it is the cheapest to write with content-defined pages and the store compresses chunks anyway.
    """
    import pyarrow.parquet as pq

    pq.write_table(table, path, compression="snappy", row_group_size=ROW_GROUP_ROWS, use_content_defined_chunking=True)


def read_parquet(path: Path) -> pa.Table:
    """Read one Parquet file whole, with the Arrow schema it was written from."""
    import pyarrow.parquet as pq

    # ParquetFile, not read_table: a path such as year=2024/a.parquet must not grow a `year` column.
    with pq.ParquetFile(path) as file:
        return file.read()


def write_ipc(table: pa.Table, path: Path) -> None:
    """Write an Arrow IPC file (also called Feather 2), uncompressed: it deduplicates best and can be mapped."""
    import pyarrow as pa

    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def read_ipc(path: Path) -> pa.Table:
    """Read an Arrow IPC file whole."""
    import pyarrow as pa

    with pa.OSFile(str(path), "rb") as source, pa.ipc.open_file(source) as reader:
        return reader.read_all()
