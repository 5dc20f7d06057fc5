"""Where cells are computed: in this process, in processes of its own, on a Dask cluster."""

from fathometer.study.engines._batches import Batches as Batches
from fathometer.study.engines._child import Child as Child
from fathometer.study.engines._dask import dask_cluster as dask_cluster
from fathometer.study.engines._engine import (
    Cell as Cell,
    Compute as Compute,
    Engine as Engine,
    Limits as Limits,
    Outcome as Outcome,
)
from fathometer.study.engines._one_cell import outcome_of as outcome_of
from fathometer.study.engines._processes import in_process as in_process, processes as processes
