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
    PredictorCertificate,
    answered,
    certify_rows,
    fit_digests,
    kind_names,
    knows_training,
    ledger_notes,
    linear_models,
    overfitting_of,
    random_numbers,
    training_losses,
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
from fathometer.generalization.learning.predictors.heads._linear_head import (
    NO_ROOM,
    head_of,
    own_weights,
    rebuilt,
    unproved,
)
from fathometer.generalization.learning.predictors.heads._several_head import (
    own_classes,
    rebuilt_several,
    several_of,
    unproved_several,
)
from fathometer.generalization.learning.predictors.models._adapter import Origin, answers
from fathometer.generalization.learning.predictors.models._candidates import MODELS
from fathometer.generalization.learning.predictors.models._state import wants_frame
from fathometer.generalization.learning.predictors.rows._calibration import Stated, with_probabilities
from fathometer.generalization.learning.predictors.rows._notes import row_notes
from fathometer.generalization.ledger import _independent_bounds as independent
from fathometer.generalization.ledger._copies import Copies, Grouped
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
    sensitive: ArrayLike | None = None,
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
        sensitive: shape (n,), groups of the sensitive column, where the certificate was made with one.

    Raises:
        InputError: if the data are no problem of the kind that is certified, or the predictor fails.
    """
    rows = read_rows(features, labels, certificate.plan, certificate.encoding, frame, sensitive)
    return recheck_rows(
        certificate,
        rows,
        untouched,
        factory,
        groups,
        test_rows=test_rows,
        predictor=predictor,
        known=factory is not None,
    )


def recheck_rows(
    certificate: PredictorCertificate,
    rows: Rows,
    untouched: bool = True,
    factory: Callable[[], Any] | None = None,
    groups: ArrayLike | None = None,
    *,
    test_rows: int = 0,
    predictor: Any = None,
    known: bool = False,
) -> Recheck:
    """The same from rows that were read already.

    Args:
        certificate: as it was read.
        rows: features and labels.
        untouched: whether the digest of the file fits its content.
        factory: makes the predictor once more.
        groups: shape (n,), group of each row, where the certificate was made with groups.
        test_rows: so many rows at the end are the test part, by the source of the data; 0 if it knows none.
        predictor: the deployed one; None if there is none.
        known: whether it is known that the predictor gave the stored answers.

    Raises:
        InputError: if groups are missing, or the predictor fails.
    """
    plan = certificate.plan
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
    if differing := _unproved(certificate, stored, rows):
        return conclude(differing)
    linear, several = rebuilt(stored, certificate.linear), rebuilt_several(stored, certificate.several)
    stored = dataclasses.replace(stored, linear=linear, several=several)
    asked = stored if predictor is None else _asked(stored, predictor, rows, certificate.saw)
    if differing := _inconsistent(certificate, asked, rows):
        return conclude(differing)
    again = _again(certificate, asked, rows, grouped.copies)
    differing = differences("", _by_row(certificate), _by_row(again))
    differing += inconsistent_rows(certificate.ledger)
    if factory is not None:
        differing += _fitted_again(certificate, rows, factory, groups)
    inside = _inside(certificate) if predictor is None else ()
    blind = unseen(grouped.copies, *_past(certificate), *inside, seed_given=certificate.seed_given)
    return conclude(
        differing, again.ledger.rows, untouched, blind, "" if known or predictor is not None else STORED_ONLY
    )


def _inside(certificate: PredictorCertificate) -> tuple[str, ...]:
    """Rows that only the predictor itself can tell: they are as stated without it."""
    bounds = {row.bound for row in certificate.ledger.rows if is_inside(row.bound, row.certifies)}
    return (f"what the predictor holds, from which follow {', '.join(sorted(bounds))}",) if bounds else ()


def _past(certificate: PredictorCertificate) -> tuple[str, ...]:
    """What nobody can know of the predictor."""
    others = () if len(certificate.competitors) == 1 else ("the other candidates, and their order before the choice",)
    if certificate.origin is Origin.FITTED:
        fitted = "whether it was fitted as said, on the training part alone"
        return ("what the code of the predictor remembers", fitted, *others)
    return ("what the predictor had seen before it came here", *others)


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
        kinds=kind_names(rows),
        sensitive=rows.sensitive,
        stated=None
        if certificate.bins is None or certificate.stated is None
        else Stated(certificate.bins, by_part(certificate.stated)),
        stated_rows=certificate.ledger.rows,
    )


def _asked(stored: Deployed, predictor: Any, rows: Rows, saw: NDArray[Any] | None) -> Deployed:
    """The same with the answers that the predictor gives now, and with its weights where it is linear."""
    x = rows.handed(wants_frame(predictor))
    again = with_probabilities(with_answers(stored, answers(predictor, x, rows.kinds), predictor), x, rows.kinds)
    if stored.linear is None and stored.several is None:
        linear, several = linear_models(again, rows, saw)
    else:
        linear = None if stored.linear is None else own_weights(again, stored.linear)
        several = None if stored.several is None else own_classes(again, stored.several)
    return dataclasses.replace(again, linear=linear, several=several)


def _unproved(certificate: PredictorCertificate, stored: Deployed, rows: Rows) -> list[str]:
    """A linear classifier that cannot be the stored predictor, or whose prior does not solve its problem."""
    linear, several = certificate.linear, certificate.several
    if linear is None and several is None:
        return []
    if not random_numbers(rows, certificate.saw):
        return [NO_ROOM.format("several" if linear is None else "linear")]
    wrong = [] if linear is None else unproved(linear, stored)
    return wrong or ([] if several is None else unproved_several(several, stored))


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
        notes=(*ledger_notes(copies, certificate.origin, deployed, rows.encoding), *row_notes(deployed)),
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
        bins=None if deployed.stated is None else deployed.stated.bins,
        stated=None if deployed.stated is None else answered(deployed.stated.by_part),
        overfitting=_overfitting(certificate, deployed, ledger),
        ledger=ledger,
        linear=head_of(deployed),
        several=several_of(deployed),
    )


def _overfitting(certificate: PredictorCertificate, deployed: Deployed, ledger: Ledger) -> Overfitting:
    """The answer again; the training risk is as stated where only stored answers are known."""
    if "training" in deployed.predicted or not knows_training(certificate.origin, certificate.saw):
        return overfitting_of(deployed, ledger, training_losses(deployed, certificate.origin, certificate.saw))
    return overfitting_of(deployed, ledger, np.array([float(certificate.overfitting.training_risk.value)]))


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
    given = (certificate.margins, certificate.stated)
    stored = [certificate.predicted, *(array for array in given if array is not None)]
    if any(np.shape(array) != (count,) for array in stored):
        return [f"answers have shapes {[np.shape(array) for array in stored]}, not ({count},)"]
    if (certificate.bins is None) != (certificate.stated is None):
        return ["probabilities and their bins must be there both or not at all"]
    if certificate.bins is not None and not _are_bins(certificate):
        return ["probabilities must be in [0, 1], and bins ascend, with one claim more than edges"]
    if (certificate.margins is None) != (certificate.gamma is None):
        return ["margins and gamma must be there both or not at all"]
    if certificate.margins is not None and rows.kinds is None:
        return ["a regression has no margins"]
    if certificate.gamma is not None and not certificate.gamma > 0:
        return [f"gamma is {certificate.gamma:g}, not positive"]
    if (certificate.saw is not None) != (certificate.origin is Origin.DECLARED):
        return ["saw must be there for a predictor that came fitted, and for no other"]
    if not 0 <= certificate.chosen < len(certificate.competitors):
        return [f"chosen is {certificate.chosen}, of {len(certificate.competitors)} competitors"]
    if differing := _weighed_otherwise(certificate):
        return differing
    if not _are_totals(certificate, split.sizes["held_out"]):
        return [f"totals must be in [0, {split.sizes['held_out']}], and whole for classes"]
    if not _are_validated(certificate):
        return ["risks of cross-validation must be in [0, 1], one for each of several models of ours"]
    return outside_account(certificate.ledger) or overspent(certificate.ledger)


def _weighed_otherwise(certificate: PredictorCertificate) -> list[str]:
    """Prior weights that are not those of so many candidates."""
    pairs = enumerate(zip(certificate.competitors, prior_weights(len(certificate.competitors)), strict=True))
    found = [differences(f"competitors[{k}].weight", each.weight, weight) for k, (each, weight) in pairs]
    return [difference for each in found for difference in each]


def _are_totals(certificate: PredictorCertificate, rows: int) -> bool:
    """Whether every total can be a sum of that many losses in [0, 1]; those of classes are counts."""
    totals, whole = [each.total for each in certificate.competitors], certificate.plan.loss.of_classes
    return all(0 <= total <= rows and (not whole or float(total).is_integer()) for total in totals)


def _are_validated(certificate: PredictorCertificate) -> bool:
    """Whether every risk of cross-validation can be one; what it was exactly, only another fit would tell."""
    risks = [each.training for each in certificate.competitors]
    if len(risks) > 1 and None in risks:
        return False
    return all(risk is None or (certificate.plan.model in MODELS and 0 <= risk <= 1) for risk in risks)


def _are_bins(certificate: PredictorCertificate) -> bool:
    bins, stated = certificate.bins, np.asarray(certificate.stated)
    assert bins is not None
    inside = all(0 <= claim <= 1 for claim in bins.claims) and bool(np.all((stated >= 0) & (stated <= 1)))
    return inside and len(bins.claims) == len(bins.edges) + 1 and bool(np.all(np.diff(bins.edges) > 0))


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
    heads = {"linear": certificate.linear, "several": certificate.several}
    weights = {name: None if head is None else head.weights.tolist() for name, head in heads.items()}
    answered = {"origin": origin, "predicted": predicted, "margins": margins, "gamma": certificate.gamma}
    risk = certificate.overfitting.training_risk.to_json()
    return answered | weights | {"inside": inside, "training_risk": risk}


def _by_row(certificate: PredictorCertificate) -> dict[str, Any]:
    content = certificate.to_json()
    rows = {f"{row.bound}, {row.certifies}": row.to_json() for row in certificate.ledger.rows}
    return content | {"ledger": content["ledger"] | {"rows": rows}}
