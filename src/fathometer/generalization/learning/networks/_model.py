"""A network with all that its certificates are made from: trained in stages that are kept as they finish."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError, finite_array
from fathometer.generalization.bounds._delta_account import split_delta
from fathometer.generalization.learning.linear._training import SMALLEST_MARGIN
from fathometer.generalization.learning.networks._law import GaussianWeights
from fathometer.generalization.learning.networks._layers import Weights, initial_weights, layer_shapes
from fathometer.generalization.learning.networks._problem import ClassProblem, require_unseen
from fathometer.generalization.learning.networks._risks import Levels, network_margins
from fathometer.generalization.learning.networks._settings import NetworkSettings, Objective
from fathometer.generalization.learning.networks._training import Terms, train_mean, train_posterior
from fathometer.study import run_cells

START = 0
"""Name of the stream of random numbers of the initial weights."""


@dataclass(frozen=True)
class GivenPrior:
    """A prior mean that somebody brings along, with the rows of the data that it was learnt from.

    Attributes:
        mean: one matrix for each layer, of shape (inputs + 1, outputs); the last row is the bias.
        saw: row numbers of the data that had any influence on it; empty if none had.
    """

    mean: Weights
    saw: NDArray[np.int64]


@dataclass(frozen=True)
class TrainedNetwork:
    """A prior and a posterior on the weights of a network.

    Attributes:
        problem: the rows, split and scaled.
        settings: fixed in advance.
        seed: of the split, the training and the draws that measure risks.
        candidates: networks of the prior part, of which `occam` chooses one; the last is the prior mean.
        posterior: trained on the certificate part.
        levels: of the losses; gamma is fixed by the prior.
    """

    problem: ClassProblem
    settings: NetworkSettings
    seed: int
    candidates: tuple[Weights, ...]
    posterior: GaussianWeights
    levels: Levels

    @property
    def prior_mean(self) -> Weights:
        """The last candidate."""
        return self.candidates[-1]

    @property
    def prior(self) -> GaussianWeights:
        """The isotropic law around the prior mean."""
        return GaussianWeights.around(self.prior_mean, self.settings.prior_sigma)

    @property
    def m(self) -> int:
        """Size of the certificate part."""
        return self.problem.split.sizes["certificate"]

    @property
    def linear(self) -> bool:
        """Whether the scores are linear in the weights."""
        return not self.settings.hidden


def train_network(
    problem: ClassProblem,
    settings: NetworkSettings,
    delta: float,
    seed: int,
    given: GivenPrior | None = None,
    stage: "Stages | None" = None,
) -> TrainedNetwork:
    """Train candidates and prior mean on the prior part alone, then the posterior on the certificate part.

    Args:
        problem: rows, split and scaled.
        settings: fixed in advance.
        delta: what the objective of the posterior is evaluated at.
        seed: of initial weights and batches.
        given: a prior to be used instead of a trained one.
        stage: keeps finished stages; None keeps nothing.

    Raises:
        InputError: if the given prior has other shapes or has seen a row that certifies or tests.
    """
    shapes = layer_shapes(problem.x.shape[1], settings.hidden, problem.classes)
    stage = stage or Stages(None, {}, len(shapes))
    candidates = _candidates(problem, settings, seed, stage) if given is None else (_checked(given, problem, shapes),)
    gamma = float(np.median(network_margins(candidates[-1], problem.rows("prior"))))
    levels = Levels(settings.pmin, max(gamma, SMALLEST_MARGIN))
    rows = problem.rows("certificate")
    terms = Terms(
        Objective(settings.objective), settings.prior_sigma, settings.pmin, len(rows.y), split_delta(delta, 8)
    )
    mean_and_sigma = stage.run(
        "posterior",
        lambda: sum(
            train_posterior(
                candidates[-1], rows, terms, seed=seed, steps=settings.posterior_steps, batch=settings.batch
            ),
            (),
        ),
    )
    layers = len(shapes)
    posterior = GaussianWeights(mean_and_sigma[:layers], mean_and_sigma[layers:])
    return TrainedNetwork(problem, settings, seed, candidates, posterior, levels)


def _candidates(problem: ClassProblem, settings: NetworkSettings, seed: int, stage: "Stages") -> tuple[Weights, ...]:
    rows, count = problem.rows("prior"), settings.checkpoints
    steps = -(-settings.prior_steps // count)
    shapes = layer_shapes(problem.x.shape[1], settings.hidden, problem.classes)
    weights, kept = initial_weights(shapes, np.random.default_rng([seed, START])), []
    for k in range(count):

        def further(start: Weights = weights, first: int = k * steps) -> Weights:
            return train_mean(
                start,
                rows,
                sigma=settings.prior_sigma,
                seed=seed,
                first=first,
                steps=steps,
                of=steps * count,
                batch=settings.batch,
            )

        weights = stage.run(f"prior {k + 1} of {count}", further)
        kept.append(weights)
    return tuple(kept)


def _checked(given: GivenPrior, problem: ClassProblem, shapes: list[tuple[int, int]]) -> Weights:
    evaluated = problem.split.union("certificate", "held_out", "test")
    require_unseen(evaluated, np.asarray(given.saw, np.int64).reshape(-1), problem.groups, "prior")
    given_shapes = [np.shape(matrix) for matrix in given.mean]
    if given_shapes != shapes:
        raise InputError(f"the prior must have matrices of shape {shapes}, got {given_shapes}")
    return tuple(finite_array("prior mean", matrix).astype(np.float32) for matrix in given.mean)


@dataclass(frozen=True)
class Stages:
    """Stages of a training, each kept in a file as soon as it is finished.

    Attributes:
        folder: of the files; None keeps nothing.
        key: what the training depends on, in JSON values.
        layers: number of matrices.
        announce: is told what is finished.
    """

    folder: Path | None
    key: dict[str, Any]
    layers: int
    announce: Callable[[str], object] | None = None

    def run(self, name: str, compute: Callable[[], Weights]) -> Weights:
        """The weights of a stage, computed or found."""

        def arrays(cell: object) -> dict[str, NDArray]:
            return {f"w{k:02}": matrix for k, matrix in enumerate(compute())}

        stored = run_cells([self.key | {"stage": name}], arrays, self.folder)[0]
        if self.announce is not None:
            self.announce(f"trained: {name}")
        return tuple(stored[label] for label in sorted(stored))
