"""Hypotheses measured on the example of a theorem, and along a way on which one of them breaks."""

import dataclasses
import functools
import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from fathometer.app.questions.theorems._between import between
from fathometer.app.questions.theorems._cases import example_of
from fathometer.evidence import Answer, Estimate, Hypothesis, InputError, Problem, Theorem
from fathometer.evidence.judging._hypothesis import TRUE

STOPS = 20
_TOGETHER = 5  # stops of one answer
_TRIES = 200  # problems that are tried for one that breaks a hypothesis


def hypotheses_measured(theorem: Theorem) -> dict[str, Any]:
    """Measure every hypothesis on the example and on the counterexample.

    Args:
        theorem: any.
    """
    counterexample = None if theorem.counterexample is None else theorem.counterexample()
    return {
        "about": theorem.about.__name__,
        "example": _checks(theorem, example_of(theorem.id).problem),
        "counterexample": None if counterexample is None else _checks(theorem, counterexample),
    }


def stops(theorem: Theorem, index: int) -> Iterator[dict[str, Any]]:
    """Go from the example to a problem that breaks one hypothesis, and measure all hypotheses at each stop.

    Where nothing lies between the two, there are two stops.

    Args:
        theorem: any.
        index: of the hypothesis.

    Yields:
        the next stops, with their amount in [0, 1].

    Raises:
        InputError: if there is no such hypothesis, or no known problem breaks it.
    """
    if index >= len(theorem.hypotheses):
        raise InputError(f"{theorem.id} has {len(theorem.hypotheses)} hypotheses, got number {index}")
    start = example_of(theorem.id).problem
    end, from_where, whole = _breaking(theorem.id, index)
    amounts = np.linspace(0, 1, STOPS + 1) if whole else np.array([0.0, 1.0])
    for part in np.array_split(amounts, math.ceil(len(amounts) / _TOGETHER)):
        yield {
            "interpolated": whole,
            "end": from_where,
            "stops": [_stop(theorem, index, start, end, float(amount)) for amount in part],
        }


def _stop(theorem: Theorem, index: int, start: Problem, end: Problem, amount: float) -> dict[str, Any]:
    try:
        problem = {0.0: start, 1.0: end}.get(amount) or between(start, end, amount)
    except InputError as error:
        return {"amount": amount, "check": None, "why": " ".join(str(error).split()), "failing": []}
    checks = _checks(theorem, problem)
    failing = [k for k, check in enumerate(checks) if check["answer"] == "fails"]
    return {"amount": amount, "check": checks[index], "failing": failing}


def _checks(theorem: Theorem, problem: Problem) -> list[dict[str, Any]]:
    return [_check(hypothesis, problem) for hypothesis in theorem.hypotheses]


def _check(hypothesis: Hypothesis, problem: Problem) -> dict[str, Any]:
    """The answer of a hypothesis, with the measured number where it is one."""
    value = None if hypothesis.quantity is None else hypothesis.quantity(problem)
    check = Hypothesis(hypothesis.name, hypothesis.requires, lambda _: value).check(problem)
    number = float(value.value) if isinstance(value, Estimate) and np.size(value.value) == 1 else np.nan
    return {
        "answer": str(check.answer),
        "margin": check.margin,
        "said": check.explanation,
        "value": number if np.isfinite(number) else None,
    }


@functools.lru_cache(256)
def _breaking(identifier: str, index: int) -> tuple[Problem, str, bool]:
    """A problem that breaks a hypothesis, where it comes from, and whether there are problems between.

    The theorem's own counterexample comes first, then counterexamples of others about the same problems; of each also
    its fields one by one in the example, which changes less.

    Raises:
        InputError: if none breaks it.
    """
    from fathometer.catalogue import theorem

    chosen, start = theorem(identifier), example_of(identifier).problem
    hypothesis = chosen.hypotheses[index]
    second: tuple[Problem, str, bool] | None = None
    for end, from_where in itertools.islice(_ends(chosen, start), _TRIES):
        if hypothesis.check(end).answer is Answer.FAILS:
            if _joined(start, end):
                return end, from_where, True
            second = second or (end, from_where, False)
            if hypothesis.requires == TRUE:  # nothing lies between yes and no
                break
    if second is None:
        raise InputError(f"no problem is known here that breaks {hypothesis.name!r}")
    return second


def _ends(theorem: Theorem, start: Problem) -> Iterator[tuple[Problem, str]]:
    own = () if theorem.counterexample is None else ((theorem.counterexample(), "the counterexample"),)
    others = [(problem, f"the counterexample of {name}") for name, problem in _counterexamples(theorem.about)]
    yield from own
    for problem, source in (*own, *others):
        yield from _with_one_field(start, problem, source)
    for problem, source in others:
        if getattr(problem, "bound", None) == getattr(start, "bound", None):
            yield problem, source


@functools.lru_cache
def _counterexamples(about: type[Problem]) -> tuple[tuple[str, Problem], ...]:
    """Counterexamples of all theorems about one kind of problem, without those that come again."""
    from fathometer.catalogue import theorems

    problems: dict[str, tuple[str, Problem]] = {}
    for theorem in theorems():
        if theorem.about is about and theorem.counterexample is not None:
            problem = theorem.counterexample()
            problems.setdefault(repr(problem), (theorem.id, problem))
    return tuple(problems.values())


def _with_one_field(start: Problem, other: Problem, source: str) -> Iterator[tuple[Problem, str]]:
    """The example with one field of another problem.

    Yields:
        each such problem, and where the field is from.
    """
    if type(start) is not type(other):
        return
    for field in dataclasses.fields(start):  # type: ignore[arg-type]
        value = getattr(other, field.name)
        if not field.init or field.name == "bound" or repr(value) == repr(getattr(start, field.name)):
            continue
        try:
            yield dataclasses.replace(start, **{field.name: value}), f"{field.name} of {source}"  # type: ignore[type-var]
        except (InputError, ArithmeticError):  # such as masses of another number of tokens
            continue


def _joined(start: Problem, end: Problem) -> bool:
    """Whether there is a problem halfway."""
    try:
        between(start, end, 0.5)
    except InputError:
        return False
    return True
