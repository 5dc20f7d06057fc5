"""The tool for mutation testing prepares what mutmut needs, and shows what was changed."""

import json
import tomllib

import pytest
from tools import mutants

MUTATED = """
def x_half__mutmut_orig(x):
    return x / 2


def x_half__mutmut_1(x):
    return x * 2
"""


@pytest.mark.parametrize("name", mutants.FOLDERS)
def test_what_is_mutated_and_tested_is_there(name):
    path, tests = mutants.FOLDERS[name]
    settings = tomllib.loads(mutants.SETTINGS.format(path=path, tests=json.dumps(tests)))["tool"]["mutmut"]
    assert [*mutants.ROOT.glob(settings["only_mutate"][0] + ".py")]
    assert all((mutants.ROOT / test.removeprefix("--ignore=")).exists() for test in tests)


def test_mutants_without_a_verdict_do_not_count_and_survivors_are_shown(tmp_path):
    code = tmp_path / "mutants" / "src" / "fathometer" / "halves.py"
    code.parent.mkdir(parents=True)
    code.write_text(MUTATED)
    name = "fathometer.halves.x_half__mutmut_1"
    code.with_name("halves.py.meta").write_text(json.dumps({"exit_code_by_key": {name: 0, "never_run": None}}))
    assert mutants.outcomes(tmp_path) == {name: 0}
    assert [*mutants.survivors(tmp_path, {name})] == [name, "    - return x / 2", "    + return x * 2"]
