"""Theorems about neural networks that run: each with its hypotheses, a prediction, a measurement and a verdict.

The main nouns of the spine are re-exported here. The theories are subpackages: `from fathometer import deep_linear`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fathometer.evidence import (
        Estimate as Estimate,
        InputError as InputError,
        Observable as Observable,
        Problem as Problem,
        Theorem as Theorem,
        Trajectory as Trajectory,
        Verdict as Verdict,
        judge as judge,
    )

__all__ = ["Estimate", "InputError", "Observable", "Problem", "Theorem", "Trajectory", "Verdict", "judge"]


def __getattr__(name: str) -> Any:
    """Import the spine on first use, so that the command line can answer `--help` without NumPy.

    Raises:
        AttributeError: if the spine has no such noun.
    """
    if name not in __all__:
        raise AttributeError(f"module 'fathometer' has no attribute {name!r}")
    from fathometer import evidence

    return getattr(evidence, name)
