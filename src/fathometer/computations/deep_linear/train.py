"""`train`: one run of descent, from a chosen start to the verdicts."""

from typing import TYPE_CHECKING, Any

import numpy as np

from fathometer.computations._values import number, worst
from fathometer.computations.deep_linear._files import data_file
from fathometer.computations.deep_linear._problem import ABOUT, PROBLEM, RUN, network
from fathometer.study import Choice, Column, Computation, Computed, Real, Scalar, Switch, Whole

if TYPE_CHECKING:
    from fathometer.deep_linear import DeepLinear
    from fathometer.evidence import Trajectory

_LAW = ("s_min", "s_balanced", "largest_stable_step")


def compute(parameters: dict[str, Any], seed: int) -> Computed:
    """Train, look at the end, and ask every theorem that speaks about it."""
    from fathometer import deep_linear as dl

    asked = dict(parameters)
    step, steps, width, init, scale, verdicts = (
        asked.pop(name) for name in ("step", "steps", "width", "init", "scale", "verdicts")
    )
    problem = network(**asked)
    hidden = width or problem.regression.dimension
    dl.require_trainable(problem, hidden, steps, flow=False)
    start = dl.Initial(dl.InitialKind(init), scale).draw(problem, hidden, 1, seed)
    first = tuple(matrix[0] for matrix in start)
    dl.require_start(problem, first, flow=False)
    looks = dl.look_steps(steps, [matrix.shape for matrix in first])
    run = dl.watched_descent(problem, first, step, steps, looks=looks)
    history = dl.run_history(run, 2 / step, step)
    held = [verdict for _, verdict in dl.judge_descent(run, step, costly=False)] if verdicts else []
    arrays = {
        "look": np.asarray(history.at, float),
        "loss": np.asarray(history.excess_risk, float),
        "sharpness_along": np.asarray(history.sharpness.value, float),
    }
    classified = dl.classified_run(run, step, None, history).name
    return Computed(_values(problem, run, step) | {"class": str(classified)}, worst(held), arrays)


def _values(problem: "DeepLinear", run: "Trajectory", step: float) -> dict[str, Scalar]:
    from fathometer import deep_linear as dl

    end, law, certified = dl.outcome(run), dl.depth_law(problem), dl.certified_descent(run, step)
    return {
        "sharpness": number(end.sharpness),
        "excess_risk": number(end.excess_risk),
        "distance": number(end.distance),
        "imbalance": number(end.imbalance),
        "diverged_at": number(end.diverged_at),
        "sharpness_limit": 2 / step,
        **{name: number(getattr(law, name)) for name in _LAW},
        "certified_from": number(certified.at),
    }


COMPUTATION = Computation(
    name="train",
    summary="one run of descent of a deep linear network: how it ends, its class, every theorem that applies",
    parameters=PROBLEM
    | {
        "width": Whole(0, 1000, 0),
        "init": Choice(("gaussian", "balanced", "spectral", "cosine"), "gaussian"),
        "scale": Real(0, 1e3, 0.3),
        "step": Real(1e-12, 1e6, 0.01),
        "steps": Whole(1, 10_000_000, 2000),
        "verdicts": Switch(True),
    },
    compute=compute,
    columns={
        "sharpness": Column(float, "largest eigenvalue of the Hessian at the end (risk / weight^2)"),
        "excess_risk": Column(float, "risk above its minimum at the end"),
        "distance": Column(float, "length of w - w_star at the end"),
        "imbalance": Column(float, "largest imbalance of two neighbouring layers at the end (weight^2)"),
        "diverged_at": Column(float, "training step at which the risk was beyond all bounds"),
        "sharpness_limit": Column(float, "2 / step: descent settles at no sharper minimizer (risk / weight^2)"),
        "s_min": Column(float, "sharpness of the flattest minimizer (risk / weight^2)"),
        "s_balanced": Column(float, "sharpness of the balanced minimizer (risk / weight^2)"),
        "largest_stable_step": Column(float, "2 / s_min (weight^2 / risk)"),
        "certified_from": Column(float, "training step from which on the rest of the run is proved"),
        "class": Column(str, "what kind of run it is"),
    },
    axes={"look": ("look_index",), "loss": ("look_index",), "sharpness_along": ("look_index",)},
    files={"data": data_file},
    about=ABOUT | RUN | {"verdicts": "whether to hold every theorem against the run"},
)
