"""One viewer's questions: they are checked, answered in turns, bounded in number, and ended when it leaves."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from fathometer.app.questions import Answer, question
from fathometer.app.session._frames import numbers
from fathometer.app.session._turns import Turns
from fathometer.evidence import InputError

MOST_JOBS = 4
MOST_BYTES = 64 * 2**20

Send = Callable[[dict[str, Any], list[bytes]], Awaitable[None]]


class LeftError(Exception):
    """The viewer is gone: nothing can be sent to it."""


class Session:
    """What a page, or a viewer in a notebook, asks.

    A message {"id", "ask", "with", "files"} begins a job, {"id", "cancel": true} ends one. What goes back has the id
    and a kind: "answer" with document and arrays, as often as there are any; then "end", or "refused" with one line.

    Args:
        send: takes a header and buffers; raises `LeftError` where the viewer is gone.
        turns: shared by all sessions.
        defect: is told of an exception that is no one's input, for the log of the server.
    """

    def __init__(self, send: Send, turns: Turns, defect: Callable[[BaseException], None]) -> None:
        self._send, self._turns, self._defect = send, turns, defect
        self._jobs: dict[Any, asyncio.Task] = {}

    async def receive(self, header: dict[str, Any], payload: bytes | memoryview = b"") -> None:
        """Take one message, whatever it is."""
        number = header.get("id")
        if not isinstance(number, int) or isinstance(number, bool):
            await self._refuse(0, "a message needs a whole number as its id")
        elif header.get("cancel"):
            self._end(number)
        elif number in self._jobs:
            await self._refuse(number, f"job {number} is still at work")
        elif len(self._jobs) >= MOST_JOBS:
            await self._refuse(number, f"at most {MOST_JOBS} questions are answered at a time")
        else:
            self._jobs[number] = asyncio.create_task(self._answer(number, header, payload))

    async def close(self) -> None:
        """End all jobs, and wait for the steps at work."""
        jobs = [*self._jobs.values()]
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)

    def _end(self, number: int) -> None:
        if (job := self._jobs.get(number)) is not None:
            job.cancel()

    async def _answer(self, number: int, header: dict[str, Any], payload: bytes | memoryview) -> None:
        try:
            asked = question(header.get("ask", ""))
            with tempfile.TemporaryDirectory(prefix="fathometer-") as folder:
                file = _stored(Path(folder), header.get("files") or [], asked.files, payload)
                answers = _prepared(asked.answers(header.get("with") or {}, file))
                await self._turns.run(answers, lambda answer: self._deliver(number, answer))
            await self._send({"id": number, "kind": "end"}, [])
        except LeftError:
            pass
        except (InputError, ArithmeticError) as error:
            await self._refuse(number, str(error))
        except Exception as error:
            self._defect(error)
            await self._refuse(number, f"a defect of the program: {type(error).__name__}; its log says more")
        finally:
            del self._jobs[number]

    async def _deliver(self, number: int, answer: Answer) -> None:
        arrays, buffers = numbers(answer.arrays)
        await self._send({"id": number, "kind": "answer", "document": answer.document, "arrays": arrays}, buffers)

    async def _refuse(self, number: int, why: str) -> None:
        with suppress(LeftError):
            await self._send({"id": number, "kind": "refused", "message": " ".join(why.split())}, [])


def _stored(folder: Path, files: Any, suffixes: tuple[str, ...], payload: bytes | memoryview) -> Path | None:
    """The file that came along, under a name of ours; only the end of its own name is looked at.

    Raises:
        InputError: if there are several, it is too large, or it ends in nothing that the question takes.
    """
    if not files:
        return None
    if not isinstance(files, list) or len(files) > 1 or not isinstance(files[0], dict):
        raise InputError("a question takes one file")
    if len(payload) > MOST_BYTES:
        raise InputError(f"a file may have {MOST_BYTES} bytes, got {len(payload)}")
    suffix = Path(str(files[0].get("name", ""))[-16:]).suffix.lower()
    if suffix not in suffixes:
        raise InputError(f"a file must end in {' or '.join(suffixes) or 'nothing: this question takes none'}")
    path = folder / f"file{suffix}"
    path.write_bytes(payload)
    return path


def _prepared(answers: Iterator[Answer]) -> Iterator[Answer]:
    """The answers; importing the theories, which takes seconds, is a part of the first step.

    Yields:
        each of them.
    """
    from fathometer.numerics import prepare_jax

    prepare_jax()
    yield from answers
