"""Somebody who asks at an address; what came of it, and whether it has written anything. Nothing that is done stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client

from tests.pages import less_tokens

MAY, NO, NIL, SIGN_IN = "may", "no", "nil", "sign in"
# Done, or refused by a rule of what it is about, of its form, or of the version that was read.
CAME_THROUGH = {200, 201, 204, 302, 400, 409, 412, 422}
SEEN = {200, 302, 409, 422}
# A link to sign in that is none says so itself.
NO_LINK = 410
# The admin's own sign-in leads to the one that all use.
SIGN_IN_PAGES = ("/accounts/login/?next=", "/admin/login/?next=")


@dataclass
class Answer:
    """What came of a request.

    Attributes:
        written: how many rows it has put in, changed or taken out, also those that it took back itself.
        looked: what was seen before it was taken back.
    """

    response: HttpResponse
    written: int
    looked: object = None

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        return less_tokens(self.response)

    @property
    def is_sign_in(self) -> bool:
        return self.status == 401 or self.response.headers.get("Location", "").startswith(SIGN_IN_PAGES)

    def is_what(self, word: str, method: str) -> bool:
        """Whether that is what the table's word means."""
        if word == SIGN_IN:
            return self.is_sign_in
        came_through = SEEN if method in ("GET", "HEAD") else CAME_THROUGH
        return {
            MAY: self.status in came_through | {NO_LINK} and not self.is_sign_in,
            NO: self.status == 403,
            NIL: self.status == 404,
        }[word]


@dataclass
class Asker:
    """Asks with a session, with a token, or with neither.

    Attributes:
        role: who it is, as the table calls it.
        session: of who has signed in.
        secret: of a token, and its ``scope``.
        strict: whether a form has to carry the desk's own mark, as in a browser.
    """

    role: str
    session: str = ""
    secret: str = ""
    scope: str = ""
    strict: bool = False
    _written: int | None = None
    _browser: Client = field(init=False)

    def __post_init__(self):
        # What breaks is an answer too: 500.
        self._browser = Client(raise_request_exception=False, enforce_csrf_checks=self.strict)

    def ask(self, method: str, path: str, body=None, look: Callable[[], object] | None = None, **headers) -> Answer:
        """Ask, and take back whatever was done by it; ``look`` is called in between, and kept."""
        before = rows_written() if self._written is None else self._written
        with transaction.atomic():
            response = self._as_on_the_first_day().generic(
                method, path, **_sent(path, body), headers=self._told(headers)
            )
            looked = look() if look else None
            # What a rollback takes back stays counted: it is where the next one begins.
            self._written = rows_written()
            transaction.set_rollback(True)
        return Answer(response, self._written - before, looked)

    def _as_on_the_first_day(self) -> Client:
        """The browser with nothing but the session: of a sign-out nothing stays either."""
        self._browser.cookies.clear()
        if self.session:
            self._browser.cookies["session"] = self.session
        return self._browser

    def _told(self, headers: dict) -> dict:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return told | ({"Authorization": f"Bearer {self.secret}"} if self.secret else {})


def _sent(path: str, body) -> dict:
    if path.startswith("/api/v1/"):
        return {"data": json.dumps(body or {}), "content_type": "application/json"}
    return {"data": body or "", "content_type": "application/x-www-form-urlencoded"}


def rows_written() -> int:
    """How many rows this transaction has written until now, in all tables.

    PostgreSQL counts every attempt, whether or not it is rolled back: what leaves this number as it was has not written
    anything anywhere.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN)
        return int(cursor.fetchone()[0])


# What the view pg_stat_xact_user_tables shows, without what it joins for it.
_WRITTEN = """
SELECT sum(pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
           + pg_stat_get_xact_tuples_deleted(oid))
  FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""
