"""The rows on request a second time: from the answers, by formulas of this file's own."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import Estimate
from fathometer.generalization.learning.predictors._deployed import Deployed
from fathometer.generalization.ledger import _independent_bounds as independent
from fathometer.generalization.ledger._ledger import CONFIDENCE

Counted = tuple[Mapping[str, Any], Estimate]


def counted_again(deployed: Deployed, bound: str, about: tuple[str, int], measured: Estimate) -> Counted:
    """The numbers of a row without its delta, and the same risk on the test part.

    Args:
        deployed: with the answers that are counted.
        bound: id in the catalogue.
        about: what is counted, for which class or group.
        measured: as the first evaluation has it, for what this one does not measure again.
    """
    name, k = about
    match name:
        case "recall" | "precision" | "groups":
            held, tested = (_errors(deployed, part, name, k) for part in ("held_out", "test"))
            return {"errors": int(held.sum()), "n": held.size}, independent.error_rate(tested)
        case "group gap":
            parts = [_errors(deployed, "held_out", "groups", k) for k in range(len(_names(deployed)))]
            return {"hits": [int(part.sum()) for part in parts], "counts": [part.size for part in parts]}, measured
        case "cost":
            return _cost(deployed, bound)
        case "calibration":
            return _calibration(deployed), measured
    return _moment(deployed), measured


def _errors(deployed: Deployed, part: str, name: str, k: int) -> NDArray[np.float64]:
    """1 for each error in a class, or group."""
    rows = deployed.split.part(part)
    truth, said = deployed.truth[rows], deployed.predicted[part]
    if name == "groups":
        chosen = np.asarray(deployed.sensitive).astype(str)[rows] == _names(deployed)[k]
    else:
        chosen = (truth if name == "recall" else said) == k
    return np.where(said[chosen] == truth[chosen], 0.0, 1.0)


def _names(deployed: Deployed) -> list[str]:
    of = np.asarray(deployed.sensitive).astype(str)
    return sorted(set(of[deployed.split.part("held_out")]) & set(of[deployed.split.part("test")]))


def _cost(deployed: Deployed, bound: str) -> Counted:
    """From the table of confusions of each part."""
    costs = np.array(deployed.plan.costs)
    top = costs.max()
    held, tested = (_confusions(deployed, part, len(costs)) for part in ("held_out", "test"))
    n = int(held.sum())
    c = np.log(2 / (1 - CONFIDENCE)) / tested.sum()
    mean = float(np.sum(tested * costs) / top / tested.sum())
    ends = independent.kl_lower(mean, c), independent.kl_upper(mean, c)
    measured = Estimate.sampled(mean, min(ends[0], mean), max(ends[1], mean), CONFIDENCE)
    if bound == "test_kl":
        return {"risk": float(np.sum(held * costs) / top / n), "n": n}, measured
    kinds = sorted(set(costs[costs > 0].tolist()))
    counts = [int(held[costs >= kind].sum()) for kind in kinds]
    return {"values": [kind / top for kind in kinds], "counts": counts, "n": n}, measured


def _confusions(deployed: Deployed, part: str, kinds: int) -> NDArray[np.int64]:
    table = np.zeros((kinds, kinds), np.int64)
    np.add.at(table, (deployed.truth[deployed.split.part(part)], deployed.predicted[part]), 1)
    return table


def _calibration(deployed: Deployed) -> Mapping[str, Any]:
    assert deployed.stated is not None
    bins, stated = deployed.stated.bins, deployed.stated.by_part["held_out"]
    right = deployed.predicted["held_out"] == deployed.truth[deployed.split.part("held_out")]
    ends = [-np.inf, *bins.edges, np.inf]
    inside = [(stated > low) & (stated <= high) for low, high in pairwise(ends)]
    return {
        "stated": list(bins.claims),
        "hits": [int(np.sum(part & right)) for part in inside],
        "counts": [int(np.sum(part)) for part in inside],
    }


def _moment(deployed: Deployed) -> Mapping[str, Any]:
    moment = deployed.plan.moment
    assert moment is not None
    truth, said, loss = (
        deployed.truth[deployed.split.part("held_out")],
        deployed.predicted["held_out"],
        deployed.plan.loss,
    )
    away = np.abs(truth - said)
    raw = {"absolute": away, "squared": away * away}.get(
        loss.name, np.where(truth > said, loss.level, 1 - loss.level) * away
    )
    scale = moment**0.5
    return {"risk": float(raw.sum() / scale / raw.size), "second_moment": 1.0, "kl": 0.0, "m": raw.size}
