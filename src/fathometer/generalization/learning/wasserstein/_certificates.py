"""The certificates of what the two algorithms learnt; the paper's experiments print none."""

from collections.abc import Sequence
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from fathometer.data import equal_rows
from fathometer.evidence import Estimate, InputError, Provenance
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.bounds._delta_account import DeltaAccount
from fathometer.generalization.learning.linear._training import upward
from fathometer.generalization.learning.wasserstein._batch import VARIANTS, BatchRun
from fathometer.generalization.learning.wasserstein._halves import Halves
from fathometer.generalization.learning.wasserstein._lipschitz import loss_constant
from fathometer.generalization.learning.wasserstein._loss import multi_margin
from fathometer.generalization.learning.wasserstein._network import Network, Params, distances, member, widened
from fathometer.generalization.learning.wasserstein._online import OnlineRun
from fathometer.generalization.ledger._certified_risk import CertifiedRisk
from fathometer.generalization.ledger._ledger import Ledger, LedgerRow, measured_errors, measured_mean, ranked, winner

LOSS = "clipped multi-margin risk"
NOTES = (
    f"The certificates speak about the {LOSS}, a number in [0, 1]; the 0/1 risk is at most k times it, k classes.",
    "Rows that hold for all predictors hold for every posterior of the run at once; a held-out row is for its own.",
    "Weights were learnt in float32; risks and distances are evaluated in float64.",
)
PACKAGES = ("fathometer", "jax", "jaxlib", "numpy", "scipy", "optax")


def batch_ledgers(
    network: Network, run: BatchRun, halves: Halves, *, delta: float = 0.05, seed: int = 0
) -> dict[str, Ledger]:
    """Certify every posterior of Algorithm 1 and of its baselines.

    Each ledger holds with probability at least 1 - delta, if the rows were shuffled and scaled by a constant.

    Args:
        network: the model.
        run: what was learnt, with `clip` and without a learned scale.
        halves: the data.
        delta: in (0, 1), split equally over the rows of a ledger.
        seed: for the record.

    Raises:
        InputError: if delta is not in (0, 1), the models have a learned scale, or a row is in no block.
    """
    require_no_scale(run.priors)
    if np.any(run.block < 0):
        raise InputError(f"every row must be in a block, got {int(np.sum(run.block < 0))} rows that are in none")
    own = prior_risk(network, run, halves)
    posteriors = {name: member(run.posteriors, index) for index, name in enumerate(VARIANTS)}
    lipschitz = loss_constant(network, (*_list(run.priors), *posteriors.values()))
    record = Provenance.here(seed, PACKAGES)
    return {
        name: _batch_ledger(network, params, run, halves, lipschitz, own, delta, record)
        for name, params in posteriors.items()
    }


def online_ledger(
    network: Network, run: OnlineRun, halves: Halves, lipschitz: float, *, delta: float = 0.05, seed: int = 0
) -> Ledger:
    """Certify the mean risk of the models h_1..h_m of all rounds, for points in any order or dependence.

    Args:
        network: the model.
        run: what was seen, with `clip` and without a learned scale.
        halves: the data.
        lipschitz: of the loss in the weights, on the segments between consecutive models.
        delta: in (0, 1), split equally over the rows.
        seed: for the record.

    Raises:
        InputError: if delta is not in (0, 1), or the models have a learned scale.
    """
    require_no_scale(run.last)
    m = len(halves.y)
    shared = {"lipschitz": lipschitz, "distance": _mean(run.moves), "m": m}
    after, before = {"risk": _mean(run.after)} | shared, {"risk": _mean(run.before)} | shared
    bounds = {"w1_nips_t5": after, "w1_nips_t5_bounded": after, "progressive_validation": before}
    measured = measured_mean(np.asarray(run.test_losses))
    return _ledger(
        [(bound, inputs, measured) for bound, inputs in bounds.items()],
        f"mean {LOSS} of the models of all rounds",
        measured_errors(int(np.sum(run.test_errors)), m),
        {"rounds": m, "test": len(halves.y_test)},
        delta,
        Provenance.here(seed, PACKAGES),
        shared_rows(halves),
    )


def require_no_scale(params: Params) -> None:
    """Refuse to certify models whose distances leave out something that was learnt.

    Raises:
        InputError: if the models have a learned scale.
    """
    if params.scale is not None:
        raise InputError("models with a learned scale cannot be certified: the scale is outside of the distance")


def line_problem(line: LedgerRow) -> CertifiedRisk:
    """A row as the certificate that the theorems judge, with what the algorithms guarantee about its assumptions."""
    inputs = {name: value for name, value in line.inputs.items() if name != "delta"}
    constant = line.inputs.get("lipschitz")
    return CertifiedRisk(line.bound, inputs, line.delta_spent, shuffled=True, independent=True, true_lipschitz=constant)


def prior_risk(network: Network, run: BatchRun, halves: Halves) -> float:
    """Sum over blocks of |S_i|/m times the risk on S_i of the prior that did not see S_i, rounded up.

    Args:
        network: what the priors are.
        run: with the priors and the blocks.
        halves: with the training half, whose rows the blocks divide.
    """
    mine = run.block[None, :] == np.arange(len(_list(run.priors)))[:, None]
    own = _own_losses(network, widened(run.priors), jnp.asarray(halves.x), jnp.asarray(halves.y), jnp.asarray(mine))
    return upward(float(np.sum(own)) / len(halves.y))


def evaluated(
    network: Network, params: Params, x: Float[np.ndarray, "n p"], y: Int[np.ndarray, " n"]
) -> tuple[Float[Array, " n"], Bool[Array, " n"]]:
    """Clipped loss and whether the class is wrong, in float64.

    Args:
        network: of which model.
        params: its parameters.
        x: features.
        y: numbers of the classes.
    """
    return _losses(network, widened(params), jnp.asarray(x), jnp.asarray(y))


@partial(jax.jit, static_argnames="network")
def _losses(network: Network, params: Params, x: Array, y: Array) -> tuple[Array, Array]:
    scores = network.scores(params, x.astype(jnp.float64))
    return multi_margin(scores, y, clip=True), jnp.argmax(scores, axis=-1) != y


@partial(jax.jit, static_argnames="network")
def _own_losses(network: Network, priors: Params, x: Array, y: Array, mine: Bool[Array, "a n"]) -> Float[Array, " a"]:
    """Sum of the losses of each prior on its own block."""

    def one(pair: tuple[Params, Array]) -> Array:
        return jnp.sum(jnp.where(pair[1], _losses(network, pair[0], x, y)[0], 0))

    return jax.lax.map(one, (priors, mine))


def _batch_ledger(
    network: Network,
    params: Params,
    run: BatchRun,
    halves: Halves,
    lipschitz: float,
    own: float,
    delta: float,
    record: Provenance,
) -> Ledger:
    losses, _ = evaluated(network, params, halves.x, halves.y)
    test_losses, test_errors = evaluated(network, params, halves.x_test, halves.y_test)
    shares = np.bincount(run.block, minlength=len(_list(run.priors))) / len(run.block)
    away = upward(float(np.sum(shares * np.asarray(distances(widened(params), widened(run.priors))))))
    shared = {"lipschitz": lipschitz, "distance": away, "m": len(halves.y), "blocks": len(shares)}
    measured, risk = measured_mean(np.asarray(test_losses)), _mean(losses)
    rows = [
        ("w1_route_a", {"risk": risk} | shared, measured),
        ("w1_route_a_improved", {"risk": risk} | shared, measured),
        ("risk_transport", {"risk": own} | shared, measured),
        ("test_kl", {"risk": _mean(test_losses), "n": len(halves.y_test)}, measured),
    ]
    sizes = {"train": len(halves.y), "test": len(halves.y_test)}
    return _ledger(
        rows,
        LOSS,
        measured_errors(int(np.sum(test_errors)), len(halves.y_test)),
        sizes,
        delta,
        record,
        shared_rows(halves),
    )


def shared_rows(halves: Halves) -> tuple[str, ...]:
    """A note if test rows repeat training rows: the published experiments split row by row, and so do these."""
    rows = equal_rows(np.concatenate([halves.x, halves.x_test]).astype(np.float64))
    m = len(halves.x)
    count = int(np.sum(np.isin(rows[m:], rows[:m])))
    if not count:
        return ()
    return (
        f"{count} of {len(rows) - m} test rows have the features of a training row, as rows are shuffled one by one: "
        "if equal rows were not drawn independently, the bounds are too small",
    )


def _ledger(
    bounds: Sequence[tuple[str, dict[str, float], Estimate]],
    certifies: str,
    test_risk: Estimate,
    sizes: dict[str, int],
    delta: float,
    record: Provenance,
    notes: tuple[str, ...],
) -> Ledger:
    account = DeltaAccount(delta)
    rows = []
    for (bound, numbers, measured), share in zip(bounds, account.split(len(bounds)), strict=True):
        inputs = numbers | {"delta": share}
        evaluated = evaluate_bound(bound, **inputs)
        rows.append(
            LedgerRow(bound, certifies, evaluated.value, evaluated.vacuous, share, evaluated.terms, inputs, measured)
        )
    order = ranked(rows)
    return Ledger(
        rows=order,
        winner=winner(order),
        delta_total=account.total,
        delta_spent=account.spent,
        sizes=sizes,
        test_risk=test_risk,
        notes=NOTES + notes,
        provenance=record,
    )


def _mean(values: Array) -> float:
    """Mean of numbers in [0, 1] or of distances, rounded up; a mean of ones stays 1."""
    mean = float(np.mean(np.asarray(values, np.float64)))
    return min(upward(mean), 1.0) if mean <= 1 else upward(mean)


def _list(many: Params) -> list[Params]:
    return [member(many, index) for index in range(len(many.biases[0]))]
