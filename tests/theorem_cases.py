"""One table of cases: every theorem of a theory runs through its verdicts, and its printed forms through theirs."""

from collections.abc import Collection

import pytest

from fathometer.catalogue import theorems
from fathometer.evidence import Theorem, cases


def of_theory(theory: str, slow: Collection[str] = ()) -> pytest.MarkDecorator:
    """Parametrize a test over the theorems of a theory, some of which take seconds."""
    found = [theorem for theorem in theorems() if theorem.theory == theory]
    marked = [
        pytest.param(theorem, id=theorem.id, marks=[pytest.mark.slow] if theorem.id in slow else [])
        for theorem in found
    ]
    return pytest.mark.parametrize("theorem", marked)


def assert_every_case_ends_as_it_should(theorem: Theorem) -> None:
    """The four cases, and the printed forms; a counterexample is missing only where there is nothing to break."""
    example = theorem.example()
    assert isinstance(example.problem, theorem.about)
    assert theorem.speaks_about(example)
    assert (theorem.counterexample is None) == (theorem.hypotheses == ())
    wrong = [
        f"{case.name}: {case.verdict.status} ({case.verdict.explanation})" for case in cases(theorem) if not case.passed
    ]
    assert wrong == []
