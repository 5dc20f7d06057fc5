"""The law of a deep linear network from its samples taken as exact: rational arithmetic, then many digits."""

from fractions import Fraction

import mpmath as mp
import numpy as np

DIGITS = 50


def rationals(matrix):
    return [[Fraction(float(entry)) for entry in row] for row in matrix]


def multiply(A, B):
    columns = list(zip(*B, strict=True))
    return [[sum(a * b for a, b in zip(row, column, strict=True)) for column in columns] for row in A]


def transpose(A):
    return [list(row) for row in zip(*A, strict=True)]


def reduced_echelon(A):
    """Reduced row echelon form without its rows of zeros, and the pivot columns."""
    rows, pivots = [list(row) for row in A], []
    for column in range(len(rows[0])):
        found = next((k for k in range(len(pivots), len(rows)) if rows[k][column]), None)
        if found is None:
            continue
        k = len(pivots)
        rows[k], rows[found] = rows[found], rows[k]
        rows[k] = [entry / rows[k][column] for entry in rows[k]]
        for other in range(len(rows)):
            if other != k and rows[other][column]:
                share = rows[other][column]
                rows[other] = [a - share * b for a, b in zip(rows[other], rows[k], strict=True)]
        pivots.append(column)
    return rows[: len(pivots)], pivots


def solve(A, b):
    echelon, _ = reduced_echelon([[*row, *right] for row, right in zip(A, b, strict=True)])
    return [row[len(A) :] for row in echelon]


def least_norm_solution(X, y):
    """pinv(X) y = R^T (R R^T)^-1 (C^T C)^-1 C^T y for the rank factorization X = C R."""
    R, pivots = reduced_echelon(X)
    if not pivots:
        return [[Fraction(0)] for _ in X[0]], 0
    C = [[row[k] for k in pivots] for row in X]
    coordinates = solve(multiply(transpose(C), C), multiply(transpose(C), y))
    return multiply(transpose(R), solve(multiply(R, transpose(R)), coordinates)), len(pivots)


def real(number):
    return mp.mpf(number.numerator) / number.denominator


def exact_law(X, y, depth, gain=1):
    """All fields of the depth law but the two steps, as mpmath numbers; `gain` is |p|^2."""
    with mp.workdps(1000):
        rows, target = rationals(X), [[Fraction(float(value))] for value in y]
        w, rank = least_norm_solution(rows, target)
        sigma = [[entry / len(rows) for entry in row] for row in multiply(transpose(rows), rows)]
        eigenvalues, vectors = mp.eigsy(mp.matrix([[real(entry) for entry in row] for row in sigma]))
        along = vectors.T * mp.matrix([real(row[0]) for row in w])
        dimension, pushed = len(w), multiply(sigma, w)
        m = mp.sqrt(real(sum(row[0] ** 2 for row in w)))
        explained = real(multiply(transpose(w), pushed)[0][0])
        lambdas = [eigenvalues[k] if k >= dimension - rank else mp.mpf(0) for k in range(dimension)]
        modes = [mp.sqrt(lambdas[k]) * along[k] for k in range(dimension)]
        pushed_norm = mp.sqrt(real(sum(row[0] ** 2 for row in pushed)))
    with mp.workdps(DIGITS):
        L, a, top, P = (
            mp.mpf(depth),
            explained / m**2 if m else mp.nan,
            lambdas[-1],
            mp.mpf(gain) ** (mp.mpf(1) / depth),
        )
        scale = 2 * m ** (2 - 2 / L) * P
        law = {"norm_w_star": m, "lambda_min": lambdas[0], "lambda_max": top, "rayleigh_a": a}
        if not m:
            return law
        return law | {
            "s_min": P * _s_min(lambdas, modes, explained, L),
            "s_balanced": scale * largest(lambdas, modes, 1, (L - 1) / m**2),
            "s_lower_paper": scale * L * a,
            "s_lower_sharper": scale * L * a * (pushed_norm / m / a) ** (2 / L),
            "s_upper_paper": scale * mp.sqrt((2 * L - 1) * top**2 + (L - 1) ** 2 * a**2),
        }


def largest(lambdas, modes, t, c):
    """Largest eigenvalue of t diag(lambdas) + c q q^T."""
    matrix = t * mp.diag(lambdas) + c * mp.matrix([[a * b for b in modes] for a in modes])
    return max(mp.eigsy(matrix, eigvals_only=True))


def _s_min(lambdas, modes, explained, L):
    """2 min over t of lambda_max(t sigma + (L-1) t^{-1/(L-1)} q q^T), by golden section on log t."""
    if L == 1:
        return 2 * lambdas[-1]
    base = (1 - 1 / L) * mp.log(explained / lambdas[-1])
    low, high, golden = base - mp.mpf("1.01"), base + mp.log(L) + mp.mpf("0.01"), (mp.sqrt(5) - 1) / 2

    def value(log_t):
        return largest(lambdas, modes, mp.exp(log_t), (L - 1) * mp.exp(-log_t / (L - 1)))

    inner = [high - golden * (high - low), low + golden * (high - low)]
    values = [value(point) for point in inner]
    while high - low > mp.mpf("1e-19"):
        if values[0] < values[1]:
            high, inner[1], values[1] = inner[1], inner[0], values[0]
            inner[0] = high - golden * (high - low)
            values[0] = value(inner[0])
        else:
            low, inner[0], values[0] = inner[0], inner[1], values[1]
            inner[1] = low + golden * (high - low)
            values[1] = value(inner[1])
    return 2 * min(values)


def outside(estimate, truth):
    """By how much of itself the truth lies outside the interval of an estimate; 0 inside."""
    with mp.workdps(DIGITS):
        if mp.isnan(truth):
            return 0.0
        below, above = mp.mpf(estimate.lower) - truth, truth - mp.mpf(estimate.upper)
        return float(max(below, above, 0) / (abs(truth) or 1))


def hard_samples(seed):
    """Ill-scaled and ill-conditioned samples: of full rank, wide, with duplicates, constants, zeros, one column."""
    generator = np.random.default_rng(seed)
    kind = ("full", "wide", "duplicate", "constant", "zero", "one", "dependent", "scaled")[seed % 8]
    d = 1 if kind == "one" else int(generator.integers(2, 5))
    n = int(generator.integers(1, d + 1)) if kind == "wide" else int(generator.integers(d + 1, 9))
    X = generator.normal(size=(n, d))
    if kind in ("full", "scaled", "constant") and seed % 3:
        U, _, Vt = np.linalg.svd(X, full_matrices=False)
        X = U * 10.0 ** np.linspace(0, -generator.uniform(0, 14), d) @ Vt
    if kind == "duplicate":
        X[:, 1] = X[:, 0]
    if kind == "constant":
        X[:, 0] = 10.0 ** generator.uniform(0, 6)
        X[:, 1:] += X[0, 0]
    if kind == "zero":
        X[:, 0] = 0
    if kind == "dependent":
        X = np.round(8 * X)
        X = np.column_stack([X, X @ generator.integers(-3, 4, d)])
    y = X @ generator.normal(size=X.shape[1]) + 10.0 ** generator.uniform(-12, 1) * generator.normal(size=n)
    reach = 150 if kind == "scaled" else 20
    powers = 10.0 ** generator.uniform(-reach, reach, X.shape[1])
    if kind == "dependent":
        powers = np.ldexp(1.0, generator.integers(-60, 60, X.shape[1]))
    X = X * powers if seed % 5 else X
    size = np.max(np.abs(X), axis=0)
    X = np.where(size > 0, X * np.ldexp(1.0, -np.frexp(np.maximum(size, 1e-300) / 1e149)[1].clip(min=0)), X)
    X = np.where((size > 0) & (size < 1e-149), X * 1e5, X)
    return X, y
