"""Certificates of a predictor that somebody brings along: what held-out rows say about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike, NDArray

from fathometer.data import Split, split_indices
from fathometer.evidence import InputError, Provenance, Record, finite_number
from fathometer.generalization._catalogue import evaluate_bound
from fathometer.generalization._delta import DeltaAccount
from fathometer.generalization._ledger import Ledger, LedgerRow, measured_errors, measured_mean
from fathometer.generalization._linear_certificate import DataSummary, data_summary, split_digests
from fathometer.generalization._linear_model import read_classes
from fathometer.generalization._linear_training import SMALLEST_MARGIN, upward
from fathometer.generalization.networks._problem import MINIMUM_ROWS
from fathometer.generalization.networks._rows import by_risk, network_winner
from fathometer.generalization.predictors._adapter import Answers, answers, fits, fitted, made

FITTED = {"training": 0.7, "held_out": 0.2, "test": 0.1}
READY = {"reference": 0.1, "held_out": 0.8, "test": 0.1}
"""Shares of the parts, for a predictor that is fitted here and for one that comes ready."""

QUANTILE = 0.1
"""Gamma is this quantile of the positive margins on the first part, which no certificate speaks about."""


@dataclass(frozen=True, eq=False)
class PredictorCertificate(Record):
    """A predictor with its ledger, and what a recheck needs beside the data.

    Attributes:
        data: what was used.
        factory: name of what made it.
        fitted_here: whether it was fitted on the training part; if not, nobody here knows what it has seen.
        seed: of the split.
        parts: SHA-256 digest of the row numbers of each part of the split.
        predicted: number of the predicted class for each held-out row, then for each row of the test part.
        margins: score of the right class minus the best other one for the same rows; None without scores.
        gamma: margin of the ramp loss; None without scores.
        ledger: the certificates.
    """

    data: DataSummary
    factory: str
    fitted_here: bool
    seed: int
    parts: Mapping[str, str]
    predicted: NDArray[Any]
    margins: NDArray[Any] | None
    gamma: float | None
    ledger: Ledger


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
) -> PredictorCertificate:
    """Certify a predictor from held-out rows, all certificates together under one delta.

    The factory returns an object with `predict`, or a function from features of shape (n, p) to labels of shape (n,) or
    scores of shape (n, k), columns in the order of the sorted labels. An object that also has `fit` is fitted on the
    training part alone. Any other is taken as ready, and the certificates hold only if it was made without these rows,
    which nothing here can see.

    Args:
        features: shape (n, p), finite, n at least 60; handed over as they are.
        labels: shape (n,), of at least two kinds.
        factory: makes the predictor.
        name: for the record.
        delta: total failure probability, in (0, 1), split equally over the rows of the ledger.
        seed: of the split.

    Raises:
        InputError: if the data are no classification problem with enough rows, delta is not in (0, 1), a class is
            absent from the training part, or the predictor fails, answers in another form or is no fixed function of a
            row.
    """
    finite_number("delta", delta, above=0, below=1)
    x, codes, kinds = read_classes(features, labels, MINIMUM_ROWS)
    if len(kinds) < 2:
        raise InputError(f"labels must be of at least two kinds, got 1: {kinds[0]}")
    predictor = made(factory)
    here = fits(predictor)
    split = split_indices(len(x), FITTED if here else READY, seed)
    first = split.part("training" if here else "reference")
    if here:
        _fit(predictor, x[first], codes[first], kinds)
    found = answers(predictor, x, kinds)
    gamma = _gamma(found.margins(codes), first)
    outcomes = {part: outcome(found, codes, split.part(part)) for part in ("held_out", "test")}
    rows = split.union("held_out", "test")
    margins = found.margins(codes)
    return PredictorCertificate(
        data=data_summary(x, np.asarray(labels)),
        factory=name,
        fitted_here=here,
        seed=seed,
        parts=split_digests(split, split.parts),
        predicted=found.codes[rows].astype(np.int32),
        margins=None if margins is None else margins[rows],
        gamma=gamma,
        ledger=_ledger(outcomes, gamma, delta, split, here),
    )


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


def outcome(found: Answers, codes: Int[np.ndarray, " n"], rows: NDArray[np.int64]) -> Outcome:
    """Errors and margins on some rows."""
    margins = found.margins(codes)
    return Outcome((found.codes[rows] != codes[rows]).astype(float), None if margins is None else margins[rows])


def _ledger(outcomes: Mapping[str, Outcome], gamma: float | None, delta: float, split: Split, here: bool) -> Ledger:
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
        notes=notes(here),
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
    found = evaluate_bound(bound, **inputs)
    return LedgerRow(bound, certifies, found.value, found.vacuous, share, found.terms, inputs, measured)


def losses(bound: str, certifies: str, part: Outcome, gamma: float | None) -> NDArray[np.float64]:
    """What a row counts on one part."""
    if gamma is None or part.margins is None or "0/1" in certifies:
        return part.errors
    if bound == "test_kl":
        return np.clip(1 - part.margins / gamma, 0, 1)
    return (part.margins <= gamma).astype(float)


def notes(here: bool) -> tuple[str, ...]:
    """What was done, and what nobody could check."""
    origin = (
        "fitted here on the training part alone; gamma comes from that part"
        if here
        else "came ready: the certificates hold only if it was made without these rows, which nothing here can see"
    )
    return ("rows shuffled uniformly and split once; the certificates speak about rows drawn like these", origin)
