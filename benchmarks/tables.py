"""What reading a large table costs, from the CSV file to its split: one JSON line per step.

python benchmarks/tables.py [ROWS]

The table is made first: 6 columns of numbers, one of whole numbers, truth, categories and dates, with a label; 150
bytes a row. Each step is a process of its own, so that its highest memory is that of the steps up to it. 5 million rows
must stay below 4 GB.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from fathometer.data import equal_rows, load_table, split_groups

ROWS = 5_000_000
STEPS = ("load", "equal rows", "split", "stratified split")
SHARES = {"training": 0.6, "held_out": 0.2, "test": 0.2}


def write(path: Path, rows: int) -> None:
    """Write the table."""
    rng = np.random.default_rng(0)
    columns = {f"x{k}": rng.normal(size=rows) for k in range(6)}
    columns |= {"k": rng.integers(0, 1000, rows), "b": rng.random(rows) < 0.5}
    columns |= {"c": np.array(["red", "green", "blue"])[rng.integers(0, 3, rows)]}
    columns |= {"d": np.datetime64("2020-01-01") + rng.integers(0, 1000, rows)}
    columns |= {"y": np.array(["yes", "no"])[rng.integers(0, 2, rows)]}
    csv.write_csv(pa.table(columns), path)


def measure(path: Path, last: int) -> None:
    """Do the steps up to one, and print what they cost together."""
    start = time.perf_counter()
    table = load_table(str(path), "y", labels=True, mixed=True)
    if last > 0:
        groups = equal_rows(table.features)
        if last > 1:
            split_groups(groups, SHARES, 0, stratify=table.target if last > 2 else None)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    seconds = time.perf_counter() - start
    print(
        json.dumps(
            {"case": STEPS[last], "rows": len(table.target), "seconds": round(seconds, 1), "peak_GiB": round(peak, 2)}
        )
    )


def main(arguments: list[str]) -> None:
    """Make the table and run the steps, or one step of a table that is there."""
    if len(arguments) == 2:
        measure(Path(arguments[0]), int(arguments[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        write(path, int(arguments[0]) if arguments else ROWS)
        for step in range(len(STEPS)):
            subprocess.run([sys.executable, __file__, str(path), str(step)], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
