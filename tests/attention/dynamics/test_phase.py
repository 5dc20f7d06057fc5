import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import (
    Model,
    ParticleSystem,
    Score,
    equiangular_log_time,
    phase_curve_beta,
    phase_diagram,
    simulate,
    velocity,
)
from fathometer.attention.dynamics import _phase
from fathometer.attention.dynamics._batch import batch_velocity
from fathometer.attention.dynamics._phase import _matrices, _met, _systems
from fathometer.evidence import InputError, Kind
from fathometer.numerics import kl
from tests.oracles.attention_tables import PHASE_CURVE
from tests.oracles.attention_variants import pairs

MODELS = pytest.mark.parametrize("model", list(Model))


@pytest.mark.parametrize(("n", "beta", "time"), PHASE_CURVE)
def test_the_curve_of_the_tables(n, beta, time):
    assert_allclose(phase_curve_beta(time, n).value, beta, rtol=1e-12)


def test_no_beta_is_faster_than_zero():
    fastest = np.exp(equiangular_log_time(0.0, 0.999, 32, 0.0, "sa").value)
    assert np.isnan(phase_curve_beta(0.99 * fastest, 32).value)
    assert_allclose(phase_curve_beta(1e30, 32, model="usa").value, 75.0, atol=5)


@pytest.mark.slow
@MODELS
def test_the_fast_field_is_the_field(model):
    points = np.stack([ParticleSystem.uniform(7, 4, 1.0, "sa", seed).points for seed in range(3)])
    expected = [velocity(jnp.asarray(x), jnp.full(7, 1 / 7), 3.0, model) for x in points]
    found = batch_velocity(jnp.asarray(points).swapaxes(1, 2), 3.0, model)
    assert_allclose(found.swapaxes(1, 2), expected, atol=1e-15)


@pytest.mark.slow
def test_the_fraction_is_that_of_each_system_simulated_alone():
    model = Model.USA
    times, seed = [0.0, 2.0, 5.0, 20.0], 5
    diagram = phase_diagram(8, 3, [2.0], times, model, systems=4, seed=seed, cosine=0.98)
    drawn = _systems(np.random.default_rng(seed), 4, 8, 3)[0]
    expected = []
    for points in drawn:
        states = simulate(ParticleSystem(points.T, 2.0, model), times).states["points"]
        expected.append([np.mean(pairs(state) > 0.98) for state in states])
    assert_allclose(diagram.fraction.value[0], np.mean(expected, axis=0), atol=1e-12)
    assert 0 < diagram.fraction.value[0, 2] < 1


@pytest.mark.slow
@pytest.mark.parametrize(("n", "dim"), [(32, 8), (12, 12)])
def test_single_precision_changes_little(n, dim, monkeypatch):
    """The same draws in float64; a pair on the other side of the cosine weighs 1 / (pairs * systems)."""
    seen, follow = [], _phase.follow_chunk

    def watched(points, *rest):
        seen.append(points.dtype.name)
        return follow(points, *rest)

    monkeypatch.setattr(_phase, "follow_chunk", watched)
    given = (n, dim, [1.0, 4.0, 9.0], np.linspace(0, 20, 11))
    single = phase_diagram(*given, systems=48).fraction.value
    assert set(seen) == {"float32"}
    seen.clear()
    monkeypatch.setitem(_phase._SINGLE, "betas", 0.0)
    double = phase_diagram(*given, systems=48).fraction.value
    assert set(seen) == {"float64"}
    assert np.max(np.abs(single - double)) <= 4e-4
    assert double[1].max() > 0.1


@pytest.mark.parametrize(
    ("beta", "last", "cosine", "kind"),
    [
        (9, 20, 0.999, np.float32),
        (101, 20, 0.999, np.float64),
        (9, 1e4, 0.999, np.float64),
        (9, 9, 0.99999, np.float64),
    ],
)
def test_where_the_precision_is_single(beta, last, cosine, kind):
    assert _phase._precision(beta, last, cosine) is kind


@pytest.mark.slow
def test_high_dimension_follows_the_curve():
    diagram = phase_diagram(16, 1024, [1.0, 4.0], [0.5, 5.5, 7.0, 9.5], systems=4)
    curve = np.exp(diagram.log_curve.value)
    early, late = diagram.times < 0.85 * curve[:, None], diagram.times > 1.15 * curve[:, None]
    assert early.any(axis=1).all()
    assert late.any(axis=1).all()
    assert np.all(diagram.fraction.value[early] < 0.5)
    assert np.all(diagram.fraction.value[late] > 0.95)


def test_systems_are_seen_in_their_span():
    drawn = _systems(np.random.default_rng(0), 3, 4, 50)[0].transpose(0, 2, 1)
    direct = np.random.default_rng(0).standard_normal((3, 4, 50))
    direct /= np.linalg.norm(direct, axis=-1, keepdims=True)
    assert drawn.shape == (3, 4, 4)
    assert_allclose(drawn @ drawn.transpose(0, 2, 1), direct @ direct.transpose(0, 2, 1), atol=1e-14)


def test_many_systems_come_in_chunks():
    sizes = [len(chunk) for chunk in _systems(np.random.default_rng(0), 150, 32, 2)]
    assert sizes == [32] * 4 + [22]


@pytest.mark.slow
def test_raw_time_runs_faster():
    slow = phase_diagram(6, 3, [1.0, 2.0], [np.exp(2.0)], "usa", systems=8)
    fast = phase_diagram(6, 3, [1.0, 2.0], [1.0], "usa", systems=8, raw_time=True)
    assert_allclose(fast.fraction.value[1], slow.fraction.value[1])
    assert_allclose(fast.log_curve.value, slow.log_curve.value - [1.0, 2.0])


def test_the_interval_is_that_of_the_kl_bound_inside_that_of_hoeffding():
    fraction = phase_diagram(4, 2, [0.0], [3.0], systems=50).fraction
    half = np.sqrt(np.log(200) / 100)
    assert fraction.kind is Kind.SAMPLED
    assert fraction.confidence == 0.99
    assert np.all(fraction.upper <= fraction.value + half)
    assert np.all(fraction.lower >= fraction.value - half)
    for end in (fraction.lower, fraction.upper):
        assert_allclose(kl(fraction.value, end), np.log(200) / 50, rtol=1e-9)


def test_met_pairs_exclude_the_token_itself():
    points = jnp.array([[[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]])
    assert_allclose(_met(points, jnp.array(0.999)), [1 / 3])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n": 1}, "n must be >= 2"),
        ({"dim": 1}, "dim must be >= 2"),
        ({"betas": [-1.0]}, "betas must be"),
        ({"betas": []}, "betas must be"),
        ({"times": [2.0, 1.0]}, "times must be"),
        ({"systems": 0}, "systems must be >= 1"),
        ({"cosine": 1.0}, "cosine must be"),
        ({"raw_time": True}, "raw_time is for usa only"),
        ({"raw_time": True, "model": "usa", "betas": [701.0]}, "at most 700"),
        ({"model": "x"}, "model must be one of"),
        ({"systems": 10**11}, "at most 1000000000"),
        ({"n": 10**8}, "at most 1000000000"),
        ({"n": 10**5}, "at most 1000000000"),
        ({"dim": 10**12}, "at most 1000000000"),
        ({"betas": np.arange(10**5), "times": np.arange(10**5)}, "at most 1000000000"),
    ],
)
def test_bad_values_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        phase_diagram(**{"n": 4, "dim": 2, "betas": [1.0], "times": [1.0]} | change)


@pytest.mark.slow
def test_random_scores_are_seen_in_the_span_as_they_are():
    """Scores drawn in the span have the law of scores drawn outside: variance 1/d between orthogonal tokens."""
    generator = np.random.default_rng(0)
    points = np.concatenate(_systems(generator, 400, 6, 50))
    gaussian, wigner = (np.asarray(_matrices(generator, points, 50, score)) for score in (Score.GAUSSIAN, Score.WIGNER))
    assert gaussian.shape == (400, 6, 6)
    assert_allclose(50 * gaussian.var(axis=0), 1, atol=0.35)
    assert_allclose(50 * np.diagonal(wigner, axis1=1, axis2=2).var(), 2, rtol=0.1)
    assert_allclose(wigner, wigner.transpose(0, 2, 1))
    points = jnp.asarray(points)
    field = batch_velocity(points, 2.0, Model.SA, jnp.broadcast_to(jnp.eye(6), (400, 6, 6)))
    assert_allclose(field, batch_velocity(points, 2.0, Model.SA), atol=1e-15)


@pytest.mark.slow
def test_random_scores_change_the_diagram_and_bad_ones_are_refused():
    plain, random = (phase_diagram(8, 3, [4.0], [3.0], systems=8, score=score) for score in ("identity", "wigner"))
    assert plain.fraction.value[0, 0] != random.fraction.value[0, 0]
    with pytest.raises(InputError, match="score must be one of"):
        phase_diagram(8, 3, [4.0], [3.0], systems=8, score="x")
