"""The journal: what was taken is there, whatever happened to its end."""

import errno
import math
import os

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_array_equal

from fathometer.evidence import InputError
from fathometer.study import Computed
from fathometer.study.engines import Cell, Outcome
from fathometer.study.store._journal import ARRAYS, OUTCOMES, Journal, read_array, read_entries
from fathometer.study.store._lock import is_locked, locked
from fathometer.study.store._record import entries_of, line_of, number_of


def outcome(k, **arrays):
    return Outcome(Cell(f"{k:032x}", {}, 0), Computed({"x": float(k)}, (), arrays), seconds=0.5, machine="a:1")


def written(folder, count):
    journal = Journal(folder)
    for k in range(count):
        journal.take(outcome(k, a=np.full((k, 2), float(k))))
    journal.close()


def cells(folder):
    return [int(entry.cell, 16) for entry in read_entries(folder)]


VALUES = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text()


@settings(deadline=None)
@given(st.dictionaries(st.text(), VALUES), st.floats(0, 1e6))
def test_values_are_read_as_they_were_written(values, seconds):
    line = line_of(Outcome(Cell("a", {}, 0), Computed(values), seconds=seconds, machine="m"), {})
    assert line.count(b"\n") == 1
    (entry,) = entries_of(line)
    assert entry.seconds == seconds
    assert set(entry.values) == set(values)
    for name, value in values.items():
        read = entry.values[name]
        if isinstance(value, float):
            read = number_of(read)
            assert read == value or (math.isnan(read) and math.isnan(value))
        else:
            assert read == value
            assert type(read) is type(value)


def test_arrays_are_read_as_they_were_written(tmp_path):
    arrays = {"f": np.arange(6.0).reshape(2, 3), "i": np.array([1, -2]), "b": np.array(True), "e": np.empty((0, 3))}
    journal = Journal(tmp_path)
    journal.take(outcome(0, **arrays))
    journal.close()
    (entry,) = read_entries(tmp_path)
    with (tmp_path / ARRAYS).open("rb") as file:
        for name, array in arrays.items():
            read = read_array(file.fileno(), entry.arrays[name])
            assert_array_equal(read, array)
            assert read.dtype == array.dtype


def test_a_torn_end_is_dropped_wherever_it_is_torn(tmp_path):
    written(tmp_path, 4)
    whole = (tmp_path / OUTCOMES).read_bytes()
    ends = [k + 1 for k, byte in enumerate(whole) if byte == 10]
    for length in range(len(whole) + 1):
        (tmp_path / OUTCOMES).write_bytes(whole[:length])
        assert cells(tmp_path) == list(range(sum(end <= length for end in ends)))
    (tmp_path / OUTCOMES).write_bytes(whole[:-5])
    written(tmp_path, 2)
    assert cells(tmp_path) == [0, 1, 2, 0, 1]


def test_a_damaged_line_and_lost_arrays_are_as_if_they_had_not_been_written(tmp_path):
    written(tmp_path, 3)
    whole = (tmp_path / OUTCOMES).read_bytes()
    lines = whole.splitlines(keepends=True)
    (tmp_path / OUTCOMES).write_bytes(lines[0] + lines[1].replace(b"1.0", b"9.0") + lines[2])
    assert cells(tmp_path) == [0, 2]
    (tmp_path / OUTCOMES).write_bytes(whole)
    os.truncate(tmp_path / ARRAYS, 20)
    assert cells(tmp_path) == [0, 1]


def test_what_is_written_where_arrays_were_lost_is_not_taken_for_them(tmp_path):
    """The power failed before the end of the arrays was on the disk; later ones lie where they were."""
    written(tmp_path, 4)  # of 0, 16, 32 and 48 bytes
    os.truncate(tmp_path / ARRAYS, 16)
    journal = Journal(tmp_path)
    journal.take(outcome(9, a=np.full((5, 2), 9.0)))
    journal.close()
    assert cells(tmp_path) == [0, 1, 9]
    *_, last = read_entries(tmp_path)
    with (tmp_path / ARRAYS).open("rb") as file:
        assert_array_equal(read_array(file.fileno(), last.arrays["a"]), np.full((5, 2), 9.0))
    with (tmp_path / ARRAYS).open("r+b") as file:  # there, and never filled
        file.write(bytes(16))
    assert cells(tmp_path) == [0, 9]
    assert [int(entry.cell, 16) for entry in read_entries(tmp_path, check=False)] == [0, 1, 2, 3, 9]


def test_large_arrays_are_read_in_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr("fathometer.study.store._journal._AT_ONCE", 50)
    test_arrays_are_read_as_they_were_written(tmp_path)


def test_a_journal_without_checksums_is_read(tmp_path):
    written(tmp_path, 2)
    entries = list(read_entries(tmp_path))
    old: list = [{name: place[:3] for name, place in entry.arrays.items()} for entry in entries]
    (tmp_path / OUTCOMES).write_bytes(b"".join(line_of(outcome(k), places) for k, places in enumerate(old)))
    read = list(read_entries(tmp_path))
    assert [entry.arrays["a"].shape for entry in read] == [(0, 2), (1, 2)]
    assert [entry.arrays["a"].checksum for entry in read] == [None, None]


@pytest.mark.parametrize("room", range(0, 700, 23))
def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch, room):
    """The disk takes a number of bytes, in parts, and no more."""
    left, write = [room], os.write

    def full(handle, data):
        taken = min(len(data), left[0], 40)
        left[0] -= taken
        if not taken and len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(handle, bytes(data)[:taken])

    journal = Journal(tmp_path)
    kept, line = 0, ""
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        try:
            for kept in range(10):
                journal.take(outcome(kept, a=np.full(2, float(kept))))
        except InputError as error:
            line = str(error)
        with pytest.raises(InputError, match="the disk is full"):
            journal.take(outcome(11))
    assert line.endswith("the disk is full; all that was stored before is kept, and the next run goes on from there")
    assert cells(tmp_path) == list(range(kept))
    assert (tmp_path / OUTCOMES).read_bytes().count(b"\n") == kept
    journal.close()
    written(tmp_path, 2)
    assert cells(tmp_path) == [*range(kept), 0, 1]


def test_what_the_disk_does_not_take_in_the_end_is_said(tmp_path, monkeypatch):
    def refused(handle):
        raise OSError(errno.EIO, "input/output error")

    journal = Journal(tmp_path)
    journal.take(outcome(0))
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", refused)
        with pytest.raises(InputError, match="it cannot be written to: input/output error"):
            journal.close()
    assert cells(tmp_path) == [0]


def test_one_run_at_a_time(tmp_path):
    with locked(tmp_path), pytest.raises(InputError, match=f"is in use by process {os.getpid()} on "), locked(tmp_path):
        pass
    with locked(tmp_path):
        pass


def test_who_looks_at_a_lock_leaves_it_as_it_is(tmp_path):
    assert not is_locked(tmp_path)
    assert not (tmp_path / "lock").exists()
    with locked(tmp_path):
        held = (tmp_path / "lock").read_text()
        (tmp_path / "lock").chmod(0o444)
        assert is_locked(tmp_path)
    assert not is_locked(tmp_path)
    assert (tmp_path / "lock").read_text() == held
