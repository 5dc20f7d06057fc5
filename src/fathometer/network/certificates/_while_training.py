"""A certificate at any moment of a training, on rows that do not take part in it."""

from typing import Any

from numpy.typing import ArrayLike

from fathometer.evidence import whole_number
from fathometer.generalization import BoundValue, evaluate_bound
from fathometer.network.adapters._wrap import wrap
from fathometer.network.certificates._answers import read_rows, scores_of, wrong
from fathometer.network.certificates._layout import read_inputs


def risk_now(net: Any, X: Any, y: ArrayLike, delta: float = 0.05, look: int = 1) -> BoundValue:
    """Upper limit of the 0/1 risk of the network as it is now; all looks together fail with probability delta.

    The k-th look has the share 1/(k (k + 1)) of delta, so that one may look as often as one likes, stop when one likes,
    and keep the best network that was seen. The rows must not train the network, nor choose anything in its training
    but what the looks themselves choose.

    Args:
        net: of any framework, as `fathometer.network.wrap` takes it.
        X: rows that take no part in training.
        y: shape (n,), numbers of classes.
        delta: of all looks together, in (0, 1).
        look: number of this look, from 1.

    Raises:
        InputError: if rows or numbers are not what they must be.
    """
    whole_number("look", look, at_least=1)
    network = wrap(net)
    x, layout = read_inputs(X)
    scores = scores_of(network, layout, x)
    codes = read_rows(x, y, scores.shape[1]).truth
    errors = int(wrong(scores, codes).sum())
    return evaluate_bound("occam_binomial", errors=errors, n=len(x), weight=1 / (look * (look + 1)), delta=delta)
