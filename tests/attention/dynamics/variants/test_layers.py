import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import MEAN_COSINE, Model, ParticleSystem, iterate_layers
from fathometer.attention.dynamics.variants import (
    NoisySystem,
    Normalization,
    Variant,
    as_tokens,
    iterate_variant,
    simulate_noisy,
)
from fathometer.evidence import InputError
from tests.oracles.attention_variants import variant_parts

MASSES = np.array([0.1, 0.2, 0.3, 0.2, 0.2])
TOKENS = ParticleSystem(ParticleSystem.uniform(5, 3, 2.0, "sa", seed=1).points, 2.0, Model.SA, MASSES)
MATRICES = 0.7 * np.random.default_rng(5).standard_normal((3, 3, 3))


@pytest.mark.parametrize("normalization", list(Normalization))
@pytest.mark.parametrize("hard", [False, True])
def test_layers_are_those_of_a_network(normalization, hard):
    variant = Variant(TOKENS, *MATRICES, causal=True, normalization=normalization, hard=hard)
    run = iterate_variant(variant, 3, 0.2)
    vectors = TOKENS.points
    for layer in range(1, 4):
        vectors = vectors + 0.2 * variant_parts(variant, vectors)[0]
        if normalization in (Normalization.POST, Normalization.NGPT):
            vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        radii = np.linalg.norm(vectors, axis=1)
        assert_allclose(run.states["radii"][layer], radii, rtol=1e-13)
        assert_allclose(run.states["points"][layer], vectors / radii[:, None], atol=1e-14)


def test_without_weights_layers_are_the_plain_ones():
    plain = iterate_layers(TOKENS, 3, 0.1)
    assert_allclose(iterate_variant(Variant(TOKENS), 3, 0.1).states["points"], plain.states["points"], atol=1e-14)


def test_hard_attention_is_the_limit_of_softmax_among_the_others():
    points = np.array([[1.0, 0, 0], [0.8, 0.6, 0], [0, 0, 1.0]])
    run = iterate_variant(Variant(ParticleSystem(points, 1.0, Model.SA), hard=True), 1, 0.5)
    targets = points[[1, 0, 0]]
    expected = points + 0.5 * targets
    assert_allclose(run.states["points"][1], expected / np.linalg.norm(expected, axis=1, keepdims=True), rtol=1e-14)
    alone = iterate_variant(Variant(ParticleSystem(points[:1], 1.0, Model.SA), hard=True), 1)
    assert_allclose(alone.states["points"][1], points[:1])


@pytest.mark.slow
def test_noise_knows_the_mask():
    variant = Variant(TOKENS, causal=True)
    run = simulate_noisy(NoisySystem(TOKENS, 1e12, variant), [0.0, 0.5], seed=3, step=0.05)
    assert_allclose(run.states["points"][1, 0], TOKENS.points[0], atol=1e-5)
    assert as_tokens(run).observe(MEAN_COSINE).shape == (2,)
    assert np.linalg.norm(run.states["points"][1, 4] - TOKENS.points[4]) > 0.1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Variant(ParticleSystem(TOKENS.points, 1.0, Model.USA), hard=True), "the model must be sa, got usa"),
        (lambda: iterate_variant(Variant(TOKENS), 0), "layers must be"),
        (lambda: iterate_variant(Variant(TOKENS), 1, 0.0), "step must be > 0"),
        (lambda: NoisySystem(TOKENS, 1.0, Variant(TOKENS, normalization=Normalization.PRE)), "have Post-LN"),
    ],
)
def test_bad_values_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
