"""What a network remembers outside its trainable arrays is paid for, or refused."""

import numpy as np
import pytest
import torch

from fathometer.evidence import InputError
from fathometer.network.adapters import wrap
from fathometer.network.adapters._elsewhere import numbers_elsewhere
from fathometer.network.adapters._parameters import arrays_of, moved
from fathometer.network.certificates import certify

SAW = np.arange(60)


class Memory(torch.nn.Module):
    """The nearest row that it has seen, kept frozen or in buffers."""

    def __init__(self, x, y, frozen):
        super().__init__()
        kept = {"seen": torch.tensor(x), "labels": torch.nn.functional.one_hot(torch.tensor(y), 2).float()}
        for name, value in kept.items():
            if frozen:
                setattr(self, name, torch.nn.Parameter(value, requires_grad=False))
            else:
                self.register_buffer(name, value)
        self.head = torch.nn.Parameter(torch.eye(2))

    def forward(self, x):
        return torch.softmax(-50 * torch.cdist(x, self.seen), 1) @ self.labels @ self.head


@pytest.fixture(scope="module")
def tosses():
    rng = np.random.default_rng(0)
    return rng.standard_normal((120, 4)).astype(np.float32), rng.integers(0, 2, 120)


@pytest.mark.parametrize("frozen", [True, False])
def test_a_memory_of_coin_tosses_has_no_short_code(tosses, frozen):
    x, y = tosses
    made = certify(Memory(x[SAW], y[SAW], frozen), x, y, saw=SAW, rows=("held_out", "code"))
    assert made.certificate.own_rows[0].value > 0.5


def test_a_prior_must_know_buffers_too(tosses):
    x, y = tosses
    with pytest.raises(InputError, match="lacks the array"):
        certify(Memory(x[SAW], y[SAW], False), x, y, saw=SAW, prior={"head": np.eye(2) / 2})


def test_running_averages_are_moved_and_come_back():
    net = wrap(torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2)))
    assert "1.running_mean" in arrays_of(net)
    with moved(net, {"1.running_mean": np.ones(2)}):
        assert arrays_of(net)["1.running_mean"].tolist() == [1, 1]
    assert arrays_of(net)["1.running_mean"].tolist() == [0, 0]
    assert numbers_elsewhere(net) == ""


def test_whole_numbers_of_a_checkpoint_are_named():
    model = torch.nn.Linear(2, 2)
    model.register_buffer("table", torch.arange(9).flip(0))
    model.register_buffer("positions", torch.arange(9))
    assert numbers_elsewhere(wrap(model)) == "table"


def test_a_causal_mask_says_nothing_and_other_bits_do():
    model = torch.nn.Linear(2, 2)
    past = torch.ones(5, 5, dtype=torch.bool).tril()
    model.register_buffer("past", past[None, None])
    model.register_buffer("future", ~past)
    assert numbers_elsewhere(wrap(model)) == ""
    model.register_buffer("labels", past[3])
    assert numbers_elsewhere(wrap(model)) == "labels"


def test_a_probability_is_no_score(tosses):
    x, y = tosses
    with pytest.raises(InputError, match="leave out the sigmoid"):
        certify(torch.nn.Sequential(torch.nn.Linear(4, 1), torch.nn.Sigmoid()), x, y, saw=SAW)
