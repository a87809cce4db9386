"""A mail server of the tests: real SMTP over a real socket, with a script of how it behaves."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage

PROMPT = {"EHLO": "250 post.example", "HELO": "250 post.example", "RSET": "250 ok", "NOOP": "250 ok"}


@dataclass
class PostOffice:
    """What it took, and how it answers.

    Attributes:
        answers: by the command (``CONNECT``, ``MAIL``, ``RCPT``, ``DATA``, or ``.`` for the end of the words) what it
            says instead of yes: an answer, or a function that may wait, raise ``Hangup``, or return one. A list is used
            up, one for each time.
        taken: the mails that were accepted, whether or not anybody heard so.
    """

    port: int = 0
    answers: dict[str, object] = field(default_factory=dict)
    taken: list[EmailMessage] = field(default_factory=list)
    calls: int = 0

    @property
    def ids(self) -> list[str]:
        return [mail["Message-ID"] for mail in self.taken]


class Hangup(Exception):
    """It puts down the receiver."""


def waits(seconds: float, then: str = "250 ok") -> Callable[[], str]:
    """An answer that takes its time."""

    def answer() -> str:
        time.sleep(seconds)
        return then

    return answer


def hangs_up() -> str:
    raise Hangup


@contextmanager
def opened() -> Iterator[PostOffice]:
    """A server on a free port, until the end of the block."""
    office = PostOffice()

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self):
            office.calls += 1
            try:
                _converse(self, office)
            except (Hangup, OSError):
                return

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Conversation) as server:
        office.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield office
        finally:
            server.shutdown()
            thread.join()


def _converse(line: socketserver.StreamRequestHandler, office: PostOffice) -> None:
    def say(command: str, usual: str) -> str:
        answer = office.answers.get(command, usual)
        if isinstance(answer, list):
            answer = answer.pop(0) if answer else usual
        answer = answer() if callable(answer) else answer
        line.wfile.write(f"{answer}\r\n".encode())
        return answer

    if not say("CONNECT", "220 post.example").startswith("2"):
        return
    while raw := line.rfile.readline():
        command = raw.decode().split()[0].upper()
        if command == "QUIT":
            say("QUIT", "221 bye")
            return
        if command != "DATA":
            say(command, PROMPT.get(command, "250 ok"))
        elif say("DATA", "354 go on").startswith("3"):
            words = _words(line)
            if not _refused(office):
                office.taken.append(email.message_from_bytes(words, policy=email.policy.default))
            say(".", "250 taken")


def _refused(office: PostOffice) -> bool:
    """Whether it will say no to the words that have come. Who hangs up or takes too long has taken them."""
    answer = office.answers.get(".")
    answer = answer[0] if isinstance(answer, list) and answer else answer
    return isinstance(answer, str) and not answer.startswith("2")


def _words(line: socketserver.StreamRequestHandler) -> bytes:
    lines = []
    while (raw := line.rfile.readline()) not in (b".\r\n", b""):
        lines.append(raw[1:] if raw.startswith(b"..") else raw)
    if not raw:
        raise Hangup
    return b"".join(lines)
