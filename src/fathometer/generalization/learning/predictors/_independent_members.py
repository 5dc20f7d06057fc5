"""Rows from what is inside a predictor a second time: the members of a vote are asked and counted by other code."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import Estimate
from fathometer.generalization.learning.predictors._deployed import Deployed
from fathometer.generalization.learning.predictors.models._state import cloned
from fathometer.generalization.ledger import _independent_bounds as independent

LAST_LAYER = "every last layer"

_Counted = tuple[Mapping[str, Any], Estimate]


def is_inside(bound: str, certifies: str) -> bool:
    """Whether only the predictor itself can tell what a row counts."""
    return bound.startswith(("vote_", "compression_")) or certifies.startswith("averaged:") or LAST_LAYER in certifies


def counted_inside(deployed: Deployed, bound: str, share: float) -> _Counted:
    """The numbers of such a row, and the same risk on the test part.

    Args:
        deployed: with its object.
        bound: id in the catalogue.
        share: of delta.
    """
    if bound.startswith("compression_"):
        return _compressed(deployed, share)
    pipeline = getattr(deployed.predictor, "steps", [("", deployed.predictor)])
    vote = pipeline[-1][1]
    x = deployed.x if len(pipeline) == 1 else deployed.predictor[:-1].transform(deployed.x)
    said = np.array([_said(vote, t, np.asarray(x)) for t in range(len(vote.estimators_))])
    errors = _vote_errors(said, deployed)
    test = independent.error_rate(errors[deployed.split.part("test")])
    if bound == "test_binomial":
        held_out = errors[deployed.split.part("held_out")]
        weight = deployed.competitors[deployed.chosen].weight
        return {"errors": int(held_out.sum()), "n": held_out.size, "delta": share * weight}, test
    moments = _moments(vote, said, deployed)
    names = {"vote_first_order": ("risk",), "vote_tandem": ("tandem",), "vote_c_bound": ("risk", "tandem")}[bound]
    m = moments["alone" if bound == "vote_first_order" else "together"]
    known = {name: moments[name] for name in names}
    return known | {"kl": 0.0, "m": int(m), "delta": share / len(deployed.competitors)}, test


def _said(vote: Any, t: int, x: NDArray) -> NDArray[np.int64]:
    """Number of the class that a member votes for."""
    columns = getattr(vote, "estimators_features_", None)
    given = x.astype(np.float32) if columns is None else x[:, columns[t]]
    member = vote.estimators_[t]
    return np.asarray(member.predict(given)).astype(np.int64)


def _vote_errors(said: NDArray[np.int64], deployed: Deployed) -> NDArray[np.float64]:
    """Whether the class with most votes, the smallest number among equals, is wrong, for each row."""
    counts = np.array([(said == k).sum(axis=0) for k in range(int(deployed.truth.max()) + 1)])
    return np.where(counts.argmax(axis=0) == deployed.truth, 0.0, 1.0)


def _moments(vote: Any, said: NDArray[np.int64], deployed: Deployed) -> dict[str, float]:
    """Gibbs risk and tandem loss, one member after another."""
    part = deployed.split.part("training")
    heads, group = np.unique(deployed.groups[part], return_inverse=True)
    size = part.size // heads.size
    wrong = (said[:, part] != deployed.truth[part]).astype(np.float64)
    free = np.ones((len(said), heads.size))
    for t, rows in enumerate(vote.estimators_samples_):
        free[t, group[rows]] = 0
    free = free[:, group] / size
    both = [((wrong * free) @ (wrong[t] * (free[t] > 0)), free @ (free[t] > 0)) for t in range(len(said))]
    risks = [errors[t] / count[t] for t, (errors, count) in enumerate(both)]
    return {
        "risk": float(np.mean(risks)),
        "tandem": float(np.mean([errors / count for errors, count in both])),
        "alone": float(np.rint(min(count[t] for t, (_, count) in enumerate(both)))),
        "together": float(np.rint(min(count.min() for _, count in both))),
    }


def _compressed(deployed: Deployed, share: float) -> _Counted:
    """Fit on the rows that give the predictor back, and count the others."""
    part, predictor = deployed.split.part("training"), deployed.predictor
    pipeline = getattr(predictor, "steps", [("", predictor)])
    model, x = pipeline[-1][1], deployed.x
    x = x if len(pipeline) == 1 else np.asarray(predictor[:-1].transform(x))
    picked = hasattr(model, "picked_")
    rows = part[np.asarray(model.picked_ if picked else model.support_)]
    again = cloned(model.estimator_ if picked else model).fit(x[rows], deployed.truth[rows])
    _, first = np.unique(deployed.groups[part], return_index=True)
    others = sorted(set(part[first].tolist()) - set(rows.tolist()))
    losses = _picked_losses(deployed, again, others) if picked else _near(again, x[others], deployed.truth[others])
    known = {"size": rows.size, "m": rows.size + len(others), "delta": share / len(deployed.competitors)}
    test = own_loss(deployed, deployed.predicted["test"], deployed.split.part("test"))
    if deployed.plan.loss.of_classes:
        return {"errors": int(losses.sum()), **known}, independent.error_rate(test)
    return {"risk": float(losses.mean()), **known}, independent.mean_loss(test)


def _picked_losses(deployed: Deployed, again: Any, rows: list[int]) -> NDArray[np.float64]:
    return own_loss(deployed, np.asarray(again.predict(deployed.x[rows])), np.array(rows))


def _near(again: Any, x: NDArray, codes: NDArray) -> NDArray[np.float64]:
    """Rows whose score, for their class, is at most .02 (1 + |x|), with |x| in the space of the kernel."""
    square = np.einsum("ij,ij->i", x, x)
    norms = {"linear": square, "rbf": 1.0}.get(again.kernel, (again._gamma * square + again.coef0) ** again.degree)
    scores = np.where(codes == 1, 1, -1) * again.decision_function(x)
    return np.where(scores > 0.02 * (1 + np.sqrt(norms)), 0.0, 1.0)


def own_loss(deployed: Deployed, predicted: NDArray, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """The loss of the plan on some rows of the table.

    Args:
        deployed: with plan and truth.
        predicted: what was predicted for these rows.
        rows: their numbers.
    """
    truth, loss = deployed.truth[rows], deployed.plan.loss
    if loss.of_classes:
        return np.where(predicted == truth, 0.0, 1.0)
    away = np.abs(truth - predicted)
    weighted = {"absolute": away, "squared": away * away}.get(
        loss.name, np.where(truth > predicted, loss.level, 1 - loss.level) * away
    )
    return np.minimum(weighted, loss.clip) / loss.clip
