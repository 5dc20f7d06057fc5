"""Hypotheses: what a theorem asks of a problem, each with a margin."""

from collections.abc import Callable
from dataclasses import dataclass

from fathometer.evidence._estimate import Estimate
from fathometer.evidence._judge import compare
from fathometer.evidence._prediction import AtLeast, AtMost, Prediction
from fathometer.evidence._problem import Problem
from fathometer.evidence._record import Record
from fathometer.evidence._verdict import Answer, Check, Status

YES, NO = AtLeast(1.0, domain=(0.0, 1.0)), AtMost(0.0, domain=(0.0, 1.0))
"""What a yes-or-no hypothesis requires of a quantity that is 1 (or, for NO, 0) where it holds and else 0 (or 1)."""
_SAID = {Answer.HOLDS: "it is so", Answer.FAILS: "it is not so", Answer.UNDECIDABLE: "it was not decided"}


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
        measured = self.quantity(problem)
        finding = compare(self.requires, measured, "required")
        answers = {Status.HOLDS: Answer.HOLDS, Status.VACUOUS: Answer.HOLDS, Status.VIOLATED: Answer.FAILS}
        answer = answers.get(finding.status, Answer.UNDECIDABLE)
        said = _SAID[answer] if self.requires in (YES, NO) else finding.sentence
        return Check(self.name, answer, finding.margin, said)
