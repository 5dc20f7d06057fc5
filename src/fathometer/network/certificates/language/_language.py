"""Certificates of language models: bits per token of new documents."""

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.data import Split, data_seed
from fathometer.evidence import Estimate, InputError, Provenance, Record
from fathometer.generalization import Copies, Ledger, LedgerRow
from fathometer.generalization.bounds._betting import betting_upper
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.bounds._delta_account import DeltaAccount
from fathometer.generalization.learning.linear._certificate import split_digests
from fathometer.generalization.learning.linear._training import upward
from fathometer.generalization.learning.predictors import Plan
from fathometer.generalization.learning.predictors._plan import READY, drawn_parts
from fathometer.generalization.ledger._copies import Grouped, grouped_rows, sampling_notes
from fathometer.generalization.ledger._ledger import measured_mean, ranked, winner
from fathometer.generalization.ledger._overfitting import Overfitting, overfitting
from fathometer.network._network import Network
from fathometer.network.adapters._elsewhere import numbers_elsewhere
from fathometer.network.adapters._parameters import arrays_of, moved, shapes_of
from fathometer.network.adapters._wrap import wrap
from fathometer.network.certificates._answers import NetworkFacts, facts_of
from fathometer.network.certificates._certificate import row_numbers, write_document
from fathometer.network.certificates.coding._code import SCHEMES, code_bits, decode, encode
from fathometer.network.certificates.coding._code_row import CodeRecord
from fathometer.network.certificates.language._documents import (
    FEWEST,
    Reading,
    different_documents,
    document_losses,
    documents_digest,
    read_documents,
    require_causal,
    unigram_losses,
)
from fathometer.numerics import kl_inverse_upper, round_down, wide
from fathometer.report import write_bytes

SCHEMA = "fathometer.language_certificate/1"

HELD_OUT = "mean loss of the language model, at every number of documents at once"
DECODED = "decoded: mean loss of the language model that its code gives back"
CODE_SHARE = 0.1
"""Of delta, for the row of a code where it is asked for."""

LOOKED_AT = 100
"""Training documents on which the schemes of a code are compared."""

LONGEST = 4096


@dataclass(frozen=True, eq=False)
class LanguageCertificate(Record):
    """A language model with its ledger; losses are bits per token, divided by the most that a token can cost.

    Attributes:
        network: which it is.
        vocabulary: number of tokens there are.
        alpha: share of the uniform law in every probability.
        longest: tokens of a document that were read.
        documents: number of them.
        tokens: in all of them.
        sha256: of the documents.
        copies: which documents are independent.
        plan: with seed and parts.
        saw: numbers of the documents that the model has seen.
        parts: SHA-256 digest of the numbers of the documents in each part.
        losses: of each held-out document in the order of the draw, then of each of the test part.
        overfitting: does it overfit, by how much?
        code: the row of a short code; None if it was not asked for.
        ledger: all rows.
    """

    network: NetworkFacts
    vocabulary: int
    alpha: float
    longest: int
    documents: int
    tokens: int
    sha256: str
    copies: Copies
    plan: Plan
    saw: NDArray[np.int64]
    parts: Mapping[str, str]
    losses: NDArray[np.float64]
    overfitting: Overfitting
    code: CodeRecord | None
    ledger: Ledger

    @property
    def reading(self) -> Reading:
        """How a document is scored."""
        return Reading(self.vocabulary, self.alpha, self.longest)

    @property
    def bits_per_token(self) -> Estimate:
        """Of new documents, with its interval; it holds at whatever number of documents one stops."""
        risk, most = self.overfitting.held_out_risk, self.reading.most_bits
        ends = (float(risk.lower) * most, upward(float(risk.upper) * most))
        return Estimate.sampled(float(risk.value) * most, *ends, risk.confidence or 0.5)


@dataclass(frozen=True, eq=False)
class LanguageCertified:
    """A certificate with the code of the decoded model, if there is one.

    Attributes:
        certificate: the record.
        code: the file; None if there is none.
    """

    certificate: LanguageCertificate
    code: bytes | None = None

    @property
    def ledger(self) -> Ledger:
        """All rows."""
        return self.certificate.ledger

    @property
    def bits_per_token(self) -> Estimate:
        """Of new documents, with its interval."""
        return self.certificate.bits_per_token

    def save(self, path: str | Path) -> LanguageCertificate:
        """Write the certificate, and the code beside it with the ending `.code`.

        Args:
            path: of the certificate; `fathometer recheck` reads it.
        """
        place, certificate = Path(path), self.certificate
        if self.code is not None and certificate.code is not None:
            write_bytes(place.with_suffix(".code"), self.code)
            named = dataclasses.replace(certificate.code, file=place.with_suffix(".code").name)
            certificate = dataclasses.replace(certificate, code=named)
        write_document(place, SCHEMA, certificate)
        return certificate


def certify_language(
    net: Any,
    documents: Sequence[Any],
    *,
    vocabulary: int,
    saw: ArrayLike,
    delta: float = 0.05,
    alpha: float = 0.01,
    longest: int = LONGEST,
    code: bool = False,
    groups: ArrayLike | None = None,
    allow_copies: bool = False,
    seed: int | None = None,
    announce: Callable[[str], object] = lambda text: None,
) -> LanguageCertified:
    """Certify how many bits a token of a new document costs.

    The unit is the document: its tokens depend on each other, documents are drawn independently. Its loss is the mean
    over its tokens but the first of log2(1/p~)/log2(V/a) with p~ = (1 - a) p + a/V. Documents that the model has not
    seen give an interval by betting, which holds at every number of documents at once; with `code`, the documents that
    trained it certify the model that a short file gives back.

    Args:
        net: a causal language model of torch or JAX, a folder of transformers or ONNX: from tokens of shape (1, t) to
            scores of shape (1, t, vocabulary).
        documents: lists of tokens, at least 20 different ones, the training documents among them.
        vocabulary: V, number of tokens there are.
        saw: numbers of the documents that the model has seen; empty for none.
        delta: total failure probability, in (0, 1).
        alpha: a in (0, 1), fixed in advance: small ones cost little on every token and allow expensive ones.
        longest: tokens of a document that are read.
        code: whether the training documents certify a short code.
        groups: shape (n,), group of each document, such as an author; None if only copies belong together.
        allow_copies: count equal documents one by one.
        seed: of the split; None for the one that follows from the documents.
        announce: is told what is finished.

    Raises:
        InputError: if documents are no lists of tokens, the network looks ahead or has seen every document, or a
            number is out of its range.
    """
    network, reading = wrap(net), Reading(vocabulary, alpha, longest)
    texts = read_documents(documents, reading)
    seen = row_numbers(saw, len(texts), "saw")
    if seen.size == len(texts):
        raise InputError("the model has seen all documents: none is left that certifies it")
    if code and not seen.size:
        raise InputError("a code is certified on documents that trained the model: name them (saw=)")
    if code and (place := numbers_elsewhere(network)):
        raise InputError(f"a code must know every number of the network: those of {place!r} are in no floating array")
    grouped = grouped_documents(texts, groups, allow_copies)
    digest = documents_digest(texts)
    plan = Plan(network.name, READY, seed=data_seed(digest) if seed is None else seed, delta=delta)
    split = drawn_parts(plan, grouped.numbers, np.zeros(len(texts), np.int64), seen)
    require_causal(network, texts, reading)
    losses = {part: document_losses(network, _of(texts, rows), reading) for part, rows in split.parts.items()}
    announce("held-out documents: certified")
    account = DeltaAccount(delta)
    shares = (account.portion(CODE_SHARE), account.split(1)[0]) if code else (0.0, account.portion(1))
    rows, kept, file = [held_out_row(losses["held_out"], losses["test"], shares[1], reading)], None, None
    if code:
        kept, file = _code(network, texts, counted(split, grouped, plan), split.part("test"), shares[0], reading)
        rows.append(kept.row)
        announce("code: written, read back and counted")
    certificate = LanguageCertificate(
        network=facts_of(network, vocabulary),
        vocabulary=vocabulary,
        alpha=alpha,
        longest=longest,
        documents=len(texts),
        tokens=sum(map(len, texts)),
        sha256=digest,
        copies=grouped.copies,
        plan=plan,
        saw=seen,
        parts=split_digests(split, split.parts),
        losses=np.concatenate([losses["held_out"], losses["test"]]),
        overfitting=question(losses, texts, split, reading, rows[0].value, bool(seen.size)),
        code=kept,
        ledger=language_ledger(rows, losses["test"], split, grouped.copies, plan),
    )
    return LanguageCertified(certificate, file)


def grouped_documents(texts: Sequence[NDArray[np.int64]], groups: ArrayLike | None, allow: bool) -> Grouped:
    """Which documents are independent.

    Args:
        texts: documents.
        groups: shape (n,), group of each; None for none.
        allow: whether copies count one by one.

    Raises:
        InputError: if there are too few.
    """
    return grouped_rows(different_documents(texts), np.zeros(len(texts), np.int64), FEWEST, groups, allow)


def counted(split: Split, grouped: Grouped, plan: Plan) -> NDArray[np.int64]:
    """One training document, drawn at random, of each group.

    Args:
        split: which documents are in which part.
        grouped: group of each document.
        plan: with the seed.
    """
    order = np.random.default_rng([plan.seed or 0, 30]).permutation(split.part("training"))
    return np.sort(order[np.unique(grouped.numbers[order], return_index=True)[1]])


def held_out_row(held_out: NDArray[np.float64], test: NDArray[np.float64], delta: float, reading: Reading) -> LedgerRow:
    """Betting on the losses in the order of the draw.

    Args:
        held_out: losses of the documents that certify.
        test: of those that only measure.
        delta: of the row.
        reading: for the bits.
    """
    return loss_row(
        "test_betting_losses", HELD_OUT, {"losses": held_out.tolist(), "delta": delta}, test, delta, reading
    )


def loss_row(
    bound: str, certifies: str, inputs: dict[str, Any], test: NDArray[np.float64], delta: float, reading: Reading
) -> LedgerRow:
    """A row whose value is also said in bits per token.

    Args:
        bound: id in the catalogue.
        certifies: which model and which risk.
        inputs: of the bound.
        test: losses of the same model on documents that only measure.
        delta: of the row.
        reading: for the bits.
    """
    value = evaluate_bound(bound, **inputs)
    terms = dict(value.terms) | {"in bits per token": upward((value.value or 1.0) * reading.most_bits)}
    return LedgerRow(bound, certifies, value.value, value.vacuous, delta, terms, inputs, measured_mean(test))


def question(
    losses: Mapping[str, NDArray[np.float64]],
    texts: Sequence[NDArray[np.int64]],
    split: Split,
    reading: Reading,
    certificate: float | None,
    known: bool,
) -> Overfitting:
    """Does it overfit, beside the frequencies of single tokens?

    Args:
        losses: of the documents of each part.
        texts: all documents.
        split: which are in which part.
        reading: how they are scored.
        certificate: of the held-out row.
        known: whether the training part is what the model has seen.
    """
    plain = unigram_losses(_of(texts, split.part("training")), _of(texts, split.part("held_out")), reading)
    training = losses["training"] if known else None
    called = "the frequencies of single tokens"
    return overfitting(training, losses["held_out"], plain, certificate, baseline=called, risk_of=risk_at_any_time)


def risk_at_any_time(losses: NDArray[np.float64], confidence: float, weight: float) -> Estimate:
    """Mean of losses with the interval of a betting mixture, which holds at every number of documents at once.

    The bets of other intervals of this library are sized for one number of documents, and hold at that one alone.

    Args:
        losses: of documents, in [0, 1].
        confidence: of the interval, half of the rest on each side.
        weight: part of the rest that is paid.
    """
    budget = -np.log(wide((1 - confidence) * weight / 2))
    upper = float(betting_upper(wide(losses), budget))
    lower = float(round_down(1 - wide(betting_upper(1 - wide(losses), budget))))
    mean = float(losses.mean())
    return Estimate.sampled(mean, min(mean, max(0.0, lower)), max(mean, upper), confidence)


def language_ledger(
    rows: list[LedgerRow], test: NDArray[np.float64], split: Split, copies: Copies, plan: Plan
) -> Ledger:
    """All rows in one ledger.

    Args:
        rows: of the ledger.
        test: losses on the test part.
        split: which documents are in which part.
        copies: which are independent.
        plan: with delta and seed.
    """
    held = tuple(row for row in rows if row.certifies == HELD_OUT)
    return Ledger(
        rows=ranked(rows),
        winner=winner(held),
        delta_total=plan.delta,
        delta_spent=min(plan.delta, sum(row.delta_spent for row in rows)),
        sizes=split.sizes,
        test_risk=measured_mean(test),
        notes=(*sampling_notes(copies), *NOTES),
        provenance=Provenance.here(plan.seed, ("fathometer", "numpy", "scipy")),
    )


def decoded_losses(
    net: Network, code: bytes, texts: Sequence[NDArray[np.int64]], reading: Reading
) -> NDArray[np.float64]:
    """Losses of the model that a code gives back.

    Args:
        net: whose architecture it is.
        code: the file.
        texts: documents.
        reading: how they are scored.

    Raises:
        InputError: if the code is none of this network's.
    """
    with moved(net, decode(code, shapes_of(net))) as network:
        try:
            return document_losses(network, texts, reading)
        except InputError:  # scores that are not finite; those of the trained model are
            return np.ones(len(texts))


def _of(texts: Sequence[NDArray[np.int64]], rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return [texts[row] for row in rows]


def _code(
    net: Network,
    texts: Sequence[NDArray[np.int64]],
    certify_on: NDArray[np.int64],
    test: NDArray[np.int64],
    delta: float,
    reading: Reading,
) -> tuple[CodeRecord, bytes]:
    """The row of a code and the file: betting at the weight of the code."""
    some = _of(texts, certify_on[:: max(1, certify_on.size // LOOKED_AT)])
    arrays = {name: np.asarray(array, np.float64) for name, array in arrays_of(net).items()}
    tried = [(encode(arrays, scheme), scheme) for scheme in SCHEMES]

    def looks(code: bytes) -> float:
        budget = code_bits(code) * np.log(2) / certify_on.size
        return float(kl_inverse_upper(decoded_losses(net, code, some, reading).mean(), budget)) + 1e-6 * budget

    file, scheme = min(tried, key=lambda pair: looks(pair[0]))
    losses = decoded_losses(net, file, _of(texts, certify_on), reading)
    inputs = {"losses": losses.tolist(), "kl": upward(code_bits(file) * float(np.log(2))), "delta": delta}
    row = loss_row("coinbet", DECODED, inputs, decoded_losses(net, file, _of(texts, test), reading), delta, reading)
    none = np.empty(0, np.int64)
    return CodeRecord(row, scheme.spoken, len(file), hashlib.sha256(file).hexdigest(), "", "", none), file


NOTES = (
    "the unit is the document: tokens of one document depend on each other, and count together",
    "every probability is mixed with the uniform law, which is part of the model that is certified",
    "rows that count training documents ask that these were drawn independently",
)
