"""What attention dynamics cost: one JSON line per case, ratios measured in the same run.

python benchmarks/attention.py [--limit SECONDS] [CASE...]

cases: solvers, growth, savings (collapse, in this file); phase, fields, circle, sphere, lists, gpu, large (other file)
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator

import numpy as np
from scipy.integrate import solve_ivp
from scipy.spatial.distance import cdist

import attention_fields
from fathometer.attention import ParticleSystem
from fathometer.attention.dynamics.collapse import Collapse, simulate_collapse
from fathometer.attention.dynamics.collapse.steps import _window
from fathometer.numerics import prepare_jax

TOLERANCE = 1e-8
"""Error of the log time of the last event that counts as accurate enough."""

LOOSEST_FIRST = tuple(10.0**-k for k in range(6, 13))
SOLVERS = ("LSODA", "Radau", "DOP853", "BDF")
# n, d, beta, model
SYSTEMS = [
    (5, 2, 5, "sa"),
    (10, 2, 10, "sa"),
    (5, 2, 15, "usa"),
    (20, 3, 8, "sa"),
    (20, 3, 30, "sa"),
    (20, 3, 100, "sa"),
]


class TooSlow(Exception):  # noqa: N818
    """The time is up."""


def timed(system: ParticleSystem, runs: int = 3, at_least: float = 0.0, **options) -> tuple[Collapse, float]:
    """Return the collapse and its best time, once compiled, in so many runs and for at least so many seconds."""
    simulate_collapse(system, check=False, **options)
    times: list[float] = []
    while len(times) < runs or sum(times) < at_least:
        start = time.perf_counter()
        found = simulate_collapse(system, check=False, **options)
        times.append(time.perf_counter() - start)
    return found, min(times)


def velocity(points: np.ndarray, masses: np.ndarray, beta: float, model: str) -> np.ndarray:
    """The field in NumPy, in its fastest plain form."""
    cosines = points @ points.T
    weights = np.exp(beta * (cosines - 1)) * masses
    pull = weights @ points
    if model == "sa":
        pull /= weights.sum(axis=1, keepdims=True)
    return pull - np.sum(pull * points, axis=1, keepdims=True) * points


def ours_as_accurate(system: ParticleSystem, fine: Collapse) -> tuple[Collapse, float, float]:
    """Collapse, its best time and its tolerance: the loosest one at which it is accurate enough."""
    for tolerance in LOOSEST_FIRST:
        found, seconds = timed(system, 5, 1.0, tolerance=tolerance)  # a solver's five runs take longer
        if abs(found.log_time_of_collapse.value - fine.log_time_of_collapse.value) <= TOLERANCE:
            break
    return found, seconds, tolerance


def as_accurate(system: ParticleSystem, fine: Collapse, method: str, limit: float) -> dict:
    """Time a solver of SciPy at the loosest tolerance at which it is accurate enough; else the last attempt."""
    for tolerance in LOOSEST_FIRST:
        run = scipy_run(system, fine, method, tolerance, limit)
        if not run["finished"] or run["error"] <= TOLERANCE:
            break
    if run["seconds"] < limit / 5:
        again = (scipy_run(system, fine, method, tolerance, limit)["seconds"] for _ in range(4))
        run["seconds"] = min(run["seconds"], *again)
    return run


def scipy_run(system: ParticleSystem, found: Collapse, method: str, tolerance: float, limit: float) -> dict:
    """Time a solver of SciPy to the last event."""
    shape, evaluations, start = system.points.shape, [0], time.perf_counter()
    reached = [0.0]
    first, second = map(list, found.events[-1].members)

    def rhs(t: float, flat: np.ndarray) -> np.ndarray:
        evaluations[0] += 1
        reached[0] = t
        if time.perf_counter() - start > limit:
            raise TooSlow
        return velocity(flat.reshape(shape), system.masses, system.beta, system.model).ravel()

    def last(t: float, flat: np.ndarray) -> float:
        points = flat.reshape(shape)
        return cdist(points[first], points[second]).min() - found.event_chord

    last.terminal = True
    end = 2 * np.exp(min(found.log_time_of_collapse.value, 700.0))
    try:
        done = solve_ivp(
            rhs, (0, end), system.points.ravel(), method=method, events=last, rtol=tolerance, atol=tolerance / 100
        )
        event = done.t_events[0]
        error = abs(np.log(event[0]) - found.log_time_of_collapse.value) if len(event) else None
    except TooSlow:
        error = None
    return {
        "rtol": tolerance,
        "seconds": round(time.perf_counter() - start, 3),
        "evaluations": evaluations[0],
        "finished": error is not None,
        "error": error,
        "log_time": float(np.log(max(reached[0], 1e-300))),
    }


def euler_run(system: ParticleSystem, found: Collapse, limit: float) -> dict:
    """Time Euler steps of 0.1 to the time of the last event, or until nothing moves any more."""
    points, steps, start = np.array(system.points), 0, time.perf_counter()
    end = np.exp(min(found.log_time_of_collapse.value, 700.0))
    stagnant = False
    while 0.1 * steps < end and not stagnant and time.perf_counter() - start < limit:
        moved = points + 0.1 * velocity(points, system.masses, system.beta, system.model)
        moved /= np.linalg.norm(moved, axis=1, keepdims=True)
        stagnant = bool(np.array_equal(moved, points))
        points, steps = moved, steps + 1
    return {
        "seconds": round(time.perf_counter() - start, 3),
        "evaluations": steps,
        "finished": bool(0.1 * steps >= end),
        "error": None,
        "stagnant": stagnant,
        "log_time": float(np.log(0.1 * max(steps, 1))),
    }


def solvers(limit: float) -> Iterator[dict]:
    """Against the solvers of SciPy and fixed steps, each stopped at the limit.

    Yields:
        One line for each system.
    """
    for n, d, beta, model in SYSTEMS:
        system = ParticleSystem.uniform(n, d, beta, model, 1)
        fine = simulate_collapse(system, tolerance=1e-11, check=False)
        found, seconds, tolerance = ours_as_accurate(system, fine)
        others = {method: as_accurate(system, fine, method, limit) for method in SOLVERS}
        others["Euler 0.1"] = euler_run(system, fine, limit)
        best = min(
            (run["seconds"] for run in others.values() if run["error"] and run["error"] <= TOLERANCE), default=None
        )
        yield {
            "case": f"n={n} d={d} beta={beta} {model}",
            "log_time": found.log_time_of_collapse.value,
            "seconds": round(seconds, 4),
            "tolerance": tolerance,
            "evaluations": found.rhs_evaluations,
            "error": abs(found.log_time_of_collapse.value - fine.log_time_of_collapse.value),
            "times_faster_than_the_best": None if best is None else round(best / seconds, 1),
            "others": others,
        }


def growth(limit: float) -> Iterator[dict]:
    """Cost against n and against beta, with slopes in logarithmic scales.

    Yields:
        One line for each of the two.
    """
    sizes, betas = (32, 64, 128, 256), (10, 100, 1000, 10000)
    for name, values, systems in (
        ("n", sizes, [ParticleSystem.uniform(n, 3, 1000, "sa", 1) for n in sizes]),
        ("beta", betas, [ParticleSystem.uniform(50, 3, beta, "sa", 1) for beta in betas]),
    ):
        runs = [timed(system, runs=1, tolerance=1e-7) for system in systems]
        cost = {"steps": [run.accepted + run.rejected for run, _ in runs], "seconds": [round(s, 4) for _, s in runs]}
        slopes = {key: round(float(np.polyfit(np.log(values), np.log(row), 1)[0]), 2) for key, row in cost.items()}
        yield {"case": f"growth with {name}", name: values, **cost, "slopes": slopes}


def savings(limit: float) -> Iterator[dict]:
    """What jumps save, and the two cases that have a goal.

    Yields:
        One line for each system.
    """
    for n, beta in ((100, 100), (100, 1000), (100, 10000)):
        system = ParticleSystem.uniform(n, 3, beta, "sa", 1)
        (with_jumps, fast), (without, slow) = (timed(system, 1, jumps=jumps) for jumps in (True, False))
        yield {
            "case": f"jumps, n={n} beta={beta}",
            "jumps": with_jumps.jumps,
            "steps": [without.accepted, with_jumps.accepted],
            "seconds": [round(slow, 3), round(fast, 3)],
            "difference": abs(with_jumps.log_time_of_collapse.value - without.log_time_of_collapse.value),
        }
    for n, beta, goal in ((20, 100, 0.3), (300, 1000, None), (1000, 1000, 60)):
        found, seconds = timed(ParticleSystem.uniform(n, 3, beta, "sa", 1), 1)
        yield {
            "case": f"goal, n={n} beta={beta}",
            "seconds": round(seconds, 3),
            "goal": goal,
            "steps": found.accepted,
            "jumps": found.jumps,
            "pairs": found.pair_evaluations,
            "times_fewer_pairs_than_without_merging": round(found.rhs_evaluations * n**2 / found.pair_evaluations, 2),
        }
    yield active_rows()


def active_rows() -> dict:
    """What neighbour lists and rows that move save, beside merging, at n = 300 and beta = 1000."""
    system, usual = ParticleSystem.uniform(300, 3, 1000, "sa", 1), _window._ALL
    found, seconds = timed(system, 1)
    _window._ALL = len(system.points)
    every, slow = timed(system, 1)
    _window._ALL = usual
    return {
        "case": "active rows and lists, n=300 beta=1000",
        "pairs": [every.pair_evaluations, found.pair_evaluations],
        "times_fewer_pairs": round(every.pair_evaluations / found.pair_evaluations, 2),
        "seconds": [round(slow, 3), round(seconds, 3)],
        "difference": abs(every.log_time_of_collapse.value - found.log_time_of_collapse.value),
    }


CASES = {
    "solvers": solvers,
    "growth": growth,
    "savings": savings,
    "phase": attention_fields.phase,
    "fields": attention_fields.fields,
    "circle": attention_fields.circle,
    "sphere": attention_fields.sphere,
    "lists": attention_fields.lists,
    "gpu": attention_fields.gpu,
    "large": attention_fields.large,
}


def main() -> None:
    """Print the cases that are named, or all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=float, default=20.0)
    parser.add_argument("cases", nargs="*", default=list(CASES))
    given = parser.parse_args()
    prepare_jax()
    for name in given.cases:
        for line in CASES[name](given.limit):
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
