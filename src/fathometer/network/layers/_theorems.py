"""Theorems beside a network. None is ever confirmed on one: its hypotheses' distance is the message.

Every theorem on tokens that move by the model asks for tokens that move by the model. On a network that is one more
hypothesis, with the share of a block that the model explains as its measure. It fails, and the verdict says by how
much, and beside it whether what the theorem concludes is seen all the same. Where it holds, the conclusion is
consistent with the theorem and no more than that: such a verdict stays undecided.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fathometer.attention import energy_plateaus, hemisphere_margin, metastability_threshold, record
from fathometer.attention.dynamics.variants import Variant
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.theorems import theorems
from fathometer.evidence import (
    Answer,
    AtLeast,
    Axis,
    AxisKind,
    Check,
    Estimate,
    Hypothesis,
    Problem,
    Record,
    Status,
    Theorem,
    Trajectory,
    Verdict,
)

EXPLAINED = 0.99
"""Share of every block that the model has to explain before tokens count as moved by it."""
_SEEN = {
    Status.HOLDS: "seen",
    Status.VIOLATED: "not seen",
    Status.UNDECIDED: "not decided",
    Status.VACUOUS: "empty here",
    Status.INAPPLICABLE: "not asked for: its tokens are others",
}


@dataclass(frozen=True, eq=False)
class Beside(Record):
    """A theorem beside the tokens of a text.

    Attributes:
        text: number of the text.
        title: of the theorem.
        conclusion: seen, not seen, not decided, empty here, or not asked for as the theorem speaks of other tokens.
        verdict: INAPPLICABLE or UNDECIDED, with the distance to the hypothesis that fails by most and with all checks.
    """

    text: int
    title: str
    conclusion: str
    verdict: Verdict


@dataclass(frozen=True, eq=False)
class CloudReport(Record):
    """The tokens of a text as a problem of the theory, at the first and at the last site.

    Attributes:
        text: number of the text.
        hemisphere: largest margin of a hemisphere that holds all tokens; collapse to one cluster is certain along the
            model where it is positive.
        threshold: least inverse temperature at which two or more clusters are certified to live long.
        clusters: how many these are.
        plateaus: lengths in blocks of the stretches on which the energy keeps within a tenth of its range.
    """

    text: int
    hemisphere: tuple[Estimate, Estimate]
    threshold: tuple[Estimate, Estimate]
    clusters: tuple[int, int]
    plateaus: tuple[float, ...]


def recorded(states: Sequence[NDArray[np.floating]], beta: float) -> Trajectory:
    """The tokens of a text along its layers.

    Args:
        states: tokens at every site.
        beta: at which observables look.
    """
    return record(np.stack([np.asarray(each, np.float64) for each in states]), beta)


def in_model_time(run: Trajectory, taus: Sequence[float], *, causal: bool) -> Trajectory:
    """The same tokens along the time of the model that their blocks are worth; along blocks if one is worth none.

    Args:
        run: along layers.
        taus: of every block.
        causal: whether tokens see only those before them.
    """
    worth = np.array(taus) if all(tau > 0 for tau in taus) else np.ones(len(taus))
    system = ParticleSystem.expect(run.problem)
    problem: Problem = Variant(system, causal=True) if causal else system
    return replace(run, problem=problem, axis=Axis(AxisKind.TIME, np.append(0.0, np.cumsum(worth))))


def beside(run: Trajectory, text: int, explained: Estimate) -> list[Beside]:
    """Put every theorem that speaks about such tokens beside them.

    Args:
        run: of `in_model_time`.
        text: its number.
        explained: share of each block that the model explains.
    """
    check = _by_the_model(explained).check(run.problem)
    spoken = [each for each in theorems() if not each.cost and each.speaks_about(run)]
    return [_beside(theorem, run, text, check) for theorem in spoken]


def cloud_report(run: Trajectory, text: int) -> CloudReport:
    """Look at the first and the last tokens of a text.

    Args:
        run: along layers.
        text: its number.
    """
    system = ParticleSystem.expect(run.problem)
    ends = [ParticleSystem.project(run.states["points"][at], system.beta, system.model) for at in (0, -1)]
    first, last = (metastability_threshold(end) for end in ends)
    margins = hemisphere_margin(ends[0]), hemisphere_margin(ends[1])
    lengths = tuple(plateau.duration for plateau in energy_plateaus(run, _height(run), 2.0))
    return CloudReport(text, margins, (first.beta, last.beta), (first.clusters, last.clusters), lengths)


def _by_the_model(explained: Estimate) -> Hypothesis:
    worst = int(np.argmin(np.asarray(explained.value)))
    value = float(np.asarray(explained.value)[worst])
    return Hypothesis(
        "every block moves tokens as a step of the model (share explained)",
        AtLeast(EXPLAINED, domain=(None, 1.0)),
        lambda problem: Estimate.exact(value),
    )


def _beside(theorem: Theorem, run: Trajectory, text: int, check: Check) -> Beside:
    own = theorem.test(run)
    conclusion = _SEEN[own.status]
    checks = (*own.checks, check)
    if own.status is Status.INAPPLICABLE:
        return Beside(text, theorem.title, conclusion, replace(own, checks=checks))
    said = f"its conclusion is {conclusion} ({own.explanation})"
    if check.answer is Answer.HOLDS:
        sentence = f"consistent at best, never confirmed on a network: {said}"
        return Beside(
            text, theorem.title, conclusion, replace(own, status=Status.UNDECIDED, explanation=sentence, checks=checks)
        )
    sentence = f"hypothesis '{check.hypothesis}' fails: {check.explanation}; {said}"
    verdict = Verdict(Status.INAPPLICABLE, check.margin, sentence, theorem.id, None, own.measured, checks)
    return Beside(text, theorem.title, conclusion, verdict)


def _height(run: Trajectory) -> float:
    from fathometer.attention import UNIT_ENERGY

    energy = np.asarray(run.observe(UNIT_ENERGY).value)
    return float(min(0.5, max(1e-12, np.ptp(energy) / 10)))
