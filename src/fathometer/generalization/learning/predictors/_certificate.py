"""Certificates of a predictor that somebody brings along: what held-out rows say about it."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike, NDArray

from fathometer.data import Split, split_groups
from fathometer.evidence import InputError, Provenance, Record, finite_number, whole_number
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.bounds._delta_account import DeltaAccount
from fathometer.generalization.learning.linear._certificate import DataSummary, data_digest, data_summary, split_digests
from fathometer.generalization.learning.linear._model import read_classes, require_labels
from fathometer.generalization.learning.linear._training import SMALLEST_MARGIN, upward
from fathometer.generalization.learning.networks._problem import MINIMUM_ROWS
from fathometer.generalization.learning.networks._rows import by_risk, network_winner
from fathometer.generalization.learning.predictors._adapter import Answers, Origin, answers, fitted, made, origin_of
from fathometer.generalization.ledger._copies import Copies, grouped_rows, sampling_notes
from fathometer.generalization.ledger._ledger import Ledger, LedgerRow, measured_errors, measured_mean
from fathometer.generalization.ledger._parts_alike import PartsAlike, parts_alike

FITTED = {"training": 0.7, "held_out": 0.2, "test": 0.1}
READY = {"reference": 0.1, "held_out": 0.8, "test": 0.1}
"""Shares of the parts, for a predictor that is fitted here and for one that comes ready."""

WHOLE = ("training", "reference")
"""Parts that hold all rows of a group; the others hold one."""

QUANTILE = 0.1
"""Gamma is this quantile of the positive margins on the first part, which no certificate speaks about."""


@dataclass(frozen=True, eq=False)
class PredictorCertificate(Record):
    """A predictor with its ledger, and what a recheck needs beside the data.

    Attributes:
        data: what was used.
        factory: name of what made it.
        origin: how it came about: fitted here on the training part, or not.
        copies: which rows are independent.
        seed: of the split.
        parts: SHA-256 digest of the row numbers of each part of the split.
        trained_on: SHA-256 digest of the rows that it was fitted on here, features and labels as given.
        predicted: number of the predicted class for each held-out row, then for each row of the test part.
        margins: score of the right class minus the best other one for the same rows; None without scores.
        gamma: margin of the ramp loss; None without scores.
        ledger: the certificates.
    """

    data: DataSummary
    factory: str
    origin: Origin
    copies: Copies
    seed: int
    parts: Mapping[str, str]
    trained_on: Mapping[str, str]
    predicted: NDArray[Any]
    margins: NDArray[Any] | None
    gamma: float | None
    ledger: Ledger

    @property
    def fitted_here(self) -> bool:
        """Whether it was fitted on the training part; if not, nobody here knows what it has seen."""
        return self.origin is not Origin.READY


@dataclass(frozen=True)
class Outcome:
    """What a predictor did on the rows of one part."""

    errors: Float[np.ndarray, " n"]
    margins: Float[np.ndarray, " n"] | None


def certify_predictor(
    features: ArrayLike,
    labels: ArrayLike,
    factory: Callable[[], Any],
    *,
    name: str = "predictor",
    delta: float = 0.05,
    seed: int = 0,
    groups: ArrayLike | None = None,
    allow_copies: bool = False,
) -> PredictorCertificate:
    """Certify a predictor from held-out rows, all certificates together under one delta.

    The factory returns an object with `predict`, or a function from features of shape (n, p) to labels of shape (n,) or
    scores of shape (n, k), columns in the order of the sorted labels. An object that also has `fit` is cloned
    where scikit-learn can do that and fitted on the training part alone; it must not be fitted already, nor hold a part
    that is. Any other is taken as ready, and the certificates hold only if it was made without these rows, which
    nothing here can see. A feature selection or a grid search that saw these rows voids the certificates: hand over the
    whole pipeline. Rows with equal features, or of one group, stay in one part; held-out and test part hold one row of
    each group.

    Args:
        features: shape (n, p), finite, with at least 60 groups of rows; handed over as they are.
        labels: shape (n,), of at least two kinds.
        factory: makes the predictor.
        name: for the record.
        delta: total failure probability, in (0, 1), split equally over the rows of the ledger.
        seed: of the split.
        groups: shape (n,), group of each row, such as a patient; None if rows are independent unless they are copies.
        allow_copies: count rows with equal features one by one: right if they were drawn independently and are equal by
            chance, and wrong otherwise. The result is marked.

    Raises:
        InputError: if the data are no classification problem with enough groups of rows, delta is not in (0, 1), a
            class is absent from the training part, or the predictor is fitted already, fails, answers in another form
            or is no fixed function of a row.
    """
    finite_number("delta", delta, above=0, below=1)
    whole_number("seed", seed, at_least=0)
    x, codes, kinds = read_classes(features, labels, MINIMUM_ROWS)
    require_labels(labels, kinds)
    grouped = grouped_rows(x, codes, MINIMUM_ROWS, groups, allow_copies)
    predictor, origin = origin_of(made(factory), x)
    split = predictor_split(origin, grouped.numbers, seed)
    here = origin is not Origin.READY
    first = split.part("training" if here else "reference")
    if here:
        _fit(predictor, x[first], codes[first], kinds)
    given = answers(predictor, x, kinds)
    gamma = _gamma(given.margins(codes), first)
    outcomes = {part: outcome(given, codes, split.part(part)) for part in ("held_out", "test")}
    rows = split.union("held_out", "test")
    margins, names = given.margins(codes), np.asarray(labels)
    ledger = _ledger(outcomes, gamma, delta, split, sampling_notes(grouped.copies) + notes(origin))
    return PredictorCertificate(
        data=data_summary(x, names),
        factory=name,
        origin=origin,
        copies=grouped.copies,
        seed=seed,
        parts=split_digests(split, split.parts),
        trained_on=fit_digests(x, names, split, origin),
        predicted=given.codes[rows].astype(np.int32),
        margins=None if margins is None else margins[rows],
        gamma=gamma,
        ledger=dataclasses.replace(ledger, alike=predictor_parts_alike(outcomes, x, split)),
    )


def predictor_split(origin: Origin, groups: Int[np.ndarray, " n"], seed: int) -> Split:
    """The parts of the certificate of a predictor.

    Args:
        origin: whether it came ready or is fitted here, which needs a training part.
        groups: shape (n,), group of each row.
        seed: of the shuffle.
    """
    return split_groups(groups, READY if origin is Origin.READY else FITTED, seed, WHOLE)


def fit_digests(x: NDArray, labels: NDArray, split: Split, origin: Origin) -> dict[str, str]:
    """What it was fitted on here.

    Args:
        x: shape (n, p), features as they were given.
        labels: shape (n,), likewise.
        split: which rows are in which part.
        origin: whether it was fitted here.
    """
    if origin is Origin.READY:
        return {}
    rows = split.part("training")
    return {"training": data_digest(x[rows], labels[rows])}


def predictor_parts_alike(outcomes: "Mapping[str, Outcome]", x: NDArray, split: Split) -> PartsAlike:
    """Hold the test part against the held-out one.

    Args:
        outcomes: by the name of the part.
        x: shape (n, p), features as they were given.
        split: which rows are in which part.
    """
    held_out, test = (outcomes[part].errors for part in ("held_out", "test"))
    return parts_alike(held_out, test, x[split.part("held_out")], x[split.part("test")])


def _fit(predictor: Any, x: NDArray, codes: NDArray, kinds: NDArray) -> None:
    absent = np.setdiff1d(np.arange(len(kinds)), codes)
    if absent.size:
        raise InputError(
            f"class {str(kinds[absent[0]])!r} has no row among the {len(codes)} of the training part, "
            "so that no model could learn it; give more rows of it or leave it out"
        )
    fitted(predictor, x, kinds[codes])


def _gamma(margins: NDArray | None, rows: NDArray) -> float | None:
    if margins is None:
        return None
    positive = margins[rows][margins[rows] > 0]
    return max(float(np.quantile(positive, QUANTILE)) if positive.size else 0.0, SMALLEST_MARGIN)


def outcome(given: Answers, codes: Int[np.ndarray, " n"], rows: NDArray[np.int64]) -> Outcome:
    """Errors and margins on some rows.

    Args:
        given: its answers for all rows of the data.
        codes: shape (n,), number of each row's class.
        rows: numbers of the rows that count.
    """
    margins = given.margins(codes)
    return Outcome((given.codes[rows] != codes[rows]).astype(float), None if margins is None else margins[rows])


def _ledger(
    outcomes: Mapping[str, Outcome], gamma: float | None, delta: float, split: Split, notes: tuple[str, ...]
) -> Ledger:
    account = DeltaAccount(delta)
    names = row_names(gamma)
    rows = by_risk(
        [
            _row(bound, certifies, outcomes, gamma, share)
            for (bound, certifies), share in zip(names, account.split(len(names)), strict=True)
        ]
    )
    errors = outcomes["test"].errors
    return Ledger(
        rows=rows,
        winner=network_winner(rows),
        delta_total=account.total,
        delta_spent=account.spent,
        sizes=split.sizes,
        test_risk=measured_errors(int(errors.sum()), errors.size),
        notes=notes,
        provenance=Provenance.here(split.seed, ("fathometer", "numpy", "scipy")),
    )


def row_names(gamma: float | None) -> list[tuple[str, str]]:
    """Bound and certified object of each row."""
    names = [
        ("test_binomial", "0/1 risk of the predictor"),
        ("test_betting", "0/1 risk of the predictor, at every n at once"),
    ]
    if gamma is not None:
        names += [
            ("test_binomial", f"P(margin <= {gamma:.6g})"),
            ("test_kl", f"ramp risk at margin {gamma:.6g}"),
        ]
    return names


def _row(bound: str, certifies: str, outcomes: Mapping[str, Outcome], gamma: float | None, share: float) -> LedgerRow:
    held, test = (losses(bound, certifies, outcomes[part], gamma) for part in ("held_out", "test"))
    if bound == "test_kl":
        inputs = {"risk": min(1.0, upward(float(held.mean()))), "n": held.size, "delta": share}
        measured = measured_mean(test)
    else:
        inputs = {"errors": int(held.sum()), "n": held.size, "delta": share}
        measured = measured_errors(int(test.sum()), test.size)
    evaluated = evaluate_bound(bound, **inputs)
    return LedgerRow(bound, certifies, evaluated.value, evaluated.vacuous, share, evaluated.terms, inputs, measured)


def losses(bound: str, certifies: str, part: Outcome, gamma: float | None) -> NDArray[np.float64]:
    """What a row counts on one part.

    Args:
        bound: id of the bound of the row of the ledger.
        certifies: which risk the row speaks about.
        part: errors and margins on the part.
        gamma: margin of the ramp loss, positive; None if the predictor has no margins.
    """
    if gamma is None or part.margins is None or "0/1" in certifies:
        return part.errors
    if bound == "test_kl":
        return np.clip(1 - part.margins / gamma, 0, 1)
    return (part.margins <= gamma).astype(float)


def notes(origin: Origin) -> tuple[str, ...]:
    """What was done, and what nobody could check."""
    return (NOTES[origin],)


NOTES = {
    Origin.FITTED: "fitted here on the training part alone; what its code remembers from before, nothing here can "
    "see; gamma comes from that part",
    Origin.ANSWERED: "fitted here on the training part, but it answered before that: the certificates hold only if "
    "what it held then was made without these rows, which nothing here can see; gamma comes from the training part",
    Origin.READY: "came ready: the certificates hold only if it was made without these rows, which nothing here can "
    "see",
}
