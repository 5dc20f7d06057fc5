"""Where the cells of a study are computed."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fathometer.study.engines import Engine


def engine_of(scheduler: str | None, jobs: int | None) -> "tuple[Engine, str]":
    """The engine, and in a few words where it computes.

    Several jobs are workers of Dask where it is installed, and processes elsewhere.

    Args:
        scheduler: address of a Dask scheduler; None for this machine.
        jobs: how many at a time; one if not given.

    Raises:
        InputError: if both are given, or Dask is needed and not installed.
    """
    from fathometer.evidence import InputError
    from fathometer.study import in_process, processes

    if scheduler is not None and jobs is not None:
        raise InputError("give --scheduler or --jobs, not both: a cluster has as many workers as it has")
    if scheduler is not None:
        from fathometer.study.engines._dask import dask_cluster

        return dask_cluster(scheduler), f"the cluster at {scheduler}"
    if jobs is None or jobs == 1:
        return in_process(), "this process"
    if find_spec("distributed") is None:
        return processes(jobs), f"{jobs} processes (with 'fathometer[dask]' they would be Dask's workers)"
    from fathometer.study.engines._dask import dask_cluster

    return dask_cluster(None, jobs), f"{jobs} workers of Dask on this machine"
