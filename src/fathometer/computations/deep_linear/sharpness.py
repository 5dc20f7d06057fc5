"""`sharpness`: how flat a minimizer can be, and the largest step that this allows."""

from typing import Any

from fathometer.computations._values import number, worst
from fathometer.computations.deep_linear._files import data_file
from fathometer.computations.deep_linear._problem import ABOUT, PROBLEM, network
from fathometer.evidence import Estimate
from fathometer.study import Column, Computation, Computed, Scalar, Whole

_MEANINGS = {
    "s_min": "sharpness of the flattest minimizer (risk / weight^2)",
    "s_balanced": "sharpness of the balanced minimizer (risk / weight^2)",
    "s_lower_paper": "published lower bound on the sharpness of every minimizer (risk / weight^2)",
    "s_lower_sharper": "closed form between the published lower bound and the least sharpness (risk / weight^2)",
    "s_upper_paper": "published upper bound on the least sharpness (risk / weight^2)",
    "largest_stable_step": "step beyond which descent is unstable at every minimizer (weight^2 / risk)",
    "paper_step": "the same from the published lower bound (weight^2 / risk)",
    "norm_w_star": "length of the minimizer of the regression",
    "lambda_min": "smallest eigenvalue of the covariance",
    "lambda_max": "largest eigenvalue of the covariance",
}


def compute(parameters: dict[str, Any], seed: int) -> Computed:
    """Evaluate the closed forms, and hold the theorems on minimizers against random ones."""
    import numpy as np

    from fathometer import deep_linear as dl
    from fathometer.catalogue import theorem

    asked = dict(parameters)
    minimizers, width = asked.pop("minimizers"), asked.pop("minimizer_width")
    problem = network(**asked)
    law = dl.depth_law(problem)
    values: dict[str, Scalar] = {name: number(getattr(law, name)) for name in _MEANINGS}
    if problem.regression.q_norm == 0:
        return Computed(values | {"s_least_seen": None})
    seen = dl.sharpness_of_minimizers(problem, width, minimizers, seed)
    least = Estimate.exact(np.min(seen.value))
    held = (
        theorem("sharpness_lower_bound").judge(problem, seen),
        theorem("minimal_sharpness_exact").judge(problem, seen),
        theorem("minimal_sharpness_bracket").judge(problem, least),
    )
    return Computed(values | {"s_least_seen": number(least)}, worst(held))


COMPUTATION = Computation(
    name="sharpness",
    summary="deep linear networks: sharpness of the flattest minimizer, its bounds, and the largest stable step",
    parameters=PROBLEM | {"minimizers": Whole(1, 100_000, 1000), "minimizer_width": Whole(1, 1000, 3)},
    compute=compute,
    columns={name: Column(float, meaning) for name, meaning in _MEANINGS.items()}
    | {"s_least_seen": Column(float, "least sharpness among the minimizers that were drawn (risk / weight^2)")},
    files={"data": data_file},
    about=ABOUT | {"minimizers": "random minimizers that are drawn", "minimizer_width": "width of their hidden layers"},
)
