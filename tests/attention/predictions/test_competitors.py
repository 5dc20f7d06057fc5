import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad

from fathometer.attention import Model, ParticleSystem
from fathometer.attention.observables._two_tokens import contact_gap
from fathometer.attention.predictions._competitors import log_time_shifts
from tests.oracles.attention import circle

MODELS = pytest.mark.parametrize("model", list(Model))


def test_a_third_token_shifts_by_the_integral_of_its_pull_over_the_closing_rate():
    beta, gap, other = 100.0, 0.8, 0.9
    shifts = log_time_shifts(ParticleSystem(circle(0, gap, gap + other), beta, Model.USA))

    def ratio(w):
        pair, near, far = (np.exp(-beta * (1 - np.cos(g))) for g in (w, other + (gap - w) / 2, other + (gap + w) / 2))
        return (near + far) / (2 * pair * np.sin(w))

    displacement, _ = quad(ratio, contact_gap(beta), gap, epsabs=0)
    gaps = np.array([gap, other + gap / 2])
    expected = 2 * displacement * (beta * np.sin(gaps) + 2 / np.sin(gaps))
    assert_allclose(shifts, expected, rtol=0.05)


@MODELS
def test_partners_are_no_competitors(model):
    assert log_time_shifts(ParticleSystem(circle(0, 1.2), 30.0, model)).tolist() == [0.0]
    tied = log_time_shifts(ParticleSystem(circle(0, 0.8, 3.0, 3.8), 100.0, model))
    assert np.all(tied < 1e-9)  # two pairs far from each other, in spite of the tie


@MODELS
def test_a_heavy_neighbour_competes_from_farther_away(model):
    points = circle(0, 0.8, 1.7)
    light, heavy = (
        log_time_shifts(ParticleSystem(points, 100.0, model, np.array(masses) / np.sum(masses)))[0]
        for masses in ((1, 1, 1), (1, 1, 100))
    )
    assert heavy > 10 * light > 0


def test_clusters_in_contact_from_the_start_shift_nothing():
    shifts = log_time_shifts(ParticleSystem(circle(0.3, 0.3, 1.5), 50.0, Model.SA))
    assert np.all(np.isfinite(shifts))
    assert shifts[0] == 0
