"""Against torch's own dense matrices, and against the same network in JAX."""

import copy

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.evidence import InputError
from fathometer.network import curvature, objective

torch = pytest.importorskip("torch")
nn = torch.nn
F = torch.nn.functional
hessian, jacobian = torch.autograd.functional.hessian, torch.autograd.functional.jacobian
RNG = np.random.default_rng(0)
X, y = RNG.standard_normal((24, 4)), RNG.integers(0, 3, 24)


def network(dtype=torch.float64):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)).to(dtype)


def cross_entropy(model, rows, labels):
    return F.cross_entropy(model(rows), labels)


def squared(model, rows, labels):
    return F.mse_loss(model(rows), F.one_hot(labels, 3).to(rows.dtype))


def dense(H):
    return np.stack([H(unit) for unit in np.eye(H.size)])


def torch_dense(model, loss, rows, labels):
    """The Hessian and the Jacobian of the outputs by torch.autograd.functional."""
    named = dict(model.named_parameters())
    flat = torch.cat([p.detach().ravel() for p in named.values()])

    def outputs(w):
        parts = dict(zip(named, torch.split(w, [p.numel() for p in named.values()]), strict=True))
        shaped = {name: part.view(named[name].shape) for name, part in parts.items()}
        return torch.func.functional_call(model, shaped, (torch.as_tensor(rows),))

    def value(w):
        return loss(lambda _: outputs(w), torch.as_tensor(rows), torch.as_tensor(labels))

    return hessian(value, flat).numpy(), jacobian(outputs, flat).reshape(-1, len(flat)).numpy()


@pytest.mark.parametrize("loss", [cross_entropy, squared])
def test_the_hessian_is_that_of_all_rows_whatever_the_batches(loss):
    model = network()
    exact, _ = torch_dense(model, loss, X, y)
    for data, chunk in (((X, y), 7), ([(X[:10], y[:10]), (X[10:], y[10:])], None), ((X, y), None)):
        assert_allclose(dense(curvature(model, loss, data, chunk=chunk)), exact, atol=1e-13)


def test_gauss_newton_and_fisher_by_their_formulas():
    model = network()
    _, J = torch_dense(model, cross_entropy, X, y)
    p = torch.softmax(model(torch.as_tensor(X)), 1).detach().numpy()
    S = np.zeros((24, 3, 24, 3))
    for row in range(24):
        S[row, :, row] = (np.diag(p[row]) - np.outer(p[row], p[row])) / 24
    exact = J.T @ S.reshape(72, 72) @ J
    for matrix in ("ggn", "fisher"):
        assert_allclose(dense(curvature(model, cross_entropy, (X, y), matrix=matrix, chunk=7)), exact, atol=1e-13)
    assert_allclose(dense(curvature(model, squared, (X, y), matrix="fisher")), J.T @ J * 2 / 72, atol=1e-13)

    def picked(model, rows, labels):
        return F.nll_loss(F.log_softmax(model(rows), 1), labels)

    log_model = nn.Sequential(model, nn.LogSoftmax(1))
    H = curvature(log_model, lambda m, r, t: F.nll_loss(m(r), t), (X, y), matrix="fisher")
    assert_allclose(dense(H), exact, atol=1e-13)
    assert_allclose(dense(curvature(model, picked, (X, y), matrix="ggn")), exact, atol=1e-13)

    def binary(model, rows, labels):
        return F.binary_cross_entropy_with_logits(model(rows)[:, 0], (labels > 0).to(rows.dtype))

    first = nn.Sequential(model, _First())
    S = np.diag((q := torch.sigmoid(first(torch.as_tensor(X))).detach().numpy().ravel()) * (1 - q) / 24)
    rows = J.reshape(24, 3, -1)[:, 0]
    assert_allclose(dense(curvature(first, binary, (X, y), matrix="fisher")), rows.T @ S @ rows, atol=1e-13)


class _First(nn.Module):
    def forward(self, scores):
        return scores[:, :1]


def test_torch_and_jax_agree():
    model = network()
    parameters = {name: jnp.asarray(p.detach().numpy()) for name, p in model.named_parameters()}

    def same(p, rows):
        hidden = jnp.tanh(rows @ p["0.weight"].T + p["0.bias"][None])
        return hidden @ p["2.weight"].T + p["2.bias"][None]

    def loss(model, rows, labels):
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(model(rows)), labels[:, None], 1))

    ours, other = objective(model, cross_entropy, (X, y)), objective((same, parameters), loss, (X, y))
    assert [block.name for block in other.blocks] == ["0.bias", "0.weight", "2.bias", "2.weight"]
    order = np.concatenate([np.arange(20, 25), np.arange(20), np.arange(40, 43), np.arange(25, 40)])
    vector = RNG.standard_normal(43)
    for matrix in ("hessian", "ggn", "fisher"):
        assert_allclose(other.product(vector[order], matrix), ours.product(vector, matrix)[order], rtol=1e-10)
    assert_allclose(other.loss(0.1 * vector[order]), ours.loss(0.1 * vector), rtol=1e-12)
    assert_allclose(other.gradient(), ours.gradient()[order], rtol=1e-10)


def test_nothing_of_the_network_changes():
    model = network()
    before = copy.deepcopy(model.state_dict())
    of = objective(model, cross_entropy, (X, y))
    of.loss(np.ones(of.size)), of.gradient(), of.product(np.ones(of.size), "ggn")
    assert not np.isfinite(of.loss(1.7e308 * (-1.0) ** np.arange(of.size)))
    for name, p in model.named_parameters():
        assert torch.equal(p, before[name])
        assert p.grad is None
        assert p.requires_grad
    assert of.evaluations == 2


def test_frozen_and_shared_parameters():
    model = network()
    model[0].weight.requires_grad_(False)
    of = objective(model, cross_entropy, (X, y))
    assert [block.name for block in of.blocks] == ["0.bias", "2.weight", "2.bias"]
    exact, _ = torch_dense(network(), cross_entropy, X, y)
    assert_allclose(dense(curvature(model, cross_entropy, (X, y))), exact[20:, 20:], atol=1e-13)

    tied = nn.Sequential(nn.Linear(4, 4, bias=False), nn.Tanh(), nn.Linear(4, 4, bias=False)).double()
    tied[2].weight = tied[0].weight
    H = curvature(tied, lambda m, rows: (m(rows) ** 2).mean(), X)
    at, rows = tied[0].weight.detach().ravel(), torch.as_tensor(X)
    exact = hessian(lambda w: ((torch.tanh(rows @ w.view(4, 4).T) @ w.view(4, 4).T) ** 2).mean(), at)
    assert_allclose(dense(H), exact, atol=1e-13)
    assert H.size == 16


def test_blocks_and_parts_by_name():
    model = network()
    exact, _ = torch_dense(model, cross_entropy, X, y)
    blocks = curvature(model, cross_entropy, (X, y)).blocks()
    assert list(blocks) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    for name, part in (("0.weight", slice(20)), ("2.bias", slice(40, 43))):
        assert_allclose(dense(blocks[name]), exact[part, part], atol=1e-13)
    assert_allclose(
        dense(curvature(model, cross_entropy, (X, y), "*.bias,2.*"))[:5, :5], exact[20:25, 20:25], atol=1e-13
    )
    with pytest.raises(InputError, match="parameters 'x' must name some of"):
        curvature(model, cross_entropy, (X, y), "x")


@pytest.mark.parametrize("kind", ["Adam", "AdamW", "RMSprop", "Adagrad"])
def test_preconditioned_by_an_optimiser(kind):
    model = network()
    settings = {"betas": (0.9, 0.99)} if "Adam" in kind else {}
    optimiser = getattr(torch.optim, kind)(model.parameters(), lr=1e-3, eps=1e-3, **settings)
    with pytest.raises(InputError, match="no second moment for 0") if kind != "Adagrad" else _nothing():
        curvature(model, cross_entropy, (X, y)).preconditioned(optimiser)
    for _ in range(3):
        optimiser.zero_grad()
        cross_entropy(model, torch.as_tensor(X), torch.as_tensor(y)).backward()
        optimiser.step()
    exact, _ = torch_dense(model, cross_entropy, X, y)
    state = [optimiser.state[p] for p in model.parameters()]
    name = {"RMSprop": "square_avg", "Adagrad": "sum"}.get(kind, "exp_avg_sq")
    share = 1 - 0.99**3 if "Adam" in kind else 1
    diagonal = np.concatenate([np.sqrt(s[name].numpy().ravel() / share) + 1e-3 for s in state])
    ends = curvature(model, cross_entropy, (X, y)).preconditioned(optimiser).extremes()
    values = np.linalg.eigvalsh(exact / np.sqrt(np.outer(diagonal, diagonal)))
    assert_allclose([ends.smallest.value, ends.largest.value], values[[0, -1]], rtol=1e-10)


def test_adadelta_divides_by_something_else():
    model = network()
    optimiser = torch.optim.Adadelta(model.parameters())
    cross_entropy(model, torch.as_tensor(X), torch.as_tensor(y)).backward()
    optimiser.step()
    with pytest.raises(InputError, match=r"no second moment for 0\.weight: it is of another kind"):
        curvature(model, cross_entropy, (X, y)).preconditioned(optimiser)


class _nothing:  # noqa: N801
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False


class Attention(nn.Module):
    """Fused attention, which has no second derivative on its fast path."""

    def __init__(self):
        super().__init__()
        self.qkv, self.out = nn.Linear(8, 24), nn.Linear(8, 3)

    def forward(self, rows):
        parts = self.qkv(rows).view(len(rows), -1, 2, 12).transpose(1, 2).split(4, dim=-1)
        return self.out(F.scaled_dot_product_attention(*parts).transpose(1, 2).reshape(len(rows), -1, 8).mean(1))


def test_fused_attention_is_replaced_and_that_is_said():
    model = Attention().double()
    rows, labels = RNG.standard_normal((6, 5, 8)), RNG.integers(0, 3, 6)
    of = objective(model, cross_entropy, (rows, labels))
    vector = RNG.standard_normal(of.size)
    image = of.product(vector)
    assert of.notes == ("Fused attention has no second derivatives: the plain form is used instead.",)
    eps = 1e-5
    parameters, slopes = list(model.parameters()), []
    for sign in (1, -1):
        moved, start = copy.deepcopy(model), 0
        with torch.no_grad():
            for p, q in zip(moved.parameters(), parameters, strict=True):
                p.copy_(q + sign * eps * torch.as_tensor(vector[start : start + p.numel()]).view_as(p))
                start += p.numel()
        slopes.append(objective(moved, cross_entropy, (rows, labels)).gradient())
    assert_allclose(image, (slopes[0] - slopes[1]) / (2 * eps), atol=1e-8)


def test_checkpoints_without_reentry_change_nothing():
    from torch.utils.checkpoint import checkpoint

    model = network()

    def saving(model, rows, labels):
        return F.cross_entropy(checkpoint(model, rows, use_reentrant=False), labels)

    assert_allclose(dense(curvature(model, saving, (X, y))), dense(curvature(model, cross_entropy, (X, y))), atol=1e-14)


class Rounding(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(4))

    def forward(self, rows):
        return torch.round(rows * self.scale)


class Once(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**2

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, g):
        return 2 * ctx.saved_tensors[0] * g


def mean_of(model, rows, labels):
    return model(rows).mean()


def half_way(model, rows, labels):
    with torch.autocast("cpu", torch.bfloat16):
        return F.cross_entropy(model(rows).to(rows.dtype), labels)


@pytest.mark.parametrize(
    ("model", "loss", "message"),
    [
        (lambda: nn.Sequential(nn.Dropout(), network()), cross_entropy, "dropout must be off, got 0 in training mode"),
        (
            lambda: nn.Sequential(nn.BatchNorm1d(4), network()),
            cross_entropy,
            "batch statistics must be off, got 0 in training mode",
        ),
        (network, lambda m, r, t: F.dropout(m(r)).square().mean(), "the same every time"),
        (network, lambda m, r, t: m(r).sum(), "mean over the rows given"),
        (network, lambda m, r, t: m(r).mean() * torch.nan, "finite here, got nan"),
        (network, lambda m, r, t: m(r), r"must be one number, the mean over the rows given; got \(24, 3\)"),
        (network, lambda m, r, t: m(r).argmax(1).double().mean(), "without a gradient"),
        (network, lambda m, r, t: m(r).mean().item(), "got float"),
        (Rounding, mean_of, "zero derivatives through round"),
        (network, lambda m, r, t: Once.apply(m(r)).mean(), "OnceBackward, which is once_differentiable"),
        (lambda: network().requires_grad_(False), cross_entropy, "all are frozen"),
        (lambda: network(torch.float32), half_way, "float32 or float64, got bfloat16 on the way: no autocast"),
        (lambda: network(torch.bfloat16), cross_entropy, "float32 or float64, got bfloat16"),
        (lambda: nn.Sequential(network()[0], network(torch.float32)[2]), cross_entropy, "must have one format"),
        (lambda: nn.Linear(3, 3).double(), cross_entropy, "the loss fails on these rows: RuntimeError: mat1"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_one_line(model, loss, message):
    with pytest.raises(InputError, match=message):
        objective(model(), loss, (X, y))


def test_matrices_of_outputs_need_outputs():
    model = nn.Sequential(network(), nn.LogSoftmax(1))
    with pytest.raises(InputError, match="linear in what the network returns"):
        curvature(model, lambda m, r, t: F.nll_loss(m(r), t), (X, y), matrix="ggn")(np.ones(43))
    with pytest.raises(InputError, match="calls the network once, got 2 calls"):
        curvature(network(), lambda m, r, t: (m(r) + m(r)).square().mean(), (X, y), matrix="ggn")(np.ones(43))
    with pytest.raises(InputError, match="fisher needs cross-entropy"):
        curvature(network(), lambda m, r, t: torch.log1p(m(r) ** 2).mean(), (X, y), matrix="fisher")(np.ones(43))


def test_a_loader_of_torch_and_one_that_shuffles():
    rows = torch.utils.data.TensorDataset(torch.as_tensor(X), torch.as_tensor(y))
    exact = dense(curvature(network(), cross_entropy, (X, y)))
    for shuffle in (False, True):
        H = curvature(network(), cross_entropy, torch.utils.data.DataLoader(rows, batch_size=7, shuffle=shuffle))
        assert_allclose(dense(H), exact, atol=1e-13)
        assert len(H.objective.notes) == shuffle


def test_dictionaries_and_outputs_that_are_no_tensors():
    model = network()

    class Answer(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = model

        def forward(self, ids):
            return {"logits": self.inner(ids), "other": None}

    def loss(m, batch):
        return F.cross_entropy(m(batch["ids"])["logits"], batch["labels"])

    for matrix in ("hessian", "ggn", "fisher"):
        H = curvature(Answer(), loss, {"ids": X, "labels": y}, matrix=matrix, chunk=7)
        assert_allclose(dense(H), dense(curvature(model, cross_entropy, (X, y), matrix=matrix)), atol=1e-13)


def test_single_precision_has_room_for_its_rounding():
    exact, _ = torch_dense(network(), cross_entropy, X, y)
    model = network(torch.float32)
    H = curvature(model, cross_entropy, (X, y), chunk=7)
    assert H(np.ones(43, np.float32)).dtype == np.float64
    ends = H.extremes()
    values = np.linalg.eigvalsh(exact)
    assert ends.largest.lower <= values[-1] <= ends.largest.upper
    assert ends.smallest.lower <= values[0] <= ends.smallest.upper


def test_plans_measure_a_product_and_what_a_chunk_keeps():
    plan = curvature(network(), cross_entropy, (X, y), chunk=6).plan()
    assert (plan.parameters, plan.rows, plan.mode) == (43, 24, "dense")
    assert plan.seconds > 0
    whole = curvature(network(), cross_entropy, (X, y)).plan()
    assert whole.chunk_bytes > plan.chunk_bytes > 6 * (5 + 3) * 8


def test_a_plan_names_the_chunk_that_fits():
    H = curvature(network(), cross_entropy, (X, y))
    whole = H.plan()
    assert whole.chunk == 24
    assert whole.smaller_chunk is None
    tight = H.plan(memory=whole.bytes + whole.chunk_bytes // 2)
    assert tight.smaller_chunk == 12
    assert curvature(network(), cross_entropy, (X, y), chunk=8).plan(memory=tight.memory).smaller_chunk is None
    assert H.plan(memory=1).smaller_chunk == 1


def test_batch_of_one_and_batch_norm_in_evaluation_mode():
    model = nn.Sequential(nn.BatchNorm1d(4), nn.Dropout(), network()).double().eval()
    H = curvature(model, cross_entropy, [(X[k : k + 1], y[k : k + 1]) for k in range(24)])
    assert_allclose(H(np.ones(H.size)), curvature(model, cross_entropy, (X, y))(np.ones(H.size)), atol=1e-13)
