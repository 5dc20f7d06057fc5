"""`fathometer deep-linear train`: from a chosen start, by descent or by flow, to the verdicts."""

import dataclasses
from typing import TYPE_CHECKING, Annotated

import typer

from fathometer.cli._deep_linear_options import Depth, Residual, read_network
from fathometer.cli._options import AsJson, Data, Out, Seed, Standardize, Target

if TYPE_CHECKING:
    from fathometer.cli._finish import Verdicts
    from fathometer.deep_linear import DeepLinear, MiniBatches, Weights
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
    problem, table = read_network(data, target, depth, residual, standardize)
    initial = dl.Initial.parse(init)
    hidden = problem.regression.dimension if width is None else width
    start = tuple(matrix[0] for matrix in initial.draw(problem, hidden, 1, seed))
    if step == "flow":
        run, verdicts = _flow(problem, start, steps, stiff, momentum, batch)
    else:
        _refuse_stiff(stiff)
        batches = None if batch is None else dl.MiniBatches(table.features, table.target, batch, seed)
        run, verdicts = _descent(problem, start, step, steps, momentum, batches)
    end = dl.outcome(run)
    result = end.to_json() | {
        "step": step if step == "flow" else float(step),
        "events": [event.to_json() for event in run.events],
        "steps": steps,
        "init": str(initial),
        "width": hidden,
        "momentum": momentum,
        "batch": batch,
        "law": dl.depth_law(problem).to_json(),
        "data": table.source,
        "problem": problem.summary(),
        "provenance": dataclasses.replace(run.provenance, seed=seed).to_json(),
    }
    return finish(
        "deep-linear-train",
        result,
        verdicts,
        as_json=as_json,
        out=out,
        show=lambda console: print_estimates(vars(end), console),
    )


def _flow(
    problem: "DeepLinear", start: "Weights", points: int, stiff: bool, momentum: str | None, batch: int | None
) -> "tuple[Trajectory, Verdicts]":
    """Gradient flow and its verdicts.

    Raises:
        InputError: if momentum or mini-batches are asked for.
    """
    from fathometer import deep_linear as dl
    from fathometer.evidence import InputError

    if momentum is not None or batch is not None:
        raise InputError("a flow has no momentum and no batch: they are for a step size")
    run = dl.flow(problem, start, points=points, stiff=stiff, store=True)
    return run, dl.judge_flow(run)


def _refuse_stiff(stiff: bool) -> None:
    """Refuse an option that descent has not.

    Raises:
        InputError: if it is given.
    """
    from fathometer.evidence import InputError

    if stiff:
        raise InputError("--stiff is for --step flow")


def _descent(
    problem: "DeepLinear",
    start: "Weights",
    step: str,
    steps: int,
    momentum: str | None,
    batches: "MiniBatches | None",
) -> "tuple[Trajectory, Verdicts]":
    from fathometer import deep_linear as dl
    from fathometer.evidence import finite_number

    eta, impulse = finite_number("step", step, above=0), None if momentum is None else dl.Momentum.parse(momentum)
    run = dl.descend(problem, start, eta, steps, every=steps, store=True, momentum=impulse, batches=batches)
    return run, dl.judge_descent(run, eta, momentum=impulse, mini_batches=batches is not None)
