"""What the view of layers is answered: the numbers of `network layers` and `attention layers`, files good and bad."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from fathometer.app.questions import Brought, bring, question
from fathometer.app.server import _serve
from fathometer.attention import layer_statistics
from fathometer.cli.app import _network
from fathometer.data import albert_flow, albert_layers
from fathometer.evidence import InputError
from fathometer.network.layers import fit_step, take_step


@pytest.fixture(scope="module")
def states():
    """Tokens that take known steps of the model, and a control that drifts at random."""
    random = np.random.default_rng(0)
    hidden = [random.standard_normal((12, 6))]
    for tau in (0.3, 0.5, 0.2):
        hidden.append(take_step(hidden[-1], 2.0, tau))
    control = [random.standard_normal((12, 6))]
    for _ in range(3):
        control.append(control[-1] + 0.3 * random.standard_normal((12, 6)))
    return np.stack(hidden), np.stack(control)


@pytest.fixture(scope="module")
def answer(states, tmp_path_factory):
    path = tmp_path_factory.mktemp("states") / "states.npz"
    np.savez(path, hidden=states[0], control=states[1])
    return [*question("layers.read").answers({}, path)][-1]


def test_the_cosines_are_those_of_the_states(answer, states):
    for name, given in zip(("model", "control"), states, strict=True):
        seen = layer_statistics(given)
        np.testing.assert_allclose(answer.arrays[f"{name}_mean"], seen.mean)
        np.testing.assert_allclose(answer.arrays[f"{name}_density"].sum(axis=1), seen.density.sum(axis=1) / 2)
        np.testing.assert_allclose(answer.arrays[f"{name}_centred"].sum(axis=1) * 0.02, 1)


def test_the_shares_are_those_of_the_fits(answer, states):
    for name, given in zip(("explained", "control_explained"), states, strict=True):
        fits = [fit_step(before, after).explained for before, after in pairwise(given)]
        np.testing.assert_allclose(answer.arrays[f"{name}_value"], fits, atol=1e-6)
    np.testing.assert_allclose(answer.arrays["tau"], [0.3, 0.5, 0.2], atol=1e-3)
    assert np.all(np.isinf(answer.arrays["explained_lower"]))


def test_the_fitted_flow_follows_states_that_the_model_made(answer):
    np.testing.assert_allclose(answer.arrays["flow_mean"], answer.arrays["model_mean"], atol=1e-3)


def test_the_example_is_what_comes_with_the_package():
    (answer,) = question("layers.observe").answers({})
    np.testing.assert_array_equal(answer.arrays["model_mean"], albert_layers()["trained_mean"])
    np.testing.assert_array_equal(answer.arrays["control_mean"], albert_layers()["random_mean"])
    np.testing.assert_array_equal(answer.arrays["flow_mean"], albert_flow()["flow_mean"])
    np.testing.assert_array_equal(answer.arrays["explained_value"], albert_flow()["explained"])
    assert answer.arrays["flow_mean"][0] == pytest.approx(answer.arrays["model_mean"][0], abs=1e-6)
    assert answer.document["layers"][:13] == [*range(13)]
    assert sum(array.size for array in answer.arrays.values()) < 15_000


@pytest.mark.parametrize(
    ("arrays", "line"),
    [
        ({"states": np.ones((3, 4, 5))}, "the file must hold an array 'hidden' .* arrays: \\['states'\\]"),
        ({"hidden": np.ones((4, 5))}, "'hidden' of the file must have 3 dimensions|'hidden' of the file"),
        ({"hidden": np.full((3, 4, 5), np.nan)}, "'hidden' of the file"),
        ({"hidden": np.ones((1, 4, 5))}, "two layers, tokens and dimensions at least, got shape \\(1, 4, 5\\)"),
        ({"hidden": np.zeros((3, 4, 5))}, "zero"),
        ({"hidden": np.ones((2, 2001, 2))}, "at most 20,000,000 numbers and 2000 tokens are drawn"),
        ({"hidden": np.ones((3, 4, 5)), "control": np.ones((2, 4, 5))}, "must have 3 layers as 'hidden' has, got 2"),
    ],
)
def test_a_bad_file_is_one_line_without_its_path(tmp_path, arrays, line):
    path = tmp_path / "states.npz"
    np.savez(path, **arrays)
    with pytest.raises(InputError, match=line) as refused:
        [*question("layers.read").answers({}, path)]
    assert str(tmp_path) not in str(refused.value)


def test_a_file_of_foreign_bytes_is_refused(tmp_path):
    path = tmp_path / "states.npz"
    path.write_bytes(b"not an archive")
    with pytest.raises(InputError, match="the file is not an npz file"):
        [*question("layers.read").answers({}, path)]
    with pytest.raises(InputError, match="drop an npz file"):
        [*question("layers.read").answers({})]


def test_the_page_cannot_say_which_network_is_read():
    for name in ("model", "text", "ids"):
        with pytest.raises(InputError, match=f"no parameter is called '{name}'"):
            question("layers.observe").answers({name: "/etc"})


def stopped(port):
    raise KeyboardInterrupt


@pytest.fixture
def _nothing_brought():
    yield
    bring(Brought())


@pytest.mark.usefixtures("_nothing_brought")
def test_the_server_brings_the_network_that_it_was_started_with(monkeypatch, tmp_path):
    monkeypatch.setattr(_serve, "assets", dict)
    monkeypatch.setattr(_serve, "_listen", stopped)
    with pytest.raises(KeyboardInterrupt):
        _serve.serve(0, ready=print, note=print, network=Brought(str(tmp_path / "none")))
    with pytest.raises(InputError, match="none"):
        [*question("layers.observe").answers({})]


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ((None, "x.txt", None), "--text and --ids go with --model NETWORK"),
        (("m:f", "x.txt", "x.npz"), "give either --text F or --ids F.npz, not both"),
        (("no-such-folder", None, None), "no folder or file 'no-such-folder' for --model"),
        (("m:f", "no-such.txt", None), "no file 'no-such.txt'"),
    ],
)
def test_options_that_do_not_fit_are_refused(given, line):
    model, text, ids = given
    with pytest.raises(InputError) as refused:
        _network(model, text and Path(text), ids and Path(ids))
    assert str(refused.value) == line


def test_tokens_that_are_all_one_have_nothing_around_their_mean(tmp_path):
    path = tmp_path / "flat.npz"
    np.savez(path, hidden=np.ones((3, 5, 4)))
    assert [*question("layers.read").answers({}, path)]  # and no warning of a division by zero
