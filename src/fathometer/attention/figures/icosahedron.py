"""F11: twelve tokens that repel each other become an icosahedron, which no cloud of twelve is below.

Values -x_j instead of x_j: gradient descent of the energy. Prediction: Cohn and Kumar (2007), and the linear
programming bound, which agrees with it to rounding.
"""

import numpy as np

from fathometer.attention._least_energy import LeastEnergyAnswer, least_energy
from fathometer.attention.dynamics._simulate import simulate
from fathometer.attention.dynamics.minimal_energy._repulsion import as_clouds, simulate_repulsion
from fathometer.attention.figures._least_energy import polynomial_chart
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables.minimal_energy._clouds import CLOUD_ENERGY, inner_products
from fathometer.attention.theorems.energy import energy_lower_bound, universal_optimality
from fathometer.evidence import Estimate, Trajectory, text_down, text_near
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, Gallery, OnSphere, Role, level, series

N = 12
END = 1000.0
COSINES = (-1.0, -1 / np.sqrt(5), 1 / np.sqrt(5))
LEAST = 0.13029317726131585
"""Unit energy of the icosahedron at beta = 4."""


def draw(settings: FigureSettings, beta: float = 4.0) -> Figure:
    """Let twelve uniform tokens repel each other, and attract each other, from the same start.

    Args:
        settings: of all figures.
        beta: inverse temperature, > 0.
    """
    system = ParticleSystem.uniform(N, 3, beta, "usa", settings.seed)
    times = np.append(0.0, np.geomspace(0.1, END, 60))
    apart, together = as_clouds(simulate_repulsion(system, times)), as_clouds(simulate(system, times))
    answer = least_energy(N, 3, beta, starts=4 if settings.quick else 16, seed=settings.seed)
    energies = apart.observe(CLOUD_ENERGY), together.observe(CLOUD_ENERGY)
    theorems = energy_lower_bound.THEOREM, universal_optimality.THEOREM
    return Figure(
        "icosahedron",
        (_positions(apart), _energy_chart(apart, energies, answer.bound.bound), polynomial_chart(answer)),
        _rows(apart, energies, answer),
        {"times": times, "points": apart.states["points"], "energy": np.asarray(energies[0].value)},
        tuple((case, theorem.test(run)) for case, run in _cases(apart, together) for theorem in theorems),
    )


def _cases(apart: Trajectory, together: Trajectory) -> tuple[tuple[str, Trajectory], ...]:
    return ("repelling tokens", apart), ("attracting tokens", together)


def _positions(run: Trajectory) -> Gallery:
    points, times = run.states["points"], run.axis.points
    start, end = OnSphere("t = 0", points[0]), OnSphere(f"t = {times[-1]:g}", points[-1], points[:-1])
    return Gallery("Twelve repelling tokens", (start, end))


def _energy_chart(run: Trajectory, energies: tuple[Estimate, Estimate], bound: float) -> Chart:
    times, late = run.axis.points, slice(1, None)
    repelling, attracting = (np.asarray(energy.value)[late] for energy in energies)
    curves = (
        Curve("repelling tokens", times[late], repelling, Role.MEASURED),
        Curve("attracting tokens, same start", times[late], attracting, Role.MEASURED, 2),
        level("lower bound of every cloud", times[late], bound, Role.PREDICTED, 1),
    )
    title = "Repelling tokens descend to the bound"
    return Chart(title, "time t", "unit energy EE", curves, log_x=True, log_y=True)


def _rows(run: Trajectory, energies: tuple[Estimate, Estimate], answer: LeastEnergyAnswer) -> tuple[Comparison, ...]:
    repelling, attracting = (float(np.asarray(energy.value)[-1]) for energy in energies)
    cosines, _ = inner_products(run.states["points"][-1], 1e-3)
    least = f"{LEAST:.12g}" if answer.problem.beta == 4 else f"{float(answer.best.value):.12g}" if answer.best else "-"
    return (
        Comparison("unit energy at the end: icosahedron, and repelling tokens", least, f"{repelling:.12g}"),
        Comparison("lower bound of every cloud of twelve", least, text_down(answer.bound.bound, 12)),
        Comparison("inner products of pairs at the end", series(COSINES, 6), series(cosines, 6)),
        Comparison(
            "energy of attracting tokens at the end, over the bound",
            "above 1",
            text_near(attracting / answer.bound.bound, 5),
        ),
    )
