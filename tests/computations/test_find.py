"""What holds of every computation."""

import pickle
import re

import pytest

from fathometer.computations import find, names
from fathometer.evidence import InputError
from fathometer.study import Computation, read_parameters
from fathometer.study.spec._specification import OWN_COLUMNS

ALL = [find(name) for name in names()]


def name(computation: Computation) -> str:
    return computation.name


@pytest.mark.parametrize("known", names())
def test_a_computation_is_found_by_its_name(known):
    assert find(known).name == known
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", known)


def test_an_unknown_name_is_refused_with_all_names():
    with pytest.raises(InputError, match="no computation is called 'colapse'; known: collapse, phase"):
        find("colapse")


def test_the_four_sweeps_and_the_catalogue_of_the_command_line_are_there():
    assert {"batch", "sweep", "coverage", "reproduce"} <= set(names())
    assert {"collapse", "phase", "threshold", "train", "certify", "network-layers", "network-sharpness"} <= set(names())


@pytest.mark.parametrize("computation", ALL, ids=name)
class TestEvery:
    def test_defaults_are_allowed(self, computation):
        for key, parameter in computation.parameters.items():
            assert parameter.read(key, parameter.default) == parameter.default
        assert read_parameters(computation.parameters, {}) == {
            key: parameter.default for key, parameter in computation.parameters.items()
        }

    def test_columns_have_types_and_meanings(self, computation):
        for column in computation.columns.values():
            assert column.kind in (float, int, bool, str)
            assert 5 < len(column.meaning) < 110
            assert not column.meaning.endswith(".")

    def test_no_two_columns_of_the_table_have_one_name(self, computation):
        known = [*OWN_COLUMNS, *computation.parameters, *computation.columns, *computation.axes]
        assert len(set(known)) == len(known)

    def test_another_process_can_import_it(self, computation):
        assert pickle.loads(pickle.dumps(computation.compute)) is computation.compute

    def test_files_are_parameters(self, computation, tmp_path):
        assert set(computation.files) <= set(computation.parameters)
        for named in computation.files.values():
            assert named("", tmp_path) is None

    def test_every_parameter_is_explained(self, computation):
        assert set(computation.about) == set(computation.parameters)
        assert all(text and not text.endswith(".") for text in computation.about.values())
