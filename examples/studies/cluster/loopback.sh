#!/bin/sh
# A scheduler and workers on this machine, started by hand: loopback.sh WORKERS PORT
# The parts are those of any cluster; here they listen on the loopback only. Ctrl-C ends them all.
set -eu
address="tcp://127.0.0.1:$2"
python -m distributed.cli.dask_worker "$address" --host 127.0.0.1 --nthreads 1 --nworkers "$1" --no-dashboard &
trap 'kill $! 2> /dev/null' EXIT INT TERM
python -m distributed.cli.dask_scheduler --host 127.0.0.1 --port "$2" --dashboard-address 127.0.0.1:0
