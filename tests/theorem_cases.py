"""One table of cases: every theorem of a theory runs through its verdicts, and its printed forms through theirs."""

import pytest

from fathometer.catalogue import theorems
from fathometer.evidence import Theorem, cases


def of_theory(theory: str) -> pytest.MarkDecorator:
    """Parametrize a test over the theorems of a theory."""
    found = [theorem for theorem in theorems() if theorem.theory == theory]
    return pytest.mark.parametrize("theorem", found, ids=lambda theorem: theorem.id)


def assert_every_case_ends_as_it_should(theorem: Theorem) -> None:
    """The four cases, and the printed forms; a counterexample is missing only where there is nothing to break."""
    assert isinstance(theorem.example().problem, theorem.about)
    assert theorem.speaks_about(theorem.example())
    assert (theorem.counterexample is None) == (theorem.hypotheses == ())
    wrong = [
        f"{case.name}: {case.verdict.status} ({case.verdict.explanation})" for case in cases(theorem) if not case.passed
    ]
    assert wrong == []
