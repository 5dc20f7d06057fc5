"""What the view phase asks, against the functions that it is about."""

import time

import numpy as np
import pytest

from fathometer.app.questions import question, view_questions
from fathometer.attention import ParticleSystem, collapse_threshold, equiangular_log_time, metastability_threshold
from fathometer.evidence import InputError
from fathometer.numerics import prepare_jax

prepare_jax()


def answers(name: str, **given):
    return question(f"phase.{name}").answers(given)


def test_the_cloud_is_that_of_the_library_to_the_last_digit():
    (answer,) = answers("cloud", n=5, d=4, seed=3)
    expected = ParticleSystem.uniform(5, 4, 1.0, "sa", 3).points
    assert np.array_equal(np.reshape(answer.document["points"], (5, 4)), expected)
    axes = answer.arrays["axes"]
    assert np.allclose(axes @ axes.T, np.eye(3))
    spread = np.sum((expected @ axes.T) ** 2, axis=0)
    assert np.all(np.diff(spread) <= 0)


def test_random_masses_are_those_of_the_view_of_tokens():
    (answer,) = answers("cloud", n=4, d=2, seed=3, masses="random")
    (same,) = question("tokens.cloud").answers({"n": 4, "d": 2, "seed": 3, "masses": "random"})
    assert np.array_equal(answer.document["masses"], same.arrays["masses"])
    assert next(answers("thresholds", n=4, d=2, seed=3, masses="random")).document["caps"] is None


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"n": 201}, "n must be a number from 2 to 200, got 201"),
        ({"d": 1.5}, "d must be a whole number from 2 to 128, got 1.5"),
        ({"masses": "heavy"}, "masses must be one of equal, random, got 'heavy'"),
    ],
)
def test_another_cloud_is_refused_in_one_line(given, line):
    with pytest.raises(InputError, match=line):
        list(answers("cloud", **given))


@pytest.mark.parametrize("model", ["sa", "usa"])
def test_the_closed_form_is_that_of_orthogonal_tokens(model):
    (answer,) = answers("closed_form", dimension=8, model=model)
    betas, levels, logs = answer.document["betas"], answer.document["levels"], answer.arrays["log_times"]
    assert logs.shape == (len(betas), len(levels)) == (30, 17)
    assert np.all(np.diff(logs, axis=1) > 0)
    for row, column in ((0, 0), (17, 8), (29, 16)):
        expected = equiangular_log_time(0.0, levels[column], 8, betas[row], model).value
        assert logs[row, column] == expected


def test_the_caps_of_the_cloud_come_first_and_steps_are_short():
    asked = answers("thresholds", n=3, d=2, seed=1)
    first = next(asked).document
    known = metastability_threshold(ParticleSystem.uniform(3, 2, 1.0, "sa", 1))
    assert first["caps"] == float(known.beta.value)
    began = time.process_time()
    assert next(asked).document["at_work"] is None
    assert time.process_time() - began < 5
    asked.close()  # type: ignore[attr-defined]


@pytest.mark.slow
def test_the_thresholds_are_those_of_the_library():
    *_, last = answers("thresholds", n=4, d=2, seed=1)
    system = ParticleSystem.uniform(4, 2, 1.0, "sa", 1)
    expected = collapse_threshold(system, [1.0, 2.0, 4.0, 8.0, 16.0], 30.0).to_json()
    for name in ("beta_exp", "beta_meta", "metastable", "measured"):
        assert last.document[name] == expected[name]


def test_what_is_recorded_are_the_first_questions_of_the_view():
    recorded = {asked.name: len(asked.recorded) for asked in view_questions("phase")}
    assert recorded == {"phase.cloud": 1, "phase.closed_form": 28, "phase.thresholds": 1}
