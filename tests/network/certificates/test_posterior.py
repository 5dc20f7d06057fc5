"""Gaussian laws of weights: their KL, the best widths, and how often the whole certificate is wrong."""

import numpy as np
import pytest

from fathometer.generalization import Gaussian, gaussian_kl
from fathometer.network._network import Block
from fathometer.network.adapters._jax import JaxNetwork
from fathometer.network.certificates._gaussian import WIDTHS, array_kl, laws_of, total_kl
from fathometer.network.certificates._layout import Layout
from fathometer.network.certificates._posterior import Cloud, posterior_row
from fathometer.network.certificates.coding._code_row import Coder, best_code, code_row


def test_kl_is_that_of_gaussians():
    rng = np.random.default_rng(0)
    centre, prior = rng.standard_normal((2, 5))
    apart = float(np.linalg.norm(centre - prior))
    known = float(gaussian_kl(Gaussian(centre, 0.3**2), Gaussian(prior, 0.7**2)).value)
    assert array_kl(5, apart, 0.7, 0.3) == pytest.approx(known, rel=1e-9)
    assert array_kl(5, apart, 0.7, 0.3) >= known


def test_widths_minimise_the_second_order_picture():
    centre, prior = {"a": np.ones(50)}, {"a": np.zeros(50)}
    law = laws_of(centre, prior, {"a": 200.0}, 1000, 1.0)[0]

    def cost(width, spread):
        return array_kl(50, law.distance, width, spread) + 1000 * 200 * spread**2 / 2

    grid = [cost(width, spread) for width in WIDTHS for spread in np.geomspace(1e-5, 3, 400)]
    assert cost(law.prior, law.posterior) <= min(grid) * (1 + 1e-3)


def test_arrays_that_did_not_move_cost_their_choice_alone():
    laws = laws_of({"a": np.ones(9)}, {"a": np.ones(9)}, {"a": 3.0}, 100, 1.0)
    assert laws[0].posterior == 0
    assert total_kl(laws) == pytest.approx(np.log(len(WIDTHS) + 1))


class Round:
    """A loss whose curvature is the same in all directions."""

    def __init__(self, size):
        self.blocks, self.rows, self.dtype, self.size = (Block("w", (size, 3), 0),), 1, np.dtype(float), 3 * size

    def product(self, vector, matrix=None):
        return 0.05 * vector


@pytest.mark.slow
def test_certificates_fail_no_more_often_than_delta_allows_and_a_prior_that_saw_the_rows_does():
    """Labels are coin tosses at 60 places: nothing can be learnt, and the risk of every network is 2/3."""
    from scipy.stats import binom

    runs, delta, m, places = 200, 0.5, 100, 60
    failed = {"posterior": 0, "code": 0, "cheat": 0}
    for run in range(runs):
        rng = np.random.default_rng(run)
        x, codes = np.eye(places)[rng.integers(0, places, m)], rng.integers(0, 3, m)
        prior = {"w": 0.1 * rng.standard_normal((places, 3))}
        net = {"w": prior["w"] + 3 * x.T @ np.eye(3)[codes]}
        network = JaxNetwork(lambda p, x: x @ p["w"], net)
        layout = Layout(("",), ((places,),), ("float64",))
        cloud, certify_on = Cloud(network, layout, x, codes, net), np.arange(m)
        for name, before in (("posterior", prior), ("cheat", {"w": net["w"] + 1e-3})):
            row = posterior_row(cloud, before, Round(places), certify_on, certify_on[:3], delta, run, draws=100).row
            failed[name] += row.value < 2 / 3
        coder = Coder(network, layout, x, codes, net)
        code, _ = best_code(coder, certify_on, run)
        failed["code"] += code_row(coder, code, certify_on, certify_on[:3], delta).value < 2 / 3
    for name in ("posterior", "code"):
        assert binom.sf(failed[name] - 1, runs, delta) > 1e-3
    assert failed["cheat"] > 0.9 * runs
