"""Deep linear networks: sharpness of their minimizers, the largest stable step, and descent to see it happen."""

from typing import TYPE_CHECKING

from fathometer.deep_linear._run_size import (
    require_start as require_start,
    require_trainable as require_trainable,
    run_memory as run_memory,
)
from fathometer.deep_linear.dynamics.certified._moment import (
    CertifiedRun as CertifiedRun,
    certified_descent as certified_descent,
    certified_flow as certified_flow,
)
from fathometer.deep_linear.dynamics.descent._central_flow import (
    reach_edge as reach_edge,
    run_at_edge as run_at_edge,
)
from fathometer.deep_linear.dynamics.descent._descent import Descent as Descent, descend_batch as descend_batch
from fathometer.deep_linear.dynamics.descent._descent_end import DescentEnd as DescentEnd
from fathometer.deep_linear.dynamics.descent._descent_path import DescentPath as DescentPath
from fathometer.deep_linear.dynamics.descent._multi_output_descent import (
    descend_multi_output as descend_multi_output,
    run_guaranteed_descent as run_guaranteed_descent,
)
from fathometer.deep_linear.dynamics.descent._nonlinear import (
    LossDescent as LossDescent,
    descend_loss_batch as descend_loss_batch,
    gelu_risk as gelu_risk,
)
from fathometer.deep_linear.dynamics.descent._stability import (
    displaced_descent as displaced_descent,
    growth_per_step as growth_per_step,
    spread_descent as spread_descent,
)
from fathometer.deep_linear.dynamics.descent._step_scan import (
    measure_largest_stable_step as measure_largest_stable_step,
    scan_steps as scan_steps,
)
from fathometer.deep_linear.dynamics.descent._stochastic import MiniBatches as MiniBatches
from fathometer.deep_linear.dynamics.descent._sweep import (
    Sweep as Sweep,
    SweepResult as SweepResult,
    run_sweep as run_sweep,
)
from fathometer.deep_linear.dynamics.descent._train import descend as descend, watched_descent as watched_descent
from fathometer.deep_linear.dynamics.descent._training import Recording as Recording, Training as Training
from fathometer.deep_linear.dynamics.draws._minimizer_sample import sample_minimizers as sample_minimizers
from fathometer.deep_linear.dynamics.draws._multi_output_sample import (
    sample_multi_output_minimizers as sample_multi_output_minimizers,
)
from fathometer.deep_linear.dynamics.draws._random_start import draw_risks as draw_risks
from fathometer.deep_linear.dynamics.edge._adaptive_flow import (
    run_at_adaptive_edge as run_at_adaptive_edge,
    settle_at_adaptive_edge as settle_at_adaptive_edge,
)
from fathometer.deep_linear.dynamics.edge._line_descent import (
    long_run_weights as long_run_weights,
    run_line_descent as run_line_descent,
)
from fathometer.deep_linear.dynamics.edge._looks import look_steps as look_steps
from fathometer.deep_linear.dynamics.edge._settled import (
    settle as settle,
    settled_oscillation as settled_oscillation,
)
from fathometer.deep_linear.dynamics.edge._tail import classified_run as classified_run, follow_tail as follow_tail
from fathometer.deep_linear.dynamics.flow._balanced_flow import (
    balanced_escape_time as balanced_escape_time,
    balanced_flow as balanced_flow,
    balanced_velocity as balanced_velocity,
)
from fathometer.deep_linear.dynamics.flow._escape import balanced_escape as balanced_escape
from fathometer.deep_linear.dynamics.flow._escape_bracket import escape_bracket as escape_bracket
from fathometer.deep_linear.dynamics.flow._flow import flow as flow
from fathometer.deep_linear.dynamics.flow._flow_limit import (
    FlowLimit as FlowLimit,
    flow_limit as flow_limit,
    linear_limit as linear_limit,
)
from fathometer.deep_linear.dynamics.flow._flow_record import Ending as Ending
from fathometer.deep_linear.dynamics.flow._logistic_flow import logistic_flow as logistic_flow
from fathometer.deep_linear.dynamics.flow._multi_output_flow import balanced_matrix_flow as balanced_matrix_flow
from fathometer.deep_linear.dynamics.flow._residual_flow import residual_flow as residual_flow
from fathometer.deep_linear.dynamics.flow._riccati import riccati_flow as riccati_flow
from fathometer.deep_linear.dynamics.flow._spectral_start import (
    spectral_flow as spectral_flow,
    spectral_start_flow as spectral_start_flow,
)
from fathometer.deep_linear.model._curvature import (
    gradient as gradient,
    hessian_vector_product as hessian_vector_product,
    reduced_sharpness as reduced_sharpness,
    reduced_spectrum as reduced_spectrum,
    sharpness_at_minimizer as sharpness_at_minimizer,
    tangent_kernel as tangent_kernel,
    top_direction as top_direction,
)
from fathometer.deep_linear.model._flow_problem import BalancedFlow as BalancedFlow, GradientFlow as GradientFlow
from fathometer.deep_linear.model._initial import Initial as Initial, InitialKind as InitialKind
from fathometer.deep_linear.model._momentum import Momentum as Momentum
from fathometer.deep_linear.model._multi_output import (
    MultiOutput as MultiOutput,
    MultiOutputRegression as MultiOutputRegression,
    multi_output_gradient as multi_output_gradient,
)
from fathometer.deep_linear.model._nearest_minimizer import nearest_minimizer as nearest_minimizer
from fathometer.deep_linear.model._network import (
    Weights as Weights,
    as_states as as_states,
    excess_risk as excess_risk,
    imbalances as imbalances,
    product as product,
)
from fathometer.deep_linear.model._problem import DeepLinear as DeepLinear, Regression as Regression
from fathometer.deep_linear.model._residual_constants import BlockBounds as BlockBounds, block_bounds as block_bounds
from fathometer.deep_linear.model._residual_start import ResidualStart as ResidualStart
from fathometer.deep_linear.model.data._accuracy import condition_number as condition_number
from fathometer.deep_linear.model.data._paper_data import (
    Samples as Samples,
    gaussian_samples as gaussian_samples,
    paper_readout as paper_readout,
    paper_samples as paper_samples,
)
from fathometer.deep_linear.model.starts._adaptive_edge import AdaptiveEdge as AdaptiveEdge
from fathometer.deep_linear.model.starts._beyond_step import BeyondStep as BeyondStep, Oscillation as Oscillation
from fathometer.deep_linear.model.starts._edge_of_stability import EdgeOfStability as EdgeOfStability
from fathometer.deep_linear.model.starts._guaranteed_descent import GuaranteedDescent as GuaranteedDescent
from fathometer.deep_linear.model.starts._line_descent import LineDescent as LineDescent
from fathometer.deep_linear.model.starts._logistic_start import LogisticStart as LogisticStart
from fathometer.deep_linear.model.starts._one_neuron import OneNeuron as OneNeuron
from fathometer.deep_linear.model.starts._random_start import RandomStart as RandomStart
from fathometer.deep_linear.model.starts._spectral_start import SpectralStart as SpectralStart
from fathometer.deep_linear.model.starts._stability_test import StabilityTest as StabilityTest
from fathometer.deep_linear.observables._any_loss import (
    hessian_ends as hessian_ends,
    layer_hessian_ends as layer_hessian_ends,
)
from fathometer.deep_linear.observables._imbalance import (
    IMBALANCE as IMBALANCE,
    IMBALANCE_DRIFT as IMBALANCE_DRIFT,
    imbalance_norms as imbalance_norms,
)
from fathometer.deep_linear.observables._layer_observables import (
    ALIGNMENT as ALIGNMENT,
    LAYER_NORM as LAYER_NORM,
    MISALIGNMENT as MISALIGNMENT,
    PRODUCT as PRODUCT,
    RANK_DEFECT as RANK_DEFECT,
)
from fathometer.deep_linear.observables._layer_structure import (
    LayerStructure as LayerStructure,
    StructureBounds as StructureBounds,
    layer_structure as layer_structure,
    structure_bounds as structure_bounds,
)
from fathometer.deep_linear.observables._outcome import Outcome as Outcome, outcome as outcome
from fathometer.deep_linear.observables._segment_sharpness import path_sharpness as path_sharpness
from fathometer.deep_linear.observables._standard import EXCESS_RISK as EXCESS_RISK, SHARPNESS as SHARPNESS
from fathometer.deep_linear.observables.edge._history import RunHistory as RunHistory, run_history as run_history
from fathometer.deep_linear.observables.edge._oscillation import mean_curvature as mean_curvature
from fathometer.deep_linear.observables.edge._run_class import (
    Classified as Classified,
    RunClass as RunClass,
    Tail as Tail,
    needs_tail as needs_tail,
    run_class as run_class,
)
from fathometer.deep_linear.predictions._early_phase import (
    early_cosine as early_cosine,
    early_log_time as early_log_time,
)
from fathometer.deep_linear.predictions._one_neuron import (
    one_neuron_bounds as one_neuron_bounds,
    one_neuron_limit as one_neuron_limit,
    one_neuron_sharpness as one_neuron_sharpness,
)
from fathometer.deep_linear.predictions._random_products import (
    InitialMoments as InitialMoments,
    gaussian_moments as gaussian_moments,
    initial_moments as initial_moments,
    limit_singular_value as limit_singular_value,
    residual_moments as residual_moments,
)
from fathometer.deep_linear.predictions._rates import (
    LocalRates as LocalRates,
    descent_factors as descent_factors,
    local_rates as local_rates,
    lojasiewicz_constant as lojasiewicz_constant,
)
from fathometer.deep_linear.predictions._scalar_network import (
    ScalarLimit as ScalarLimit,
    balanced_scalar_time as balanced_scalar_time,
    scalar_limit as scalar_limit,
)
from fathometer.deep_linear.predictions._small_start import (
    balanced_limit_bracket as balanced_limit_bracket,
    certified_sharpness as certified_sharpness,
)
from fathometer.deep_linear.predictions._spectral_modes import (
    mode_time as mode_time,
    spectral_transition_times as spectral_transition_times,
)
from fathometer.deep_linear.predictions.certificate._certificate import (
    Certificates as Certificates,
    Way as Way,
    descent_certificates as descent_certificates,
    excess_over_certifiable as excess_over_certifiable,
    flow_certificates as flow_certificates,
)
from fathometer.deep_linear.predictions.edge._doublings import (
    FEIGENBAUM as FEIGENBAUM,
    Cycle as Cycle,
    Doublings as Doublings,
    doublings as doublings,
    scalar_cycle as scalar_cycle,
)
from fathometer.deep_linear.predictions.edge._network_period_two import (
    NetworkOscillation as NetworkOscillation,
    network_oscillation as network_oscillation,
)
from fathometer.deep_linear.predictions.edge._period_two import (
    PeriodTwo as PeriodTwo,
    balanced_amplitude_squared as balanced_amplitude_squared,
    balanced_derivatives as balanced_derivatives,
    layer_derivatives as layer_derivatives,
    period_two as period_two,
    period_two_multiplier as period_two_multiplier,
)
from fathometer.deep_linear.predictions.sharpness._balanced_spectrum import (
    balanced_path_sharpness as balanced_path_sharpness,
    balanced_spectrum as balanced_spectrum,
)
from fathometer.deep_linear.predictions.sharpness._depth_law import (
    DepthLaw as DepthLaw,
    critical_step as critical_step,
    depth_law as depth_law,
)
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import minimal_sharpness as minimal_sharpness
from fathometer.deep_linear.predictions.sharpness._minimizer_values import (
    sharpness_of_minimizers as sharpness_of_minimizers,
)
from fathometer.deep_linear.predictions.sharpness._minimizers import (
    balanced_minimizer as balanced_minimizer,
    flattest_minimizer as flattest_minimizer,
    random_minimizers as random_minimizers,
)
from fathometer.deep_linear.predictions.sharpness._multi_output_sharpness import (
    balanced_factorization as balanced_factorization,
    multi_output_bound as multi_output_bound,
    multi_output_sharpness as multi_output_sharpness,
    nearest_multi_output_minimizer as nearest_multi_output_minimizer,
    random_multi_output_minimizers as random_multi_output_minimizers,
    whitened_minimal_sharpness as whitened_minimal_sharpness,
)
from fathometer.deep_linear.predictions.sharpness._sharpness_bounds import (
    balanced_sharpness as balanced_sharpness,
    paper_lower_bound as paper_lower_bound,
    paper_upper_bound as paper_upper_bound,
    sharper_lower_bound as sharper_lower_bound,
)
from fathometer.deep_linear.verdicts import judge_descent as judge_descent, judge_flow as judge_flow
from fathometer.numerics import keep_float64

if TYPE_CHECKING:
    from fathometer.deep_linear._regressor import DeepLinearRegressor as DeepLinearRegressor


def __getattr__(name: str) -> object:
    """Load the estimator when it is asked for: scikit-learn takes half a second, which no command needs.

    Raises:
        AttributeError: if another name is asked for.
    """
    if name != "DeepLinearRegressor":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from fathometer.deep_linear._regressor import DeepLinearRegressor

    return DeepLinearRegressor


keep_float64(__name__)
