"""What the theorems of metastability ask of tokens in caps."""

import numpy as np

from fathometer.attention.model.caps._geometry import cap_deficits
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Estimate,
    Hypothesis,
    Positive,
    Problem,
)


def _number(problem: Problem) -> Estimate:
    return Estimate.exact(len(SeparatedCloud.expect(problem).system.points))


def _beta(problem: Problem) -> Estimate:
    return Estimate.exact(SeparatedCloud.expect(problem).system.beta)


def _epsilon(problem: Problem) -> Estimate:
    return Estimate.exact(SeparatedCloud.expect(problem).epsilon)


def _unequal_masses(problem: Problem) -> Estimate:
    masses = SeparatedCloud.expect(problem).system.masses
    return Estimate.exact(np.max(np.abs(len(masses) * masses - 1)))


def _room_in_caps(problem: Problem) -> Estimate:
    cloud = SeparatedCloud.expect(problem)
    return Estimate.exact(cloud.epsilon - np.max(cap_deficits(cloud.system.points, cloud.centres[cloud.members])))


def _gamma(problem: Problem) -> Estimate:
    return SeparatedCloud.expect(problem).gamma


def _rate(problem: Problem) -> Estimate:
    return Estimate.exact(SeparatedCloud.expect(problem).rate)


def _room_for_rate(problem: Problem) -> Estimate:
    cloud = SeparatedCloud.expect(problem)
    return Estimate.exact(min(cloud.largest_rates) - cloud.rate)


TOKENS_IN_CAPS = (
    Hypothesis("at least two tokens", AtLeast(2, domain=(1, None)), _number),
    Hypothesis("equal masses (relative deviation)", AtMost(1e-9, domain=(0, None)), _unequal_masses),
    Hypothesis("every token in a cap S_q(eps) (room)", AtLeast(-1e-15), _room_in_caps),
)


SEPARATED = (
    *TOKENS_IN_CAPS,
    Hypothesis("beta > 1", AtLeast(1 + 1e-12, domain=(0, None)), _beta),
    Hypothesis("eps < 1/16", AtMost(np.nextafter(1 / 16, 0), domain=(0, 1)), _epsilon),
    Hypothesis("separated: gamma > 0", Positive(), _gamma),
)


ADMISSIBLE_RATE = (
    Hypothesis("a decay rate lambda > 0", Positive(), _rate),
    Hypothesis("lambda below L_1 and L_2 (room)", Positive(), _room_for_rate),
)
