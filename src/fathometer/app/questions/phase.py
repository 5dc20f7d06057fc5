"""What the view phase asks: a cloud, the times of the closed form, and the two thresholds of the cloud."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fathometer.app.questions._parameters import Choice, Numbers, Real, Whole
from fathometer.app.questions._question import Answer, Question
from fathometer.app.questions._stepwise import stepwise
from fathometer.evidence import InputError

if TYPE_CHECKING:
    from fathometer.attention import CollapseThreshold, ParticleSystem

LARGEST_N, LARGEST_D = 200, 128
DIMENSIONS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 200)
"""Numbers of orthogonal tokens that the slider of the closed form stops at."""

LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999, 1 - 1e-6)
BETAS = np.geomspace(0.3, 30.0, 30)
"""The rows of the diagram."""

THRESHOLD_BETAS = np.array([1.0, 2.0, 4.0, 8.0, 16.0])


def cloud(n: int, d: int, seed: int, points: NDArray[np.float64] | None) -> Iterator[Answer]:
    """Draw n uniform points of the sphere of R^d, as `ParticleSystem.uniform` does.

    Args:
        n: number of tokens.
        d: dimension.
        seed: of the generator.
        points: the tokens, where they are not drawn.

    Yields:
        the points as doubles, row by row, and the axes along which they are drawn.
    """
    tokens = _system(n, d, seed, points).points
    document = {"n": len(tokens), "d": tokens.shape[1], "points": tokens.ravel().tolist()}
    yield Answer(document, {"axes": _axes(tokens)})


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


def thresholds(
    n: int, d: int, seed: int, model: str, horizon: float, points: NDArray[np.float64] | None
) -> Iterator[Answer]:
    """Look up to which beta collapse is certified in time, and from which on clusters are certified to stay.

    Args:
        n: number of tokens, where no points are given.
        d: dimension.
        seed: of the generator.
        model: sa or usa.
        horizon: time by which the tokens are to be one cluster.
        points: the tokens, where they are not drawn.

    Yields:
        What the theorem on separated caps says at once; how far it is, or that it is at work; both thresholds.
    """
    from fathometer.attention import collapse_threshold, metastability_threshold

    system = _system(n, d, seed, points, model)
    caps = metastability_threshold(system)
    first = {"caps": _finite(float(caps.beta.value)), "clusters": caps.clusters, "horizon": horizon}
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


def _system(n: int, d: int, seed: int, points: NDArray[np.float64] | None, model: str = "sa") -> "ParticleSystem":
    from fathometer.attention import ParticleSystem

    if points is None:
        return ParticleSystem.uniform(n, d, 1.0, model, seed)
    if len(points) < 2 or points.shape[1] > LARGEST_D:
        raise InputError(f"points must be 2 or more rows of at most {LARGEST_D} numbers, got shape {points.shape}")
    return ParticleSystem.project(points, 1.0, model)


def _axes(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Orthonormal rows: the coordinates up to three, else the first principal axes."""
    d = points.shape[1]
    if d <= 3:
        return np.eye(d)
    axes = np.linalg.svd(points)[2][:3]
    return axes * np.sign(axes[np.arange(3), np.abs(axes).argmax(axis=1)])[:, None]


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


_CLOUD = {"n": Whole(2, LARGEST_N, 32), "d": Whole(2, LARGEST_D, 3), "seed": Whole(0, 2**31 - 1, 0)}
_POINTS = {"points": Numbers(LARGEST_N, ndim=2)}
_MODEL = {"model": Choice(("sa", "usa"), "sa")}
_FIRST = {"n": 32, "d": 3, "seed": 0}

QUESTIONS: tuple[Question, ...] = (
    Question("phase.cloud", cloud, _CLOUD | _POINTS, recorded=(_FIRST,)),
    Question(
        "phase.closed_form",
        closed_form,
        {"dimension": Whole(2, LARGEST_N, 32)} | _MODEL,
        recorded=tuple({"dimension": size, "model": model} for model in ("sa", "usa") for size in DIMENSIONS),
    ),
    Question(
        "phase.thresholds",
        thresholds,
        _CLOUD | _POINTS | _MODEL | {"horizon": Real(1.0, 1e4, 30.0)},
        recorded=(_FIRST | {"model": "sa"},),
    ),
)
