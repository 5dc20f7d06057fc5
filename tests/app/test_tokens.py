"""Questions of the tokens view: clouds, files of points, the collapse with predictions and certain windows."""

import json
from itertools import islice

import numpy as np
import pytest

from fathometer import attention
from fathometer.app.questions import question
from fathometer.app.questions.tokens import FIRST
from fathometer.app.questions.tokens._clouds import drawing_axes
from fathometer.evidence import InputError


def asked(name, given=None, file=None, most=None):
    steps = (answer for answer in question(name).answers(given or {}, file) if "at_work" not in answer.document)
    answers = list(islice(steps, most))
    for answer in answers:
        json.dumps(answer.document, allow_nan=False)
    return answers


def first_system():
    return attention.ParticleSystem.uniform(FIRST["n"], FIRST["d"], FIRST["beta"], FIRST["model"], FIRST["seed"])


@pytest.fixture(scope="module")
def answers():
    """What the page asks first, up to errors and conditions."""
    return asked("tokens.collapse", FIRST, most=3)


def test_a_cloud_is_that_of_the_particle_system():
    (answer,) = asked("tokens.cloud", {"n": 5, "d": 4, "seed": 3})
    system = attention.ParticleSystem.uniform(5, 4, 1.0, "sa", 3)
    np.testing.assert_array_equal(answer.arrays["points"], system.points)
    np.testing.assert_array_equal(answer.arrays["masses"], system.masses)
    assert answer.document == {"n": 5, "d": 4}


def test_random_masses_depend_on_the_seed_alone():
    one, other = (asked("tokens.cloud", {"n": 5, "seed": 3, "masses": "random", "d": d})[0] for d in (2, 3))
    np.testing.assert_array_equal(one.arrays["masses"], other.arrays["masses"])
    assert one.arrays["masses"].sum() == pytest.approx(1)
    assert np.ptp(one.arrays["masses"]) > 0.01


def test_principal_axes_hold_the_most_of_the_points():
    points = attention.ParticleSystem.uniform(50, 6, 1.0, "sa", 0).points * [3, 1, 1, 2, 1, 1]
    axes = drawing_axes(points)
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-14)
    values = np.linalg.svd(points, compute_uv=False)
    assert np.sum((points @ axes.T) ** 2) == pytest.approx(np.sum(values[:3] ** 2))
    np.testing.assert_array_equal(drawing_axes(points[:, :2]), np.eye(2))


@pytest.mark.parametrize("suffix", [".npy", ".csv"])
def test_points_of_a_file_are_projected(tmp_path, suffix):
    rows, file = np.array([[3.0, 4.0], [0.0, -2.0], [1.0, 0.0]]), tmp_path / f"points{suffix}"
    if suffix == ".npy":
        np.save(file, rows)
    else:
        np.savetxt(file, rows, delimiter=",", header="x,y", comments="")
    (answer,) = asked("tokens.read_points", file=file)
    np.testing.assert_allclose(answer.arrays["points"], [[0.6, 0.8], [0, -1], [1, 0]])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (np.ones((1, 3)), "2 to 1000 rows of 2 to 64 numbers, got 1 of 3"),
        (np.ones((3, 65)), "got 3 of 65"),
        (np.array([[1.0, 0], [0, 0]]), "row 1 is zero"),
        (np.array([[1.0, np.nan], [0, 1]]), "the file"),
        (np.array([object()]), "not an npy file"),
    ],
)
def test_a_file_that_is_no_cloud_is_refused_in_a_line_without_its_place(tmp_path, rows, said):
    file = tmp_path / "file.npy"
    np.save(file, rows, allow_pickle=True)
    with pytest.raises(InputError, match=said) as refusal:
        asked("tokens.read_points", file=file)
    assert str(tmp_path) not in str(refusal.value)


def test_a_question_about_a_file_needs_one():
    with pytest.raises(InputError, match="needed"):
        asked("tokens.read_points")


def test_the_merge_list_is_that_of_the_collapse_engine(answers):
    collapse = attention.simulate_collapse(first_system())
    cloud, *stages = answers
    assert len(cloud.arrays["points"]) == FIRST["n"]
    assert [stage.document["final"] for stage in stages] == [False, False]
    for stage in stages:
        rows = stage.document["events"]
        assert [row["log_time"] for row in rows] == [event.log_time for event in collapse.events]
        assert [row["members"] for row in rows] == [[list(side) for side in e.members] for e in collapse.events]
    assert [row["error"] for row in stages[1].document["events"]] == [event.error for event in collapse.events]
    assert [row["condition"] for row in stages[1].document["events"]] == [e.condition for e in collapse.events]


def test_frames_begin_with_the_cloud_and_end_in_one_cluster(answers):
    cloud, first = answers[:2]
    frames, log_times = first.arrays["frames"], np.array(first.document["log_times"])
    assert frames.shape[:2] == (len(log_times), FIRST["n"])
    np.testing.assert_allclose(frames[0], cloud.arrays["points"], atol=0.02)
    assert np.ptp(frames[-1], axis=0).max() < 1e-2
    assert np.all(np.diff(log_times) > 0)
    assert np.all(np.diff(first.arrays["energies"]) > -1e-9)


def test_what_is_predicted_is_near_what_is_measured(answers):
    rows = answers[1].document["events"]
    told = [row for row in rows if row["predicted"]]
    assert len(told) >= 2
    for row in told:
        forecast = row["predicted"]
        assert forecast["lower"] - 0.2 <= row["log_time"] <= forecast["upper"]
        assert sorted(map(tuple, forecast["members"])) == sorted(map(tuple, row["members"]))
        assert forecast["ranges"] >= 4
    assert all(bool(row["predicted"]) != bool(row["why_not_predicted"]) for row in rows)


@pytest.mark.slow
def test_no_merger_lies_in_a_certain_window():
    last = asked("tokens.collapse", FIRST)[-1].document
    assert last["final"]
    rows = last["events"]
    windows = [row["certified"] for row in rows if row["certified"]]
    assert len(windows) >= 2
    for row in rows:
        if row["certified"]:
            assert row["certified"][0] < row["certified"][1] < row["log_time"]


def test_points_of_the_page_take_the_place_of_the_seed():
    points = [[1.0, 0.0], [0.0, 2.0], [-1.0, 0.5]]
    cloud, first = asked("tokens.collapse", {"points": points, "beta": 4}, most=2)
    assert cloud.document == {"n": 3, "d": 2}
    system = attention.ParticleSystem.project(points, 4.0, "sa")
    assert [row["log_time"] for row in first.document["events"]] == [
        event.log_time for event in attention.simulate_collapse(system, check=False).events
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"points": [[1.0, 0.0]]}, "2 or more rows"),
        ({"points": [[1.0] * 65] * 2}, "at most 64"),
        ({"points": [[1.0, 0.0], [0.0, 0.0]]}, "row 1 is zero"),
        ({"n": 201}, "n must be a number from 2 to 200"),
        ({"beta": 1e5}, "beta must be a number"),
    ],
)
def test_what_cannot_be_followed_is_refused(given, said):
    with pytest.raises(InputError, match=said):
        asked("tokens.collapse", given)


def test_tokens_that_stand_still_for_ever_are_said_to():
    stages = asked("tokens.collapse", {"points": [[1.0, 0.0], [-1.0, 0.0]]})
    assert {stage.document["status"] for stage in stages[1:]} == {"saddle"}
    assert stages[-1].document["events"] == []
