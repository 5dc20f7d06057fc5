"""One cloud on the devices of several hosts: start this on each, at about the same time.

python several_hosts.py COORDINATOR:PORT HOSTS NUMBER FILE.npy

COORDINATOR is the address of host 0, HOSTS how many there are, NUMBER which one this is, from 0 on. Every host computes
its part, and writes what all have found: velocities at the start, and the unit energy of a run.
"""

import sys

import jax
import numpy as np

coordinator, hosts, number, path = sys.argv[1:]
jax.config.update("jax_cpu_collectives_implementation", "gloo")  # how processors talk; accelerators have their own way
jax.distributed.initialize(coordinator, int(hosts), int(number))

from fathometer.attention import UNIT_ENERGY, ParticleSystem  # noqa: E402  (JAX must know the hosts before it computes)
from fathometer.attention.dynamics.shared import Ring, shared_velocity, simulate_shared  # noqa: E402

system = ParticleSystem.uniform(101, 16, 9.0, "sa", seed=0)
ring = Ring.of("all", tile=32)
velocity = shared_velocity(system.points, system.masses, system.beta, system.model, ring)
run = simulate_shared(system, [0, 0.5, 2], ring)
np.savez(path, velocity=velocity, unit_energy=run.observe(UNIT_ENERGY).value)
print(f"host {number}: {len(jax.local_devices())} of {ring.size} devices")
