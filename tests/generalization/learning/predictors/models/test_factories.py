"""Code of users: what it prints, forks and raises, answers that are no function of a row, tables with names."""

import json
import subprocess
import sys

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from fathometer.evidence import InputError
from fathometer.generalization.learning.predictors.models._adapter import answers, made, origin_of
from fathometer.generalization.learning.predictors.models._state import wants_frame
from fathometer.generalization.learning.predictors.models._task import Task

RNG = np.random.default_rng(0)
X, KINDS = RNG.normal(size=(200, 3)), np.array([0, 1])

SCRIPT = """
import os, subprocess, sys
from fathometer.generalization.learning.predictors.models._adapter import made
from fathometer.generalization.learning.predictors.models._factory import load_factory
made(load_factory("users:factory"))
print('{"answer": 1}')
"""
USERS = """
import os, subprocess
print("hello from the import")
def factory():
    print("hello"); os.write(1, b"raw\\n"); subprocess.run(["echo", "child"])
    os.fork()
    return len
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="needs fork")
def test_what_a_factory_prints_or_forks_stays_out_of_stdout(tmp_path):
    (tmp_path / "users.py").write_text(USERS)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {"answer": 1}
    assert {"hello from the import", "hello", "raw", "child"} <= set(done.stderr.split("\n"))


def leaves():
    sys.exit(3)


def needs_a_gpu():
    raise RuntimeError("No CUDA GPUs are\navailable")


@pytest.mark.parametrize(
    ("factory", "text"),
    [
        (leaves, "the factory failed: SystemExit: 3"),
        (needs_a_gpu, "the factory failed: RuntimeError: No CUDA GPUs are available"),
        (lambda: None, "with predict or a function, got NoneType"),
        (lambda: LogisticRegression, "got the class LogisticRegression: call it"),
    ],
)
def test_factories_that_fail(factory, text):
    with pytest.raises(InputError, match=text):
        made(factory)


def by_order():
    return lambda x: (np.arange(len(x)) % 2).astype(int)


def by_batch():
    return lambda x: (x[:, 0] > x[:, 0].mean()).astype(int)


def by_count():
    calls = []

    def predict(x):
        calls.append(1)
        return np.full(len(x), len(calls) % 2)

    return predict


def late():
    """Chance only beyond the first rows."""
    return lambda x: np.where(np.abs(x[:, 0]) > 1, RNG.integers(0, 2, len(x)), 0)


@pytest.mark.parametrize("maker", [by_order, by_batch, by_count, late])
def test_answers_that_are_no_function_of_a_row(maker):
    with pytest.raises(InputError, match=r"no fixed function of a row: its answer for row \d+ changed"):
        answers(maker(), X, KINDS)
    predict = maker()
    with pytest.raises(InputError, match="no fixed function of a row"):
        answers(lambda x: predict(x).astype(float), X, None)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (lambda x: x[:, 0] / 0, "must be finite"),
        (lambda x: x, r"shape \(200,\), got \(200, 3\)"),
        (lambda x: np.array(["a"] * len(x)), "predictions must"),
        (lambda x: None, "predictions"),
    ],
)
def test_numbers_that_are_refused(values, text):
    with np.errstate(all="ignore"), pytest.raises(InputError, match=text):
        answers(values, X, None)


def test_numbers_that_pass():
    model = LinearRegression().fit(X, X[:, 0])
    assert np.allclose(answers(model, X, None).predicted, X[:, 0])
    assert answers(lambda x: x[:, :1], X, None).predicted.shape == (200,)
    assert answers(lambda x: np.ones(len(x), int), X, None).predicted.dtype == np.float64


def test_the_task_is_held_against_the_model():
    assert origin_of(LinearRegression(), X, Task.REGRESSION)[0] is not None
    with pytest.raises(InputError, match="LogisticRegression is a classifier, and the target is a number"):
        origin_of(LogisticRegression(), X, Task.REGRESSION)
    with pytest.raises(InputError, match="LinearRegression is a regressor, and the target has classes"):
        origin_of(LinearRegression(), X)


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        (["age"], True),
        ("age", True),
        (slice("a", "b"), True),
        (make_column_selector(dtype_include=float), True),
        ([0, 1], False),
        (slice(0, 2), False),
        (np.array([True, False, True]), False),
    ],
)
def test_columns_by_name_want_a_table(columns, named):
    model = make_pipeline(ColumnTransformer([("a", StandardScaler(), columns)]), LogisticRegression())
    assert wants_frame(model) is named
    assert not wants_frame(LogisticRegression())
    assert not wants_frame(lambda x: x)
