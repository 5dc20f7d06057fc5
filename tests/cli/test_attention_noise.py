import json

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention.dynamics.variants import critical_kappa, stationary_branch, tricritical_beta
from fathometer.cli import run
from fathometer.cli.attention._noise_figure import _lines

QUICK = ["attention", "noise", "--particles", "0"]


def document(capsys, *options):
    code = run([*QUICK, *options, "--json"])
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    return json.loads(out)


@pytest.mark.slow
def test_a_jump_in_json(capsys):
    told = document(capsys, "--dim", "3", "--beta", "2.5", "--kappa", "19,21,2", "--time", "20")
    assert told["transition"] == "jump"
    assert_allclose(told["onset"]["value"], critical_kappa(3, 2.5, "usa").value)
    assert_allclose(told["onset_raw_time"], told["onset"]["value"] * np.exp(-2.5))
    assert_allclose(told["beta_tricritical"]["value"], tricritical_beta(3).value)
    loop = told["hysteresis"]
    assert loop["kappa_fold"]["value"] < loop["kappa_transition"]["value"] < loop["kappa_onset"]["value"]
    assert 0.04 < loop["width"]["value"] < 0.05
    measured = told["measured"]
    assert_allclose(measured["equation"]["uniform"]["value"], [0.0, measured["predicted"][1][0]], atol=1e-6)
    assert measured["particles"] is None
    assert len(told["branch"]["kappa"]) == len(told["branch"]["order"])


@pytest.mark.slow
def test_a_continuous_onset_in_json_and_softmax_without_a_tricritical_beta(capsys):
    told = document(capsys, "--beta", "1.5", "--kappa", "12,13,2", "--time", "3")
    assert (told["transition"], told["hysteresis"]) == ("continuous", None)
    told = document(capsys, "--beta", "3", "--model", "sa", "--kappa", "3,6,2", "--time", "3")
    assert (told["transition"], told["hysteresis"], told["beta_tricritical"]) == ("continuous", None, None)
    assert told["onset_raw_time"] is None


@pytest.mark.slow
def test_figure_and_page_show_the_loop_and_the_particles(tmp_path, capsys):
    figure = tmp_path / "loop.svg"
    options = ["--beta", "2.5", "--kappa", "19,24,3", "--particles", "20", "--clouds", "2", "--time", "20"]
    assert run(["attention", "noise", *options, "--figure", str(figure), "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "jump" in out
    assert "particles, uniform" in out
    drawing = figure.read_text()
    for label in ("hysteresis", "stable laws", "unstable laws", "particles, from cluster", "finite size, N = 20"):
        assert label in drawing
    assert (tmp_path / "attention-noise.html").exists()


@pytest.mark.slow
def test_a_loop_that_six_digits_do_not_show_is_printed_with_more(capsys):
    assert run([*QUICK, "--beta", "1.817", "--kappa", "13,14,2", "--time", "1"]) in (0, 3)
    out = capsys.readouterr().out
    assert "kappa fold        13.4593202447 [" in out
    assert "kappa onset       13.4593215596" in out


@pytest.mark.parametrize(("beta", "ends"), [(1.5, (6.0, 15.133)), (2.5, (19.0, 20.0))])
def test_the_line_of_stable_laws_reaches_the_last_kappa(beta, ends):
    branch = stationary_branch(3, beta)
    (kappas, orders), _ = _lines(branch, ends)
    last = np.flatnonzero(~np.isnan(kappas))[-1]
    assert kappas[last] == ends[1]
    assert_allclose(orders[last], branch.stable_orders(ends[1])[-1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--dim 1 --beta 1", "dim must be >= 2 and <= 512, got 1"),
        ("--dim 513 --beta 1", "dim must be >= 2 and <= 512, got 513"),
        ("--beta 0", "beta must be > 0"),
        ("--beta 300", "<= 200"),
        ("--beta 20 --model sa", "<= 16"),
        ("--beta 1 --model tanh", "model must be one of"),
        ("--beta 1 --kappa 3", "--kappa must be LO,HI,N"),
        ("--beta 1 --kappa 0,5,2", "kappas must be above 0, got 0"),
        ("--beta 1 --particles 1", "particles must be 0 or at least 2, got 1"),
        ("--beta 1 --time 0", "time must be > 0"),
        ("--beta 1 --particles 5 --clouds 1 --kappa 2,3,2", "clouds must be >= 2"),
        ("--beta 1 --clouds 100000000", "clouds must be >= 2 and <= 26041, got 100000000"),
        ("--beta 1 --particles 100000", "particles must be >= 1 and <= 10000, got 100000"),
        ("--dim 512 --beta 1 --particles 10000", "clouds must be >= 2 and <= 2, got 4"),
        ("--beta 1 --time 1e9", "steps are needed, 10000000 are allowed"),
    ],
)
def test_bad_values_end_in_one_line(capsys, options, message):
    assert run(["attention", "noise", *options.split()]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert message in err
