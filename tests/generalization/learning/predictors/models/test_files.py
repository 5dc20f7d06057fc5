"""Predictors in files: what was certified is what is read, and nothing of another file is run."""

import pickle
import threading

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from fathometer.evidence import InputError
from fathometer.generalization.learning.predictors.models._candidates import built_in
from fathometer.generalization.learning.predictors.models._files import (
    PredictorFile,
    is_predictor_file,
    load_predictor,
    read_predictor,
    read_seen,
    write_predictor,
)
from fathometer.generalization.learning.predictors.models._task import Task

RNG = np.random.default_rng(0)
X, Y = np.column_stack([RNG.integers(0, 3, 80), RNG.normal(size=(80, 2))]), RNG.integers(0, 2, 80)
MODEL = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)


class Bomb:
    """A pickle that runs code when it is read."""

    fired = False

    def __reduce__(self):
        return (setattr, (Bomb, "fired", True))


def own(x):
    return (x[:, 0] > 0).astype(int)


@pytest.mark.parametrize("end", ["joblib", "pkl", "skops"])
def test_what_is_written_is_read(tmp_path, end):
    path = tmp_path / f"model.{end}"
    record, why = write_predictor(path, MODEL)
    assert record is not None, why
    assert record == PredictorFile.from_json(record.to_json())
    assert record.size == path.stat().st_size
    for back in (load_predictor(path, record), read_predictor(path)):
        assert np.array_equal(back.decision_function(X), MODEL.decision_function(X))
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["linear", "boosting", "forest", "mlp"])
def test_every_built_in_model_fits_into_skops(tmp_path, name):
    (candidate,) = built_in(name, ("category", "number", "number"), Task.CLASSIFICATION, 0)
    small = {"forest": {"n_estimators": 30}, "boosting": {"max_iter": 3}, "mlp": {"early_stopping": False, "tol": 1.0}}
    candidate.estimator[-1].set_params(**small.get(name, {}))
    fitted = candidate.estimator.fit(X, Y)
    record, why = write_predictor(tmp_path / "m.skops", fitted)
    assert record is not None, why
    assert np.array_equal(load_predictor(tmp_path / "m.skops", record).predict(X), fitted.predict(X))


def test_another_file_is_refused_before_it_runs(tmp_path):
    record, _ = write_predictor(tmp_path / "model.joblib", MODEL)
    assert record is not None
    (tmp_path / "model.joblib").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(InputError, match="is not the predictor of this certificate: its SHA-256"):
        load_predictor(tmp_path / "model.joblib", record)
    assert not Bomb.fired


@pytest.mark.parametrize("predictor", [lambda x: x, threading.Lock()], ids=["lambda", "lock"])
@pytest.mark.parametrize("end", ["joblib", "skops"])
def test_what_cannot_be_written_is_told(tmp_path, predictor, end):
    record, why = write_predictor(tmp_path / f"m.{end}", predictor)
    assert record is None
    assert f"cannot be written as {end}" in why
    assert "\n" not in why
    assert not list(tmp_path.iterdir())


def test_skops_refuses_functions_and_foreign_classes(tmp_path):
    from skops import io as skops

    for name, held in {"own": own, "memmap": np.memmap, "load": np.load}.items():
        skops.dump(make_pipeline(FunctionTransformer(held)), tmp_path / "m.skops")
        with pytest.raises(InputError, match=f"holds .*{name}, and only classes of sklearn, numpy, scipy"):
            read_predictor(tmp_path / "m.skops")


def test_files_that_are_no_predictors(tmp_path):
    (tmp_path / "m.joblib").write_bytes(b"no pickle")
    (tmp_path / "m.skops").write_bytes(b"no archive")
    for name, text in {
        "m.joblib": "cannot be read as joblib",
        "absent.joblib": "cannot be read: FileNotFoundError",
        "m.txt": "must end with .joblib",
    }.items():
        with pytest.raises(InputError, match=text):
            read_predictor(tmp_path / name)
    with pytest.raises(InputError, match="cannot be read as skops"):
        read_predictor(tmp_path / "m.skops")


def test_a_pickle_of_joblib_is_read(tmp_path):
    joblib.dump(MODEL, tmp_path / "m.pickle", compress=False)
    assert read_predictor(tmp_path / "m.pickle").predict(X).shape == (80,)


def test_which_names_are_files():
    assert is_predictor_file("a/b.joblib")
    assert is_predictor_file("B.SKOPS")
    assert not is_predictor_file("module:factory")


def test_rows_that_were_seen(tmp_path):
    file = tmp_path / "ids.txt"
    file.write_text("3\n0\n\n3\n")
    assert read_seen(file, 4).tolist() == [0, 3]
    assert read_seen("none", 4).size == 0
    file.write_text("none\n")
    assert read_seen(file, 4).size == 0


@pytest.mark.parametrize("content", ["0\n4\n", "0\n-1\n", "0\n1.5\n", "0\nnone\n", "0\n٣\n", "0\n" + "9" * 30])
def test_rows_that_cannot_be(tmp_path, content):
    (tmp_path / "ids.txt").write_text(content, "utf-8")
    with pytest.raises(InputError, match=r"line 2 of .* must be a row number from 0 to 3, got"):
        read_seen(tmp_path / "ids.txt", 4)


def test_a_fitted_model_needs_its_rows(tmp_path):
    (tmp_path / "ids.txt").write_text("\n")
    for path, text in ((None, "^nobody here can see"), (tmp_path / "ids.txt", "is empty: nobody here can see")):
        with pytest.raises(InputError, match=text):
            read_seen(path, 4)
    with pytest.raises(InputError, match="cannot be read: FileNotFoundError"):
        read_seen(tmp_path / "absent.txt", 4)
