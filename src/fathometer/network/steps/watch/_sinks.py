"""Where the numbers of a look go: a function, a writer of TensorBoard, a run of Weights & Biases, the terminal."""

from collections.abc import Callable, Iterable
from typing import Any

from fathometer.evidence import InputError
from fathometer.network.steps.watch._terminal import Terminal

Sink = Callable[[dict[str, float], int], object]
PREFIX = "fathometer/"


def sink_of(given: Any) -> Sink:
    """Whatever takes numbers, as a function of them, by name, and the step.

    Args:
        given: a function of (values, step); what has `add_scalar(name, value, step)`, `log(values, step=...)` or
            `log_metrics(values, step)`; "terminal"; a list of these; or None.

    Raises:
        InputError: if it is none of these.
    """
    if given is None:
        return lambda values, step: None
    if given == "terminal":
        return Terminal()
    if isinstance(given, list | tuple):
        return _all_of([sink_of(each) for each in given])
    for method, make in (("add_scalar", _scalars), ("log_metrics", _metrics), ("log", _log)):
        if callable(getattr(given, method, None)):
            return make(given)
    if callable(given):
        return given
    raise InputError(
        "a sink must be a function of (values, step), have add_scalar, log or log_metrics, or be 'terminal', got"
        f" {type(given).__name__}"
    )


def _all_of(sinks: Iterable[Sink]) -> Sink:
    each = list(sinks)

    def send(values: dict[str, float], step: int) -> None:
        for sink in each:
            sink(values, step)

    return send


def _scalars(writer: Any) -> Sink:
    def send(values: dict[str, float], step: int) -> None:
        for name, value in values.items():
            writer.add_scalar(f"{PREFIX}{name}", value, step)

    return send


def _metrics(logger: Any) -> Sink:
    return lambda values, step: logger.log_metrics(_prefixed(values), step)


def _log(run: Any) -> Sink:
    return lambda values, step: run.log(_prefixed(values), step=step)


def _prefixed(values: dict[str, float]) -> dict[str, float]:
    return {f"{PREFIX}{name}": value for name, value in values.items()}
