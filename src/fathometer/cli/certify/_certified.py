"""From the options of `certify` to a certificate and its predictor."""

import dataclasses
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.cli.certify._requests import read_costs
from fathometer.data import MNIST_TARGET, Encoding, Features, Table, data_seed, load_features, load_table
from fathometer.evidence import InputError
from fathometer.generalization.learning import networks, predictors
from fathometer.generalization.learning.linear._certificate import data_digest
from fathometer.generalization.learning.predictors._reference import Reference

Deployable = networks.NetworkCertificate | predictors.PredictorCertificate

OPTIONS = ("hidden", "objective", "prior_share", "steps")
"""Of the training of a Gaussian posterior: each asks for one."""


@dataclass(frozen=True)
class Asked:
    """What the user asks `certify` for.

    Attributes:
        model: name of a model of ours, module:factory, or a file of a fitted predictor.
        delta: in (0, 1).
        seed: of every random choice; None for the one that follows from the data.
        parts: shares of training, certificate and test part; empty for those of the project.
        stratified: whether the latter two hold the same share of every class.
        rows: of the ledger; empty for those that apply.
        shares: of delta, one for each of them.
        loss: of regression, or 0/1.
        moment: bound on the mean of the squared loss; None if it was not given.
        costs: file of the costs of confusions; None if it was not given.
        sensitive: column whose groups are told apart; None if it was not given.
        saw: file of the rows that a fitted predictor has seen, or `none`; None if it was not given.
        allow_copies: whether equal rows count one by one.
        posterior: whether a Gaussian posterior is trained and certified.
        options: of that posterior, by the names in `OPTIONS`; None where not given.
        out: folder for finished stages; None for nowhere.
        sizes: of the learning curve, how many; 0 for none.
    """

    model: str = "linear"
    delta: float = 0.05
    seed: int | None = None
    parts: tuple[float, ...] = ()
    stratified: bool = False
    rows: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    loss: predictors.Loss = predictors.Loss()
    moment: float | None = None
    costs: Path | None = None
    sensitive: str | None = None
    saw: str | None = None
    allow_copies: bool = False
    posterior: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    out: Path | None = None
    sizes: int = 0

    @property
    def given(self) -> dict[str, Any]:
        """Options of a posterior that were given."""
        return {name: value for name, value in self.options.items() if value is not None}


def load_labelled(
    data: str | None, target: str | None, command: str, group: str | None = None, labels: bool = True
) -> Table:
    """Read features, of any kind, and a target; MNIST and other sets of images have their own target.

    Args:
        data: file or name of a set, as for --data; None if it was not given.
        target: column of the target; None if it was not given.
        command: its name, for the message.
        group: column of the groups of rows that belong together; None for none.
        labels: whether the target holds labels.

    Raises:
        InputError: if an option is missing or the table cannot be read.
    """
    data, target = _named(data, target, command)
    table = load_table(data, target, labels=labels, group=group, mixed=True)
    _warn(data, table)
    return table


def load_again(
    data: str | None, target: str | None, command: str, group: str | None, encoding: Encoding | None, labels: bool
) -> Table | Features:
    """Read a table as another was read whose encoding is known.

    Args:
        data: file or name of a set.
        target: column of the target.
        command: its name, for the message.
        group: column of the groups; None for none.
        encoding: as it is stored; None decides it from the table.
        labels: whether the target holds labels.

    Raises:
        InputError: if an option is missing or the table cannot be read.
    """
    data, target = _named(data, target, command)
    if encoding is None or data.startswith(("mnist:", "idx:")):
        return load_labelled(data, target, command, group, labels)
    return load_features(data, encoding, target, group, labels=labels)


@dataclass(frozen=True)
class Made:
    """A certificate and what is written beside it.

    Attributes:
        certificate: the record.
        predictor: the deployed one; None for a network, whose weights are in its certificate.
        reference: what new rows are held against; None for a network.
        curve: fits the model on growing pieces of the training part; gives nothing if that was not asked for.
    """

    certificate: Deployable
    predictor: Any = None
    reference: Reference | None = None
    curve: Callable[[], tuple[predictors.CurvePoint, ...]] = tuple


def certified(table: Table, asked: Asked, sensitive: NDArray[Any] | None = None) -> Made:
    """Train and certify what was asked for.

    Args:
        table: features and target.
        asked: what for.
        sensitive: shape (n,), groups of the sensitive column; None if there is none.

    Raises:
        InputError: if the model is unknown, an option does not belong to it, or the data do not fit.
    """
    if asked.posterior or asked.given:
        return Made(_posterior(table, asked))
    plan = predictors.Plan(
        model=asked.model,
        parts=asked.parts,
        stratified=asked.stratified,
        seed=asked.seed,
        test_rows=table.test_rows,
        delta=asked.delta,
        rows=asked.rows,
        shares=asked.shares,
        loss=asked.loss,
        costs=read_costs(asked.costs, _classes(table, asked)),
        sensitive=asked.sensitive or "",
        moment=asked.moment,
    )
    source = _source(asked, len(table.target))
    frame = table.frame if source.factory is not None else None
    rows = predictors.read_rows(table.features, table.target, plan, table.encoding, frame, sensitive)
    made = predictors.certify_rows(
        rows, source, plan, groups=table.groups, allow_copies=asked.allow_copies, announce=announce
    )

    def curve() -> tuple[predictors.CurvePoint, ...]:
        return predictors.curve_points(
            rows,
            source,
            made,
            groups=table.groups,
            allow_copies=asked.allow_copies,
            count=asked.sizes,
            folder=None if asked.out is None else asked.out / "stages",
            announce=announce,
        )

    return Made(made.certificate, made.predictor, made.reference, curve if asked.sizes else tuple)


def _classes(table: Table, asked: Asked) -> list[str]:
    """Names of the classes in their order; none where costs are of no use."""
    if asked.costs is None:
        return []
    if not asked.loss.of_classes:
        raise InputError("--costs are of answers that are classes; --loss asks for numbers")
    return [str(kind) for kind in np.unique(table.target)]


def announce(text: str) -> None:
    """Say on standard error what is finished."""
    sys.stderr.write(f"{text}\n")


def literature_rows(table: Table) -> tuple[networks.Published, ...]:
    """What others have certified on the same data: MNIST, recognised by its content."""
    return networks.LITERATURE if table.recognised == "mnist" else ()


def _source(asked: Asked, rows: int) -> predictors.Source:
    """Where the predictor comes from."""
    if predictors.is_predictor_file(asked.model):
        saw = predictors.read_seen(asked.saw, rows)
        path = Path(asked.model)
        return predictors.Source(path.name, lambda: predictors.read_predictor(path), saw)
    if asked.saw is not None:
        raise InputError("--saw belongs to a fitted model from a file (--model F.joblib or F.skops)")
    if ":" in asked.model:
        return predictors.Source(asked.model, predictors.load_factory(asked.model))
    return predictors.Source(asked.model)


def _posterior(table: Table, asked: Asked) -> networks.NetworkCertificate:
    """A Gaussian posterior around linear scores or a network, trained by PAC-Bayes with backprop."""
    _refuse_others(table, asked)
    name = "logistic" if asked.model == "linear" else asked.model
    seed = data_seed(data_digest(table.features, table.target)) if asked.seed is None else asked.seed
    certificate = networks.certify_network(
        table.features,
        table.target,
        settings=_with(networks.model_settings(name), asked.given, name),
        delta=asked.delta,
        seed=seed,
        groups=table.groups,
        allow_copies=asked.allow_copies,
        test_rows=table.test_rows,
        folder=None if asked.out is None else asked.out / "stages",
        announce=announce,
    )
    return dataclasses.replace(certificate, encoding=table.encoding)


def _refuse_others(table: Table, asked: Asked) -> None:
    """Refuse what a posterior does not have.

    Raises:
        InputError: if it was asked for.
    """
    if asked.model not in networks.MODELS:
        known = ", ".join(networks.MODELS)
        raise InputError(f"a Gaussian posterior needs --model {known}, got {asked.model!r}")
    if not asked.loss.of_classes:
        raise InputError("a Gaussian posterior predicts classes; --loss belongs to the other models")
    if table.encoding is not None and not table.encoding.plain:
        raise InputError(
            "a Gaussian posterior needs complete columns of numbers; leave --posterior out, or encode the table first"
        )
    extra = {"--parts": asked.parts, "--stratify": asked.stratified, "--rows": asked.rows}
    extra |= {"--shares": asked.shares, "--saw": asked.saw}
    extra |= {"--costs": asked.costs, "--sensitive": asked.sensitive, "--moment": asked.moment is not None}
    extra |= {"--curve": asked.sizes}
    if given := [name for name, value in extra.items() if value]:
        raise InputError(f"{given[0]} does not go with a Gaussian posterior, whose parts and rows are its own")


def _named(data: str | None, target: str | None, command: str) -> tuple[str, str]:
    if data is not None and target is None and data.startswith(("mnist:", "idx:")):
        target = MNIST_TARGET
    if data is None or target is None:
        raise InputError(f"{command} needs --data and --target")
    return data, target


def _warn(data: str, table: Table) -> None:
    if data.startswith("mnist:") and not table.recognised:
        announce(f"{data} is not MNIST, as the digests of its files say: read as any images, as idx:DIR is")
    for note in table.notes:
        announce(note)


def _with(settings: networks.NetworkSettings, given: Mapping[str, Any], model: str) -> networks.NetworkSettings:
    changes: dict[str, Any] = {}
    if "hidden" in given:
        if model != "mlp":
            raise InputError(f"--hidden needs --model mlp, got {model}")
        try:
            changes["hidden"] = tuple(int(width) for width in given["hidden"].split(","))
        except ValueError as error:
            raise InputError(f"hidden must be widths such as 300,100, got {given['hidden']!r}") from error
    if "objective" in given:
        changes["objective"] = given["objective"]
    if "prior_share" in given:
        changes["shares"] = networks.shares_with_prior(given["prior_share"])
    if "steps" in given:
        changes |= {"prior_steps": given["steps"], "posterior_steps": max(1, given["steps"] // 2)}
    return dataclasses.replace(settings, **changes)
