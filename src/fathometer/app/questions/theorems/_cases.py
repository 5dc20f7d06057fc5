"""The cases of a theorem as JSON values, and its example, which is run once."""

import functools
from typing import Any

from fathometer.evidence import Case, Theorem, Trajectory, cases

_KEPT = 24  # examples in memory


def case_documents(theorem: Theorem) -> list[dict[str, Any]]:
    """Run a theorem through its verdicts and return what came of each."""
    return [_document(case) for case in cases(theorem)]


def _document(case: Case) -> dict[str, Any]:
    return {
        "name": case.name,
        "expected": str(case.expected),
        "status": str(case.verdict.status),
        "passed": case.passed,
        "margin": case.verdict.margin,
        "explanation": case.verdict.explanation,
    }


@functools.lru_cache(_KEPT)
def example_of(identifier: str) -> Trajectory:
    """The part of a theorem's example that it speaks about.

    Args:
        identifier: id of the theorem.
    """
    from fathometer.catalogue import theorem

    chosen = theorem(identifier)
    run = chosen.example()
    return run if chosen.part is None else chosen.part(run)
