"""The paper's figure on GELU networks: the same picture without a theorem."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float
from numpy.typing import NDArray

from fathometer.deep_linear.dynamics.descent._nonlinear import descend_loss_batch, gelu_risk
from fathometer.deep_linear.figures._paper_runs import LOG_BARS, SCALE, SHARPNESS, beside, mean_on_log
from fathometer.deep_linear.model._initial import Initial, InitialKind
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model.data._paper_data import paper_samples
from fathometer.deep_linear.predictions.sharpness._sharpness_bounds import paper_lower_bound
from fathometer.evidence import Estimate
from fathometer.numerics import in_float64
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, Role, level, series
from fathometer.study import Arrays, Cell, run_cells

DEPTH = 10
STEPS = (0.005, 0.02, 0.07)
ITERATIONS = (160_000, 40_000, 16_000)
SCALES = np.linspace(0.428, 0.7, 8)
_TRAINED = 1e-2


def draw(settings: FigureSettings) -> Figure:
    """Train GELU networks from eight scales; `quick` keeps only the largest of the three step sizes."""
    samples = paper_samples("nonlinear")
    problem = DeepLinear(samples.regression, DEPTH)
    chosen = range(len(STEPS))[-1 if settings.quick else 0 :]
    repetitions = settings.runs(20, 2)
    cells = [
        {
            "gelu": number,
            "repetition": r,
            "seed": settings.seed,
            "step": STEPS[number],
            "iterations": ITERATIONS[number],
        }
        for number in chosen
        for r in range(repetitions)
    ]
    data = (jnp.asarray(samples.X), jnp.asarray(samples.y))
    results = run_cells(
        cells, in_float64(lambda cell: _compute(problem, data, cell)), settings.folder, settings.announce
    )
    shape = (len(chosen), repetitions, SCALES.size)
    arrays = {name: np.stack([cell[name] for cell in results]).reshape(shape).transpose(0, 2, 1) for name in results[0]}
    steps = [STEPS[number] for number in chosen]
    charts = (_sharpness_chart(problem, steps, arrays), _divergence_chart(steps, arrays))
    return Figure("gelu", charts, _rows(problem, steps, arrays), arrays | {"scales": SCALES, "steps": np.array(steps)})


@in_float64
def _compute(problem: DeepLinear, data: tuple[Array, Array], cell: Cell) -> Arrays:
    """One run from each scale: sharpness at both ends, risk, and the step of a divergence."""
    draws = [
        Initial(InitialKind.GAUSSIAN, float(scale)).draw(
            problem, problem.regression.dimension, 1, [cell["seed"], cell["gelu"], number, cell["repetition"]]
        )
        for number, scale in enumerate(SCALES)
    ]
    start = [jnp.asarray(np.concatenate(layers)) for layers in zip(*draws, strict=True)]
    steps, iterations = np.full(SCALES.size, cell["step"]), cell["iterations"]
    run = descend_loss_batch(gelu_risk, start, data, steps, iterations, every=iterations)
    final = np.asarray(_top_eigenvalues([jnp.asarray(matrix) for matrix in run.parameters], data))
    return {
        "initial_sharpness": np.asarray(_top_eigenvalues(start, data)),
        "sharpness": np.where(np.isfinite(run.diverged_at), np.nan, final),
        "risk": run.loss[-1],
        "diverged_at": run.diverged_at,
    }


@jax.jit
def _top_eigenvalues(weights: list[Float[Array, "runs _ _"]], data: tuple[Array, Array]) -> Float[Array, " runs"]:
    """Of the dense Hessian: the network has 230 weights."""

    def top(one: list[Array]) -> Array:
        flat, unravel = ravel_pytree(one)
        return jnp.linalg.eigvalsh(jax.hessian(lambda vector: gelu_risk(unravel(vector), data))(flat))[-1]

    return jax.lax.map(top, weights)


def _rows(problem: DeepLinear, steps: list[float], arrays: Arrays) -> tuple[Comparison, ...]:
    guide = float(paper_lower_bound(problem).value)
    rows = [Comparison("2 L a of the data, a guide and no bound here", "19.3481808", f"{guide:.9g}")]
    for number, step in enumerate(steps):
        sharpness = _of_trained(arrays, number)
        expected = f"at most about {2 / step:.4g}"
        rows.append(
            Comparison(
                f"sharpness of runs below risk 0.01, mean by scale, step {step:g}",
                expected,
                series(Estimate.mean_of(sharpness).value),
            )
        )
        rows.append(
            Comparison(
                f"share of runs below risk 0.01, by scale, step {step:g}",
                "",
                series(np.isfinite(sharpness).mean(axis=-1), 2),
            )
        )
    return tuple(rows)


def _of_trained(arrays: Arrays, number: int) -> NDArray[np.float64]:
    """Final sharpness of the runs that reached a risk of 0.01; NaN for the others, which may be anywhere."""
    return np.where(arrays["risk"][number] < _TRAINED, arrays["sharpness"][number], np.nan)


def _sharpness_chart(problem: DeepLinear, steps: list[float], arrays: Arrays) -> Chart:
    start, count = mean_on_log(arrays["initial_sharpness"][0]), len(steps) + 1
    curves = [Curve("at the start", beside(SCALES, 0, count), start, Role.MEASURED)]
    for number, step in enumerate(steps):
        final, at = mean_on_log(_of_trained(arrays, number)), beside(SCALES, number + 1, count)
        curves.append(Curve(f"below risk 0.01, step {step:g}", at, final, Role.MEASURED, number + 1))
        curves.append(level(f"2 / {step:g}", SCALES, 2 / step, group=number + 1))
    curves.append(level("linear theory, not a bound", SCALES, float(paper_lower_bound(problem).value)))
    return Chart("GELU networks: sharpness", SCALE, SHARPNESS, tuple(curves), LOG_BARS, log_y=True)


def _divergence_chart(steps: list[float], arrays: Arrays) -> Chart:
    curves = []
    for n, step in enumerate(steps):
        at, lost = beside(SCALES, n, len(steps)), np.isfinite(arrays["diverged_at"][n])
        curves.append(Curve(f"step {step:g}", at, Estimate.share_of(lost), Role.MEASURED, n + 1))
    return Chart("GELU networks: divergence", SCALE, "share of diverged runs", tuple(curves))
