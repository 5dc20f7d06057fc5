"""The slow manifold is reached before the first cap may be left."""

import sys

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.caps._hypotheses import ADMISSIBLE_RATE, SEPARATED
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.evidence import AtLeast, Axis, Estimate, Problem, Source, Theorem, Trajectory


def log_window(trajectory: Trajectory) -> Estimate:
    """log(T_2 / T_1) of the bounds; it depends on the problem alone."""
    cloud = SeparatedCloud.expect(trajectory.problem)
    return Estimate.exact(cloud.log_exit_time.value - np.asarray(cloud.log_time_to_slow_manifold.value))


def positive(problem: Problem, axis: Axis | None) -> AtLeast:
    """T_1 < T_2."""
    return AtLeast(sys.float_info.min)


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
    hypotheses=(*SEPARATED, *ADMISSIBLE_RATE),
    quantity=log_window,
    predict=positive,
)
