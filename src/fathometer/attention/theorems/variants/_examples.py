"""Small runs and problems that show what the theorems on variants say."""

import functools

import numpy as np

from fathometer.attention.dynamics._simulate import simulate
from fathometer.attention.dynamics.variants._centres import draw_centres, simulate_centres
from fathometer.attention.dynamics.variants._frozen import simulate_frozen
from fathometer.attention.dynamics.variants._hardmax import simulate_hardmax
from fathometer.attention.dynamics.variants._mean_field import evolve_clustering, evolve_density
from fathometer.attention.dynamics.variants._noisy_ensemble import simulate_ensemble
from fathometer.attention.dynamics.variants._rescaled import simulate_rescaled
from fathometer.attention.dynamics.variants._simulate import simulate_variant
from fathometer.attention.dynamics.variants._zonal import evolve_zonal
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.model._variant import Variant
from fathometer.attention.model._variant_field import Normalization
from fathometer.attention.model.variants._frozen_circle import FrozenCircle
from fathometer.attention.model.variants._hardmax_tokens import HardmaxTokens
from fathometer.attention.model.variants._mean_field_circle import ClusteringLaw, MeanFieldCircle
from fathometer.attention.model.variants._noisy_ensemble import NoisyEnsemble
from fathometer.attention.model.variants._rescaled_tokens import RescaledTokens
from fathometer.attention.model.variants._strong_centres import CausalCentres, UniformSequence
from fathometer.attention.model.variants._zonal_law import ZonalLaw
from fathometer.attention.predictions.variants._noise import critical_kappa
from fathometer.attention.predictions.variants._stationary_density import stationary_density
from fathometer.evidence import Trajectory
from fathometer.numerics import in_float64

_CELLS = 64
_EXACT = 1e-11


def on_circle(*angles: float) -> np.ndarray:
    """Points at these angles."""
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def equiangular(beta: float = 2.0, model: Model = Model.SA) -> ParticleSystem:
    """Four tokens in R^4 with one common cosine, 0.19."""
    return ParticleSystem.project(np.eye(4) + 0.1, beta, model)


def equiangular_usa() -> ParticleSystem:
    """The same tokens under USA."""
    return equiangular(model=Model.USA)


@functools.cache
@in_float64
def run_with_post_ln() -> Trajectory:
    """Four equiangular tokens until they are one cluster."""
    return simulate(equiangular(), np.linspace(0, 12, 12))


@functools.cache
@in_float64
def run_with_pre_ln() -> Trajectory:
    """The same four tokens with Pre-LN, for a much longer time."""
    variant = Variant(equiangular(), normalization=Normalization.PRE)
    return simulate_variant(variant, np.append(0.0, np.geomspace(100, 1000, 6)))


@functools.cache
@in_float64
def run_of_causal_tokens() -> Trajectory:
    """Four causal tokens with a query of their own, until they are at the first one."""
    generator = np.random.default_rng(2)
    system = ParticleSystem.project(generator.standard_normal((4, 4)), 1.0, Model.SA)
    variant = Variant(system, query=generator.standard_normal((4, 4)) / 2, causal=True)
    return simulate_variant(variant, np.append(0.0, np.geomspace(10, 300, 6)))


def causal_pair(model: Model = Model.SA) -> Variant:
    """Two tokens at the angle 1, the second of which sees the first one."""
    return Variant(ParticleSystem(on_circle(0.0, 1.0), 2.0, model), causal=True)


def run_of_causal_pair(meeting: float) -> Trajectory:
    """The pair, observed densely about a time."""
    return simulate_variant(causal_pair(), meeting * np.array([0.0, 1 - 5e-7, 1 + 5e-7, 2.0]))


def causal_centres(c: float = 2.0) -> CausalCentres:
    """Four causal tokens on the circle, the first three of which are strong centres at c = 2."""
    system = ParticleSystem(on_circle(0.0, 0.5, 3.0, 0.05), 25.0, Model.SA)
    return CausalCentres(Variant(system, causal=True), c, 0.1)


def causal_centres_too_near() -> CausalCentres:
    """The same tokens with centres nearer than the range of the interaction."""
    return causal_centres(0.9)


@functools.cache
@in_float64
def run_of_centres() -> Trajectory:
    """The centres as long as they have to stay."""
    return simulate_centres(causal_centres(), np.linspace(0, 0.37, 6))


@functools.cache
@in_float64
def draws_of_centres() -> Trajectory:
    """Numbers of strong centres of 4000 random sequences on the circle."""
    return draw_centres(UniformSequence(20, 2, 0.8), 4000, 1)


def frozen_circle(n: int = 12) -> FrozenCircle:
    """Tokens among the corners of a regular pentagon."""
    angles = np.random.default_rng(0).uniform(0, 2 * np.pi, n)
    return FrozenCircle(angles, 2 * np.pi / 5 * np.arange(5.0), np.ones(5), 16.0, 5.0, 0.3)


def crowded_circle() -> FrozenCircle:
    """So many tokens that they pull each other away from the corners."""
    return frozen_circle(60)


@functools.cache
@in_float64
def run_of_frozen_circle() -> Trajectory:
    """Tokens until they are at rest."""
    return simulate_frozen(frozen_circle(), [0.0, 1.0, 1000.0])


def polygon_with_tokens_inside(sign: float = 1.0) -> HardmaxTokens:
    """Five leaders and three tokens between them; for the sign -1 the form is negative."""
    corners = on_circle(*(2 * np.pi / 5 * np.arange(5)))
    return HardmaxTokens(
        np.vstack([corners, 0.3 * on_circle(0.1, 2.0, 4.4)]), sign * np.array([[2.0, 0.3], [0.3, 1.0]])
    )


def polygon_of_negative_form() -> HardmaxTokens:
    """The same tokens with a form that is not positive."""
    return polygon_with_tokens_inside(-1.0)


@functools.cache
@in_float64
def run_of_hardmax() -> Trajectory:
    """Tokens on their way to the leaders."""
    return simulate_hardmax(polygon_with_tokens_inside(), [0.0, 0.7, 3.0])


def unprojected(value: float = 1.0) -> RescaledTokens:
    """Eight tokens of the plane, V a multiple of the identity."""
    return RescaledTokens(np.random.default_rng(2).standard_normal((8, 2)), value=value * np.eye(2))


def stretched() -> RescaledTokens:
    """The same tokens with V = 2 I."""
    return unprojected(2.0)


@functools.cache
@in_float64
def run_of_unprojected() -> Trajectory:
    """Eight tokens that shrink to a polygon."""
    return simulate_rescaled(unprojected(), np.linspace(0, 6, 13))


@functools.cache
@in_float64
def run_with_leading_direction() -> Trajectory:
    """Ten tokens with a simple leading eigenvalue of V."""
    tokens = np.random.default_rng(7).standard_normal((10, 2))
    return simulate_rescaled(RescaledTokens(tokens, value=np.array([[1.0, 0.2], [0.0, -0.3]])), np.linspace(0, 7, 8))


@functools.cache
@in_float64
def run_on_the_line() -> Trajectory:
    """Nine tokens of the line."""
    return simulate_rescaled(RescaledTokens(np.random.default_rng(1).uniform(-1, 1, (9, 1))), [0.0, 1.0, 9.0])


def ripple(beta: float, kappa: float, size: float) -> MeanFieldCircle:
    """The uniform law with a first harmonic (USA).

    Args:
        beta: inverse temperature.
        kappa: inverse noise, positive.
        size: of the harmonic, in (-1, 1).
    """
    angles = 2 * np.pi * np.arange(_CELLS) / _CELLS
    return MeanFieldCircle(1 + size * np.cos(angles), beta, kappa, Model.USA)


def clustered_law() -> MeanFieldCircle:
    """A law far from uniform at beta = 2, with noise far from the critical one."""
    return ripple(2.0, 8.0, 0.5)


def settled(beta: float, share: float) -> MeanFieldCircle:
    """The stationary clustered law at a share of the critical kappa (USA)."""
    kappa = share * float(critical_kappa(2, beta, Model.USA).value)
    return MeanFieldCircle(stationary_density(beta, kappa, Model.USA, cells=_CELLS)[0], beta, kappa, Model.USA)


@functools.cache
@in_float64
def run_of_ripple() -> Trajectory:
    """A nearly uniform law with noise below the critical one."""
    return evolve_density(ripple(2.0, 8.0, 1e-4), [0.0, 10.0])


@functools.cache
@in_float64
def run_above_critical() -> Trajectory:
    """The law that has settled just above the critical kappa."""
    return evolve_density(settled(1.5, 1.0018), [0.0, 10.0], _EXACT)


@functools.cache
@in_float64
def run_below_critical() -> Trajectory:
    """The clustered law just below the critical kappa, where the uniform law is stable too."""
    return evolve_density(settled(3.0, 0.999), [0.0, 10.0], _EXACT)


def on_sphere(share: float, tilt: float, model: Model = Model.USA, beta: float = 2.5) -> ZonalLaw:
    """A law on the sphere of R^3.

    Args:
        share: of the critical kappa.
        tilt: as for `ZonalLaw.tilted`.
        model: SA or USA.
        beta: inverse temperature.
    """
    kappa = share * float(critical_kappa(3, beta, model).value)
    return ZonalLaw.tilted(3, beta, kappa, model, tilt, nodes=32)


def nearly_uniform_law() -> ZonalLaw:
    """A law on the sphere with noise above the critical one, nearly uniform."""
    return on_sphere(0.98, 0.01)


def softmax_law() -> ZonalLaw:
    """A cluster on the sphere under SA."""
    return on_sphere(0.98, 3.0, Model.SA)


def law_beyond_onset() -> ZonalLaw:
    """A law on the sphere with noise below the critical one."""
    return on_sphere(1.2, 3.0)


@functools.cache
@in_float64
def run_on_the_sphere() -> Trajectory:
    """A cluster on the sphere that settles below the critical kappa, beside the stable uniform law."""
    return evolve_zonal(on_sphere(0.98, 5.0), [0.0, 1.0, 10.0, 1000.0])


@functools.cache
@in_float64
def run_to_the_uniform_law() -> Trajectory:
    """A cluster on the sphere that noise dissolves, below the tricritical beta."""
    return evolve_zonal(on_sphere(0.9, 5.0, beta=1.5), [0.0, 1.0, 10.0, 100.0])


def uniform_ensemble(share: float = 0.5) -> NoisyEnsemble:
    """2000 clouds of 24 tokens in R^3 at a share of the critical kappa."""
    kappa = share * float(critical_kappa(3, 1.5, Model.USA).value)
    return NoisyEnsemble(3, 24, 1.5, np.full(2000, kappa), Model.USA, np.zeros(2000))


def ensemble_of_one_point() -> NoisyEnsemble:
    """The same clouds, each at one point at time 0."""
    start = uniform_ensemble()
    return NoisyEnsemble(3, 24, 1.5, start.kappas, Model.USA, np.full(2000, np.inf))


@functools.cache
@in_float64
def run_of_ensemble() -> Trajectory:
    """The clouds until attraction and noise balance."""
    return simulate_ensemble(uniform_ensemble(), [0.0, 5.0, 20.0], seed=0, step=0.5)


def quiet_law(largest_beta: float = 0.5) -> ClusteringLaw:
    """A law without noise at beta = 0.1, with constants C_0 = 2 and T_0 = 0."""
    return ClusteringLaw(ripple(0.1, 1e300, 0.5), largest_beta, 2.0, 0.0)


def law_of_larger_beta() -> ClusteringLaw:
    """The same with beta_0 = 0.05, which beta exceeds."""
    return quiet_law(0.05)


@functools.cache
@in_float64
def run_of_quiet_law() -> Trajectory:
    """The law on its way to a point, in as many times as all others."""
    return evolve_clustering(quiet_law(), [0.0, 1.0])
