"""From what the user named to fitted predictors: a model of ours, a factory, or a fitted one with the rows it saw."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.data import Split
from fathometer.evidence import InputError
from fathometer.generalization.learning.predictors._plan import FITTED, READY, Plan
from fathometer.generalization.learning.predictors._reading import Rows
from fathometer.generalization.learning.predictors.models._adapter import Origin, fitted, made, origin_of, taken
from fathometer.generalization.learning.predictors.models._candidates import MODELS, Candidate, built_in
from fathometer.generalization.learning.predictors.models._selection import select
from fathometer.generalization.learning.predictors.models._state import unseeded, wants_frame
from fathometer.generalization.learning.predictors.models._task import Task


@dataclass(frozen=True)
class Source:
    """Where a predictor comes from.

    Attributes:
        name: of a model of ours; of a factory or a file for the record.
        factory: makes it; None for a model of ours.
        saw: numbers of the rows that it has seen, for one that comes fitted; None for any other.
    """

    name: str
    factory: Callable[[], Any] | None = None
    saw: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class Brought:
    """What is to be fitted, or is fitted already.

    Attributes:
        candidates: at least one, the favourite first where they are fitted already.
        origin: how they come about.
        framed: whether they select columns by name.
        ours: whether they are models of ours, among which cross-validation chooses.
    """

    candidates: tuple[Candidate, ...]
    origin: Origin
    framed: bool = False
    ours: bool = False

    @property
    def parts(self) -> tuple[float, ...]:
        """Shares of the parts where the user gives none."""
        return READY if self.origin in (Origin.READY, Origin.DECLARED) else FITTED


@dataclass(frozen=True)
class Fit:
    """Fitted predictors.

    Attributes:
        predictors: the favourite first.
        names: of each.
        risks: cross-validated on the training part; None for one without a competitor.
    """

    predictors: tuple[Any, ...]
    names: tuple[str, ...]
    risks: tuple[float | None, ...]


def bring(source: Source, rows: Rows, plan: Plan, announce: Callable[[str], object] = lambda text: None) -> Brought:
    """Make what is to be fitted.

    Args:
        source: what the user named.
        rows: features and labels.
        plan: with loss and seed.
        announce: is told what the user should know.

    Raises:
        InputError: if the model is unknown, or the factory fails or makes something that cannot be certified.
    """
    task = _task(plan)
    if source.factory is None:
        if source.name not in MODELS:
            raise InputError(f"model must be {', '.join(MODELS)}, module:factory or a file, got {source.name!r}")
        kinds = ("number",) * rows.x.shape[1] if rows.encoding is None else rows.encoding.kinds
        candidates = built_in(source.name, kinds, task, _seed(plan), loss=_named(plan))
        return Brought(candidates, Origin.FITTED, ours=True)
    predictor = made(source.factory)
    framed = wants_frame(predictor)
    if source.saw is not None:
        return Brought((Candidate(source.name, predictor),), Origin.DECLARED, framed)
    predictor, origin = origin_of(predictor, rows.handed(framed), task)
    if origin is not Origin.READY and (loose := unseeded(predictor)):
        announce(
            f"{source.name} leaves {loose} open: every run fits another predictor; set it, and do not choose among runs"
        )
    return Brought((Candidate(source.name, predictor),), origin, framed)


def fit(
    brought: Brought,
    rows: Rows,
    split: Split,
    groups: NDArray[np.int64],
    plan: Plan,
    announce: Callable[[str], object],
) -> Fit:
    """Fit on the training part alone, where anything is to be fitted.

    Args:
        brought: what is to be fitted.
        rows: features and labels.
        split: which rows are in which part.
        groups: shape (n,), group of each row.
        plan: with loss and seed.
        announce: is told what is finished.

    Raises:
        InputError: if a class is absent from the training part, or a fit fails.
    """
    first = brought.candidates[0]
    if brought.origin in (Origin.READY, Origin.DECLARED):
        return Fit((first.estimator,), (first.name,), (None,))
    part = split.part("training")
    _require_all_classes(rows, part)
    if brought.ours:
        _require_names(rows)
        found = select(
            brought.candidates,
            rows.x[part],
            rows.labels[part],
            groups[part],
            _task(plan),
            _seed(plan),
            announce,
            loss=_named(plan),
            clip=plan.loss.clip,
        )
        fitted_models = found.candidates
        return Fit(tuple(m.estimator for m in fitted_models), tuple(m.name for m in fitted_models), found.cv_risks)
    fitted(first.estimator, taken(rows.handed(brought.framed), part), rows.labels[part])
    return Fit((first.estimator,), (first.name,), (None,))


def _seed(plan: Plan) -> int:
    """Of the training; scikit-learn takes 32 bits."""
    return (plan.seed or 0) % 2**32


def _task(plan: Plan) -> Task:
    return Task.CLASSIFICATION if plan.loss.of_classes else Task.REGRESSION


def _named(plan: Plan) -> str:
    loss = plan.loss
    return f"quantile:{loss.level!r}" if loss.name == "quantile" else "absolute" if loss.of_classes else loss.name


def _require_all_classes(rows: Rows, part: NDArray[np.int64]) -> None:
    if rows.kinds is None:
        return
    absent = np.setdiff1d(np.arange(len(rows.kinds)), rows.truth[part])
    if absent.size:
        raise InputError(
            f"class {str(rows.kinds[absent[0]])!r} has no row among the {part.size} of the training part, "
            "so that no model could learn it; give more rows of it or leave it out"
        )


def _require_names(rows: Rows) -> None:
    """Refuse classes that are fractions, which scikit-learn takes for measurements.

    Raises:
        InputError: if there are any.
    """
    kinds = rows.kinds
    if kinds is not None and kinds.dtype.kind == "f" and np.any(kinds != np.rint(kinds)):
        fraction = kinds[kinds != np.rint(kinds)][0]
        raise InputError(f"classes must be text or whole numbers for a model of ours, got {fraction:g}")
