"""Every theorem, in one list: one file each, named like its id."""

import difflib
import functools
from importlib import import_module

from fathometer.deep_linear.theorems import MODULES as _DEEP_LINEAR
from fathometer.evidence import InputError, Theorem

_MODULES = (
    "attention.theorems.energy.energy_increases",
    "attention.theorems.energy.dissipation_identity",
    "attention.theorems.energy.circle_motion",
    "attention.theorems.hemisphere.hemisphere_cone",
    "attention.theorems.hemisphere.hemisphere_rate",
    "attention.theorems.hemisphere.hemisphere_collapse",
    "attention.theorems.hemisphere.hemisphere_limit",
    "attention.theorems.hemisphere.hemisphere_weights",
    "attention.theorems.staircase.two_token_time",
    "attention.theorems.clustering.equiangular_motion",
    "attention.theorems.clustering.equiangular_bound",
    "attention.theorems.clustering.high_dimension_curve",
    "attention.theorems.clustering.long_context",
    "attention.theorems.clustering.first_pattern",
    "attention.theorems.variants.causal_limit",
    "attention.theorems.variants.causal_pair_time",
    "attention.theorems.variants.strong_centre_count",
    "attention.theorems.variants.strong_centres_stay",
    "attention.theorems.variants.frozen_tokens_capture",
    "attention.theorems.variants.pre_ln_rate",
    "attention.theorems.variants.post_ln_rate",
    "attention.theorems.variants.hardmax_leaders",
    "attention.theorems.variants.rescaled_hull",
    "attention.theorems.variants.rescaled_hyperplanes",
    "attention.theorems.variants.boolean_attention",
    "attention.theorems.variants.mean_field_rate",
    "attention.theorems.variants.noisy_growth",
    "attention.theorems.variants.noisy_onset",
    "attention.theorems.variants.noisy_jump",
    "attention.theorems.metastability.caps_contain",
    "attention.theorems.metastability.caps_collapse",
    "attention.theorems.metastability.metastable_window",
    "attention.theorems.metastability.cap_drift",
    "attention.theorems.metastability.cap_tightening",
    "attention.theorems.metastability.comparison_time",
    "attention.theorems.metastability.caps_keep_tight",
    "attention.theorems.metastability.mean_field_contain",
    "attention.theorems.metastability.mean_field_tighten",
    "attention.theorems.metastability.mean_field_variance",
    "attention.theorems.clustering.clustering_without_temperature",
    "attention.theorems.clustering.clustering_vanishing_beta",
    "attention.theorems.clustering.clustering_small_beta",
    "attention.theorems.clustering.clustering_large_beta",
    "attention.theorems.clustering.clustering_circle_small_beta",
    "attention.theorems.clustering.clustering_higher_dimension",
    "attention.theorems.clustering.clustering_circle",
    "attention.theorems.staircase.merge_location",
    "attention.theorems.staircase.antipodal_escape",
    "attention.theorems.staircase.coalescence_time",
    "attention.theorems.staircase.staircase_times",
    "attention.theorems.staircase.staircase_levels",
    "attention.theorems.staircase.staircase_length",
    "attention.theorems.staircase.staircase_circle",
    "attention.theorems.staircase.scalar_closing_time",
    "attention.theorems.slow_motion.cluster_pl",
    "attention.theorems.slow_motion.ascent_gap",
    "attention.theorems.slow_motion.ascent_distance",
    "attention.theorems.slow_motion.ascent_acceleration",
    "attention.theorems.slow_motion.slow_set_attracts",
    "attention.theorems.slow_motion.slow_set_motion",
    "attention.theorems.slow_motion.extremal_tokens",
    "attention.theorems.slow_motion.slow_manifold_pl",
    "attention.theorems.staircase.metastable_decay",
    "attention.theorems.random.wendel",
    "attention.theorems.random.mixture_separated",
    "attention.theorems.random.frame_separated",
    "attention.theorems.random.mixture_density",
    "attention.theorems.random.uniform_frame",
    "attention.theorems.random.uniform_energy",
    "attention.theorems.random.circle_caps_rare",
    *_DEEP_LINEAR,
    "generalization.theorems.test_binomial",
    "generalization.theorems.occam",
    "generalization.theorems.maurer_seeger",
    "generalization.theorems.w1_nips_t1",
    "generalization.theorems.w1_nips_t2",
    "generalization.theorems.w1_nips_t2_improved",
    "generalization.theorems.w1_nips_t3",
    "generalization.theorems.w1_nips_t4",
    "generalization.theorems.w1_nips_t5",
    "generalization.theorems.w1_nips_t5_bounded",
    "generalization.theorems.progressive_validation",
    "generalization.theorems.w1_route_a",
    "generalization.theorems.w1_route_a_improved",
    "generalization.theorems.risk_transport",
    "generalization.theorems.smooth_gauss",
    "generalization.theorems.smooth_mean",
    "generalization.theorems.smooth_free",
    "generalization.theorems.smooth_ball",
    "generalization.theorems.smooth_increment",
    "generalization.theorems.smooth_increment_peeled",
    "generalization.theorems.chain_gauss",
    "generalization.theorems.kl_w1_interp",
    "generalization.theorems.w1_amit_finite",
    "generalization.theorems.w1_glm_local",
    "generalization.theorems.rademacher_linear",
    "generalization.theorems.covering",
    "generalization.theorems.random_set",
    "generalization.theorems.catoni",
    "generalization.theorems.seeger_twosided",
    "generalization.theorems.coinbet_kl",
    "generalization.theorems.supermart_nonneg",
    "generalization.theorems.disint_rivasplata",
    "generalization.theorems.disint_renyi",
)


@functools.cache
def theorems() -> tuple[Theorem, ...]:
    """Return all theorems, in the order of the three theories."""
    return tuple(import_module(f"fathometer.{name}").THEOREM for name in _MODULES)


def theorem(identifier: str) -> Theorem:
    """Return the theorem with that id.

    Raises:
        InputError: if there is none.
    """
    for candidate in theorems():
        if candidate.id == identifier:
            return candidate
    close = difflib.get_close_matches(identifier.strip().lower(), [t.id for t in theorems()])
    like = f"; like it: {', '.join(close)}" if close else ""
    raise InputError(
        f"no theorem is called {identifier!r}{like}; `fathometer theorems list` shows all {len(theorems())}"
    )
