"""The spine: problem, trajectory, observable, estimate, theorem, verdict. NumPy only; it knows no theory."""

from fathometer.evidence.judging._cases import Case as Case, cases as cases
from fathometer.evidence.judging._every import judge_all as judge_all, load_theorems as load_theorems
from fathometer.evidence.judging._hypothesis import Hypothesis as Hypothesis
from fathometer.evidence.judging._judge import judge as judge
from fathometer.evidence.judging._prediction import (
    AtLeast as AtLeast,
    AtMost as AtMost,
    Direction as Direction,
    GrowthExponent as GrowthExponent,
    Monotone as Monotone,
    NotAfter as NotAfter,
    NotBefore as NotBefore,
    Positive as Positive,
    Prediction as Prediction,
    Within as Within,
    WithProbability as WithProbability,
)
from fathometer.evidence.judging._source import Reference as Reference, Source as Source
from fathometer.evidence.judging._theorem import PrintedForm as PrintedForm, Theorem as Theorem
from fathometer.evidence.judging._verdict import Answer as Answer, Check as Check, Status as Status, Verdict as Verdict
from fathometer.evidence.runs._observable import Observable as Observable
from fathometer.evidence.runs._problem import Problem as Problem
from fathometer.evidence.runs._provenance import Provenance as Provenance
from fathometer.evidence.runs._trajectory import Origin as Origin, Trajectory as Trajectory
from fathometer.evidence.runs._twins import (
    TWIN_SAFETY as TWIN_SAFETY,
    Event as Event,
    Twin as Twin,
    widened as widened,
)
from fathometer.evidence.values._axis import Axis as Axis, AxisKind as AxisKind
from fathometer.evidence.values._estimate import NEARLY_CERTAIN as NEARLY_CERTAIN, Estimate as Estimate, Kind as Kind
from fathometer.evidence.values._input import (
    InputError as InputError,
    finite_array as finite_array,
    finite_number as finite_number,
    label_array as label_array,
    real_array as real_array,
    whole_number as whole_number,
)
from fathometer.evidence.values._record import Record as Record
from fathometer.evidence.values._shown import (
    text_confidence as text_confidence,
    text_down as text_down,
    text_ends as text_ends,
    text_inward as text_inward,
    text_near as text_near,
    text_up as text_up,
)
