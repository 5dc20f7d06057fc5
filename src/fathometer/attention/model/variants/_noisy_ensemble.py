"""Many independent clouds of noisy tokens on a sphere of any dimension."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fathometer.attention.model._system import Model, read_beta, read_model
from fathometer.evidence import InputError, Problem, finite_array, whole_number

LARGEST_CLOUD = 10_000
LARGEST_ENSEMBLE = 10**8
"""Coordinates of all tokens of all clouds."""


@dataclass(frozen=True, eq=False)
class NoisyEnsemble(Problem):
    """Clouds of N tokens of equal mass with dx_i = velocity dt + sqrt(2/kappa) dW_i, each with its own noise.

    Attributes:
        dim: dimension d, >= 2.
        particles: number N of tokens of each cloud, 1 to 10 000.
        beta: inverse temperature, >= 0.
        kappas: inverse noise of each cloud, above 0, shape (clouds,), in the time unit of the model.
        model: SA or USA.
        tilts: of the law that the tokens of each cloud are drawn from at time 0, with a density proportional to
            exp(tilt <x, w>): 0 for uniform tokens, inf for one point; shape (clouds,), >= 0.

    Raises:
        InputError: if a value is not as above, or there are more than 1e8 coordinates in all.
    """

    dim: int
    particles: int
    beta: float
    kappas: NDArray[np.float64]
    model: Model
    tilts: NDArray[np.float64]

    def __post_init__(self) -> None:
        object.__setattr__(self, "dim", whole_number("dim", self.dim, at_least=2))
        object.__setattr__(
            self, "particles", whole_number("particles", self.particles, at_least=1, at_most=LARGEST_CLOUD)
        )
        object.__setattr__(self, "beta", read_beta(self.beta))
        object.__setattr__(self, "model", read_model(self.model))
        kappas, tilts = finite_array("kappas", self.kappas, ndim=1), np.asarray(self.tilts, np.float64)
        if tilts.shape != kappas.shape or np.any(np.isnan(tilts)) or np.any(tilts < 0):
            raise InputError(f"tilts must be >= 0, of shape {kappas.shape}")
        if np.any(kappas <= 0):
            raise InputError(f"kappas must be above 0, got {kappas.min():g}")
        if len(kappas) * self.particles * self.dim > LARGEST_ENSEMBLE:
            raise InputError(
                f"clouds of {self.particles} particles in dimension {self.dim} must be at most"
                f" {LARGEST_ENSEMBLE // (self.particles * self.dim)}, got {len(kappas)}"
            )
        object.__setattr__(self, "kappas", kappas)
        object.__setattr__(self, "tilts", tilts)
