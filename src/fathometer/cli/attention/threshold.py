"""`fathometer attention threshold`: up to which beta collapse is certain in time, from which on clusters are."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fathometer.cli._options import AsJson, FigureFile, Out, Seed
from fathometer.cli.attention._options import Masses, ModelName, Points, Uniform, read_system

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fathometer.attention import CollapseThreshold, ParticleSystem
    from fathometer.attention.figures import LayerThreshold

Hidden = Annotated[
    Path | None,
    typer.Argument(help="Array 'hidden' (layers, tokens, dim) instead of --points or --uniform.", metavar="HIDDEN.npz"),
]
Grid = Annotated[
    str | None,
    typer.Option(
        "--beta", help="N inverse temperatures from LO to HI in equal ratios; chosen if absent.", metavar="LO,HI,N"
    ),
]
Horizon = Annotated[float, typer.Option(help="Time by which the tokens are to be one cluster, above 0.")]
Layers = Annotated[str | None, typer.Option(help="Layers of HIDDEN.npz to look at; all if absent.", metavar="I,J,...")]
Fitted = Annotated[
    str | None,
    typer.Option(
        help="Inverse temperature of each of these layers, or one for all; fitted to the next layer if absent.",
        metavar="B,...",
    ),
]

_WITHOUT_GRID = 8
"""Inverse temperatures for each layer where none are given."""


def threshold(
    hidden: Hidden = None,
    points: Points = None,
    uniform: Uniform = None,
    masses: Masses = None,
    model: ModelName = "sa",
    beta: Grid = None,
    horizon: Horizon = 30.0,
    layers: Layers = None,
    fitted_beta: Fitted = None,
    figure: FigureFile = None,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Say up to which beta collapse is certified before a time, from which on clusters are certified, and measure.

    Of recorded hidden states every layer is looked at, beside the beta that fits the layer best; the first one fills
    the keys of a single cloud.
    """
    import jax

    from fathometer import attention
    from fathometer.attention.figures import threshold_figure, threshold_rows
    from fathometer.cli._finish import finish
    from fathometer.evidence import Provenance
    from fathometer.numerics import prepare_jax
    from fathometer.report import print_rows

    grid = None if beta is None else _grid(beta)
    _check(hidden, points, uniform, layers, fitted_beta)
    prepare_jax()
    if hidden is None:
        system = read_system(points, uniform, masses, 1.0, model, seed)
        first, by_layer = _found(system, grid, horizon), []
    else:
        by_layer = _layers(hidden, masses, model, grid, horizon, layers, fitted_beta)
        system, first = _system_of(hidden, by_layer[0].layer, masses, model), by_layer[0].threshold
    here = Provenance.here(seed, ("fathometer", "numpy", "scipy", "jax"), device=jax.default_backend())
    kind, tokens = attention.Model(model), len(system.points)
    document = first.to_json() | {
        "layers": [_row(one) for one in by_layer] or None,
        "problem": system.summary(),
        "provenance": here.to_json(),
    }
    rows = [(row.quantity, row.expected, row.measured) for row in threshold_rows(first)]
    return finish(
        "attention-threshold",
        document,
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(("quantity", "certified", "measured"), rows, console),
        last="\n".join([_said(first), *map(_said_of_layer, by_layer)]),
        figure=figure,
        draw=lambda: threshold_figure("attention-threshold", first, tokens, kind, by_layer),
    )


def _check(
    hidden: Path | None, points: Path | None, uniform: str | None, layers: str | None, fitted_beta: str | None
) -> None:
    from fathometer.evidence import InputError

    if sum(source is not None for source in (hidden, points, uniform)) != 1:
        raise InputError("give one of HIDDEN.npz, --points P.npy and --uniform n,d")
    if hidden is None and (layers is not None or fitted_beta is not None):
        raise InputError("--layers and --fitted-beta go with HIDDEN.npz only")


def _grid(text: str) -> "NDArray[np.float64]":
    import numpy as np

    from fathometer.evidence import InputError, finite_number, whole_number

    parts = text.split(",")
    if len(parts) != 3:
        raise InputError(f"--beta must be LO,HI,N such as 0.5,50,16, got {text!r}")
    low = finite_number("LO of --beta", parts[0], above=0)
    high = finite_number("HI of --beta", parts[1], above=low)
    return np.geomspace(low, high, whole_number("N of --beta", parts[2], at_least=2, at_most=1000))


def _found(
    system: "ParticleSystem", grid: "NDArray[np.float64] | None", horizon: float, name: str = "threshold"
) -> "CollapseThreshold":
    """The thresholds, saying every few seconds how far it is."""
    import sys
    import time

    from fathometer import attention

    said = time.monotonic()

    def announce(text: str) -> None:
        nonlocal said
        if time.monotonic() - said > 5:
            said = time.monotonic()
            sys.stderr.write(f"{name}: {text}\n")

    return attention.collapse_threshold(system, grid, horizon, announce=announce)


def _system_of(hidden: Path, layer: int, masses: Path | None, model: str) -> "ParticleSystem":
    from fathometer import attention
    from fathometer.data import load_array

    states, _ = attention.read_hidden(hidden)
    weights = None if masses is None else load_array(masses, ndim=1)
    return attention.ParticleSystem.project(states[layer], 1.0, model, weights)


def _layers(
    hidden: Path,
    masses: Path | None,
    model: str,
    grid: "NDArray[np.float64] | None",
    horizon: float,
    layers: str | None,
    fitted_beta: str | None,
) -> "list[LayerThreshold]":
    """The thresholds of each layer that is asked for, with the inverse temperature that fits it."""
    import numpy as np

    from fathometer import attention
    from fathometer.attention.figures import LayerThreshold

    states, _ = attention.read_hidden(hidden)
    chosen = _chosen(layers, len(states))
    fitted = _fitted(fitted_beta, states, chosen)
    coarse = np.geomspace(0.5, 64.0, _WITHOUT_GRID) if grid is None else grid
    return [
        LayerThreshold(
            layer, _found(_system_of(hidden, layer, masses, model), coarse, horizon, f"layer {layer}"), fitted[i]
        )
        for i, layer in enumerate(chosen)
    ]


def _chosen(text: str | None, count: int) -> list[int]:
    from fathometer.evidence import whole_number

    if text is None:
        return list(range(count))
    return [whole_number("--layers", part, at_least=0, at_most=count - 1) for part in text.split(",")]


def _fitted(text: str | None, states: "NDArray[np.float64]", chosen: list[int]) -> list[float | None]:
    """The given inverse temperatures, or those whose step from a layer to the next one explains most."""
    from fathometer.evidence import InputError, finite_number
    from fathometer.network.layers import fit_step

    if text is None:
        last = len(states) - 1
        return [None if i == last else fit_step(states[i], states[i + 1], refine=True).beta for i in chosen]
    given = [finite_number("--fitted-beta", part, at_least=0) for part in text.split(",")]
    if len(given) not in (1, len(chosen)):
        raise InputError(f"--fitted-beta must be one number or {len(chosen)}, got {len(given)}")
    return [*(given * len(chosen) if len(given) == 1 else given)]


def _row(one: "LayerThreshold") -> dict[str, object]:
    found = one.threshold.to_json()
    keys = ("beta_exp", "beta_meta", "first_not_in_time", "metastable", "measured")
    return {"layer": one.layer, "fitted_beta": one.fitted_beta} | {key: found[key] for key in keys}


def _said(found: "CollapseThreshold") -> str:
    lines = [
        f"Certified to be one cluster before time {found.horizon:g} up to beta = {_down(found.beta_exp)}.",
        "Certified to stay in several clusters from beta = "
        f"{_up(found.lifetime[1])} (for longer than they took to form, seen from a run; fails at"
        f" {_number(found.lifetime[0])}), {_up(found.caps.first_success)} (from the tokens at time 0; fails at"
        f" {_number(found.caps.last_failure)}).",
    ]
    reasons = sorted({run.certified.reason for run in found.runs if run.certified.reason})
    return "\n".join([*lines, *(f"Not certified at some: {reason}." for reason in reasons)])


def _said_of_layer(one: "LayerThreshold") -> str:
    found, fits = one.threshold, _number(one.fitted_beta)
    return f"Layer {one.layer}: up to {_down(found.beta_exp)}, from {_up(found.beta_meta)}; fitted beta {fits}."


def _down(beta: float | None) -> str:
    from fathometer.evidence import text_down

    return "none" if beta is None else text_down(beta, 4)


def _up(beta: float | None) -> str:
    from fathometer.evidence import text_up

    return "none" if beta is None else text_up(beta, 4)


def _number(beta: float | None) -> str:
    return "none" if beta is None else f"{beta:.4g}"
