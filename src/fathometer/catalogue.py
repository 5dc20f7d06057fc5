"""Every theorem of the three theories, in one list."""

import difflib

from fathometer.attention.theorems import theorems as attention_theorems
from fathometer.deep_linear.theorems import theorems as deep_linear_theorems
from fathometer.evidence import InputError, Theorem
from fathometer.generalization.theorems import theorems as generalization_theorems


def theorems() -> tuple[Theorem, ...]:
    """Return all theorems, in the order of the three theories."""
    return attention_theorems() + deep_linear_theorems() + generalization_theorems()


def theorem(identifier: str) -> Theorem:
    """Return the theorem with that id.

    Raises:
        InputError: if there is none.
    """
    for candidate in theorems():
        if candidate.id == identifier:
            return candidate
    close = difflib.get_close_matches(identifier.strip().lower(), [t.id for t in theorems()])
    like = f"; like it: {', '.join(close)}" if close else ""
    raise InputError(
        f"no theorem is called {identifier!r}{like}; `fathometer theorems list` shows all {len(theorems())}"
    )
