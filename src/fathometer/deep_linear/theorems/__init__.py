"""Theorems on deep linear networks, one statement a file. May import all rooms but verdicts and figures.

A new one is a file `<topic>/<id>.py` with one `THEOREM`, and a line below.
"""

from functools import cache
from importlib import import_module

from fathometer.evidence import Theorem

MODULES = (
    "deep_linear.theorems.sharpness.sharpness_lower_bound",
    "deep_linear.theorems.sharpness.minimal_sharpness_exact",
    "deep_linear.theorems.sharpness.minimal_sharpness_bracket",
    "deep_linear.theorems.sharpness.largest_stable_step",
    "deep_linear.theorems.descent.descent_stability",
    "deep_linear.theorems.descent.descent_rate",
    "deep_linear.theorems.descent.descent_limit",
    "deep_linear.theorems.small_start.imbalance_conserved",
    "deep_linear.theorems.descent.imbalance_increment",
    "deep_linear.theorems.descent.imbalance_drift_bound",
    "deep_linear.theorems.small_start.layer_rank_one",
    "deep_linear.theorems.small_start.layer_norm_balance",
    "deep_linear.theorems.small_start.layer_alignment",
    "deep_linear.theorems.small_start.layer_product",
    "deep_linear.theorems.small_start.small_init_convergence",
    "deep_linear.theorems.small_start.small_init_sharpness",
    "deep_linear.theorems.small_start.small_init_certificate",
    "deep_linear.theorems.small_start.small_init_balanced_limit",
    "deep_linear.theorems.small_start.convergence_rate",
    "deep_linear.theorems.small_start.local_lojasiewicz",
    "deep_linear.theorems.small_start.balanced_product",
    "deep_linear.theorems.small_start.early_escape",
    "deep_linear.theorems.solvable.scalar_limit",
    "deep_linear.theorems.solvable.riccati_solution",
    "deep_linear.theorems.solvable.spectral_modes",
    "deep_linear.theorems.sharpness.gfs_sharpness_monotone",
    "deep_linear.theorems.descent.momentum_stability",
    "deep_linear.theorems.residual.residual_pl",
    "deep_linear.theorems.residual.residual_rate",
    "deep_linear.theorems.residual.residual_motion",
    "deep_linear.theorems.residual.residual_sharpness",
    "deep_linear.theorems.residual.residual_flatness",
    "deep_linear.theorems.residual.residual_gaussian",
    "deep_linear.theorems.residual.gaussian_initial_risk",
    "deep_linear.theorems.sharpness.multi_output_lower_bound",
    "deep_linear.theorems.sharpness.whitened_flattest",
    "deep_linear.theorems.solvable.one_neuron_bounds",
    "deep_linear.theorems.descent.arora_convergence",
    "deep_linear.theorems.solvable.alignment_logistic",
    "deep_linear.theorems.descent.edge_of_stability",
    "deep_linear.theorems.descent.central_flow",
)
"""Where they are, in the order in which they are listed and judged."""


@cache
def theorems() -> tuple[Theorem, ...]:
    """All of them, in this order."""
    return tuple(import_module(f"fathometer.{name}").THEOREM for name in MODULES)
