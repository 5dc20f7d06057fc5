"""The models as they are written in the papers, pair by pair, in NumPy."""

import numpy as np
from scipy.integrate import solve_ivp


def field(points, masses, beta, model):
    """Velocity by explicit projection of the (softmax) average, one token after the other."""
    velocities = np.zeros_like(points)
    for i, token in enumerate(points):
        weights = np.array([m * np.exp(beta * (token @ other - 1)) for m, other in zip(masses, points, strict=True)])
        average = sum(weight * other for weight, other in zip(weights, points, strict=True))
        if model == "sa":
            average = average / weights.sum()
        velocities[i] = average - (token @ average) * token
    return velocities


def energy(points, masses, beta):
    """Unit energy, pair by pair."""
    return sum(
        p * q * np.exp(beta * (x @ y - 1))
        for p, x in zip(masses, points, strict=True)
        for q, y in zip(masses, points, strict=True)
    )


def integrate(system, times):
    """Points at the times by DOP853 with relative tolerance 1e-12."""
    shape = system.points.shape

    def rhs(t, flat):
        return field(flat.reshape(shape), system.masses, system.beta, system.model).ravel()

    solution = solve_ivp(
        rhs, (0, times[-1]), system.points.ravel(), method="DOP853", t_eval=times, rtol=1e-12, atol=1e-13
    )
    return solution.y.T.reshape(-1, *shape)


def circle(*angles):
    """Points of the unit circle."""
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def rotation(d, seed):
    """A random orthogonal matrix."""
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((d, d)))[0]
