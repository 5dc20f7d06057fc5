"""The tokens of a network, recorded for the report."""

from dataclasses import replace
from typing import Any

from fathometer.evidence import InputError
from fathometer.network.adapters._outputs import taking
from fathometer.network.inspection._asked import Announce, Asked
from fathometer.network.layers import LayersReducer, LayersReport, layers_report, report_of
from fathometer.network.recording import random_weights, record, recorded_texts

ROWS = 64
"""Images whose patches are looked at where there are no texts."""
CONTROL = "random weights"


def tokens_report(asked: Asked, announce: Announce) -> LayersReport:
    """Record texts, or rows whose tokens the network makes itself, and the same of random weights.

    Args:
        asked: the network and what it is inspected on.
        announce: is told what is computed next.

    Raises:
        InputError: if there is neither, or the blocks of the network are not recognised.
    """
    if asked.texts is not None:
        announce(f"tokens of {len(asked.texts)} texts")
        seen = recorded_texts(asked.net, asked.texts, [LayersReducer()], batch=8, sites=asked.sites)
        announce("tokens of the same network with random weights")
        return _named(report_of(seen, "fit", "random", asked.seed, texts=asked.texts, batch=8))
    if asked.X is None:
        raise InputError("no text was given: --text F for a folder with its tokenizer, --ids F.npz for token ids")
    announce(f"tokens of {min(ROWS, len(asked.y))} rows")
    reducer, notes, integrity = _of_rows(asked, asked.net)
    announce("tokens of the same network with random weights")
    control, _, _ = _of_rows(asked, random_weights(asked.net, asked.seed))
    return layers_report(reducer, control, CONTROL, network=asked.net.name, integrity=integrity, notes=notes)


def _named(report: LayersReport) -> LayersReport:
    return replace(report, control_name=CONTROL)


def _of_rows(asked: Asked, net: Any) -> tuple[LayersReducer, tuple[str, ...], dict[str, float]]:
    reducer = LayersReducer()
    with record(net, asked.sites, reducers=[reducer]) as seen, taking(net.name):
        net.called(asked.rows(ROWS)[0])
    seen.check()
    return reducer, ("a text is a row here, its tokens are what the network makes of it",), dict(seen.integrity)
