import numpy as np
import pytest

from fathometer.evidence import Answer, AtLeast, AtMost, Check, Estimate, Hypothesis, Positive
from tests.evidence.examples import Fall

FALL = Fall(2.0, np.zeros(2))


def ask(requires, measured) -> Check:
    return Hypothesis("asked", requires, lambda problem: measured).check(FALL)


@pytest.mark.parametrize(
    ("truth", "answer", "margin", "said"),
    [
        (True, Answer.HOLDS, 0.0, "it is so"),
        (np.True_, Answer.HOLDS, 0.0, "it is so"),
        (False, Answer.FAILS, -1.0, "it is not so"),
        (None, Answer.UNDECIDABLE, None, "it was not decided"),
    ],
)
def test_what_is_so_or_not_is_answered_in_words(truth, answer, margin, said):
    hypothesis = Hypothesis.that("high", lambda problem: truth if problem is FALL else "another problem")
    assert hypothesis.check(FALL) == Check("high", answer, margin, said)


def test_a_number_is_answered_by_how_far_it_is_from_what_is_required():
    holds = ask(AtLeast(1.0), Estimate.exact(1.5))
    assert holds == Check("asked", Answer.HOLDS, 0.5, "1.5 measured, required at least 1")
    assert ask(AtMost(1.0), Estimate.exact(3.0)) == Check("asked", Answer.FAILS, -2.0, "3 measured, required at most 1")
    open_ends = ask(AtLeast(1.0), Estimate.enclosed(1.5, 0.5, 2.0))
    assert (open_ends.answer, open_ends.margin) == (Answer.UNDECIDABLE, 0.5)


def test_what_every_value_satisfies_holds():
    assert ask(AtLeast(0.0, domain=(0.0, None)), Estimate.exact(3.0)).answer is Answer.HOLDS


@pytest.mark.parametrize(
    ("measured", "answer"),
    [
        (Estimate.exact(5e-324), Answer.HOLDS),
        (Estimate.exact(2.0), Answer.HOLDS),
        (Estimate.exact(0.0), Answer.FAILS),
        (Estimate.exact(-1.0), Answer.FAILS),
        (Estimate.enclosed(1.0, 0.0, 2.0), Answer.UNDECIDABLE),
        (Estimate.enclosed(0.0, -1.0, 5e-324), Answer.UNDECIDABLE),
        (Estimate.exact(np.nan), Answer.UNDECIDABLE),
        (Estimate.exact([1.0, 0.0]), Answer.FAILS),
    ],
)
def test_positive_is_larger_than_zero_however_little(measured, answer):
    check = ask(Positive(), measured)
    assert check.answer is answer
    assert "required positive" in check.explanation


@pytest.mark.parametrize("open_part", [(None, lambda problem: True), (AtLeast(1.0), None), (None, None)])
def test_what_no_computation_decides_is_said_to_be_open(open_part):
    check = Hypothesis("unknown", *open_part).check(FALL)
    assert check == Check("unknown", Answer.UNDECIDABLE, None, "no computation on this problem can decide it")
