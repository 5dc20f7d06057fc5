"""The readable pieces of every bound: they keep their names, and the value is made of them as its formula says."""

import numpy as np
import pytest

from fathometer.generalization import bound, catalogue, evaluate_bound
from fathometer.numerics import kl_inverse_lower, kl_inverse_upper

NUMBERS = {
    "risk": 0.1,
    "kl": 10.0,
    "m": 1000,
    "n": 1000,
    "delta": 0.05,
    "errors": 12,
    "hypotheses": 100,
    "vc_dim": 3,
    "dim": 10,
    "lam": 0.5,
    "C": 1.5,
    "grid": 7,
    "b": 0.5,
    "beta": 0.003,
    "complexity": 0.02,
    "log_ratio": 30.0,
    "renyi": 20.0,
    "lipschitz": 0.25,
    "radius": 0.5,
    "distance": 0.375,
    "base_radius": 0.125,
    "prior_sigma": 0.75,
    "variance": 0.125,
    "squares": 0.0625,
    "second_moment": 0.03,
    "epsilon": 0.01,
    "weight": 0.25,
    "total": 12.5,
    "rows": 5000,
    "share": 0.2,
    "classes": 3,
    "cells": 4,
    "size": 7,
    "tandem": 0.06,
    "threshold": 1.5,
    "values": [0.25, 1.0],
    "counts": [30, 10],
    "hits": [20, 1],
    "stated": [0.5, 0.25],
    "shares": [0.2, 0.1],
    "losses": [0.0, 0.5, 0.25, 1.0, 0.0],
}
OPTIONAL = {"grid"}
OWN = {
    "smooth_mean": {"sigma": 0.05},
    "output_conversion_lipschitz": {"sigma": 0.05},
    "smooth_increment_peeled": {"distance": 0.003},
}
"""What a bound is evaluated at besides; keys that are optional are left out, so that the bound finds them."""


def total(*names: str):
    """The value is the sum of these terms."""
    return lambda terms: sum(terms[name] for name in names)


def inverse(budget: str, risk: str = "empirical_risk"):
    """The value is the upper inverse of kl at these terms."""
    return lambda terms: kl_inverse_upper(terms[risk], terms[budget])


def half(terms) -> float:
    return terms["c_m"] / 2


def cantelli(mean: float, second: float) -> float:
    return (second - mean**2) / (second - mean + 0.25)


RISK = "empirical_risk"
SHORT = total(RISK, "transport", "confidence")
FORMULAS = {
    "test_binomial": ((RISK,), None),
    "test_kl": ((RISK, "c"), inverse("c")),
    "test_hoeffding": ((RISK, "confidence"), total(RISK, "confidence")),
    "test_betting": ((RISK, "log_regret", "c"), inverse("c")),
    "occam": ((RISK, "c", "hoeffding_form"), inverse("c")),
    "occam_binomial": ((RISK, "level", "kl_form"), None),
    "stratified_kl": ((RISK, "n_effective", "price", "c"), inverse("c")),
    "test_split_binomial": ((RISK,), None),
    "split_kl": (
        (RISK, "c_m"),
        lambda t: 0.25 * kl_inverse_upper(0.2, t["c_m"]) + 0.75 * kl_inverse_upper(0.1, t["c_m"]),
    ),
    "group_gap": (("empirical_gap", "least"), None),
    "calibration_error": (("empirical_error",), None),
    "simultaneous_binomial": ((RISK, "level"), None),
    "compression_binomial": ((RISK, "budget", "kl_form"), None),
    "compression_kl": ((RISK, "c"), inverse("c")),
    "maurer_exact": ((RISK, "log_xi", "c"), inverse("c")),
    "vote_first_order": ((RISK, "c_m", "gibbs_certificate"), lambda t: 2 * t["gibbs_certificate"]),
    "vote_tandem": (("empirical_tandem", "c_m", "tandem_certificate"), lambda t: 4 * t["tandem_certificate"]),
    "vote_c_bound": (
        (RISK, "empirical_tandem", "gibbs_lower", "gibbs_upper", "tandem_certificate"),
        lambda t: cantelli(t["gibbs_upper"], t["tandem_certificate"]),
    ),
    "vc": ((RISK, "complexity", "confidence"), total(RISK, "complexity", "confidence")),
    "rademacher": ((RISK, "complexity", "confidence"), total(RISK, "complexity", "confidence")),
    "rademacher_empirical": ((RISK, "complexity", "confidence"), total(RISK, "complexity", "confidence")),
    "rademacher_linear": ((RISK, "complexity", "confidence"), total(RISK, "complexity", "confidence")),
    "covering": ((RISK, "transport", "complexity", "eps"), total(RISK, "transport", "complexity")),
    "stability": ((RISK, "stability", "confidence"), total(RISK, "stability", "confidence")),
    "mcallester": ((RISK, "c_m", "gap"), total(RISK, "gap")),
    "maurer_seeger": ((RISK, "c_m"), inverse("c_m")),
    "pb_quad": ((RISK, "c_m"), lambda t: (np.sqrt(t[RISK] + half(t)) + np.sqrt(half(t))) ** 2),
    "pb_lambda": (
        (RISK, "c_m", "lam"),
        lambda t: t[RISK] / (1 - t["lam"] / 2) + t["c_m"] / (t["lam"] * (1 - t["lam"] / 2)),
    ),
    "pinsker_refined": ((RISK, "c_m", "gap"), total(RISK, "gap")),
    "catoni": ((RISK, "budget"), lambda t: np.expm1(-1.5 * t[RISK] - t["budget"]) / np.expm1(-1.5)),
    "catoni_linear": ((RISK, "complexity", "variance"), total(RISK, "complexity", "variance")),
    "seeger_twosided": ((RISK, "c_m", "lower", "upper"), inverse("c_m")),
    "coinbet_kl": ((RISK, "c"), inverse("c")),
    "disint_rivasplata": ((RISK, "c"), inverse("c")),
    "disint_renyi": ((RISK, "c"), inverse("c")),
    "disint_blanchard": ((RISK, "c"), inverse("c")),
    "disint_catoni": ((RISK, "budget"), lambda t: np.expm1(-1.5 * t[RISK] - t["budget"]) / np.expm1(-1.5)),
    "w1_nips_t2": ((RISK, "transport", "confidence"), SHORT),
    "w1_nips_t2_improved": ((RISK, "transport", "confidence"), SHORT),
    "w1_nips_t3": ((RISK, "transport", "confidence"), SHORT),
    "w1_nips_t5": ((RISK, "transport", "confidence"), SHORT),
    "w1_nips_t5_bounded": ((RISK, "transport", "confidence"), SHORT),
    "progressive_validation": (
        ("predictive_risk", "transport", "confidence"),
        total("predictive_risk", "transport", "confidence"),
    ),
    "w1_route_a": ((RISK, "transport", "confidence", "improved_confidence"), SHORT),
    "w1_route_a_improved": ((RISK, "transport", "confidence"), SHORT),
    "risk_transport": (("prior_risk", "prior_certificate", "transport"), total("prior_certificate", "transport")),
    "w1_amit_finite": ((RISK, "transport", "confidence"), SHORT),
    "w1_glm_local": ((RISK, "increment", "confidence", "radius"), total(RISK, "increment", "confidence")),
    "smooth_gauss": ((RISK, "transport", "complexity", "sigma"), total(RISK, "transport", "complexity")),
    "smooth_mean": (("gibbs_risk", "gibbs_certificate", "transport"), total("gibbs_certificate", "transport")),
    "smooth_ball": ((RISK, "transport", "complexity", "eps"), total(RISK, "transport", "complexity")),
    "smooth_increment": (
        (RISK, "transport", "complexity", "confidence", "sigma"),
        total(RISK, "transport", "complexity", "confidence"),
    ),
    "chain_gauss": (
        (RISK, "confidence", "coarse", "chain", "transport"),
        total(RISK, "confidence", "coarse", "chain", "transport"),
    ),
    "smooth_free": ((RISK, "transport", "complexity", "sigma", "kl"), total(RISK, "transport", "complexity")),
    "smooth_increment_peeled": (
        (RISK, "transport", "complexity", "confidence", "sigma", "radius"),
        total(RISK, "transport", "complexity", "confidence"),
    ),
    "coinbet": ((RISK, "variance", "budget"), None),
    "test_betting_losses": ((RISK, "variance", "budget"), None),
    "supermart_nonneg": ((RISK, "complexity", "moment"), total(RISK, "complexity", "moment")),
    "heavy_tailed_kl": ((RISK, "complexity", "moment"), total(RISK, "complexity", "moment")),
    "w1_nips_t1": (
        (RISK, "transport", "confidence", "moment"),
        total(RISK, "transport", "confidence", "moment"),
    ),
    "w1_nips_t4": (
        (RISK, "transport", "confidence", "moment"),
        total(RISK, "transport", "confidence", "moment"),
    ),
    "kl_w1_interp": ((RISK, "transport", "complexity"), total(RISK, "transport", "complexity")),
    "kl_w1_interp_eta": (("eta_risk", "eta_certificate", "transport"), total("eta_certificate", "transport")),
    "random_set": (
        (RISK, "rademacher", "variance", "confidence"),
        total(RISK, "rademacher", "variance", "confidence"),
    ),
    "test_empbernstein": ((RISK, "deviation", "range"), total(RISK, "deviation", "range")),
    "tolstikhin_seldin": ((RISK, "variance_bound", "gap"), total(RISK, "gap")),
    "dp_prior": ((RISK, "privacy", "c"), inverse("c")),
    "output_conversion": (
        ("smoothed_risk", "c_m", "phi_t"),
        lambda t: kl_inverse_upper(t["smoothed_risk"], t["c_m"]) / t["phi_t"],
    ),
    "output_conversion_lipschitz": (
        ("smoothed_risk", "c_m", "transport"),
        lambda t: kl_inverse_upper(t["smoothed_risk"], t["c_m"]) + t["transport"],
    ),
}


def evaluated(name: str):
    keys = [key.name for key in bound(name).keys if key.required or key.name in OPTIONAL]
    return evaluate_bound(name, **{key: NUMBERS.get(key) for key in keys} | OWN.get(name, {}))


def test_every_bound_is_in_the_table():
    assert set(FORMULAS) == {candidate.id for candidate in catalogue()}


@pytest.mark.parametrize("name", FORMULAS)
def test_the_value_is_made_of_the_terms(name):
    names, formula = FORMULAS[name]
    found = evaluated(name)
    assert tuple(found.terms) == names
    if formula is not None:
        assert found.value == pytest.approx(float(formula(found.terms)), rel=1e-13)
    assert found.vacuous == (found.value >= bound(name).top)


def test_other_pieces_are_what_they_are_called():
    assert evaluated("occam").terms["hoeffding_form"] == pytest.approx(0.1 + np.sqrt(np.log(100 / 0.05) / 2000))
    assert (
        evaluated("test_binomial").terms["empirical_risk"] == evaluated("test_betting").terms["empirical_risk"] == 0.012
    )
    two_sided = evaluated("seeger_twosided")
    assert two_sided.terms["upper"] == pytest.approx(two_sided.value, rel=1e-15)
    assert two_sided.terms["lower"] == pytest.approx(kl_inverse_lower(0.1, two_sided.terms["c_m"]), rel=1e-15)
    losses = evaluated("coinbet").terms
    assert (losses["empirical_risk"], losses["variance"]) == (0.35, pytest.approx(np.var(NUMBERS["losses"])))
    assert losses["budget"] == pytest.approx(10 - np.log(0.05))
    assert evaluated("test_betting_losses").terms["budget"] == pytest.approx(-np.log(0.05))
    assert evaluated("smooth_mean").terms["gibbs_certificate"] == evaluated("maurer_seeger").value
    assert evaluated("risk_transport").terms["prior_risk"] == 0.1
