"""What right-hand sides and batches cost: cases of benchmarks/attention.py, with ratios measured in the same run.

Times are the least of several rounds in which all competitors take turns, so that other work on the machine meets
them alike. The BLAS that NumPy uses is printed: a wrong choice of its kernels slows it down (with OpenBLAS the
environment variable OPENBLAS_CORETYPE forces one; leave it unset).
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import threadpoolctl
from diffrax import Tsit5

from fathometer.attention import ParticleSystem, phase_diagram
from fathometer.attention.dynamics.collapse import simulate_collapse
from fathometer.attention.dynamics.large import (
    CircleSeries,
    SphereSeries,
    evaluate_field,
    nearby_motion,
    tiled_interaction,
)
from fathometer.attention.dynamics.large.collapse import simulate_large_collapse
from fathometer.numerics import prepare_jax

ROUNDS = 5
N, BETA = 10_000, 9.0
TILE = 512
BETAS, SYSTEMS = (1.0, 4.0, 7.0), 512
MEMORY = """
import resource, jax.numpy as jnp, numpy as np
from fathometer.attention.dynamics.large import tiled_interaction
x = np.random.default_rng(0).standard_normal(({n}, {d})).astype(np.float32)
x = jnp.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))
m = jnp.full({n}, 1 / {n}, jnp.float32)
run = tiled_interaction.lower(x, m, 9.0, {tile}).compile()
tiled_interaction.lower(x[:64], m[:64], 9.0, 64).compile()(x[:64], m[:64], 9.0)[0].block_until_ready()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
run(x, m, 9.0)[0].block_until_ready()
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((after - before) / 1024, run.memory_analysis().temp_size_in_bytes / 2**20)
"""
"""Prints the growth of the peak memory of a process over an evaluation, and the compiler's account of it, in MiB."""


def take_turns(runs: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """Return the least time of each run, in seconds, once compiled."""
    for run in runs.values():
        jax.block_until_ready(run())
    best = dict.fromkeys(runs, np.inf)
    for _ in range(rounds):
        for name, run in runs.items():
            time.sleep(0.1)  # threads of a BLAS spin for a while after a product, at the expense of who is next
            start = time.perf_counter()
            jax.block_until_ready(run())
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def blas() -> list[str]:
    """Libraries that NumPy multiplies with."""
    return [
        f"{pool.get('internal_api')} {pool.get('version')} {pool.get('architecture')} threads={pool['num_threads']}"
        for pool in threadpoolctl.threadpool_info()
    ]


def numpy_tiles(points: np.ndarray, masses: np.ndarray, beta: float, tile: int) -> np.ndarray:
    """The force in NumPy: BLAS products, rows of tiles, no temporary array but one."""
    weighted = np.concatenate([masses[:, None] * points, masses[:, None]], axis=1)
    scaled, sums = np.ascontiguousarray(points.dtype.type(beta) * points.T), np.empty_like(weighted)
    buffer = np.empty((tile, len(points)), points.dtype)
    for start in range(0, len(points), tile):
        rows = points[start : start + tile]
        kernel = np.matmul(rows, scaled, out=buffer[: len(rows)])
        kernel -= points.dtype.type(beta)
        np.exp(kernel, out=kernel)
        np.matmul(kernel, weighted, out=sums[start : start + tile])
    pull = sums[:, :-1]
    return pull - np.sum(pull * points, axis=1, keepdims=True) * points


def fields(limit: float) -> Iterator[dict]:
    """One right-hand side of 10 000 tokens in float32 against what its parts allow, and against NumPy in tiles.

    Yields:
        One line for each dimension.
    """
    random = np.random.default_rng(0)
    square = random.standard_normal((2048, 2048)).astype(np.float32)
    device_square, product = jnp.asarray(square), jax.jit(jnp.matmul)
    small = -random.random(1 << 15).astype(np.float32)
    large = jnp.asarray(-random.random(10_000_000), jnp.float32)
    exponentials = jax.jit(lambda x: jnp.sum(jnp.exp(x)))
    for d in (64, 3):
        points = ParticleSystem.uniform(N, d, BETA, "sa", 0).points.astype(np.float32)
        masses = np.full(N, 1 / N, np.float32)
        arrays = jnp.asarray(points), jnp.asarray(masses)
        runs = {
            "ours": lambda arrays=arrays: tiled_interaction(*arrays, BETA, TILE),
            "product, XLA": lambda: product(device_square, device_square),
            "product, NumPy": lambda: square @ square,
            "exp, XLA": lambda: exponentials(large),
            "exp, NumPy": lambda: np.exp(small),
        }
        if d == 3:
            series = SphereSeries(BETA, 1e-7)
            runs["ours, series"] = lambda arrays=arrays, series=series: series.interaction(*arrays)
        for tile in (128, 512, 1024):
            runs[f"NumPy, tiles of {tile}"] = partial(numpy_tiles, points, masses, BETA, tile)
        seconds = take_turns(runs)
        gemm = 2 * 2048**3 / min(seconds["product, XLA"], seconds["product, NumPy"])
        exps = max(len(large) / seconds["exp, XLA"], len(small) / seconds["exp, NumPy"])
        allowed = 4 * N**2 * d / gemm + N**2 / exps
        competitor = min(value for name, value in seconds.items() if name.startswith("NumPy"))
        memory = subprocess.run(
            [sys.executable, "-c", MEMORY.format(n=N, d=d, tile=TILE)], capture_output=True, text=True, check=True
        )
        peak, temporary = map(float, memory.stdout.split())
        yield {
            "case": f"right-hand side, n={N} d={d} float32",
            "milliseconds": {name: round(1e3 * value, 2) for name, value in seconds.items()},
            "gigaflops_of_products": round(gemm / 1e9, 1),
            "gigaexps": round(exps / 1e9, 2),
            "share_of_the_speed_that_its_parts_allow": round(allowed / seconds["ours"], 3),
            "goal": 0.65 if d == 64 else None,
            "times_faster_than_numpy_in_tiles": round(competitor / seconds["ours"], 2),
            "times_faster_than_numpy_in_tiles_series": round(competitor / seconds["ours, series"], 2)
            if d == 3
            else None,
            "goal_numpy": 3 if d == 3 else None,
            "extra_memory_mib": {"peak": round(peak, 1), "compiler": round(temporary, 1), "goal": 50},
            "blas": blas(),
        }


def circle(limit: float) -> Iterator[dict]:
    """A million tokens on the circle against direct summation, which is extrapolated from fewer tokens.

    Yields:
        One line for each beta.
    """
    random = np.random.default_rng(0)
    n, few = 1_000_000, 10_000
    angles, masses = random.uniform(-np.pi, np.pi, n), np.full(n, 1 / n)
    arrays = jnp.asarray(angles), jnp.asarray(masses)
    points = jnp.asarray(np.stack([np.cos(angles[:few]), np.sin(angles[:few])], axis=1))
    sample = random.integers(0, n, 20)
    apart = angles[None] - angles[sample][:, None]
    for beta in (9.0, 1e3, 1e4):
        series = CircleSeries(beta)
        seconds = take_turns(
            {
                "series": lambda series=series: series.interaction(*arrays),
                "direct": lambda beta=beta: tiled_interaction(points, jnp.full(few, 1 / few), beta, TILE),
            }
        )
        force, partition = map(np.asarray, series.interaction(*arrays))
        kernel = np.exp(-2 * beta * np.sin(apart / 2) ** 2) / n
        exact = np.sum(kernel * np.sin(apart), axis=1) / kernel.sum(axis=1)
        found = force[sample] / partition[sample]
        direct = seconds["direct"] * (n / few) ** 2
        yield {
            "case": f"circle, n={n} beta={beta:g}",
            "seconds": round(seconds["series"], 3),
            "direct_extrapolated_seconds": round(direct, 1),
            "times_faster": round(direct / seconds["series"]),
            "relative_error_on_a_sample": float(np.max(np.abs(found - exact)) / np.max(np.abs(exact))),
            "error_bound_in_units_of_the_mass": series.error,
            "cells_and_moments": [series.cells, series.terms],
        }


def sphere(limit: float) -> Iterator[dict]:
    """A million tokens in dimension 3 by harmonics, in float64, against tiles extrapolated from fewer tokens.

    Yields:
        One line for each beta.
    """
    n, few = 1_000_000, 10_000
    points = ParticleSystem.uniform(n, 3, BETA, "sa", 0).points
    masses, sample = np.full(n, 1 / n), np.random.default_rng(0).integers(0, n, 20)
    arrays, cosines = (jnp.asarray(points), jnp.asarray(masses)), points[sample] @ points.T
    part = arrays[0][:few], jnp.full(few, 1 / few)
    for beta in (BETA, 100.0):
        series = SphereSeries(beta)
        runs = {"series": partial(series.interaction, *arrays), "tiles": partial(tiled_interaction, *part, beta, TILE)}
        seconds = take_turns(runs, 2)
        force, partition = (np.asarray(found)[sample] for found in series.interaction(*arrays))
        kernel = np.exp(beta * (cosines - 1)) / n
        pull = kernel @ points
        exact = pull - np.sum(pull * points[sample], axis=1)[:, None] * points[sample]
        tiles = seconds["tiles"] * (n / few) ** 2
        yield {
            "case": f"sphere, n={n} d=3 beta={beta:g}",
            "seconds": round(seconds["series"], 2),
            "tiles_extrapolated_seconds": round(tiles, 1),
            "times_faster": round(tiles / seconds["series"]),
            "relative_error_on_a_sample": {
                "force": float(np.max(np.abs(force - exact)) / np.max(np.abs(exact))),
                "Z": float(np.max(np.abs(partition / kernel.sum(axis=1) - 1))),
            },
            "degree": series.degree,
        }


def lists(limit: float) -> Iterator[dict]:
    """Neighbour lists relative to the fastest token against tiles, in d = 3.

    Yields:
        One line for each system.
    """
    for n, beta in ((3000, 1e3), (10_000, 1e3), (10_000, 1e4)):
        system = ParticleSystem.uniform(n, 3, beta, "sa", 0)
        exact = evaluate_field(system).velocity
        for share in (1e-6, 1e-10, 1e-14):
            seconds = take_turns(
                {
                    "tiles": lambda system=system: evaluate_field(system).velocity,
                    "lists": lambda system=system, share=share: nearby_motion(system, share).direction,
                },
                2,
            )
            found = nearby_motion(system, share)
            wrong = np.linalg.norm(found.direction * np.exp(found.log_speed) - exact, axis=1).max()
            yield {
                "case": f"lists, n={n} d=3 beta={beta:g} share={share:g}",
                "pairs": found.pairs,
                "seconds_with_the_search": round(seconds["lists"], 4),
                "times_faster_than_tiles": round(seconds["tiles"] / seconds["lists"], 2),
                "error_over_share": float(wrong / np.linalg.norm(exact, axis=1).max() / share),
            }


def numpy_velocity(points: np.ndarray, beta: float) -> np.ndarray:
    """SA of one system, in its fastest plain form; the points are brought back to the sphere first."""
    x = points / np.linalg.norm(points, axis=1, keepdims=True)
    cosines = x @ x.T
    weights = np.exp(beta * (cosines - 1))
    pull = weights @ x - np.sum(weights * cosines, axis=1)[:, None] * x
    return pull / weights.sum(axis=1)[:, None]


def numpy_met(states: np.ndarray, cosine: float) -> np.ndarray:
    """Fraction of pairs above the cosine for every state."""
    x, n = states / np.linalg.norm(states, axis=-1, keepdims=True), states.shape[-2]
    return (np.sum(x @ x.swapaxes(-1, -2) > cosine, axis=(-2, -1)) - n) / (n * (n - 1))


def same_scheme(points: np.ndarray, beta: float, times: np.ndarray, tolerance: float, cosine: float) -> np.ndarray:
    """One system in NumPy with the scheme of `phase_diagram`: Tsit5, its step control, states between steps."""
    rows, weights, errors = (*Tsit5.tableau.a_lower,), Tsit5.tableau.b_sol, Tsit5.tableau.b_error
    y, t, step, before, met, done = points, 0.0, 0.1, 1.0, np.empty(len(times)), 0
    first = numpy_velocity(y, beta)
    while done < len(times):
        slopes = np.empty((7, *y.shape))
        slopes[0] = first
        for k, row in enumerate(rows):
            slopes[k + 1] = numpy_velocity(y + step * np.tensordot(row, slopes[: k + 1], 1), beta)
        after = y + step * np.tensordot(weights, slopes, 1)
        scale = tolerance * (1 + np.maximum(np.abs(y), np.abs(after)))
        error = max(np.max(np.abs(step * np.tensordot(errors, slopes, 1)) / scale), 1e-12)
        factor = 0.9 * error ** (-0.7 / 5) * before ** (0.4 / 5)
        if error > 1:
            step *= min(1.0, max(0.2, factor))
            continue
        passed = times[done:][times[done:] <= t + step]
        if len(passed):
            s = ((passed - t) / step)[:, None, None]
            bend = step * (s * (1 - s) * ((1 - s) * slopes[0] - s * slopes[-1]))
            met[done : done + len(passed)] = numpy_met(y + s**2 * (3 - 2 * s) * (after - y) + bend, cosine)
            done += len(passed)
        y, t, first, before = after, t + step, slopes[-1], error
        step *= min(10.0, max(0.2, factor))
    return met


def published_scheme(
    points: np.ndarray, beta: float, times: np.ndarray, cosine: float, step: float = 0.1
) -> np.ndarray:
    """One system in NumPy with the published fixed steps of 0.1, normalised after each."""
    y, met = points, []
    wanted = set(np.rint(times / step).astype(int).tolist())
    for k in range(round(times[-1] / step) + 1):
        if k in wanted:
            met.append(numpy_met(y, cosine))
        y = y + step * numpy_velocity(y, beta)
        y = y / np.linalg.norm(y, axis=1, keepdims=True)
    return np.array(met)


def phase(limit: float) -> Iterator[dict]:
    """The batched phase diagram against loops over systems in NumPy: of the same scheme, and of the published one.

    Yields:
        One line for each size.
    """
    times, few = np.linspace(0, 20, 41), 2
    for n, dim in ((32, 8), (32, 3), (16, 3), (8, 3)):
        start = np.random.default_rng(0).standard_normal((few, n, dim))
        start /= np.linalg.norm(start, axis=2, keepdims=True)
        single = start.astype(np.float32)
        loops = {
            "ours": lambda n=n, dim=dim: phase_diagram(n, dim, BETAS, times, systems=SYSTEMS),
            "same": lambda start=start: [same_scheme(x, beta, times, 1e-4, 0.999) for beta in BETAS for x in start],
            "single": lambda single=single: [same_scheme(x, b, times, 1e-4, 0.999) for b in BETAS for x in single],
            "published": lambda start=start: [published_scheme(x, b, times, 0.999) for b in BETAS for x in start],
        }
        seconds = take_turns(loops, 3)
        ours = seconds["ours"] / SYSTEMS / len(BETAS)
        loops = {name: seconds[name] / few / len(BETAS) for name in ("same", "single", "published")}
        yield {
            "case": f"phase diagram, n={n} d={dim}",
            "milliseconds_per_run": {"ours": round(1e3 * ours, 3)}
            | {name: round(1e3 * value, 3) for name, value in loops.items()},
            "times_faster_than_numpy_loop": round(loops["same"] / ours, 1),
            "times_faster_than_numpy_loop_in_float32": round(loops["single"] / ours, 1),
            "times_faster_than_published_steps": round(loops["published"] / ours, 1),
            "goal": 20,
        }


def gpu(limit: float) -> Iterator[dict]:
    """The right-hand side of 100 000 and 1 000 000 tokens on an accelerator.

    Yields:
        One line for each size, or one that says that there is no accelerator.
    """
    if jax.default_backend() != "gpu":
        yield {"case": "gpu", "measured": False, "reason": f"JAX sees only {jax.default_backend()}"}
        return
    for n in (100_000, 1_000_000):
        points = jax.random.normal(jax.random.key(0), (n, 64), jnp.float32)
        points /= jnp.linalg.norm(points, axis=1, keepdims=True)
        masses = jnp.full(n, 1 / n, jnp.float32)
        seconds = take_turns(
            {"ours": lambda points=points, masses=masses: tiled_interaction(points, masses, BETA, 4096)}, 2
        )
        yield {
            "case": f"gpu, n={n} d=64 float32",
            "device": jax.devices()[0].device_kind,
            "seconds": round(seconds["ours"], 4),
            "teraflops": round(4 * n**2 * 64 / seconds["ours"] / 1e12, 2),
        }


def large(limit: float) -> Iterator[dict]:
    """Processor time of large clouds to their last merger in d = 3, its growth, and the last mergers by both engines.

    Each cloud has a process of its own: its time and its peak of memory are not those of the ones before.

    Yields:
        One line for each cloud, and one for the growth.
    """
    bars = ((1000, 1e3, 5), (10_000, 1e3, 15), (100_000, 1e3, 60), (100_000, 1e4, 180), (1_000_000, 1e3, 300))
    seconds = {}
    for n, beta, goal in bars:
        line = large_apart(n, beta)
        seconds[n, beta] = line["processor_seconds"]
        yield line | {"goal": goal, "load": os.getloadavg()[0]}
    slope = np.log(seconds[1_000_000, 1e3] / seconds[10_000, 1e3]) / np.log(100)
    yield {"case": "large, growth from 1e4 to 1e6", "exponent": round(float(slope), 2), "goal": 1.2}


def large_apart(n: int, beta: float) -> dict:
    """Run `large_run` in a process of its own."""
    program = f"import json, attention_fields as a; print(json.dumps(a.large_run({n}, {beta})))"
    where = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=where)
    return json.loads(done.stdout.splitlines()[-1])


def large_run(n: int, beta: float) -> dict:
    """Return what a large cloud takes to its last merger; that of a thousand tokens beside the direct engine."""
    prepare_jax()
    system = ParticleSystem.uniform(n, 3, beta, "sa", 0)
    start = time.process_time()
    found, tree = simulate_large_collapse(system, check=False)
    line = {"case": f"large, n={n} d=3 beta={beta:g}", "processor_seconds": round(time.process_time() - start, 1)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if n == 1000:
        events = simulate_collapse(system, tolerance=1e-9, check=False).events[-10:]
        apart = [abs(event.log_time - at) for event, at in zip(events, tree.linkage[-10:, 2], strict=True)]
        line["last_ten_mergers_apart"] = max(apart)
    counts = {"evaluations": found.evaluations, "cluster_steps": found.cluster_steps, "steps": found.accepted}
    return line | counts | {"log_time": found.log_time_of_collapse.value, "peak_memory_mib": peak}
