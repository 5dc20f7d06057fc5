"""How sharp the certificates of attention dynamics are, over random clouds: JSON lines.

python benchmarks/attention_certificates.py [--clouds N] [--seed S] [--each] lifetime

lifetime: the proved lower bound of the first merger beside the time of the collapse solver
"""

import argparse
import itertools
import json
import sys
import time
from collections.abc import Iterator

import numpy as np

from fathometer.attention import ParticleSystem, cluster_lifetime, simulate_collapse
from fathometer.numerics import prepare_jax

QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0)
BETAS = (9.0, 30.0, 100.0, 300.0, 1000.0)


def random_cloud(rng: np.random.Generator) -> tuple[ParticleSystem, np.ndarray, dict]:
    """Clusters in random places with Dirichlet masses, every second time of several tokens in 1e-8 of each other."""
    k, d = int(rng.integers(2, 9)), int(rng.choice([2, 3, 4, 8]))
    beta, model = float(np.exp(rng.uniform(np.log(BETAS[0]), np.log(BETAS[-1])))), str(rng.choice(["sa", "usa"]))
    sizes = rng.integers(1, 4, k) if (several := bool(rng.integers(2))) else np.ones(k, int)
    members = np.repeat(np.arange(k), sizes)
    places = rng.standard_normal((k, d))
    places /= np.linalg.norm(places, axis=1, keepdims=True)
    shares = np.maximum(rng.dirichlet(np.ones(k)), 1e-3)[members] * rng.uniform(0.5, 1, len(members))
    points = places[members] + several * 1e-8 * rng.standard_normal((len(members), d)) / np.sqrt(d)
    system = ParticleSystem.project(points, beta, model, shares)
    return system, members, {"k": k, "d": d, "beta": beta, "model": model, "several": several}


def first_merger(system: ParticleSystem, members: np.ndarray) -> float:
    """Log time of the first event that joins tokens of different clusters, by the collapse solver; NaN if none came."""
    for event in simulate_collapse(system, check=False).events:
        if len(set(members[list(event.members[0] + event.members[1])])) > 1:
            return -np.inf if event.log_time is None else event.log_time
    return np.nan


def one_cloud(seed: int) -> dict:
    """Bound and truth of one cloud; a cloud that has clusters within the event chord at the start is drawn again."""
    rng = np.random.default_rng(seed)
    while True:
        system, members, about = random_cloud(rng)
        log_time = first_merger(system, members)
        if log_time > -np.inf:
            break
    start = time.process_time()
    bound = cluster_lifetime(system, members)
    seconds = time.process_time() - start
    return about | {"log_time": log_time, "bound": bound.log_time, "seconds": round(seconds, 3), "seed": seed}


def summary(name: str, rows: list[dict]) -> dict:
    """Distribution of log time minus bound."""
    missed = np.array([row["log_time"] - row["bound"] for row in rows])
    return {
        "case": name,
        "clouds": len(rows),
        "above": int(np.sum(missed < 0)),
        "difference": {f"{q:g}": round(float(np.quantile(missed, q)), 4) for q in QUANTILES},
    }


def lifetime(clouds: int, seed: int, each: bool) -> Iterator[dict]:
    """Compare bound and truth.

    Yields:
        The clouds if asked for, and distributions: of all, by model, number of clusters, beta and length.
    """
    rows = []
    for i in range(clouds):
        rows.append(one_cloud(seed + i))
        if each:
            yield rows[-1]
    rows = [row for row in rows if np.isfinite(row["log_time"])]
    yield summary("all", rows) | {"seconds": round(float(np.median([row["seconds"] for row in rows])), 3)}
    groups = {f"model {name}": [row for row in rows if row["model"] == name] for name in ("sa", "usa")}
    groups |= {f"k = {k}": [row for row in rows if row["k"] == k] for k in range(2, 9)}
    for low, high in itertools.pairwise(BETAS):
        groups[f"beta {low:g} to {high:g}"] = [row for row in rows if low <= row["beta"] < high]
    for low, high in ((-np.inf, 1.0), (1.0, 3.0), (3.0, 10.0), (10.0, np.inf)):
        groups[f"log time {low:g} to {high:g}"] = [row for row in rows if low <= row["log_time"] < high]
    yield from (summary(name, group) for name, group in groups.items() if group)


def main() -> None:
    """Print the case that is named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--clouds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--each", action="store_true")
    parser.add_argument("case", choices=["lifetime"])
    given = parser.parse_args()
    prepare_jax()
    for line in lifetime(given.clouds, given.seed, given.each):
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
