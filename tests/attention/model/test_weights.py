import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import Model, ParticleSystem, velocity
from fathometer.attention.dynamics.variants import Normalization, Variant
from fathometer.attention.dynamics.weights import (
    Activation,
    LayerWeights,
    Mlp,
    distance_from_multiples,
    distance_from_scores,
    extra_share,
    first_token_path,
    has_weights,
    layer_of,
    leading_direction,
    plain_equivalent,
    read_layer,
    read_mlp,
    score_distance,
    score_factor,
    score_matrices,
    value_matrices,
    weighted_contraction_rate,
    weighted_energy,
)
from fathometer.attention.model._variant_field import variant_velocity
from fathometer.attention.model.weights._energy import energy_rates
from fathometer.attention.predictions._hemisphere import contraction_rate
from fathometer.evidence import InputError
from fathometer.numerics import hemisphere_axis
from tests.oracles.attention_variants import variant_field

MASSES = np.array([0.1, 0.2, 0.3, 0.2, 0.2])
TOKENS = ParticleSystem(ParticleSystem.uniform(5, 3, 2.0, "sa", seed=1).points, 2.0, Model.SA, MASSES)
USA = ParticleSystem(TOKENS.points, 2.0, Model.USA, MASSES)
EYE = np.eye(3)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def field(variant, vectors=None):
    system = variant.system
    arrays = map(jnp.asarray, (system.points if vectors is None else vectors, system.masses, system.beta))
    return np.asarray(variant_velocity(*arrays, variant.weights, variant.rules))


def everything(system=TOKENS, **more):
    """Two heads with keys of dimension 2, all biases and an MLP with a gate."""
    mlp = Mlp(
        normal(4, 3, seed=1), normal(3, 4, seed=2), normal(4, seed=3), normal(3, seed=4), normal(4, 3, seed=5), "silu"
    )
    given = {"query": normal(2, 2, 3), "key": normal(2, 2, 3, seed=6), "value": normal(2, 3, 3, seed=7), "mlp": mlp}
    return Variant(system, **given | {"query_bias": normal(2, 2, seed=8), "bias": normal(3, seed=9)} | more)


# the field


@pytest.mark.parametrize("normalization", list(Normalization))
@pytest.mark.parametrize("causal", [False, True])
def test_all_parts_move_tokens_as_written_one_after_the_other(normalization, causal):
    variant = everything(causal=causal, normalization=normalization)
    vectors = TOKENS.points * np.array([[1.0], [2.0], [0.5], [1.5], [3.0]])
    vectors = vectors if normalization.grows else TOKENS.points
    assert_allclose(field(variant, vectors), variant_field(variant, vectors), rtol=1e-12, atol=1e-13)


def test_usa_has_heads_and_an_mlp_too():
    variant = everything(USA, bias=None)
    assert_allclose(field(variant), variant_field(variant, USA.points), rtol=1e-12, atol=1e-13)


@pytest.mark.slow
@pytest.mark.parametrize("activation", list(Activation))
def test_every_activation_is_the_one_of_its_name(activation):
    variant = Variant(TOKENS, mlp=Mlp(normal(4, 3), normal(3, 4), activation=activation))
    assert_allclose(field(variant), variant_field(variant, TOKENS.points), rtol=1e-12, atol=1e-13)
    assert np.shape(activation(jnp.ones(2))) == (2,)


@pytest.mark.slow
@pytest.mark.parametrize("system", [TOKENS, USA])
def test_identities_are_the_plain_model_and_one_head_is_none(system):
    plain = np.asarray(velocity(*map(jnp.asarray, (system.points, system.masses)), system.beta, system.model))
    assert_allclose(field(Variant(system)), plain, atol=1e-15)
    assert_allclose(field(Variant(system, query=EYE[None])), plain, atol=1e-15)
    assert_allclose(field(Variant(system, query=np.stack([EYE] * 3))), plain, atol=1e-15)
    one = Variant(system, *normal(3, 3, 3))
    assert_allclose(field(Variant(system, *normal(3, 1, 3, 3))), field(one), rtol=1e-13, atol=1e-15)
    assert (one.heads, Variant(system, query=np.stack([EYE] * 3)).heads) == (1, 3)


def test_the_order_of_heads_does_not_matter_and_values_of_one_pattern_add_up():
    variant = everything()
    turned = everything(**{name: getattr(variant, name)[::-1] for name in ("query", "key", "value", "query_bias")})
    assert_allclose(field(turned), field(variant), rtol=1e-13, atol=1e-14)
    query, key, value = normal(3, 3, 3)
    halves = Variant(TOKENS, np.stack([query] * 2), np.stack([key] * 2), np.stack([0.3 * value, 0.7 * value]))
    assert_allclose(field(halves), field(Variant(TOKENS, query, key, value)), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("normalization", list(Normalization))
def test_turned_tokens_with_turned_weights_move_turned(normalization):
    turn = np.linalg.qr(normal(3, 3, seed=11))[0]
    variant = everything(normalization=normalization)
    mlp = variant.mlp
    turned = Variant(
        ParticleSystem(TOKENS.points @ turn.T, 2.0, Model.SA, MASSES),
        variant.query @ turn.T,
        variant.key @ turn.T,
        turn @ variant.value @ turn.T,
        normalization=normalization,
        query_bias=variant.query_bias,
        bias=turn @ variant.bias,
        mlp=Mlp(mlp.up @ turn.T, turn @ mlp.down, mlp.up_bias, turn @ mlp.down_bias, mlp.gate @ turn.T, mlp.activation),
    )
    assert_allclose(field(turned), field(variant) @ turn.T, rtol=1e-11, atol=1e-13)


# files


def test_a_layer_may_be_stored_head_by_head_or_in_rows_of_heads(tmp_path):
    rows = {name: normal(4, 3, seed=i) for i, name in enumerate(("query", "key", "value"))}
    biases = {"query_bias": normal(4, seed=4), "value_bias": normal(4, seed=5), "key_bias": normal(4, seed=6)}
    more = {"output": normal(3, 4, seed=7), "output_bias": normal(3, seed=8), "scale": 0.5, "heads": 2}
    mlp = {"mlp_up": normal(5, 3), "mlp_down": normal(3, 5), "mlp_activation": "relu"}
    np.savez(tmp_path / "rows.npz", **rows, **biases, **more, **mlp)
    flat = read_layer(tmp_path / "rows.npz")
    by_head = {name: matrix.reshape(2, 2, 3) for name, matrix in rows.items()}
    output = np.stack([more["output"][:, :2], more["output"][:, 2:]])
    given = layer_of(by_head | {"output": output, "scale": np.array(0.5)}, "here")
    assert_allclose(flat.query, 0.5 * rows["query"].reshape(2, 2, 3))
    for name in ("query", "key", "value"):
        assert_allclose(getattr(given, name), getattr(flat, name))
    assert_allclose(flat.value[1], more["output"][:, 2:] @ rows["value"][2:])
    assert_allclose(flat.bias, more["output"] @ biases["value_bias"] + more["output_bias"])
    assert_allclose(flat.query_bias, 0.5 * biases["query_bias"].reshape(2, 2))
    assert flat.of(TOKENS, causal=True).mlp.activation is Activation.RELU
    np.savez(tmp_path / "mlp.npz", up=mlp["mlp_up"], down=mlp["mlp_down"])
    assert_allclose(read_mlp(tmp_path / "mlp.npz").arrays.up, mlp["mlp_up"])


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: layer_of({"wq": EYE}, "F.npz"), r"F.npz holds arrays that are not known: \['wq'\]"),
        (lambda: layer_of({"query": EYE}, "F.npz"), "both or none of the arrays 'query' and 'key'"),
        (lambda: layer_of({"value": normal(5, 3), "heads": np.array(2)}, "F"), "a multiple of 2 rows"),
        (lambda: layer_of({"value": EYE, "output": normal(3, 2)}, "F"), "output must take what value makes"),
        (lambda: layer_of({"value": EYE, "output": EYE, "value_bias": np.ones(2)}, "F"), "value_bias must have shape"),
        (
            lambda: (
                layer_of({"value": normal(4, 3), "value_bias": np.ones(4), "heads": np.array(2)}, "F")
                and layer_of({"value": EYE, "value_bias": np.ones(4)}, "F")
            ),
            r"value_bias must have shape \(3,\)",
        ),
        (
            lambda: layer_of({"value": EYE, "value_bias": np.ones(3), "output_bias": np.ones(4)}, "F"),
            "output_bias must",
        ),
        (lambda: layer_of({}, "F"), "F holds no array; known: query, "),
        (
            lambda: layer_of({"mlp_up": EYE, "mlp_down": EYE, "mlp_activation": np.array(["relu"] * 2)}, "F"),
            "one number or",
        ),
        (lambda: layer_of({"mlp_up": EYE}, "F"), "both 'up' and 'down'"),
        (lambda: layer_of({"heads": np.ones(2)}, "F"), "heads must be one number"),
        (lambda: Mlp(EYE, EYE, activation="swish"), "activation must be one of gelu, .* got 'swish'"),
        (lambda: Mlp(EYE, np.eye(2)), "down of the MLP must have shape"),
        (lambda: Variant(TOKENS, mlp=Mlp(np.eye(2), np.eye(2))), "must have 3 columns"),
        (lambda: Variant(TOKENS, query=normal(2, 2, 3)), r"key must have the shape of query"),
        (lambda: Variant(TOKENS, value=normal(2, 2, 3)), r"value must have shape \(heads, d, d\) = \(2, 3, 3\)"),
        (lambda: Variant(USA, bias=np.ones(3)), "the model must be sa, got usa"),
        (lambda: Variant(TOKENS, bias=np.ones(2)), r"bias must have shape \(3,\)"),
    ],
)
def test_bad_weights_are_refused(build, message):
    with pytest.raises(InputError, match=message):
        build()


# distances


def test_distances_are_relative_frobenius_norms_of_all_heads():
    away = np.zeros((3, 3))
    away[0, 1] = 3.0
    variant = Variant(TOKENS, 2 * EYE, value=EYE + away)
    assert (score_factor(variant), score_distance(variant, 2.0), score_distance(variant, 1.0)) == (2.0, 0.0, 0.5)
    assert distance_from_multiples(value_matrices(variant)) == pytest.approx(3 / np.sqrt(12))
    assert_allclose(score_matrices(variant), 2 * EYE[None])
    assert distance_from_scores(variant) == pytest.approx(3 / np.sqrt(12))
    assert distance_from_multiples(-EYE[None]) == 1.0
    biased = Variant(TOKENS, query_bias=np.array([3.0, 0, 0]))
    assert score_distance(biased, 1.0) == pytest.approx(3 / np.sqrt(12))
    assert has_weights(biased)
    assert not has_weights(Variant(TOKENS, causal=True))


def test_the_share_of_an_mlp_is_what_it_adds_to_the_motion():
    assert extra_share(Variant(TOKENS, *normal(3, 3, 3))) == 0.0
    mlp = Mlp(normal(4, 3), normal(3, 4))
    alone = field(Variant(TOKENS))
    both = field(Variant(TOKENS, mlp=mlp))
    share = extra_share(Variant(TOKENS, mlp=mlp))
    assert share == pytest.approx(np.linalg.norm(both - alone) / np.linalg.norm(alone))
    assert extra_share(Variant(TOKENS, value=np.zeros((3, 3)), mlp=mlp)) == np.inf


@pytest.mark.parametrize("system", [TOKENS, USA])
def test_multiples_of_the_identity_are_the_plain_model_at_another_beta_and_speed(system):
    query = np.stack([1.5 * EYE] * 2)
    variant = Variant(system, query, np.stack([EYE] * 2), np.array([0.5, 2.0])[:, None, None] * EYE)
    plain, speed = plain_equivalent(variant)
    moved = velocity(*map(jnp.asarray, (plain.points, plain.masses)), plain.beta, plain.model)
    assert plain.beta == pytest.approx(3.0)
    assert_allclose(field(variant), speed * np.asarray(moved), rtol=1e-12, atol=1e-14)
    assert plain_equivalent(Variant(system, value=-EYE)) is None
    assert plain_equivalent(Variant(system, value=0 * EYE)) is None
    assert plain_equivalent(Variant(system, causal=True)) is None


# energy and rates


def rates(variant, factors):
    system, scores = variant.system, jnp.asarray(score_matrices(variant))
    arrays = (jnp.asarray(system.points), jnp.asarray(system.masses), system.beta)
    return energy_rates(*arrays, variant.weights, variant.rules, scores, jnp.asarray(factors))


def symmetric_heads(system, factors):
    scores = normal(len(factors), 3, 3)
    scores = (scores + np.swapaxes(scores, 1, 2)) / 2
    keys = np.stack([EYE] * len(factors))
    return Variant(system, scores, keys, np.array(factors)[:, None, None] * scores)


@pytest.mark.slow
def test_symmetric_weights_dissipate_what_their_energy_gains_and_heads_of_softmax_do_not():
    for variant, factors in (
        (symmetric_heads(TOKENS, [-1.5]), [-1.5]),
        (symmetric_heads(USA, [1.0, -0.5]), [1.0, -0.5]),
    ):
        found = rates(variant, factors)
        assert_allclose(found.change, found.dissipation, rtol=1e-12)
        assert distance_from_scores(variant) < 1e-15
    broken = rates(symmetric_heads(TOKENS, [1.0, -0.5]), [1.0, -0.5])
    assert abs(broken.change / broken.dissipation - 1) > 0.01
    energy = weighted_energy(jnp.eye(3), jnp.ones(3) / 3, 2.0, jnp.eye(3)[None], jnp.ones(1))
    assert energy == pytest.approx((3 + 6 * np.exp(-2.0)) / 9 / 4)


def test_the_rate_of_a_hemisphere_is_the_plain_one_for_identities():
    system = ParticleSystem.project(normal(6, 3) + 2 * EYE[2], 1.0, Model.SA)
    for plain in (system, ParticleSystem(system.points, 1.0, Model.USA)):
        assert weighted_contraction_rate(Variant(plain)) == pytest.approx(contraction_rate(plain), rel=1e-9)
    biased = Variant(system, query_bias=np.array([0.0, 0.0, 1.0]))
    assert weighted_contraction_rate(biased) == pytest.approx(np.exp(-2) * contraction_rate(system), rel=1e-9)


def test_no_random_weights_contract_a_chart_slower_than_promised():
    for seed in range(60):
        generator = np.random.default_rng(seed)
        model = list(Model)[seed % 2]
        points = generator.standard_normal((4, 3)) + 2 * EYE[2]
        system = ParticleSystem.project(points, generator.uniform(0, 2), model, generator.uniform(0.1, 1, 4))
        axis, margin = hemisphere_axis(system.points)
        if margin.lower <= 0:
            continue
        query, key = 0.6 * generator.standard_normal((2, 2, 2, 3))
        variant = Variant(system, query, key, generator.uniform(0, 1, 2)[:, None, None] * EYE)
        speeds, heights = variant_field(variant, system.points), system.points @ axis
        chart = system.points / heights[:, None]
        moved = speeds / heights[:, None] - chart * (speeds @ axis / heights)[:, None]
        sides, changes = chart @ generator.standard_normal((3, 20)), None
        directions = np.linalg.lstsq(chart, sides, rcond=None)[0]
        changes = moved @ directions
        ends = np.argmax(sides, axis=0), np.argmin(sides, axis=0)
        width = sides[ends[0], range(20)] - sides[ends[1], range(20)]
        change = changes[ends[0], range(20)] - changes[ends[1], range(20)]
        assert np.all(change <= -weighted_contraction_rate(variant) * width + 1e-12)


def test_the_first_causal_token_turns_to_the_leading_direction():
    value = np.diag([0.2, 1.0, -0.5]) + np.triu(normal(3, 3), 1) / 5
    variant = Variant(TOKENS, value=value, causal=True)
    direction, lead = leading_direction(variant)
    path = first_token_path(variant, np.array([0.0, 1e-6, 400.0]))
    assert_allclose(path[0], TOKENS.points[0])
    assert_allclose((path[1] - path[0]) / 1e-6, field(variant)[0], atol=1e-5)
    assert abs(path[-1] @ direction) == pytest.approx(1.0)
    assert_allclose(value @ direction, direction)
    assert lead == pytest.approx(0.8)
    turning = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, -1]])
    assert leading_direction(Variant(TOKENS, value=turning))[1] < 0
    assert LayerWeights(value=turning).of(TOKENS).heads == 1
