import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import LayerStatistics, figures, record
from fathometer.attention.figures import (
    circle_movie,
    collapse_sweep,
    first_pattern,
    log_time_staircase,
    phase_diagram as phase_figure,
    staircase,
)
from fathometer.data import albert_layers
from fathometer.evidence import InputError, Status
from fathometer.report import FigureSettings, render

QUICK = FigureSettings(quick=True)


def measured(figure, start):
    return next(row.measured for row in figure.rows if row.quantity.startswith(start))


def test_every_name_has_a_file_and_a_number():
    for number, name in enumerate(figures.NAMES, 1):
        module = __import__(f"fathometer.attention.figures.{name.replace('-', '_')}", fromlist=["draw"])
        assert callable(module.draw)
        assert module.__doc__.startswith(f"F{number}: ")
        assert figures.ALIASES[f"F{number}"] == name
    with pytest.raises(InputError, match="no figure is called 'F99'; known: F1 or circle-movie, F2"):
        figures.draw("F99", QUICK)
    with pytest.raises(InputError, match="figure staircase has no option 'dim'; it has: none"):
        figures.draw("f2", QUICK, dim=3)
    with pytest.raises(InputError, match="figure phase-diagram has no option 'hidden'; it has: dim, model, score"):
        figures.draw("F4", QUICK, hidden="x")


@pytest.fixture(scope="module")
def movie():
    return figures.draw("F1", QUICK)


@pytest.mark.slow
def test_the_circle_movie_has_the_times_of_the_tables(movie):
    """Theory 3, F1: the true events, those of the authors' scheme, and its dilation."""
    figure = movie
    times = figure.data["event_times"]
    assert_allclose(np.ceil(100 * times) / 100, [1.16, 2.27, 5.09, 328.26], atol=1e-9)
    schemes = dict(zip(figure.data["steps"].tolist(), figure.data["scheme_times"], strict=True))
    assert_allclose(schemes[0.1], [1.3, 2.4, 5.6, 364.0], atol=1e-9)
    assert_allclose(schemes[0.05][-1], 346.1, atol=1e-9)
    assert_allclose(schemes[0.01][-1], 331.82, atol=1e-9)
    assert_allclose([found[-1] / times[-1] for found in schemes.values()], [1.1, 1.05, 1.01], atol=0.01)
    assert measured(figure, "energy on the longest plateau") == "0.520"
    assert measured(figure, "angle of the last cluster") == "1.8378871"
    status = {verdict.theorem: verdict.status for _, verdict in figure.verdicts}
    assert status["energy_increases"] is status["dissipation_identity"] is Status.HOLDS
    assert not {Status.VIOLATED, Status.INAPPLICABLE} & set(status.values())
    assert figure.files["gif"].startswith(b"GIF89a")


@pytest.mark.slow
def test_the_simulation_merges_when_the_collapse_solver_does(movie):
    times, points, merged = (movie.data[name] for name in ("times", "points", "event_times"))
    apart = np.linalg.norm(points[:, 0] - points[:, -1], axis=1)
    assert np.all(apart[times < merged[-1]] > circle_movie.GAP)
    assert np.all(apart[times > merged[-1]] < circle_movie.GAP)


def test_the_staircase_jumps_at_wards_lengths():
    """Theory 3, F2: jumps to half a percent of their place at beta >= 1000, levels 7, 11, 13, 25."""
    figure = figures.draw("staircase", QUICK)
    assert figure.data["betas"].tolist() == [1000, 2000, 4000]
    assert_allclose(figure.data["predicted_length"], staircase.EXPECTED, rtol=1e-12)
    assert_allclose(figure.data["jumps"], np.tile(staircase.EXPECTED, (3, 1)), rtol=1.5e-3)
    assert_allclose(25 * figure.data["energy"][-1], 25, rtol=1e-9)
    assert measured(figure, "25 EE between these, beta 4000").split() == ["7", "11", "13", "25"]
    assert np.all(np.diff(figure.data["energy"], axis=0) > -1e-4)


@pytest.mark.slow
def test_tokens_on_the_sphere_end_in_one_cluster_at_rate_one():
    figure = figures.draw("F3", QUICK)
    assert measured(figure, "clusters at the end") == "1"
    assert float(measured(figure, "rate of the last cluster")) == pytest.approx(1, abs=1e-3)
    assert figure.verdicts[0][1].status is Status.HOLDS
    assert render(figure.charts, "png").startswith(b"\x89PNG")


@pytest.mark.slow
def test_the_phase_diagram_of_high_dimension_lies_on_the_curve(tmp_path):
    told = []
    settings = FigureSettings(repetitions=2, quick=True, folder=tmp_path, announce=told.append)
    figure = figures.draw("F4", settings, dim=1024)
    half = phase_figure.meeting_times(figure.data["times"], figure.data["fraction"])
    closed, early = figure.data["closed_form"], figure.data["betas"] < 5
    assert_allclose(half[early], closed[early], rtol=0.06)
    assert np.isnan(half[-1])
    for time, beta in phase_figure.CURVE.items():
        assert measured(figure, f"closed form: beta of time {time:g}") == beta
    assert told[-1].startswith("10 of 10 cells, about 0.0 min left")
    again = figures.draw("F4", settings, dim=1024)
    assert_allclose(again.data["fraction"], figure.data["fraction"])
    assert len(list(tmp_path.iterdir())) == 10


@pytest.mark.slow
def test_the_shipped_histograms_are_those_of_the_reference():
    """Real-input table: trained tokens keep their rank, random ones lose it."""
    figure = figures.draw("F5", QUICK)
    layers = figure.data["trained_layers"].astype(int).tolist()
    at = [layers.index(layer) for layer in (0, 1, 4, 8, 12)]
    assert_allclose(figure.data["trained_mean"][at], [0.092, 0.133, 0.157, 0.166, 0.180], rtol=0.15)
    assert_allclose(figure.data["trained_rank"][at], [19.6, 28.0, 40.9, 41.8, 37.9], rtol=0.15)
    assert figure.data["random_mean"][at[-1]] == pytest.approx(0.61, abs=0.04)
    close = figure.data["trained_close"]
    assert close[layers.index(36)] < close[layers.index(48)] < close[layers.index(96)] < close[layers.index(400)]
    widths = np.diff(figure.data["trained_edges"])
    assert_allclose(figure.data["trained_density"] @ widths, 1, atol=1e-5)
    assert figure.data["flow_post_mean"][-1] > 0.99 > figure.data["flow_pre_mean"][-1] > 0.8
    assert set(albert_layers()) == {f"{n}_{f}" for n in ("trained", "random") for f in LayerStatistics._fields}


@pytest.mark.slow
def test_recorded_states_of_the_user(tmp_path):
    states = np.random.default_rng(0).standard_normal((4, 20, 6))
    np.savez(tmp_path / "own.npz", hidden=states, control=np.ones((4, 20, 6)))
    figure = figures.draw("F5", QUICK, hidden=tmp_path / "own.npz")
    gram = record(states, 1.0).states["points"]
    mean = [(x @ x.T)[np.triu_indices(20, 1)].mean() for x in gram]
    assert_allclose(figure.data["hidden_mean"], mean, atol=1e-12)
    assert_allclose(figure.data["control_close"], 1)
    assert_allclose(figure.data["control_rank"], 1)
    assert render(figure.charts, "png").startswith(b"\x89PNG")
    with pytest.raises(InputError, match="no file"):
        figures.draw("F5", QUICK, hidden=tmp_path / "absent.npz")


@pytest.mark.slow
def test_times_of_collapse_are_the_closed_forms():
    figure = figures.draw("F6", QUICK)
    assert figure.data["log_time"].shape == (5, 4)
    assert_allclose(figure.data["log_time"], figure.data["closed_form"], atol=2e-8)
    assert figure.data["log_time"].max() > 1490
    assert np.any(figure.data["log_time"] != figure.data["closed_form"])
    assert collapse_sweep.BETAS[-1] == 10000
    assert {verdict.status for _, verdict in figure.verdicts} == {Status.HOLDS}


def test_the_staircase_over_hundreds_of_decades():
    """Theory 4.11: levels, log times, and the distance from the leading order."""
    figure = figures.draw("F7", QUICK)
    energies, times = figure.data["energies"], figure.data["log_times"]
    assert_allclose(25 * energies[:, -1], np.tile(log_time_staircase.LEVELS, (2, 1)), rtol=1e-9)
    assert np.all(times[:, -1, -1] / np.log(10) > 600)
    assert_allclose(times[:, -1], figure.data["predicted_log_times"][:, -1], atol=1e-6)
    assert_allclose(times[:, 0], figure.data["predicted_log_times"][:, 0], atol=5e-3)
    assert [verdict.status for _, verdict in figure.verdicts] == [Status.HOLDS] * 4
    assert measured(figure, "SA: log T less leading order, beta 1000") == "0.00773 0.00133 0.000144 -2.77"
    assert measured(figure, "USA: log T less leading order, beta 1000") == "0.00773 0.00133 0.000144 -0.00529"


@pytest.mark.slow
def test_the_first_pattern_has_the_clusters_of_the_fastest_mode():
    """Theory 4.8: k_max and its rate; patterns from noise have as many clusters, give or take one."""
    figure = figures.draw("F8", QUICK)
    assert measured(figure, "k_max and its rate, beta 25") == "7, 0.725796513190"
    means = figure.data["clusters"].mean(axis=1)
    assert_allclose(means, [1, 3, 4, 7], atol=0.75)
    assert {verdict.status for _, verdict in figure.verdicts} == {Status.HOLDS}
    mode = first_pattern.fastest_mode(2, first_pattern.SHOWN)
    assert figure.charts[2].title.endswith(f"{mode} clusters are predicted")


@pytest.mark.slow
def test_the_icosahedron_is_what_repelling_tokens_become():
    figure = figures.draw("icosahedron", QUICK)
    assert float(measured(figure, "unit energy at the end")) == pytest.approx(0.13029317726131585, rel=1e-9)
    assert float(measured(figure, "lower bound")) == pytest.approx(0.13029317726131585, rel=1e-9)
    assert measured(figure, "inner products") == "-1 -0.447214 0.447214"
    assert {verdict.status for _, verdict in figure.verdicts} == {Status.HOLDS}
    assert render(figure.charts, "svg").startswith(b"<?xml")
