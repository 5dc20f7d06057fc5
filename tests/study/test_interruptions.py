"""Interrupts that wait until it suits."""

import os
import signal

import pytest

from fathometer.study import interruptions


def test_an_interrupt_is_kept_for_later_and_the_handler_comes_back():
    before = signal.getsignal(signal.SIGINT)
    with interruptions() as seen:
        assert not seen
        os.kill(os.getpid(), signal.SIGINT)
        assert seen
    assert signal.getsignal(signal.SIGINT) is before


def test_the_handler_comes_back_after_a_fault():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="fault"), interruptions():
        raise ValueError("fault")
    assert signal.getsignal(signal.SIGINT) is before
