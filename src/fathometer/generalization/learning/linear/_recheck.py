"""Rechecking the certificate of a linear classifier: everything again from the data."""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.data import Split
from fathometer.generalization.learning.linear._certificate import (
    LinearCertificate,
    data_summary,
    linear_parts_alike,
    split_digests,
    training_digests,
)
from fathometer.generalization.learning.linear._independent_rows import GRIDS, IndependentRows
from fathometer.generalization.learning.linear._ledger import NOTES
from fathometer.generalization.learning.linear._model import Sample, Scaling, distance_to_solution, read_binary
from fathometer.generalization.learning.linear._training import (
    FRACTIONS,
    MINIMUM_ROWS,
    STRENGTHS,
    TrainedLinear,
    chosen_strength,
    joined,
    linear_split,
    prior_margin,
    prior_mean,
    scaled_samples,
)
from fathometer.generalization.ledger._copies import Copies, sampling_notes
from fathometer.generalization.ledger._ledger import Ledger, ranked, winner
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

SOLVED = 1e-9
"""Largest relative distance of stored weights from the solution of the problem that they are said to solve."""

UNSOLVED = "do not solve the logistic regression on their part of the data"


def recheck_linear(
    certificate: LinearCertificate,
    features: ArrayLike,
    labels: ArrayLike,
    untouched: bool = True,
    groups: ArrayLike | None = None,
) -> Recheck:
    """Recheck a linear classifier, see `recheck`; the weights are proved by the length of a gradient.

    Args:
        certificate: as it was read.
        features: shape (n, p), finite.
        labels: shape (n,).
        untouched: whether the digest of the file fits its content.
        groups: shape (n,), group of each row, where the certificate was made with groups.

    Raises:
        InputError: if the data are no binary classification problem with enough rows.
    """
    x, y = read_binary(features, labels, MINIMUM_ROWS)
    summary = data_summary(x, np.asarray(labels))
    differing = differences("data", certificate.data.to_json(), summary.to_json()) or _misshapen(certificate)
    if differing:
        return conclude(differing)
    grouped = regrouped(certificate.copies, x, y, groups, MINIMUM_ROWS)
    if differing := differences("copies", certificate.copies.to_json(), grouped.copies.to_json()):
        return conclude(differing)
    split = linear_split(grouped.numbers, certificate.seed)
    model = _rebuilt_model(certificate, x, y, split)
    differing = _unsolved(model) + _unsound(certificate.ledger)
    if differing:
        return conclude(differing)
    again = _again(certificate, model, split, grouped.copies, x, np.asarray(labels))
    differing = differences("", _by_bound(certificate), _by_bound(again)) + inconsistent_rows(certificate.ledger)
    return conclude(differing, again.ledger.rows, untouched, unseen(grouped.copies))


def _rebuilt_model(certificate: LinearCertificate, x: NDArray, y: NDArray, split: Split) -> TrainedLinear:
    """The classifier with the stored weights, and all else from the data."""
    scaling = Scaling.of(x[split.part("prior")])
    samples = scaled_samples(x, y, split.parts, scaling)
    strength = chosen_strength(samples["prior"])
    gamma = prior_margin(samples["prior"], prior_mean(certificate.candidates, strength))
    return TrainedLinear(scaling, samples, certificate.candidates, strength, certificate.weights, gamma)


def _again(
    certificate: LinearCertificate, model: TrainedLinear, split: Split, copies: Copies, x: NDArray, labels: NDArray
) -> LinearCertificate:
    """The certificate with every number computed again; seed, weights and provenance are kept."""
    evaluator = IndependentRows(model, certificate.ledger.delta_total)
    rows = ranked([evaluator.row(row.bound, dict(row.choice)) for row in certificate.ledger.rows])
    ledger = dataclasses.replace(
        certificate.ledger,
        rows=rows,
        winner=winner(rows),
        delta_spent=certificate.ledger.delta_total,
        sizes=split.sizes,
        test_risk=evaluator.test_risk(),
        notes=sampling_notes(copies) + NOTES,
        provenance=dataclasses.replace(certificate.ledger.provenance, seed=certificate.seed),
        alike=linear_parts_alike(model, split, x),
    )
    return dataclasses.replace(
        certificate,
        copies=copies,
        parts=split_digests(split, FRACTIONS),
        trained_on=training_digests(x, labels, split),
        scaling=model.scaling,
        strength=model.strength,
        gamma=model.gamma,
        ledger=ledger,
    )


def _misshapen(certificate: LinearCertificate) -> list[str]:
    """Arrays of weights that cannot belong to the data."""
    columns = certificate.data.columns + 1
    expected = {"candidates": (len(STRENGTHS), columns), "weights": (columns,)}
    shapes = {name: getattr(certificate, name).shape for name in expected}
    return [
        f"{name} have shape {shapes[name]}, not {shape}" for name, shape in expected.items() if shapes[name] != shape
    ]


def _unsolved(model: TrainedLinear) -> list[str]:
    """Weights that do not solve their training problem."""
    solved = _solves(joined(model.samples), model.strength, model.weights)
    return unsolved_candidates(model) + ([] if solved else [f"weights {UNSOLVED}"])


def unsolved_candidates(model: TrainedLinear) -> list[str]:
    """Candidates that do not solve the training problem of their strength on the prior part."""
    prior, candidates = model.samples["prior"], zip(STRENGTHS, model.candidates, strict=True)
    solved = [_solves(prior, strength, weights) for strength, weights in candidates]
    return [f"candidates[{k}] {UNSOLVED}" for k, right in enumerate(solved) if not right]


def _solves(sample: Sample, strength: float, weights: NDArray) -> bool:
    return bool(distance_to_solution(sample, strength, weights) <= SOLVED * np.linalg.norm(weights) < np.inf)


def _unsound(ledger: Ledger) -> list[str]:
    """Accounts that do not add up, rows that are not the method's, choices outside the grids."""
    if wrong := outside_account(ledger):
        return wrong
    bounds = sorted(row.bound for row in ledger.rows)
    if bounds != sorted(GRIDS):
        return [f"the rows are {', '.join(bounds)}, not {', '.join(sorted(GRIDS))}"]
    return [
        f"ledger.rows.{row.bound}.choice is {dict(row.choice)}, which is not in the grid {GRIDS[row.bound]}"
        for row in ledger.rows
        if set(row.choice) != set(GRIDS[row.bound])
        or any(value not in GRIDS[row.bound][name] for name, value in row.choice.items())
    ] + overspent(ledger)


def _by_bound(certificate: LinearCertificate) -> dict[str, Any]:
    """JSON values, with the rows by their bound: their order is that of the values, which rounding may change."""
    content = certificate.to_json()
    rows = {row["bound"]: row for row in content["ledger"]["rows"]}
    return content | {"ledger": content["ledger"] | {"rows": rows}}
