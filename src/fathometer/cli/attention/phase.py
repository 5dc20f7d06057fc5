"""`fathometer attention phase`: the (time, beta) phase diagram with the closed-form curve."""

from typing import TYPE_CHECKING, Annotated

import typer

from fathometer.cli._options import AsJson, FigureFile, Out, Seed
from fathometer.cli.attention._options import ModelName, ScoreName

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fathometer.attention import PhaseDiagram

Grid = Annotated[str, typer.Option("--beta", help="N inverse temperatures from LO to HI.", metavar="LO,HI,N")]
Times = Annotated[str, typer.Option("--time", help="N times from LO to HI.", metavar="LO,HI,N")]
Tokens = Annotated[int, typer.Option("--n", help="Tokens of every system, at least 2.")]
Dim = Annotated[int, typer.Option(help="Dimension, at least 2.")]
Systems = Annotated[int, typer.Option(help="Independent systems for every beta.")]
Cosine = Annotated[float, typer.Option(help="Pairs above this cosine have met.")]
Raw = Annotated[bool, typer.Option("--raw-time", help="USA times of the kernel exp(beta <x, y>).")]
Form = Annotated[str, typer.Option("--format", help="Of the drawing in --out: svg, png or pdf.", metavar="svg|png|pdf")]


def phase(
    beta: Grid,
    time: Times,
    n: Tokens = 32,
    dim: Dim = 8,
    model: ModelName = "sa",
    systems: Systems = 64,
    cosine: Cosine = 0.999,
    raw_time: Raw = False,
    score: ScoreName = "identity",
    form: Form = "svg",
    figure: FigureFile = None,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Follow random tokens over a grid of beta: how many pairs have met, beside the closed form; --out draws it."""
    import jax

    from fathometer import attention
    from fathometer.attention.figures.results import phase_figure
    from fathometer.cli._finish import finish
    from fathometer.evidence import Provenance
    from fathometer.numerics import prepare_jax
    from fathometer.report import checked_format, render, write_bytes

    betas, times = _grid("--beta", beta), _grid("--time", time)
    checked_format(form)
    prepare_jax()
    diagram = attention.phase_diagram(
        n, dim, betas, times, model, systems=systems, seed=seed, cosine=cosine, raw_time=raw_time, score=score
    )
    settings = {"n": n, "dim": dim, "model": model, "systems": systems, "cosine": cosine}
    settings |= {"raw_time": raw_time, "score": score}
    device = jax.default_backend()
    provenance = Provenance.here(packages=("fathometer", "numpy", "jax", "diffrax"), device=device)
    if out is not None:
        write_bytes(out / f"attention-phase.{form}", render(phase_figure(diagram, settings).charts, form))
    return finish(
        "attention-phase",
        {
            "times": times.tolist(),
            "betas": betas.tolist(),
            "fraction": diagram.fraction.to_json(),
            "log_curve": diagram.log_curve.to_json(),
            "problem": settings,
            "provenance": provenance.to_json() | {"seed": seed},
        },
        as_json=as_json,
        out=out,
        show=lambda console: _show(diagram, console),
        figure=figure,
        draw=lambda: phase_figure(diagram, settings),
    )


def _grid(name: str, text: str) -> "NDArray[np.float64]":
    import numpy as np

    from fathometer.evidence import InputError, finite_number, whole_number

    parts = text.split(",")
    if len(parts) != 3:
        raise InputError(f"{name} must be LO,HI,N such as 0.1,9,90, got {text!r}")
    if any(part.strip().lower().lstrip("+-") in ("inf", "infinity", "nan") for part in parts[:2]):
        raise InputError(f"LO and HI of {name} must be finite and >= 0, got {text!r}")
    low = finite_number(f"LO of {name}", parts[0], at_least=0)
    high = finite_number(f"HI of {name}", parts[1], above=low)
    return np.linspace(low, high, whole_number(f"N of {name}", parts[2], at_least=2, at_most=100_000))


def _show(diagram: "PhaseDiagram", console: object) -> None:
    """Print at most eight times and sixteen betas."""
    import numpy as np

    from fathometer.report import print_rows

    rows, columns = (
        np.unique(np.linspace(0, len(x) - 1, k).astype(int)) for x, k in ((diagram.betas, 16), (diagram.times, 8))
    )
    fraction, log_curve = np.asarray(diagram.fraction.value), np.asarray(diagram.log_curve.value)
    heads = ["beta", "log time, closed form", *(f"t = {t:.4g}" for t in diagram.times[columns])]
    body = [
        [f"{diagram.betas[i]:.4g}", f"{log_curve[i]:.4g}", *(f"{x:.3f}" for x in fraction[i, columns])] for i in rows
    ]
    print_rows(heads, body, console)  # type: ignore[arg-type]
