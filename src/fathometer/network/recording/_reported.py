"""The report on what was recorded, beside a control through which the same texts go."""

from typing import Any

from fathometer.evidence import InputError
from fathometer.network.recording._controls import controlled


def reported(seen: Any, beta: float | str, control: str | None, seed: int) -> Any:
    """The report on the layers of a network.

    Args:
        seen: a recording, with a `LayersReducer` among its reducers.
        beta: inverse temperature of the energies, or "fit".
        control: one of `CONTROLS`, or None.
        seed: of the control.

    Raises:
        InputError: if there is no such reducer, or the texts for a control are not known.
    """
    from fathometer.network.layers import LayersReducer, layers_report

    reducer = next((each for each in seen.reducers if isinstance(each, LayersReducer)), None)
    if reducer is None:
        raise InputError("a report needs a LayersReducer among the reducers; record brings one if none are given")
    beside = None if control is None else _control(seen, LayersReducer(reducer.betas), control, seed)
    return layers_report(
        reducer,
        beside,
        control or "",
        beta=beta,
        network=seen.network.name,
        integrity=seen.integrity,
        notes=seen.notes,
    )


def _control(seen: Any, reducer: Any, control: str, seed: int) -> Any:
    from fathometer.network.recording._stream import recorded_texts

    if not seen.inputs:
        raise InputError("a control needs the texts again, and they are not known: use recorded_texts, or control=None")
    network, texts, reducers = controlled(control, seen.network, seen.inputs, [reducer], seed)
    recorded_texts(network, texts, reducers, **seen.options)
    return reducer
