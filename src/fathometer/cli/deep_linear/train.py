"""`fathometer deep-linear train`: from a chosen start, by descent or by flow, to the verdicts."""

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from fathometer.cli._attended import INTERRUPTED
from fathometer.cli._options import AsJson, Data, FigureFile, HistoryFile, Out, Seed, Standardize, Target
from fathometer.cli.deep_linear._certified import certified_part
from fathometer.cli.deep_linear._options import Depth, Residual, read_network
from fathometer.cli.deep_linear._way import Way

if TYPE_CHECKING:
    from fathometer.cli._finish import Verdicts
    from fathometer.deep_linear import Momentum
    from fathometer.evidence import Trajectory

Width = Annotated[
    int | None, typer.Option(help="Of all hidden layers; as many as there are features if absent.", metavar="WIDTH")
]
Init = Annotated[str, typer.Option(help="KIND:SCALE with KIND gaussian, residual, balanced, spectral or cosine.")]
Step = Annotated[str, typer.Option(help="Step size of gradient descent, above 0, or flow.", metavar="ETA|flow")]
Steps = Annotated[int, typer.Option(help="Number of steps; of observations for a flow.", metavar="N")]
Impulse = Annotated[
    str | None, typer.Option("--momentum", help="heavy-ball:BETA or nesterov:BETA.", metavar="KIND:BETA")
]
Batch = Annotated[
    int | None, typer.Option(help="Samples in a mini-batch; all if absent.", metavar="SIZE", show_default=False)
]

Stiff = Annotated[bool, typer.Option("--stiff", help="Implicit method for a flow on ill-conditioned data.")]

_NAME = "deep-linear-train"
_MOST_STEPS = 2**53


def train(
    data: Data,
    target: Target,
    depth: Depth,
    init: Init,
    step: Step,
    steps: Steps = 1000,
    width: Width = None,
    momentum: Impulse = None,
    batch: Batch = None,
    stiff: Stiff = False,
    residual: Residual = None,
    standardize: Standardize = False,
    history: HistoryFile = None,
    figure: FigureFile = None,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Train a deep linear network on your data: how it ends, and the verdict of every theorem that applies."""
    from fathometer import deep_linear as dl
    from fathometer.cli._finish import finish
    from fathometer.numerics import prepare_jax
    from fathometer.report import print_estimates

    prepare_jax()
    initial, asked = dl.Initial.parse(init), _read_run(step, steps, width, momentum, batch, stiff)
    problem, table = read_network(data, target, depth, residual, standardize)
    hidden = problem.regression.dimension if width is None else width
    dl.require_trainable(problem, hidden, steps, flow=asked.eta is None)
    start = tuple(matrix[0] for matrix in initial.draw(problem, hidden, 1, seed))
    dl.require_start(problem, start, flow=asked.eta is None)
    if asked.eta is None:
        run, judged = dl.flow(problem, start, points=steps, stiff=stiff, store=True), dl.judge_flow
        made = steps
    else:
        batches = None if batch is None else dl.MiniBatches(table.features, table.target, batch, seed)
        looks = dl.look_steps(steps, [matrix.shape for matrix in start])
        run = dl.watched_descent(
            problem, start, asked.eta, steps, momentum=asked.momentum, batches=batches, looks=looks
        )
        judged = _judge(asked, mini_batches=batch is not None)
        made = int(run.axis.points[-1])
    end, interrupted = dl.outcome(run), made < steps
    way = Way.of(run, asked.eta, asked.momentum, plain=batch is None and not interrupted)
    way.keep(history)
    certified, said = certified_part(run, asked.eta, plain=momentum is None and batch is None)
    result = (
        end.to_json()
        | certified
        | {
            "class": way.told,
            "step": step if asked.eta is None else asked.eta,
            "events": [event.to_json() for event in run.events],
            "steps": made,
            "init": str(initial),
            "width": hidden,
            "momentum": momentum,
            "batch": batch,
            "law": dl.depth_law(problem).to_json(),
            "data": table.source,
            "problem": problem.summary(),
            "provenance": dataclasses.replace(run.provenance, seed=seed).to_json(),
        }
    )
    code = finish(
        _NAME,
        result | ({"interrupted_at": made} if interrupted else {}),
        () if interrupted else judged(run),
        as_json=as_json,
        out=out,
        show=lambda console: print_estimates(vars(end), console),
        last="\n".join(filter(None, (way.line, said))),
        figure=figure,
        draw=lambda: way.figure(problem),
    )
    return _interrupted(run, made, steps, out) if interrupted else code


class _Asked(NamedTuple):
    """How to train; the step size is None for a flow."""

    eta: float | None
    momentum: "Momentum | None"


def _read_run(step: str, steps: int, width: int | None, momentum: str | None, batch: int | None, stiff: bool) -> _Asked:
    """Check the options that need no data, before any work.

    Raises:
        InputError: if one is out of range or does not go with another.
    """
    from fathometer import deep_linear as dl
    from fathometer.evidence import InputError, finite_number, whole_number

    flow = step == "flow"
    eta = None if flow else finite_number("step", step, above=0)
    whole_number("steps", steps, at_least=2 if flow else 1, at_most=_MOST_STEPS)
    whole_number("width", 1 if width is None else width, at_least=1)
    whole_number("batch", 1 if batch is None else batch, at_least=1)
    if flow and (momentum is not None or batch is not None):
        raise InputError("a flow has no momentum and no batch: they are for a step size")
    if stiff and not flow:
        raise InputError("--stiff is for --step flow")
    return _Asked(eta, None if momentum is None else dl.Momentum.parse(momentum))


def _judge(asked: _Asked, *, mini_batches: bool) -> "Callable[[Trajectory], Verdicts]":
    from fathometer import deep_linear as dl

    eta = 0.0 if asked.eta is None else asked.eta
    return lambda run: dl.judge_descent(run, eta, momentum=asked.momentum, mini_batches=mini_batches)


def _interrupted(run: "Trajectory", made: int, steps: int, out: Path | None) -> int:
    """Keep the weights of a run that the user interrupted, and say where."""
    import io

    import numpy as np

    from fathometer.report import write_bytes

    where = "take --out DIR to keep it"
    if out is not None:
        kept = out / f"{_NAME}.npz"
        buffer = io.BytesIO()
        np.savez(buffer, **{name: state[-1] for name, state in run.states.items()})  # type: ignore[arg-type]
        write_bytes(kept, buffer.getvalue())
        where = f"kept in {kept.with_suffix('.json')}, its weights in {kept.name}"
    sys.stderr.write(f"fathometer: interrupted after {made} of {steps} steps, nothing judged; {where}\n")
    return INTERRUPTED
