"""Sessions with questions of the tests' own: what travels, turns, bounds, cancelling, files."""

import asyncio
import json
import threading

import numpy as np
import pytest

from fathometer.app.questions import Answer, Question
from fathometer.app.session import (
    BadFrameError,
    LeftError,
    Session,
    Turns,
    _session as session_module,
    numbers,
    pack_frame,
    read_frame,
)
from fathometer.evidence import InputError
from fathometer.study import Whole

CLOSED = threading.Event()


def count(n):
    try:
        for k in range(n):
            yield Answer({"k": k}, {"x": np.full((2, 3), k)})
    finally:
        CLOSED.set()


def refuse():
    yield Answer({})
    raise InputError("not\nlike this")


def fail():
    yield Answer({})
    raise KeyError("a defect")


def size(file=None):
    yield Answer({"bytes": None if file is None else file.stat().st_size, "name": file and file.name})


QUESTIONS = {
    "t.count": Question("t.count", count, {"n": Whole(0, 10**9, 3)}),
    "t.refuse": Question("t.refuse", refuse),
    "t.fail": Question("t.fail", fail),
    "t.size": Question("t.size", size, files=(".npy",)),
}


@pytest.fixture(autouse=True)
def _own_questions(monkeypatch):
    monkeypatch.setattr(session_module, "question", QUESTIONS.__getitem__)


def conversation(talk, threads=2):
    """Run `talk(session)` and return what was sent, and the defects."""
    sent, defects = [], []

    async def send(header, buffers):
        json.dumps(header)
        sent.append((header, buffers))
        await asyncio.sleep(0)

    async def main():
        turns = Turns(threads)
        session = Session(send, turns, defects.append)
        await talk(session, sent)
        while session._jobs:
            await asyncio.sleep(0.001)
        turns.close()

    asyncio.run(main())
    return sent, defects


def test_answers_come_in_order_and_then_the_end():
    async def talk(session, _):
        await session.receive({"id": 5, "ask": "t.count", "with": {"n": 3}})

    sent, defects = conversation(talk)
    assert [header["kind"] for header, _ in sent] == ["answer"] * 3 + ["end"]
    assert [header["document"]["k"] for header, _ in sent[:3]] == [0, 1, 2]
    assert sent[2][0]["arrays"] == [{"name": "x", "shape": [2, 3]}]
    np.testing.assert_array_equal(np.frombuffer(sent[2][1][0], "<f4"), np.full(6, 2))
    assert {header["id"] for header, _ in sent} == {5}
    assert not defects


def test_jobs_take_turns():
    async def talk(session, _):
        for number in (1, 2, 3):
            await session.receive({"id": number, "ask": "t.count", "with": {"n": 20}})

    sent, _ = conversation(talk, threads=1)
    order = [header["id"] for header, _ in sent if header["kind"] == "answer"]
    assert order == [1, 2, 3] * 20


def test_a_cancelled_job_is_closed_and_says_nothing_more():
    CLOSED.clear()

    async def talk(session, sent):
        await session.receive({"id": 1, "ask": "t.count", "with": {"n": 10**9}})
        while len(sent) < 3:
            await asyncio.sleep(0.001)
        await session.receive({"id": 1, "cancel": True})

    sent, defects = conversation(talk)
    assert CLOSED.is_set()
    assert {header["kind"] for header, _ in sent} == {"answer"}
    assert not defects


def test_a_viewer_that_leaves_frees_its_jobs():
    CLOSED.clear()

    async def talk(session, sent):
        await session.receive({"id": 1, "ask": "t.count", "with": {"n": 10**9}})
        while len(sent) < 3:
            await asyncio.sleep(0.001)
        await session.close()

    conversation(talk)
    assert CLOSED.is_set()


def test_refusals_are_one_line_and_defects_are_told():
    async def talk(session, _):
        for number, name in enumerate(["t.refuse", "t.fail"]):
            await session.receive({"id": number, "ask": name})

    sent, defects = conversation(talk)
    refused = {header["id"]: header["message"] for header, _ in sent if header["kind"] == "refused"}
    assert refused == {0: "not like this", 1: "a defect of the program: KeyError; its log says more"}
    assert [str(defect) for defect in defects] == ["'a defect'"]


def test_a_viewer_that_is_gone_while_an_answer_comes_is_no_defect():
    CLOSED.clear()
    defects = []

    async def gone(header, buffers):
        raise LeftError

    async def main():
        turns = Turns(1)
        session = Session(gone, turns, defects.append)
        for number, name in enumerate(["t.count", "t.refuse", "t.fail"]):
            await session.receive({"id": number, "ask": name})
        while session._jobs:
            await asyncio.sleep(0.001)
        turns.close()

    asyncio.run(main())
    assert CLOSED.is_set()
    assert defects == []


def test_jobs_are_bounded():
    async def talk(session, sent):
        for number in range(7):
            await session.receive({"id": number, "ask": "t.count", "with": {"n": 10**9}})
        await session.receive({"id": 0, "ask": "t.count"})
        await session.close()

    sent, _ = conversation(talk)
    refused = {header["id"]: header["message"] for header, _ in sent if header["kind"] == "refused"}
    assert refused == {
        0: "job 0 is still at work",
        **dict.fromkeys((4, 5, 6), "at most 4 questions are answered at a time"),
    }


@pytest.mark.parametrize(
    ("files", "payload", "said"),
    [
        ([], b"", {"bytes": None, "name": None}),
        ([{"name": "../../etc/x.NPY", "size": 3}], b"abc", {"bytes": 3, "name": "file.npy"}),
        ([{"name": "x.pkl"}], b"abc", "a file must end in .npy"),
        ([{"name": "x.npy"}, {"name": "y.npy"}], b"", "a question takes one file"),
        ("x.npy", b"", "a question takes one file"),
        (["x.npy"], b"", "a question takes one file"),
    ],
)
def test_a_file_comes_under_a_name_of_ours(files, payload, said):
    async def talk(session, _):
        await session.receive({"id": 1, "ask": "t.size", "files": files}, payload)

    header = conversation(talk)[0][0][0]
    assert header.get("document", header.get("message")) == said


def test_a_message_without_a_number_is_refused():
    async def talk(session, _):
        for header in ({}, {"id": "1"}, {"id": True}, {"id": None, "ask": "t.count"}):
            await session.receive(header)

    sent, _ = conversation(talk)
    assert [header["message"] for header, _ in sent] == ["a message needs a whole number as its id"] * 4


def test_frames_are_read_as_they_were_packed():
    arrays, buffers = numbers({"x": np.arange(6.0).reshape(2, 3), "y": np.array(7)})
    header, rest = read_frame(pack_frame({"id": 1, "ü": "x", "arrays": arrays}, buffers))
    assert header == {
        "id": 1,
        "ü": "x",
        "arrays": [{"name": "x", "shape": [2, 3]}, {"name": "y", "shape": []}],
    }
    np.testing.assert_array_equal(np.frombuffer(rest, "<f4"), [*range(6), 7])


@pytest.mark.parametrize(
    "message",
    [b"", b"abc", b"\x10\0\0\0{}", b"\x02\0\0\0{]", b"\x02\0\0\0[]", b"\xff\xff\xff\xff{}", b"\x02\0\0\0\xff\xfe"],
)
def test_what_is_no_frame_is_said_to_be_none(message):
    with pytest.raises(BadFrameError):
        read_frame(message)
