"""Theorems on deep linear networks: one statement a file, in folders by topic. They call formulas and define none."""

from fathometer.evidence import Theorem, load_theorems

NAMES = (
    "sharpness.sharpness_lower_bound",
    "sharpness.minimal_sharpness_exact",
    "sharpness.minimal_sharpness_bracket",
    "sharpness.largest_stable_step",
    "descent.descent_stability",
    "descent.descent_rate",
    "descent.descent_limit",
    "small_start.imbalance_conserved",
    "descent.imbalance_increment",
    "descent.imbalance_drift_bound",
    "small_start.layer_rank_one",
    "small_start.layer_norm_balance",
    "small_start.layer_alignment",
    "small_start.layer_product",
    "small_start.small_init_convergence",
    "small_start.small_init_sharpness",
    "small_start.small_init_certificate",
    "small_start.small_init_balanced_limit",
    "small_start.convergence_rate",
    "small_start.local_lojasiewicz",
    "small_start.balanced_product",
    "small_start.early_escape",
    "solvable.scalar_limit",
    "solvable.riccati_solution",
    "solvable.spectral_modes",
    "sharpness.gfs_sharpness_monotone",
    "descent.momentum_stability",
    "residual.residual_pl",
    "residual.residual_rate",
    "residual.residual_motion",
    "residual.residual_sharpness",
    "residual.residual_flatness",
    "residual.residual_gaussian",
    "residual.gaussian_initial_risk",
    "sharpness.multi_output_lower_bound",
    "sharpness.whitened_flattest",
    "solvable.one_neuron_bounds",
    "descent.arora_convergence",
    "solvable.alignment_logistic",
    "descent.edge_of_stability",
    "descent.central_flow",
    "edge.period_two_amplitude",
    "edge.period_two_jump",
    "edge.period_two_curvature",
    "edge.network_oscillation",
    "edge.scalar_imbalance_factor",
    "edge.adaptive_central_flow",
    "edge.adaptive_edge",
    "certified.certified_convergence",
    "certified.certified_sharpness",
    "certified.certified_descent",
)
"""Every theorem, by its module in this folder; the catalogue shows them in this order."""


def theorems() -> tuple[Theorem, ...]:
    """Return all theorems of this theory."""
    return load_theorems(__name__, NAMES)
