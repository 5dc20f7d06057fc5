"""The theorem behind a bound of the catalogue: what the bound states, held against true risks."""

from collections.abc import Callable
from dataclasses import dataclass

from fathometer.evidence import AxisKind, Estimate, Hypothesis, InputError, Problem, Theorem, Trajectory, Verdict
from fathometer.generalization.bounds._catalogue import bound
from fathometer.generalization.ledger._certified_risk import CertifiedRisk, predict_certified, true_risk


@dataclass(frozen=True, eq=False, kw_only=True)
class BoundTheorem(Theorem):
    """A theorem about the certificates of one bound, on one sample or many.

    Attributes:
        bound: id in the catalogue of bounds.
    """

    bound: str

    def speaks_about(self, trajectory: Trajectory) -> bool:
        """Whether a trajectory has the true risks of certificates that were made from this bound."""
        problem = trajectory.problem
        return (
            super().speaks_about(trajectory)
            and isinstance(problem, CertifiedRisk)
            and problem.bound == self.bound
            and problem.draws in (1, len(trajectory.axis))
        )

    def test(self, trajectory: Trajectory) -> Verdict:
        """Judge the certificates of a trajectory.

        Raises:
            InputError: if they were made from another bound.
        """
        self._refuse_others(trajectory.problem)
        return super().test(trajectory)

    def judge(self, problem: Problem, measured: Estimate) -> Verdict:
        """Judge risks that were measured elsewhere.

        Args:
            problem: the certificate, on one sample or many.
            measured: true risks, one for each sample.

        Raises:
            InputError: if the certificate was made from another bound.
        """
        self._refuse_others(problem)
        return super().judge(problem, measured)

    def _refuse_others(self, problem: Problem) -> None:
        other = CertifiedRisk.expect(problem).bound
        if other != self.bound:
            raise InputError(f"{self.bound} judges certificates of {self.bound}, got one of {other}")


def bound_theorem(
    name: str,
    *,
    hypotheses: tuple[Hypothesis, ...],
    example: Callable[[], Trajectory],
    counterexample: Callable[[], Problem],
    uses: tuple[str, ...] = (),
) -> BoundTheorem:
    """Make the theorem of a bound, with the title, the statement and the source that the bound has.

    Args:
        name: id of the bound, and of the theorem.
        hypotheses: what a certificate must know of its data, loss and prior, in the order in which it is asked.
        example: makes certificates on simulated samples with their true risks; a function of a module.
        counterexample: makes a certificate that breaks a hypothesis; a function of a module.
        uses: ids of the theorems that it rests on.

    Raises:
        InputError: if no bound has that id.
    """
    stated = bound(name)
    return BoundTheorem(
        id=name,
        bound=name,
        theory="generalization",
        title=stated.title,
        statement=stated.statement,
        source=stated.source,
        about=CertifiedRisk,
        hypotheses=hypotheses,
        quantity=true_risk,
        predict=predict_certified,
        example=example,
        counterexample=counterexample,
        along=(AxisKind.DRAW,),
        reads=("risk",),
        uses=uses,
    )
