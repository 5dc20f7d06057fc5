"""The least energy of n tokens: the best cloud that is known, what none can be below, and who holds the record."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from fathometer.attention.dynamics.minimal_energy._search import LARGEST_CLOUD, LeastEnergy, minimize_energy
from fathometer.attention.model._system import read_beta
from fathometer.attention.model.minimal_energy._configurations import Configuration, universal_configuration
from fathometer.attention.model.minimal_energy._problem import MinimalEnergy
from fathometer.attention.observables.minimal_energy._clouds import inner_products
from fathometer.attention.predictions.minimal_energy._configuration_energy import configuration_energy
from fathometer.attention.predictions.minimal_energy._lower_bound import DEGREE, EnergyBound, minimal_energy_bound
from fathometer.attention.theorems.energy import energy_lower_bound, universal_optimality
from fathometer.evidence import Estimate, InputError, Record, Verdict, text_down, text_near, text_up, whole_number

LARGEST_N = 10**9
LARGEST_D = 128
_ALIKE = 1e-6
_SHOWN = 12


@dataclass(frozen=True, eq=False)
class LeastEnergyAnswer(Record):
    """What is known about the least unit energy of n tokens in R^d.

    Attributes:
        problem: n, d and beta.
        bound: what no cloud is below.
        search: the descents; None if there were none.
        configuration: the universally optimal one of this size; None if none is known.
    """

    problem: MinimalEnergy
    bound: EnergyBound
    search: LeastEnergy | None
    configuration: Configuration | None

    @property
    def best(self) -> Estimate | None:
        """The least energy that is known: of a descent or of the configuration; None if there is neither."""
        known = [] if self.search is None else [self.search.best]
        known += [] if self.configuration is None else [configuration_energy(self.configuration, self.problem.beta)]
        return min(known, key=lambda one: one.upper, default=None)

    @property
    def gap(self) -> Estimate | None:
        """The share of the best energy by which it is above the bound, at most: 1 - bound / best."""
        if self.best is None:
            return None
        value, lower, upper = (
            max(0.0, 1 - self.bound.bound / float(end)) for end in (self.best.value, self.best.lower, self.best.upper)
        )
        rounding = 4 * np.finfo(float).eps
        return Estimate.enclosed(value, max(0.0, lower - rounding), upper + rounding)

    @property
    def reached(self) -> bool | None:
        """Whether the best descent ended in the configuration, by its inner products; None if there is none to ask."""
        if self.search is None or self.configuration is None:
            return None
        cosines, counts = inner_products(self.search.points, _ALIKE)
        expected = np.asarray(self.configuration.cosines, float)
        return (
            cosines.shape == expected.shape
            and bool(np.all(np.abs(cosines - expected) < _ALIKE))
            and bool(np.all(np.abs(counts - self.configuration.counts) < 1e-9))
        )

    def verdicts(self) -> list[Verdict]:
        """Hold the two theorems on the least energy against the ends of all descents."""
        if self.search is None:
            return []
        judged = [energy_lower_bound.THEOREM]
        judged += [] if self.configuration is None else [universal_optimality.THEOREM]
        return [theorem.test(self.search.run) for theorem in judged]

    def document(self) -> dict[str, Any]:
        """Return JSON values: best, lower_bound, gap, configuration, and what they come from."""
        return {
            "best": None if self.best is None else self.best.to_json(),
            "lower_bound": self.bound.estimate.to_json(),
            "gap": None if self.gap is None else self.gap.to_json(),
            "configuration": self._configuration(),
            "descents": self._descents(),
            "polynomial": {"coefficients": self.bound.coefficients.tolist(), "repair": self.bound.repair},
            "problem": self.problem.summary(),
        }

    def rows(self) -> list[tuple[str, str]]:
        """Rows of a table."""
        beta = self.problem.beta
        rows = [
            ("best unit energy", "none" if self.best is None else text_up(float(self.best.upper), 15)),
            ("lower bound, proved", text_down(self.bound.bound, 15)),
            ("gap, relative", "unknown" if self.gap is None else f"at most {text_up(float(self.gap.upper), 3)}"),
            ("single cluster, for comparison", "1"),
        ]
        if (one := self.configuration) is not None:
            reached = {True: "the best descent", False: "no descent", None: "none was asked"}[self.reached]
            rows += [
                ("configuration", f"{one.name}, {'sharp' if one.sharp else 'universally optimal, not sharp'}"),
                ("its unit energy", text_near(float(configuration_energy(one, beta).value), 15)),
                ("reached by", reached),
            ]
        if self.search is not None:
            rows += [("descents", f"{len(self.search.run.axis)}, {self.search.reached:.0%} of them in the best energy")]
            rows += [("inner products of the best descent (partners)", _listed(*inner_products(self.search.points)))]
        return rows

    def _configuration(self) -> dict[str, Any] | None:
        one = self.configuration
        return one and {
            "name": one.name,
            "inner_products": np.asarray(one.cosines, float).tolist(),
            "counts": list(one.counts),
            "strength": one.strength,
            "sharp": one.sharp,
            "energy": configuration_energy(one, self.problem.beta).to_json(),
            "reached": self.reached,
        }

    def _descents(self) -> dict[str, Any] | None:
        if self.search is None:
            return None
        cosines, counts = inner_products(self.search.points)
        return {
            "best": self.search.best.to_json(),
            "number": len(self.search.run.axis),
            "reached_best": self.search.reached,
            "steps": self.search.steps,
            "inner_products": cosines.tolist() if len(cosines) <= 1000 else None,
            "partners": counts.tolist() if len(cosines) <= 1000 else None,
            "points": self.search.points.tolist() if self.search.points.size <= 1000 else None,
        }


def least_energy(
    n: int, d: int, beta: float, *, degree: int = DEGREE, starts: int | None = None, seed: int = 0
) -> LeastEnergyAnswer:
    """Return the best cloud of many descents, the linear programming bound, and the universally optimal cloud, if any.

    Args:
        n: number of tokens, between 2 and 1000; up to 1e9 without descents.
        d: dimension, between 2 and 128.
        beta: inverse temperature, between 0 and 1e10.
        degree: of the polynomial of the bound, between 1 and 60.
        starts: number of descents, at most 1000; 0 for none, None for 64, or fewer if n > 125.
        seed: of the starts, >= 0.

    Raises:
        InputError: if a value is not as above.
    """
    n = whole_number("n", n, at_least=2, at_most=LARGEST_N)
    d = whole_number("dim", d, at_least=2, at_most=LARGEST_D)
    count = None if starts is None else whole_number("starts", starts, at_least=0, at_most=1000)
    if n > LARGEST_CLOUD and count != 0:
        raise InputError(f"n must be at most {LARGEST_CLOUD}, got {n}; up to {LARGEST_N} with starts 0")
    problem = MinimalEnergy(n, d, read_beta(beta))
    bound = minimal_energy_bound(n, d, problem.beta, degree)
    search = None if count == 0 else minimize_energy(n, d, problem.beta, starts=count, seed=seed)
    return LeastEnergyAnswer(problem, bound, search, universal_configuration(n, d))


def _listed(cosines: np.ndarray, counts: np.ndarray) -> str:
    shown = [f"{x:.6f} ({count:.4g})" for x, count in zip(cosines[:_SHOWN], counts[:_SHOWN], strict=True)]
    return ", ".join(shown) + (f" and {len(cosines) - _SHOWN} more" if len(cosines) > _SHOWN else "")
