"""What a study costs beyond its cells: one JSON line per case, with the bar that it must keep.

python benchmarks/study.py [CASE...]

The cells do nothing, or count for about a second of one processor. Cases: in_process, limits, processes, dask (overhead
per cell), two_workers, two_dask_workers (how often as fast, from outcome to outcome and with starting), resume (of
10 000 finished cells), table (of a million rows). Every case is the median of three.
"""

import io
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import numpy as np

from fathometer.study import (
    Column,
    Computation,
    Computed,
    Study,
    Whole,
    in_process,
    processes,
    run_study,
    specification_of,
)
from fathometer.study.engines import Cell, Engine, Outcome
from fathometer.study.store._journal import Journal
from fathometer.study.store._layout import layout_of, write_layout
from fathometer.study.store._table import write_table

RUNS = 3
CELLS, FINISHED, ROWS = 1000, 10_000, 1_000_000
SECOND_LONG = 40  # cells of about a second: what the last cell of an odd number adds is then a fortieth


def nothing(parameters: dict[str, Any], seed: int) -> Computed:
    """Compute nothing."""
    return Computed({"value": float(parameters["n"] + seed)})


def counting(parameters: dict[str, Any], seed: int) -> Computed:
    """Keep one processor busy, in Python alone."""
    total = 0
    for k in range(parameters["n"]):
        total += k & 3
    return Computed({"value": float(total)})


def of(compute: Callable[..., Computed]) -> Computation:
    """A computation of one whole number."""
    return Computation("bench", "", {"n": Whole(1, 10**9, 1)}, compute, {"value": Column(float, "a number")})


def study_of(compute: Callable[..., Computed], n: list[int], seeds: int) -> Any:
    """A specification without a title."""
    return specification_of({"computation": {"name": "bench"}, "grid": {"n": n}, "seeds": seeds}, lambda _: of(compute))


def seconds_of(work: Callable[[], object]) -> float:
    """Time of some work, in silence."""
    began = time.perf_counter()
    with redirect_stderr(io.StringIO()):
        work()
    return time.perf_counter() - began


def overhead(engine: Engine, limits: dict[str, float] | None = None) -> float:
    """Milliseconds per cell that does nothing; starting what computes is not counted."""
    document = {"computation": {"name": "bench"}, "limits": limits or {}}

    def run(count: int) -> float:
        specification = specification_of({**document, "seeds": count}, lambda _: of(nothing))
        with tempfile.TemporaryDirectory() as folder:
            return seconds_of(lambda: run_study(specification, Path(folder), engine))

    return 1000 * statistics.median((run(CELLS) - run(2)) / (CELLS - 2) for _ in range(RUNS))


def speedup(engine: Callable[[int], Engine]) -> tuple[float, float, float]:
    """How often as fast two workers are as one on cells of a second, with and without starting; seconds per cell."""
    specification = study_of(counting, [calibrated()], SECOND_LONG)

    def run(jobs: int) -> tuple[float, float]:
        timed = Timed(engine(jobs))
        with tempfile.TemporaryDirectory() as folder:
            whole = seconds_of(lambda: run_study(specification, Path(folder), timed))
        return whole, timed.seconds_per_cell(jobs)

    pairs = [(run(1), run(2)) for _ in range(RUNS)]
    whole, warm = (statistics.median(one[k] / two[k] for one, two in pairs) for k in (0, 1))
    return whole, warm, statistics.median(one[1] for one, _ in pairs)


class Timed:
    """An engine, and when its outcomes came."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._seen = engine, []

    def run(self, cells: Any, compute: Any, limits: Any, finished: Callable[[Outcome], None], announce: Any) -> None:
        """Compute cells as the engine does."""

        def seen(outcome: Outcome) -> None:
            self._seen.append((time.monotonic(), outcome.machine))
            finished(outcome)

        self._engine.run(cells, compute, limits, seen, announce)

    def seconds_per_cell(self, jobs: int) -> float:
        """From the first outcome of the last worker that began."""
        begin = next(k for k in range(len(self._seen)) if len({where for _, where in self._seen[: k + 1]}) == jobs)
        return (self._seen[-1][0] - self._seen[begin][0]) / (len(self._seen) - begin - 1)


def calibrated() -> int:
    """Number of steps that take about a second."""
    trial = 1_000_000
    return int(trial / seconds_of(lambda: counting({"n": trial}, 0)))


def filled(folder: Path, count: int) -> Any:
    """A folder with that many finished cells and no table."""
    specification = study_of(nothing, list(range(1, 101)), count // 100)
    write_layout(folder, layout_of(specification))
    journal = Journal(folder)
    for cell in specification.cells:
        journal.take(finished(cell))
    journal.close()
    return specification


def finished(cell: Cell) -> Outcome:
    """What a cell came to."""
    return Outcome(cell, nothing(dict(cell.parameters), cell.seed), seconds=0.001, machine="bench:1")


def resume(with_table: bool) -> float:
    """Seconds of a run that finds all cells finished."""
    with tempfile.TemporaryDirectory() as folder:
        specification = filled(Path(folder), FINISHED)
        if with_table:
            write_table(Path(folder), layout_of(specification))
            return statistics.median(
                seconds_of(lambda: run_study(specification, Path(folder), in_process())) for _ in range(RUNS)
            )
        return seconds_of(lambda: run_study(specification, Path(folder), in_process()))


def table() -> Iterator[dict[str, Any]]:
    """Seconds to write and to open the table of a million rows.

    Yields:
        What was measured.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        specification = filled(folder, ROWS)
        layout = layout_of(specification)
        yield line("a million rows: write the table", seconds_of(lambda: write_table(folder, layout)), "s")
        opened = statistics.median(seconds_of(lambda: np.asarray(Study(folder).table()["value"])) for _ in range(RUNS))
        yield line("a million rows: open the table", opened, "s", at_most=2.0)
        counts = statistics.median(seconds_of(lambda: Study(folder).to_json()) for _ in range(RUNS))
        yield line("a million rows: counts", counts, "s")


def line(case: str, value: float, unit: str, **bar: float) -> dict[str, Any]:
    """What was measured, and whether it keeps its bar."""
    keeps = {} if not bar else {"keeps": all(value <= b if k == "at_most" else value >= b for k, b in bar.items())}
    return {"case": case, "value": float(f"{value:.3g}"), "unit": unit, **bar, **keeps}


def dask(jobs: int) -> Engine | None:
    """The engine on Dask; None where that is not installed."""
    try:
        import distributed  # noqa: F401

        from fathometer.study.engines._dask import dask_cluster  # pyright: ignore[reportMissingImports]
    except ImportError:
        return None
    return dask_cluster(None, jobs)


def two(name: str, engine: Callable[[int], Engine]) -> Iterator[dict[str, Any]]:
    """Two workers against one.

    Yields:
        What was measured.
    """
    whole, warm, seconds = speedup(engine)
    yield line(f"two {name} against one on cells of {seconds:.2g} s", warm, "times", at_least=1.8)
    yield line(f"two {name} against one on {SECOND_LONG} such cells, with starting", whole, "times")


CASES: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {
    "in_process": lambda: iter([line("overhead in process", overhead(in_process()), "ms", at_most=5.0)]),
    "limits": lambda: iter(
        [line("overhead in process, with limits", overhead(in_process(), {"seconds": 10.0}), "ms", at_most=5.0)]
    ),
    "processes": lambda: iter([line("overhead, two processes", overhead(processes(2)), "ms", at_most=5.0)]),
    "dask": lambda: (
        iter([line("overhead on Dask, two workers", overhead(dask(2) or in_process()), "ms", at_most=20.0)])
        if dask(1)
        else iter([])
    ),
    "two_workers": lambda: two("processes", processes),
    "two_dask_workers": lambda: two("Dask workers", lambda jobs: dask(jobs) or in_process()) if dask(1) else iter([]),
    "resume": lambda: iter(
        [
            line("10 000 finished cells: resume", resume(with_table=True), "s", at_most=2.0),
            line("10 000 finished cells: resume after a kill", resume(with_table=False), "s", at_most=2.0),
        ]
    ),
    "table": table,
}


def main(names: list[str]) -> None:
    """Print the cases."""
    for name in names or CASES:
        for measured in CASES[name]():
            print(json.dumps(measured), flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))  # workers import this file by its name
    import study as bench  # type: ignore[import-not-found]

    bench.main(sys.argv[1:])
