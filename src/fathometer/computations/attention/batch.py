"""`batch`: many systems side by side in plain time: clusters, energy, mean cosine."""

from typing import Any

import numpy as np

from fathometer.computations._values import number
from fathometer.computations.attention._clouds import MODEL, about
from fathometer.study import Column, Computation, Computed, Real, Whole


def compute(parameters: dict[str, Any], seed: int) -> Computed:
    """Follow systems of uniform tokens, and average what is observed over them."""
    from fathometer.attention import simulate_batch

    n, dim, systems, beta, last, saves, model, tolerance = (
        parameters[name] for name in ("n", "dim", "systems", "beta", "time", "saves", "model", "tolerance")
    )
    starts = np.random.default_rng(seed).standard_normal((systems, n, dim))
    times = np.concatenate([[0.0], last * np.geomspace(1e-3, 1, saves)])
    run = simulate_batch(starts, np.full(systems, beta), times, model, tolerance=tolerance)
    seen = {"clusters": run.clusters, "unit_energy": run.unit_energy, "mean_cosine": run.mean_cosine}
    means = {name: np.asarray(one.value).mean(axis=0) for name, one in seen.items()}
    error = np.max(np.asarray(run.unit_energy.upper) - np.asarray(run.unit_energy.lower)) / 2
    values = {f"{name}_at_end": number(mean[-1]) for name, mean in means.items()}
    values |= {"unit_energy_error": number(error)}
    last_clusters = np.asarray(run.clusters.value)[:, -1]
    histogram = np.bincount(last_clusters.astype(int), minlength=n + 1)[1:] / systems
    return Computed(values, arrays={"at_time": times, **means, "share_with_clusters": histogram})


COMPUTATION = Computation(
    name="batch",
    summary="many systems of uniform tokens side by side: clusters, energy and mean cosine over time",
    parameters={
        "n": Whole(2, 1024, 32),
        "dim": Whole(2, 4096, 3),
        "beta": Real(0, 1e4, 1),
        "model": MODEL,
        "systems": Whole(1, 100_000, 64),
        "time": Real(1e-6, 1e6, 10),
        "saves": Whole(2, 10_000, 50),
        "tolerance": Real(1e-13, 1e-3, 1e-8),
    },
    compute=compute,
    columns={
        "clusters_at_end": Column(float, "mean number of clusters at the last time"),
        "unit_energy_at_end": Column(float, "mean unit energy at the last time, in (0, 1]"),
        "mean_cosine_at_end": Column(float, "mean cosine of two tokens at the last time"),
        "unit_energy_error": Column(float, "largest half width of the error bars of the energy"),
    },
    axes={
        "at_time": ("save",),
        "clusters": ("save",),
        "unit_energy": ("save",),
        "mean_cosine": ("save",),
        "share_with_clusters": ("count",),
    },
    about=about(
        "n",
        "dim",
        "beta",
        "model",
        "systems",
        time="last time",
        saves="number of times after 0",
        tolerance="error of a step",
    ),
)
