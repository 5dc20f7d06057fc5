"""`fathometer attention noise`: where clusters survive noise, on the sphere of any dimension."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from fathometer.cli._options import AsJson, FigureFile, Out, Seed
from fathometer.cli.attention._options import Beta

if TYPE_CHECKING:
    from fathometer.attention.dynamics.variants import NoiseCurve, StationaryBranch
    from fathometer.evidence import Estimate, Verdict

Dim = Annotated[int, typer.Option(help="Dimension d of the sphere in R^d, 2 to 512.")]
NoiseModel = Annotated[str, typer.Option("--model", help="usa (without normaliser) or sa.", metavar="sa|usa")]
Kappas = Annotated[
    str | None,
    typer.Option("--kappa", help="N inverse noises from LO to HI; about the onset if absent.", metavar="LO,HI,N"),
]
Particles = Annotated[int, typer.Option(help="Tokens of every cloud; 0 for the equation alone.")]
Clouds = Annotated[int, typer.Option(help="Clouds for every kappa and start, at least 2.")]
Time = Annotated[float | None, typer.Option(help="Of the particles; 20 relaxation times if absent.", metavar="TIME")]


def noise(
    beta: Beta,
    dim: Dim = 3,
    model: NoiseModel = "usa",
    kappa: Kappas = None,
    particles: Particles = 64,
    clouds: Clouds = 4,
    time: Time = None,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
    figure: FigureFile = None,
) -> int:
    """Say at which noise clusters appear, continuously or with a jump, and check it with particles."""
    from fathometer.attention.dynamics import variants
    from fathometer.cli._finish import finish
    from fathometer.cli.attention._noise_figure import noise_figure
    from fathometer.cli.attention.phase import _grid
    from fathometer.evidence import Provenance
    from fathometer.numerics import prepare_jax

    branch = variants.stationary_branch(dim, beta, model)
    kappas = variants.default_kappas(branch) if kappa is None else _grid("--kappa", kappa)
    final = variants.default_time(branch) if time is None else time
    prepare_jax()
    curve = variants.noise_curve(branch, kappas, time=final, particles=particles, clouds=clouds, seed=seed)
    settings = {"dim": dim, "beta": beta, "model": model, "particles": particles, "clouds": clouds, "time": final}
    provenance = Provenance.here(seed, ("fathometer", "numpy", "scipy", "jax"), "cpu")
    document = _document(branch, curve) | {"problem": settings, "provenance": provenance.to_json()}
    return finish(
        "attention-noise",
        document,
        _verdicts(branch, curve),
        as_json=as_json,
        out=out,
        show=lambda console: _show(branch, curve, console),
        last=_sentence(branch),
        figure=figure,
        draw=lambda: noise_figure(branch, curve, settings),
    )


def _document(branch: "StationaryBranch", curve: "NoiseCurve") -> dict[str, Any]:
    """The JSON contract, with the laws and what was measured beside them."""
    import numpy as np

    from fathometer.attention import Model
    from fathometer.attention.dynamics import variants

    onset = variants.critical_kappa(branch.dim, branch.beta, branch.model)
    softmax = branch.model is Model.SA
    loop = branch.hysteresis
    return {
        "onset": onset.to_json(),
        "onset_raw_time": None if softmax else float(onset.value) * float(np.exp(-branch.beta)),
        "beta_tricritical": None if softmax else variants.tricritical_beta(branch.dim).to_json(),
        "transition": variants.transition_kind(branch.dim, branch.beta, branch.model),
        "hysteresis": None if loop is None else {name: part.to_json() for name, part in vars(loop).items()},
        "curvature": variants.onset_curvature(branch.dim, branch.beta, branch.model),
        "branch": {
            "kappa": branch.kappa.tolist(),
            "order": branch.order.tolist(),
            "stable": branch.stable.tolist(),
            "free_energy": None if softmax else branch.free_energy.tolist(),
            "error": branch.error,
        },
        "measured": {
            "kappa": curve.kappas.tolist(),
            "predicted": [branch.stable_orders(kappa) for kappa in curve.kappas],
            "particles": curve.particles and {name: part.to_json() for name, part in curve.particles.items()},
            "equation": {name: part.to_json() for name, part in curve.equation.items()},
        },
    }


def _verdicts(branch: "StationaryBranch", curve: "NoiseCurve") -> "list[tuple[str, Verdict]]":
    """Theorems on the runs of the equation next to the onset, on both sides; those that apply."""
    import numpy as np

    from fathometer.attention import run_verdicts
    from fathometer.evidence import Status

    onset = branch.kappa[0]
    below, above = np.flatnonzero(curve.kappas < onset)[-1:], np.flatnonzero(curve.kappas >= onset)[:1]
    return [
        (f"{start}, kappa = {curve.kappas[i]:.4g}", verdict)
        for i in (*below, *above)
        for start in curve.equation
        if (start, int(i)) in curve.runs
        for verdict in run_verdicts(curve.runs[start, int(i)])
        if verdict.status is not Status.INAPPLICABLE
    ]


def _sentence(branch: "StationaryBranch") -> str:
    """What the laws say about clusters, in one or two lines."""
    onset, digits = branch.kappa[0], _digits(branch)
    if branch.hysteresis is None:
        return f"Clusters appear continuously at kappa = {onset:.6g}: below, noise keeps the tokens uniform."
    loop = branch.hysteresis
    return (
        f"Clusters appear with a jump: they are stable from kappa = {loop.kappa_fold.text(digits)} on (order"
        f" parameter {loop.order_fold}), have less free energy than uniform tokens from"
        f" {loop.kappa_transition.text(digits)} on, and uniform tokens become unstable only at {onset:.{digits}g}."
    )


def _digits(branch: "StationaryBranch") -> int:
    """Digits by which the ends of a small loop differ: four of its relative width, at least six."""
    import numpy as np

    loop = branch.hysteresis
    return 6 if loop is None else max(6, 4 - int(np.floor(np.log10(loop.width.value))))


def _show(branch: "StationaryBranch", curve: "NoiseCurve", console: object) -> None:
    """Print constants, then a row for each kappa."""
    import numpy as np

    from fathometer.attention import Model
    from fathometer.attention.dynamics import variants
    from fathometer.cli.attention._noise_figure import stable_orders_text
    from fathometer.report import print_rows

    kind = variants.transition_kind(branch.dim, branch.beta, branch.model)
    tricritical = variants.tricritical_beta(branch.dim)
    rows = [("onset kappa_c", f"{branch.kappa[0]:.9g}"), ("transition", kind)]
    rows += [("tricritical beta", "none (sa)" if branch.model is Model.SA else f"{tricritical.value:.12g}")]
    loop, digits = branch.hysteresis, _digits(branch)
    rows += [] if loop is None else [(name.replace("_", " "), part.text(digits)) for name, part in vars(loop).items()]
    print_rows(("quantity", "value"), rows, console)  # type: ignore[arg-type]
    columns = {"predicted": [stable_orders_text(branch, kappa) for kappa in curve.kappas]}
    for name, estimate in curve.equation.items():
        columns[f"equation, {name}"] = [f"{value:.4f}" for value in np.asarray(estimate.value)]
    for name, estimate in (curve.particles or {}).items():
        columns[f"particles, {name}"] = [_ranged(estimate, i) for i in range(len(curve.kappas))]
    body = [
        [f"{k:.{digits - 1}g}", *row] for k, row in zip(curve.kappas, zip(*columns.values(), strict=True), strict=True)
    ]
    print_rows(("kappa", *columns), body, console)  # type: ignore[arg-type]


def _ranged(estimate: "Estimate", i: int) -> str:
    import numpy as np

    from fathometer.evidence import text_ends

    value, lower, upper = (float(np.asarray(part)[i]) for part in (estimate.value, estimate.lower, estimate.upper))
    return f"{value:.3f} {text_ends(lower, upper, 3)}"
