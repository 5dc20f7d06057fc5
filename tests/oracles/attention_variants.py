"""Numbers and slow reference code for recorded layers, growth rates, phase diagrams and model variants."""

import math

import numpy as np

from tests.oracles.attention import circle, field

# angles of the five tokens of the published circle movie (SA, beta = 4)
MOVIE_ANGLES = (0.06219714, 0.21432297, 1.81912262, 2.91107101, 3.18793696)
# clusters (chain of gaps below 0.05 rad): time of the ODE
MOVIE_EVENTS = {4: 1.16, 3: 2.27, 2: 5.09, 1: 328.26}

# beta, step, first time (layers times step) at which n = 32 orthogonal tokens have a cosine of 0.999 or more
DILATION = [(1, 0.1, 5.6), (1, 0.01, 5.3), (1, 0.001, 5.273), (4, 0.1, 7.5), (4, 0.01, 7.01), (4, 0.001, 6.959)]
DILATION += [(6, 0.1, 17.5), (6, 0.01, 16.15), (6, 0.001, 16.011)]

# d, beta, fastest mode, its SA growth rate about the uniform law (None: not tabulated)
GROWTH = [
    (2, 1, 1, 0.44638996589653450705),
    (2, 4, 3, 0.66438881220785821713),
    (2, 9, 4, 0.70449702929959666429),
    (2, 25, 7, 0.72579651319040616372),
    (2, 100, 14, 0.73317610297821113579),
    (2, 400, 28, 0.73500258326116665264),
    (3, 4, 2, 0.6554949557981072),
    (3, 9, 4, 0.7031447608468322),
    (3, 25, 7, 0.720600573149184),
    (3, 100, 14, 0.73235932013637458969),
    (8, 4, 1, 0.7426663701035034),
    (8, 25, 5, 0.7240998838487728),
    (8, 100, 11, None),
    (32, 4, 1, 0.9548866946348465),
    (32, 25, 2, None),
    (32, 100, 6, None),
]
FUNK_HECKE = 7.7163253464501406776  # d = 3, k = 2, beta = 5: integral of exp(5 t) P_2(t) / 2

# d, beta, critical kappa of the noisy model with the kernel exp(beta <x, y>)
CRITICAL_KAPPA = [
    (2, 1, 1.7694132376805825857),
    (2, 2, 1.2573580161739727886),
    (2, 4, 0.40985852574940539865),
    (2, 9, 0.0087301110396664922566),
    (2, 0, 2.0),
    (3, 1, 2.7182818284590452354),
    (3, 2, 2.0525815067820607337),
    (3, 4, 0.78103058163367992326),
    (8, 1, 7.6114060219704959404),
]
BETA_TRICRITICAL = 2.4469183112890461309

# gamma, n, cosine after one layer at cosine 0.3 and beta = gamma log n, digits after the point
LONG_CONTEXT = [
    (1 / 0.7, 1e3, 0.6322185590352323, 13),
    (1 / 0.7, 1e6, 0.6315795872573402, 13),
    (1 / 0.7, 1e9, 0.6315789480083104, 13),
    (2.0, 1e3, 0.32637, 5),
    (2.0, 1e6, 0.30167, 5),
    (2.0, 1e9, 0.300105, 6),
    (1.0, 1e3, 0.97210, 5),
    (1.0, 1e6, 0.99943, 5),
    (1.0, 1e9, 0.99999, 5),
]


def movie():
    """The five tokens of the circle movie."""
    return circle(*MOVIE_ANGLES)


def average(token, points, masses, beta, model):
    """The attention average of one token, not projected."""
    weights = masses * np.exp(beta * (points @ token - 1))
    return weights @ points / (weights.sum() if model == "sa" else 1.0)


def layer(points, masses, beta, model, step, tangent):
    """One layer, token by token."""
    moves = [average(token, points, masses, beta, model) for token in points]
    moved = points + step * (field(points, masses, beta, model) if tangent else np.array(moves))
    return moved / np.linalg.norm(moved, axis=1, keepdims=True)


def orthogonal_to(n, cosine):
    """n unit vectors of R^n with one common cosine."""
    gram = np.full((n, n), cosine) + (1 - cosine) * np.eye(n)
    return np.linalg.cholesky(gram)


def pairs(points):
    """Cosines of the pairs i < j, one by one."""
    return np.array([points[i] @ points[j] for i in range(len(points)) for j in range(i + 1, len(points))])


def hardmax_euler(points, matrix, time, steps):
    """Hardmax by explicit Euler steps, choosing the targets anew at every step."""
    x = np.array(points)
    for _ in range(steps):
        targets = [max(range(len(x)), key=lambda j, i=i: (matrix @ x[i]) @ x[j]) for i in range(len(x))]
        x = x + time / steps * (x[targets] - x)
    return x


def mlp_of(mlp, token):
    """What an MLP adds to one token, number by number."""
    bend = {
        "gelu": lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2,
        "gelu_tanh": lambda x: x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2,
        "relu": lambda x: max(x, 0.0),
        "silu": lambda x: x / (1 + math.exp(-x)),
        "tanh": math.tanh,
        "identity": lambda x: x,
    }[mlp.activation]
    hidden = []
    for k, row in enumerate(mlp.up):
        line = row @ token + mlp.up_bias[k]
        hidden.append(bend(line) if mlp.gate is None else bend(mlp.gate[k] @ token) * line)
    return mlp.down @ np.array(hidden) + mlp.down_bias


def variant_average(variant, vectors):
    """Attention average of the tokens of a variant, head after head, one token after the other."""
    heads = variant.query.ndim == 3
    total = np.zeros_like(vectors)
    for h in range(len(variant.query) if heads else 1):
        query, key, value = (m[h] if heads else m for m in (variant.query, variant.key, variant.value))
        bias = 0.0 if variant.query_bias is None else variant.query_bias[h] if heads else variant.query_bias
        total += _head_average(variant, vectors, query, key, value, bias)
    return total if variant.bias is None else total + variant.bias


def _head_average(variant, vectors, query, key, value, bias):
    system, result = variant.system, np.zeros_like(vectors)
    directions = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    for i, token in enumerate(directions):
        seen = range(i + 1) if variant.causal else range(len(directions))
        scores = [system.beta * (query @ token + bias) @ (key @ directions[j]) for j in seen]
        if variant.hard:
            others = [j for j in seen if j != i]
            best = max(others, key=lambda j, s=scores: s[j], default=i)
            result[i] = value @ directions[best]
            continue
        weights = [system.masses[j] * np.exp(s - system.beta) for j, s in zip(seen, scores, strict=True)]
        total = sum(weights) if system.model == "sa" else 1.0
        result[i] = sum(w * value @ directions[j] for j, w in zip(seen, weights, strict=True)) / total
    return result


def variant_parts(variant, vectors):
    """What the attention adds to the tokens of a variant, and its MLP."""
    directions = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    parts = [variant_average(variant, vectors)]
    if variant.mlp is not None:
        parts.append(np.array([mlp_of(variant.mlp, token) for token in directions]))
    if variant.normalization in ("peri", "ngpt"):
        parts = [part / np.linalg.norm(part, axis=1, keepdims=True) for part in parts]
    return parts


def variant_field(variant, vectors):
    """Velocity of the tokens of a variant."""
    directions = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    moves = sum(variant_parts(variant, vectors))
    if variant.normalization in ("pre", "peri"):
        return moves
    return moves - np.sum(moves * directions, axis=1, keepdims=True) * directions
