"""Small problems and runs on which the theorems hold, and problems outside of them; each is made once.

Runs of one kind share their shapes, so that their code is compiled once.
"""

import dataclasses
from functools import cache

import numpy as np

from fathometer.deep_linear.dynamics.descent._central_flow import reach_edge, run_at_edge
from fathometer.deep_linear.dynamics.descent._descent_end import DescentEnd
from fathometer.deep_linear.dynamics.descent._descent_path import DescentPath
from fathometer.deep_linear.dynamics.descent._multi_output_descent import run_guaranteed_descent
from fathometer.deep_linear.dynamics.descent._stability import displaced_descent, spread_descent
from fathometer.deep_linear.dynamics.descent._step_scan import next_to_flattest, scan_steps
from fathometer.deep_linear.dynamics.draws._minimizer_sample import sample_minimizers
from fathometer.deep_linear.dynamics.draws._multi_output_sample import sample_multi_output_minimizers
from fathometer.deep_linear.dynamics.draws._random_start import draw_risks
from fathometer.deep_linear.dynamics.flow._escape import balanced_escape
from fathometer.deep_linear.dynamics.flow._flow import flow
from fathometer.deep_linear.dynamics.flow._logistic_flow import logistic_flow
from fathometer.deep_linear.dynamics.flow._residual_flow import residual_flow
from fathometer.deep_linear.dynamics.flow._spectral_start import spectral_start_flow
from fathometer.deep_linear.model._curvature import sharpness_at_minimizer
from fathometer.deep_linear.model._flow_problem import BalancedFlow, GradientFlow
from fathometer.deep_linear.model._initial import Initial
from fathometer.deep_linear.model._momentum import Momentum
from fathometer.deep_linear.model._multi_output import MultiOutput, MultiOutputRegression
from fathometer.deep_linear.model._network import Weights
from fathometer.deep_linear.model._problem import DeepLinear, Regression
from fathometer.deep_linear.model._residual_start import ResidualStart
from fathometer.deep_linear.model.starts._certified_descent import CertifiedDescent
from fathometer.deep_linear.model.starts._edge_of_stability import EdgeOfStability
from fathometer.deep_linear.model.starts._guaranteed_descent import GuaranteedDescent
from fathometer.deep_linear.model.starts._logistic_start import LogisticStart
from fathometer.deep_linear.model.starts._one_neuron import OneNeuron
from fathometer.deep_linear.model.starts._random_start import RandomStart
from fathometer.deep_linear.model.starts._spectral_start import SpectralStart
from fathometer.deep_linear.model.starts._stability_test import StabilityTest
from fathometer.deep_linear.predictions.sharpness._depth_law import critical_step
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import minimal_sharpness
from fathometer.deep_linear.predictions.sharpness._minimizers import flattest_minimizer
from fathometer.deep_linear.predictions.sharpness._multi_output_sharpness import balanced_factorization
from fathometer.evidence import Trajectory

_SIGMA = np.array([[3.0, 1, 0], [1, 2, 0.5], [0, 0.5, 1]])
_W_STAR = np.array([1.0, -2, 0.5])
_WIDTH, _STEP = 2, 0.02


def network() -> DeepLinear:
    """Three inputs, three layers, no readout."""
    return DeepLinear(Regression(_SIGMA, _W_STAR), 3)


def singular_data() -> DeepLinear:
    """The same without data in one direction."""
    return DeepLinear(Regression(np.diag([0.0, 1, 2]), np.array([0.0, 1, 1])), 3)


def nothing_to_learn() -> DeepLinear:
    """The same with w_star = 0."""
    return DeepLinear(Regression(_SIGMA, np.zeros(3)), 3)


def one_layer() -> DeepLinear:
    """The same with depth 1."""
    return DeepLinear(Regression(_SIGMA, _W_STAR), 1)


def _start(init: str, problem: DeepLinear | None = None, width: int = _WIDTH, seed: int = 4) -> Weights:
    problem = network() if problem is None else problem
    return tuple(matrix[0] for matrix in Initial.parse(init).draw(problem, width, 1, seed))


@cache
def minimizers() -> Trajectory:
    """The flattest, the balanced and 20 random ones."""
    return sample_minimizers(network(), _WIDTH, 20, 0)


@cache
def step_scan() -> Trajectory:
    """Steps around 2 / S_min from next to a flattest minimizer."""
    problem = network()
    steps = critical_step(minimal_sharpness(problem)).value * np.linspace(0.99, 1.01, 11)
    return scan_steps(problem, next_to_flattest(problem, _WIDTH, 1e-6, 0), steps, 5000)


@cache
def descent_path() -> Trajectory:
    """Forty steps of descent, as the run of a path."""
    return DescentPath(network(), _start("gaussian:0.6"), _STEP, 40).run


def wide_path() -> DescentPath:
    """The same path, whose layers are no numbers."""
    return DescentPath(network(), _start("gaussian:0.6"), _STEP, 40)


def large_step_path() -> DescentPath:
    """A path whose step is above 2 / sharpness."""
    return DescentPath(network(), _start("gaussian:0.6"), 0.4, 3)


def descent() -> Trajectory:
    """The same forty steps, as the run of a network."""
    return dataclasses.replace(descent_path(), problem=network())


@cache
def converged_descent() -> Trajectory:
    """Descent to the minimizer where it ends."""
    return DescentEnd(network(), _start("gaussian:0.6"), _STEP, 4000).run


@cache
def certified_descent() -> Trajectory:
    """Forty steps of descent from a state of a flow, close enough to its limit."""
    weights = tuple(matrix[-8] for matrix in generic_flow().states.values())
    path = DescentPath(network(), weights, _STEP, 40)
    return dataclasses.replace(path.run, problem=CertifiedDescent(network(), weights, _STEP, 40))


def uncertified_descent() -> CertifiedDescent:
    """Descent from a start that is not close to a minimizer."""
    return CertifiedDescent(network(), _start("gaussian:0.6"), _STEP, 40)


def diverging_descent() -> DescentEnd:
    """Descent with a step that no minimizer allows."""
    return DescentEnd(network(), _start("gaussian:0.6"), 5.0, 4000)


def _flattest(share: float) -> tuple[Weights, float]:
    """A flattest minimizer and a share of its largest stable step."""
    weights = flattest_minimizer(network(), _WIDTH)
    return weights, share * 2 / float(sharpness_at_minimizer(network(), weights).value)


@cache
def displaced() -> Trajectory:
    """Descent from next to a flattest minimizer, displaced along the top eigenvector."""
    return displaced_descent(StabilityTest(network(), *_flattest(0.9)), 6)


@cache
def spread() -> Trajectory:
    """The same with all modes displaced."""
    return spread_descent(StabilityTest(network(), *_flattest(0.9)), 40)


def away_from_minimizers() -> StabilityTest:
    """A test at weights that are no minimizer."""
    return StabilityTest(network(), _start("gaussian:0.6"), _STEP)


def spread_away_from_minimizers() -> StabilityTest:
    """The same with all modes displaced."""
    return dataclasses.replace(away_from_minimizers(), spread=True)


@cache
def displaced_with_momentum() -> Trajectory:
    """Heavy ball from next to a flattest minimizer."""
    return displaced_descent(StabilityTest(network(), *_flattest(0.9), Momentum(0.5)))


def momentum_away_from_minimizers() -> StabilityTest:
    """A test at weights that are no minimizer."""
    return StabilityTest(network(), _start("gaussian:0.6"), _STEP, Momentum(0.5))


def _scalar_network() -> tuple[DeepLinear, Weights]:
    weights = tuple(np.full((1, 1), number) for number in (1.0, 0.5, 0.25))
    return DeepLinear(Regression(np.full((1, 1), 1.5), np.full(1, 2.0)), 3), weights


@cache
def scalar_descent() -> Trajectory:
    """Descent of a network with one neuron in every layer and one input."""
    return DescentPath(*_scalar_network(), 0.05, 40).run


@cache
def scalar_flow() -> Trajectory:
    """Gradient flow of the same."""
    return flow(*_scalar_network(), points=8, store=True)


@cache
def small_start() -> Trajectory:
    """Gradient flow from small weights, below the risk of w = 0."""
    return flow(network(), _start("gaussian:0.05"), points=32, store=True)


@cache
def generic_flow() -> Trajectory:
    """Gradient flow from larger weights, which excites all modes."""
    return flow(network(), _start("gaussian:0.5"), points=32, store=True)


@cache
def balanced_start() -> Trajectory:
    """Gradient flow from balanced weights."""
    return flow(network(), _start("balanced:0.3"), points=32, store=True)


def unbalanced_flow() -> GradientFlow:
    """Gradient flow of three layers from weights that are not balanced."""
    return GradientFlow(network(), _start("gaussian:0.5"))


def flow_with_readout() -> GradientFlow:
    """Gradient flow of a residual network."""
    return GradientFlow(*_far_residual_network())


def one_layer_flow() -> GradientFlow:
    """Gradient flow of linear regression itself."""
    return GradientFlow(one_layer(), (np.ones((1, 3)),))


def singular_flow() -> GradientFlow:
    """Gradient flow without data in one direction."""
    return GradientFlow(singular_data(), _start("gaussian:0.5"))


@cache
def escape() -> Trajectory:
    """A balanced network that leaves the saddle at zero."""
    return balanced_escape(BalancedFlow(network(), np.array([2e-6, 1e-6, 2e-6])))


def large_start() -> BalancedFlow:
    """A balanced network that does not start next to the saddle."""
    return BalancedFlow(network(), np.array([2.0, 1, 2]))


def _two_layers(sigma: np.ndarray) -> DeepLinear:
    return DeepLinear(Regression(sigma, _W_STAR), 2)


@cache
def two_white_layers() -> Trajectory:
    """Gradient flow of two balanced layers with sigma = 2 I."""
    problem = _two_layers(2 * np.eye(3))
    return flow(problem, _start("balanced:0.3", problem, 1), points=32, store=True)


@cache
def one_neuron() -> Trajectory:
    """Gradient flow of one neuron per layer."""
    problem, weights = _two_layers(_SIGMA), (np.array([[0.3, -0.9, 0.2]]), np.full((1, 1), 0.7))
    run = flow(problem, weights, points=32, store=True)
    return dataclasses.replace(run, problem=OneNeuron(problem, weights))


def worse_than_nothing() -> OneNeuron:
    """One neuron per layer that starts on the other side of w = 0."""
    return OneNeuron(_two_layers(_SIGMA), (-_W_STAR[None], np.ones((1, 1))))


def _residual_network(distance: float) -> tuple[DeepLinear, Weights]:
    """Two layers next to the identity, with w_star at a distance from the product of the identity."""
    readout = np.array([0.6, 0.8])
    problem = DeepLinear(Regression(np.diag([1.0, 0.8]), readout + distance * np.array([1.0, -1])), 2, readout)
    return problem, _start("residual:0.01", problem, 2)


def _far_residual_network() -> tuple[DeepLinear, Weights]:
    return _residual_network(3.0)


@cache
def residual_start() -> Trajectory:
    """Gradient flow from a residual start close to the minimizers."""
    return residual_flow(ResidualStart(*_residual_network(0.01)), points=32)


def far_residual_start() -> ResidualStart:
    """A residual start far from the minimizers."""
    return ResidualStart(*_far_residual_network())


@cache
def random_starts() -> Trajectory:
    """Risks of 2000 random residual starts."""
    return draw_risks(RandomStart(_residual_network(1.0)[0], 0.3, 2), 2000, 0)


def _outputs(sigma: np.ndarray) -> MultiOutput:
    return MultiOutput(MultiOutputRegression(sigma, np.array([[2.0, 1], [0, 1]])), 2)


@cache
def multi_output_minimizers() -> Trajectory:
    """Minimizers of two layers with two outputs."""
    return sample_multi_output_minimizers(coloured_outputs(), 20, 0)


@cache
def whitened_minimizers() -> Trajectory:
    """The same with sigma = 2 I, where the balanced one is flattest."""
    return sample_multi_output_minimizers(_outputs(2 * np.eye(2)), 20, 0)


def coloured_outputs() -> MultiOutput:
    """Two layers with two outputs and a sigma with two eigenvalues."""
    return _outputs(np.diag([1.0, 2]))


def _spectral_start(sigma: np.ndarray) -> SpectralStart:
    return SpectralStart(_outputs(sigma), 1e-2)


@cache
def spectral_start() -> Trajectory:
    """Two singular values that are learnt one after the other."""
    return spectral_start_flow(_spectral_start(np.eye(2)), np.linspace(0, 3, 8))


def coloured_spectral_start() -> SpectralStart:
    """The same with a sigma with two eigenvalues."""
    return _spectral_start(np.diag([1.0, 2]))


def _guaranteed_descent(share: float) -> GuaranteedDescent:
    """Descent from next to the target, with a share of the largest step that is allowed."""
    problem, near = _outputs(np.eye(2)), np.array([[2.1, 1], [0, 0.9]])
    start = GuaranteedDescent(problem, balanced_factorization(near, 2), 1.0)
    return dataclasses.replace(start, step=share * start.allowed_step)


@cache
def guaranteed_descent() -> Trajectory:
    """Descent with the largest step for which convergence is guaranteed."""
    return run_guaranteed_descent(_guaranteed_descent(1.0), 20_000, every=5000)


def too_large_a_step() -> GuaranteedDescent:
    """Descent with twice that step."""
    return _guaranteed_descent(2.0)


def _classifier(labels: list[float]) -> LogisticStart:
    X = np.array([[2.0, 1], [1, 2], [-1, -2], [-2, 1]])
    return LogisticStart(
        X, np.array(labels, np.float64), (np.array([[0.3, 0.1], [-0.2, 0.4]]), np.array([[0.5, -0.3]]))
    )


@cache
def classifier() -> Trajectory:
    """Gradient flow on the logistic loss of classes that a line separates."""
    return logistic_flow(_classifier([1, 1, -1, -1]), np.append(0.0, np.geomspace(0.1, 1e3, 7)))


def mixed_classes() -> LogisticStart:
    """Classes that no line through zero separates."""
    return _classifier([1, -1, -1, 1])


def _slow_sharpening() -> tuple[DeepLinear, Weights]:
    """A fast direction, and one that is slow."""
    problem = DeepLinear(Regression(np.diag([1.0, 0.003]), np.array([1.0, 1.5])), 2)
    return problem, (np.array([[0.3, 0.1]]), np.array([[0.8]]))


@cache
def at_the_edge() -> Trajectory:
    """Descent at the edge of stability."""
    return run_at_edge(reach_edge(*_slow_sharpening(), 2 / 4.0, limit=300), 400)


def below_the_edge() -> EdgeOfStability:
    """A step that is far too small for it."""
    return EdgeOfStability(*_slow_sharpening(), 0.01)
