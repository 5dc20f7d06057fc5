"""What certificates cost: one JSON line per case, ratios within the same run.

python benchmarks/generalization.py [inverse] [transport] [training] [coverage] [growth]
"""

import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy import optimize, sparse
from scipy.spatial.distance import cdist

from fathometer.generalization import bound, empirical_w1, entropic_w1, evaluate_bound
from fathometer.generalization.coverage import EXPERIMENTS, Experiment
from fathometer.generalization.coverage._run import cover
from fathometer.generalization.learning.networks._problem import ClassRows
from fathometer.generalization.learning.networks._settings import Objective
from fathometer.generalization.learning.networks._training import Terms, train_posterior
from fathometer.numerics import kl_inverse_upper, wide

MILLION, SCALAR_SAMPLE = 1_000_000, 5000
DRAWS, LOOPED = 10_000, 100


def seconds(run: Callable[[], Any], repeats: int = 3) -> float:
    """Best time of several calls, after one that compiles."""
    run()
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best


def inverse() -> Iterator[dict[str, Any]]:
    """(a) The upper inverse of kl at a million points, against SciPy's brentq called point by point.

    The scalar loop is timed on 5000 of the points and scaled up. Its kl is the cheapest that Python has: two calls of
    math.log and no case distinctions; points whose limit is 1 are left to ours.

    Yields:
        One line.
    """
    rng = np.random.default_rng(0)
    q, c = rng.random(MILLION), 0.2 * rng.random(MILLION)
    ours = seconds(lambda: kl_inverse_upper(q, c))
    end = math.nextafter(1, 0)
    pairs = [(a, b) for a, b in zip(q.tolist(), c.tolist(), strict=True) if _kl(a, end) > b][:SCALAR_SAMPLE]
    scalar = seconds(lambda: [_brentq(a, b) for a, b in pairs]) * MILLION / len(pairs)
    found = kl_inverse_upper(*np.array(pairs).T)
    yield {
        "case": "inverse kl, a million points",
        "seconds": round(ours, 3),
        "brentq_seconds_extrapolated": round(scalar, 1),
        "brentq_timed_on": len(pairs),
        "brentq_over_ours": round(scalar / ours, 1),
        "bar": 100,
        "largest_relative_difference": float(np.max(np.abs([_brentq(a, b) for a, b in pairs] / found - 1))),
    }


def _kl(q: float, p: float) -> float:
    return q * math.log(q / p) + (1 - q) * math.log((1 - q) / (1 - p))


def _brentq(q: float, c: float) -> float:
    return float(optimize.brentq(lambda p: _kl(q, p) - c, q, math.nextafter(1, 0), xtol=1e-15))  # type: ignore[arg-type]


def transport() -> Iterator[dict[str, Any]]:
    """(b) W1 between clouds: the assignment against SciPy's linear program (HiGHS), and Sinkhorn with its interval.

    HiGHS is timed up to 400 points; its time at 2000 points is extrapolated from the slope between 200 and 400.

    Yields:
        One line for each case.
    """
    programs = {}
    for size in (100, 200, 400):
        x, y = _clouds(size)
        programs[size] = seconds(lambda x=x, y=y: _program(x, y), 1)
        exact = seconds(lambda x=x, y=y: empirical_w1(x, y))
        yield {
            "case": f"W1 between {size}-point clouds, d = 5",
            "seconds": round(exact, 5),
            "linear_program_seconds": round(programs[size], 3),
            "linear_program_over_ours": round(programs[size] / exact, 1),
            "relative_difference": abs(_program(x, y) / empirical_w1(x, y).value - 1),
        }
    x, y = _clouds(2000)
    exact = seconds(lambda: empirical_w1(x, y))
    slope = math.log2(programs[400] / programs[200])
    whole = programs[400] * 5**slope
    yield {
        "case": "W1 between 2000-point clouds, d = 5",
        "seconds": round(exact, 3),
        "linear_program_seconds_extrapolated": round(whole, 1),
        "linear_program_slope": round(slope, 2),
        "linear_program_over_ours": round(whole / exact, 1),
    }
    x, y = _clouds(400)
    interval = entropic_w1(x, y, iterations=200)
    yield {
        "case": "W1 between 400-point clouds by 200 Sinkhorn iterations",
        "seconds": round(seconds(lambda: entropic_w1(x, y, iterations=200), 1), 3),
        "interval": [interval.lower, interval.upper],
        "exact": empirical_w1(x, y).value,
    }


def _clouds(size: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(size)
    return rng.normal(size=(size, 5)), rng.normal(size=(size, 5)) + 0.5


def _program(x: np.ndarray, y: np.ndarray) -> float:
    """The same distance from the transport polytope."""
    n = len(x)
    rows = sparse.kron(sparse.eye(n), np.ones((1, n)))
    columns = sparse.kron(np.ones((1, n)), sparse.eye(n))
    equal = sparse.vstack([rows, columns]).tocsr()
    return float(optimize.linprog(cdist(x, y).ravel(), A_eq=equal, b_eq=np.full(2 * n, 1 / n), method="highs").fun)


def training() -> Iterator[dict[str, Any]]:
    """(c) A posterior trained by minimising pb_quad: batches of 128 rows, each with a network of its own, against one.

    Both are compiled scans; the time is that of one row with its network, forward and backward.

    Yields:
        One line.
    """
    rng = np.random.default_rng(0)
    rows = ClassRows(rng.normal(size=(4000, 64)), rng.integers(0, 10, 4000))
    prior = tuple(rng.normal(size=shape) * 0.05 for shape in ((65, 100), (101, 10)))
    terms = Terms(Objective("quad"), 0.03, 1e-4, 4000, 0.025)
    each = {}
    for batch, steps in ((128, 100), (1, 1000)):
        run = lambda b=batch, s=steps: train_posterior(prior, rows, terms, seed=0, steps=s, batch=b)  # noqa: E731
        each[batch] = seconds(run) / batch / steps
    yield {
        "case": "training with a PAC-Bayes objective, 64-100-10 network",
        "microseconds_per_row": round(1e6 * each[128], 2),
        "one_row_at_a_time_microseconds": round(1e6 * each[1], 2),
        "one_at_a_time_over_batched": round(each[1] / each[128], 1),
    }


def coverage() -> Iterator[dict[str, Any]]:
    """(d) Coverage studies of 10 000 samples at once, against a loop that draws and evaluates one sample at a time.

    The loop is timed on 100 samples and scaled up.

    Yields:
        One line for each case.
    """
    for name in ("maurer_seeger", "smooth_gauss", "chain_gauss", "rademacher_linear", "test_binomial"):
        experiment = next(e for e in EXPERIMENTS if e.bound == name and not e.control)
        batched = seconds(lambda e=experiment: cover(e, DRAWS, 0.05, 0), 1)
        loop = seconds(lambda e=experiment: _one_by_one(e), 1) * DRAWS / LOOPED
        yield {
            "case": f"coverage of {name}, {DRAWS} samples",
            "seconds": round(batched, 3),
            "loop_seconds_extrapolated": round(loop, 2),
            "loop_over_batched": round(loop / batched, 1),
        }


def _one_by_one(experiment: Experiment) -> None:
    rng = np.random.default_rng(0)
    for _ in range(LOOPED):
        inputs, _ = experiment.simulate(rng, 1)
        evaluate_bound(experiment.bound, delta=0.05, **{key: np.ravel(values)[0] for key, values in inputs.items()})


def growth() -> Iterator[dict[str, Any]]:
    """(e) How the cost grows: log-log slopes against m, d and the number of refinements K of the chaining bound.

    Yields:
        One line for each case.
    """
    cases = {
        "smooth_gauss over m": ("smooth_gauss", "m", (10**3, 10**5, 10**7, 10**9)),
        "smooth_gauss over d": ("smooth_gauss", "dim", (10, 10**3, 10**5, 10**7)),
        "chain_gauss over K": ("chain_gauss", "scales", (1, 10, 50, 100)),
        "test_binomial over n": ("test_binomial", "n", (10**2, 10**4, 10**6, 10**8)),
    }
    typical = {"risk": 0.1, "lipschitz": 0.5, "radius": 1.0, "dim": 10, "m": 10**4, "delta": 0.05, "errors": 20}
    for case, (name, key, sizes) in cases.items():
        known = [part.name for part in bound(name).keys]
        keys = {part: number for part, number in typical.items() if part in known}
        times = [seconds(lambda k=keys | {key: size}, n=name: evaluate_bound(n, **k), 20) for size in sizes]
        yield _line(case, sizes, times)
    rng = np.random.default_rng(0)
    sizes = (100, 200, 400, 800, 1600)
    clouds = [rng.normal(size=(2, n, 5)) for n in sizes]
    times = [seconds(lambda p=pair: empirical_w1(*p)) for pair in clouds]
    yield _line("assignment over the number of points", sizes, times)
    losses = [wide(rng.random((1, n))) for n in (100, 1000, 10_000)]
    evaluate, delta = bound("test_betting_losses").evaluate, wide(0.05)
    times = [seconds(lambda x=x: evaluate(losses=x, delta=delta)) for x in losses]
    yield _line("betting on losses over n", (100, 1000, 10_000), times)


def _line(case: str, sizes: tuple[int, ...], times: list[float]) -> dict[str, Any]:
    slope = float(np.polyfit(np.log(sizes), np.log(times), 1)[0])
    milliseconds = {str(size): round(1e3 * taken, 3) for size, taken in zip(sizes, times, strict=True)}
    return {"case": f"growth of {case}", "milliseconds": milliseconds, "log_log_slope": round(slope, 2)}


CASES = {"inverse": inverse, "transport": transport, "training": training, "coverage": coverage, "growth": growth}


def main() -> None:
    """Run the named cases, or all."""
    for name in sys.argv[1:] or CASES:
        for line in CASES[name]():
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
