"""Forward passes of a critical step, beside doubling and bisection to the same width: one JSON line per case.

python benchmarks/network_steps.py [.models]

The public network of `fathometer network fetch .models` is measured if its folder is given. Bar: a bracket of 1 % in at
most 12 passes, that of the loss itself included. Doubling, or halving, begins where ours does, bisection goes on to the
width that is asked for; the pass of the loss itself counts too. `earlier` counts steps below the bracket, of 100 from
1/100 of it, at which the loss is above: crossings that were jumped over.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn

from fathometer.data import load_idx
from fathometer.network import critical_step, objective, wrap
from fathometer.network.steps import direction_of

Case = tuple[str, nn.Module, Callable, tuple]
BAR = 12


def loss(model: nn.Module, rows: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy."""
    return nn.functional.cross_entropy(model(rows), labels)


class Convolutional(nn.Module):
    """conv10-conv20-fc50-fc10, whose trained weights are public."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 10, 5), nn.Conv2d(10, 20, 5)
        self.fc1, self.fc2 = nn.Linear(320, 50), nn.Linear(50, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logarithms of probabilities."""
        f = nn.functional
        hidden = f.relu(f.max_pool2d(self.conv1(images), 2))
        hidden = f.relu(f.max_pool2d(self.conv2(hidden), 2)).flatten(1)
        return f.log_softmax(self.fc2(f.relu(self.fc1(hidden))), dim=1)


def small() -> Iterator[Case]:
    """Networks on random rows, at the start and after some training.

    Yields:
        Each.
    """
    x = torch.from_numpy(np.random.default_rng(0).standard_normal((256, 20)).astype("f4"))
    y = torch.argmax(x[:, :5], dim=1)
    for name, kind in (("tanh", nn.Tanh), ("relu", nn.ReLU), ("gelu", nn.GELU)):
        for steps in (0, 20, 200):
            torch.manual_seed(0)
            model = nn.Sequential(nn.Linear(20, 64), kind(), nn.Linear(64, 64), kind(), nn.Linear(64, 5))
            optimizer = torch.optim.SGD(model.parameters(), 0.2, momentum=0.9)
            for _ in range(steps):
                optimizer.zero_grad()
                loss(model, x, y).backward()
                optimizer.step()
            yield f"{name}, {steps} steps", model.eval(), loss, (x, y)


def public(folder: Path) -> Iterator[Case]:
    """The network for handwritten digits on its first 2000 training images.

    Yields:
        That one.
    """
    model = Convolutional()
    model.load_state_dict(torch.load(folder / "cnn" / "mnist_model.pth", weights_only=True))
    images = load_idx(folder / "mnist" / "train-images-idx3-ubyte")[:2000].reshape(-1, 1, 28, 28)
    labels = load_idx(folder / "mnist" / "train-labels-idx1-ubyte")[:2000]
    yield "public CNN", model.eval(), loss, ((images / 255 - 0.1307) / 0.3081, labels)


class Line:
    """The loss along a direction, above where it is or not, counted."""

    def __init__(self, model: nn.Module, loss: Callable, data: tuple, given: object) -> None:
        self._of = objective(model, loss, data)
        self._vector = direction_of(given, wrap(model), self._of).vector
        self._here, self.passes = self._of.loss(), 1

    def above(self, step: float) -> bool:
        """Whether the loss is above after a step."""
        self.passes += 1
        return not self._of.loss((-step * self._vector).astype(self._of.dtype)) <= self._here

    def bisected(self, start: float, width: float) -> int:
        """Passes of doubling or halving from a start, and bisection to a width relative to the lower end."""
        self.passes = 1
        low, high = start, start
        if self.above(start):
            while self.above(low := low / 2):
                high = low
        else:
            while not self.above(high := high * 2):
                low = high
        while high - low > width * low:
            middle = (low + high) / 2
            low, high = (low, middle) if self.above(middle) else (middle, high)
        return self.passes

    def earlier(self, lower: float) -> int:
        """Steps below a lower end at which the loss is above."""
        return sum(self.above(step) for step in np.geomspace(lower / 100, lower, 100, endpoint=False))


def main() -> None:
    """Print each case."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    for name, model, of_rows, data in (*small(), *(public(folder) if folder else ())):
        for named in ("gradient", "adam", "optimiser of torch"):
            given = torch.optim.AdamW(model.parameters(), 1e-3) if named == "optimiser of torch" else named
            found = critical_step(model, of_rows, data, given)
            along, step, start = Line(model, of_rows, data, given), found.step, float(found.tried[0, 0])
            line = {
                "case": f"{name}, {named}",
                "critical_step": step.value,
                "width": step.upper / step.lower - 1,
                "passes": found.passes,
                "bisection_to_1_percent": along.bisected(start, 1e-2),
                "bisection_to_6.25_percent": along.bisected(start, 6.25e-2),
                "earlier": along.earlier(step.lower),
                "within_bar": bool(found.passes <= BAR and step.upper <= 1.0101 * step.lower),
            }
            print(json.dumps(line))


if __name__ == "__main__":
    main()
