"""F6: the time of collapse over four decades of beta, beside the closed forms.

Two clusters at a given angle, and n orthogonal tokens, have a time in closed form; here the collapse solver
knows neither, because its own closed form for isolated pairs is switched off.
"""

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics.collapse import simulate_collapse
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.observables.clusters._clusters import default_resolution
from fathometer.attention.predictions._closed_forms import equiangular_log_time, two_cluster_log_time
from fathometer.attention.theorems.staircase import coalescence_time
from fathometer.evidence import Estimate, Verdict
from fathometer.numerics import in_float64
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, Role, level
from fathometer.study import Arrays, Cell, run_cells

BETAS = (0.0, 1.0, 2.0, 4.0, 9.0, 25.0, 100.0, 400.0, 1000.0, 4000.0, 10000.0)
QUICK = (1.0, 9.0, 100.0, 1000.0)
PAIRS = (
    ("pi/2, SA, 1/2 and 1/2", np.pi / 2, Model.SA, (0.5, 0.5)),
    ("2 pi/3, USA, 1/2 and 1/2", 2 * np.pi / 3, Model.USA, (0.5, 0.5)),
    ("1, SA, 3/4 and 1/4", 1.0, Model.SA, (0.75, 0.25)),
)
FRAMES = (8, 32)
TOLERANCE = 1e-8


def draw(settings: FigureSettings) -> Figure:
    """Collapse two clusters and orthogonal tokens at eleven values of beta; `quick` takes four."""
    betas = np.array(QUICK if settings.quick else BETAS)
    cases = [name for name, *_ in PAIRS] + [f"{n} orthogonal tokens, SA" for n in FRAMES]
    cells = [{"collapse": case, "beta": float(beta), "tolerance": TOLERANCE} for case in cases for beta in betas]
    results = run_cells(cells, in_float64(_compute), settings.folder, settings.announce)
    measured, predicted = (
        np.array([float(cell[key]) for cell in results]).reshape(len(cases), -1) for key in ("measured", "predicted")
    )
    errors = np.expm1(measured - predicted)
    charts = (_time_chart(betas, cases, measured, predicted), _ratio_chart(betas, cases, errors))
    rows = tuple(
        row
        for i, case in enumerate(cases)
        for row in (
            Comparison(
                f"{case}: log time at beta {betas[-1]:g}", f"{predicted[i, -1]:.11g}", f"{measured[i, -1]:.11g}"
            ),
            Comparison(f"{case}: largest |time/closed form - 1|", "about 1e-8", f"{np.abs(errors[i]).max():.1e}"),
        )
    )
    data = {"betas": betas, "cases": np.array(cases), "log_time": measured, "closed_form": predicted}
    return Figure("collapse-sweep", charts, rows, data, _verdicts(betas, measured))


def _pair(number: int, beta: float) -> ParticleSystem:
    _, gap, model, masses = PAIRS[number]
    return ParticleSystem(np.array([[1.0, 0.0], [np.cos(gap), np.sin(gap)]]), beta, model, np.array(masses))


def _verdicts(betas: Float[np.ndarray, " b"], measured: Float[np.ndarray, "c b"]) -> tuple[tuple[str, Verdict], ...]:
    """Coalescence to leading order, for the pairs at every beta from 100 on."""
    cases = [(i, j) for i in range(len(PAIRS)) for j in np.flatnonzero(betas >= 100)]
    return tuple(
        (
            f"{PAIRS[i][0]}, beta = {betas[j]:g}",
            coalescence_time.THEOREM.judge(_pair(i, float(betas[j])), Estimate.heuristic(x, x - 1e-7, x + 1e-7)),
        )
        for i, j in cases
        for x in [float(measured[i, j])]
    )


def _compute(cell: Cell) -> Arrays:
    """Log time of the last merger, and its closed form at the same distance."""
    beta, case = cell["beta"], cell["collapse"]
    chord = default_resolution(beta)
    number = next((i for i, pair in enumerate(PAIRS) if pair[0] == case), None)
    if number is None:
        n = int(case.split()[0])
        system = ParticleSystem(np.eye(n), beta, Model.SA)
        closed = equiangular_log_time(0.0, 1 - chord**2 / 2, n, beta, Model.SA)
    else:
        _, gap, model, masses = PAIRS[number]
        system = _pair(number, beta)
        closed = two_cluster_log_time(gap, 2 * np.arcsin(chord / 2), beta, masses, model)
    collapse = simulate_collapse(system, tolerance=cell["tolerance"], check=False, jumps=False)
    return {
        "measured": np.asarray(collapse.log_time_of_collapse.value),
        "predicted": np.asarray(closed.value),
        "forces": np.array(float(collapse.rhs_evaluations)),
    }


def _time_chart(
    betas: Float[np.ndarray, " b"],
    cases: list[str],
    measured: Float[np.ndarray, "c b"],
    predicted: Float[np.ndarray, "c b"],
) -> Chart:
    """Decades per unit of beta level off, so that four decades of beta fit on one axis."""
    curves = []
    for number, case in enumerate(cases):
        solver = "" if number else "the collapse solver"
        for label, values, role in ((case, predicted, Role.PREDICTED), (solver, measured, Role.MEASURED)):
            scaled = values[number] / np.maximum(betas, 1.0)
            curves.append(Curve(label, np.maximum(betas, 0.5), scaled, role, number))
    x_label = "inverse temperature beta (0 is drawn at 0.5)"
    return Chart("Time of collapse", x_label, "log(time) / max(1, beta)", tuple(curves), log_x=True)


def _ratio_chart(betas: Float[np.ndarray, " b"], cases: list[str], errors: Float[np.ndarray, "c b"]) -> Chart:
    at = np.maximum(betas, 0.5)
    curves = [Curve(case, at, np.maximum(np.abs(errors[i]), 1e-16), Role.MEASURED, i) for i, case in enumerate(cases)]
    curves.append(level("tolerance of the solver", at, TOLERANCE))
    title, y_label = "Distance from the closed form", "|time of the solver / closed form - 1|"
    return Chart(title, "inverse temperature beta (0 is drawn at 0.5)", y_label, tuple(curves), log_x=True, log_y=True)
