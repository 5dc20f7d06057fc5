#!/bin/sh
# A scheduler here and workers on other hosts, by ssh: hosts.sh HOST...
# Each host has the same environment at the same path, and can be reached without a password.
# Ctrl-C ends the scheduler; its workers end when they lose it.
set -eu
address="tcp://$(hostname -f):8786"
python="$(command -v python)"
for host in "$@"; do
    ssh -n "$host" "$python -m distributed.cli.dask_worker $address --nthreads 1 --nworkers auto --no-dashboard" &
done
echo "fathometer study run SPEC.toml --scheduler $address" >&2
exec "$python" -m distributed.cli.dask_scheduler --port 8786 --dashboard-address 127.0.0.1:8787
