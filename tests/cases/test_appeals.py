"""The customer needs someone else: who that can be, by when, and what becomes of their answer."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from cases.models import Appeal, Case, Notice
from cases.models.timeline import Kind
from cases.someone_else import someone_for
from cases.verbs import (
    answering,
    appeals,
    aside,
    closing,
    confidentiality,
    conversation,
    joining,
    ownership,
    promises,
    proposing,
)
from cases.verbs.promises import Pledge
from escalations.models import Flag
from escalations.sweep import sweep
from staff.models import Absence, Calendar, Company
from supportdesk import clock
from supportdesk.announce import announce
from supportdesk.errors import Conflict, NotAllowed, Refused
from tests.cast import (
    REMINDERS,
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

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

LATER = TUESDAY + timedelta(minutes=10)


@pytest.fixture
def vera(cast):
    """The last rung, outside the queue."""
    vera = an_agent("Vera Vogt", cast.warranty)
    Company.objects.update(ombudsperson=vera, ombudsperson_contact="020 7946 0119")
    return vera


@pytest.fixture
def appeal(cast, case) -> Appeal:
    return appeals.ask(case, "Nobody listens to me.", by=cast.carla)


def did_not_help(appeal, cast) -> Appeal:
    """Sam has answered, it did not help, and this is the next one."""
    appeals.did_not_help(appeals.answer(appeal, "I have read it.", by=cast.sam), by=cast.carla)
    return Appeal.objects.open().get()


# -- asking ------------------------------------------------------------------------------------------------------------


def test_the_desk_promises_when_a_person_answers_in_the_hours_of_the_supervisors(cast, case):
    nights = Calendar.objects.create(name="Nights", zone="UTC", tuesday="20:00-24:00", wednesday="20:00-24:00")
    Company.objects.update(supervisors_calendar=nights)
    promise = appeals.ask(case, by=cast.carla).promise
    assert promise.words == "have someone else look at this and answer you"
    assert (promise.due_at, promise.made_by) == (WEDNESDAY.replace(hour=0), "desk")


def test_what_they_say_is_heard_like_anything_else(cast, case, appeal):
    assert case.messages.latest("pk").body == appeal.words == "Nobody listens to me."
    assert fresh(case).latest_words == "Nobody listens to me."


def test_asked_again_it_is_the_same_one_and_new_words_are_added(cast, case, appeal):
    once = everything()
    assert appeals.ask(case, by=cast.carla) == appeals.ask(case, appeal.words, by=cast.carla) == appeal
    assert everything() == once
    for _ in range(2):
        assert appeals.ask(case, "Still nobody.", once="k", by=cast.carla) == appeal
    assert list(case.messages.order_by("pk").values_list("body", flat=True)[1:]) == [
        "Nobody listens to me.",
        "Still nobody.",
    ]


def test_who_was_waited_for_has_spoken(cast, case):
    proposed(case, cast.nadia)
    appeals.ask(case, by=cast.carla)
    assert not case.reminders.filter(waived_at=None).exists()
    with clock.at(REMINDERS[-1]):
        assert sweep(REMINDERS[-1]).failed == {}
    assert fresh(case).state == "proposed", "The proposal itself stands."


def test_what_is_over_stays_over_and_the_answer_is_owed_all_the_same(cast, case):
    answering.say_yes(case, by=cast.carla)
    appeal = appeals.ask(case, "It was not kind.", by=cast.carla)
    case = fresh(case)
    assert not case.is_open and case.decide_by is None and appeal.promise.is_owed
    sweep(WEDNESDAY)
    assert set(Flag.objects.values_list("rule", flat=True)) == {"promise_broken", "someone_else_asked"}
    with clock.at(WEDNESDAY):
        assert appeals.answer(appeal, "I am sorry.", by=cast.sam).answer.body == "I am sorry."
    assert not fresh(case).is_open


def test_what_was_put_aside_is_open_again(cast, case):
    aside.put_aside(case, "spam", by=cast.nadia)
    start = latest_entry()
    appeals.ask(case, by=cast.carla)
    assert kinds(case, start) == [Kind.REOPENED, Kind.PROMISE_MADE, Kind.SOMEONE_ELSE_ASKED]


def test_one_on_a_joined_case_is_answered_where_it_goes_on(cast, case, appeal):
    survivor = a_case(cast.carla, "Told again.")
    joining.join(case, survivor, by=cast.nadia)
    assert appeals.ask(survivor, by=cast.carla) == appeal, "It is the same problem."
    appeals.answer(appeal, "I have read both.", by=cast.sam)
    assert survivor.messages.filter(body="I have read both.").exists()
    assert fresh(appeal).promise.state == "kept"


def test_too_much_is_refused(cast, case):
    with pytest.raises(Refused, match="below 20,000"):
        appeals.ask(case, "a" * 20_001, by=cast.carla)


def test_everybody_who_could_answer_is_told_and_the_owner(cast, case, appeal):
    announce()
    told = Notice.objects.filter(entry__kind=Kind.SOMEONE_ELSE_ASKED).values_list("agent__name", flat=True)
    assert sorted(told) == ["Nadia Novak", "Sam Sato", "Sue Singh"]


# -- who it can be -----------------------------------------------------------------------------------------------------


def test_it_is_nobody_who_had_a_part_in_it(cast, case):
    tina = an_agent("Tina Thal", cast.hardware, is_supervisor=True)
    conversation.write_to_customer(case, "That is how it is.", by=cast.sue)
    with clock.at(LATER):
        appeal = appeals.ask(case, by=cast.carla)
        ownership.take_over(case, reason="I do it.", by=cast.sam)
        Absence.objects.create(agent=cast.sam, cover=tina, starts_at=LATER, announced_at=LATER, announced_by=cast.sam)
        barred = {cast.nadia: "owned it", cast.sue: "wrote last", cast.sam: "owns it now", tina: "stands in"}
        assert someone_for(appeal, LATER).barred == {agent.pk for agent in barred}
        for agent in (cast.sue, cast.sam, tina):
            for act in (appeals.take, lambda one, by: appeals.answer(one, "Hello.", by=by)):
                with pytest.raises(NotAllowed, match="another supervisor has to answer"):
                    act(appeal, by=agent)


def test_the_head_and_the_last_rung_may_though_they_are_no_supervisors(cast, appeal, vera):
    assert appeals.answer(appeal, "I have read it.", by=vera).answered_by_agent == vera


def test_one_who_takes_it_is_named_and_no_second_one_takes_it(cast, appeal):
    appeals.take(appeal, by=cast.sam)
    with pytest.raises(Conflict, match="Sam Sato answers Carla already"):
        appeals.take(appeal, by=cast.sue)
    assert appeals.answer(appeal, "I was quicker.", by=cast.sue).answered_by_agent == cast.sue


# -- their answer ------------------------------------------------------------------------------------------------------


def test_the_answer_is_written_to_the_customer_and_keeps_the_promise(cast, case, appeal):
    appeals.answer(appeal, "I have read it.", by=cast.sam)
    promise = fresh(appeal).promise
    assert (promise.state, promise.kept_by.body) == ("kept", "I have read it.")
    assert first_promise(case).is_owed, "What the owner has promised is still owed."


def test_a_late_answer_answers_for_the_broken_promise(cast, appeal):
    with clock.at(WEDNESDAY):
        sweep(WEDNESDAY)
        appeals.answer(appeal, "I am late, and sorry.", by=cast.sam)
    promise = fresh(appeal).promise
    assert (promise.state, promise.answered_at) == ("broken", WEDNESDAY)


def test_an_open_case_is_left_with_a_next_promise(cast, case, appeal):
    promises.keep(first_promise(case), said="It is on its way.", by=cast.nadia)
    with pytest.raises(Refused) as refused:
        appeals.answer(appeal, "I have read it.", by=cast.sam)
    assert refused.value.code == "next_promise_needed"
    appeals.answer(appeal, "I have read it.", next_promise=Pledge("call you", WEDNESDAY), by=cast.sam)
    assert fresh(case).next_promise.words == "call you"


def test_without_words_it_is_no_answer(cast, appeal):
    with pytest.raises(Refused) as refused:
        appeals.answer(appeal, "  ", by=cast.sam)
    assert refused.value.field == "words"


def test_the_second_to_answer_is_told_who_was_first(cast, appeal):
    appeals.answer(appeal, "I have read it.", by=cast.sam)
    with pytest.raises(Conflict, match="Sam Sato has answered this already"):
        appeals.answer(appeal, "So have I.", by=cast.sue)


def test_nobody_else_keeps_that_promise_or_moves_it(cast, case, appeal):
    keeps_it = (
        lambda: promises.keep(appeal.promise, said="She knows.", by=cast.nadia),
        lambda: promises.move(appeal.promise, pledge(), reason="Busy.", by=cast.sam),
        lambda: conversation.write_to_customer(case, "She knows.", keeps=[appeal.promise], by=cast.nadia),
        lambda: proposing.propose(
            case, kind="solved", words="Done.", why_none="None.", keeps=[appeal.promise], by=cast.nadia
        ),
    )
    for act in keeps_it:
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "someone_else_keeps_it"


# -- on the page of the case -------------------------------------------------------------------------------------------


def acts_on(case, agent) -> set[str]:
    """Which acts on what the customer has asked for the page of the case offers to this agent."""
    text = signed_in(agent).get(case.get_absolute_url()).content.decode()
    return set(re.findall(r"/escalations/appeals/\d+/(\w+)/", text))


def test_everybody_reads_there_what_was_asked_and_only_who_may_answer_can(cast, case, appeal):
    for agent in (cast.nadia, cast.ben, cast.olga):
        text = said(signed_in(agent).get(case.get_absolute_url()))
        assert "Carla asks for someone else to look at this" in text and appeal.words in text
        assert "Somebody who had no part in it answers by" in text
        assert acts_on(case, agent) == set()
    assert acts_on(case, cast.sam) == acts_on(case, cast.sue) == {"answer", "take"}
    appeals.take(appeal, by=cast.sue)
    assert acts_on(case, cast.sam) == {"answer"}
    assert "Sue Singh answers by" in said(signed_in(cast.nadia).get(case.get_absolute_url()))


def test_nor_does_it_offer_it_to_who_had_a_part_in_it_owns_it_or_stands_in(cast, case):
    tina = an_agent("Tina Thal", cast.hardware, is_supervisor=True)
    conversation.write_to_customer(case, "That is how it is.", by=cast.sue)
    with clock.at(LATER):
        appeals.ask(case, by=cast.carla)
        ownership.take_over(case, reason="I do it.", by=cast.sam)
        assert acts_on(case, tina) == {"answer", "take"}
        Absence.objects.create(agent=cast.sam, cover=tina, starts_at=LATER, announced_at=LATER, announced_by=cast.sam)
        assert [acts_on(case, agent) for agent in (cast.sue, cast.sam, tina)] == [set()] * 3


def test_answered_there_one_stays_there_and_nothing_is_asked_any_more(cast, case, appeal):
    sams = signed_in(cast.sam)
    page = sams.post(reverse("escalations:answer_appeal", args=[appeal.pk]), {"words": "I have read it."}, follow=True)
    assert page.redirect_chain == [(case.get_absolute_url(), 302)]
    assert "Carla can read your answer now" in said(page)
    assert "Somebody who had no part in it answers" not in said(page) and acts_on(case, cast.sue) == set()


def test_what_the_answer_alone_keeps_is_offered_to_nobody_to_be_kept_or_moved(cast, case, appeal):
    def offered() -> set[tuple[str, str]]:
        text = signed_in(cast.nadia).get(case.get_absolute_url()).content.decode()
        return set(re.findall(r"/promises/(\d+)/(keep|new-date)/", text))

    own, theirs = str(first_promise(case).pk), str(appeal.promise_id)
    assert offered() == {(own, "keep"), (own, "new-date")}
    promises.keep(first_promise(case), said="So.", next_promise=pledge(hours=90), by=cast.nadia)
    assert theirs == str(fresh(case).next_promise_id) and theirs not in {pk for pk, _ in offered()}
    appeals.answer(appeal, "I have read it.", by=cast.sam)
    assert len(offered()) == 2


def test_asked_on_a_joined_case_it_is_answered_on_the_page_of_the_one_that_goes_on(cast, case, appeal):
    survivor = a_case(cast.carla, "Told again.")
    joining.join(case, survivor, by=cast.nadia)
    assert acts_on(survivor, cast.sam) == {"answer", "take"}


def test_where_an_answer_has_not_helped_it_is_offered_to_the_last_rung_alone(cast, case, appeal, vera):
    did_not_help(appeal, cast)
    assert acts_on(case, vera) == {"answer", "take"}
    assert acts_on(case, cast.sue) == set()


# -- whether it helped -------------------------------------------------------------------------------------------------


def test_where_it_did_not_help_the_last_rung_answers_by_name_and_time(cast, case, appeal, vera):
    next_one = did_not_help(appeal, cast)
    assert next_one.promise.words == "have Vera Vogt look at this and answer you"
    someone = someone_for(next_one, TUESDAY)
    assert (someone.is_last, someone.named) == (True, vera)
    with pytest.raises(NotAllowed, match="Vera Vogt answers this"):
        appeals.answer(next_one, "I try.", by=cast.sue)
    announce()
    assert vera.notices.filter(entry__kind=Kind.ANSWER_DID_NOT_HELP).exists()
    answered = appeals.answer(next_one, "I am outside all this.", by=vera)
    appeals.did_not_help(answered, by=cast.carla)
    assert not Appeal.objects.open().exists(), "Nobody stands above the last rung."


def test_without_anybody_named_another_supervisor_answers_and_never_the_same(cast, appeal):
    next_one = did_not_help(appeal, cast)
    assert next_one.promise.words == "have another supervisor look at this and answer you"
    with pytest.raises(NotAllowed):
        appeals.answer(next_one, "Once more.", by=cast.sam)
    assert appeals.answer(next_one, "I see it otherwise.", by=cast.sue).answered_by_agent == cast.sue


def test_a_last_rung_that_owns_the_case_leaves_it_to_the_head(cast, case, appeal, vera):
    Company.objects.update(head=cast.sue)
    next_one = did_not_help(appeal, cast)
    ownership.accept(ownership.hand_over(case, vera, brief="Yours.", by=cast.nadia), by=vera)
    assert someone_for(next_one, TUESDAY).named == cast.sue


def test_one_says_it_once_and_not_both_ways(cast, appeal):
    with pytest.raises(Conflict, match="Nobody has answered"):
        appeals.helped(appeal, by=cast.carla)
    appeals.answer(appeal, "I have read it.", by=cast.sam)
    appeals.helped(appeal, by=cast.carla)
    with pytest.raises(Conflict, match="the opposite"):
        appeals.did_not_help(appeal, by=cast.carla)


def test_after_an_answer_it_can_be_asked_again(cast, case, appeal):
    appeals.helped(appeals.answer(appeal, "I have read it.", by=cast.sam), by=cast.carla)
    again = appeals.ask(case, "It is as before.", by=cast.carla)
    assert again != appeal and cast.sam.pk in someone_for(again, TUESDAY).barred
    assert not someone_for(again, TUESDAY).is_last


def test_the_last_rung_sees_what_is_confidential(cast, case, vera):
    confidentiality.make_confidential(case, reason="It is about her health.", by=cast.nadia)
    assert Case.objects.visible_to(vera).filter(pk=case.pk).exists()
    assert not Case.objects.visible_to(cast.wanda).filter(pk=case.pk).exists()


# -- a note, an offer --------------------------------------------------------------------------------------------------


def test_a_note_to_the_owner_stands_inside_and_tells_them(cast, case):
    conversation.note_to_owner(case, "Ring her before noon.", by=cast.sam)
    announce()
    assert cast.nadia.notices.get().entry.kind == Kind.NOTE_TO_OWNER
    assert case.notes.get().body == "Ring her before noon."


def test_where_nobody_owns_it_there_is_nobody_to_write_to(cast, tuesday):
    with clock.at(SUNDAY):
        case = a_case(cast.mallory)
    with pytest.raises(Refused, match="take it over"):
        conversation.note_to_owner(case, "Hello.", by=cast.sam)


def test_who_owns_it_writes_a_note_like_anybody(cast, case):
    ownership.accept(ownership.hand_over(case, cast.sam, brief="Yours.", by=cast.nadia), by=cast.sam)
    with pytest.raises(NotAllowed, match="You own this case yourself"):
        conversation.note_to_owner(case, "Hello.", by=cast.sam)


def test_a_supervisor_offers_it_on_the_owners_behalf_and_the_owner_is_told(cast, case):
    offer = ownership.hand_over(case, cast.ben, brief="Nadia is ill.", by=cast.sam)
    assert (offer.from_agent, fresh(case).owner) == (cast.nadia, cast.nadia)
    announce()
    told = Notice.objects.filter(entry__kind=Kind.HANDOVER_OFFERED).values_list("agent__name", flat=True)
    assert sorted(told) == ["Ben Becker", "Nadia Novak"]
    assert ownership.accept(offer, by=cast.ben).owner == cast.ben


def test_closing_over_it_leaves_it_owed(cast, case, appeal):
    closing.override(case, reason="A double.", by=cast.sue)
    assert fresh(appeal).promise.is_owed and fresh(appeal).is_open
