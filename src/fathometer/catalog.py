"""Every theorem, in one list: one file each, named like its id."""

import functools
from importlib import import_module

from fathometer.evidence import InputError, Theorem

_MODULES = (
    "attention.theorems.energy_increases",
    "attention.theorems.dissipation_identity",
    "attention.theorems.hemisphere_cone",
    "attention.theorems.hemisphere_rate",
    "attention.theorems.hemisphere_collapse",
    "attention.theorems.two_token_time",
    "attention.theorems.equiangular_motion",
    "attention.theorems.equiangular_bound",
    "attention.theorems.long_context",
    "attention.theorems.first_pattern",
    "attention.theorems.causal_limit",
    "attention.theorems.causal_pair_time",
    "attention.theorems.strong_centre_count",
    "attention.theorems.strong_centres_stay",
    "attention.theorems.frozen_tokens_capture",
    "attention.theorems.pre_ln_rate",
    "attention.theorems.noisy_growth",
    "attention.theorems.caps_contain",
    "attention.theorems.caps_collapse",
    "attention.theorems.metastable_window",
    "attention.theorems.cap_drift",
    "attention.theorems.cap_tightening",
    "attention.theorems.comparison_time",
    "attention.theorems.caps_keep_tight",
    "attention.theorems.mean_field_contain",
    "attention.theorems.mean_field_tighten",
    "attention.theorems.mean_field_variance",
    "attention.theorems.clustering_without_temperature",
    "attention.theorems.clustering_vanishing_beta",
    "attention.theorems.clustering_small_beta",
    "attention.theorems.clustering_large_beta",
    "attention.theorems.clustering_circle_small_beta",
    "attention.theorems.clustering_higher_dimension",
    "attention.theorems.clustering_circle",
    "attention.theorems.merge_location",
    "attention.theorems.antipodal_escape",
    "attention.theorems.coalescence_time",
    "attention.theorems.staircase_times",
    "attention.theorems.staircase_levels",
    "attention.theorems.staircase_length",
    "attention.theorems.staircase_circle",
    "attention.theorems.scalar_closing_time",
    "attention.theorems.cluster_pl",
    "attention.theorems.ascent_gap",
    "attention.theorems.ascent_distance",
    "attention.theorems.ascent_acceleration",
    "attention.theorems.slow_set_attracts",
    "attention.theorems.slow_set_motion",
    "attention.theorems.extremal_tokens",
    "attention.theorems.slow_manifold_pl",
    "attention.theorems.wendel",
    "attention.theorems.mixture_separated",
    "attention.theorems.frame_separated",
    "deep_linear.theorems.sharpness_lower_bound",
    "deep_linear.theorems.minimal_sharpness_exact",
    "deep_linear.theorems.minimal_sharpness_bracket",
    "deep_linear.theorems.largest_stable_step",
    "deep_linear.theorems.descent_stability",
    "deep_linear.theorems.descent_rate",
    "deep_linear.theorems.descent_limit",
    "deep_linear.theorems.imbalance_conserved",
    "deep_linear.theorems.imbalance_increment",
    "deep_linear.theorems.imbalance_drift_bound",
    "deep_linear.theorems.layer_rank_one",
    "deep_linear.theorems.layer_norm_balance",
    "deep_linear.theorems.layer_alignment",
    "deep_linear.theorems.layer_product",
    "deep_linear.theorems.small_init_convergence",
    "deep_linear.theorems.small_init_sharpness",
    "deep_linear.theorems.small_init_certificate",
    "deep_linear.theorems.small_init_balanced_limit",
    "deep_linear.theorems.convergence_rate",
    "deep_linear.theorems.local_lojasiewicz",
    "deep_linear.theorems.balanced_product",
    "deep_linear.theorems.early_escape",
    "deep_linear.theorems.scalar_limit",
    "deep_linear.theorems.riccati_solution",
    "deep_linear.theorems.spectral_modes",
    "deep_linear.theorems.gfs_sharpness_monotone",
    "deep_linear.theorems.momentum_stability",
    "deep_linear.theorems.residual_pl",
    "deep_linear.theorems.residual_rate",
    "deep_linear.theorems.residual_motion",
    "deep_linear.theorems.residual_sharpness",
    "deep_linear.theorems.residual_flatness",
    "deep_linear.theorems.residual_gaussian",
    "deep_linear.theorems.gaussian_initial_risk",
    "deep_linear.theorems.multi_output_lower_bound",
    "deep_linear.theorems.whitened_flattest",
    "deep_linear.theorems.one_neuron_bounds",
    "deep_linear.theorems.arora_convergence",
    "deep_linear.theorems.alignment_logistic",
    "deep_linear.theorems.edge_of_stability",
    "deep_linear.theorems.central_flow",
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
    raise InputError(f"no theorem is called {identifier!r}; known: {', '.join(t.id for t in theorems())}")
