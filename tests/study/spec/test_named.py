"""What stands for files and modules in the address of a cell."""

import functools
import importlib
import subprocess
import sys

import numpy as np
import pytest

from fathometer import computations
from fathometer.computations.network._files import network_file
from fathometer.evidence import InputError
from fathometer.study import in_process, run_study, specification_of
from fathometer.study.spec._code import code_version
from fathometer.study.spec._named import module_at
from fathometer.study.spec._sources import sources_of
from tests.study.computations import find


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    return tmp_path


def write(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


PACKAGE = {
    "made/__init__.py": "from .inner import f\n",
    "made/inner.py": "from . import other\n",
    "made/other.py": "K = 1\n",
}
SINGLE = {"single.py": "import os, beside\n", "beside.py": "from below.most import x\n", "below/most.py": "x = 1\n"}


@pytest.mark.parametrize(
    ("files", "module", "changed"),
    [
        (PACKAGE, "made", "made/other.py"),
        (PACKAGE, "made.inner", "made/__init__.py"),
        (SINGLE, "single", "single.py"),
        (SINGLE, "single", "beside.py"),
        (SINGLE, "single", "below/most.py"),
    ],
)
def test_each_source_of_a_module_counts(here, files, module, changed):
    write(here, files | {"unused.py": "y = 1\n"})
    assert set(sources_of(module, here)) == set(files)
    before = module_at(f"{module}:f")
    (here / "unused.py").write_text("y = 2\n")
    assert module_at(f"{module}:f") == before
    (here / changed).write_text(files[changed] + "# another\n")
    assert module_at(f"{module}:f").content != before.content


def test_factories_of_one_module_are_two_and_what_is_installed_is_known_by_its_name(here):
    write(here, SINGLE)
    assert module_at("single:f").content != module_at("single:g").content
    assert module_at("numpy:f") is None
    assert module_at("nowhere:f") is None


def test_links_that_lead_nowhere_are_no_sources(here):
    write(here, PACKAGE)
    (here / "made" / ".#other.py").symlink_to("nobody@nowhere")
    assert set(sources_of("made", here)) == set(PACKAGE)


@pytest.mark.parametrize("reference", [":make", ".made:make", "../made:make", "a b:make", ""])
def test_what_names_no_module_has_no_sources(here, reference):
    write(here, PACKAGE | SINGLE)
    assert module_at(reference) is None


def test_a_network_is_looked_for_beside_the_specification(here, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    write(elsewhere, {"net/config.json": "{}", "net/weights.bin": "1"})
    found = network_file("net", elsewhere)
    assert found.value == str(elsewhere / "net")
    (elsewhere / "net" / "weights.bin").write_text("2")
    assert network_file("net", elsewhere).content != found.content


def test_weights_outside_a_file_of_onnx_count(here):
    onnx = pytest.importorskip("onnx")
    weight = onnx.numpy_helper.from_array(np.ones((20, 20), np.float32), "w")
    node = onnx.helper.make_node("MatMul", ["x", "w"], ["y"])
    ends = [onnx.helper.make_tensor_value_info(name, 1, ["n", 20]) for name in ("x", "y")]
    model = onnx.helper.make_model(onnx.helper.make_graph([node], "g", ends[:1], ends[1:], [weight]))
    onnx.save(model, "net.onnx", save_as_external_data=True, location="w.data", size_threshold=0)
    before = network_file("net.onnx", here)
    data = bytearray((here / "w.data").read_bytes())
    data[3] ^= 1
    (here / "w.data").write_bytes(data)
    assert network_file("net.onnx", here).content != before.content


def sized(folder, *names, base=None):
    document = {"computation": {"name": "sized"}, "grid": {"name": list(names)}}
    return specification_of(document, find, base=base or folder)


@pytest.mark.parametrize("name", ["a.txt", "./a.txt", "inner/../a.txt", ".//a.txt"])
def test_a_file_is_the_one_beside_the_specification_however_it_is_written(here, tmp_path_factory, name):
    beside = tmp_path_factory.mktemp("beside")
    (beside / "inner").mkdir()
    write(here, {"a.txt": "here"})
    write(beside, {"a.txt": "in the folder of the specification"})
    study = run_study(sized(here, name, base=beside), here / "out", in_process(), say=lambda line: None)
    assert study.table(["total"]).to_pydict() == {"total": [34.0]}


def test_two_names_of_the_same_bytes_are_refused(here):
    write(here, {"a.txt": "same", "b.txt": "same", "c.txt": "other"})
    assert len(sized(here, "a.txt", "c.txt").cells) == 2
    with pytest.raises(InputError, match=r"^name: 'a\.txt' and 'b\.txt' hold the same: keep one of them$"):
        sized(here, "a.txt", "c.txt", "b.txt")


def test_a_model_of_ones_own_counts_in_certify(here):
    document = {"computation": {"name": "certify"}, "fixed": {"model": "own_model:make"}}
    write(here, {"own_model.py": "from sklearn.linear_model import LogisticRegression as make\n"})
    before = specification_of(document, computations.find).cells.address(0)
    write(here, {"own_model.py": "from sklearn.dummy import DummyClassifier as make\n"})
    assert specification_of(document, computations.find).cells.address(0) != before


def test_a_grid_of_too_many_cells_is_one_line():
    document = {"computation": {"name": "phase"}, "seeds": 10**7}
    document["grid"] = {name: {"from": 1, "to": 9, "count": 10**6} for name in ("beta", "until")}
    with pytest.raises(InputError, match=r"at most 10000000 cells, got 10000000000000000000$"):
        specification_of(document, computations.find)


def test_arguments_that_are_given_leave_the_function_what_it_is():
    assert code_version(functools.partial(find, name=1)) == code_version(find)
    assert code_version(functools.partial(find)) != code_version(np.mean)


def test_without_a_file_the_code_itself_counts_in_every_process():
    printed = "from fathometer.study.spec._code import code_version\nprint(code_version(f))"

    def version(body):
        code = f"def f(p, seed):\n    return (lambda: {body})()\n{printed}"
        return subprocess.run([sys.executable, "-"], input=code, capture_output=True, text=True, check=True).stdout

    assert version("1") == version("1") != version("2")
