"""A simulation by the method that suits the number of tokens."""

from typing import TYPE_CHECKING, Any, NamedTuple

from fathometer.cli.attention._options import ONE_TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from fathometer.attention import ParticleSystem
    from fathometer.cli.attention.runs._watch import Keep
    from fathometer.evidence import Estimate, Trajectory, Verdict


PLAIN_UP_TO = 4096
"""Tokens up to which every pair is taken by its difference and all states are kept."""

ENGINES = ("auto", "plain", "large")


class Outcome(NamedTuple):
    """A run, what is shown of it, and what it is judged by."""

    run: "Trajectory"
    observed: dict[str, "Estimate"]
    verdicts: list["Verdict"]


def run_tokens(
    system: "ParticleSystem",
    times: "NDArray",
    engine: str,
    precision: str,
    keep: "Keep | None" = None,
    devices: str | None = None,
) -> Outcome:
    """Simulate tokens; many of them, or in single precision, with tiles or the series, observed while they run.

    Args:
        system: the tokens.
        times: increasing from 0.
        engine: one of `ENGINES`.
        precision: float64, or float32 with the large engine.
        keep: is given the run so far when the user stops a long one.
        devices: how many share the tokens, or "all"; None for the one that JAX takes by itself.

    Raises:
        InputError: if there is no such engine, or the plain one is asked for single precision or to be shared.
    """
    from fathometer.evidence import InputError

    if engine not in ENGINES:
        raise InputError(f"engine must be one of {list(ENGINES)}, got {engine!r}")
    if engine == "plain" and precision != "float64":
        raise InputError(f"precision must be float64 with the plain engine, got {precision!r}")
    if devices is not None:
        if engine == "plain":
            raise InputError("engine must be large or auto with --devices, got 'plain'")
        return _shared(system, times, precision, keep, devices)
    if engine == "large" or precision != "float64" or (engine == "auto" and len(system.points) > PLAIN_UP_TO):
        return _large(system, times, precision, keep)
    return _plain(system, times, keep)


def _plain(system: "ParticleSystem", times: "NDArray", keep: "Keep | None") -> Outcome:
    import jax
    import jax.numpy as jnp

    from fathometer import attention
    from fathometer.cli.attention.runs._watch import SimulationWatch

    shown = (attention.UNIT_ENERGY, attention.CLUSTER_COUNT, attention.MEAN_COSINE)

    def outcome(run: "Trajectory") -> Outcome:
        return Outcome(run, {one.name: run.observe(one) for one in shown}, attention.run_verdicts(run))

    arrays = [jnp.asarray(x) for x in (system.points, system.masses, system.beta)]
    watch = SimulationWatch(
        times,
        lambda: jax.block_until_ready(attention.interaction(*arrays)),
        keep,
        "--engine large takes less, above all in many dimensions",
    )
    return outcome(watch.follow(lambda long: attention.simulate(system, times, watch=watch if long else None)))


def _large(system: "ParticleSystem", times: "NDArray", precision: str, keep: "Keep | None") -> Outcome:
    from fathometer.attention.dynamics.large import evaluate_field, simulate_large

    def simulated(**how: Any) -> "Trajectory":
        return simulate_large(system, times, precision=precision, **how)

    return _followed(times, simulated, lambda: evaluate_field(system, precision=precision), precision, keep)


def _shared(system: "ParticleSystem", times: "NDArray", precision: str, keep: "Keep | None", devices: str) -> Outcome:
    from fathometer.attention.dynamics.shared import Ring, shared_velocity, simulate_shared

    ring = Ring.of(devices)

    def simulated(**how: Any) -> "Trajectory":
        return simulate_shared(system, times, ring, precision=precision, **how)

    return _followed(
        times,
        simulated,
        lambda: shared_velocity(system.points, system.masses, system.beta, system.model, ring),
        precision,
        keep,
    )


def _followed(
    times: "NDArray",
    simulated: "Callable[..., Trajectory]",
    evaluate: "Callable[[], object]",
    precision: str,
    keep: "Keep | None",
) -> Outcome:
    """A run that is observed on its way.

    Args:
        times: increasing from 0.
        simulated: makes the run, from its tolerance and what is called at every time.
        evaluate: the right-hand side once.
        precision: float64 or float32.
        keep: as for `run_tokens`.
    """
    import sys

    from fathometer import attention
    from fathometer.cli.attention.runs._watch import SimulationWatch

    def say(time: float, energy: float, cosine: float) -> None:
        sys.stderr.write(f"t = {time:.6g}: unit energy {energy:.6g}, mean cosine {cosine:.6g}\n")

    def outcome(run: "Trajectory") -> Outcome:
        observed = {name: run.measure(lambda way, name=name: way.observed[name]) for name in run.observed}
        return Outcome(run, observed, attention.run_verdicts(run))

    tolerance = 1e-6 if precision == "float64" else 1e-3
    watch = SimulationWatch(times, evaluate, keep, "fewer tokens, fewer --saves and a shorter --time take less")
    return outcome(watch.follow(lambda _: simulated(tolerance=tolerance, progress=say, watch=watch)))


def run_document(
    run: "Trajectory", observed: "dict[str, Estimate]", system: "ParticleSystem", seed: int
) -> dict[str, Any]:
    """What is said of a run as JSON values.

    Args:
        run: along time.
        observed: estimates along it, by name.
        system: its tokens.
        seed: that they were drawn with.
    """
    return {
        "times": run.axis.points.tolist(),
        "observed": {name: estimate.to_json() for name, estimate in observed.items()},
        "events": [event.to_json() for event in run.events],
        "condition": run.condition,
        "warning": run.warning or None,
        "problem": system.summary(),
        "provenance": run.provenance.to_json() | {"seed": seed},
    }


def remarks(run: "Trajectory", observed: "dict[str, Estimate]") -> str:
    """What a reader should know of the numbers of a run, in sentences: errors, condition, warning, one token only."""
    import numpy as np

    widths = {name: np.nan_to_num((one.upper - one.lower) / 2, nan=0.0) for name, one in observed.items()}
    bars = ", ".join(f"{name} {np.max(width):.1e}" for name, width in widths.items())
    lines = [f"Errors, at most, from runs made in other ways: {bars}."]
    if run.condition is not None:
        lines.append(f"Condition: a change of the tokens grows up to {run.condition:.2g} times.")
    if len(run.twins) and run.warning:
        lines.append(f"Warning: {run.warning}.")
    if run.states.get("points", np.ones((1, 2))).shape[1] == 1:
        lines = [ONE_TOKEN]
    return "\n".join(lines)


def keep_unfinished(run: "Trajectory", folder: "Path") -> str:
    """Write what there is of an interrupted run: its states, else what was observed. Return a sentence about it."""
    import io

    import numpy as np

    from fathometer.report import write_bytes

    end, buffer = run.axis.points[-1], io.BytesIO()
    path = folder / "attention-simulate-unfinished.npz"
    if "points" in run.states:
        arrays, use = {"hidden": run.states["points"]}, "; `fathometer attention layers` reads it"
    else:
        seen = {name: run.measure(lambda way, name=name: way.observed[name]) for name in run.observed}
        arrays, use = {f"{name}_{end}": getattr(one, end) for name, one in seen.items() for end in _ENDS}, ""
    np.savez(buffer, times=run.axis.points, **arrays)
    write_bytes(path, buffer.getvalue())
    return f"kept in {path} up to t = {end:.6g}{use}"


_ENDS = ("value", "lower", "upper")
