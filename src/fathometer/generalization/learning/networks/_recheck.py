"""Rechecking the certificate of a network: everything but the training again from the data."""

import dataclasses
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.generalization.learning.linear._certificate import data_summary, split_digests
from fathometer.generalization.learning.linear._model import read_classes
from fathometer.generalization.learning.linear._training import SMALLEST_MARGIN
from fathometer.generalization.learning.networks._certificate import (
    GIVEN,
    TRAINED_HERE,
    NetworkCertificate,
    network_training_digests,
)
from fathometer.generalization.learning.networks._independent_risks import fixed_losses
from fathometer.generalization.learning.networks._independent_rows import IndependentNetworkRows, expected_rows
from fathometer.generalization.learning.networks._layers import layer_shapes
from fathometer.generalization.learning.networks._model import GivenPrior, Stages, TrainedNetwork, train_network
from fathometer.generalization.learning.networks._problem import MINIMUM_ROWS, ClassProblem, class_problem
from fathometer.generalization.learning.networks._risks import Levels
from fathometer.generalization.learning.networks._rows import (
    NOTES,
    by_risk,
    network_parts_alike,
    network_winner,
    winning_value,
)
from fathometer.generalization.learning.networks._settings import PARTS
from fathometer.generalization.ledger._copies import sampling_notes
from fathometer.generalization.ledger._ledger import Ledger, LedgerRow
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

TRAINED_TO = 1e-4
"""Weights of a second training may differ by this many standard deviations of the prior: sums are rounded in another
order on another processor."""

NOT_TRAINED = ("whether prior and posterior were trained as said, on their parts alone (--retrain trains them again)",)
PRIOR_UNSEEN = ("which rows the given prior had seen",)


def recheck_network(
    certificate: NetworkCertificate,
    features: ArrayLike,
    labels: ArrayLike,
    untouched: bool = True,
    groups: ArrayLike | None = None,
    test_rows: int = 0,
    retrain: bool = False,
    announce: Callable[[str], object] | None = None,
) -> Recheck:
    """Recheck a network, see `fathometer.generalization.recheck`.

    Args:
        certificate: as it was read.
        features: shape (n, p), finite.
        labels: shape (n,).
        untouched: whether the digest of the file fits its content.
        groups: shape (n,), group of each row, where the certificate was made with groups.
        test_rows: so many rows at the end are the test part; 0 if the source of the data knows none.
        retrain: train again and compare the weights.
        announce: is told which stage of that training is finished.

    Raises:
        InputError: if the data are no classification problem with enough rows of each class.
    """
    x, codes, _ = read_classes(features, labels, MINIMUM_ROWS)
    names = np.asarray(labels)
    differing = differences("data", certificate.data.to_json(), data_summary(x, names).to_json())
    differing += differences("test_rows", certificate.test_rows, test_rows)
    differing = differing or _unsound(certificate)
    if differing:
        return conclude(differing)
    copies = certificate.copies
    grouped = regrouped(copies, x, codes, groups, MINIMUM_ROWS)
    if differing := differences("copies", certificate.copies.to_json(), grouped.copies.to_json()):
        return conclude(differing)
    problem = class_problem(features, labels, certificate.settings, certificate.seed, test_rows, groups, copies.allowed)
    model = _rebuilt(certificate, problem)
    again = _again(certificate, model, names)
    differing = differences("", _by_row(certificate), _by_row(again)) + inconsistent_rows(certificate.ledger)
    training = NOT_TRAINED if not retrain else () if certificate.prior_from == TRAINED_HERE else PRIOR_UNSEEN
    if retrain and not differing:
        differing = _trained_otherwise(certificate, problem, announce)
    return conclude(differing, again.ledger.rows, untouched, unseen(problem.copies, *training))


def _trained_otherwise(
    certificate: NetworkCertificate, problem: ClassProblem, announce: Callable[[str], object] | None
) -> list[str]:
    """Weights that the training does not give, from the seed and the rows that it is said to have seen."""
    own = certificate.prior_from == TRAINED_HERE
    given = None if own else GivenPrior(certificate.prior_mean, np.array([], np.int64))
    delta = certificate.ledger.delta_total
    stages = Stages(None, {}, len(certificate.prior_mean), announce)
    model = train_network(problem, certificate.settings, delta, certificate.seed, given, stages)
    nets = {
        "prior_mean": (certificate.prior_mean, model.prior_mean),
        "checkpoint": (certificate.checkpoint, model.candidates[_candidate(certificate.ledger)]),
        "posterior.mean": (certificate.posterior.mean, model.posterior.mean),
        "posterior.sigma": (certificate.posterior.sigma, model.posterior.sigma),
    }
    unit = certificate.settings.prior_sigma
    away = {name: max(float(np.max(np.abs(a - b))) for a, b in zip(*pair, strict=True)) for name, pair in nets.items()}
    return [
        f"{name} is not what the training gives from seed {certificate.seed} and the rows of its part: up to "
        f"{distance / unit:.3g} standard deviations of the prior away"
        for name, distance in away.items()
        if not distance <= TRAINED_TO * unit
    ]


def _rebuilt(certificate: NetworkCertificate, problem: ClassProblem) -> TrainedNetwork:
    """The network with the stored weights, and all else from the data."""
    prior_rows, pmin = problem.rows("prior"), certificate.settings.pmin
    margins = fixed_losses(certificate.prior_mean, prior_rows, Levels(pmin, 1.0))["margin"]
    levels = Levels(pmin, max(float(np.median(margins)), SMALLEST_MARGIN))
    candidates = (certificate.checkpoint, certificate.prior_mean)
    return TrainedNetwork(problem, certificate.settings, certificate.seed, candidates, certificate.posterior, levels)


def _again(certificate: NetworkCertificate, model: TrainedNetwork, labels: NDArray) -> NetworkCertificate:
    """The certificate with every number computed again; seed, weights and provenance are kept."""
    evaluator = IndependentNetworkRows(model, certificate.ledger.delta_total)
    rows = by_risk(evaluator.rows(_candidate(certificate.ledger)))
    problem, own = model.problem, certificate.prior_from == TRAINED_HERE
    held_out, test = (evaluator.mean_errors(part) for part in ("held_out", "test"))
    ledger = dataclasses.replace(
        certificate.ledger,
        rows=rows,
        winner=network_winner(rows),
        delta_spent=certificate.ledger.delta_total,
        sizes=problem.split.sizes,
        test_risk=evaluator.test_risk(),
        notes=sampling_notes(problem.copies, certificate.test_rows) + NOTES,
        provenance=dataclasses.replace(certificate.ledger.provenance, seed=certificate.seed),
        alike=network_parts_alike(problem, held_out, test),
    )
    return dataclasses.replace(
        certificate,
        copies=problem.copies,
        parts=split_digests(problem.split, PARTS),
        trained_on=network_training_digests(problem, labels, own),
        scaling=problem.scaling,
        gamma=model.levels.gamma,
        ledger=ledger,
        overfitting=evaluator.overfitting(winning_value(rows)),
    )


def _unsound(certificate: NetworkCertificate) -> list[str]:
    """Weights that cannot belong to the data, accounts that do not add up, rows that are not the method's."""
    shapes = layer_shapes(certificate.data.columns, certificate.settings.hidden, len(certificate.data.classes))
    nets = {name: getattr(certificate, name) for name in ("prior_mean", "checkpoint")}
    wrong = [
        f"{name} has matrices of shape {[matrix.shape for matrix in net]}, not {shapes}"
        for name, net in (nets | {"posterior": certificate.posterior.mean}).items()
        if [matrix.shape for matrix in net] != shapes
    ]
    wrong += [
        f"{name} is not finite float32"
        for name, net in nets.items()
        if not all(matrix.dtype == np.float32 and np.all(np.isfinite(matrix)) for matrix in net)
    ]
    ledger = certificate.ledger
    if certificate.prior_from != TRAINED_HERE and not re.fullmatch(GIVEN, certificate.prior_from):
        wrong += [f"prior_from is {certificate.prior_from!r}, not {TRAINED_HERE!r} nor said to have seen rows"]
    if wrong or (wrong := outside_account(ledger)):
        return wrong
    rows = sorted((row.bound, row.certifies) for row in ledger.rows)
    if rows != sorted(expected_rows(certificate.settings)):
        return [f"the rows are {rows}, not {sorted(expected_rows(certificate.settings))}"]
    return _misplaced(certificate) + overspent(ledger)


def _misplaced(certificate: NetworkCertificate) -> list[str]:
    candidate, count = _candidate(certificate.ledger), certificate.settings.checkpoints
    if candidate not in range(count):
        return [f"ledger.rows.occam.choice is {candidate}, not one of {count} candidates"]
    if candidate == count - 1 and not _equal(certificate.checkpoint, certificate.prior_mean):
        return ["checkpoint is said to be the last candidate and is not the prior mean"]
    return []


def _candidate(ledger: Ledger) -> int:
    choice = next(row for row in ledger.rows if row.bound == "occam").choice.get("candidate", -1)
    return int(choice) if math.isclose(choice, int(choice)) else -1


def _equal(first: tuple[NDArray[Any], ...], second: tuple[NDArray[Any], ...]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def _by_row(certificate: NetworkCertificate) -> dict[str, Any]:
    """JSON values, with the rows by what they certify, and weights left out: they are what is kept."""
    content = certificate.to_json()
    kept = {name: value for name, value in content.items() if name not in ("prior_mean", "checkpoint", "posterior")}
    rows = {_label(row): row.to_json() for row in certificate.ledger.rows}
    return kept | {"ledger": content["ledger"] | {"rows": rows}}


def _label(row: LedgerRow) -> str:
    return f"{row.bound}, {row.certifies}"
