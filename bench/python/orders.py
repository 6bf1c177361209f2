"""A table of orders, and twenty versions of it with the edits that people make."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq
from serve import serve

sys.path.insert(0, str(Path(__file__).parents[2]))
from branchbook.formats.arrow import write_parquet as write_as_our_magics

WORDS = 4000
WORDS_A_NOTE = 12
BATCH = 500_000


def _words(random: np.random.Generator) -> pa.Array:
    letters = random.integers(97, 123, (WORDS, 9), dtype=np.uint8)
    return pa.array([bytes(row[: 3 + i % 7]).decode() for i, row in enumerate(letters)])


def _orders(rows: int, seed: int, first: int = 0) -> pa.Table:
    random = np.random.default_rng(seed)
    words = _words(np.random.default_rng(1))
    pick = lambda: words.take(pa.array(random.zipf(1.3, rows) % WORDS))  # noqa: E731
    choose = lambda *names: pa.array(names).take(pa.array(random.integers(0, len(names), rows)))  # noqa: E731
    seconds = 1_700_000_000 + (first + np.arange(rows)) * 7 + random.integers(0, 7, rows)
    return pa.table(
        {
            "order_id": pa.array(first + np.arange(rows)),
            "ordered_at": pa.array(seconds, pa.timestamp("s")),
            "customer": pa.array(random.integers(0, 500_000, rows)),
            "product": pa.array(random.zipf(1.2, rows) % 20_000),
            "quantity": pa.array(random.integers(1, 12, rows, dtype=np.int16)),
            "price": pa.array(np.round(random.gamma(2.0, 20.0, rows), 2)),
            "discount": pa.array(np.round(random.random(rows) * 0.3, 3)),
            "country": choose("DE", "FR", "GB", "IN", "JP", "NG", "US", "BR"),
            "channel": choose("web", "shop", "app", "partner"),
            "paid": pa.array(random.random(rows) < 0.97),
            "latitude": pa.array(random.normal(48, 9, rows)),
            "note": pc.binary_join_element_wise(*(pick() for _ in range(WORDS_A_NOTE)), " "),
        }
    )


def _many_orders(rows: int, seed: int) -> pa.Table:
    starts = range(0, rows, BATCH)
    return pa.concat_tables(
        [_orders(min(BATCH, rows - start), seed + start, start) for start in starts]
    ).combine_chunks()


def _plain_parquet(table: pa.Table, path: str) -> None:
    pq.write_table(table, path, compression="snappy", row_group_size=250_000)


WRITERS = {
    "csv": lambda table, path: csv.write_csv(table, path),
    "parquet": _plain_parquet,
    "parquet-cdc": lambda table, path: write_as_our_magics(table, Path(path)),
}


def _rows_for(kind: str, size: int, folder: str) -> int:
    """Rows that make a file of about `size` bytes."""
    sample = Path(folder) / "sample"
    rows = 100_000
    WRITERS[kind](_orders(rows, 5), str(sample))
    rows = max(1000, int(size / sample.stat().st_size * rows))
    sample.unlink()
    return rows


def write(kind: str, path: str, size: int) -> None:
    """One file of about `size` bytes: csv, parquet (as pyarrow does by default), parquet-cdc (as our magics do)."""
    folder = str(Path(path).parent)
    WRITERS[kind](_many_orders(_rows_for(kind, size, folder), 11), path)


# ------------------------------------------------------------------------------------------ versions of one table

_current: dict[str, Any] = {}


def begin(kind: str, size: int, folder: str) -> None:
    """Start over with version 0 of a table."""
    _current.update(kind=kind, table=_many_orders(_rows_for(kind, size, folder), 23))


def version(number: int, path: str) -> str:
    """Write version `number` of the table, made from the one before. Returns what was edited."""
    edit, table = _edited(_current["table"], number)
    _current["table"] = table
    WRITERS[_current["kind"]](table, path)
    return edit


def _edited(table: pa.Table, number: int) -> tuple[str, pa.Table]:
    random = np.random.default_rng(1000 + number)
    if number == 0:
        return "base", table
    if number == 10:
        scores = pa.array(np.round(random.random(table.num_rows), 4))
        return "add a column", table.append_column("score", scores).combine_chunks()
    kind = ("append", "insert", "change")[number % 3]
    if kind == "append":
        rows = _like(table, _orders(1000, number, table.num_rows))
        return "append 1,000 rows", pa.concat_tables([table, rows]).combine_chunks()
    if kind == "insert":
        at = int(random.integers(0, table.num_rows))
        rows = _like(table, _orders(100, number, table.num_rows))
        return "insert 100 rows", pa.concat_tables([table[:at], rows, table[at:]]).combine_chunks()
    prices = table["price"].to_numpy().copy()
    prices[random.integers(0, len(prices), 20)] *= 1.5
    column = table.schema.get_field_index("price")
    return "change 20 cells", table.set_column(column, "price", pa.array(np.round(prices, 2)))


def _like(table: pa.Table, rows: pa.Table) -> pa.Table:
    """Rows with the columns that the table has by now."""
    if "score" in table.column_names:
        rows = rows.append_column("score", pa.array(np.zeros(rows.num_rows)))
    return rows


serve(write, begin, version)
