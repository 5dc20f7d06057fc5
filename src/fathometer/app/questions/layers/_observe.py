"""The network that the server was started with, or the one whose layers come with the package."""

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from fathometer.app.questions._question import Answer
from fathometer.app.questions._settings import Brought, brought
from fathometer.app.questions.layers._reported import reported
from fathometer.app.questions.layers._shipped import shipped

if TYPE_CHECKING:
    from fathometer.network.layers import LayersReducer

MOST_TEXTS = 8
TEXTS = (
    "The quick brown fox jumps over the lazy dog while the cat sleeps in the warm afternoon sun.",
    "In the beginning the universe was created, and most people agree that this was a rather bold move.",
    "A theorem is a statement that has been proved, and a proof is an argument that convinces every reader.",
    "Prices rose in spring because the harvest was poor and the roads to the coast were closed by snow.",
)
"""What a network of words reads when no texts are brought."""


def observe() -> Iterator[Answer]:
    """Report the layers of the network that was brought, beside the same with random weights.

    Yields:
        The report.
    """
    given = brought()
    if given.model is None:
        yield shipped()
    else:
        yield Answer({"saying": "reading the network that was brought, and the same with random weights"})
        yield _observed(given)


@lru_cache(maxsize=1)
def _observed(given: Brought) -> Answer:
    from fathometer.network import brought as network_of
    from fathometer.network.layers import layers_report
    from fathometer.network.recording import controlled

    network, _ = network_of(given.model or "")
    texts = _texts(given, network)
    own, notes, integrity = _recorded(network, texts)
    other, again, _ = controlled("random", network, texts, ())
    control, _, _ = _recorded(other, again)
    named: dict[str, Any] = {"network": network.name, "integrity": integrity, "notes": notes, "judged": 0, "seed": 0}
    return reported(layers_report(own, control, "random weights", **named), control.whole())


def _texts(given: Brought, network: Any) -> list[Any]:
    from fathometer.network.recording import ids_in_file, lines_in_file, texts_of, tokenizer_of

    if given.ids is not None:
        return ids_in_file(given.ids)[:MOST_TEXTS]
    if given.text is not None:
        return lines_in_file(given.text, network)[:MOST_TEXTS]
    read = tokenizer_of(network)
    return texts_of([read(line)["input_ids"] for line in TEXTS])


def _recorded(network: Any, texts: list[Any]) -> "tuple[LayersReducer, tuple[str, ...], dict[str, float]]":
    from fathometer.network.layers import LayersReducer
    from fathometer.network.recording import recorded_texts

    reducer = LayersReducer()
    recording = recorded_texts(network, texts, [reducer])
    recording.check()
    reducer.finish()
    return reducer, recording.notes, recording.integrity
