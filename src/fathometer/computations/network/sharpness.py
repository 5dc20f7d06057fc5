"""`network-sharpness`: the extreme eigenvalues of the Hessian of a network's loss."""

from pathlib import Path
from typing import Any

from fathometer.computations._values import file_of, number
from fathometer.computations.network._files import network_file
from fathometer.study import Choice, Column, Computation, Computed, Real, Text, Whole


def compute(parameters: dict[str, Any], seed: int) -> Computed:
    """Find both ends of the spectrum, each between a floor and a ceiling.

    Raises:
        InputError: if a file or a network is missing, or is not what it should be.
    """
    from fathometer.data import read_archive
    from fathometer.evidence import InputError
    from fathometer.network import curvature
    from fathometer.network.adapters import brought

    net, loss = brought(parameters["network"])
    if loss is None:
        raise InputError(f"network must be module:factory that returns (model, loss), got {parameters['network']!r}")
    arrays = read_archive(Path(parameters["data"]))
    rows = (arrays["X"], arrays["y"]) if "X" in arrays and "y" in arrays else arrays
    of = curvature(net, loss, rows, parameters["arrays"], parameters["matrix"])
    found = of.extremes(parameters["rtol"], products=parameters["products"], seed=seed)
    ends = {
        f"{name}{suffix}": number(getattr(end, part))
        for name, end in (("largest", found.largest), ("smallest", found.smallest))
        for suffix, part in (("", "value"), ("_lower", "lower"), ("_upper", "upper"))
    }
    stable = number(2 / found.largest.value) if found.largest.value > 0 else None
    told = {"loss": number(of.objective.loss()), "size": of.size, "products_made": found.products}
    return Computed(ends | told | {"largest_stable_step": stable, "ended": str(found.ended)})


COMPUTATION = Computation(
    name="network-sharpness",
    summary="a network with its loss: largest and smallest eigenvalue of the Hessian between floor and ceiling",
    parameters={
        "network": Text(),
        "data": Text(),
        "arrays": Text("*"),
        "matrix": Choice(("hessian", "ggn", "fisher"), "hessian"),
        "rtol": Real(1e-8, 1, 1e-2),
        "products": Whole(4, 10_000_000, 100_000),
    },
    compute=compute,
    columns={
        "largest": Column(float, "largest eigenvalue (loss / weight^2)"),
        "largest_lower": Column(float, "floor of the largest eigenvalue (loss / weight^2)"),
        "largest_upper": Column(float, "ceiling of the largest eigenvalue (loss / weight^2)"),
        "smallest": Column(float, "smallest eigenvalue (loss / weight^2)"),
        "smallest_lower": Column(float, "floor of the smallest eigenvalue (loss / weight^2)"),
        "smallest_upper": Column(float, "ceiling of the smallest eigenvalue (loss / weight^2)"),
        "largest_stable_step": Column(float, "2 / largest eigenvalue (weight^2 / loss)"),
        "loss": Column(float, "mean loss over the rows"),
        "size": Column(int, "number of parameters"),
        "products_made": Column(int, "Hessian-vector products"),
        "ended": Column(str, "why the search ended"),
    },
    files={"network": network_file, "data": file_of},
    about={
        "network": "module:factory, which returns (model, loss)",
        "data": "npz file of the rows: X and y, or arrays that the loss takes by name",
        "arrays": "names of the parameter arrays, as in a shell",
        "matrix": "which matrix of the loss",
        "rtol": "width of an eigenvalue's interval / largest |eigenvalue|",
        "products": "Hessian-vector products at most",
    },
)
