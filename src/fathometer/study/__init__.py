"""Long computations in independent cells: run side by side, kept as they finish, found again by the next run."""

from fathometer.study._cells import Arrays as Arrays, Cell as Cell, run_cells as run_cells
from fathometer.study._computation import (
    Column as Column,
    Computation as Computation,
    Computed as Computed,
    Scalar as Scalar,
)
from fathometer.study._interruptions import interruptions as interruptions, pass_on as pass_on
from fathometer.study._memory import gigabytes as gigabytes, memory as memory
from fathometer.study._progress import (
    Progress as Progress,
    Say as Say,
    duration as duration,
    say_progress as say_progress,
    silent_for as silent_for,
    stay_silent as stay_silent,
)
from fathometer.study._run_study import run_study as run_study
from fathometer.study._stoppable import stoppable as stoppable
from fathometer.study.engines._dask import dask_cluster as dask_cluster
from fathometer.study.engines._processes import in_process as in_process, processes as processes
from fathometer.study.spec._named import Named as Named, file_at as file_at, module_at as module_at
from fathometer.study.spec._parameters import (
    Choice as Choice,
    Numbers as Numbers,
    Parameter as Parameter,
    Real as Real,
    Switch as Switch,
    Text as Text,
    Whole as Whole,
    Word as Word,
    read_parameters as read_parameters,
)
from fathometer.study.spec._specification import (
    Specification as Specification,
    read_specification as read_specification,
    specification_of as specification_of,
)
from fathometer.study.store._export import netcdf_bytes as netcdf_bytes, write_zarr as write_zarr
from fathometer.study.store._open import open as open  # noqa: A004
from fathometer.study.store._study import Study as Study, TheoremCounts as TheoremCounts
