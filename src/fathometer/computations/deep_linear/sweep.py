"""`sweep`: many runs of descent from one law of starts with one step, batched."""

from typing import TYPE_CHECKING, Any

import numpy as np

from fathometer.computations._values import number, worst
from fathometer.computations.deep_linear._files import data_file
from fathometer.computations.deep_linear._problem import ABOUT, PROBLEM, RUN, network
from fathometer.evidence import Estimate
from fathometer.study import Choice, Column, Computation, Computed, Real, Scalar, Whole

if TYPE_CHECKING:
    from fathometer.deep_linear import DeepLinear, SweepResult


def compute(parameters: dict[str, Any], seed: int) -> Computed:
    """Run descent from many starts; look at those that end at a minimizer."""
    from fathometer import deep_linear as dl
    from fathometer.catalogue import theorem

    asked = dict(parameters)
    step, steps, width, init, scale, runs = (
        asked.pop(name) for name in ("step", "steps", "width", "init", "scale", "runs")
    )
    problem = network(**asked)
    hidden = width or problem.regression.dimension
    sweep = dl.Sweep(problem, dl.InitialKind(init), np.array([scale]), np.array([step]), (steps,), runs, hidden, seed)
    result = dl.run_sweep(sweep)
    ended = (result.at_minimizer & np.isfinite(result.sharpness))[0, 0]
    sharpness = result.sharpness[0, 0]
    values = _values(problem, result, step) | _spread(sharpness[ended])
    held = [theorem("minimal_sharpness_exact").judge(problem, Estimate.exact(sharpness[ended]))] if ended.any() else []
    return Computed(values, worst(held), {"sharpness_of_run": sharpness, "excess_risk": result.excess_risk[0, 0]})


def _values(problem: "DeepLinear", result: "SweepResult", step: float) -> dict[str, Scalar]:
    from fathometer import deep_linear as dl

    law = dl.depth_law(problem)
    return {
        "at_minimizer": float(np.mean(result.at_minimizer)),
        "diverged": float(np.mean(result.diverged)),
        "start_sharpness": number(np.mean(result.initial_sharpness)),
        "sharpness_limit": 2 / step,
        "s_min": number(law.s_min),
        "s_balanced": number(law.s_balanced),
        "s_lower_paper": number(law.s_lower_paper),
    }


def _spread(sharpness: np.ndarray) -> dict[str, Scalar]:
    """Of the runs that ended at a minimizer; None without one."""
    if not sharpness.size:
        return {"sharpness": None, "sharpness_least": None, "sharpness_most": None}
    ends = sharpness.min(), sharpness.max()
    return {
        "sharpness": float(np.median(sharpness)),
        "sharpness_least": float(ends[0]),
        "sharpness_most": float(ends[1]),
    }


COMPUTATION = Computation(
    name="sweep",
    summary="many runs of descent of a deep linear network at one scale and step: sharpness where they converge",
    parameters=PROBLEM
    | {
        "width": Whole(0, 1000, 0),
        "init": Choice(("gaussian", "balanced", "spectral"), "gaussian"),
        "scale": Real(0, 1e3, 0.3),
        "step": Real(1e-12, 1e6, 0.01),
        "steps": Whole(1, 10_000_000, 2000),
        "runs": Whole(1, 100_000, 20),
    },
    compute=compute,
    columns={
        "sharpness": Column(float, "median sharpness of the runs that end at a minimizer (risk / weight^2)"),
        "sharpness_least": Column(float, "least of them (risk / weight^2)"),
        "sharpness_most": Column(float, "largest of them (risk / weight^2)"),
        "at_minimizer": Column(float, "share of the runs that end at a minimizer"),
        "diverged": Column(float, "share of the runs that diverge"),
        "start_sharpness": Column(float, "mean sharpness at the start (risk / weight^2)"),
        "sharpness_limit": Column(float, "2 / step: descent settles at no sharper minimizer (risk / weight^2)"),
        "s_min": Column(float, "sharpness of the flattest minimizer (risk / weight^2)"),
        "s_balanced": Column(float, "sharpness of the balanced minimizer (risk / weight^2)"),
        "s_lower_paper": Column(float, "published lower bound on the sharpness of every minimizer (risk / weight^2)"),
    },
    axes={"sharpness_of_run": ("run",), "excess_risk": ("run",)},
    files={"data": data_file},
    about=ABOUT | RUN | {"runs": "runs, each from a start of its own"},
)
