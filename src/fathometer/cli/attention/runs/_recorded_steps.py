"""What `attention layers` says of weights: predicted steps beside recorded ones, and distances from the plain model."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from fathometer.cli.attention.runs._weights import described

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rich.console import Console

    from fathometer.attention.dynamics.weights import LayerSteps, LayerWeights, StepFit
    from fathometer.report import Figure

KINDS = {
    "weights": "weights as they are",
    "fitted": "weights, beta and tau fitted",
    "shuffled": "the same, entries shuffled",
    "plain": "plain model, fitted",
}
NOTE = (
    "Explained: 1 - |recorded - predicted|^2/|moved|^2 of the directions, 1 for an exact prediction, 0 for none, below"
    " 0 for one that is worse than none. Fitted rows have two numbers of their own for each step."
)


def read_steps(
    paths: list[Path], mlp: str | None, hidden: "NDArray[np.float64]", beta: float, causal: bool, seed: int
) -> tuple["LayerSteps", list[dict[str, Any]]]:
    """Compare the steps of the weights of files with recorded ones, and describe the weights.

    Args:
        paths: of the layers.
        mlp: file of an MLP, or none.
        hidden: shape (states, n, d).
        beta: inverse temperature of the weights.
        causal: whether tokens see those up to themselves only.
        seed: of the control.
    """
    from fathometer.attention import Model, ParticleSystem
    from fathometer.attention.dynamics.weights import compare_steps
    from fathometer.cli.attention.runs._weights import read_weights

    layers: list[LayerWeights] = [read_weights(None, None, None, path, mlp).layer for path in paths]  # type: ignore[misc]
    steps = compare_steps(hidden, layers, beta, causal=causal, seed=seed)
    systems = [ParticleSystem.project(state, beta, Model.SA) for state in hidden[:-1]]
    each = layers * (len(systems) if len(layers) == 1 else 1)
    return steps, [
        described(layer.of(system, causal=causal), None) for layer, system in zip(each, systems, strict=True)
    ]


def document(steps: "LayerSteps", weights: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One JSON object for each step.

    Args:
        steps: as compared.
        weights: of each step, as described.
    """
    cosines = {"recorded": steps.mean_cosine[1:]} | {name: steps.cosines(name) for name in KINDS}
    return [
        {"step": i, "moved": steps.weights[i].moved}
        | {name: _fit(getattr(steps, name)[i]) for name in KINDS}
        | {"mean_cosine": {name: _number(cosine[i]) for name, cosine in cosines.items()}}
        | {"distances": weights[i]["distances"]}
        for i in range(len(weights))
    ]


def _fit(fit: "StepFit") -> dict[str, float | None]:
    return {"beta": fit.beta, "tau": fit.tau, "explained": _number(fit.explained)}


def _number(value: float) -> float | None:
    """A JSON number; None for one that does not exist."""
    return None if value != value else float(value)


def show(steps: list[dict[str, Any]], console: "Console") -> None:
    """Print the steps, and how far their weights are from plain ones.

    Args:
        steps: as `document` gives them.
        console: to print on.
    """
    from fathometer.report import print_rows

    console.print("[bold]share of each step that is explained by[/]")
    print_rows(["step", "moved", *KINDS.values(), "tau"], [_explained_row(step) for step in steps], console)
    console.print(NOTE, highlight=False, style="dim")
    console.print("[bold]distance of the weights from what theorems ask for[/]")
    heads = ["step", "Q'K from c I", "V from s I", "V from s Q'K", "MLP and bias over attention"]
    names = ("scores_from_multiple_of_identity", "values_from_multiples_of_identity", "values_from_scores")
    rows = [
        [str(step["step"]), *(_text(step["distances"][name]) for name in (*names, "mlp_and_bias_share"))]
        for step in steps
    ]
    print_rows(heads, rows, console)


def _explained_row(step: dict[str, Any]) -> list[str]:
    explained = [_text(step[name]["explained"]) for name in KINDS]
    return [str(step["step"]), _text(step["moved"]), *explained, _text(step["fitted"]["tau"])]


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def draw(steps: list[dict[str, Any]], first: float) -> "Figure":
    """The mean cosine that is predicted behind every step beside the recorded one, and what is explained.

    Args:
        steps: as `document` gives them.
        first: mean cosine before the first step.
    """
    import numpy as np

    from fathometer.report import Chart, Comparison, Curve, Figure, Role, level

    layer = np.arange(1.0, len(steps) + 1)
    cosines = {name: np.array([step["mean_cosine"][name] for step in steps], float) for name in ("recorded", *KINDS)}
    explained = {name: np.array([step[name]["explained"] for step in steps], float) for name in KINDS}
    shown = ("weights", "fitted", "plain")
    cosine_curves = (
        *(
            Curve(f"predicted: {KINDS[name]}", layer, cosines[name], Role.PREDICTED, i + 1)
            for i, name in enumerate(shown)
        ),
        Curve("recorded", np.append(0.0, layer), np.append(first, cosines["recorded"]), Role.MEASURED),
    )
    explained_curves = [Curve(KINDS[name], layer, explained[name], Role.MEASURED, i) for i, name in enumerate(KINDS)]
    explained_curves.append(level("exact", layer, 1.0))
    charts = (
        Chart("Mean cosine behind each layer", "layer", "mean cosine of pairs", cosine_curves),
        Chart("Share of each step that is explained", "layer", "share explained", tuple(explained_curves)),
    )
    rows = tuple(
        Comparison(
            f"mean cosine behind layer {i + 1}: weights as they are", f"{cosines['weights'][i]:.4f}", f"{seen:.4f}"
        )
        for i, seen in enumerate(cosines["recorded"])
    )
    data = {f"cosine_{name}": values for name, values in cosines.items()}
    data |= {f"explained_{name}": values for name, values in explained.items()}
    return Figure("attention-layers", charts, rows, data)
