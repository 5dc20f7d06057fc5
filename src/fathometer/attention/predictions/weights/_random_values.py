"""Whether one cluster, or two opposite ones, attract under random values that change quickly."""

import math

from fathometer.evidence import finite_number, whole_number


def one_cluster_exponent(d: int) -> float:
    """Lyapunov exponent of the chords inside one cluster, -(d - 1)/(2 d), in the time redraw t as redraw tends to 0.

    Next to one cluster at x all weights are 1/n, so that differences obey d delta = P dW delta_mean - <x, dW x> delta
    with a mean that drops out, whatever beta is: the logarithm of a chord has the drift of -<x, dW x> with
    dx = P dW x, minus half the rate (d - 1)/d of |P dW x|^2 (derived). It is negative: one cluster attracts.

    Args:
        d: dimension, >= 2.

    Raises:
        InputError: if the dimension is not as above.
    """
    size = whole_number("d", d, at_least=2)
    return -(size - 1) / (2 * size)


def antipodal_exponent(d: int, beta: float) -> float:
    """The same for the distance of two opposite halves of equal mass from being opposite (SA).

    With c = tanh(beta) it is -(1 + c) ((d - 1) c - (d - 2))/(2 d). The halves stand at x and -x, dx = c P dW x, and
    the difference D of their means obeys dD = P dW D - c <x, dW x> D - c <dW x, D> x (Stratonovich), so that log |D|
    has the drift (d - 2)/(2 d) - c/(2 d) - c^2 (d - 1)/(2 d) (derived). Opposite halves attract if tanh(beta) is above
    (d - 2)/(d - 1). As beta tends to infinity it is -1/d, the gap of the exponents of a product of random matrices.

    Args:
        d: dimension, >= 2.
        beta: inverse temperature, >= 0.

    Raises:
        InputError: if a value is not as above.
    """
    size = whole_number("d", d, at_least=2)
    pull = math.tanh(finite_number("beta", beta, at_least=0))
    return -(1 + pull) * ((size - 1) * pull - (size - 2)) / (2 * size)
