import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from fathometer.deep_linear import (
    DeepLinear,
    InitialKind,
    Recording,
    Sweep,
    Training,
    descend_batch,
    minimal_sharpness,
    paper_samples,
    product,
    reduced_sharpness,
    run_sweep,
)
from fathometer.evidence import InputError


def small(**changes):
    problem = DeepLinear(paper_samples("overdetermined").regression, 4)
    values = {
        "problem": problem,
        "kind": InitialKind.GAUSSIAN,
        "scales": np.array([0.3, 0.5, 1.2]),
        "steps": np.array([0.02, 0.3]),
        "iterations": (1500, 300),
        "repetitions": 5,
        "width": 3,
        "seed": 1,
    }
    return Sweep(**(values | changes))


def test_a_sweep_is_descent_from_its_starts():
    sweep = small()
    result = run_sweep(sweep)
    assert result.sharpness.shape == (2, 3, 5)
    assert result.initial_sharpness.shape == (3, 5)
    assert result.product.shape == (2, 3, 5, 5)
    for number, (step, iterations) in enumerate(zip(sweep.steps, sweep.iterations, strict=True)):
        start = sweep.start(number, range(5))
        run = descend_batch(sweep.problem, start, np.full(15, step), Training(iterations), Recording(every=iterations))
        assert_allclose(result.excess_risk[number].ravel(), run.excess_risk[-1], rtol=1e-12)
        assert_array_equal(result.diverged_at[number].ravel(), run.diverged_at)
        assert_allclose(result.initial_distance[number].ravel(), run.distance[0], rtol=1e-12)
        for i in np.flatnonzero(np.isinf(run.diverged_at)):
            weights = [matrix[i] for matrix in run.weights]
            assert_allclose(result.product[number].reshape(15, 5)[i], product(weights), rtol=1e-12)
            found = result.sharpness[number].ravel()[i]
            assert_allclose(found, reduced_sharpness(sweep.problem, weights).value, rtol=1e-3)
    first = [matrix[7] for matrix in sweep.start(0, range(5))]
    assert_allclose(result.initial_sharpness.ravel()[7], reduced_sharpness(sweep.problem, first).value, rtol=1e-12)


def test_what_diverged_is_said_and_left_out():
    result = run_sweep(small())
    lost = result.diverged
    assert 0 < lost.sum() < lost.size
    assert np.all(lost == np.isnan(result.sharpness))
    assert np.all(lost == np.isinf(result.excess_risk))
    assert np.all(np.isnan(result.product[lost]))
    assert not np.any(result.at_minimizer & lost)
    done = result.sharpness[result.at_minimizer]
    assert done.size > 3
    assert done.min() >= minimal_sharpness(small().problem).lower
    distance = result.squared_distance(small().problem.regression.w_star)
    assert np.all(distance[result.at_minimizer] < 1e-7)


@pytest.mark.slow
def test_parts_are_kept_and_more_repetitions_go_on_from_there(tmp_path):
    first = run_sweep(small(repetitions=21), folder=tmp_path)
    files = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert len(files) == 2
    more = run_sweep(small(repetitions=30), folder=tmp_path)
    assert {name: (tmp_path / name).stat().st_mtime_ns for name in files} == files
    assert_array_equal(more.excess_risk[:, :, :21], first.excess_risk)
    other = run_sweep(small(repetitions=21, seed=2), folder=tmp_path)
    assert not np.allclose(other.initial_distance, first.initial_distance)


def test_without_sharpness():
    result = run_sweep(small(steps=np.array([0.02]), iterations=(50,)), sharpness=False)
    assert np.all(np.isnan(result.sharpness))
    assert np.all(np.isnan(result.initial_sharpness))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"iterations": (10,)}, "one number for each of the 2 steps"),
        ({"repetitions": 0}, "repetitions must be >= 1"),
        ({"scales": np.array([np.nan])}, "scales must be finite"),
    ],
)
def test_bad_values_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        small(**changes)
