"""The drawing of a phase diagram: how many pairs have met over time and beta, with the closed-form curve."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from fathometer.attention.dynamics._phase import PhaseDiagram
from fathometer.report import Curve, Figure, HeatMap, Role


def phase_figure(diagram: PhaseDiagram, settings: Mapping[str, Any]) -> Figure:
    """Draw a phase diagram with the closed form for orthogonal tokens.

    Args:
        diagram: what was counted.
        settings: n, dim, model, cosine and raw_time of the diagram, by name.
    """
    log_curve = np.asarray(diagram.log_curve.value)
    shown = log_curve <= np.log(diagram.times[-1])
    curve = Curve("closed form, orthogonal tokens", np.exp(log_curve[shown]), diagram.betas[shown], Role.PREDICTED, 2)
    drawn = HeatMap(
        f"{settings['model'].upper()}: {settings['n']} uniform tokens in dimension {settings['dim']}",
        "time (kernel exp(beta <x, y>))" if settings["raw_time"] else "time (units of the model)",
        "inverse temperature beta",
        f"fraction of pairs with cosine above {settings['cosine']:g}",
        diagram.times,
        diagram.betas,
        diagram.fraction.value,
        (curve,) if np.any(shown) else (),
    )
    data = {"times": diagram.times, "betas": diagram.betas, "fraction": np.asarray(diagram.fraction.value)}
    return Figure("attention-phase", (drawn,), (), data | {"log_curve": log_curve}, title="When do tokens meet?")
