"""A scheduler in this job or on the login node, and workers that Slurm starts.

    python slurm.py 16 > address        # waits; ends with Ctrl-C, and the workers with it
    fathometer study run SPEC.toml --scheduler $(cat address)

Needs dask-jobqueue beside fathometer[dask]. Partition, time and memory are those of your cluster.
"""

import signal
import sys

from dask_jobqueue import SLURMCluster

if __name__ == "__main__":
    cluster = SLURMCluster(
        queue="normal",
        cores=1,
        processes=1,  # one thread to a process: a batch has its worker to itself
        memory="4GB",
        walltime="02:00:00",
        worker_extra_args=[
            *("--lifetime", "115m", "--lifetime-stagger", "4m"),  # leaves before Slurm kills it
            *("--dashboard-address", "127.0.0.1:0"),
        ],
        scheduler_options={"dashboard_address": "127.0.0.1:8787"},
    )
    cluster.scale(jobs=int(sys.argv[1]))
    print(cluster.scheduler_address, flush=True)  # noqa: T201
    signal.pause()
