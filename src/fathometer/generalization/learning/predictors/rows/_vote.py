"""Rows about the vote of the members of a bagged predictor, from training rows that members have not seen.

Prior and posterior are the uniform distribution on the numbers of the members, which are fixed in advance: KL = 0.
Where the vote that answers averages scores, it is another predictor than the vote that counts one voice for each
member. The bounds hold for the latter with any number of classes: where a wrong class has as many voices as the right
one, members of half of the weight err.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray

from fathometer.generalization.learning.linear._training import upward
from fathometer.generalization.learning.predictors._deployed import Deployed, lessened
from fathometer.generalization.learning.predictors.rows._draft import DEPLOYED, Draft, measured
from fathometer.generalization.learning.predictors.rows._ensembles import Votes, votes
from fathometer.generalization.learning.predictors.rows._stated import stated

BOUNDS = ("vote_first_order", "vote_tandem", "vote_c_bound")
AVERAGED = "averaged: 0/1 risk of the majority vote"
MOST = 10**8
"""Members times rows up to which the rows are made unasked."""

BLOCK = 20_000
"""Rows of one matrix product."""


def vote_row(deployed: Deployed) -> list[Draft]:
    """The vote of the members by its first order, tandem and C-bounds, and by the held-out rows.

    The first three use training rows alone, and hold for each candidate that could have become the deployed one: at
    delta over their number.
    """
    if deployed.predictor is None:
        return stated(deployed, BOUNDS, AVERAGED)
    if deployed.plan.stratified or not deployed.plan.loss.of_classes or _is_large(deployed):
        return []
    found = votes(deployed)
    return [] if found is None else _rows(deployed, found)


def _is_large(deployed: Deployed) -> bool:
    vote = getattr(deployed.predictor, "steps", [("", deployed.predictor)])[-1][1]
    members = getattr(vote, "n_estimators", 1)
    return not deployed.plan.rows and members * len(deployed.truth) > MOST


def _rows(deployed: Deployed, found: Votes) -> list[Draft]:
    losses, counts = pairs(found.wrong, found.unseen, found.size)
    if counts.min() < 1:
        return []
    known: dict[str, float] = {
        "risk": min(1.0, upward(float(np.mean(np.diag(losses) / np.diag(counts))))),
        "tandem": min(1.0, upward(float(np.mean(losses / counts)))),
    }
    alone, together = int(np.diag(counts).min()), int(counts.min())
    text = _certified(deployed, found)
    test = _errors(deployed, found, "test")
    rows = [
        _draft(deployed, "vote_first_order", text, {"risk": known["risk"], "kl": 0.0, "m": alone}, test),
        _draft(deployed, "vote_tandem", text, {"tandem": known["tandem"], "kl": 0.0, "m": together}, test),
        _draft(deployed, "vote_c_bound", text, known | {"kl": 0.0, "m": together}, test),
    ]
    return rows + _beside(deployed, found, text, test)


def _draft(deployed: Deployed, bound: str, text: str, known: Mapping[str, float], test: NDArray) -> Draft:
    def inputs(share: float) -> Mapping[str, float]:
        return {**known, "delta": lessened(share, 1 / len(deployed.competitors))}

    return Draft(bound, text, inputs, measured(test, True))


def _beside(deployed: Deployed, found: Votes, text: str, test: NDArray) -> list[Draft]:
    """The same vote on the held-out rows, where it is not the deployed predictor, which has that row already."""
    if not text.startswith(AVERAGED):
        return []
    errors = _errors(deployed, found, "held_out")
    counted = {"errors": int(errors.sum()), "n": errors.size}
    price = deployed.weight
    return [
        Draft("test_binomial", text, lambda share: counted | {"delta": lessened(share, price)}, measured(test, True))
    ]


def _certified(deployed: Deployed, found: Votes) -> str:
    """Whose risk the rows bound: the deployed predictor's, if it counts votes, or that of the vote beside it."""
    parts = deployed.split.parts
    others = {part: int(np.sum(found.winner[parts[part]] != said)) for part, said in deployed.predicted.items()}
    if found.pure and not any(others.values()):
        return f"0/1 risk {DEPLOYED}, by its members' votes"
    return (
        f"{AVERAGED} of the {len(found.wrong)} members of the deployed predictor, which answers otherwise on "
        f"{others['held_out']} of {parts['held_out'].size} held-out rows"
    )


def _errors(deployed: Deployed, found: Votes, part: str) -> Bool[np.ndarray, " n"]:
    """Where the vote errs in a part."""
    rows = deployed.split.part(part)
    return found.winner[rows] != deployed.truth[rows]


def pairs(
    wrong: Bool[np.ndarray, "t m"], unseen: Bool[np.ndarray, "t m"], size: int = 1
) -> tuple[Float[np.ndarray, "t t"], Float[np.ndarray, "t t"]]:
    """For each pair of members: the groups that neither has seen, and the mean losses in them where both err, added up.

    Args:
        wrong: whether a member errs on a row.
        unseen: whether it has seen no row of the same group.
        size: number of rows of each group.
    """
    members, rows = wrong.shape
    losses, counts = np.zeros((members, members)), np.zeros((members, members))
    for start in range(0, rows, BLOCK):
        free = unseen[:, start : start + BLOCK].astype(np.float64)
        missed = free * wrong[:, start : start + BLOCK]
        losses += missed @ missed.T
        counts += free @ free.T
    return losses / size, np.rint(counts / size)
