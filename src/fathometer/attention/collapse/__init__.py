"""From the first cluster to the last merger: the collapse, integrated in log time."""

from fathometer.attention.collapse._collapse import Progress as Progress, simulate_collapse as simulate_collapse
from fathometer.attention.collapse._drive import Run as Run
from fathometer.attention.collapse._record import (
    Collapse as Collapse,
    CollapseEvent as CollapseEvent,
    EnergyLevel as EnergyLevel,
)
from fathometer.attention.collapse._shown import collapse_document as collapse_document, collapse_rows as collapse_rows
from fathometer.attention.collapse._snapshot import Snapshot as Snapshot
from fathometer.attention.collapse._status import CollapseStatus as CollapseStatus
from fathometer.attention.collapse._watch import watched_collapse as watched_collapse
from fathometer.attention.collapse._window import nearby_force as nearby_force
