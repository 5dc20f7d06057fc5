"""What the data, the depth and the readout alone say of every minimizer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from fathometer.app.questions._question import Answer
from fathometer.app.questions.edge._network import read_data, read_problem

_SAID = ("s_min", "s_balanced", "s_lower_paper", "s_lower_sharper", "largest_stable_step")


def law(file: Path | None = None, **asked: Any) -> Iterator[Answer]:
    """Say how flat a minimizer can be.

    Yields:
        Minimal sharpness, that of the balanced minimizer, lower bounds, the largest stable step, with their ends; and
        the columns of the file.
    """
    from fathometer import deep_linear as dl

    given = read_data(asked, file)
    found = dl.depth_law(read_problem(asked, given))
    told = {
        name: [_number(getattr(getattr(found, name), end)) for end in ("value", "lower", "upper")] for name in _SAID
    }
    about = {"columns": given.columns, "target": given.target, "source": given.source}
    yield Answer(told | about | {"dimension": given.regression.dimension})


def _number(value: Any) -> float | None:
    """A number as JSON has it."""
    return float(value) if np.isfinite(value) else None
