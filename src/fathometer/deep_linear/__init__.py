"""Deep linear networks: sharpness of their minimizers, the largest stable step, and descent to see it happen."""

from fathometer.deep_linear._bounds import (
    balanced_sharpness as balanced_sharpness,
    paper_lower_bound as paper_lower_bound,
    paper_upper_bound as paper_upper_bound,
    sharper_lower_bound as sharper_lower_bound,
)
from fathometer.deep_linear._curvature import (
    gradient as gradient,
    hessian_vector_product as hessian_vector_product,
    reduced_sharpness as reduced_sharpness,
    reduced_spectrum as reduced_spectrum,
    sharpness_at_minimizer as sharpness_at_minimizer,
    tangent_kernel as tangent_kernel,
    top_direction as top_direction,
)
from fathometer.deep_linear._depth_law import (
    DepthLaw as DepthLaw,
    critical_step as critical_step,
    depth_law as depth_law,
)
from fathometer.deep_linear._descent import Descent as Descent, descend_batch as descend_batch
from fathometer.deep_linear._minimal_sharpness import minimal_sharpness as minimal_sharpness
from fathometer.deep_linear._minimizer_sample import sample_minimizers as sample_minimizers
from fathometer.deep_linear._minimizers import (
    balanced_minimizer as balanced_minimizer,
    flattest_minimizer as flattest_minimizer,
    nearest_minimizer as nearest_minimizer,
    random_minimizers as random_minimizers,
)
from fathometer.deep_linear._network import (
    Weights as Weights,
    as_states as as_states,
    excess_risk as excess_risk,
    product as product,
)
from fathometer.deep_linear._observables import EXCESS_RISK as EXCESS_RISK, SHARPNESS as SHARPNESS
from fathometer.deep_linear._problem import DeepLinear as DeepLinear, Regression as Regression
from fathometer.deep_linear._stability import (
    StabilityTest as StabilityTest,
    displaced_descent as displaced_descent,
    growth_per_step as growth_per_step,
)
from fathometer.deep_linear._step_scan import (
    measure_largest_stable_step as measure_largest_stable_step,
    scan_steps as scan_steps,
)
from fathometer.deep_linear._train import descend as descend
