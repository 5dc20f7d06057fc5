"""Whatever a cell gives: it is kept, or the cell has failed with one line; the study can be read."""

import json
import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import fathometer.study
from fathometer.evidence import Status, Verdict
from fathometer.study import Column, Computed, Study, in_process, run_study, specification_of
from fathometer.study.engines import Cell, Outcome
from fathometer.study.store._checked import checked
from tests.study.computations import ADD

ODD = replace(ADD, name="odd", columns={"y": Column(float, "a number"), "w": Column(str, "a word")})


def given(y=1.0, w="w", margin: object = None, why: object = "x", status: object = Status.HOLDS, **arrays):
    verdict = Verdict(status, margin, why, "thm")  # type: ignore[arg-type]
    return Computed({"y": y, "w": w}, (verdict,), arrays)


KEPT = {
    "an infinite margin": given(margin=np.float64("inf")),
    "a margin that is no number": given(margin=math.nan),
    "a margin of 32 bits": given(margin=np.float32(2)),
    "a margin in an array": given(margin=np.array(2.0)),
    "an explanation of bytes": given(why="of \udc80"),
    "an explanation that is no text": given(why=5),
    "a word of bytes": given(w="\udc80"),
    "a status as a text": given(status="VACUOUS"),
    "half numbers": given(steps=np.ones(2, np.float16)),
}
REFUSED = {
    "a large number": (given(y=10**400), "OverflowError: int too large"),
    "a number that cannot be said": (given(y=[10**5000]), "Exceeds the limit"),  # type: ignore[arg-type]
    "long numbers": (given(steps=np.ones(2, np.longdouble)), "at most 64 bits"),
    "complex numbers": (given(steps=np.ones(2, complex)), "must be of real numbers"),
    "uneven rows": (given(steps=[[1], [1, 2]]), "gave what cannot be kept: ValueError"),
    "a large margin": (given(margin=10**400), "OverflowError"),
    "a margin in words": (given(margin="much"), "could not convert"),
    "another status": (given(status="MAYBE"), "'MAYBE' is not a valid Status"),
    "another status of bytes": (given(status="\udc80"), "is not a valid Status"),
    "no values": (Computed(None), "TypeError"),  # type: ignore[arg-type]
    "no verdicts": (replace(given(), verdicts=None), "TypeError"),
    "nothing": (None, "must return Computed, got NoneType"),
    "something else": (SimpleNamespace(values={}), "must return Computed, got SimpleNamespace"),
}


def the_cell(computed: Any, **more):
    return checked(Outcome(Cell("a", {}, 0), computed, seconds=2.0, machine="m", **more), ODD)


@pytest.mark.parametrize("name", KEPT)
def test_what_can_be_made_plain_is(name):
    found = the_cell(KEPT[name]).computed
    assert found is not None
    (verdict,) = found.verdicts
    assert verdict.margin is None or type(verdict.margin) is float
    assert json.dumps([found.values, verdict.margin, verdict.explanation], allow_nan=False, ensure_ascii=False).encode()
    assert found.values["w"] == ("\\udc80" if name == "a word of bytes" else "w")


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_kept_is_a_failed_cell_with_one_line(name):
    computed, words = REFUSED[name]
    found = the_cell(computed)
    assert found.computed is None
    assert found.error.startswith("InputError: odd ")
    assert words in found.error
    assert "\n" not in found.error
    assert (found.seconds, found.machine) == (2.0, "m")
    found.error.encode()


def test_errors_are_texts_that_can_be_written():
    found = the_cell(None, error="bad \udc80", traceback="Traceback:\n bad \udc80")
    assert (found.error, found.traceback) == ("bad \\udc80", "Traceback:\n bad \\udc80")


def test_a_study_of_odd_cells_can_be_run_again_and_read(tmp_path):
    odd = [*KEPT.values(), *(computed for computed, _ in REFUSED.values()), ValueError("bad \udc80 name")]

    def compute(parameters, seed):
        if isinstance(odd[seed], Exception):
            raise odd[seed]
        return odd[seed]

    specification = specification_of(
        {"computation": {"name": "odd"}, "seeds": len(odd), "judge": {"columns": [{"column": "y", "at_most": 3}]}},
        lambda _: replace(ODD, compute=compute),
    )
    for _ in range(2):
        study = run_study(specification, tmp_path, in_process(), say=lambda line: None)
        assert (study.finished, study.failed) == (len(KEPT), len(REFUSED) + 1)
    json.dumps(Study(tmp_path).to_json(), allow_nan=False)
    with fathometer.study.open(tmp_path) as data:
        assert data.error.values.ravel()[-1] == "ValueError: bad \\udc80 name"
        assert data.steps.sel(seed=list(KEPT).index("half numbers")).values.tolist() == [1, 1]
