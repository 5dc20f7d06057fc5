"""Coverage dice: certificates on simulated samples, honest, cheating and paid for, and how often each fails."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from fathometer.evidence import AtMost, Estimate, judge
from fathometer.generalization.coverage._experiment import Experiment, Simulated, Simulation, best_of_coins
from fathometer.generalization.coverage._run import cover
from fathometer.generalization.ledger._intervals import share_interval

SAMPLES = 100  # of one throw
CONFIDENCE = 0.95


def thrown(*, m: int, delta: float, risk: float, candidates: int, throws: int, seed: int) -> Iterator[dict[str, Any]]:
    """Throw samples, a hundred at a time, and count the certificates that lie below the true risk.

    Args:
        m: rows that certify.
        delta: with which each certificate may fail.
        risk: true risk of every candidate.
        candidates: among which the learner chooses by the rows that certify.
        throws: how often a hundred samples are drawn.
        seed: of the first throw.

    Yields:
        the counts so far.
    """
    experiments = _experiments(m, risk, candidates)
    failed = dict.fromkeys(experiments, 0)
    for throw in range(1, throws + 1):
        covers = {name: cover(experiment, SAMPLES, delta, seed + throw - 1) for name, experiment in experiments.items()}
        arms = []
        for name, each in covers.items():
            failed[name] += each.violations
            arms.append(
                {"arm": name, "bound": each.bound, "setting": each.setting, "last": each.violations}
                | _share(failed[name], throw * SAMPLES, delta)
                | {"median": each.median_bound}
            )
        yield {"samples": throw * SAMPLES, "delta": delta, "risk": risk, "m": m, "arms": arms}


def _experiments(m: int, risk: float, candidates: int) -> dict[str, Experiment]:
    def errors(of: int, **more: float) -> Simulation:
        def simulate(rng: np.random.Generator, draws: int) -> Simulated:
            return {"errors": best_of_coins(rng, draws, of, m, risk), "n": m, **more}, risk

        return simulate

    best = f"the best of {candidates} on these rows"
    return {
        "honest": Experiment("test_binomial", "one predictor, fixed before the rows were seen", errors(1)),
        "cheat": Experiment("test_binomial", f"{best}, certified as if it had been fixed", errors(candidates), True),
        "paid": Experiment(
            "occam_binomial", f"{best}, and the choice is paid for", errors(candidates, weight=1 / candidates)
        ),
    }


def _share(failures: int, samples: int, delta: float) -> dict[str, Any]:
    """How often it failed, with its exact interval, and whether that is at most delta."""
    lower, upper = share_interval(failures, samples, (1 - CONFIDENCE) / 2)
    share = failures / samples
    measured = Estimate.sampled(share, min(lower, share), max(upper, share), CONFIDENCE)
    verdict = judge(AtMost(delta, domain=(0, 1)), measured)
    return {
        "failures": failures,
        "share": share,
        "lower": lower,
        "upper": upper,
        "status": str(verdict.status),
        "said": verdict.explanation,
    }
