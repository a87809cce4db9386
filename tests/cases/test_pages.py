"""The staff's pages: what they show to whom, and that every act is a door to one verb."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from cases import lists
from cases.actors import LOG
from cases.models import Case, Complaint, Entry, Handover, Message, Notice, Refusal
from cases.models.timeline import Kind
from cases.reading import timeline_of
from cases.verbs import (
    answering,
    assurances,
    closing,
    complaints,
    concessions,
    conversation,
    estimates,
    ownership,
    promises,
    refusals,
    silence,
    subtasks,
)
from staff.models import Mandate
from supportdesk import clock
from supportdesk.announce import announce
from tests.cast import (
    SILENCE,
    SUNDAY,
    TUESDAY,
    WEDNESDAY,
    a_case,
    an_agent,
    everything,
    first_promise,
    fresh,
    kinds,
    latest_entry,
    pledge,
    proposed,
)
from tests.pages import said, signed_in

pytestmark = pytest.mark.django_db

TOMORROW_AT_THREE = "2026-03-11T15:00"


def page_of(case, agent, query: str = ""):
    return signed_in(agent).get(case.get_absolute_url() + query)


def test_a_stranger_is_asked_to_sign_in(case, client):
    response = client.get(case.get_absolute_url())
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_a_case_that_is_not_there_is_not_found(cast, tuesday):
    assert signed_in(cast.nadia).get("/cases/C-99999/").status_code == 404


class TestTheCasePage:
    def test_shows_the_customers_words_first(self, case, cast):
        text = said(page_of(case, cast.nadia))
        assert text.index("The upgrade I paid for fails.") < text.index("Timeline")

    def test_shows_the_next_promise_and_who_made_it(self, case, cast):
        assert "Nadia will be in touch with you" in said(page_of(case, cast.nadia))

    def test_takes_twelve_queries_at_most_however_long_it_is(self, case, cast, django_assert_max_num_queries):
        for turn in range(60):
            conversation.note(case, f"Note {turn}", by=cast.nadia)
            part = subtasks.ask(case, cast.hardware, f"Part {turn}", by=cast.nadia)
            conversation.attempt(case, "engaged", promise=first_promise(case), by=cast.nadia)
        subtasks.ask(case, cast.warranty, "Then this", after=part, by=cast.nadia)
        client = signed_in(cast.nadia)
        with django_assert_max_num_queries(12):
            client.get(case.get_absolute_url())

    def test_the_first_line_behind_a_fold_names_its_day(self, case, cast):
        promises.make(case, pledge(), by=cast.nadia)
        conversation.write_to_customer(case, "I look into it.", by=cast.nadia)
        with clock.at(WEDNESDAY):
            for word in ("one", "two", "three", "four", "five"):
                promises.make(case, pledge(word), by=cast.nadia)
            lines, _earlier = timeline_of(case, [case.pk])
            behind = next(line for line in lines if line.before)
            assert (len(behind.before), behind.same_day) == (2, False)
            assert [line.same_day for line in lines if line.pk > behind.pk] == [True, True]

    def test_nobody_who_owns_nothing_is_said_to_work_on_it(self, cast):
        with clock.at(SUNDAY):
            page = said(page_of(a_case(cast.carla), cast.ben))
        assert "Nobody is working on this yet." in page
        assert "Nobody owns the case yet: who takes it writes to Carla." in page

    def test_goes_back_page_by_page_in_a_long_timeline(self, case, cast):
        for turn in range(100):
            conversation.note(case, f"Note number {turn:03}", by=cast.nadia)
        client = signed_in(cast.nadia)
        newest = client.get(case.get_absolute_url())
        assert "Note number 099" in said(newest)
        assert "Note number 000" not in said(newest)
        older = client.get(case.get_absolute_url(), {"before": newest.context["earlier"]})
        assert "Note number 000" in said(older)

    def test_filters_what_was_said_with_the_customer(self, case, cast):
        conversation.note(case, "Only for us.", by=cast.nadia)
        conversation.write_to_customer(case, "We are looking.", by=cast.nadia)
        with_carla = said(page_of(case, cast.nadia, "?show=with"))
        assert "We are looking." in with_carla
        assert "Only for us." not in with_carla
        assert "Only for us." in said(page_of(case, cast.nadia, "?show=inside"))

    def test_offers_writing_to_the_customer_to_owner_and_supervisor_alone(self, case, cast):
        assert "Send to Carla" in said(page_of(case, cast.nadia))
        assert "Send to Carla" in said(page_of(case, cast.sam))
        olgas = said(page_of(case, cast.olga))
        assert "Send to Carla" not in olgas
        assert "Only Nadia, who owns the case, or a supervisor writes to Carla." in olgas

    def test_says_when_nothing_is_promised(self, case, cast):
        promises.keep(first_promise(case), said="We spoke.", next_promise=pledge(), by=cast.nadia)
        Case.objects.filter(pk=case.pk).update(next_promise=None, next_step="nothing")
        assert "Nobody has promised anything" in said(page_of(case, cast.nadia))

    @pytest.mark.parametrize("words", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "\u202egnp.exe"])
    def test_escapes_what_comes_from_outside_everywhere(self, cast, tuesday, words):
        case = a_case(cast.carla, problem=words, desired_outcome=words, preferences=[words], subject=words)
        conversation.customer_writes(case, words, by=cast.carla)
        subtask = subtasks.ask(case, cast.hardware, words, by=case.owner)
        subtasks.done(subtask, outcome=words, by=cast.olga)
        conversation.note(case, words, by=cast.nadia)
        for agent, path in ((case.owner, case.get_absolute_url()), (case.owner, "/"), (cast.olga, "/queue/")):
            page = signed_in(agent).get(path).content.decode()
            assert "<script>alert" not in page
            assert "<img src=x" not in page


NO = {
    "asked": "My money back",
    "kind": "not_entitled",
    "ground": "The offer ended on 3 March, and the order is of 5 March.",
    "read_before": "The offer of February",
    "decider": "Wanda Weiss",
}

# Every act on a case: who, its address, what is typed, and the entry that it leaves.
ACTS = {
    "hand_over": ("nadia", lambda c: {"to": c.ben.pk, "brief": "I am away."}, Kind.HANDOVER_OFFERED),
    "take_over": ("sam", lambda c: {"reason": "Two promises broke."}, Kind.TAKEN_OVER),
    "promise": (
        "nadia",
        lambda c: {"words": "call you", "due_at": TOMORROW_AT_THREE, "kind": "callback"},
        Kind.PROMISE_MADE,
    ),
    "ask": (
        "nadia",
        lambda c: {"department": c.hardware.pk, "what": "Look at it.", "plain_words": "", "once": "a" * 22},
        Kind.SUBTASK_ASKED,
    ),
    "propose": (
        "nadia",
        lambda c: {"kind": "solved", "words": "It works.", "meets": "", "why_none": "None fitted.", "once": "b" * 22},
        Kind.RESOLUTION_PROPOSED,
    ),
    "put_aside": ("nadia", lambda c: {"why": "spam"}, Kind.PUT_ASIDE),
    "override": ("sam", lambda c: {"reason": "The company is gone."}, Kind.CLOSED),
    "estimate": ("nadia", lambda c: {"over_by": TOMORROW_AT_THREE, "once": "e" * 22}, Kind.ESTIMATED),
    "refuse": ("nadia", lambda c: {**NO, "once": "f" * 22}, Kind.REFUSED),
}


@pytest.mark.parametrize("name", ACTS)
class TestAnActOnACase:
    def test_has_a_page_of_its_own(self, case, cast, name):
        who, _typed, _kind = ACTS[name]
        response = signed_in(getattr(cast, who)).get(reverse(f"cases:{name}", args=[case.pk]))
        assert response.status_code == 200
        assert b"data-dialog-body" in response.content

    def test_is_done_by_its_form(self, case, cast, name):
        who, typed, kind = ACTS[name]
        before = latest_entry()
        response = signed_in(getattr(cast, who)).post(reverse(f"cases:{name}", args=[case.pk]), typed(cast))
        assert response.status_code == 302
        assert kind in kinds(case, before)

    def test_tells_a_dialog_where_to_go_on(self, case, cast, name):
        who, typed, _kind = ACTS[name]
        url = reverse(f"cases:{name}", args=[case.pk])
        response = signed_in(getattr(cast, who)).post(url, typed(cast), headers={"X-Dialog": "1"})
        assert response.status_code == 204
        assert response["X-Go-On"] == case.get_absolute_url()

    def test_comes_back_with_what_is_missing(self, case, cast, name):
        who, _typed, _kind = ACTS[name]
        before = everything()
        response = signed_in(getattr(cast, who)).post(reverse(f"cases:{name}", args=[case.pk]), {})
        assert response.status_code == 422
        assert "There is a problem" in said(response)
        assert everything() == before

    def test_is_refused_to_somebody_of_another_department(self, case, cast, name):
        _who, typed, _kind = ACTS[name]
        before = everything()
        response = signed_in(cast.olga).post(reverse(f"cases:{name}", args=[case.pk]), typed(cast))
        assert response.status_code == 403
        assert everything() == before


class TestWaitingForTheCustomer:
    @pytest.fixture
    def asked(self, cast, tuesday) -> list[str]:
        """The numbers of seven cases whose customers Nadia has asked."""
        numbers = []
        for _ in range(lists.ASKED_BESIDE + 2):
            case = a_case(cast.carla)
            proposed(case, cast.nadia)
            promises.keep(first_promise(case), said="We spoke.", by=cast.nadia)
            numbers.append(case.number)
        return numbers

    def test_beside_my_cases_stand_the_first_and_the_way_to_all(self, asked, cast):
        page = signed_in(cast.nadia).get("/")
        assert "5+" in said(page)
        assert [number in page.content.decode() for number in asked] == [True] * 5 + [False] * 2
        assert 'href="/asked/"' in page.content.decode()

    def test_all_have_a_page_of_their_own(self, asked, cast):
        page = signed_in(cast.nadia).get("/asked/").content.decode()
        assert all(number in page for number in asked)

    def test_where_nobody_is_asked_the_page_says_so(self, cast, tuesday):
        assert "No customer is being asked." in said(signed_in(cast.nadia).get("/asked/"))

    def test_where_all_have_room_no_way_leads_elsewhere(self, case, cast):
        proposed(case, cast.nadia)
        promises.keep(first_promise(case), said="We spoke.", by=cast.nadia)
        page = signed_in(cast.nadia).get("/").content.decode()
        assert case.number in page
        assert "/asked/" not in page


class TestTaking:
    @pytest.fixture
    def free(self, cast):
        """A case that came in on a Sunday."""
        with clock.at(TUESDAY - timedelta(days=2)):
            return a_case(cast.carla)

    def test_a_case_that_came_in_at_night_is_up_for_taking(self, free, cast, tuesday):
        assert free.owner == cast.nobody
        assert "Carla Conti" in said(signed_in(cast.nadia).get("/up-for-taking/"))
        signed_in(cast.nadia).post(reverse("cases:take", args=[free.pk]))
        assert fresh(free).owner == cast.nadia
        assert "Carla Conti" not in said(signed_in(cast.ben).get("/up-for-taking/"))

    def test_the_second_to_press_reads_who_was_first(self, free, cast, tuesday):
        ownership.take(free, by=cast.nadia)
        response = signed_in(cast.ben).post(reverse("cases:take", args=[free.pk]))
        assert response.status_code == 409
        assert "Nadia Novak owns this case already." in said(response)


class TestWriting:
    def write(self, case, agent, headers=None, **typed):
        typed = {"body": "Hello Carla.", "next_words": "", "next_due": "", "once": "c" * 22, **typed}
        return signed_in(agent).post(reverse("cases:write", args=[case.pk]), typed, headers=headers)

    def test_sends_and_comes_back_to_the_case(self, case, cast):
        response = self.write(case, cast.nadia)
        assert response.status_code == 302
        assert Message.objects.filter(case=case, body="Hello Carla.").exists()

    def test_pressed_twice_sends_once(self, case, cast):
        self.write(case, cast.nadia)
        self.write(case, cast.nadia)
        assert Message.objects.filter(case=case, body="Hello Carla.").count() == 1

    def test_keeping_the_last_promise_asks_for_the_next_one_and_keeps_what_was_typed(self, case, cast):
        response = self.write(case, cast.nadia, keeps="on")
        assert response.status_code == 422
        assert "This was the last promise to Carla. Say what you promise next." in said(response)
        assert "Hello Carla." in response.content.decode()
        assert not Message.objects.filter(case=case, body="Hello Carla.").exists()

    def test_with_the_next_promise_it_goes_out(self, case, cast):
        self.write(case, cast.nadia, keeps="on", next_words="call you", next_due=TOMORROW_AT_THREE)
        case = fresh(case)
        assert first_promise(case).state == "kept"
        assert case.next_promise.words == "call you"

    def test_through_htmx_only_the_case_comes_back(self, case, cast):
        response = self.write(case, cast.nadia, headers={"HX-Request": "true"})
        page = response.content.decode()
        assert response.status_code == 200
        assert page.lstrip().startswith("<article")
        assert "<html" not in page
        assert "Carla can read it now." in said(response)

    def test_a_note_stays_inside(self, case, cast):
        signed_in(cast.olga).post(reverse("cases:note", args=[case.pk]), {"body": "Seen it.", "once": "d" * 22})
        assert case.notes.get().agent == cast.olga
        assert not case.messages.filter(body="Seen it.").exists()


class TestPromisesOnThePage:
    def test_kept_by_writing_down_what_was_said(self, case, cast):
        signed_in(cast.nadia).post(
            reverse("cases:keep", args=[first_promise(case).pk]),
            {"said": "I rang her.", "next_words": "send the code", "next_due": TOMORROW_AT_THREE},
        )
        assert first_promise(case).state == "kept"
        assert fresh(case).next_promise.words == "send the code"

    def test_a_new_date_without_agreement_is_moved_with_it_renegotiated(self, case, cast):
        nadia = signed_in(cast.nadia)
        typed = {"due_at": TOMORROW_AT_THREE, "words": "call you", "reason": "The lab is shut.", "agreement": ""}
        nadia.post(reverse("cases:new_date", args=[first_promise(case).pk]), typed)
        assert first_promise(case).state == "moved"
        moved = fresh(case).next_promise
        again = {**typed, "due_at": "2026-03-12T15:00", "agreement": "On the telephone."}
        nadia.post(reverse("cases:new_date", args=[moved.pk]), again)
        assert fresh(moved).state == "renegotiated"

    def test_a_time_that_is_past_is_refused_beside_its_field(self, case, cast):
        typed = {"words": "call you", "due_at": "2026-03-09T15:00", "kind": "callback"}
        response = signed_in(cast.nadia).post(reverse("cases:promise", args=[case.pk]), typed)
        assert response.status_code == 422
        assert response.context["form"].errors["due_at"] == ["Choose a time that is still ahead."]


class TestADepartment:
    @pytest.fixture
    def part(self, case, cast):
        return subtasks.ask(case, cast.hardware, "Which board is it?", by=cast.nadia)

    def test_finds_its_part_in_the_queue_with_the_customers_words(self, part, cast):
        queue = said(signed_in(cast.olga).get("/queue/"))
        assert "Which board is it?" in queue
        assert "The upgrade I paid for fails." in queue
        assert "Nobody has it, not seen yet" in queue

    def test_sees_accepts_and_finishes_it(self, part, cast):
        olga = signed_in(cast.olga)
        olga.post(reverse("cases:see", args=[part.pk]))
        assert fresh(part).state == "seen"
        olga.post(reverse("cases:accept", args=[part.pk]), {"committed_at": TOMORROW_AT_THREE})
        assert fresh(part).agent == cast.olga
        assert "You have it, in work" in said(olga.get("/queue/?whose=mine"))
        olga.post(reverse("cases:done", args=[part.pk]), {"words": "It is board B."})
        assert fresh(part).outcome == "It is board B."
        assert "Which board is it?" not in said(olga.get("/queue/"))

    def test_gives_back_what_is_not_theirs(self, part, cast):
        signed_in(cast.olga).post(reverse("cases:not_ours", args=[part.pk]), {"words": "This is software."})
        assert fresh(part).state == "not_ours"

    def test_is_refused_the_part_of_another(self, part, cast):
        response = signed_in(cast.wanda).post(reverse("cases:done", args=[part.pk]), {"words": "Done."})
        assert response.status_code == 403
        assert fresh(part).is_open

    def test_the_owner_drops_what_is_not_needed(self, part, cast):
        signed_in(cast.nadia).post(reverse("cases:drop", args=[part.pk]), {"words": "Found it myself."})
        assert fresh(part).state == "dropped"

    def test_its_queue_costs_the_same_however_long(self, part, cast, django_assert_max_num_queries):
        for turn in range(60):
            subtasks.ask(part.case, cast.hardware, f"Part {turn}", by=cast.nadia)
        olga = signed_in(cast.olga)
        with django_assert_max_num_queries(12):
            first = olga.get("/queue/")
        second = olga.get("/queue/", {"after": first.context["after"]})
        shown = [row.pk for page in (first, second) for _name, _title, rows in page.context["groups"] for row in rows]
        assert len(shown) == len(set(shown)) == 61


def proposed_by(page) -> dict[str, str]:
    """The date that a form proposes, as the browser would send it."""
    return {"committed_at": f"{page.context['form']['committed_at'].initial:%Y-%m-%dT%H:%M}"}


class TestAPartInWork:
    @pytest.fixture
    def part(self, case, cast):
        part = subtasks.ask(case, cast.hardware, "Which board is it?", by=cast.nadia)
        return subtasks.accept(part, committed_at=WEDNESDAY, by=cast.olga)

    def press(self, agent, name, part, **typed):
        return signed_in(agent).post(reverse(f"cases:{name}", args=[part.pk]), typed)

    def test_waits_and_goes_on_and_says_so_in_the_queue_and_on_the_case(self, part, case, cast):
        self.press(cast.olga, "wait", part, what_for="a board from the maker")
        assert "Waiting for a board from the maker, since today 10:00. You have it" in said(
            signed_in(cast.olga).get("/queue/")
        )
        assert "waiting for a board from the maker, since today 10:00" in said(page_of(case, cast.nadia))
        self.press(cast.olga, "go_on", part)
        assert "You have it, in work" in said(signed_in(cast.olga).get("/queue/"))

    def test_an_earlier_date_is_given_on_the_same_form_on_which_a_later_one_is_asked_for(self, part, cast):
        self.press(cast.olga, "other_date", part, committed_at="2026-03-10T16:00", reason="")
        assert fresh(part).committed_at == TUESDAY + timedelta(hours=6)
        self.press(cast.olga, "other_date", part, committed_at="2026-03-12T16:00", reason="The board is late.")
        assert fresh(part).committed_at == TUESDAY + timedelta(hours=6)
        assert fresh(part).later_at == TUESDAY + timedelta(days=2, hours=6)
        assert "You have it, in work, asked for Thu 16:00" in said(signed_in(cast.olga).get("/queue/"))

    def test_a_later_date_without_a_reason_comes_back_beside_the_reason(self, part, cast):
        response = self.press(cast.olga, "other_date", part, committed_at="2026-03-12T16:00", reason="")
        assert response.status_code == 422
        assert response.context["form"].errors["reason"] == ["Say why: Nadia decides with it."]

    @pytest.fixture
    def later(self, part, cast):
        return subtasks.ask_later(part, WEDNESDAY + timedelta(days=1), "Waiting for the part.", by=cast.olga)

    def test_a_later_date_stands_before_the_owner_as_a_decision_with_a_warning(self, later, case, cast):
        nadias = said(page_of(case, cast.nadia))
        asks = "Hardware asks for Thu 12 Mar, 10:00 instead of Wed 11 Mar, 10:00: Waiting for the part."
        warns = "That is after what is promised for Tue 10 Mar, 14:00: be in touch with you."
        assert f"{asks} {warns} Accept the later date Keep Wednesday" in nadias
        olgas = said(page_of(case, cast.olga))
        assert asks in olgas
        assert "Keep Wednesday" not in olgas

    def test_nothing_is_warned_of_where_the_promise_lies_behind_it(self, later, case, cast):
        promises.keep(first_promise(case), said="We spoke.", next_promise=pledge(hours=72), by=cast.nadia)
        assert "That is after what is promised" not in said(page_of(case, cast.nadia))

    @pytest.mark.parametrize("answer, date", [("grant_later", 48), ("refuse_later", 24)])
    def test_it_is_answered_with_the_date_that_was_on_the_page(self, later, cast, answer, date):
        nadia = signed_in(cast.nadia)
        url = reverse(f"cases:{answer}", args=[later.pk])
        page = nadia.get(url)
        assert "Hardware asks for Thu 12 Mar, 10:00" in said(page)
        nadia.post(url, {"asked": page.context["form"]["asked"].value(), "reason": ""})
        assert fresh(later).committed_at == TUESDAY + timedelta(hours=date)
        assert fresh(later).later_at is None

    @pytest.fixture
    def given_back(self, part, cast):
        return subtasks.give(part, None, reason="I am away.", by=cast.olga)

    def test_given_back_it_is_taken_on_with_the_date_that_the_form_proposes(self, given_back, cast):
        wilma = an_agent("Wilma Wolf", cast.hardware)
        url = reverse("cases:accept", args=[given_back.pk])
        page = signed_in(wilma).get(url)
        assert "Hardware has given Wed 11 Mar, 10:00, and Nadia plans with it." in said(page)
        assert signed_in(wilma).post(url, proposed_by(page)).status_code == 302
        assert (fresh(given_back).agent, fresh(given_back).committed_at) == (wilma, WEDNESDAY)

    def test_given_back_and_late_it_says_so_and_leads_to_asking_for_a_later_date(self, given_back, cast):
        wilma = signed_in(an_agent("Wilma Wolf", cast.hardware))
        take_on = reverse("cases:accept", args=[given_back.pk])
        ask = reverse("cases:other_date", args=[given_back.pk])
        with clock.at(WEDNESDAY + timedelta(hours=3)):
            for page in (wilma.get(take_on), wilma.post(take_on, {"committed_at": "2026-03-12T15:00"})):
                text = said(page)
                assert "Hardware has given Wed 11 Mar, 10:00, and that has passed." in text
                assert "A later date is Nadia’s decision; by asking for it you take it on." in text
                assert 'name="committed_at"' not in page.content.decode(), "No date there would be accepted."
                assert f'href="{ask}"' in page.content.decode()
            form = wilma.get(ask)
            assert "Nadia plans with the date Hardware gave, Wed 11 Mar, 10:00, which has passed" in said(form)
            refused = wilma.post(ask, proposed_by(form))
            assert refused.context["form"].errors.keys() == {"reason"}
            asked = wilma.post(ask, {**proposed_by(form), "reason": "She left it half done."}, follow=True)
        assert "Nadia has been asked." in said(asked)
        assert fresh(given_back).agent.name == "Wilma Wolf"
        assert fresh(given_back).later_at == WEDNESDAY + timedelta(days=1, hours=3)

    def test_what_a_replayed_log_has_in_work_is_taken_on_with_whatever_date(self, case, cast):
        part = subtasks.ask(case, cast.hardware, "Test it", by=cast.nadia)
        subtasks.accept(part, committed_at=WEDNESDAY, by=LOG)
        url = reverse("cases:accept", args=[part.pk])
        with clock.at(WEDNESDAY + timedelta(hours=3)):
            olga = signed_in(cast.olga)
            assert olga.post(url, proposed_by(olga.get(url))).status_code == 302
        assert fresh(part).agent == cast.olga

    def test_what_was_asked_anew_meanwhile_is_not_answered_unseen(self, later, cast):
        nadia = signed_in(cast.nadia)
        url = reverse("cases:grant_later", args=[later.pk])
        asked = nadia.get(url).context["form"]["asked"].value()
        subtasks.ask_later(later, WEDNESDAY + timedelta(days=30), "The part is lost.", by=cast.olga)
        response = nadia.post(url, {"asked": asked})
        assert response.status_code == 409
        assert "Hardware does not ask for this date any more." in said(response)
        assert fresh(later).committed_at == WEDNESDAY

    def test_where_nothing_is_asked_there_is_no_page_to_answer(self, part, cast):
        response = signed_in(cast.nadia).get(reverse("cases:grant_later", args=[part.pk]))
        assert response.status_code == 409

    def test_beside_done_the_other_answers_are_one_press_away(self, part, cast):
        page = signed_in(cast.olga).get(reverse("cases:done", args=[part.pk]))
        for name in ("wait", "other_date", "not_ours"):
            assert reverse(f"cases:{name}", args=[part.pk]) in page.content.decode()
        assert reverse("cases:could_not_reproduce", args=[part.pk]) not in page.content.decode(), (
            "Nobody stands behind."
        )

    def test_goes_up_to_the_second_line_with_what_was_tried(self, part, case, cast):
        cast.hardware.second_line = cast.warranty
        cast.hardware.save(update_fields=["second_line"])
        page = signed_in(cast.olga).get(reverse("cases:could_not_reproduce", args=[part.pk]))
        assert "Warranty is asked the same" in said(page)
        self.press(cast.olga, "could_not_reproduce", part, tried="Two hours of load.")
        assert "Hardware could not reproduce it. Nobody has it, not seen yet" in said(
            signed_in(cast.wanda).get("/queue/")
        )
        assert "Hardware could not reproduce it. Tried: Two hours of load." in said(page_of(case, cast.wanda))

    def test_where_nobody_stands_behind_the_form_says_what_to_do(self, part, cast):
        response = self.press(cast.olga, "could_not_reproduce", part, tried="Two hours of load.")
        assert response.status_code == 422
        assert "Nobody stands behind Hardware." in said(response)


class TestOneAfterAnother:
    @pytest.fixture
    def first(self, case, cast):
        return subtasks.ask(case, cast.hardware, "Which board is it?", by=cast.nadia)

    def ask(self, case, cast, **typed):
        typed = {"department": cast.warranty.pk, "what": "Say yes to it.", "plain_words": "", "once": "e" * 22, **typed}
        return signed_in(cast.nadia).post(reverse("cases:ask", args=[case.pk]), typed)

    def test_is_asked_for_on_the_form_and_said_in_queue_and_plan(self, first, case, cast):
        self.ask(case, cast, after=first.pk)
        assert case.subtasks.latest("pk").after == first
        page = signed_in(cast.wanda).get("/queue/")
        assert [name for name, _title, _rows in page.context["groups"]] == ["held_up"]
        assert "After Hardware is done. Nobody has it, not seen yet" in said(page)
        assert "After Hardware is done" in said(page_of(case, cast.nadia))

    def test_cannot_come_after_what_has_ended_meanwhile(self, first, case, cast):
        subtasks.done(first, outcome="Board B.", by=cast.olga)
        assert self.ask(case, cast, after=first.pk).status_code == 302, "Without open parts nothing is asked first."
        assert case.subtasks.latest("pk").after is None

    def test_stands_behind_all_that_can_be_worked_on_page_after_page(
        self, first, case, cast, django_assert_max_num_queries
    ):
        for turn in range(60):
            subtasks.ask(case, cast.warranty, f"Then {turn}", after=first, by=cast.nadia)
        for turn in range(10):
            subtasks.ask(case, cast.warranty, f"At once {turn}", by=cast.nadia)
        wanda = signed_in(cast.wanda)
        with django_assert_max_num_queries(12):
            page = wanda.get("/queue/")
        groups = {name: [row.title for row in rows] for name, _title, rows in page.context["groups"]}
        assert list(groups) == ["undated", "held_up"]
        assert groups["undated"] == [f"At once {turn}" for turn in range(10)]
        second = wanda.get("/queue/", {"after": page.context["after"], "held-up": ""})
        rest = [row.title for _name, _title, rows in second.context["groups"] for row in rows]
        assert groups["held_up"] + rest == [f"Then {turn}" for turn in range(60)]


class TestCallingInVain:
    def test_is_offered_where_a_promise_is_kept_and_listed_on_it(self, case, cast):
        nadia, promise = signed_in(cast.nadia), first_promise(case)
        attempt = reverse("cases:attempt", args=[promise.pk])
        assert attempt in nadia.get(reverse("cases:keep", args=[promise.pk])).content.decode()
        nadia.post(attempt, {"how": "voice_mail", "once": "f" * 22})
        assert "Tried once: voice mail Tue 10 Mar, 10:00" in said(page_of(case, cast.nadia))
        with clock.at(TUESDAY + timedelta(hours=1)):
            nadia.post(attempt, {"how": "engaged", "once": "g" * 22})
            page = said(page_of(case, cast.nadia))
        assert "Tried twice: voice mail Tue 10 Mar, 10:00, engaged Tue 10 Mar, 11:00" in page
        assert first_promise(case).state == "open"

    def test_names_the_last_three_of_many(self, case, cast):
        for _ in range(5):
            conversation.attempt(case, "no_answer", promise=first_promise(case), by=cast.nadia)
        assert "Tried 5 times, at last: no answer" in said(page_of(case, cast.nadia))


class TestACallTaken:
    def test_is_written_down_by_who_answered_and_stands_on_their_list(self, case, cast):
        ben = signed_in(cast.ben)
        url = reverse("cases:take_call", args=[case.pk])
        assert url in page_of(case, cast.ben).content.decode()
        assert "that Nadia will be in touch by Tuesday 10 Mar, 14:00" in said(ben.get(url))
        ben.post(url, {"body": "Nobody called me.", "once": "h" * 22})
        assert "I make sure" in said(ben.get("/"))
        assert "Nadia owns it; you took the call" in said(ben.get("/"))
        assert "Carla Conti by telephone, to Ben Nobody called me." in said(page_of(case, cast.nadia)).replace(
            " Today 10:00", ""
        )

    def test_is_not_offered_to_the_owner(self, case, cast):
        url = reverse("cases:take_call", args=[case.pk])
        assert url not in page_of(case, cast.nadia).content.decode()
        nadia, typed = signed_in(cast.nadia), {"body": "Hello?", "once": "h" * 22}
        for answer in (nadia.get(url), nadia.post(url, typed), nadia.post(url, {"body": ""})):
            assert answer.status_code == 422
            assert "It is your own case: answer Carla, and promise what comes next." in said(answer)

    def test_leaves_the_list_when_the_owner_has_spoken(self, case, cast):
        assurances.take_call(case, "Nobody called me.", by=cast.ben)
        conversation.write_to_customer(case, "Here I am.", by=cast.nadia)
        assert "I make sure" not in said(signed_in(cast.ben).get("/"))


class TestClosingOnThePage:
    def test_lists_what_stands_in_the_way_with_links(self, case, cast):
        part = subtasks.ask(case, cast.hardware, "Which board is it?", by=cast.nadia)
        response = signed_in(cast.nadia).get(reverse("cases:close", args=[case.pk]))
        assert "Hardware has not finished (not seen yet): Which board is it?" in said(response)
        assert "Carla has not said that it is over." in said(response)
        assert f"#subtask-{part.pk}" in response.content.decode()

    def test_refuses_with_the_same_list(self, case, cast):
        response = signed_in(cast.nadia).post(reverse("cases:close", args=[case.pk]))
        assert response.status_code == 422
        assert "Carla has not said that it is over." in said(response)
        assert fresh(case).is_open

    def test_no_answer_is_a_supervisors_word(self, case, cast):
        proposed(case, cast.nadia)
        with clock.at(SILENCE):
            silence.remind_due(clock.now())
            silence.unconfirm_due(clock.now())
            url = reverse("cases:close_unanswered", args=[case.pk])
            assert signed_in(cast.nadia).post(url).status_code == 403
            signed_in(cast.sam).post(url)
        assert fresh(case).outcome == "no_answer"

    def test_opens_again_with_a_reason_and_a_promise(self, case, cast):
        closing.override(case, reason="By mistake.", by=cast.sam)
        typed = {"reason": "It is not over.", "next_words": "call you", "next_due": TOMORROW_AT_THREE}
        signed_in(cast.nadia).post(reverse("cases:reopen", args=[case.pk]), typed)
        case = fresh(case)
        assert (case.state, case.owner) == ("open", cast.nadia)

    def test_opened_again_with_nothing_promised_any_more_asks_for_a_promise(self, case, cast):
        proposed(case, cast.nadia)
        answering.say_yes(case, by=cast.carla)
        nadia, url = signed_in(cast.nadia), reverse("cases:reopen", args=[case.pk])
        assert "Next promise (optional)" not in said(nadia.get(url))
        refused = nadia.post(url, {"reason": "It is not over."})
        assert refused.context["form"].errors.keys() == {"next_words", "next_due"}
        assert "Nothing is promised to Carla any more. Say what you promise next." in said(refused)


class TestTheEstimate:
    def test_is_suggested_from_those_like_it(self, case, cast):
        for _ in range(5):
            with clock.at(TUESDAY - timedelta(hours=1)):
                other = a_case(cast.mallory)
            with clock.at(TUESDAY + timedelta(hours=3)):
                answering.say_yes(other, by=cast.mallory)
        url = reverse("cases:estimate", args=[case.pk])
        page = signed_in(cast.nadia).get(url)
        assert "Half of 5 like it were over in this time." in said(page)
        assert 'value="2026-03-10T14:00"' in page.content.decode()
        typed = {"over_by": "2026-03-10T14:00", "from_like_it": "on", "once": "g" * 22}
        signed_in(cast.nadia).post(url, typed)
        assert case.estimates.get().like_it == 5
        assert "We expect Tuesday 10 Mar . From 5 like it." in said(page_of(case, cast.nadia))

    def test_says_when_they_are_too_few(self, case, cast):
        assert "Too few like it" in said(signed_in(cast.nadia).get(reverse("cases:estimate", args=[case.pk])))

    def test_says_that_it_has_passed(self, case, cast):
        estimates.estimate(case, over_by=TUESDAY + timedelta(hours=1), by=cast.nadia)
        with clock.at(TUESDAY + timedelta(hours=2)):
            assert "and that has passed" in said(page_of(case, cast.nadia))

    def test_not_knowing_yet_becomes_a_promise(self, case, cast):
        typed = {"tell_words": "tell you when it will be over", "tell_due": TOMORROW_AT_THREE, "once": "h" * 22}
        signed_in(cast.nadia).post(reverse("cases:estimate", args=[case.pk]), typed)
        assert case.promises.latest("pk").words == "tell you when it will be over"
        assert "We do not know yet, and tell it by Wed 15:00." in said(page_of(case, cast.nadia))

    def test_is_one_of_the_two(self, case, cast):
        typed = {"over_by": TOMORROW_AT_THREE, "tell_words": "x", "tell_due": TOMORROW_AT_THREE, "once": "h" * 22}
        response = signed_in(cast.nadia).post(reverse("cases:estimate", args=[case.pk]), typed)
        assert response.status_code == 422 and "empty one of the two" in said(response)


class TestAComplaint:
    @pytest.fixture
    def complaint(self, case, cast) -> Complaint:
        complaint = complaints.complain(case, "I was hung up on.", by=cast.carla)
        Complaint.objects.filter(pk=complaint.pk).update(owner=cast.sam)
        return fresh(complaint)

    def test_is_written_down_by_anybody_who_heard_it(self, case, cast):
        conversation.note(case, "She rang.", by=cast.sue)
        url = reverse("cases:complain", args=[case.pk])
        assert "Sue Singh" in said(signed_in(cast.olga).get(url))
        typed = {"words": "I was hung up on.", "about": [cast.sue.pk], "once": "i" * 22}
        assert signed_in(cast.olga).post(url, typed).status_code == 302
        complaint = case.complaints.get()
        assert (complaint.heard_by_agent, complaint.owner) == (cast.olga, cast.sam)
        assert "as heard by Olga Orlova" in said(page_of(case, cast.nadia))

    def test_stands_on_the_page_with_who_answers_for_all_and_with_acts_for_one(self, complaint, case, cast):
        for agent in (cast.nadia, cast.olga, cast.sue):
            text = said(page_of(case, agent))
            assert "Sam Sato answers" in text
            assert reverse("cases:answer_complaint", args=[complaint.pk]) not in page_of(case, agent).content.decode()
        assert reverse("cases:answer_complaint", args=[complaint.pk]) in page_of(case, cast.sam).content.decode()

    def test_is_answered_by_its_owner_alone(self, complaint, case, cast):
        url = reverse("cases:answer_complaint", args=[complaint.pk])
        for agent in (cast.nadia, cast.sue):
            assert signed_in(agent).get(url).status_code == 403
            assert signed_in(agent).post(url, {"words": "It was right."}).status_code == 403
        assert "I was hung up on." in said(signed_in(cast.sam).get(url))
        assert signed_in(cast.sam).post(url, {"words": "We are sorry."}).status_code == 302
        assert fresh(complaint).answer == "We are sorry."
        assert "We are sorry." in said(page_of(case, cast.nadia, "?show=with"))

    def test_is_handed_on_to_those_whom_it_is_not_about(self, complaint, case, cast):
        ownership.take_over(case, reason="Mine.", by=cast.sue)
        tina = an_agent("Tina Thal", cast.hardware, is_supervisor=True)
        url = reverse("cases:hand_on_complaint", args=[complaint.pk])
        page = said(signed_in(cast.sam).get(url))
        assert "Tina Thal" in page and "Sue Singh" not in page
        assert signed_in(cast.sam).post(url, {"to": cast.sue.pk, "reason": "Away."}).status_code == 422
        signed_in(cast.sam).post(url, {"to": tina.pk, "reason": "I am away."})
        assert fresh(complaint).owner == tina
        assert "I am away." in said(page_of(case, cast.nadia, "?show=inside"))

    def test_waits_on_the_list_of_whoever_answers_it(self, complaint, cast):
        assert "Complaints that I answer" in said(signed_in(cast.sam).get("/"))
        assert "Complaints that I answer" not in said(signed_in(cast.sue).get("/"))
        complaints.answer(complaint, "We are sorry.", by=cast.sam)
        assert "Complaints that I answer" not in said(signed_in(cast.sam).get("/"))

    def test_costs_the_page_of_a_case_with_everything_no_more_than_twelve_queries(
        self, complaint, case, cast, django_assert_max_num_queries
    ):
        for turn in range(20):
            complaints.complain(case, f"And {turn}.", by=cast.carla)
            estimates.estimate(case, over_by=TUESDAY + timedelta(days=turn + 1), by=cast.nadia)
            refusal = refusals.refuse(case, **{**NO, "asked": f"Wish {turn}"}, by=cast.nadia)
            refusals.ask_for_another_look(refusal, by=cast.carla)
        for agent in (cast.nadia, cast.sam):
            client = signed_in(agent)
            with django_assert_max_num_queries(12):
                client.get(case.get_absolute_url())


class TestANo:
    @pytest.fixture
    def refusal(self, case, cast) -> Refusal:
        return refusals.refuse(case, **NO, by=cast.nadia)

    def test_without_a_ground_comes_back_with_why(self, case, cast):
        typed = {**NO, "ground": "That is how we do it.", "once": "j" * 22}
        response = signed_in(cast.nadia).post(reverse("cases:refuse", args=[case.pk]), typed)
        assert response.status_code == 422
        assert "Say what it rests on, so that Carla can check it" in said(response)

    def test_stands_on_the_page_with_its_ground(self, refusal, case, cast):
        text = said(page_of(case, cast.olga))
        assert "My money back" in text and NO["ground"] in text

    def test_is_looked_at_again_by_a_second_supervisor(self, refusal, case, cast):
        refusals.ask_for_another_look(refusal, words="I ordered in February.", by=cast.carla)
        url = reverse("cases:look_again", args=[refusal.pk])
        assert url not in page_of(case, cast.nadia).content.decode()
        assert url in page_of(case, cast.sam).content.decode()
        assert signed_in(cast.nadia).get(url).status_code == 403
        assert NO["ground"] in said(signed_in(cast.sam).get(url))
        response = signed_in(cast.sam).post(url, {"look": "changed", "words": "You are right."})
        assert response.status_code == 302
        assert fresh(refusal).look == "changed"
        assert "Sam Sato looked again: You are right." in said(page_of(case, cast.nadia))


class TestProposing:
    def typed(self, **more) -> dict:
        return {"kind": "solved", "words": "So it is.", "meets": "", "why_none": "None.", "once": "b" * 22, **more}

    def post(self, case, agent, **more):
        return signed_in(agent).post(reverse("cases:propose", args=[case.pk]), self.typed(**more))

    def test_says_who_must_do_it_and_promises_to_ask(self, case, cast):
        told = {"kind": "another", "another": "Ada’s Repairs", "check_words": "ask you whether they did"}
        assert self.post(case, cast.nadia, **told, check_due=TOMORROW_AT_THREE).status_code == 302
        made = case.resolutions.get()
        assert (made.another, made.check_back.words) == ("Ada’s Repairs", "ask you whether they did")
        assert "Nadia will be in touch with you" in said(page_of(case, cast.nadia))
        answering.understand(case, by=cast.carla)
        assert "Ada’s Repairs must do it, and Carla understands; ask whether they did" in said(
            page_of(case, cast.nadia)
        )

    @pytest.mark.parametrize(
        "typed, sentence",
        [
            ({"kind": "another", "another": "Ada"}, "Say by when you ask Carla whether they did."),
            ({"kind": "another"}, "Name who must do it: Carla reads it."),
            ({"kind": "cannot"}, "Say what was tried: Carla reads it."),
            ({"meets": True}, "Say whether it is owed, puts right what we did, or is a courtesy."),
        ],
    )
    def test_what_is_missing_is_said_beside_its_field(self, case, cast, typed, sentence):
        if typed.get("meets"):
            typed = {"meets": case.preferences.first().pk}
        response = self.post(case, cast.nadia, **typed)
        assert response.status_code == 422
        assert said(response).count(sentence) == 2, "In the summary on top, and beside the field."

    def test_a_met_wish_rests_on_something(self, case, cast):
        self.post(case, cast.nadia, meets=case.preferences.first().pk, given_as="courtesy")
        assert case.resolutions.get().given_as == "courtesy"


class TestAnswersAfterClosing:
    @pytest.fixture
    def words(self, case, cast):
        answering.say_yes(case, by=cast.carla)
        return conversation.customer_writes(case, "Thank you, Nadia!", by=cast.carla)

    def test_stand_in_the_owners_list_with_the_date(self, words, cast):
        response = signed_in(cast.nadia).get("/")
        assert "Answers after closing 1" in said(response)
        assert [(row.title, row.due_at) for row in response.context["afterwards"]] == [
            ("Carla Conti", TUESDAY + timedelta(days=1))
        ]
        assert "Answers after closing" not in said(signed_in(cast.ben).get("/"))

    def test_are_decided_on_top_of_the_case(self, words, case, cast):
        page = said(page_of(case, cast.nadia))
        assert page.index("Carla has written since this was over.") < page.index("The upgrade I paid for fails.")
        assert "Only thanks" in page and "Open it again" in page
        assert "Only thanks" not in said(page_of(case, cast.olga)).replace("Is it only thanks?", "")

    def test_only_thanks_is_said_of_what_was_read(self, words, case, cast):
        url = reverse("cases:only_thanks", args=[case.pk])
        nadia = signed_in(cast.nadia)
        read = nadia.get(url).context["form"]["read"].value()
        assert read == words.pk
        conversation.customer_writes(case, "It is back!", by=cast.carla)
        response = nadia.post(url, {"read": read})
        assert response.status_code == 409
        assert "Carla has written more since you opened this page." in said(response)
        nadia.post(url, {"read": case.messages.latest("pk").pk})
        assert (fresh(case).outcome, fresh(case).decide_by) == ("confirmed", None)
        assert "has written since" not in said(page_of(case, cast.nadia))


class TestPuttingAside:
    def test_is_offered_to_owner_and_supervisor_and_undone_there(self, case, cast):
        assert "Put aside" in said(page_of(case, cast.nadia))
        assert "Put aside" not in said(page_of(case, cast.olga))
        signed_in(cast.nadia).post(reverse("cases:put_aside", args=[case.pk]), {"why": "mistake"})
        page = said(page_of(case, cast.nadia))
        assert "Not a case , today 10:00, Nadia Novak: opened by mistake" in page
        assert "Take back in" in page and "Open again" not in page
        signed_in(cast.nadia).post(reverse("cases:take_back_in", args=[case.pk]))
        assert fresh(case).is_open

    def test_asks_what_it_is(self, case, cast):
        response = signed_in(cast.nadia).post(reverse("cases:put_aside", args=[case.pk]), {})
        assert response.status_code == 422
        assert "Say what it is." in said(response)


class TestHandovers:
    @pytest.fixture
    def offer(self, case, cast) -> Handover:
        return ownership.hand_over(case, cast.ben, brief="She knows the workshop.", by=cast.nadia)

    def test_stand_on_top_of_the_receivers_cases(self, offer, cast):
        text = said(signed_in(cast.ben).get("/"))
        assert "Handed to me, not accepted yet" in text
        assert "She knows the workshop." in text

    def test_change_nothing_until_accepted(self, offer, cast):
        assert fresh(offer.case).owner == cast.nadia
        signed_in(cast.ben).post(reverse("cases:accept_handover", args=[offer.pk]))
        assert fresh(offer.case).owner == cast.ben

    def test_go_back_with_a_reason(self, offer, cast):
        signed_in(cast.ben).post(reverse("cases:give_back", args=[offer.pk]), {"reason": "I am away too."})
        assert fresh(offer).state == "given_back"
        assert fresh(offer.case).owner == cast.nadia


class TestMyCases:
    def test_says_what_to_do_on_the_first_day(self, cast, tuesday):
        assert "You own no cases yet." in said(signed_in(cast.nadia).get("/"))

    def test_puts_late_before_today_before_later(self, case, cast):
        for customer, hours in ((cast.mallory, 3), (cast.carla, 48)):
            other = a_case(customer, problem=f"Due in {hours} hours.")
            ownership.take_over(other, reason="Mine.", by=cast.sam)
            ownership.accept(ownership.hand_over(other, case.owner, brief="Yours.", by=cast.sam), by=case.owner)
            promises.keep(first_promise(other), said="We spoke.", next_promise=pledge(hours=hours), by=case.owner)
        response = signed_in(case.owner).get("/")
        groups = [(name, [row.title for row in rows]) for name, _title, rows in response.context["groups"]]
        assert groups == [("today", ["Mallory Moss", "Carla Conti"]), ("later", ["Carla Conti"])]
        with clock.at(first_promise(case).due_at + timedelta(minutes=1)):
            assert [name for name, _t, _r in signed_in(case.owner).get("/").context["groups"]][0] == "late"

    def test_keeps_apart_what_waits_for_the_customer(self, case, cast):
        proposed(case, cast.nadia)
        promises.keep(first_promise(case), said="We spoke.", by=cast.nadia)
        response = signed_in(cast.nadia).get("/")
        assert response.context["groups"] == []
        assert [row.title for row in response.context["waiting"].rows] == ["Carla Conti"]

    def test_takes_the_same_few_queries_for_one_case_and_for_sixty(self, case, cast, django_assert_max_num_queries):
        for turn in range(60):
            other = a_case(cast.mallory, problem=f"Problem {turn}.")
            if other.owner != case.owner:
                Entry.objects.create(case=other, kind="taken", at=clock.now(), actor="desk", owner=case.owner)
                Case.objects.filter(pk=other.pk).update(owner=case.owner)
        nadia = signed_in(case.owner)
        with django_assert_max_num_queries(8):
            first = nadia.get("/")
        second = nadia.get("/", {"after": first.context["after"]})
        shown = [row.pk for page in (first, second) for _name, _title, rows in page.context["groups"] for row in rows]
        assert len(shown) == len(set(shown)) == 61

    @pytest.mark.parametrize(
        "key", ["~", "x~1", "2026-03-10~1", "2026-03-10T10:00:00+00:00~x", "~99999999999999999999"]
    )
    def test_begins_at_the_top_for_a_key_that_is_none(self, case, cast, key):
        assert signed_in(case.owner).get("/", {"after": key}).status_code == 200


class TestNotices:
    def test_tell_what_others_did_and_are_read_when_one_says_so(self, case, cast):
        part = subtasks.ask(case, cast.hardware, "Which board?", by=cast.nadia)
        subtasks.done(part, outcome="Board B.", by=cast.olga)
        announce()
        nadia = signed_in(cast.nadia)
        page = nadia.get("/notices/")
        assert "Hardware is done: Which board?" in said(page)
        assert Notice.objects.filter(agent=cast.nadia, read_at=None).exists(), "Looking alone reads nothing."
        nadia.post("/notices/read/", {"up_to": page.context["up_to"]})
        assert not Notice.objects.filter(agent=cast.nadia, read_at=None).exists()


def test_looking_changes_nothing(case, cast):
    """Every address of the staff, looked at by owner, specialist and supervisor: not one row is another afterwards."""
    part = subtasks.ask(case, cast.hardware, "Which board?", by=cast.nadia)
    offer = ownership.hand_over(case, cast.ben, brief="Yours.", by=cast.nadia)
    promise = first_promise(case)
    subtasks.ask_later(
        subtasks.accept(part, committed_at=WEDNESDAY, by=cast.olga), WEDNESDAY + timedelta(1), "Late.", by=cast.olga
    )
    of_case = (
        *("take_call", "take", "hand_over", "take_over", "promise", "ask", "propose", "close", "close_unanswered"),
        *("override", "only_thanks", "put_aside", "take_back_in"),
    )
    paths = [reverse(f"cases:{name}", args=[case.pk]) for name in (*of_case, "reopen", "page")]
    paths += [reverse(f"cases:{name}", args=[part.pk]) for name in ("see", "accept", "done", "not_ours", "drop")]
    more = ("wait", "go_on", "other_date", "grant_later", "refuse_later", "could_not_reproduce")
    paths += [reverse(f"cases:{name}", args=[part.pk]) for name in more]
    paths += [reverse(f"cases:{name}", args=[offer.pk]) for name in ("accept_handover", "give_back")]
    paths += [reverse(f"cases:{name}", args=[promise.pk]) for name in ("keep", "new_date", "attempt")]
    complaint = complaints.complain(case, "I was hung up on.", by=cast.carla)
    refusal = refusals.refuse(case, **NO, by=cast.nadia)
    refusals.ask_for_another_look(refusal, by=cast.carla)
    paths += [reverse(f"cases:{name}", args=[case.pk]) for name in ("estimate", "complain", "refuse")]
    of_complaint = ("take_complaint", "hand_on_complaint", "answer_complaint")
    paths += [reverse(f"cases:{name}", args=[complaint.pk]) for name in of_complaint]
    paths += [reverse("cases:look_again", args=[refusal.pk])]
    Mandate.objects.create(department=cast.support, decider=cast.sam)
    asked = concessions.give(case, "replacement", words="Another one", why="Dead.", by=cast.nadia)
    paths += [reverse("cases:give", args=[case.pk]), reverse("cases:decide", args=[asked.pk])]
    paths += [reverse("cases:make_right", args=[promise.pk]), f"{reverse('cases:new_date', args=[promise.pk])}?after=1"]
    paths += ["/", "/queue/", "/asked/", "/up-for-taking/", "/notices/", "/settings/notices/", "/escalations/"]
    paths += ["/escalations/complaints/", "/escalations/refusals/"]
    before = everything()
    for agent in (cast.nadia, cast.ben, cast.olga, cast.sam):
        client = signed_in(agent)
        for path in paths:
            assert client.get(path).status_code in (200, 403, 422), path
            assert client.head(path).status_code in (200, 403, 422), path
    assert everything() == before
