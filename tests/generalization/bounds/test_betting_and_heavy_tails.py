"""Betting on losses, heavy tails, interpolation, random sets and the labelled ones."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from fathometer.evidence import InputError
from fathometer.generalization import (
    Bound,
    CertifiedRisk,
    Ledger,
    best_interpolation,
    bound,
    catalogue,
    certify_linear,
    evaluate_bound,
    massart_complexity,
)
from fathometer.generalization.bounds._betting import betting_upper, log_wealth
from fathometer.generalization.bounds._bound import UNVERIFIED
from fathometer.numerics import wide
from tests.oracles import generalization_betting as oracle

ORACLES = {
    "supermart_nonneg": ("risk", "second_moment", "kl", "m", "delta", "lam"),
    "heavy_tailed_kl": ("risk", "variance", "squares", "kl", "m", "delta", "lam"),
    "w1_nips_t1": ("risk", "lipschitz", "distance", "variance", "squares", "m", "delta", "lam", "blocks"),
    "w1_nips_t4": ("risk", "lipschitz", "distance", "variance", "squares", "m", "delta", "lam"),
    "kl_w1_interp": ("risk", "lipschitz", "distance", "kl", "m", "delta"),
    "kl_w1_interp_eta": ("risk", "lipschitz", "distance", "kl", "m", "delta"),
    "random_set": ("risk", "complexity", "log_ratio", "m", "delta", "lam"),
    "test_empbernstein": ("risk", "variance", "n", "delta"),
    "tolstikhin_seldin": ("risk", "variance", "kl", "m", "delta", "c1", "c2"),
    "dp_prior": ("risk", "kl", "epsilon", "m", "delta"),
}


def value(name: str, **keys) -> float:
    found = evaluate_bound(name, **keys).value
    assert found is not None
    return found


def draw(key: str, rng: np.random.Generator) -> float:
    match key:
        case "risk":
            return float(rng.choice([0.0, rng.random()]))
        case "delta":
            return float(10 ** rng.uniform(-9, -0.1))
        case "m" | "n":
            return float(rng.integers(2, 10 ** rng.integers(1, 5)))
        case "blocks":
            return float(rng.integers(1, 50))
        case "c1" | "c2":
            return float(1 + 10 ** rng.uniform(-2, 0))
        case "variance":
            return float(rng.random() / 2)
    return float(10 ** rng.uniform(-4, 2))


@pytest.mark.parametrize("name", ORACLES)
def test_no_bound_is_rounded_down(name):
    rng = np.random.default_rng(7)
    for _ in range(60):
        keys = {key: draw(key, rng) for key in ORACLES[name]}
        found, exact = value(name, **keys), getattr(oracle, name)(*(keys[key] for key in ORACLES[name]))
        assert 0 <= mp.mpf(found) - exact <= 3 * mp.mpf(float(np.spacing(found)))


def test_the_grid_for_the_variance_reaches_its_smallest_lambda():
    """The printed recipe has ln(sqrt(...)/2 + 1/2): nu2 grid points of ratio c2 go from 1 down to the best lambda."""
    found = evaluate_bound("tolstikhin_seldin", risk=0.05, variance=0.001, kl=0, m=200, delta=0.05)
    assert round(found.value, 6) == 0.139068
    rng = np.random.default_rng(0)
    for m in rng.integers(2, 10**6, 200):
        delta, c2 = 10 ** rng.uniform(-9, -0.1), 1 + 10 ** rng.uniform(-2, 0)
        keys = {"risk": 0, "variance": 0, "kl": 0, "m": int(m), "delta": delta, "c2": c2}
        bound = evaluate_bound("tolstikhin_seldin", **keys).terms["variance_bound"]
        if bound < 0.25:
            count = np.exp(bound * (m - 1) / (2 * c2)) * delta / 2
            smallest = 2 / (np.sqrt((m - 1) / np.log(2 / delta) + 1) + 1)
            assert c2 ** -(count + 1e-6) <= smallest
            assert c2 ** -(count - 1 - 1e-6) > smallest or count < 1.5


def test_the_oracles_cover_the_new_families():
    named = set(ORACLES) | {"coinbet", "test_betting_losses"}
    last = {candidate.id for candidate in catalogue()[-len(named) - 2 :]}
    assert named == last - {"output_conversion", "output_conversion_lipschitz"}  # in a file of their own


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_betting_is_not_rounded_down(seed):
    rng = np.random.default_rng(seed)
    losses, kl, delta = rng.beta(2, 5, 2 * seed + 1), 3.0 * (seed % 2), 10 ** rng.uniform(-4, -1)
    found, exact = value("coinbet", losses=losses, kl=kl, delta=delta), oracle.coinbet(losses, kl, delta)
    assert 0 <= mp.mpf(found) - exact <= 1e-14
    assert value("test_betting_losses", losses=losses, delta=delta) == value(
        "coinbet", losses=losses, kl=0, delta=delta
    )


@pytest.mark.parametrize(
    ("errors", "n", "limit"), [(3, 20, 0.4752530970767664), (0, 5, None), (5, 5, 1.0), (4, 60, None)]
)
def test_on_errors_it_is_the_bet_in_closed_form(errors, n, limit):
    """64 nodes integrate polynomials of degree below 128 exactly."""
    losses = np.repeat([1.0, 0.0], [errors, n - errors])
    found = value("test_betting_losses", losses=losses, delta=0.05)
    assert found == pytest.approx(value("test_betting", errors=errors, n=n, delta=0.05), rel=4e-15)
    if limit is not None:
        assert found == pytest.approx(limit, rel=4e-15)


@pytest.mark.parametrize("delta", [0.05, 0.9, 0.999, 0.999999])
def test_one_loss_of_a_half_has_a_limit_in_closed_form(delta):
    """The mean of the 64 bets is 1/(4 mean (1 - mean)); near delta = 1 the wealth hardly depends on the mean."""
    with mp.workdps(40):
        exact = (1 + mp.sqrt(1 - mp.mpf(delta))) / 2
        assert 0 <= mp.mpf(value("test_betting_losses", losses=[0.5], delta=delta)) - exact < 1e-13


def test_betting_adapts_to_the_variance():
    losses = np.random.default_rng(0).beta(20, 80, 500)
    betting = value("test_betting_losses", losses=losses, delta=0.05)
    assert betting - losses.mean() < 0.5 * (value("test_kl", risk=losses.mean(), n=500, delta=0.05) - losses.mean())


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 30))
def test_log_wealth_is_convex_with_the_right_slope(seed, n):
    rng = np.random.default_rng(seed)
    losses = wide(rng.random(n))
    low, high = np.sort(rng.random(2))
    points = wide(low + (high - low) * np.linspace(0.01, 0.99, 7))
    _, slopes = log_wealth(np.broadcast_to(losses, (7, n)), points)
    assert np.all(np.diff(slopes.astype(float)) >= -1e-9)
    step = 1e-6 * points * (1 - points)
    ahead, behind = (log_wealth(np.broadcast_to(losses, (7, n)), points + s)[0] for s in (step, -step))
    np.testing.assert_allclose((ahead - behind).astype(float), (2 * step * slopes).astype(float), rtol=1e-5, atol=1e-12)
    assert log_wealth(losses, losses.mean())[0] <= 1e-15
    limit = wide(betting_upper(losses, wide(3)))
    assert limit == 1 or log_wealth(losses, limit)[0] >= 3


def test_betting_takes_many_samples_at_once():
    losses = np.random.default_rng(1).random((5, 12))
    certificate = CertifiedRisk("test_betting_losses", {"losses": losses}, 0.1)
    assert certificate.values().tolist() == [value("test_betting_losses", losses=row, delta=0.1) for row in losses]
    assert CertifiedRisk.from_json(certificate.to_json()) == certificate


def test_the_pieces_of_many_samples_are_those_of_each():
    losses = wide(np.random.default_rng(1).random((3, 6)))
    _, terms = bound("coinbet").evaluate(losses=losses, kl=wide([1, 2, 3]), delta=wide(0.1))
    for name, pieces in terms.items():
        for row, kl, piece in zip(losses, (1, 2, 3), pieces, strict=True):
            alone = evaluate_bound("coinbet", losses=row.astype(float), kl=kl, delta=0.1).terms[name]
            assert float(piece) == pytest.approx(alone, rel=1e-15)


@pytest.mark.parametrize(
    ("losses", "message"),
    [
        ([0.1, 1.5], "each of losses must be >= 0 and <= 1, got 1.5"),
        ("0.1,-0.2", "each of losses must be >= 0 and <= 1, got -0.2"),
        ([], "losses must hold at least one number"),
        ("0.1,x", "losses must be a number, got 'x'"),
        ([0.1, np.nan], "losses must be finite"),
    ],
)
def test_bad_losses_are_refused(losses, message):
    with pytest.raises(InputError, match=message):
        evaluate_bound("test_betting_losses", losses=losses, delta=0.05)


def test_losses_are_read_from_text():
    text = value("test_betting_losses", losses="0,0.25,0.5", delta="0.1")
    assert text == value("test_betting_losses", losses=[0, 0.25, 0.5], delta=0.1)


def test_the_best_lambda_gives_the_second_moment_theorem():
    m, blocks, delta = 1000, 10, 0.05
    lam = np.sqrt(2 * np.log(blocks / delta) * blocks / m)
    keys = {"risk": 0, "lipschitz": 0, "distance": 0, "m": m, "delta": delta, "blocks": blocks}
    found = value("w1_nips_t1", **keys, variance=0.5, squares=0.5, lam=lam)
    assert found == pytest.approx(0.3255247261437459, rel=1e-14)


def test_the_published_mean_of_the_right_side_of_theorem_1():
    """Student t(3), loss |z|, m = 200, prior = posterior, best fixed lambda: mean 0.3265 in the reference."""
    rng = np.random.default_rng(0)
    risk, m = 2 * np.sqrt(3) / np.pi, 200
    variance = 3 - risk**2
    squares = np.mean((np.abs(rng.standard_t(3, (4000, m))) - risk) ** 2, axis=1)
    lam = np.sqrt(np.log(20) / (m * variance))
    keys = {"risk": 0, "lipschitz": 1, "distance": 0, "m": m, "lam": lam, "variance": variance}
    values = CertifiedRisk("w1_nips_t1", keys | {"squares": squares}, 0.05).values()
    assert values.mean() == pytest.approx(0.3265, abs=0.004)


def test_interpolation_has_both_ends():
    keys = {"risk": 0.1, "lipschitz": 0.5, "m": 1000, "delta": 0.05}
    at_posterior = value("kl_w1_interp", **keys, distance=0, kl=10)
    assert at_posterior == value("mcallester", risk=0.1, kl=10, m=1000, delta=0.05)
    at_prior = evaluate_bound("kl_w1_interp", **keys, distance=0.2, kl=0)
    assert at_prior.terms["transport"] == pytest.approx(0.2)


def test_the_best_law_in_between():
    """At the posterior when the prior is far in units of the rate, in between when L is small; never worse."""
    common = {"risk": 0.0, "dim": 20, "m": 5000, "delta": 0.05, "prior_sigma": 0.3}
    far = best_interpolation(lipschitz=1.0, distance=1.0, **common)
    assert far.t == pytest.approx(1, abs=1e-3)
    near = best_interpolation(lipschitz=1.0, distance=1e-5, **common)
    middle = best_interpolation(lipschitz=0.02, distance=1.0, **common)
    assert 0 <= middle.t < 0.9
    for found, lipschitz, distance in ((far, 1.0, 1.0), (near, 1.0, 1e-5), (middle, 0.02, 1.0)):
        keys = {"risk": 0, "lipschitz": lipschitz, "m": 5000, "delta": 0.05}
        assert found.value == value("kl_w1_interp", **keys, distance=found.distance, kl=found.kl)
        for t in (0, 0.25, 0.5, 0.75, 1):
            for ratio in np.geomspace(1e-4, 1, 12):
                away = np.hypot((1 - t) * distance, np.sqrt(20) * 0.3 * ratio)
                kl = (t * distance / 0.3) ** 2 / 2 + 10 * (ratio**2 - 1 - 2 * np.log(ratio))
                assert found.value <= value("kl_w1_interp", **keys, distance=away, kl=max(kl, 0)) * (1 + 1e-6)
    with pytest.raises(InputError, match="lipschitz must be >= 0"):
        best_interpolation(lipschitz=-1.0, distance=1.0, **common)


def test_massart_bounds_the_complexity_of_a_finite_set():
    losses = np.random.default_rng(2).random((6, 10))
    signs = np.array(np.meshgrid(*[[-1, 1]] * 10)).reshape(10, -1)
    exact = (losses @ signs).max(axis=0).mean() / 10
    assert exact <= massart_complexity(losses)
    assert massart_complexity(losses) == pytest.approx(
        np.linalg.norm(losses, axis=1).max() * np.sqrt(2 * np.log(6)) / 10
    )
    with pytest.raises(InputError, match="losses must have"):
        massart_complexity(np.zeros((0, 3)))


def test_constants_from_memory_are_labelled_and_used_by_no_ledger():
    labelled = {candidate.id for candidate in catalogue() if candidate.source.remark.startswith(UNVERIFIED)}
    assert labelled == {"test_empbernstein", "tolstikhin_seldin", "dp_prior"}
    found = evaluate_bound("dp_prior", risk=0.1, kl=1, epsilon=0.01, m=1000, delta=0.05)
    assert found.explanation.endswith("(unverified constants)")
    rng = np.random.default_rng(0)
    ledger: Ledger = certify_linear(rng.normal(size=(100, 2)), rng.integers(0, 2, 100))
    assert not labelled & {row.bound for row in ledger.rows}


def test_a_prior_without_privacy_loss_costs_the_split_of_delta():
    keys = {"risk": 0.1, "kl": 10, "m": 1000}
    assert value("dp_prior", **keys, epsilon=0, delta=0.1) == value("maurer_seeger", **keys, delta=0.05)


def test_sequences_are_named_in_the_list():
    key = next(key for key in bound("coinbet").keys if key.name == "losses")
    assert key.allowed == "sequence >= 0 and <= 1"
    assert isinstance(bound("coinbet"), Bound)


def test_a_fixed_predictor_with_a_second_moment_has_the_bound_at_the_best_lambda():
    """R_n + sqrt(2 C ln(1/delta)/n): lambda depends on C, n and delta alone, which are known in advance."""
    moment, n, delta = 4.0, 1000, 0.05
    best = np.sqrt(2 * np.log(1 / delta) / (moment * n))
    found = value("supermart_nonneg", risk=1.5, second_moment=moment, kl=0, m=n, delta=delta, lam=best)
    assert found == pytest.approx(1.5 + np.sqrt(2 * moment * np.log(1 / delta) / n), rel=1e-14)
    published = value("w1_nips_t2", risk=1.5, lipschitz=0, distance=0, m=n, delta=delta, second_moment=moment)
    assert published == pytest.approx(found, rel=1e-14)
