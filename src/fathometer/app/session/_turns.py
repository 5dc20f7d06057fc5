"""Jobs take turns: one step each, in the order in which they come, on a few threads."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


class Turns:
    """Threads that jobs share fairly: after each step a job waits behind all others that are ready.

    Args:
        threads: how many steps run at a time.
    """

    def __init__(self, threads: int = 8) -> None:
        self._threads = ThreadPoolExecutor(threads, "answers")
        self._free = asyncio.Semaphore(threads)

    async def run(self, steps: Iterator[T], deliver: Callable[[T], Awaitable[None]]) -> None:
        """Take all steps, and deliver what each gives before the next begins: a slow reader slows its own job.

        A job that is cancelled ends after the step at work.
        """
        try:
            while (given := await self._step(steps)) is not None:
                await deliver(given)
        finally:
            if (close := getattr(steps, "close", None)) is not None:
                close()

    async def _step(self, steps: Iterator[T]) -> T | None:
        async with self._free:
            step = asyncio.get_running_loop().run_in_executor(self._threads, next, steps, None)
            try:
                return await asyncio.shield(step)
            except asyncio.CancelledError:
                while not step.done():  # it may be cancelled once more, when its session closes
                    with suppress(asyncio.CancelledError):
                        await asyncio.wait([step])
                raise

    def close(self) -> None:
        """Let the threads end after the steps at work."""
        self._threads.shutdown(wait=False, cancel_futures=True)
