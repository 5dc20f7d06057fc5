"""The least beta of the metastability certificate is where the certificate begins to apply."""

import numpy as np
import pytest

from fathometer.attention import ParticleSystem, metastability_certificate, metastability_threshold
from fathometer.attention.model._system import Model
from fathometer.attention.predictions._caps import missing_hypotheses
from fathometer.evidence import InputError


def at(points, beta):
    """The tokens at an inverse temperature."""
    return ParticleSystem.project(points, beta, Model.SA)


CLOUDS = {
    "axes": np.eye(4),
    "two tight pairs": [[1, 0, 0.01], [1, 0.01, 0], [-1, 0.3, 0], [-1, 0.31, 0.0]],
    "random": np.random.default_rng(1).standard_normal((12, 8)),
}


@pytest.mark.parametrize("name", CLOUDS)
def test_the_certificate_begins_to_apply_there(name):
    points = np.array(CLOUDS[name], float)
    found = metastability_threshold(at(points, 1.0))
    beta = found.beta.value
    above = metastability_certificate(at(points, 1.002 * beta), clusters=found.clusters)
    assert missing_hypotheses(above) == 0
    assert above.gamma.value > 0
    for clusters in range(2, len(points) + 1):
        try:
            below = metastability_certificate(at(points, 0.998 * beta), clusters=clusters)
        except InputError:  # single linkage never makes so many
            continue
        assert missing_hypotheses(below) > 0


def test_the_beta_of_the_tokens_does_not_matter():
    points = CLOUDS["random"]
    assert metastability_threshold(at(points, 0.0)) == metastability_threshold(at(points, 50.0))


def test_tokens_in_one_place_have_none():
    found = metastability_threshold(at(np.ones((3, 2)), 1.0))
    assert (found.beta.value, found.clusters) == (np.inf, 0)


def test_one_cluster_is_allowed_if_asked_for():
    assert metastability_threshold(at([[1, 0], [1, 1e-3]], 1.0), fewest=1).clusters == 1
