"""What the view certificates asks: bounds in one setting, against the number of rows, dice, and a saved certificate."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fathometer.app.questions._question import Answer, Question
from fathometer.evidence import InputError
from fathometer.study import Real, Switch, Whole

_SETTING = {
    "delta": Real(1e-6, 0.5, 0.05),
    "m": Whole(20, 10_000_000, 1000),
    "risk": Real(0, 1, 0.05),
    "kl": Real(0, 1e4, 5.0),
    "norm": Real(1e-3, 1e3, 0.1),
    "margin": Real(1e-3, 1e3, 1.0),
    "dim": Whole(1, 1_000_000, 30),
    "candidates": Whole(1, 1_000_000, 100),
}


def _evaluate(cheat: bool, **numbers: Any) -> Iterator[Answer]:
    from fathometer.app.questions.certificates._rows import Setting, evaluated

    yield Answer({"rows": evaluated(Setting(**numbers), cheat)})


def _needed(majority: float, **numbers: Any) -> Iterator[Answer]:
    from fathometer.app.questions.certificates._rows import NEEDED_BY, Setting, rows_needed

    yield Answer({"bound": NEEDED_BY, "rows": rows_needed(Setting(**numbers), majority)})


def _curve(**numbers: Any) -> Iterator[Answer]:
    from fathometer.app.questions.certificates._rows import Setting, along_rows

    yield Answer({}, along_rows(Setting(**numbers)))


def _dice(delta: float, m: int, risk: float, candidates: int, throws: int, seed: int) -> Iterator[Answer]:
    from fathometer.app.questions.certificates._dice import thrown

    for document in thrown(m=m, delta=delta, risk=risk, candidates=candidates, throws=throws, seed=seed):
        yield Answer(document)


def _read(file: Path | None = None) -> Iterator[Answer]:
    from fathometer.app.questions.certificates._file import read_document

    if file is None:
        raise InputError("choose a certificate that `fathometer certify --save C.json` wrote")
    yield Answer(read_document(file))


_FIRST = {name: parameter.default for name, parameter in _SETTING.items()}
_THROWN = {name: _FIRST[name] for name in ("delta", "m", "risk", "candidates")}

QUESTIONS: tuple[Question, ...] = (
    Question(
        "certificates.evaluate",
        _evaluate,
        _SETTING | {"cheat": Switch()},
        recorded=tuple(_FIRST | {"cheat": cheat} for cheat in (False, True)),
    ),
    Question(
        "certificates.needed",
        _needed,
        _SETTING | {"majority": Real(0, 1, 0.3)},
        recorded=(_FIRST | {"majority": 0.3},),
    ),
    Question("certificates.curve", _curve, _SETTING, recorded=(_FIRST,)),
    Question(
        "certificates.dice",
        _dice,
        {name: _SETTING[name] for name in _THROWN}
        | {"risk": Real(0.001, 0.999, 0.05), "throws": Whole(1, 100, 20), "seed": Whole(0, 1_000_000, 0)},
        recorded=(_THROWN | {"throws": 20, "seed": 0},),
    ),
    Question("certificates.read", _read, files=(".json",)),
)
