"""Variants of the attention model: weight matrices, causal mask, normalisation, hardmax, noise, and the mean field."""

from fathometer.attention.dynamics.variants._frozen import (
    FrozenCircle as FrozenCircle,
    simulate_frozen as simulate_frozen,
)
from fathometer.attention.dynamics.variants._hardmax import (
    HardmaxTokens as HardmaxTokens,
    hardmax_motion as hardmax_motion,
    hardmax_targets as hardmax_targets,
    simulate_hardmax as simulate_hardmax,
)
from fathometer.attention.dynamics.variants._layers import iterate_variant as iterate_variant
from fathometer.attention.dynamics.variants._mean_field import (
    MeanFieldCircle as MeanFieldCircle,
    evolve_density as evolve_density,
    order_parameter as order_parameter,
    stationary_density as stationary_density,
)
from fathometer.attention.dynamics.variants._noisy import NoisySystem as NoisySystem, simulate_noisy as simulate_noisy
from fathometer.attention.dynamics.variants._renyi import (
    CausalCentres as CausalCentres,
    UniformSequence as UniformSequence,
    cap_mass as cap_mass,
    draw_centres as draw_centres,
    expected_centres as expected_centres,
    strong_centres as strong_centres,
)
from fathometer.attention.dynamics.variants._rescaled import (
    RescaledTokens as RescaledTokens,
    simulate_rescaled as simulate_rescaled,
)
from fathometer.attention.dynamics.variants._simulate import (
    as_tokens as as_tokens,
    simulate_variant as simulate_variant,
)
from fathometer.attention.model._variant import Variant as Variant
from fathometer.attention.model._variant_field import Normalization as Normalization
from fathometer.attention.predictions._noise import (
    critical_kappa as critical_kappa,
    tricritical_beta as tricritical_beta,
)
from fathometer.numerics import keep_float64

keep_float64(__name__)
