"""Computations give what the functions under them give, the same for the same seed, and every column of theirs."""

import math
from typing import Any

import numpy as np
import pytest

from fathometer import attention, deep_linear as dl
from fathometer.computations import find
from fathometer.computations.attention.phase import at, crossing
from fathometer.computations.generalization.coverage import _NAMED, interval
from fathometer.evidence import InputError, Status
from fathometer.generalization.coverage import EXPERIMENTS, run_coverage
from fathometer.study import Computed, read_parameters


def computed(name: str, seed: int = 0, **given: Any) -> Computed:
    computation = find(name)
    found = computation.compute(read_parameters(computation.parameters, given), seed)
    assert set(found.values) == set(computation.columns)
    assert {key: array.ndim for key, array in found.arrays.items()} == {
        key: len(axes) for key, axes in computation.axes.items()
    }
    for key, value in found.values.items():
        assert value is None or isinstance(value, computation.columns[key].kind), (key, value)
        assert not isinstance(value, float) or math.isfinite(value)
    assert len({verdict.theorem for verdict in found.verdicts}) == len(found.verdicts)
    return found


@pytest.mark.slow
def test_collapse_without_verdicts():
    found = computed("collapse", 3, n=4, dim=2, beta=1, verdicts=False)
    own = attention.simulate_collapse(attention.ParticleSystem.uniform(4, 2, 1.0, "sa", 3))
    assert found.values["log_time"] == own.log_time_of_collapse.value
    assert found.values["mergers"] == 3
    assert found.arrays["event_log_time"].shape == (3,)
    assert found.verdicts == ()


@pytest.mark.slow
def test_collapse_with_verdicts():
    found = computed("collapse", n=5, dim=2, beta=4)
    held = {verdict.theorem: verdict.status for verdict in found.verdicts}
    assert held["energy_increases"] is Status.HOLDS
    assert found.values["certified_log_time"] >= found.values["log_time"]


@pytest.mark.slow
def test_collapse_of_a_file(tmp_path):
    np.save(tmp_path / "p.npy", np.eye(3))
    file = str(tmp_path / "p.npy")
    first, second = (computed("collapse", seed, points=file, verdicts=False, check=False) for seed in (0, 1))
    assert first.values == second.values
    assert first.values["mergers"] == 2


@pytest.mark.slow
def test_phase_follows_the_closed_form():
    """In high dimension random tokens are as good as orthogonal."""
    found = computed("phase", n=4, dim=512, beta=1, systems=4, saves=100)
    assert found.values["time_ratio"] == pytest.approx(1, abs=0.1)
    difference = found.values["log_time_half"] - found.values["log_time_predicted"]
    assert math.exp(difference) == pytest.approx(found.values["time_ratio"])
    assert np.all(np.diff(found.arrays["fraction"]) >= -1e-6)


@pytest.mark.parametrize(
    ("y", "level", "expected"),
    [([0.0, 1.0], 0.5, 1.5), ([0.0, 0.4], 0.5, None), ([0.6, 0.7], 0.5, None), ([0.5, 0.7], 0.5, None)],
)
def test_crossing(y, level, expected):
    assert crossing(np.array([1.0, 2.0]), np.array(y), level) == expected


@pytest.mark.parametrize(("place", "expected"), [(0.9, None), (1.0, 0.2), (1.5, 0.3), (2.0, 0.4), (2.1, None)])
def test_what_was_not_sampled_is_not_known(place, expected):
    assert at(place, np.array([1.0, 2.0]), np.array([0.2, 0.4])) == (
        None if expected is None else pytest.approx(expected)
    )


@pytest.mark.slow
@pytest.mark.parametrize(("until", "saves"), [(0.5, 4), (1000, 2)])
def test_phase_says_nothing_about_times_that_it_has_not_seen(until, saves):
    found = computed("phase", n=8, dim=8, systems=8, until=until, saves=saves)
    for name in ("fraction_at_predicted", "time_ratio", "log_time_half"):
        assert found.values[name] is None
    assert found.values["fraction_at_end"] == (until == 1000)


@pytest.mark.parametrize(("beta_from", "beta_to"), [(10, 2), (3, 3)])
def test_a_threshold_over_a_grid_that_does_not_ascend_is_refused(beta_from, beta_to):
    with pytest.raises(InputError, match=f"^beta_to must be above beta_from = {beta_from}, got {beta_to}$"):
        computed("threshold", n=4, beta_from=beta_from, beta_to=beta_to, betas=3)


@pytest.mark.slow
def test_batch():
    found = computed("batch", n=4, dim=2, beta=0.5, systems=3, time=100, saves=5)
    assert found.values["clusters_at_end"] == 1
    assert found.arrays["share_with_clusters"].sum() == pytest.approx(1)
    assert found.arrays["clusters"][0] >= 1


@pytest.mark.slow
def test_threshold():
    found = computed("threshold", n=4, dim=2, beta_to=4, betas=2)
    assert found.values["beta_exp"] in (0.5, 4.0, None)
    assert found.values["log_time_first"] < found.values["log_time_last"]


@pytest.mark.slow
def test_minimal_energy():
    found = computed("minimal-energy", n=4, degree=6, starts=2)
    assert found.values["configuration"] == "regular simplex"
    assert {str(verdict.status) for verdict in found.verdicts} == {"HOLDS"}


@pytest.mark.slow
def test_sharpness():
    found = computed("sharpness", minimizers=50)
    law = dl.depth_law(dl.DeepLinear(dl.paper_samples("overdetermined").regression, 3))
    assert found.values["s_min"] == law.s_min.value
    assert found.values["s_least_seen"] >= found.values["s_min"] * (1 - 1e-12)
    assert {str(verdict.status) for verdict in found.verdicts} == {"HOLDS"}


@pytest.mark.slow
def test_train_and_sweep_agree_on_their_limits():
    how = {"depth": 2, "step": 0.1, "steps": 300, "scale": 0.5}
    one, many = computed("train", **how, verdicts=False), computed("sweep", **how, runs=3)
    for name in ("s_min", "s_balanced", "sharpness_limit"):
        assert one.values[name] == many.values[name]
    assert many.values["at_minimizer"] == 1
    assert one.values["s_min"] * (1 - 1e-6) <= one.values["sharpness"] <= one.values["sharpness_limit"]
    assert [str(verdict.status) for verdict in many.verdicts] == ["HOLDS"]


def test_a_run_that_diverges_has_no_sharpness():
    found = computed("sweep", depth=2, step=5, steps=50, scale=1.5, runs=3)
    assert found.values["diverged"] == 1
    assert found.values["sharpness"] is None
    assert found.verdicts == ()


def test_deep_linear_on_a_table(tmp_path):
    x = np.random.default_rng(0).standard_normal((30, 2))
    lines = [f"{a},{b},{a - 2 * b}" for a, b in x]
    (tmp_path / "t.csv").write_text("\n".join(["a,b,y", *lines]))
    found = computed("sharpness", data=str(tmp_path / "t.csv"), target="y", depth=2, minimizers=5)
    assert found.values["norm_w_star"] == pytest.approx(math.sqrt(5))


class TestCoverage:
    def test_the_same_as_the_command(self):
        found = computed("coverage", 4, experiment="occam", draws=200)
        (own,) = run_coverage(["occam"], draws=200, seed=4)
        assert found.values["failures"] == own.violations
        assert found.values["median_bound"] == own.median_bound
        assert found.verdicts[0].status is own.verdict.status

    def test_every_experiment_has_a_name(self):
        assert len(_NAMED) == len(EXPERIMENTS)
        assert {"covering", "covering/2", "covering/3", "maurer_seeger/control/2"} <= set(_NAMED)

    def test_more_points_make_a_smaller_bound(self):
        bounds = [
            computed("coverage", experiment="maurer_seeger", m=m, draws=100).values["median_bound"] for m in (16, 400)
        ]
        assert bounds[0] > bounds[1]

    @pytest.mark.parametrize("named", [name for name, one in _NAMED.items() if not one.control])
    def test_every_honest_bound_has_a_size(self, named):
        found = computed("coverage", experiment=named, m=16, draws=100)
        assert found.values["failures"] <= 20
        assert found.verdicts[0].status is not Status.VIOLATED

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"experiment": "test_binomial/control", "m": 50}, "have one size only: leave m out"),
            ({"experiment": "risk_transport", "m": 50}, "m must be a multiple of 4"),
            ({"experiment": "vc", "m": 3}, "m must be >= 8"),
            ({"experiment": "nothing"}, "experiment must be one of"),
            ({"delta": 1}, "delta must be a number from"),
        ],
    )
    def test_bad_input(self, given, message):
        with pytest.raises(InputError, match=message):
            computed("coverage", **given)

    @pytest.mark.parametrize(("failures", "draws"), [(0, 10), (10, 10), (3, 10)])
    def test_the_interval_is_the_exact_one(self, failures, draws):
        from scipy.stats import binom

        low, high = interval(failures, draws)
        assert low <= failures / draws <= high
        assert low == 0 or binom.sf(failures - 1, draws, low) == pytest.approx(0.005)
        assert high == 1 or binom.cdf(failures, draws, high) == pytest.approx(0.005)


@pytest.mark.slow
def test_certify():
    found = computed("certify")
    assert 0 < found.values["test_risk"] < found.values["certified_risk"] < 0.3
    assert [verdict.theorem for verdict in found.verdicts] == ["against_test"]


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("certify", {"data": "nowhere.csv"}, "nowhere.csv"),
        ("collapse", {"points": "nowhere.npy"}, "nowhere.npy"),
        ("train", {"step": 0}, "step must be a number from"),
        ("reproduce", {"folder": "nowhere"}, "no file 'tic-tac-toe.dat' in 'nowhere'"),
        ("network-sharpness", {"network": "nowhere:net", "data": "x.npz"}, "module 'nowhere' cannot be imported"),
        ("network-layers", {"network": "nowhere:net"}, "module 'nowhere' cannot be imported"),
    ],
)
def test_bad_input(name, given, message):
    with pytest.raises(InputError, match=message):
        computed(name, **given)
