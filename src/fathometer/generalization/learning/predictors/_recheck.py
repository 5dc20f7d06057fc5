"""Rechecking the certificate of a predictor: everything again from the data, the stored answers and the predictor."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.data import Split
from fathometer.generalization.learning.linear._certificate import data_summary, split_digests
from fathometer.generalization.learning.networks._problem import MINIMUM_ROWS
from fathometer.generalization.learning.predictors._certificate import (
    NOTES,
    PredictorCertificate,
    answered,
    certify_rows,
    fit_digests,
    knows_training,
    overfitting_of,
)
from fathometer.generalization.learning.predictors._deployed import (
    Competitor,
    Deployed,
    best_competitor,
    with_answers,
)
from fathometer.generalization.learning.predictors._fit import Source
from fathometer.generalization.learning.predictors._independent_members import is_inside
from fathometer.generalization.learning.predictors._independent_rows import independent_rows
from fathometer.generalization.learning.predictors._plan import drawn_parts, prior_weights
from fathometer.generalization.learning.predictors._reading import Rows, read_rows
from fathometer.generalization.learning.predictors._rows import certifies_deployed, in_order
from fathometer.generalization.learning.predictors.models._adapter import Origin, answers
from fathometer.generalization.learning.predictors.models._state import wants_frame
from fathometer.generalization.ledger import _independent_bounds as independent
from fathometer.generalization.ledger._copies import Copies, Grouped, sampling_notes
from fathometer.generalization.ledger._ledger import Ledger, winner
from fathometer.generalization.ledger._overfitting import Overfitting
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
    "stored answers only, of which nobody knows whether the predictor gave them (its file beside the certificate, or "
    "--model module:factory, asks it)"
)


def recheck_predictor(
    certificate: PredictorCertificate,
    features: ArrayLike,
    labels: ArrayLike,
    untouched: bool = True,
    factory: Callable[[], Any] | None = None,
    groups: ArrayLike | None = None,
    *,
    test_rows: int = 0,
    predictor: Any = None,
    frame: Callable[[], Any] | None = None,
) -> Recheck:
    """Recheck a predictor, see `fathometer.generalization.recheck`.

    Without a factory or the predictor itself the answers are those of the file, which anybody can write there: then
    nothing is decided about the predictor. With one, it has to give the same answers again.

    Args:
        certificate: as it was read.
        features: shape (n, p), as numbers.
        labels: shape (n,).
        untouched: whether the digest of the file fits its content.
        factory: makes the predictor once more.
        groups: shape (n,), group of each row, where the certificate was made with groups.
        test_rows: so many rows at the end are the test part, by the source of the data; 0 if it knows none.
        predictor: the deployed one, from its file; None if there is none.
        frame: makes a data frame of the same rows, for a predictor that selects columns by name.

    Raises:
        InputError: if the data are no problem of the kind that is certified, or the predictor fails.
    """
    plan = certificate.plan
    rows = read_rows(features, labels, plan, certificate.encoding, frame)
    summary = data_summary(rows.x, rows.labels, rows.kinds is not None)
    differing = differences("data", certificate.data.to_json(), summary.to_json())
    if differing := differing + differences("plan.test_rows", plan.test_rows, test_rows):
        return conclude(differing)
    grouped = regrouped(certificate.copies, rows.x, rows.truth, groups, MINIMUM_ROWS)
    if differing := differences("copies", certificate.copies.to_json(), grouped.copies.to_json()):
        return conclude(differing)
    split = drawn_parts(plan, grouped.numbers, rows.truth, certificate.saw)
    if differing := _unsound(certificate, rows, split):
        return conclude(differing)
    stored = _stored(certificate, rows, split, grouped)
    asked = stored if predictor is None else _asked(stored, predictor, rows)
    if differing := _inconsistent(certificate, asked, rows):
        return conclude(differing)
    again = _again(certificate, asked, rows, grouped.copies)
    differing = differences("", _by_row(certificate), _by_row(again))
    differing += inconsistent_rows(certificate.ledger)
    if factory is not None:
        differing += _fitted_again(certificate, rows, factory, groups)
    known = predictor is not None or factory is not None
    inside = _inside(certificate) if predictor is None else ()
    blind = unseen(grouped.copies, *_past(certificate), *inside, seed_given=certificate.seed_given)
    return conclude(differing, again.ledger.rows, untouched, blind, "" if known else STORED_ONLY)


def _inside(certificate: PredictorCertificate) -> tuple[str, ...]:
    """Rows that only the predictor itself can tell: they are as stated without it."""
    bounds = {row.bound for row in certificate.ledger.rows if is_inside(row.bound, row.certifies)}
    return (f"what the predictor holds, from which follow {', '.join(sorted(bounds))}",) if bounds else ()


def _past(certificate: PredictorCertificate) -> tuple[str, ...]:
    """What nobody can know of the predictor."""
    if certificate.origin is Origin.FITTED:
        return ("what the code of the predictor remembers", "whether it was fitted as said, on the training part alone")
    return ("what the predictor had seen before it came here",)


def _stored(certificate: PredictorCertificate, rows: Rows, split: Split, grouped: Grouped) -> Deployed:
    """The predictor as far as its stored answers tell."""
    ends = np.cumsum([split.sizes["held_out"]])

    def by_part(values: NDArray) -> dict[str, NDArray]:
        return dict(zip(("held_out", "test"), np.split(np.asarray(values), ends), strict=True))

    margins = None if certificate.margins is None else by_part(certificate.margins)
    return Deployed(
        certificate.plan,
        split,
        rows.truth,
        by_part(certificate.predicted),
        margins,
        certificate.gamma,
        certificate.competitors,
        certificate.chosen,
        grouped.numbers,
        rows.x,
        stated=certificate.ledger.rows,
    )


def _asked(stored: Deployed, predictor: Any, rows: Rows) -> Deployed:
    """The same with the answers that the predictor gives now."""
    return with_answers(stored, answers(predictor, rows.handed(wants_frame(predictor)), rows.kinds), predictor)


def _again(certificate: PredictorCertificate, deployed: Deployed, rows: Rows, copies: Copies) -> PredictorCertificate:
    """The certificate with every number computed again that follows from the answers."""
    plan, split = certificate.plan, deployed.split
    ledger_rows = in_order(independent_rows(deployed))
    held_out, test = (deployed.losses(part) for part in ("held_out", "test"))
    rate = independent.error_rate if plan.loss.of_classes else independent.mean_loss
    ledger = dataclasses.replace(
        certificate.ledger,
        rows=ledger_rows,
        winner=winner(tuple(row for row in ledger_rows if certifies_deployed(row))),
        delta_total=plan.delta,
        delta_spent=sum(row.delta_spent for row in ledger_rows),
        sizes=split.sizes,
        test_risk=rate(test),
        notes=(*sampling_notes(copies, plan.test_rows), NOTES[certificate.origin]),
        provenance=dataclasses.replace(certificate.ledger.provenance, seed=plan.seed),
        alike=parts_alike(held_out, test, rows.x[split.part("held_out")], rows.x[split.part("test")]),
    )
    return dataclasses.replace(
        certificate,
        copies=copies,
        parts=split_digests(split, split.parts),
        trained_on=fit_digests(rows, split, certificate.origin),
        competitors=_competitors(certificate, float(held_out.sum())),
        predicted=answered(deployed.predicted).astype(np.asarray(certificate.predicted).dtype),
        margins=None if deployed.margins is None else answered(deployed.margins),
        gamma=deployed.gamma,
        overfitting=_overfitting(certificate, deployed, ledger),
        ledger=ledger,
    )


def _overfitting(certificate: PredictorCertificate, deployed: Deployed, ledger: Ledger) -> Overfitting:
    """The answer again; the training risk is as stated where only stored answers are known."""
    trained = knows_training(certificate.origin, certificate.saw)
    again = overfitting_of(deployed, ledger, trained and "training" in deployed.predicted)
    stated = {name: getattr(certificate.overfitting, name) for name in ("training_risk", "gap", "status", "sentence")}
    return dataclasses.replace(again, **stated) if trained and "training" not in deployed.predicted else again


def _competitors(certificate: PredictorCertificate, total: float) -> tuple[Competitor, ...]:
    """The prior weights again, and the total of the one that can be asked; the others are as stated."""
    weights = prior_weights(len(certificate.competitors))
    weighted = [dataclasses.replace(c, weight=w) for c, w in zip(certificate.competitors, weights, strict=True)]
    weighted[certificate.chosen] = dataclasses.replace(weighted[certificate.chosen], total=total)
    return tuple(weighted)


def _fitted_again(
    certificate: PredictorCertificate, rows: Rows, factory: Callable[[], Any], groups: ArrayLike | None
) -> list[str]:
    """What another fit of the same factory answers otherwise."""
    source = Source(certificate.plan.model, factory, certificate.saw)
    made = certify_rows(rows, source, certificate.plan, groups=groups, allow_copies=certificate.copies.allowed)
    return differences("answers", _answers(certificate), _answers(made.certificate))[:5]


def _unsound(certificate: PredictorCertificate, rows: Rows, split: Split) -> list[str]:
    """Answers that cannot belong to the data, accounts that do not add up, choices that nobody had."""
    count = split.sizes["held_out"] + split.sizes["test"]
    stored = [certificate.predicted] + ([] if certificate.margins is None else [certificate.margins])
    if any(np.shape(array) != (count,) for array in stored):
        return [f"answers have shapes {[np.shape(array) for array in stored]}, not ({count},)"]
    if (certificate.margins is None) != (certificate.gamma is None):
        return ["margins and gamma must be there both or not at all"]
    if certificate.margins is not None and rows.kinds is None:
        return ["a regression has no margins"]
    if certificate.gamma is not None and not certificate.gamma > 0:
        return [f"gamma is {certificate.gamma:g}, not positive"]
    if not 0 <= certificate.chosen < len(certificate.competitors):
        return [f"chosen is {certificate.chosen}, of {len(certificate.competitors)} competitors"]
    return outside_account(certificate.ledger) or overspent(certificate.ledger)


def _inconsistent(certificate: PredictorCertificate, deployed: Deployed, rows: Rows) -> list[str]:
    """Classes that do not exist; margins that say another thing than the prediction; a choice that was not the best."""
    predicted, margins = np.asarray(certificate.predicted), certificate.margins
    truth = rows.truth[deployed.split.union("held_out", "test")]
    if rows.kinds is not None and np.any((predicted < 0) | (predicted >= len(rows.kinds))):
        return ["predicted holds a class that the data do not have"]
    if margins is not None and np.any((np.asarray(margins) > 0) & (predicted != truth)):
        return ["a row has a positive margin and a wrong prediction"]
    totals = [competitor.total for competitor in certificate.competitors]
    best = best_competitor(totals, deployed.held_out, certificate.plan)
    return [] if best == certificate.chosen else [f"chosen is {certificate.chosen}, recomputed {best}"]


def _answers(certificate: PredictorCertificate) -> dict[str, Any]:
    margins = None if certificate.margins is None else np.asarray(certificate.margins).tolist()
    predicted = np.asarray(certificate.predicted).tolist()
    origin = str(certificate.origin)
    inside = {row.bound: dict(row.inputs) for row in certificate.ledger.rows if is_inside(row.bound, row.certifies)}
    answered = {"origin": origin, "predicted": predicted, "margins": margins, "gamma": certificate.gamma}
    return answered | {"inside": inside}


def _by_row(certificate: PredictorCertificate) -> dict[str, Any]:
    content = certificate.to_json()
    rows = {f"{row.bound}, {row.certifies}": row.to_json() for row in certificate.ledger.rows}
    return content | {"ledger": content["ledger"] | {"rows": rows}}
