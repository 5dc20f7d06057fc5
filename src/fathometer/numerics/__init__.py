"""Shared mathematics. Importing it switches JAX to float64, in which all three theories work whatever is set later."""

from fathometer.numerics._clusters import single_linkage as single_linkage
from fathometer.numerics._native import native as native
from fathometer.numerics._precision import (
    in_float64 as in_float64,
    keep_float64 as keep_float64,
    prepare_jax as prepare_jax,
)
from fathometer.numerics._solve import (
    Solved as Solved,
    solve_at as solve_at,
    solve_to as solve_to,
    step_control as step_control,
)
from fathometer.numerics._solve_scipy import (
    scipy_solve_at as scipy_solve_at,
    scipy_solve_until as scipy_solve_until,
)
from fathometer.numerics._sphere import (
    hemisphere_axis as hemisphere_axis,
    project_to_sphere as project_to_sphere,
    squared_chords as squared_chords,
    tangent_projection as tangent_projection,
)
from fathometer.numerics._twin_runs import (
    LOOSER as LOOSER,
    ROUNDING as ROUNDING,
    in_three_ways as in_three_ways,
    nudge_of as nudge_of,
    nudged as nudged,
    warning_of as warning_of,
    with_twins as with_twins,
)
from fathometer.numerics._zonal_functions import (
    bessel_ratios as bessel_ratios,
    exponential_degrees as exponential_degrees,
    gegenbauer as gegenbauer,
    zonal_nodes as zonal_nodes,
)
from fathometer.numerics.arithmetic._exponential import WIDE_VECTORS as WIDE_VECTORS, exp_nonpositive as exp_nonpositive
from fathometer.numerics.arithmetic._rounding import (
    SLACK as SLACK,
    Narrow as Narrow,
    Wide as Wide,
    round_down as round_down,
    round_up as round_up,
    wide as wide,
)
from fathometer.numerics.kl._inverse import (
    kl_inverse_lower as kl_inverse_lower,
    kl_inverse_upper as kl_inverse_upper,
    kl_inverse_upper_derivatives as kl_inverse_upper_derivatives,
)
from fathometer.numerics.kl._jax import differentiable_kl_inverse as differentiable_kl_inverse
from fathometer.numerics.kl._kl import kl as kl, wide_kl as wide_kl
from fathometer.numerics.spectra._lanczos import (
    Ends as Ends,
    ExtremeEigenvalues as ExtremeEigenvalues,
    SearchEnd as SearchEnd,
    extreme_eigenvalues as extreme_eigenvalues,
)
from fathometer.numerics.spectra._lanczos_batch import TopEigenpairs as TopEigenpairs, top_eigenpairs as top_eigenpairs
from fathometer.numerics.spectra._products import products_at_most as products_at_most
from fathometer.numerics.spectra._quadrature import spectral_quadrature as spectral_quadrature

keep_float64(__name__)
