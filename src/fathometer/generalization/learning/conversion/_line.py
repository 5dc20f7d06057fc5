"""One line of the table: one model, all of its certificates under one delta, and how the families compare."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fathometer.evidence import Record

CONVERTED = (
    "output_conversion",
    "margin_transport",
    "risk_transport",
    "w1_route_a",
    "smooth_gauss",
    "smooth_mean",
    "kl_w1_interp",
    "chain_gauss",
)
"""From a posterior or a prior back to the deployed predictor."""

UNIFORM = ("rademacher_linear", "w1_glm_local", "covering", "rademacher")
"""Parents: uniform convergence without PAC-Bayes."""

TWIN, TWICE = "maurer_seeger", "twice_maurer_seeger"
"""The other parent is about the randomised twin; twice its value is about a linear classifier, as its majority vote."""

SCEPTIC = ("test_binomial", "prior_binomial")
"""Rows that nobody trained on: of the held-out part for the model, of the certificate part for the prior mean."""


@dataclass(frozen=True, eq=False)
class ConversionLine(Record):
    """Certificates of one model; all of them hold together with probability at least 1 - delta.

    Attributes:
        regime: how model and prior came about.
        m: rows that the empirical risks are measured on.
        prior_rows: rows that fixed the prior.
        step: how far the model is on the way from the prior (0) to what was trained (1).
        distance: from the prior, in units of the prior's length for linear models.
        delta: total failure probability.
        values: certified risk by bound; above 1 it says nothing, infinity included.
        measured: risk on rows that no certificate sees.
    """

    regime: str
    m: int
    prior_rows: int
    step: float
    distance: float
    delta: float
    values: Mapping[str, float]
    measured: float

    def smallest(self, names: Iterable[str]) -> tuple[str, float]:
        """The best of some certificates, those that are there, cut at 1."""
        there = {name: min(self.values[name], 1.0) for name in names if name in self.values}
        best = min(there, key=there.__getitem__)
        return best, there[best]

    def over_uniform(self) -> float:
        """Best converted certificate over the best uniform one; below 1 the conversion is better."""
        return self.smallest(CONVERTED)[1] / self.smallest(UNIFORM)[1]

    def over_twin(self) -> float:
        """Best converted certificate over that of the randomised twin, which is about another predictor."""
        return self.smallest(CONVERTED)[1] / self.smallest((TWIN,))[1]

    def over_twice(self) -> float:
        """Best converted certificate over what PAC-Bayes alone says about the model: twice that of its twin, or 1."""
        return self.smallest(CONVERTED)[1] / min(1.0, self.values.get(TWICE, 1.0))
