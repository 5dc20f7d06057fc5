"""Tokens on a ring: several devices and several processes in processes of their own, the rest here on one device."""

import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import jax
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from jax.sharding import Mesh
from numpy.testing import assert_allclose

from fathometer.attention import UNIT_ENERGY, ParticleSystem, velocity
from fathometer.attention.dynamics.large import simulate_large
from fathometer.attention.dynamics.shared import (
    H100,
    Machine,
    Ring,
    fitted_machine,
    machine_of,
    mesh_of,
    predicted_seconds,
    shared_velocity,
    simulate_shared,
)
from fathometer.cli import run
from fathometer.evidence import InputError

ROOT = Path(__file__).parents[4]
SYSTEM = ParticleSystem.uniform(20, 3, 4.0, "sa", 0)


@pytest.mark.slow
def test_on_eight_virtual_devices():
    program = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:xdist", "-p", "no:cacheprovider"]
    where = os.environ | {"XLA_FLAGS": "--xla_force_host_platform_device_count=8"}
    path = Path(__file__).with_name("on_eight_devices.py")
    done = subprocess.run([*program, str(path)], cwd=ROOT, env=where, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout


@pytest.mark.slow
def test_two_processes_over_the_loopback_run_the_file_of_the_guide(tmp_path):
    with socket.socket() as free:
        free.bind(("localhost", 0))
        coordinator = f"localhost:{free.getsockname()[1]}"
    files = [tmp_path / f"{number}.npz" for number in (0, 1)]
    program = [sys.executable, str(ROOT / "docs" / "several_hosts.py"), coordinator, "2"]
    where = os.environ | {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    told = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with ExitStack() as running:
        hosts = [
            running.enter_context(subprocess.Popen([*program, str(k), str(file)], env=where, **told))
            for k, file in enumerate(files)
        ]
        for host in hosts:
            running.callback(host.kill)
        for host in hosts:
            out, _ = host.communicate(timeout=500)
            assert host.returncode == 0, out[-2000:]
            assert b"2 of 4 devices" in out
    system = ParticleSystem.uniform(101, 16, 9.0, "sa", seed=0)
    one = shared_velocity(system.points, system.masses, system.beta, system.model, Ring.of(1, tile=32))
    energy = simulate_large(system, [0, 0.5, 2]).observe(UNIT_ENERGY).value
    for file in files:
        with np.load(file) as found:
            assert_allclose(found["velocity"], one, rtol=0, atol=1e-13 * np.max(np.abs(one)))
            assert_allclose(found["unit_energy"], energy, rtol=1e-11)


def test_one_device_is_a_ring_too():
    arrays = SYSTEM.points, SYSTEM.masses, SYSTEM.beta, SYSTEM.model
    found = shared_velocity(*arrays, Ring.of("all", tile=8))
    assert_allclose(found, velocity(*map(jax.numpy.asarray, arrays[:3]), SYSTEM.model), rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: mesh_of(10**6), "devices must be all or between 1 and"),
        (lambda: mesh_of("some"), "devices must be all or a whole number"),
        (lambda: mesh_of(0), "devices must be >= 1"),
        (lambda: mesh_of([]), "devices must be at least one"),
        (lambda: Ring.of(1, tile=12), "tile must be a multiple of 8"),
        (lambda: Ring(Mesh(np.array(jax.devices()[:1]), ("x",)), 8), "mesh must have the one axis 'ring'"),
        (lambda: shared_velocity(np.ones((3, 2)), np.ones(3) / 3, 1.0, "sa", Ring.of(1)), "points must have unit rows"),
        (lambda: shared_velocity(np.eye(3), np.ones(3), 1.0, "sa", Ring.of(1)), "masses must be 3 numbers"),
        (lambda: shared_velocity(np.eye(3), [1, 1, -1], 1.0, "sa", Ring.of(1)), "masses must be 3 numbers"),
        (
            lambda: shared_velocity(np.eye(3), np.ones(3) / 3, 1.0, "sa", Ring.of(1), kernel="near"),
            "kernel must be one of",
        ),
        (lambda: simulate_shared(SYSTEM, [0, 1], Ring.of(1), precision="float16"), "precision must be one of"),
        (lambda: Machine("m", 0.0, 0.0, 1.0, 0.0), "flops must be > 0"),
        (lambda: Machine("m", 1.0, 0.0, 1.0, 0.0, 2), "number must be 4 or 8"),
        (lambda: fitted_machine("m", [(1, 2, 1.0)], [(8, 1.0)]), "must be of two sizes"),
    ],
)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--devices 1000000", "devices must be all or between 1 and"),
        ("--devices none", "devices must be all or a whole number"),
        ("--devices all --engine plain", "engine must be large or auto with --devices"),
        ("--devices all --causal", "devices are for the plain model"),
    ],
)
def test_the_command_refuses_in_one_line(options, message, capsys):
    assert run(f"attention simulate --uniform 9,3 --beta 1 --time 1 {options}".split()) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.slow
def test_the_command_runs_on_all_devices(capsys):
    assert run("attention simulate --uniform 9,3 --beta 1 --time 1 --saves 2 --devices all --json".split()) == 0
    assert '"unit_energy"' in capsys.readouterr().out


MACHINES = st.builds(
    Machine,
    st.just("any"),
    st.floats(1e9, 1e14),
    st.floats(1e-12, 1e-8),
    st.floats(1e8, 1e12),
    st.floats(1e-7, 1e-3),
)


@settings(deadline=None)
@given(machine=MACHINES)
def test_a_machine_is_found_again_from_its_own_predictions(machine):
    runs = [(n, d, predicted_seconds(n, d, 1, machine)) for n in (1000, 4000) for d in (9, 64, 500)]
    transfers = [(size, machine.latency + size / machine.bandwidth) for size in (10, 10**4, 10**7, 10**9)]
    found = fitted_machine("again", runs, transfers)
    for n, d, devices in ((10**5, 64, 8), (10**4, 16, 64)):
        expected = predicted_seconds(n, d, devices, machine)
        assert_allclose(predicted_seconds(n, d, devices, found), expected, rtol=1e-4)


@settings(deadline=None)
@given(machine=MACHINES, devices=st.integers(1, 64))
def test_no_ring_is_faster_than_its_tiles_or_its_messages(machine, devices):
    """n^2 over the number of devices where tiles take longer; the whole cloud over the wire where messages do."""
    n, d = 64 * 1000, 32
    alone = predicted_seconds(n, d, 1, machine)
    found = predicted_seconds(n, d, devices, machine)
    tiles = alone * (-(-n // devices) * devices / n) ** 2 / devices
    messages = (devices - 1) * (machine.latency + -(-n // devices) * (d + 1) * 8 / machine.bandwidth)
    assert found >= max(tiles, messages) * (1 - 1e-12)
    assert found <= (tiles + messages) * (1 + 1e-12)


def test_ten_million_tokens_are_bound_by_tiles_on_paper():
    for precision, sheet in H100.items():
        eight, many = (predicted_seconds(10**7, 64, count, machine_of(sheet, hosts=count > 8)) for count in (8, 64))
        assert_allclose(eight / many, 8, rtol=1e-3)
        assert 100 < eight < 500, precision
