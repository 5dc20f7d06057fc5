"""Beyond the largest stable step: oscillation, doublings, chaos and divergence of scalar networks and of real data."""

import dataclasses
from functools import partial

import numpy as np
from jaxtyping import Float

from fathometer.deep_linear.dynamics.edge._line_descent import long_run_weights, run_line_descent
from fathometer.deep_linear.dynamics.edge._settled import settle
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model.data._paper_data import paper_samples
from fathometer.deep_linear.model.starts._beyond_step import BeyondStep
from fathometer.deep_linear.model.starts._line_descent import LineDescent
from fathometer.deep_linear.observables.edge._oscillation import line_amplitude_squared, network_amplitude_squared
from fathometer.deep_linear.predictions.edge._doublings import FEIGENBAUM, Doublings, doublings, scalar_cycle
from fathometer.deep_linear.predictions.edge._network_period_two import network_oscillation
from fathometer.deep_linear.predictions.edge._period_two import balanced_amplitude_squared, period_two
from fathometer.deep_linear.predictions.sharpness._minimizers import flattest_minimizer
from fathometer.deep_linear.theorems.edge import network_oscillation as statement, period_two_amplitude
from fathometer.evidence import Trajectory
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, Role, level, series

DEPTHS = (2, 3, 5)
SHOWN = 3
SMALL = np.geomspace(1e-3, 0.3, 8)
NETWORK_DEPTH, _WIDTH = 10, 2
_COUNT, _KEPT, _LYAPUNOV = 6, 48, 2000
_MU = "excess mu = step S - 2"


def draw(settings: FigureSettings) -> Figure:
    """Follow the orbits of three scalar networks and run descent beside them; and on the paper's data."""
    runs = 160 if settings.quick else 640
    found = {depth: doublings(depth, _COUNT) for depth in DEPTHS}
    grid = np.linspace(-0.2, 1.06 * found[SHOWN].diverges, runs)
    visited = long_run_weights(SHOWN, grid, 2000, _KEPT)
    lines = {depth: [_settled_line(depth, mu) for mu in SMALL] for depth in DEPTHS}
    network = DeepLinear(paper_samples("overdetermined").regression, NETWORK_DEPTH)
    weights = flattest_minimizer(network, _WIDTH)
    real = [settle(BeyondStep(network, weights, (2 + mu) / _sharpness(network))) for mu in SMALL]
    exponent_grid = np.linspace(0.0, 1.0, 41 if settings.quick else 121)[1:]
    exponents = _lyapunov(SHOWN, exponent_grid)
    charts = (
        _diagram(found[SHOWN], grid, visited),
        _amplitudes(lines, network, real),
        _exponents(found[SHOWN], exponent_grid, exponents),
        _ratios(found),
    )
    arrays = {
        "excess": grid,
        "visited": visited,
        "small_excess": SMALL,
        "exponent_excess": exponent_grid,
        "exponents": exponents,
        **{f"doublings_{depth}": one.excess for depth, one in found.items()},
    }
    verdicts = tuple((f"depth {depth}", period_two_amplitude.THEOREM.test(runs[2])) for depth, runs in lines.items())
    verdicts += (("the paper's data", statement.THEOREM.test(real[2])),)
    return Figure("period-doubling", charts, _rows(found, lines, network, real), arrays, verdicts)


def _sharpness(network: DeepLinear) -> float:
    return network_oscillation(network, flattest_minimizer(network, _WIDTH)).sharpness


def _settled_line(depth: int, mu: float) -> Trajectory:
    """Descent on a scalar network until its oscillation has settled."""
    free = LineDescent.scalar_network(depth, mu)
    start = 0.8 * np.sqrt(balanced_amplitude_squared(depth, mu))
    return run_line_descent(dataclasses.replace(free, start=float(start)), int(30 / mu) + 200)


def _branches(found: Doublings, depth: int, k: int) -> tuple[Float[np.ndarray, " t"], Float[np.ndarray, "t p"]]:
    """The stable cycle of period 2^k from its birth to its doubling, each point sorted by size."""
    first, last = found.excess[k - 1 : k + 1]
    # dense where it is born, like a square root
    mu = first + (last - first) * np.linspace(0.02, 1.0, 40) ** 2
    return mu, np.array([np.sort(scalar_cycle(depth, float(one), 2**k).points) for one in mu])


def _diagram(found: Doublings, grid: np.ndarray, visited: np.ndarray) -> Chart:
    finite = np.isfinite(visited)
    x = np.broadcast_to(grid[:, None], visited.shape)[finite]
    curves = [Curve("descent, in the long run", x, visited[finite], Role.DOTS)]
    curves.append(Curve("", np.array([grid[0], 0.0]), np.ones(2), Role.PREDICTED, 1))
    for k, group in ((1, 1), (2, 2), (3, 3)):
        mu, points = _branches(found, SHOWN, k)
        for j in range(points.shape[1]):
            label = f"predicted: period {2**k}" if j == 0 else ""
            curves.append(Curve(label, mu, points[:, j], Role.PREDICTED, group))
    ends = np.array([np.min(visited[finite]), np.max(visited[finite])])
    marks = (
        ("chaos begins", float(found.chaos.value)),
        ("0 is reached", found.leaves),
        ("divergence possible", found.diverges),
    )
    curves += [
        Curve(f"{name}, {at:.4g}", np.full(2, at), ends, Role.LIMIT, 4 + i) for i, (name, at) in enumerate(marks)
    ]
    return Chart(
        f"Weight of a scalar network of depth {SHOWN}",
        _MU,
        "weight w of each layer",
        tuple(curves),
        "Dots: 48 successive weights of descent after 2000 steps. Lines: the cycles as roots, continued in the step.",
    )


def _amplitudes(lines: dict[int, list[Trajectory]], network: DeepLinear, real: list[Trajectory]) -> Chart:
    curves = []
    for group, (depth, runs) in enumerate(lines.items()):
        predicted = [balanced_amplitude_squared(depth, mu) ** 0.5 for mu in SMALL]
        measured = np.sqrt([line_amplitude_squared(run).value * mu for run, mu in zip(runs, SMALL, strict=True)])
        curves.append(Curve(f"predicted, scalar, depth {depth}", SMALL, predicted, Role.PREDICTED, group))
        curves.append(Curve("" if group else "measured by descent", SMALL, measured, Role.MEASURED, group))
    expected = network_oscillation(network, flattest_minimizer(network, _WIDTH))
    predicted = [expected.amplitude_squared(mu) ** 0.5 for mu in SMALL]
    measured = np.sqrt([network_amplitude_squared(run).value * mu for run, mu in zip(real, SMALL, strict=True)])
    curves.append(Curve(f"predicted, data, depth {network.depth}", SMALL, predicted, Role.PREDICTED, 3))
    curves.append(Curve("", SMALL, measured, Role.MEASURED, 3))
    caption = "The amplitude goes like sqrt(mu); the constants are closed forms of derivatives at the minimum."
    return Chart(
        "Amplitude of the oscillation of period 2",
        _MU,
        "half distance d of the two points (weight)",
        tuple(curves),
        caption,
        log_x=True,
        log_y=True,
    )


def _lyapunov(depth: int, grid: np.ndarray) -> Float[np.ndarray, " t"]:
    w = long_run_weights(depth, grid, 2000, _LYAPUNOV)
    with np.errstate(all="ignore"):
        curved = (2 * depth - 1) * w ** (2 * depth - 2) - (depth - 1) * w ** (depth - 2)
        return np.mean(np.log(np.abs(1 - (2 + grid[:, None]) / depth * curved)), axis=1)


def _exponents(found: Doublings, grid: np.ndarray, exponents: np.ndarray) -> Chart:
    curves = [level("0", grid, 0.0)]
    for k in (1, 2, 3):
        mu = np.linspace(found.excess[k - 1], found.excess[k], 42)[1:-1]
        stable = [scalar_cycle(SHOWN, float(one), 2**k).multiplier for one in mu]
        with np.errstate(divide="ignore"):
            rate = np.maximum(np.log(np.abs(stable)) / 2**k, -2.0)
        curves.append(Curve(f"predicted: log |multiplier| / {2**k}", mu, rate, Role.PREDICTED, k))
    curves.append(Curve("measured", grid, np.maximum(exponents, -2.0), Role.MEASURED))
    return Chart(
        f"Lyapunov exponent, depth {SHOWN}",
        _MU,
        "exponent (1 / step)",
        tuple(curves),
        "Below 0 descent is periodic, above 0 chaotic. Cut off at -2, where a cycle contains the top of the map.",
    )


def _ratios(found: dict[int, Doublings]) -> Chart:
    counts = np.arange(1.0, _COUNT - 1)
    curves = [level(f"predicted: {FEIGENBAUM:.6f}", counts, FEIGENBAUM, Role.PREDICTED, 3)]
    curves += [Curve(f"depth {d}", counts, one.ratios, Role.MEASURED, i) for i, (d, one) in enumerate(found.items())]
    return Chart("Ratios of the distances between doublings", "doubling", "ratio (1)", tuple(curves))


def _rows(
    found: dict[int, Doublings], lines: dict[int, list[Trajectory]], network: DeepLinear, real: list[Trajectory]
) -> tuple[Comparison, ...]:
    rows = []
    for depth, one in found.items():
        about, at = partial("{}, depth {}".format), float(SMALL[0])
        line = LineDescent.scalar_network(depth, at)
        expected = period_two(line).amplitude_squared(at) / at
        seen = float(line_amplitude_squared(lines[depth][0]).value)
        rows += [
            Comparison(about(f"d^2 / mu at mu = {at:g}", depth), f"{expected:.6g}", f"{seen:.6g}"),
            Comparison(about("doublings, mu", depth), "0 first", series(one.excess, 6)),
            Comparison(about("their ratios", depth), f"to {FEIGENBAUM:.5g}", series(one.ratios, 5)),
            Comparison(about("chaos begins, mu", depth), f"{one.chaos.value:.7g}", _first_chaos(depth)),
            Comparison(about("0 is reached, mu", depth), f"{one.leaves:.6g}", _first_beyond(depth, one.leaves, 0.0)),
            Comparison(
                about("divergence, mu", depth), f"not before {one.diverges:.6g}", _first_lost(depth, one.diverges)
            ),
        ]
    expected = 1 / (2 * network_oscillation(network, flattest_minimizer(network, _WIDTH)).criterion)
    seen = float(network_amplitude_squared(real[0]).value)
    rows.append(Comparison(f"d^2 / mu, the paper's data, depth {network.depth}", f"{expected:.6g}", f"{seen:.6g}"))
    return tuple(rows)


def _first_chaos(depth: int) -> str:
    """Between the last grid point without and the first with a positive exponent, near where it is expected."""
    expected = float(doublings(depth, _COUNT).chaos.value)
    grid = expected + np.linspace(-0.02, 0.02, 41)
    return _between(grid, _lyapunov(depth, grid) > 2e-3)


def _first_beyond(depth: int, expected: float, height: float) -> str:
    """Between the last grid point above a height and the first at which descent goes below it."""
    grid = expected * np.linspace(0.9, 1.1, 41)
    return _between(grid, np.min(long_run_weights(depth, grid, 1, 20_000), axis=1) < height)


def _first_lost(depth: int, expected: float) -> str:
    """Between the last grid point that stays and the first that diverges."""
    grid = expected * np.linspace(0.9, 1.1, 41)
    return _between(grid, np.isinf(long_run_weights(depth, grid, 20_000, 1)[:, 0]))


def _between(grid: np.ndarray, there: np.ndarray) -> str:
    if not there.any():
        return f"above {grid[-1]:.5g}"
    first = int(np.argmax(there))
    return f"{grid[max(first - 1, 0)]:.5g} to {grid[first]:.5g}"
