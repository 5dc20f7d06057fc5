import tracemalloc

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import binom

from fathometer.evidence import InputError, Kind
from fathometer.numerics import (
    SearchEnd,
    extreme_eigenvalues,
    products_at_most,
    spectral_quadrature,
    top_eigenpairs,
)
from fathometer.numerics.spectra import _lanczos
from fathometer.numerics.spectra._ceiling import filter_ceiling, krylov_ceiling, least_share
from fathometer.numerics.spectra._krylov import CountedProduct, End, Krylov
from fathometer.numerics.spectra._lanczos import Ends


def symmetric(values, seed=0):
    basis = np.linalg.qr(np.random.default_rng(seed).standard_normal((len(values), len(values))))[0]
    return (basis * values) @ basis.T


def search(values, **options):
    """With the eigenvectors as coordinates: the random start makes every basis alike."""
    return extreme_eigenvalues(lambda v: values * v, len(values), **options)


def encloses(ends, values):
    """Whether the interval of each end holds it."""
    pairs = ((ends.smallest, values.min()), (ends.largest, values.max()))
    return np.array([end.lower <= value <= end.upper for end, value in pairs])


def misses(values, runs, **options):
    """How many of so many starts give a wrong interval."""
    return sum(not np.all(encloses(search(values, **options, seed=seed), values)) for seed in range(runs))


def random_spectrum(rng, size):
    """One of the kinds that searches have failed on."""
    bulk, few = rng.standard_normal(size), int(rng.integers(1, size // 2))
    return [
        lambda: np.concatenate([np.zeros(few), 1 + rng.random(size - few)]),
        lambda: np.concatenate([np.zeros(size - few), rng.standard_normal(few)]),
        lambda: rng.integers(-3, 4, size).astype(float),
        lambda: np.concatenate([rng.random(size - 1), [-rng.exponential()]]),
        lambda: rng.choice([-1.0, 2.0, 5.0], size) + 1e-7 * bulk,
        lambda: 10.0 ** (-16 * rng.random(size)),
        lambda: np.linspace(-1, 1, size) * rng.exponential(),
        lambda: -np.abs(bulk) * 10 ** rng.uniform(-250, 250),
        lambda: np.cos(np.pi * rng.random(size)),
        lambda: np.full(size, bulk[0]),
    ][rng.integers(10)]()


def worst_spectrum(k, size):
    """k + 1 different eigenvalues, one of them simple and an end: after k products all depends on its share."""
    return np.concatenate([np.resize(np.cos(np.linspace(np.pi, 0.7, k)), size - 1), [1.3]])


@pytest.mark.parametrize("size", [1, 5, 64])
def test_small_matrices_are_diagonalised(size):
    values = np.linspace(-3, 1, size)
    matrix = symmetric(values)
    ends = extreme_eigenvalues(lambda v: matrix @ v, size)
    assert ends.largest.kind is Kind.ENCLOSED
    assert ends.ended is SearchEnd.WHOLE
    assert ends.products == size
    assert_allclose([ends.smallest.value, ends.largest.value], values[[0, -1]], rtol=1e-12)
    assert np.all(encloses(ends, values))
    assert ends.converged
    assert ends.largest.upper - ends.largest.lower < 1e-12


@pytest.mark.parametrize("values", [np.linspace(-5, 2, 200), np.linspace(1, 2, 200), -np.linspace(1, 1e3, 300)])
def test_ends_are_signed_and_the_residual_tells_how_close(values):
    matrix = symmetric(values)
    ends = extreme_eigenvalues(lambda v: matrix @ v, len(values))
    assert ends.converged
    assert ends.ended is SearchEnd.TOLERANCE
    assert ends.largest.kind is Kind.SAMPLED
    assert ends.largest.confidence == 1 - 1e-6
    assert np.all(encloses(ends, values))
    assert max(ends.largest.upper - ends.largest.lower, ends.smallest.upper - ends.smallest.lower) <= 1e-6 * max(
        abs(values)
    )
    assert_allclose([ends.smallest.value, ends.largest.value], [values.min(), values.max()], rtol=1e-9)


@pytest.mark.parametrize(
    ("values", "smallest", "largest"),
    [
        (np.concatenate([np.zeros(150), np.linspace(1, 2, 150)]), 0, 2),
        (np.concatenate([np.zeros(150), -np.linspace(1, 2, 150)]), -2, 0),
        (np.concatenate([np.zeros(40), np.full(40, 2.0)]), 0, 2),
        (np.concatenate([np.zeros(997), [1.0, 2.0, 3.0]]), 0, 3),
        (np.ones(1000), 1, 1),
        (np.zeros(100), 0, 0),
    ],
)
@pytest.mark.parametrize("memory", [1 << 30, 8 * 1000 * 12])
def test_what_the_operator_maps_to_zero_is_part_of_the_spectrum(values, smallest, largest, memory):
    ends = search(values, memory=memory, tolerance=1e-5, products=20_000)
    assert ends.converged
    assert np.all(encloses(ends, values))
    assert_allclose([ends.smallest.value, ends.largest.value], [smallest, largest], atol=1e-5)


def test_a_loose_search_still_encloses_an_eigenvalue():
    values = np.linspace(-1, 1, 500)
    ends = search(values, tolerance=0.1)
    assert ends.converged
    for end, residual in ((ends.smallest, ends.residuals[0]), (ends.largest, ends.residuals[1])):
        assert residual > 1e-6
        assert np.min(np.abs(values - end.value)) <= residual


@pytest.mark.parametrize("memory", [1 << 30, 8 * 400 * 5])
@pytest.mark.parametrize("products", [1, 2, 17, 80])
def test_a_search_that_is_stopped_says_so(products, memory):
    values = np.linspace(-1, 1, 400)
    ends = search(values, tolerance=1e-9, products=products, memory=memory)
    assert (ends.ended, ends.products, ends.converged) == (SearchEnd.PRODUCTS, products, False)
    assert np.all(encloses(ends, values))
    assert np.min(np.abs(values - ends.largest.value)) <= ends.residuals[1]


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_no_scale_over_or_underflows(scale):
    values = np.linspace(-1, 1, 100) * scale
    assert np.all(encloses(search(values), values))
    assert search(values).converged
    assert np.all(encloses(search(values, products=1), values))


def test_rounding_ends_a_search_that_asks_for_too_much():
    ends = search(np.concatenate([np.zeros(1000), [1.0]]), tolerance=1e-13)
    assert (ends.ended, ends.converged) == (SearchEnd.ROUNDING, False)
    assert ends.largest.lower <= 1 <= ends.largest.upper


def test_a_space_that_becomes_the_whole_is_enclosed():
    values = np.linspace(-1, 1, 80)
    ends = search(values, tolerance=1e-12)
    assert ends.ended is SearchEnd.WHOLE
    assert ends.largest.kind is Kind.ENCLOSED
    assert np.all(encloses(ends, values))


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        lambda rng, n: {"products": int(2 ** rng.uniform(0, 5))},
        lambda rng, n: {"tolerance": 1e-2},
        lambda rng, n: {"products": 300, "tolerance": 0.05, "memory": 8 * n * int(rng.integers(1, 9))},
    ],
    ids=["few products", "until narrow", "three vectors"],
)
def test_intervals_hold_the_ends_of_ten_thousand_random_spectra(options):
    """A third of them each way; at a miss of 1e-6 one wrong interval has a chance of one in a hundred."""
    rng, held = np.random.default_rng(0), []
    for seed in range(3334):
        values = random_spectrum(rng, int(rng.integers(65, 100)))
        held.append(encloses(search(values, **options(rng, len(values)), seed=seed), values))
    assert np.all(held)


def test_the_floor_of_three_vectors_has_room_for_its_rounding():
    """All but one of the eigenvalues are so small that the first vectors do not see how large the matrix is."""
    rng = np.random.default_rng(5)
    for seed in range(40):
        values = np.concatenate([10.0 ** rng.uniform(-12, -6, 66), [-rng.uniform(0.05, 0.1)]])
        found = search(values, memory=8 * len(values), tolerance=0.05, products=400, seed=seed)
        assert np.all(encloses(found, values))
        assert found.smallest.upper - found.smallest.value >= 2 * np.finfo(float).eps * 0.05


@pytest.mark.slow
@pytest.mark.parametrize("k", [1, 3, 8])
def test_the_miss_probability_is_what_it_says_where_that_is_hardest(k):
    """There the end is missed exactly when its share is below the quantile: with half of `miss`."""
    miss, runs = 0.2, 1600
    missed = np.zeros(2)
    for sign in (1, -1):
        values = sign * worst_spectrum(k, 70)
        held = np.array(
            [encloses(search(values, miss=miss, products=k, seed=seed), values) for seed in range(runs // 2)]
        )
        missed += (~held).sum(axis=0)[::sign]
    assert missed[0] == 0
    assert binom.ppf(1e-4, runs, miss / 2) <= missed[1] <= binom.ppf(1 - 1e-4, runs, miss / 2)


@pytest.mark.slow
@pytest.mark.parametrize("rows", [2, 6])
def test_the_miss_probability_with_three_vectors(rows):
    miss, rng, held = 0.1, np.random.default_rng(1), []
    for seed in range(400):
        values = (worst_spectrum(30, 100), np.linspace(-1, 1, 100), random_spectrum(rng, 100))[seed % 3]
        options = {"miss": miss, "memory": 8 * 100 * rows, "products": 60, "tolerance": 1e-3}
        held.append(np.all(encloses(search(values, **options, seed=seed), values)))
    assert np.sum(~np.array(held)) <= binom.ppf(1 - 1e-4, 400, miss)


def test_two_bounds_of_the_theory_are_never_better():
    """The one from Chebyshev's fourth kind on both ends, and the one that its own derivation ends with."""
    for seed, k in enumerate([5, 10, 20, 40] * 5):
        rng = np.random.default_rng(seed)
        values = np.sort(rng.standard_normal(300)) if seed % 2 else np.linspace(-1, 1, 300)
        ends = search(values, products=k, tolerance=1e-12, seed=seed)
        angle, width = np.arccosh(least_share(300, 5e-7) ** -0.5), ends.largest.value - ends.smallest.value
        if (eps := np.tanh(angle / (2 * k - 1)) ** 2) < 0.5:
            assert ends.largest.upper <= ends.largest.value + eps / (1 - 2 * eps) * width
        assert ends.largest.upper <= ends.largest.value + np.sinh(angle / (2 * k - 2)) ** 2 * width * (1 + 1e-9)


def test_the_share_is_the_quantile_of_its_law():
    draws = np.random.default_rng(0).standard_normal((20_000, 30))
    shares = draws[:, 0] ** 2 / (draws**2).sum(axis=1)
    assert_allclose(np.mean(shares < least_share(30, 0.05)), 0.05, atol=0.006)
    assert_allclose(least_share(10**6, 1e-9), np.pi / 2 * 1e-18 / 10**6, rtol=1e-5)
    assert least_share(1, 0.1) == 1


class _OffByOne(Krylov):
    """A recurrence whose norms are one place too early."""

    def ends(self):
        moved = np.append(self.beside[1:], 0.0)
        values = np.linalg.eigvalsh(np.diag(self.diagonal) + np.diag(moved[:-1], 1) + np.diag(moved[:-1], -1))
        return End(values[0], 0.0), End(values[-1], 0.0)


class _StartInTheRange(Krylov):
    """What ARPACK does through SciPy: the start is mapped by the operator first."""

    def __init__(self, product, start, rows):
        super().__init__(product, product(start), rows)


def _residual_for_ceiling(diagonal, beside, ritz, share):
    values, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(beside[:-1], 1) + np.diag(beside[:-1], -1))
    return values[-1] + beside[-1] * abs(vectors[-1, -1])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "mutant", "miss", "most"),
    [
        ("Krylov", _OffByOne, 1e-6, 2),
        ("Krylov", _StartInTheRange, 1e-6, 2),
        ("krylov_ceiling", _residual_for_ceiling, 1e-6, 2),
        ("krylov_ceiling", lambda a, b, ritz, share: krylov_ceiling(a, b, ritz, np.sqrt(share)), 0.1, 15),
        ("least_share", lambda size, miss: least_share(size, miss) * 100, 0.1, 15),
    ],
    ids=["index off by one", "start in the range", "residual for a ceiling", "amplitude for a share", "larger share"],
)
def test_known_faults_are_seen(name, mutant, miss, most, monkeypatch):
    """Negative controls: so many wrong intervals among 30 have a chance below 1e-8 if each has the chance `miss`."""
    spectra = (np.concatenate([np.zeros(40), np.linspace(1, 2, 30)]), worst_spectrum(5, 70), np.linspace(-10, 9.9, 70))
    cases = [(values, {"miss": miss, "products": k}) for k in (5, 20) for values in spectra]
    assert max(misses(values, 30, **options) for values, options in cases) <= most
    monkeypatch.setattr(_lanczos, name, mutant)
    assert max(misses(values, 30, **options) for values, options in cases) > most


def three_vectors(values, shift, steps, seed, miss, first=1):
    """The ceiling of diag(values) from u = W_{k-1}(Y) b; W_1 = 2y + first."""
    start, low = np.random.default_rng(seed).standard_normal(len(values)), values.min()
    y = (2 * values - (shift + low)) / (shift - low)
    before, vector = start / np.linalg.norm(start), (2 * y + first) * start / np.linalg.norm(start)
    for _ in range(steps - 2):
        before, vector = vector, 2 * y * vector - before
    excess = vector @ ((values - shift) * vector) / (shift - low)
    return filter_ceiling(excess, steps, low, shift, least_share(len(values), miss))


@pytest.mark.parametrize("steps", [1, 2, 9])
def test_the_filter_counts_its_products(steps):
    values = np.linspace(-1, 1.3, 80)
    product = CountedProduct(lambda v: values * v, np.float64)
    finder = _lanczos._Search(product, 80, 0.1, 0.1, 100, Ends.BOTH, lambda _: False)
    finder.begin(np.random.default_rng(2))
    product(finder._start())  # the unit of all that follows
    low, shift = -1 / product.unit, 1.2 / product.unit
    found = finder._filtered(1, steps, low, End(shift, 0.0))[1]
    y, start = (2 * values / product.unit - shift - low) / (shift - low), finder._start()
    vectors = [-start, start]
    for _ in range(steps - 1):
        vectors.append(2 * y * vectors[-1] - vectors[-2])
    excess = vectors[-1] @ ((values / product.unit - shift) * vectors[-1]) / (shift - low)
    assert product.count == steps + 1
    assert_allclose(found, filter_ceiling(excess, steps, low, shift, least_share(80, 0.05)), rtol=1e-10)


@pytest.mark.parametrize("shift", [1.0, 1.29])
@pytest.mark.parametrize("steps", [4, 20])
def test_the_ceiling_of_three_vectors_holds_and_its_mutants_do_not(shift, steps):
    values, runs, miss = np.concatenate([np.linspace(-1, 1, 99), [1.3]]), 400, 0.1
    most = binom.ppf(1 - 1e-6, runs, miss)
    right = np.array([three_vectors(values, shift, steps, seed, miss) for seed in range(runs)])
    assert np.sum(right < 1.3) <= most
    assert np.median(right) < 1.3 + 5 * (2.3 * np.log(2 * np.sqrt(100) / miss) / (2 * steps - 1)) ** 2
    if shift == 1.0:
        wrong_share = [three_vectors(values, shift, steps, seed, 0.9) for seed in range(runs)]
        other_kind = [three_vectors(values, shift, steps, seed, miss, first=-1) for seed in range(runs)]
        assert np.sum(np.array(wrong_share) < 1.3) > most
        assert np.sum(np.array(other_kind) < 1.3) > most


def test_products_in_single_precision_widen_the_intervals():
    values = np.linspace(-1, 1, 300)
    single = symmetric(values).astype(np.float32)
    ends = extreme_eigenvalues(lambda v: single @ v.astype(np.float32), 300, tolerance=1e-3)
    assert ends.converged
    assert np.all(encloses(ends, values))
    assert ends.largest.value - ends.largest.lower > 1e-7


@pytest.mark.parametrize("memory", [1 << 30, 4 * 300 * 3])
def test_vectors_in_single_precision_keep_the_intervals_right(memory):
    for seed in range(10):
        values = random_spectrum(np.random.default_rng(seed + 1), 300)
        values = values / max(abs(values))
        ends = search(values, dtype=np.float32, tolerance=1e-2, memory=memory, products=4000, seed=seed)
        assert np.all(encloses(ends, values)), seed
        assert ends.converged or ends.ended is SearchEnd.ROUNDING


def test_three_vectors_are_all_that_is_kept():
    """The image included: nothing of the size of a vector is made beside them."""
    size, values = 200_000, np.linspace(0, 1, 200_000, dtype=np.float32)
    tracemalloc.start()
    search(values, dtype=np.float32, memory=1, products=12, tolerance=1e-2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3.5 * 4 * size + (1 << 21)


@pytest.mark.parametrize("memory", [1 << 30, 8 * 400 * 5])
@pytest.mark.parametrize("after", [1, 7, 40])
def test_a_search_can_be_stopped_and_says_what_it_has(after, memory):
    values = np.linspace(-1, 1, 400)
    ends = search(values, tolerance=1e-9, memory=memory, stop=lambda count: count >= after)
    assert (ends.ended, ends.converged) == (SearchEnd.INTERRUPTED, False)
    assert after <= ends.products <= after + 2
    assert np.all(encloses(ends, values))


@pytest.mark.parametrize("memory", [1 << 30, 8 * 300 * 5])
def test_one_end_alone(memory):
    values = np.concatenate([np.linspace(-1, 1, 298), [3.0, 9.0]])
    ends = search(values, tolerance=1e-3, memory=memory, products=10_000, ends="largest")
    mirrored = search(-values, tolerance=1e-3, memory=memory, products=10_000, ends="smallest")
    both = search(values, tolerance=1e-3, memory=memory, products=10_000)
    for one in (ends, mirrored):
        assert one.converged
        assert one.products <= both.products
    assert np.all(encloses(ends, values))
    assert np.all(encloses(mirrored, -values))


def test_products_at_most_hold_for_the_worst_spectrum():
    for size, tolerance, rows in ((300, 0.05, 300), (300, 0.05, 12), (1000, 0.2, 2)):
        values = np.cos(np.linspace(0, np.pi, size))
        most = products_at_most(size, tolerance, 1e-6, rows)
        ends = search(values, tolerance=tolerance, memory=8 * size * rows, products=10 * most)
        assert ends.converged
        assert ends.products <= most
    assert products_at_most(50, 1e-9, 1e-6, 100) == 50


def test_a_quadrature_is_exact_for_polynomials():
    values, total = np.linspace(-2, 1, 80), np.zeros(6)
    for seed in range(400):
        nodes, weights = spectral_quadrature(lambda v: values * v, 80, steps=3, seed=seed)
        start = np.random.default_rng(seed).standard_normal(80)
        share = start**2 / (start @ start)
        powers = np.arange(6)[:, None]
        assert_allclose((nodes**powers) @ weights, (values**powers) @ share, rtol=1e-10)
        total += (nodes**powers) @ weights
    assert_allclose(total / 400, (values ** np.arange(6)[:, None]).mean(axis=1), atol=0.15)
    nodes, weights = spectral_quadrature(lambda v: 2 * v, 80, steps=30)
    assert_allclose([nodes, weights], [[2], [1]])


def test_bad_operators_are_refused():
    with pytest.raises(InputError, match="dtype must be float64 or float32, got float16"):
        extreme_eigenvalues(lambda v: v, 100, dtype=np.float16)
    with pytest.raises(InputError, match="Hessian must be finite here"):
        extreme_eigenvalues(lambda v: v * np.nan, 100)
    with pytest.raises(InputError, match="size must be >= 1"):
        extreme_eigenvalues(lambda v: v, 0)
    with pytest.raises(InputError, match="tolerance must be > 0 and < 1"):
        extreme_eigenvalues(lambda v: v, 3, tolerance=0)
    with pytest.raises(InputError, match="miss must be < 1 and >= 1e-15"):
        extreme_eigenvalues(lambda v: v, 3, miss=0)
    with pytest.raises(InputError, match=r"must keep the shape \(3,\) of a vector, got \(2,\)"):
        extreme_eigenvalues(lambda v: v[:2], 3)
    for size in (20, 100):
        matrix = np.random.default_rng(0).standard_normal((size, size))
        with pytest.raises(InputError, match="the operator must be symmetric"):
            extreme_eigenvalues(lambda v, matrix=matrix: matrix @ v, size)


@pytest.mark.slow
def test_a_batch_of_operators():
    spectra = [np.linspace(-9, 1, 40), np.linspace(2, 7, 40), np.concatenate([np.zeros(38), [1, 4]])]
    matrices = jnp.asarray(np.stack([symmetric(values, seed) for seed, values in enumerate(spectra)]))
    start = jnp.asarray(np.random.default_rng(0).standard_normal((40, 3)))

    @jax.jit
    def search(start):
        return top_eigenpairs(lambda v: jnp.einsum("bij,jb->ib", matrices, v), start, tolerance=1e-6, cycles=500)

    found = search(start)
    assert_allclose(found.value, [1, 7, 4], rtol=1e-9)
    assert np.all(found.residual < 1e-5)
    assert_allclose(np.linalg.norm(found.vector, axis=0), 1, rtol=1e-12)
    again = top_eigenpairs(lambda v: jnp.einsum("bij,jb->ib", matrices, v), found.vector, tolerance=1e-6, cycles=1)
    assert_allclose(again.value, found.value, rtol=1e-9)


@pytest.mark.slow
def test_a_batch_does_not_lose_null_spaces():
    """Negative semidefinite: the top eigenvalue is the zero of what an operator does not see."""
    spectra = [np.concatenate([np.zeros(zeros), -np.linspace(1, 3, 40 - zeros)]) for zeros in (1, 20, 39)]
    matrices = jnp.asarray(np.stack([symmetric(values, seed) for seed, values in enumerate(spectra)]))
    start = jnp.asarray(np.random.default_rng(0).standard_normal((40, 3)))
    found = top_eigenpairs(lambda v: jnp.einsum("bij,jb->ib", matrices, v), start, tolerance=1e-9, cycles=50)
    assert_allclose(found.value, 0, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 2, 3])
def test_operators_smaller_than_the_krylov_space(size):
    matrix = jnp.asarray(symmetric(np.linspace(-2, -1, size)))
    found = top_eigenpairs(lambda v: matrix @ v, jnp.ones((size, 1)), tolerance=1e-9, cycles=3)
    assert_allclose(found.value, np.linalg.eigvalsh(matrix)[-1], rtol=1e-10)
