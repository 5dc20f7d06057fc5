"""`fathometer deep-linear`: how large a step your depth allows."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fathometer.cli._options import (
    FIGURES,
    AsJson,
    Data,
    FigureName,
    FigureOut,
    Form,
    Out,
    Quick,
    Repetitions,
    Seed,
    Standardize,
    Target,
)

if TYPE_CHECKING:
    from fathometer.cli._finish import Verdicts
    from fathometer.deep_linear import DeepLinear

app = typer.Typer(help="Deep linear networks on your regression data.", rich_markup_mode=None)
Depth = Annotated[int, typer.Option(help="Number of layers, at least 1.", metavar="L")]
Residual = Annotated[
    Path | None, typer.Option(help="Fixed readout of a residual network, shape (features,).", metavar="P.npy")
]
Width = Annotated[
    int | None, typer.Option(help="Of all hidden layers; as many as there are features if absent.", metavar="WIDTH")
]
Init = Annotated[str, typer.Option(help="KIND:SCALE with KIND gaussian, residual, balanced, spectral or cosine.")]
Step = Annotated[str, typer.Option(help="Step size of gradient descent, above 0, or flow.", metavar="ETA|flow")]
Steps = Annotated[int, typer.Option(help="Number of steps; of observations for a flow.", metavar="N")]
RANDOM_MINIMIZERS = 1000
MINIMIZER_WIDTH = 3


@app.callback()
def group() -> None:
    """Deep linear networks on your regression data."""


@app.command("sharpness")
def sharpness(
    data: Data,
    target: Target,
    depth: Depth,
    residual: Residual = None,
    standardize: Standardize = False,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """How flat a minimizer can be at this depth, and the largest gradient-descent step that it allows."""
    from fathometer import deep_linear as dl
    from fathometer.cli._finish import finish
    from fathometer.evidence import Provenance
    from fathometer.report import print_estimates

    problem, source = _network(data, target, depth, residual, standardize)
    law = dl.depth_law(problem)
    result = law.to_json() | {
        "depth": depth,
        "data": source,
        "problem": problem.summary(),
        "provenance": Provenance.here(seed).to_json(),
    }
    return finish(
        "deep-linear-sharpness",
        result,
        _verdicts(problem, seed),
        as_json=as_json,
        out=out,
        show=lambda console: print_estimates(vars(law), console),
    )


@app.command("train")
def train(
    data: Data,
    target: Target,
    depth: Depth,
    init: Init,
    step: Step,
    steps: Steps = 1000,
    width: Width = None,
    residual: Residual = None,
    standardize: Standardize = False,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Train a deep linear network on your data: how it ends, and the verdict of every theorem that applies."""
    from fathometer import deep_linear as dl
    from fathometer.cli._finish import finish
    from fathometer.evidence import finite_number
    from fathometer.numerics import keep_compiled_code
    from fathometer.report import print_estimates

    keep_compiled_code()
    problem, source = _network(data, target, depth, residual, standardize)
    initial = dl.Initial.parse(init)
    hidden = problem.regression.dimension if width is None else width
    start = tuple(matrix[0] for matrix in initial.draw(problem, hidden, 1, seed))
    if step == "flow":
        run = dl.flow(problem, start, points=steps, store=True)
        verdicts = dl.judge_flow(run)
    else:
        eta = finite_number("step", step, above=0)
        run = dl.descend(problem, start, eta, steps, every=steps, store=True)
        verdicts = dl.judge_descent(run, eta)
    end = dl.outcome(run)
    result = end.to_json() | {
        "step": step if step == "flow" else float(step),
        "events": [event.to_json() for event in run.events],
        "steps": steps,
        "init": str(initial),
        "width": hidden,
        "law": dl.depth_law(problem).to_json(),
        "data": source,
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


@app.command("figure")
def figure(
    name: FigureName,
    form: Form = "svg",
    repetitions: Repetitions = None,
    quick: Quick = False,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: FigureOut = FIGURES,
) -> int:
    """Draw a figure of Marion and Chizat (2024), or one of ours, with the expected numbers beside the measured ones."""
    from fathometer.cli._figure import draw_figure
    from fathometer.deep_linear.figures import draw

    return draw_figure(draw, name, form, repetitions=repetitions, quick=quick, as_json=as_json, seed=seed, out=out)


def _network(data: str, target: str, depth: int, residual: Path | None, standardize: bool) -> "tuple[DeepLinear, str]":
    """The problem that the options describe, and where its data came from."""
    from fathometer import deep_linear as dl
    from fathometer.data import load_array, load_table

    readout = None if residual is None else load_array(residual)
    table = load_table(data, target)
    table = table.standardized() if standardize else table
    return dl.DeepLinear(dl.Regression.from_data(table.features, table.target), depth, readout), table.source


def _verdicts(problem: "DeepLinear", seed: int) -> "Verdicts":
    """Hold the theorems on minimizers against the flattest, the balanced and many random ones."""
    from fathometer.deep_linear import sample_minimizers
    from fathometer.deep_linear.theorems import (
        minimal_sharpness_bracket,
        minimal_sharpness_exact,
        sharpness_lower_bound,
    )
    from fathometer.evidence import Estimate

    theorems = [
        module.THEOREM for module in (sharpness_lower_bound, minimal_sharpness_exact, minimal_sharpness_bracket)
    ]
    if problem.regression.q_norm == 0:
        nothing = Estimate.exact(float("nan"))
        return [("w_star explains nothing", theorem.judge(problem, nothing)) for theorem in theorems]
    minimizers = sample_minimizers(problem, MINIMIZER_WIDTH, RANDOM_MINIMIZERS, seed)
    case = f"{len(minimizers.axis)} minimizers"
    return [(case, theorem.test(minimizers)) for theorem in theorems]
