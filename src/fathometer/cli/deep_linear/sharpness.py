"""`fathometer deep-linear sharpness`: how large a step your depth allows."""

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

from fathometer.cli._options import AsJson, Data, FigureFile, Out, Seed, Standardize, Target
from fathometer.cli.deep_linear._depths import draw_laws, show_laws
from fathometer.cli.deep_linear._options import Depths, Residual, read_depths, read_network

if TYPE_CHECKING:
    from fathometer.cli._finish import Verdicts
    from fathometer.data import Table
    from fathometer.deep_linear import DeepLinear, DepthLaw

RANDOM_MINIMIZERS = 1000
MINIMIZER_WIDTH = 3
WORTH_IT = 1e4
"""Factor by which --standardize must improve the condition to be suggested."""


def sharpness(
    data: Data,
    target: Target,
    depth: Depths,
    residual: Residual = None,
    standardize: Standardize = False,
    figure: FigureFile = None,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """How flat a minimizer can be at this depth or these, and the largest gradient-descent step that it allows."""
    from fathometer.cli._finish import finish

    depths = read_depths(depth)
    first, table = read_network(data, target, depths[0], residual, standardize)
    problems = [dataclasses.replace(first, depth=one) for one in depths]
    found = [_of_depth(problem, table, standardize, seed) for problem in problems]
    results, laws = [one.result for one in found], [one.law for one in found]
    notes = dict.fromkeys(note for result in results for note in result.get("notes", []))
    verdicts = [
        (f"depth {one}: {case}" if len(depths) > 1 else case, verdict)
        for one, of in zip(depths, found, strict=True)
        for case, verdict in of.verdicts
    ]
    alone = len(depths) == 1
    return finish(
        "deep-linear-sharpness",
        results[0] if alone else {"depths": results, "provenance": results[0]["provenance"]},
        verdicts,
        as_json=as_json,
        out=out,
        show=lambda console: show_laws(depths, laws, console),
        last="\n".join(f"note: {note}" for note in notes),
        figure=figure,
        draw=lambda: draw_laws(problems, laws),
    )


class _Found(NamedTuple):
    result: dict[str, Any]
    law: "DepthLaw"
    verdicts: "Verdicts"


def _of_depth(problem: "DeepLinear", table: "Table", standardize: bool, seed: int) -> _Found:
    """What is known at one depth."""
    from fathometer import deep_linear as dl
    from fathometer.evidence import Provenance

    law = dl.depth_law(problem)
    result = law.to_json() | {
        "depth": problem.depth,
        "data": table.source,
        "problem": problem.summary(),
        "provenance": Provenance.here(seed).to_json(),
    }
    result |= _logarithms(problem, law)
    notes = _notes(problem, table, standardize)
    return _Found(result | ({"notes": notes} if notes else {}), law, _verdicts(problem, seed))


def _logarithms(problem: "DeepLinear", law: "DepthLaw") -> dict[str, float]:
    """Natural logarithms of what no float64 holds, as log_s_min, from the same network in another unit of the target.

    Derived: with y -> c y the sharpness of minimizers goes with c^{2-2/L}.
    """
    import dataclasses
    import math

    from fathometer import deep_linear as dl

    lost = [name for name, estimate in vars(law).items() if name.startswith("s_") and math.isinf(estimate.value)]
    exponent = math.frexp(problem.regression.norm)[1]
    if not lost or not exponent:
        return {}
    inner = dataclasses.replace(problem.regression, w_star=problem.regression.w_star * 2.0**-exponent, risk_min=0.0)
    other = dl.depth_law(dataclasses.replace(problem, regression=inner))
    shift = (2 - 2 / problem.depth) * exponent * math.log(2)
    values = {name: getattr(other, name).value for name in lost}
    return {f"log_{name}": math.log(value) + shift for name, value in values.items() if math.isfinite(value)}


def _notes(problem: "DeepLinear", table: "Table", standardized: bool) -> list[str]:
    """What a reader should know about the columns: that their units set the answer, or that they are dependent."""
    from fathometer.deep_linear import condition_number

    data, notes = problem.regression, []
    if not data.read_factor.rank_known:
        notes.append(
            f"the columns are dependent to rounding: values are for rank {data.read_factor.rank} of {data.dimension}, "
            "intervals for every rank; leave a column out that others determine"
        )
    ratio = condition_number(data)
    if not standardized and (eased := _eased(table)) and ratio > WORTH_IT * eased:
        given = "above 1e308" if ratio > 1e308 else f"{ratio:.3g}"
        notes.append(
            f"the units of the columns set these values: lambda_max / lambda_min is {given} for the data as given and"
            f" {eased:.3g} with --standardize"
        )
    return notes


def _eased(table: "Table") -> float | None:
    """Condition of the data with --standardize; None where a column is constant."""
    from fathometer.deep_linear import Regression, condition_number
    from fathometer.evidence import InputError

    try:
        other = table.standardized()
    except InputError:
        return None
    return condition_number(Regression.from_data(other.features, other.target))


def _verdicts(problem: "DeepLinear", seed: int) -> "Verdicts":
    """Hold the theorems on minimizers against the flattest, the balanced and many random ones."""
    import numpy as np

    from fathometer.deep_linear import sharpness_of_minimizers
    from fathometer.deep_linear.theorems.sharpness import (
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
    estimate = sharpness_of_minimizers(problem, MINIMIZER_WIDTH, RANDOM_MINIMIZERS, seed)
    measured = estimate, estimate, Estimate.exact(np.min(estimate.value))
    case = f"{np.size(estimate.value)} minimizers"
    return [(case, theorem.judge(problem, of)) for theorem, of in zip(theorems, measured, strict=True)]
