"""One model, every certificate, one delta, on scikit-learn's digits."""

from collections.abc import Callable

import numpy as np

from fathometer.data import load_table
from fathometer.evidence import Estimate, Status, Theorem, Verdict, text_confidence, text_up
from fathometer.generalization import CertifiedRisk, Ledger, LedgerRow, certify_linear
from fathometer.generalization.theorems import (
    maurer_seeger,
    occam,
    risk_transport,
    smooth_gauss,
    test_binomial,
    w1_route_a,
)
from fathometer.report import Bars, Section

DELTA = 0.05
DIGIT = 8
STEPS = 1
MODULES = (test_binomial, occam, maurer_seeger, w1_route_a, risk_transport, smooth_gauss)
THEOREMS: dict[str, Theorem] = {module.THEOREM.id: module.THEOREM for module in MODULES}

LEAD = (
    "How wrong can a trained model be on data that it has not seen? Each certificate below is an upper bound on the "
    "risk of one and the same linear classifier (or of a random or neighbouring version of it, as the table says). "
    "They hold all at once with probability at least 0.95, because they share one failure probability. The sceptic's "
    "line is the held-out binomial.",
    "A bound above 1 is true and says nothing: it is shown and labelled. Among the bounds for every predictor at once, "
    "the published Wasserstein corollary (w1_route_a) can never beat risk_transport; the distance terms of smoothing "
    "(smooth_gauss, smooth_mean) and of the local Rademacher bound (w1_glm_local) fall with the sample size.",
)


def generalization_section(quick: bool, seed: int, announce: Callable[[str], None]) -> Section:
    """Run the demonstration.

    Args:
        quick: not used, it takes a second either way.
        seed: of the split and the training, at least 0.
        announce: is told what is computed next.
    """
    announce("generalization: one model, every certificate")
    table = load_table("sklearn:digits", "target")
    ledger = certify_linear(table.features, table.target == DIGIT, delta=DELTA, seed=seed)
    sizes = ", ".join(f"{size} {name.replace('_', '-')}" for name, size in ledger.sizes.items())
    data = f"Data: scikit-learn's digits, {len(table.target)} images; is it an {DIGIT}? Split at random: {sizes}. "
    return Section(
        "Generalization: one model, every certificate, one delta",
        (*LEAD, data + " ".join(f"{note[0].upper()}{note[1:]}." for note in ledger.notes)),
        (_chart(ledger),),
        tuple(_verdicts(ledger)),
        ("rank", "bound", "certifies", "value", "", "delta spent", "measured on test data", "terms"),
        tuple(_row(rank, row) for rank, row in enumerate(ledger.rows, start=1)),
    )


def _verdicts(ledger: Ledger) -> list[tuple[str, Verdict]]:
    """Hold each certificate against the risk that was measured on the test part."""
    rows = [row for row in ledger.rows if row.bound in THEOREMS]
    return [(row.certifies, THEOREMS[row.bound].judge(certificate(row), row.measured)) for row in rows]


def certificate(row: LedgerRow) -> CertifiedRisk:
    """The row as a problem; the split shuffles, and keeps apart what has to be fixed in advance."""
    inputs = {name: np.array([value]) for name, value in row.inputs.items() if name != "delta"}
    lipschitz = row.inputs.get("lipschitz")
    return CertifiedRisk(row.bound, inputs, row.inputs["delta"], True, True, (0.0, 1.0), lipschitz)


def _row(rank: int, row: LedgerRow) -> tuple[str, ...]:
    return (
        str(rank),
        row.bound,
        row.certifies,
        "diverges" if row.value is None else text_up(row.value, 4),
        str(row.status) if row.status in (Status.VACUOUS, Status.VIOLATED) else "",
        text_up(row.delta_spent, 5),
        row.measured.text(4),
        ", ".join(f"{name} {value:.4g}" for name, value in row.terms.items()),
    )


def _chart(ledger: Ledger) -> Bars:
    return Bars(
        f"Certified and measured risk, all at once with probability {text_confidence(DELTA)}",
        "risk (fraction of the largest loss)",
        tuple(row.bound for row in ledger.rows),
        [np.inf if row.value is None else row.value for row in ledger.rows],
        Estimate.stack([row.measured for row in ledger.rows]),
        1.0,
        "Bars: certified upper bounds. Diamonds: the risk of the same object on test data, with 95 % intervals.",
    )
