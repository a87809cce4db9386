"""Several cases of one problem become one; a second problem gets a case of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.models import Case, Complaint, Joining, Message, Notice
from cases.models.timeline import Kind
from cases.reading import timeline_of
from cases.relations import relations_of
from cases.verbs import (
    answering,
    closing,
    complaints,
    conversation,
    joining,
    ownership,
    promises,
    splitting,
    subtasks,
)
from customers.models import Customer
from escalations import flags
from escalations.models import Flag
from escalations.sweep import sweep
from supportdesk import clock
from supportdesk.announce import announce
from supportdesk.errors import Conflict, NotAllowed, Refused
from tests.cast import (
    TUESDAY,
    WEDNESDAY,
    a_case,
    as_at_commit,
    everything,
    first_promise,
    fresh,
    kinds,
    pledge,
    proposed,
)
from tests.pages import said, signed_in

pytestmark = pytest.mark.django_db

AN_HOUR = timedelta(hours=1)
A_DAY = timedelta(days=1)


@pytest.fixture
def again(case, cast) -> Case:
    """Carla tells the same problem an hour later, in other words."""
    with clock.at(TUESDAY + AN_HOUR):
        return a_case(cast.carla, "Still no upgrade, and nobody writes.")


@pytest.fixture
def later(again):
    """It is noon."""
    with clock.at(TUESDAY + 2 * AN_HOUR) as noon:
        yield noon


@pytest.fixture
def joined(again, case, cast, later) -> Case:
    joining.join(again, case, by=cast.nadia)
    return fresh(again)


class TestJoining:
    def test_ends_the_one_and_says_into_which(self, joined, case, cast):
        assert (joined.state, joined.outcome, joined.joined_into) == ("closed", "joined", case)
        assert (joined.closed_by, joined.closed_by_agent) == ("agent", cast.nadia)
        assert Joining.objects.get(case=joined).into == case

    def test_carries_what_is_promised_with_its_time(self, again, case, cast, later):
        promise = first_promise(again)
        joining.join(again, case, by=cast.nadia)
        carried = fresh(promise)
        assert (carried.case, carried.carried_from, carried.due_at) == (case, again, promise.due_at)
        assert fresh(again).next_step == Case.NextStep.NOTHING
        as_at_commit()

    def test_carries_what_comes_first_to_the_head_of_the_survivor(self, again, case, cast, later):
        urgent = promises.make(again, pledge(hours=1), by=cast.nadia)
        joining.join(again, case, by=cast.nadia)
        assert fresh(case).next_promise == urgent

    def test_carries_open_parts_and_leaves_those_that_ended(self, again, case, cast, later):
        board = subtasks.ask(again, cast.hardware, "Test the board", by=cast.nadia)
        licence = subtasks.ask(again, cast.warranty, "Look for the licence", by=cast.nadia)
        subtasks.done(licence, outcome="It is valid.", by=cast.wanda)
        joining.join(again, case, by=cast.nadia)
        assert (fresh(board).case, fresh(board).carried_from) == (case, again)
        assert fresh(licence).case == again

    def test_a_carried_part_stands_in_the_way_of_closing(self, again, case, cast, later):
        board = subtasks.ask(again, cast.hardware, "Test the board", by=cast.nadia)
        joining.join(again, case, by=cast.nadia)
        answering.say_yes(case, by=cast.carla)
        assert fresh(case).is_open
        subtasks.done(board, outcome="Fine.", by=cast.olga)
        assert fresh(case).outcome == Case.Outcome.CONFIRMED

    def test_ends_what_was_proposed_and_offered_on_the_joined_one(self, again, case, cast, later):
        resolution = proposed(again, cast.nadia)
        offer = ownership.hand_over(again, cast.ben, brief="Yours.", by=cast.nadia)
        joining.join(again, case, by=cast.nadia)
        assert fresh(resolution).ended_at
        assert not again.reminders.filter(sent_at=None, waived_at=None).exists()
        assert fresh(offer).state == "overtaken"

    def test_leaves_what_was_proposed_on_the_survivor(self, again, case, cast, later):
        resolution = proposed(case, cast.nadia)
        joining.join(again, case, by=cast.nadia)
        assert fresh(resolution).ended_at is None
        assert fresh(case).state == Case.State.PROPOSED
        assert case.reminders.filter(waived_at=None).count() == 3

    def test_a_telling_after_we_asked_ends_the_reminders(self, case, cast, tuesday):
        proposed(case, cast.nadia)
        with clock.at(TUESDAY + AN_HOUR):
            again = a_case(cast.carla, "It is not over!")
            joining.join(again, case, by=cast.nadia)
        assert not case.reminders.filter(waived_at=None).exists()
        assert fresh(case).next_promise

    def test_a_telling_after_the_yes_takes_the_yes_back(self, case, cast, tuesday):
        board = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
        answering.say_yes(case, by=cast.carla)
        with clock.at(TUESDAY + AN_HOUR):
            again = a_case(cast.carla, "It is broken again.")
            joining.join(again, case, by=cast.nadia)
            subtasks.done(board, outcome="Fine.", by=cast.olga)
        assert fresh(case).is_open

    def test_leaves_no_survivor_without_a_next_step(self, case, cast, tuesday):
        proposed(case, cast.nadia)
        promises.keep(first_promise(case), said="Look at it, please.", by=cast.nadia)
        with clock.at(TUESDAY + AN_HOUR):
            again = a_case(cast.carla, "It is not over!")
            proposed(again, cast.nadia)
            promises.keep(first_promise(again), said="Please look.", by=cast.nadia)
            joining.join(again, case, by=cast.nadia)
            assert fresh(case).next_promise.words == "be in touch with you"

    def test_the_survivor_shows_the_newer_words(self, joined, case):
        assert fresh(case).latest_words == "Still no upgrade, and nobody writes."
        assert fresh(case).customer_wrote_at == TUESDAY + AN_HOUR

    def test_a_supervisor_may_and_the_owner_of_either(self, again, case, cast, later):
        ownership.take_over(again, reason="I know her.", by=cast.sam)
        joining.join(again, case, by=cast.nadia)
        assert fresh(again).joined_into == case

    def test_the_second_time_is_silent_and_so_is_the_other_number(self, joined, case, cast):
        before = everything()
        joining.join(joined, case, by=cast.nadia)
        joining.join(joined, joined, by=cast.nadia)
        assert everything() == before

    def test_a_chain_leads_to_one(self, joined, case, cast):
        third = a_case(cast.carla, "A third time.")
        joining.join(case, third, by=cast.nadia)
        for number in (joined.pk, case.pk, third.pk):
            assert Case.objects.behind(number).get() == third
        assert third.promises.owed().count() == 3
        assert set(relations_of(third).told_as) == {joined.pk, case.pk, third.pk}
        as_at_commit()


class TestItIsRefused:
    def refused(self, code, joined, into, by, kind=Refused):
        before = everything()
        with pytest.raises(kind) as refusal:
            joining.join(joined, into, by=by)
        assert refusal.value.code == code
        assert everything() == before
        return refusal.value.sentence

    def test_to_join_a_case_into_itself(self, case, cast):
        self.refused("same_case", case, case, cast.nadia)

    def test_to_join_cases_of_two_people_and_says_what_to_do(self, case, cast):
        theirs = a_case(cast.mallory)
        sentence = self.refused("another_customer", case, theirs, cast.sam)
        assert "Add Carla Conti there as somebody who takes part" in sentence
        assert "merge the two customers" in sentence

    def test_two_rows_of_one_person_are_one_person(self, case, cast):
        theirs = a_case(cast.mallory)
        Customer.objects.filter(pk=cast.mallory.pk).update(merged_into=cast.carla)
        joining.join(fresh(theirs), case, by=cast.sam)
        assert fresh(theirs).joined_into == case

    @pytest.mark.parametrize("over", ["joined", "into"])
    def test_to_join_what_is_over(self, again, case, cast, later, over):
        closing.override(again if over == "joined" else case, reason="Gone.", by=cast.sam)
        self.refused("case_closed", again, case, cast.nadia)

    def test_to_join_the_other_way_round_what_is_one_already(self, joined, case, cast):
        self.refused("joined_the_other_way", case, joined, cast.nadia, Conflict)

    def test_to_join_elsewhere_what_was_joined_meanwhile(self, joined, case, cast):
        third = a_case(cast.carla)
        assert case.number in self.refused("joined_elsewhere", joined, third, cast.nadia, Conflict)

    def test_to_mix_what_is_confidential_with_what_is_not(self, again, case, cast, later):
        Case.objects.filter(pk=again.pk).update(confidential_since=TUESDAY, confidential_reason="Her health.")
        self.refused("one_is_confidential", again, case, cast.nadia)


class TestUndoing:
    def test_gives_back_what_came_and_opens_with_its_owner(self, again, case, cast, later):
        promise = first_promise(again)
        board = subtasks.ask(again, cast.hardware, "Test the board", by=cast.nadia)
        joining.join(again, case, by=cast.nadia)
        joining.undo(again, by=cast.nadia)
        assert (fresh(promise).case, fresh(promise).carried_from) == (again, None)
        assert (fresh(board).case, fresh(board).carried_from) == (again, None)
        opened = fresh(again)
        assert (opened.is_open, opened.owner, opened.joined_into) == (True, cast.nadia, None)
        assert opened.next_promise == promise
        assert fresh(case).next_promise == first_promise(case)
        as_at_commit()

    def test_leaves_what_ended_meanwhile_and_promises_anew(self, again, case, cast, later):
        promise = first_promise(again)
        joining.join(again, case, by=cast.nadia)
        promises.keep(promise, said="We spoke.", by=cast.nadia)
        joining.undo(again, by=cast.nadia)
        assert fresh(promise).case == case
        assert fresh(again).next_promise.words == "be in touch with you"

    def test_gives_back_a_promise_whose_date_was_moved_meanwhile_with_both_dates(self, again, case, cast, later):
        promise = first_promise(again)
        joining.join(again, case, by=cast.nadia)
        moved = promises.move(promise, pledge(hours=48), reason="The part is late.", by=cast.nadia)
        assert fresh(moved).carried_from == again
        joining.undo(again, by=cast.nadia)
        assert {fresh(promise).case, fresh(moved).case} == {again}

    def test_a_late_promise_goes_back_and_a_new_one_stands_beside_it(self, again, case, cast, later):
        promise = first_promise(again)
        joining.join(again, case, by=cast.nadia)
        with clock.at(promise.due_at + AN_HOUR):
            joining.undo(again, by=cast.nadia)
            assert again.promises.owed().count() == 2

    def test_works_when_the_survivor_is_over(self, joined, case, cast):
        answering.say_yes(case, by=cast.carla)
        joining.undo(joined, by=cast.nadia)
        assert fresh(joined).is_open
        assert fresh(joined).next_promise
        assert fresh(case).outcome == Case.Outcome.CONFIRMED

    def test_works_when_the_survivor_was_joined_further(self, joined, case, cast):
        third = a_case(cast.carla, "A third time.")
        joining.join(case, third, by=cast.nadia)
        joining.undo(joined, by=cast.nadia)
        assert first_promise(joined).case == joined
        assert fresh(case).joined_into == third
        assert third.promises.owed().count() == 2

    def test_of_a_whole_chain_takes_along_what_came_through_it(self, joined, case, cast):
        third = a_case(cast.carla, "A third time.")
        joining.join(case, third, by=cast.nadia)
        joining.undo(case, by=cast.nadia)
        assert fresh(joined).joined_into == case
        assert case.promises.owed().count() == 2
        assert third.promises.owed().count() == 1

    def test_closes_an_agreed_survivor_whose_last_part_went(self, again, case, cast, later):
        subtasks.ask(again, cast.hardware, "Test the board", by=cast.nadia)
        joining.join(again, case, by=cast.nadia)
        answering.say_yes(case, by=cast.carla)
        joining.undo(again, by=cast.nadia)
        assert fresh(case).outcome == Case.Outcome.CONFIRMED

    def test_leaves_a_survivor_that_loses_its_last_promise_with_a_new_one(self, again, case, cast, later):
        joining.join(again, case, by=cast.nadia)
        promises.keep(first_promise(case), said="We spoke.", by=cast.nadia)
        joining.undo(again, by=cast.nadia)
        assert fresh(case).next_promise.words == "be in touch with you"

    def test_the_survivor_shows_its_own_words_again(self, joined, case, cast):
        joining.undo(joined, by=cast.nadia)
        assert fresh(case).latest_words == "The upgrade I paid for fails."
        assert fresh(case).customer_wrote_at == TUESDAY

    def test_is_possible_for_a_day_and_no_longer(self, joined, cast, later):
        before = everything()
        with clock.at(TUESDAY + 2 * AN_HOUR + A_DAY), pytest.raises(Refused) as refused:
            joining.undo(joined, by=cast.nadia)
        assert refused.value.code == "too_late_to_undo"
        assert everything() == before
        with clock.at(TUESDAY + A_DAY + AN_HOUR):
            assert joining.undo(joined, by=cast.nadia).is_open

    def test_of_what_was_never_joined_is_refused(self, case, cast):
        with pytest.raises(Refused, match="was not joined"):
            joining.undo(case, by=cast.nadia)

    def test_can_be_joined_anew_afterwards(self, joined, case, cast):
        joining.undo(joined, by=cast.nadia)
        joining.join(joined, case, by=cast.nadia)
        assert fresh(joined).joined_into == case
        assert kinds(joined)[-3:] == [Kind.JOINED, Kind.UNJOINED, Kind.JOINED]


class TestFlags:
    def test_a_joined_case_raises_none(self, joined, cast):
        sweep(TUESDAY + timedelta(days=30))
        assert not Flag.objects.filter(case=joined).exists()

    def test_a_carried_promise_that_breaks_is_flagged_once_on_the_survivor(self, again, case, cast, later):
        promise = first_promise(again)
        joining.join(again, case, by=cast.nadia)
        for _ in range(2):
            sweep(WEDNESDAY)
        assert Flag.objects.get(rule="promise_broken", subject=promise.pk).case == case

    def test_nobody_settles_a_flag_of_a_case_that_was_theirs_before_it_was_joined(self, again, case, cast, later):
        ownership.take_over(again, reason="I know her.", by=cast.sam)
        promise = first_promise(again)
        with clock.at(WEDNESDAY):
            sweep(WEDNESDAY)
            joining.join(again, case, by=cast.nadia)
            flag = Flag.objects.get(rule="promise_broken", subject=promise.pk)
            with pytest.raises(NotAllowed):
                flags.settle(flag, reason="Fine.", by=cast.sam)
            flags.settle(flag, reason="I called her.", by=cast.sue)


class TestNotices:
    def told(self):
        announce()
        return {
            (notice.agent.first_name, notice.entry.kind) for notice in Notice.objects.select_related("agent", "entry")
        }

    def test_both_owners_are_told_but_not_of_their_own_act(self, again, case, cast, later):
        ownership.take_over(again, reason="I know her.", by=cast.sue)
        self.told()
        Notice.objects.all().delete()
        joining.join(again, case, by=cast.sam)
        assert self.told() == {("Sue", Kind.JOINED), ("Nadia", Kind.JOINED_HERE)}
        Notice.objects.all().delete()
        joining.undo(again, by=cast.nadia)
        assert self.told() == {("Sue", Kind.UNJOINED)}

    def test_whoever_owns_both_is_told_once(self, again, case, cast, later):
        joining.join(again, case, by=cast.sam)
        assert self.told() == {("Nadia", Kind.JOINED_HERE)}


class TestSplittingOff:
    LETTER = "The upgrade fails.\r\nAlso, my scanner prints \u201cE7\u201d.\r\nPlease help."
    SECOND = "Also, my scanner prints \u201cE7\u201d."

    @pytest.fixture
    def letter(self, case, cast) -> Message:
        return conversation.customer_writes(case, self.LETTER, by=cast.carla)

    def test_gives_the_second_problem_a_case_in_their_words(self, case, letter, cast):
        new = splitting.split_off(case, self.SECOND, message=letter, by=cast.nadia)
        assert (new.problem, new.customer, new.split_from, new.owner) == (self.SECOND, cast.carla, case, cast.nadia)
        assert new.next_promise_id
        assert kinds(new) == [Kind.OPENED, Kind.PROMISE_MADE]
        assert case.entries.get(kind=Kind.SPLIT_OFF).other_case == new
        as_at_commit()

    @pytest.mark.parametrize("end", ["\n", "\r\n", " "])
    def test_words_over_several_lines_are_theirs_however_they_were_copied(self, case, letter, cast, end):
        new = splitting.split_off(case, f"{self.SECOND}{end}Please help.", message=letter, by=cast.nadia)
        assert new.problem in letter.body

    def test_without_a_message_they_are_found_in_any_of_theirs(self, case, letter, cast):
        assert splitting.split_off(case, self.SECOND, subject="The scanner", by=cast.nadia).subject == "The scanner"

    @pytest.mark.parametrize(
        ("words", "code"),
        [
            ("My scanner is broken.", "not_their_words"),
            ("We are looking.", "not_their_words"),
            ("  ", "words_needed"),
            ("The upgrade I paid for fails.", "whole_problem"),
        ],
    )
    def test_refuses_what_they_did_not_write(self, case, letter, cast, words, code):
        conversation.write_to_customer(case, "We are looking.", by=cast.nadia)
        before = everything()
        with pytest.raises(Refused) as refused:
            splitting.split_off(case, words, by=cast.nadia)
        assert refused.value.code == code
        assert everything() == before

    def test_refuses_the_words_of_another_customer(self, case, cast):
        theirs = a_case(cast.mallory, "My scanner is broken.").messages.get()
        with pytest.raises(Refused):
            splitting.split_off(case, "My scanner is broken.", message=theirs, by=cast.nadia)

    def test_what_was_confidential_stays_so(self, case, letter, cast):
        Case.objects.filter(pk=case.pk).update(confidential_since=TUESDAY, confidential_reason="Her health.")
        new = splitting.split_off(case, self.SECOND, by=cast.nadia)
        assert (new.confidential_since, new.confidential_reason) == (TUESDAY, "Her health.")


class TestThePage:
    def test_of_a_joined_number_leads_to_the_survivor_and_says_so(self, joined, case, cast):
        response = signed_in(cast.nadia).get(joined.get_absolute_url(), follow=True)
        assert response.redirect_chain == [(case.get_absolute_url(), 302)]
        assert f"{joined.number} was joined into this." in said(response)

    def test_shows_both_tellings_and_each_entry_with_its_number(self, joined, case, cast):
        page = said(signed_in(cast.nadia).get(case.get_absolute_url()))
        assert f"Also told as {joined.number}" in page
        assert "Still no upgrade, and nobody writes." in page
        assert f"{joined.number} Nadia Novak owns this." in page
        assert f"Nadia Novak joined {joined.number} into this: it is the same problem" in page
        assert "joined this into" not in page

    def test_shows_what_was_complained_on_either(self, joined, case, cast):
        complaints.complain(joined, "Nobody read what I wrote.", by=cast.carla)
        Complaint.objects.update(case=joined)  # as if it had been said before they were joined
        assert "Nobody read what I wrote." in said(signed_in(cast.nadia).get(case.get_absolute_url()))

    def test_keeps_the_order_of_time(self, again, case, cast, later):
        conversation.note(case, "After the second telling.", by=cast.nadia)
        joining.join(again, case, by=cast.nadia)
        lines, _earlier = timeline_of(case, relations_of(case).told_as)
        pks = [line.pk for line in lines]
        assert pks == sorted(pks)
        assert {line.number for line in lines} == {"", again.number}

    def test_takes_twelve_queries_at_most(self, case, cast, later, django_assert_max_num_queries):
        for _ in range(4):
            joining.join(a_case(cast.carla, "Once more."), case, by=cast.nadia)
        conversation.customer_writes(case, "Also, my scanner.", by=cast.carla)
        splitting.split_off(case, "my scanner", by=cast.nadia)
        nadia = signed_in(cast.nadia)
        with django_assert_max_num_queries(12):
            assert nadia.get(case.get_absolute_url()).status_code == 200

    def test_what_is_typed_on_a_page_opened_before_goes_to_the_survivor(self, joined, case, cast):
        typed = {"body": "For both.", "once": "d" * 22}
        signed_in(cast.nadia).post(reverse("cases:note", args=[joined.pk]), typed)
        assert case.notes.get().body == "For both."

    def test_offers_undo_for_a_day(self, joined, case, cast):
        url = reverse("cases:undo_joining", args=[joined.pk])
        nadia = signed_in(cast.nadia)
        assert url in nadia.get(case.get_absolute_url()).content.decode()
        assert url not in signed_in(cast.olga).get(case.get_absolute_url()).content.decode()
        with clock.at(TUESDAY + 2 * A_DAY):
            assert url not in nadia.get(case.get_absolute_url()).content.decode()

    def test_undo_leads_to_the_case_that_is_open_again(self, joined, case, cast):
        url = reverse("cases:undo_joining", args=[joined.pk])
        nadia = signed_in(cast.nadia)
        assert f"Take {joined.number} out again?" in said(nadia.get(url))
        assert nadia.post(url).url == joined.get_absolute_url()
        assert fresh(joined).is_open
        assert signed_in(cast.olga).post(url).status_code == 403

    def test_undo_says_what_stays_where_it_was_written(self, joined, case, cast):
        url = reverse("cases:undo_joining", args=[joined.pk])
        nadia = signed_in(cast.nadia)
        assert "since they were joined" not in said(nadia.get(url))
        conversation.customer_writes(joined, "Both fail.", by=cast.carla)
        assert f"One message has been written since they were joined. It stays with {case.number}" in said(
            nadia.get(url)
        )
        conversation.write_to_customer(case, "I have both before me.", by=cast.nadia)
        assert f"2 messages have been written since they were joined. They stay with {case.number}" in said(
            nadia.get(url)
        )
        joining.undo(joined, by=cast.nadia)
        assert [message.body for message in case.messages.order_by("-pk")[:2]] == [
            "I have both before me.",
            "Both fail.",
        ]
        page = said(nadia.get(joined.get_absolute_url()))
        assert f"took it out of {case.number} again; what was said meanwhile stands there" in page

    def test_offers_joining_to_whoever_owns_the_other_case(self, again, case, cast, later):
        ownership.take_over(again, reason="I know her.", by=cast.sam)
        offered = "Join into another…"
        assert offered in said(signed_in(cast.nadia).get(again.get_absolute_url()))
        assert offered not in said(signed_in(cast.olga).get(again.get_absolute_url()))


class TestTheActs:
    def join(self, case, agent, **typed):
        return signed_in(agent).post(reverse("cases:join", args=[case.pk]), typed)

    def test_joining_says_what_will_happen(self, again, case, cast, later):
        page = said(signed_in(cast.nadia).get(reverse("cases:join", args=[again.pk])))
        assert f"{again.number} ends. Its number and Carla’s link lead to the other case." in page
        assert "be in touch with you" in page
        assert f"{case.number}, The upgrade I paid for fails (Nadia Novak)" in page

    def test_joining_leads_to_the_survivor(self, again, case, cast, later):
        assert self.join(again, cast.nadia, into=case.pk).url == case.get_absolute_url()
        assert fresh(again).joined_into == case

    @pytest.mark.parametrize("typed", ["{}", "c-{}", "C{}"])
    def test_a_number_can_be_typed(self, again, case, cast, later, typed):
        self.join(again, cast.nadia, number=typed.format(case.pk))
        assert fresh(again).joined_into == case

    @pytest.mark.parametrize(
        ("typed", "answer"),
        [
            ({}, "Say into which case."),
            ({"number": "C-99999"}, "There is no case with this number."),
            ({"number": "Carla’s"}, "There is no case with this number."),
        ],
    )
    def test_what_is_no_case_is_said_beside_the_field(self, again, cast, later, typed, answer):
        response = self.join(again, cast.nadia, **typed)
        assert response.status_code == 422
        assert answer in said(response)

    def test_another_customers_number_says_what_to_do(self, case, cast):
        theirs = a_case(cast.mallory)
        response = self.join(case, cast.sam, number=theirs.number)
        assert response.status_code == 422
        assert "merge the two customers" in said(response)

    def test_splitting_off_leads_to_the_new_case_and_each_shows_the_other(self, case, cast):
        message = conversation.customer_writes(case, "And my scanner is dead.", by=cast.carla)
        url = reverse("cases:split_off", args=[case.pk])
        nadia = signed_in(cast.nadia)
        typed = {"message": message.pk, "problem": "my scanner is dead", "subject": "", "once": "e" * 22}
        assert "And my scanner is dead." in said(nadia.get(url))
        response = nadia.post(url, typed)
        nadia.post(url, typed)
        new = Case.objects.get(split_from=case)
        assert response.url == new.get_absolute_url()
        assert f"from {case.number}" in said(nadia.get(new.get_absolute_url()))
        assert f"Second problem {new.number}" in said(nadia.get(case.get_absolute_url()))

    def test_words_that_are_not_theirs_come_back_beside_the_field(self, case, cast):
        typed = {"message": case.messages.get().pk, "problem": "My scanner.", "once": "f" * 22}
        response = signed_in(cast.nadia).post(reverse("cases:split_off", args=[case.pk]), typed)
        assert response.status_code == 422
        assert "These are not Carla’s words." in said(response)


def test_the_familiar_owner_is_whoever_owns_the_survivor(again, case, cast, later):
    """A joined case says nothing about who looks after a customer."""
    ownership.accept(ownership.hand_over(again, cast.ben, brief="Yours.", by=cast.nadia), by=cast.ben)
    joining.join(again, case, by=cast.nadia)
    assert a_case(cast.carla, "Something else.").owner == cast.nadia
