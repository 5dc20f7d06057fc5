"""Metastability of a law in caps: tokens with masses, each cap holding the same share of them."""

import numpy as np

from fathometer.attention.model.caps._hypotheses import SEPARATED, TOKENS_IN_CAPS
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud, separation
from fathometer.evidence import AtMost, Estimate, Hypothesis, Positive, Problem


def log_window_time(problem: Problem) -> float:
    """Log of (eps/k) exp(beta (1 - alpha - 8 eps)), which lies between T_1 and T_2."""
    cloud = SeparatedCloud.expect(problem)
    rate = cloud.clearance - 8 * cloud.epsilon
    return float(np.log(cloud.epsilon / len(cloud.centres)) + cloud.system.beta * rate)


def log_promised(problem: Problem) -> float:
    """Log of 4 exp(-(lambda - 8 eps) beta)."""
    cloud = SeparatedCloud.expect(problem)
    return float(np.log(4) - (cloud.rate - 8 * cloud.epsilon) * cloud.system.beta)


def is_trivial(problem: Problem) -> bool:
    """Whether the promise is no less than 16 eps/k, more than which V_q cannot be."""
    cloud = SeparatedCloud.expect(problem)
    return bool(log_promised(problem) >= np.log(16 * cloud.epsilon / len(cloud.centres)))


def _share_defect(problem: Problem) -> Estimate:
    cloud = SeparatedCloud.expect(problem)
    shares = np.bincount(cloud.members, cloud.system.masses, len(cloud.centres))
    return Estimate.exact(np.max(np.abs(len(cloud.centres) * shares - 1)))


def _gamma_excess(problem: Problem) -> Estimate:
    cloud = SeparatedCloud.expect(problem)
    gamma = separation(cloud.clearance, cloud.epsilon, len(cloud.centres), cloud.system.beta)
    return Estimate.exact(gamma - 8 * cloud.epsilon)


def _room_for_rate(problem: Problem) -> Estimate:
    cloud = SeparatedCloud.expect(problem)
    return Estimate.exact(float(_gamma_excess(problem).value) + 8 * cloud.epsilon - cloud.rate)


def _rate(problem: Problem) -> Estimate:
    return Estimate.exact(SeparatedCloud.expect(problem).rate)


LAW_IN_CAPS = (
    Hypothesis("every cap has the mass 1/k (relative deviation)", AtMost(1e-9, domain=(0, None)), _share_defect),
    TOKENS_IN_CAPS[-1],
    SEPARATED[len(TOKENS_IN_CAPS)],
    SEPARATED[len(TOKENS_IN_CAPS) + 1],
    Hypothesis("separated: gamma - 8 eps > 0, with k for n", Positive(), _gamma_excess),
)
ADMISSIBLE = (
    Hypothesis("a decay rate lambda > 0", Positive(), _rate),
    Hypothesis("lambda below gamma (room)", Positive(), _room_for_rate),
)
