"""Modules of torch as networks: rows in, scores out, and the module left as it was."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from transformers.modeling_outputs import SequenceClassifierOutput

from fathometer.evidence import InputError
from fathometer.network.adapters import wrap
from tests.network.torch.families import tiny

ROWS = np.random.default_rng(0).standard_normal((5, 3))


class Giving(torch.nn.Module):
    """Gives what a function makes of two scores."""

    def __init__(self, made: Any) -> None:
        super().__init__()
        self.linear, self.made = torch.nn.Linear(3, 2), made

    def forward(self, x: Any) -> Any:
        return self.made(self.linear(x))


@dataclass
class Scored:
    loss: Any
    logits: Any


def scored(made, rows=ROWS):
    torch.manual_seed(0)
    return wrap(Giving(made)).scores(rows)


@pytest.mark.parametrize(
    "made",
    [
        lambda z: (z, z + 1),
        lambda z: [z.mean(), z],
        lambda z: {"hidden": z + 1, "logits": z},
        lambda z: {"first": z},
        lambda z: Scored(z.mean(), z),
        lambda z: SequenceClassifierOutput(loss=z.mean(), logits=z),
        lambda z: z.to(torch.float64),
    ],
)
def test_tuples_dictionaries_and_dataclasses_are_understood(made):
    assert np.allclose(scored(made), scored(lambda z: z), rtol=0, atol=1e-7)


def test_one_score_a_row_gets_an_axis():
    assert scored(lambda z: z[:, 0]).shape == (5, 1)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda z: "scores", "gives str"),
        (lambda z: z.mean(), "gives Tensor"),
        (lambda z: z[:2], r"shape \(2, 2\) for 5 rows"),
        (lambda z: z / 0 * 0, "not finite for row 0"),
    ],
)
def test_what_holds_no_scores_is_refused(made, message):
    with pytest.raises(InputError, match=message):
        scored(made)


@pytest.mark.parametrize("rows", [np.zeros((0, 3)), {}, np.float64(1.0), {"a": np.ones((2, 3)), "b": np.ones((3, 3))}])
def test_rows_that_are_none_or_do_not_agree_are_refused(rows):
    with pytest.raises(InputError, match="row"):
        scored(lambda z: z, rows)


def test_arrays_tensors_lists_and_one_row_give_the_same():
    torch.manual_seed(0)
    net = wrap(torch.nn.Linear(3, 2))
    whole = net.scores(ROWS)
    assert np.array_equal(net.scores(torch.as_tensor(ROWS)), whole)
    assert np.array_equal(net.scores(ROWS.tolist()), whole)
    assert np.allclose(net.scores(ROWS[2:3]), whole[2:3], atol=1e-7)


def test_modes_are_restored_and_no_gradient_is_kept():
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Dropout(0.5))
    model[2].eval()
    net = wrap(model)
    before = model[1].running_mean.clone()
    assert np.array_equal(net.scores(ROWS), net.scores(ROWS))
    assert [part.training for part in model] == [True, True, False]
    assert torch.equal(model[1].running_mean, before)
    assert model[0].weight.grad is None


def test_modes_are_restored_after_a_failure():
    model = torch.nn.Linear(3, 2)
    with pytest.raises(InputError, match="Linear does not take these rows: mat1 and mat2"):
        wrap(model).scores(np.ones((2, 7)))
    assert model.training


def test_shared_parameters_count_once_and_frozen_ones_not():
    model = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Linear(3, 3))
    model[1].weight = model[0].weight
    model[1].bias.requires_grad_(False)
    assert wrap(model).shapes() == {"0.weight": (3, 3), "0.bias": (3,)}


def test_half_precision_is_upcast():
    model = torch.nn.Linear(3, 2).to(torch.bfloat16)
    scores = wrap(model).scores(ROWS)
    assert scores.dtype == np.float64
    assert np.array_equal(scores, scores.astype(np.float32))


def test_whole_numbers_are_ids_for_an_embedding_and_values_otherwise():
    assert wrap(torch.nn.Embedding(4, 2)).scores(np.array([0, 3], dtype=np.uint8)).shape == (2, 2)
    assert wrap(torch.nn.Linear(3, 2)).scores(np.ones((2, 3), dtype=np.uint8)).shape == (2, 2)


def test_batches_by_name_go_to_models_of_transformers():
    net = wrap(tiny("gpt2"))
    ids = np.array([[5, 6, 7], [8, 9, 10]])
    assert np.allclose(net.scores({"input_ids": ids, "attention_mask": np.ones_like(ids)}), net.scores(ids), atol=1e-6)


def test_parameters_without_values_or_on_two_devices_are_refused():
    with pytest.raises(InputError, match="parameter weight has no values"):
        wrap(torch.nn.Linear(2, 2, device="meta"))
    model = torch.nn.Linear(2, 2)
    model.named_parameters = lambda *_: [
        ("a", SimpleNamespace(device="cpu")),
        ("b.c", SimpleNamespace(device="cuda:1")),
    ]
    with pytest.raises(InputError, match=r"one device, got a on cpu, b.c on cuda:1"):
        wrap(model)


def test_a_network_is_wrapped_once():
    net = wrap(torch.nn.Linear(2, 2))
    assert wrap(net) is net


def test_a_module_with_a_loss_is_no_network():
    with pytest.raises(InputError, match="a network must be a torch module"):
        wrap((torch.nn.Linear(2, 2), lambda: 0))
