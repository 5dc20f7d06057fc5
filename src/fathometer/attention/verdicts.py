"""Every theorem that can be judged on one simulated run."""

import math

from fathometer.attention.observables._clusters import time_of_one_cluster
from fathometer.attention.theorems.energy import dissipation_identity, energy_increases
from fathometer.attention.theorems.hemisphere import hemisphere_collapse, hemisphere_cone, hemisphere_rate
from fathometer.evidence import Trajectory, Verdict

_WHOLE_RUN = (energy_increases, dissipation_identity, hemisphere_cone, hemisphere_collapse)


def run_verdicts(run: Trajectory) -> list[Verdict]:
    """Hold the energy and the hemisphere theorems against a trajectory of tokens.

    The rate of collapse is judged until the tokens are one cluster: after that their distances are rounding.

    Args:
        run: along time, with states "points" and "dissipated".
    """
    met = time_of_one_cluster(run).upper
    approach = run if math.isinf(met) else run.until(met)  # type: ignore[arg-type]
    return [*(module.THEOREM.test(run) for module in _WHOLE_RUN), hemisphere_rate.THEOREM.test(approach)]
