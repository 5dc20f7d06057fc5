"""Theorems: sources, hypotheses, predictions and cases, as data."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from fathometer.evidence.judging._hypothesis import Hypothesis
from fathometer.evidence.judging._judge import inapplicable, judge
from fathometer.evidence.judging._prediction import Prediction
from fathometer.evidence.judging._source import Source
from fathometer.evidence.judging._verdict import Answer, Status, Verdict
from fathometer.evidence.runs._problem import Problem
from fathometer.evidence.runs._trajectory import Trajectory
from fathometer.evidence.values._axis import Axis, AxisKind
from fathometer.evidence.values._estimate import Estimate
from fathometer.evidence.values._record import Record

Predict = Callable[[Problem, Axis | None], Prediction]
Quantity = Callable[[Trajectory], Estimate]
Example = Callable[[], Trajectory]


@dataclass(frozen=True, eq=False)
class PrintedForm(Record):
    """A statement as it is printed where that is wrong, and a run that shows it.

    Attributes:
        statement: as printed.
        predict: what it says; None if that is what the theorem says.
        quantity: what it speaks about; None if that is what the theorem speaks about.
        hypotheses: all that it asks for; None if that is what the theorem asks for.
        example: a small run that shows what is wrong; None for the theorem's own.
        ends: what comes of holding it against the example: VIOLATED, or VACUOUS if it says nothing.
    """

    statement: str
    predict: Predict | None = None
    quantity: Quantity | None = None
    hypotheses: tuple[Hypothesis, ...] | None = None
    example: Example | None = None
    ends: Status = Status.VIOLATED


@dataclass(frozen=True, eq=False, kw_only=True)
class Theorem(Record):
    """A statement that can be held against a measurement.

    Attributes:
        id: unique in the catalogue.
        theory: attention, deep_linear or generalization.
        title: a few words.
        statement: the statement, in one or two sentences.
        source: where it comes from.
        about: the problems that it speaks about.
        hypotheses: all that it asks for.
        quantity: measures what the conclusion speaks about, on a trajectory.
        predict: from the problem, and the axis that the measurement runs along (None for a scalar), to the prediction.
        example: makes a small run on which it HOLDS.
        counterexample: makes a small problem of the same type that breaks a hypothesis; None if there is none to break.
        along: kinds of axis that the quantity is measured along; empty for any.
        reads: states that a trajectory must have to be judged.
        part: the part of a run that the statement is about, None for all of it.
        cost: what judging computes beyond the run, such as "a linear program"; empty if that is little.
        uses: ids of the theorems that it rests on.
        as_printed: forms in print that are wrong.
    """

    id: str
    theory: str
    title: str
    statement: str
    source: Source
    about: type[Problem]
    hypotheses: tuple[Hypothesis, ...]
    quantity: Quantity
    predict: Predict
    example: Example
    counterexample: Callable[[], Problem] | None = None
    along: tuple[AxisKind, ...] = ()
    reads: tuple[str, ...] = ()
    part: Callable[[Trajectory], Trajectory] | None = None
    cost: str = ""
    uses: tuple[str, ...] = ()
    as_printed: tuple[PrintedForm, ...] = ()

    def speaks_about(self, trajectory: Trajectory) -> bool:
        """Whether a trajectory is of the right problem, runs along the right axis and has the states that are read."""
        return (
            isinstance(trajectory.problem, self.about)
            and (not self.along or trajectory.axis.kind in self.along)
            and set(self.reads) <= {*trajectory.states, *trajectory.observed}
        )

    def test(self, trajectory: Trajectory) -> Verdict:
        """Check the hypotheses, predict, measure and judge, in this order; twins of the run give its error bars."""
        run = trajectory if self.part is None else self.part(trajectory)
        return self._judged(run.problem, run.axis, lambda: [self.quantity(way) for way in run.runs()])

    def judge(self, problem: Problem, measured: Estimate) -> Verdict:
        """Judge a measurement that was made elsewhere."""
        return self._judged(problem, measured.along, lambda: [measured])

    def printed(self, form: PrintedForm) -> "Theorem":
        """Return a form in print as a theorem of its own, with the example that shows what is wrong with it."""
        own = {
            name: getattr(form, name)
            for name in ("predict", "quantity", "hypotheses", "example")
            if getattr(form, name) is not None
        }
        return replace(self, id=f"{self.id}_as_printed", statement=form.statement, as_printed=(), **own)

    def _judged(self, problem: Problem, axis: Axis | None, measure: Callable[[], list[Estimate]]) -> Verdict:
        checks = tuple(hypothesis.check(problem) for hypothesis in self.hypotheses)
        if failing := [check for check in checks if check.answer is Answer.FAILS]:
            return inapplicable(failing, None, self.id, checks)
        prediction = self.predict(problem, axis)
        measured, *others = measure()
        return judge(prediction, measured, self.id, checks, others)
