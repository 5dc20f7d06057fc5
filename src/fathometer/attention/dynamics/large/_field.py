"""One right-hand side of a large system, by the method that suits it."""

from dataclasses import dataclass
from enum import StrEnum

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from fathometer.attention.dynamics.large._circle import CircleSeries
from fathometer.attention.dynamics.large._sphere import LARGEST, SphereSeries, needed_degree
from fathometer.attention.dynamics.large._tiles import rounding_error, tiled_interaction, usual_tile
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.evidence import InputError, Record


class Method(StrEnum):
    """How a right-hand side is evaluated.

    TILES: all pairs, tile by tile. SERIES: in dimension 2 by frequencies, in dimension 3 by spherical harmonics.
    """

    TILES = "tiles"
    SERIES = "series"


class Precision(StrEnum):
    """Of the arithmetic. FLOAT32 is 2 to 4 times faster, not for the series in dimension 2."""

    FLOAT64 = "float64"
    FLOAT32 = "float32"


_LEAST = {Precision.FLOAT64: 1e-12, Precision.FLOAT32: 1e-7}
"""Tolerance of the series in dimension 3 that the roundings of a precision allow."""

_PAIRS = 7
"""Pairs in tiles that cost as much as one harmonic of a token, in float64."""


@dataclass(frozen=True, eq=False)
class Field(Record):
    """The right-hand side at one state.

    Attributes:
        velocity: shape (n, d), tangent at the points, in the time unit of the model.
        partition: Z_i, shape (n,).
        unit_energy: sum_i m_i Z_i.
        dissipation: rate at which EE/(2 beta) rises.
        error: of the norm of any velocity, absolute: a bound but for rounding (series), for which a rule of thumb is
            added in dimension 3, or a rule of thumb (tiles).
        method: tiles or series.
        precision: of the arithmetic.
    """

    velocity: NDArray[np.float64]
    partition: NDArray[np.float64]
    unit_energy: float
    dissipation: float
    error: float
    method: Method
    precision: Precision


def evaluate_field(
    system: ParticleSystem,
    *,
    method: Method | str | None = None,
    precision: Precision | str = Precision.FLOAT64,
    tolerance: float = 1e-12,
) -> Field:
    """Evaluate velocities, energy and dissipation once, in memory proportional to the number of tokens.

    Args:
        system: the tokens.
        method: tiles or series; if not given, the series where it is faster, with float64, and tiles elsewhere.
        precision: of the arithmetic.
        tolerance: of the series: error of Z and of the sum that is the force, in units of the total mass, but at least
            1e-7 in float32.

    Raises:
        InputError: if a value is not allowed: the series is for dimension 2, beta <= 1e8 and float64, and for
            dimension 3 and beta <= 1e4.
    """
    method, precision = choose(system, method, precision)
    if method is Method.SERIES:
        return (_on_circle if system.points.shape[1] == 2 else _on_sphere)(system, precision, tolerance)
    arrays = jnp.asarray(system.points, precision), jnp.asarray(system.masses, precision)
    force, partition = (
        np.asarray(array, np.float64) for array in tiled_interaction(*arrays, system.beta, usual_tile())
    )
    error = rounding_error(system.beta, system.points.shape[1], precision)
    if system.model is Model.USA:
        error *= float(np.max(partition))
    return _field(system, force, partition, error, method, precision)


def choose(system: ParticleSystem, method: Method | str | None, precision: Precision | str) -> tuple[Method, Precision]:
    """Read the names of method and precision, and choose a method where none is given.

    Args:
        system: the tokens.
        method: tiles or series; None for the faster one.
        precision: float64 or float32.

    Raises:
        InputError: if a name is not known, or the series is asked for what it cannot do.
    """
    kind, dim = _precision(precision), system.points.shape[1]
    if method is None:
        fits = kind is Precision.FLOAT64 and _series_is_faster(system)
        return (Method.SERIES if fits else Method.TILES), kind
    if (chosen := _method(method)) is Method.SERIES and dim > 3:
        raise InputError(f"method must be tiles in dimension {dim}: the series is for dimensions 2 and 3")
    if chosen is Method.SERIES and dim == 2 and kind is Precision.FLOAT32:
        raise InputError("precision must be float64 with the series in dimension 2, got float32")
    return chosen, kind


def series_on_sphere(beta: float, precision: Precision, tolerance: float = 1e-12) -> tuple[SphereSeries, float]:
    """The series in dimension 3 that a precision is good for, and its error with a rule of thumb for rounding.

    Args:
        beta: inverse temperature, between 0 and 1e4.
        precision: of the arithmetic.
        tolerance: error allowed, in units of the total mass; not below what the precision is good for.
    """
    series = SphereSeries(beta, max(tolerance, _LEAST[precision]))
    return series, series.error + 32 * float(np.finfo(precision).eps)


def angles_of(system: ParticleSystem) -> NDArray[np.float64]:
    """Angles of tokens of the circle, in (-pi, pi]."""
    return np.arctan2(system.points[:, 1], system.points[:, 0])


def _series_is_faster(system: ParticleSystem) -> bool:
    """Whether to take the series, whose errors are in units of the total mass: with float64 that is little enough."""
    n, dim = system.points.shape
    if dim == 2:
        return system.beta <= 1e8
    if dim != 3 or system.beta > LARGEST:
        return False
    return _PAIRS * (needed_degree(system.beta, _LEAST[Precision.FLOAT64])[0] + 1) ** 2 <= n


def _on_sphere(system: ParticleSystem, precision: Precision, tolerance: float) -> Field:
    series, error = series_on_sphere(system.beta, precision, tolerance)
    arrays = jnp.asarray(system.points, precision), jnp.asarray(system.masses, precision)
    force, partition = (np.asarray(array, np.float64) for array in series.interaction(*arrays))
    if system.model is Model.SA:
        error *= float(np.max((1 + np.linalg.norm(force, axis=1) / partition) / partition))
    return _field(system, force, partition, error, Method.SERIES, precision)


def _on_circle(system: ParticleSystem, precision: Precision, tolerance: float) -> Field:
    series, angles = CircleSeries(system.beta, tolerance), angles_of(system)
    along, partition = map(np.asarray, series.interaction(jnp.asarray(angles), jnp.asarray(system.masses)))
    force = along[:, None] * np.stack([-np.sin(angles), np.cos(angles)], axis=1)
    error = series.error
    if system.model is Model.SA:
        error *= float(np.max((1 + np.abs(along / partition)) / partition))
    return _field(system, force, partition, error, Method.SERIES, precision)


def _field(system: ParticleSystem, force, partition, error: float, method: Method, precision: Precision) -> Field:
    velocity = force if system.model is Model.USA else force / partition[:, None]
    rate = float(system.masses @ np.sum(force * velocity, axis=1))
    return Field(velocity, partition, float(system.masses @ partition), rate, error, method, precision)


def _method(given: Method | str) -> Method:
    try:
        return Method(given)
    except ValueError as error:
        raise InputError(f"method must be one of {[str(name) for name in Method]}, got {given!r}") from error


def _precision(given: Precision | str) -> Precision:
    try:
        return Precision(given)
    except ValueError as error:
        raise InputError(f"precision must be one of {[str(name) for name in Precision]}, got {given!r}") from error
