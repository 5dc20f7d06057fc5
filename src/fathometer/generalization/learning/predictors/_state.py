"""Is an estimator fitted already, or does it hold a part that is?"""

import copy
from collections.abc import Mapping
from typing import Any

from fathometer.evidence import InputError

REMEDY = (
    "to certify a fit on the training part, make an unfitted one (sklearn.base.clone); to certify this model as it is, "
    "on rows that it has not seen, let the factory return its predict, as in `return model.predict`"
)


def require_kind(predictor: Any, of_classes: bool) -> None:
    """Refuse what scikit-learn calls a regressor where classes are to be predicted, and a classifier where numbers are.

    Raises:
        InputError: if it is one.
    """
    from sklearn.base import is_classifier, is_regressor

    try:
        wrong = (is_regressor if of_classes else is_classifier)(predictor)
    except Exception:  # not of scikit-learn's kind
        return
    if wrong and of_classes:
        raise InputError(
            f"{type(predictor).__name__} is a regressor: give a classifier, or a loss of regression (--loss absolute)"
        )
    if wrong:
        raise InputError(f"{type(predictor).__name__} is a classifier, and the loss is one of regression")


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
    if _needs_no_fit(estimator):
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


def _needs_no_fit(estimator: Any) -> bool:
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


def wants_frame(predictor: Any) -> bool:
    """Whether it, or a part of it, selects columns by name or type, so that it needs a data frame."""
    from sklearn.compose import ColumnTransformer

    tables = (part for _, part in parts(predictor) if isinstance(part, ColumnTransformer))
    return any(_by_name(columns) for table in tables for *_, columns in table.transformers)


def _by_name(columns: Any) -> bool:
    if isinstance(columns, str) or callable(columns):
        return True
    return isinstance(columns, (list, tuple)) and any(isinstance(column, str) for column in columns)
