"""Runs with the weights of a layer: heads, MLP, random values, and steps beside recorded ones."""

from fathometer.attention.dynamics.weights._plain import as_plain as as_plain
from fathometer.attention.dynamics.weights._random_values import (
    draw_random_values as draw_random_values,
    simulate_random_values as simulate_random_values,
)
from fathometer.attention.dynamics.weights._steps import LayerSteps as LayerSteps, compare_steps as compare_steps
from fathometer.attention.model.weights._distances import (
    distance_from_multiples as distance_from_multiples,
    distance_from_scores as distance_from_scores,
    extra_share as extra_share,
    has_weights as has_weights,
    plain_equivalent as plain_equivalent,
    score_distance as score_distance,
    score_factor as score_factor,
    score_matrices as score_matrices,
    value_matrices as value_matrices,
)
from fathometer.attention.model.weights._energy import weighted_energy as weighted_energy
from fathometer.attention.model.weights._layer import (
    LayerWeights as LayerWeights,
    layer_of as layer_of,
    read_layer as read_layer,
    read_mlp as read_mlp,
)
from fathometer.attention.model.weights._leading import leading_direction as leading_direction
from fathometer.attention.model.weights._mlp import Activation as Activation, Mlp as Mlp
from fathometer.attention.model.weights._norms import Norms as Norms
from fathometer.attention.model.weights._random_values import RandomValues as RandomValues
from fathometer.attention.observables.weights._pairs import (
    ANTIPODAL_PAIRS as ANTIPODAL_PAIRS,
    MEAN_SQUARED_COSINE as MEAN_SQUARED_COSINE,
    antipodal_pairs as antipodal_pairs,
    mean_squared_cosine as mean_squared_cosine,
)
from fathometer.attention.observables.weights._step import (
    StepFit as StepFit,
    fit_layer_step as fit_layer_step,
    predict_layer_step as predict_layer_step,
)
from fathometer.attention.predictions.weights._first_token import first_token_path as first_token_path
from fathometer.attention.predictions.weights._random_values import (
    antipodal_exponent as antipodal_exponent,
    one_cluster_exponent as one_cluster_exponent,
)
from fathometer.attention.predictions.weights._rates import weighted_contraction_rate as weighted_contraction_rate
from fathometer.numerics import keep_float64

keep_float64(__name__)
