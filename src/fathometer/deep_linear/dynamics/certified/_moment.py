"""From which state of a run on its convergence, its rate and the sharpness of its limit are proved."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.dynamics.descent._descent import descend_in_parts
from fathometer.deep_linear.dynamics.descent._train import descend
from fathometer.deep_linear.dynamics.descent._training import Training
from fathometer.deep_linear.model._flow_problem import GradientFlow, network_of
from fathometer.deep_linear.model._network import Weights, from_states, stored_weights
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model.starts._certified_descent import CertifiedDescent
from fathometer.deep_linear.predictions.certificate._certificate import (
    Certificates,
    descent_certificates,
    excess_over_certifiable,
    flow_certificates,
)
from fathometer.evidence import TWIN_SAFETY, Estimate, Record, Trajectory

_LOOKS = 16
_MOST_WORK = 2e10
"""Multiplications of one look beyond which a network is too large to be looked at."""

Certify = Callable[[NDArray[np.intp]], Certificates]
"""From the numbers of states of a run to their certificates."""


@dataclass(frozen=True, eq=False)
class CertifiedRun(Record):
    """What is proved about the rest of a run.

    Attributes:
        at: first time or step that was found from which on it is proved; None if there is none.
        rate: the excess risk falls at least like exp(-rate t) from there, per time or per step; NaN without a moment.
        sharpness: of the limit, as it was enclosed there.
        latest: of the limit, as it is enclosed by the last state; (-inf, inf) without a certificate there.
        reason: why there is no such moment; empty if there is one.
    """

    at: float | None
    rate: float
    sharpness: Estimate
    latest: Estimate
    reason: str = ""


def certified_flow(run: Trajectory) -> CertifiedRun:
    """From when on a gradient flow is certified, with the error of its integrator.

    Args:
        run: flow of a deep linear network, with states W1 to WL.

    Raises:
        InputError: if the weights were not stored.
    """
    network, layers = _stored(run)
    if _work(layers) > _MOST_WORK:
        return _nothing(_TOO_LARGE)
    index = certified_index(run)
    certify = _of_flow(run)
    if index is None:
        return _nothing(_why(network, tuple(matrix[-1] for matrix in layers), None))
    return _found(float(run.axis.points[index]), certify(np.array([index])), certify(np.array([len(run.axis) - 1])))


def certified_descent(run: Trajectory, step: float) -> CertifiedRun:
    """From which step on plain descent is certified; between two states that were kept, it is run once more.

    Args:
        run: plain descent of a deep linear network, with states W1 to WL at some of its steps.
        step: its step size, positive.

    Raises:
        InputError: if the weights were not stored or the step is not positive.
    """
    network, layers = _stored(run)
    if _work(layers) > _MOST_WORK:
        return _nothing(_TOO_LARGE)
    if np.isfinite(run.event("diverged").value):
        return _nothing("the run diverged")

    def certify(chosen: NDArray[np.intp]) -> Certificates:
        return descent_certificates(network, _chosen(layers, chosen), step)

    index, points = first_certified(len(run.axis), certify), run.axis.points
    if index is None:
        return _nothing(_why(network, tuple(matrix[-1] for matrix in layers), step))
    before = max(index - 1, 0)
    start = tuple(matrix[before] for matrix in layers)
    later, found = _between(network, start, step, int(points[index] - points[before]))
    return _found(points[before] + later, found, certify(np.array([len(points) - 1])))


@lru_cache(maxsize=8)
def certified_index(run: Trajectory) -> int | None:
    """Number of the first state of a flow from which on it is certified, or None; kept for the last few runs.

    Raises:
        InputError: if the weights were not stored.
    """
    return first_certified(len(run.axis), _of_flow(run))


def first_certified(count: int, certify: Certify) -> int | None:
    """Number of the first state that is certified, if all after the first are: looked for among ever closer ones.

    Args:
        count: of states, at least 1.
        certify: certificates of some of them.
    """
    low, high = -1, count - 1
    while True:
        chosen = np.unique(np.linspace(low + 1, high, _LOOKS).astype(int))
        holds = certify(chosen).holds
        if not np.any(holds):
            return None
        first = int(np.argmax(holds))
        high = int(chosen[first])
        low = int(chosen[first - 1]) if first else high - 1
        if high - low == 1:
            return high


def rest_of_flow(run: Trajectory) -> Trajectory:
    """A flow from the state on from which it is certified, as a run of its own; from the last one if there is none.

    The first of its points is the next one: at the state itself nothing is to be seen. Twins are shortened alike.

    Args:
        run: flow of a deep linear network, with states W1 to WL.

    Raises:
        InputError: if the weights were not stored.
    """
    index, last = certified_index(run), max(len(run.axis) - 2, 0)
    start = last if index is None else min(index, last)
    network, layers = _stored(run)
    problem = GradientFlow(network, tuple(matrix[start] for matrix in layers))
    kept = slice(min(start + 1, len(run.axis) - 1), None)
    axis = replace(run.axis, points=run.axis.points[kept] - run.axis.points[start])

    def cut(states: dict) -> dict:
        return {name: state[kept] for name, state in states.items()}

    twins = tuple(replace(twin, states=cut(dict(twin.states)), observed={}, events=()) for twin in run.twins)
    return replace(run, problem=problem, axis=axis, states=cut(dict(run.states)), observed={}, events=(), twins=twins)


def descent_from(run: Trajectory, step: float, steps: int) -> Trajectory | None:
    """Descent once more, from the first kept state that is certified on, or from the last one if there is none.

    Args:
        run: plain descent of a deep linear network, with states W1 to WL at some of its steps.
        step: its step size, positive.
        steps: how many.

    Returns:
        A run of a `CertifiedDescent`; None if the run diverged or its layers are too large.
    """
    network, layers = _stored(run)
    if _work(layers) > _MOST_WORK or np.isfinite(run.event("diverged").value):
        return None
    first = first_certified(len(run.axis), lambda chosen: descent_certificates(network, _chosen(layers, chosen), step))
    index = len(run.axis) - 1 if first is None else first
    weights = tuple(matrix[index] for matrix in layers)
    return replace(
        descend(network, weights, step, steps, store=True), problem=CertifiedDescent(network, weights, step, steps)
    )


def _between(network: DeepLinear, start: Weights, step: float, steps: int) -> tuple[int, Certificates]:
    """The first certified step of at most `steps`, the last of which is certified, and its certificate."""
    done = 0
    while True:
        marks = np.unique(np.linspace(0, steps, _LOOKS).astype(int))
        if steps == 0:
            return done, descent_certificates(network, tuple(matrix[None] for matrix in start), step)
        run, at = descend_in_parts(network, start, step, Training(steps), lambda _: True, marks.tolist())
        layers = tuple(matrix[:, 0] for matrix in run.stored or ())
        found = descent_certificates(network, layers, step)
        first = int(np.argmax(found.holds)) if np.any(found.holds) else len(at) - 1
        if first == 0 or at[first] - at[first - 1] == 1:
            return done + int(at[first]), Certificates(*(part[[first]] for part in found))
        start, steps = tuple(matrix[first - 1] for matrix in layers), int(at[first] - at[first - 1])
        done += int(at[first - 1])


def _of_flow(run: Trajectory) -> Certify:
    network, layers = _stored(run)
    moved = state_error(run)
    return lambda chosen: flow_certificates(network, _chosen(layers, chosen), moved=moved[chosen])


def state_error(run: Trajectory) -> NDArray[np.float64]:
    """Largest distance of a layer from that of a twin at every point of a flow, with room; 0 without twins."""
    network, layers = _stored(run)
    gaps = np.zeros(len(run.axis))
    for twin in run.twins:
        others = from_states(network, twin.states)
        apart = [np.linalg.norm(a - b, axis=(-2, -1)) for a, b in zip(layers, others, strict=True)]
        gaps = np.maximum(gaps, np.max(apart, axis=0))
    return TWIN_SAFETY * gaps


def _stored(run: Trajectory) -> tuple[DeepLinear, Weights]:
    network = network_of(run.problem)
    return network, stored_weights(network, run.states, "the certificate")


def _chosen(layers: Weights, chosen: NDArray[np.intp]) -> Weights:
    return tuple(matrix[chosen] for matrix in layers)


def _work(layers: Sequence[NDArray]) -> float:
    """Multiplications of one look: those of the singular values of every layer."""
    return sum(20.0 * max(matrix.shape[-2:]) ** 2 * min(matrix.shape[-2:]) for matrix in layers)


_TOO_LARGE = "the layers are too large for their singular values to be looked at"


def _nothing(reason: str) -> CertifiedRun:
    unknown = Estimate.enclosed(np.nan, -np.inf, np.inf)
    return CertifiedRun(None, np.nan, unknown, unknown, reason)


def _found(at: float, first: Certificates, last: Certificates) -> CertifiedRun:
    return CertifiedRun(at, float(first.rate[0]), _enclosure(first), _enclosure(last))


def _enclosure(found: Certificates) -> Estimate:
    lowest, highest = float(found.lowest[0]), float(found.highest[0])
    return Estimate.enclosed((lowest + highest) / 2, lowest, highest)


def _why(network: DeepLinear, weights: Weights, step: float | None) -> str:
    share = excess_over_certifiable(network, weights, step)
    if np.isfinite(share):
        return f"at the last state the excess risk is {share:.3g} times the largest that can be certified"
    if network.regression.lambda_max == 0:
        return "the data are zero"
    return "at the last state the tangent kernel is too close to singular" + (
        "" if step is None else ", or the step is not below 2 / sharpness"
    )
