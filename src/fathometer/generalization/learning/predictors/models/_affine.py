"""Whether a fitted classifier compares affine functions of the features, and which."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

LINEAR = ("sklearn.linear_model.", "sklearn.svm.", "sklearn.discriminant_analysis.")
"""Where classifiers come from whose `coef_` and `intercept_` are all that decides."""


@dataclass(frozen=True)
class Affine:
    """Scores x @ coefficients + intercept: one for two classes, which is that of the second; else one for each class.

    Attributes:
        coefficients: shape (p, k), of the features as they were given.
        intercept: shape (k,).
    """

    coefficients: Float[np.ndarray, "p k"]
    intercept: Float[np.ndarray, " k"]


def affine_scores(predictor: Any, columns: int, classes: int) -> Affine | None:
    """The scores of a linear classifier of scikit-learn, alone or in a pipeline that only scales.

    Args:
        predictor: fitted.
        columns: number of features, of which none is missing.
        classes: how many there are.

    Returns:
        None for any other predictor.
    """
    *before, last = _steps(predictor)
    maps = [_scaling(step) for step in before]
    scores = _scores(last, columns, 1 if classes == 2 else classes)
    if scores is None or any(each is None for each in maps):
        return None
    for factor, shift in reversed([each for each in maps if each is not None]):
        intercept = scores.intercept + shift @ scores.coefficients
        scores = Affine(factor[:, None] * scores.coefficients, intercept)
    return scores


def _steps(predictor: Any) -> Iterator[Any]:
    """The steps of a pipeline, those of pipelines inside it among them.

    Yields:
        One step after the other, without those that pass rows through.
    """
    if _named(predictor) == "sklearn.pipeline.Pipeline":
        for _, step in predictor.steps:
            yield from _steps(step)
    elif predictor is not None and predictor != "passthrough":
        yield predictor


def _named(step: Any) -> str:
    return f"{type(step).__module__}.{type(step).__qualname__}"


def _scores(last: Any, columns: int, k: int) -> Affine | None:
    if not _named(last).startswith(LINEAR):
        return None
    coefficients, intercept = (getattr(last, name, 0.0) for name in ("coef_", "intercept_"))
    coefficients = np.atleast_2d(coefficients)
    if np.shape(coefficients) != (k, columns) or np.shape(intercept) not in ((), (1,), (k,)):
        return None
    widened = np.broadcast_to(np.asarray(intercept, np.float64), (k,))
    return Affine(np.asarray(coefficients, np.float64).T, widened)


def _scaling(step: Any) -> tuple[Float[np.ndarray, " p"], Float[np.ndarray, " p"]] | None:
    """Factor and shift of each column; None if the step does something else."""
    kind, width = _named(step), getattr(step, "n_features_in_", 0)
    if kind.startswith("sklearn.preprocessing.") and kind.endswith(".StandardScaler"):
        factor = np.ones(width) if step.scale_ is None else 1 / step.scale_
        return factor, np.zeros(width) if not step.with_mean else -step.mean_ * factor
    if kind.startswith("sklearn.impute.") and kind.endswith(".SimpleImputer") and _keeps_columns(step):
        return np.ones(width), np.zeros(width)
    return None


def _keeps_columns(imputer: Any) -> bool:
    """Whether it leaves rows without a missing value as they are."""
    value = imputer.missing_values
    return (
        isinstance(value, float)
        and np.isnan(value)
        and len(imputer.get_feature_names_out()) == len(imputer.statistics_)
    )
