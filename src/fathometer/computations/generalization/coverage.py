"""`coverage`: how often one bound fails on simulated samples."""

from typing import Any

from fathometer.computations._values import number, worst
from fathometer.generalization.coverage import EXPERIMENTS, Experiment, cover
from fathometer.study import Choice, Column, Computation, Computed, Real, Whole

_CONFIDENCE = 0.99


def compute(parameters: dict[str, Any], seed: int) -> Computed:
    """Draw samples, evaluate the bound on each, and count how often the true risk is above it."""
    experiment = _NAMED[parameters["experiment"]]
    experiment = experiment.at_size(parameters["m"]) if parameters["m"] else experiment
    found = cover(experiment, parameters["draws"], parameters["delta"], seed)
    low, high = interval(found.violations, found.draws)
    values = {
        "bound": found.bound,
        "control": found.control,
        "samples": found.draws,
        "failures": found.violations,
        "failure_rate": found.violations / found.draws,
        "allowed_rate": found.delta,
        "failure_rate_lower": low,
        "failure_rate_upper": high,
        "median_bound": number(found.median_bound),
        "median_risk": number(found.median_risk),
        "setting": found.setting,
    }
    return Computed(values, worst([found.verdict]))


def interval(failures: int, draws: int) -> tuple[float, float]:
    """Ends of the exact binomial interval of 99 % (Clopper and Pearson) of a rate.

    Args:
        failures: from 0 to draws.
        draws: at least 1.
    """
    from scipy.stats import beta

    tail = (1 - _CONFIDENCE) / 2
    low = 0.0 if failures == 0 else float(beta.ppf(tail, failures, draws - failures + 1))
    high = 1.0 if failures == draws else float(beta.isf(tail, failures + 1, draws - failures))
    return low, high


def _named() -> dict[str, Experiment]:
    """Experiments by the id of their bound; the second one of a bound is id/2, and its controls id/control."""
    named: dict[str, Experiment] = {}
    for experiment in EXPERIMENTS:
        name = f"{experiment.bound}/control" if experiment.control else experiment.bound
        count = sum(
            other == name or (other.startswith(f"{name}/") and other[len(name) + 1 :].isdigit()) for other in named
        )
        named[f"{name}/{count + 1}" if count else name] = experiment
    return named


_NAMED = _named()
COMPUTATION = Computation(
    name="coverage",
    summary="one bound on simulated samples: how often it fails, with the exact binomial verdict",
    parameters={
        "experiment": Choice(tuple(_NAMED), "test_binomial"),
        "m": Whole(0, 100_000, 0),
        "delta": Real(1e-12, 0.999, 0.05),
        "draws": Whole(100, 1_000_000, 2000),
    },
    compute=compute,
    columns={
        "bound": Column(str, "id of the bound"),
        "control": Column(bool, "whether an assumption is broken on purpose, so that failures must be seen"),
        "samples": Column(int, "number of samples that were drawn"),
        "failures": Column(int, "samples on which the true risk is above the bound"),
        "failure_rate": Column(float, "failures / samples"),
        "allowed_rate": Column(float, "delta: the rate at which it may fail"),
        "failure_rate_lower": Column(float, "lower end of the exact binomial interval of 99 % of the rate"),
        "failure_rate_upper": Column(float, "upper end of the exact binomial interval of 99 % of the rate"),
        "median_bound": Column(float, "median of the bound over the samples"),
        "median_risk": Column(float, "median of the true risk over the samples"),
        "setting": Column(str, "the law of the samples and what is certified"),
    },
    about={
        "experiment": "bound and law of the samples",
        "m": "points of each sample m; 0 for the number of the experiment",
        "delta": "probability delta with which the bound may fail",
        "draws": "samples to draw; fewer where they are large",
    },
)
