"""What the curvature of networks costs: one JSON line per case, ratios within the same run.

python benchmarks/network.py [sharpness] [product] [memory] [--small]

Needs the extra torch, the files of `fathometer network fetch .models`, and of others
    pip install --no-deps --target PEERS curvlinops-for-pytorch hessian-eigenthings einops einconv \
        backpack-for-pytorch unfoldNd linear_operator opt-einsum tqdm
with PEERS on PYTHONPATH; a case without them is left out and says so. With --small, cases are cut short to see that
they run: their numbers mean nothing.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.sparse.linalg import LinearOperator, eigsh
from torch import nn
from torch.nn import functional as F  # noqa: N812

from fathometer import network
from fathometer.data import load_idx
from fathometer.network.curvature._plan import planned

MODELS = Path(__file__).parents[1] / ".models"
SMALL = "--small" in sys.argv
ACCURACY = 1e-2
Line = dict[str, Any]


class Convolutional(nn.Module):
    """conv10-conv20-fc50-fc10, as in the MNIST example of torch."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 10, 5), nn.Conv2d(10, 20, 5)
        self.fc1, self.fc2 = nn.Linear(320, 50), nn.Linear(50, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logarithms of the probabilities of digits."""
        hidden = F.relu(F.max_pool2d(self.conv1(images), 2))
        hidden = F.relu(F.max_pool2d(self.conv2(hidden), 2)).flatten(1)
        return F.log_softmax(self.fc2(F.relu(self.fc1(hidden))), dim=1)


def digits() -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    """A trained network and the first 2000 training images."""
    model = Convolutional()
    model.load_state_dict(torch.load(MODELS / "cnn" / "mnist_model.pth", weights_only=True))
    rows = 100 if SMALL else 2000
    images = load_idx(MODELS / "mnist" / "train-images-idx3-ubyte")[:rows].reshape(-1, 1, 28, 28)
    labels = load_idx(MODELS / "mnist" / "train-labels-idx1-ubyte")[:rows]
    scaled = torch.tensor((images / 255 - 0.1307) / 0.3081, dtype=torch.float32)
    return model.eval(), scaled, torch.tensor(labels.astype(np.int64))


def loss(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean negative log-likelihood."""
    return F.nll_loss(model(images), labels)


class Counted:
    """A product that counts."""

    def __init__(self, product: Callable[[Any], Any]) -> None:
        self.product, self.count = product, 0

    def __call__(self, vector: Any) -> Any:
        """One more product."""
        self.count += 1
        return self.product(vector)


def sharpness() -> Iterator[Line]:
    """The largest eigenvalue at relative 1e-2: products, ours with floor and ceiling, theirs until they stop.

    Yields:
        One line for each way.
    """
    model, X, y = digits()
    H = network.curvature(model, loss, (X, y))
    for name, ends in (("floor and ceiling of the largest", "largest"), ("of both ends", "both")):
        found = H.extremes(ACCURACY, ends=ends)
        yield {"case": name, "products": found.products, "lower": found.largest.lower, "upper": found.largest.upper}
    yield from _arpack(model, X, y)
    yield from _eigenthings(model, X, y)


def _arpack(model: nn.Module, X: torch.Tensor, y: torch.Tensor) -> Iterator[Line]:
    try:
        from curvlinops import HessianLinearOperator
    except ImportError:
        yield {"case": "curvlinops + ARPACK", "left out": "curvlinops is not installed"}
        return
    parameters = [p for p in model.parameters() if p.requires_grad]
    theirs = HessianLinearOperator(
        model, nn.NLLLoss(), parameters, [(X[:1000], y[:1000]), (X[1000:], y[1000:])] if len(X) > 1000 else [(X, y)]
    )
    product = Counted(theirs.to_scipy().matvec)
    n = sum(p.numel() for p in parameters)
    operator = LinearOperator((n, n), matvec=product, dtype=np.float32)
    start = np.random.default_rng(0).standard_normal(n).astype(np.float32)
    value = eigsh(operator, 1, which="LA", tol=ACCURACY, v0=start, return_eigenvectors=False)[0]
    yield {"case": "curvlinops + ARPACK", "products": product.count, "value": float(value)}


def _eigenthings(model: nn.Module, X: torch.Tensor, y: torch.Tensor) -> Iterator[Line]:
    try:
        from hessian_eigenthings import HessianOperator, LambdaOperator, lanczos, power_iteration_one, supervised_loss
    except ImportError:
        yield {"case": "hessian-eigenthings", "left out": "hessian_eigenthings is not installed"}
        return
    theirs = HessianOperator(model, [(X, y)], supervised_loss(nn.NLLLoss()))
    product = Counted(theirs.matvec)
    operator = LambdaOperator(product, theirs.size)
    for tolerance in (ACCURACY, 1e-4):
        product.count = 0
        value, _, _, _, converged = power_iteration_one(operator, tol=tolerance, seed=0)
        name = f"hessian-eigenthings, power iteration to {tolerance:g}"
        yield {"case": name, "products": product.count, "value": value, "converged": converged}
    for steps in (5, 10, 15, 20):
        product.count = 0
        result = lanczos(operator, k=1, max_iter=steps, tol=ACCURACY, which="LA", seed=0)
        name = f"hessian-eigenthings, lanczos of {steps} steps"
        yield {"case": name, "products": product.count, "value": float(result.eigenvalues[0])}


def product() -> Iterator[Line]:
    """A product against torch's own double backward on the same rows.

    Yields:
        One line.
    """
    model, X, y = digits()
    H = network.curvature(model, loss, (X, y), chunk=len(X))
    vector = np.random.default_rng(0).standard_normal(H.size).astype(np.float32)
    parameters = list(model.parameters())
    sizes = [p.numel() for p in parameters]
    parts = [v.view(p.shape) for v, p in zip(torch.from_numpy(vector).split(sizes), parameters, strict=True)]

    def bare() -> None:
        slopes = torch.autograd.grad(loss(model, X, y), parameters, create_graph=True)
        torch.autograd.grad(slopes, parameters, parts)

    times: dict[str, list[float]] = {"ours": [], "bare": []}
    for _ in range(3 if SMALL else 12):
        for name, run in (("ours", lambda: H(vector)), ("bare", bare)):
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    ours, torchs = (min(taken) for taken in times.values())
    yield {"case": "product", "ratio_to_double_backward": round(ours / torchs, 3)}


class Transformer(nn.Module):
    """Causal, with tied embeddings: 50.4 million parameters."""

    def __init__(self, vocabulary: int, width: int, depth: int, length: int = 32) -> None:
        super().__init__()
        self.tokens, self.places = nn.Embedding(vocabulary, width), nn.Embedding(length, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(depth))
        self.norm = nn.LayerNorm(width)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Scores of the next token."""
        hidden = self.tokens(ids) + self.places.weight[: ids.shape[1]]
        for block in self.blocks:
            hidden = block(hidden)
        return self.norm(hidden) @ self.tokens.weight.T


class Block(nn.Module):
    """Attention and an MLP, each after a norm."""

    def __init__(self, width: int, heads: int = 8) -> None:
        super().__init__()
        self.heads, self.before, self.between = heads, nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """One residual step for each."""
        n, t, d = hidden.shape
        q, k, v = (
            part.view(n, t, self.heads, -1).transpose(1, 2) for part in self.qkv(self.before(hidden)).chunk(3, -1)
        )
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(n, t, d)
        hidden = hidden + self.out(mixed)
        return hidden + self.narrow(F.gelu(self.wide(self.between(hidden))))


def next_token(model: nn.Module, ids: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy of the next token."""
    return F.cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())


def memory() -> Iterator[Line]:
    """Peak memory in vectors of float32 beside the model and the data, on three vectors; and the plan for 1e9.

    Yields:
        A line for the network, measured in a process of its own, and one for each plan.

    Raises:
        SystemExit: if that process fails.
    """
    command = [sys.executable, __file__, "--transformer", *(["--small"] if SMALL else [])]
    # glibc keeps freed arrays of up to 32 MB for itself unless this is fixed
    done = subprocess.run(command, capture_output=True, env=os.environ | {"MALLOC_MMAP_THRESHOLD_": "100000"})
    if done.returncode:
        raise SystemExit(done.stderr.decode())
    yield json.loads(done.stdout.decode().strip().splitlines()[-1])
    for size in (10**8, 10**9):
        mode, vectors, used, products = planned(size, 4, True, ACCURACY, 1e-6, 2 * 4 * size)
        yield {
            "case": f"plan for {size:g} parameters",
            "mode": str(mode),
            "vectors": vectors,
            "bytes": used,
            "products": products,
        }


def _transformer() -> Line:
    torch.manual_seed(0)
    model = Transformer(1000, 64, 2) if SMALL else Transformer(16_000, 640, 8)
    ids = torch.randint(0, 1000, (2, 17))
    size = sum(p.numel() for p in model.parameters())
    parameters = list(model.parameters())
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        torch.autograd.grad(next_token(model, ids), parameters[-2:], create_graph=True)  # what torch keeps for itself
    before = _peak()
    H = network.curvature(model, next_token, [(ids,)])
    found = H.extremes(0.3, memory=1, products=24)
    vectors = (_peak() - before) / (4 * size)
    return {
        "case": "transformer",
        "parameters": size,
        "products": found.products,
        "vectors_at_peak": round(vectors, 2),
        "largest": [found.largest.lower, found.largest.upper],
        "notes": list(H.objective.notes),
    }


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0


def main() -> None:
    """Print the lines of the cases that are named, or of all."""
    if "--transformer" in sys.argv:
        print(json.dumps(_transformer()))
        return
    cases = {"sharpness": sharpness, "product": product, "memory": memory}
    named = [name for name in cases if name in sys.argv] or list(cases)
    for name in named:
        for line in cases[name]():
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
