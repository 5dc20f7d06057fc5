"""Plain descent after the end of a run, with the growth of a tangent vector: the return map and the exponent."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from fathometer.deep_linear.dynamics.descent._descent import divergence_threshold
from fathometer.deep_linear.model._momentum import Momentum
from fathometer.deep_linear.model._network import Weights
from fathometer.deep_linear.model._padded_weights import RiskArrays, risk_arrays
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model.flat._flat_risk import Shapes, flat_risk, flattened, shapes_of
from fathometer.deep_linear.observables._outcome import last_weights
from fathometer.deep_linear.observables.edge._history import RunHistory, run_history
from fathometer.deep_linear.observables.edge._run_class import Classified, Tail, needs_tail, run_class
from fathometer.evidence import Trajectory, whole_number

_SHORTEST, _LONGEST, _WORK = 512, 4096, 4e8
_MOST_WEIGHTS = 10**7


def follow_tail(problem: DeepLinear, weights: Weights, step: float, steps: int | None = None) -> Tail:
    """Go on with plain descent and watch a fixed combination of the weights, the risk and a tangent vector.

    Args:
        problem: the network.
        weights: where it goes on, W_k of shape (d_k, d_{k-1}).
        step: step size.
        steps: how many, at least 48; if None, 4096, and 512 for large networks.

    Raises:
        InputError: if there are fewer.
    """
    flat = flattened(weights)
    count = int(np.clip(_WORK / flat.size, _SHORTEST, _LONGEST)) if steps is None else steps
    generator = np.random.default_rng(0)
    mark, tangent = (jnp.asarray(generator.standard_normal(flat.size)) for _ in range(2))
    limit = divergence_threshold(problem) - problem.regression.risk_min
    numbers = (flat, mark, tangent / jnp.linalg.norm(tangent), jnp.asarray(step), jnp.asarray(limit))
    made = whole_number("steps", count, at_least=48)
    seen = _followed(*numbers, risk_arrays(problem), shapes=shapes_of(weights), count=made)
    marks, risks, growth = (np.asarray(part) for part in seen)
    return Tail(marks, risks, growth[:-1])


def classified_run(
    run: Trajectory, step: float, momentum: Momentum | None = None, history: RunHistory | None = None
) -> Classified:
    """Tell the class of a run of descent, with descent after its end where that decides.

    Args:
        run: with states W1 to WL at the steps that were looked at.
        step: its step size.
        momentum: of the run; with it the tail is not followed.
        history: of the run, if it was measured already.

    Raises:
        InputError: if the problem is another one.
    """
    rest = momentum is None or momentum.beta == 0
    limit = (2.0 if momentum is None else momentum.reach) / step
    seen = run_history(run, limit, step if rest else None) if history is None else history
    problem, end = DeepLinear.expect(run.problem), last_weights(run)
    small = sum(matrix.size for matrix in end) <= _MOST_WEIGHTS
    return run_class(seen, follow_tail(problem, end, step) if rest and small and needs_tail(seen) else None)


@partial(jax.jit, static_argnames=("shapes", "count"))
def _followed(
    flat: Float[Array, " p"],
    mark: Float[Array, " p"],
    tangent: Float[Array, " p"],
    step: Array,
    limit: Array,
    risk: RiskArrays,
    *,
    shapes: Shapes,
    count: int,
) -> tuple[Array, Array, Array]:
    def moved(at: Array) -> Array:
        return at - step * jax.grad(flat_risk)(at, risk, shapes)

    def body(state: tuple[Array, Array], _):
        at, tangent = state
        after, grown = jax.jvp(moved, (at,), (tangent,))
        length, excess = jnp.linalg.norm(grown), flat_risk(at, risk, shapes)
        lost = ~(excess <= limit)
        seen = (mark @ at, jnp.where(lost, jnp.inf, excess), jnp.log(length))
        return (jnp.where(lost, at, after), jnp.where(lost, tangent, grown / length)), seen

    return lax.scan(body, (flat, tangent), length=count)[1]
