"""The Monte-Carlo protocol: how often each bound fails, with the exact binomial verdict."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    InputError,
    Record,
    Status,
    Verdict,
    WithProbability,
    finite_number,
    judge,
    whole_number,
)
from fathometer.generalization.bounds._catalogue import bound
from fathometer.generalization.coverage import (
    arms,
    cells,
    compressed,
    few_values,
    held_out,
    leaks,
    linear,
    moments,
    output,
    scalar,
    stratified,
    votes,
)
from fathometer.generalization.coverage._experiment import MOST_DRAWS, Experiment
from fathometer.generalization.ledger._certified_risk import CertifiedRisk

EXPERIMENTS: tuple[Experiment, ...] = tuple(
    experiment
    for family in (
        held_out,
        cells,
        arms,
        stratified,
        few_values,
        compressed,
        votes,
        scalar,
        linear,
        output,
        moments,
        leaks,
    )
    for experiment in family.EXPERIMENTS
)
ALPHA = 1e-6
"""False-alarm probability of each verdict."""

_ENOUGH = 5
"""Failures to expect of an honest bound, from which on a broken one has to be seen."""


@dataclass(frozen=True, eq=False)
class Coverage(Record):
    """One bound on many independent samples.

    Attributes:
        bound: id in the catalogue.
        setting: the law of the samples.
        control: whether an assumption is broken on purpose.
        draws: number of samples.
        violations: samples on which the true risk is above the bound.
        delta: the fraction that may fail.
        median_bound: median of the bound.
        median_risk: median of the true risk.
        verdict: of "it fails with probability at most delta"; for a control, of "the failure is seen": at least as many
            violations as an honest bound has with probability below 1e-6; UNDECIDED with fewer where hardly a draw
            may fail.
    """

    bound: str
    setting: str
    control: bool
    draws: int
    violations: int
    delta: float
    median_bound: float
    median_risk: float
    verdict: Verdict


def run_coverage(
    bounds: Sequence[str] = (), *, draws: int = 2000, delta: float = 0.05, seed: int = 0
) -> tuple[Coverage, ...]:
    """Run the experiments, controls included.

    Args:
        bounds: ids to restrict them to; all if empty.
        draws: number of samples of each, at least 100 and at most `MOST_DRAWS`; fewer where samples are large.
        delta: the fraction that may fail, in (0, 1).
        seed: each experiment has a generator of its own, made from it.

    Raises:
        InputError: if a number is not in its range, or a bound is unknown or has no experiment.
    """
    count = whole_number("draws", draws, at_least=100, at_most=MOST_DRAWS)
    finite_number("delta", delta, above=0, below=1)
    known = {experiment.bound for experiment in EXPERIMENTS}
    for name in bounds:
        if bound(name).id not in known:
            raise InputError(f"{name} has no coverage experiment; known: {', '.join(sorted(known))}")
    chosen = [experiment for experiment in EXPERIMENTS if not bounds or experiment.bound in bounds]
    return tuple(cover(experiment, count, delta, seed) for experiment in chosen)


def cover(experiment: Experiment, draws: int, delta: float, seed: int) -> Coverage:
    """Run one experiment; its generator depends on the seed, the bound and the setting alone.

    Args:
        experiment: what to draw and what to hold against what.
        draws: number of samples; `experiment.most` if that is less.
        delta: the fraction that may fail, in (0, 1).
        seed: of the generator.
    """
    count = min(draws, experiment.most)
    label = zlib.crc32(f"{experiment.bound}: {experiment.setting}".encode())
    inputs, truth = experiment.simulate(np.random.default_rng([seed, label]), count)
    certificate = CertifiedRisk(experiment.bound, {name: np.atleast_1d(v) for name, v in inputs.items()}, delta)
    values, risks = np.broadcast_to(certificate.values(), count), np.broadcast_to(truth, count)
    violations = int(np.sum(risks > values))
    return Coverage(
        bound=experiment.bound,
        setting=experiment.setting,
        control=experiment.control,
        draws=count,
        violations=violations,
        delta=delta,
        median_bound=float(np.median(values)),
        median_risk=float(np.median(risks)),
        verdict=_verdict(experiment, np.array(values), np.array(risks), violations, delta),
    )


def _verdict(experiment: Experiment, values: np.ndarray, risks: np.ndarray, violations: int, delta: float) -> Verdict:
    """The judge's verdict, without the arrays that it was reached from."""
    if experiment.control:
        verdict = judge(AtLeast(seen_from(values.size, delta)), Estimate.exact(violations), experiment.bound)
        if verdict.status is Status.HOLDS or values.size * delta >= _ENOUGH:
            return verdict
        return replace(
            verdict, status=Status.UNDECIDED, explanation=f"{verdict.explanation}: too few draws for this delta"
        )
    domain = (0.0, experiment.largest) if experiment.largest is not None else (None, None)
    measured = Estimate.exact(risks, along=Axis(AxisKind.DRAW, np.arange(float(values.size))))
    verdict = judge(WithProbability(AtMost(values, domain=domain), delta, ALPHA), measured, experiment.bound)
    return replace(verdict, prediction=None, measured=None)


def seen_from(draws: int, delta: float) -> int:
    """The number of violations from which an honest bound is refuted: P(Bin(draws, delta) >= it) <= 1e-6."""
    from scipy.stats import binom

    return int(binom.isf(ALPHA, draws, delta)) + 1
