"""Theorems on plain tokens beside tokens with weights: by how much they do not apply, or the plain run that this is."""

from dataclasses import replace

from fathometer.attention.dynamics.weights._plain import as_plain
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.model._variant import Variant
from fathometer.attention.model.weights._distances import has_weights
from fathometer.attention.model.weights._hypotheses import PLAIN_MODEL
from fathometer.attention.theorems import theorems
from fathometer.evidence import AxisKind, Theorem, Trajectory, Verdict, judge_all


def plain_verdicts(run: Trajectory) -> list[Verdict]:
    """What theorems on plain tokens say of a run of a variant with weights; none if it has none of its own.

    Weights that are multiples of the identity make plain tokens at another beta, in another time unit: the theorems are
    held against that run. Any others are INAPPLICABLE, with the relative distances of Q'K and V from such multiples,
    the share of the MLP, and what else is not plain.

    Args:
        run: of any problem.
    """
    problem = run.problem
    if not isinstance(problem, Variant) or run.axis.kind is not AxisKind.TIME or not has_weights(problem):
        return []
    plain = as_plain(run)
    if plain is not None:
        return judge_all(plain, theorems())
    return [_with_distances(theorem).test(run) for theorem in theorems() if _speaks(theorem, run)]


def _speaks(theorem: Theorem, run: Trajectory) -> bool:
    """Whether a theorem is on plain tokens and would be held against such a run of theirs."""
    along = not theorem.along or run.axis.kind in theorem.along
    seen = {*run.states, *run.observed}
    return theorem.about is ParticleSystem and not theorem.cost and along and set(theorem.reads) <= seen


def _with_distances(theorem: Theorem) -> Theorem:
    """The theorem, asking for plain tokens alone: what else it asks for does not matter where they are not."""
    return replace(theorem, about=Variant, hypotheses=PLAIN_MODEL, part=None)
