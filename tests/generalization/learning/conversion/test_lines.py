"""Lines of the table: one model, all certificates under one delta, the transport of margins among them."""

import dataclasses
import json

import numpy as np
import pytest

from fathometer.evidence import InputError
from fathometer.generalization.learning.conversion import (
    CONVERTED,
    REGIMES,
    SCEPTIC,
    UNIFORM,
    ConversionLine,
    conversion_lines,
)
from fathometer.generalization.learning.conversion._linear_bounds import (
    BOUNDS,
    REACHES,
    certified,
    linear_values,
    transported,
)
from fathometer.generalization.learning.linear._training import given_linear

RNG = np.random.default_rng(0)
X = RNG.normal(size=(160, 4))
Y = X @ [2.0, -1, 0, 0] + 0.5 * RNG.normal(size=160) > 0
DRAWS, ROWS, DELTA = 300, 100, 0.05


@pytest.fixture(scope="module")
def lines() -> list[ConversionLine]:
    return list(conversion_lines(X, Y, ("linear",), sizes=(1000,), steps=(0.0, 0.3, 1.0)))


def test_a_line_has_every_bound_and_measures_the_model(lines):
    assert all(set(line.values) == {*BOUNDS, "twice_maurer_seeger"} for line in lines)
    assert {name for name in lines[0].values if name not in (*CONVERTED, *UNIFORM, *SCEPTIC)} == {
        "maurer_seeger",
        "twice_maurer_seeger",
    }
    assert [line.step for line in lines] == [0.0, 0.3, 1.0]
    assert lines[0].distance < 1e-12 < lines[1].distance < lines[2].distance
    assert all(0 <= line.measured <= 1 for line in lines)


def test_no_certificate_through_the_output_is_below_that_of_its_own_twin(lines):
    for line in lines:
        assert line.values["output_conversion"] >= line.values["maurer_seeger"]


def test_the_transport_of_margins_is_never_below_the_limit_of_the_prior(lines):
    for line in lines:
        assert line.values["margin_transport"] >= line.values["prior_binomial"]


def test_ratios_hold_the_best_against_each_parent(lines):
    line = dataclasses.replace(
        lines[0], values={"margin_transport": 0.1, "covering": 2.0, "maurer_seeger": 0.2, "twice_maurer_seeger": 0.4}
    )
    assert line.smallest(UNIFORM) == ("covering", 1.0)
    assert (line.over_uniform(), line.over_twin(), line.over_twice()) == (0.1, 0.5, 0.25)


def test_lines_survive_json(lines):
    text = json.dumps(lines[0].to_json())
    assert ConversionLine.from_json(json.loads(text)).to_json() == lines[0].to_json()


def test_every_size_has_its_lines_and_more_rows_certify_more():
    few, all_rows = conversion_lines(X, Y, ("biases",), sizes=(30,), steps=(0.0,))
    assert (few.m, all_rows.m) == (30, 56)
    assert few.smallest(CONVERTED)[1] > all_rows.smallest(CONVERTED)[1]


@pytest.mark.parametrize(
    "regime",
    [pytest.param(name, marks=pytest.mark.slow if name in ("equal-prior", "head") else ()) for name in REGIMES],
)
def test_every_regime_gives_lines(regime):
    (line,) = conversion_lines(X, Y, (regime,), sizes=(1000,), steps=(1.0,), seed=1)
    assert line.m == 56
    assert line.distance > 0
    assert line.smallest(CONVERTED)[1] <= 1


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="no regime is called 'trees'"):
        conversion_lines(X, Y, ("trees",))
    with pytest.raises(InputError, match="delta must be"):
        conversion_lines(X, Y, delta=0)
    with pytest.raises(InputError, match="exactly two kinds"):
        conversion_lines(X, np.arange(160) % 3)


def test_wherever_a_near_model_errs_the_prior_has_a_small_margin():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(500, 3)), rng.choice([-1.0, 1.0], 500)
    centre = np.array([1.0, 0, 0])
    for _ in range(200):
        near = centre + rng.normal(size=3) * rng.exponential(0.3)
        reach = np.linalg.norm(centre - near)
        wrong = y * (x @ near) <= 0
        assert np.all((y * (x @ centre))[wrong] <= reach * np.linalg.norm(x[wrong], axis=1) * (1 + 1e-12))


def test_the_length_of_a_model_is_free():
    parts = {"prior": np.arange(60), "certificate": np.arange(60, 120), "held_out": np.arange(120, 140)}
    model = given_linear(
        X, np.where(Y, 1.0, -1.0), parts | {"test": np.arange(140, 160)}, np.array([2.0, -1, 0, 0]), 0.0
    )
    longer = dataclasses.replace(model, weights=7 * model.weights)
    assert linear_values(model, DELTA) == pytest.approx(linear_values(longer, DELTA))


def failures(seen: bool) -> float:
    """Share of samples on which the best model within 1/8 of the prior mean is worse than certified.

    Labels are coins, so that every model has risk 1/2; the control's prior mean has seen the rows.
    """
    rng, failed = np.random.default_rng(2), 0
    for _ in range(DRAWS):
        x, y = rng.normal(size=(ROWS, 20)), rng.choice([-1.0, 1.0], ROWS)
        centre = x.T @ y if seen else rng.normal(size=20)
        centre /= np.linalg.norm(centre)
        failed += transported(y * (x @ centre), np.linalg.norm(x, axis=1) / 64, DELTA) < 0.5
    return failed / DRAWS


def test_transported_margins_fail_on_few_samples_and_with_a_prior_that_saw_them_on_many():
    assert failures(seen=False) <= DELTA
    assert failures(seen=True) > 2 * DELTA


def test_a_transported_margin_of_no_width_is_the_occam_limit():
    margins = np.array([-1.0, 0.0, 2.0, 3.0])
    value = transported(margins, np.zeros(4), DELTA)
    assert value == certified("occam_binomial", errors=2, n=4, weight=1 / len(REACHES), delta=DELTA)
