"""What is served: the built files, and one socket a page."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Response, WebSocket, WebSocketDisconnect

from fathometer.app.server._guard import App, Guard
from fathometer.app.session import BadFrameError, LeftError, Session, Turns, pack_frame, read_frame

MOST_SOCKETS = 32
TYPES = {"html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}

log = logging.getLogger("fathometer.app")


def make_app(token: str, port: int, assets: Mapping[str, bytes]) -> App:
    """Return the page as an ASGI application.

    Args:
        token: first part of every path.
        port: where it will listen.
        assets: the built files by name; `index.html` is the page.
    """
    sockets: set[WebSocket] = set()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.turns = Turns()
        yield
        app.state.turns.close()

    inner = FastAPI(lifespan=lifespan, openapi_url=None)

    @inner.get("/{name}")
    @inner.get("/")
    def file(name: str = "index.html") -> Response:
        if (content := assets.get(name)) is None:
            return Response(status_code=404)
        return Response(content, media_type=TYPES.get(name.rpartition(".")[2], "application/octet-stream"))

    @inner.websocket("/socket")
    async def socket(channel: WebSocket) -> None:
        if len(sockets) >= MOST_SOCKETS:
            return await channel.close(1013, "too many pages are open")
        await channel.accept()
        sockets.add(channel)
        try:
            await _converse(channel, inner.state.turns)
        finally:
            sockets.discard(channel)

    return Guard(inner, token, port)


async def _converse(channel: WebSocket, turns: Turns) -> None:
    """Answer one page until it leaves; what it asked for is ended then."""

    async def send(header: dict[str, Any], buffers: list[bytes]) -> None:
        try:
            await channel.send_bytes(pack_frame(header, buffers))
        except (RuntimeError, WebSocketDisconnect) as error:  # what a closed channel raises
            raise LeftError from error

    session = Session(send, turns, lambda error: log.error("a question ended in an error", exc_info=error))
    try:
        while True:
            await session.receive(*read_frame(await channel.receive_bytes()))
    except (WebSocketDisconnect, KeyError):  # KeyError: a text message, which no page of ours sends
        pass
    except BadFrameError as error:
        await channel.close(1003, str(error))
    finally:
        await session.close()
