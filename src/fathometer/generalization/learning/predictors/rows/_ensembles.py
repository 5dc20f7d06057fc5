"""Votes that are fitted by bagging: what each member says, and which rows it has not seen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from fathometer.generalization.learning.predictors._deployed import Deployed
from fathometer.generalization.learning.predictors.models._state import needs_no_fit

CLOSE = 1e-9
"""Two means of the scores out of bag are the same up to this."""


@dataclass(frozen=True)
class Member:
    """One that votes.

    Attributes:
        scores: from rows, as the vote is given them, to scores of shape (n, k), one column for each class.
        seen: numbers, in the training part, of the rows that it was fitted on.
        pure: whether its scores are 0 and 1 alone, so that their mean counts votes.
    """

    scores: Callable[[NDArray], Float[np.ndarray, "n k"]]
    seen: NDArray[np.int64]
    pure: bool


@dataclass(frozen=True)
class Votes:
    """What the members of a vote say.

    Attributes:
        wrong: whether a member errs on a row of the training part.
        unseen: whether it has seen no row of the group of that row.
        size: number of rows of each group.
        winner: number of the class with most votes, the first among equals, for each row of the table.
        pure: whether the mean of the scores counts votes.
    """

    wrong: Bool[np.ndarray, "t m"]
    unseen: Bool[np.ndarray, "t m"]
    size: int
    winner: Int[np.ndarray, " n"]
    pure: bool


def votes(deployed: Deployed) -> Votes | None:
    """Ask each member, if the predictor is a vote whose members have not seen all rows of the training part.

    The scores out of bag that the vote itself has kept have to come out again: else its members were fitted on other
    rows than these, or drawn otherwise than is thought here. Groups must have as many rows each: of larger ones a
    member would more often have seen a row, so that those out of bag would not be drawn like all.

    Args:
        deployed: with its object.
    """
    classes = int(deployed.truth.max()) + 1
    part = deployed.split.part("training")
    vote, rows = bagging_of(deployed.predictor, deployed.x)
    kept = np.asarray(getattr(vote, "oob_decision_function_", ()))
    group, sizes = deployed.groups[part], np.bincount(deployed.groups)
    if kept.shape != (part.size, classes) or np.ptp(sizes):
        return None
    members = list(members_of(vote))
    tally = np.zeros((len(rows), classes), np.int32)
    wrong, unseen = (np.zeros((len(members), part.size), bool) for _ in range(2))
    again, number = np.zeros((part.size, classes)), np.zeros((part.size, 1))
    for t, member in enumerate(members):
        scores = member.scores(rows)
        choice = scores.argmax(axis=1)
        tally[np.arange(len(rows)), choice] += 1
        out = np.bincount(member.seen, minlength=part.size) == 0
        again[out] += scores[part[out]]
        number[out] += 1
        wrong[t] = choice[part] != deployed.truth[part]
        unseen[t] = ~np.isin(group, group[~out])
    if not _same(kept, again, number):
        return None
    return Votes(wrong, unseen, int(sizes[0]), tally.argmax(axis=1), all(member.pure for member in members))


def _same(kept: Any, again: NDArray, number: NDArray) -> bool:
    """Whether the means out of bag are those that were kept; a row that every member has seen has none."""
    somewhere = number[:, 0] > 0
    return bool(np.allclose(kept[somewhere], (again / np.maximum(number, 1))[somewhere], rtol=0, atol=CLOSE))


def bagging_of(predictor: Any, x: Float[np.ndarray, "n p"]) -> tuple[Any, NDArray]:
    """The vote by bagging that a predictor ends in, and what it is given; None where there is none that is known.

    Steps before it must need no fit: a fitted one has seen every row, and so would each member.

    Args:
        predictor: fitted.
        x: features as numbers.
    """
    from sklearn.ensemble import BaggingClassifier, ExtraTreesClassifier, RandomForestClassifier
    from sklearn.pipeline import Pipeline

    before, vote = (
        (predictor.steps[:-1], predictor.steps[-1][1]) if isinstance(predictor, Pipeline) else ([], predictor)
    )
    known = isinstance(vote, (BaggingClassifier, ExtraTreesClassifier, RandomForestClassifier))
    if not known or not all(step in (None, "passthrough") or needs_no_fit(step) for _, step in before):
        return None, x
    return (vote, np.asarray(predictor[:-1].transform(x)) if before else x) if _blind(vote) else (None, x)


def _blind(vote: Any) -> bool:
    """Whether nothing but its own rows reaches a member, and rows are drawn without a look at them.

    Balanced class weights count all labels. A member that takes weights is given all rows by bagging, those out of bag
    with weight 0: trees leave them out, others may scale by them.
    """
    from sklearn.ensemble import BaggingClassifier
    from sklearn.tree import DecisionTreeClassifier
    from sklearn.utils.validation import has_fit_parameter

    if getattr(vote, "_sample_weight", None) is not None or vote.warm_start:
        return False
    if not isinstance(vote, BaggingClassifier):
        return vote.bootstrap and vote.class_weight in (None, "balanced_subsample")
    member = vote.estimator_
    if isinstance(member, DecisionTreeClassifier):
        return member.class_weight is None
    return not has_fit_parameter(member, "sample_weight")


def members_of(vote: Any) -> Iterator[Member]:
    """The members of a vote by bagging.

    Args:
        vote: fitted, of scikit-learn.

    Yields:
        One after another.
    """
    classes = len(vote.classes_)
    features = getattr(vote, "estimators_features_", [None] * len(vote.estimators_))
    for estimator, columns, seen in zip(vote.estimators_, features, vote.estimators_samples_, strict=True):
        yield Member(_asker(estimator, columns, classes), np.asarray(seen, np.int64), _is_pure(estimator))


def _asker(estimator: Any, columns: NDArray | None, classes: int) -> Callable[[NDArray], NDArray]:
    """How a vote asks a member: classes are numbers there, and some may be unknown to it."""
    if columns is None:
        return lambda x: estimator.predict_proba(np.ascontiguousarray(x, np.float32), check_input=False)

    def ask(x: NDArray) -> NDArray:
        if not hasattr(estimator, "predict_proba"):
            return np.eye(classes)[estimator.predict(x[:, columns]).astype(int)]
        scores = np.zeros((len(x), classes))
        scores[:, estimator.classes_.astype(int)] = estimator.predict_proba(x[:, columns])
        return scores

    return ask


def _is_pure(estimator: Any) -> bool:
    """Whether each leaf of a tree holds one class, or a member has no scores."""
    tree = getattr(estimator, "tree_", None)
    if tree is None:
        return not hasattr(estimator, "predict_proba")
    leaves = tree.value[tree.children_left == tree.children_right]
    return bool(np.all(leaves.max(axis=(1, 2)) == 1))
