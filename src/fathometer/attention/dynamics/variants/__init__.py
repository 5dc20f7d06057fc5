"""Runs of the variants: weight matrices, causal mask, normalisation, hardmax, noise, and the mean field."""

from fathometer.attention.dynamics.variants._centres import (
    draw_centres as draw_centres,
    simulate_centres as simulate_centres,
)
from fathometer.attention.dynamics.variants._frozen import simulate_frozen as simulate_frozen
from fathometer.attention.dynamics.variants._hardmax import simulate_hardmax as simulate_hardmax
from fathometer.attention.dynamics.variants._layers import iterate_variant as iterate_variant
from fathometer.attention.dynamics.variants._mean_field import (
    evolve_clustering as evolve_clustering,
    evolve_density as evolve_density,
)
from fathometer.attention.dynamics.variants._noise_curve import (
    NoiseCurve as NoiseCurve,
    default_kappas as default_kappas,
    default_time as default_time,
    noise_curve as noise_curve,
)
from fathometer.attention.dynamics.variants._noisy import simulate_noisy as simulate_noisy
from fathometer.attention.dynamics.variants._noisy_ensemble import simulate_ensemble as simulate_ensemble
from fathometer.attention.dynamics.variants._rescaled import simulate_rescaled as simulate_rescaled
from fathometer.attention.dynamics.variants._simulate import (
    as_tokens as as_tokens,
    simulate_variant as simulate_variant,
)
from fathometer.attention.dynamics.variants._zonal import evolve_zonal as evolve_zonal
from fathometer.attention.model._variant import Variant as Variant
from fathometer.attention.model._variant_field import Normalization as Normalization
from fathometer.attention.model.variants._frozen_circle import FrozenCircle as FrozenCircle
from fathometer.attention.model.variants._hardmax_tokens import (
    HardmaxTokens as HardmaxTokens,
    hardmax_targets as hardmax_targets,
)
from fathometer.attention.model.variants._mean_field_circle import (
    ClusteringLaw as ClusteringLaw,
    MeanFieldCircle as MeanFieldCircle,
)
from fathometer.attention.model.variants._noisy_ensemble import NoisyEnsemble as NoisyEnsemble
from fathometer.attention.model.variants._noisy_law import NoisyLaw as NoisyLaw
from fathometer.attention.model.variants._noisy_system import NoisySystem as NoisySystem
from fathometer.attention.model.variants._rescaled_tokens import RescaledTokens as RescaledTokens
from fathometer.attention.model.variants._strong_centres import (
    CausalCentres as CausalCentres,
    UniformSequence as UniformSequence,
    strong_centres as strong_centres,
)
from fathometer.attention.model.variants._zonal_law import ZonalLaw as ZonalLaw
from fathometer.attention.observables.variants._order_parameter import (
    ORDER_PARAMETER as ORDER_PARAMETER,
    free_energy as free_energy,
    mean_squared_order as mean_squared_order,
    order_parameter as order_parameter,
)
from fathometer.attention.predictions.variants._hardmax import hardmax_motion as hardmax_motion
from fathometer.attention.predictions.variants._noise import (
    critical_kappa as critical_kappa,
    finite_size_orders as finite_size_orders,
    landau_quartic as landau_quartic,
    onset_curvature as onset_curvature,
    tilt_of_order as tilt_of_order,
    transition_kind as transition_kind,
    tricritical_beta as tricritical_beta,
)
from fathometer.attention.predictions.variants._stationary_density import stationary_density as stationary_density
from fathometer.attention.predictions.variants._strong_centres import (
    cap_mass as cap_mass,
    expected_centres as expected_centres,
)
from fathometer.attention.predictions.variants._zonal_branch import (
    Hysteresis as Hysteresis,
    StationaryBranch as StationaryBranch,
    stationary_branch as stationary_branch,
)
from fathometer.numerics import keep_float64

keep_float64(__name__)
