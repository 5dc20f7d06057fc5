"""How large a step training can take, measured and watched."""

from fathometer.network.steps._critical_step import (
    CriticalStep as CriticalStep,
    critical_step_along as critical_step_along,
    described as described,
)
from fathometer.network.steps._demonstration import edge_demonstration as edge_demonstration
from fathometer.network.steps._directions import Direction as Direction
from fathometer.network.steps._edge import edge_of as edge_of
from fathometer.network.steps._edge_rules import Edge as Edge, EdgeRule as EdgeRule, Method as Method, Side as Side
from fathometer.network.steps._of_network import critical_step as critical_step, direction_of as direction_of
from fathometer.network.steps.watch._figure import watch_figure as watch_figure
from fathometer.network.steps.watch._history import History as History, Moment as Moment
from fathometer.network.steps.watch._terminal import Terminal as Terminal
from fathometer.network.steps.watch._watch import Watch as Watch
