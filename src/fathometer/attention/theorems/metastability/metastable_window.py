"""The slow manifold is reached before the first cap may be left."""

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.caps._hypotheses import ADMISSIBLE_RATE, SEPARATED
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud, rate_limits
from fathometer.attention.theorems.metastability._examples import cloud, in_caps, not_separated, start_of
from fathometer.evidence import Axis, Estimate, Hypothesis, Positive, PrintedForm, Problem, Source, Theorem, Trajectory


def log_window(trajectory: Trajectory) -> Estimate:
    """log(T_2 / T_1) of the bounds; it depends on the problem alone."""
    cloud = SeparatedCloud.expect(trajectory.problem)
    return Estimate.exact(cloud.log_exit_time.value - np.asarray(cloud.log_time_to_slow_manifold.value))


def positive(problem: Problem, axis: Axis | None) -> Positive:
    """T_1 < T_2."""
    return Positive()


def printed_example() -> Trajectory:
    """Tokens whose decay rate is admissible by the printed limit, and too large."""
    return start_of(cloud(6.6, 1e-4, 1.2, n=4, k=2))


def _room_for_printed_rate(problem: Problem) -> Estimate:
    cloud = SeparatedCloud.expect(problem)
    limits = rate_limits(cloud.clearance, cloud.epsilon, len(cloud.system.points), cloud.system.beta, sign=-1.0)
    return Estimate.exact(min(*limits, cloud.rate) if cloud.rate <= 0 else min(limits) - cloud.rate)


THEOREM = Theorem(
    id="metastable_window",
    theory="attention",
    title="Metastability: a window between collapse and exit",
    statement="With separated caps and an admissible lambda, 2 n exp(8 eps beta) + e n lambda beta^2 / (beta - 1) <"
    " (eps / n) exp((1 - alpha) beta).",
    source=Source(
        METASTABILITY,
        "main theorem, 0 < T_1 < T_2",
        "Holds with the corrected limit L_1 of lambda, exactly by its definition; not with the printed one.",
    ),
    about=SeparatedCloud,
    hypotheses=(*SEPARATED, *ADMISSIBLE_RATE),
    quantity=log_window,
    predict=positive,
    example=in_caps,
    counterexample=not_separated,
    as_printed=(
        PrintedForm(
            "as here, with a minus sign before the logarithm in the limit L_1 of lambda",
            hypotheses=(
                *SEPARATED,
                Hypothesis("lambda below the printed L_1, and L_2", Positive(), _room_for_printed_rate),
            ),
            example=printed_example,
        ),
    ),
)
