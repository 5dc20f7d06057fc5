"""Controls: the same architecture with random weights or values, whatever it is."""

import numpy as np
import pytest
import torch

from fathometer.evidence import InputError
from fathometer.network import recorded_texts, wrap
from fathometer.network.recording import controlled, random_values, random_weights
from tests.network.torch.families import FUSED, Kept, tiny

TEXTS = [[5, 9, 30, 7, 11]]


def test_random_weights_are_those_of_a_model_made_after_the_seed():
    model = tiny("albert")
    state = torch.random.get_rng_state()
    made = random_weights(wrap(model), 7).model
    assert torch.equal(torch.random.get_rng_state(), state)
    torch.manual_seed(7)
    again = type(model)(model.config)
    assert all(torch.equal(a, b) for a, b in zip(made.state_dict().values(), again.state_dict().values(), strict=True))
    assert not made.training


def test_other_modules_draw_their_weights_again():
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.LayerNorm(4), torch.nn.MultiheadAttention(4, 2))
    before = model[0].weight.clone()
    one, two = random_weights(wrap(model), 1).model, random_weights(wrap(model), 1).model
    assert torch.equal(one[0].weight, two[0].weight)
    assert not torch.equal(one[0].weight, before)
    assert torch.equal(model[0].weight, before)


def test_what_no_part_draws_again_has_its_entries_permuted():
    model = torch.nn.Sequential(torch.nn.Linear(3, 4))
    model.positions = torch.nn.Parameter(torch.arange(24.0).reshape(6, 4))
    made = random_weights(wrap(model), 1).model
    assert not torch.equal(made.positions, model.positions)
    assert torch.equal(made.positions.flatten().sort().values, torch.arange(24.0))


@pytest.mark.parametrize("family", ["bert", "albert", "gpt2", "llama", "distilbert", "vit", "opt", *FUSED])
def test_random_values_leave_where_attention_looks(family):
    texts = [{"pixel_values": np.ones((1, 3, 8, 8))}] if family == "vit" else TEXTS
    net = wrap(tiny(family))
    own, other, again = (Kept("pattern", "attended") for _ in range(3))
    recorded_texts(net, texts, [own])
    recorded_texts(random_values(net, 3), texts, [other])
    recorded_texts(random_values(net, 3), texts, [again])
    assert np.allclose(own.passages[0].pattern, other.passages[0].pattern, atol=1e-6)
    assert not np.allclose(own.passages[0].attended, other.passages[0].attended, atol=1e-2)
    assert np.array_equal(other.passages[2].after, again.passages[2].after)


def test_random_values_have_variance_one_over_columns():
    made = random_values(wrap(tiny("gpt2")), 0)
    recorded_texts(made, TEXTS, [])
    blocks = made.model.transformer.h
    weights = [block.attn.c_attn.weight[:, 32:].detach() for block in blocks]
    assert abs(float(torch.stack(weights).var()) * 16 - 1) < 0.15
    assert all(bool((block.attn.c_attn.bias[32:] == 0).all()) for block in blocks)


def test_a_shared_block_draws_its_values_at_each_call():
    made = random_values(wrap(tiny("albert")), 0)
    value, seen = made.model.albert.encoder.albert_layer_groups[0].albert_layers[0].attention.value, []
    value.register_forward_hook(lambda module, *_: seen.append(module.weight.clone()))
    recorded_texts(made, TEXTS, [])
    assert len(seen) == 3
    assert not torch.equal(seen[0], seen[1])


def test_values_that_are_not_recognised_are_refused():
    model = tiny("neox").base_model.base_model
    model.config.model_type = "codegen"  # fuses queries, values and keys in another order
    with pytest.raises(InputError, match=r"value matrix of layers.0 is not recognised"):
        random_values(wrap(model))


@pytest.mark.parametrize("control", ["random", "centred", "shuffled", "random-values"])
def test_every_control_is_a_run_of_the_same_texts(control):
    kept = Kept()
    net, texts, reducers = controlled(control, wrap(tiny("bert")), [np.array(TEXTS[0])], [kept])
    recorded_texts(net, texts, reducers)
    assert [p.block for p in kept.passages] == [0, 1, 2]
    assert {p.before.shape for p in kept.passages} == {(5, 16)}
