"""What a predictor of any framework says about rows: classes, and scores if it has them, or real numbers."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Shaped
from numpy.typing import NDArray

from fathometer.evidence import InputError, real_array
from fathometer.generalization.learning.predictors.models._factory import guarded
from fathometer.generalization.learning.predictors.models._state import cloned, require_task, require_unfitted
from fathometer.generalization.learning.predictors.models._task import Task
from fathometer.generalization.ledger._calibration import read_probabilities

PROBE = 32
"""Rows that are predicted again, in another order and beside others, to see that the predictor is a function."""

SAME = 1e-6
"""Two predictions of a number are the same up to this part of the largest: sums of more rows are rounded otherwise."""


@dataclass(frozen=True)
class Answers:
    """Predictions for some rows.

    Attributes:
        predicted: shape (n,), number of the class, or for regression a finite number.
        scores: shape (n, k), finite, or None.
    """

    predicted: Shaped[np.ndarray, " n"]
    scores: Float[np.ndarray, "n k"] | None

    def margins(self, y: Int[np.ndarray, " n"]) -> Float[np.ndarray, " n"] | None:
        """Score of the right class minus the best other one; None without scores."""
        if self.scores is None:
            return None
        index, others = np.arange(len(y)), self.scores.copy()
        others[index, y] = -np.inf
        return self.scores[index, y] - others.max(axis=1)


def made(factory: Callable[[], Any]) -> Any:
    """The predictor that a factory makes.

    Raises:
        InputError: if it fails, or makes something that cannot predict.
    """
    predictor = _called("the factory", factory)
    if isinstance(predictor, type):
        raise InputError(f"the factory must return an object, got the class {predictor.__name__}: call it")
    # votes and stacks have no predict before fit
    if not (callable(predictor) or any(callable(getattr(predictor, name, None)) for name in ("predict", "fit"))):
        raise InputError(
            f"the factory must return an object with predict or a function, got {type(predictor).__name__}"
        )
    return predictor


class Origin(StrEnum):
    """How a predictor came about.

    FITTED: here, on the training part. ANSWERED: the same, but it could predict before that. READY: somewhere else.
    DECLARED: somewhere else, and the user names the rows that it has seen.
    """

    FITTED = "fitted"
    ANSWERED = "answered"
    READY = "ready"
    DECLARED = "declared"


def origin_of(predictor: Any, x: Any, task: Task = Task.CLASSIFICATION) -> tuple[Any, Origin]:
    """What is to be fitted, and what is known about its past.

    An estimator of scikit-learn is cloned, so that the caller's is left alone.

    Args:
        predictor: as it was made.
        x: rows that it will be asked for.
        task: what it has to predict.

    Raises:
        InputError: if it can be fitted and is fitted already, or a part of it is, or it is for the other task.
    """
    if not callable(getattr(predictor, "fit", None)):
        return predictor, Origin.READY
    require_task(predictor, task)
    require_unfitted(predictor)
    fresh = cloned(predictor)
    return fresh, Origin.ANSWERED if _answers_already(fresh, x[:PROBE]) else Origin.FITTED


def _answers_already(predictor: Any, x: Any) -> bool:
    """Whether it predicts before it was fitted, as one does that holds weights already."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with guarded():
                answer = predictor.predict(x) if callable(getattr(predictor, "predict", None)) else predictor(x)
    except Exception:
        return False
    return np.shape(_plain(answer))[:1] == (len(x),)


def fitted(predictor: Any, x: Any, labels: NDArray) -> None:
    """Fit it.

    Args:
        predictor: with a method `fit`.
        x: shape (n, p), the rows that it may see.
        labels: shape (n,).

    Raises:
        InputError: if it fails, or cannot predict after it.
    """
    _called("fit", lambda: predictor.fit(x, labels))
    if not (callable(predictor) or callable(getattr(predictor, "predict", None))):
        raise InputError(f"the predictor must have predict after fit, got {type(predictor).__name__}")


def answers(predictor: Any, x: Any, kinds: Shaped[np.ndarray, " k"] | None) -> Answers:
    """Ask for rows.

    Args:
        predictor: with a method `predict`, or a function of rows.
        x: shape (n, p), the rows that it is asked for, or a data frame of them.
        kinds: shape (k,), the labels that the data have, in order; None for regression.

    Raises:
        InputError: if it fails, its answers have a wrong shape, are no labels of the data or are not finite, or the
            answer for a row depends on the rows beside it or on chance.
    """
    first = _ask(predictor, x, kinds)
    near = 0.0 if kinds is not None else SAME * float(np.abs(first.predicted).max(initial=0.0))
    for rows in probes(len(x)):
        again = _ask(predictor, taken(x, rows), kinds).predicted
        _require_same(rows, np.abs(first.predicted[rows] - again) <= near)
    return first


def probabilities(
    predictor: Any, x: Any, kinds: Shaped[np.ndarray, " k"], predicted: Int[np.ndarray, " n"]
) -> Float[np.ndarray, " n"] | None:
    """The probability that a predictor states for each of its answers; None without predict_proba.

    Args:
        predictor: fitted.
        x: shape (n, p), the rows that it is asked for, or a data frame of them.
        kinds: shape (k,), the labels that the data have, in order.
        predicted: shape (n,), numbers of the classes that it answers.

    Raises:
        InputError: if it fails, states no number in [0, 1], or another one when it is asked again among other rows.
    """
    if not callable(getattr(predictor, "predict_proba", None)):
        return None

    def stated(rows: Any, answers: NDArray) -> NDArray[np.float64]:
        raw = real_array("predict_proba", _called("predict_proba", lambda: predictor.predict_proba(rows)))
        classes = getattr(predictor, "classes_", None)
        table = _checked(_by_class(raw, kinds if classes is None else np.asarray(classes), kinds), rows, kinds)
        return read_probabilities("probabilities", table[np.arange(len(answers)), answers])

    first = stated(x, predicted)
    for rows in probes(len(x)):
        _require_same(rows, np.abs(first[rows] - stated(taken(x, rows), predicted[rows])) <= 2 * SAME)
    return first


def probes(n: int) -> tuple[NDArray[np.int64], ...]:
    """Rows to ask for again: some from everywhere, the last one first, and then one alone."""
    spread = np.unique(np.linspace(0, n - 1, min(n, PROBE)).astype(np.int64))[::-1]
    return spread, spread[:1], spread[-1:]


def taken(x: Any, rows: NDArray[np.int64]) -> Any:
    """Some rows of an array or a data frame."""
    return x.iloc[rows] if hasattr(x, "iloc") else x[rows]


def _require_same(rows: NDArray[np.int64], same: NDArray[np.bool_]) -> None:
    if not same.all():
        raise InputError(
            f"the predictor is no fixed function of a row: its answer for row {rows[np.argmin(same)]} changed when it "
            "was asked again, among other rows"
        )


def _ask(predictor: Any, x: Any, kinds: NDArray | None) -> Answers:
    if kinds is None:
        return Answers(_numbers(_predicted(predictor, x), x), None)
    classes = getattr(predictor, "classes_", None)
    for name in ("decision_function", "predict_proba"):
        if callable(getattr(predictor, name, None)):
            raw = real_array(name, _called(name, lambda name=name: getattr(predictor, name)(x)))
            scores = _by_class(raw, kinds if classes is None else np.asarray(classes), kinds)
            return Answers(_codes(_predicted(predictor, x), x, kinds), _checked(scores, x, kinds))
    raw = _predicted(predictor, x)
    if raw.ndim == 2 and not callable(getattr(predictor, "predict", None)):
        scores = _checked(real_array("scores", raw), x, kinds)
        return Answers(scores.argmax(axis=1), scores)
    return Answers(_codes(raw, x, kinds), None)


def _predicted(predictor: Any, x: Any) -> NDArray:
    if callable(getattr(predictor, "predict", None)):
        return _plain(_called("predict", lambda: predictor.predict(x)))
    return _plain(_called("the predictor", lambda: predictor(x)))


def _numbers(values: NDArray, x: Any) -> NDArray[np.float64]:
    numbers = real_array("predictions", values)
    if numbers.shape == (len(x), 1):
        numbers = numbers[:, 0]
    if numbers.shape != (len(x),):
        raise InputError(f"predictions must have shape ({len(x)},), got {numbers.shape}")
    if not np.all(np.isfinite(numbers)):
        raise InputError(f"predictions must be finite, got {numbers[~np.isfinite(numbers)][0]} for some row")
    return numbers


def _plain(values: Any) -> NDArray:
    """An array, also from a tensor that keeps gradients."""
    detach = getattr(values, "detach", None)
    return np.asarray(detach() if callable(detach) else values)


def _by_class(raw: NDArray, classes: NDArray, kinds: NDArray) -> NDArray[np.float64]:
    """One column for each class of the data; one score for two classes is that of the second.

    Raises:
        InputError: if there are more or fewer columns than classes, or a class that the data do not have.
    """
    if raw.ndim == 1:
        raw = np.column_stack([-raw, raw])
    if raw.ndim != 2 or raw.shape[1] != len(classes) or not np.isin(classes, kinds).all():
        raise InputError(f"scores must have one column for each of {len(classes)} classes, got shape {raw.shape}")
    scores = np.full((len(raw), len(kinds)), -1e300)
    scores[:, np.searchsorted(kinds, classes)] = raw
    return scores


def _checked(scores: NDArray, x: Any, kinds: NDArray) -> NDArray[np.float64]:
    if scores.shape != (len(x), len(kinds)):
        raise InputError(f"scores must have shape ({len(x)}, {len(kinds)}), got {scores.shape}")
    if not np.all(np.isfinite(scores)):
        raise InputError("scores must be finite, got NaN or infinity")
    return scores


def _codes(labels: NDArray, x: Any, kinds: NDArray) -> NDArray[np.int64]:
    if labels.shape != (len(x),):
        raise InputError(f"predictions must have shape ({len(x)},), got {labels.shape}")
    known = np.isin(labels, kinds)
    if not known.all():
        raise InputError(f"predictions must be labels of the data, got {labels[np.argmin(known)]!s}")
    return np.searchsorted(kinds, labels.astype(kinds.dtype))


def _called(name: str, call: Callable[[], Any]) -> Any:
    try:
        with guarded():
            return call()
    except InputError:
        raise
    except (Exception, SystemExit) as error:
        raise InputError(f"{name} failed: {type(error).__name__}: {' '.join(str(error).split())}") from error
