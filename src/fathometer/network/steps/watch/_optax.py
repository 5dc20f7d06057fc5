"""Transformations of optax that are watched."""

import queue
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from fathometer.evidence import InputError
from fathometer.network.curvature._preconditioner import divides_by_squares, updates_in
from fathometer.network.steps._edge_rules import EdgeRule
from fathometer.network.steps.watch._subjects import JaxSubject, Rate, known_rate

if TYPE_CHECKING:
    from fathometer.network.steps.watch._watch import Watch


class WatchedState(NamedTuple):
    """State of a watched transformation: updates so far, and the state of the transformation itself."""

    count: Any
    inner: Any


def wrapped(watch: "Watch", transformation: Any, function: Any, rate: Rate, rule: EdgeRule | None) -> Any:
    """The transformation, with a look before every update that is due.

    Outside compiled code a look is taken there and then. Inside, the parameters are handed out when a look is due, and
    it is taken on a thread beside the training, because a callback of compiled code must not call JAX; what it takes
    counts against the overhead, and while one runs others are skipped: with an unlimited overhead only where copies of
    the parameters fill the watch's memory. `watch.close()` waits for the last one.

    Args:
        watch: what looks.
        transformation: of optax.
        function: of (parameters, rows); None if the loss takes the parameters.
        rate: learning rate, or a schedule, or None.
        rule: of its stability; if None, gradient descent's where the state holds no averages, otherwise no edge.

    Raises:
        InputError: if an update comes without the parameters.
    """
    import jax
    import jax.numpy as jnp
    import optax
    from jax.core import Tracer

    inner = optax.with_extra_args_support(transformation)
    looks = _Looks(watch, _identity if function is None else function, rate, rule)
    if function is None:
        watch.loss_receives(lambda model: model())
    watch.call_on_close(looks.wait)

    def init(params: Any) -> Any:
        return WatchedState(jnp.zeros((), jnp.int32), inner.init(params))

    def update(updates: Any, state: WatchedState, params: Any = None, **more: Any) -> tuple[Any, WatchedState]:
        if params is None:
            raise InputError("a watched transformation needs the parameters: update(gradients, state, parameters)")
        updates, after = inner.update(updates, state.inner, params, **more)
        given = (state.count, params, updates, _moments(state.inner))
        looks.plain = not _has_averages(state.inner)
        if not any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(given)):
            looks.now(*given)
        else:
            jax.lax.cond(
                state.count % watch.every == 0,
                lambda: jax.debug.callback(looks.beside, *given),
                lambda: None,
            )
        return updates, WatchedState(state.count + 1, after)

    return optax.GradientTransformationExtraArgs(init, cast(Any, update))


def _moments(state: Any) -> Any:
    """The part of a state that holds second moments; None if there is none."""
    if divides_by_squares(state):
        return _Moments(state.nu, updates_in(state))
    parts = state if isinstance(state, tuple | list) else ()
    return next((found for part in parts if (found := _moments(part)) is not None), None)


def _has_averages(state: Any) -> bool:
    """Whether a state holds averages of gradients or of their squares."""
    if any(hasattr(state, name) for name in ("mu", "nu", "trace")):
        return True
    return isinstance(state, tuple | list) and any(map(_has_averages, state))


class _Moments(NamedTuple):
    """Second moments, and after how many steps."""

    nu: Any
    count: Any


def _identity(parameters: Any) -> Any:
    return parameters


class _Looks:
    """Takes looks at once, or on a thread."""

    def __init__(self, watch: "Watch", function: Any, rate: Rate, rule: EdgeRule | None) -> None:
        self._watch, self._function, self._rate = watch, function, rate
        self._rule = rule
        self.plain = False
        self._waiting: queue.Queue[tuple[int, Any, Any, Any]] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None

    def now(self, count: Any, parameters: Any, updates: Any, state: Any) -> None:
        """A step outside compiled code."""
        step = self._counted(count)
        if step % self._watch.every == 0:
            self._watch.look(step, lambda: self._subject(step, parameters, updates, state))

    def beside(self, count: Any, parameters: Any, updates: Any, state: Any) -> None:
        """A step inside compiled code; the arrays are the callback's own."""
        import jax

        step, copies = self._counted(count), jax.tree.map(np.array, (parameters, updates, state))
        if not self._watch.takes(self._waiting.unfinished_tasks, copies):
            return
        self._waiting.put_nowait((step, *copies))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, daemon=True, name="fathometer watch")
            self._thread.start()

    def wait(self) -> None:
        """Until all looks that were begun are taken.

        Raises:
            BaseException: what a look on the thread has raised.
        """
        import jax

        jax.effects_barrier()
        self._waiting.join()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def _work(self) -> None:
        from fathometer.numerics import in_float64

        look = in_float64(self._watch.look)
        while True:
            step, *given = self._waiting.get()
            try:
                look(step, partial(self._subject, step, *given))
            except BaseException as failure:
                self._failure = failure
            finally:
                self._waiting.task_done()

    def _subject(self, step: int, parameters: Any, updates: Any, state: Any) -> JaxSubject:
        rate = known_rate(self._rate, step)
        return JaxSubject((self._function, parameters), None, rate, self._rule_for(rate), updates, state)

    def _rule_for(self, rate: float | None) -> EdgeRule | None:
        """Gradient descent's where nothing is averaged; otherwise the state does not say how much."""
        return EdgeRule.descent() if self._rule is None and rate is not None and self.plain else self._rule

    def _counted(self, count: Any) -> int:
        step = int(count)
        self._watch._history.steps = step + 1
        self._watch._budget.tick()
        return step
