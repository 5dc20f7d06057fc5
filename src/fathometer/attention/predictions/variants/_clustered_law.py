"""What the branch of clustered laws says about one noisy law."""

import numpy as np
from numpy.typing import NDArray

from fathometer.attention.model.variants._noisy_law import NoisyLaw
from fathometer.attention.predictions.variants._noise import critical_kappa
from fathometer.attention.predictions.variants._zonal_branch import StationaryBranch, stationary_branch
from fathometer.evidence import InputError


def fold_of(law: NoisyLaw) -> tuple[float, float]:
    """Inverse noise and order parameter at the fold; those of the onset, and 0, if there is no fold.

    NaN where the branch cannot be computed.

    Args:
        law: whose dimension, beta and model count.
    """
    branch = _branch_of(law)
    if branch is None:
        return np.nan, np.nan
    if branch.hysteresis is None:
        return float(critical_kappa(law.dimension, law.beta, law.model).value), 0.0
    return float(branch.hysteresis.kappa_fold.value), float(branch.hysteresis.order_fold.value)


def clustered_amplitudes(law: NoisyLaw, modes: int) -> NDArray[np.float64]:
    """Sizes of the first harmonics of the stable clustered law at the kappa of a law; NaN if there is none or several.

    Args:
        law: whose dimension, beta, model and kappa count.
        modes: highest degree, >= 1.
    """
    branch = _branch_of(law)
    stable = [] if branch is None else [moments for moments, holds in branch.moments_at(law.kappa) if holds]
    return np.abs(stable[0][:modes]) if len(stable) == 1 else np.full(modes, np.nan)


def _branch_of(law: NoisyLaw) -> StationaryBranch | None:
    try:
        return stationary_branch(law.dimension, law.beta, law.model, most=3.0)
    except InputError:
        return None
