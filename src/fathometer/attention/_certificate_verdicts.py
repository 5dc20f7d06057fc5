"""The metastability certificate, held against a simulation."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics._caps import simulate_cloud
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.observables.caps._widths import entry_time
from fathometer.attention.predictions._caps import missing_hypotheses
from fathometer.attention.theorems import theorems
from fathometer.attention.theorems.metastability import caps_collapse, caps_contain, metastable_window
from fathometer.evidence import Estimate, Status, Verdict, judge_all

RESOLVED = 1e-12
"""Error of a distance in a simulated cluster at the tightest tolerance, heuristic: what is seen is below 1e-13."""

_STATEMENTS = metastable_window.THEOREM, caps_contain.THEOREM, caps_collapse.THEOREM
_CERTIFIED = {statement.id for statement in _STATEMENTS}
"""What is certified."""
_WORK = 2e8
_WORST_FIRST = (Status.VIOLATED, Status.INAPPLICABLE, Status.UNDECIDED, Status.VACUOUS, Status.HOLDS)


def certificate_verdicts(cloud: SeparatedCloud) -> list[Verdict]:
    """Hold the theorem against a simulation, as far as one can be had, and then all others that speak about it.

    The run covers T_1 if that takes at most about a minute, else the statement on the widths stays undecided. Widths
    are judged at the given decay rate, or at the largest that float64 resolves: what holds for a rate holds for less.
    """
    resolved = min(cloud.rate, (np.log(2) - 2 * np.log(10 * RESOLVED)) / cloud.system.beta)
    judged = SeparatedCloud(cloud.system, cloud.centres, cloud.epsilon, resolved)
    if missing_hypotheses(judged):
        return [statement.judge(judged, Estimate.exact(np.nan)) for statement in _STATEMENTS]
    run = simulate_cloud(judged, _times(judged), tolerance=1e-13)
    window, contain, collapse = _STATEMENTS
    others = [theorem for theorem in theorems() if theorem.id not in _CERTIFIED]
    return [
        window.test(run),
        contain.test(run),
        collapse.judge(judged, entry_time(run, RESOLVED)),
        *judge_all(run, others),
    ]


def certificate_document(cloud: SeparatedCloud, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return the certificate as JSON values: the constants, the hypotheses, and the worst verdict on what it says."""
    estimates = {name: estimate.to_json() for name, estimate in _constants(cloud).items()}
    return estimates | {
        "epsilon": cloud.epsilon,
        "centres": cloud.centres.tolist(),
        "members": cloud.members.tolist(),
        "hypotheses": [hypothesis.check(cloud).to_json() for hypothesis in caps_collapse.THEOREM.hypotheses],
        "verdict": str(
            min((verdict.status for verdict in verdicts if verdict.theorem in _CERTIFIED), key=_WORST_FIRST.index)
        ),
        "problem": cloud.summary(),
    }


def certificate_rows(cloud: SeparatedCloud) -> list[tuple[str, str]]:
    """Rows of a table of the constants."""
    return [("clusters", str(len(cloud.centres))), ("epsilon", f"{cloud.epsilon:.6g}")] + [
        (name, "none" if np.isnan(estimate.value) else str(estimate)) for name, estimate in _constants(cloud).items()
    ]


def _constants(cloud: SeparatedCloud) -> dict[str, Estimate]:
    """The constants by the names of the JSON contract; a time that overflows is infinite, hence null there."""
    log_time = cloud.log_time_to_slow_manifold
    with np.errstate(over="ignore"):
        time = Estimate.exact(np.exp(log_time.value))
    return {
        "alpha": cloud.alpha,
        "gamma": cloud.gamma,
        "lambda": Estimate.exact(cloud.rate),
        "lambda_star": cloud.trivial_rate,
        "time_to_slow_manifold": time,
        "log_time_to_slow_manifold": log_time,
        "log_exit_time": cloud.log_exit_time,
    }


def _times(cloud: SeparatedCloud) -> Float[np.ndarray, " t"]:
    """Times from 0 to past T_1, if that is in reach."""
    n, d = cloud.system.points.shape
    reach = min(2e4, _WORK / (n * n * d))
    log_end = min(cloud.log_exit_time.value, cloud.log_time_to_slow_manifold.value + np.log(3), np.log(reach))
    return np.append(0.0, np.geomspace(1e-4, 1, 400) * np.exp(log_end))
