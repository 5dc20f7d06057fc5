import pytest

from tests.network.guide import run, write_examples


@pytest.fixture
def folder(tmp_path):
    write_examples(tmp_path)
    return tmp_path


def test_the_example_in_torch_runs(folder):
    out = run(folder, "ask.py").splitlines()
    assert out[0].startswith("largest eigenvalue")
    assert 0.02 < float(out[2].split()[-1]) < 0.2
    page = (folder / "report" / "index.html").read_text("utf-8")
    assert page.count("Not answered") == 1  # it has no tokens
    assert "How wrong can it be?" in page


def test_the_example_on_transformers_runs(folder, models):
    (folder / ".models").symlink_to(models)
    first, *findings = run(folder, "tokens.py").splitlines()
    assert float(first.split()[0]) < 1e-5
    assert len(findings) == 3


def test_the_example_on_onnx_runs(folder):
    run(folder, "export.py")
    assert run(folder, "graph.py").count("\n") == 2


def test_the_networks_that_can_be_fetched_are_inspected(folder, models):
    (folder / ".models").symlink_to(models)
    run(folder, "inputs.py")
    command = ("-m", "fathometer", "network", "inspect", ".models/albert", "--ids", "reactions.npz", "--out", "albert")
    assert "Do my tokens collapse?\nNo: after the last block" in run(folder, *command)
