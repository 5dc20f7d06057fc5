"""Heavy tails, and online learning on dependent data."""

import numpy as np

from fathometer.generalization.coverage._experiment import Experiment, Simulated, Simulation

M, ROUNDS = 200, 300
RISK = 2 * np.sqrt(3) / np.pi
VARIANCE = 3 - RISK**2
SLOPE, NOISE, STEP, REACH = 0.5, 0.3, 0.05, 0.3


def student_known_variance(rng: np.random.Generator, draws: int, m: int = M) -> Simulated:
    """Loss |z|, z Student t(3), posterior and prior one predictor.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    losses = np.abs(rng.standard_t(3, (draws, m)))
    squares = np.mean((losses - RISK) ** 2, axis=1)
    inputs = {"risk": losses.mean(axis=1), "variance": VARIANCE, "squares": squares, "m": m, "lam": 0.09}
    return inputs | {"lipschitz": 1, "distance": 0}, RISK


def student_second_moment(rng: np.random.Generator, draws: int, m: int = M) -> Simulated:
    """The same, scaled to second moment 1.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    losses = np.abs(rng.standard_t(3, (draws, m))) / np.sqrt(3)
    return {"risk": losses.mean(axis=1), "lipschitz": 1, "distance": 0, "m": m}, RISK / np.sqrt(3)


def online(moments: bool = False, predictive: bool = False) -> Simulation:
    """Subgradient steps on |h - z| along z' = z/2 + uniform noise; the risk is the mean of the conditional risks."""

    def simulate(rng: np.random.Generator, draws: int, m: int = ROUNDS) -> Simulated:
        noise = rng.uniform(-NOISE, NOISE, (m, draws))
        z, h = np.zeros(draws), np.zeros(draws)
        empirical, truth, path, spread, ahead = (np.zeros(draws) for _ in range(5))
        for u in noise:
            centre, z, before = SLOPE * z, SLOPE * z + u, h
            h = np.clip(h - STEP * np.sign(h - z), -REACH, REACH)
            empirical += np.abs(h - z)
            ahead += np.abs(before - z)
            truth += _mean_distance(h - centre)
            path += np.abs(h - before)
            mean = _mean_distance(before - centre)
            spread += (np.abs(before - z) - mean) ** 2 + (before - centre) ** 2 + NOISE**2 / 3 - mean**2
        inputs = {
            "risk": (ahead if predictive else empirical) / m,
            "lipschitz": 1,
            "distance": path / m,
            "m": m,
        }
        more = {"variance": 0, "squares": spread / m, "lam": 0.5} if moments else {}
        return inputs | more, truth / m

    return simulate


def _mean_distance(c: np.ndarray) -> np.ndarray:
    """E |c - u| for u uniform on [-NOISE, NOISE]."""
    return np.where(np.abs(c) <= NOISE, (c**2 + NOISE**2) / (2 * NOISE), np.abs(c))


_ONLINE = f"online subgradient steps on autoregressive data, {ROUNDS} rounds"
EXPERIMENTS = (
    Experiment("w1_nips_t1", f"loss |z|, Student t(3), {M} points", student_known_variance, largest=None),
    Experiment(
        "w1_nips_t2", f"loss |z|, Student t(3) of second moment 1, {M} points", student_second_moment, largest=None
    ),
    Experiment("w1_nips_t4", _ONLINE, online(moments=True), largest=None),
    Experiment("w1_nips_t5", _ONLINE, online(), largest=None),
    Experiment("w1_nips_t5_bounded", _ONLINE, online()),
    Experiment("progressive_validation", _ONLINE, online(predictive=True)),
)
