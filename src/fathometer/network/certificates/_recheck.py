"""A certificate of a network held against the data, and against the network where it is given again."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from fathometer.evidence import InputError
from fathometer.generalization import LedgerRow, Recheck
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.learning.linear._ledger import THRESHOLDS
from fathometer.generalization.learning.predictors._recheck import STORED_ONLY, recheck_rows
from fathometer.generalization.ledger import _independent_bounds as independent
from fathometer.generalization.ledger._ledger import measured_errors
from fathometer.generalization.ledger._recheck import SAME_FORMULA, conclude, differences
from fathometer.network._network import Network, blocks_of
from fathometer.network.adapters._parameters import arrays_of
from fathometer.network.certificates._answers import arrays_digest, facts_of, probabilities_of, read_rows, scores_of
from fathometer.network.certificates._certificate import OwnNetworkCertificate
from fathometer.network.certificates._certify import Ground, ground_of, read_prior
from fathometer.network.certificates._gaussian import CHOICES, WIDTHS
from fathometer.network.certificates._head import (
    EVERY_HEAD,
    LENGTHS,
    WIDTHS as HEAD_WIDTHS,
    Head,
    HeadRecord,
    head_inputs,
    head_matrix,
    require_pretrained,
    require_same_scores,
)
from fathometer.network.certificates._layout import read_inputs
from fathometer.network.certificates._posterior import GIBBS, MC_SHARE, MOST_TEST, Cloud, PosteriorRecord
from fathometer.network.certificates.coding._code import code_bits
from fathometer.network.certificates.coding._code_row import DECODED, Coder, CodeRecord

NEAR = 1e-4
"""Scores of one network on two machines differ by less than this part of the largest."""

FRESH = 1000
"""Networks at most that are drawn again from a posterior, with another seed."""

UNLUCKY = 1e-6
"""Probability with which fresh draws may contradict right ones."""

Differing = list[str]

EMPTY: Mapping[str, float] = {}


def recheck_network_certificate(
    certificate: OwnNetworkCertificate,
    X: Any,
    y: ArrayLike,
    untouched: bool = True,
    *,
    net: Network | None = None,
    prior: Any = None,
    code: bytes | None = None,
    groups: ArrayLike | None = None,
) -> Recheck:
    """Evaluate every row again, by code that shares no formula with what made it.

    The held-out rows are those of a predictor's certificate; the network, where it is given, is asked again. A code is
    read back, its length is that of the file, and the decoded network is counted again. KL and bound of a posterior are
    computed otherwise, its Gibbs risk is held against fresh draws. Without the network, nothing is decided about it.

    Args:
        certificate: as it was read.
        X: rows, as they were certified.
        y: numbers of classes.
        untouched: whether the digest of the file fits its content.
        net: the network; None if it is not given.
        prior: the checkpoint of `posterior`, `head` or of a code of differences; None if it is not given.
        code: the file beside the certificate; None if it is not there.
        groups: shape (n,), group of each row, where the certificate was made with groups.

    Raises:
        InputError: if rows cannot be read as those of the certificate were.
    """
    x, layout = read_inputs(X)
    if layout != certificate.layout:
        return conclude(differences("layout", certificate.layout.to_json(), layout.to_json()))
    rows = read_rows(x, y, certificate.network.outputs)
    held = recheck_rows(certificate.held_out, rows, untouched, groups=groups, known=net is not None)
    if held.differences:
        return held
    made = certificate.held_out
    ground = ground_of(net, layout, rows, made.plan, np.asarray(made.saw), groups, made.copies.allowed)
    differing = [] if net is None else _asked(certificate, ground)
    given = None if prior is None or net is None else read_prior(prior, net)
    unseen = list(held.unseen)
    for found, blind in _own(certificate, ground, given, code):
        differing += found
        unseen += blind
    differing += _misspent(certificate)
    undecided = STORED_ONLY if net is None else _missing(certificate, given, code)
    return conclude(differing, certificate.ledger.rows, True, tuple(dict.fromkeys(unseen)), undecided)


def _asked(certificate: OwnNetworkCertificate, ground: Ground) -> Differing:
    """What the network says otherwise now: answers that are no near ties, and scores beyond rounding."""
    facts = certificate.network
    held = arrays_digest(arrays_of(ground.net))
    if held != facts.sha256:
        return [f"network.sha256 is {facts.sha256[:16]}..., the network that was given has {held[:16]}..."]
    again = facts_of(ground.net, scores_of(ground.net, ground.layout, ground.rows.x[:1]).shape[1])
    for name in ("framework", "outputs", "parameters"):
        if found := differences(f"network.{name}", getattr(facts, name), getattr(again, name)):
            return found
    made, split = certificate.held_out, ground.split
    part = np.concatenate([split.part("held_out"), split.part("test")])
    scores = scores_of(ground.net, ground.layout, ground.rows.x[part])
    near = NEAR * max(1.0, float(np.abs(scores).max()))
    truth = ground.rows.truth[part]
    top, stored = scores.max(axis=1), np.asarray(made.predicted)
    apart = top - scores[np.arange(len(part)), stored] > near
    right = scores[np.arange(len(part)), truth]
    others = scores.copy()
    others[np.arange(len(part)), truth] = -np.inf
    margins = right - others.max(axis=1)
    moved = np.zeros(len(part), bool) if made.margins is None else np.abs(margins - made.margins) > near
    found = [
        f"the network answers {scores[k].argmax()} for row {part[k]}, stored {stored[k]}" for k in np.flatnonzero(apart)
    ]
    found += [f"the margin of row {part[k]} is {margins[k]:g} now" for k in np.flatnonzero(moved & ~apart)]
    return found[:5] + _probabilities(certificate, scores) + _trained(certificate, ground)


def _probabilities(certificate: OwnNetworkCertificate, scores: NDArray[np.float64]) -> Differing:
    """Probabilities that the network states otherwise now."""
    made = certificate.held_out
    if made.stated is None:
        return []
    again = probabilities_of(scores)[np.arange(len(scores)), np.asarray(made.predicted)]
    apart = float(np.abs(again - made.stated).max())
    return [] if apart <= NEAR else [f"probabilities that the network states differ by {apart:g} from the stored ones"]


def _trained(certificate: OwnNetworkCertificate, ground: Ground) -> Differing:
    """The risk on the rows that it has seen, to a few near ties."""
    stated = certificate.held_out.overfitting.training_risk.value
    if not np.isfinite(stated) or not ground.seen.size:
        return []
    part = ground.split.part("training")
    errors = scores_of(ground.net, ground.layout, ground.rows.x[part]).argmax(axis=1) != ground.rows.truth[part]
    again = float(errors.mean())
    return [] if abs(again - stated) <= 2 / part.size + NEAR else [f"training_risk is {stated}, recomputed {again}"]


def _own(
    certificate: OwnNetworkCertificate, ground: Ground, prior: dict[str, NDArray] | None, code: bytes | None
) -> list[tuple[Differing, list[str]]]:
    """Each row of this room: what differs, and what was not seen."""
    found = []
    if certificate.code is not None:
        found.append(_code(certificate.code, ground, prior, code))
    if certificate.posterior is not None:
        found.append((_parameters(certificate, ground), []))
        found.append(_posterior(certificate.posterior, ground, prior))
    if certificate.head is not None:
        found.append(_head(certificate.head, ground, prior))
    return found


def _missing(certificate: OwnNetworkCertificate, prior: Any, code: bytes | None) -> str:
    """What a row of the ledger follows from, and was not given; empty if nothing."""
    if certificate.code is not None and code is None:
        return "the file of the code is not there"
    based = certificate.code is not None and bool(certificate.code.base_sha256)
    needs = certificate.posterior is not None or certificate.head is not None or based
    return "the checkpoint of the prior was not given" if needs and prior is None else ""


def _parameters(certificate: OwnNetworkCertificate, ground: Ground) -> Differing:
    """The arrays of the posterior are those that its pattern names."""
    if ground.net is None or certificate.posterior is None:
        return []
    named = [block.name for block in blocks_of(ground.net.shapes(), certificate.parameters)]
    return differences("posterior.laws", sorted(law.name for law in certificate.posterior.laws), sorted(named))


def _misspent(certificate: OwnNetworkCertificate) -> Differing:
    """What the rows spend must be the delta that the certificate states, no more and no less."""
    spent = certificate.held_out.plan.delta + sum(row.delta_spent for row in certificate.own_rows)
    if math.isclose(spent, certificate.delta, rel_tol=1e-9):
        return []
    return [f"the rows spend {spent:g} of delta {certificate.delta:g}"]


def value_differs(row: LedgerRow, bound: str, inputs: Mapping[str, Any]) -> Differing:
    """Inputs and value of a row against those of a second evaluation.

    Args:
        row: as the file has it.
        bound: that the row must be of.
        inputs: made again.
    """
    again = float(independent.evaluate(bound, dict(inputs)))
    found = differences("bound", row.bound, bound) + differences(f"{bound}.inputs", dict(row.inputs), dict(inputs))
    if row.value is None or not math.isclose(row.value, again, rel_tol=1e-9):
        found.append(f"{bound}.value is {row.value}, recomputed {again}")
    return found


def _said(row: LedgerRow, bound: str, certifies: str, more: Mapping[str, float] = EMPTY) -> Differing:
    """What a row says beside its value: its bound, what it speaks about, whether it is vacuous, its terms."""
    if row.bound != bound:
        return differences("bound", row.bound, bound)
    found = evaluate_bound(bound, **dict(row.inputs))
    stated = {"certifies": row.certifies, "vacuous": row.vacuous, "terms": dict(row.terms)}
    return differences(
        bound, stated, {"certifies": certifies, "vacuous": found.vacuous, "terms": dict(found.terms) | dict(more)}
    )


def _measured(row: LedgerRow, errors: NDArray[Any], tolerated: float = NEAR) -> Differing:
    """The risk on the test part, to near ties on another machine."""
    again = measured_errors(int(errors.sum()), errors.size)
    if abs(float(row.measured.value) - float(again.value)) <= max(1, tolerated * errors.size) / errors.size:
        again = measured_errors(round(float(row.measured.value) * errors.size), errors.size)
    return differences(f"{row.bound}.measured", row.measured.to_json(), again.to_json())


def _code(
    record: CodeRecord, ground: Ground, prior: dict[str, NDArray] | None, code: bytes | None
) -> tuple[Differing, list[str]]:
    """Read back, count, evaluate."""
    row = record.row
    if code is None:
        return [], ["the file of the code, from which its row follows"]
    found = differences("code.size", record.size, len(code)) + differences(
        "code.bits", row.inputs["bits"], code_bits(code)
    )
    base = prior if record.base_sha256 else None
    if ground.net is None or (record.base_sha256 and base is None):
        return found, ["the errors of the decoded network, which needs the network's architecture (and its base)"]
    if base is not None:
        found += differences("code.base", record.base_sha256, arrays_digest(base))
    certify_on = ground.counted(np.asarray(record.base_saw))
    coder = Coder(ground.net, ground.layout, ground.rows.x, ground.rows.truth, arrays_of(ground.net), base)
    found += _said(row, "occam_binomial", DECODED) + _measured(row, coder.errors(code, ground.test))
    errors = int(coder.errors(code, certify_on).sum())
    if abs(errors - row.inputs["errors"]) <= max(1, NEAR * certify_on.size):
        errors = int(row.inputs["errors"])  # near ties on another machine
    inputs = {"errors": errors, "n": certify_on.size, "weight": 1.0, "delta": row.delta_spent, "bits": code_bits(code)}
    return found + value_differs(row, "occam_binomial", inputs), [
        "whether the scheme of the code and all that is no array of the network were fixed before the rows"
    ]


def _posterior(
    record: PosteriorRecord, ground: Ground, prior: dict[str, NDArray] | None
) -> tuple[Differing, list[str]]:
    """KL from its definition, draws again, and the bound by SciPy."""
    row, errors = record.row, np.asarray(record.errors)
    blind = ["what the prior's checkpoint has seen"]
    paid = row.delta_spent * MC_SHARE
    drawn_risk = independent.evaluate("test_betting_losses", {"losses": errors / record.rows, "delta": paid})
    kl = sum(_kl(law.size, law.distance, law.prior, law.posterior) for law in record.laws)
    inputs = {
        "risk": min(1.0, drawn_risk),
        "kl": kl + len(record.laws) * np.log(CHOICES),
        "m": ground.counted(np.asarray(record.prior_saw)).size,
        "delta": row.delta_spent - paid,
    }
    counts = np.all((errors >= 0) & (errors <= record.rows))
    found = value_differs(row, "maurer_exact", inputs) if counts else ["errors of draws are no counts"]
    if any(law.prior not in (0.0, *WIDTHS) for law in record.laws):
        found.append("a width of the prior is none of the grid that was paid for")
    if not found:
        drawn = {"mc_mean": float(np.mean(errors / record.rows)), "mc_draws": float(errors.size), "mc_delta": paid}
        found += _said(row, "maurer_exact", GIBBS, drawn) + differences("posterior.seed", record.seed, ground.seed)
    if ground.net is None or prior is None:
        return found, [*blind, "the draws of the posterior, which need the network and the prior (--model, --prior)"]
    found += differences("posterior.prior_sha256", record.prior_sha256, arrays_digest(prior))
    return found + _distances(record, ground.net, prior) + _drawn(record, ground), blind


def _tested(record: PosteriorRecord, cloud: Cloud, test: NDArray[np.int64]) -> Differing:
    """A fresh network on each row of the test part, drawn as before."""
    errors = cloud.once(record.laws, test[:MOST_TEST], [record.seed, 12])
    return _measured(record.row, errors, 0.01)


def _kl(size: int, distance: float, prior: float, posterior: float) -> float:
    """By the law of one weight, whose KL has the entropy of a normal law in it."""
    if prior == 0:
        return 0.0
    entropy = stats.norm.entropy(scale=posterior)
    cross = np.log(prior) + special.xlogy(0.5, 2 * np.pi) + (posterior / prior) ** 2 / 2
    return float(size * max(cross - entropy, 0.0) + (distance / prior) ** 2 / 2)


def _distances(record: PosteriorRecord, net: Network, prior: dict[str, NDArray]) -> Differing:
    """How far every array is from the prior; those that are in no law must not have moved."""
    arrays, laws = arrays_of(net), {law.name: law for law in record.laws}
    found = []
    for name, array in arrays.items():
        apart = math.sqrt(math.fsum(((np.asarray(array, np.float64) - prior[name]) ** 2).ravel().tolist()))
        stated = laws[name].distance if name in laws else 0.0
        if not math.isclose(apart, stated, rel_tol=1e-9):
            found.append(f"array {name!r} is {apart:g} from the prior, stored {stated:g}")
        if name in laws and laws[name].size != array.size:
            found.append(f"array {name!r} has {array.size} weights, stored {laws[name].size}")
    return found


def _drawn(record: PosteriorRecord, ground: Ground) -> Differing:
    """Fresh draws from another seed: their mean must not be above the stored one beyond chance."""
    arrays = {law.name: np.asarray(arrays_of(ground.net)[law.name], np.float64) for law in record.laws}
    cloud = Cloud(ground.net, ground.layout, ground.rows.x, ground.rows.truth, arrays)
    rows = ground.counted(np.asarray(record.prior_saw))
    tested = _tested(record, cloud, ground.test)
    draws = min(FRESH, len(record.errors))
    fresh = cloud.errors(record.laws, rows, draws, record.rows, [record.seed, 15]) / record.rows
    stored = np.asarray(record.errors) / record.rows
    low = 1 - independent.evaluate("test_betting_losses", {"losses": 1 - fresh, "delta": UNLUCKY})
    high = independent.evaluate("test_betting_losses", {"losses": stored, "delta": UNLUCKY})
    if low <= high:
        return tested
    return [f"fresh draws of the posterior err at a rate of at least {low:g}, and the stored ones at most at {high:g}"]


def _head(record: HeadRecord, ground: Ground, prior: dict[str, NDArray] | None) -> tuple[Differing, list[str]]:
    """Features, smoothed margins and KL again."""
    row, blind = record.row, ["what the pretrained network has seen"]
    if ground.net is None or prior is None or ground.net.framework != "torch":
        return [], [*blind, "the features of the head, which need a network of torch and the pretrained one"]
    head, arrays = Head(record.weight, record.bias), arrays_of(ground.net)
    try:
        require_pretrained(head, arrays, prior)
        rows = ground.counted(np.asarray(record.prior_saw))
        features = head_inputs(ground.net, ground.layout, ground.rows.x[rows], head)
        weights, centre = (head_matrix(head, held, len(ground.rows.kinds)) for held in (arrays, prior))  # type: ignore[arg-type]
        require_same_scores(features, weights, ground.net, ground.layout, ground.rows.x[rows])
    except InputError as error:
        return [str(error)], blind
    test = scores_of(ground.net, ground.layout, ground.rows.x[ground.test])
    said = _measured(row, test.argmax(axis=1) != ground.rows.truth[ground.test])
    said += _said(row, "output_conversion", EVERY_HEAD)
    inputs = _smoothed(row, features, ground.rows.truth[rows], weights, centre)
    found = said + differences("head.prior_sha256", record.prior_sha256, arrays_digest(prior))
    if (
        row.choice["width"] not in HEAD_WIDTHS
        or row.choice["length"] not in LENGTHS
        or row.choice["threshold"] not in THRESHOLDS
    ):
        found.append("a setting of the head is none of those that were paid for")
    for name in ("risk", "kl"):
        if not math.isclose(row.inputs[name], inputs[name], rel_tol=NEAR, abs_tol=1e-9):
            found.append(f"output_conversion.inputs.{name} is {row.inputs[name]}, recomputed {inputs[name]}")
    again = independent.evaluate("output_conversion", dict(row.inputs))
    if row.value is None or not math.isclose(row.value, again, rel_tol=max(SAME_FORMULA, 1e-9)):
        found.append(f"output_conversion.value is {row.value}, recomputed {again}")
    kept = {"hypotheses": len(HEAD_WIDTHS) * len(THRESHOLDS), "m": rows.size, "delta": row.delta_spent}
    return found + differences("output_conversion.inputs", {k: row.inputs[k] for k in kept}, kept), blind


def _smoothed(row: LedgerRow, x: NDArray, codes: NDArray, weights: NDArray, prior: NDArray) -> dict[str, float]:
    """Row by row, by SciPy's normal law."""
    length, threshold = row.choice["length"], row.choice["threshold"]
    sigma = row.choice["width"] * (float(np.sqrt((prior**2).sum() / prior.size)) or 1.0)
    apart = length * weights - prior
    apart = apart - apart.sum(axis=1, keepdims=True) / apart.shape[1]
    total = 0.0
    for features, code in zip(x, codes, strict=True):
        scores, noise = length * (features @ weights), math.sqrt(2) * sigma * math.hypot(*features)
        gaps = np.delete(scores[code] - scores, code)
        total += 1.0 if noise == 0 else min(1.0, float(stats.norm.sf(gaps / noise - threshold).sum()))
    return {"risk": total / len(codes), "kl": float((apart**2).sum()) / (2 * sigma**2)}
