"""A simulation by the method that suits the number of tokens."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fathometer.attention import ParticleSystem
    from fathometer.evidence import Estimate, Trajectory, Verdict

PLAIN_UP_TO = 4096
"""Tokens up to which every pair is taken by its difference and all states are kept."""

ENGINES = ("auto", "plain", "large")


class Outcome(NamedTuple):
    """A run, what is shown of it, and what it is judged by."""

    run: "Trajectory"
    observed: dict[str, "Estimate"]
    verdicts: list["Verdict"]


def run_tokens(system: "ParticleSystem", times: "NDArray", engine: str, precision: str) -> Outcome:
    """Simulate tokens; many of them, or in single precision, with tiles or the series, observed while they run.

    Raises:
        InputError: if there is no such engine, or the plain one is asked for single precision.
    """
    from fathometer import attention
    from fathometer.evidence import InputError

    if engine not in ENGINES:
        raise InputError(f"engine must be one of {list(ENGINES)}, got {engine!r}")
    if engine == "plain" and precision != "float64":
        raise InputError(f"precision must be float64 with the plain engine, got {precision!r}")
    if engine == "large" or precision != "float64" or (engine == "auto" and len(system.points) > PLAIN_UP_TO):
        return _large(system, times, precision)
    run = attention.simulate(system, times)
    shown = (attention.UNIT_ENERGY, attention.CLUSTER_COUNT, attention.MEAN_COSINE)
    return Outcome(run, {one.name: run.observe(one) for one in shown}, attention.run_verdicts(run))


def _large(system: "ParticleSystem", times: "NDArray", precision: str) -> Outcome:
    import sys

    from fathometer.attention.large import simulate_large
    from fathometer.attention.theorems import energy_increases

    def say(time: float, energy: float, cosine: float) -> None:
        sys.stderr.write(f"t = {time:.6g}: unit energy {energy:.6g}, mean cosine {cosine:.6g}\n")

    tolerance = 1e-6 if precision == "float64" else 1e-3
    run = simulate_large(system, times, precision=precision, tolerance=tolerance, progress=say)
    return Outcome(run, dict(run.observed), [energy_increases.THEOREM.test(run)])
