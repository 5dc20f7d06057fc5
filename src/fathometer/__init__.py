"""Theorems about neural networks that run: each with its hypotheses, a prediction, a measurement and a verdict.

The spine is re-exported here. The theories are subpackages, imported by name: `from fathometer import deep_linear`.
"""

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
