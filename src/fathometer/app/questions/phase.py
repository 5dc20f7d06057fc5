"""What the view phase asks: a cloud, the times of the closed form, and the two thresholds of the cloud."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from fathometer.app.questions._question import Answer, Question
from fathometer.app.questions._stepwise import stepwise
from fathometer.app.questions.tokens._clouds import MASSES, drawing_axes, system_of
from fathometer.study import Choice, Real, Whole

if TYPE_CHECKING:
    from fathometer.attention import CollapseThreshold, ParticleSystem

LARGEST_N, LARGEST_D = 200, 128
DIMENSIONS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 200)
"""Numbers of orthogonal tokens that the slider of the closed form stops at."""

LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999, 1 - 1e-6)
BETAS = np.geomspace(0.3, 30.0, 30)
"""The rows of the diagram."""

THRESHOLD_BETAS = np.array([1.0, 2.0, 4.0, 8.0, 16.0])


def cloud(n: int, d: int, seed: int, masses: str) -> Iterator[Answer]:
    """Draw n uniform points of the sphere of R^d, as `ParticleSystem.uniform` does.

    Args:
        n: number of tokens.
        d: dimension.
        seed: of the points, and of masses that are random.
        masses: equal or random.

    Yields:
        points, row by row, and masses as doubles, and the axes along which the points are drawn.
    """
    system = system_of(n, d, seed, masses)
    document = {"n": n, "d": d, "points": system.points.ravel().tolist(), "masses": system.masses.tolist()}
    yield Answer(document, {"axes": drawing_axes(system.points)})


def closed_form(dimension: int, model: str) -> Iterator[Answer]:
    """Times at which orthogonal tokens, one along each axis of R^dimension, reach cosines.

    Args:
        dimension: number of orthogonal tokens.
        model: sa or usa.

    Yields:
        The natural logarithms of the times, of shape (betas, cosines).
    """
    from fathometer.attention import equiangular_log_time

    logs = [[equiangular_log_time(0.0, end, dimension, beta, model).value for end in LEVELS] for beta in BETAS]
    document = {"betas": BETAS.tolist(), "levels": list(LEVELS), "dimension": dimension}
    yield Answer(document, {"log_times": np.array(logs, float)})


def thresholds(n: int, d: int, seed: int, masses: str, model: str, horizon: float) -> Iterator[Answer]:
    """Look up to which beta collapse is certified in time, and from which on clusters are certified to stay.

    Args:
        n: number of tokens.
        d: dimension.
        seed: of the points, and of masses that are random.
        masses: equal or random.
        model: sa or usa.
        horizon: time by which the tokens are to be one cluster.

    Yields:
        What the theorem on separated caps says at once (nothing of unequal masses); how far it is, or that it is at
        work; both thresholds.
    """
    from fathometer.attention import collapse_threshold

    system = system_of(n, d, seed, masses, model=model)
    first = {"caps": _caps(system) if masses == "equal" else None, "horizon": horizon}
    yield Answer(first)
    threshold = yield from stepwise(
        lambda report: collapse_threshold(
            system, THRESHOLD_BETAS, horizon, announce=lambda line: report(Answer(first | {"at_work": line}))
        ),
        meanwhile=Answer({"at_work": None}),
    )
    yield Answer(first | _found(threshold))


def _found(threshold: "CollapseThreshold") -> dict[str, Any]:
    """Both thresholds, and what is not decided between them."""
    document = threshold.to_json()
    kept = ("beta_exp", "beta_meta", "first_not_in_time", "metastable", "measured")
    return {name: document[name] for name in kept}


def _caps(system: "ParticleSystem") -> float | None:
    """From which beta on clusters are certain from the points alone; None if never."""
    from fathometer.attention import metastability_threshold

    beta = float(metastability_threshold(system).beta.value)
    return beta if np.isfinite(beta) else None


_CLOUD = {
    "n": Whole(2, LARGEST_N, 32),
    "d": Whole(2, LARGEST_D, 3),
    "seed": Whole(0, 2**31 - 1, 0),
    "masses": Choice(MASSES, "equal"),
}
_MODEL = {"model": Choice(("sa", "usa"), "sa")}
_FIRST = {"n": 32, "d": 3, "seed": 0, "masses": "equal"}

QUESTIONS: tuple[Question, ...] = (
    Question("phase.cloud", cloud, _CLOUD, recorded=(_FIRST,)),
    Question(
        "phase.closed_form",
        closed_form,
        {"dimension": Whole(2, LARGEST_N, 32)} | _MODEL,
        recorded=tuple({"dimension": size, "model": model} for model in ("sa", "usa") for size in DIMENSIONS),
    ),
    Question(
        "phase.thresholds",
        thresholds,
        _CLOUD | _MODEL | {"horizon": Real(1.0, 1e4, 30.0)},
        recorded=(_FIRST | {"model": "sa"},),
    ),
)
