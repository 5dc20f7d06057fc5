import json

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import (
    Model,
    ParticleSystem,
    SeparatedCloud,
    certificate_document,
    certificate_verdicts,
    metastability_certificate,
)
from fathometer.cli import run
from fathometer.evidence import InputError, Status
from tests.oracles.attention import circle
from tests.oracles.attention_metastability import centres, in_caps


def system(beta=20, model=Model.SA, n=6, k=3, eps=0.002):
    return ParticleSystem.project(in_caps(n, k, eps), beta, model)


@pytest.mark.slow
@pytest.mark.parametrize("model", list(Model))
def test_the_certificate_holds(model):
    found = metastability_certificate(system(model=model))
    assert len(found.centres) == 3
    assert_allclose(np.abs(found.centres @ centres(3).T).max(axis=1), 1, atol=0.002)
    assert statuses(found) == [Status.HOLDS] * 3


def test_the_chosen_depth_is_the_best_one():
    tokens = system(beta=100)
    found = metastability_certificate(tokens, clusters=3)
    smallest = max(found.epsilon / 50, 1.0001 * _depth(found))
    tried = [
        SeparatedCloud(tokens, found.centres, eps).log_exit_time.value for eps in np.geomspace(smallest, 0.06, 2000)
    ]
    assert found.log_exit_time.value >= max(tried) - 1e-4
    assert_allclose(found.log_exit_time.value, max(tried), atol=2e-2)


def _depth(cloud):
    own = cloud.centres[cloud.members]
    return np.max(np.sum((cloud.system.points - own) ** 2, axis=1)) / 2


def test_depth_and_number_of_caps_can_be_given():
    found = metastability_certificate(system(), epsilon=0.003, clusters=3)
    assert (found.epsilon, len(found.centres)) == (0.003, 3)
    assert len(metastability_certificate(system(), clusters=6).centres) == 6
    for clusters, message in ((7, "clusters must be >= 1 and <= 6"), (0, "clusters")):
        with pytest.raises(InputError, match=message):
            metastability_certificate(system(), clusters=clusters)
    with pytest.raises(InputError, match=r"single linkage makes, got 2; it makes \[1, 3\]"):
        metastability_certificate(ParticleSystem(np.eye(3), 50.0, Model.SA), clusters=2)
    with pytest.raises(InputError, match="epsilon"):
        metastability_certificate(system(), epsilon=2.0)


def statuses(cloud):
    """Verdicts on the three statements that are certified; those on others follow."""
    return [verdict.status for verdict in certificate_verdicts(cloud)[:3]]


@pytest.mark.slow
def test_duplicates_and_permutations_make_no_difference():
    tokens = system()
    first = metastability_certificate(tokens)
    shuffled = ParticleSystem(tokens.points[::-1], 20, Model.SA)
    assert_allclose(metastability_certificate(shuffled).log_exit_time.value, first.log_exit_time.value, rtol=1e-9)
    doubled = metastability_certificate(ParticleSystem(np.repeat(circle(0.0, 2.0), 3, axis=0), 30, Model.SA))
    assert len(doubled.centres) == 2
    assert statuses(doubled) == [Status.HOLDS] * 3


def test_where_nothing_can_be_certified_the_certificate_says_so():
    for tokens in (ParticleSystem.uniform(12, 3, 2.0, Model.SA, 0), ParticleSystem(circle(0.3), 2.0, Model.SA)):
        found = metastability_certificate(tokens)
        verdicts = certificate_verdicts(found)
        assert {verdict.status for verdict in verdicts} == {Status.INAPPLICABLE}
        assert certificate_document(found, verdicts)["verdict"] == "INAPPLICABLE"


@pytest.mark.slow
def test_a_time_out_of_reach_is_undecided():
    found = metastability_certificate(ParticleSystem.project(in_caps(6, 2, 0.03), 2000.0, Model.SA), clusters=2)
    assert statuses(found) == [Status.HOLDS, Status.HOLDS, Status.UNDECIDED]
    document = certificate_document(found, certificate_verdicts(found))
    assert document["verdict"] == "UNDECIDED"
    assert document["log_time_to_slow_manifold"]["value"] > 380
    json.dumps(document, allow_nan=False)


@pytest.mark.slow
def test_a_time_that_overflows_is_null():
    found = metastability_certificate(ParticleSystem.project(in_caps(6, 2, 0.05), 9000.0, Model.SA), clusters=2)
    document = certificate_document(found, certificate_verdicts(found))
    assert document["verdict"] == "VACUOUS"
    assert document["log_time_to_slow_manifold"]["value"] > 710
    assert document["time_to_slow_manifold"]["value"] is None


@pytest.mark.slow
def test_the_command_keeps_the_contract_in_json_and_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    np.save("P.npy", in_caps(4, 2, 0.002))
    command = "attention certificate --points P.npy --beta 20".split()
    assert run([*command, "--json", "--out", "here"]) == 0
    document = json.loads(capsys.readouterr().out, parse_constant=lambda word: pytest.fail(word))
    assert {"alpha", "gamma", "lambda", "time_to_slow_manifold", "log_exit_time", "hypotheses", "verdict"} <= set(
        document
    )
    assert document["verdict"] == "HOLDS"
    assert {check["answer"] for check in document["hypotheses"]} == {"holds"}
    assert {"value", "lower", "upper", "kind"} <= set(document["log_exit_time"])
    assert json.loads((tmp_path / "here" / "attention-certificate.json").read_text()) == document
    assert run(command) == 0
    assert "log_exit_time" in capsys.readouterr().out
    assert run([*command, "--clusters", "7"]) == 2
    assert "clusters must be" in capsys.readouterr().err


@pytest.mark.slow
def test_where_the_published_certificate_says_nothing_the_lifetime_still_holds(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    np.save("P.npy", in_caps(6, 3, 0.002))
    assert run(["attention", "certificate", "--points", "P.npy", "--beta", "2", "--json"]) == 0
    statuses = {verdict["theorem"]: verdict["status"] for verdict in json.loads(capsys.readouterr().out)["verdicts"]}
    assert statuses["metastable_window"] == "INAPPLICABLE"
    assert statuses["cluster_lifetime"] == "HOLDS"
