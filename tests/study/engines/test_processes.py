"""Processes that compute cells, and what is lost with them: the cell, and nothing else."""

import os
import threading
import time

import pytest

from fathometer.evidence import InputError
from fathometer.study import in_process, processes, specification_of
from fathometer.study.engines import Child, Limits, outcome_of
from tests.study.computations import POISONS, find

LINES = {
    "none": "",
    "raise": "InputError: beta must be positive",
    "exit": "ProcessLost: the process that computed it ended with code 7",
    "kill": "ProcessLost: the process that computed it was ended by SIGKILL",
    "leave": "SystemExit: 3",
    "hang": "TimeLimit: took longer than 6 s",
    "eat": "MemoryLimit: used ",
    "columns": "",
    "kind": "",
    "foreign": "what was computed cannot be sent: ",
    "shape": "",
}


def cells(name, **tables):
    return specification_of({"computation": {"name": name}, **tables}, find)


def outcomes(engine, specification, limits=None):
    found, told = [], []
    engine.run(specification.cells, specification.computation.compute, limits or Limits(), found.append, told.append)
    return found, told


@pytest.mark.slow
def test_a_poisoned_cell_fails_alone():
    study = cells("poisoned", grid={"model": list(POISONS), "n": [1, 2]})
    found, told = outcomes(processes(2), study, Limits(6.0, 400e6))
    assert sorted(outcome.cell.address for outcome in found) == sorted(cell.address for cell in study.cells)
    for outcome in found:
        line = LINES[outcome.cell.parameters["model"]]
        assert outcome.error.startswith(line), outcome
        assert (outcome.error == "") == (line == "") == (outcome.computed is not None)
        assert outcome.seconds < 60
        assert outcome.machine
    assert len(told) == 4
    assert all("was lost with cell" in line for line in told)
    raised = next(outcome for outcome in found if outcome.cell.parameters["model"] == "raise")
    assert 'raise InputError("beta must be positive")' in raised.traceback


@pytest.mark.slow
def test_engines_agree_and_processes_are_kept():
    study = cells("add", grid={"beta": [1, 2.5], "n": [3, 40]}, seeds=3)
    here, _ = outcomes(in_process(), study)
    there, _ = outcomes(processes(2), study)
    beside, _ = outcomes(in_process(), study, Limits(seconds=60.0))
    assert {outcome.machine for outcome in here} == {outcome_of(study.computation.compute, study.cells[0]).machine}
    assert len({outcome.machine for outcome in there}) <= 2
    assert len({outcome.machine for outcome in beside}) == 1
    for found in (here, there, beside):
        values = {outcome.cell.address: outcome.computed.values for outcome in found}
        arrays = {outcome.cell.address: outcome.computed.arrays["steps"].tolist() for outcome in found}
        for cell in study.cells:
            expected = study.computation.compute(cell.parameters, cell.seed)
            assert values[cell.address] == expected.values
            assert arrays[cell.address] == expected.arrays["steps"].tolist()


@pytest.mark.slow
def test_a_leak_of_other_cells_is_not_the_fault_of_one():
    study = cells("leaking", fixed={"n": 100}, seeds=12)
    found, _ = outcomes(in_process(), study, Limits(memory=700e6))
    assert [outcome.error for outcome in found] == [""] * 12
    assert len({outcome.machine for outcome in found}) > 1


@pytest.mark.slow
def test_a_cell_is_stopped_from_another_thread():
    study = cells("slow", fixed={"beta": 60})
    child = Child(study.computation.compute, Limits())
    found = []
    thread = threading.Thread(target=lambda: found.append(child.compute(study.cells[0])))
    thread.start()
    while child._process is None or not child._used:
        time.sleep(0.05)
    child.stop()
    thread.join(20)
    assert found[0].error.endswith("was ended by SIGKILL")
    assert child._process is None


@pytest.mark.slow
def test_what_the_caller_raises_ends_the_run_and_its_processes():
    study = cells("slow", fixed={"beta": 0.05}, seeds=50)
    seen = []

    def full(outcome):
        seen.append(outcome)
        if len(seen) == 2:
            raise InputError("the disk is full")

    with pytest.raises(InputError, match="the disk is full"):
        processes(2).run(study.cells, study.computation.compute, Limits(), full, seen.append)
    assert 2 <= len(seen) <= 5
    for process in {int(outcome.machine.rpartition(":")[2]) for outcome in seen} - {os.getpid()}:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_what_cannot_be_imported_by_others_is_refused():
    with pytest.raises(InputError, match="a computation must be a function of a module"):
        Child(lambda parameters, seed: None, Limits())
    with pytest.raises(InputError, match="jobs must be"):
        processes(0)


def test_the_end_of_a_program_is_a_failed_cell_here_too():
    study = cells("poisoned", grid={"model": ["raise", "leave", "none"]})
    found, told = outcomes(in_process(), study)
    assert [outcome.error for outcome in found] == ["InputError: beta must be positive", "SystemExit: 3", ""]
    assert told == []
