"""What one cloud costs on a ring of devices: this machine's numbers, the model's prediction beside what was measured.

python benchmarks/shared.py [seconds of each measurement at least, 1 by default]

One JSON line each: the machine fitted to right-hand sides on one device and to messages around a ring of two;
right-hand sides on one and two virtual devices, measured and predicted; ten million tokens on 8 and 64 devices, on
paper; and where JAX sees an accelerator, what it achieves. A virtual device is one thread of the processor, in a
process of its own for every number of devices, with products by that thread alone; what is measured there is its
processor time, in which other work on the machine does not count.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import PartitionSpec

from fathometer.attention import Model
from fathometer.attention.dynamics.shared import (
    H100,
    Kernel,
    Machine,
    Ring,
    fitted_machine,
    machine_of,
    pair_flops,
    predicted_seconds,
)
from fathometer.attention.dynamics.shared._ring import AXIS
from fathometer.attention.dynamics.shared._turns import Plan, compiled_felt

SIZES = [(n, d) for n in (2048, 4096) for d in (16, 64, 256)]
MESSAGES = [1 << 12, 1 << 17, 1 << 20, 1 << 22]
THREADS = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
PEAKS = {"H100": 67e12, "H200": 67e12, "A100": 19.5e12}
"""Published operations a second in float32, outside tensor cores."""


def least(run: Callable[[], object], seconds: float, clock: Callable[[], float] = time.perf_counter) -> float:
    """Least time of several runs, in seconds, once compiled."""
    jax.block_until_ready(run())
    best, end = np.inf, time.monotonic() + seconds
    while time.monotonic() < end or best == np.inf:
        start = clock()
        jax.block_until_ready(run())
        best = min(best, clock() - start)
    return best


def field(n: int, d: int, ring: Ring, precision: str) -> Callable[[], object]:
    """One right-hand side by products."""
    points = np.random.default_rng(0).standard_normal((n, d))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    arrays = ring.share(points.astype(precision), np.full(n, 1 / n, precision))
    plan = Plan(ring, ring.side(n), Model.SA, Kernel.PRODUCTS)
    return lambda: compiled_felt(*arrays, 4.0, plan)


def message_seconds(size: int, ring: Ring, seconds: float) -> float:
    """Time of one message of so many bytes from every device to the next; a hundred in one program."""
    onward = [(k, (k + 1) % ring.size) for k in range(ring.size)]

    def around(block: jax.Array) -> jax.Array:
        return jax.lax.fori_loop(0, 100, lambda _, held: jax.lax.ppermute(held, AXIS, onward), block)

    rows = PartitionSpec(AXIS)
    run = jax.jit(jax.shard_map(around, mesh=ring.mesh, in_specs=rows, out_specs=rows, check_vma=False))
    block = jax.device_put(jnp.zeros(ring.size * size // 8), ring.sharding)
    return least(lambda: run(block), seconds, busy(ring)) / 100


def busy(ring: Ring) -> Callable[[], float]:
    """Clock of the processor time of a device, which other work on the machine does not count in."""
    return lambda: time.process_time() / ring.size


def measured(devices: int, seconds: float) -> dict:
    """Right-hand sides, and messages where there is more than one device; in the process that this is."""
    ring = Ring.of(devices, tile=512)
    runs = [(n, d, least(field(n, d, ring, "float64"), seconds, busy(ring))) for n, d in SIZES]
    messages = [(size, message_seconds(size, ring, seconds)) for size in MESSAGES] if devices > 1 else []
    return {"runs": runs, "messages": messages}


def measured_apart(devices: int, seconds: float) -> dict:
    """Run `measured` in a process that has so many virtual devices."""
    where = os.environ | {"XLA_FLAGS": f"--xla_force_host_platform_device_count={devices} {THREADS}"}
    where["JAX_PLATFORMS"] = "cpu"
    program = [sys.executable, __file__, str(seconds), str(devices)]
    done = subprocess.run(program, env=where, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def on_this_machine(seconds: float) -> Iterator[dict]:
    """The fit, and what it says beside what was measured.

    Yields:
        One line for the machine, and one for each number of devices and size.
    """
    alone, two = measured_apart(1, seconds), measured_apart(2, seconds)
    machine = fitted_machine("a thread of this processor", alone["runs"], two["messages"])
    yield {"case": "machine"} | vars(machine) | {"load": os.getloadavg()[0]}
    for devices, found in ((1, alone), (2, two)):
        for n, d, took in found["runs"]:
            expected = predicted_seconds(n, d, devices, machine)
            line = {"case": "right-hand side", "devices": devices, "n": n, "d": d, "seconds": round(took, 4)}
            yield line | {"predicted": round(expected, 4), "ratio": round(took / expected, 2)}


def on_paper() -> Iterator[dict]:
    """Ten million tokens in dimension 64 on 8 and 64 accelerators.

    Yields:
        One line for each number and precision.
    """
    for devices in (8, 64):
        for precision, sheet in H100.items():
            machine = machine_of(sheet, hosts=devices > 8)
            yield {"case": "on paper", "devices": devices, "precision": precision, "n": 10**7, "d": 64} | {
                "seconds": round(predicted_seconds(10**7, 64, devices, machine), 1),
                "without_tiles": round(predicted_seconds(10**7, 64, devices, messages_only(machine)), 4),
            }


def messages_only(machine: Machine) -> Machine:
    """A machine that makes tiles in no time."""
    return Machine(machine.name, 1e30, 0.0, machine.bandwidth, machine.latency, machine.number)


def on_accelerators(seconds: float) -> Iterator[dict]:
    """What is achieved of the peak, by all accelerators that JAX sees.

    Yields:
        One line for each size, or one that says that there is none.
    """
    if jax.default_backend() != "gpu":
        yield {"case": "gpu", "measured": False, "reason": f"JAX sees only {jax.default_backend()}"}
        return
    ring, kind = Ring.of("all"), jax.devices()[0].device_kind
    peak = next((value for name, value in PEAKS.items() if name in kind), None)
    for n in (100_000, 1_000_000):
        took = least(field(n, 64, ring, "float32"), seconds)
        rate = n**2 * pair_flops(64) / took / ring.size
        line = {"case": "gpu", "device": kind, "devices": ring.size, "n": n, "d": 64, "precision": "float32"}
        share = None if peak is None else round(rate / peak, 3)
        yield line | {"seconds": round(took, 3), "teraflops": round(rate / 1e12, 2), "of_peak": share}


def main(arguments: list[str]) -> None:
    """Print every line, or what one number of virtual devices takes."""
    seconds = float(arguments[0]) if arguments else 1.0
    if len(arguments) == 2:
        print(json.dumps(measured(int(arguments[1]), seconds)))
        return
    for part in (partial(on_this_machine, seconds), on_paper, partial(on_accelerators, seconds)):
        for line in part():
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
