"""The certificates of a network: one model, every certificate that applies, one delta."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import Estimate, Provenance
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.bounds._delta_account import DeltaAccount
from fathometer.generalization.distances._gaussian_norm import mean_gaussian_norm
from fathometer.generalization.learning.linear._training import upward
from fathometer.generalization.learning.networks._law import (
    distance,
    loss_lipschitz,
    score_lipschitz,
    weights_kl,
    weights_log_ratio,
)
from fathometer.generalization.learning.networks._layers import Weights, flat
from fathometer.generalization.learning.networks._model import TrainedNetwork
from fathometer.generalization.learning.networks._problem import ClassProblem
from fathometer.generalization.learning.networks._risks import GIBBS, GIBBS_TEST, Losses, gibbs_losses, network_losses
from fathometer.generalization.ledger._ledger import Ledger, LedgerRow, measured_errors, measured_mean, ranked, winner
from fathometer.generalization.ledger._overfitting import Overfitting, overfitting
from fathometer.generalization.ledger._parts_alike import PartsAlike, parts_alike
from fathometer.numerics import kl_inverse_upper, wide

MC_SHARE = 0.25
"""Part of a Gibbs certificate's delta that pays for the draws that measure its risk."""

BASE_RADIUS = 0.25
"""Radii of the balls of `smooth_ball` are this times powers of 2; the j-th costs delta/((j+1)(j+2))."""

WINNER_SHARE = 0.85
"""Part of delta that `test_binomial` gets, the row that wins among those about the deployed network; the others share
the rest."""

PRECISION = "float32 training, float64 certificates"


class NetworkRows:
    """Evaluates the rows of a ledger.

    Args:
        model: with its rows.
    """

    def __init__(self, model: TrainedNetwork) -> None:
        self.model = model
        problem = model.problem
        self.certificate, self.held_out, self.test = (
            problem.rows(name) for name in ("certificate", "held_out", "test")
        )
        self.passes = -(-model.settings.draws // model.m)
        law, levels = model.posterior, model.levels
        self.gibbs = gibbs_losses(law, self.certificate, levels, model.seed, GIBBS, self.passes)
        self.gibbs_test = gibbs_losses(law, self.test, levels, model.seed, GIBBS_TEST, 1)
        self.mean_test = network_losses(law.mean, self.test, levels)
        self.mean_held_out = network_losses(law.mean, self.held_out, levels)

    def ledger(self, delta: float, notes: tuple[str, ...] = ()) -> Ledger:
        """Every certificate: `WINNER_SHARE` of delta for `test_binomial`, equal shares of the rest for the others.

        Raises:
            InputError: if delta is not in (0, 1).
        """
        account = DeltaAccount(delta)
        makers = self.makers()
        shares = [account.spend(account.total * WINNER_SHARE), *account.split(len(makers) - 1)]
        rows = by_risk([make(share) for make, share in zip(makers, shares, strict=True)])
        return Ledger(
            rows=rows,
            winner=network_winner(rows),
            delta_total=account.total,
            delta_spent=account.spent,
            sizes=self.model.problem.split.sizes,
            test_risk=self.measured_errors(self.mean_test),
            notes=notes + NOTES,
            provenance=Provenance.here(
                self.model.seed, ("fathometer", "jax", "numpy", "optax", "scipy"), precision=PRECISION
            ),
            alike=network_parts_alike(self.model.problem, self.mean_held_out.errors, self.mean_test.errors),
        )

    def makers(self) -> list[Callable[[float], LedgerRow]]:
        """One for each row, from a share of delta; the first is `test_binomial`."""
        rows = [self.held_out_row, self.occam, self.gibbs_errors, self.gibbs_loss, self.one_draw]
        return [*rows, self.transport, *([self.smooth_mean] if self.model.linear else []), self.smooth_ball]

    def overfitting(self, ledger: Ledger) -> Overfitting:
        """How far the mean network's errors on the rows that trained it are from those on rows that nothing has seen.

        Args:
            ledger: whose winner is the certificate.
        """
        seen = self.model.problem.rows(*TRAINING)
        errors = network_losses(self.model.posterior.mean, seen, self.model.levels).errors
        constant = self.held_out.y != np.argmax(np.bincount(seen.y))
        return overfitting(errors, self.mean_held_out.errors, constant, winning_value(ledger.rows))

    def held_out_row(self, share: float) -> LedgerRow:
        """The sceptic's line: the network of the posterior mean on rows that nothing has seen."""
        inputs = {"errors": int(self.mean_held_out.errors.sum()), "n": len(self.held_out.y), "delta": share}
        return _row("test_binomial", MODEL, inputs, share, self.measured_errors(self.mean_test))

    def occam(self, share: float) -> LedgerRow:
        """The best of the candidates of the prior part, chosen by its errors on the certificate part."""
        levels, candidates = self.model.levels, self.model.candidates
        risks = [float(network_losses(net, self.certificate, levels).errors.mean()) for net in candidates]
        best = int(np.argmin(risks))
        inputs = {
            "risk": min(1.0, upward(risks[best])),
            "hypotheses": len(candidates),
            "m": self.model.m,
            "delta": share,
        }
        measured = self.measured_errors(network_losses(candidates[best], self.test, levels))
        certifies = best_of(len(candidates))
        return _row("occam", certifies, inputs, share, measured, candidate=best)

    def gibbs_errors(self, share: float) -> LedgerRow:
        """The 0/1 Gibbs risk, by the inverse kl twice."""
        inputs, paid = self._gibbs(self.gibbs.errors, share)
        measured = measured_errors(int(self.gibbs_test.errors.sum()), len(self.test.y))
        return _row("maurer_seeger", GIBBS_01, inputs, share, measured, paid)

    def gibbs_loss(self, share: float) -> LedgerRow:
        """The loss that the posterior was trained on."""
        inputs, paid = self._gibbs(self.gibbs.cross_entropy, share)
        return _row("maurer_seeger", GIBBS_CE, inputs, share, measured_mean(self.gibbs_test.cross_entropy), paid)

    def one_draw(self, share: float) -> LedgerRow:
        """One network drawn from the posterior by the seed."""
        model = self.model
        drawn = model.posterior.draw(model.seed)
        risk = float(network_losses(drawn, self.certificate, model.levels).errors.mean())
        log_ratio = weights_log_ratio(drawn, model.posterior, model.prior)
        inputs = {"risk": min(1.0, upward(risk)), "log_ratio": log_ratio, "m": model.m, "delta": share}
        measured = self.measured_errors(network_losses(drawn, self.test, model.levels))
        return _row("disint_rivasplata", ONE_DRAW, inputs, share, measured)

    def transport(self, share: float) -> LedgerRow:
        """From the prior mean to the posterior mean through the Lipschitz constant on the segment between them."""
        model = self.model
        nets = (model.prior_mean, model.posterior.mean)
        inputs = {
            "risk": self._ramp(model.prior_mean),
            "lipschitz": self._lipschitz(nets),
            "distance": distance(*nets),
            "m": model.m,
            "delta": share,
        }
        return _row("risk_transport", MODEL_RAMP, inputs, share, measured_mean(self.mean_test.ramp))

    def smooth_mean(self, share: float) -> LedgerRow:
        """The Gibbs certificate carried to the mean: W1 is at most the root of the trace of the covariance."""
        model = self.model
        inputs, paid = self._gibbs(self.gibbs.ramp, share)
        spread = flat(model.posterior.sigma)
        inputs |= {
            "lipschitz": self._lipschitz((model.posterior.mean,)),
            "sigma": upward(float(np.linalg.norm(spread)) / float(mean_gaussian_norm(wide(spread.size)))),
            "dim": spread.size,
        }
        return _row("smooth_mean", MODEL_RAMP, inputs, share, measured_mean(self.mean_test.ramp), paid)

    def smooth_ball(self, share: float) -> LedgerRow:
        """Uniform law on a small ball around the mean, which no draw leaves, so that the constant holds for all."""
        model = self.model
        shell = ball(distance(model.prior_mean, model.posterior.mean))
        radius = BASE_RADIUS * 2.0**shell
        inputs: dict[str, Any] = {
            "risk": self._ramp(model.posterior.mean),
            "lipschitz": self._lipschitz((model.prior_mean,), 2 * radius),
            "radius": radius,
            "dim": flat(model.prior_mean).size,
            "m": model.m,
            "delta": share / ((shell + 1) * (shell + 2)) * (1 - 1e-15),
        }
        eps = evaluate_bound("smooth_ball", **inputs).terms["eps"]
        inputs["eps"] = min(eps, radius)
        return _row("smooth_ball", MODEL_RAMP, inputs, share, measured_mean(self.mean_test.ramp), shell=shell)

    def measured_errors(self, losses: Losses) -> Estimate:
        """Error rate on the test part."""
        return measured_errors(int(losses.errors.sum()), losses.errors.size)

    def _gibbs(self, losses: NDArray, share: float) -> tuple[dict[str, float], dict[str, float]]:
        """Upper limit of the empirical Gibbs risk, what is left of delta for the bound, and what was paid."""
        account = DeltaAccount(share)
        paid = account.spend(share * MC_SHARE)
        mean, n = min(1.0, upward(float(losses.mean()))), losses.size
        risk = float(kl_inverse_upper(mean, -np.log(wide(paid)) / n))
        kl = weights_kl(self.model.posterior, self.model.prior)
        inputs = {"risk": risk, "kl": kl, "m": self.model.m, "delta": account.split(1)[0]}
        return inputs, {"mc_mean": mean, "mc_draws": float(n), "mc_delta": paid}

    def _ramp(self, net: Weights) -> float:
        return min(1.0, upward(float(network_losses(net, self.certificate, self.model.levels).ramp.mean())))

    def _lipschitz(self, nets: tuple[Weights, ...], slack: float = 0.0) -> float:
        loss = loss_lipschitz("margin_ramp", gamma=self.model.levels.gamma)
        return upward(loss * score_lipschitz(nets, self.model.problem.scaling.reach, slack))


def network_parts_alike(problem: ClassProblem, held_out: NDArray, test: NDArray) -> PartsAlike:
    """Hold the test part against the rows that certify.

    Args:
        problem: with its rows and their split.
        held_out: shape (n,), whether the network errs on each held-out row.
        test: shape (k,), the same on the test part.
    """
    split, raw = problem.split, problem.raw
    return parts_alike(held_out, test, raw[split.union("certificate", "held_out")], raw[split.part("test")])


def ball(length: float) -> int:
    """The smallest ball that holds a network at that distance."""
    shell = 0
    while BASE_RADIUS * 2.0**shell < length:
        shell += 1
    return shell


def best_of(count: int) -> str:
    """What `occam` certifies."""
    return f"candidate: 0/1 risk of the best of {count} prior networks"


def by_risk(rows: list[LedgerRow]) -> tuple[LedgerRow, ...]:
    """Rows about the deployed predictor first, and in each kind those about the 0/1 risk; smallest value first."""
    return tuple(sorted(ranked(rows), key=lambda row: (row.certifies.startswith(VARIANTS), "0/1" not in row.certifies)))


def network_winner(rows: tuple[LedgerRow, ...]) -> str | None:
    """The bound of the smallest row about the 0/1 risk of the deployed predictor that is not vacuous."""
    return winner(_about_deployed(rows))


def winning_value(rows: tuple[LedgerRow, ...]) -> float | None:
    """The value of that row; None if there is none."""
    return next((row.value for row in _about_deployed(rows) if not row.vacuous), None)


def _about_deployed(rows: tuple[LedgerRow, ...]) -> tuple[LedgerRow, ...]:
    return tuple(row for row in rows if "0/1" in row.certifies and not row.certifies.startswith(VARIANTS))


def _row(
    bound: str,
    certifies: str,
    inputs: dict[str, Any],
    share: float,
    measured: Estimate,
    paid: dict[str, float] | None = None,
    **choice: float,
) -> LedgerRow:
    evaluated = evaluate_bound(bound, **inputs)
    terms = dict(evaluated.terms) | (paid or {})
    return LedgerRow(bound, certifies, evaluated.value, evaluated.vacuous, share, terms, inputs, measured, choice)


VARIANTS = ("randomised:", "averaged:", "candidate:")
"""First words of what a row certifies where that is not the deployed predictor."""

TRAINING = ("prior", "certificate")
"""Parts whose rows the mean network is trained on."""

MODEL = "0/1 risk of the mean network"
MODEL_RAMP = "ramp (so 0/1) risk of the mean network"
GIBBS_01 = "randomised: 0/1 Gibbs risk of the posterior"
GIBBS_CE = "randomised: Gibbs cross-entropy, bounded to [0, 1]"
ONE_DRAW = "randomised: 0/1 risk of one network drawn by the seed"
NOTES = (
    "the deployed predictor is the network of the posterior mean; rows about another object say so in their first word",
    f"test_binomial has {WINNER_SHARE:g} of delta, the other rows equal shares of the rest",
    "features centred, scaled and cut off by the prior part, then projected onto a ball",
    "prior mean, candidates and gamma come from the prior part alone; the posterior from prior and certificate part",
    "weights are stored in float32 and trained in it; risks, KL and bounds are computed from them in float64 and more",
)
