"""One request, sent until somebody answers; and nowhere but to the desk."""

from __future__ import annotations

import http.client
import json
import random
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message as Headers
from typing import IO, Any
from urllib.parse import urlencode, urlsplit

from supportdesk_client.problems import Problem, Unreachable, problem_of

# Too many requests; and the desk, or what stands before it, is busy or away.
COME_AGAIN = (429, 502, 503, 504)
LONGEST_WAIT = 120.0  # seconds


@dataclass(frozen=True)
class Answer:
    """What came back: the body as read from JSON (None: empty), and the version (``ETag``; may be empty)."""

    status: int
    body: Any
    version: str
    was_replayed: bool


class _Straight(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: the token is for the desk alone."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Headers, newurl: str
    ) -> None:
        return None


class Transport:
    """Sends, and sends again.

    Args:
        base_url: where the desk is, without ``/api/v1``.
        token: goes into the ``Authorization`` header; shown nowhere.
        timeout: seconds for each try.
        tries: how often at most.
        wait: sleeps; for tests.
    """

    def __init__(
        self, base_url: str, token: str, *, timeout: float, tries: int, wait: Callable[[float], object] = time.sleep
    ):
        if urlsplit(base_url).scheme not in ("http", "https"):
            raise ValueError("The address of a desk begins with https:// or http://.")
        if tries < 1:
            raise ValueError("Once is the least.")
        self._base, self._token = base_url.rstrip("/") + "/api/v1/", token
        self._timeout, self._tries, self._wait = timeout, tries, wait
        self._opener = urllib.request.build_opener(_Straight)

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask until there is an answer.

        Raises:
            Problem: the desk says no, or was busy however often it was tried.
            Unreachable: nobody answered.
        """
        request = self._request(method, path, params or {}, body, headers or {})
        for nth in range(1, self._tries + 1):
            failure: Problem | Unreachable
            try:
                return self._once(request)
            except Problem as problem:
                failure = problem
                if problem.status not in COME_AGAIN:
                    raise
            except (OSError, http.client.HTTPException) as lost:
                failure = Unreachable(f"{self._base} does not answer: {lost}")
                failure.__cause__ = lost
            if nth == self._tries:
                raise failure
            self._wait(_pause(failure, nth))
        raise AssertionError("The last try has raised.")

    def _request(
        self, method: str, path: str, params: Mapping[str, Any], body: Any, headers: Mapping[str, str]
    ) -> urllib.request.Request:
        query = urlencode({name: _in_words(value) for name, value in params.items()}, doseq=True)
        request = urllib.request.Request(
            f"{self._base}{path}?{query}" if query else f"{self._base}{path}",
            data=json.dumps(body).encode() if body is not None else b"" if method != "GET" else None,
            headers={"Accept": "application/json", "User-Agent": "supportdesk-client", **headers},
            method=method,
        )
        if method != "GET":
            request.add_header("Content-Type", "application/json")
        # Never sent on to anybody else, should there be a redirection after all.
        request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        return request

    def _once(self, request: urllib.request.Request) -> Answer:
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                text = answer.read()
                try:
                    told = json.loads(text) if text else None
                except ValueError:
                    raise problem_of(answer.status, text, None) from None
                return Answer(
                    answer.status, told, answer.headers.get("ETag", ""), "Idempotent-Replayed" in answer.headers
                )
        except urllib.error.HTTPError as refused:
            with refused:
                raise problem_of(refused.code, refused.read(), _seconds(refused.headers)) from None


def _in_words(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _seconds(headers: Headers) -> float | None:
    text = headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else None


def _pause(failure: Problem | Unreachable, nth: int) -> float:
    """Seconds until the next try: as the desk says, else longer each time and never at the same moment as others."""
    if isinstance(failure, Problem) and failure.retry_after is not None:
        return min(failure.retry_after, LONGEST_WAIT)
    return min(random.uniform(0.5, 1.0) * 2.0 ** (nth - 1), LONGEST_WAIT)
