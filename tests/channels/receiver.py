"""A receiver of the tests: real HTTP on loopback, with a script of how it answers."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Receiver:
    """What it got, and how it answers.

    Attributes:
        answers: a status, or a function that takes the request's handler and writes what it likes. A list is used up,
            one for each request; then 204.
        got: (headers, body) of each request, whether or not anybody heard the answer.
    """

    port: int = 0
    scheme: str = "http"
    answers: list[int | Callable] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/hooks?from=desk"

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.got]

    @property
    def said(self) -> list[dict]:
        return [json.loads(body) for _, body in self.got]


@contextmanager
def opened(certificate: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver on a free port, until the end of the block."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            answer = receiver.answers.pop(0) if receiver.answers else 204
            if callable(answer):
                answer(self)
                return
            self.send_response(answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *words):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 50

        def handle_error(self, request, client_address):
            pass  # whoever hangs up on us is what some of the tests are about

    server = Server(("127.0.0.1", 0), Handler)
    if certificate:
        server.socket = certificate.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        receiver.scheme = "https"
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


def waits(seconds: float) -> Callable:
    """It says nothing for so long."""
    return lambda handler: time.sleep(seconds)


def leads_to(url: str, status: int = 302) -> Callable:
    """A redirect."""

    def answer(handler) -> None:
        handler.send_response(status)
        handler.send_header("Location", url)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def never_ends(handler) -> None:
    """200, and then words without end."""
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 65536)


def drips(handler) -> None:
    """Its head comes a letter at a time, and never whole."""
    for sign in "HTTP/1.1 200 OK\r\nX-Long: " + "y" * 10_000:
        handler.wfile.write(sign.encode())
        handler.wfile.flush()
        time.sleep(0.05)


def hangs_up(handler) -> None:
    handler.connection.close()
