import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import Model, ParticleSystem
from fathometer.attention.dynamics.weights import compare_steps, layer_of, predict_layer_step
from fathometer.evidence import InputError
from tests.attention.model.test_weights import field, normal

ATTENTION = {name: normal(6, 6, seed=i) / 2 for i, name in enumerate(("query", "key", "value", "output"))}
BIASES = {name: normal(6, seed=10 + i) / 3 for i, name in enumerate(("query_bias", "value_bias", "output_bias"))}
MLP = {"mlp_up": normal(10, 6, seed=6), "mlp_down": normal(6, 10, seed=7) / 8, "mlp_up_bias": normal(10, seed=8)}
NORMS = {
    "norm1_gain": np.linspace(0.5, 1.5, 6),
    "norm1_bias": normal(6, seed=20) / 5,
    "norm2_gain": np.linspace(1.2, 0.7, 6),
    "norm2_bias": normal(6, seed=21) / 5,
}
ARRAYS = ATTENTION | BIASES | MLP | {"heads": np.array(2), "scale": np.array(3**-0.5)}
ROWS = normal(12, 6, seed=9) * 2 + 0.3


def of(place, **more):
    return layer_of(ARRAYS | NORMS | {"norm": np.array(place)} | more, "here")


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.slow
@pytest.mark.parametrize("place", ["pre", "post"])
def test_a_layer_of_torch_is_predicted_exactly_with_its_own_norms(place):
    torch = pytest.importorskip("torch")
    own = torch.nn.TransformerEncoderLayer(
        6, 2, 10, 0.0, "gelu", layer_norm_eps=1e-3, norm_first=place == "pre", batch_first=True, dtype=torch.float64
    ).eval()
    for number, tensor in enumerate(own.parameters()):
        tensor.data = torch.tensor(normal(*tensor.shape, seed=30 + number)) / 2
    query, key, value = own.self_attn.in_proj_weight.chunk(3)
    query_bias, key_bias, value_bias = own.self_attn.in_proj_bias.chunk(3)
    tensors = {
        "query": query, "key": key, "value": value, "output": own.self_attn.out_proj.weight,
        "query_bias": query_bias, "key_bias": key_bias, "value_bias": value_bias,
        "output_bias": own.self_attn.out_proj.bias,
        "mlp_up": own.linear1.weight, "mlp_up_bias": own.linear1.bias,
        "mlp_down": own.linear2.weight, "mlp_down_bias": own.linear2.bias,
        "norm1_gain": own.norm1.weight, "norm1_bias": own.norm1.bias,
        "norm2_gain": own.norm2.weight, "norm2_bias": own.norm2.bias,
    }  # fmt: skip
    arrays = {name: tensor.detach().numpy() for name, tensor in tensors.items()}
    fixed = {"heads": 2, "scale": 3**-0.5, "norm": place, "norm_eps": 1e-3}
    layer = layer_of(arrays | {name: np.array(each) for name, each in fixed.items()}, "here")
    with torch.no_grad():
        expected = own(torch.tensor(ROWS)[None])[0].numpy()
        mask = torch.triu(torch.ones(12, 12, dtype=torch.bool), 1)
        masked = own(torch.tensor(ROWS)[None], src_mask=mask)[0].numpy()
    assert_allclose(predict_layer_step(ROWS, layer, 1.0), unit(expected), atol=1e-12)
    assert_allclose(predict_layer_step(ROWS, layer, 1.0, causal=True), unit(masked), atol=1e-12)
    assert compare_steps(np.stack([ROWS, expected]), [layer], 1.0).weights[0].explained == pytest.approx(1, abs=1e-12)


def attention(read):
    """What two heads add to rows, written out."""
    split = {name: ATTENTION[name].reshape(2, 3, 6) for name in ("query", "key", "value")}
    query = np.einsum("hkd,nd->hnk", split["query"], read) + BIASES["query_bias"].reshape(2, 1, 3)
    scores = np.exp(np.einsum("hnk,hkd,md->hnm", query, split["key"], read) / np.sqrt(3))
    values = np.einsum("hkd,nd->hnk", split["value"], read) + BIASES["value_bias"].reshape(2, 1, 3)
    heads = scores / np.sum(scores, axis=2, keepdims=True) @ values
    return np.concatenate(heads, axis=1) @ ATTENTION["output"].T + BIASES["output_bias"]


def mlp(read):
    return np.maximum(read @ MLP["mlp_up"].T + MLP["mlp_up_bias"], 0) @ MLP["mlp_down"].T


def directions(rows, kind):
    return unit(rows - rows.mean(axis=1, keepdims=True) if kind == "layer" else rows)


def norm(number, rows, kind):
    return np.sqrt(6) * directions(rows, kind) * NORMS[f"norm{number}_gain"] + NORMS[f"norm{number}_bias"]


def relu(place, kind):
    return of(place, norm_kind=np.array(kind), mlp_activation=np.array("relu"))


CASES = [("pre", "layer"), ("post", "layer"), ("pre", "rms"), ("post", "rms")]


@pytest.mark.parametrize(("place", "kind"), CASES)
def test_a_layer_written_out_with_its_norms_is_predicted(place, kind):
    if place == "pre":
        middle = ROWS + attention(norm(1, ROWS, kind))
        after = middle + mlp(norm(2, middle, kind))
    else:
        middle = norm(1, ROWS + attention(ROWS), kind)
        after = norm(2, middle + mlp(middle), kind)
    assert_allclose(predict_layer_step(ROWS, relu(place, kind), 1.0), unit(after), atol=1e-12)


@pytest.mark.parametrize(("place", "kind"), CASES)
def test_tokens_of_the_model_move_as_the_parts_of_the_network_push_the_directions_behind_a_norm(place, kind):
    system = ParticleSystem(directions(ROWS, kind), 1.0, Model.SA)
    normed = [norm(number, system.points, kind) for number in (1, 2)]
    reads = normed if place == "pre" else normed[::-1]
    added = attention(reads[0]) + mlp(reads[1])
    if kind == "layer":
        added = added - added.mean(axis=1, keepdims=True)
    tangent = added - np.sum(added * system.points, axis=1, keepdims=True) * system.points
    assert_allclose(field(relu(place, kind).of(system)), tangent, atol=1e-12)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"norm": np.array("peri")}, "place of the norms must be pre or post, got 'peri'"),
        ({"norm_kind": np.array("batch")}, "kind of the norms must be layer or rms, got 'batch'"),
        ({"norm_eps": np.array(-1.0)}, "norm_eps must be"),
        ({"norm1_gain": np.ones(5)}, "one entry for each coordinate"),
        ({"mlp_up": np.ones((10, 5)), "mlp_down": np.ones((5, 10))}, "act on tokens of one dimension"),
        ({"norm1_gain": np.full(6, np.nan)}, "gains of the norms"),
    ],
)
def test_bad_norms_are_refused(more, message):
    with pytest.raises(InputError, match=message):
        of(**({"place": "pre"} | more)) if "norm" not in more else layer_of(ARRAYS | NORMS | more, "here")


def test_norms_need_the_arrays_that_they_go_with():
    with pytest.raises(InputError, match=r"must hold 'norm' \(pre or post\), 'query', 'key' and 'value' beside"):
        layer_of({"norm1_gain": np.ones(6)} | ATTENTION, "here")
    with pytest.raises(InputError, match="must hold 'norm'"):
        layer_of({"norm": np.array("pre")} | MLP, "here")


GATE = {"mlp_gate": normal(10, 6, seed=40), "mlp_gate_bias": normal(10, seed=41)}


def gated(read):
    opened = np.tanh(read @ GATE["mlp_gate"].T + GATE["mlp_gate_bias"])
    return (opened * (read @ MLP["mlp_up"].T + MLP["mlp_up_bias"])) @ MLP["mlp_down"].T


def test_a_gate_takes_up_the_bias_of_the_norm_before_it():
    layer = of("pre", mlp_activation=np.array("tanh"), **GATE)
    middle = ROWS + attention(norm(1, ROWS, "layer"))
    after = middle + gated(norm(2, middle, "layer"))
    assert_allclose(predict_layer_step(ROWS, layer, 1.0), unit(after), atol=1e-12)

    system = ParticleSystem(directions(ROWS, "layer"), 1.0, Model.SA)
    added = attention(norm(1, system.points, "layer")) + gated(norm(2, system.points, "layer"))
    added = added - added.mean(axis=1, keepdims=True)
    tangent = added - np.sum(added * system.points, axis=1, keepdims=True) * system.points
    assert_allclose(field(layer.of(system)), tangent, atol=1e-12)


def test_a_bias_of_no_gate_is_refused():
    with pytest.raises(InputError, match="gate_bias of the MLP needs its gate"):
        of("pre", mlp_gate_bias=GATE["mlp_gate_bias"])
