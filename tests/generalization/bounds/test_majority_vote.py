"""Votes: the inequalities behind the bounds, and which is smallest where."""

import numpy as np
import pytest

from fathometer.generalization import evaluate_bound

KEYS = {"kl": 0.5, "m": 20_000, "delta": 0.05}


def value(name: str, **keys) -> float:
    found = evaluate_bound(name, **KEYS | keys).value
    assert found is not None
    return found


def test_the_inequalities_hold_for_every_law_of_errors():
    """Markov's inequality, its square, and Cantelli's, which peaks at 4 T where g = 2 T."""
    rng = np.random.default_rng(0)
    for _ in range(300):
        mass, law = rng.beta(*rng.uniform(0.1, 3, 2), 8), rng.dirichlet(np.ones(8))
        risk, mean, second = law @ (mass >= 0.5), law @ mass, law @ mass**2
        assert risk <= min(2 * mean, 4 * second) + 1e-12
        if mean < 0.5:
            cantelli = (second - mean**2) / (second - mean + 0.25)
            assert risk <= cantelli + 1e-12
            assert cantelli <= 4 * second + 1e-12


@pytest.mark.parametrize(("risk", "tandem"), [(0.3, 0.1), (0.2, 0.1), (0.1, 0.08), (0.1, 0.0), (0.49, 0.3)])
def test_the_c_bound_is_the_worst_over_both_moments(risk, tandem):
    found = evaluate_bound("vote_c_bound", risk=risk, tandem=tandem, **KEYS)
    low, high, top = (found.terms[name] for name in ("gibbs_lower", "gibbs_upper", "tandem_certificate"))
    mean, second = np.meshgrid(np.linspace(low, high, 400), np.linspace(0, top, 400))
    inside = (second >= mean**2) & (mean < 0.5)
    worst = np.max(np.where(inside, (second - mean**2) / np.where(inside, second - mean + 0.25, 1), 0))
    assert worst <= found.value + 1e-12
    assert found.value <= value("vote_tandem", tandem=tandem, delta=0.025) * (1 + 1e-15)
    if high < 0.5 and top > low**2:
        assert found.value == pytest.approx(worst, rel=1e-2)


def test_each_is_smallest_somewhere():
    for best, risk, tandem in (
        ("vote_first_order", 0.02, 0.019),
        ("vote_tandem", 0.2, 0.06),
        ("vote_c_bound", 0.3, 0.095),
    ):
        found = {
            "vote_first_order": value("vote_first_order", risk=risk),
            "vote_tandem": value("vote_tandem", tandem=tandem),
            "vote_c_bound": value("vote_c_bound", risk=risk, tandem=tandem),
        }
        if best != "vote_tandem":
            assert min(found, key=found.__getitem__) == best
        else:
            assert found["vote_tandem"] < found["vote_first_order"]
