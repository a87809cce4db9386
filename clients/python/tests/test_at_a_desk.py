"""The client at a real desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from supportdesk_client import Client, Problem, Unreachable, instant, pledge

from cases.models import Case, Note

pytestmark = pytest.mark.django_db(transaction=True)

CARLA = {"name": "Carla Conti", "mail": "carla@home.example"}


@pytest.fixture
def case(desk, cast):
    """Carla's case, owned by whom the token acts as."""
    told = desk.open_case("I was charged twice.", who=CARLA, preferences=["Money back", "A free month"])
    row = Case.objects.get(pk=int(told["number"][2:]))
    return desk.act(told["number"], "take") if row.owner.is_fallback else told


def test_says_who_it_is_and_never_its_token(desk, token):
    me = desk.me()
    assert (me["name"], me["scope"], me["departments"]) == ("Nadia Novak", "write", [])
    assert token not in repr(desk)
    assert token not in repr(vars(desk))


def test_opens_a_case_and_reads_it_whole(desk, case):
    told = desk.case(case["number"])
    assert told["problem"] == "I was charged twice."
    assert told["preferences"] == ["Money back", "A free month"]
    assert told["customer"]["name"] == "Carla Conti"
    assert instant(told["promises"][0]["due_at"]).tzinfo is not None


def test_goes_through_every_page(desk, cast):
    opened = {desk.open_case(f"Problem {n}", customer=cast.carla.pk)["number"] for n in range(7)}
    found = [row["number"] for row in desk.cases(limit=2, customer=cast.carla.pk)]
    assert len(found) == 7
    assert set(found) == opened
    assert [one["name"] for one in desk.departments()] == ["Support", "Hardware", "Warranty"]
    assert [one["name"] for one in desk.customers("carla@home.example")] == ["Carla Conti"]


def test_says_true_and_false_and_instants_as_the_desk_reads_them(desk, case):
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    assert [row["number"] for row in desk.cases(late=False, since=hour_ago, state=["open", "closed"])]
    assert not list(desk.cases(late=True))
    with pytest.raises(ValueError, match="zone"):
        next(desk.cases(since=datetime(2026, 3, 10)))


def test_writes_notes_messages_promises_and_asks_departments(desk, case, cast):
    number = case["number"]
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert desk.note(number, "Order 4711.")["agent"]["name"] == "Nadia Novak"
    more = {"in_closed_hours": True}
    assert desk.promise(number, "call you", tomorrow, kind="callback", **more)["words"] == "call you"
    assert desk.write(number, "I have both.", next_promise=pledge("tell you more", tomorrow, **more))["body"]
    part = desk.ask(number, cast.hardware.pk, "Test it", plain_words="test your laptop")
    assert part["state"] == "asked"
    assert [one["id"] for one in desk.subtasks(number)] == [part["id"]]
    assert {one["body"] for one in desk.notes(number)} == {"Order 4711."}
    assert "I have both." in {one["body"] for one in desk.messages(number)}
    assert {"call you", "tell you more"} <= {one["words"] for one in desk.promises(number)}
    assert [one["kind"] for one in desk.timeline(number)][0] == "opened"


def test_a_refusal_says_everything_that_is_in_the_way(desk, case, cast):
    desk.ask(case["number"], cast.hardware.pk, "Test it")
    with pytest.raises(Problem) as refused:
        desk.act(case["number"], "close")
    problem = refused.value
    assert (problem.status, problem.code) == (422, "close_refused")
    assert problem.type == "/api/docs/problems#close_refused"
    assert {one.code for one in problem.in_the_way} == {"open_subtask", "no_yes"}
    assert all(one.detail for one in problem.in_the_way)


def test_what_cannot_be_read_is_told_by_field(desk, case):
    with pytest.raises(Problem) as refused:
        desk.act(case["number"], "promises", {"pledge": {"words": "call you", "due_at": "soon"}})
    assert refused.value.status == 400
    assert [one.field for one in refused.value.fields] == ["pledge.due_at"]


def test_the_same_key_is_done_once(desk, case):
    first = desk.note(case["number"], "Order 4711.", key="order-4711")
    assert desk.note(case["number"], "Order 4711.", key="order-4711") == first
    assert Note.objects.count() == 1
    with pytest.raises(Problem) as refused:
        desk.note(case["number"], "Something else.", key="order-4711")
    assert refused.value.code == "key_used_otherwise"


def test_acts_only_on_what_was_read(desk, case):
    read = desk.read_case(case["number"])
    desk.note(case["number"], "First.", if_match=read.version)
    with pytest.raises(Problem) as refused:
        desk.note(case["number"], "Second.", if_match=read.version)
    assert (refused.value.status, refused.value.code) == (412, "changed_meanwhile")


def test_waits_as_long_as_the_desk_says_when_it_asks_too_much(desk, settings, waited):
    settings.API_A_MINUTE = 0
    with pytest.raises(Problem) as refused:
        desk.me()
    assert refused.value.status == 429
    assert len(waited) == 4
    assert all(0 < seconds <= 60 for seconds in waited)


def test_goes_on_when_there_is_room_again(live_server, token, settings):
    settings.API_A_MINUTE = 0

    def wait(seconds: float) -> None:
        settings.API_A_MINUTE = 600

    assert Client(live_server.url, token, wait=wait).me()["name"] == "Nadia Novak"


def test_a_token_that_is_over_is_refused_at_once(live_server, token, waited, cast):
    from staff import absences

    absences.sign_off(cast.nadia, by=cast.sam)
    with pytest.raises(Problem) as refused:
        Client(live_server.url, token, wait=waited.append).me()
    assert (refused.value.status, waited) == (401, [])


def test_says_when_nobody_answers(waited, unused_tcp_port=1):
    with pytest.raises(Unreachable):
        Client(f"http://127.0.0.1:{unused_tcp_port}", "desk_x", wait=waited.append).me()
    assert len(waited) == 4
    assert waited == sorted(waited)
