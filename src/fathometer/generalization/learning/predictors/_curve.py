"""The learning curve: the same fit on growing pieces of the training part, judged on the same other rows."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int
from numpy.typing import ArrayLike, NDArray

from fathometer.data import Split
from fathometer.evidence import Estimate, InputError, Record, whole_number
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.bounds._delta_account import split_delta
from fathometer.generalization.learning.predictors._certificate import (
    Certified,
    PredictorCertificate,
    chosen_predictor,
    question,
)
from fathometer.generalization.learning.predictors._deployed import HeldOut, chief_inputs, held_out_of
from fathometer.generalization.learning.predictors._fit import Source, bring, fit
from fathometer.generalization.learning.predictors._plan import Plan, drawn_parts
from fathometer.generalization.learning.predictors._reading import Rows
from fathometer.generalization.learning.predictors.models._adapter import answers
from fathometer.generalization.ledger._copies import grouped_rows
from fathometer.generalization.ledger._strict import require_record
from fathometer.report import write_json

FEWEST, PER_CLASS, SPAN = 20, 5, 16
"""The smallest piece has so many rows at least, so many groups of each class, or all there are, and the training part
is at most so many times as large."""


@dataclass(frozen=True, eq=False)
class CurvePoint(Record):
    """One size of the training part.

    Attributes:
        m: number of training rows.
        predictor: name of the candidate that the held-out rows chose.
        training_risk: on these rows.
        held_out_risk: on the rows that certify, with its interval.
        gap: held-out minus training risk, likewise.
        certificate: upper bound on the risk, in [0, 1].
        delta_spent: probability with which it may fail.
    """

    m: int
    predictor: str
    training_risk: Estimate
    held_out_risk: Estimate
    gap: Estimate
    certificate: float
    delta_spent: float


def curve_points(
    rows: Rows,
    source: Source,
    made: Certified,
    *,
    groups: ArrayLike | None = None,
    allow_copies: bool = False,
    count: int = 5,
    folder: Path | None = None,
    announce: Callable[[str], object] = lambda text: None,
) -> tuple[CurvePoint, ...]:
    """Fit the model on growing pieces of the training part, and certify each on the held-out part.

    The pieces are nested, in an order of the groups that the seed fixes, and their sizes lie on a geometric grid; the
    last one is the whole part, whose predictor is the deployed one. The certificates of all points hold together with
    probability 1 - delta of the plan: each has an equal share. That is a statement beside the certificate of the
    deployed predictor, which pays for no curve and is the smaller of the two for that reason. The intervals of the
    risks each hold with their own confidence.

    Args:
        rows: features and labels that were certified.
        source: of the predictor.
        made: the certificate of the whole training part, with the plan.
        groups: shape (n,), group of each row; as it was certified.
        allow_copies: likewise.
        count: of sizes, at least 2; fewer where the training part is small.
        folder: where finished points are kept, and found again; None keeps nothing.
        announce: is told what is finished.

    Raises:
        InputError: if the predictor was not fitted here, the training part is too small, or a fit fails.
    """
    certificate, plan = made.certificate, made.certificate.plan
    whole_number("points of the curve", count, at_least=2)
    if not certificate.fitted_here:
        raise InputError("a learning curve fits the model again and again: it needs one that is fitted here")
    numbers = grouped_rows(rows.x, rows.truth, 1, groups, allow_copies).numbers
    split = drawn_parts(plan, numbers, rows.truth)
    pieces = training_pieces(split.part("training"), numbers, rows.truth, plan, count)
    share = split_delta(plan.delta, len(pieces))
    points = []
    for piece in pieces[:-1]:
        kept = None if folder is None else folder / f"curve-{_digest(certificate, piece.size, share)}.json"
        points.append(_kept(kept) or _fitted(rows, source, plan, _smaller(split, piece), numbers, share))
        if kept is not None:
            write_json(kept, points[-1].to_json())
        announce(f"learning curve: {len(points)} of {len(pieces)} sizes, {piece.size} training rows")
    return *points, _whole(certificate, pieces[-1].size, held_out_of(plan, split, numbers, rows.truth), share)


def training_pieces(
    part: Int[np.ndarray, " m"], groups: Int[np.ndarray, " n"], truth: NDArray[Any], plan: Plan, count: int
) -> list[NDArray[np.int64]]:
    """Nested pieces of the training part, the whole of it last; no group is cut.

    Args:
        part: numbers of its rows.
        groups: shape (n,), group of each row.
        truth: shape (n,), number of each row's class, or the target.
        plan: with the seed, and the kind of loss.
        count: of sizes.

    Raises:
        InputError: if there would be only one.
    """
    kinds, own = np.unique(groups[part], return_inverse=True)
    place = np.random.default_rng([plan.seed or 0, 2]).permutation(kinds.size)[own.reshape(-1)]
    ordered = part[np.argsort(place, kind="stable")]
    ends = np.flatnonzero(np.append(np.diff(np.sort(place)), 1)) + 1  # rows up to the end of each group
    first = max(FEWEST, part.size / SPAN, _with_all_classes(truth[ordered]) if plan.loss.of_classes else 0)
    wanted = np.geomspace(min(first, part.size), part.size, count)
    sizes = np.unique(ends[np.minimum(np.searchsorted(ends, wanted - 0.5), ends.size - 1)])
    if sizes.size < 2:
        raise InputError(f"a learning curve needs a larger training part than {part.size} rows")
    return [part if size == part.size else ordered[:size] for size in sizes]


def _with_all_classes(codes: NDArray[np.int64]) -> int:
    """Rows after which each class has occurred `PER_CLASS` times, or as often as it ever does."""
    places = [np.flatnonzero(codes == code) for code in np.unique(codes)]
    return 1 + max(int(rows[min(PER_CLASS, rows.size) - 1]) for rows in places)


def _smaller(split: Split, piece: NDArray[np.int64]) -> Split:
    return Split(split.rows, dict(split.parts) | {"training": piece}, split.seed)


def _fitted(
    rows: Rows, source: Source, plan: Plan, split: Split, groups: NDArray[np.int64], share: float
) -> CurvePoint:
    """A point from a fit of its own."""
    brought = bring(source, rows, plan)
    fits = fit(brought, rows, split, groups, plan, lambda text: None)
    given = [answers(predictor, rows.handed(brought.framed), rows.kinds) for predictor in fits.predictors]
    deployed = chosen_predictor(fits, given, rows, split, groups, plan)
    value = _bounded(float(deployed.losses("held_out").sum()), deployed.held_out, deployed.weight, plan, share)
    asked = question(deployed, value, deployed.losses("training"))
    name = deployed.competitors[deployed.chosen].name
    return CurvePoint(split.sizes["training"], name, asked.training_risk, asked.held_out_risk, asked.gap, value, share)


def _whole(certificate: PredictorCertificate, m: int, drawn: HeldOut, share: float) -> CurvePoint:
    """The point of the deployed predictor."""
    own, asked = certificate.competitors[certificate.chosen], certificate.overfitting
    value = _bounded(own.total, drawn, own.weight, certificate.plan, share)
    return CurvePoint(m, own.name, asked.training_risk, asked.held_out_risk, asked.gap, value, share)


def _bounded(total: float, drawn: HeldOut, weight: float, plan: Plan, share: float) -> float:
    name, inputs = chief_inputs(total, drawn, weight, plan, share)
    value = evaluate_bound(name, **inputs).value
    return 1.0 if value is None else min(1.0, value)


def _digest(certificate: PredictorCertificate, m: int, share: float) -> str:
    """Of all that a point follows from; the answers of the deployed predictor stand for the code that fits it."""
    content = replace(certificate, predictor=None, reference=None).to_json()
    names = ("data", "encoding", "copies", "plan", "competitors", "predicted", "margins")
    key = {name: content[name] for name in names} | {"m": m, "share": share}
    key["versions"] = dict(certificate.ledger.provenance.versions)
    return hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:24]


def _kept(path: Path | None) -> CurvePoint | None:
    """A finished point; None if there is none."""
    if path is None or not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        require_record(CurvePoint, content, "point")
        return CurvePoint.from_json(content)
    except (ValueError, RecursionError):
        return None
