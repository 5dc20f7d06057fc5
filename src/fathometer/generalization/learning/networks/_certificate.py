"""Certificates of networks as records: weights, seed and ledger, enough to evaluate every bound again from the data."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.data import Encoding
from fathometer.evidence import InputError, Record, finite_array, finite_number, whole_number
from fathometer.generalization.learning.linear._certificate import DataSummary, data_digest, data_summary, split_digests
from fathometer.generalization.learning.networks._law import GaussianWeights
from fathometer.generalization.learning.networks._model import GivenPrior, Stages, TrainedNetwork, train_network
from fathometer.generalization.learning.networks._problem import ClassProblem, InputScaling, class_problem
from fathometer.generalization.learning.networks._rows import NetworkRows
from fathometer.generalization.learning.networks._settings import PARTS, NetworkSettings
from fathometer.generalization.ledger._copies import Copies, sampling_notes
from fathometer.generalization.ledger._ledger import Ledger
from fathometer.generalization.ledger._overfitting import Overfitting

MODELS: dict[str, NetworkSettings] = {
    "linear": NetworkSettings(hidden=()),
    "logistic": NetworkSettings(hidden=()),
    "mlp": NetworkSettings(),
}
"""The models and their settings. Linear and logistic are one model, as the training loss is the cross-entropy."""


TRAINED_HERE = "trained on the prior part"
GIVEN = r"given, said to have seen \d+ rows of the data, none of the certificate part"


@dataclass(frozen=True, eq=False)
class NetworkCertificate(Record):
    """A network with its ledger, and what a recheck needs beside the data.

    The deployed predictor is the network of the posterior mean.

    Attributes:
        data: what was used.
        copies: which rows are independent.
        settings: fixed in advance.
        seed: of the split, the training and the draws.
        test_rows: rows at the end of the data that are the test part; 0 if it was drawn.
        prior_from: where the prior comes from, in words.
        parts: SHA-256 digest of the row numbers of each part of the split.
        trained_on: SHA-256 digest of the rows, features and labels as given, that trained prior and posterior.
        scaling: fixed by the prior part.
        prior_mean: float32, one matrix for each layer.
        checkpoint: the candidate that `occam` chose.
        posterior: means and standard deviations.
        gamma: margin of the ramp loss.
        ledger: the certificates; the winner is about the deployed predictor.
        encoding: names of the columns; None if features had none.
        overfitting: of the deployed predictor, from the rows of prior and certificate part to the held-out ones, with
            the value of the winner as certificate.
    """

    data: DataSummary
    copies: Copies
    settings: NetworkSettings
    seed: int
    test_rows: int
    prior_from: str
    parts: Mapping[str, str]
    trained_on: Mapping[str, str]
    scaling: InputScaling
    prior_mean: tuple[NDArray[Any], ...]
    checkpoint: tuple[NDArray[Any], ...]
    posterior: GaussianWeights
    gamma: float
    ledger: Ledger
    overfitting: Overfitting
    encoding: Encoding | None = None


def certify_network(
    features: ArrayLike,
    labels: ArrayLike,
    *,
    model: str = "mlp",
    settings: NetworkSettings | None = None,
    delta: float = 0.05,
    seed: int = 0,
    test_rows: int = 0,
    groups: ArrayLike | None = None,
    allow_copies: bool = False,
    prior: GivenPrior | None = None,
    folder: Path | None = None,
    announce: Callable[[str], object] | None = None,
) -> NetworkCertificate:
    """Train a network on labels of any number of kinds and certify it in every way that applies, under one delta.

    The rows are shuffled and split into four parts. The prior part fixes the scaling, trains the candidates of `occam`
    and the prior mean (the last of them) and fixes gamma. The certificate part trains a Gaussian posterior by
    minimising a PAC-Bayes bound, and every PAC-Bayes, Occam and transport bound is evaluated on it. The held-out part
    is for `test_binomial` and the question of overfitting, the test part for the measured risks. Rows with equal
    features, or of one group, stay in one part; all parts but the prior's hold one row of each group, so that m counts
    groups.

    Args:
        features: shape (n, p), finite, with at least 60 groups of rows.
        labels: shape (n,), of at least two kinds, each of which occurs in the prior part.
        model: linear, logistic or mlp; gives the settings that are not given.
        settings: of network and training.
        delta: total failure probability, in (0, 1): .85 of it for `test_binomial`, equal shares of the rest for the
            other rows of the ledger.
        seed: of the shuffle, the training and the draws that measure risks.
        test_rows: so many rows at the end are the test part; 0 draws one.
        groups: shape (n,), group of each row, such as a patient; None if rows are independent unless they are copies.
        allow_copies: count rows with equal features one by one: right if they were drawn independently and are equal by
            chance, and wrong otherwise. The result is marked.
        prior: used instead of one that is trained on the prior part; refused if it has seen a row of another part, or
            of its group.
        folder: where finished stages of the training are kept, and found again.
        announce: is told which stage is finished.

    Raises:
        InputError: if the data are no classification problem with enough groups and rows of each class, the given test
            part shares a group with the other rows, delta is not in (0, 1), the model is unknown, or the given prior
            does not fit or has seen a row of another part.
    """
    finite_number("delta", delta, above=0, below=1)
    whole_number("seed", seed, at_least=0)
    chosen = model_settings(model) if settings is None else settings
    chosen = chosen if prior is None else dataclasses.replace(chosen, checkpoints=1)
    problem = class_problem(features, labels, chosen, seed, test_rows, groups, allow_copies)
    data = data_summary(finite_array("features", features, ndim=2), np.asarray(labels))
    key = {"data": data.sha256, "settings": chosen.to_json(), "seed": seed, "test_rows": test_rows, "delta": delta}
    key |= {"given": prior is not None, "groups": problem.copies.sha256}
    stages = Stages(folder if prior is None else None, key, len(chosen.hidden) + 1, announce)
    trained = train_network(problem, chosen, delta, seed, prior, stages)
    rows = NetworkRows(trained)
    ledger = rows.ledger(delta, sampling_notes(problem.copies, test_rows))
    return NetworkCertificate(
        data=data,
        copies=problem.copies,
        settings=chosen,
        seed=seed,
        test_rows=test_rows,
        prior_from=_origin(prior),
        parts=split_digests(problem.split, PARTS),
        trained_on=network_training_digests(problem, np.asarray(labels), prior is None),
        scaling=problem.scaling,
        prior_mean=trained.prior_mean,
        checkpoint=_chosen(trained, ledger),
        posterior=trained.posterior,
        gamma=trained.levels.gamma,
        ledger=ledger,
        overfitting=rows.overfitting(ledger),
    )


def model_settings(model: str) -> NetworkSettings:
    """The settings of a model.

    Raises:
        InputError: if it is unknown.
    """
    if model not in MODELS:
        raise InputError(f"model must be {', '.join(MODELS)} or module:factory, got {model!r}")
    return MODELS[model]


def network_training_digests(problem: ClassProblem, labels: NDArray, prior_too: bool) -> dict[str, str]:
    """What prior, unless it was given, and posterior were trained on.

    Args:
        problem: with its rows and their split.
        labels: shape (n,), as they were given.
        prior_too: whether the prior was trained here.
    """
    parts = {"prior": "prior"} if prior_too else {}
    roles = parts | {"posterior": "certificate"}
    rows = {role: problem.split.part(part) for role, part in roles.items()}
    return {role: data_digest(problem.raw[index], labels[index]) for role, index in rows.items()}


def _origin(prior: GivenPrior | None) -> str:
    if prior is None:
        return TRAINED_HERE
    return f"given, said to have seen {len(np.unique(prior.saw))} rows of the data, none of the certificate part"


def _chosen(trained: TrainedNetwork, ledger: Ledger) -> tuple[NDArray[Any], ...]:
    row = next(row for row in ledger.rows if row.bound == "occam")
    return trained.candidates[int(row.choice["candidate"])]
