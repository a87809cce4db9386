"""Done once, however often it is sent; and nobody writes over what they have not read."""

from __future__ import annotations

import http.client
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.models import Case, Note
from cases.verbs import conversation
from staff import access
from staff.api import once
from staff.models import DoneOnce
from staff.models.tokens import Scope
from supportdesk import clock
from supportdesk.models import Erasure
from supportdesk.privacy import verbs
from tests.api.conftest import Machine, machine
from tests.cast import a_case, at_once
from tests.faults.parts import Parts, listens, until

TWINS = 20
OPENING = {"who": {"name": "Dora Dell", "mail": "dora@home.example"}, "problem": "It does not start."}


def of_the_same(answers) -> bytes:
    """The one body of which all but the first are repetitions."""
    bodies = {answer.content for answer in answers}
    assert len(bodies) == 1, bodies
    assert sum(once.REPLAYED not in answer.headers for answer in answers) == 1
    return bodies.pop()


@pytest.mark.usefixtures("tuesday")
class TestKey:
    def test_a59_the_same_twice_is_one_case_and_one_answer(self, cast, nadia):
        first = nadia.post("cases", OPENING, Idempotency_Key="order-7")
        again = nadia.post("cases", OPENING, Idempotency_Key="order-7")
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.headers[once.REPLAYED] == "true"
        assert first.content == again.content
        for name in ("ETag", "Location", "Content-Type"):
            assert first.headers[name] == again.headers[name]
        assert Case.objects.count() == 1

    def test_a_case_of_somebody_new_takes_fifteen_statements(self, cast, nadia):
        nadia.post("cases", OPENING, Idempotency_Key="order-6")
        somebody_new = OPENING | {"who": {"name": "Edda Ek", "mail": "edda@home.example"}}
        with CaptureQueriesContext(connection) as asked:
            assert nadia.post("cases", somebody_new, Idempotency_Key="order-7").status_code == 201
        statements = [one["sql"] for one in asked if "SAVEPOINT" not in one["sql"]]
        assert len(statements) <= 15, statements

    def test_a59_the_same_key_for_something_else_is_refused(self, cast, nadia):
        nadia.post("cases", OPENING, Idempotency_Key="order-7")
        answer = nadia.post("cases", OPENING | {"problem": "It smokes."}, Idempotency_Key="order-7")
        assert answer.status_code == 422
        assert answer.json()["type"].endswith("#key_used_otherwise")
        number = Case.objects.get().number
        other = nadia.post(f"cases/{number}/notes", {"body": "x"}, Idempotency_Key="order-7")
        assert other.status_code == 422
        assert Case.objects.count() == 1 and not Note.objects.exists()

    def test_what_was_answered_goes_with_the_words_that_are_taken_out_and_is_still_done_once(self, cast, nadia):
        cast.sam.is_admin = True
        cast.sam.save(update_fields=["is_admin"])
        nadia.post("cases", OPENING, Idempotency_Key="order-7")
        verbs.redact(Case.objects.get(), "does not start", grounds=Erasure.Grounds.values[0], by=cast.sam)
        assert not DoneOnce.objects.filter(body__contains="start").exists()
        again = nadia.post("cases", OPENING, Idempotency_Key="order-7")
        assert (again.status_code, again.json()) == (201, None)
        assert Case.objects.count() == 1

    def test_after_a_day_it_is_done_anew(self, cast, nadia):
        nadia.post("cases", OPENING, Idempotency_Key="order-7")
        for later, cases in ((once.KEPT, 1), (once.KEPT + timedelta(seconds=1), 2)):
            with clock.at(clock.now() + later):
                assert nadia.post("cases", OPENING, Idempotency_Key="order-7").status_code == 201
            assert Case.objects.count() == cases
        assert DoneOnce.objects.count() == 1

    def test_what_is_old_is_forgotten(self, cast, nadia):
        nadia.post("cases", OPENING, Idempotency_Key="order-7")
        assert once.forget(clock.now() + once.KEPT) == 0
        assert once.forget(clock.now() + once.KEPT + timedelta(seconds=1)) == 1

    def test_what_was_refused_can_be_sent_again(self, case, cast, nadia):
        path, key = f"cases/{case.number}/override", {"Idempotency_Key": "one"}
        assert nadia.post(path, {"reason": "It is over."}, **key).status_code == 403
        assert nadia.post(path, {"reason": 7 * "x"}, **key).status_code == 403
        type(cast.nadia).objects.filter(pk=cast.nadia.pk).update(is_supervisor=True)
        assert nadia.post(path, {"reason": "It is over."}, **key).status_code == 200
        again = nadia.post(path, {"reason": "It is over."}, **key)
        assert again.headers[once.REPLAYED] == "true"
        assert again.json()["state"] == "closed"

    def test_the_key_of_another_token_is_another_key(self, case, cast, nadia):
        for asker in (nadia, machine(cast.nadia), machine(cast.ben)):
            answer = asker.post(f"cases/{case.number}/notes", {"body": "x"}, Idempotency_Key="one")
            assert answer.status_code == 201 and once.REPLAYED not in answer.headers
        assert case.notes.count() == 3

    def test_what_was_answered_is_told_only_to_a_token_that_still_may(self, case, cast):
        token, secret = access.make(cast.ben, "shop", Scope.WRITE, by=cast.ben)
        ben = Machine(secret, Client())
        ben.post(f"cases/{case.number}/notes", {"body": "x"}, Idempotency_Key="one")
        access.revoke(token, by=cast.ben)
        assert ben.post(f"cases/{case.number}/notes", {"body": "x"}, Idempotency_Key="one").status_code == 401

    def test_a_reading_keeps_nothing(self, case, nadia):
        nadia.get(f"cases/{case.number}", Idempotency_Key="one")
        assert not DoneOnce.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_a59_twenty_twins_are_one(self, cast, tuesday):
        _, secret = access.make(cast.nadia, "shop", Scope.WRITE, by=cast.nadia)
        twins = [Machine(secret, Client()) for _ in range(TWINS)]
        asks = [lambda one=one: one.post("cases", OPENING, Idempotency_Key="order-7") for one in twins]
        answers = at_once(*asks)
        assert {answer.status_code for answer in answers} == {201}, answers
        told = json.loads(of_the_same(answers))
        assert [case.number for case in Case.objects.all()] == [told["number"]]

    def test_a59_twins_with_other_words_are_one_and_a_refusal(self, cast, tuesday):
        case = a_case(cast.carla)
        _, secret = access.make(cast.nadia, "shop", Scope.WRITE, by=cast.nadia)
        path = f"cases/{case.number}/notes"
        asks = [
            lambda n=n: Machine(secret, Client()).post(path, {"body": f"Word {n}"}, Idempotency_Key="one")
            for n in range(8)
        ]
        statuses = sorted(answer.status_code for answer in at_once(*asks))
        assert statuses == [201] + [422] * 7
        assert case.notes.count() == 1

    def test_a_twin_of_what_is_refused_is_asked_for_itself(self, cast, tuesday):
        case = a_case(cast.carla)
        _, secret = access.make(cast.ben, "shop", Scope.WRITE, by=cast.ben)
        path = f"cases/{case.number}/override"
        asks = [
            lambda: Machine(secret, Client()).post(path, {"reason": "Over."}, Idempotency_Key="one") for _ in range(8)
        ]
        assert {answer.status_code for answer in at_once(*asks)} == {403}
        assert not DoneOnce.objects.exists()

    def test_of_many_who_have_read_the_same_one_writes(self, cast, tuesday):
        case = a_case(cast.carla)
        _, secret = access.make(cast.nadia, "shop", Scope.WRITE, by=cast.nadia)
        path = f"cases/{case.number}"
        tag = Machine(secret, Client()).get(path).headers["ETag"]
        asks = [
            lambda n=n: Machine(secret, Client()).post(f"{path}/notes", {"body": f"Word {n}"}, If_Match=tag)
            for n in range(8)
        ]
        statuses = sorted(answer.status_code for answer in at_once(*asks))
        assert statuses == [201] + [412] * 7
        assert case.notes.count() == 1

    def test_of_many_who_change_a_calendar_one_writes(self, cast, tuesday):
        type(cast.sam).objects.filter(pk=cast.sam.pk).update(is_admin=True)
        cast.sam.refresh_from_db()
        _, secret = access.make(cast.sam, "hours", Scope.ADMIN, by=cast.sam)
        path = f"calendars/{cast.support.calendar_id}"
        tag = Machine(secret, Client()).get(path).headers["ETag"]
        asks = [
            lambda n=n: Machine(secret, Client()).put(
                path, {"zone": "UTC", "week": {"monday": f"{n:02}:00-18:00"}}, If_Match=tag
            )
            for n in range(1, 9)
        ]
        statuses = sorted(answer.status_code for answer in at_once(*asks))
        assert statuses == [200] + [412] * 7, statuses

    def test_of_many_who_add_the_first_address_one_writes(self, cast, tuesday):
        _, secret = access.make(cast.nadia, "shop", Scope.WRITE, by=cast.nadia)
        path = f"customers/{cast.carla.pk}"
        tag = Machine(secret, Client()).get(path).headers["ETag"]
        asks = [
            lambda n=n: Machine(secret, Client()).post(
                f"{path}/addresses", {"kind": "mail", "value": f"carla{n}@work.example"}, If_Match=tag
            )
            for n in range(8)
        ]
        statuses = sorted(answer.status_code for answer in at_once(*asks))
        assert statuses == [200] + [412] * 7, statuses
        assert cast.carla.addresses.count() == 2


@pytest.mark.usefixtures("tuesday")
class TestVersion:
    def test_what_has_changed_meanwhile_is_not_written_over(self, case, cast, nadia):
        path = f"cases/{case.number}"
        tag = nadia.get(path).headers["ETag"]
        conversation.note(case, "Something new.", by=cast.ben)
        answer = nadia.post(f"{path}/notes", {"body": "x"}, If_Match=tag)
        assert answer.status_code == 412 and answer.json()["type"].endswith("#changed_meanwhile")
        assert case.notes.count() == 1
        tag = nadia.get(path).headers["ETag"]
        assert nadia.post(f"{path}/notes", {"body": "x"}, If_Match=f'"other", {tag}').status_code == 201
        assert nadia.post(f"{path}/notes", {"body": "x"}, If_Match="*").status_code == 201

    def test_each_answer_tells_the_version_from_which_to_go_on(self, case, cast, nadia):
        path = f"cases/{case.number}"
        sam = machine(cast.sam)
        told = sam.post(f"{path}/confidential", {"reason": "A colleague."}, If_Match=sam.get(path).headers["ETag"])
        assert told.status_code == 200
        assert sam.get(path, If_None_Match=told.headers["ETag"]).status_code == 304
        again = sam.post(f"{path}/open-to-staff", {"reason": "No more."}, If_Match=told.headers["ETag"])
        assert again.status_code == 200

    def test_what_hangs_on_a_case_has_its_version(self, case, cast, nadia):
        promise = case.promises.get()
        tag = nadia.get(f"cases/{case.number}").headers["ETag"]
        conversation.note(case, "Something new.", by=cast.ben)
        path = f"cases/{case.number}/promises/{promise.pk}/keep"
        assert nadia.post(path, {"said": "We spoke."}, If_Match=tag).status_code == 412

    def test_a_flag_has_one_too(self, case, cast):
        from escalations.sweep import sweep_now

        type(cast.sue).objects.filter(pk=cast.sue.pk).update(is_supervisor=True)
        sue = machine(cast.sue)
        with clock.at(clock.now() + timedelta(days=2)):
            sweep_now()
            flag = sue.get("flags?standing=true").json()["results"][0]
            path = f"flags/{flag['id']}"
            assert sue.post(f"{path}/settle", {"reason": "Spoken to."}, If_Match='"other"').status_code == 412
            tag = sue.get(path).headers["ETag"]
            assert sue.post(f"{path}/settle", {"reason": "Spoken to."}, If_Match=tag).status_code == 200

    def test_a_new_case_has_no_version_yet(self, cast, nadia):
        assert nadia.post("cases", OPENING, If_Match='"1"').status_code == 412
        assert not Case.objects.exists()

    @pytest.mark.parametrize("things", ["case", "me", "agents", "departments", "calendars", "customers"])
    def test_what_has_been_read_is_not_sent_again(self, case, cast, nadia, things):
        paths = {
            "case": f"cases/{case.number}",
            "me": "me",
            "agents": f"agents/{cast.ben.pk}",
            "departments": f"departments/{cast.support.pk}",
            "calendars": f"calendars/{cast.support.calendar_id}",
            "customers": f"customers/{cast.carla.pk}",
        }
        first = nadia.get(paths[things])
        tag = first.headers["ETag"]
        for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
            again = nadia.get(paths[things], If_None_Match=known)
            assert again.status_code == 304 and not again.content
            assert again.headers["ETag"] == tag
        assert nadia.get(paths[things], If_None_Match='"x"').content == first.content

    def test_time_alone_makes_another_version(self, case, cast, nadia):
        """That a promise is late is told at its due time, by no entry."""
        path = f"cases/{case.number}"
        first = nadia.get(path)
        assert not first.json()["is_late"]
        with clock.at(case.promises.get().due_at):
            later = nadia.get(path, If_None_Match=first.headers["ETag"])
            assert later.status_code == 200 and later.json()["is_late"]
            assert nadia.post(f"{path}/notes", {"body": "x"}, If_Match=first.headers["ETag"]).status_code == 201


@pytest.mark.stack
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["entry.written", "entry.committed"])
def test_f02_killed_between_the_act_and_the_answer_it_is_done_once(desk_environment, cast, tmp_path, where):
    _, secret = access.make(cast.nadia, "shop", Scope.WRITE, by=cast.nadia)
    parts = Parts(desk_environment, tmp_path)
    try:
        parts.valkey()
        _, deadly = parts.web(crash_at=where)
        assert _asked(deadly, secret) == (0, b"", None)
        until(lambda: listens(deadly), "The web never came back.")
        assert Case.objects.count() == (where == "entry.committed")
        _, healthy = parts.web()
        answers = [_asked(healthy, secret) for _ in range(2)]
    finally:
        parts.end()
    assert [status for status, _, _ in answers] == [201, 201]
    assert answers[0][1] == answers[1][1]
    assert answers[1][2] == "true"
    assert Case.objects.count() == 1


def _asked(port: int, secret: str) -> tuple[int, bytes, str | None]:
    """What a shop is answered; 0: the line broke."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    told = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json", "Idempotency-Key": "order-7"}
    try:
        line.request("POST", "/api/v1/cases", json.dumps(OPENING), told)
        answer = line.getresponse()
        return answer.status, answer.read(), answer.headers.get(once.REPLAYED)
    except (OSError, http.client.HTTPException):
        return 0, b"", None
    finally:
        line.close()
