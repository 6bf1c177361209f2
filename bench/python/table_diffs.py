"""Row diffs by key as one writes them in Python: `table_diffs.py NAME BEFORE AFTER` prints the counts."""

import json
import sys

import pandas as pd


def datacompy_counts(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, int]:
    """With datacompy's `PandasCompare`."""
    import datacompy

    compare = getattr(datacompy, "PandasCompare", None) or datacompy.Compare
    found = compare(before, after, join_columns="id")
    same = int(found.count_matching_rows())
    return {
        "added": len(found.df2_unq_rows),
        "removed": len(found.df1_unq_rows),
        "changed": len(found.intersect_rows) - same,
    }


def merge_counts(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, int]:
    """With an outer merge, and one comparison for each column."""
    joined = before.merge(after, on="id", how="outer", suffixes=("", "_new"), indicator=True)
    both = joined[joined["_merge"] == "both"]
    changed = pd.Series(False, index=both.index)
    for name in before.columns.drop("id"):
        old, new = both[name], both[f"{name}_new"]
        changed |= (old != new) & ~(old.isna() & new.isna())
    kinds = joined["_merge"].value_counts()
    return {"added": int(kinds["right_only"]), "removed": int(kinds["left_only"]), "changed": int(changed.sum())}


name, *files = sys.argv[1:]
tables = [pd.read_parquet(file) for file in files]
print(json.dumps((datacompy_counts if name == "datacompy" else merge_counts)(*tables)))
