"""A trajectory as a labelled data set of xarray."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from fathometer.evidence.runs._observable import Observable
from fathometer.evidence.values._estimate import Estimate
from fathometer.evidence.values._input import InputError

if TYPE_CHECKING:
    import xarray

    from fathometer.evidence.runs._trajectory import Trajectory


def labelled(run: "Trajectory", observables: Iterable[Observable] = ()) -> "xarray.Dataset":
    """Return states and observations with named dimensions; see `Trajectory.to_xarray`.

    Args:
        run: any.
        observables: measured on it, each with its interval.

    Raises:
        InputError: if xarray is not installed.
    """
    try:
        import xarray
    except ImportError as error:
        raise InputError("to_xarray needs xarray: pip install 'fathometer[store]'") from error
    axis = str(run.axis.kind)
    states = {name: ((axis, *_dimensions(run, name, array.ndim - 1)), array) for name, array in run.states.items()}
    seen = {name: run.measure(lambda way, name=name: way.observed[name]) for name in run.observed}
    seen |= {one.name: run.observe(one) for one in observables}
    columns = {key: column for name, estimate in seen.items() for key, column in _ends(axis, name, estimate).items()}
    return xarray.Dataset({**states, **columns}, {axis: run.axis.points}, _described(run))


def _dimensions(run: "Trajectory", name: str, inner: int) -> tuple[str, ...]:
    """Names of the dimensions of a state behind the axis."""
    known = run.problem.dimensions().get(name, ())
    return known if len(known) == inner else tuple(f"{name}_{k}" for k in range(inner))


def _ends(axis: str, name: str, estimate: Estimate) -> dict[str, Any]:
    parts = {"": estimate.value, "_lower": estimate.lower, "_upper": estimate.upper}
    inner = tuple(f"{name}_{k}" for k in range(len(estimate.shape) - 1))
    return {f"{name}{end}": ((axis, *inner), part, {"kind": str(estimate.kind)}) for end, part in parts.items()}


def _described(run: "Trajectory") -> dict[str, Any]:
    """What a file can keep beside the arrays: texts and numbers."""
    return {
        "origin": str(run.origin),
        "problem": json.dumps(run.problem.summary()),
        "events": json.dumps([event.to_json() for event in run.events]),
        "provenance": json.dumps(run.provenance.to_json()),
        "warning": run.warning,
        **({} if run.condition is None else {"condition": run.condition}),
    }
