"""Certificates of a predictor, fitted here or brought along: what rows that it never saw say about it as it is."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.data import Encoding, Split, data_seed
from fathometer.evidence import Record
from fathometer.generalization.learning.linear._certificate import DataSummary, data_digest, data_summary, split_digests
from fathometer.generalization.learning.linear._several import SeveralClasses
from fathometer.generalization.learning.linear._training import TrainedLinear
from fathometer.generalization.learning.networks._problem import MINIMUM_ROWS
from fathometer.generalization.learning.predictors._deployed import (
    Competitor,
    Deployed,
    best_competitor,
    held_out_of,
    stratified_risk,
    with_answers,
)
from fathometer.generalization.learning.predictors._fit import Fit, Source, bring, fit
from fathometer.generalization.learning.predictors._plan import Plan, drawn_parts, prior_weights
from fathometer.generalization.learning.predictors._reading import Rows, read_rows
from fathometer.generalization.learning.predictors._reference import Reference, RowsFile, reference_rows
from fathometer.generalization.learning.predictors._rows import ledger_of, require_known
from fathometer.generalization.learning.predictors.heads._linear_head import LinearHead, as_linear, head_of
from fathometer.generalization.learning.predictors.heads._several_head import (
    SeveralHead,
    as_several,
    several_of,
)
from fathometer.generalization.learning.predictors.models._adapter import Answers, Origin, answers
from fathometer.generalization.learning.predictors.models._files import PredictorFile
from fathometer.generalization.learning.predictors.models._fitting import few_threads
from fathometer.generalization.learning.predictors.rows._calibration import with_probabilities
from fathometer.generalization.ledger._calibration import Bins
from fathometer.generalization.ledger._copies import Copies, grouped_rows, sampling_notes
from fathometer.generalization.ledger._intervals import risk_estimate
from fathometer.generalization.ledger._ledger import Ledger
from fathometer.generalization.ledger._overfitting import Overfitting, overfitting

PACKAGES = ("fathometer", "numpy", "scipy", "scikit-learn")


@dataclass(frozen=True, eq=False)
class PredictorCertificate(Record):
    """A predictor with its ledger, and what a recheck needs beside the data.

    Attributes:
        data: what was used.
        encoding: how text, categories and missing values became numbers; None if the features were numbers.
        origin: how the predictor came about: fitted here on the training part, or not.
        copies: which rows are independent.
        plan: what was fixed before the rows were looked at.
        saw: numbers of the rows that it has seen, as the user says, for one that came fitted; None for any other.
        parts: SHA-256 digest of the row numbers of each part of the split.
        trained_on: SHA-256 digest of the rows that it was fitted on here, features and labels as numbers.
        competitors: among which the held-out part chose, the favourite first.
        chosen: number of the deployed one among them.
        predicted: number of the predicted class, or the predicted value, for each held-out row, then for each of the
            test part.
        margins: score of the right class minus the best other one for the same rows; None without scores.
        gamma: margin of the ramp loss; None without scores.
        bins: of the probabilities that it states for its answers; None unless the row `calibration` was asked for.
        stated: these probabilities for the same rows as `predicted`; None likewise.
        overfitting: does it overfit, by how much?
        predictor: the file of the deployed predictor; None if it was not written.
        reference: the file of some of the rows that certify; None if it was not written.
        ledger: the certificates.
        linear: the deployed predictor in the coordinates of the theorems about linear classifiers of two classes; None
            if it is none.
        several: likewise for more classes.
    """

    data: DataSummary
    encoding: Encoding | None
    origin: Origin
    copies: Copies
    plan: Plan
    saw: NDArray[np.int64] | None
    parts: Mapping[str, str]
    trained_on: Mapping[str, str]
    competitors: tuple[Competitor, ...]
    chosen: int
    predicted: NDArray[Any]
    margins: NDArray[Any] | None
    gamma: float | None
    bins: Bins | None
    stated: NDArray[Any] | None
    overfitting: Overfitting
    predictor: PredictorFile | None
    reference: RowsFile | None
    ledger: Ledger
    linear: LinearHead | None = None
    several: SeveralHead | None = None

    @property
    def seed(self) -> int:
        """Of the split and of every other random choice."""
        return self.plan.seed or 0

    @property
    def fitted_here(self) -> bool:
        """Whether it was fitted on the training part; if not, nobody here knows what it has seen."""
        return self.origin in (Origin.FITTED, Origin.ANSWERED)

    @property
    def seed_given(self) -> bool:
        """Whether somebody chose the seed; else it follows from the data."""
        return self.plan.seed != data_seed(self.data.sha256)


@dataclass(frozen=True)
class Certified:
    """A certificate with the predictor itself.

    Attributes:
        certificate: the record.
        predictor: fitted; `predict` takes what `features` were.
        reference: to hold new rows against.
    """

    certificate: PredictorCertificate
    predictor: Any
    reference: Reference


def certify_predictor(
    features: ArrayLike,
    labels: ArrayLike,
    factory: Callable[[], Any] | str,
    *,
    name: str = "predictor",
    delta: float = 0.05,
    seed: int | None = None,
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
        factory: makes the predictor, or the name of a model of ours: auto, linear, logistic, boosting, mlp or forest.
        name: for the record.
        delta: total failure probability, in (0, 1).
        seed: of the split; None takes the one that follows from the data.
        groups: shape (n,), group of each row, such as a patient; None if rows are independent unless they are copies.
        allow_copies: count rows with equal features one by one: right if they were drawn independently and are equal by
            chance, and wrong otherwise. The result is marked.

    Raises:
        InputError: if the data are no classification problem with enough groups of rows, delta is not in (0, 1), a
            class is absent from the training part, or the predictor is fitted already, fails, answers in another form
            or is no fixed function of a row.
    """
    source = Source(factory) if isinstance(factory, str) else Source(name, factory)
    plan = Plan(source.name, delta=delta, seed=seed)
    rows = read_rows(features, labels, plan)
    return certify_rows(rows, source, plan, groups=groups, allow_copies=allow_copies).certificate


def certify_rows(
    rows: Rows,
    source: Source,
    plan: Plan,
    *,
    groups: ArrayLike | None = None,
    allow_copies: bool = False,
    announce: Callable[[str], object] = lambda text: None,
) -> Certified:
    """Split, fit, choose, and certify what was chosen.

    Args:
        rows: features and labels.
        source: of the predictor.
        plan: what is fixed before; without a seed it gets the one that follows from the data.
        groups: shape (n,), group of each row; None if only copies belong together.
        allow_copies: count rows with equal features one by one.
        announce: is told what is finished.

    Raises:
        InputError: as `certify_predictor`, and if rows of the ledger are asked for that do not apply.
    """
    require_known(plan)
    grouped = grouped_rows(rows.x, rows.truth, MINIMUM_ROWS, groups, allow_copies)
    plan = plan if plan.seed is not None else dataclasses.replace(plan, seed=data_seed(rows.digest))
    brought = bring(source, rows, plan, announce)
    plan = plan if plan.parts else dataclasses.replace(plan, parts=brought.parts)
    split = drawn_parts(plan, grouped.numbers, rows.truth, source.saw)
    fits = fit(brought, rows, split, grouped.numbers, plan, announce)
    with few_threads(rows.x.size):
        given = [answers(predictor, rows.handed(brought.framed), rows.kinds) for predictor in fits.predictors]
    deployed = chosen_predictor(fits, given, rows, split, grouped.numbers, plan)
    deployed = with_probabilities(deployed, rows.handed(brought.framed), rows.kinds)
    linear, several = linear_models(deployed, rows, source.saw)
    deployed = dataclasses.replace(deployed, linear=linear, several=several)
    notes = ledger_notes(grouped.copies, brought.origin, deployed, rows.encoding)
    certificate = _certificate(deployed, rows, brought.origin, source.saw, grouped.copies, notes)
    known = knows_training(brought.origin, source.saw)
    return Certified(certificate, deployed.predictor, reference_rows(rows.x, split, known))


def chosen_predictor(
    fits: Fit, given: list[Answers], rows: Rows, split: Split, groups: NDArray[np.int64], plan: Plan
) -> Deployed:
    """The competitor with the smallest certificate on the held-out part.

    Args:
        fits: the fitted competitors.
        given: what each answers for all rows.
        rows: features and labels.
        split: which rows are in which part.
        groups: shape (n,), group of each row.
        plan: with loss and delta.
    """
    part = split.part("held_out")
    totals = [float(plan.loss.of(each.predicted[part], rows.truth[part]).sum()) for each in given]
    weights = prior_weights(len(totals))
    competitors = tuple(map(Competitor, fits.names, weights, fits.risks, totals))
    best = best_competitor(totals, held_out_of(plan, split, groups, rows.truth), plan)
    blank = Deployed(plan, split, rows.truth, {}, None, None, competitors, best, groups, rows.x)
    blank = dataclasses.replace(blank, kinds=kind_names(rows), sensitive=rows.sensitive)
    return with_answers(blank, given[best], fits.predictors[best])


def kind_names(rows: Rows) -> tuple[str, ...]:
    """The classes as texts."""
    return () if rows.kinds is None else tuple(map(str, rows.kinds))


def _certificate(
    deployed: Deployed,
    rows: Rows,
    origin: Origin,
    saw: NDArray[np.int64] | None,
    copies: Copies,
    notes: tuple[str, ...],
) -> PredictorCertificate:
    split = deployed.split
    ledger = ledger_of(deployed, notes, PACKAGES)
    return PredictorCertificate(
        data=data_summary(rows.x, rows.labels, rows.kinds is not None),
        encoding=rows.encoding,
        origin=origin,
        copies=copies,
        plan=deployed.plan,
        saw=saw,
        parts=split_digests(split, split.parts),
        trained_on=fit_digests(rows, split, origin),
        competitors=deployed.competitors,
        chosen=deployed.chosen,
        predicted=answered(deployed.predicted).astype(np.float64 if rows.kinds is None else np.int32),
        margins=None if deployed.margins is None else answered(deployed.margins),
        gamma=deployed.gamma,
        bins=None if deployed.stated is None else deployed.stated.bins,
        stated=None if deployed.stated is None else answered(deployed.stated.by_part),
        overfitting=overfitting_of(deployed, ledger, training_losses(deployed, origin, saw)),
        predictor=None,
        reference=None,
        ledger=ledger,
        linear=head_of(deployed),
        several=several_of(deployed),
    )


def linear_models(
    deployed: Deployed, rows: Rows, saw: NDArray[Any] | None
) -> tuple[TrainedLinear | None, SeveralClasses | None]:
    """The deployed predictor as a linear classifier of two classes and of several; None where it is none.

    Args:
        deployed: with the predictor itself.
        rows: features and labels.
        saw: numbers of the rows that it has seen, for one that came fitted.
    """
    return (as_linear(deployed), as_several(deployed)) if random_numbers(rows, saw) else (None, None)


def random_numbers(rows: Rows, saw: NDArray[Any] | None) -> bool:
    """Whether the table has numbers alone, and the training part is drawn at random.

    Rows that somebody chose to fit a predictor on are no random ones, from which nothing follows.
    """
    return (rows.encoding is None or rows.encoding.plain) and not (saw is not None and np.size(saw))


def ledger_notes(
    copies: Copies, origin: Origin, deployed: Deployed, encoding: Encoding | None = None
) -> tuple[str, ...]:
    """What was done to the data, and where the predictor comes from.

    Args:
        copies: which rows are independent.
        origin: how the predictor came about.
        deployed: with its plan.
        encoding: of the features; None if they were given as numbers.
    """
    plan = deployed.plan
    read = () if encoding is None or encoding.plain else (ENCODING_NOTE,)
    shown = not plan.rows or "linear" in plan.rows
    theorems = {LINEAR_NOTE: deployed.linear, SEVERAL_NOTE: deployed.several}
    noted = [note for note, model in theorems.items() if shown and model is not None]
    return (*sampling_notes(copies, plan.test_rows, plan.stratified), *read, NOTES[origin], *noted)


def answered(by_part: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    """What is kept: the held-out rows, then those of the test part."""
    return np.concatenate([by_part["held_out"], by_part["test"]])


def overfitting_of(deployed: Deployed, ledger: Ledger, training: NDArray[np.float64] | None) -> Overfitting:
    """Does it overfit, by how much?

    Args:
        deployed: with its answers.
        ledger: with the winner.
        training: losses on the rows that it was fitted on; None if nobody knows these.
    """
    return question(deployed, next((row.value for row in ledger.rows if row.bound == ledger.winner), None), training)


def question(deployed: Deployed, certificate: float | None, training: NDArray[np.float64] | None) -> Overfitting:
    """Does it overfit, beside a certificate from anywhere?

    Args:
        deployed: with its answers.
        certificate: upper bound on its risk, or None.
        training: losses on the rows that it was fitted on; None if nobody knows these.
    """
    held_out = deployed.losses("held_out")
    truth = deployed.truth[deployed.split.part("held_out")]
    plain = deployed.plan.loss.of(np.full(held_out.size, plain_guess(deployed)), truth)
    called = "the majority class" if deployed.plan.loss.of_classes else "the best constant"
    risk_of = stratified_risk(deployed.held_out) if deployed.plan.stratified else risk_estimate
    return overfitting(training, held_out, plain, certificate, weight=deployed.weight, baseline=called, risk_of=risk_of)


def training_losses(deployed: Deployed, origin: Origin, saw: NDArray[Any] | None) -> NDArray[np.float64] | None:
    """Losses on the rows that it was fitted on; None if nobody knows these.

    Args:
        deployed: with its answers on the training part.
        origin: how it came about.
        saw: rows that it has seen, as the user says; None if it did not come fitted.
    """
    return deployed.losses("training") if knows_training(origin, saw) else None


def knows_training(origin: Origin, saw: NDArray[Any] | None) -> bool:
    """Whether the training part is what the predictor was fitted on."""
    return origin in (Origin.FITTED, Origin.ANSWERED) or (saw is not None and bool(np.size(saw)))


def plain_guess(deployed: Deployed) -> float:
    """What to say of every row alike: the most frequent class, the median, mean or quantile of the training part."""
    loss, targets = deployed.plan.loss, deployed.truth[deployed.split.part("training")]
    if loss.of_classes:
        return float(np.argmax(np.bincount(targets)))
    if loss.name == "squared":
        return float(np.mean(targets))
    return float(np.quantile(targets, loss.level))


def fit_digests(rows: Rows, split: Split, origin: Origin) -> dict[str, str]:
    """What it was fitted on here.

    Args:
        rows: features and labels.
        split: which rows are in which part.
        origin: whether it was fitted here.
    """
    if origin not in (Origin.FITTED, Origin.ANSWERED):
        return {}
    part = split.part("training")
    return {"training": data_digest(rows.x[part], rows.labels[part])}


LINEAR_NOTE = (
    "theorems about every linear classifier speak about this one too, though it has seen their rows: one half of the "
    "training part fixes scaling, prior direction and normalised margin, the other half counts the losses"
)

SEVERAL_NOTE = (
    "a theorem about every linear classifier speaks about this one too, though it has seen its rows: one half of the "
    "training part fixes scaling and prior weights, the other half counts"
)

ENCODING_NOTE = (
    "which columns are categories, text or dates, and which categories there are, was decided by the features of all "
    "rows, and by no label"
)

NOTES = {
    Origin.FITTED: "fitted here on the training part alone; what its code remembers from before, nothing here can "
    "see; gamma comes from that part",
    Origin.ANSWERED: "fitted here on the training part, but it answered before that: the certificates hold only if "
    "what it held then was made without these rows, which nothing here can see; gamma comes from the training part",
    Origin.READY: "came ready: the certificates hold only if it was made without these rows, which nothing here can "
    "see",
    Origin.DECLARED: "came fitted: the certificates hold only if it has seen no other rows than those that were named, "
    "which nothing here can see; these, and the rows of their groups, are the training part",
}
