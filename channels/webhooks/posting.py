"""Posting: one request to an address that was checked, within one limit of time, reading as little as will do.

No proxy, no redirect, no cookie, no second lookup of the name: the connection goes to the checked address itself, while
the certificate and the name asked for in the handshake (SNI) are those of the host.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError, SSLError

from channels.webhooks import addresses
from channels.webhooks.addresses import Address, Target

WITHIN = 15  # seconds for everything after the lookup: connecting, handshake, sending, the answer's head
CONNECT_WITHIN = 5
BODY_WITHIN = 1  # seconds; what the receiver says beside its number is nothing to us
READ_AT_MOST = 4096  # bytes
TRIED_ADDRESSES = 3


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        status: the receiver's number, or None if there was none.
        reason: why it is no success, for an administrator; empty where the number says it.
        refused: we have not sent it.
    """

    status: int | None
    reason: str = ""
    refused: bool = False

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Deadline:
    """Ends a connection when the time is over, wherever it stands: a receiver that sends a byte now and then would
    otherwise hold us for ever."""

    def __init__(self):
        self.is_over = False
        self._guarded: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def guard(self, line: socket.socket) -> None:
        """Watch this connection. A second handle on it stays ours, whatever is wrapped around the first."""
        with self._lock:
            self._let_go()
            self._guarded = line.dup()
            if self.is_over:
                self._cut()

    def set(self, seconds: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = threading.Timer(seconds, self._ends)
        self._timer.daemon = True
        self._timer.start()

    def done(self) -> None:
        if self._timer:
            self._timer.cancel()
        with self._lock:
            self._let_go()

    def _ends(self) -> None:
        with self._lock:
            self.is_over = True
            self._cut()

    def _cut(self) -> None:
        if self._guarded:
            with contextlib.suppress(OSError):
                self._guarded.shutdown(socket.SHUT_RDWR)

    def _let_go(self) -> None:
        if self._guarded:
            self._guarded.close()
            self._guarded = None


class _Guarded:
    """A connection that its deadline can end, from its first byte on."""

    def __init__(self, *arguments, deadline: Deadline, **options):
        super().__init__(*arguments, **options)
        self._deadline = deadline

    def _new_conn(self) -> socket.socket:
        line = super()._new_conn()
        self._deadline.guard(line)
        return line


class _Plain(_Guarded, HTTPConnection):
    pass


class _Encrypted(_Guarded, HTTPSConnection):
    pass


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send it once.

    Args:
        url: as it is kept; it is read and looked up anew, for its name may lead elsewhere by now.
    """
    try:
        target = addresses.read(url)
        found = addresses.look_up(target)
    except addresses.Refused as refusal:
        return Answer(None, refusal.sentence, refused=True)
    except addresses.Blocked as blocked:
        return Answer(None, str(blocked), refused=True)
    except addresses.Unknown as unknown:
        return Answer(None, str(unknown))
    with _deadline() as deadline:
        return _post(target, found[:TRIED_ADDRESSES], body, headers, deadline)


@contextlib.contextmanager
def _deadline() -> Iterator[Deadline]:
    deadline = Deadline()
    deadline.set(WITHIN)
    try:
        yield deadline
    finally:
        deadline.done()


def _post(target: Target, found: list[Address], body: bytes, headers: Mapping[str, str], deadline: Deadline) -> Answer:
    """At the first of the addresses that takes the connection."""
    answer = Answer(None, "Nobody there.")
    for address in found:
        pool = _pool(target, address, deadline)
        try:
            return _asked(pool, target, body, headers, deadline)
        except NewConnectionError:
            answer = Answer(None, "Nobody took the connection.")
        except (HTTPError, OSError) as failure:
            return Answer(None, _why(failure, deadline))
        finally:
            pool.close()
        if deadline.is_over:
            break
    return answer


def _pool(target: Target, address: Address, deadline: Deadline) -> urllib3.HTTPConnectionPool:
    host, options = str(address), {"maxsize": 1, "retries": False, "timeout": _limits(), "deadline": deadline}
    if target.scheme == "http":
        pool = urllib3.HTTPConnectionPool(host, target.port, **options)
        pool.ConnectionCls = _Plain
        return pool
    named = {"server_hostname": target.host, "assert_hostname": target.host}
    pool = urllib3.HTTPSConnectionPool(host, target.port, cert_reqs=ssl.CERT_REQUIRED, **named, **options)
    pool.ConnectionCls = _Encrypted
    return pool


def _limits() -> urllib3.Timeout:
    return urllib3.Timeout(connect=CONNECT_WITHIN, read=WITHIN)


def _asked(pool, target: Target, body: bytes, headers: Mapping[str, str], deadline: Deadline) -> Answer:
    response = pool.urlopen(
        "POST",
        target.path,
        body=body,
        headers={"Host": target.in_header, "Accept-Encoding": "identity", "Connection": "close", **headers},
        redirect=False,
        preload_content=False,
        decode_content=False,
        assert_same_host=False,
    )
    try:
        if deadline.is_over:  # what looks like an answer is one that was cut off
            return Answer(None, _too_slow())
        _read_a_little(response, deadline)
    finally:
        response.close()
    return Answer(response.status, _said(response.status))


def _read_a_little(response, deadline: Deadline) -> None:
    """So that a receiver that is still writing is not cut off at once; an endless one is."""
    deadline.set(BODY_WITHIN)
    with contextlib.suppress(HTTPError, OSError):
        response.read(READ_AT_MOST)


def _said(status: int) -> str:
    return "A redirect, which is not followed." if 300 <= status < 400 else ""


def _too_slow() -> str:
    return f"No answer within {WITHIN} seconds."


def _why(failure: Exception, deadline: Deadline) -> str:
    """Its kind, in words; never what the other side said."""
    if deadline.is_over or "timed out" in str(failure):
        return _too_slow()
    if isinstance(failure, SSLError):
        return "Its certificate does not fit its name, or nobody we trust has signed it."
    return f"The connection broke: {type(failure).__name__}."
