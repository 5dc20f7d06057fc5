"""Cells that leave a trace in a file when they are finished, and a client of a process of its own."""

import os
import signal
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

from fathometer.study import Computed
from fathometer.study.engines._dask import dask_cluster
from fathometer.study.engines._engine import Cell, Limits, Outcome


def trace(parameters, word="done"):
    """Append a line in one step."""
    handle = os.open(parameters["file"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, f"{word} {parameters['x']}\n".encode())
    os.close(handle)


def square(parameters, seed):
    """Sleep as long as the parameters say, then square."""
    time.sleep(parameters.get("seconds", 0.0))
    trace(parameters)
    return Computed({"value": parameters["x"] ** 2})


def matrix(parameters, seed):
    """A megabyte."""
    return Computed({}, arrays={"a": np.full((128, 1024), float(parameters["x"]))})


def _refuse():
    raise ModuleNotFoundError("No module named 'elsewhere'")


class Unreadable:
    """Can be sent, and not read."""

    def __reduce__(self):
        return _refuse, ()


def some_fail(parameters, seed):
    """Odd numbers are refused; 4 cannot be sent back, and 6 not be read there."""
    x = parameters["x"]
    if x % 2:
        raise ValueError(f"{x} is odd")
    return Computed({"value": {4: lambda: 0, 6: Unreadable()}.get(x, x)})


def poisoned(parameters, seed):
    """7 ends the process that computes it."""
    if parameters["x"] == 7:
        trace(parameters, "killed")
        os.kill(os.getpid(), signal.SIGKILL)
    return square(parameters, seed)


def one_hangs(parameters, seed):
    """3 takes for ever."""
    if parameters["x"] == 3:
        time.sleep(1000)
    return square(parameters, seed)


def cells(count: int, file: Path, **parameters) -> list[Cell]:
    """Cells of the numbers below count."""
    return [Cell(str(x), {"x": x, "file": str(file), **parameters}, 0) for x in range(count)]


def traces(file: Path, word="done") -> Counter[int]:
    """How often each number has left its trace."""
    lines = file.read_text().splitlines() if file.exists() else []
    return Counter(int(line.split()[1]) for line in lines if line.split()[0] == word)


def main(address: str, folder: Path, count: int) -> int:
    """Compute what the folder does not have; each outcome is written as it comes."""
    kept = set((folder / "kept").read_text().split()) if (folder / "kept").exists() else set()

    def keep(outcome: Outcome) -> None:
        with (folder / "kept").open("a") as file:
            file.write(f"{outcome.cell.address}\n")

    left = [cell for cell in cells(count, folder / "traces", seconds=0.2) if cell.address not in kept]
    try:
        dask_cluster(address if ":" in address else None, 2).run(left, square, Limits(), keep, print)
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
