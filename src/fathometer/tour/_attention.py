"""The tokens of a real Transformer as particles."""

from collections.abc import Callable

import numpy as np
from scipy.special import expit

from fathometer.attention import (
    CLUSTER_COUNT,
    MEAN_COSINE,
    UNIT_ENERGY,
    Model,
    ParticleSystem,
    applicable_verdicts,
    default_resolution,
    equiangular_log_time,
    measure_two_token_time,
    simulate,
    two_cluster_log_time,
)
from fathometer.attention.theorems.hemisphere import hemisphere_collapse
from fathometer.attention.theorems.staircase import two_token_time
from fathometer.data import albert_tokens
from fathometer.evidence import Estimate, NotAfter, Trajectory, Verdict, text_up
from fathometer.report import Chart, Curve, Role, Section

BETAS = (1.0, 9.0, 25.0)
PAIR_BETAS = (1.0, 2.0, 4.0, 6.0, 9.0)
PAIR_GAP = np.pi / 2
STEPS = 2 * len(BETAS) + 1

LEAD = (
    "Without its value matrices and multilayer perceptrons, a Transformer moves its tokens on a sphere so that they "
    "attract each other, with an energy that only grows. At high temperature (small beta) all tokens collapse to one "
    "cluster; at low temperature they sit in several clusters for times exponential in beta, and merge one pair at a "
    "time.",
    "The particles are real: the 56 tokens that enter the first layer of a trained ALBERT for one chemical reaction, "
    "in dimension 256, projected to the unit sphere. SA normalises the attention weights (softmax), USA does not. The "
    "network's own layers are not run here; nothing below claims that it collapses.",
)


def attention_section(quick: bool, seed: int, announce: Callable[[str], None]) -> Section:
    """Run the demonstration.

    Args:
        quick: whether to follow the tokens for a tenth of the time.
        seed: not used, nothing in it is random.
        announce: is told what is computed next.
    """
    times = np.concatenate([[0.0], np.geomspace(0.02, 200 if quick else 2000, 40 if quick else 60)])
    runs: dict[tuple[Model, float], Trajectory] = {}
    for model in Model:
        for beta in BETAS:
            announce(f"attention: {model.upper()} at beta = {beta:g}")
            runs[model, beta] = simulate(ParticleSystem.project(albert_tokens(), beta, model), times)
    announce("attention: two tokens")
    pairs, measured = _pairs()
    verdicts = [
        (f"{model.upper()}, beta {beta:g}", verdict)
        for (model, beta), run in runs.items()
        for verdict in applicable_verdicts(run)
    ]
    charts = (
        *(_energy_chart(model, {beta: runs[model, beta] for beta in BETAS}) for model in Model),
        _cluster_chart(runs),
        _cosine_chart({beta: runs[Model.SA, beta] for beta in BETAS}),
        _pair_chart(measured),
    )
    return Section("Self-attention as interacting particles", LEAD, charts, (*verdicts, *pairs))


def _pairs() -> tuple[list[tuple[str, Verdict]], Estimate]:
    """Two tokens at a right angle: simulated times to contact, and their verdicts."""
    verdicts, times = [], []
    for beta in PAIR_BETAS:
        points = np.array([[1.0, 0.0], [np.cos(PAIR_GAP), np.sin(PAIR_GAP)]])
        system = ParticleSystem(points, beta, Model.SA)
        times.append(measure_two_token_time(PAIR_GAP, _contact(beta), beta, Model.SA))
        verdicts.append((f"SA, beta {beta:g}", two_token_time.THEOREM.judge(system, times[-1])))
    return verdicts, Estimate.stack(times)


def _contact(beta: float) -> float:
    """Angle at which two tokens count as one cluster."""
    return 2 * float(np.arcsin(default_resolution(beta) / 2))


def _energy_chart(model: Model, runs: dict[float, Trajectory]) -> Chart:
    curves: list[Curve] = []
    for group, (beta, run) in enumerate(runs.items()):
        times, energy = run.axis.points[1:], np.asarray(run.observe(UNIT_ENERGY).value)
        dissipated = energy[0] + 2 * beta * np.asarray(run.states["dissipated"])[1:]
        curves.append(Curve(f"from dissipation, beta = {beta:g}", times, dissipated, Role.PREDICTED, group))
        curves.append(Curve(f"energy, beta = {beta:g}", times[::2], energy[1::2], Role.MEASURED, group))
    return Chart(
        f"{model.upper()}: the energy rises by exactly what the motion dissipates",
        "time (units of the model)",
        "unit energy (1 = one cluster)",
        tuple(curves),
        "Markers: energy of the tokens. Lines: the energy at the start plus the integral of the dissipation. Their "
        "difference is the dissipation identity, judged below.",
        log_x=True,
    )


def _cluster_chart(runs: dict[tuple[Model, float], Trajectory]) -> Chart:
    curves = []
    for group, ((model, beta), run) in enumerate(runs.items()):
        counts = np.asarray(run.observe(CLUSTER_COUNT).value)
        curves.append(Curve(f"{model.upper()}, beta = {beta:g}", run.axis.points[1:], counts[1:], Role.MEASURED, group))
    latest = [_latest_collapse(runs[Model.SA, beta]) for beta in BETAS]
    later = " and ".join(text_up(time, 1) for time in latest[1:])
    curves.append(Curve(f"beta = {BETAS[0]:g}: one cluster not after", [latest[0]] * 2, [1, 56], Role.PREDICTED))
    return Chart(
        "Number of clusters",
        "time (units of the model)",
        "clusters at the chord 0.1/sqrt(max(1, beta))",
        tuple(curves),
        "The tokens lie in an open hemisphere, so they all meet. The vertical line is the latest time that the "
        f"hemisphere lemma allows at beta = {BETAS[0]:g}; at the others it allows {later}, "
        "and where the run ends before they meet, the verdict is undecided.",
        log_x=True,
        log_y=True,
    )


def _latest_collapse(run: Trajectory) -> float:
    prediction = hemisphere_collapse.THEOREM.predict(run.problem, run.axis)
    return float(Estimate.of(prediction.time).value) if isinstance(prediction, NotAfter) else np.nan


def _cosine_chart(runs: dict[float, Trajectory]) -> Chart:
    curves: list[Curve] = []
    for group, (beta, run) in enumerate(runs.items()):
        cosine = np.asarray(run.observe(MEAN_COSINE).value)
        goals = cosine[0] + (1 - cosine[0]) * expit(np.linspace(-7, 7, 60))
        logs = np.array([equiangular_log_time(cosine[0], rho, 56, beta, Model.SA).value for rho in goals])
        shown = np.exp(logs) <= run.axis.points[-1]
        if np.any(shown):
            curves.append(
                Curve(f"equal angles, beta = {beta:g}", np.exp(logs)[shown], goals[shown], Role.PREDICTED, group)
            )
        curves.append(Curve(f"tokens, beta = {beta:g}", run.axis.points[1::2], cosine[1::2], Role.MEASURED, group))
    return Chart(
        "SA: mean cosine between tokens",
        "time (units of the model)",
        "mean cosine over pairs",
        tuple(curves),
        "Lines: the closed form for tokens at equal angles with the same mean cosine, which is where high dimension "
        "leads. Real tokens come in groups, so at larger beta they leave it: some meet far earlier, others far later.",
        log_x=True,
    )


def _pair_chart(measured: Estimate) -> Chart:
    grid = np.linspace(PAIR_BETAS[0], PAIR_BETAS[-1], 60)
    closed = [np.exp(two_cluster_log_time(PAIR_GAP, _contact(b), b, (0.5, 0.5), Model.SA).value) for b in grid]
    return Chart(
        "Two tokens at a right angle: time to meet",
        "inverse temperature beta",
        "time (units of the model)",
        (
            Curve("predicted: closed form", grid, closed, Role.PREDICTED),
            Curve("measured: simulation", PAIR_BETAS, measured, Role.MEASURED),
        ),
        "The time grows like exp(beta): this is why clusters are metastable.",
        log_y=True,
    )
