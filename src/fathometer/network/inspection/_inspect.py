"""The report about a network."""

import numpy as np

from fathometer.evidence import Provenance
from fathometer.network.inspection._demo import demo
from fathometer.report import Report, Section


def inspect_demo(seed: int) -> Report:
    """The report about the small network that ships.

    Args:
        seed: of everything random.
    """
    shown = demo()
    function, parameters = shown.model
    wrong = np.argmax(np.asarray(function(parameters, shown.X)), axis=1) != shown.y
    held_out = np.setdiff1d(np.arange(len(shown.y)), shown.saw)
    answer = f"It errs on {wrong[held_out].mean():.2%} of {len(held_out)} rows that it has not seen."
    return Report(
        "A small transformer on digits",
        (Section("How wrong can it be?", (), (), (), (), (), answer),),
        Provenance.here(seed),
    )
