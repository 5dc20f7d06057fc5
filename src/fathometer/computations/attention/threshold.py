"""`threshold`: up to which beta collapse is certified in time, from which on clusters are."""

from typing import Any

import numpy as np

from fathometer.computations._values import file_of, number
from fathometer.computations.attention._clouds import CLOUD, about, cloud
from fathometer.evidence import InputError
from fathometer.study import Column, Computation, Computed, Real, Whole


def compute(parameters: dict[str, Any], seed: int) -> Computed:
    """Certify and measure the collapse of one cloud over a grid of inverse temperatures.

    Raises:
        InputError: if the grid does not ascend.
    """
    from fathometer.attention import collapse_threshold

    asked = dict(parameters)
    low, high, count, horizon = (asked.pop(name) for name in ("beta_from", "beta_to", "betas", "horizon"))
    if high <= low:
        raise InputError(f"beta_to must be above beta_from = {low:g}, got {high:g}")
    betas = np.geomspace(low, high, count)
    found = collapse_threshold(cloud(**asked, beta=1.0, seed=seed), betas, horizon)
    measured = [number(run.measured) for run in found.runs]
    certified = [number(run.certified.log_time) for run in found.runs]
    values = {
        "beta_exp": number(found.beta_exp),
        "beta_meta": number(found.beta_meta),
        "log_time_first": measured[0],
        "log_time_last": measured[-1],
    }
    arrays = {"beta": betas, "log_time": np.array(measured, float), "certified": np.array(certified, float)}
    return Computed(values, arrays=arrays)


COMPUTATION = Computation(
    name="threshold",
    summary="up to which beta collapse is certified before a time, from which on clusters are certified to stay",
    parameters=CLOUD
    | {
        "beta_from": Real(1e-6, 1e6, 0.5),
        "beta_to": Real(1e-6, 1e6, 32),
        "betas": Whole(2, 1000, 7),
        "horizon": Real(1e-3, 1e9, 30),
    },
    compute=compute,
    columns={
        "beta_exp": Column(float, "largest beta of the grid up to which one cluster is certified before the horizon"),
        "beta_meta": Column(float, "smallest beta from which on clusters are certified to stay"),
        "log_time_first": Column(float, "natural logarithm of the time of collapse at the first beta"),
        "log_time_last": Column(float, "natural logarithm of the time of collapse at the last beta"),
    },
    axes={"beta": ("beta_index",), "log_time": ("beta_index",), "certified": ("beta_index",)},
    files={"points": file_of},
    about=about(
        "n",
        "dim",
        "points",
        "model",
        beta_from="first inverse temperature of the grid",
        beta_to="last inverse temperature of the grid, above the first",
        betas="number of inverse temperatures, in equal ratios",
        horizon="time by which the tokens are to be one cluster",
    ),
)
