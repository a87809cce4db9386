"""Customers at the door: each tells a problem by the real form and remembers what they were answered."""

from __future__ import annotations

import itertools
import secrets
import time
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

from django.contrib.sessions.backends.db import SessionStore
from django.core import signing

from supportdesk import clock
from tests.faults.invariants import Told

_numbers = itertools.count(1)
_TOKEN = secrets.token_hex(16)
_FORM = {"content-type": "application/x-www-form-urlencoded"}


class Customer:
    """Somebody who has filled in all steps and has only to press the last button, as often as it takes."""

    def __init__(self):
        self.number = next(_numbers)
        self.told = Told(f"Problem {self.number}: nothing works, {secrets.token_hex(4)}.")
        session = SessionStore()
        session["portal.draft"] = {
            "once": secrets.token_hex(16),
            "words": self.told.words,
            "name": f"Customer {self.number}",
            "mail": f"customer{self.number}@home.example",
        }
        session.save()
        seen = signing.dumps((clock.now() - timedelta(minutes=1)).timestamp(), salt="portal.gate")
        form = {"name": f"Customer {self.number}", "mail": f"customer{self.number}@home.example"}
        self._body = urlencode({**form, "seen": seen, "csrfmiddlewaretoken": _TOKEN})
        self._cookies = f"session={session.session_key}; csrftoken={_TOKEN}"

    def presses(self, port: int, host: str = "127.0.0.1") -> int:
        """Press the button: the status that was answered, 0 for none."""
        # Each from an address of their own: the desk counts how many come from one. Elsewhere a proxy says so.
        near = host == "127.0.0.1"
        line = HTTPConnection(host, port, timeout=30, source_address=(self._address(), 0) if near else None)
        began = time.monotonic()
        try:
            line.request(
                "POST", "/help/reach/", self._body, {**_FORM, **self._said_by_proxy(near), "Cookie": self._cookies}
            )
            answer = line.getresponse()
            answer.read()
        except (OSError, HTTPException):
            return self.told.answered(0, time.monotonic() - began)
        finally:
            line.close()
        sent = answer.status == 302 and answer.headers.get("Location") == "/help/sent/"
        status = answer.status if sent or answer.status != 302 else 599
        return self.told.answered(status, time.monotonic() - began, answer.headers.get("Retry-After"))

    def _said_by_proxy(self, near: bool) -> dict[str, str]:
        return {} if near else {"Host": "desk.example", "X-Forwarded-For": f"10{self._address().removeprefix('127')}"}

    def _address(self) -> str:
        return f"127.{1 + self.number // 250 // 250}.{self.number // 250 % 250}.{1 + self.number % 250}"
