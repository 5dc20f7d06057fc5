"""Held-out bounds that are made of several cells of rows: groups that lie apart, and bins of a probability."""

import numpy as np

from fathometer.evidence import InputError, Source
from fathometer.generalization.bounds._binomial import clopper_pearson_upper
from fathometer.generalization.bounds._bound import Bound, Certifies, Evaluation, Key, KeyKind
from fathometer.generalization.bounds._pieces import DELTA, IID
from fathometer.generalization.bounds._references import CLOPPER
from fathometer.numerics import Wide, round_down, round_up, wide

_COUNTS = Key("counts", "number of held-out rows of each cell", KeyKind.SEQUENCE, at_least=0)
_HITS = Key("hits", "for each cell, how many of them hit", KeyKind.SEQUENCE, at_least=0)
_STATED = Key("stated", "for each cell, the frequency that is claimed", KeyKind.SEQUENCE, at_least=0, at_most=1)
_FIXED = f"{IID}, predictor and cells fixed before the held-out points were seen"

_OF_HITS = wide("0.8")
"""Share of delta of the frequencies in the cells; the others bound how often the cells come."""


def _group_gap(hits: Wide, counts: Wide, delta: Wide) -> Evaluation:
    """Highest upper end minus lowest lower end of G two-sided intervals, each end at delta/(2G)."""
    lower, upper = _limits(hits, counts, np.asarray(delta)[..., None] / (2 * np.asarray(hits).shape[-1]))
    rates = np.asarray(hits / np.maximum(counts, 1))
    least = np.maximum(np.max(lower, axis=-1) - np.min(upper, axis=-1), 0)
    value = round_up(np.max(upper, axis=-1) - np.min(lower, axis=-1))
    return np.minimum(value, 1.0), {"empirical_gap": np.max(rates, axis=-1) - np.min(rates, axis=-1), "least": least}


def _calibration_error(stated: Wide, hits: Wide, counts: Wide, delta: Wide) -> Evaluation:
    """The largest sum_b pi_b d_b: d_b the larger distance of the claim from the ends, pi in the box of the weights."""
    delta, cells = np.asarray(delta)[..., None], np.asarray(stated).shape[-1]
    _refuse_other_lengths(stated, hits)
    n = np.sum(counts, axis=-1, keepdims=True)
    lower, upper = _limits(hits, counts, _OF_HITS * delta / (2 * cells))
    rarely, often = _limits(counts, np.broadcast_to(n, np.asarray(counts).shape), (1 - _OF_HITS) * delta / (2 * cells))
    away = np.maximum(upper - stated, stated - lower)
    measured = np.sum(np.abs(stated * counts - hits), axis=-1) / np.maximum(n[..., 0], 1)
    return np.minimum(round_up(_heaviest(rarely, often, away)), 1.0), {"empirical_error": measured}


def _heaviest(low: Wide, high: Wide, values: Wide) -> Wide:
    """The largest mean of values over weights in a box that add up to 1: what is left goes to the largest first."""
    order = np.argsort(-np.asarray(values), axis=-1)
    low, high, values = (np.take_along_axis(np.asarray(part), order, axis=-1) for part in (low, high, values))
    room = high - low
    before = np.cumsum(room, axis=-1) - room
    left = 1 - np.sum(low, axis=-1, keepdims=True)
    return np.sum((low + np.clip(left - before, 0, room)) * values, axis=-1)


def _limits(hits: Wide, counts: Wide, tail: Wide) -> tuple[Wide, Wide]:
    """Clopper and Pearson's ends, rounded outward; 0 and 1 of no rows.

    Raises:
        InputError: if numbers are not whole, or more hit than there are.
    """
    hits, counts = np.asarray(hits), np.asarray(counts)
    _refuse_other_lengths(hits, counts)
    if np.any(hits > counts) or np.any(hits != np.round(hits)) or np.any(counts != np.round(counts)):
        raise InputError(f"hits and counts must be whole numbers, hits <= counts, got {hits.max():g}, {counts.max():g}")
    some = np.maximum(counts, 1)
    upper = clopper_pearson_upper(hits, some, tail)
    lower = round_down(1 - wide(clopper_pearson_upper(some - hits, some, tail)), slack=0)
    return wide(np.where(counts > 0, lower, 0)), wide(np.where(counts > 0, upper, 1))


def _refuse_other_lengths(one: Wide, other: Wide) -> None:
    cells, given = (np.asarray(part).shape[-1] for part in (one, other))
    if cells != given:
        raise InputError(f"one number is needed for each of {cells} cells, got {given}")


BOUNDS = (
    Bound(
        id="group_gap",
        title="Largest difference of the error rates of groups",
        statement=(
            "If a predictor is fixed before the i.i.d. held-out points are seen, then with probability at least "
            "1 - delta the error rates of any two of G groups differ by at most the highest upper minus the lowest "
            "lower Clopper-Pearson limit, each at delta/(2G)."
        ),
        certificate="max_g upper(hits_g, counts_g; delta/(2G)) - min_g lower(hits_g, counts_g; delta/(2G))",
        certifies=Certifies.ONE,
        loss="0/1",
        data=_FIXED,
        source=Source(CLOPPER, "both limits", "derived here: exact binomial tails given the groups, and a union bound"),
        keys=(_HITS, _COUNTS, DELTA),
        evaluate=_group_gap,
    ),
    Bound(
        id="calibration_error",
        title="Expected calibration error of a binned predictor",
        statement=(
            "If a predictor, B bins and the frequency that it claims in each bin are fixed before the i.i.d. held-out "
            "points are seen, then with probability at least 1 - delta the mean over new points of |claimed - true "
            "frequency of the bin| is at most the largest sum of weights times distances, over the weights of the "
            "bins between their limits that add up to 1."
        ),
        certificate=(
            "max{sum_b w_b d_b: sum_b w_b = 1, w_b between limits at .2 delta/(2B)}, d_b the larger distance of "
            "stated_b from the limits of hits_b of counts_b at .8 delta/(2B)"
        ),
        certifies=Certifies.ONE,
        loss="0/1",
        data=_FIXED,
        source=Source(CLOPPER, "both limits", "derived here: exact binomial tails, a union bound, a linear programme"),
        keys=(_STATED, _HITS, _COUNTS, DELTA),
        evaluate=_calibration_error,
    ),
)
