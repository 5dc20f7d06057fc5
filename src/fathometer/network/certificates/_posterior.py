"""PAC-Bayes around trained weights: a Gaussian posterior whose widths come from the curvature, its risk by draws."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from fathometer.evidence import InputError, Record
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.bounds._delta_account import DeltaAccount
from fathometer.generalization.ledger._ledger import LedgerRow, measured_errors
from fathometer.network._network import Block, Network
from fathometer.network._objective import Matrix, Objective
from fathometer.network.adapters._parameters import moved
from fathometer.network.certificates._answers import errors_of
from fathometer.network.certificates._gaussian import TEMPERATURES, ArrayLaw, drawn, laws_of, total_kl
from fathometer.network.certificates._layout import Layout

GIBBS = "randomised: 0/1 Gibbs risk of a Gaussian around the trained weights"

DRAWS, ROWS_OF_DRAW = 4000, 32
"""Networks that measure the risk of the posterior on the rows that certify, and rows that each of them meets."""

PILOT = 40
"""Networks for each temperature, which choose one and certify nothing."""

MOST_TEST = 1000
"""Rows of the test part that meet a network of their own each."""

MC_SHARE = 0.25
"""Part of the row's delta that pays for the draws."""

PRODUCTS = 64
"""With the curvature, which estimate its traces."""


@dataclass(frozen=True, eq=False)
class PosteriorRecord(Record):
    """A PAC-Bayes row, with what a recheck needs.

    Attributes:
        row: of the ledger.
        laws: of each array.
        temperature: that was chosen.
        errors: of each drawn network, on rows drawn for it.
        rows: that each drawn network met.
        seed: of the draws.
        prior_sha256: of the arrays that the prior is centred at.
        prior_saw: numbers of the rows that these have seen, as the user says.
    """

    row: LedgerRow
    laws: tuple[ArrayLaw, ...]
    temperature: float
    errors: NDArray[Any]
    rows: int
    seed: int
    prior_sha256: str
    prior_saw: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Cloud:
    """A network with the rows that its posterior meets.

    Attributes:
        net: as it was trained.
        layout: of the rows.
        x: shape (n, p).
        codes: shape (n,), number of each row's class.
        centre: the trained arrays.
    """

    net: Network
    layout: Layout
    x: Float[np.ndarray, "n p"]
    codes: Int[np.ndarray, " n"]
    centre: Mapping[str, NDArray[Any]]

    def errors(
        self, laws: tuple[ArrayLaw, ...], rows: NDArray[np.int64], draws: int, of_each: int, seed: list[int]
    ) -> Int[np.ndarray, " draws"]:
        """Errors of networks from the posterior, each on rows that are drawn for it: independent and alike.

        Args:
            laws: of the posterior.
            rows: numbers of the rows that are drawn from, with replacement.
            draws: number of networks.
            of_each: rows that each meets.
            seed: of networks and rows.
        """
        rng = np.random.default_rng(seed)
        return np.array([self._errs(laws, rng.choice(rows, of_each), rng) for _ in range(draws)], np.int32)

    def once(self, laws: tuple[ArrayLaw, ...], rows: NDArray[np.int64], seed: list[int]) -> Int[np.ndarray, " n"]:
        """Whether a fresh network errs on each row: independent and alike if the rows are.

        Args:
            laws: of the posterior.
            rows: each meets one network.
            seed: of the networks.
        """
        rng = np.random.default_rng(seed)
        return np.array([self._errs(laws, np.array([row]), rng) for row in rows], np.int32)

    def _errs(self, laws: tuple[ArrayLaw, ...], rows: NDArray[np.int64], rng: np.random.Generator) -> int:
        with moved(self.net, drawn(self.centre, laws, rng)) as network:
            return int(errors_of(network, self.layout, self.x[rows], self.codes[rows]).sum())


def posterior_row(
    cloud: Cloud,
    prior: Mapping[str, NDArray[Any]],
    objective: Objective,
    certify: NDArray[np.int64],
    test: NDArray[np.int64],
    delta: float,
    seed: int,
    *,
    draws: int = DRAWS,
    prior_sha256: str = "",
    prior_saw: NDArray[np.int64] | None = None,
    announce: Callable[[str], object] = lambda text: None,
) -> PosteriorRecord:
    """Choose a posterior by looking at the rows that certify, and certify its Gibbs risk.

    Args:
        cloud: network and rows.
        prior: arrays that the prior is centred at, which have not seen the rows that certify.
        objective: a loss of the network on rows that may be looked at, in the vector of the same arrays.
        certify: numbers of the rows that certify; independent, and unseen by the prior.
        test: numbers of rows that only measure.
        delta: of the row.
        seed: of all draws.
        draws: networks that measure the risk of the posterior.
        prior_sha256: of the prior's arrays, for the record.
        prior_saw: rows that the prior has seen, for the record.
        announce: is told what is finished.

    Raises:
        InputError: if the network is the prior itself, which then needs no PAC-Bayes.
    """
    if all(np.array_equal(array, prior[name]) for name, array in cloud.centre.items()):
        raise InputError("the network has the weights of the prior: held-out rows certify it, PAC-Bayes has no use")
    account = DeltaAccount(delta)
    paid = account.portion(MC_SHARE)
    rest = account.split(1)[0]
    curvatures = array_traces(objective, PRODUCTS, seed)
    announce("curvature: the trace over each array is estimated")
    temperature, laws = _chosen(cloud, prior, curvatures, certify, rest, seed)
    errors = cloud.errors(laws, certify, draws, ROWS_OF_DRAW, [seed, 11])
    announce(f"posterior: {draws} networks drawn")
    row = gibbs_row(
        laws, errors, ROWS_OF_DRAW, certify.size, paid, rest, delta, cloud.once(laws, test[:MOST_TEST], [seed, 12])
    )
    saw = np.empty(0, np.int64) if prior_saw is None else prior_saw
    return PosteriorRecord(row, laws, temperature, errors, ROWS_OF_DRAW, seed, prior_sha256, saw)


def gibbs_row(
    laws: tuple[ArrayLaw, ...],
    errors: Int[np.ndarray, " draws"],
    of_each: int,
    m: int,
    paid: float,
    rest: float,
    delta: float,
    test: Int[np.ndarray, " n"],
) -> LedgerRow:
    """The row: the empirical Gibbs risk by betting on the draws, then the inverse kl.

    Args:
        laws: of the posterior.
        errors: of each drawn network.
        of_each: rows that each met.
        m: rows that certify.
        paid: delta of the draws.
        rest: delta of the bound.
        delta: of both together.
        test: whether a fresh network errs on each row of the test part.
    """
    drawn_risk = evaluate_bound("test_betting_losses", losses=errors / of_each, delta=paid).value or 1.0
    inputs = {"risk": min(1.0, drawn_risk), "kl": total_kl(laws), "m": m, "delta": rest}
    value = evaluate_bound("maurer_exact", **inputs)
    terms = {
        **value.terms,
        "mc_mean": float(np.mean(errors / of_each)),
        "mc_draws": float(errors.size),
        "mc_delta": paid,
    }
    measured = measured_errors(int(test.sum()), test.size)
    return LedgerRow("maurer_exact", GIBBS, value.value, value.vacuous, delta, terms, inputs, measured)


def array_traces(objective: Objective, products: int, seed: int) -> dict[str, float]:
    """Trace of the Gauss-Newton matrix over each array, by Hutchinson's estimator inside the array.

    Args:
        objective: of the arrays.
        products: with the matrix, in all; each array gets at least two.
        seed: of the vectors of signs.
    """
    rng, each = np.random.default_rng([seed, 10]), max(2, products // len(objective.blocks))
    return {
        block.name: float(np.mean([_form(objective, block, rng) for _ in range(each)])) for block in objective.blocks
    }


def _form(objective: Objective, block: Block, rng: np.random.Generator) -> float:
    """The quadratic form at random signs in one array, which is not negative."""
    signs = np.zeros(objective.size, objective.dtype)
    signs[block.part] = rng.choice(np.array([-1.0, 1.0]), block.size)
    image = objective.product(signs, Matrix.GGN)
    return max(float(np.dot(signs[block.part].astype(np.float64), image[block.part])), 0.0)


def _chosen(
    cloud: Cloud, prior: Mapping[str, NDArray], curvatures: Mapping[str, float], rows: NDArray, delta: float, seed: int
) -> tuple[float, tuple[ArrayLaw, ...]]:
    """The temperature whose bound looks smallest in a few draws."""
    centre = {name: cloud.centre[name] for name in curvatures}
    tried = [(beta, laws_of(centre, prior, curvatures, rows.size, beta)) for beta in TEMPERATURES]
    return min(tried, key=lambda pair: _looks(cloud, pair[1], rows, delta, seed))


def _looks(cloud: Cloud, laws: tuple[ArrayLaw, ...], rows: NDArray, delta: float, seed: int) -> float:
    """The bound with the risk of a few draws; where it is vacuous, budget and risk together."""
    kl = total_kl(laws)
    budget = (kl + log(2 * rows.size**0.5 / delta)) / rows.size
    if budget > 2:
        return 1 + budget
    risk = float(cloud.errors(laws, rows, PILOT, ROWS_OF_DRAW, [seed, 13]).mean()) / ROWS_OF_DRAW
    value = evaluate_bound("maurer_seeger", risk=risk, kl=kl, m=rows.size, delta=delta).value
    return 1 + budget if value is None or value >= 1 else value
