"""A step of a network held against the largest eigenvalue of its Hessian."""

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError, finite_number
from fathometer.network._objective import Objective
from fathometer.network.steps._directions import Direction
from fathometer.network.steps._edge_rules import Edge
from fathometer.network.steps._largest import Largest, largest_eigenvalue


def curvature_top(
    of: Objective,
    diagonal: NDArray[np.float64] | None = None,
    *,
    decay: float = 0.0,
    warm: NDArray[np.floating] | None = None,
    products: int = 20,
    miss: float = 1e-3,
    memory: int = 1 << 30,
    seed: int = 0,
) -> Largest:
    """The largest eigenvalue of the Hessian of a loss, or of P^(-1/2) H P^(-1/2).

    Args:
        of: the loss where the network is.
        diagonal: P, positive, shape (size,); None for the Hessian itself.
        decay: weight decay that is added to the gradient before it is divided by P: it is added to H.
        warm: see `largest_eigenvalue`, as the next four.
        products: most products.
        miss: probability that the ceiling is wrong.
        memory: bytes for the basis.
        seed: of the random vector.
    """
    scale = None if diagonal is None else 1 / np.sqrt(diagonal)

    def product(vector: NDArray[np.floating]) -> NDArray[np.floating]:
        if scale is None:
            return of.product(vector.astype(of.dtype, copy=False))
        along = (scale * vector).astype(of.dtype)
        return scale * (of.product(along) + decay * along)

    how = {"products": products, "miss": miss, "memory": memory, "seed": seed, "dtype": of.dtype}
    return largest_eigenvalue(product, of.size, warm=warm, **how)


def edge_of(
    of: Objective, direction: Direction, step: float, *, products: int = 60, miss: float = 1e-6, seed: int = 0
) -> Edge:
    """Where a learning rate is against the edge of stability of a method of descent.

    Args:
        of: the loss where the network is.
        direction: of the method, which says its rule; Adam and RMSProp that have made no step yet divide by the size of
            the present gradient, and that is the P their edge is for.
        step: the learning rate, positive.
        products: most Hessian-vector products.
        miss: probability that the ceiling of the eigenvalue is wrong.
        seed: of the random vector.

    Raises:
        InputError: if no rule is known for the direction, or `miss` is no probability.
    """
    finite_number("miss", miss, above=0, below=1)
    if direction.rule is None:
        raise InputError(f"no edge of stability is known for {direction.name}")
    diagonal = None
    if direction.rule.preconditioned:
        g = of.gradient()
        with np.errstate(divide="ignore", invalid="ignore"):
            diagonal = np.where(direction.vector != 0, np.abs(g / direction.vector), np.inf)
    found = curvature_top(of, diagonal, products=products, miss=miss, seed=seed)
    return Edge(step, direction.rule, found.value)
