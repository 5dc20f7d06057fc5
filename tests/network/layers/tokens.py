"""Tokens that move as the model says, or do not, and passages made of them."""

from itertools import pairwise

import numpy as np

from fathometer.network.layers import LayersReducer
from fathometer.network.layers.measuring._field import pulls
from fathometer.network.recording import Passage


def unit(tokens):
    """Rows divided by their norms."""
    return tokens / np.linalg.norm(tokens, axis=-1, keepdims=True)


def cloud(n, d, seed, towards=0.0):
    """Random unit tokens, with a direction in common if asked for."""
    return unit(np.random.default_rng(seed).standard_normal((n, d)) + towards * np.eye(d)[0])


def moved(x, beta, tau, causal=False, noise=0.0, seed=0):
    """One step of the model, with noise of a given size in every coordinate."""
    disturbance = noise * np.random.default_rng([seed, len(x)]).standard_normal(x.shape)
    return unit(x + tau * pulls(x, [beta], np.arange(len(x)), causal=causal)[0] + disturbance)


def way(text, states, causal=False, **parts):
    """The passages of one text through all blocks."""
    pairs = enumerate(pairwise(states))
    return [Passage(text, block, before, after, causal, **parts) for block, (before, after) in pairs]


def text_of_the_model(text, blocks=3, beta=4.0, tau=0.5, n=12, d=6, **how):
    """A text whose every block is a step of the model."""
    states = [cloud(n + text % 3, d, [text, 5])]
    for block in range(blocks):
        states.append(moved(states[-1], beta, tau, seed=[text, block], **how))
    return way(text, states, how.get("causal", False))


def seen(passages, **options):
    """A reducer that has seen passages."""
    reducer = LayersReducer(**options)
    for passage in passages:
        reducer.see(passage)
    return reducer
