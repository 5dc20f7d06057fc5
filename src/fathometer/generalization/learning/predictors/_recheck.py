"""Rechecking the certificate of a predictor: the counts again from its stored answers and the labels."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.data import Split
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.learning.linear._certificate import data_summary, split_digests
from fathometer.generalization.learning.linear._model import read_classes
from fathometer.generalization.learning.networks._problem import MINIMUM_ROWS
from fathometer.generalization.learning.networks._rows import by_risk, network_winner
from fathometer.generalization.learning.predictors._adapter import Origin
from fathometer.generalization.learning.predictors._certificate import (
    PredictorCertificate,
    certify_predictor,
    fit_digests,
    notes,
    predictor_split,
    row_names,
)
from fathometer.generalization.ledger import _independent_bounds as independent
from fathometer.generalization.ledger._copies import Copies, sampling_notes
from fathometer.generalization.ledger._ledger import LedgerRow
from fathometer.generalization.ledger._parts_alike import parts_alike
from fathometer.generalization.ledger._recheck import (
    Recheck,
    conclude,
    differences,
    inconsistent_rows,
    outside_account,
    overspent,
    regrouped,
    unseen,
)

STORED_ONLY = (
    "stored answers only, of which nobody knows whether the predictor gave them (--model module:factory asks it)"
)


def recheck_predictor(
    certificate: PredictorCertificate,
    features: ArrayLike,
    labels: ArrayLike,
    untouched: bool = True,
    factory: Callable[[], Any] | None = None,
    groups: ArrayLike | None = None,
) -> Recheck:
    """Recheck a predictor, see `fathometer.generalization.recheck`.

    Without a factory the answers are those of the file, which anybody can write there: then nothing is decided about
    the predictor. With one, it has to give the same answers again.

    Args:
        certificate: as it was read.
        features: shape (n, p), finite.
        labels: shape (n,).
        untouched: whether the digest of the file fits its content.
        factory: makes the predictor once more.
        groups: shape (n,), group of each row, where the certificate was made with groups.

    Raises:
        InputError: if the data are no classification problem with enough rows, or the predictor fails.
    """
    x, codes, kinds = read_classes(features, labels, MINIMUM_ROWS)
    differing = differences("data", certificate.data.to_json(), data_summary(x, np.asarray(labels)).to_json())
    if differing:
        return conclude(differing)
    grouped = regrouped(certificate.copies, x, codes, groups, MINIMUM_ROWS)
    if differing := differences("copies", certificate.copies.to_json(), grouped.copies.to_json()):
        return conclude(differing)
    split = predictor_split(certificate.origin, grouped.numbers, certificate.seed)
    if differing := _unsound(certificate, split.sizes["held_out"] + split.sizes["test"]):
        return conclude(differing)
    truth = codes[split.union("held_out", "test")]
    again = _again(certificate, truth, split, grouped.copies, x, np.asarray(labels))
    differing = _inconsistent(certificate, truth, len(kinds)) + differences("", _by_row(certificate), _by_row(again))
    differing += inconsistent_rows(certificate.ledger)
    if factory is not None:
        made = certify_predictor(
            features,
            labels,
            factory,
            name=certificate.factory,
            delta=certificate.ledger.delta_total,
            seed=certificate.seed,
            groups=groups,
            allow_copies=certificate.copies.allowed,
        )
        differing += differences("answers", _answers(certificate), _answers(made))[:5]
    fitted = certificate.origin is Origin.FITTED
    past = (
        "what the code of the predictor remembers" if fitted else "what the predictor had seen before it came here",
    )
    return conclude(
        differing, again.ledger.rows, untouched, unseen(grouped.copies, *past), "" if factory else STORED_ONLY
    )


def _again(
    certificate: PredictorCertificate, truth: NDArray, split: Split, copies: Copies, x: NDArray, labels: NDArray
) -> PredictorCertificate:
    held = split.sizes["held_out"]
    names = row_names(certificate.gamma)
    share = certificate.ledger.delta_total / len(names)
    rows = by_risk([_row(certificate, truth, held, share, *name) for name in names])
    errors = (np.asarray(certificate.predicted) != truth).astype(float)
    ledger = dataclasses.replace(
        certificate.ledger,
        rows=rows,
        winner=network_winner(rows),
        delta_spent=certificate.ledger.delta_total,
        sizes=split.sizes,
        test_risk=independent.error_rate(errors[held:]),
        notes=sampling_notes(copies) + notes(certificate.origin),
        provenance=dataclasses.replace(certificate.ledger.provenance, seed=certificate.seed),
        alike=parts_alike(errors[:held], errors[held:], x[split.part("held_out")], x[split.part("test")]),
    )
    return dataclasses.replace(
        certificate,
        copies=copies,
        parts=split_digests(split, split.parts),
        trained_on=fit_digests(x, labels, split, certificate.origin),
        ledger=ledger,
    )


def _row(
    certificate: PredictorCertificate, truth: NDArray, held: int, share: float, bound: str, certifies: str
) -> LedgerRow:
    losses = _losses(certificate, truth, bound, certifies)
    first, last = losses[:held], losses[held:]
    counted: dict[str, float] = {"risk": float(first.mean())} if bound == "test_kl" else {"errors": int(first.sum())}
    inputs = counted | {"n": held, "delta": share}
    measured = independent.mean_loss(last) if bound == "test_kl" else independent.error_rate(last)
    value = float(independent.evaluate(bound, inputs))
    return LedgerRow(
        bound, certifies, value, value >= 1, share, evaluate_bound(bound, **inputs).terms, inputs, measured
    )


def _losses(certificate: PredictorCertificate, truth: NDArray, bound: str, certifies: str) -> NDArray[np.float64]:
    if "0/1" in certifies:
        return (np.asarray(certificate.predicted) != truth).astype(float)
    margins, gamma = np.asarray(certificate.margins), float(certificate.gamma or 0)
    if bound == "test_kl":
        return np.where(margins >= gamma, 0.0, np.where(margins <= 0, 1.0, (gamma - margins) / gamma))
    return np.where(margins > gamma, 0.0, 1.0)


def _unsound(certificate: PredictorCertificate, count: int) -> list[str]:
    """Answers that cannot belong to the data, accounts that do not add up, rows that are not the method's."""
    answers = [certificate.predicted] + ([] if certificate.margins is None else [certificate.margins])
    if any(np.shape(array) != (count,) for array in answers):
        return [f"answers have shapes {[np.shape(array) for array in answers]}, not ({count},)"]
    if (certificate.margins is None) != (certificate.gamma is None):
        return ["margins and gamma must be there both or not at all"]
    if certificate.gamma is not None and not certificate.gamma > 0:
        return [f"gamma is {certificate.gamma:g}, not positive"]
    if wrong := outside_account(certificate.ledger):
        return wrong
    rows = sorted((row.bound, row.certifies) for row in certificate.ledger.rows)
    if rows != sorted(row_names(certificate.gamma)):
        return [f"the rows are {rows}, not {sorted(row_names(certificate.gamma))}"]
    return overspent(certificate.ledger)


def _inconsistent(certificate: PredictorCertificate, truth: NDArray, classes: int) -> list[str]:
    """Classes that do not exist; margins that say another thing than the prediction."""
    predicted = np.asarray(certificate.predicted)
    if np.any((predicted < 0) | (predicted >= classes)):
        return ["predicted holds a class that the data do not have"]
    if certificate.margins is not None and np.any((certificate.margins > 0) & (predicted != truth)):
        return ["a row has a positive margin and a wrong prediction"]
    return []


def _answers(certificate: PredictorCertificate) -> dict[str, Any]:
    margins = None if certificate.margins is None else np.asarray(certificate.margins).tolist()
    predicted = np.asarray(certificate.predicted).tolist()
    origin = str(certificate.origin)
    return {"origin": origin, "predicted": predicted, "margins": margins, "gamma": certificate.gamma}


def _by_row(certificate: PredictorCertificate) -> dict[str, Any]:
    content = certificate.to_json()
    rows = {f"{row.bound}, {row.certifies}": row.to_json() for row in certificate.ledger.rows}
    return content | {"ledger": content["ledger"] | {"rows": rows}}
