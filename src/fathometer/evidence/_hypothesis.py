"""Hypotheses: what a theorem asks of a problem, each with a margin."""

from collections.abc import Callable
from dataclasses import dataclass

from fathometer.evidence._estimate import Estimate
from fathometer.evidence._judge import compare
from fathometer.evidence._prediction import Prediction
from fathometer.evidence._problem import Problem
from fathometer.evidence._record import Record
from fathometer.evidence._verdict import Answer, Check, Status


@dataclass(frozen=True, eq=False)
class Hypothesis(Record):
    """One condition of a theorem.

    Attributes:
        name: a few words.
        requires: what the measured quantity has to satisfy, or None if nothing here can decide.
        quantity: from the problem to that quantity.
    """

    name: str
    requires: Prediction | None
    quantity: Callable[[Problem], Estimate] | None

    def check(self, problem: Problem) -> Check:
        """Answer for one problem: holds, fails by how much, or undecidable here."""
        if self.requires is None or self.quantity is None:
            return Check(self.name, Answer.UNDECIDABLE, None, "no computation on this problem can decide it")
        finding = compare(self.requires, self.quantity(problem))
        answers = {Status.HOLDS: Answer.HOLDS, Status.VACUOUS: Answer.HOLDS, Status.VIOLATED: Answer.FAILS}
        return Check(self.name, answers.get(finding.status, Answer.UNDECIDABLE), finding.margin, finding.sentence)
