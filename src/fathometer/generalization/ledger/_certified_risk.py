"""What the theorems of this theory are held against: certificates, and what is known of their data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    InputError,
    Prediction,
    Problem,
    Trajectory,
    Within,
    WithProbability,
    finite_array,
    finite_number,
)
from fathometer.generalization.bounds._bound import KeyKind
from fathometer.generalization.bounds._catalogue import bound
from fathometer.numerics import wide


@dataclass(frozen=True, eq=False)
class CertifiedRisk(Problem):
    """One bound, evaluated on one sample or on many independent ones, with what is known about the assumptions.

    None for a condition means that nobody knows; the theorems then abstain.

    Attributes:
        bound: id in the catalogue.
        inputs: the bound's numbers by key, delta left out: each of length 1, or one entry for each draw of a sample; a
            sequence has one row for each draw.
        delta: the probability with which the bound may fail, in (0, 1).
        shuffled: whether the rows were drawn i.i.d. or by a uniform shuffle.
        independent: whether the predictor, the prior, the class or the centre (whatever the bound asks to be fixed in
            advance) was fixed without the points that the empirical risk is measured on.
        loss_range: smallest and largest value that the loss can take; None for a largest that does not exist.
        true_lipschitz: a proved Lipschitz constant of the loss in the metric of the bound; None if not known.
        true_moment: a proved value of the moment that the bound is given, its key `variance` or `second_moment`; None
            if not known.

    Raises:
        InputError: if the bound or a key is unknown, a key is missing, a number is not in its range, or lengths differ.
    """

    bound: str
    inputs: Mapping[str, NDArray[Any] | float]
    delta: float
    shuffled: bool | None = None
    independent: bool | None = None
    loss_range: tuple[float, float | None] = (0.0, 1.0)
    true_lipschitz: float | None = None
    true_moment: float | None = None

    def __post_init__(self) -> None:
        finite_number("delta", self.delta, above=0, below=1)
        chosen = bound(self.bound)
        sequences = {key.name for key in chosen.keys if key.kind is KeyKind.SEQUENCE}
        inputs = {
            name: finite_array(name, np.atleast_1d(values), ndim=2 if name in sequences else 1)
            for name, values in self.inputs.items()
        }
        for extreme in (np.min, np.max):
            ends = {name: values if name in sequences else extreme(values) for name, values in inputs.items()}
            chosen.read(ends | {"delta": self.delta})
        if len({len(values) for values in inputs.values()} - {1}) > 1:
            raise InputError(f"inputs must have one length, got {[len(values) for values in inputs.values()]}")
        object.__setattr__(self, "inputs", inputs)
        self.values()

    @property
    def draws(self) -> int:
        """Number of samples that the inputs speak about; 1 if they are the same for every one."""
        return max((np.size(values, 0) for values in self.inputs.values()), default=1)

    def values(self) -> NDArray[np.float64]:
        """Evaluate the bound on every draw: shape (draws,)."""
        chosen = bound(self.bound)
        defaults = {key.name: None if key.default is None else wide(key.default) for key in chosen.keys}
        given = {name: wide(values) for name, values in self.inputs.items()}
        value, _ = chosen.evaluate(**defaults | given | {"delta": wide(self.delta)})
        return np.atleast_1d(np.asarray(value, np.float64))


def predict_certified(problem: Problem, axis: Axis | None) -> Prediction:
    """Predict that the risk is at most the value of the certificate, with probability at least 1 - delta.

    No risk is larger than the largest loss, so that a value that reaches it says nothing.
    """
    certificate = CertifiedRisk.expect(problem)
    return WithProbability(AtMost(certificate.values(), domain=certificate.loss_range), certificate.delta)


def true_risk(trajectory: Trajectory) -> Estimate:
    """The state `risk`: the risk on new data of what was certified, for each draw."""
    return Estimate.exact(trajectory.states["risk"], along=trajectory.axis)


def _shuffled(problem: Problem) -> bool | None:
    return CertifiedRisk.expect(problem).shuffled


def _independent(problem: Problem) -> bool | None:
    return CertifiedRisk.expect(problem).independent


def _loss_range(problem: Problem) -> Estimate:
    lowest, highest = CertifiedRisk.expect(problem).loss_range
    return Estimate.exact(np.array([lowest, np.inf if highest is None else highest]))


def _lowest_loss(problem: Problem) -> Estimate:
    """Smallest value that the loss can take."""
    return Estimate.exact(CertifiedRisk.expect(problem).loss_range[0])


def _moment_room(problem: Problem) -> Estimate:
    """What the bound is given for the moment, 1 if nothing, minus the proved value."""
    certificate = CertifiedRisk.expect(problem)
    given = [certificate.inputs[key] for key in ("variance", "second_moment") if key in certificate.inputs]
    known = np.nan if certificate.true_moment is None else certificate.true_moment
    return Estimate.exact(float(np.min(given[0])) - known if given else 1 - known)


def _lipschitz_room(problem: Problem) -> Estimate:
    certificate = CertifiedRisk.expect(problem)
    known = np.nan if certificate.true_lipschitz is None else certificate.true_lipschitz
    return Estimate.exact(float(np.min(certificate.inputs["lipschitz"])) - known)


SHUFFLED = Hypothesis.that("i.i.d. or uniformly shuffled sample", _shuffled)
MARTINGALE = Hypothesis.that("mean of the loss constant given the past", _shuffled)
INDEPENDENT = Hypothesis.that("fixed in advance without the certificate points", _independent)
PREDICTABLE = Hypothesis.that("the prior of each round depends on the past alone", _independent)
UNIT_LOSS = Hypothesis("loss in [0, 1]", Within(0, 1), _loss_range)
UNIT_AT_CENTRE = Hypothesis("loss in [0, 1] at the centre", Within(0, 1), _loss_range)
NON_NEGATIVE = Hypothesis("loss >= 0", AtLeast(0), _lowest_loss)
MOMENT = Hypothesis("the moment is not understated", AtLeast(0), _moment_room)
LIPSCHITZ = Hypothesis("the Lipschitz constant is not understated", AtLeast(0), _lipschitz_room)
