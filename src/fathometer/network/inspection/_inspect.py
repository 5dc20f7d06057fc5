"""The report about a network: the three questions in order, each answered or with the reason why not."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from fathometer.evidence import InputError, Provenance, finite_number, whole_number
from fathometer.network.adapters import wrap
from fathometer.network.certificates import certify
from fathometer.network.inspection import _layers_section, _risk_section, _step_section
from fathometer.network.inspection._asked import Announce, Asked
from fathometer.network.inspection._curved import ROWS, curved
from fathometer.network.inspection._demo import demo
from fathometer.network.inspection._tokens import tokens_report
from fathometer.report import Report, Section

PACKAGES = ("fathometer", "jax", "numpy", "scipy")
OF_FRAMEWORK = {"torch": ("torch", "transformers"), "onnx": ("onnx", "onnxruntime")}
DEMO_ROWS = 128
"""Enough to see the curvature, in seconds."""
UNANSWERED = "Not answered: "
NO_SAW = "it is not known which rows it has seen: --saw IDS names them, a number a line, or none"


def inspect(
    net: Any,
    loss: Callable[..., Any] | None = None,
    X: Any = None,
    y: ArrayLike | None = None,
    *,
    texts: Sequence[Any] | None = None,
    saw: ArrayLike | None = None,
    sites: str | Sequence[str] = "residual",
    delta: float = 0.05,
    rtol: float = 1e-2,
    miss: float = 1e-6,
    rows: int = ROWS,
    seed: int = 0,
    announce: Announce = lambda text: None,
) -> Report:
    """Ask a network the three questions: do its tokens collapse, how large a step can it take, how wrong can it be.

    What cannot be answered with what is given says why; a report is made all the same.

    Args:
        net: what `wrap` takes.
        loss: `loss(model, X, y)`, the mean over the rows given.
        X: rows, an array or a dictionary of arrays; they give tokens where there are no texts.
        y: numbers of classes, or what the loss takes; shape (rows,).
        texts: token ids of each text, or batches by name.
        saw: numbers of the rows that the network was trained on or chosen by.
        sites: blocks that are recorded, as `record` takes them: "residual" finds those with attention; else patterns of
            names of modules, such as encoder.layers.*
        delta: total probability with which a certificate may fail, in (0, 1).
        rtol: width of the intervals of the eigenvalues, relative to the largest.
        miss: probability, over a random start, that the upper end of an eigenvalue is wrong.
        rows: those of X on which the loss is looked at, at most: the first that it was trained on.
        seed: of everything random, at least 0.
        announce: is told what is computed next.

    Returns:
        A report; `write(folder)` makes the page.

    Raises:
        InputError: if a number is out of its range.
    """
    for name, value in {"delta": delta, "rtol": rtol, "miss": miss}.items():
        finite_number(name, value, above=0, below=1)
    most = whole_number("rows", rows, at_least=1)
    known = None if saw is None else np.asarray(saw, np.int64)
    asked = Asked(wrap(net), loss, X, None if y is None else np.asarray(y), texts, known, seed, sites)
    sections = (
        _answered(_layers_section.TITLE, lambda: _layers_section.layers_section(tokens_report(asked, announce))),
        _answered(_step_section.TITLE, lambda: _step_section.step_section(curved(asked, most, rtol, miss, announce))),
        _answered(_risk_section.TITLE, lambda: _risk_section.risk_section(_certified(asked, delta, announce))),
    )
    versions = (*PACKAGES, *OF_FRAMEWORK.get(asked.net.framework, ()))
    return Report(f"{asked.net.name}: three questions", sections, Provenance.here(seed, versions))


def inspect_demo(announce: Announce = lambda text: None, **options: Any) -> Report:
    """The report about the small transformer on digits that is trained for it.

    Args:
        announce: is told what is computed next.
        options: as `inspect` takes them: sites, delta, rtol, miss, rows, seed.
    """
    announce("training a small transformer on digits")
    shown = demo()
    given: dict[str, Any] = {"rows": DEMO_ROWS} | options
    return inspect(shown.model, shown.loss, shown.X, shown.y, saw=shown.saw, announce=announce, **given)


def none_answered(report: Report) -> str | None:
    """Why none of the questions could be answered, in a line; None if one was.

    Args:
        report: of `inspect`.
    """
    why = [section.answer.removeprefix(UNANSWERED).removesuffix(".") for section in report.sections]
    if not all(section.answer.startswith(UNANSWERED) for section in report.sections):
        return None
    return f"none of the three questions can be answered: {'; '.join(dict.fromkeys(why))}"


def _answered(title: str, section: Callable[[], Section]) -> Section:
    """The section, or one that says in a line why there is none."""
    try:
        return section()
    except InputError as error:
        return Section(title, (), (), (), answer=f"{UNANSWERED}{error}.")


def _certified(asked: Asked, delta: float, announce: Announce) -> Any:
    if asked.y is None:
        raise InputError("no rows were given: --data F.npz with X and y")
    if asked.saw is None:
        raise InputError(NO_SAW)
    announce("certificates on the rows that it has not seen")
    return certify(asked.net, asked.X, asked.y, saw=asked.saw, delta=delta, seed=asked.seed)
