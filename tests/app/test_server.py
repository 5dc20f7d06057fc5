"""The server on the loopback, asked by plain sockets: who is let in, and what is served."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
import uvicorn
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from fathometer.app.questions import Answer, Question
from fathometer.app.server import make_app
from fathometer.app.server._serve import _listen
from fathometer.app.session import _session as session_module, pack_frame, read_frame
from fathometer.evidence import InputError
from fathometer.study import Whole

TOKEN = "a-token-of-the-tests"
ASSETS = {"index.html": b"<!doctype html>", "page.js": b"1", "style.css": b"a{}"}


@pytest.fixture(scope="module")
def port():
    listening = _listen(0)
    number = listening.getsockname()[1]
    config = uvicorn.Config(make_app(TOKEN, number, ASSETS), log_level="error", ws="websockets-sansio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    yield number
    server.should_exit = True
    thread.join()


def get(port, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, dict(response.getheaders()), body


def socket_to(port, path=f"/{TOKEN}/socket", origin="", **more):
    address = f"ws://127.0.0.1:{port}{path}"
    return connect(address, origin=origin or f"http://127.0.0.1:{port}", proxy=None, **more)


def test_the_page_and_its_parts_are_served(port):
    for name, body in ASSETS.items():
        assert get(port, f"/{TOKEN}/{name}")[::2] == (200, body)
    status, headers, body = get(port, f"/{TOKEN}/")
    assert (status, body) == (200, ASSETS["index.html"])
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "name", ["none.js", "../pyproject.toml", "%2e%2e%2fpyproject.toml", "..%2f..%2fetc%2fpasswd", "a/b"]
)
def test_nothing_else_is_served(port, name):
    assert get(port, f"/{TOKEN}/{name}")[0] in (403, 404)


@pytest.mark.parametrize("path", ["/", "/wrong/", "/socket", f"/{TOKEN[:-1]}/", f"/{TOKEN}x/", "//", f"/%00{TOKEN}/"])
def test_nothing_is_said_without_the_token(port, path):
    status, _, body = get(port, path)
    assert status == 403
    assert body == b"use the address that `fathometer app` printed\n"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1"}, 403),
        ({"Host": "127.0.0.1.evil.example:{port}"}, 403),
        ({"Host": "localhost:{port}"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://127.0.0.1:{port}"}, 403),
        ({"Origin": "http://127.0.0.1:{port}"}, 200),
    ],
)
def test_only_pages_of_this_server_may_ask(port, headers, status):
    headers = {name: value.format(port=port) for name, value in headers.items()}
    assert get(port, f"/{TOKEN}/", **headers)[0] == status


def test_two_hosts_are_refused(port):
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(f"GET /{TOKEN}/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil.example\r\n\r\n".encode())
        assert raw.recv(64).split()[1] in (b"400", b"403")


@pytest.mark.parametrize(
    ("path", "origin"),
    [
        (f"/{TOKEN}/socket", "http://evil.example"),
        (f"/{TOKEN}/socket", "null"),
        ("/wrong/socket", ""),
        (f"/{TOKEN}/other", ""),
    ],
)
def test_a_socket_opens_only_for_the_page(port, path, origin):
    with pytest.raises(InvalidStatus), socket_to(port, path, origin):
        pass


def test_a_socket_without_an_origin_is_refused(port):
    with pytest.raises(InvalidStatus), connect(f"ws://127.0.0.1:{port}/{TOKEN}/socket", proxy=None):
        pass


def test_questions_travel(port):
    with socket_to(port) as channel:
        channel.send(pack_frame({"id": 3, "ask": "no.such"}, []))
        header, _ = read_frame(channel.recv())
    assert header == {"id": 3, "kind": "refused", "message": "no question is called 'no.such'"}


@pytest.mark.parametrize("message", [b"abc", b"\xff\xff\xff\xff", "text", json.dumps({"id": 1})])
def test_what_is_no_frame_ends_the_socket_and_nothing_else(port, message):
    with socket_to(port) as channel:
        channel.send(message)
        with pytest.raises(ConnectionClosed):
            channel.recv()
    assert get(port, f"/{TOKEN}/")[0] == 200


def test_sockets_are_bounded(port):
    with contextlib.ExitStack() as stack:
        for _ in range(32):
            stack.enter_context(socket_to(port))
        with pytest.raises(InvalidStatus):
            socket_to(port)
    with socket_to(port) as channel:
        channel.send(pack_frame({"id": 1, "ask": "x"}, []))
        assert channel.recv()


def test_a_port_that_is_taken_is_passed_over():
    with _listen(0) as first:
        number = first.getsockname()[1]
        with _listen(number) as second:
            assert number < second.getsockname()[1] < number + 20


@pytest.mark.parametrize("port", [-1, 80, 65536])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(InputError, match="--port must be 0 or from 1024 to 65535"):
        _listen(port)


CLOSED: list[int] = []


def slow(steps, number):
    try:
        for k in range(steps):
            time.sleep(0.02)
            yield Answer({"k": k})
    finally:
        CLOSED.append(number)


SLOW = Question("t.slow", slow, {"steps": Whole(1, 10**6, 1), "number": Whole(0, 100, 0)})


@pytest.fixture
def _slow_question(monkeypatch):
    monkeypatch.setattr(session_module, "question", {"t.slow": SLOW}.__getitem__)
    CLOSED.clear()


def ask(channel, number, steps):
    channel.send(pack_frame({"id": number, "ask": "t.slow", "with": {"steps": steps, "number": number}}, []))


@pytest.mark.usefixtures("_slow_question")
def test_ten_pages_at_work_do_not_block_an_eleventh_and_free_their_jobs_when_they_close(port):
    with contextlib.ExitStack() as stack:
        for number in range(1, 11):
            ask(stack.enter_context(socket_to(port)), number, 10**6)
        with socket_to(port) as channel:
            ask(channel, 0, 1)
            kinds = [read_frame(channel.recv(timeout=5))[0]["kind"] for _ in range(2)]
        assert kinds == ["answer", "end"]
        assert CLOSED == [0]
    until = time.monotonic() + 5
    while len(CLOSED) < 11 and time.monotonic() < until:
        time.sleep(0.01)
    assert sorted(CLOSED) == [*range(11)]


def served(tmp_path, port):
    """A server of its own process, with its address."""
    program = (
        "import sys; from fathometer.app.server import _serve; _serve.assets = lambda: {'index.html': b'x'}; "
        f"_serve.serve({port}, ready=lambda address: print(address, flush=True), note=sys.stderr.write)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=os.environ | {"TMPDIR": str(tmp_path)}
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


@pytest.mark.slow
def test_a_killed_server_leaves_nothing_and_the_next_one_has_its_port(tmp_path):
    with _listen(0) as free:
        number = free.getsockname()[1]
    first, address = served(tmp_path, number)
    with socket_to(number, address.partition(str(number))[2] + "socket") as channel:
        channel.send(pack_frame({"id": 1, "ask": "x"}, []))
        channel.recv()
        first.send_signal(signal.SIGKILL)
        with pytest.raises(ConnectionClosed):
            channel.recv()
    first.wait()
    second, again = served(tmp_path, number)
    second.terminate()
    second.wait()
    for process in (first, second):
        process.stdout.close()
    assert again.startswith(f"http://127.0.0.1:{number}/")
    assert again != address
    assert list(tmp_path.iterdir()) == []
