"""What the view of the edge is answered: the numbers of `deep-linear train`, flows, files good and bad."""

import numpy as np
import pytest

from fathometer import deep_linear as dl
from fathometer.app.questions import question
from fathometer.app.questions.edge import FIRST_NETWORK, FIRST_RUN
from fathometer.data import load_table
from fathometer.evidence import Estimate, InputError
from fathometer.network import Edge, EdgeRule, History
from fathometer.network.steps.watch._history import Moment

SMALL = FIRST_RUN | {"depth": 2, "width": 2, "steps": 30, "step": 0.05}
TABLE = "a,b,y\n1,0,2\n0,1,-1\n2,1,3.5\n-1,1,-3\n0.5,-2,3\n"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(TABLE)
    return path


def asked(name, given, file=None):
    return [*question(name).answers(given, file)]


def whole(answers, name):
    return np.concatenate([answer.arrays[name] for answer in answers if name in answer.arrays])


@pytest.fixture(scope="module")
def descent():
    return asked("edge.descend", SMALL)


@pytest.fixture(scope="module")
def trained():
    """The same training by the functions that `deep-linear train` calls."""
    problem = dl.DeepLinear(dl.paper_samples("overdetermined").regression, 2)
    start = tuple(matrix[0] for matrix in dl.Initial.parse("gaussian:0.5").draw(problem, 2, 1, 0))
    looks = dl.look_steps(30, [matrix.shape for matrix in start], 240)
    return dl.watched_descent(problem, start, 0.05, 30, looks=looks, say=lambda _: None)


def test_the_history_is_that_of_the_training(descent, trained):
    history = dl.run_history(trained, 2 / 0.05, 0.05)
    for name in ("at", "loss", "excess_risk", "imbalance"):
        np.testing.assert_array_equal(whole(descent, name), getattr(history, name))
    np.testing.assert_array_equal(whole(descent, "sharpness"), history.sharpness.value)
    np.testing.assert_array_equal(whole(descent, "centre"), history.centre_sharpness.value)
    assert [answer.document["done"] for answer in descent if "done" in answer.document][-1] == 1


def test_class_and_certificate_are_those_of_the_training(descent, trained):
    told = {name: value for answer in descent for name, value in answer.document.items()}
    assert told["class"]["name"] == dl.classified_run(trained, 0.05).name
    found = dl.certified_descent(trained, 0.05)
    assert told["certified"]["at"] == found.at
    assert told["certified"]["reason"] == found.reason
    assert told["end"]["sharpness"] == whole(descent, "sharpness")[-1]
    assert told["diverged_at"] is None


@pytest.mark.parametrize(("kind", "reach"), [("heavy-ball", 3.0), ("nesterov", 1.5)])
def test_momentum_moves_the_threshold(kind, reach):
    answers = asked("edge.descend", SMALL | {"momentum": kind, "beta": 0.5})
    assert answers[0].document["limit"] == pytest.approx(reach / 0.05)
    assert answers[-1].document["certified"] == {
        "at": None,
        "reason": "certificates are for plain descent, not for momentum",
    }


def test_a_run_that_diverges_says_where():
    answers = asked("edge.descend", SMALL | {"step": 5.0})
    told = {name: value for answer in answers for name, value in answer.document.items()}
    assert told["class"]["name"] == "diverged"
    assert told["diverged_at"] > 0
    assert told["end"] == {"loss": None, "sharpness": None, "imbalance": None}


def test_the_law_is_that_of_the_data():
    (answer,) = asked("edge.law", FIRST_NETWORK)
    law = dl.depth_law(dl.DeepLinear(dl.paper_samples("overdetermined").regression, 5))
    for name in ("s_min", "s_balanced", "s_lower_paper", "largest_stable_step"):
        estimate = getattr(law, name)
        assert answer.document[name] == [estimate.value, estimate.lower, estimate.upper]


def test_a_table_is_read_as_by_train(table):
    (answer,) = asked("edge.law", FIRST_NETWORK, table)
    read = load_table(str(table), "y").standardized()
    law = dl.depth_law(dl.DeepLinear(dl.Regression.from_data(read.features, read.target), 5))
    assert answer.document["s_min"][0] == law.s_min.value
    assert answer.document["columns"] == ("a", "b", "y")
    assert answer.document["target"] == "y"
    (other,) = asked("edge.law", FIRST_NETWORK | {"target": 1, "standardize": False}, table)
    assert other.document["target"] == "a"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a,y\n1,x\n2,3\n", "column 'y' of the file"),
        ("", "the file is empty"),
        ("y\n1\n2\n", "the file must have a target and 1 to 200 features, got 1 columns"),
        ("a,y\n1,2\n1,3\n", "column 'a' of the file, standardized is constant|column 'a' of the file is constant"),
    ],
)
def test_a_bad_table_is_one_line_without_its_path(tmp_path, text, line):
    path = tmp_path / "rows.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=line) as refused:
        asked("edge.law", FIRST_NETWORK, path)
    assert str(tmp_path) not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_target_beyond_the_columns_is_refused(table):
    with pytest.raises(InputError, match="the file has 3 columns, so that none has the number 4"):
        asked("edge.law", FIRST_NETWORK | {"target": 4}, table)


def test_a_residual_start_has_a_readout_and_its_own_width():
    (answer,) = asked("edge.law", FIRST_NETWORK | {"residual": True})
    problem = dl.DeepLinear(dl.paper_samples("overdetermined").regression, 5, dl.paper_readout())
    assert answer.document["s_min"][0] == dl.minimal_sharpness(problem).value


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"momentum": "nesterov"}, "the central flow is that of plain descent: take no momentum"),
        ({"depth": 8, "width": 8}, "the central flow is drawn up to 100 weights, this network has 432"),
        ({"depth": 13, "width": 1}, "the central flow is drawn up to depth 12, got 13"),
        ({"step": 1.9}, "the central flow begins below the edge: the sharpness of the start is"),
    ],
)
def test_a_central_flow_that_cannot_be_drawn_is_refused(given, line):
    with pytest.raises(InputError, match=line):
        asked("edge.central_flow", FIRST_RUN | given)


@pytest.mark.slow
def test_the_flows_are_those_of_the_library():
    given = FIRST_RUN | {"steps": 40}
    run = [*question("edge.flow").answers(given)]
    problem = dl.DeepLinear(dl.paper_samples("overdetermined").regression, 5)
    start = tuple(matrix[0] for matrix in dl.Initial.parse("gaussian:0.5").draw(problem, 3, 1, 0))
    at = whole(run, "at")
    flow = dl.flow(problem, start, 0.19 * at, convergence=0.0, store=True)
    np.testing.assert_allclose(whole(run, "sharpness"), dl.run_history(flow).sharpness.value, rtol=1e-8)
    central = [*question("edge.central_flow").answers(given)]
    once = dl.run_at_edge(dl.EdgeOfStability(problem, start, 0.19), 40)
    np.testing.assert_array_equal(whole(central, "at"), at)
    kept = {name: state[at.astype(int)] for name, state in once.states.items()}
    sharpness = [
        dl.reduced_sharpness(problem, tuple(layer[k] for layer in kept.values())).value for k in range(len(at))
    ]
    np.testing.assert_allclose(whole(central, "sharpness"), sharpness, rtol=1e-6)


@pytest.fixture
def watch(tmp_path):
    largest = [Estimate.enclosed(value, value - 1, value + 1) for value in (5.0, 19.0, 21.0)]
    edges = [Edge(0.1, EdgeRule.descent(), value) for value in largest]
    moments = [
        Moment(100 * k, Estimate.exact(1 / (k + 1)), of, edge, None, 0.1, None, 20, 10, 0.1)
        for k, (of, edge) in enumerate(zip(largest, edges, strict=True))
    ]
    path = tmp_path / "watch.json"
    History(moments, steps=300, looks=3).save(path)
    return path


def test_a_watch_is_read(watch):
    (answer,) = asked("edge.watch", {}, watch)
    np.testing.assert_array_equal(answer.arrays["at"], [0, 100, 200])
    np.testing.assert_allclose(answer.arrays["sharpness"], [5, 19, 21])
    np.testing.assert_allclose(answer.arrays["sharpness_upper"], [6, 20, 22])
    np.testing.assert_allclose(answer.arrays["edge"], [20, 20, 20])
    assert answer.document["rule"] == "gradient descent"


@pytest.mark.parametrize("text", ["{}", "[]", "not json", '{"format": "fathometer watch", "version": 1}'])
def test_a_file_that_holds_no_watch_is_one_line(tmp_path, text):
    path = tmp_path / "watch.json"
    path.write_text(text)
    with pytest.raises(InputError) as refused:
        asked("edge.watch", {}, path)
    assert str(tmp_path) not in str(refused.value)


def test_a_watch_needs_a_file():
    with pytest.raises(InputError, match="drop a file that a Watch wrote"):
        asked("edge.watch", {})
