"""What a report says of texts whose truth is known."""

import json

import numpy as np
import pytest

from fathometer.evidence import InputError, Status
from fathometer.network.layers import LayersReducer, layers_figure, layers_report

from .tokens import cloud, moved, seen, text_of_the_model, unit, way


def report_of_model(texts=6, judged=0, control=None, **how):
    """The report of texts that the model moved."""
    passages = [p for text in range(texts) for p in text_of_the_model(text, **how)]
    return layers_report(seen(passages), control, "of noise" if control else "", judged=judged)


@pytest.fixture(scope="module")
def noisy():
    """Texts that the model moved, with noise, beside texts of noise alone."""
    states = [[unit(cloud(12, 6, [t, b, 1])) for b in range(4)] for t in range(6)]
    return report_of_model(control=seen([p for t in range(6) for p in way(t, states[t])]), noise=0.05)


@pytest.mark.parametrize(("beta", "tau"), [(4.0, 0.5), (8.0, -0.4)])
def test_the_steps_of_the_model_are_found_with_their_intervals(beta, tau):
    for site in report_of_model(beta=beta, tau=tau).sites[:-1]:
        assert site.step.beta.value == beta
        assert site.step.tau.value == pytest.approx(tau, abs=1e-4)
        assert site.step.explained.value == pytest.approx(1.0, abs=1e-6)
        assert site.step.tau.lower <= site.step.tau.value <= site.step.tau.upper


@pytest.mark.parametrize(("tau", "noise"), [(0.5, 0.0), (0.05, 0.0), (2.5, 0.0), (0.5, 0.5), (0.5, 50.0)])
def test_no_share_and_no_interval_leaves_what_is_possible(tau, noise):
    for site in report_of_model(texts=2, tau=tau, noise=noise).sites[:-1]:
        shares = (site.step.explained, *(rung.explained for rung in site.step.ladder.values()))
        assert all(share.value <= share.upper <= 1 for share in shares)
        assert 0 <= site.step.moved.lower <= site.step.moved.value <= site.step.moved.upper <= 4


def test_repulsion_has_a_negative_step_and_lets_the_energy_fall():
    report = report_of_model(beta=4.0, tau=-0.5)
    assert all(site.step.tau.upper < 0 for site in report.sites[:-1])
    assert report.falls.share.value == 1.0
    assert report.falls.blocks == (0, 1, 2)
    assert "is not monotone" in report.findings[1]


def test_attraction_lets_it_rise():
    report = report_of_model(beta=4.0, tau=0.5)
    assert (report.beta, report.beta_from) == (4.0, "fitted")
    assert report.falls.share.value == 0.0
    assert "rises at all 3 blocks of every text" in report.findings[1]


def test_a_control_stands_beside(noisy):
    for site, beside in zip(noisy.sites[:-1], noisy.control, strict=False):
        assert site.step.explained.lower > beside.step.explained.upper
    assert "of noise" in noisy.findings[0]


def test_json_has_the_keys_that_are_promised(noisy):
    document = json.loads(json.dumps(noisy.to_json(), allow_nan=False))
    keys = {"site", "mean_cosine", "unit_energy", "moved", "beta", "tau", "explained"}
    for row in document["sites"]:
        assert keys <= set(row)
        assert keys <= set(row["control"])
    assert document["sites"][-1]["moved"] is None
    assert {"value", "lower", "upper", "kind", "confidence"} <= set(document["sites"][0]["explained"])
    assert document["integrity"] == {}


def test_one_text_has_no_intervals_and_says_so():
    report = report_of_model(texts=1)
    row = report.to_json()["sites"][0]
    assert (row["explained"]["lower"], row["explained"]["upper"]) == (None, None)
    assert any("no interval over texts" in note for note in report.notes)


def test_a_given_beta_is_that_of_the_energy_alone():
    reducer = seen([p for text in range(2) for p in text_of_the_model(text)])
    given, fitted = layers_report(reducer, beta=9.0, judged=0), layers_report(reducer, judged=0)
    assert (given.beta, given.beta_from) == (9.0, "given")
    assert given.sites[0].unit_energy.value < fitted.sites[0].unit_energy.value
    assert given.sites[0].step.beta.value == fitted.sites[0].step.beta.value == 4.0
    with pytest.raises(InputError, match="beta must be between 0 and 128, got 1000"):
        layers_report(reducer, beta=1000.0)


def test_a_fit_of_zero_is_replaced_where_the_energy_is_constant():
    report = report_of_model(beta=0.0, tau=0.5)
    assert report.beta == 1.0
    assert report.beta_from.startswith("the fit is 0")


def test_a_control_with_other_blocks_is_refused():
    reducer = seen(text_of_the_model(0))
    with pytest.raises(InputError, match="the control must go through all 3 blocks"):
        layers_report(reducer, seen(text_of_the_model(0, blocks=2)), "short")


def test_the_figure_shows_four_charts_and_their_numbers(noisy, tmp_path):
    figure = layers_figure(noisy)
    assert len(figure.charts) == 4
    assert figure.data["network_explained"].shape == (3,)
    assert figure.write(tmp_path, "svg").stat().st_size > 1000


def test_a_theorem_is_never_confirmed():
    report = report_of_model(texts=1, judged=1, beta=4.0, tau=0.05)
    asked = [each for each in report.beside if each.conclusion == "seen"]
    assert {"energy_increases", "hemisphere_cone"} & {each.verdict.theorem for each in asked}
    assert all(each.verdict.status is Status.UNDECIDED for each in asked)
    assert all("never confirmed on a network" in each.verdict.explanation for each in asked)
    assert not any(each.verdict.status in (Status.HOLDS, Status.VIOLATED) for each in report.beside)


def test_a_network_that_is_not_the_model_says_by_how_much():
    states = [cloud(12, 6, k, towards=2.0) for k in range(4)]
    report = layers_report(seen(way(0, states)), judged=1)
    energy = next(each for each in report.beside if each.verdict.theorem == "energy_increases")
    least = min(site.step.explained.value for site in report.sites[:-1])
    assert energy.verdict.status is Status.INAPPLICABLE
    assert energy.verdict.margin == pytest.approx(least - 0.99)
    assert "its conclusion is" in energy.verdict.explanation
    assert report.clouds[0].hemisphere[0].value > 0


def test_causal_tokens_have_the_causal_theorems():
    report = report_of_model(texts=1, judged=1, beta=4.0, tau=0.2, causal=True)
    assert report.causal
    assert {"hemisphere_weights", "causal_limit"} <= {each.verdict.theorem for each in report.beside}
    assert "energy_increases" not in {each.verdict.theorem for each in report.beside}


@pytest.mark.slow
def test_intervals_of_the_explained_share_cover():
    def share(seed, texts):
        reducer = LayersReducer(keep_states=False)
        for text in range(texts):
            x = cloud(10, 5, [seed, text])
            noise = 0.1 + 0.2 * np.random.default_rng([seed, text]).random()
            for passage in way(text, [x, moved(x, 4.0, 0.5, noise=noise, seed=seed * 1000 + text)]):
                reducer.see(passage)
        return layers_report(reducer, judged=0).sites[0].step.explained

    truth = share(0, 600).value
    hits = [each.lower <= truth <= each.upper for each in (share(seed, 10) for seed in range(1, 61))]
    assert 0.88 <= np.mean(hits) <= 1.0
