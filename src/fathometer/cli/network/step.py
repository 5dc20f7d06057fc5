"""`fathometer network step`: how large a step a network can take where it is."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fathometer.cli._options import AsJson, Out, Seed

if TYPE_CHECKING:
    from rich.console import Console

    from fathometer.network.steps import CriticalStep, Edge

Factory = Annotated[
    str, typer.Argument(help="A callable without arguments that returns (model, loss).", metavar="MODULE:FACTORY")
]
Rows = Annotated[
    Path, typer.Option(help="Arrays X and y; without y, arrays that the loss takes by name.", metavar="D.npz")
]
Along = Annotated[
    str, typer.Option(help="gradient, or a new optimiser: sgd:momentum=0.9,nesterov=1, adam:b1=0.9, rmsprop.")
]
Moved = Annotated[str, typer.Option(help="Names of the arrays that move, as in a shell.", metavar="GLOB")]
Rtol = Annotated[float, typer.Option(help="Width of the bracket relative to its lower end.")]
Passes = Annotated[int, typer.Option(help="Most forward passes over the data.", min=4)]
Rate = Annotated[
    float | None, typer.Option("--lr", help="Hold this learning rate against the largest eigenvalue, too.")
]
Products = Annotated[int, typer.Option(help="Hessian-vector products for the largest eigenvalue.", min=4)]
Miss = Annotated[float, typer.Option(help="Probability that the ceiling of the largest eigenvalue is wrong.")]
Chunk = Annotated[int | None, typer.Option(help="Rows that are computed at once.", min=1)]


def step(
    network: Factory,
    data: Rows,
    direction: Along = "gradient",
    lr: Rate = None,
    parameters: Moved = "*",
    rtol: Rtol = 1e-2,
    passes: Passes = 30,
    products: Products = 60,
    miss: Miss = 1e-6,
    chunk: Chunk = None,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Find the smallest step that raises the loss, by forward passes alone; with --lr, where a step is at the edge."""
    from fathometer.cli._finish import finish
    from fathometer.evidence import finite_number
    from fathometer.network.curvature._objective_of import objective
    from fathometer.network.steps import critical_step_along, described, direction_of, edge_of
    from fathometer.numerics import prepare_jax

    prepare_jax()
    rate = None if lr is None else finite_number("lr", lr, above=0)
    net, loss, rows = _brought(network, data)
    of = objective(net, loss, rows, parameters, chunk)
    along = direction_of(direction, net, of)
    found = critical_step_along(of, along, rtol=rtol, passes=passes)
    edge = None if rate is None else edge_of(of, along, rate, products=products, miss=miss, seed=seed)
    result = described(found, rate) | {
        "parameters": of.size,
        "rows": of.rows,
        "edge": edge and edge.to_json() | {"ratio": edge.ratio.to_json(), "side": str(edge.side)},
        "largest_stable_step": edge and edge.largest_stable_step.to_json(),
    }
    return finish(
        "network-step",
        result,
        () if edge is None else [(f"largest eigenvalue at learning rate {rate:g}", edge.verdict())],
        as_json=as_json,
        out=out,
        show=lambda console: _show(found, edge, rate, console),
    )


def _brought(reference: str, data: Path) -> tuple[Any, Any, Any]:
    """The network, its loss and the rows.

    Raises:
        InputError: if there is no loss.
    """
    from fathometer.data import read_archive
    from fathometer.evidence import InputError
    from fathometer.network.adapters import brought

    net, loss = brought(reference)
    if loss is None:
        raise InputError(f"{reference} must return (model, loss) with loss(model, X, y), got a model alone")
    arrays = read_archive(data)
    if "X" in arrays and "y" in arrays:
        return net, loss, (arrays["X"], arrays["y"])
    return net, loss, arrays


def _show(found: "CriticalStep", edge: "Edge | None", rate: float | None, console: "Console") -> None:
    from fathometer.report import print_estimates

    named = {"critical step": found.step, "critical sharpness, 2 / step": found.sharpness}
    if rate is not None:
        named["learning rate / critical step"] = found.against(rate)
    if edge is not None:
        named["largest eigenvalue"] = edge.largest
        named["largest stable step"] = edge.largest_stable_step
        named["learning rate / largest stable step"] = edge.ratio
    print_estimates(named, console)
    console.print(f"loss {found.loss:.6g}; {found.passes} forward passes along {found.direction}", highlight=False)
    if edge is not None:
        console.print(f"The step is {edge}.", highlight=False)
