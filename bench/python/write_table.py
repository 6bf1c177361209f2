"""Write a Parquet file of ten columns: `write_table.py FILE ROWS`. The same bytes every time."""

import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

GROUP = 1_000_000
PLACES = np.array(["north", "south", "east", "west", "centre"])


def part(random: np.random.Generator, start: int, count: int) -> pa.Table:
    seconds = random.integers(0, 10**8, count).astype("timedelta64[s]")
    return pa.table(
        {
            "id": np.arange(start, start + count),
            "price": random.lognormal(3, 1, count),
            "share": random.random(count),
            "rate": random.normal(size=count),
            "units": random.integers(0, 1000, count),
            "customer": random.integers(0, 2**40, count),
            "place": PLACES[random.integers(0, len(PLACES), count)],
            "code": pa.array([f"c{number:08x}" for number in random.integers(0, 2**31, count)]),
            "paid": random.random(count) < 0.3,
            "time": pa.array(np.datetime64("2020-01-01", "s") + seconds).cast(pa.timestamp("us")),
        }
    )


def main(path: str, rows: int) -> None:
    random = np.random.default_rng(1)
    writer = None
    for start in range(0, rows, GROUP):
        table = part(random, start, min(GROUP, rows - start))
        writer = writer or pq.ParquetWriter(path, table.schema, compression="snappy")
        writer.write_table(table, row_group_size=122_880)
    writer.close()


main(sys.argv[1], int(sys.argv[2]))
