"""Infinitely many noisy tokens on the circle: a density on a grid."""

from dataclasses import dataclass
from functools import partial

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import optimistix
from jaxtyping import Array, Float
from numpy.typing import ArrayLike, NDArray
from scipy.special import ive

from fathometer.attention.model._system import Model, read_beta, read_model
from fathometer.evidence import (
    Axis,
    AxisKind,
    Estimate,
    InputError,
    Origin,
    Problem,
    Provenance,
    Trajectory,
    finite_array,
    finite_number,
    whole_number,
)
from fathometer.numerics import in_three_ways, nudged

_TAIL = 1e-6


@dataclass(frozen=True, eq=False)
class MeanFieldCircle(Problem):
    """The law f of tokens on the circle: df/dt = -d(f v)/dtheta + (1/kappa) d^2 f/dtheta^2.

    v = (1/beta) d(k * f)/dtheta for USA and (1/beta) d log(k * f)/dtheta for SA, k = exp(beta (cos - 1)).

    Attributes:
        density: f at time 0 on the equidistant angles 2 pi j/N, shape (N,), N >= 8 even; not negative; divided by its
            integral.
        beta: inverse temperature, above 0.
        kappa: inverse noise, above 0, in the time unit of the model; 1e300 and the like for no noise.
        model: SA or USA.

    Raises:
        InputError: if a value is not as above.
    """

    density: NDArray[np.float64]
    beta: float
    kappa: float
    model: Model

    def __post_init__(self) -> None:
        density = finite_array("density", self.density, ndim=1)
        if len(density) < 8 or len(density) % 2 or np.any(density < 0) or not np.any(density > 0):
            raise InputError("density must have an even number of at least 8 entries, not negative and not all zero")
        object.__setattr__(self, "density", density / (density.mean() * 2 * np.pi))
        object.__setattr__(self, "beta", finite_number("beta", read_beta(self.beta), above=0))
        object.__setattr__(self, "kappa", finite_number("kappa", self.kappa, above=0))
        object.__setattr__(self, "model", read_model(self.model))


def evolve_density(law: MeanFieldCircle, times: ArrayLike, tolerance: float = 1e-8) -> Trajectory:
    """Integrate the density with spectral derivatives and an implicit Runge-Kutta method (Kvaerno5).

    Args:
        law: the density at time 0 and its model.
        times: shape (length,), strictly increasing from 0.
        tolerance: relative and absolute, between 1e-12 and 1e-4.

    Returns:
        A trajectory along time with states "density", shape (length, N).

    Raises:
        InputError: if a value is not as above, or the density becomes too sharp for the grid.
    """
    axis = Axis(AxisKind.TIME, finite_array("times", times, ndim=1), "time")
    if axis.points[0] != 0:
        raise InputError(f"times must start at 0, got {axis.points[0]:g}")
    tolerance = finite_number("tolerance", tolerance, at_least=1e-12, at_most=1e-4)
    provenance = Provenance.here(packages=("fathometer", "numpy", "jax", "diffrax"), device=jax.default_backend())

    def run(local: float, nudge: float) -> Trajectory:
        start = law.density * nudged(np.ones(len(law.density)), nudge)
        arrays = map(jnp.asarray, (start, _kernel(law), law.beta, law.kappa, axis.points, local))
        states, done = _solve(*arrays, law.model)
        densities = np.array(states)
        densities[0] = law.density
        if not done or _tail(densities) > _TAIL:
            raise InputError(f"density must have more than {densities.shape[1]} entries: it becomes too sharp for them")
        return Trajectory(law, axis, {"density": densities}, Origin.SIMULATED, provenance=provenance)

    return in_three_ways(run, tolerance, "density")


def stationary_density(
    beta: float, kappa: float, model: Model | str, *, clustered: bool = True, cells: int = 256
) -> tuple[NDArray[np.float64], Estimate]:
    """Stationary law by self-consistency: f = exp((kappa/beta) k * f)/norm for USA, (k * f)^(kappa/beta)/norm for SA.

    The iteration starts from a sharp cluster or near the uniform law, so that where both ends differ, both laws are
    stationary and stable: hysteresis.

    Args:
        beta: inverse temperature, above 0.
        kappa: inverse noise, above 0, in the time unit of the model.
        model: SA or USA.
        clustered: start sharp instead of nearly uniform.
        cells: size of the grid, even, >= 8.

    Returns:
        The density on the angles 2 pi j/cells, and its order parameter |integral of exp(i theta) f|; its error bars
        are what the last step of the iteration, extrapolated, leaves open.

    Raises:
        InputError: if a value is not as above, or the iteration does not settle within 200 000 steps.
    """
    cells = whole_number("cells", cells, at_least=8)
    angles = 2 * np.pi * np.arange(cells) / cells
    start = np.exp(20 * (np.cos(angles) - 1)) if clustered else 1 + 1e-3 * np.cos(angles)
    law = MeanFieldCircle(start, beta, kappa, read_model(model))
    kernel, density = _kernel(law), law.density
    order, change = _order(density), np.inf
    for _ in range(200_000):
        density = _balanced(density, kernel, law)
        before, last, order = order, change, _order(density)
        change = order - before
        if abs(change) <= 1e-13:
            left = abs(change) / max(1 - abs(change / last), 1e-6) if last else 0.0
            return density, Estimate.heuristic(order, order - left - 1e-12, order + left + 1e-12)
    raise InputError(f"kappa = {kappa:g} is too close to its critical value: the law does not settle")


def order_parameter(run: Trajectory) -> Estimate:
    """|integral of exp(i theta) f| along a run with states "density": 0 if uniform, 1 if a point."""

    def order(run: Trajectory) -> Estimate:
        return Estimate.exact(np.array([_order(density) for density in run.states["density"]]), along=run.axis)

    return run.measure(order)


def _tail(densities: NDArray[np.float64]) -> float:
    """Largest of the three highest Fourier amplitudes of any state."""
    return float(np.max(np.abs(np.fft.rfft(densities, axis=1))[:, -3:]) * 2 * np.pi / densities.shape[1])


def _order(density: NDArray[np.float64]) -> float:
    return float(abs(np.fft.rfft(density)[1]) * 2 * np.pi / len(density))


def _kernel(law: MeanFieldCircle) -> NDArray[np.float64]:
    """Fourier coefficients of k for the frequencies of the real transform: 2 pi I_j(beta) exp(-beta)."""
    return 2 * np.pi * ive(np.arange(len(law.density) // 2 + 1), law.beta)


def _balanced(density: NDArray[np.float64], kernel: NDArray[np.float64], law: MeanFieldCircle) -> NDArray[np.float64]:
    cells = len(density)
    smooth = np.fft.irfft(kernel * np.fft.rfft(density), cells)
    potential = law.kappa / law.beta * (smooth if law.model is Model.USA else np.log(smooth))
    weights = np.exp(potential - potential.max())
    return weights / (weights.mean() * 2 * np.pi)


@partial(jax.jit, static_argnames="model")
def _solve(
    density: Float[Array, " cells"],
    kernel: Float[Array, " modes"],
    beta: Float[Array, ""],
    kappa: Float[Array, ""],
    times: Float[Array, " t"],
    tolerance: Float[Array, ""],
    model: Model,
) -> tuple[Float[Array, "t cells"], Array]:
    cells = len(density)
    modes = jnp.arange(cells // 2 + 1.0)
    derivative = jax.lax.complex(jnp.zeros_like(modes), modes)
    smoothing, damping = kernel.astype(derivative.dtype), (modes**2 / kappa).astype(derivative.dtype)

    def speed(t: object, f: Float[Array, " cells"], args: object) -> Float[Array, " cells"]:
        spectrum = jnp.fft.rfft(f)
        slope = jnp.fft.irfft(derivative * smoothing * spectrum, cells) / beta
        drift = slope if model is Model.USA else slope / jnp.fft.irfft(smoothing * spectrum, cells)
        return -jnp.fft.irfft(derivative * jnp.fft.rfft(f * drift) + damping * spectrum, cells)

    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(speed),
        diffrax.Kvaerno5(),
        0.0,
        times[-1],
        None,
        density,
        saveat=diffrax.SaveAt(ts=times),
        stepsize_controller=diffrax.PIDController(rtol=tolerance, atol=tolerance, norm=optimistix.max_norm),
        adjoint=diffrax.ForwardMode(),
        max_steps=4000,
        throw=False,
    )
    return solution.ys, solution.result == diffrax.RESULTS.successful  # type: ignore[return-value]
