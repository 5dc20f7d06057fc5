"""The least energy of clouds: time of the proved bound, its gap to the best descent, and a plain loop of minimisers.

    python benchmarks/minimal_energy.py [bound] [gaps] [descents]

Times are processor seconds of this process; ratios are of one run.
"""

import sys
import time

import numpy as np
from scipy.optimize import minimize

from fathometer.attention import minimal_energy_bound, minimize_energy
from fathometer.numerics import prepare_jax

BETAS = (1.0, 4.0, 9.0)


def bound() -> None:
    """Processor seconds of the bound of degree 30, each computed anew."""
    print("bound of degree 30: n, d, beta, processor seconds")
    for n, d in [(12, 3), (60, 3), (240, 8), (1000, 3), (196560, 24)]:
        for beta in BETAS:
            began = time.process_time()
            minimal_energy_bound.__wrapped__(n, d, beta, 30)
            print(f"{n:7d} {d:3d} {beta:5g} {time.process_time() - began:8.3f}")


def gaps() -> None:
    """Relative gap of the best of 16 descents to the bound, for n = 2 to 60 on the sphere."""
    worst, missed = {}, []
    for beta in BETAS:
        rows = []
        for n in range(2, 61):
            best = float(minimize_energy(n, 3, beta, starts=16).best.value)
            rows.append((1 - minimal_energy_bound(n, 3, beta).bound / best, n, best))
        worst[beta] = max(rows)
        missed += [(beta, n, gap, best) for gap, n, best in rows if gap >= 0.01]
    for beta, (gap, n, _) in worst.items():
        print(f"beta {beta:g}: largest gap {gap:.4%} at n = {n}")
    print("missed the 1 %: beta, n, gap, best energy, gap of the pairs alone")
    for beta, n, gap, best in missed:
        print(f"{beta:5g} {n:4d} {gap:8.4%} {best:.12g} {gap * best / (best - 1 / n):8.4%}")


def descents() -> None:
    """Ours beside SciPy's L-BFGS-B from the same number of random starts, one after the other."""
    print("descents: n, beta, ours s, loop s, ratio, best of ours, best of the loop")
    for n, beta in [(12, 4.0), (24, 4.0), (60, 9.0)]:
        minimize_energy(n, 3, beta, starts=64)  # compiles
        began = time.process_time()
        ours = float(minimize_energy(n, 3, beta, starts=64, seed=1).best.value)
        own = time.process_time() - began
        began = time.process_time()
        theirs = min(_loop(n, beta, np.random.default_rng(seed)) for seed in range(64))
        loop = time.process_time() - began
        print(f"{n:4d} {beta:5g} {own:8.2f} {loop:8.2f} {loop / own:8.1f} {ours:.15g} {theirs:.15g}")


def _loop(n: int, beta: float, rng: np.random.Generator) -> float:
    def energy(flat: np.ndarray) -> tuple[float, np.ndarray]:
        rows = flat.reshape(n, 3)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        points = rows / norms
        weights = np.exp(beta * (points @ points.T - 1)) / n**2
        force = 2 * beta * weights @ points
        force -= np.sum(force * points, axis=1, keepdims=True) * points
        return float(weights.sum()), (force / norms).ravel()

    options = {"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-12}
    return float(minimize(energy, rng.standard_normal(3 * n), jac=True, method="L-BFGS-B", options=options).fun)


if __name__ == "__main__":
    prepare_jax()
    for name in sys.argv[1:] or ("bound", "gaps", "descents"):
        {"bound": bound, "gaps": gaps, "descents": descents}[name]()
