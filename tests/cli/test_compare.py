"""`fathometer certify compare` and `certify --curve` from the outside."""

import json
from pathlib import Path

import numpy as np
import pytest

from fathometer.cli import run
from fathometer.data import load_table
from fathometer.generalization import Certificate
from fathometer.generalization.certificates import _compared

TABLE = "--data table.csv --target y"


def rows_of(n: int, seed: int) -> str:
    """Two columns, of which the sum tells the class in nine rows of ten; w is noise."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 3))
    label = (x[:, 0] + x[:, 1] > 0) ^ (rng.random(n) < 0.1)
    lines = [f"{a},{b},{w},{'yes' if one else 'no'}" for (a, b, w), one in zip(x, label, strict=True)]
    return "\n".join(["a,b,w,y", *lines]) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A table, new rows, a good and a bad predictor of it, and one of the same plan as the good one."""
    here = tmp_path_factory.mktemp("compare")
    (here / "table.csv").write_text(rows_of(300, 0))
    (here / "new.csv").write_text(rows_of(200, 1))
    (here / "few.csv").write_text(rows_of(12, 2))
    (here / "noise.csv").write_text((here / "table.csv").read_text().replace("a,b,w", "c,d,w"))
    (here / "mine.py").write_text(
        "from sklearn.dummy import DummyClassifier\nfrom sklearn.linear_model import LogisticRegression\n"
        "bad = DummyClassifier\ngood = LogisticRegression\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        for model, save in (("mine:good", "good"), ("mine:good", "same"), ("mine:bad", "bad")):
            assert run(f"certify {TABLE} --model {model} --save {save}.json --json".split()) == 0
        assert run(f"certify {TABLE} --model mine:good --stratify --save even.json --json".split()) == 0
    return here


@pytest.fixture
def here(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return folder


def test_the_better_one_is_named_on_the_rows_that_fitted_neither(here, capsys):
    capsys.readouterr()
    assert run(f"certify compare good.json bad.json {TABLE} --json --out results".split()) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["better"] == "good"
    assert said["difference"]["upper"] < 0
    assert said["wins"] > said["losses"]
    assert said["rows"] == said["wins"] + said["ties"] + said["losses"] == 120
    assert said["p_value"] < 0.05
    assert said["sentence"].startswith("good is better by at least")
    assert [verdict["status"] for verdict in said["verdicts"]] == ["HOLDS"]
    assert json.loads(Path("results/certify-compare.json").read_text()) == said


def test_no_difference_is_undecided_beyond_the_margin(here, capsys):
    assert run(f"certify compare good.json same.json {TABLE} --margin .04".split()) == 3
    assert "no difference is shown" in capsys.readouterr().out
    assert run(f"certify compare good.json same.json {TABLE} --json".split()) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["wins"], said["losses"], said["better"]) == (0, 0, None)


def test_new_rows_compare_what_no_table_of_theirs_holds(here, capsys):
    assert run("certify compare good.json bad.json --new new.csv --target y --json".split()) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["rows"], said["rows_from"], said["better"]) == (200, "new", "good")


def test_new_rows_that_are_training_rows_are_counted(here, capsys):
    old, new = (Path(name).read_text().splitlines() for name in ("table.csv", "new.csv"))
    Path("mixed.csv").write_text("\n".join([*new, *old[1:101]]) + "\n")
    rows = load_table("table.csv", "y", mixed=True, labels=True).features[:100]
    seen = int(Certificate.load(Path("good.json")).trained_on(rows).sum())
    assert 40 < seen < 80
    said = f"{seen} of the 300 new rows equal rows that it was fitted on in every feature"
    assert run("certify compare good.json bad.json --new mixed.csv --target y --json".split()) == 0
    assert f"good: {said}" in capsys.readouterr().err
    assert run("predict good.json --data mixed.csv --target y --check".split()) == 0
    assert said in " ".join(capsys.readouterr().out.split())
    assert run("predict good.json --data new.csv --check --json".split()) == 0
    assert json.loads(capsys.readouterr().out)["training_rows"] == 0


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("bad.json --target y", "needs either --data"),
        ("bad.json --data table.csv --new new.csv --target y", "needs either --data"),
        ("bad.json --new table.csv --target y", "are those that good was made from"),
        ("bad.json --new few.csv --target y", "12 independent new rows; a comparison needs at least 20"),
        ("bad.json --data new.csv --target y", "made from another table"),
        ("bad.json --new noise.csv --target y", "column"),
        ("even.json --data table.csv --target y", "even was stratified"),
        ("absent.json --data table.csv --target y", "absent.json"),
        ("bad.json --new new.csv --target z", "'z'"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(here, capsys, rest, message):
    capsys.readouterr()
    assert run(f"certify compare good.json {rest}".split()) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


def test_too_few_common_rows_are_counted(here, capsys, monkeypatch):
    monkeypatch.setattr(_compared, "FEWEST", 121)
    assert run(f"certify compare good.json bad.json {TABLE}".split()) == 2
    assert "leave 120 rows that fitted neither of them; a comparison needs at least 121" in capsys.readouterr().err


def test_a_joblib_file_is_read_only_where_it_is_trusted(here, capsys, monkeypatch):
    document = json.loads(Path("good.json").read_text())
    document["certificate"]["predictor"]["form"] = "joblib"
    Path("doubtful.json").write_text(json.dumps(document))
    assert run(f"certify compare good.json doubtful.json {TABLE}".split()) == 2
    assert "give --trust" in capsys.readouterr().err


@pytest.mark.slow
def test_a_curve_is_drawn_kept_and_on_the_page(here, capsys):
    command = f"certify {TABLE} --model mine:good --curve --curve-sizes 3 --out curved --json"
    assert run(command.split()) == 0
    captured = capsys.readouterr()
    points = json.loads(captured.out)["curve"]
    assert json.loads(Path("curved/curve.json").read_text())["curve"] == points
    assert "Learning curve" in Path("curved/certificate.html").read_text()
    assert Path("curved/learning_curve.svg").is_file()
    assert "learning curve: 2 of 3 sizes" in captured.err
    first, second = sorted(Path("curved/stages").iterdir())
    first.write_text(json.dumps(json.loads(first.read_text()) | {"predictor": "kept"}))
    second.write_text("{}")
    assert run(command.split()) == 0
    again = json.loads(capsys.readouterr().out)["curve"]
    assert sorted(point["predictor"] for point in again) == ["kept", "mine:good", "mine:good"]
    assert [point["certificate"] for point in again] == [point["certificate"] for point in points]


def test_a_posterior_has_no_curve(here, capsys):
    assert run(f"certify {TABLE} --model logistic --posterior --curve".split()) == 2
    assert "--curve does not go with a Gaussian posterior" in capsys.readouterr().err
