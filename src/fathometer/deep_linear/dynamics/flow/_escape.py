"""The escape of a balanced network from the saddle at zero, as a run."""

import numpy as np

from fathometer.deep_linear.dynamics.flow._balanced_flow import balanced_escape_time
from fathometer.deep_linear.dynamics.flow._flow_record import PACKAGES
from fathometer.deep_linear.model._flow_problem import BalancedFlow
from fathometer.deep_linear.predictions._early_phase import ESCAPED
from fathometer.evidence import Axis, AxisKind, Event, Origin, Provenance, Trajectory

ESCAPE = "escaped"
"""Name of the event."""


def balanced_escape(start: BalancedFlow) -> Trajectory:
    """Follow the product until its norm is 0.05 of that of w_star; see `balanced_escape_time`.

    Returns:
        Along time: state w at the start alone; the event `escaped` says when it was there, inf if it never was.

    Raises:
        InputError: if it starts with a larger norm.
    """
    time = balanced_escape_time(start.network, start.product, ESCAPED * start.network.regression.norm)
    escape = Event(ESCAPE, time, f"|w| is {ESCAPED:g} of |w_star|")
    axis, provenance = Axis(AxisKind.TIME, np.zeros(1), "time"), Provenance.here(packages=PACKAGES)
    return Trajectory(
        start, axis, {"w": start.product[None]}, Origin.SIMULATED, events=(escape,), provenance=provenance
    )
