"""A small network of JAX, its rows, and a training in NumPy."""

import jax.numpy as jnp
import numpy as np


def scores(parameters, x):
    """In JAX under differentiation; in NumPy, which compiles nothing, elsewhere."""
    if isinstance(parameters["a"], np.ndarray):
        return in_numpy(parameters, np.asarray(x))
    return jnp.tanh(jnp.asarray(x) @ parameters["a"]) @ parameters["b"]


def rows(count: int, seed: int, noise: float = 0.0):
    """Three classes in the plane, with a part of the labels at random."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((count, 2))
    y = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0.5)
    lot = rng.random(count) < noise
    return x, np.where(lot, rng.integers(0, 3, count), y)


def start(seed: int, hidden: int = 6):
    rng = np.random.default_rng([seed, 1])
    return {"a": 0.5 * rng.standard_normal((2, hidden)), "b": 0.1 * rng.standard_normal((hidden, 3))}


def trained(x, y, parameters, steps: int = 300, step: float = 0.5):
    """Gradient descent on the cross-entropy, by hand."""
    a, b = (np.array(parameters[name]) for name in ("a", "b"))
    hot = np.eye(3)[y]
    for _ in range(steps):
        hidden = np.tanh(x @ a)
        logits = hidden @ b
        share = np.exp(logits - logits.max(axis=1, keepdims=True))
        pull = (share / share.sum(axis=1, keepdims=True) - hot) / len(x)
        back = (pull @ b.T) * (1 - hidden**2)
        a, b = a - step * x.T @ back, b - step * hidden.T @ pull
    return {"a": a, "b": b}


def in_numpy(parameters, x):
    return np.tanh(x @ np.asarray(parameters["a"])) @ np.asarray(parameters["b"])
