"""The choice between candidates on the training part alone."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Shaped
from numpy.typing import NDArray

from fathometer.generalization.learning.predictors.models._candidates import Candidate
from fathometer.generalization.learning.predictors.models._fitting import few_threads, fit, fits, prepared
from fathometer.generalization.learning.predictors.models._task import Task, class_losses, value_losses

CELLS = 20_000_000
"""Rows times columns times classes on which candidates are compared, and ..."""

FEWEST = 5_000
"""... the fewest rows."""

EACH_FOLD = 100_000
"""The same product up to which, or up to the fewest rows, each fold is held out in turn; above it one is."""

TWICE = 500_000
"""The same product up to which cheap models have folds in the order of the rows besides shuffled ones: the mean of both
says more of nearly equal settings."""


@dataclass(frozen=True)
class Selection:
    """Candidates, fitted on all rows that they were given.

    Attributes:
        candidates: one of each family, the favourite first.
        cv_risks: cross-validated risk of each with its settings, before the last fit on all rows; None if there was
            nothing to choose.
        chosen: settings of each.
        rows: how many rows the choice was made on.
    """

    candidates: tuple[Candidate, ...]
    cv_risks: tuple[float | None, ...]
    chosen: tuple[Mapping[str, Any], ...]
    rows: int


@dataclass(frozen=True)
class Choice:
    """A candidate with its settings, and what each row cost it while that row was held out."""

    candidate: Candidate
    settings: Mapping[str, Any]
    losses: NDArray[np.float64] | None

    @property
    def risk(self) -> float | None:
        """Mean loss."""
        return None if self.losses is None else float(self.losses.mean())


def select(
    candidates: Sequence[Candidate],
    x: Float[np.ndarray, "n p"],
    y: Shaped[np.ndarray, " n"],
    groups: Int[np.ndarray, " n"],
    task: Task,
    seed: int,
    announce: Callable[[str], object],
    *,
    folds: int = 5,
    loss: str = "absolute",
    clip: float = np.inf,
) -> Selection:
    """Choose settings by cross-validation, order the candidates by risk, and fit each on all rows.

    Rows of one group are in one fold. In a near tie, when the mean difference of the losses is at most its standard
    error, a candidate's preferred setting stays, and the first candidate stays the favourite. Scaling and codes, which
    look at no label, are learnt once from the rows of all folds. Cheap models have folds twice on small data; of large
    data a random part is used for the choice, and one fold is held out instead of each in turn.

    Args:
        candidates: of different families, the preferred one first.
        x: shape (n, p), the rows that may be seen; missing values are NaN.
        y: shape (n,), labels or numbers.
        groups: shape (n,), group of each row.
        task: classes or numbers.
        seed: of the choice of rows.
        announce: is told when a family is finished.
        folds: number of folds, at least 2.
        loss: for numbers, the certified loss.
        clip: for numbers, the largest loss that counts; risks are divided by it.
    """
    rows = _chosen_rows(x, y, groups, task, seed)
    drawn = x[rows], y[rows], groups[rows], task, folds
    parts = _parts(*drawn, seed) if _has_choice(candidates) else []
    more = _more_parts(*drawn) if len(parts) > 1 and any(candidate.cheap for candidate in candidates) else []
    data = _Data(x[rows], y[rows], task, loss, clip, seed)
    choices = []
    for candidate in candidates:
        choices.append(_choice(candidate, data, parts + more if candidate.cheap else parts))
        announce(_described(choices[-1], rows.size))
    del data, drawn  # copies of most of the rows
    ordered = _ordered(choices)
    fitted = []
    for choice in ordered:
        model = fit(choice.candidate.estimator, choice.settings, x, y, seed)
        fitted.append(replace(choice.candidate, estimator=model))
        announce(f"{choice.candidate.name}: fitted on {len(y)} rows")
    return Selection(tuple(fitted), tuple(c.risk for c in ordered), tuple(c.settings for c in ordered), rows.size)


@dataclass(frozen=True)
class _Data:
    x: NDArray[np.float64]
    y: NDArray[Any]
    task: Task
    loss: str
    clip: float
    seed: int

    def losses(self, test: NDArray, predicted: NDArray) -> NDArray[np.float64]:
        if self.task is Task.CLASSIFICATION:
            return class_losses(self.y[test], predicted)
        losses = value_losses(self.loss, self.y[test], predicted, self.clip)
        return losses / self.clip if np.isfinite(self.clip) else losses


def _has_choice(candidates: Sequence[Candidate]) -> bool:
    return len(candidates) > 1 or any(len(c.settings) > 1 for c in candidates)


def _described(choice: Choice, rows: int) -> str:
    settings = ", ".join(f"{name.rpartition('__')[2]} = {_short(value)}" for name, value in choice.settings.items())
    risk = "" if choice.risk is None else f"cross-validated risk {choice.risk:.4g} on {rows} rows"
    return f"{choice.candidate.name}: {'; '.join(part for part in (settings, risk) if part) or 'nothing to choose'}"


def _chosen_rows(x: NDArray, y: NDArray, groups: NDArray, task: Task, seed: int) -> NDArray[np.int64]:
    """Whole groups at random, as many as the work allows; in the order of the data."""
    most = _affordable(CELLS, x, y, task)
    if len(y) <= most:
        return np.arange(len(y))
    kinds, numbers = np.unique(groups, return_inverse=True)
    place = np.random.default_rng(seed).permutation(kinds.size)[numbers]
    return np.sort(np.argsort(place, kind="stable")[:most])


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _affordable(cells: int, x: NDArray, y: NDArray, task: Task) -> int:
    """So many rows make that product of rows, columns and classes."""
    return max(FEWEST, cells // (x.shape[1] * _classes(y, task)))


def _classes(y: NDArray, task: Task) -> int:
    """Number of scores that a model learns."""
    classes = len(np.unique(y)) if task is Task.CLASSIFICATION else 1
    return classes if classes > 2 else 1


Part = tuple[NDArray[np.int64], NDArray[np.int64]]


def _parts(x: NDArray, y: NDArray, groups: NDArray, task: Task, folds: int, seed: int) -> list[Part]:
    """As many folds as the work allows; each has rows to fit on and rows held out."""
    each = len(y) <= _affordable(EACH_FOLD, x, y, task)
    return list(islice(_folds(y, groups, task, folds, seed), None if each else 1))


def _more_parts(x: NDArray, y: NDArray, groups: NDArray, task: Task, folds: int) -> list[Part]:
    """Those in the order of the rows, of small data."""
    small = len(y) * x.shape[1] * _classes(y, task) <= TWICE
    return list(_folds(y, groups, task, folds, None)) if small else []


def _folds(y: NDArray, groups: NDArray, task: Task, folds: int, seed: int | None) -> Iterator[Part]:
    """Groups are whole, and classes have about equal shares; in the order of the rows if there is no seed.

    Of each group that is held out one row counts, as in a certificate.

    Yields:
        Rows to fit on and rows held out.
    """
    from sklearn.model_selection import KFold, StratifiedKFold

    _, first, numbers = np.unique(groups, return_index=True, return_inverse=True)
    heads = np.sort(first)
    rank = np.empty_like(first)
    rank[np.argsort(first)] = np.arange(first.size)
    place = rank[numbers]
    counted = _one_of_each(place)
    number = min(folds, heads.size)
    by_class = task is Task.CLASSIFICATION and np.unique(y[heads], return_counts=True)[1].max() >= number
    parts = (StratifiedKFold if by_class else KFold)(number, shuffle=seed is not None, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a class with fewer rows than folds
        for _, held in parts.split(heads, y[heads] if by_class else None):
            yield np.flatnonzero(~np.isin(place, held)), np.sort(counted[held])


def _one_of_each(place: NDArray[np.int64]) -> NDArray[np.int64]:
    """A row of each group, drawn uniformly and the same each time."""
    order = np.random.default_rng(0).permutation(place.size)
    return order[np.unique(place[order], return_index=True)[1]]


def _choice(candidate: Candidate, data: _Data, parts: Sequence[Part]) -> Choice:
    """The settings of a candidate."""
    if not parts:
        return Choice(candidate, candidate.settings[0], None)
    model, z = prepared(candidate.estimator, data.x)
    with few_threads(z.size):
        pieces = [_path(candidate, model, replace(data, x=z), *part) for part in parts]
    held_out = [test for _, test in parts]
    certified, judged = (_averaged([piece[i] for piece in pieces], held_out, len(data.y)) for i in (0, 1))
    best = _kept(judged, candidate.preferred)
    return Choice(candidate, candidate.settings[best], certified[best].copy())


def _averaged(
    pieces: Sequence[NDArray[np.float64]], held_out: Sequence[NDArray[np.int64]], size: int
) -> Float[np.ndarray, "k n"]:
    """The mean loss of each row that was held out, in the order of the rows."""
    times = np.bincount(np.concatenate(held_out), minlength=size)
    place = np.cumsum(times > 0) - 1
    totals = np.zeros((len(pieces[0]), place[-1] + 1))
    for piece, rows in zip(pieces, held_out, strict=True):
        totals[:, place[rows]] += piece
    return totals / times[times > 0]


def _kept(losses: Float[np.ndarray, "k n"], preferred: int | None) -> int:
    """The row with the smallest mean, or the preferred one if that is not clearly larger."""
    best = int(np.argmin(losses.mean(axis=1)))
    return best if preferred is None or _clearly_larger(losses[preferred], losses[best]) else preferred


def _clearly_larger(first: Float[np.ndarray, " n"], second: Float[np.ndarray, " n"]) -> bool:
    """By more than the standard error of the mean difference; one error more is never clear."""
    gaps = first - second
    return bool(gaps.mean() > (1 + 1e-9) * gaps.std(ddof=1) / np.sqrt(gaps.size))


def _ordered(choices: Sequence[Choice]) -> list[Choice]:
    losses = [choice.losses for choice in choices if choice.losses is not None]
    if len(losses) < len(choices):
        return list(choices)
    best = _kept(np.stack(losses), 0)
    rest = sorted((i for i in range(len(choices)) if i != best), key=lambda i: losses[i].mean())
    return [choices[i] for i in (best, *rest)]


def _path(
    candidate: Candidate, model: Any, data: _Data, train: NDArray, test: NDArray
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Certified loss and judging loss of held-out rows, one line for each setting."""
    certified, judged = [], []
    for fitted in fits(model, candidate.settings, data.x[train], data.y[train], data.seed):
        certified.append(data.losses(test, fitted.predict(data.x[test])))
        judged.append(_log_losses(fitted, data, test) if candidate.by == "log" else certified[-1])
    return np.stack(certified), np.stack(judged)


def _log_losses(model: Any, data: _Data, test: NDArray) -> NDArray[np.float64]:
    right = data.y[test][:, None] == model.classes_
    return -np.log(np.maximum((model.predict_proba(data.x[test]) * right).sum(axis=1), 1e-15))
