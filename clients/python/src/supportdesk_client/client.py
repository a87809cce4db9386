"""The desk, as a program sees it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar, cast
from urllib.parse import parse_qsl, quote, urlsplit

from supportdesk_client import shapes
from supportdesk_client.transport import Answer, Transport

T = TypeVar("T")


@dataclass(frozen=True)
class Read(Generic[T]):
    """Something that was read, with its version for ``if_match``."""

    value: T
    version: str


class Client:
    """Acts on one desk with one token.

    Args:
        base_url: where the desk is: ``https://desk.example``.
        token: ``desk_…``, made at ``/settings/tokens/``.
        timeout: seconds for each try.
        tries: how often at most something is sent that finds nobody or a busy desk.
        wait: sleeps that many seconds.

    Everything may raise ``Problem`` (the desk says no) or ``Unreachable``. What acts takes ``key``, an
    ``Idempotency-Key`` of your own instead of a random one, and ``if_match``, a version that was read.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        timeout: float = 30.0,
        tries: int = 5,
        wait: Callable[[float], object] = time.sleep,
    ):
        self._transport = Transport(base_url, token, timeout=timeout, tries=tries, wait=wait)
        self._base_url = base_url

    def __repr__(self) -> str:
        return f"Client({self._base_url!r})"

    # -- anything ----------------------------------------------------------------------------------------------------

    def get(self, path: str, **params: Any) -> Any:
        """What stands at an address below ``/api/v1/``."""
        return self._get(path, params).body

    def pages(self, path: str, **params: Any) -> Iterator[Any]:
        """Every row of a list, page after page. Parameters that are None are left out."""
        params = _said(params)
        while True:
            page = self._get(path, params).body
            yield from page["results"]
            if page["next"] is None:
                return
            # Only where it goes on: the address is the one that was given, whatever a proxy has made of it.
            params["after"] = dict(parse_qsl(urlsplit(page["next"]).query))["after"]

    def post(self, path: str, body: Any = None, *, key: str | None = None, if_match: str | None = None) -> Any:
        """Act at an address below ``/api/v1/``."""
        return self._send("POST", path, body, key, if_match).body

    def put(self, path: str, body: Any, *, key: str | None = None, if_match: str | None = None) -> Any:
        return self._send("PUT", path, body, key, if_match).body

    # -- reading -----------------------------------------------------------------------------------------------------

    def me(self) -> shapes.Me:
        """Who the token acts as."""
        return cast(shapes.Me, self.get("me"))

    def case(self, number: str) -> shapes.Case:
        return self.read_case(number).value

    def read_case(self, number: str) -> Read[shapes.Case]:
        """A case with its version."""
        answer = self._get(_case(number), {})
        return Read(cast(shapes.Case, answer.body), answer.version)

    def cases(
        self,
        *,
        mine: bool | None = None,
        late: bool | None = None,
        waiting: Literal["customer", "department"] | None = None,
        state: Sequence[str] = (),
        outcome: str | None = None,
        department: int | None = None,
        topic: int | None = None,
        customer: int | None = None,
        priority: int | None = None,
        since: datetime | None = None,
        order: Literal["number", "due"] | None = None,
        limit: int | None = None,
    ) -> Iterator[shapes.CaseRow]:
        """Cases in the order of their numbers.

        Args:
            order: ``due``: the open ones, what is due next first.
            since: aware datetime: opened then or later.
            limit: how many are asked for at once.
        """
        return self.pages(
            "cases",
            mine=mine,
            late=late,
            waiting=waiting,
            state=list(state) or None,
            outcome=outcome,
            department=department,
            topic=topic,
            customer=customer,
            priority=priority,
            since=since,
            order=order,
            limit=limit,
        )

    def messages(self, number: str) -> Iterator[shapes.Message]:
        return self.pages(f"{_case(number)}/messages")

    def notes(self, number: str) -> Iterator[shapes.Note]:
        return self.pages(f"{_case(number)}/notes")

    def subtasks(self, number: str) -> Iterator[shapes.Subtask]:
        return self.pages(f"{_case(number)}/subtasks")

    def promises(self, number: str) -> Iterator[shapes.Promise]:
        """Everything promised, however it ended."""
        return self.pages(f"{_case(number)}/promises")

    def timeline(self, number: str) -> Iterator[shapes.Entry]:
        return self.pages(f"{_case(number)}/timeline")

    def customers(self, q: str | None = None) -> Iterator[shapes.Customer]:
        """Customers, or those meant by a mail address, digits of a number, or the beginning of a name."""
        return self.pages("customers", q=q)

    def customer(self, pk: int) -> shapes.Customer:
        return cast(shapes.Customer, self.get(f"customers/{pk}"))

    def agents(self, *, department: int | None = None) -> Iterator[shapes.Agent]:
        return self.pages("agents", department=department)

    def departments(self) -> Iterator[shapes.Department]:
        return self.pages("departments")

    def topics(self) -> Iterator[shapes.Topic]:
        return self.pages("topics")

    def flags(self, *, standing: bool | None = None, rule: str | None = None) -> Iterator[shapes.Flag]:
        return self.pages("flags", standing=standing, rule=rule)

    # -- acting ------------------------------------------------------------------------------------------------------

    def open_case(
        self,
        problem: str,
        *,
        who: shapes.Who | None = None,
        customer: int | None = None,
        desired_outcome: str | None = None,
        preferences: Sequence[str] = (),
        subject: str | None = None,
        topic: int | None = None,
        priority: int | None = None,
        channel: str | None = None,
        key: str | None = None,
    ) -> shapes.Case:
        """A case in the customer's own words. Who owns it the desk finds.

        Args:
            who: the customer by name and address; or ``customer``, an id.
            preferences: acceptable resolutions, the dearest first.
        """
        told = {
            "problem": problem,
            "who": who,
            "customer": customer,
            "desired_outcome": desired_outcome,
            "preferences": list(preferences) or None,
            "subject": subject,
            "topic": topic,
            "priority": priority,
            "channel": channel,
        }
        return cast(shapes.Case, self.post("cases", _said(told), key=key))

    def note(self, number: str, body: str, *, key: str | None = None, if_match: str | None = None) -> shapes.Note:
        """An inside note."""
        return cast(shapes.Note, self.act(number, "notes", {"body": body}, key=key, if_match=if_match))

    def write(
        self,
        number: str,
        body: str,
        *,
        next_promise: Mapping[str, Any] | None = None,
        keeps: Sequence[int] = (),
        send_at: datetime | None = None,
        key: str | None = None,
        if_match: str | None = None,
    ) -> shapes.Message:
        """Write to the customer.

        Args:
            next_promise: see ``pledge``; needed where nothing else is owed then.
            keeps: ids of the promises that this message keeps.
        """
        told = _said({"body": body, "next_promise": next_promise, "keeps": list(keeps) or None, "send_at": send_at})
        return cast(shapes.Message, self.act(number, "messages", told, key=key, if_match=if_match))

    def promise(
        self,
        number: str,
        words: str,
        due_at: datetime,
        *,
        key: str | None = None,
        if_match: str | None = None,
        **more: Any,
    ) -> shapes.Promise:
        """Promise the customer something; ``more`` as in ``pledge``."""
        told = {"pledge": pledge(words, due_at, **more)}
        return cast(shapes.Promise, self.act(number, "promises", told, key=key, if_match=if_match))

    def ask(
        self,
        number: str,
        department: int,
        what: str,
        *,
        plain_words: str | None = None,
        after: int | None = None,
        key: str | None = None,
        if_match: str | None = None,
    ) -> shapes.Subtask:
        """Ask a department for its part.

        Args:
            plain_words: what the customer reads about it.
            after: id of the part that has to be done before.
        """
        told = _said({"department": department, "what": what, "plain_words": plain_words, "after": after})
        return cast(shapes.Subtask, self.act(number, "subtasks", told, key=key, if_match=if_match))

    def act(
        self,
        number: str,
        verb: str,
        body: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        if_match: str | None = None,
    ) -> Any:
        """Any verb of a case, by the last part of its address: ``close``, ``hand-over``, ``subtasks/12/accept``."""
        told = None if body is None else {name: _plain(value) for name, value in body.items()}
        return self.post(f"{_case(number)}/{verb}", told, key=key, if_match=if_match)

    # -- steps -------------------------------------------------------------------------------------------------------

    def _get(self, path: str, params: Mapping[str, Any]) -> Answer:
        return self._transport.send("GET", path, params=_said(params))

    def _send(self, method: str, path: str, body: Any, key: str | None, if_match: str | None) -> Answer:
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        if if_match:
            headers["If-Match"] = if_match
        return self._transport.send(method, path, body=body, headers=headers)


def pledge(words: str, due_at: datetime, **more: Any) -> dict[str, Any]:
    """A promise about to be made, for ``next_promise`` and the like.

    Args:
        words: continue “Mia will …”.
        due_at: aware datetime.
        **more: ``kind``, ``subtask`` (the id of the part on which it hangs), ``in_closed_hours``.
    """
    return {"words": words, "due_at": _plain(due_at), **more}


def instant(text: str) -> datetime:
    """A time that the desk has told, as an aware datetime."""
    return datetime.fromisoformat(text)


def _case(number: str) -> str:
    return f"cases/{quote(number, safe='')}"


def _said(told: Mapping[str, Any]) -> dict[str, Any]:
    """Only what was given, as the desk reads it."""
    return {name: _plain(value) for name, value in told.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("A time needs a zone: datetime.now(timezone.utc), not datetime.now().")
        return value.isoformat()
    return value
