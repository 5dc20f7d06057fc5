"""The rows of the ledger of a predictor: which there are, what each counts, and what each may spend."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

import numpy as np

from fathometer.evidence import InputError, Provenance
from fathometer.generalization.bounds._delta_account import DeltaAccount
from fathometer.generalization.learning.linear._training import upward
from fathometer.generalization.learning.predictors._deployed import (
    CHIEF_NAMES,
    Deployed,
    chief_inputs,
    lessened,
)
from fathometer.generalization.learning.predictors._plan import CHIEF, Plan
from fathometer.generalization.learning.predictors.heads._linear_rows import LinearDraft, linear_drafts
from fathometer.generalization.learning.predictors.heads._output_rows import last_layer_row, several_row
from fathometer.generalization.learning.predictors.rows._calibration import calibration_row
from fathometer.generalization.learning.predictors.rows._classes import cost_rows, precision_rows, recall_rows
from fathometer.generalization.learning.predictors.rows._compression import compression_row
from fathometer.generalization.learning.predictors.rows._draft import DEPLOYED, Draft, counted, measured
from fathometer.generalization.learning.predictors.rows._groups import group_rows
from fathometer.generalization.learning.predictors.rows._notes import row_notes
from fathometer.generalization.learning.predictors.rows._regression import kl_row, losses_row, moment_row
from fathometer.generalization.learning.predictors.rows._vote import vote_row
from fathometer.generalization.ledger._ledger import Ledger, LedgerRow, measured_mean, ranked, winner
from fathometer.generalization.ledger._parts_alike import parts_alike

AnyDraft = Draft | LinearDraft

Maker = Callable[[Deployed], Sequence[AnyDraft]]


def chief_row(deployed: Deployed) -> list[Draft]:
    """The risk of the deployed predictor, chosen among its competitors, from the held-out part."""
    if not deployed.plan.loss.of_classes:
        return losses_row(deployed)
    total = float(deployed.losses("held_out").sum())
    plan, weight = deployed.plan, deployed.weight
    bound, _ = chief_inputs(total, deployed.held_out, weight, plan, plan.delta)

    def inputs(share: float) -> Mapping[str, float]:
        return chief_inputs(total, deployed.held_out, weight, plan, share)[1]

    return [
        Draft(bound, f"{plan.loss.risk} {DEPLOYED}", inputs, measured(deployed.losses("test"), plan.loss.of_classes))
    ]


def betting_row(deployed: Deployed) -> list[Draft]:
    """The same at every number of held-out rows at once: rows may be added, and looked at, as they come."""
    if deployed.plan.stratified or not deployed.plan.loss.of_classes:
        return []
    errors = deployed.losses("held_out")
    certifies = f"0/1 risk {DEPLOYED}, at every n at once"
    return [counted("test_betting", certifies, errors, deployed, deployed.losses("test"))]


def margin_row(deployed: Deployed) -> list[Draft]:
    """How often the score of the right class is not above the best other one by more than gamma."""
    gamma, margins = deployed.gamma, deployed.margins
    if gamma is None or margins is None or deployed.plan.stratified:
        return []
    held_out, test = (margins[part] <= gamma for part in ("held_out", "test"))
    return [counted("test_binomial", f"P(margin <= {gamma:.6g}) {DEPLOYED}", held_out, deployed, test)]


def ramp_row(deployed: Deployed) -> list[Draft]:
    """The ramp loss at gamma."""
    gamma, margins = deployed.gamma, deployed.margins
    if gamma is None or margins is None or deployed.plan.stratified:
        return []
    held_out, test = (np.clip(1 - margins[part] / gamma, 0, 1) for part in ("held_out", "test"))
    risk = min(1.0, upward(float(held_out.mean())))

    def inputs(share: float) -> Mapping[str, float]:
        return {"risk": risk, "n": held_out.size, "delta": lessened(share, deployed.weight)}

    return [Draft("test_kl", f"ramp risk at margin {gamma:.6g} {DEPLOYED}", inputs, measured_mean(test))]


def theorem_rows(deployed: Deployed) -> Sequence[AnyDraft]:
    """What theorems about every linear classifier say of this one, or of the last layer of this network.

    Of each predictor one of these kinds is made at most: the last layer's only where there is no other candidate, so
    that together they fail no more often than the part of delta of this name.
    """
    return linear_drafts(deployed) or several_row(deployed) or last_layer_row(deployed)


DEFAULT: Mapping[str, Maker] = {
    "held_out": chief_row,
    "test_betting": betting_row,
    "margin": margin_row,
    "ramp": ramp_row,
    "linear": theorem_rows,
    "vote": vote_row,
    "compression": compression_row,
}
"""Rows that every ledger has where they apply, by the name in `--rows`."""

ON_REQUEST: Mapping[str, Maker] = {
    "recall": recall_rows,
    "precision": precision_rows,
    "cost": cost_rows,
    "groups": group_rows,
    "calibration": calibration_row,
    "mean_kl": kl_row,
    "moment": moment_row,
}
"""Rows that are made where they are asked for."""


def row_makers() -> Mapping[str, Maker]:
    """Every row by its name."""
    return {**DEFAULT, **dict.fromkeys(CHIEF_NAMES, chief_row), **ON_REQUEST}


def require_known(plan: Plan) -> None:
    """Refuse rows that nobody makes.

    Raises:
        InputError: if one is asked for.
    """
    makers = row_makers()
    if unknown := [name for name in plan.rows if name not in makers]:
        raise InputError(f"rows must be of {', '.join(makers)}, got {unknown[0]!r}")


def drafts(deployed: Deployed) -> list[tuple[AnyDraft, float]]:
    """Every row that was asked for, or applies, with its share of delta.

    Raises:
        InputError: if a row is unknown or does not apply here.
    """
    named = _asked(deployed) if deployed.plan.rows else _applying(deployed)
    account = DeltaAccount(deployed.plan.delta)
    return [
        (draft, account.portion(part * (draft.part or Fraction(1, len(made)))))
        for made, part in zip(named.values(), _parts(deployed.plan, list(named)), strict=True)
        for draft in made
    ]


def _asked(deployed: Deployed) -> dict[str, Sequence[AnyDraft]]:
    require_known(deployed.plan)
    makers = row_makers()
    asked = {}
    for name in deployed.plan.rows:
        asked[name] = makers[name](deployed)
        if not asked[name]:
            raise InputError(f"row {name!r} does not apply to this predictor and this plan")
    return asked


def _applying(deployed: Deployed) -> dict[str, Sequence[AnyDraft]]:
    """Rows that there are, and those that there might have been had another candidate won.

    Rows that are made from training rows hold or fail whoever wins: were the part of one that does not apply spent
    elsewhere, the parts that could have been spent would add up to more than delta.
    """
    several = deployed.plan.loss.of_classes and not deployed.plan.stratified
    made = {name: maker(deployed) for name, maker in DEFAULT.items()}
    return {name: each for name, each in made.items() if each or several}


def _parts(plan: Plan, names: list[str]) -> list[Fraction]:
    """The share of delta of each name."""
    if plan.shares:
        whole = max(Fraction(1), sum(map(Fraction, plan.shares), Fraction(0)))  # .1 + .2 + .7 is above 1 by rounding
        return [Fraction(share) / whole for share in plan.shares]
    chief = sum(name in CHIEF_NAMES for name in names)
    others = len(names) - chief
    own = Fraction(0) if not chief else CHIEF if others else Fraction(1)
    return [own if name in CHIEF_NAMES else (1 - own) / others for name in names]


def ledger_of(deployed: Deployed, notes: tuple[str, ...], packages: tuple[str, ...]) -> Ledger:
    """The ledger of a deployed predictor.

    Args:
        deployed: with its answers.
        notes: what was done to the data.
        packages: whose versions are part of the provenance.
    """
    rows = in_order([draft.at(share) for draft, share in drafts(deployed)])
    plan, split, x = deployed.plan, deployed.split, deployed.x
    held_out, test = (deployed.losses(part) for part in ("held_out", "test"))
    return Ledger(
        rows=rows,
        winner=winner(tuple(row for row in rows if certifies_deployed(row))),
        delta_total=plan.delta,
        delta_spent=sum(row.delta_spent for row in rows),
        sizes=split.sizes,
        test_risk=measured(test, plan.loss.of_classes),
        notes=(*notes, *row_notes(deployed)),
        provenance=Provenance.here(plan.seed, packages),
        alike=parts_alike(held_out, test, x[split.part("held_out")], x[split.part("test")]),
    )


OTHERS = ("randomised:", "averaged:", "every ")
"""How the text of a row begins that speaks about another predictor than the deployed one."""


def certifies_deployed(row: LedgerRow) -> bool:
    """Whether a row bounds the risk of the deployed predictor itself."""
    about_risk = row.certifies.startswith(("0/1 risk", "mean ", "ramp risk", "P(margin"))
    return about_risk and not row.certifies.startswith(OTHERS)


def in_order(rows: list[LedgerRow]) -> tuple[LedgerRow, ...]:
    """Rows about the risk of the deployed predictor first; smallest value first in both."""
    return tuple(sorted(ranked(rows), key=lambda row: not certifies_deployed(row)))
