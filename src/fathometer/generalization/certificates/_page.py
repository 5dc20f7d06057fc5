"""From a certificate to what its page and its model card say."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fathometer.evidence import Answer, Check, Estimate, text_confidence, text_near
from fathometer.generalization.certificates._saved import AnyCertificate
from fathometer.generalization.certificates._signature import Signature
from fathometer.generalization.learning.linear._certificate import LinearCertificate
from fathometer.generalization.learning.predictors._certificate import PredictorCertificate
from fathometer.generalization.learning.predictors._curve import CurvePoint
from fathometer.generalization.learning.predictors.models._adapter import PROBE, Origin
from fathometer.generalization.ledger._copies import Copies
from fathometer.generalization.ledger._drift import Drift
from fathometer.generalization.ledger._ledger import Ledger, LedgerRow, measured_errors
from fathometer.generalization.ledger._overfitting import Overfitting
from fathometer.generalization.ledger._parts_alike import PartsAlike
from fathometer.report import (
    BASELINE,
    UNSEEN,
    CertificatePage,
    LearningCurve,
    RiskRow,
    TextTable,
    certified_sentence,
    percent_up,
)

DEPLOYED = ("the model", "the predictor", "the deployed predictor", "the mean network")
"""What a row calls the predictor of its page."""


PAST = {
    Origin.FITTED: "Memory: that the code of the predictor remembers none of these rows from before.",
    Origin.ANSWERED: "Memory: the predictor answered before it was fitted here; that it had seen none of these rows.",
    Origin.READY: "Training rows: the predictor came ready; that it was made without any of these rows.",
    Origin.DECLARED: "Training rows: it came fitted; that it has seen no other rows than those that were named.",
}
"""What nobody can see of the past of a predictor."""


def certificate_page(
    certificate: AnyCertificate,
    *,
    title: str | None = None,
    seed_given: bool | None = None,
    signature: Signature | None = None,
    verified: bool | None = None,
    untouched: bool = True,
    per_class: TextTable | None = None,
    curve: LearningCurve | None = None,
    drift: Drift | None = None,
    tables: tuple[TextTable, ...] = (),
) -> CertificatePage:
    """Say what a certificate says, for its page and its card; what it does not know is said to be unknown.

    Args:
        certificate: of a linear model, a network or a predictor.
        title: of the page; the name of the model if None.
        seed_given: whether the user chose the seed; None if that is not known.
        signature: of the saved file; None if there is none.
        verified: whether the signature was verified with a key; None if nobody tried.
        untouched: whether the content of the file still has the digest that it was saved with.
        per_class: certificates by class; None takes those of the ledger, if it has any.
        curve: risk and certificate against training rows; None if there is none.
        drift: whether new rows look like those that certify; None if that was not tested.
        tables: shown under Details, after the candidates.
    """
    ledger = certificate.ledger
    best, question = winning_row(ledger), _of(certificate, "overfitting")
    return CertificatePage(
        title=title or f"Certificate of {_name(certificate)}",
        sentence=row_sentence(best, ledger.delta_total),
        delta=ledger.delta_total,
        rows=tuple(shown_row(row, row is best) for row in ledger.rows),
        certificate=None if best is None else best.value,
        training_risk=_known(_within(question, "training_risk")),
        held_out_risk=_known(_within(question, "held_out_risk")) or _held_out(best),
        test_risk=ledger.test_risk if best is None else best.measured,
        majority_risk=_known(_within(question, "majority_risk")),
        gap=_known(_within(question, "gap")),
        overfitting="" if question is None else _capital(question.sentence),
        warnings=_warnings(certificate.copies, untouched),
        checked=_checks(certificate, signature, verified),
        unseen=_unseen(certificate),
        seed=certificate.seed,
        seed_given=_of(certificate, "seed_given") if seed_given is None else seed_given,
        data=_data(certificate),
        sizes=ledger.sizes,
        versions=ledger.provenance.versions,
        predictor_file=_within(_of(certificate, "predictor"), "name"),
        predictor_sha256=_within(_of(certificate, "predictor"), "sha256"),
        notes=ledger.notes,
        baseline=f"always predicting {question.baseline}" if question else BASELINE,
        per_class=per_class or _per_class(ledger),
        curve=curve,
        drift=None if drift is None else _drifted(drift),
        tables=(*_competitors(certificate), *tables),
    )


def drawn_curve(points: Sequence[CurvePoint], overfitting: Overfitting) -> LearningCurve:
    """A learning curve as a page and a figure show it.

    Args:
        points: in the order of their sizes, at least one.
        overfitting: of the deployed predictor, with the risk of the constant prediction.
    """
    return LearningCurve(
        sizes=np.array([point.m for point in points], np.float64),
        risk=_together([point.held_out_risk for point in points]),
        bound=np.array([point.certificate for point in points]),
        gap=_together([point.gap for point in points]),
        training=np.array([float(point.training_risk.value) for point in points]),
        majority=float(overfitting.majority_risk.value),
        baseline=f"always predicting {overfitting.baseline}",
        note=curve_note(points),
    )


def curve_note(points: Sequence[CurvePoint]) -> str:
    """What the numbers of a learning curve claim.

    Args:
        points: at least one.
    """
    together = text_confidence(min(1.0, sum(point.delta_spent for point in points)))
    return (
        "The model was fitted again on growing pieces of its training part. "
        f"The {len(points)} certificates of the curve hold together with probability {together}; the last one is about "
        "the deployed predictor, whose own certificate pays for no curve. "
        "Each interval of a risk or a gap holds by itself with probability "
        f"{text_near(points[-1].held_out_risk.confidence or 0, 3)}."
    )


def _together(estimates: Sequence[Estimate]) -> Estimate:
    """One estimate of many values."""
    value, lower, upper = (
        np.array([float(getattr(one, end)) for one in estimates]) for end in ("value", "lower", "upper")
    )
    return Estimate.sampled(value, lower, upper, estimates[0].confidence or 0.5)


def winning_row(ledger: Ledger) -> LedgerRow | None:
    """The row that the ledger calls its winner; None if every row is vacuous."""
    rows = [row for row in ledger.rows if row.bound == ledger.winner and not row.vacuous and row.value is not None]
    return rows[0] if rows else None


def shown_row(row: LedgerRow, wins: bool = False) -> RiskRow:
    """A row as a page and a figure show it.

    Args:
        row: of a ledger.
        wins: whether it is the one that the page is about.
    """
    return RiskRow(row.bound, row.certifies, row.value, row.measured, row.delta_spent, row.status, wins)


def row_sentence(row: LedgerRow | None, delta: float) -> str:
    """Say what a row certifies; the number is rounded up.

    Args:
        row: of a ledger; None if no row says anything.
        delta: total failure probability of the ledger, in (0, 1).
    """
    if row is None:
        return certified_sentence(None, delta)
    risk = re.fullmatch(r"0/1 (Gibbs )?risk of ([^,]*)(, .*)?", row.certifies)
    if risk is None:
        return f"With probability at least {text_confidence(delta)}, {_mean_loss(row)}."
    who = "this predictor" if risk[2] in DEPLOYED else risk[2]
    return certified_sentence(
        row.value, delta, f"a predictor drawn at random for each row from {who}" if risk[1] else who
    )


def _mean_loss(row: LedgerRow) -> str:
    """What a row says that is not about wrong classes."""
    value = percent_up(row.value)
    loss = re.fullmatch(r"(mean .* loss), cut off at (\S+) and divided by it, of (.*)", row.certifies)
    if loss is None or loss[3] not in DEPLOYED:
        return f"at most {value} on new rows drawn like these: {row.certifies}"
    about = f"the {loss[1]} of this predictor, cut off at {loss[2]},"
    return f"{about} is at most {value} of {loss[2]} on new rows drawn like these"


def _name(certificate: AnyCertificate) -> str:
    if isinstance(certificate, PredictorCertificate):
        return certificate.plan.model
    return "a linear classifier" if isinstance(certificate, LinearCertificate) else "a network"


def _held_out(row: LedgerRow | None) -> Estimate | None:
    """Errors on the held-out rows, where the row counts them and nothing was chosen by them."""
    if row is None or row.bound != "test_binomial":
        return None
    return measured_errors(int(row.inputs["errors"]), int(row.inputs["n"]))


def _data(certificate: AnyCertificate) -> dict[str, str]:
    data = certificate.data
    return {
        "rows": f"{data.rows}",
        "columns": f"{data.columns}",
        "classes": ", ".join(data.classes),
        "SHA-256 of the data": data.sha256,
    }


def _warnings(copies: Copies, untouched: bool) -> tuple[str, ...]:
    counted = (
        f"{copies.repeated} rows repeat another row and were counted one by one, at the user's wish: if they were not "
        "drawn independently, the certificate does not hold."
    )
    changed = "The content of the file is not what was saved: its digest differs."
    return *(() if untouched else (changed,)), *((counted,) if copies.allowed else ())


def _checks(certificate: AnyCertificate, signature: Signature | None, verified: bool | None) -> tuple[Check, ...]:
    return (
        _alike(certificate.ledger.alike),
        _copies(certificate.copies),
        _groups(certificate.copies),
        _disjoint(certificate.ledger.sizes),
        _deterministic(certificate),
        _signed(signature, verified),
    )


def _unseen(certificate: AnyCertificate) -> tuple[str, ...]:
    if not isinstance(certificate, PredictorCertificate):
        return UNSEEN
    return PAST[certificate.origin], *UNSEEN


def _alike(alike: PartsAlike | None) -> Check:
    name = "test part drawn like the rows that certify"
    if alike is None:
        return _check(name, Answer.UNDECIDABLE, "no test was made")
    return _check(name, Answer.FAILS if alike.differ else Answer.HOLDS, alike.sentence)


def _copies(copies: Copies) -> Check:
    repeats = f"{copies.repeated} of {copies.rows} rows repeat the features of another"
    if copies.allowed:
        return _check("copies count once", Answer.UNDECIDABLE, f"{repeats}, and each counts")
    text = f"{repeats}; copies stay in one part and count once" if copies.repeated else "no row repeats another"
    return _check("copies count once", Answer.HOLDS, text)


def _groups(copies: Copies) -> Check:
    if copies.given:
        text = f"{copies.rows} rows are {copies.groups} groups as given or copies; none is split"
        return _check("groups kept whole", Answer.HOLDS, text)
    text = "no column of groups was named: rows of one patient or place would count as independent"
    return _check("groups kept whole", Answer.UNDECIDABLE, text)


def _disjoint(sizes: Mapping[str, int]) -> Check:
    text = ", ".join(f"{name} {size}" for name, size in sizes.items())
    return _check("parts share no row", Answer.HOLDS, f"by the way they are drawn; rows: {text}")


def _deterministic(certificate: AnyCertificate) -> Check:
    text = "its weights are in the file, and the answer is computed from them and the row alone"
    if isinstance(certificate, PredictorCertificate):
        text = f"asked twice about {PROBE} rows among other neighbours, it answered the same"
    return _check("predictor is a fixed function of a row", Answer.HOLDS, text)


def _signed(signature: Signature | None, verified: bool | None) -> Check:
    if signature is None:
        return _check("signature verified", Answer.UNDECIDABLE, "the file carries no signature: nobody vouches for it")
    answer = {None: Answer.UNDECIDABLE, True: Answer.HOLDS, False: Answer.FAILS}[verified]
    what = {None: "not verified with a key of yours", True: "verified", False: "NOT made by the key that was given"}
    return _check("signature verified", answer, f"Ed25519, public key {signature.public_key}; {what[verified]}")


def _check(name: str, answer: Answer, explanation: str) -> Check:
    return Check(name, answer, None, explanation)


def _drifted(drift: Drift) -> Check:
    name = "new rows drawn like those of the certificate"
    return _check(name, Answer.FAILS if drift.differ else Answer.HOLDS, drift.sentence)


def _competitors(certificate: AnyCertificate) -> tuple[TextTable, ...]:
    """Among what the held-out part chose; nothing where there was no choice."""
    if not isinstance(certificate, PredictorCertificate) or len(certificate.competitors) < 2:
        return ()
    header = ("candidate", "prior weight", "cross-validated risk on the training part", "sum of held-out losses")
    rows = (
        (
            one.name + (" (deployed)" if number == certificate.chosen else ""),
            text_near(one.weight, 4),
            "not known" if one.training is None else text_near(one.training, 4),
            text_near(one.total, 6),
        )
        for number, one in enumerate(certificate.competitors)
    )
    lead = "The held-out part chose among these; the certificate pays for the choice."
    return (TextTable("Candidates", header, tuple(rows), lead),)


def _per_class(ledger: Ledger) -> TextTable | None:
    """Recall and precision of each class, from the rows of the ledger that are about them; None without such rows."""
    rows = [(found, row) for row in ledger.rows if (found := _OF_CLASS.match(row.certifies))]
    if not rows:
        return None
    cells = tuple((found[2], found[1], percent_up(row.value), row.measured.text(4)) for found, row in rows)
    lead = "All of them hold together with the other rows of the ledger, under its one delta."
    return TextTable("By class", ("class", "rate", "at most", "measured on the test part"), cells, lead)


_OF_CLASS = re.compile(
    r"(miss rate \(1 - recall\)|false share \(1 - precision\)) of class (.*) of the deployed predictor"
)


def _capital(sentence: str) -> str:
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _known(estimate: Estimate | None) -> Estimate | None:
    """The estimate, if it is one."""
    return None if estimate is None or np.isnan(estimate.value) else estimate


def _of(certificate: AnyCertificate, name: str) -> Any:
    """A field that not every kind of certificate has."""
    return getattr(certificate, name, None)


def _within(record: Any, name: str) -> Any:
    return getattr(record, name, None)
