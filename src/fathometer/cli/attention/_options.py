"""What several attention commands share: options, and the tokens that they describe."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fathometer.attention import ParticleSystem

Beta = Annotated[float, typer.Option(help="Inverse temperature, at least 0.")]
ModelName = Annotated[str, typer.Option(help="sa (softmax) or usa (without normaliser).", metavar="sa|usa")]
ScoreName = Annotated[
    str, typer.Option(help="Q^T K: the identity, or drawn anew for every system.", metavar="identity|gaussian|wigner")
]
Points = Annotated[
    Path | None,
    typer.Option(
        help="Tokens, shape (n, d), projected to the sphere: npy, npz, csv, parquet, or the end of a stored run.",
        metavar="P.npy",
    ),
]
Uniform = Annotated[str | None, typer.Option(help="Draw n uniform points in dimension d.", metavar="n,d")]
Masses = Annotated[
    Path | None, typer.Option(help="Positive weights, shape (n,), in such a file; equal if absent.", metavar="M.npy")
]

ONE_TOKEN = "One token attracts nobody and does not move: there is nothing to see; give two or more."


def read_system(
    points: Path | None, uniform: str | None, masses: Path | None, beta: float, model: str, seed: int
) -> "ParticleSystem":
    """Read or draw the tokens that the shared options describe; rows are projected to the sphere.

    Args:
        points: file of shape (n, d), nonzero rows; None if tokens are drawn.
        uniform: n and d of tokens to draw, as text "n,d"; None if they are read.
        masses: file of shape (n,), positive; None for equal ones.
        beta: inverse temperature, between 0 and 1e10.
        model: sa or usa.
        seed: of the tokens that are drawn.
    """
    from fathometer.attention import ParticleSystem
    from fathometer.data import load_array
    from fathometer.evidence import InputError

    if (points is None) == (uniform is None):
        raise InputError("give either --points P.npy or --uniform n,d")
    weights = None if masses is None else load_array(masses, ndim=1)
    if points is not None:
        return ParticleSystem.project(load_array(points, ndim=2), beta, model, weights)
    drawn = ParticleSystem.uniform(*_pair(str(uniform)), beta, model, seed)
    return ParticleSystem.project(drawn.points, beta, model, weights)


def _pair(text: str) -> tuple[int, int]:
    from fathometer.evidence import InputError, whole_number

    parts = text.split(",")
    if len(parts) != 2:
        raise InputError(f"--uniform must be n,d such as 32,3, got {text!r}")
    return whole_number("n", parts[0], at_least=1), whole_number("d", parts[1], at_least=2)
