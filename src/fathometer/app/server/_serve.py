"""Where the page listens."""

import secrets
import socket
import webbrowser
from collections.abc import Callable

import uvicorn

from fathometer.app._assets import assets
from fathometer.app.questions import Brought, bring
from fathometer.app.server._routes import make_app
from fathometer.app.session._session import MOST_BYTES
from fathometer.evidence import InputError

TRIES = 20
HOST = "127.0.0.1"


def serve(
    port: int = 8765,
    *,
    open_browser: bool = False,
    ready: Callable[[str], object],
    note: Callable[[str], object],
    network: Brought | None = None,
) -> None:
    """Serve the page on the loopback until it is interrupted.

    Args:
        port: where to listen, 1024 to 65535, or 0 for any that is free; the next ones are tried if it is taken.
        open_browser: open the page in the browser of this machine.
        ready: is told the address once the port is open.
        note: is told that another port was taken.
        network: of the user, which the view of layers shows.

    Raises:
        InputError: if the page is not built, or no port is free.
    """
    files = assets()
    bring(network or Brought())
    listening = _listen(port)
    actual = listening.getsockname()[1]
    token = secrets.token_urlsafe(24)
    address = f"http://{HOST}:{actual}/{token}/"
    if port not in (0, actual):
        note(f"port {port} is taken: the page is on {actual}\n")
    ready(address)
    if open_browser:
        webbrowser.open(address)
    config = uvicorn.Config(
        make_app(token, actual, files),
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=MOST_BYTES + 2**16,
        ws_max_queue=8,
        limit_concurrency=128,
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(config).run([listening])


def _listen(port: int) -> socket.socket:
    """A socket on the first free port from that one on.

    Raises:
        InputError: if none is free, or the port is none.
    """
    if port and not 1024 <= port <= 65535:
        raise InputError(f"--port must be 0 or from 1024 to 65535, got {port}")
    for candidate in range(port, min(port + TRIES, 65536)):
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, candidate))
            listening.listen(64)
        except OSError:
            listening.close()
        else:
            return listening
    raise InputError(f"no port from {port} to {port + TRIES - 1} is free")
