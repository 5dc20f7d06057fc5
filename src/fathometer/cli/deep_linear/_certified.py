"""From which moment on the rest of a training run is proved, for JSON and for a reader."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fathometer.deep_linear import CertifiedRun
    from fathometer.evidence import Trajectory


def certified_part(run: "Trajectory", step: float | None, *, plain: bool) -> "tuple[dict[str, Any], str]":
    """What is proved about a run: JSON values and one line.

    Args:
        run: with states W1 to WL.
        step: of descent; None for a flow.
        plain: whether it has neither momentum nor mini-batches.
    """
    from fathometer import deep_linear as dl

    if not plain:
        reason = "certificates are for flow and plain descent, not for momentum or mini-batches"
        return {"certified_from": None, "certified_reason": reason}, f"not certified: {reason}"
    found = dl.certified_flow(run) if step is None else dl.certified_descent(run, step)
    axis = "time" if step is None else "step"
    if found.at is None:
        return {"certified_from": None, "certified_reason": found.reason}, f"not certified: {found.reason}"
    at = found.at if step is None else int(found.at)
    proved = {axis: at, "rate": found.rate, "sharpness_at_most": found.sharpness.upper}
    return {"certified_from": proved, "certified_sharpness": found.latest.to_json()}, _said(found, found.at, axis)


def _said(found: "CertifiedRun", at: float, axis: str) -> str:
    from fathometer.evidence import text_down, text_ends, text_up

    return (
        f"certified from {axis} {text_up(at)} on: converges to a global minimizer, the excess risk falls at least "
        f"like exp(-{text_down(found.rate)} per {axis}), sharpness of the limit in "
        f"{text_ends(found.sharpness.lower, found.sharpness.upper)}; by the last state in "
        f"{text_ends(found.latest.lower, found.latest.upper)}"
    )
