"""Held-out rows drawn class by class, and a predictor that knows how often each class came."""

import numpy as np

from fathometer.generalization.coverage._experiment import Experiment, Simulated, Simulation

ROWS, CLASSES = 400, 10
MEANS = np.array([0.2, 0.6])


def stratified(share: float, classes: int, claimed_share: float, claimed_classes: int) -> Simulation:
    """The predictor errs most in the classes that came less often in the table than expected, which all splits show.

    Args:
        share: of the rows of each class that is held out, rounded up.
        classes: number of classes, all as likely.
        claimed_share: the share that the bound is given.
        claimed_classes: the number of classes that the bound is given.
    """

    def simulate(rng: np.random.Generator, draws: int, m: int = ROWS) -> Simulated:
        counts = rng.multinomial(m, np.full(classes, 1 / classes), draws)
        risks = MEANS[(counts < m / classes).astype(int)]
        total = rng.binomial(np.ceil(share * counts).astype(int), risks).sum(axis=1)
        return {"total": total, "rows": m, "share": claimed_share, "classes": claimed_classes}, risks.mean(axis=1)

    return simulate


_LAW = f"table of {ROWS} rows"
_KNOWS = "a predictor that knows the counts of the classes"
EXPERIMENTS = (
    Experiment("stratified_kl", f"{_KNOWS}, {CLASSES} classes, {_LAW}, a fifth held out", stratified(0.2, 10, 0.2, 10)),
    Experiment("stratified_kl", f"{_KNOWS}, 2 classes, {_LAW}, nine tenths held out", stratified(0.9, 2, 0.9, 2)),
    Experiment("stratified_kl", f"control: {_KNOWS} is said not to", stratified(0.9, 100, 0.9, 1), True),
    Experiment(
        "stratified_kl", "control: a tenth is held out, two fifths are claimed", stratified(0.1, 10, 0.4, 10), True
    ),
)
