"""Rechecking the certificate of a network: everything but the training again from the data."""

import dataclasses
import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.evidence import finite_array
from fathometer.generalization._ledger import Ledger, LedgerRow
from fathometer.generalization._linear_certificate import data_summary, split_digests
from fathometer.generalization._linear_training import SMALLEST_MARGIN
from fathometer.generalization._recheck import Recheck, conclude, differences, outside_account, overspent
from fathometer.generalization.networks._certificate import NetworkCertificate, data_notes
from fathometer.generalization.networks._layers import layer_shapes
from fathometer.generalization.networks._model import TrainedNetwork
from fathometer.generalization.networks._problem import class_problem
from fathometer.generalization.networks._risks import Levels
from fathometer.generalization.networks._rows import NOTES, by_risk, network_winner
from fathometer.generalization.networks._second_risks import fixed_losses
from fathometer.generalization.networks._second_rows import SecondNetworkRows, expected_rows
from fathometer.generalization.networks._settings import PARTS


def recheck_network(
    certificate: NetworkCertificate, features: ArrayLike, labels: ArrayLike, untouched: bool = True
) -> Recheck:
    """Recheck a network, see `fathometer.generalization.recheck`.

    Raises:
        InputError: if the data are no classification problem with enough rows of each class.
    """
    x = finite_array("features", features, ndim=2)
    summary = data_summary(x, np.asarray(labels))
    found = differences("data", certificate.data.to_json(), summary.to_json()) or _unsound(certificate)
    if found:
        return conclude(found)
    model = _rebuilt(certificate, features, labels)
    again = _again(certificate, model)
    return conclude(differences("", _by_row(certificate), _by_row(again)), again.ledger.rows, untouched)


def _rebuilt(certificate: NetworkCertificate, features: ArrayLike, labels: ArrayLike) -> TrainedNetwork:
    """The network with the stored weights, and all else from the data."""
    problem = class_problem(features, labels, certificate.settings, certificate.seed, certificate.test_rows)
    prior_rows, pmin = problem.rows("prior"), certificate.settings.pmin
    margins = fixed_losses(certificate.prior_mean, prior_rows, Levels(pmin, 1.0))["margin"]
    levels = Levels(pmin, max(float(np.median(margins)), SMALLEST_MARGIN))
    candidates = (certificate.checkpoint, certificate.prior_mean)
    return TrainedNetwork(problem, certificate.settings, certificate.seed, candidates, certificate.posterior, levels)


def _again(certificate: NetworkCertificate, model: TrainedNetwork) -> NetworkCertificate:
    """The certificate with every number computed again; seed, weights and provenance are kept."""
    second = SecondNetworkRows(model, certificate.ledger.delta_total)
    rows = by_risk(second.rows(_candidate(certificate.ledger)))
    ledger = dataclasses.replace(
        certificate.ledger,
        rows=rows,
        winner=network_winner(rows),
        delta_spent=certificate.ledger.delta_total,
        sizes=model.problem.split.sizes,
        test_risk=second.test_risk(),
        notes=NOTES + data_notes(model.problem.x, model.problem.y),
    )
    return dataclasses.replace(
        certificate,
        parts=split_digests(model.problem.split, PARTS),
        scaling=model.problem.scaling,
        gamma=model.levels.gamma,
        ledger=ledger,
    )


def _unsound(certificate: NetworkCertificate) -> list[str]:
    """Weights that cannot belong to the data, accounts that do not add up, rows that are not the method's."""
    shapes = layer_shapes(certificate.data.columns, certificate.settings.hidden, len(certificate.data.classes))
    nets = {name: getattr(certificate, name) for name in ("prior_mean", "checkpoint")}
    found = [
        f"{name} has matrices of shape {[matrix.shape for matrix in net]}, not {shapes}"
        for name, net in (nets | {"posterior": certificate.posterior.mean}).items()
        if [matrix.shape for matrix in net] != shapes
    ]
    found += [
        f"{name} is not finite float32"
        for name, net in nets.items()
        if not all(matrix.dtype == np.float32 and np.all(np.isfinite(matrix)) for matrix in net)
    ]
    ledger = certificate.ledger
    if found or (found := outside_account(ledger)):
        return found
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
