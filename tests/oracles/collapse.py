"""Data and numbers of the collapse: high-precision event times, and the plain-time solution of small systems."""

import mpmath as mp
import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from fathometer.attention import Model, ParticleSystem
from tests.oracles.attention import circle, field


def spread(n, d):
    """Deterministic points: fractional parts of multiples of sqrt 2 and sqrt 3."""
    i = np.arange(1, n + 1)
    a, b = (i * np.sqrt(2)) % 1, (i * np.sqrt(3)) % 1
    if d == 2:
        return circle(*(2 * np.pi * a))
    z = 2 * a - 1
    radius = np.sqrt(1 - z**2)
    return np.stack([radius * np.cos(2 * np.pi * b), radius * np.sin(2 * np.pi * b), z], axis=1)


def tokens(points, beta, model, weights=None):
    """A particle system."""
    given = () if weights is None else (weights,)
    return ParticleSystem(points, float(beta), Model(model), *given)


def masses(n, kind):
    """Equal masses, or masses that grow linearly."""
    return np.full(n, 1 / n) if kind == "eq" else 2 * np.arange(1, n + 1) / (n * (n + 1))


# n, d, masses, beta, model: events as (groups that meet, log time), from 34-digit arithmetic
# fmt: off
EVENTS = [
    (4, 2, "lin", 5, "sa", [
        ({0}, {2}, 1.52634285805199595), ({1}, {3}, 1.57897062179036033), ({0, 2}, {1, 3}, 8.10954086536060910)]),
    (4, 2, "lin", 100, "sa", [
        ({0}, {2}, 47.1498871681858705), ({1}, {3}, 47.4375692406378112), ({0, 2}, {1, 3}, 187.040343870684260)]),
    (6, 3, "eq", 5, "sa", [
        ({1}, {5}, 1.37170572728501689), ({0}, {4}, 1.45964529112388466), ({0, 4}, {3}, 2.88784737126946425),
        ({1, 5}, {2}, 2.97157088265550547), ({0, 3, 4}, {1, 2, 5}, 7.25010437534813300)]),
    (6, 3, "eq", 100, "usa", [
        ({1}, {5}, 31.1918107263782592), ({0}, {4}, 36.6850694607334683), ({0, 4}, {3}, 99.8515107490509632),
        ({1, 5}, {2}, 102.198112209026530), ({0, 3, 4}, {1, 2, 5}, 185.841234578318574)]),
    (6, 3, "eq", 1000, "sa", [
        ({1}, {5}, 334.013383962598650), ({0}, {4}, 390.054687646513917), ({0, 4}, {3}, 1029.80399723707524),
        ({1, 5}, {2}, 1053.25379289917968), ({0, 3, 4}, {1, 2, 5}, 1726.27545441949513)]),
]
# fmt: on

# beta: log time of the last event of 8 equal masses in d = 3, SA and USA, to ten digits
LAST_EVENTS = [
    (1, 2.331295983, 2.915472685),
    (5, 9.448733641, 10.68853996),
    (10, 18.38576958, 20.52798714),
    (100, 194.7800519, 200.2498857),
    (1000, 1965.902343, 1998.833517),
    (10000, 19687.76814, 19993.10556),
]

# beta, shift of one of three equidistant points on the circle, log time of the first event (USA)
NEAR_SADDLE = [
    (10, 1e-3, 14.52944),
    (10, 1e-5, 15.18236),
    (10, 1e-7, 15.57419),
    (100, 1e-3, 146.71191),
    (100, 1e-5, 147.67791),
    (100, 1e-7, 148.16154),
    (100, 1e-9, 148.48613),
    (1000, 1e-5, 1495.01232),
    (1000, 1e-7, 1495.65374),
]

# beta, shift of the middle one of three points -1, 0, 1 on the circle, log time of the second event (USA)
TRIPLE = [
    (100, 1e-12, 74.5429),
    (1000, 1e-12, 910.35),
    (100, 1e-9, 78.84),
    (100, 1e-6, 83.08),
    (100, 1e-3, 87.25),
    (1000, 1e-9, 914.46),
    (1000, 1e-6, 918.57),
    (1000, 1e-3, 922.74),
]

# mass of the light cluster, log time from 1 rad to the event chord (SA, beta = 100)
LIGHT = [(1e-3, 34.81898463841), (1e-6, 27.9102308611), (1e-12, 14.0947228534)]


def event_log_times(points, weights, beta, model, chord, end):
    """Times at which the number of single-linkage components falls, by DOP853 in plain time."""
    shape = points.shape

    def rhs(t, flat):
        return field(flat.reshape(shape), weights, beta, model).ravel()

    solution = solve_ivp(rhs, (0, end), points.ravel(), method="DOP853", rtol=1e-12, atol=1e-14, dense_output=True)

    def heights(t):
        """Edges of the minimum spanning tree, ascending."""
        x = solution.sol(t).reshape(shape)
        far = np.linalg.norm(x[:, None] - x[None], axis=-1)
        reached, edges = [0], []
        while len(reached) < len(x):
            rest = [i for i in range(len(x)) if i not in reached]
            best = min((far[i, j], j) for i in reached for j in rest)
            edges.append(best[0])
            reached.append(best[1])
        return np.sort(edges)

    times = np.linspace(0, end, 4001)
    table = np.array([heights(t) for t in times])
    found = []
    for k in range(shape[0] - 1):
        below = int(np.argmax(table[:, k] <= chord))
        if table[below, k] <= chord and below > 0:
            ends = times[below - 1], times[below]
            found.append(np.log(brentq(lambda t, k=k: heights(t)[k] - chord, *ends, xtol=1e-13)))
    return np.array(found)


def log_time_of_two(start, end, beta, weights, model):
    """Log of the time in which two isolated clusters close their angle, to 30 digits."""
    with mp.workdps(40):
        start, end, beta, (one, other) = mp.mpf(start), mp.mpf(end), mp.mpf(beta), map(mp.mpf, weights)
        top = 2 * mp.sin(start / 2) ** 2

        def rate(x):
            fall = 2 * mp.sin(mp.atan(mp.exp(x))) ** 2
            q = mp.exp(-beta * fall)
            pull = one + other if model == "usa" else one / (other + one * q) + other / (one + other * q)
            return mp.exp(beta * (fall - top)) / pull

        low, high = mp.log(mp.tan(end / 2)), mp.log(mp.tan(start / 2))
        marks = [2 * mp.asin(mp.sqrt((top - fall / beta) / 2)) for fall in (60, 30, 10, 4, 1) if fall < beta * top]
        inner = [mp.log(mp.tan(mark / 2)) for mark in marks if mark > end]
        parts = sorted([low + (high - low) * k / 24 for k in range(25)] + inner)
        return beta * top + mp.log(mp.quad(rate, parts))


def log_time_of_pair(system, chord):
    """The same for the two tokens of a system, from their coordinates as they are, down to a chord."""
    with mp.workdps(40):
        first, second = (mp.matrix(row.tolist()) / mp.norm(mp.matrix(row.tolist())) for row in system.points)
        gap, end = (2 * mp.asin(length / 2) for length in (mp.norm(first - second), mp.mpf(chord)))
        return log_time_of_two(gap, end, system.beta, system.masses.tolist(), system.model)
