"""Wherever something is promised: plain times, on what it hangs, and what is asked back, all without a script."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from cases.models import Subtask
from cases.sentences import sentence
from cases.verbs import concessions, conversation, promises, subtasks
from cases.verbs.promises import Pledge
from customers.models import Customer
from staff.models import Mandate
from supportdesk import clock
from tests.cast import TUESDAY, WEDNESDAY, first_promise, fresh, pledge
from tests.pages import said, signed_in

NOON = "2026-03-11T12:00:00+00:00"
ON_SATURDAY = "2026-03-14T12:00"
THURSDAY_AT_TWO = TUESDAY + timedelta(days=2, hours=4)


def options(page, name: str) -> dict[str, str]:
    """What a select offers: the words by the value."""
    select = re.search(rf'<select name="{name}".*?</select>', page.content.decode(), re.DOTALL)
    assert select, f"There is no {name}."
    return {value: words for value, words in re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)', select[0])}


def chosen(page, name: str) -> list[str]:
    select = re.search(rf'<select name="{name}".*?</select>', page.content.decode(), re.DOTALL)[0]
    return re.findall(r'<option value="([^"]*)" selected', select)


def of_case(name):
    return lambda case: reverse(f"cases:{name}", args=[case.pk])


def of_promise(name):
    return lambda case: reverse(f"cases:{name}", args=[first_promise(case).pk])


DOORS = {
    "the promise dialog": (of_case("promise"), "due_at"),
    "the composer": (lambda case: case.get_absolute_url(), "next_due"),
    "keeping": (of_promise("keep"), "next_due"),
    "a new time": (of_promise("new_date"), "due_at"),
    "proposing": (of_case("propose"), "check_due"),
    "an estimate": (of_case("estimate"), "tell_due"),
    "making it right": (of_promise("make_right"), "next_due"),
    "opening again": (of_case("reopen"), "next_due"),
}


@pytest.mark.parametrize(("url", "field"), DOORS.values(), ids=DOORS)
def test_every_door_offers_the_same_plain_times_in_the_customers_zone_too(case, cast, url, field):
    page = signed_in(cast.nadia).get(url(case))
    assert page.status_code == 200
    offered = options(page, f"{field}_plain")
    assert {
        "2026-03-10T17:00:00+00:00": "Today by 17:00, for Carla 18:00",
        NOON: "Tomorrow morning, Wed 12:00, for Carla 13:00",
        "2026-03-12T10:00:00+00:00": "In two working days, Thu 10:00, for Carla 11:00",
        "own": "Another time…",
    }.items() <= offered.items()
    assert f'type="datetime-local" name="{field}"' in page.content.decode()
    assert "For Carla it is 1 h later than that." in said(page)


def test_the_customers_clock_is_not_named_where_it_shows_the_same(case, cast):
    Customer.objects.filter(pk=cast.carla.pk).update(zone="")
    page = signed_in(cast.nadia).get(reverse("cases:promise", args=[case.pk]))
    assert "for Carla" not in said(page)
    Customer.objects.filter(pk=cast.carla.pk).update(zone="Mars/Olympus")
    assert signed_in(cast.nadia).get(reverse("cases:promise", args=[case.pk])).status_code == 200


def test_what_cannot_be_kept_is_not_offered(case, cast):
    with clock.at(TUESDAY + timedelta(hours=6)):
        page = signed_in(cast.nadia).get(reverse("cases:promise", args=[case.pk]))
    assert not any(words.startswith("Today") for words in options(page, "due_at_plain").values())


class TestPromising:
    def post(self, case, agent, **typed):
        typed = {"words": "call you", "kind": "update", "due_at_plain": "", "due_at": "", **typed}
        return signed_in(agent).post(reverse("cases:promise", args=[case.pk]), typed)

    def test_the_time_that_was_read_is_promised_whatever_the_day_is_by_then(self, case, cast):
        with clock.at(TUESDAY + timedelta(hours=23)):
            assert self.post(case, cast.nadia, due_at_plain=NOON).status_code == 302
        assert case.promises.latest("pk").due_at == datetime(2026, 3, 11, 12, tzinfo=UTC)

    def test_ones_own_time_counts_where_nothing_plain_is_chosen(self, case, cast):
        for plain in ("", "own"):
            self.post(case, cast.nadia, due_at_plain=plain, due_at="2026-03-12T15:00")
            assert case.promises.latest("pk").due_at == datetime(2026, 3, 12, 15, tzinfo=UTC)
        self.post(case, cast.nadia, due_at_plain=NOON, due_at="2026-03-12T15:00", words="write to you")
        assert case.promises.latest("pk").due_at == datetime(2026, 3, 11, 12, tzinfo=UTC)

    @pytest.mark.parametrize(
        "typed",
        [{}, {"due_at_plain": "own"}, {"due_at_plain": "soon"}, {"due_at": "2026-13-45T99:00"}, {"due_at_plain": "\0"}],
    )
    def test_a_time_that_is_none_comes_back_beside_its_field(self, case, cast, typed):
        response = self.post(case, cast.nadia, **typed)
        assert response.status_code == 422
        assert response.context["form"].errors["due_at"]
        assert "call you" in response.content.decode()

    def test_what_was_chosen_stands_there_when_the_form_comes_back(self, case, cast):
        response = self.post(case, cast.nadia, words="", due_at_plain=NOON)
        assert chosen(response, "due_at_plain") == [NOON]
        response = self.post(case, cast.nadia, words="", due_at_plain="own", due_at="2026-03-12T15:00")
        assert chosen(response, "due_at_plain") == ["own"]
        assert 'value="2026-03-12T15:00"' in response.content.decode()
        # A plain time that is not offered any more is not lost.
        with clock.at(TUESDAY + timedelta(hours=6, minutes=30)):
            response = self.post(case, cast.nadia, words="", due_at_plain="2026-03-10T17:00:00+00:00")
        assert 'value="2026-03-10T17:00"' in response.content.decode()

    def test_the_past_is_refused_beside_the_field(self, case, cast):
        response = self.post(case, cast.nadia, due_at="2026-03-09T15:00")
        assert response.context["form"].errors["due_at"] == ["Choose a time that is still ahead."]

    def test_closed_hours_are_asked_about_with_the_next_open_time(self, case, cast):
        response = self.post(case, cast.nadia, due_at=ON_SATURDAY)
        assert response.status_code == 422
        page = said(response)
        assert "Support is closed on Sat 14 Mar, 12:00, and opens next on Mon 16 Mar, 09:00." in page
        assert "Promise it all the same" in page
        assert "Promise it by Mon 16 Mar, 10:00 instead" in page
        assert self.post(case, cast.nadia, due_at=ON_SATURDAY, in_closed_hours="on").status_code == 302
        assert case.promises.latest("pk").due_at == datetime(2026, 3, 14, 12, tzinfo=UTC)

    def test_the_next_open_time_is_one_press_away(self, case, cast):
        response = self.post(case, cast.nadia, due_at=ON_SATURDAY)
        ((_label, value),) = response.context["form"].instead
        assert self.post(case, cast.nadia, due_at=ON_SATURDAY, instead=value).status_code == 302
        made = case.promises.latest("pk")
        assert (made.words, made.due_at) == ("call you", datetime(2026, 3, 16, 10, tzinfo=UTC))

    def test_nobody_is_asked_before(self, case, cast):
        page = signed_in(cast.nadia).get(reverse("cases:promise", args=[case.pk]))
        assert "all the same" not in said(page) and "instead" not in said(page)

    @pytest.mark.parametrize("value", ["x", "at@", "at@soon", "in-touch@2026", "@", "at@2026-03-16T10:00:00+99:00"])
    def test_a_press_that_is_none_is_no_promise(self, case, cast, value):
        assert self.post(case, cast.nadia, due_at=ON_SATURDAY, instead=value).status_code == 422


class TestWhatItHangsOn:
    @pytest.fixture
    def asked(self, case, cast) -> Subtask:
        return subtasks.ask(case, cast.hardware, "Which board?", by=cast.nadia)

    @pytest.fixture
    def accepted(self, asked, cast) -> Subtask:
        return subtasks.accept(asked, committed_at=THURSDAY_AT_TWO, by=cast.olga)

    def write(self, case, agent, **typed):
        typed = {"body": "Hello Carla.", "next_words": "", "next_due": "", "once": "c" * 22, **typed}
        return signed_in(agent).post(reverse("cases:write", args=[case.pk]), typed)

    def test_a_case_without_parts_asks_for_nothing(self, case, cast):
        assert "It hangs on" not in said(signed_in(cast.nadia).get(reverse("cases:promise", args=[case.pk])))

    @pytest.mark.parametrize("name", ["promise", "page"])
    def test_departments_and_decisions_are_offered_with_their_dates(self, case, cast, accepted, name):
        subtasks.ask(case, cast.warranty, "Covered?", by=cast.nadia)
        Mandate.objects.create(department=cast.support, decider=cast.sam)
        told = {"amount": Decimal(80), "words": "Both", "why": "Twice."}
        asked = concessions.give(case, "refund", **told, by=cast.nadia)
        page = signed_in(cast.nadia).get(reverse(f"cases:{name}", args=[case.pk]))
        offered = options(page, "backed_by")
        assert list(offered.values()) == [
            "Nothing",
            "Hardware, accepted for Thu 12 Mar, 14:00",
            "Warranty, no date yet",
            "Sam Sato, who decides by Wed 11 Mar, 10:00",
        ]
        assert f"decision-{asked.pk}" in offered
        field = "due_at" if name == "promise" else "next_due"
        plain = options(page, f"{field}_plain")
        assert plain["2026-03-12T15:00:00+00:00"] == "After Hardware, Thu 12 Mar, 15:00, for Carla 16:00"

    def test_the_case_page_says_on_what_it_hangs(self, case, cast, accepted):
        typed = {"next_words": "send you the board", "next_due": "2026-03-13T12:00", "backed_by": f"part-{accepted.pk}"}
        promises.keep(first_promise(case), said="Hello.", next_promise=pledge(hours=2), by=cast.nadia)
        assert self.write(case, cast.nadia, **typed).status_code == 302
        assert case.promises.latest("pk").backed_by == accepted
        page = said(signed_in(cast.olga).get(case.get_absolute_url()))
        assert "Hangs on Hardware, accepted for Thu 12 Mar, 14:00" in page and "has passed" not in page
        with clock.at(THURSDAY_AT_TWO):
            page = said(signed_in(cast.olga).get(case.get_absolute_url()))
        assert "Hangs on Hardware, accepted for Thu 12 Mar, 14:00, which has passed" in page
        subtasks.done(accepted, outcome="Board B.", by=cast.olga)
        assert "Hung on Hardware, which is done" in said(signed_in(cast.olga).get(case.get_absolute_url()))

    @pytest.mark.parametrize("ends", [subtasks.not_ours, subtasks.drop])
    def test_what_a_department_gave_back_says_so(self, case, cast, accepted, ends):
        promises.make(case, Pledge("send it", THURSDAY_AT_TWO, backed_by=accepted), by=cast.nadia)
        ends(accepted, reason="It is software.", by=cast.olga if ends is subtasks.not_ours else cast.nadia)
        page = said(signed_in(cast.nadia).get(case.get_absolute_url()))
        assert f"Hung on Hardware, which ended it: {fresh(accepted).get_state_display()}" in page

    def test_without_a_date_the_honest_sentence_is_one_press_away(self, case, cast, asked):
        typed = {"next_words": "tell you what Hardware says", "next_due_plain": NOON}
        response = self.write(case, cast.nadia, **typed)
        assert response.status_code == 422
        page = said(response)
        assert "Hardware has given no date yet, so this is not in your power." in page
        assert "Promise instead: I will be in touch by Wed 11 Mar, 12:00" in page
        assert not case.messages.filter(body="Hello Carla.").exists()
        ((_label, value),) = response.context["composer"].instead
        assert self.write(case, cast.nadia, **typed, instead=value).status_code == 302
        made = case.promises.latest("pk")
        assert (made.words, made.due_at.isoformat(), made.backed_by) == ("be in touch with you", NOON, None)
        assert case.messages.latest("pk").body == "Hello Carla."

    def test_an_earlier_time_comes_back_with_two_ways_out(self, case, cast, accepted):
        typed = {"words": "send it", "kind": "update", "due_at_plain": NOON, "backed_by": f"part-{accepted.pk}"}
        url = reverse("cases:promise", args=[case.pk])
        response = signed_in(cast.nadia).post(url, typed)
        assert "Hardware has said Thu 12 Mar, 14:00." in response.context["form"].errors["due_at"][0]
        labels = [label for label, _value in response.context["form"].instead]
        assert labels == [
            "Promise it by Thu 12 Mar, 15:00 instead",
            "Promise instead: I will be in touch by Wed 11 Mar, 12:00",
        ]
        signed_in(cast.nadia).post(url, {**typed, "instead": response.context["form"].instead[0][1]})
        made = case.promises.latest("pk")
        assert (made.words, made.due_at.hour, made.backed_by) == ("send it", 15, accepted)

    def test_what_has_ended_meanwhile_is_said_beside_the_field(self, case, cast, accepted):
        other = subtasks.ask(case, cast.warranty, "Covered?", by=cast.nadia)
        subtasks.done(other, outcome="Yes.", by=cast.wanda)
        typed = {"words": "send it", "kind": "update", "due_at_plain": NOON, "backed_by": f"part-{other.pk}"}
        response = signed_in(cast.nadia).post(reverse("cases:promise", args=[case.pk]), typed)
        assert response.context["form"].errors["backed_by"] == [
            "What it was to hang on has ended. Look at the case anew."
        ]


class TestADateThatMoves:
    @pytest.fixture
    def part(self, case, cast) -> Subtask:
        part = subtasks.ask(case, cast.hardware, "Which board?", by=cast.nadia)
        return subtasks.accept(part, committed_at=WEDNESDAY, by=cast.olga)

    @pytest.fixture
    def backed(self, case, cast, part):
        """Due on Wednesday at noon, and behind it stands what is promised today."""
        told = Pledge("send you the board", WEDNESDAY + timedelta(hours=2), backed_by=part)
        return promises.make(case, told, by=cast.nadia)

    def test_a_date_that_is_asked_for_warns_of_every_promise_that_it_endangers(self, case, cast, part, backed):
        subtasks.ask_later(part, THURSDAY_AT_TWO, "The board is late.", by=cast.olga)
        warns = (
            "That is after what is promised for Tue 10 Mar, 14:00: be in touch with you. "
            "That is after what is promised for Wed 11 Mar, 12:00: send you the board."
        )
        assert warns in said(signed_in(cast.nadia).get(case.get_absolute_url()))
        assert warns in said(signed_in(cast.nadia).get(reverse("cases:grant_later", args=[part.pk])))

    def test_once_it_is_granted_what_hangs_on_it_is_endangered_until_it_moves(self, case, cast, part, backed):
        part = subtasks.ask_later(part, THURSDAY_AT_TWO, "The board is late.", by=cast.olga)
        subtasks.grant_later(part, THURSDAY_AT_TWO, by=cast.nadia)
        page = signed_in(cast.nadia).get(case.get_absolute_url())
        assert "That is after what is promised for Wed 11 Mar, 12:00: send you the board." in said(page)
        assert "Tue 10 Mar, 14:00: be in touch" not in said(page), "Nothing but what hangs on it."
        url = f"{reverse('cases:new_date', args=[backed.pk])}?after={part.pk}"
        assert url in page.content.decode() and "Tell Carla a new time" in said(page)
        assert "Tell Carla a new time" not in said(signed_in(cast.olga).get(case.get_absolute_url()))
        for address in (url, reverse("cases:new_date", args=[backed.pk])):
            draft = signed_in(cast.nadia).get(address)
            assert chosen(draft, "due_at_plain") == ["2026-03-12T15:00:00+00:00"]
            assert 'value="The hardware team needs longer than it had said."' in draft.content.decode()
        typed = {"due_at_plain": "2026-03-12T15:00:00+00:00", "words": backed.words, "backed_by": f"part-{part.pk}"}
        typed["reason"] = "the hardware team waits for a board"
        assert signed_in(cast.nadia).post(reverse("cases:new_date", args=[backed.pk]), typed).status_code == 302
        assert fresh(backed).state == "moved"
        moved = sentence(case.entries.filter(kind="promise_moved").get())
        assert moved.endswith(": send you the board. The reason: the hardware team waits for a board")
        assert "Tell Carla a new time" not in said(signed_in(cast.nadia).get(case.get_absolute_url()))

    @pytest.mark.parametrize("after", ["", "x", "0", "99999999999999999999", "²"])
    def test_a_draft_from_a_part_that_is_none_is_the_plain_form(self, case, cast, backed, after):
        url = f"{reverse('cases:new_date', args=[backed.pk])}?after={after}"
        page = signed_in(cast.nadia).get(url)
        assert chosen(page, "due_at_plain") == [NOON]
        assert chosen(page, "backed_by") == [f"part-{backed.backed_by_id}"]
        assert "needs longer" not in said(page)


def test_the_case_page_stays_within_twelve_queries_with_everything_that_promises(
    case, cast, django_assert_max_num_queries
):
    Mandate.objects.create(department=cast.support, refund_up_to=500, decider=cast.sam)
    for turn in range(10):
        part = subtasks.ask(case, cast.hardware, f"Part {turn}", by=cast.nadia)
        subtasks.accept(part, committed_at=WEDNESDAY, by=cast.olga)
        promises.make(case, pledge(words=f"send {turn}", hours=24 + turn, backed_by=part), by=cast.nadia)
        concessions.give(case, "refund", amount=Decimal(90), words=f"Piece {turn}", why="Twice.", by=cast.nadia)
        conversation.note(case, f"Note {turn}", by=cast.nadia)
    promises.move(first_promise(case), pledge(), reason="Late.", by=cast.nadia)
    for agent in (cast.nadia, cast.olga):
        client = signed_in(agent)
        with django_assert_max_num_queries(12):
            client.get(case.get_absolute_url())
