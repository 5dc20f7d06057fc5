"""Theorems on generalization: one bound a file. They call formulas and define none."""

from fathometer.evidence import Theorem, load_theorems

NAMES = (
    "test_binomial",
    "occam",
    "occam_binomial",
    "stratified_kl",
    "maurer_seeger",
    "w1_nips_t1",
    "w1_nips_t2",
    "w1_nips_t2_improved",
    "w1_nips_t3",
    "w1_nips_t4",
    "w1_nips_t5",
    "w1_nips_t5_bounded",
    "progressive_validation",
    "w1_route_a",
    "w1_route_a_improved",
    "risk_transport",
    "smooth_gauss",
    "smooth_mean",
    "smooth_free",
    "smooth_ball",
    "smooth_increment",
    "smooth_increment_peeled",
    "chain_gauss",
    "kl_w1_interp",
    "w1_amit_finite",
    "w1_glm_local",
    "rademacher_linear",
    "covering",
    "random_set",
    "catoni",
    "seeger_twosided",
    "coinbet_kl",
    "supermart_nonneg",
    "disint_rivasplata",
    "disint_renyi",
    "output_conversion",
    "output_conversion_lipschitz",
)
"""Every theorem, by its module in this folder; the catalogue shows them in this order."""


def theorems() -> tuple[Theorem, ...]:
    """Return all theorems of this theory."""
    return load_theorems(__name__, NAMES)
