"""The tokens that a cell starts from."""

from typing import TYPE_CHECKING

from fathometer.study import Choice, Parameter, Real, Text, Whole

if TYPE_CHECKING:
    from fathometer.attention import ParticleSystem

MODEL = Choice(("sa", "usa"), "sa")
BETA = Real(0, 1e10, 1)
CLOUD: dict[str, Parameter] = {
    "n": Whole(2, 100_000, 32),
    "dim": Whole(2, 4096, 3),
    "points": Text(),
    "model": MODEL,
}
"""n uniform points of the sphere of R^dim, drawn from the seed; or those of a file, instead."""

ABOUT = {
    "n": "number of tokens n",
    "dim": "dimension d",
    "beta": "inverse temperature beta",
    "model": "softmax (sa), or without its normaliser (usa)",
    "points": "file of the tokens, shape (n, d), instead of uniform ones",
    "systems": "independent systems",
}
"""What parameters are."""


def about(*names: str, **more: str) -> dict[str, str]:
    """What parameters are: some that several computations have, and others.

    Args:
        *names: in `ABOUT`.
        **more: by name.
    """
    return {name: ABOUT[name] for name in names} | more


def cloud(n: int, dim: int, points: str, model: str, beta: float, seed: int) -> "ParticleSystem":
    """The tokens: uniform ones, or the rows of a file projected to the sphere.

    Args:
        n: number of tokens.
        dim: dimension.
        points: file of shape (n, d), which n and dim then do not matter for; empty for uniform tokens.
        model: sa or usa.
        beta: inverse temperature.
        seed: of uniform tokens.
    """
    from fathometer.attention import ParticleSystem

    if not points:
        return ParticleSystem.uniform(n, dim, beta, model, seed)
    from pathlib import Path

    from fathometer.data import load_array

    return ParticleSystem.project(load_array(Path(points), ndim=2), beta, model, None)
