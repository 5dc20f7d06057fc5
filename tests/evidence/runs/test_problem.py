import hashlib
import json
from dataclasses import dataclass

import numpy as np
import pytest

from fathometer.evidence import Estimate, InputError, Problem
from tests.evidence.examples import Fall


@dataclass(frozen=True, eq=False)
class Pair(Problem):
    parts: tuple[np.ndarray, ...]
    first: Fall | None = None
    measured: Estimate | None = None
    name: str = "pair"


def test_problems_have_a_short_summary():
    summary = Fall(1.0, np.zeros(1000)).summary()
    assert summary["start"]["shape"] == [1000]
    assert len(json.dumps(summary)) < 200


def test_the_summary_goes_into_tuples():
    assert [part["shape"] for part in Pair((np.zeros(2), np.zeros(3))).summary()["parts"]] == [[2], [3]]


def test_the_summary_has_the_digest_of_arrays_and_all_of_the_rest():
    digest = hashlib.sha256(np.ones(2).tobytes()).hexdigest()[:16]
    summary = Pair((np.ones(2),), Fall(1.5, np.ones(2)), Estimate.exact(2.0)).summary()
    array = {"shape": [2], "sha256": digest}
    assert summary == {
        "type": "Pair",
        "parts": [array],
        "first": {"type": "Fall", "height": 1.5, "start": array},
        "measured": Estimate.exact(2.0).to_json(),
        "name": "pair",
    }


def test_a_problem_of_another_type_is_refused_by_name():
    fall = Fall(1.0, np.zeros(1))
    assert Fall.expect(fall) is fall
    assert Problem.expect(fall) is fall
    with pytest.raises(InputError, match=r"^the problem must be of type Pair, got Fall$"):
        Pair.expect(fall)
