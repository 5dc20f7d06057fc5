"""Hypotheses: what a theorem asks of a problem, each with a margin."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from fathometer.evidence.judging._judge import compare
from fathometer.evidence.judging._prediction import AtLeast, Prediction
from fathometer.evidence.judging._verdict import Answer, Check, Status
from fathometer.evidence.runs._problem import Problem
from fathometer.evidence.values._estimate import Estimate
from fathometer.evidence.values._record import Record

TRUE = AtLeast(1.0, domain=(0.0, 1.0))
"""What a yes-or-no hypothesis requires of the truth value."""
_SAID = {Answer.HOLDS: "it is so", Answer.FAILS: "it is not so", Answer.UNDECIDABLE: "it was not decided"}


@dataclass(frozen=True, eq=False)
class Hypothesis(Record):
    """One condition of a theorem.

    Attributes:
        name: a few words.
        requires: what the measured quantity has to satisfy, or None if nothing here can decide.
        quantity: from the problem to that quantity; a truth value counts as 1 or 0, None as not known.
    """

    name: str
    requires: Prediction | None
    quantity: Callable[[Problem], Estimate | bool | None] | None

    @classmethod
    def that(cls, name: str, predicate: Callable[[Problem], bool | None]) -> "Hypothesis":
        """Ask for something that is so or not.

        Args:
            name: a few words.
            predicate: from the problem to whether it is so; None where nobody knows.
        """
        return cls(name, TRUE, predicate)

    def check(self, problem: Problem) -> Check:
        """Answer for one problem: holds, fails by how much, or undecidable here."""
        if self.requires is None or self.quantity is None:
            return Check(self.name, Answer.UNDECIDABLE, None, "no computation on this problem can decide it")
        value = self.quantity(problem)
        measured = value if isinstance(value, Estimate) else Estimate.exact(math.nan if value is None else float(value))
        finding = compare(self.requires, measured, "required")
        answers = {Status.HOLDS: Answer.HOLDS, Status.VACUOUS: Answer.HOLDS, Status.VIOLATED: Answer.FAILS}
        answer = answers.get(finding.status, Answer.UNDECIDABLE)
        said = _SAID[answer] if self.requires == TRUE else finding.sentence
        return Check(self.name, answer, finding.margin, said)
