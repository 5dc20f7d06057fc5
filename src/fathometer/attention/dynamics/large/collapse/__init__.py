"""The collapse of a cloud of any size: in common time, then by clocks of the clusters' own, then by the last waits."""

from fathometer.attention.dynamics.large.collapse._continuum import Scales as Scales
from fathometer.attention.dynamics.large.collapse._document import (
    large_document as large_document,
    large_rows as large_rows,
)
from fathometer.attention.dynamics.large.collapse._large import simulate_large_collapse as simulate_large_collapse
from fathometer.attention.dynamics.large.collapse._record import (
    LargeCollapse as LargeCollapse,
    LargeTree as LargeTree,
    LastClusters as LastClusters,
    LateEvent as LateEvent,
)
from fathometer.attention.dynamics.large.collapse._watched import (
    expected as expected,
    watched_large_collapse as watched_large_collapse,
)
from fathometer.numerics import keep_float64

keep_float64(__name__)
