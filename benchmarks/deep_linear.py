"""What deep linear networks cost: one JSON line per case, ratios within the same run.

python benchmarks/deep_linear.py [training] [sharpness] [flow] [stiff] [growth] [figures] [--small]

With --small, cases are cut short to see that they run: their numbers mean nothing.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from scipy.integrate import solve_ivp
from scipy.sparse.linalg import LinearOperator, eigsh

from fathometer import deep_linear as dl
from fathometer.deep_linear import figures
from fathometer.numerics import extreme_eigenvalues
from fathometer.report import FigureSettings

EVERY = 5
ARPACK_TOLERANCE = 1e-8
SMALL = "--small" in sys.argv


def seconds(run: Callable[[], Any], repeats: int = 3) -> float:
    """Best time of several calls, after one that compiles."""
    run()
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best


def paper_problem(depth: int = 10) -> dl.DeepLinear:
    """A plain network on the paper's data."""
    return dl.DeepLinear(dl.paper_samples("overdetermined").regression, depth)


def starts(problem: dl.DeepLinear, width: int, runs: int, scale: float) -> dl.Weights:
    """Gaussian weights."""
    return dl.Initial(dl.InitialKind.GAUSSIAN, scale).draw(problem, width, runs, 0)


def training() -> Iterator[dict[str, Any]]:
    """(a) A step with the sharpness at every fifth: a batch against a Python loop over jitted steps.

    Yields:
        One line for each case.
    """
    problem, runs, steps = paper_problem(), 64, 500
    weights, etas = starts(problem, 5, runs, 0.35), np.full(64, 0.02)
    cores = os.cpu_count() or 1

    def side_by_side(**options: Any) -> None:  # a batch on each core, as a sweep runs its cells
        with ThreadPoolExecutor(cores) as pool:
            list(
                pool.map(
                    lambda _: dl.descend_batch(problem, weights, etas, dl.Training(steps), dl.Recording(**options)),
                    range(cores),
                )
            )

    watched = seconds(lambda: side_by_side(every=EVERY, sharpness=True)) / cores
    bare = seconds(lambda: side_by_side(every=steps)) / cores
    loop_steps = 40 if SMALL else 200
    loop = seconds(lambda: _loop([matrix[0] for matrix in weights], 0.02, loop_steps), 2) / loop_steps
    for name, taken in (("sharpness every 5 steps", watched), ("sharpness at the ends only", bare)):
        each = taken / runs / steps
        yield {
            "case": f"training, {name}",
            "microseconds_per_run_step": round(1e6 * each, 3),
            "loop_microseconds_per_step": round(1e6 * loop, 1),
            "loop_over_batch": round(loop / each, 1),
        }


def _sample_risk(weights: list[jax.Array], data: tuple[jax.Array, jax.Array]) -> jax.Array:
    X, y = data
    hidden = X.T
    for matrix in weights:
        hidden = matrix @ hidden
    return jnp.mean((hidden[0] - y) ** 2)


@jax.jit
def _loop_step(weights: list[jax.Array], data: tuple[jax.Array, jax.Array], eta: float) -> tuple[Any, jax.Array]:
    risk, slopes = jax.value_and_grad(_sample_risk)(weights, data)
    return [matrix - eta * slope for matrix, slope in zip(weights, slopes, strict=True)], risk


@jax.jit
def _power_iterations(weights: list[jax.Array], data: tuple[jax.Array, jax.Array], key: jax.Array) -> jax.Array:
    """Twenty power iterations from a random vector: what is usually done."""
    flat, unravel = ravel_pytree(weights)
    slope = jax.grad(lambda vector: _sample_risk(unravel(vector), data))

    def iterate(_: Any, state: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        image = jax.jvp(slope, (flat,), (state[0],))[1]
        size = jnp.linalg.norm(image)
        return image / size, size

    vector = jax.random.normal(key, flat.shape)
    return jax.lax.fori_loop(0, 20, iterate, (vector / jnp.linalg.norm(vector), jnp.zeros(())))[1]


def _loop(weights: list[np.ndarray], eta: float, steps: int) -> None:
    samples, key = dl.paper_samples("overdetermined"), jax.random.key(0)
    data, layers = (jnp.asarray(samples.X), jnp.asarray(samples.y)), [jnp.asarray(matrix) for matrix in weights]
    for step in range(steps):
        layers, _ = _loop_step(layers, data, eta)
        if step % EVERY == 0:
            _power_iterations(layers, data, key)
    jax.block_until_ready(layers)


def sharpness() -> Iterator[dict[str, Any]]:
    """(b) The reduced matrix against the whole Hessian and against Krylov spaces, over depth and width.

    Yields:
        One line for each case.
    """
    sizes = ((2, 5), (4, 5), (10, 5), (20, 5), (40, 5), (80, 5), (10, 10), (10, 20), (10, 40), (4, 80), (10, 80))
    fastest: dict[str, list[str]] = {}
    for depth, width in sizes[:3] if SMALL else sizes:
        problem = paper_problem(depth)
        weights = [matrix[0] for matrix in starts(problem, width, 1, 0.9 / np.sqrt(width))]
        size = sum(matrix.size for matrix in weights)
        taken = {"reduced": seconds(lambda p=problem, w=weights: dl.reduced_spectrum(p, w))}
        taken["krylov"] = seconds(lambda p=problem, w=weights: _ends(extreme_eigenvalues, p, w))
        taken["arpack"] = seconds(lambda p=problem, w=weights: _ends(_arpack, p, w))
        if size <= 2500:
            taken["dense"] = seconds(lambda p=problem, w=weights: np.linalg.eigvalsh(_dense(p, w)))
        fastest.setdefault(min(taken, key=lambda name: taken[name]), []).append(f"{depth} x {width}")
        yield {
            "case": "sharpness",
            "depth": depth,
            "width": width,
            "weights": size,
            "reduced_size": sum(sum(matrix.shape) - 1 for matrix in weights),
            "milliseconds": {name: round(1e3 * value, 3) for name, value in taken.items()},
            "over_reduced": {name: round(value / taken["reduced"], 2) for name, value in taken.items()},
        }
        yield _search_line(problem, weights, depth, width)
    yield {"case": "sharpness, crossovers", "fastest_at_depth_x_width": fastest}


def _search_line(problem: dl.DeepLinear, weights: list[np.ndarray], depth: int, width: int) -> dict[str, Any]:
    """Products of the search with a stated miss probability against ARPACK's, and the errors of both."""
    exact = dl.reduced_spectrum(problem, weights)[[0, -1]]
    (found, ours), (bare, theirs) = (_ends(search, problem, weights) for search in (extreme_eigenvalues, _arpack))
    scale = np.max(np.abs(exact))
    ends = (found.smallest, found.largest)
    return {
        "case": "extreme eigenvalues",
        "depth": depth,
        "width": width,
        "ended": found.ended,
        "products": ours,
        "products_over_arpack": round(ours / theirs, 2),
        "error": max(abs(end.value - value) for end, value in zip(ends, exact, strict=True)) / scale,
        "arpack_error": float(np.max(np.abs(bare - exact)) / scale),
        "width_of_interval": max(end.upper - end.lower for end in ends) / scale,
    }


def _dense(problem: dl.DeepLinear, weights: list[np.ndarray]) -> np.ndarray:
    """The whole Hessian, one product with each unit vector, all at once."""
    size = sum(matrix.size for matrix in weights)
    parts = np.split(np.eye(size), np.cumsum([matrix.size for matrix in weights])[:-1], axis=1)
    units = [part.reshape(size, *matrix.shape) for part, matrix in zip(parts, weights, strict=True)]
    return np.concatenate(
        [image.reshape(size, -1) for image in dl.hessian_vector_product(problem, weights, units)], axis=1
    )


def _ends(search: Callable[[Any, int], Any], problem: dl.DeepLinear, weights: list[np.ndarray]) -> tuple[Any, int]:
    """Both ends of the Hessian, and how many products they took."""
    ends, products = np.cumsum([matrix.size for matrix in weights])[:-1], 0

    def apply(vector: np.ndarray) -> np.ndarray:
        nonlocal products
        products += 1
        parts = zip(np.split(vector, ends), weights, strict=True)
        images = dl.hessian_vector_product(problem, weights, [part.reshape(matrix.shape) for part, matrix in parts])
        return np.concatenate([image.ravel() for image in images])

    return search(apply, sum(matrix.size for matrix in weights)), products


def _arpack(apply: Callable[[np.ndarray], np.ndarray], size: int) -> list[float]:
    """SciPy's search, twice: without a bound of what it can have missed."""
    operator = LinearOperator((size, size), matvec=lambda v: apply(np.ravel(v)), dtype=np.float64)  # type: ignore[call-arg]
    start = np.random.default_rng(0).standard_normal(size)
    found = [
        eigsh(operator, 1, which=which, v0=start, ncv=min(size, 32), tol=ARPACK_TOLERANCE) for which in ("SA", "LA")
    ]
    return [float(values[0]) for values, _ in found]


def flow() -> Iterator[dict[str, Any]]:
    """(c) Gradient flow from scale 1e-6 to its minimizer, against SciPy's implicit solvers.

    Yields:
        One line for each case.
    """
    problem = dl.DeepLinear(dl.Regression(np.array([[3, 1, 0], [1, 2, 0.5], [0, 0.5, 1]]), np.array([1, -2, 0.5])), 3)
    start = [matrix[0] for matrix in starts(problem, 3, 1, 1e-6)]
    exact = dl.flow_limit(problem, start, tolerance=1e-13).sharpness.value
    ours = dl.flow_limit(problem, start)
    taken = seconds(lambda: dl.flow_limit(problem, start))
    error = abs(ours.sharpness.value / exact - 1)
    yield {"case": "flow, ours", "seconds": round(taken, 4), "relative_error_of_sharpness": error}
    for method in ("Radau", "BDF", "LSODA"):
        for rtol in (1e-6, 1e-9):
            yield _implicit(problem, start, method, rtol, float(ours.time), float(exact), taken)


def _implicit(
    problem: dl.DeepLinear,
    start: list[np.ndarray],
    method: str,
    rtol: float,
    time_taken: float,
    exact: float,
    ours: float,
) -> dict[str, Any]:
    shapes = [matrix.shape for matrix in start]
    ends = np.cumsum([matrix.size for matrix in start])[:-1]

    def layers(vector: np.ndarray) -> list[np.ndarray]:
        return [part.reshape(shape) for part, shape in zip(np.split(vector, ends), shapes, strict=True)]

    def right_side(_: float, vector: np.ndarray) -> np.ndarray:
        W = layers(vector)
        b = [np.ones(1)]
        for matrix in reversed(W):
            b.insert(0, matrix.T @ b[0])
        h = 2 * problem.regression.sigma @ (b[0] - problem.regression.w_star)
        slopes = []
        for matrix, back in zip(W, b[1:], strict=True):
            slopes.append(np.outer(back, h).ravel())
            h = matrix @ h
        return -np.concatenate(slopes)

    vector = np.concatenate([matrix.ravel() for matrix in start])
    began = time.perf_counter()
    solved = solve_ivp(right_side, (0, 1.5 * time_taken), vector, method=method, rtol=rtol, atol=1e-6 * rtol)
    taken = time.perf_counter() - began
    end = layers(solved.y[:, -1])
    left = float(dl.excess_risk(problem, end))
    reached = left < 1e-8 * problem.regression.explained
    found = float(dl.sharpness_at_minimizer(problem, end).value) if reached else np.nan
    return {
        "case": f"flow, {method} at rtol {rtol:g}",
        "seconds": round(taken, 4),
        "evaluations": int(solved.nfev),
        "relative_error_of_sharpness": abs(found / exact - 1) if reached else None,
        "excess_risk_left": left,
        "over_ours": round(taken / ours, 1),
    }


def stiff() -> Iterator[dict[str, Any]]:
    """(c) Gradient flow on ill-conditioned data: the implicit method against the explicit one.

    Yields:
        One line for each case.
    """
    for smallest in (1e-2, 1e-3) if SMALL else (1e-2, 1e-3, 1e-4, 1e-5):
        sigma = np.diag([1.0, smallest**0.5, smallest])
        problem = dl.DeepLinear(dl.Regression(sigma, np.diag(sigma) ** -0.5), 3)
        start = np.full(3, 1e-3)
        taken = {
            name: seconds(lambda p=problem, w=start, s=implicit: _balanced(p, w, s), 1)
            for name, implicit in (("explicit", False), ("implicit", True))
        }
        yield {
            "case": "stiff flow",
            "condition_of_data": 1 / smallest,
            "seconds": {name: round(value, 3) for name, value in taken.items()},
            "explicit_over_implicit": round(taken["explicit"] / taken["implicit"], 2),
        }


def _balanced(problem: dl.DeepLinear, start: np.ndarray, implicit: bool) -> None:
    run = dl.balanced_flow(problem, start, points=2, convergence=1e-10, tolerance=1e-9, stiff=implicit)
    if run.events[0].name != dl.Ending.CONVERGED:
        raise RuntimeError(f"ended with {run.events[0].name}")


def growth() -> Iterator[dict[str, Any]]:
    """(d) Cost of a training step over depth, width and batch.

    Yields:
        One line for each case.
    """
    cases = [(depth, 5, 64) for depth in (5, 10, 20, 40, 80)]
    cases += [(10, width, 64) for width in (10, 20, 40)]
    cases += [(10, 5, runs) for runs in (1, 8, 512, 4096)]
    found = {}
    for depth, width, runs in cases[::4] if SMALL else cases:
        problem = paper_problem(depth)
        weights, steps = starts(problem, width, runs, 0.6 / np.sqrt(width)), 200
        taken = seconds(
            lambda p=problem, w=weights, n=runs: dl.descend_batch(
                p, w, np.full(n, 1e-3), dl.Training(200), dl.Recording(every=200)
            )
        )
        each = found[depth, width, runs] = taken / steps / runs
        size = sum(matrix[0].size for matrix in weights)
        yield {
            "case": "growth",
            "depth": depth,
            "width": width,
            "runs": runs,
            "microseconds_per_run_step": round(1e6 * each, 3),
            "nanoseconds_per_weight": round(1e9 * each / size, 3),
        }
    axes = {"depth": (0, lambda c: c[1:] == (5, 64)), "width": (1, lambda c: c[0] == 10 and c[2] == 64)}
    axes["runs"] = (2, lambda c: c[:2] == (10, 5))
    yield {"case": "growth, slopes", "exponent_of_cost_per_run_step": {n: _slope(found, *a) for n, a in axes.items()}}


def _slope(found: dict[tuple[int, int, int], float], position: int, chosen: Callable[[Any], bool]) -> float | None:
    """Least-squares slope of log cost on the logarithm of one size."""
    points = [(case[position], each) for case, each in found.items() if chosen(case)]
    if len(points) < 2:
        return None
    x, y = np.log(np.array(points)).T
    return round(float(np.polyfit(x, y, 1)[0]), 2)


def paper_figures() -> Iterator[dict[str, Any]]:
    """The paper's linear figures with 100 repetitions, as `fathometer deep-linear figure paper-linear` draws them.

    Yields:
        One line for each case.
    """
    total, repetitions = 0.0, 2 if SMALL else 100
    with tempfile.TemporaryDirectory() as folder:
        for name in figures.GROUPS["paper-linear"]:
            start = time.perf_counter()
            figures.draw(name, FigureSettings(repetitions, folder=Path(folder) / "cells")).write(Path(folder), "svg")
            taken = time.perf_counter() - start
            total += taken
            yield {"case": f"figure {name}", "seconds": round(taken, 1)}
    yield {"case": f"all linear figures, {repetitions} repetitions", "seconds": round(total, 1), "allowed": 300}


CASES = {
    "training": training,
    "sharpness": sharpness,
    "flow": flow,
    "stiff": stiff,
    "growth": growth,
    "figures": paper_figures,
}


def main() -> None:
    """Run the named cases, or all."""
    for name in [word for word in sys.argv[1:] if word != "--small"] or CASES:
        for line in CASES[name]():
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
