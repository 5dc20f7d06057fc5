"""A training that is watched: largest eigenvalue, critical step and loss against the edge, at a bounded cost."""

import contextlib
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from fathometer.evidence import Estimate, InputError, finite_number, whole_number
from fathometer.network._objective import Objective
from fathometer.network.curvature._objective_of import objective
from fathometer.network.steps._critical_step import critical_step_along
from fathometer.network.steps._edge import curvature_top
from fathometer.network.steps._edge_rules import Edge, EdgeRule
from fathometer.network.steps._largest import Largest
from fathometer.network.steps.watch._budget import Budget
from fathometer.network.steps.watch._history import History, Moment
from fathometer.network.steps.watch._risk import Losses, UnseenRisk
from fathometer.network.steps.watch._sinks import sink_of
from fathometer.network.steps.watch._subjects import Rate, Subject, subject_of
from fathometer.network.steps.watch._terminal import Terminal

_UNKNOWN = Estimate.heuristic(math.nan, -math.inf, math.inf)
_PASSES_OF_A_PRODUCT, _PASSES_BESIDE = 5.0, 10.0  # for the first forecast; afterwards looks forecast each other


class Watch:
    """Looks at a training every so many steps, and never slows it by more than a share of its own time.

    A look measures, on the watch's batch and in evaluation mode: the loss; the largest eigenvalue of the Hessian, warm
    from the last look, with a floor that is certain and a ceiling; of the preconditioned Hessian for Adam and RMSProp;
    its ratio to what the learning rate allows; the smallest step along the next update that raises the loss. Nothing of
    the training is changed: parameters, gradients, optimiser, modes and random states are bit for bit as before.

    A look is made only if all looks, with what this one is expected to take, cost at most `overhead` of the training's
    own time; otherwise it is skipped and counted. The first look needs a pass over the batch whose time is known.

    Args:
        loss: `loss(model, X, y)`, the mean over the rows given; `loss(model, batch)` for a dictionary.
        batch: (X, y), a dictionary of arrays, a list of batches, or a loader without shuffling.
        every: steps between looks, at least 1.
        overhead: share of the training's own time, positive; `math.inf` for every look.
        sink: where numbers go: a function of (values, step), a SummaryWriter, a run with `log`, "terminal", or a list.
        parameters: names of the arrays that are looked at, as in a shell.
        products: Hessian-vector products of a look, at least 4.
        miss: probability that a ceiling of the largest eigenvalue is wrong.
        critical: whether to look for the critical step, too.
        save: file to keep the history in after every look, .json or .parquet.
        memory: bytes for vectors of a look.
        chunk: rows of the batch at once.
        seed: of the random vectors.
        clock: seconds, increasing.

    Raises:
        InputError: if a number is out of range, or the sink is none.
    """

    def __init__(
        self,
        loss: Callable[..., Any] | None,
        batch: Any,
        *,
        every: int = 100,
        overhead: float = 0.05,
        sink: Any = None,
        parameters: str = "*",
        products: int = 20,
        miss: float = 1e-3,
        critical: bool = True,
        save: str | Path | None = None,
        memory: int = 1 << 30,
        chunk: int | None = None,
        seed: int = 0,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.every = whole_number("every", every, at_least=1)
        self._products = whole_number("products", products, at_least=4)
        self._miss = finite_number("miss", miss, above=0, below=1)
        self._loss, self._batch, self._parameters, self._chunk = loss, batch, parameters, chunk
        self._critical, self._save, self._memory, self._seed = critical, save, memory, seed
        self._sink = sink_of(sink)
        self._budget = Budget(overhead, _PASSES_OF_A_PRODUCT * products + _PASSES_BESIDE, clock)
        self._clock = clock
        self._history = History(settings={"every": self.every, "products": products, "miss": miss, "seed": seed})
        self._objective: tuple[Any, Objective] | None = None
        self._warm: tuple[bool, np.ndarray] | None = None
        self._start: float | None = None
        self._risk: UnseenRisk | None = None
        self._closers: list[Callable[[], object]] = []

    def step(
        self, model: Any, optimizer: Any = None, *, learning_rate: Rate = None, rule: EdgeRule | None = None
    ) -> None:
        """Say that a step is about to be made; a look is taken if it is due.

        Args:
            model: a torch module with its gradients, or (JAX function, parameters).
            optimizer: of torch, or (transformation, state) of optax; None for plain gradients.
            learning_rate: a number, or a schedule of the step; the optimiser's own if None.
            rule: of the optimiser's stability; by its kind if None.
        """
        step = self._history.steps
        self._history.steps += 1
        self._budget.tick()
        if step % self.every == 0:
            self.look(step, lambda: subject_of(model, optimizer, learning_rate, rule, step))

    def look(self, step: int, subject: Callable[[], Subject]) -> None:
        """Take a look if it can be afforded.

        Args:
            step: of the training.
            subject: makes what is looked at.

        Raises:
            InputError: at the first look, if the loss, the batch or the network cannot be used.
        """
        if self._loss is None:
            raise InputError("a watch that was loaded to be read takes no looks: load it with a loss and a batch")
        if not self._budget.affords():
            self._budget.skipped += 1
            return
        seen = subject()
        seen.settle()
        with seen.quiet():
            if self._first_pass(seen):
                with self._budget.looking():
                    self._take(seen, step)

    def bounds(self, inputs: Any, labels: Any, delta: float = 0.05, losses: Losses | None = None) -> None:
        """Bound the risk on rows that are not trained on, at every look from now on.

        All intervals hold together with probability 1 - delta, at any number of looks (delta/(k (k+1)) is paid for look
        k), so training may stop, and the best network may be chosen, by them. They fail if the rows steer what is
        trained.

        Args:
            inputs: rows as the network takes them.
            labels: whole numbers from 0 to the number of classes less 1, or what `losses` takes.
            delta: in (0, 1), of all looks together.
            losses: of (scores, labels): a number in [0, 1] for each row, bounded by betting; errors of the largest
                score, bounded by Clopper and Pearson, if None.
        """
        self._risk = UnseenRisk(inputs, labels, delta, losses)

    @property
    def history(self) -> History:
        """All that was seen."""
        budget, history = self._budget, self._history
        history.looks, history.skipped = budget.looks, budget.skipped
        history.training, history.spent = budget.training, budget.spent
        return history

    def save(self, path: str | Path) -> None:
        """Write the history in one step, as .json or .parquet."""
        self.close()
        self.history.save(path)

    @classmethod
    def load(
        cls, path: str | Path, loss: Callable[..., Any] | None = None, batch: Any = None, **settings: Any
    ) -> "Watch":
        """A watch that goes on where a saved one ended, or only shows what it saw.

        Args:
            path: of what `save` wrote.
            loss: as for a new watch; None to read the history only.
            batch: likewise.
            **settings: of a new watch; those of the saved one where they are left out.
        """
        history = History.load(path)
        kept = {name: value for name, value in history.settings.items() if name not in settings}
        watch = cls(loss, batch, **kept, **settings)
        watch._history = history
        watch._budget.resume(history.training, history.spent, history.looks, history.skipped)
        return watch

    def close(self) -> None:
        """Wait for looks that are still being taken beside a compiled training, and end the line of a terminal."""
        for close in self._closers:
            close()
        if isinstance(self._sink, Terminal):
            self._sink.close()

    def wrap(
        self, transformation: Any, function: Any = None, *, learning_rate: Rate = None, rule: EdgeRule | None = None
    ) -> Any:
        """A transformation of optax that does the same and is watched; see `wrapped`.

        Args:
            transformation: of optax.
            function: of (parameters, rows), which the loss receives as its model with the parameters bound; without it
                the loss receives the parameters themselves: `loss(parameters, X, y)`.
            learning_rate: a number, or a schedule of the step; without it no edge is known.
            rule: of its stability; if None and a learning rate is given, gradient descent's where its state holds no
                averages, otherwise no edge is known.
        """
        from fathometer.network.steps.watch._optax import wrapped

        return wrapped(self, transformation, function, learning_rate, rule)

    def transformers(self) -> Any:
        """A callback for the Trainer of transformers."""
        from fathometer.network.steps.watch._callbacks import transformers_callback

        return transformers_callback(self)

    def lightning(self) -> Any:
        """A callback for the Trainer of Lightning."""
        from fathometer.network.steps.watch._callbacks import lightning_callback

        return lightning_callback(self)

    def takes(self, waiting: int, copies: Any) -> bool:
        """Whether one look more may wait for its turn; if not it is skipped.

        Args:
            waiting: looks that were begun and not ended.
            copies: what it would keep in memory, a tree of arrays.
        """
        import jax

        size = sum(leaf.nbytes for leaf in jax.tree.leaves(copies))
        room = max(1, self._memory // max(size, 1)) if math.isinf(self._budget.share) else 1
        taken = waiting < room and self._budget.affords()
        self._budget.skipped += not taken
        return taken

    def call_on_close(self, close: Callable[[], object]) -> None:
        """Let `close` wait for something, too."""
        self._closers.append(close)

    def loss_receives(self, adapt: Callable[[Any], Any]) -> None:
        """Let the loss receive something made of the model instead of the model."""
        loss = self._loss
        self._loss = None if loss is None else lambda model, *batch: loss(adapt(model), *batch)

    def _first_pass(self, seen: Subject) -> bool:
        """Make the objective if there is none, time a pass, and say whether a whole look can be afforded."""
        if self._objective is None or self._objective[0] != seen.key():
            with self._budget.preparing():
                made = objective(seen.net, self._loss, self._batch, self._parameters, self._chunk)  # type: ignore[arg-type]
                self._objective, self._warm = (seen.key(), made), None
        else:
            seen.move(self._objective[1])
        if self._budget.calibrated:
            return True
        with self._budget.calibrating():
            self._objective[1].loss()
        if self._budget.affords():
            return True
        self._budget.skipped += 1
        return False

    def _take(self, seen: Subject, step: int) -> None:
        """One look, told and kept."""
        moment = self._moment(seen, step)
        self._history.moments.append(moment)
        self._sink(moment.values(), step)
        if self._save is not None:
            self.history.save(self._save)

    def _moment(self, seen: Subject, step: int) -> Moment:
        """All that is measured at one look; what fails is unknown, with a note."""
        assert self._objective is not None
        of, began = self._objective[1], self._clock()
        before, notes = of.evaluations, []
        loss, largest, edge, critical, risk, products = math.nan, _UNKNOWN, None, None, None, 0
        with _noting(notes):
            loss = of.loss()
        with _noting(notes):
            found, preconditioned = self._largest(seen, of)
            largest, products = found.value, found.products
            if seen.taken is not None and seen.rule is not None and seen.rule.preconditioned is preconditioned:
                edge = Edge(seen.taken, seen.rule, largest)
        if self._critical and math.isfinite(loss):
            with _noting(notes):
                critical = self._critical_step(seen, of)
        if self._risk is not None:
            with _noting(notes):
                risk = self._risk.of(seen.net, 1 + sum(moment.risk is not None for moment in self._history.moments))
        took, passes = self._clock() - began, of.evaluations - before
        value = Estimate.exact(loss) if math.isfinite(loss) else _UNKNOWN
        note = "; ".join(notes)
        return Moment(step, value, largest, edge, critical, seen.taken, risk, products, passes, took, note)

    def _largest(self, seen: Subject, of: Objective) -> tuple[Largest, bool]:
        """The largest eigenvalue, and whether it is that of the preconditioned Hessian."""
        adaptive = seen.rule is not None and seen.rule.preconditioned
        diagonal = seen.preconditioner(of) if adaptive else None
        preconditioned = diagonal is not None
        found = curvature_top(
            of,
            diagonal,
            decay=seen.decay(),
            warm=self._warm[1] if self._warm is not None and self._warm[0] is preconditioned else None,
            products=self._products,
            miss=self._miss,
            memory=self._memory,
            seed=self._seed + self._budget.looks,
        )
        self._warm = preconditioned, found.vector
        return found, preconditioned

    def _critical_step(self, seen: Subject, of: Objective) -> Estimate:
        found = critical_step_along(of, seen.direction(of), start=self._start)
        at = float(found.step.value)
        self._start = at if math.isfinite(at) else None
        return found.step


@contextlib.contextmanager
def _noting(notes: list[str]) -> Iterator[None]:
    """Keep what cannot be measured as a note: a look must not end a training.

    Yields:
        Nothing.
    """
    try:
        yield
    except InputError as error:
        notes.append(str(error))
