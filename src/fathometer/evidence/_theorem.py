"""Theorems: sources, hypotheses and predictions, as data."""

from collections.abc import Callable
from dataclasses import dataclass

from fathometer.evidence._axis import Axis
from fathometer.evidence._estimate import Estimate
from fathometer.evidence._hypothesis import Hypothesis
from fathometer.evidence._judge import inapplicable, judge
from fathometer.evidence._prediction import Prediction
from fathometer.evidence._problem import Problem
from fathometer.evidence._record import Record
from fathometer.evidence._trajectory import Trajectory
from fathometer.evidence._verdict import Answer, Verdict


@dataclass(frozen=True, eq=False)
class Reference(Record):
    """A publication.

    Attributes:
        key: citation key.
        authors: "Family, Given and Family, Given".
        title: as published.
        year: of the version that is cited.
        venue: journal, proceedings or "arXiv".
        identifier: arXiv number, or empty.
    """

    key: str
    authors: str
    title: str
    year: int
    venue: str
    identifier: str = ""

    def bibtex(self) -> str:
        """Return the BibTeX entry."""
        lines = {"author": self.authors, "title": self.title, "year": self.year, "howpublished": self.venue}
        if self.identifier:
            lines |= {"eprint": self.identifier, "archiveprefix": "arXiv"}
        body = "".join(f"  {name} = {{{value}}},\n" for name, value in lines.items())
        return f"@misc{{{self.key},\n{body}}}"


@dataclass(frozen=True, eq=False)
class Source(Record):
    """Where a statement comes from.

    Attributes:
        reference: the publication.
        statement: its number or name there, such as "Theorem 1".
        remark: corrections, derivations and what could not be verified; empty if there is nothing to say.
    """

    reference: Reference
    statement: str
    remark: str = ""


@dataclass(frozen=True, eq=False)
class Theorem(Record):
    """A statement that can be held against a measurement.

    Attributes:
        id: unique in the catalogue.
        theory: attention, deep_linear or generalization.
        title: a few words.
        statement: the statement, in one or two sentences.
        source: where it comes from.
        hypotheses: all that it asks for.
        quantity: measures what the conclusion speaks about, on a trajectory.
        predict: from the problem, and the axis that the measurement runs along (None for a scalar), to the prediction.
    """

    id: str
    theory: str
    title: str
    statement: str
    source: Source
    hypotheses: tuple[Hypothesis, ...]
    quantity: Callable[[Trajectory], Estimate]
    predict: Callable[[Problem, Axis | None], Prediction]

    def test(self, trajectory: Trajectory) -> Verdict:
        """Check the hypotheses, predict, measure and judge, in this order; twins of the run give its error bars."""
        return self._judged(
            trajectory.problem, trajectory.axis, lambda: [self.quantity(run) for run in trajectory.runs()]
        )

    def judge(self, problem: Problem, measured: Estimate) -> Verdict:
        """Judge a measurement that was made elsewhere."""
        return self._judged(problem, measured.along, lambda: [measured])

    def _judged(self, problem: Problem, axis: Axis | None, measure: Callable[[], list[Estimate]]) -> Verdict:
        checks = tuple(hypothesis.check(problem) for hypothesis in self.hypotheses)
        if failing := [check for check in checks if check.answer is Answer.FAILS]:
            return inapplicable(failing, None, self.id, checks)
        prediction = self.predict(problem, axis)
        measured, *others = measure()
        return judge(prediction, measured, self.id, checks, others)
