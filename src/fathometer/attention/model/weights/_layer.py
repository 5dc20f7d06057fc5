"""The weights of one layer, as a file holds them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.model._variant import Variant
from fathometer.attention.model.weights._mlp import Mlp
from fathometer.attention.model.weights._norms import Norms
from fathometer.data import read_archive
from fathometer.evidence import InputError, Record, finite_array, finite_number, whole_number

ATTENTION = ("query", "key", "value", "output", "query_bias", "key_bias", "value_bias", "output_bias", "heads", "scale")
MLP = ("mlp_up", "mlp_down", "mlp_up_bias", "mlp_down_bias", "mlp_gate", "mlp_gate_bias", "mlp_activation")
NORMS = ("norm", "norm_kind", "norm_eps", "norm1_gain", "norm1_bias", "norm2_gain", "norm2_bias")


@dataclass(frozen=True, eq=False)
class LayerWeights(Record):
    """What a layer does to unit tokens, in the terms of a `Variant`; None where the plain model has the identity.

    With norms, matrices act on what these make of tokens, as in the network itself.

    Attributes:
        query: shape (d, d) or (heads, k, d).
        key: shape of the query.
        value: shape (d, d) or (heads, d, d), the output matrix included.
        query_bias: shape (k,) or (heads, k).
        bias: shape (d,), of values and output together.
        mlp: of the layer.
        norms: of the layer; none if tokens are unit vectors.
    """

    query: NDArray[np.float64] | None = None
    key: NDArray[np.float64] | None = None
    value: NDArray[np.float64] | None = None
    query_bias: NDArray[np.float64] | None = None
    bias: NDArray[np.float64] | None = None
    mlp: Mlp | None = None
    norms: Norms | None = None

    def of(self, system: ParticleSystem, **rules: Any) -> Variant:
        """Return tokens that the layer moves; gains and biases of norms are multiplied into its matrices.

        Args:
            system: the tokens.
            **rules: causal, normalization and hard, as `Variant` takes them.

        Raises:
            InputError: if the arrays do not fit the tokens.
        """
        names = ("query", "key", "value", "query_bias", "bias", "mlp")
        layer = self if self.norms is None else _on_unit_tokens(self, self.norms)
        given = {name: getattr(layer, name) for name in names if getattr(layer, name) is not None}
        return Variant(system, **given, **rules)


def read_layer(path: Path) -> LayerWeights:
    """Read the weights of a layer from an npz file.

    Arrays, all of them optional: "query" and "key", shape (d, d), (heads, k, d), or (heads k, d) with "heads", the
    heads one after another; "value" likewise, and "output", shape (d, d), (heads, d, k), or (d, heads k) with "heads":
    V_h is output_h value_h. "scale" multiplies the queries. "query_bias", "value_bias" of (heads, k) or (heads k,) and
    "output_bias" of (d,); "key_bias" is read past, as softmax does not see it. "mlp_up" (m, d), "mlp_down" (d, m) and
    perhaps "mlp_up_bias" (m,), "mlp_down_bias" (d,), "mlp_gate" (m, d), "mlp_gate_bias" (m,), "mlp_activation" (a
    name). Matrices act on columns, as those of torch.nn.Linear do. "norm", pre or post, says that matrices act behind
    norm layers: "norm_kind" is layer (the default) or rms, "norm_eps" a number, "norm1_gain", "norm1_bias",
    "norm2_gain" and "norm2_bias" (d,).

    Raises:
        InputError: if there is no such file, an array is not known, or shapes do not fit.
    """
    return layer_of(read_archive(path, "npz file"), str(path))


def read_mlp(path: Path) -> Mlp:
    """Read an MLP from an npz file.

    Arrays "up", "down" and perhaps "up_bias", "down_bias", "gate", "gate_bias", "activation"; the names may begin with
    "mlp_", as in the file of a layer.

    Raises:
        InputError: if there is no such file, an array is missing or not known, or shapes do not fit.
    """
    arrays = {f"mlp_{name.removeprefix('mlp_')}": array for name, array in read_archive(path, "npz file").items()}
    mlp = layer_of({name: array for name, array in arrays.items() if name not in _of_attention()}, str(path)).mlp
    if mlp is None:
        raise InputError(f"{path} must hold the arrays 'up' and 'down' of an MLP")
    return mlp


def layer_of(arrays: Mapping[str, NDArray], where: str) -> LayerWeights:
    """Return the weights that arrays of the names of `read_layer` describe.

    Args:
        arrays: by name.
        where: what messages call their place.

    Raises:
        InputError: if an array is not known, or shapes do not fit.
    """
    known = (*ATTENTION, *MLP, *NORMS)
    if not arrays:
        raise InputError(f"{where} holds no array; known: {', '.join(known)}")
    if unknown := sorted(set(arrays) - set(known)):
        raise InputError(f"{where} holds arrays that are not known: {unknown}; known: {', '.join(known)}")
    heads = None if "heads" not in arrays else whole_number("heads", _scalar("heads", arrays["heads"]), at_least=1)
    if ("query" in arrays) != ("key" in arrays):
        raise InputError(f"{where} must hold both or none of the arrays 'query' and 'key'")
    scale = finite_number("scale", _scalar("scale", arrays.get("scale", np.ones(()))), above=0)
    query, key = (_rows(arrays, name, heads) for name in ("query", "key"))
    query_bias = _row_bias(arrays, "query_bias", heads)
    value, bias = _value(arrays, heads)
    return LayerWeights(
        None if query is None else scale * query,
        key,
        value,
        None if query_bias is None else scale * query_bias,
        bias,
        _mlp(arrays, where),
        _norms(arrays, where),
    )


def _of_attention() -> set[str]:
    return {f"mlp_{name}" for name in (*ATTENTION, *NORMS)}


def _scalar(name: str, array: NDArray) -> Any:
    if np.size(array) != 1:
        raise InputError(f"{name} must be one number or word, got an array of shape {np.shape(array)}")
    return np.asarray(array).item()


def _rows(arrays: Mapping[str, NDArray], name: str, heads: int | None) -> NDArray[np.float64] | None:
    """A matrix whose rows belong to heads, one head after another."""
    if name not in arrays:
        return None
    if np.ndim(arrays[name]) == 3:
        return finite_array(name, arrays[name], ndim=3)
    matrix = finite_array(name, arrays[name], ndim=2)
    return matrix if heads is None else _split(name, matrix, heads)


def _row_bias(arrays: Mapping[str, NDArray], name: str, heads: int | None) -> NDArray[np.float64] | None:
    if name not in arrays:
        return None
    if np.ndim(arrays[name]) == 2:
        return finite_array(name, arrays[name], ndim=2)
    bias = finite_array(name, arrays[name], ndim=1)
    return bias if heads is None else _split(name, bias, heads)


def _split(name: str, rows: NDArray[np.float64], heads: int) -> NDArray[np.float64]:
    if len(rows) % heads:
        raise InputError(f"{name} must have a multiple of {heads} rows, one stretch for each head, got {len(rows)}")
    return rows.reshape(heads, -1, *rows.shape[1:])


def _value(
    arrays: Mapping[str, NDArray], heads: int | None
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    """Values with the output matrix, and what their biases add.

    Raises:
        InputError: if shapes do not fit.
    """
    value, value_bias = _rows(arrays, "value", heads), _row_bias(arrays, "value_bias", heads)
    output = _output(arrays, heads)
    bias = None if "output_bias" not in arrays else finite_array("output_bias", arrays["output_bias"], ndim=1)
    if output is not None:
        if value is None or output.shape[:-2] != value.shape[:-2] or output.shape[-1] != value.shape[-2]:
            shape = None if value is None else value.shape
            raise InputError(f"output must take what value makes, of shape {shape}, got {output.shape}")
        value = output @ value
    if value_bias is not None:
        shift = _value_shift(value_bias, value, output)
        if bias is not None and bias.shape != shift.shape:
            raise InputError(f"output_bias must have shape {shift.shape}, got {bias.shape}")
        bias = shift if bias is None else bias + shift
    return value, bias


def _value_shift(
    value_bias: NDArray[np.float64], value: NDArray[np.float64] | None, output: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """What biases of values add to a token, shape (d,).

    Raises:
        InputError: if they do not have one entry for each row of the values.
    """
    rows = value.shape[:-1] if output is None and value is not None else None
    wanted = rows if output is None else (*output.shape[:-2], output.shape[-1])
    if wanted is not None and value_bias.shape != wanted:
        raise InputError(f"value_bias must have shape {wanted}, got {value_bias.shape}")
    made = value_bias if output is None else np.einsum("...dk,...k->...d", output, value_bias)
    return np.sum(made, axis=tuple(range(made.ndim - 1)))


def _output(arrays: Mapping[str, NDArray], heads: int | None) -> NDArray[np.float64] | None:
    """The output matrix of every head."""
    if "output" not in arrays:
        return None
    if np.ndim(arrays["output"]) == 3:
        return finite_array("output", arrays["output"], ndim=3)
    matrix = finite_array("output", arrays["output"], ndim=2)
    return matrix if heads is None else np.swapaxes(_split("the transpose of output", matrix.T, heads), 1, 2)


def _mlp(arrays: Mapping[str, NDArray], where: str) -> Mlp | None:
    given: dict[str, Any] = {name.removeprefix("mlp_"): arrays[name] for name in MLP if name in arrays}
    if not given:
        return None
    if not {"up", "down"} <= set(given):
        raise InputError(f"{where} must hold both 'up' and 'down' of its MLP, got {sorted(given)}")
    if "activation" in given:
        given["activation"] = _scalar("mlp_activation", given["activation"])
    return Mlp(**given)


def _norms(arrays: Mapping[str, NDArray], where: str) -> Norms | None:
    """The norms of a layer.

    Raises:
        InputError: if queries, keys or values are not there, or do not share the dimension of the norms.
    """
    given = {name: arrays[name] for name in NORMS if name in arrays}
    if not given:
        return None
    if "norm" not in given or "query" not in arrays or "value" not in arrays:
        raise InputError(f"{where} must hold 'norm' (pre or post), 'query', 'key' and 'value' beside {sorted(given)}")
    d = np.shape(arrays["query"])[-1]

    def pair(name: str, absent: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        first, second = (given.get(f"norm{number}_{name}", np.full(d, absent)) for number in (1, 2))
        return first, second

    place, kind = (
        str(_scalar(name, given.get(name, np.array(other)))) for name, other in (("norm", ""), ("norm_kind", "layer"))
    )
    eps = finite_number("norm_eps", _scalar("norm_eps", given.get("norm_eps", np.zeros(()))), at_least=0)
    read = {np.shape(arrays[name])[-1] for name in ("query", "key", "value", "mlp_up", "mlp_gate") if name in arrays}
    made = Norms(place, kind, pair("gain", 1.0), pair("bias", 0.0), eps)
    if read != {len(made.gains[0])}:
        raise InputError(
            f"matrices and norms of {where} must act on tokens of one dimension, got {sorted(read)} columns beside"
            f" gains of {len(made.gains[0])}"
        )
    return made


def _on_unit_tokens(layer: LayerWeights, norms: Norms) -> LayerWeights:
    """The layer without norms, for tokens x that these make G x + b of.

    Where norms subtract the mean over coordinates, what is added has it subtracted: tokens of mean zero stay so.
    """
    gain, bias = norms.reading(0)
    query, key, value = map(np.asarray, (layer.query, layer.key, layer.value))
    shift = np.sum((value @ bias).reshape(-1, len(bias)), axis=0) + (0.0 if layer.bias is None else layer.bias)
    return LayerWeights(
        query * gain,
        key * gain,
        norms.centre @ value * gain,
        query @ bias + (0.0 if layer.query_bias is None else layer.query_bias),
        norms.centre @ shift,
        None if layer.mlp is None else _mlp_on_unit_tokens(layer.mlp, norms),
    )


def _mlp_on_unit_tokens(mlp: Mlp, norms: Norms) -> Mlp:
    """The MLP for tokens x that a norm makes G x + b of.

    Raises:
        InputError: if it is of another dimension.
    """
    gain, bias = norms.reading(1)
    if mlp.up.shape[1] != len(gain):
        raise InputError(f"up of the MLP must have {len(gain)} columns, as tokens have, got {mlp.up.shape[1]}")
    gated = {} if mlp.gate is None else {"gate": mlp.gate * gain, "gate_bias": mlp.gate_bias + mlp.gate @ bias}
    return replace(
        mlp,
        up=mlp.up * gain,
        up_bias=mlp.up_bias + mlp.up @ bias,
        down=norms.centre @ mlp.down,
        down_bias=norms.centre @ mlp.down_bias,
        **gated,
    )
