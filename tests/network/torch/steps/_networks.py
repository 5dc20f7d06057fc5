"""A small classifier with everything that a look could disturb."""

import numpy as np
import torch


def data(rows: int = 120) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of ten features in three classes."""
    x = torch.from_numpy(np.random.default_rng(0).standard_normal((rows, 10)).astype("f4"))
    return x, torch.argmax(x[:, :3], dim=1)


def loss(model, x, y) -> torch.Tensor:
    """Mean cross-entropy."""
    return torch.nn.functional.cross_entropy(model(x), y)


def classifier(seed: int = 0, noisy: bool = False) -> torch.nn.Sequential:
    """Two layers; with dropout and batch normalisation if it is to be noisy."""
    torch.manual_seed(seed)
    middle = [torch.nn.BatchNorm1d(16), torch.nn.Dropout(0.3)] if noisy else []
    return torch.nn.Sequential(torch.nn.Linear(10, 16), torch.nn.Tanh(), *middle, torch.nn.Linear(16, 3))


def same(a: torch.nn.Module, b: torch.nn.Module) -> bool:
    """Whether all parameters and buffers are alike, bit for bit."""
    first, second = a.state_dict(), b.state_dict()
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)
