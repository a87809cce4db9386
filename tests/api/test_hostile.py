"""What nobody should send: it is refused with a reason and changes nothing; no log tells a token or words.

The numbers are those of the table of attacks.
"""

from __future__ import annotations

import json
import logging
import secrets
from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client, RequestFactory
from django.urls import resolve

from cases.models import Case
from cases.verbs import confidentiality
from staff import access
from staff.models.tokens import Scope
from supportdesk import clock
from tests.api.conftest import Machine, machine
from tests.cast import a_case, everything, fresh

pytestmark = pytest.mark.usefixtures("tuesday")

BEYOND = 10**30
TOO_MUCH = 10 * 1024 * 1024
CANARY = "canary-of-what-was-sent"


@pytest.fixture
def path(case) -> str:
    return f"cases/{case.number}"


def refused(answer, status: int, code: str = "") -> dict:
    """It says why, in the form in which all problems are told."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    why = answer.json()
    assert why["status"] == status and why["detail"] and why["title"]
    assert not code or why["type"].endswith(f"#{code}"), why
    return why


class TestAsking:
    @pytest.mark.parametrize(
        "query",
        ["limit=1000000000", "limit=0", "limit=-1", "limit=ten", "limit=1e2", "limit=%D9%A1", "limit=", "limit=101"]
        + ["after=", "after=1", "order=due&after=~1", "after=x~1", "after=2026-01-01T00:00:00~1", "after=~9" + "9" * 30]
        + ["order=subject", "ordering=-owner__password", "sort=owner", "page=2", "offset=1"]
        + ["owner__password__startswith=a", "owner=1", "customer__addresses__value__regex=(a%2B)%2B$", "q=x"]
        + [
            "department=x",
            "department=-1",
            "department=" + "9" * 40,
            "topic=1.5",
            "customer=%00",
            "customer=1%20or%201",
        ]
        + ["department=", "customer=", "outcome=", "state=", "state=proposed&state=", "since=", "priority=", "mine="]
        + ["mine=banana", "late=1", "waiting=null", "waiting=forever", "state=gone", "outcome=%00", "priority=9"]
        + [
            "since=yesterday",
            "since=2026-13-01T00:00:00Z",
            "since=99999-01-01",
            "fields=password",
            "fields=",
            "fields=%FF",
        ],
    )
    def test_a57_a_list_that_nobody_can_have(self, nadia, case, query):
        refused(nadia.get(f"cases?{query}"), 400, "invalid")

    @pytest.mark.parametrize("since", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "2026-03-10"])
    def test_the_ends_of_time_can_be_asked_for(self, nadia, case, since):
        assert nadia.get(f"cases?since={since}").status_code == 200
        assert nadia.get(f"cases?order=due&after={since}~1").status_code in (200, 400)

    @pytest.mark.parametrize("where", ["agents?department=x", "flags?standing=1", "flags?rule=%00", "topics?q=1"])
    def test_other_lists_are_as_strict(self, nadia, case, where):
        refused(nadia.get(where), 400, "invalid")

    def test_one_thing_knows_no_other_parameter(self, nadia, path):
        refused(nadia.get(f"{path}?expand=owner.password"), 400, "invalid")
        refused(nadia.get(f"{path}?fields=owner.password"), 400, "invalid")

    @pytest.mark.parametrize("number", ["C-0", "C--1", "C-999999999999999999", "C-" + "9" * 40, "C-1.5", "1", "C-%00"])
    def test_a_number_that_no_case_has(self, nadia, case, number):
        refused(nadia.get(f"cases/{number}"), 404)

    @pytest.mark.parametrize("pk", ["0", "-1", str(BEYOND), "9" * 5000, str(2**63), str(2**63 - 1), "١"])
    def test_an_id_that_nothing_has(self, nadia, case, pk):
        for things in ("customers", "agents", "departments", "flags", "handovers", "complaints", "calendars"):
            refused(nadia.get(f"{things}/{pk}"), 404)
        refused(nadia.post(f"handovers/{pk}/accept"), 404)

    @pytest.mark.parametrize("q", ["%00", "%ED%A0%80", "'%20%7C%20!'", "\\", "a" * 5000, "%25", "(", ":*", "@" * 300])
    def test_a58_a_search_for_anything_finds_nothing(self, nadia, case, q):
        assert nadia.get(f"customers?q={q}").status_code == 200

    @pytest.mark.parametrize("address", ["", "v1/", "v1/cases/", "v2/cases", "v1/ca%0Ases", "v1/%0A", "nowhere?x=1"])
    def test_an_address_that_leads_nowhere(self, nadia, case, address):
        refused(nadia.get(f"/api/{address}"), 404, "not_found")

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "QUERY", "FOO"])
    def test_a_method_that_there_is_not(self, nadia, path, method):
        answer = nadia._ask(method, path, {}, {})
        refused(answer, 405, "method_not_allowed")
        assert "GET" in answer.headers["Allow"]

    def test_a_get_of_an_act_does_nothing(self, nadia, path):
        before = everything()
        refused(nadia.get(f"{path}/take-over"), 405)
        assert nadia._ask("HEAD", f"{path}/close", None, {}).status_code == 405
        assert everything() == before

    def test_whatever_form_is_asked_for_there_is_one(self, nadia, path):
        for accept in ("text/html", "application/xml", "nonsense", "*/*;q=0"):
            assert nadia.get(path, Accept=accept).headers["Content-Type"] == "application/json"
        refused(nadia.get(f"{path}?format=xml"), 400)

    def test_a53_another_host_is_refused_in_the_same_form(self, nadia, path):
        refused(nadia.get(path, Host="evil.example"), 400, "unreadable")


DEEP = 100_000
UNREADABLE = {
    "nothing": b"",
    "no JSON": b"{problem: 1}",
    "half of it": b'{"body": "x"',
    "two of them": b'{"body": "x"}{"body": "y"}',
    "a member twice": b'{"body": "x", "body": "y"}',
    "a list": b"[]",
    "null": b"null",
    "a word": b'"body"',
    "NUL": b'{"body": "a\\u0000b"}',
    "NUL as it is": b'{"body": "a\x00b"}',
    "NUL in a name": b'{"body": "x", "a\\u0000": 1}',
    "a lone surrogate": b'{"body": "\\ud800"}',
    "one in a name": b'{"body": "x", "\\udfff": 1}',
    "not UTF-8": b'{"body": "\xff\xfe"}',
    "UTF-16": '{"body": "x"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"body": "x"}',
    "NaN": b'{"body": NaN}',
    "infinite": b'{"body": -Infinity}',
    "deep": b'{"body": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "a number of 5,000 digits": b'{"body": ' + b"9" * 5000 + b"}",
    "an endless word": json.dumps({"body": "x" * 900_000}).encode(),
    "an object as words": b'{"body": {"a": 1}}',
    "a list as words": b'{"body": ["x"]}',
    "true as words": b'{"body": true}',
    "nothing as words": b'{"body": null}',
    "a number as words": b'{"body": 4711}',
    "a large number as words": b'{"body": -3402692169329460.0}',
}


class TestSending:
    @pytest.mark.parametrize("what", UNREADABLE)
    def test_a57_what_cannot_be_read(self, nadia, path, what):
        before = everything()
        refused(nadia.post(f"{path}/notes", UNREADABLE[what]), 400)
        assert everything() == before

    def test_an_escaped_backslash_is_no_nul(self, nadia, path):
        assert nadia.post(f"{path}/notes", b'{"body": "\\\\u0000 \\ud83d\\ude00"}').json()["body"] == "\\u0000 😀"

    @pytest.mark.parametrize("what", ["no JSON", "a list", "NUL", "a member twice", "deep"])
    def test_an_act_that_reads_nothing_reads_no_nonsense_either(self, nadia, path, what):
        refused(nadia.post(f"{path}/close", UNREADABLE[what]), 400)

    @pytest.mark.parametrize(
        "kind",
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml"]
        + ["", "nonsense", "application/jsonp", "application/problem+json"],
    )
    def test_another_kind_of_content(self, nadia, path, kind):
        told = {"Authorization": f"Bearer {nadia.secret}"}
        answer = nadia.client.generic("POST", f"/api/v1/{path}/notes", b"body=x", content_type=kind, headers=told)
        refused(answer, 415, "unsupported_media_type")

    @pytest.mark.parametrize("charset", ["rot13", "hex", "utf-16", "idna", "zlib", "nonsense"])
    def test_a_charset_is_never_believed(self, nadia, path, charset):
        kind = f"application/json; charset={charset}"
        told = {"Authorization": f"Bearer {nadia.secret}"}
        for method in ("GET", "POST"):
            answer = nadia.client.generic(method, f"/api/v1/{path}/notes", b"{}", content_type=kind, headers=told)
            assert answer.status_code in (200, 400), answer.content

    @pytest.mark.parametrize(
        "number", [0, -1, BEYOND, 2**63, 1.5, 1e300, "1e9", "1", True, [1], {"id": 1}, None, "x", ""]
    )
    def test_numbers_that_no_id_is(self, nadia, path, number):
        for act, body in {
            "hand-over": {"to": number, "brief": "x"},
            "subtasks": {"department": number, "what": "x"},
            "attempts": {"how": "no_answer", "promise": number},
            "complaints": {"words": "x", "about": [number]},
            "promises": {"pledge": {"words": "call", "due_at": "2026-03-12T10:00:00Z", "subtask": number}},
        }.items():
            answer = nadia.post(f"{path}/{act}", body)
            if number is None and act in ("attempts", "promises"):
                assert answer.status_code < 500  # none is meant
            else:
                refused(answer, 400, "invalid")

    @pytest.mark.parametrize("priority", ["3", 3.0, True, [3]])
    def test_a_number_is_sent_as_one(self, nadia, priority):
        who = {"name": "Carla Conti", "mail": "carla@example.com"}
        refused(nadia.post("cases", {"who": who, "problem": "It fails.", "priority": priority}), 400, "invalid")

    @pytest.mark.parametrize("meant", ["true", "yes", 1, 0, "", None])
    def test_yes_and_no_are_sent_as_such(self, nadia, path, meant):
        pledge = {"words": "call", "due_at": "2026-03-12T10:00:00Z", "in_closed_hours": meant}
        refused(nadia.post(f"{path}/promises", {"pledge": pledge}), 400, "invalid")

    @pytest.mark.parametrize(
        "amount", ["1e999999999", "NaN", "sNaN", "Infinity", 1e308, "-1", "1.234", "9" * 900, True]
    )
    def test_amounts_that_nobody_gives(self, nadia, path, amount):
        refused(nadia.post(f"{path}/give", {"kind": "money", "words": "x", "why": "y", "amount": amount}), 400)

    def test_a_number_too_big_for_a_float(self, nadia, path):
        refused(nadia.post(f"{path}/give", b'{"kind": "money", "words": "x", "why": "y", "amount": 1e400}'), 400)
        refused(nadia.post(f"{path}/hand-over", b'{"to": 1e400, "brief": "x"}'), 400)

    @pytest.mark.parametrize(
        "instant",
        ["2026-03-12", "2026-03-12T10:00:00", "12 March", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
        + ["2026-02-30T10:00:00Z", "2026-03-12T25:00:00Z", "2026-03-12T10:00:00+99:99", "Z", "+01:00", 0, {}, []]
        + [
            "2026-03-12T10:00:00Z" + " " * 100,
            "２０２６-03-12T10:00:00Z",
            "2026-W11-4T10:00:00",
            "2200-01-01T00:00:00Z",
        ],
    )
    def test_instants_that_are_none(self, nadia, path, instant):
        refused(nadia.post(f"{path}/promises", {"pledge": {"words": "call", "due_at": instant}}), 400, "invalid")

    def test_a57_more_than_a_megabyte(self, nadia, path):
        refused(nadia.post(f"{path}/notes", b'{"body": "' + b"x" * TOO_MUCH + b'"}'), 413, "too_large")

    @pytest.mark.parametrize(("size", "status"), [(TOO_MUCH, 413), (100, 201)])
    def test_a57_and_in_chunks(self, nadia, path, size, status):
        """Of what comes in chunks nobody is told the length; gunicorn ends the stream itself."""
        body = b'{"body": "' + b"x" * size + b'"}'
        request = RequestFactory().generic("POST", f"/api/v1/{path}/notes", body, "application/json")
        del request.META["CONTENT_LENGTH"]
        request.META["wsgi.input"] = BytesIO(body)
        request.META |= {"HTTP_TRANSFER_ENCODING": "chunked", "HTTP_AUTHORIZATION": f"Bearer {nadia.secret}"}
        found = resolve(request.path)
        answer = found.func(request, *found.args, **found.kwargs).render()
        assert answer.status_code == status
        assert (json.loads(answer.content)["body"] == "x" * size) if status == 201 else True

    def test_nothing_that_is_done_reads_its_address(self, nadia, path):
        refused(nadia.post(f"{path}/notes?dry_run=true", {"body": "x"}), 400, "invalid")
        assert not Case.objects.filter(notes__isnull=False).exists()

    def test_a48_nobody_sets_what_is_not_theirs_to_set(self, nadia, cast):
        who = {"name": "Dora Dell", "mail": "dora@home.example", "is_staff": True, "id": 1}
        more = {"owner": cast.olga.pk, "state": "closed", "opened_at": "2001-01-01T00:00:00Z", "is_confidential": True}
        told = nadia.post("cases", {"who": who, "problem": "It does not start.", **more}).json()
        case = Case.objects.get(pk=int(told["number"][2:]))
        assert case.owner != cast.olga and case.is_open and not case.is_confidential
        assert case.opened_at == clock.now()

    @pytest.mark.parametrize("key", ["x" * 256, "ключ", "a\x00b", "a\tb", "a\x7f"])
    def test_a_key_that_is_none(self, nadia, path, key):
        refused(nadia.post(f"{path}/notes", {"body": "x"}, Idempotency_Key=key), 422, "bad_key")

    @pytest.mark.parametrize("tag", ["", "x", '"', '"0"', '"\x00"', '"' + "x" * 9000, "é"])
    def test_a_version_that_nobody_has_read(self, nadia, path, tag):
        refused(nadia.post(f"{path}/notes", {"body": "x"}, If_Match=tag), 412, "changed_meanwhile")
        assert nadia.get(path, If_None_Match=tag).status_code == 200


class TestWhoAsks:
    @pytest.mark.parametrize("name", ["token", "access_token", "api_key", "key", "q", "fields", "anything"])
    def test_a56_a_token_in_an_address(self, case, nadia, stranger, name):
        before = everything()
        path = f"cases/{case.number}/take-over?{name}={nadia.secret}"
        for asker in (nadia, stranger):
            refused(asker.get(path), 400)
            refused(asker.post(path, {"reason": "x"}), 400)
        assert everything() == before

    @pytest.mark.parametrize(
        "header",
        ["", "Bearer", "Bearer ", "Basic {0}", "Token {0}", "{0}", "Bearer {0} {0}", "Bearer {0}x", "Digest a=b"]
        + [
            "Bearer DESK_",
            "Bearer desk_" + "x" * 43,
            "Bearer desk_" + "é" * 43,
            "Bearer desk_" + "x" * 9000,
            "bearer \x00",
        ],
    )
    def test_a_header_that_lets_nobody_in(self, case, nadia, header):
        answer = nadia.client.get(
            f"/api/v1/cases/{case.number}", headers={"Authorization": header.format(nadia.secret)}
        )
        refused(answer, 401)
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="desk"'

    def test_a_session_is_no_token(self, case, cast):
        browser = Client()
        browser.force_login(cast.sam, backend="supportdesk.signin.StaffBackend")
        refused(browser.get(f"/api/v1/cases/{case.number}"), 401, "not_authenticated")

    @pytest.mark.parametrize("lost", ["revoked", "over", "signed off", "gone"])
    def test_a56_a_token_that_is_no_more(self, case, cast, lost):
        token, secret = access.make(
            cast.ben, "old", Scope.WRITE, by=cast.ben, expires_at=clock.now() + timedelta(minutes=1)
        )
        ben = Machine(secret, Client())
        assert ben.get("me").status_code == 200
        used = fresh(token).last_used_at
        if lost == "revoked":
            access.revoke(token, by=cast.ben)
        elif lost == "signed off":
            type(cast.ben).objects.filter(pk=cast.ben.pk).update(can_sign_in=False)
        elif lost == "gone":
            type(cast.ben).objects.filter(pk=cast.ben.pk).update(is_active=False)
        with clock.at(clock.now() + timedelta(minutes=10 if lost == "over" else 0)):
            refused(ben.get("me"), 401, "authentication_failed")
            refused(ben.post(f"cases/{case.number}/notes", {"body": "x"}), 401)
        assert fresh(token).last_used_at == used
        assert not case.notes.exists()

    def test_a46_a_scope_that_does_not_reach(self, case, cast):
        reader, writer = machine(cast.sam, Scope.READ), machine(cast.sam, Scope.WRITE)
        why = refused(reader.post(f"cases/{case.number}/notes", {"body": "x"}), 403, "scope")
        assert "write" in why["detail"]
        hours = case.department.calendar
        refused(writer.put(f"calendars/{hours.pk}", {"zone": "UTC", "week": {}}), 403, "scope")
        assert not case.notes.exists()

    def test_a46_no_token_makes_a_supervisor(self, case, cast):
        ben, before = machine(cast.ben), everything()
        for act in ("override", "take-over", "confidential", "note-to-owner"):
            refused(ben.post(f"cases/{case.number}/{act}", {"reason": "I want it.", "body": "Mine."}), 403)
        assert everything() == before

    def test_another_agents_token_is_another_agent(self, case, cast):
        ben = machine(cast.ben)
        refused(ben.post(f"cases/{case.number}/messages", {"body": "Hello."}), 403)
        with pytest.raises(access.NotAllowed):
            access.make(cast.nadia, "theft", Scope.WRITE, by=cast.ben)
        token, _ = access.make(cast.nadia, "mine", Scope.WRITE, by=cast.nadia)
        with pytest.raises(access.NotAllowed):
            access.revoke(token, by=cast.ben)


class TestConfidential:
    @pytest.fixture
    def hidden(self, case, cast) -> Case:
        confidentiality.make_confidential(case, reason="A colleague of ours.", by=cast.nadia)
        return case

    def test_a44_it_is_nowhere(self, hidden, cast):
        """For whom it is not, it answers word for word like one that there is not, and no list knows it."""
        olga, nadia = machine(cast.olga), machine(cast.nadia)
        assert nadia.get(f"cases/{hidden.number}").status_code == 200
        missing = olga.get("cases/C-999999").content
        assert olga.get(f"cases/{hidden.number}").content == missing
        for things in ("messages", "notes", "subtasks", "promises", "complaints", "refusals", "timeline"):
            assert olga.get(f"cases/{hidden.number}/{things}").content == missing
        for asked in ("cases", f"cases?customer={cast.carla.pk}", "cases?mine=false", "cases?limit=1", "flags"):
            assert hidden.number not in olga.get(asked).content.decode()
        assert len(nadia.get("cases").json()["results"]) == 1

    def test_a45_nothing_is_done_through_what_hangs_on_it(self, hidden, cast):
        olga, before = machine(cast.olga), everything()
        promise, other = hidden.promises.first(), a_case(cast.mallory)
        before = everything()
        for path, body in {
            f"cases/{hidden.number}/promises/{promise.pk}/keep": {"said": "x"},
            f"cases/{other.number}/promises/{promise.pk}/keep": {"said": "x"},
            f"cases/{hidden.number}/join": {"into": other.number},
            f"cases/{hidden.number}/take": {},
        }.items():
            refused(olga.post(path, body), 404, "not_found")
        sam = machine(cast.olga, Scope.WRITE)
        assert sam.post(f"cases/{other.number}/join", {"into": hidden.number}).status_code in (403, 404)
        assert everything() == before

    def test_a47_access_that_is_taken_away_ends_at_once(self, case, cast):
        olga = machine(cast.olga)
        tag = olga.get(f"cases/{case.number}").headers["ETag"]
        confidentiality.make_confidential(case, reason="A colleague of ours.", by=cast.nadia)
        refused(olga.get(f"cases/{case.number}", If_None_Match=tag), 404)
        refused(olga.post(f"cases/{case.number}/notes", {"body": "x"}), 404)

    def test_a_token_limited_to_another_department_sees_nothing_of_it(self, case, cast):
        narrow = machine(cast.nadia, departments=[cast.warranty])
        refused(narrow.get(f"cases/{case.number}"), 404)
        assert narrow.get("cases").json()["results"] == []
        refused(narrow.get(f"customers/{cast.carla.pk}"), 404)
        refused(narrow.post(f"cases/{case.number}/notes", {"body": "x"}), 404)


def test_a66_no_log_tells_a_token_or_what_was_sent(case, nadia, caplog, monkeypatch):
    """Whatever is refused and whatever breaks; as the handlers write it."""
    from django.conf import settings as desk

    from supportdesk.logs import NoKeys, NoWords

    caplog.set_level(logging.DEBUG)
    secret, words = nadia.secret, {"body": CANARY, "words": CANARY, "reason": CANARY}
    nadia.get(f"{secret}")
    nadia.get(f"cases?token={secret}")
    nadia.get(f"cases/{secret}/x")
    nadia.get("cases", Authorization=f"Basic {CANARY}")
    nadia.post(f"cases/{case.number}/notes?x={CANARY}", words)
    nadia.post(f"cases/{case.number}/override", words)
    nadia.post(f"cases/{case.number}/notes", f'{{"body": "{CANARY}')
    nadia.post(f"cases/{case.number}/notes", words, Idempotency_Key=secrets.token_hex(200))

    def breaks(*args, **kwargs):
        raise RuntimeError("It broke.")

    monkeypatch.setattr("cases.verbs.conversation.note", breaks)
    nadia.client.raise_request_exception = False
    refused(nadia.post(f"cases/{case.number}/notes", words), 500, "broken")
    line = logging.Formatter(desk.LOGGING["formatters"]["line"]["format"])
    handled = [record for record in caplog.records if NoKeys().filter(record) and NoWords().filter(record)]
    said = "\n".join(line.format(record) for record in handled if record.name != "django.db.backends")
    assert "/api/v1/" in said
    assert secret not in said and secret[5:] not in said and CANARY not in said
