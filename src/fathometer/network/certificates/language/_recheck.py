"""A certificate of a language model held against the documents, and against the model where it is given again."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.data import Split
from fathometer.generalization import LedgerRow, Recheck
from fathometer.generalization.bounds._delta_account import DeltaAccount
from fathometer.generalization.learning.linear._certificate import split_digests
from fathometer.generalization.learning.predictors._plan import drawn_parts
from fathometer.generalization.learning.predictors._recheck import STORED_ONLY
from fathometer.generalization.ledger._copies import Grouped
from fathometer.generalization.ledger._recheck import conclude, differences, unseen
from fathometer.network._network import Network
from fathometer.network.adapters._parameters import arrays_of
from fathometer.network.certificates._answers import arrays_digest, facts_of
from fathometer.network.certificates._recheck import value_differs
from fathometer.network.certificates.coding._code import code_bits
from fathometer.network.certificates.language._documents import document_losses, documents_digest, read_documents
from fathometer.network.certificates.language._language import (
    CODE_SHARE,
    DECODED,
    HELD_OUT,
    LanguageCertificate,
    counted,
    decoded_losses,
    grouped_documents,
    held_out_row,
    language_ledger,
    loss_row,
    question,
)

NEAR = 1e-5
"""Losses of one model on two machines differ by less than this."""


def recheck_language(
    certificate: LanguageCertificate,
    documents: Sequence[Any],
    untouched: bool = True,
    *,
    net: Network | None = None,
    code: bytes | None = None,
    groups: ArrayLike | None = None,
) -> Recheck:
    """Draw the parts again, score the documents again where the model is given, and evaluate both rows by SciPy.

    Args:
        certificate: as it was read.
        documents: as they were certified.
        untouched: whether the digest of the file fits its content.
        net: the model; None if it is not given.
        code: the file beside the certificate; None if it is not there.
        groups: shape (n,), group of each document, where the certificate was made with groups.

    Raises:
        InputError: if documents cannot be read as those of the certificate were.
    """
    reading = certificate.reading
    texts = read_documents(documents, reading)
    if differing := differences("sha256", certificate.sha256, documents_digest(texts)):
        return conclude(differing)
    grouped = grouped_documents(texts, groups, certificate.copies.allowed)
    if differing := differences("copies", certificate.copies.to_json(), grouped.copies.to_json()):
        return conclude(differing)
    saw = np.asarray(certificate.saw)
    split = drawn_parts(certificate.plan, grouped.numbers, np.zeros(len(texts), np.int64), saw)
    differing = differences("parts", dict(certificate.parts), split_digests(split, split.parts))
    differing += _stored(certificate, split) or _summary(certificate, texts, split, grouped)
    differing += [] if net is None else _asked(certificate, texts, split, net)
    blind = ["what the model had seen before it came here"]
    if certificate.code is not None:
        found, more = _code(certificate, texts, split, grouped, net, code)
        differing, blind = differing + found, blind + more
    seen = unseen(grouped.copies, *blind, seed_given=True)
    missing = "the file of the code is not there" if certificate.code is not None and code is None else ""
    return conclude(differing, certificate.ledger.rows, untouched, seen, STORED_ONLY if net is None else missing)


def _stored(certificate: LanguageCertificate, split: Split) -> list[str]:
    """The held-out row from the stored losses, and what the rows spend."""
    losses = np.asarray(certificate.losses)
    count = split.sizes["held_out"]
    if losses.shape != (count + split.sizes["test"],) or not np.all((losses >= 0) & (losses <= 1)):
        return ["losses must be in [0, 1], one for each held-out and test document"]
    row = next((row for row in certificate.ledger.rows if row.certifies == HELD_OUT), None)
    if row is None:
        return ["the row of the held-out documents is missing"]
    spent = math.fsum(each.delta_spent for each in certificate.ledger.rows)
    found = [] if spent <= certificate.plan.delta * (1 + 1e-12) else [f"the rows spend {spent:g} of delta"]
    inputs = {"losses": losses[:count].tolist(), "delta": row.delta_spent}
    return found + value_differs(row, "test_betting_losses", inputs)[:5]


def _summary(
    certificate: LanguageCertificate, texts: Sequence[NDArray[np.int64]], split: Split, grouped: Grouped
) -> list[str]:
    """All that the stored losses say once more: rows, ledger, risks; and counts of documents and tokens."""
    reading, count = certificate.reading, split.sizes["held_out"]
    losses = np.asarray(certificate.losses)
    made = held_out_row(losses[:count], losses[count:], _held_delta(certificate), reading)
    kept = certificate.code
    rows = [made] if kept is None else [made, kept.row]
    ledger = language_ledger(rows, losses[count:], split, grouped.copies, certificate.plan)
    stated = certificate.ledger.to_json() | {"provenance": None}
    found = differences("ledger", stated, ledger.to_json() | {"provenance": None})
    found += differences("documents", certificate.documents, len(texts))
    found += differences("tokens", certificate.tokens, sum(map(len, texts)))
    parts = {"held_out": losses[:count], "test": losses[count:]}
    asked = question(parts, texts, split, reading, made.value, known=False)
    for name in ("held_out_risk", "majority_risk", "certificate", "margin", "baseline"):
        stated = certificate.overfitting.to_json()[name]
        found += differences(f"overfitting.{name}", stated, asked.to_json()[name])
    return found[:5]


def _same_row(row: LedgerRow, again: LedgerRow) -> list[str]:
    """What a row says, its measured mean to rounding on another machine."""
    apart = abs(float(row.measured.value) - float(again.measured.value))
    found = [] if apart <= NEAR else differences("measured", row.measured.to_json(), again.measured.to_json())
    kept = replace(again, measured=row.measured) if not found else again
    return differences(row.bound, row.to_json(), kept.to_json())[:5]


def _held_delta(certificate: LanguageCertificate) -> float:
    """Delta of the held-out row, by the share of the code."""
    account = DeltaAccount(certificate.plan.delta)
    if certificate.code is None:
        return account.portion(1)
    account.portion(CODE_SHARE)
    return account.split(1)[0]


def _asked(
    certificate: LanguageCertificate, texts: Sequence[NDArray[np.int64]], split: Split, net: Network
) -> list[str]:
    """Losses that the model gives otherwise now."""
    held = arrays_digest(arrays_of(net))
    if held != certificate.network.sha256:
        return [f"network.sha256 is {certificate.network.sha256[:16]}..., the model that was given has {held[:16]}..."]
    facts = facts_of(net, certificate.vocabulary)
    for name in ("framework", "outputs", "parameters"):
        if found := differences(f"network.{name}", getattr(certificate.network, name), getattr(facts, name)):
            return found
    part = np.concatenate([split.part("held_out"), split.part("test")])
    again = document_losses(net, [texts[row] for row in part], certificate.reading)
    apart = np.flatnonzero(np.abs(again - certificate.losses) > NEAR)
    found = [f"the loss of document {part[k]} is {certificate.losses[k]:g}, recomputed {again[k]:g}" for k in apart[:5]]
    if not len(np.asarray(certificate.saw)):
        return found
    training = document_losses(net, [texts[row] for row in split.part("training")], certificate.reading)
    stated = float(certificate.overfitting.training_risk.value)
    if abs(training.mean() - stated) > NEAR:
        return [*found, f"training_risk is {stated}, recomputed {training.mean()}"]
    return found + _overfits(certificate, texts, split, training + (stated - training.mean()))


def _overfits(
    certificate: LanguageCertificate, texts: Sequence[NDArray[np.int64]], split: Split, training: NDArray[np.float64]
) -> list[str]:
    """The verdict on overfitting, from the stored losses and those on the training documents."""
    count, losses = split.sizes["held_out"], np.asarray(certificate.losses)
    parts = {"training": training, "held_out": losses[:count], "test": losses[count:]}
    stated = certificate.overfitting
    again = question(parts, texts, split, certificate.reading, stated.certificate, known=True)
    return differences("overfitting", stated.to_json(), again.to_json())[:5]


def _code(
    certificate: LanguageCertificate,
    texts: Sequence[NDArray[np.int64]],
    split: Split,
    grouped: Grouped,
    net: Network | None,
    code: bytes | None,
) -> tuple[list[str], list[str]]:
    """Read back, score, evaluate."""
    record = certificate.code
    assert record is not None
    if code is None or net is None:
        return [], ["the decoded model, which needs the file of its code and the architecture"]
    row, rows = record.row, counted(split, grouped, certificate.plan)
    again = decoded_losses(net, code, [texts[k] for k in rows], certificate.reading)
    stored = np.asarray(row.inputs["losses"])
    if stored.shape != again.shape or np.abs(stored - again).max() > NEAR:
        return ["losses of the decoded model differ from the stored ones"], []
    kl = code_bits(code) * math.log(2)
    found = differences("code.size", record.size, len(code)) + differences("code.kl", row.inputs["kl"], kl)
    inputs = {"losses": stored.tolist(), "kl": float(row.inputs["kl"]), "delta": row.delta_spent}
    test = decoded_losses(net, code, [texts[k] for k in split.part("test")], certificate.reading)
    spoken = loss_row("coinbet", DECODED, inputs, test, row.delta_spent, certificate.reading)
    found += _same_row(row, spoken)
    if row.delta_spent > certificate.plan.delta * CODE_SHARE * (1 + 1e-12):
        found.append("the row of the code spends more than its share of delta")
    return found + value_differs(row, "coinbet", inputs)[:5], [
        "whether the scheme of the code and all that is no array of the network were fixed before the documents"
    ]
