"""What can happen between the client and the desk: answers lost, servers busy, redirections."""

from __future__ import annotations

import http.server
import json
import threading
from contextlib import contextmanager

import pytest
from supportdesk_client import Client, Problem, Unreachable

Answers = list[tuple[int, dict[str, str], bytes] | None]


@contextmanager
def somebody(answers: Answers):
    """A server that gives these answers, one after the other (None: it hangs up), and keeps what it was asked."""
    asked: list[tuple[str, dict[str, str], bytes]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.append((f"{self.command} {self.path}", dict(self.headers), body))
            answer = answers.pop(0)
            if answer is None:
                self.close_connection = True
                return
            status, headers, text = answer
            self.send_response(status)
            for name, value in {"Content-Length": str(len(text)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do

        def log_message(self, *said) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def ok(body: object = None, **headers: str):
    return 200, headers, json.dumps(body).encode()


def test_an_answer_that_was_lost_is_asked_for_again_with_the_same_key():
    waited: list[float] = []
    with somebody([None, (503, {"Retry-After": "7"}, b"{}"), ok({"id": 1})]) as (url, asked):
        assert Client(url, "desk_x", wait=waited.append).note("C-1", "Hello") == {"id": 1}
    keys = {headers["Idempotency-Key"] for _, headers, _ in asked}
    assert len(asked) == 3
    assert len(keys) == 1
    assert {body for _, _, body in asked} == {b'{"body": "Hello"}'}
    assert 0.5 <= waited[0] <= 1
    assert waited[1] == 7


def test_every_act_has_a_key_of_its_own():
    with somebody([ok({}), ok({})]) as (url, asked):
        desk = Client(url, "desk_x")
        desk.act("C-1", "take")
        desk.act("C-1", "take")
    assert len({headers["Idempotency-Key"] for _, headers, _ in asked}) == 2


def test_what_is_refused_is_not_asked_again():
    told = {"type": "/api/docs/problems#no_yes", "status": 422, "detail": "Carla has not answered yet."}
    with (
        somebody([(422, {}, json.dumps(told).encode())]) as (url, asked),
        pytest.raises(Problem, match="422 no_yes: Carla has not answered yet."),
    ):
        Client(url, "desk_x").act("C-1", "close")
    assert len(asked) == 1


def test_it_gives_up_in_the_end():
    with somebody([None, None]) as (url, asked), pytest.raises(Unreachable):
        Client(url, "desk_x", tries=2, wait=lambda seconds: None).me()
    assert len(asked) == 2


def test_a_wait_without_end_is_none():
    waited: list[float] = []
    with somebody([(429, {"Retry-After": "99999"}, b""), ok({})]) as (url, _):
        Client(url, "desk_x", wait=waited.append).me()
    assert waited == [120]


def test_the_token_goes_to_no_other_address():
    with (
        somebody([ok({})]) as (other, asked_other),
        somebody([(302, {"Location": f"{other}/api/v1/me"}, b"")]) as (url, asked),
        pytest.raises(Problem) as refused,
    ):
        Client(url, "desk_x").me()
    assert refused.value.status == 302
    assert asked[0][1]["Authorization"] == "Bearer desk_x"
    assert asked_other == []


def test_the_next_page_is_asked_for_where_the_first_one_was():
    first = {"results": [{"number": "C-1"}], "next": "https://elsewhere.example/api/v1/cases?late=true&after=k1"}
    last = {"results": [{"number": "C-2"}], "next": None}
    with somebody([ok(first), ok(last)]) as (url, asked):
        assert [row["number"] for row in Client(url, "desk_x").cases(late=True)] == ["C-1", "C-2"]
    assert [line for line, _, _ in asked] == ["GET /api/v1/cases?late=true", "GET /api/v1/cases?late=true&after=k1"]


def test_what_no_desk_has_written_is_a_problem_too():
    with somebody([(404, {}, b"<html>Not here</html>"), (200, {}, b"<html>Sign in</html>")]) as (url, _):
        desk = Client(url, "desk_x")
        for code in ("http_404", "http_200"):
            with pytest.raises(Problem) as refused:
                desk.me()
            assert refused.value.code == code


def test_a_number_is_no_path():
    with somebody([ok({})]) as (url, asked):
        Client(url, "desk_x").case("../me?x=1")
    assert asked[0][0] == "GET /api/v1/cases/..%2Fme%3Fx%3D1"


@pytest.mark.parametrize("address", ["desk.example", "ftp://desk.example", "file:///etc/passwd"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(ValueError, match="https://"):
        Client(address, "desk_x")
