"""Models that are built in: pipelines of scikit-learn on numbers, categories and missing values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fathometer.evidence import InputError
from fathometer.generalization.learning.predictors.models._task import Task, quantile_level

MODELS = ("auto", "linear", "logistic", "boosting", "mlp", "forest")

AUTO = ("boosting", "linear", "mlp", "forest")
"""Families of `auto`; the first is preferred in a near tie."""

STRENGTHS = tuple(np.logspace(-4, 4, 10).tolist())
"""C of the logistic regression, and 1 / alpha of the ridge regression: those that scikit-learn's own search takes."""

CATEGORIES = 100
"""Most columns for one category column of a linear model; the rarest categories share one."""

CODES = 250
"""The same for trees: HistGradientBoosting takes at most 255 categories."""

TREES = 200


@dataclass(frozen=True)
class Candidate:
    """A family of models, as an estimator of scikit-learn.

    Attributes:
        name: of the family.
        estimator: clonable; unfitted, or fitted where a selection returns it.
        settings: parameters of the estimator to choose from, in order.
        preferred: number of the setting that is kept unless another is clearly better; None to take the best one, and
            the first among equals.
        by: risk that chooses the setting, `certified` or `log`, the logarithmic loss of the probabilities.
        cheap: whether it is fitted fast enough for more folds than the others.
    """

    name: str
    estimator: Any
    settings: tuple[Mapping[str, Any], ...] = ({},)
    preferred: int | None = None
    by: str = "certified"
    cheap: bool = False


def built_in(
    model: str, kinds: Sequence[str], task: Task, seed: int, *, loss: str = "absolute"
) -> tuple[Candidate, ...]:
    """The candidates behind a name.

    `linear` is a logistic regression whose C is chosen by the error rate, as the certificate counts it; `logistic` is
    the same chosen by the logarithmic loss, for those who want its probabilities. For numbers it is a ridge regression,
    or a quantile regression for the losses `absolute` and `quantile:q`. `boosting` is HistGradientBoosting, `forest` a
    random forest, `mlp` a multilayer perceptron, `auto` all of these but `logistic`.

    Args:
        model: one of `MODELS`.
        kinds: `number` or `category` for each column; either may have missing values, which are NaN.
        task: classes or numbers.
        seed: of everything random in them.
        loss: for numbers, the certified loss: `absolute`, `squared` or `quantile:q`.

    Raises:
        InputError: if there is no such model or loss, or it does not suit the task.
    """
    quantile_level(loss)
    if model not in MODELS:
        raise InputError(f"the model must be one of {', '.join(MODELS)}, got {model!r}")
    if model == "logistic" and task is Task.REGRESSION:
        raise InputError("the model logistic predicts classes, and the target is a number; use linear")
    names = AUTO if model == "auto" else (model,)
    made = tuple(_MAKERS[name](kinds, task, seed, loss) for name in names)
    return made if task is Task.CLASSIFICATION else tuple(map(_on_scaled_targets, made))


def _on_scaled_targets(candidate: Candidate) -> Candidate:
    """The same for targets of any unit: they are centred and scaled by the rows that it is fitted on."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.preprocessing import StandardScaler

    model = TransformedTargetRegressor(candidate.estimator[-1], transformer=StandardScaler())
    settings = tuple(
        {name.replace("model__", "model__regressor__"): value for name, value in each.items()}
        for each in candidate.settings
    )
    return replace(candidate, estimator=candidate.estimator.set_params(model=model), settings=settings)


def _linear(kinds: Sequence[str], task: Task, seed: int, loss: str) -> Candidate:
    from sklearn.linear_model import LogisticRegression, QuantileRegressor, Ridge

    level = quantile_level(loss)
    if task is Task.CLASSIFICATION:
        model, settings = LogisticRegression(), _grid("model__C", STRENGTHS)
    elif level is None:
        model, settings = Ridge(), _grid("model__alpha", [1 / c for c in STRENGTHS])
    else:
        model, settings = QuantileRegressor(quantile=level), _grid("model__alpha", [0.1, 0.01, 0.001, 0.0])
    return Candidate(
        "linear", _pipeline(_scaled(kinds), model), settings, cheap=not isinstance(model, QuantileRegressor)
    )


def _logistic(kinds: Sequence[str], task: Task, seed: int, loss: str) -> Candidate:
    from sklearn.linear_model import LogisticRegression

    settings = _grid("model__C", STRENGTHS)
    return Candidate("logistic", _pipeline(_scaled(kinds), LogisticRegression()), settings, by="log", cheap=True)


def _boosting(kinds: Sequence[str], task: Task, seed: int, loss: str) -> Candidate:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    level = quantile_level(loss)
    named = {None: {"loss": "squared_error"}, 0.5: {"loss": "absolute_error"}}
    common = {"random_state": seed, "categorical_features": list(range(len(_columns(kinds, "category")))) or None}
    if task is Task.CLASSIFICATION:
        model = HistGradientBoostingClassifier(**common)
    else:
        model = HistGradientBoostingRegressor(**named.get(level, {"loss": "quantile", "quantile": level}), **common)
    slow = {
        "model__learning_rate": 0.05,
        "model__max_iter": 600,
        "model__early_stopping": True,
        "model__n_iter_no_change": 20,
        "model__l2_regularization": 1.0,
    }
    return Candidate("boosting", _pipeline(_coded(kinds), model), ({}, slow), preferred=0)


def _forest(kinds: Sequence[str], task: Task, seed: int, loss: str) -> Candidate:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    maker = RandomForestClassifier if task is Task.CLASSIFICATION else RandomForestRegressor
    return Candidate("forest", _pipeline(_coded(kinds), maker(n_estimators=TREES, oob_score=True, random_state=seed)))


def _mlp(kinds: Sequence[str], task: Task, seed: int, loss: str) -> Candidate:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    maker = MLPClassifier if task is Task.CLASSIFICATION else MLPRegressor
    model = maker(early_stopping=True, max_iter=200, n_iter_no_change=10, random_state=seed)
    settings = tuple(
        {"model__hidden_layer_sizes": (width,), "model__alpha": alpha} for width, alpha in ((64, 1e-4), (256, 1e-2))
    )
    return Candidate("mlp", _pipeline(_scaled(kinds), model), settings)


_MAKERS = {"linear": _linear, "logistic": _logistic, "boosting": _boosting, "forest": _forest, "mlp": _mlp}


def _grid(name: str, values: Sequence[Any]) -> tuple[Mapping[str, Any], ...]:
    return tuple({name: value} for value in values)


def _columns(kinds: Sequence[str], kind: str) -> list[int]:
    return [i for i, k in enumerate(kinds) if k == kind]


def _pipeline(prepared: Any, model: Any) -> Any:
    from sklearn.pipeline import Pipeline

    return Pipeline([("prepared", prepared), ("model", model)])


def _scaled(kinds: Sequence[str]) -> Any:
    """Numbers with mean 0 and variance 1, the mean where one is missing; one column for each category."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    filled = SimpleImputer(strategy="constant", fill_value=0.0, add_indicator=True, keep_empty_features=True)
    numbers = Pipeline([("scaled", StandardScaler()), ("filled", filled)])
    categories = _columns(kinds, "category")
    if not categories:
        return numbers
    apart = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=CATEGORIES, sparse_output=False)
    return ColumnTransformer(
        [("numbers", numbers, _columns(kinds, "number")), ("categories", apart, categories)], sparse_threshold=0
    )


def _coded(kinds: Sequence[str]) -> Any:
    """The categories in front, by a small code; numbers as they are. Trees take missing values."""
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import OrdinalEncoder

    categories = _columns(kinds, "category")
    if not categories:
        return "passthrough"
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, max_categories=CODES)
    return ColumnTransformer([("categories", codes, categories)], remainder="passthrough")
