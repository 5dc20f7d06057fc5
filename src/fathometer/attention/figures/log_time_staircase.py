"""F7: the staircase of the energy in the logarithm of time, over more than 600 decades.

Five tokens of equal mass on the circle, followed to their last merger step by step, and predicted from the closed form
of isolated pairs.
Expected numbers: the limit of large beta, and the distance from its leading order, computed with 25 digits.
"""

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics.collapse import simulate_collapse
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.predictions._slow_motion import log_prefactor
from fathometer.attention.predictions._staircase import Staircase, limit_staircase, predicted_log_times
from fathometer.attention.theorems.staircase import staircase_times
from fathometer.evidence import Estimate, Verdict
from fathometer.numerics import in_float64
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, Role, level, series
from fathometer.study import Arrays, Cell, run_cells

ANGLES = np.array([0.0, 0.5, 1.3, 2.4, 3.9])
BETAS = (10.0, 25.0, 50.0, 100.0, 250.0, 1000.0)
QUICK = (100.0, 1000.0)
APART_FROM = 100.0
"""From here on the closest tokens are four interaction ranges apart."""
LEVELS = (5, 7, 11, 13, 25)
SLOPES = {
    Model.SA: (0.12241743811, 0.502428952108, 0.929262798332, 1.899753211214),
    Model.USA: (0.12241743811, 0.502428952108, 0.929262798332, 1.830053535235),
}
EXPECTED = {
    (Model.SA, 100.0): (0.0918, 0.0156, 0.0049, -1.03),
    (Model.SA, 1000.0): (0.0077, 0.0013, 0.0001, -2.77),
    (Model.USA, 1000.0): (0.0077, 0.0013, 0.0001, -0.0053),
}
"""log T less its leading order at the limiting gaps, to contact at 1e-5 rad."""


def draw(settings: FigureSettings) -> Figure:
    """Collapse five tokens under SA and USA at six values of beta; `quick` takes two."""
    betas = np.array(QUICK if settings.quick else BETAS)
    cells = [{"stairs": str(model), "beta": float(beta)} for model in Model for beta in betas]
    results = run_cells(cells, in_float64(_compute), settings.folder, settings.announce)
    shape = (len(Model), len(betas), -1)
    arrays = {name: np.stack([cell[name] for cell in results]).reshape(shape) for name in results[0]}
    charts = (
        *(_energy_chart(model, betas[-1], arrays, i) for i, model in enumerate(Model)),
        *(_slope_chart(model, betas, arrays, i) for i, model in enumerate(Model)),
    )
    rows = [row for i, model in enumerate(Model) for row in _rows(model, betas, arrays, i)]
    verdicts = [
        (f"{model.upper()}, beta = {beta:g}", _verdict(tokens(float(beta), model), arrays, (i, j)))
        for i, model in enumerate(Model)
        for j, beta in enumerate(betas)
        if beta >= APART_FROM
    ]
    return Figure("log-time-staircase", charts, tuple(rows), arrays | {"betas": betas}, tuple(verdicts))


def _verdict(system: ParticleSystem, arrays: Arrays, case: tuple[int, int]) -> Verdict:
    """The theorem on the staircase in log time, held against the events of one collapse."""
    log_times, errors = arrays["log_times"][case], arrays["errors"][case]
    return staircase_times.THEOREM.judge(system, Estimate.heuristic(log_times, log_times - errors, log_times + errors))


def tokens(beta: float, model: Model) -> ParticleSystem:
    """The five tokens."""
    return ParticleSystem(np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1), beta, model)


def _compute(cell: Cell) -> Arrays:
    system = tokens(cell["beta"], Model(cell["stairs"]))
    collapse = simulate_collapse(system, jumps=False)
    contact = 2 * np.arcsin(collapse.event_chord / 2)
    return {
        "log_times": np.array([event.log_time for event in collapse.events], float),
        "errors": np.array([event.error for event in collapse.events], float),
        "energies": np.array([stair.energy for stair in collapse.energy_levels]),
        "predicted_log_times": np.asarray(predicted_log_times(system, contact).value),
        "condition": np.array([collapse.condition or np.nan]),
    }


def _leading(stairs: Staircase, beta: float, model: Model) -> Float[np.ndarray, "4"]:
    """Log times to leading order at the limiting gaps."""
    weights = [log_prefactor(gap, tuple(masses), model) for gap, masses in zip(stairs.gaps, stairs.masses, strict=True)]
    return beta * stairs.log_time_slopes - np.log(beta) + np.array(weights)


def _rows(model: Model, betas: Float[np.ndarray, " b"], arrays: Arrays, number: int) -> list[Comparison]:
    name, stairs = model.upper(), limit_staircase(tokens(1.0, model))
    last, decades = arrays["log_times"][number, -1], arrays["log_times"][number, -1] / np.log(10)
    rows = [
        Comparison(
            f"{name}: levels of 25 EE, beta {betas[-1]:g}",
            series(LEVELS),
            series(25 * arrays["energies"][number, -1], 6),
        ),
        Comparison(
            f"{name}: log T / beta, beta {betas[-1]:g} (limit)", series(SLOPES[model], 5), series(last / betas[-1], 5)
        ),
        Comparison(f"{name}: decades of time until the last merger", "above 600", f"{decades[-1]:.1f}"),
    ]
    for j, beta in enumerate(betas):
        measured, predicted = arrays["log_times"][number, j], arrays["predicted_log_times"][number, j]
        if (model, beta) in EXPECTED:
            off = measured - _leading(stairs, beta, model)
            rows.append(
                Comparison(
                    f"{name}: log T less leading order, beta {beta:g}", series(EXPECTED[model, beta]), series(off)
                )
            )
        rows.append(Comparison(f"{name}: log T, beta {beta:g}", series(predicted, 7), series(measured, 7)))
    return rows


def _energy_chart(model: Model, beta: float, arrays: Arrays, number: int) -> Chart:
    """Both corners of every step that was measured, on the steps that were predicted."""
    predicted = np.append(arrays["predicted_log_times"][number, -1], np.nan) / np.log(10)
    measured, energies = arrays["log_times"][number, -1] / np.log(10), arrays["energies"][number, -1]
    end = 1.08 * measured[-1]
    at = np.concatenate([[0.0], np.repeat(predicted[:-1], 2), [end]])
    corners = np.concatenate([[0.0], np.repeat(measured, 2), [end]])
    curves = (
        Curve("predicted", at, np.repeat(np.array(LEVELS) / 25, 2), Role.PREDICTED, 1),
        Curve("measured", corners, np.repeat(energies, 2), Role.MEASURED),
    )
    return Chart(f"{model.upper()}, beta = {beta:g}", "log10 of the time", "unit energy EE", curves)


def _slope_chart(model: Model, betas: Float[np.ndarray, " b"], arrays: Arrays, number: int) -> Chart:
    curves = []
    for k, slope in enumerate(limit_staircase(tokens(1.0, model)).log_time_slopes):
        curves.append(level("", betas, slope, group=k))
        for name, role in (("predicted_log_times", Role.PREDICTED), ("log_times", Role.MEASURED)):
            label = f"merger {k + 1}" if role is Role.MEASURED else "" if k else "predicted"
            curves.append(Curve(label, betas, arrays[name][number, :, k] / betas, role, k))
    title = f"{model.upper()}: thin lines are the limit 1 - cos(gap)"
    return Chart(title, "inverse temperature beta", "log(time) / beta", tuple(curves), log_x=True)
