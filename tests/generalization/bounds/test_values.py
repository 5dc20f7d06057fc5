"""Every published or derived number of a bound, and independent 50-digit evaluations."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from fathometer.generalization import bound, catalogue, evaluate_bound
from fathometer.generalization.bounds.wasserstein import local_increment
from fathometer.numerics import kl_inverse_upper, wide
from tests.oracles import generalization as oracle

SAMPLES = (
    {"risk": 0.1, "kl": 10, "m": 1000, "delta": 0.05},
    {"risk": 0.02, "kl": 500, "m": 30000, "delta": 0.025},
    {"risk": 0, "kl": 5, "m": 500, "delta": 0.05},
)
PAC_BAYES = {
    "mcallester": (0.1925817398130026, 0.1121535406233347, 0.1086102366415111),
    "maurer_seeger": (0.1644761778363172, 0.05731090888005308, 0.02331624285274468),
    "coinbet_kl": (0.1642186578110636, 0.05730507912956918, 0.02308077071439795),
    "pinsker_refined": (0.1928393476972459, 0.08003405759171038, 0.04718473401330013),
    "pb_quad": (0.1781544407246223, 0.06809494942145686, 0.04718473401330013),
    "pb_lambda": (0.1781544407246223, 0.06809494942145686, 0.04718473401330013),
}
WIDE = np.finfo(np.longdouble).eps < 1e-18
DIGITS = 4e-16 if WIDE else 1e-13


def value(name: str, **keys) -> float:
    found = evaluate_bound(name, **keys).value
    assert found is not None
    return found


@pytest.mark.parametrize("name", PAC_BAYES)
def test_pac_bayes_on_sample_inputs(name):
    assert [value(name, **sample) for sample in SAMPLES] == pytest.approx(PAC_BAYES[name], rel=DIGITS)


def test_pieces_of_pac_bayes_on_sample_inputs():
    c_m = [evaluate_bound("maurer_seeger", **sample).terms["c_m"] for sample in SAMPLES]
    assert c_m == pytest.approx([0.017142757093605, 0.0169845500988332, 0.02359236700665006], rel=DIGITS)
    lam = [evaluate_bound("pb_lambda", **sample).terms["lam"] for sample in SAMPLES]
    assert lam == pytest.approx([0.4386892653741231, 0.7062924611895232, 1], rel=DIGITS)


def test_catoni_on_sample_inputs():
    expected = {
        1: (0.1690271367714473, 0.05714276115883651, 0.02509692133077512),
        2: (0.2218668231368681, 0.06384809482625524, 0.01834731963606551),
    }
    for C, numbers in expected.items():
        assert [value("catoni", C=C, **sample) for sample in SAMPLES] == pytest.approx(numbers, rel=DIGITS)
    smallest = [kl_inverse_upper(s["risk"], (s["kl"] - np.log(wide(s["delta"]))) / s["m"]) for s in SAMPLES]
    assert smallest == pytest.approx((0.1551639097068573, 0.05702824550526793, 0.01586427993648592), rel=DIGITS)
    grid = [min(value("catoni", C=C, **s) for C in np.geomspace(0.02, 200, 800)) for s in SAMPLES]
    assert grid == pytest.approx(smallest, rel=1e-3)


def test_catoni_linear_at_its_best_lambda():
    expected = (0.1806093427387731, 0.11162322117001, 0.08941885860127041)
    found = [value("catoni_linear", lam=np.sqrt(8 * s["m"] * (s["kl"] - np.log(s["delta"]))), **s) for s in SAMPLES]
    assert found == pytest.approx(expected, rel=DIGITS)


def test_seeger_gives_both_sides_of_one_event():
    found = evaluate_bound("seeger_twosided", **SAMPLES[0])
    assert found.value == value("maurer_seeger", **SAMPLES[0])
    assert found.terms["lower"] == pytest.approx(float(oracle.kl_inverse_lower(0.1, found.terms["c_m"])), rel=1e-13)


def test_a_union_over_a_grid_costs_its_logarithm():
    one, many = value("catoni", C=1, **SAMPLES[0]), value("catoni", C=1, grid=20, **SAMPLES[0])
    assert many == pytest.approx(value("catoni", C=1, **SAMPLES[0] | {"delta": 0.0025}), rel=1e-15)
    assert many > one


def test_the_monte_carlo_step_before_the_certificate():
    gibbs = value("test_kl", risk=0.03, n=150_000, delta=0.01 / 2)
    assert gibbs == pytest.approx(0.0314559819963038, rel=DIGITS)
    assert value("maurer_seeger", risk=gibbs, kl=500, m=30000, delta=0.025) == pytest.approx(
        0.07462228989855535, rel=DIGITS
    )


def test_disintegrated_example():
    found = evaluate_bound("disint_renyi", risk=0.01, renyi=100, m=30000, delta=0.05)
    assert found.terms["c"] == pytest.approx(0.003897142062440797, rel=DIGITS)
    assert found.value == pytest.approx(0.02147163860708221, rel=DIGITS)
    gibbs = evaluate_bound("maurer_seeger", risk=0.01, kl=50, m=30000, delta=0.05)
    assert gibbs.terms["c_m"] == pytest.approx(0.001961445192814536, rel=DIGITS)
    assert gibbs.value == pytest.approx(0.01756642646988707, rel=DIGITS)


def test_disintegrated_forms_against_their_formulas():
    keys = {"risk": 0.05, "log_ratio": 30, "m": 5000, "delta": 0.05}
    budget = 30 + np.log(2 * 3 * np.sqrt(5000) / 0.05)
    assert value("disint_rivasplata", priors=3, **keys) == pytest.approx(
        float(oracle.kl_inverse_upper(0.05, budget / 5000)), rel=1e-14
    )
    hammer = 1.5 * 30 + np.log(3 * 4 / 0.05)
    assert value("disint_blanchard", b=2, grid=4, **keys) == pytest.approx(
        float(oracle.kl_inverse_upper(0.05, hammer / 5000)), rel=1e-14
    )
    exponent = 2 * 0.05 + (30 + np.log(4 / 0.05)) / 5000
    assert value("disint_catoni", C=2, grid=4, **keys) == pytest.approx(
        (1 - np.exp(-exponent)) / (1 - np.exp(-2)), rel=1e-14
    )
    assert value("disint_rivasplata", **keys | {"log_ratio": -1000}) == 0.05


@pytest.mark.parametrize(
    ("errors", "n", "delta", "binomial", "chernoff", "hoeffding"),
    [
        (12, 1000, 0.05, 0.01937019928505925, 0.02246402900900771, 0.05070227560204949),
        (0, 1000, 0.05, 0.002991249545095296, 0.002991249545095296, 0.03870227560204949),
        (100, 10000, 0.05, 0.01179723397134762, 0.01263460602892612, 0.02223873415340408),
        (2, 50, 0.1, 0.1029592085367193, 0.1283543754842782, 0.1917427129385146),
    ],
)
def test_bounds_on_held_out_points_agree_with_the_table(errors, n, delta, binomial, chernoff, hoeffding):
    keys = {"n": n, "delta": delta}
    assert value("test_binomial", errors=errors, **keys) == pytest.approx(binomial, rel=DIGITS)
    assert value("test_kl", risk=errors / n, **keys) == pytest.approx(chernoff, rel=DIGITS)
    assert value("test_hoeffding", risk=errors / n, **keys) == pytest.approx(hoeffding, rel=DIGITS)


def test_betting_bounds_agree_with_the_table():
    assert value("test_betting", errors=3, n=20, delta=0.05) == pytest.approx(0.4752530970767664, rel=DIGITS)
    assert value("test_betting", errors=12, n=1000, delta=0.05) == pytest.approx(0.02919779988069672, rel=DIGITS)
    assert value("test_betting", errors=3, n=20, delta=1 / 3.437175131531768) == pytest.approx(0.4, rel=1e-14)


def test_the_baseline_on_the_same_budget():
    assert value("test_binomial", errors=120, n=12000, delta=0.05) == pytest.approx(0.01162744249198217, rel=DIGITS)


def test_uniform_convergence():
    assert value("vc", risk=0, vc_dim=3, m=1000, delta=0.05) == pytest.approx(0.2408281223952891, rel=DIGITS)
    occam = evaluate_bound("occam", risk=0, hypotheses=50, m=200, delta=0.05)
    assert occam.terms["hoeffding_form"] == pytest.approx(0.1314130442439233, rel=DIGITS)
    assert value("w1_nips_t5", risk=0, lipschitz=1, distance=0, m=500, delta=0.05) == pytest.approx(
        0.1094665661022395, rel=DIGITS
    )
    assert value("stability", risk=0.1, beta=0.001, m=100, delta=0.05) == pytest.approx(
        0.102 + 1.4 * np.sqrt(np.log(20) / 200), rel=1e-15
    )


def test_rademacher_of_a_small_linear_class():
    points = np.array([[1, 0], [0, 1], [0.6, 0.8]])
    signs = np.array(np.meshgrid(*[[-1, 1]] * 3)).reshape(3, -1).T
    exact = np.linalg.norm(signs @ points, axis=1).mean() / 3
    assert exact == pytest.approx(0.5259910793647254, rel=DIGITS)
    term = evaluate_bound("rademacher_linear", risk=0, lipschitz=1, radius=1, m=3, delta=0.05).terms["complexity"]
    assert term / 2 == pytest.approx(0.5773502691896258, rel=DIGITS)
    confidence = np.sqrt(np.log(20) / 6)
    assert value("rademacher", risk=0, complexity=exact, m=3, delta=0.05) == pytest.approx(2 * exact + confidence)
    assert value("rademacher_empirical", risk=0, complexity=exact, m=3, delta=0.1) == pytest.approx(
        2 * exact + 3 * confidence
    )


def test_the_norms_of_the_sample_need_the_empirical_form():
    keys = {"risk": 0.1, "lipschitz": 0.5, "radius": 2, "m": 400, "delta": 0.05}
    known, seen = (value("rademacher_linear", **keys, **norm) for norm in ({"feature_norm": 0.7}, {"sample_norm": 0.7}))
    assert known == pytest.approx(0.1 + 0.07 + np.sqrt(np.log(20) / 800), rel=1e-14)
    assert seen == pytest.approx(0.1 + 0.07 + 3 * np.sqrt(np.log(40) / 800), rel=1e-14)


@pytest.mark.parametrize("delta", [5e-324, 1e-300, 1e-30, 1e-16])
def test_no_limit_of_a_probability_is_above_1(delta):
    for n in (1, 10, 1000):
        for errors in {0, 1, n - 1, n}:
            for name in ("test_binomial", "test_betting"):
                assert errors / n <= value(name, errors=errors, n=n, delta=delta) <= 1


def test_limits_that_scipy_has_no_quantile_for():
    assert 0.1 < value("test_binomial", errors=10**17, n=10**18, delta=0.1) < 0.1 + 1e-8
    assert value("test_binomial", errors=10**17, n=10**18, delta=0.1) >= 0.1 + 1.28 * 0.3e-9
    assert value("test_binomial", errors=1, n=10, delta=5e-324) == 1


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("disint_blanchard", {"risk": 0.1, "log_ratio": 1, "m": 10, "b": 1e-320}),
        ("dp_prior", {"risk": 0.1, "kl": 1, "epsilon": 1e200, "m": 10}),
    ],
)
def test_a_piece_that_overflows_is_left_out(name, keys):
    found = evaluate_bound(name, **keys, delta=0.05)
    assert found.value == 1
    assert all(np.isfinite(list(found.terms.values())))


@pytest.mark.parametrize("name", [candidate.id for candidate in catalogue() if candidate.top == 1])
def test_what_is_rounded_outward_stops_at_1(name):
    """Every number at its least, with next to no probability of a failure."""
    keys = {key.name: key.at_least if key.above is None else 1e-9 for key in bound(name).keys if key.required}
    keys |= {"delta": 1e-300, "m": 10, "n": 10}
    sequences = {key.name: [0.0, 0.0] for key in bound(name).keys if key.kind == "sequence"}
    names = {key.name for key in bound(name).keys}
    given = {key: number or 0 for key, number in (keys | sequences).items() if key in names}
    found = evaluate_bound(name, **given).value
    assert found is None or not 1 < found < 1 + 1e-9


def test_a_predictor_outside_the_shell_by_rounding_is_in_the_next_one():
    """0.3/0.1 = 2.9999999999999996 and the like: the radius is never below the distance."""
    rng = np.random.default_rng(0)
    for base in rng.uniform(0.01, 1, 50):
        for power in range(4):
            distance = np.nextafter(base * 2.0**power, np.inf)
            keys = {"risk": 0, "lipschitz": 1, "m": 100, "delta": 0.1, "distance": distance, "base_radius": base}
            assert evaluate_bound("w1_glm_local", **keys).terms["radius"] >= distance


GAP = {"risk": 0, "lipschitz": 1, "radius": 1, "delta": 0.05}


@pytest.mark.parametrize(
    ("d", "m", "sigma", "best", "simple", "ball", "covering", "increment", "chain"),
    [
        (2, 10_000, 0.0005953201096721915, 0.0349987573505071, 0.04730873192976425, 0.04293425449618276,
         0.04607905490012257, 0.08210045449926653, 0.06896227310018004),
        (10, 1_000, 0.002425110954659267, 0.1820657866057632, 0.2060585244112523, 0.2023974140158671,
         0.212615659615143, 0.381295332950911, 0.331276649125954),
        (100, 100_000, 0.0002252457227721667, 0.06012724223845849, 0.06039629094437668, 0.06036403131075848,
         0.06325059121748464, None, 0.08618641161252593),
    ],
)  # fmt: skip
def test_smoothing_bounds_agree_with_the_table(d, m, sigma, best, simple, ball, covering, increment, chain):
    keys = GAP | {"dim": d, "m": m}
    found = evaluate_bound("smooth_gauss", **keys)
    assert found.terms["sigma"] == pytest.approx(sigma, rel=DIGITS)
    assert found.value == pytest.approx(best, rel=DIGITS)
    assert value("smooth_gauss", sigma=1 / np.sqrt(d * m), **keys) == pytest.approx(simple, rel=DIGITS)
    assert value("smooth_ball", eps=1 / np.sqrt(m), **keys) == pytest.approx(ball, rel=DIGITS)
    assert value("covering", eps=1 / np.sqrt(m), **keys) == pytest.approx(covering, rel=DIGITS)
    assert value("chain_gauss", **keys) == pytest.approx(chain, rel=DIGITS)
    if increment is not None:
        assert value("smooth_increment", sigma=1 / np.sqrt(d * m), **keys) == pytest.approx(increment, rel=DIGITS)


def test_increments_of_a_small_ball():
    for d, m, expected in (
        (2, 1e4, 0.02043295909159223),
        (10, 1e3, 0.07678178004629748),
        (100, 1e5, 0.01568978383548963),
    ):
        keys = GAP | {"lipschitz": 0.1, "dim": d, "m": m, "sigma": 1 / np.sqrt(d * m)}
        assert value("smooth_increment", **keys) == pytest.approx(expected, rel=DIGITS)
    for d, m, reach, transport, gauss, increment in (
        (1000, 60_000, 0.3, 0.305, 0.188, 0.126),
        (1000, 60_000, 0.1, 0.105, 0.156, 0.046),
        (10_000, 60_000, 0.1, 0.105, 0.355, 0.114),
        (10_000, 10_000, 0.03, 0.042, 0.342, 0.081),
    ):
        keys = GAP | {"lipschitz": reach, "dim": d, "m": m}
        assert value("smooth_gauss", **keys) == pytest.approx(gauss, abs=6e-4)
        assert value("smooth_increment", **keys) == pytest.approx(increment, abs=6e-4)
        hoeffding = value("test_hoeffding", risk=0, n=m, delta=0.05)
        assert reach + hoeffding == pytest.approx(transport, abs=6e-4)


@pytest.mark.parametrize(
    ("d", "m", "numbers"),
    [
        (1, 1e3, (2.0387, 0.0743, 0.0835, 0.0849, 0.1979, 0.1019)),
        (1, 1e5, (2.0039, 0.0082, 0.0097, 0.0098, 0.0198, 0.0102)),
        (10, 1e3, (2.0387, 0.1866, 0.1811, 0.1821, 0.3313, 0.1019)),
        (10, 1e5, (2.0039, 0.0217, 0.0215, 0.0216, 0.0331, 0.0102)),
        (100, 1e3, (2.0387, 0.5203, 0.4841, 0.4828, 0.8619, 0.1019)),
        (100, 1e5, (2.0039, 0.0629, 0.0601, 0.0601, 0.0862, 0.0102)),
        (1000, 1e4, (2.0122, 0.5188, 0.4809, 0.4792, 0.8225, 0.0322)),
        (1000, 1e6, (2.0012, 0.0628, 0.0598, 0.0598, 0.0823, 0.0032)),
    ],
)
def test_widths_are_optimised(d, m, numbers):
    keys = GAP | {"dim": d, "m": m}
    found = [
        value("w1_route_a", risk=0, lipschitz=1, distance=1, m=m, delta=0.05),
        *(value(name, **keys) for name in ("covering", "smooth_ball", "smooth_gauss", "chain_gauss")),
        value("rademacher_linear", risk=0, lipschitz=1, radius=1, m=m, delta=0.05),
    ]
    assert found == pytest.approx(numbers, abs=5.1e-5)


@pytest.mark.parametrize(
    ("name", "width"),
    [("smooth_gauss", "sigma"), ("smooth_increment", "sigma"), ("smooth_ball", "eps"), ("covering", "eps")],
)
def test_no_other_width_is_better(name, width):
    keys = GAP | {"lipschitz": 0.4, "radius": 3, "dim": 7, "m": 2000}
    best = evaluate_bound(name, **keys)
    for factor in (0.5, 0.9, 0.999, 1.001, 1.1, 2):
        assert value(name, **keys, **{width: best.terms[width] * factor}) > best.value


def test_a_prior_as_narrow_as_the_posterior_loses_the_rate():
    m, mean_norm = 1e6, 1.2533141373155
    sigma = np.sqrt(1 / (4 * mean_norm * np.sqrt(m)))
    narrow = 2 * sigma * mean_norm + 1 / (2 * sigma * np.sqrt(m))
    assert narrow == pytest.approx(2 * np.sqrt(mean_norm) * m**-0.25)
    assert value("smooth_gauss", **GAP, dim=2, m=m) < narrow / 8


def test_chaining_has_the_rate_without_a_logarithm():
    values = [value("chain_gauss", **GAP, dim=1000, m=m, scales=12, q=0.1) for m in (1e6, 1e8, 1e10)]
    slopes = np.diff(np.log(values)) / np.log(100)
    np.testing.assert_allclose(slopes, -0.5, atol=1e-6)


def test_the_conversion_agrees_with_the_table():
    keys = {"risk": 0, "lipschitz": 1, "distance": 0, "m": 1000, "delta": 0.05, "blocks": 10}
    union = evaluate_bound("w1_route_a", **keys)
    assert union.value == pytest.approx(0.1627623630718729, rel=DIGITS)
    assert union.terms["improved_confidence"] == pytest.approx(0.1223873415340408, rel=DIGITS)
    assert value("w1_route_a_improved", **keys) == pytest.approx(0.1223873415340408, rel=DIGITS)
    assert value("w1_nips_t2", **keys) == pytest.approx(0.3255247261437459, rel=DIGITS)
    assert value("w1_nips_t3", **keys) == union.value
    assert value("w1_nips_t2", **keys, second_moment=4) == pytest.approx(2 * 0.3255247261437459, rel=DIGITS)


def test_the_local_increment_of_a_linear_model():
    assert local_increment(wide(1), wide(500), -np.log(wide(0.05))) == pytest.approx(0.1989092852022311, rel=DIGITS)
    keys = {"risk": 0, "lipschitz": 1, "m": 500, "delta": 0.05, "base_radius": 0.5}
    for distance, shell, radius in ((0, 0, 0.5), (0.5, 0, 0.5), (0.6, 1, 1.0), (2.0, 2, 2.0)):
        found = evaluate_bound("w1_glm_local", distance=distance, **keys)
        log = np.log(2 * (shell + 1) * (shell + 2) / 0.05)
        assert found.terms["radius"] == radius
        assert found.terms["increment"] == pytest.approx(float(local_increment(wide(radius), wide(500), wide(log))))


def test_a_finite_class_has_a_rate_with_w1():
    found = value("w1_amit_finite", risk=0.1, lipschitz=2, distance=0.3, hypotheses=50, m=400, delta=0.05)
    rate = 2 * np.sqrt(2 * np.log(4 * 2500 / 0.05) / 400) * 0.3
    assert found == pytest.approx(0.1 + rate + np.sqrt(np.log(40) / 800), rel=1e-15)


def test_the_mean_of_a_posterior():
    gibbs = value("maurer_seeger", risk=0.1, kl=10, m=1000, delta=0.05)
    found = value("smooth_mean", risk=0.1, kl=10, lipschitz=2, sigma=0.01, dim=10, m=1000, delta=0.05)
    assert found == pytest.approx(gibbs + 0.02 * 3.084327759799864, rel=1e-15)


ORACLES = {
    "test_binomial": ("errors", "n", "delta"),
    "test_kl": ("risk", "n", "delta"),
    "occam": ("risk", "hypotheses", "m", "delta"),
    "mcallester": ("risk", "kl", "m", "delta"),
    "maurer_seeger": ("risk", "kl", "m", "delta"),
    "pb_quad": ("risk", "kl", "m", "delta"),
    "pinsker_refined": ("risk", "kl", "m", "delta"),
    "coinbet_kl": ("risk", "kl", "m", "delta"),
    "smooth_gauss": ("risk", "lipschitz", "radius", "dim", "m", "delta", "sigma"),
    "risk_transport": ("risk", "lipschitz", "distance", "m", "delta"),
    "w1_route_a": ("risk", "lipschitz", "distance", "m", "delta", "blocks"),
}


def draw(key: str, rng: np.random.Generator) -> float:
    match key:
        case "risk":
            return float(rng.choice([0.0, rng.random(), 10 ** rng.uniform(-6, -1)]))
        case "delta":
            return float(rng.choice([0.05, 10 ** rng.uniform(-9, -0.1)]))
        case "m" | "n" | "hypotheses":
            return float(rng.integers(1, 10 ** rng.integers(1, 5)))
        case "dim" | "blocks":
            return float(rng.integers(1, 2000))
    return float(10 ** rng.uniform(-4, 2))


@pytest.mark.parametrize("draws", [4, pytest.param(60, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", ORACLES)
def test_no_bound_is_rounded_down(name, draws):
    rng = np.random.default_rng(3)
    for _ in range(draws):
        keys = {key: draw(key, rng) for key in ORACLES[name] if key != "errors"}
        if "errors" in ORACLES[name]:
            keys["n"] = float(min(keys["n"], 60))
            keys["errors"] = float(rng.integers(0, keys["n"] + 1))
        found, exact = value(name, **keys), getattr(oracle, name)(*(keys[key] for key in ORACLES[name]))
        assert 0 <= mp.mpf(found) - exact <= (2.1 if WIDE else 300) * mp.mpf(float(np.spacing(found)))


def test_the_headline_number():
    found = value("maurer_seeger", risk=0.1, kl=10, m=1000, delta=0.05)
    assert found == pytest.approx(0.1644761778363172, rel=DIGITS)
    with mp.workdps(40):
        assert mp.mpf(found) >= oracle.maurer_seeger(mp.mpf("0.1"), 10, 1000, mp.mpf("0.05"))


@given(st.floats(0, 1), st.floats(0, 100), st.integers(1, 10**6), st.floats(1e-6, 0.9))
def test_relaxations_are_ordered(risk, kl, m, delta):
    keys = {"risk": risk, "kl": kl, "m": m, "delta": delta}
    tight = value("maurer_seeger", **keys)
    for name in ("mcallester", "pb_quad", "pinsker_refined"):
        assert tight <= value(name, **keys)
    assert value("pb_lambda", **keys) == pytest.approx(value("pb_quad", **keys), rel=1e-15)
    assert value("coinbet_kl", **keys) <= tight * (1 + 1e-15)


@settings(max_examples=300, deadline=None)
@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 3), st.integers(1, 20), st.integers(1, 50), st.floats(1e-4, 0.5))
def test_transport_never_exceeds_the_conversion(prior_risk, excess, transport, blocks, block_size, delta):
    risk = max(prior_risk - transport, 0) + excess * (min(prior_risk + transport, 1) - max(prior_risk - transport, 0))
    shared = {"lipschitz": 1, "distance": transport, "m": blocks * block_size, "delta": delta, "blocks": blocks}
    transported = value("risk_transport", risk=prior_risk, **shared)
    assert transported <= value("w1_route_a", risk=risk, **shared) * (1 + 1e-15)


TYPICAL = {
    "risk": 0.1, "errors": 10, "n": 100, "m": 500, "kl": 3, "delta": 0.05, "hypotheses": 10, "vc_dim": 3,
    "complexity": 0.05, "beta": 0.001, "lipschitz": 0.5, "radius": 0.5, "dim": 5, "distance": 0.1, "lam": 1,
    "C": 1, "b": 1, "log_ratio": 4, "renyi": 4, "base_radius": 0.1, "sigma": 0.01, "prior_sigma": 0.3,
    "losses": np.array([0.1, 0.05, 0.3, 0.2, 0.0, 0.15]), "second_moment": 0.2, "variance": 0.1, "squares": 0.1,
    "epsilon": 0.01, "weight": 0.25, "total": 10, "rows": 500, "share": 0.2, "classes": 3, "cells": 4, "size": 7,
    "tandem": 0.05, "threshold": 1.5,
    "values": np.array([0.25, 1.0]), "counts": np.array([20, 15]), "hits": np.array([6, 2]),
    "stated": np.array([0.1, 0.05]), "shares": np.array([0.2, 0.1]),
}  # fmt: skip


def test_every_bound_grows_with_the_empirical_risk_and_falls_with_delta():
    for candidate in catalogue():
        keys = {key.name: TYPICAL[key.name] for key in candidate.keys if key.required}
        risk = next(
            name for name in ("errors", "losses", "total", "hits", "counts", "shares", "risk", "tandem") if name in keys
        )
        base = value(candidate.id, **keys)
        assert value(candidate.id, **keys | {risk: 2 * keys[risk]}) > base, candidate.id
        assert value(candidate.id, **keys | {"delta": 0.01}) > base, candidate.id


def test_bounds_take_whole_arrays_of_samples():
    for candidate in catalogue():
        keys = {key.name: TYPICAL[key.name] for key in candidate.keys if key.required}
        draws = [keys | {name: keys[name] * factor for name in keys if name in SCALED} for factor in (1, 2, 3)]
        columns = {name: wide([sample[name] for sample in draws]) for name in keys}
        optional = {key.name: None if key.default is None else wide(key.default) for key in candidate.keys}
        found, _ = candidate.evaluate(**optional | columns)
        assert found.tolist() == [value(candidate.id, **sample) for sample in draws], candidate.id


SCALED = ("risk", "errors", "m", "n", "kl", "dim", "distance", "radius", "log_ratio")
