"""Who may ask: only pages of this server, under its own name, that know the token."""

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADERS = {
    b"content-security-policy": b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    b"font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; "
    b"frame-ancestors 'self'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"cache-control": b"no-store",
}


class Guard:
    """Refuses whatever does not come from the page itself.

    A page of another site may send requests to the loopback, and a name of its own may be made to point there: so the
    Host must be the loopback with this port, the Origin, which browsers send along, this page's, and the path begins
    with a token that was drawn when the server started.

    Args:
        app: what stands behind it; it sees paths without the token.
        token: at least 16 bytes, drawn at random.
        port: of the server.
    """

    def __init__(self, app: App, token: str, port: int) -> None:
        self._app, self._token = app, token.encode()
        self._hosts = {f"{host}:{port}".encode() for host in ("127.0.0.1", "localhost")}
        self._origins = {b"http://" + host for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on or refuse one request or socket."""
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        path = self._allowed(scope)
        if path is None:
            return await _refuse(scope, receive, send)
        scope = {**scope, "path": path, "raw_path": path.encode()}
        return await self._app(scope, receive, _with_headers(send))

    def _allowed(self, scope: Scope) -> str | None:
        """The path behind the token, or None."""
        headers: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.lower(), []).append(value)
        hosts, origins = headers.get(b"host", []), headers.get(b"origin", [])
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return None
        if any(origin not in self._origins for origin in origins) or (scope["type"] == "websocket" and not origins):
            return None
        _, token, *rest = (*scope["path"].split("/", 2), "")
        if not secrets.compare_digest(token.encode(), self._token):
            return None
        return f"/{rest[0]}"


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *HEADERS.items()]
        await send(message)

    return sending


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """403 for a request; a socket is closed before it opens."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain"), *HEADERS.items()]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": b"use the address that `fathometer app` printed\n"})
