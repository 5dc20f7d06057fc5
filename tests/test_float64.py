"""Everything of ours computes in float64, whatever JAX's flag x64 says, and leaves the flag as it was."""

import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
import threading
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from types import FunctionType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from fathometer.evidence import Record
from fathometer.numerics import in_float64

PACKAGES = (
    "numerics",
    "attention",
    "attention.dynamics.large",
    "attention.dynamics.shared",
    "attention.dynamics.variants",
    "attention.figures",
    "deep_linear",
    "deep_linear.figures",
    "generalization",
    "generalization.coverage",
    "generalization.figures",
    "generalization.certificates.learners",
    "generalization.learning.networks",
    "generalization.learning.predictors",
    "generalization.learning.wasserstein",
    "network",
    "network.layers",
    "network.inspection",
)


def public(package: str) -> list[tuple[str, Any]]:
    """What a package of ours shows and defines."""
    module = importlib.import_module(f"fathometer.{package}")
    inside = f"fathometer.{package}."
    return [
        (name, found)
        for name, found in vars(module).items()
        if not name.startswith("_") and f"{getattr(found, '__module__', None)}.".startswith(inside)
    ]


def functions_of(owner: type) -> list[Any]:
    """Public methods, properties and the constructor that a class itself defines."""
    members = [
        member for name, member in vars(owner).items() if not name.startswith("_") or name in ("__init__", "__call__")
    ]
    unpacked = [
        getattr(m, "__func__", None) or getattr(m, "fget", None) or getattr(m, "func", None) or m for m in members
    ]
    return [f for f in unpacked if isinstance(f, FunctionType) and f.__module__.startswith("fathometer")]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_function_and_method_keeps_float64(package):
    compiled = (type(jax.jit(abs)), jax.custom_jvp)
    for name, found in public(package):
        assert not isinstance(found, compiled), name
        if isinstance(found, FunctionType) and not inspect.isgeneratorfunction(found):
            assert hasattr(found, "__in_float64__"), name
        elif isinstance(found, type) and not issubclass(found, Enum):
            bare = [f.__qualname__ for f in functions_of(found) if not hasattr(f, "__in_float64__")]
            assert not bare


def test_no_theorem_calls_jax_by_itself_without_it():
    """Their functions are held by records, which do not see what replaces a name."""
    for theory in ("attention", "deep_linear", "generalization"):
        folder = importlib.import_module(f"fathometer.{theory}.theorems")
        for found in pkgutil.walk_packages(folder.__path__, f"{folder.__name__}."):
            module = importlib.import_module(found.name)
            for name, function in vars(module).items():
                if isinstance(function, FunctionType) and function.__module__ == module.__name__:
                    uses = {"jnp", "jax"} & set(inspect.unwrap(function).__code__.co_names)
                    assert not uses or hasattr(function, "__in_float64__"), (found.name, name)


def cases() -> dict[str, Callable[[], Any]]:
    """At least one public call of each area that computes with JAX, on NumPy data, with threads of ours included."""
    from fathometer import attention, deep_linear, numerics
    from fathometer.attention.dynamics import large, shared, variants
    from fathometer.attention.theorems.energy import circle_motion, dissipation_identity
    from fathometer.deep_linear.figures import gelu
    from fathometer.generalization.certificates.learners import CertifiedLinearClassifier
    from fathometer.generalization.learning import wasserstein

    rng = np.random.default_rng(0)
    points = rng.standard_normal((6, 3))
    arrays = [jnp.asarray(points), jnp.ones(6) / 6]
    system = attention.ParticleSystem.project(points, 2.0, "sa")
    flat = attention.ParticleSystem.project(points[:, :2], 2.0, "usa")
    problem = deep_linear.DeepLinear(deep_linear.paper_samples("overdetermined").regression, 3)
    start = deep_linear.Initial.parse("gaussian:0.3").draw(problem, 5, 4, 0)
    one = [matrix[0] for matrix in start]
    x, labels = rng.standard_normal((60, 2)), rng.integers(0, 3, 60)
    data = (jnp.asarray(problem.regression.sigma), jnp.asarray(problem.regression.w_star))
    network = wasserstein.Network(2, (), 3)
    cell = {"gelu": 0, "repetition": 0, "seed": 0, "step": 0.01, "iterations": 2}
    kind = deep_linear.InitialKind.GAUSSIAN
    sweep = deep_linear.Sweep(problem, kind, np.array([0.3, 0.5]), np.array([0.02]), (4,), 2, 3, 1)
    return {
        "kl_inverse": lambda: numerics.differentiable_kl_inverse(arrays[1], arrays[1]),
        "exp": lambda: numerics.exp_nonpositive(-(arrays[0] ** 2)),
        "squared_chords": lambda: numerics.squared_chords(arrays[0]),
        "sphere": lambda: numerics.project_to_sphere(arrays[0]),
        "top_eigenpairs": lambda: numerics.top_eigenpairs(lambda v: 2.0 * v, arrays[0], tolerance=0.1, cycles=2).value,
        "velocity": lambda: attention.velocity(*arrays, 2.0, attention.Model.SA),
        "interaction": lambda: attention.interaction(*arrays, 2.0),
        "energy_deficit": lambda: attention.energy_deficit(*arrays, 2.0),
        "simulate": lambda: attention.simulate(system, [0.0, 0.5]).states["points"],
        "simulate_batch": lambda: attention.simulate_batch(np.stack([points] * 3), [1.0, 2.0, 3.0], [0.0, 0.2]),
        "phase_diagram": lambda: attention.phase_diagram(6, 3, [1.0, 2.0], [0.0, 1.0], systems=2, seed=0),
        "collapse": lambda: attention.simulate_collapse(system),
        "collapse states": lambda: attention.collapse_trajectory(system, attention.simulate_collapse(system)),
        "layers": lambda: attention.iterate_layers(system, 3).states["points"],
        "rates": lambda: attention.polygon_rates(5, 2.0, "sa"),
        "two_tokens": lambda: attention.measure_two_token_time(1.0, 0.5, 2.0, "sa"),
        "phase_curve": lambda: attention.phase_curve_beta(1.0, 8),
        "large": lambda: large.simulate_large(system, [0.0, 0.2], keep_states=True).states["points"],
        "shared": lambda: shared.shared_velocity(system.points, np.ones(6) / 6, 2.0, "sa", shared.Ring.of(1)),
        "tiles": lambda: large.tiled_interaction(*arrays, 2.0, 4),
        "noisy": lambda: variants.simulate_noisy(variants.NoisySystem(flat, 5.0), [0.0, 0.1], seed=0).states["points"],
        "stationary": lambda: variants.stationary_density(2.0, 8.0, "usa")[0],
        "circle theorem": lambda: circle_motion.THEOREM.quantity(attention.simulate(flat, [0.0, 0.1])),
        "energy theorem": lambda: dissipation_identity.THEOREM.quantity(attention.simulate(system, [0.0, 0.1])),
        "samples": lambda: deep_linear.gaussian_samples(5, 2, 0.1, 0).X,
        "descent": lambda: (
            deep_linear.descend_batch(
                problem,
                start,
                np.full(4, 0.01),
                deep_linear.Training(6),
                deep_linear.Recording(every=2, sharpness=True),
            ).sharpness
        ),
        "gelu descent": lambda: (
            deep_linear.descend_loss_batch(
                lambda w, d: jnp.sum((w @ d[0]) ** 2), np.ones((2, 5)), data, [0.01, 0.02], 3
            ).loss
        ),
        "flow": lambda: deep_linear.flow(problem, one, [0.0, 0.5]),
        "flow_limit": lambda: deep_linear.flow_limit(problem, one).sharpness,
        "hessian": lambda: deep_linear.hessian_ends(lambda w: jnp.sum(jnp.cos(w)), np.linspace(0, 1, 80)),
        "sweep": lambda: deep_linear.run_sweep(sweep),
        "gelu figure": lambda: gelu._compute(problem, (np.asarray(x @ np.ones((2, 5))), labels * 1.0), cell)["risk"],
        "paper data": lambda: deep_linear.paper_readout(),
        "learn": lambda: wasserstein.learn_batch(network, x, labels, 2, wasserstein.Options(steps=5)),
        "classifier": lambda: CertifiedLinearClassifier(seed=0).fit(x, labels > 0).certificate_.to_json(),
    }


def plain(value: Any) -> Any:
    """Numbers with their formats, to be compared bit for bit."""
    if isinstance(value, Record):
        value = value.to_json()
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True)
    if isinstance(value, (tuple, list)):
        return [plain(part) for part in value]
    array = np.asarray(value)
    return str(array.dtype), array.tobytes()


def changed_by_the_flag() -> list[str]:
    """Run every case with the flag on, then with it off; say which differ, and which leave the flag on."""
    runs, changed = cases(), []
    on = {name: plain(run()) for name, run in runs.items()}
    jax.config.update("jax_enable_x64", False)
    for name, run in runs.items():
        try:
            changed += [] if plain(run()) == on[name] else [name]
        except Exception as error:
            changed.append(f"{name}: {error!r}")
        if jax.config.jax_enable_x64 or jnp.ones(1).dtype != jnp.float32:
            changed.append(f"{name} left the flag on")
    return changed


@pytest.mark.slow
@pytest.mark.parametrize("name", ["exp", "squared_chords", "sphere", "velocity", "collapse", "samples", "hessian"])
def test_quick_results_are_the_same_bits_with_the_flag_off(name):
    run = cases()[name]
    on = plain(run())
    with jax.enable_x64(False):
        assert plain(run()) == on
        assert jnp.ones(1).dtype == jnp.float32


@pytest.mark.slow
def test_results_are_the_same_bits_with_the_flag_off():
    command = [sys.executable, "-c", "from tests.test_float64 import *; print(*changed_by_the_flag(), sep='\\n')"]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True)
    assert (done.stdout.strip(), done.returncode) == ("", 0), done.stdout + done.stderr


def test_the_flag_is_restored_after_an_error_and_per_thread():
    seen = []

    @in_float64
    def look(fail: bool) -> Any:
        seen.append(bool(jax.config.jax_enable_x64))
        if fail:
            raise ValueError("on purpose")
        return jnp.ones(1).dtype

    def others() -> None:
        with jax.enable_x64(False):
            with pytest.raises(ValueError, match="on purpose"):
                look(True)
            seen.append(bool(jax.config.jax_enable_x64))
            assert look(False) == jnp.float64
            seen.append(bool(jax.config.jax_enable_x64))

    thread = threading.Thread(target=others)
    thread.start()
    thread.join()
    assert seen == [True, False, True, False]
    assert jax.config.jax_enable_x64
