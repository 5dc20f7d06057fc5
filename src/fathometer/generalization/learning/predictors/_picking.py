"""Pick-to-learn: a predictor from few rows, to which the worst of the others is added as long as that certifies more.

The rows that were picked give the predictor back, so that the others, which it has not seen, certify it by sample
compression, whatever picked them: the bound holds for each set of rows of each size at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from fathometer.evidence import InputError, Record, finite_number, whole_number
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.learning.linear._training import upward
from fathometer.generalization.learning.predictors._plan import Loss
from fathometer.generalization.learning.predictors.models._state import cloned


@dataclass(frozen=True, eq=False)
class Picked(Record):
    """The rows that give a predictor back, with what the others certify.

    Attributes:
        rows: their numbers, sorted.
        bound: id in the catalogue.
        inputs: `evaluate_bound(bound, **inputs)` gives the value.
        value: upper bound of the risk with probability at least 1 - delta.
        vacuous: whether it says no more than that the loss is bounded.
    """

    rows: Int[np.ndarray, " k"]
    bound: str
    inputs: dict[str, float]
    value: float
    vacuous: bool


def pick_to_learn(
    estimator: Any,
    x: Float[np.ndarray, "m p"],
    y: NDArray[Any],
    delta: float,
    *,
    loss: Loss | None = None,
    start: int = 1,
    batch: int = 1,
    patience: int = 20,
) -> tuple[Any, Picked]:
    """Fit on few rows, add the worst of the others, and so on; keep the fit that certifies most.

    It ends when no other row has a loss, or when the certificate has not improved for `patience` fits. Method:
    Paccagnan, Campi and Garatti 2023; with early stopping and losses in [0, 1]: Bazinet, Zantedeschi and Germain 2024.

    Args:
        estimator: of scikit-learn; left alone. Where its parameters leave a random state open it is set to 0: what it
            learns must follow from the rows.
        x: features of independent rows.
        y: shape (m,), labels or for a loss of regression numbers.
        delta: failure probability, in (0, 1).
        loss: what a risk is the mean of; None for the 0/1 loss.
        start: number of rows of the first fit, at least 1; for classes, at least one of each.
        batch: rows that are added before the next fit, at least 1.
        patience: fits without a better certificate before the end, at least 1.

    Returns:
        The fitted estimator and the rows that give it back.

    Raises:
        InputError: if a number is not in its range, no row would be left to certify, or the estimator is not the same
            when it is fitted on the same rows again.
    """
    finite_number("delta", delta, above=0, below=1)
    for name, number in (("start", start), ("batch", batch), ("patience", patience)):
        whole_number(name, number, at_least=1)
    task = _Task(_seeded(estimator), x, y, delta, loss or Loss())
    first = task.first(start)
    if len(first) >= len(y):
        raise InputError(f"too few rows (n_samples = {len(y)}): {len(first)} begin, and none would be left to certify")
    model, best = _best(_fits(task, first, batch), patience)
    task.require_same(model, best.rows)
    return model, best


def _best(fits: Iterator[tuple[Any, Picked]], patience: int) -> tuple[Any, Picked]:
    """The fit with the smallest certificate, before that many others in turn are no better."""
    model, best = next(fits)
    since = 0
    for other, picked in fits:
        since += 1
        if picked.value < best.value:
            model, best, since = other, picked, 0
        if since >= patience:
            break
    return model, best


def _fits(task: "_Task", rows: NDArray[np.int64], batch: int) -> Iterator[tuple[Any, Picked]]:
    """Fit after fit, until no loss or no row is left.

    Yields:
        The fitted estimator and its rows.
    """
    while len(rows) < len(task.y):
        model = task.fitted(rows)
        others = np.setdiff1d(np.arange(len(task.y)), rows)
        losses, order = task.losses(model, others)
        yield model, task.certified(rows, losses)
        if not losses.any():
            return
        rows = np.sort(np.concatenate([rows, others[order[:batch]]]))


@dataclass(frozen=True)
class _Task:
    estimator: Any
    x: NDArray[np.float64]
    y: NDArray[Any]
    delta: float
    loss: Loss

    def first(self, start: int) -> NDArray[np.int64]:
        """The first rows, and the first of each class."""
        heads = np.unique(self.y, return_index=True)[1] if self.loss.of_classes else np.empty(0, np.int64)
        return np.union1d(np.arange(min(start, len(self.y))), heads)

    def fitted(self, rows: NDArray[np.int64]) -> Any:
        return cloned(self.estimator).fit(self.x[rows], self.y[rows])

    def losses(self, model: Any, rows: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """The loss on each row, and the places of the rows, the worst first."""
        losses = self.loss.of(np.asarray(model.predict(self.x[rows])), self.y[rows])
        return losses, np.lexsort((_doubt(model, self.x[rows], self.y[rows]), -losses))

    def certified(self, rows: NDArray[np.int64], losses: NDArray[np.float64]) -> Picked:
        bound, inputs = compression_inputs(losses, len(rows), self.delta, self.loss)
        value = evaluate_bound(bound, **inputs)
        assert value.value is not None
        return Picked(rows, bound, inputs, value.value, value.vacuous)

    def require_same(self, model: Any, rows: NDArray[np.int64]) -> None:
        again = self.fitted(rows).predict(self.x)
        if not np.array_equal(again, model.predict(self.x)):
            raise InputError("the estimator learns something else when it is fitted on the same rows again")


def compression_inputs(losses: NDArray[np.float64], size: int, delta: float, loss: Loss) -> tuple[str, dict[str, Any]]:
    """The bound that certifies a predictor which some rows give back, with its numbers.

    Args:
        losses: of the rows that were left out.
        size: number of rows that give it back.
        delta: failure probability.
        loss: what kind it is.
    """
    known = {"size": size, "m": size + losses.size, "delta": delta}
    if loss.of_classes:
        return "compression_binomial", {"errors": int(losses.sum()), **known}
    return "compression_kl", {"risk": min(1.0, upward(float(losses.mean()))), **known}


def _doubt(model: Any, x: NDArray, y: NDArray) -> NDArray[np.float64]:
    """The probability of the right class, where there is one."""
    if not hasattr(model, "predict_proba"):
        return np.zeros(len(y))
    return np.asarray(model.predict_proba(x))[np.arange(len(y)), np.searchsorted(model.classes_, y)]


def _seeded(estimator: Any) -> Any:
    """A clone whose random states are fixed."""
    copy = cloned(estimator)
    names = [name for name, value in copy.get_params().items() if name.endswith("random_state") and value is None]
    return copy.set_params(**dict.fromkeys(names, 0))
