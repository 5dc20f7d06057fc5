"""Everything that needs no framework, on an objective whose matrix is given."""

import signal
from pathlib import Path

import numpy as np
import optax
import pytest
from numpy.testing import assert_allclose
from scipy.sparse.linalg import eigsh
from scipy.stats import binom

from fathometer.evidence import InputError, Kind
from fathometer.network import Curvature, Mode
from fathometer.network._network import blocks_of
from fathometer.network._objective import Matrix
from fathometer.network.curvature._preconditioner import preconditioner
from fathometer.numerics import SearchEnd


class Quadratic:
    """w'Aw/2 with A symmetric, in two blocks."""

    def __init__(self, A, dtype=np.float64, split=3):
        self.A, self.dtype, self.rows, self.evaluations = np.asarray(A, dtype), np.dtype(dtype), 1, 0
        self.blocks = blocks_of({"first": (split,), "second": (len(A) - split,)})
        self.size, self.calls = len(A), 0

    def parameters(self):
        return np.ones(self.size, self.dtype)

    def loss(self, step=None):
        w = self.parameters() + (0 if step is None else step)
        return float(w @ self.A @ w / 2)

    def gradient(self):
        return self.A @ self.parameters()

    def product(self, vector, matrix=Matrix.HESSIAN):
        self.calls += 1
        return self.A @ vector


def spectrum(values, seed=0, **options):
    basis = np.linalg.qr(np.random.default_rng(seed).standard_normal((len(values),) * 2))[0]
    return Quadratic((basis * values) @ basis.T, **options)


VALUES = np.concatenate([np.linspace(-1, 1, 197), [2.0, 5.0, 9.0]])


@pytest.mark.parametrize("memory", ["8GiB", 4 * 200 * 10])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_both_ends_are_enclosed_in_either_precision_and_mode(dtype, memory):
    H = Curvature(spectrum(VALUES, dtype=dtype))
    ends = H.extremes(1e-2, memory=memory)
    assert ends.converged
    assert ends.largest.lower <= 9 <= ends.largest.upper
    assert ends.smallest.lower <= -1 <= ends.smallest.upper
    assert H.products == ends.products <= H.plan(1e-2, memory=memory).products


def test_one_end_alone_takes_fewer_products():
    H = Curvature(spectrum(VALUES))
    one, both = H.extremes(1e-3, ends="largest"), H.extremes(1e-3)
    assert one.converged
    assert one.products < both.products
    assert one.largest.lower <= 9 <= one.largest.upper
    assert one.smallest.lower <= -1 <= one.smallest.upper


def test_what_the_loss_does_not_use_is_part_of_the_spectrum():
    """ARPACK starts in the range of the operator and reports 1 as converged."""
    H = Curvature(Quadratic(np.diag(np.concatenate([np.zeros(150), np.linspace(1, 2, 150)]))))
    ends = H.extremes(1e-3)
    assert ends.smallest.lower <= 0 <= ends.smallest.upper
    assert_allclose(ends.smallest.value, 0, atol=1e-3)
    start = H(np.random.default_rng(0).standard_normal(300))
    assert eigsh(H.to_scipy(), 1, which="SA", v0=start, return_eigenvectors=False)[0] > 0.5
    first = H.blocks()["first"].extremes()
    assert first.largest.value == first.smallest.value == 0


def test_plans_hold_for_every_spectrum_of_theirs():
    worst = np.cos(np.linspace(0, np.pi, 300))
    for memory, mode in (("1GiB", Mode.KRYLOV), (8 * 300 * 12, Mode.THREE_VECTORS)):
        H = Curvature(Quadratic(np.diag(worst)))
        plan = H.plan(0.05, memory=memory)
        ends = H.extremes(0.05, memory=memory)
        assert plan.mode is mode
        assert ends.converged
        assert ends.products <= plan.products
        assert plan.bytes == plan.vectors * 8 * 300
    assert Curvature(spectrum(np.arange(20.0))).plan().mode is Mode.DENSE


def test_an_interrupted_search_says_what_it_has_and_goes_on_from_its_file(tmp_path):
    objective = spectrum(VALUES)
    product = objective.product

    def interrupting(vector, matrix=Matrix.HESSIAN):
        if objective.calls == 12:
            signal.raise_signal(signal.SIGINT)
        return product(vector, matrix)

    objective.product = interrupting
    kept = tmp_path / "products"
    stopped = Curvature(objective).extremes(1e-4, resume=kept)
    assert stopped.ended is SearchEnd.INTERRUPTED
    assert not stopped.converged
    assert stopped.largest.lower <= 9 <= stopped.largest.upper
    objective.product, objective.calls = product, 0
    ends = Curvature(objective).extremes(1e-4, resume=kept)
    assert ends.converged
    assert objective.calls == ends.products - stopped.products
    assert ends == Curvature(objective).extremes(1e-4)
    other = spectrum(VALUES, seed=1)
    assert Curvature(other).extremes(1e-4, resume=kept).converged
    assert other.calls == ends.products


def test_a_search_on_three_vectors_is_interrupted_too():
    objective = spectrum(VALUES)
    product = objective.product

    def interrupting(vector, matrix=Matrix.HESSIAN):
        if objective.calls == 60:
            signal.raise_signal(signal.SIGINT)
        return product(vector, matrix)

    objective.product = interrupting
    stopped = Curvature(objective).extremes(1e-6, memory=8 * 200 * 4)
    assert (stopped.ended, stopped.converged) == (SearchEnd.INTERRUPTED, False)
    assert 61 <= stopped.products <= 63
    assert stopped.largest.lower <= 9 <= stopped.largest.upper
    assert stopped.smallest.lower <= -1 <= stopped.smallest.upper


def test_progress_is_said():
    said = []
    Curvature(spectrum(VALUES)).extremes(say=said.append)
    assert said == []  # none before ten seconds


@pytest.mark.parametrize("products", [30, 250])
def test_the_trace_is_in_its_interval(products):
    H = Curvature(spectrum(VALUES))
    estimate = H.trace(products)
    assert estimate.lower - 1e-9 <= VALUES.sum() <= estimate.upper + 1e-9
    assert estimate.kind is (Kind.SAMPLED if products < 200 else Kind.EXACT)
    few = H.trace(30, memory=24 * 200)
    assert few.lower <= VALUES.sum() <= few.upper


@pytest.mark.parametrize(
    "values",
    [
        VALUES,
        np.append(np.zeros(199), 1.0),
        np.concatenate([0.01 * VALUES[:195], [5, 4, 3, 9, 7]]),
        2.0 ** -np.arange(200),
    ],
    ids=["bulk", "one", "few", "decaying"],
)  # fmt: skip
@pytest.mark.parametrize("products", [6, 12, 18])
def test_the_interval_of_the_trace_covers_at_least_as_often_as_it_says(values, products):
    """Also where a few eigenvalues are all there is, and where nothing but rounding is left to be sampled."""
    H, runs = Curvature(spectrum(values)), 100
    held = [(t := H.trace(products, seed=k, confidence=0.8)).lower <= values.sum() <= t.upper for k in range(runs)]
    assert sum(held) >= binom.ppf(1e-3, runs, 0.8)


def test_the_interval_of_the_density_covers_at_least_as_often_as_it_says():
    """At the largest of a few single eigenvalues, which the share of each random vector alone decides."""
    values, held = np.append(np.zeros(99), 5.0), 0
    H = Curvature(spectrum(values))
    for seed in range(150):
        at = H.density(draws=8, steps=4, points=3, width=0.5, seed=100 * seed)
        exact = np.exp(-(((at.eigenvalues[:, None] - values) / 0.5) ** 2) / 2).mean(axis=1) / (0.5 * np.sqrt(2 * np.pi))
        top = np.argmin(np.abs(at.eigenvalues - 5))
        held += at.density.lower[top] - 1e-12 <= exact[top] <= at.density.upper[top] + 1e-12
    assert held >= binom.ppf(1e-3, 150, 0.95)


def test_the_density_is_that_of_the_eigenvalues_smoothed():
    density = Curvature(spectrum(VALUES)).density(draws=12, steps=60, width=0.3)
    grid = density.eigenvalues
    exact = np.exp(-(((grid[:, None] - VALUES) / 0.3) ** 2) / 2).mean(axis=1) / (0.3 * np.sqrt(2 * np.pi))
    inside = (density.density.lower <= exact + 1e-6) & (exact - 1e-6 <= density.density.upper)
    assert np.mean(inside) > 0.85
    assert_allclose(np.trapezoid(density.density.value, grid), 1, rtol=1e-3)
    share = density.share_below(1.5)
    assert share.lower <= 197 / 200 <= share.upper
    assert density.products == 12 * 60


def test_the_rmsprop_of_optax_has_its_eps_within_the_root():
    """So an array without gradients is divided by sqrt(eps), not by eps."""
    state = optax.scale_by_rms(eps=1e-4).init({"first": np.ones(3), "second": np.ones(197)})
    assert_allclose(preconditioner(spectrum(VALUES), (state, optax.EmptyState()), eps=1e-4), 1e-2)
    centred = optax.scale_by_stddev().init({"first": np.ones(3), "second": np.ones(197)})
    with pytest.raises(InputError, match="needs an optimiser with second moments"):
        preconditioner(spectrum(VALUES), (centred, optax.EmptyState()))


def test_preconditioned_by_a_diagonal():
    objective, diagonal = spectrum(VALUES), np.random.default_rng(0).uniform(0.5, 3, 200)
    H = Curvature(objective).preconditioned(diagonal)
    exact = np.linalg.eigvalsh(objective.A / np.sqrt(np.outer(diagonal, diagonal)))
    ends = H.extremes(1e-4)
    assert_allclose([ends.smallest.value, ends.largest.value], exact[[0, -1]], rtol=1e-4)
    twice = H.preconditioned(diagonal).extremes(1e-4)
    assert_allclose(twice.largest.value, np.linalg.eigvalsh(objective.A / np.outer(diagonal, diagonal))[-1], rtol=1e-4)
    block = H.blocks()["second"].extremes(1e-4)
    assert_allclose(
        block.largest.value,
        np.linalg.eigvalsh((objective.A / np.sqrt(np.outer(diagonal, diagonal)))[3:, 3:])[-1],
        rtol=1e-4,
    )
    for bad, message in (
        (diagonal[:3], "200 positive numbers"),
        (-diagonal, "200 positive"),
        (object(), "second moments"),
    ):
        with pytest.raises(InputError, match=message):
            Curvature(objective).preconditioned(bad)


def test_bad_input_is_one_line(tmp_path):
    H = Curvature(spectrum(VALUES))
    with pytest.raises(InputError, match="matrix must be one of"):
        Curvature(H.objective, "hesse")
    with pytest.raises(InputError, match="rtol must be > 0 and < 1"):
        H.plan(2)
    with pytest.raises(InputError, match="memory must be a positive number with a unit"):
        H.extremes(memory="much")
    with pytest.raises(InputError, match="must be a file"):
        H.extremes(resume=tmp_path)
    with pytest.raises(InputError, match="products must be >= 6"):
        H.trace(2)
    assert not Path("much").exists()


def random_spectrum(rng, size):
    """With zeros, with gaps, with many alike, of any sign."""
    kind, bulk = rng.integers(4), rng.standard_normal(size)
    spikes = np.concatenate([0.01 * bulk[:-3], rng.exponential(size=3)])
    return (bulk, np.where(rng.random(size) < 0.5, 0, bulk), spikes, np.sign(bulk) * 10 ** rng.uniform(-6, 0, size))[
        kind
    ]


def missed(runs, size, seed=0):
    rng, count = np.random.default_rng(seed), 0
    for _ in range(runs):
        values = random_spectrum(rng, size)
        objective = Quadratic(np.zeros((size, size)))
        objective.product = lambda v, matrix=None, values=values: values * v
        memory = "1GiB" if rng.random() < 0.5 else 8 * size * 5
        ends = Curvature(objective).extremes(0.05, memory=memory, products=60, seed=int(rng.integers(2**31)))
        count += not ends.largest.lower <= values.max() <= ends.largest.upper
        count += not ends.smallest.lower <= values.min() <= ends.smallest.upper
    return count


def test_no_random_spectrum_is_missed():
    assert missed(60, 80) == 0


@pytest.mark.slow
def test_ten_thousand_random_spectra_and_no_miss():
    """Each may be missed with probability 1e-6."""
    assert missed(10_000, 80) == 0
