import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import ParticleSystem, run_verdicts, simulate
from fathometer.attention.dynamics.variants import Normalization, Variant, iterate_variant, simulate_variant
from fathometer.attention.dynamics.weights import (
    LayerWeights,
    Mlp,
    as_plain,
    compare_steps,
    fit_layer_step,
    layer_of,
    predict_layer_step,
)
from fathometer.evidence import Axis, AxisKind, InputError, Origin, Status, Trajectory
from tests.attention.model.test_weights import everything, normal
from tests.oracles.attention_variants import variant_parts

LAYER = layer_of(
    {
        "query": normal(8, 6),
        "key": normal(8, 6, seed=1),
        "value": normal(8, 6, seed=2) / 2,
        "output": normal(6, 8, seed=3) / 2,
        "heads": np.array(2),
        "query_bias": normal(8, seed=4) / 3,
        "value_bias": normal(8, seed=5) / 5,
        "mlp_up": normal(10, 6, seed=6),
        "mlp_down": normal(6, 10, seed=7) / 8,
    },
    "here",
)
TOKENS = ParticleSystem.uniform(12, 6, 1.5, "sa", seed=3)


def layers_of(layer, count=2, **rules):
    run = iterate_variant(layer.of(TOKENS, normalization=Normalization.PRE, **rules), count, 1.0)
    return run.states["points"] * run.states["radii"][..., None]


@pytest.mark.slow
def test_the_weights_of_a_network_predict_its_steps_exactly_and_others_do_not():
    hidden = layers_of(LAYER, causal=True)
    steps = compare_steps(hidden, [LAYER], 1.5, causal=True)
    assert_allclose([fit.explained for fit in steps.weights], 1.0, atol=1e-12)
    assert_allclose(steps.cosines("weights"), steps.mean_cosine[1:], atol=1e-12)
    for fits in (steps.plain, steps.shuffled):
        assert max(fit.explained for fit in fits) < 0.75
    wrong = compare_steps(hidden, [LayerWeights(value=-np.eye(6)), LAYER], 1.5)
    assert wrong.weights[0].explained < 0.5
    assert wrong.weights[1].explained < 1 - 1e-3  # without the mask


@pytest.mark.slow
def test_beta_and_the_length_of_a_step_are_found_again():
    attention = LayerWeights(LAYER.query, LAYER.key, LAYER.value)
    longer = LayerWeights(LAYER.query, LAYER.key, 0.4 * LAYER.value)
    before, after = layers_of(longer, 1)
    fit = fit_layer_step(before, after, attention, [0.0, 0.75, 1.5, 3.0])
    assert (fit.beta, fit.explained) == (1.5, pytest.approx(1.0))
    assert fit.tau == pytest.approx(0.4, rel=1e-5)
    assert_allclose(predict_layer_step(before, longer, 1.5), after / np.linalg.norm(after, axis=1)[:, None])
    still = fit_layer_step(before, before, LayerWeights(value=np.zeros((6, 6))), [1.0])
    assert np.isnan(still.explained)
    assert still.tau == 0


@pytest.mark.slow
def test_a_step_written_out_token_by_token_is_predicted_and_fitted():
    variant = everything(causal=True)
    names = ("query", "key", "value", "query_bias", "bias", "mlp")
    layer = LayerWeights(**{name: getattr(variant, name) for name in names})
    start = variant.system.points * np.array([[1.0], [2.0], [0.5], [1.5], [3.0]])
    equal = dataclasses.replace(variant, system=ParticleSystem(variant.system.points, 2.0, variant.system.model))
    moved = start + variant_parts(equal, start)[0]
    states = np.stack([start, moved + variant_parts(equal, moved)[1]])
    steps = compare_steps(states, [layer], 2.0, causal=True)
    assert steps.weights[0].explained == pytest.approx(1)
    assert steps.cosines("weights") == pytest.approx(steps.mean_cosine[1:])
    mean = start + np.mean(variant.system.points, axis=0)
    uniform = predict_layer_step(start, LayerWeights(), 0.0)
    assert_allclose(uniform, mean / np.linalg.norm(mean, axis=1, keepdims=True), atol=1e-14)
    still = fit_layer_step(start, start, LayerWeights(value=np.zeros((3, 3))), [1.0])
    assert np.isnan(still.explained)
    assert still.tau == 0


def test_one_token_has_steps_and_no_cosines():
    steps = compare_steps(np.array([[[1.0, 0, 0]], [[1.0, 1, 0]]]), [LayerWeights(value=np.diag([0.0, 0, 1]))], 1.0)
    assert np.isnan([*steps.cosines("weights"), *steps.mean_cosine]).all()
    assert steps.weights[0].explained == pytest.approx(0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: compare_steps(np.ones((1, 2, 3)), [LAYER], 1.0), "one layer or one for each of 0 steps"),
        (lambda: compare_steps(np.ones((4, 2, 3)), [LAYER] * 2, 1.0), "one layer or one for each of 3 steps, got 2"),
        (lambda: compare_steps(np.ones((2, 2, 3)), [LAYER], 1.0), "query must have|value must have|6"),
        (lambda: fit_layer_step(np.ones((2, 6)), np.ones((3, 6)), LAYER, [1.0]), "after must have the shape"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


# plain runs and theorems on plain tokens

SMALL = ParticleSystem.uniform(5, 3, 2.0, "sa", seed=1)
TIMES = [0.0, 0.5, 2.0]


@pytest.mark.slow
def test_a_run_with_multiples_of_the_identity_is_a_plain_run_and_judged_as_one():
    run = simulate_variant(Variant(SMALL, query=1.5 * np.eye(3), value=0.5 * np.eye(3)), TIMES)
    plain = as_plain(run)
    expected = simulate(ParticleSystem(SMALL.points, 3.0, SMALL.model), 0.5 * np.array(TIMES))
    assert_allclose(plain.states["points"], expected.states["points"], atol=1e-7)
    assert_allclose(plain.axis.points, expected.axis.points)
    assert plain.twins
    said = {verdict.theorem: verdict.status for verdict in run_verdicts(run)}
    assert said["energy_increases"] is said["weighted_energy"] is Status.HOLDS
    assert Status.VIOLATED not in said.values()


def recorded(variant):
    """A run that nobody integrated: what is said before anything is measured does not read it."""
    points = np.stack([variant.system.points] * 2)
    return Trajectory(variant, Axis(AxisKind.TIME, np.array([0.0, 1.0])), {"points": points}, Origin.RECORDED)


def test_theorems_on_plain_tokens_say_by_how_much_weights_are_others():
    value = np.eye(3)
    value[0, 1] = 0.5
    run = recorded(Variant(SMALL, value=value))
    assert as_plain(run) is None
    assert as_plain(recorded(Variant(SMALL, value=0.5 * np.eye(3)))).axis.points[-1] == 0.5
    verdicts = {verdict.theorem: verdict for verdict in run_verdicts(run)}
    plain = verdicts["energy_increases"]
    assert plain.status is Status.INAPPLICABLE
    assert plain.margin == pytest.approx(-0.5 / np.sqrt(3.25))
    assert "values are multiples" in plain.explanation
    assert verdicts["hemisphere_rate"].status is Status.INAPPLICABLE
    assert Status.HOLDS not in {verdict.status for verdict in verdicts.values()}
    mlp = recorded(Variant(SMALL, value=value, mlp=Mlp(np.eye(3), 9 * np.diag([1.0, 2, 3]))))
    worst = next(verdict for verdict in run_verdicts(mlp) if verdict.theorem == "energy_increases")
    assert "no MLP" in worst.explanation
    masked = run_verdicts(recorded(Variant(SMALL, causal=True)))
    assert not any(verdict.theorem == "energy_increases" for verdict in masked)
