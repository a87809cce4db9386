"""Cases through the API: the same verbs, the same refusals."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.cache import cache

from cases.models import Case
from cases.verbs import closing, promises, subtasks
from staff import access
from staff.models import Agent, Topic
from staff.models.tokens import Scope
from tests.api.conftest import machine
from tests.cast import TUESDAY, a_case, everything, fresh, pledge, proposed

pytestmark = pytest.mark.usefixtures("tuesday")

TOMORROW = (TUESDAY + timedelta(days=1)).isoformat()


def test_a_case_is_told_whole_with_what_stands_in_the_way_of_closing_it(case, nadia):
    told = nadia.get(f"cases/{case.number}").json()
    assert told["number"] == case.number
    assert told["owner"]["name"] == "Nadia Novak"
    assert told["preferences"] == ["The upgrade works", "My money back"]
    assert [one["type"] for one in told["in_the_way"]] == ["/api/docs/problems#no_yes"]
    assert told["promises"][0]["due_at"].endswith("Z")


def test_a_shop_opens_a_case_and_the_desk_finds_its_owner(cast, nadia):
    who = {"name": "Dora Dell", "mail": "dora@home.example"}
    answer = nadia.post("cases", {"who": who, "problem": "It does not start."})
    assert answer.status_code == 201, answer.content
    case = Case.objects.get(pk=int(answer.json()["number"][2:]))
    assert answer.headers["Location"] == f"/api/v1/cases/{case.number}"
    assert case.problem == "It does not start."
    assert case.owner.is_active


def test_what_is_answered_of_a_new_case_is_what_is_read_of_it(cast, nadia):
    words = {
        "problem": " It does not start. ",
        "desired_outcome": "A new one ",
        "preferences": ["Money", " ", "A loan"],
    }
    topic = Topic.objects.create(name="Billing", department=cast.hardware)
    known = {"customer": cast.carla.pk, "priority": 1, "channel": "phone", "topic": topic.pk}
    for asked in ({"who": {"name": "Dora Dell", "mail": "dora@home.example"}, "problem": "Broken."}, known | words):
        answer = nadia.post("cases", asked)
        read = nadia.get(f"cases/{answer.json()['number']}")
        assert answer.content == read.content
        assert answer.headers["ETag"] == read.headers["ETag"]


def test_a_department_is_asked_and_answers(case, cast, nadia):
    olga = machine(cast.olga)
    part = nadia.post(f"cases/{case.number}/subtasks", {"department": cast.hardware.pk, "what": "Test it"}).json()
    path = f"cases/{case.number}/subtasks/{part['id']}"
    assert nadia.post(f"{path}/accept", {"committed_at": TOMORROW}).status_code == 403
    assert olga.post(f"{path}/accept", {"committed_at": TOMORROW}).status_code == 200
    told = olga.post(f"{path}/done", {"outcome": "The board was loose."}).json()
    assert told["subtasks"][0]["state"] == "done"


def test_closing_over_an_open_part_is_refused_with_everything_in_the_way(case, cast, nadia):
    nadia.post(f"cases/{case.number}/subtasks", {"department": cast.hardware.pk, "what": "Test it"})
    answer = nadia.post(f"cases/{case.number}/close")
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {one["type"].rpartition("#")[2] for one in answer.json()["in_the_way"]} == {"open_subtask", "no_yes"}
    assert fresh(case).is_open


ONLY_THE_CUSTOMER_SAYS = (
    *("yes", "confirm", "confirmed", "not-yet", "still-not", "understand", "i-understand", "not-accept"),
    *("withdraw", "withdrawn", "no-longer-needed", "consent", "stop", "agree", "agreed", "answer", "answers"),
    *("someone-else", "another-look"),
)


@pytest.mark.parametrize("word", ONLY_THE_CUSTOMER_SAYS)
def test_what_only_the_customer_says_has_no_address(case, cast, nadia, word):
    proposed(case, by=cast.nadia)
    admin = machine(cast.sam)
    before = everything()
    for who in (nadia, admin):
        for path in (f"cases/{case.number}/{word}", f"cases/{case.number}/{word.replace('-', '_')}"):
            assert who.post(path, {"words": "Yes, it is over.", "answer": "yes"}).status_code == 404
            assert who.put(path, {}).status_code == 404
    promise = case.promises.earliest("pk")
    for word in ("agree", "accept", "keep-as-it-is"):
        assert nadia.post(f"cases/{case.number}/promises/{promise.pk}/{word}").status_code == 404
    assert everything() == before


def test_nor_does_any_member_of_what_is_sent_say_it(case, cast, nadia):
    """What an act does not read it passes over: nobody has agreed by it."""
    proposed(case, by=cast.nadia)
    said = {"state": "closed", "outcome": "confirmed", "yes": True, "agreed": True, "confirmed_by_customer": True}
    assert nadia.post(f"cases/{case.number}/notes", {"body": "She says yes.", **said}).status_code == 201
    assert nadia.post(f"cases/{case.number}/close", said).status_code == 422
    assert (fresh(case).state, fresh(case).outcome) == ("proposed", "")


def test_a_machine_may_look_after_a_part_but_a_person_takes_it_on(case, cast, nadia):
    """Who has a part is somebody to whom the owner can turn (design, section 1); a machine owns nothing."""
    Agent.objects.filter(pk=cast.sam.pk).update(is_admin=True)
    monitor = access.add_service_account("The monitor", cast.hardware, by=fresh(cast.sam))
    theirs = machine(monitor, by=fresh(cast.sam))
    part = nadia.post(f"cases/{case.number}/subtasks", {"department": cast.hardware.pk, "what": "Test it"}).json()
    path = f"cases/{case.number}/subtasks/{part['id']}"
    assert theirs.post(f"{path}/see").status_code == 200
    refused = theirs.post(f"{path}/accept", {"committed_at": TOMORROW})
    assert (refused.status_code, refused.json()["type"]) == (422, "/api/docs/problems#needs_a_person")
    assert case.subtasks.get().agent is None
    assert machine(cast.olga).post(f"{path}/accept", {"committed_at": TOMORROW}).status_code == 200
    assert theirs.post(f"{path}/done", {"outcome": "It starts again."}).status_code == 200
    assert (case.subtasks.get().agent, case.subtasks.get().ended_by_agent) == (cast.olga, monitor)


def numbers(answer) -> list[str]:
    return [row["number"] for row in answer.json()["results"]]


def test_cases_are_listed_as_they_were_opened_or_the_open_ones_by_what_is_due(cast, nadia):
    first, second, over = (a_case(cast.carla) for _ in range(3))
    promises.make(second, pledge("call you", hours=1), by=second.owner)
    closing.override(over, reason="A double.", by=cast.sam)
    assert numbers(nadia.get("cases")) == [first.number, second.number, over.number]
    assert numbers(nadia.get("cases?order=due")) == [second.number, first.number]
    page = nadia.get("cases?order=due&limit=1").json()
    assert numbers(nadia.get(page["next"])) == [first.number]
    assert nadia.get("cases?order=name").status_code == 400


@pytest.fixture
def limited(cast):
    """A token that is limited to Warranty, which has nothing to do with Carla's case."""
    return machine(cast.nadia, departments=[cast.warranty])


def test_a_token_that_is_limited_to_departments_learns_nothing_of_others(case, cast, limited):
    assert limited.get(f"cases/{case.number}").status_code == 404
    assert numbers(limited.get("cases")) == []
    assert limited.get(f"customers/{cast.carla.pk}").status_code == 404
    answer = limited.post("cases", {"customer": cast.carla.pk, "problem": "It does not start."})
    assert (answer.status_code, answer.json()["fields"][0]["code"]) == (400, "not_found")
    assert "Carla" not in answer.content.decode()


def test_nor_does_it_join_into_a_case_of_others(case, cast, limited):
    theirs = a_case(cast.mallory)
    subtasks.ask(theirs, cast.warranty, "The receipt", by=theirs.owner)
    answer = limited.post(f"cases/{theirs.number}/join", {"into": case.number})
    assert answer.status_code == 404
    assert fresh(theirs).is_open and "Carla" not in answer.content.decode()


def test_what_was_joined_is_taken_out_again_by_its_own_number(case, cast, nadia):
    twice = a_case(cast.carla, "I told you twice.")
    assert nadia.post(f"cases/{twice.number}/join", {"into": case.number}).json()["number"] == case.number
    assert nadia.get(f"cases/{twice.number}").json()["number"] == case.number, "Both numbers lead there."
    answer = nadia.post(f"cases/{twice.number}/undo-joining")
    assert (answer.status_code, answer.json()["number"]) == (200, twice.number), answer.content
    assert fresh(twice).is_open and fresh(twice).joined_into_id is None
    assert nadia.post(f"cases/{case.number}/undo-joining").json()["type"].endswith("#not_joined")


def test_whoever_has_no_token_is_counted_whatever_they_say_of_where_they_come_from(settings, stranger):
    settings.API_A_MINUTE_UNKNOWN = 3
    cache.clear()
    told = [stranger.get("me", X_Forwarded_For=f"203.0.113.{number}").status_code for number in range(5)]
    assert told == [401] * 3 + [429] * 2


@pytest.mark.parametrize(
    "wrong, field, way_out",
    [
        ({"week": {}}, "monday", "Not one hour of the week is open"),
        ({"week": {"monday": "09:00-13:00, 12:00-17:00"}}, "monday", "Let the second begin"),
        ({"zone": "Mars/Olympus"}, "zone", "such as Europe/Berlin"),
        ({"open_days": {"2026-12-19": "ten"}}, "open_days", "such as|like"),
        ({"country": "XX"}, "country", "Leave it empty"),
    ],
)
def test_hours_that_cannot_be_are_refused_by_their_field_with_the_way_out(cast, wrong, field, way_out):
    type(cast.sam).objects.filter(pk=cast.sam.pk).update(is_admin=True)
    ada = machine(fresh(cast.sam), Scope.ADMIN)
    path, hours = f"calendars/{cast.support.calendar_id}", {"zone": "UTC", "week": {"monday": "09:00-17:00"}}
    refused = ada.put(path, {**hours, **wrong})
    assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert re.search(way_out, refused.json()["detail"])
    for no_object in (["2026-12-19"], "2026-12-19", 7, None, {"2026-12-19": ["10:00-14:00"]}):
        refused = ada.put(path, {**hours, "open_days": no_object})
        assert refused.status_code == 400 and "open_days" in refused.content.decode()
    kept = ada.put(path, {**hours, "open_days": {"2026-12-19": "10:00-14:00"}})
    assert kept.json()["open_days"] == {"2026-12-19": "10:00-14:00"}
