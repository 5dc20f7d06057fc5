"""`fathometer deep-linear`: how large a step your depth allows."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fathometer.cli._options import AsJson, Data, Out, Seed, Standardize, Target

if TYPE_CHECKING:
    from fathometer.cli._finish import Verdicts
    from fathometer.deep_linear import DeepLinear

app = typer.Typer(help="Deep linear networks on your regression data.", rich_markup_mode=None)
Depth = Annotated[int, typer.Option(help="Number of layers, at least 1.", metavar="L")]
Residual = Annotated[
    Path | None, typer.Option(help="Fixed readout of a residual network, shape (features,).", metavar="P.npy")
]
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
    from fathometer.data import load_array, load_table
    from fathometer.evidence import Provenance
    from fathometer.report import print_estimates

    readout = None if residual is None else load_array(residual)
    table = load_table(data, target)
    table = table.standardized() if standardize else table
    problem = dl.DeepLinear(dl.Regression.from_data(table.features, table.target), depth, readout)
    law = dl.depth_law(problem)
    result = law.to_json() | {
        "depth": depth,
        "data": table.source,
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
