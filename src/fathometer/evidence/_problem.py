"""Problems: what is studied."""

import dataclasses
import hashlib
from typing import Any

import numpy as np

from fathometer.evidence._record import Record


class Problem(Record):
    """Abstract base of what a theory studies: a frozen dataclass whose constructor refuses the impossible."""

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
