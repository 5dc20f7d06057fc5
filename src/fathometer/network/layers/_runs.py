"""The report of a recording, with a control that is recorded for it."""

from collections.abc import Callable, Sequence
from typing import Any

from fathometer.evidence import InputError
from fathometer.network.layers._controls import AS_RECORDED, CONTROLS, TEXT, OtherTexts
from fathometer.network.layers._reducer import LayersReducer
from fathometer.network.layers._report import JUDGED, LayersReport, layers_report
from fathometer.network.recording import Recording, controlled, recorded_texts

Announce = Callable[[int, int], object]


def report_of(
    recording: Recording,
    beta: float | str = "fit",
    control: str | None = "random",
    seed: int = 0,
    *,
    texts: Sequence[Any] | None = None,
    batch: int = 1,
    judged: int = JUDGED,
    announce: Announce | None = None,
) -> LayersReport:
    """Make the report of what was recorded.

    Args:
        recording: of a network, with a `LayersReducer` among its reducers.
        beta: inverse temperature of the energies, between 0 and 128, or "fit": the one that explains most.
        control: random, shuffled, centred, values or text, recorded now on the same texts; None for no control.
        seed: of what is random in the control.
        texts: what the network was called on; None for the token ids that were recorded.
        batch: how many texts go through the control at once.
        judged: texts beside which theorems are put, at most.
        announce: is told how many of how many texts have gone through the control.

    Raises:
        InputError: if nothing was reduced for a report, or the control is not known or cannot be made.
    """
    reducer = next((each for each in recording.reducers if isinstance(each, LayersReducer)), None)
    if reducer is None:
        raise InputError("a report needs a recording with reducers=[LayersReducer()]")
    recording.check()
    beside = None if control is None else _beside(recording, reducer, control, seed, texts, batch, announce)
    return layers_report(
        reducer,
        beside,
        control or "",
        beta=beta,
        network=recording.network.name,
        integrity=recording.integrity,
        notes=recording.notes,
        judged=judged,
        seed=None if control is None else seed,
    )


def _beside(
    recording: Recording,
    reducer: LayersReducer,
    control: str,
    seed: int,
    texts: Sequence[Any] | None,
    batch: int,
    announce: Announce | None,
) -> LayersReducer:
    if control not in CONTROLS:
        raise InputError(f"control must be one of {', '.join(CONTROLS)}, got {control!r}")
    given = list(recording.inputs if texts is None else texts)[: recording.texts]
    if not given:
        raise InputError("a control needs the texts again, and they are not known: use recorded_texts, or control=None")
    seen = LayersReducer(reducer.betas, keep_states=False)
    if control == TEXT:
        network, again, reducers = recording.network, given, [OtherTexts(seen)]
    else:
        name = AS_RECORDED.get(control, control)
        network, again, reducers = controlled(name, recording.network, given, [seen], seed)
    recorded_texts(network, again, reducers, batch, announce, **recording.options)
    return seen
