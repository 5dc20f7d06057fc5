"""Commands hear an interrupt whatever they compute, and are never silent for long."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from fathometer.cli import _attended
from fathometer.cli._attended import attended
from fathometer.study import interruptions, say_progress


def test_the_code_of_the_command_is_returned_from_another_thread():
    seen = []
    assert attended(lambda: seen.append(threading.current_thread()) or 3) == 3
    assert seen[0] is not threading.main_thread()


@pytest.mark.parametrize(("code", "found"), [(7, 7), (None, 0), ("words", 1)])
def test_a_command_may_leave_by_itself(code, found):
    def leave():
        raise SystemExit(code)

    assert attended(leave) == found


def test_who_listens_is_told_and_keeps_what_it_has():
    heard = threading.Event()

    def command():
        with interruptions() as interrupted:
            os.kill(os.getpid(), signal.SIGINT)
            while not interrupted:
                time.sleep(0.01)
            heard.set()
        return 130

    before = signal.getsignal(signal.SIGINT)
    assert attended(command) == 130
    assert heard.is_set()
    assert signal.getsignal(signal.SIGINT) is before


def test_silence_is_broken(monkeypatch, capsys):
    monkeypatch.setattr(_attended, "_SILENCE", 0.2)
    attended(lambda: time.sleep(0.7) or 0)
    said = capsys.readouterr().err.splitlines()
    assert 1 <= len(said) <= 4
    assert all(line.startswith("fathometer: at work for") for line in said)


def test_a_command_that_speaks_is_not_spoken_over(monkeypatch, capsys):
    monkeypatch.setattr(_attended, "_SILENCE", 0.5)

    def command():
        for _ in range(12):
            say_progress("half way")
            time.sleep(0.1)
        return 0

    attended(command)
    assert set(capsys.readouterr().err.splitlines()) == {"half way"}


_DEAF = """
import time
from fathometer.cli._attended import attended
def command():
    print("begun", flush=True)
    time.sleep(60)
    return 0
raise SystemExit(attended(command))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_nobody_listens_and_the_program_ends():
    process = subprocess.Popen([sys.executable, "-c", _DEAF], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)  # it would sleep for a minute
    assert (process.returncode, err) == (130, "fathometer: interrupted\n")
