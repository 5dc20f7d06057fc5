"""Verdicts: what came of holding a theorem against a measurement."""

from dataclasses import dataclass
from enum import StrEnum

from fathometer.evidence.judging._prediction import Prediction
from fathometer.evidence.values._estimate import Estimate
from fathometer.evidence.values._record import Record


class Status(StrEnum):
    """The five outcomes.

    VACUOUS: true and says nothing. INAPPLICABLE: a hypothesis fails. UNDECIDED: the error bars straddle.
    """

    HOLDS = "HOLDS"
    VIOLATED = "VIOLATED"
    VACUOUS = "VACUOUS"
    INAPPLICABLE = "INAPPLICABLE"
    UNDECIDED = "UNDECIDED"


class Answer(StrEnum):
    """What a hypothesis check can say."""

    HOLDS = "holds"
    FAILS = "fails"
    UNDECIDABLE = "undecidable"


@dataclass(frozen=True, eq=False)
class Check(Record):
    """The answer of one hypothesis on one problem.

    Attributes:
        hypothesis: its name.
        answer: holds, fails or undecidable here.
        margin: by how much, negative where it fails; None where there is no scale.
        explanation: one sentence.
    """

    hypothesis: str
    answer: Answer
    margin: float | None
    explanation: str


@dataclass(frozen=True, eq=False)
class Verdict(Record):
    """A status with its reason.

    Attributes:
        status: one of the five.
        margin: distance to the nearest edge of the prediction, positive inside it and negative outside, in the units
            of the measured quantity; guaranteed when HOLDS or VIOLATED, of the values when UNDECIDED; for INAPPLICABLE
            the margin of the hypothesis that fails; None where there is no finite one.
        explanation: one sentence.
        theorem: the theorem's id, empty if a bare prediction was judged.
        prediction: what was predicted; None when a hypothesis failed first.
        measured: what was measured.
        checks: the hypotheses' answers.
    """

    status: Status
    margin: float | None
    explanation: str
    theorem: str = ""
    prediction: Prediction | None = None
    measured: Estimate | None = None
    checks: tuple[Check, ...] = ()
