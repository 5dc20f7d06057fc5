"""Problems: what is studied."""

import dataclasses
import hashlib
from typing import Any, Self

import numpy as np

from fathometer.evidence.values._input import InputError
from fathometer.evidence.values._record import Record


class Problem(Record):
    """Abstract base of what a theory studies: a frozen dataclass whose constructor refuses the impossible."""

    @classmethod
    def expect(cls, problem: "Problem") -> Self:
        """Return the problem as what it is.

        Raises:
            InputError: if it is another problem.
        """
        if not isinstance(problem, cls):
            raise InputError(f"the problem must be of type {cls.__name__}, got {type(problem).__name__}")
        return problem

    def dimensions(self) -> dict[str, tuple[str, ...]]:
        """Names of the dimensions of states of this problem, behind the axis, by the name of the state."""
        return {}

    def summary(self) -> dict[str, Any]:
        """Describe the problem in JSON values, with arrays by shape and digest: small enough for any result."""
        return {"type": type(self).__name__} | {
            field.name: _brief(getattr(self, field.name))
            for field in dataclasses.fields(self)  # type: ignore[arg-type]
        }


def _brief(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {"shape": list(value.shape), "sha256": hashlib.sha256(value.tobytes()).hexdigest()[:16]}
    if isinstance(value, (tuple, list)):
        return [_brief(item) for item in value]
    if isinstance(value, Problem):
        return value.summary()
    if isinstance(value, Record):
        return value.to_json()
    return value
