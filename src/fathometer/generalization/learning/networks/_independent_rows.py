"""The rows of a network's ledger a second time: every number from the data, by formulas of this file's own."""

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import Estimate
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.learning.networks._independent_risks import Table, fixed_losses, fresh_losses
from fathometer.generalization.learning.networks._model import TrainedNetwork
from fathometer.generalization.ledger import _independent_bounds as independent
from fathometer.generalization.ledger._ledger import LedgerRow
from fathometer.generalization.ledger._overfitting import Overfitting, overfitting

MODEL, MODEL_RAMP = "0/1 risk of the mean network", "ramp (so 0/1) risk of the mean network"
GIBBS_01 = "randomised: 0/1 Gibbs risk of the posterior"
GIBBS_CE = "randomised: Gibbs cross-entropy, bounded to [0, 1]"
ONE_DRAW = "randomised: 0/1 risk of one network drawn by the seed"
HELD_OUT_SHARE, MC_SHARE, BASE_RADIUS = 17 / 20, 1 / 4, 1 / 4
DRAW, GIBBS, GIBBS_TEST = 1, 2, 3
SLACK = 1 + 1e-10
"""What the method says, written down a second time: labels, parts of delta, radii, streams of the seed, rounding."""

_Part = tuple[dict[str, Any], Estimate, dict[str, float]]


@dataclass(frozen=True)
class IndependentNetworkRows:
    """Recomputes rows for a network whose weights are stored.

    Attributes:
        model: its candidates are the checkpoint and the prior mean.
        delta: of the ledger.
    """

    model: TrainedNetwork
    delta: float

    def rows(self, candidate: int) -> list[LedgerRow]:
        """Recompute every row, for the candidate that was chosen."""
        return [self._row(bound, certifies, candidate) for bound, certifies in expected_rows(self.model.settings)]

    def test_risk(self) -> Estimate:
        """Error rate of the posterior mean on the test part."""
        return independent.error_rate(self._fixed(self.model.posterior.mean, "test")["errors"])

    def mean_errors(self, part: str) -> NDArray[np.float64]:
        """Errors of the posterior mean on one part."""
        return self._fixed(self.model.posterior.mean, part)["errors"]

    def overfitting(self, certificate: float | None) -> Overfitting:
        """The same question with errors, majority class and intervals of the risks from here.

        Args:
            certificate: value of the winning row; None if there is none.
        """
        held_out, y = self.mean_errors("held_out"), self.model.problem.rows("held_out").y
        training = np.concatenate([self.mean_errors(part) for part in ("prior", "certificate")])
        kinds, counts = np.unique(self.model.problem.rows("prior", "certificate").y, return_counts=True)
        constant = (y != kinds[np.argmax(counts)]).astype(np.float64)
        again = overfitting(training, held_out, constant, certificate)
        risk, other = independent.error_rate(held_out), independent.error_rate(constant)
        return dataclasses.replace(again, held_out_risk=risk, majority_risk=other)

    def _row(self, bound: str, certifies: str, candidate: int) -> LedgerRow:
        share = self._share(bound)
        inputs, measured, paid = self._parts(bound, certifies, candidate, share)
        value = float(independent.evaluate(bound, inputs))
        terms = dict(evaluate_bound(bound, **inputs).terms) | paid
        choice: dict[str, float] = {"candidate": candidate} if bound == "occam" else {}
        if bound == "smooth_ball":
            choice = {"shell": self._shell}
        return LedgerRow(bound, certifies, value, value >= 1, share, terms, inputs, measured, choice)

    def _share(self, bound: str) -> float:
        others = len(expected_rows(self.model.settings)) - 1
        return self.delta * (HELD_OUT_SHARE if bound == "test_binomial" else (1 - HELD_OUT_SHARE) / others)

    def _parts(self, bound: str, certifies: str, candidate: int, share: float) -> _Part:
        model, posterior = self.model, self.model.posterior
        m, delta = {"m": model.m}, {"delta": share}
        match bound:
            case "test_binomial":
                errors = self._fixed(posterior.mean, "held_out")["errors"]
                return {"errors": int(errors.sum()), "n": errors.size} | delta, self.test_risk(), {}
            case "occam":
                risk = self._mean(model.candidates[0], "errors")
                measured = independent.error_rate(self._fixed(model.candidates[0], "test")["errors"])
                return {"risk": risk, "hypotheses": model.settings.checkpoints} | m | delta, measured, {}
            case "maurer_seeger":
                loss = "errors" if certifies == GIBBS_01 else "cross_entropy"
                values = self._fresh_test[loss]
                measured = independent.error_rate(values) if loss == "errors" else independent.mean_loss(values)
                inputs, paid = self._gibbs(loss, share)
                return inputs | m, measured, paid
            case "disint_rivasplata":
                drawn, log_ratio = self._drawn()
                measured = independent.error_rate(self._fixed(drawn, "test")["errors"])
                return {"risk": self._mean(drawn, "errors"), "log_ratio": log_ratio} | m | delta, measured, {}
        inputs, paid = self._wasserstein(bound, share)
        return inputs | m, independent.mean_loss(self._fixed(posterior.mean, "test")["ramp"]), paid

    def _wasserstein(self, bound: str, share: float) -> tuple[dict[str, Any], dict[str, float]]:
        model, mean = self.model, self.model.posterior.mean
        if bound == "risk_transport":
            lipschitz = self._lipschitz([model.prior_mean, mean], 0.0)
            risk = self._mean(model.prior_mean, "ramp")
            return {"risk": risk, "lipschitz": lipschitz, "distance": self._distance, "delta": share}, {}
        if bound == "smooth_mean":
            inputs, paid = self._gibbs("ramp", share)
            dim = sum(matrix.size for matrix in mean)
            spread = np.sqrt(sum(np.sum(matrix.astype(np.float64) ** 2) for matrix in model.posterior.sigma))
            sigma = float(spread) / independent.mean_norm(dim)
            return inputs | {"lipschitz": self._lipschitz([mean], 0.0), "sigma": sigma, "dim": dim}, paid
        radius = BASE_RADIUS * 2**self._shell
        inputs = {
            "risk": self._mean(mean, "ramp"),
            "lipschitz": self._lipschitz([model.prior_mean], 2 * radius),
            "radius": radius,
            "dim": sum(matrix.size for matrix in mean),
            "delta": share / ((self._shell + 1) * (self._shell + 2)),
        }
        return inputs | {"eps": min(radius, independent.ball_width(m=model.m, **_without_risk(inputs)))}, {}

    def _gibbs(self, loss: str, share: float) -> tuple[dict[str, float], dict[str, float]]:
        values, paid = self._fresh[loss], share * MC_SHARE
        risk = independent.kl_upper(float(values.mean()), np.log(1 / paid) / values.size)
        drawn = {"mc_mean": float(values.mean()), "mc_draws": float(values.size), "mc_delta": paid}
        return {"risk": risk, "kl": self._kl, "delta": share - paid}, drawn

    @cached_property
    def _fresh(self) -> Table:
        model = self.model
        passes = int(np.ceil(model.settings.draws / model.m))
        rows = model.problem.rows("certificate")
        return fresh_losses(model.posterior, rows, model.levels, (model.seed, GIBBS), passes)

    @cached_property
    def _fresh_test(self) -> Table:
        model = self.model
        return fresh_losses(model.posterior, model.problem.rows("test"), model.levels, (model.seed, GIBBS_TEST), 1)

    @cached_property
    def _kl(self) -> float:
        """One weight at a time: ln(s/sigma) + (sigma^2 + (mean - w0)^2)/(2 s^2) - 1/2."""
        posterior, s, total = self.model.posterior, np.longdouble(np.float32(self.model.settings.prior_sigma)), 0
        for mean, sigma, centre in zip(posterior.mean, posterior.sigma, self.model.prior_mean, strict=True):
            wide = sigma.astype(np.longdouble)
            square = wide**2 + (mean.astype(np.longdouble) - centre) ** 2
            total = total + np.sum(np.log(s / wide) + square / (2 * s**2) - 0.5)
        return float(total)

    def _drawn(self) -> tuple[list[NDArray], float]:
        """The network that the seed draws, and the difference of the two log densities there."""
        rng, s = (
            np.random.default_rng([self.model.seed, DRAW]),
            np.longdouble(np.float32(self.model.settings.prior_sigma)),
        )
        posterior, drawn, total = self.model.posterior, [], np.longdouble(0)
        for mean, sigma, centre in zip(posterior.mean, posterior.sigma, self.model.prior_mean, strict=True):
            net = mean.astype(np.float64) + sigma.astype(np.float64) * rng.standard_normal(mean.shape)
            away, wide = net.astype(np.longdouble), sigma.astype(np.longdouble)
            total += np.sum(np.log(s / wide) + ((away - centre) / s) ** 2 / 2 - ((away - mean) / wide) ** 2 / 2)
            drawn.append(net)
        return drawn, float(total)

    @cached_property
    def _distance(self) -> float:
        pairs = zip(self.model.posterior.mean, self.model.prior_mean, strict=True)
        return float(np.sqrt(sum(np.sum((a.astype(np.float64) - b) ** 2) for a, b in pairs)))

    @property
    def _shell(self) -> int:
        return max(0, int(np.ceil(np.log2(max(self._distance / BASE_RADIUS, 1)))))

    def _lipschitz(self, nets: list[tuple[NDArray, ...]], slack: float) -> float:
        """Backwards through the layers, with the largest eigenvalue of the Gram matrix as squared spectral norm."""
        count = len(nets[0])
        norms = [max(_gram_norm(net[k][:-1]) for net in nets) * SLACK + slack for k in range(count)]
        biases = [max(float(np.sqrt(np.sum(net[k][-1].astype(np.float64) ** 2))) for net in nets) for k in range(count)]
        sizes = [self.model.problem.scaling.reach]
        for norm, bias in zip(norms, biases, strict=True):
            sizes.append(norm * sizes[-1] + bias + slack)
        later, total = 1.0, 0.0
        for k in reversed(range(count)):
            total += later**2 * (sizes[k] ** 2 + 1)
            later *= norms[k]
        return float(np.sqrt(2 * total)) * SLACK / self.model.levels.gamma

    def _fixed(self, net: Any, part: str) -> Table:
        return fixed_losses(net, self.model.problem.rows(part), self.model.levels)

    def _mean(self, net: Any, loss: str) -> float:
        return float(self._fixed(net, "certificate")[loss].mean())


def expected_rows(settings: Any) -> list[tuple[str, str]]:
    """Bound and certified object of every row of a ledger."""
    best = f"candidate: 0/1 risk of the best of {settings.checkpoints} prior networks"
    linear = [("smooth_mean", MODEL_RAMP)] if not settings.hidden else []
    return [
        ("test_binomial", MODEL),
        ("occam", best),
        ("maurer_seeger", GIBBS_01),
        ("maurer_seeger", GIBBS_CE),
        ("disint_rivasplata", ONE_DRAW),
        ("risk_transport", MODEL_RAMP),
        *linear,
        ("smooth_ball", MODEL_RAMP),
    ]


def _gram_norm(matrix: NDArray) -> float:
    wide = matrix.astype(np.float64)
    gram = wide.T @ wide if wide.shape[0] > wide.shape[1] else wide @ wide.T
    return float(np.sqrt(max(np.linalg.eigvalsh(gram)[-1], 0)))


def _without_risk(inputs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in inputs.items() if name != "risk"}
