#!/bin/sh
# A scheduler here and workers on other hosts, by ssh: hosts.sh HOST...
# Each host has the same environment at the same path, and can be reached without a password.
# They call this host by the name in SCHEDULER_HOST, or by its own one; nobody is listened to elsewhere.
# Ctrl-C ends the scheduler; its workers end when they lose it.
set -eu
scheduler="${SCHEDULER_HOST:-$(hostname -f)}"
address="tcp://$scheduler:8786"
python="$(command -v python)"
for host in "$@"; do
    ssh -n "$host" "$python -m distributed.cli.dask_worker $address --nthreads 1 --nworkers auto --no-dashboard" &
done
echo "fathometer study run SPEC.toml --scheduler $address" >&2
exec "$python" -m distributed.cli.dask_scheduler --host "$scheduler" --port 8786 --dashboard-address 127.0.0.1:8787
