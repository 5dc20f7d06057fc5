"""`fathometer attention minimal-energy`: from above and from below."""

import json

import pytest

from fathometer.cli import run

SMALL = ["attention", "minimal-energy", "--n", "6", "--dim", "3", "--beta", "4", "--degree", "8", "--starts", "4"]


@pytest.mark.slow
def test_the_document_has_the_keys_of_the_contract(capsys, tmp_path):
    figure = tmp_path / "f.svg"
    assert run([*SMALL, "--json", "--figure", str(figure)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {"best", "lower_bound", "gap", "configuration"} <= document.keys()
    assert document["best"]["value"] == pytest.approx(0.17893300303047321, rel=1e-15)
    assert document["lower_bound"]["value"] == pytest.approx(0.17893300303047321, rel=1e-13)
    assert document["gap"]["upper"] < 1e-13
    assert document["configuration"]["name"] == "cross-polytope"
    assert [verdict["status"] for verdict in document["verdicts"]] == ["HOLDS", "HOLDS"]
    assert "<svg" in figure.read_text()


def test_where_nothing_is_known_the_configuration_is_null(capsys):
    assert run([*SMALL[:3], "5", *SMALL[4:], "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["configuration"] is None
    assert 0 < document["gap"]["lower"] < 0.01


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--n", "1", "n must be >= 2"),
        ("--n", "1001", "n must be at most 1000"),
        ("--dim", "1", "dim must be >= 2"),
        ("--beta", "-1", "beta must be >= 0, got -1"),
        ("--degree", "61", "degree must be >= 1 and <= 60, got 61"),
    ],
)
def test_bad_values_are_one_line(capsys, option, value, message):
    given = [*SMALL]
    given[given.index(option) + 1] = value
    assert run(given) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
