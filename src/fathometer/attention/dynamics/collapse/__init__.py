"""From the first cluster to the last merger: the collapse, integrated in log time."""

from fathometer.attention.dynamics.collapse._collapse import simulate_collapse as simulate_collapse
from fathometer.attention.dynamics.collapse._drive import Run as Run
from fathometer.attention.dynamics.collapse._resumable import watched_collapse as watched_collapse
from fathometer.attention.dynamics.collapse._snapshot import Snapshot as Snapshot
from fathometer.attention.dynamics.collapse._status import CollapseStatus as CollapseStatus
from fathometer.attention.dynamics.collapse._ways import Progress as Progress
from fathometer.attention.dynamics.collapse.results._document import (
    collapse_document as collapse_document,
    collapse_rows as collapse_rows,
)
from fathometer.attention.dynamics.collapse.results._frames import (
    Frames as Frames,
    collapse_frames as collapse_frames,
)
from fathometer.attention.dynamics.collapse.results._record import (
    Collapse as Collapse,
    CollapseEvent as CollapseEvent,
    EnergyLevel as EnergyLevel,
)
from fathometer.attention.dynamics.collapse.results._trajectory import collapse_trajectory as collapse_trajectory
from fathometer.attention.dynamics.collapse.steps._window import nearby_force as nearby_force
