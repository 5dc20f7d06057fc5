"""How large a step can this network take?

A small network in JAX, trained on scikit-learn's digits. The largest eigenvalue of its Hessian comes with a
floor, which is certain, and a ceiling that holds up to a miss probability; 2 over it is the largest step with
which gradient descent does not leave along the most curved direction. Descent itself agrees: just below it the
loss falls, well above it the loss explodes.
"""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from sklearn.datasets import load_digits

from fathometer import network
from fathometer.report import Chart, Curve, Role, render

x, y = load_digits(return_X_y=True)
x, y = x[:300] / 16, y[:300]


def scores(layers, x):
    """Two layers, ten scores for each image."""
    return jnp.tanh(x @ layers["in"]) @ layers["out"]


def loss(model, x, y):
    """Mean cross-entropy; `model` is the function of the parameters alone."""
    return -jnp.mean(jax.nn.log_softmax(model(x))[jnp.arange(len(y)), y])


first, second = jax.random.split(jax.random.key(0))
start = {"in": jax.random.normal(first, (64, 16)) / 8, "out": jax.random.normal(second, (16, 10)) / 4}
slope = jax.jit(jax.value_and_grad(lambda layers: loss(lambda rows: scores(layers, rows), x, y)))


def descend(layers, step, count):
    """Losses on the way, and where it ends."""
    seen = []
    for _ in range(count):
        value, gradient = slope(layers)
        seen.append(float(value))
        layers = jax.tree.map(lambda weight, change: weight - step * change, layers, gradient)
    return np.array(seen), layers


_, trained = descend(start, 0.5, 400)
largest = network.curvature((scores, trained), loss, (x, y)).extremes(rtol=0.02, ends="largest").largest
limit = 2 / largest.upper
print("largest eigenvalue", largest, "so the largest stable step is", round(float(limit), 3))
below, above = (descend(trained, factor * limit, 60)[0] for factor in (0.9, 3.0))
print("loss after 60 steps: at 0.9 of it", below[-1].round(4), "and at 3 times it", above.max().round(4))
assert below[-1] < below[0]
assert np.all(np.diff(below) < 1e-6)
assert above.max() > 2 * above[0]

chart = Chart(
    "Descent below and above the largest stable step",
    "step number",
    "loss",
    (
        Curve("0.9 of the largest stable step", range(0, 60, 2), below[::2], Role.MEASURED),
        Curve("3 times the largest stable step", range(0, 60, 2), above[::2], Role.MEASURED, 1),
    ),
    log_y=True,
)
Path("network_step.svg").write_bytes(render((chart,), "svg"))
