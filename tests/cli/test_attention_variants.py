"""`attention simulate` with the parts of a layer that the plain model leaves out."""

import json
import re

import numpy as np
import pytest

from fathometer.attention import Model, ParticleSystem
from fathometer.attention.dynamics.variants import Normalization, Variant, critical_kappa, simulate_variant
from fathometer.cli import run
from fathometer.cli.attention.runs._variants import Parts, noise_onset

SIMULATE = "attention simulate --uniform 6,3 --beta 2 --time 3 --saves 3 --json".split()


def simulated(capsys, *options):
    assert run([*SIMULATE, *options]) in (0, 3)  # 3 where no theorem on the variant applies
    return json.loads(capsys.readouterr().out)


@pytest.mark.slow
def test_variants_are_simulated_and_judged_by_no_theorem_on_the_plain_model(capsys):
    plain = simulated(capsys)
    assert plain["variant"] is None
    about_plain = {verdict["theorem"] for verdict in plain["verdicts"]}
    assert about_plain
    ends = [plain["observed"]["mean_cosine"]["value"][-1]]
    for options in (["--causal"], ["--hard"], ["--normalization", "pre"], ["--kappa", "20"]):
        document = simulated(capsys, *options)
        judged = {verdict["theorem"]: verdict["status"] for verdict in document.get("verdicts", [])}
        assert judged.keys().isdisjoint(about_plain)
        assert "VIOLATED" not in judged.values()
        assert document["variant"] is not None
        ends.append(document["observed"]["mean_cosine"]["value"][-1])
    assert len(np.unique(np.round(ends, 6))) == 5


@pytest.mark.slow
def test_a_variant_is_the_one_of_the_library(capsys):
    document = simulated(capsys, "--causal", "--normalization", "pre")
    variant = Variant(ParticleSystem.uniform(6, 3, 2.0, Model.SA, 0), causal=True, normalization=Normalization.PRE)
    points = simulate_variant(variant, np.append(0.0, 3 * np.geomspace(1e-4, 1, 3))).states["points"][-1]
    expected = (np.sum(points @ points.T) - 6) / 30
    assert document["observed"]["mean_cosine"]["value"][-1] == pytest.approx(expected)
    assert document["variant"] == {"causal": True, "hard": False, "normalization": "pre", "kappa": None}


def test_noise_says_on_which_side_of_its_onset_it_is_in_any_dimension(capsys):
    parts, system = Parts(False, False, "post", 5.0), ParticleSystem.uniform(25, 4, 1.5, Model.SA, 0)
    onset, says = noise_onset(system, parts)
    assert onset == pytest.approx(critical_kappa(4, 1.5, "sa").value)
    assert "above the onset 4.35864 in dimension 4" in says
    assert "25 tokens is about 0.2" in says
    assert noise_onset(system, Parts(True, False, "post", 5.0)) == (None, "")
    assert noise_onset(system, Parts(False, False, "post", None)) == (None, "")


@pytest.mark.slow
def test_a_noisy_run_reports_its_order_parameter(capsys):
    document = simulated(capsys, "--kappa", "20")
    assert document["onset"] == pytest.approx(critical_kappa(3, 2.0, "sa").value)
    assert 0 < document["observed"]["order_parameter"]["value"][-1] <= 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--normalization", "mid"], "normalization must be one of post, pre, peri, ngpt, got 'mid'"),
        (["--kappa", "0"], "kappa must be > 0"),
        (["--hard", "--model", "usa"], "the model must be sa"),
        (["--kappa", "5", "--normalization", "pre"], "Post-LN"),
        (["--causal", "--engine", "large"], "plain engine in float64 only, got large"),
    ],
)
def test_what_cannot_be_combined_is_refused(capsys, options, message):
    assert run([*SIMULATE, *options]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert re.search(message, err), err
