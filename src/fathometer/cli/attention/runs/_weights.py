"""The weights of a layer, as the options of `attention simulate` and `attention layers` give them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from fathometer.attention.dynamics.variants import Variant
    from fathometer.attention.dynamics.weights import LayerWeights

Query = Annotated[
    Path | None, typer.Option(help="Q, shape (d, d) or (heads, k, d); identity if absent.", metavar="W.npy")
]
Key = Annotated[Path | None, typer.Option(help="K, of the shape of Q; identity if absent.", metavar="W.npy")]
Value = Annotated[
    str | None,
    typer.Option(
        help="V, shape (d, d) or (heads, d, d), output matrix included; random:DT draws N(0, 1/d) anew every DT.",
        metavar="W.npy|random:DT",
    ),
]
LayerFile = Annotated[
    Path | None,
    typer.Option(
        "--weights",
        help="A layer in one file: query, key, value, output, biases, heads, scale, mlp_up, mlp_down and the like.",
        metavar="LAYER.npz",
    ),
]
LayerFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--weights",
        help="A layer in one file, as for `simulate`: one for all steps, or the option once for each step in order.",
        metavar="LAYER.npz",
    ),
]
MlpFile = Annotated[
    str | None,
    typer.Option(
        "--mlp",
        help="An MLP beside the attention: up (m, d), down (d, m) and the like; none leaves out that of --weights.",
        metavar="MLP.npz|none",
    ),
]
RANDOM = "random:"


@dataclass(frozen=True)
class Asked:
    """Weights as they are asked for.

    Attributes:
        layer: None for the plain model.
        redraw: time between two draws of the values; None if they are not random.
    """

    layer: "LayerWeights | None"
    redraw: float | None

    @property
    def plain(self) -> bool:
        """Whether nothing is asked for."""
        return self.layer is None and self.redraw is None


def read_weights(
    query: Path | None, key: Path | None, value: str | None, weights: Path | None, mlp: str | None
) -> Asked:
    """Read what the options give.

    Args:
        query: file of Q.
        key: file of K.
        value: file of V, or random:DT.
        weights: file of a layer, instead of the three.
        mlp: file of an MLP, or none.

    Raises:
        InputError: if options do not go together, or a file is none of a layer.
    """
    from dataclasses import replace

    from fathometer.attention.dynamics.weights import LayerWeights, read_layer, read_mlp
    from fathometer.data import load_array
    from fathometer.evidence import InputError

    matrices = (query, key, value)
    if weights is not None and any(matrix is not None for matrix in matrices):
        raise InputError("give either --weights LAYER.npz or --query, --key and --value")
    redraw = None if value is None else _redraw(value)
    if all(option is None for option in (*matrices, weights, mlp)):
        return Asked(None, None)
    if weights is not None:
        layer = read_layer(weights)
    else:
        files = (query, key, None if value is None or redraw is not None else Path(value))
        given = [None if file is None else load_array(file) for file in files]
        layer = LayerWeights(query=given[0], key=given[1], value=given[2])
    if mlp is not None:
        layer = replace(layer, mlp=None if mlp == "none" else read_mlp(Path(mlp)))
    return Asked(layer, redraw)


def _redraw(value: str) -> float | None:
    """DT of random:DT."""
    from fathometer.evidence import InputError, finite_number

    if not value.startswith(RANDOM):
        return None
    try:
        return finite_number("DT of random:DT", float(value.removeprefix(RANDOM)), above=0)
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"--value must be W.npy or random:DT with a time DT above 0, got {value!r}") from error


def described(variant: "Variant", redraw: float | None) -> dict[str, Any]:
    """The weights of a run in JSON values: shapes and digests, and how far they are from plain ones."""
    from fathometer.attention.dynamics import weights

    summary = variant.summary()
    arrays = ("query", "key", "value", "query_bias", "bias", "mlp")
    factor, values = weights.score_factor(variant), weights.value_matrices(variant)
    distances = {
        "scores_from_multiple_of_identity": weights.score_distance(variant, factor),
        "scores_factor": factor,
        "values_from_multiples_of_identity": weights.distance_from_multiples(values),
        "values_from_scores": weights.distance_from_scores(variant),
        "mlp_and_bias_share": weights.extra_share(variant),
    }
    if redraw is not None:
        summary["value"] = f"{RANDOM}{redraw:g}"
        distances = {name: number for name, number in distances.items() if not name.startswith("values")}
    finite = {name: number if number < float("inf") else None for name, number in distances.items()}
    return {name: summary[name] for name in arrays} | {"heads": variant.heads, "distances": finite}
