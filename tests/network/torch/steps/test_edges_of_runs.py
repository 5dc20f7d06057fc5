"""Optimisers of torch really run on both sides of the edge that a watch says, on a quadratic."""

import math

import pytest
import torch

from fathometer.network.steps import Watch

CURVATURES = torch.tensor([0.3, 1.0, 5.0], dtype=torch.float64)
SQUARES = torch.tensor([1.0, 0.5, 2.0], dtype=torch.float64)
STILL = 1 - 1e-12
STEPS = 10**9
ROWS = (torch.zeros(2, 1, dtype=torch.float64),)


class Point(torch.nn.Module):
    """Near its minimum, where second moments stay as they are."""

    def __init__(self):
        super().__init__()
        self.w = torch.nn.Parameter(torch.full((3,), 1e-9, dtype=torch.float64))

    def forward(self, rows):
        mixed = self.w + 0.3 * self.w.roll(1)
        return (CURVATURES * mixed**2).sum() / 2 + 0 * rows.mean()


def loss(model, rows):
    return model(rows)


def begun(make, rate):
    """A network and an optimiser in the middle of a long training."""
    model = Point()
    optimizer = make([model.w], rate)
    group = optimizer.param_groups[0]
    if "betas" in group:
        moments = {"exp_avg": torch.zeros_like(SQUARES), "exp_avg_sq": SQUARES * (1 - STILL**STEPS)}
    else:
        moments = {"square_avg": SQUARES.clone(), "momentum_buffer": torch.zeros_like(SQUARES)}
    if not isinstance(optimizer, torch.optim.SGD):
        optimizer.state[model.w] = {"step": torch.tensor(float(STEPS), dtype=torch.float64), **moments}
    return model, optimizer


def said(make, rate):
    """The ratio to the edge."""
    model, optimizer = begun(make, rate)
    loss(model, *ROWS).backward()
    watch = Watch(loss, ROWS, overhead=math.inf, critical=False)
    watch.step(model, optimizer)
    return watch.history.moments[0].edge.ratio.value


def edge(make):
    """The learning rate whose ratio is 1: decay makes the ratio linear in it, not proportional."""
    low, high = 1e-3, 1e2
    while high > low * (1 + 1e-9):
        middle = math.sqrt(low * high)
        low, high = (low, middle) if said(make, middle) > 1 else (middle, high)
    return low


def grows(make, rate):
    """Whether the distance from the minimum grows in the end."""
    model, optimizer = begun(make, rate)
    norms: list[float] = []
    while len(norms) < 1500 and not (norms and not 1e-13 < norms[-1] < 1e-6):
        optimizer.zero_grad()
        loss(model, *ROWS).backward()
        optimizer.step()
        norms.append(float(model.w.detach().norm()))
    last = norms[-len(norms) // 4 :]
    return max(last[len(last) // 2 :]) > max(last[: len(last) // 2])


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [
        lambda p, rate: torch.optim.SGD(p, rate, weight_decay=0.5),
        lambda p, rate: torch.optim.SGD(p, rate, momentum=0.9, dampening=0.5, weight_decay=0.7),
        lambda p, rate: torch.optim.SGD(p, rate, momentum=0.9, nesterov=True),
        lambda p, rate: torch.optim.Adam(p, rate, betas=(0.9, STILL), eps=0.3),
        lambda p, rate: torch.optim.Adam(p, rate, betas=(0.5, STILL), weight_decay=2.0),
        lambda p, rate: torch.optim.AdamW(p, rate, betas=(0.9, STILL), weight_decay=0.1),
        lambda p, rate: torch.optim.RMSprop(p, rate, alpha=STILL, momentum=0.5, weight_decay=2.0),
    ],
    ids=["descent", "heavy ball", "nesterov", "adam", "adam with decay", "adamw", "rmsprop with decay"],
)
def test_runs_shrink_below_the_edge_and_grow_above(make):
    at = edge(make)
    assert not grows(make, 0.98 * at)
    assert grows(make, 1.02 * at)
