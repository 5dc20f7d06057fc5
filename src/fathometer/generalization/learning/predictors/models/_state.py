"""Is an estimator fitted already, or does it hold a part that is?"""

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np

from fathometer.evidence import InputError
from fathometer.generalization.learning.predictors.models._task import Task

REMEDY = (
    "to certify a fit on the training part, make an unfitted one (sklearn.base.clone); to certify this model as it is, "
    "on rows that it has not seen, let the factory return its predict, as in `return model.predict`"
)


def require_task(predictor: Any, task: Task) -> None:
    """Refuse what scikit-learn calls a regressor where classes are wanted, and a classifier where numbers are.

    Raises:
        InputError: if it is one.
    """
    from sklearn.base import is_classifier, is_regressor

    wrong, name, wanted = {
        Task.CLASSIFICATION: (is_regressor, "a regressor, and the target has classes", "a classifier"),
        Task.REGRESSION: (is_classifier, "a classifier, and the target is a number", "a regressor"),
    }[task]
    try:
        refused = wrong(predictor)
    except Exception:  # not of scikit-learn's kind
        return
    if refused:
        raise InputError(f"{type(predictor).__name__} is {name}; give {wanted}")


def wants_frame(estimator: Any) -> bool:
    """Whether it asks for columns by name, or was fitted with names: a table is to be handed over, not a matrix."""
    return any(hasattr(part, "feature_names_in_") or _names_columns(part) for _, part in parts(estimator))


def _names_columns(part: Any) -> bool:
    from sklearn.compose import ColumnTransformer

    return isinstance(part, ColumnTransformer) and any(_is_name(columns) for _, _, columns in part.transformers)


def _is_name(columns: Any) -> bool:
    """A name, a list or a slice of names, or a function that selects columns of a table."""
    if isinstance(columns, slice):
        return isinstance(columns.start, str) or isinstance(columns.stop, str)
    if isinstance(columns, str) or callable(columns):
        return True
    return any(isinstance(column, str) for column in np.asarray(columns, dtype=object).ravel())


def require_unfitted(predictor: Any) -> None:
    """Refuse a model that brings a fit along: the certificate would not be about it, or be about rows that it saw.

    Raises:
        InputError: if it is fitted, or one of its parts is: a step of a pipeline, a frozen or prefit estimator.
    """
    for name, part in parts(predictor):
        if is_fitted(part):
            what = f"its part {name} ({type(part).__name__})" if name else type(part).__name__
            raise InputError(f"the model is fitted already: {what}; {REMEDY}")


def parts(predictor: Any) -> list[tuple[str, Any]]:
    """It and every estimator that it is made from, with their names."""
    reached, seen = [("", predictor)], {id(predictor)}
    try:
        params = predictor.get_params(deep=True)
    except Exception:  # not of scikit-learn's kind
        return reached
    for name, value in params.items():
        for item in _items(value):
            if not isinstance(item, type) and hasattr(item, "fit") and id(item) not in seen:
                seen.add(id(item))
                reached.append((name, item))
    return reached


def _items(value: Any) -> list[Any]:
    """A value, or what a collection of such values holds."""
    if not isinstance(value, (list, tuple, Mapping)):
        return [value]
    inside = value.values() if isinstance(value, Mapping) else value
    return [item for part in inside for item in _items(part)]


def is_fitted(estimator: Any) -> bool:
    """By the rule of scikit-learn: what it says itself, or an attribute that ends in an underscore."""
    from sklearn.exceptions import NotFittedError
    from sklearn.frozen import FrozenEstimator
    from sklearn.utils.validation import check_is_fitted

    if isinstance(estimator, FrozenEstimator):
        return True
    if needs_no_fit(estimator):
        return False
    if not hasattr(estimator, "get_params"):
        state = getattr(estimator, "__sklearn_is_fitted__", None)
        return bool(state()) if callable(state) else _has_learnt_attributes(estimator)
    try:
        check_is_fitted(estimator)
    except NotFittedError:
        return False
    except (TypeError, AttributeError):
        return _has_learnt_attributes(estimator)
    return True


def needs_no_fit(estimator: Any) -> bool:
    """Whether scikit-learn says that it holds no state, as a hash or a function does."""
    from sklearn.utils import get_tags

    try:
        return not get_tags(estimator).requires_fit
    except Exception:  # not of scikit-learn's kind
        return False


def _has_learnt_attributes(estimator: Any) -> bool:
    names = vars(estimator) if hasattr(estimator, "__dict__") else {}
    return any(name.endswith("_") and not name.startswith("_") for name in names)


def cloned(predictor: Any) -> Any:
    """An unfitted copy where scikit-learn knows how to make one, or a deep copy; else the thing itself."""
    from sklearn.base import clone

    for way in (clone, copy.deepcopy):
        try:
            return way(predictor)
        except Exception:
            continue
    return predictor


def unseeded(predictor: Any) -> str:
    """Name of a random state that is left open, of it or of a part of it; empty if there is none."""
    try:
        params = predictor.get_params(deep=True)
    except Exception:  # not of scikit-learn's kind
        return ""
    return next((name for name, value in params.items() if name.endswith("random_state") and value is None), "")
