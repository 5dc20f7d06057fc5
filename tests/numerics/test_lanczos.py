import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.evidence import InputError, Kind
from fathometer.numerics import extreme_eigenvalues, top_eigenpairs


def symmetric(values, seed=0):
    basis = np.linalg.qr(np.random.default_rng(seed).standard_normal((len(values), len(values))))[0]
    return (basis * values) @ basis.T


@pytest.mark.parametrize("size", [1, 5, 64])
def test_small_matrices_are_diagonalised(size):
    matrix = symmetric(np.linspace(-3, 1, size))
    ends = extreme_eigenvalues(lambda v: matrix @ v, size)
    assert ends.largest.kind is Kind.EXACT
    assert_allclose([ends.smallest.value, ends.largest.value], [-3, 1 if size > 1 else -3], rtol=1e-12)


@pytest.mark.parametrize("values", [np.linspace(-5, 2, 200), np.linspace(1, 2, 200), -np.linspace(1, 1e3, 300)])
def test_ends_are_signed_and_the_residual_tells_how_close(values):
    matrix = symmetric(values)
    ends = extreme_eigenvalues(lambda v: matrix @ v, len(values))
    assert ends.converged
    assert ends.largest.kind is Kind.HEURISTIC
    slack = 1e-12 * np.abs(values).max()
    assert ends.largest.lower - slack <= values.max() <= ends.largest.upper + slack
    assert ends.smallest.lower - slack <= values.min() <= ends.smallest.upper + slack
    assert_allclose([ends.smallest.value, ends.largest.value], [values.min(), values.max()], rtol=1e-7)


def test_a_loose_search_still_encloses_an_eigenvalue():
    values = np.linspace(-1, 1, 500)
    matrix = symmetric(values)
    ends = extreme_eigenvalues(lambda v: matrix @ v, 500, tolerance=0.1)
    for end, residual in ((ends.smallest, ends.residuals[0]), (ends.largest, ends.residuals[1])):
        assert residual > 1e-6
        assert np.min(np.abs(values - end.value)) <= residual


def test_a_search_that_is_stopped_says_so():
    values = np.linspace(-1, 1, 400)
    matrix = symmetric(values)
    ends = extreme_eigenvalues(lambda v: matrix @ v, 400, tolerance=1e-15, products=1)
    assert not ends.converged
    assert np.min(np.abs(values - ends.largest.value)) <= ends.residuals[1]


def test_zero_is_zero():
    assert extreme_eigenvalues(np.zeros_like, 100).largest.value == 0


def test_bad_operators_are_refused():
    with pytest.raises(InputError, match="Hessian must be finite here"):
        extreme_eigenvalues(lambda v: v * np.nan, 100)
    with pytest.raises(InputError, match="size must be >= 1"):
        extreme_eigenvalues(lambda v: v, 0)
    with pytest.raises(InputError, match="tolerance must be > 0 and < 1"):
        extreme_eigenvalues(lambda v: v, 3, tolerance=0)


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


@pytest.mark.parametrize("size", [1, 2, 3])
def test_operators_smaller_than_the_krylov_space(size):
    matrix = jnp.asarray(symmetric(np.linspace(-2, -1, size)))
    found = top_eigenpairs(lambda v: matrix @ v, jnp.ones((size, 1)), tolerance=1e-9, cycles=3)
    assert_allclose(found.value, np.linalg.eigvalsh(matrix)[-1], rtol=1e-10)
