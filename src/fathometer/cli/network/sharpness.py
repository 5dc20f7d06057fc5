"""`fathometer network sharpness`: how curved the loss of a network is, and how large a step that allows."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fathometer.cli._options import AsJson, Out, Seed
from fathometer.cli.network._options import Chunk, LossRows, Memory, Miss, Parameters, Products, Rtol, WithLoss

if TYPE_CHECKING:
    from rich.console import Console

    from fathometer.network import Curvature, Plan
    from fathometer.network.steps._edge_rules import Edge, EdgeRule
    from fathometer.numerics import ExtremeEigenvalues

Which = Annotated[str, typer.Option(help="Which matrix of the loss.", metavar="hessian|ggn|fisher")]
EndsAsked = Annotated[
    str, typer.Option(help="Ends whose intervals must be as narrow as --rtol.", metavar="both|largest|smallest")
]
PlanOnly = Annotated[bool, typer.Option("--plan", help="Say what it will take, and stop there.")]
Blocks = Annotated[bool, typer.Option("--blocks", help="The same for each array of parameters alone.")]
Trace = Annotated[bool, typer.Option("--trace", help="The sum of all eigenvalues, too.")]
Resume = Annotated[
    Path | None, typer.Option(help="File that keeps the products; an interrupted search goes on from it.", metavar="F")
]
Rate = Annotated[
    float | None, typer.Option("--lr", "--step", help="Compare this learning rate with the largest stable one.")
]
Momentum = Annotated[float, typer.Option(help="Of the optimiser, in [0, 1).")]
Nesterov = Annotated[bool, typer.Option("--nesterov", help="Its momentum is Nesterov's.")]


def sharpness(
    network: WithLoss,
    data: LossRows,
    parameters: Parameters = "*",
    matrix: Which = "hessian",
    rtol: Rtol = 1e-2,
    miss: Miss = 1e-6,
    memory: Memory = "8GiB",
    ends: EndsAsked = "both",
    products: Products = 100_000,
    chunk: Chunk = None,
    plan: PlanOnly = False,
    blocks: Blocks = False,
    trace: Trace = False,
    resume: Resume = None,
    lr: Rate = None,
    momentum: Momentum = 0.0,
    nesterov: Nesterov = False,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Find the extreme eigenvalues of a network's Hessian, each between a floor and a ceiling.

    The floors are certain, the ceilings fail with probability --miss. With --lr, the verdict says whether training with
    that learning rate and --momentum is stable at this curvature. An interrupted search reports what it has. The code
    is 3 where the ends are not known as well as --rtol asks, or the learning rate is at the edge.
    """
    from fathometer import network as networks
    from fathometer.cli.network._brought import network_with_loss
    from fathometer.evidence import finite_number
    from fathometer.network.steps._edge_rules import EdgeRule
    from fathometer.numerics import Ends, prepare_jax
    from fathometer.study import say_progress

    prepare_jax()
    rule = EdgeRule.nesterov(momentum) if nesterov else EdgeRule.heavy_ball(momentum)
    taken = None if lr is None else finite_number("lr", lr, above=0)
    asked = {"rtol": rtol, "miss": miss, "memory": memory}
    net, loss, rows = network_with_loss(network, data)
    H = networks.curvature(net, loss, rows, parameters, matrix, chunk)
    if plan:
        return _tell_plan(H, H.plan(**asked), as_json, out)
    options: dict[str, Any] = asked | {"ends": _one_of(Ends, "ends", ends), "products": products, "seed": seed}
    found = H.extremes(**options, resume=resume, say=say_progress)
    of_blocks = {name: block.extremes(**options, say=say_progress) for name, block in _parts(H, blocks, found).items()}
    return _tell(H, found, of_blocks, rule, taken, trace, seed, as_json, out)


def _one_of(kind: Any, name: str, value: str) -> Any:
    """A member of an enumeration.

    Raises:
        InputError: if there is none of that name.
    """
    from fathometer.evidence import InputError

    if value not in list(kind):
        raise InputError(f"{name} must be one of {', '.join(kind)}, got {value!r}")
    return kind(value)


def _parts(H: "Curvature", wanted: bool, found: "ExtremeEigenvalues") -> "dict[str, Curvature]":
    """The blocks, unless the user has stopped the search for the whole."""
    return H.blocks() if wanted and found.ended != "interrupted" else {}


def _tell_plan(H: "Curvature", plan: "Plan", as_json: bool, out: Path | None) -> int:
    from fathometer.cli._finish import finish
    from fathometer.network.recording._memory import text_bytes
    from fathometer.study import duration

    def show(console: "Console") -> None:
        lines = (
            f"{plan.parameters:,} parameters in {len(H.objective.blocks)} arrays, {plan.rows:,} rows",
            f"{plan.mode}: {plan.vectors} vectors beside the network, {text_bytes(plan.bytes)}",
            f"derivatives of one chunk of rows: {text_bytes(plan.chunk_bytes)}",
            f"at most {plan.products} products of {plan.seconds:.3g} s: {duration(60 * plan.minutes)}",
        )
        if plan.smaller_chunk is not None:
            room = f"these do not fit beside the vectors in {text_bytes(plan.memory)}"
            lines = (*lines, f"{room}: --chunk {plan.smaller_chunk} computes fewer of the {plan.chunk} rows at once")
        for line in lines:
            console.print(line, highlight=False)

    result = plan.to_json() | {"smaller_chunk": plan.smaller_chunk, "minutes": plan.minutes, "notes": _notes(H)}
    return finish("network-sharpness", result, as_json=as_json, out=out, show=show, last=_said(H))


def _notes(H: "Curvature") -> list[str]:
    return list(getattr(H.objective, "notes", ()))


def _said(H: "Curvature") -> str:
    return "\n".join(f"note: {note}" for note in _notes(H))


def _tell(
    H: "Curvature",
    found: "ExtremeEigenvalues",
    of_blocks: "dict[str, ExtremeEigenvalues]",
    rule: "EdgeRule",
    step: float | None,
    trace: bool,
    seed: int,
    as_json: bool,
    out: Path | None,
) -> int:
    from fathometer.cli._finish import finish
    from fathometer.evidence import Provenance
    from fathometer.network import Matrix
    from fathometer.network.steps._edge_rules import Edge

    edge = Edge(1.0 if step is None else step, rule, found.largest) if H.matrix is Matrix.HESSIAN else None
    total = H.trace(seed=seed) if trace else None
    searches = [found, *of_blocks.values()]
    judged = edge is not None and step is not None
    result = {
        "parameters": H.size,
        "rows": H.objective.rows,
        "matrix": str(H.matrix),
        "loss": H.objective.loss(),
        "largest": found.largest.to_json(),
        "smallest": found.smallest.to_json(),
        "ended": str(found.ended),
        "blocks": {name: _both(ends) for name, ends in of_blocks.items()} or None,
        "trace": total and total.to_json(),
        "products": H.products + sum(ends.products for ends in of_blocks.values()),
        "largest_stable_step": edge and edge.largest_stable_step.to_json(),
        "rule": edge and rule.to_json(),
        "step": {"ratio": edge.ratio.to_json(), "side": str(edge.side)} if judged and edge else None,
        "notes": _notes(H),
        "provenance": Provenance.here(seed, ("fathometer", "numpy", "scipy", "torch", "jax")).to_json()
        | {"precision": H.dtype.name},
    }
    code = finish(
        "network-sharpness",
        result,
        [(f"largest eigenvalue at step {step:g}", edge.verdict())] if judged and edge else (),
        as_json=as_json,
        out=out,
        show=lambda console: _show(H, found, of_blocks, total, edge, step, console),
        last=_said(H),
    )
    return code if code or all(ends.converged for ends in searches) else 3


def _both(ends: "ExtremeEigenvalues") -> dict[str, Any]:
    return {"largest": ends.largest.to_json(), "smallest": ends.smallest.to_json(), "ended": str(ends.ended)}


def _show(
    H: "Curvature",
    found: "ExtremeEigenvalues",
    of_blocks: "dict[str, ExtremeEigenvalues]",
    total: Any,
    edge: "Edge | None",
    step: float | None,
    console: "Console",
) -> None:
    from fathometer.report import print_estimates

    named = {"largest": found.largest, "smallest": found.smallest}
    if edge is not None:
        named["largest stable step"] = edge.largest_stable_step
        named |= {} if step is None else {"step / largest stable step": edge.ratio}
    named |= {} if total is None else {"trace": total}
    for name, ends in of_blocks.items():
        named |= {f"{name} largest": ends.largest, f"{name} smallest": ends.smallest}
    print_estimates(named, console)
    console.print(
        f"{H.matrix} of the mean loss {H.objective.loss():.6g} over {H.objective.rows:,} rows in {H.size:,} parameters,"
        f" {H.dtype.name}; {found.products} products, ended by {found.ended}",
        highlight=False,
    )
