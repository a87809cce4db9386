"""The customer's page says who, what and by when, in every state, and what the customer does there counts once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.actors import LOG
from cases.models import Case, Message
from cases.verbs import answering, assurances, closing, conversation, ownership, promises, proposing, silence, subtasks
from cases.verbs.promises import Pledge
from escalations.sweep import sweep
from portal.links import status_path
from supportdesk import clock
from supportdesk.announce import announce
from tests.cast import SILENCE, SUNDAY, TUESDAY, a_case, first_promise, fresh, kinds, latest_entry, pledge, proposed
from tests.portal.conftest import hidden_fields, press, words

UNSEEN = "canary-4711-inside"
# Carla lives in Rome, one hour ahead: two o'clock UTC is three there.
THREE = "Tuesday 10 March, 3 pm"


def reads(client, link) -> str:
    return words(client.get(link))


# -- what it says ----------------------------------------------------------------------------------------------------


def test_an_open_problem_says_who_what_and_by_when(client, link):
    assert f"Nadia Novak will be in touch with you by {THREE}." in reads(client, link)


def test_what_nobody_owns_yet_says_that_we_are_finding_someone_and_by_when(client, cast):
    with clock.at(SUNDAY):
        link = status_path(a_case(cast.carla))
        page = reads(client, link)
    assert "We are finding the right person for you. They will be in touch with you by Monday 9 March, 2 pm." in page
    assert "Now: we are finding the right person for you" in page
    assert "Nobody yet" not in page


def test_a_late_promise_says_so_before_any_sweep_has_run(client, link):
    with clock.at(TUESDAY + timedelta(hours=5)):
        page = reads(client, link)
    assert f"We said {THREE}, and we are late." in page
    assert "Nadia Novak promised to be in touch with you." in page
    assert "A supervisor is being told now." in page
    assert "has been told" not in page


def test_a_late_promise_says_who_has_been_told_once_they_have(client, case, link):
    late = TUESDAY + timedelta(hours=5)
    with clock.at(late):
        sweep(late)
        announce()
        page = reads(client, link)
    assert "Nadia has been told, and so has a supervisor." in page


def test_a_moved_date_stays_with_both_dates_and_the_reason(client, cast, case, link):
    moved = Pledge("be in touch with you", TUESDAY + timedelta(days=1))
    promises.move(first_promise(case), moved, reason="Raj is ill today.", by=cast.nadia)
    page = reads(client, link)
    assert f"We said {THREE}. It will be Wednesday 11 March, 11 am." in page
    assert "The reason: Raj is ill today." in page
    assert "by Wednesday 11 March, 11 am." in page


def test_a_move_within_the_day_names_the_day_once(client, cast, case, link):
    moved = Pledge("be in touch with you", TUESDAY + timedelta(hours=6))
    promises.move(first_promise(case), moved, reason="x", by=cast.nadia)
    assert f"We said {THREE}. It will be 5 pm." in reads(client, link)


def test_what_came_without_a_promise_says_that_we_owe_a_date(client, cast, case, link):
    case.promises.all().update(state="moot", ended_at=TUESDAY)
    assert "Nadia Novak is looking after this. We owe you a date." in reads(client, link)


def test_a_date_that_moved_twice_shows_all_three(client, cast, case, link):
    first = first_promise(case)
    second = promises.move(first, pledge("call you", 24), reason="The first reason.", by=cast.nadia)
    promises.renegotiate(second, pledge("call you", 48), agreement="on the telephone", by=cast.nadia)
    page = reads(client, link)
    assert f"We said {THREE}. The reason: The first reason." in page
    assert "Then we said Wednesday 11 March, 11 am. It will be Thursday 12 March, 11 am." in page
    assert "We agreed on this with you." in page


def test_what_else_is_promised_stands_below(client, cast, case, link):
    promises.make(case, pledge("send you the receipt", 48), by=cast.nadia)
    assert "Nadia will send you the receipt by Thursday 12 March, 11 am." in reads(client, link)


def test_the_departments_parts_are_told_in_plain_words_with_exactly_one_then(client, cast, case, link):
    subtasks.ask(case, cast.hardware, "Look.", plain_words="our engineers are looking at your disk", by=cast.nadia)
    done = subtasks.ask(case, cast.warranty, UNSEEN, by=cast.nadia)
    subtasks.done(done, outcome=UNSEEN, by=cast.wanda)
    dropped = subtasks.ask(case, cast.hardware, "x", plain_words="something nobody does", by=cast.nadia)
    subtasks.drop(dropped, reason=UNSEEN, by=cast.nadia)
    response = client.get(link)
    page = words(response)
    assert "You told us" in page and "Nadia took it on" in page
    assert "Warranty has done its part" in page
    assert "Now: our engineers are looking at your disk since today, 11 am" in page
    assert "something nobody does" not in page
    assert response.content.count(b'data-step="then"') == 1
    assert "Then: we ask you whether it is solved" in page


def test_a_part_without_plain_words_names_the_department_as_customers_know_it(client, cast, case, link):
    subtasks.ask(case, cast.hardware, "Look.", by=cast.nadia)
    assert "Now: the hardware team is working on it" in reads(client, link)


def test_a_part_that_waits_says_so_and_nothing_of_what_for(client, cast, case, link):
    part = subtasks.ask(case, cast.hardware, "Look.", plain_words="our engineers look at your disk", by=cast.nadia)
    subtasks.accept(part, committed_at=TUESDAY + timedelta(days=1), by=cast.olga)
    with clock.at(TUESDAY + timedelta(hours=1)):
        subtasks.wait(part, UNSEEN, by=cast.olga)
        subtasks.ask_later(part, TUESDAY + timedelta(days=2), UNSEEN, by=cast.olga)
        page = reads(client, link)
    assert "Now: our engineers look at your disk. That has to wait for the moment since today, noon" in page
    assert UNSEEN not in page


def test_what_could_not_be_reproduced_is_still_being_looked_at(client, cast, case, link):
    cast.hardware.second_line = cast.warranty
    cast.hardware.save(update_fields=["second_line"])
    part = subtasks.ask(case, cast.hardware, "Look.", plain_words="our engineers look at your disk", by=cast.nadia)
    with clock.at(TUESDAY + timedelta(hours=1)):
        successor = subtasks.could_not_reproduce(part, UNSEEN, by=cast.olga)
        page = reads(client, link)
        assert "Now: our engineers look at your disk since today, 11 am" in page
        assert page.count("our engineers look at your disk") == 1
        assert UNSEEN not in page
        subtasks.done(successor, outcome=UNSEEN, by=cast.wanda)
        page = reads(client, link)
    assert "Our engineers look at your disk: done" in page
    assert page.count("ur engineers look at your disk") == 1


def test_what_comes_only_after_another_part_is_not_said_to_be_worked_on(client, cast, case, link):
    first = subtasks.ask(case, cast.hardware, "Look.", plain_words="our engineers look at your disk", by=cast.nadia)
    second = subtasks.ask(case, cast.warranty, "Say yes.", plain_words="we find a new disk", after=first, by=cast.nadia)
    assert "we find a new disk" not in reads(client, link)
    subtasks.done(first, outcome="Dead.", by=cast.olga)
    assert "Now: we find a new disk" in reads(client, link)
    subtasks.done(second, outcome="Found.", by=cast.wanda)
    assert "We find a new disk: done" in reads(client, link)


def test_what_was_said_by_telephone_stands_among_the_messages(client, cast, case, link):
    assurances.take_call(case, "Nobody called me.", by=cast.ben)
    page = reads(client, link)
    assert "You by telephone" in page
    assert "Nobody called me." in page


def test_a_proposal_is_read_with_the_wish_it_meets_and_two_plain_answers(client, cast, case, link):
    proposed(case, cast.nadia)
    page = reads(client, link)
    assert "Nadia Novak thinks that this is solved. Is it?" in page
    assert "Your upgrade is in your account." in page
    assert "This is your first choice: “ The upgrade works ”" in page
    assert "Yes, it is solved Not yet Add something" in page
    assert "Now: we ask you whether it is over" in page and "Then: it is over if you say yes" in page


def test_an_unconfirmed_problem_reads_as_a_proposed_one(client, cast, case, link):
    proposed(case, cast.nadia)
    with clock.at(SILENCE):
        promises.keep(first_promise(case), said="Called.", by=cast.nadia)
        sweep(SILENCE)
        assert fresh(case).state == Case.State.UNCONFIRMED
        assert "Is it?" in reads(client, link)


def test_a_yes_over_an_open_part_is_thanked_and_says_what_follows(client, cast, case, link):
    subtasks.ask(case, cast.hardware, "Look.", by=cast.nadia)
    proposed(case, cast.nadia)
    answering.say_yes(case, by=case.customer)
    page = reads(client, link)
    assert "Thank you. We finish one thing, then it is over." in page
    assert "Then: it is over" in page
    assert "Nadia will be in touch with you by" in page


def test_the_end_that_the_customer_wanted(client, cast, case, link):
    proposed(case, cast.nadia)
    answering.say_yes(case, by=case.customer)
    page = reads(client, link)
    assert "It is over. You said so on Tuesday 10 March, 11 am." in page
    assert "It is not over" in page
    assert 'data-step="then"' not in client.get(link).content.decode()


def test_the_end_by_silence_is_not_called_solved(client, cast, case, link):
    promises.keep(first_promise(case), said="Called.", next_promise=pledge(), by=cast.nadia)
    proposed(case, cast.nadia)
    silence.unconfirm(case, by=LOG)
    silence.close_unanswered(case, by=cast.sam)
    page = reads(client, link)
    assert "We have stopped asking you." in page and "We do not count this as solved." in page


def test_the_end_by_a_supervisor_says_that_it_was_without_a_yes(client, cast, case, link):
    closing.override(case, reason=UNSEEN, by=cast.sam)
    page = reads(client, link)
    assert "We have ended this on Tuesday 10 March, 11 am, without your yes." in page
    assert UNSEEN not in page


def test_the_words_of_the_desk_are_never_on_it(client, cast, case, link):
    """Never case, ticket, closed, resolved (screens S5)."""
    pages = [reads(client, link)]
    subtasks.ask(case, cast.hardware, "Look.", by=cast.nadia)
    proposed(case, cast.nadia)
    pages += [reads(client, link + act) for act in ("", "add/", "yes/", "not-yet/")]
    answering.say_yes(case, by=case.customer)
    pages += [reads(client, link)]
    closing.override(case, reason="x", by=cast.sam)
    pages += [reads(client, link + act) for act in ("", "add/", "not-yet/")]
    for page in pages:
        said = {word.strip(".,:;?!“”").lower() for word in page.split()}
        assert said.isdisjoint({"case", "ticket", "closed", "resolved", "sub-task", "agent", "escalation"})


def test_all_messages_are_there_with_who_and_when(client, cast, case, link):
    conversation.write_to_customer(case, "Thank you for the receipt.", by=cast.nadia)
    page = reads(client, link)
    assert "All messages 2" in page
    assert "Nadia Novak , today, 11 am Thank you for the receipt." in page


def test_a_message_for_later_is_not_there_yet(client, cast, case, link):
    conversation.write_to_customer(case, "Tomorrow's words", send_at=TUESDAY + timedelta(hours=1), by=cast.nadia)
    assert "Tomorrow" not in reads(client, link)
    with clock.at(TUESDAY + timedelta(hours=2)):
        assert "Tomorrow's words" in reads(client, link)


def test_last_update_is_the_last_thing_that_changed(client, cast, case, link):
    with clock.at(TUESDAY + timedelta(hours=1, minutes=30)):
        subtasks.ask(case, cast.hardware, "Look.", by=cast.nadia)
    with clock.at(TUESDAY + timedelta(hours=3)):
        assert "Last update: today, 12:30 pm" in reads(client, link)


def test_the_zone_is_named_where_it_is_not_ours(client, cast, case, link):
    assert "(times in Europe/Rome)" in reads(client, link)
    case.customer.zone = "Mars/Olympus"
    case.customer.save(update_fields=["zone"])
    assert "by Tuesday 10 March, 2 pm." in reads(client, link)


def test_a_new_owner_is_named(client, cast, case, link):
    ownership.take_over(case, reason="I know her.", by=cast.sam)
    page = reads(client, link)
    assert "Sam Sato will be in touch with you" in page and "Nadia" not in page


# -- what it never says ------------------------------------------------------------------------------------------------


def test_nothing_said_inside_is_on_it_a43(client, cast, case, link):
    conversation.note(case, f"{UNSEEN} note", by=cast.nadia)
    part = subtasks.ask(case, cast.hardware, f"{UNSEEN} ask", by=cast.nadia)
    ownership.hand_over(case, cast.ben, brief=f"{UNSEEN} brief", by=cast.nadia)
    subtasks.accept(part, committed_at=TUESDAY + timedelta(hours=3), by=cast.olga)
    assert UNSEEN not in client.get(link).content.decode()
    subtasks.done(part, outcome=f"{UNSEEN} outcome", by=cast.olga)
    closing.override(case, reason=f"{UNSEEN} reason", by=cast.sam)
    for act in ("", "add/", "not-yet/"):
        assert UNSEEN not in client.get(link + act).content.decode()


def test_the_customers_name_is_not_on_it(client, case, link):
    """Whoever types somebody's address gets a link to what they wrote; the name we know is not theirs to learn."""
    assert "Carla" not in reads(client, link) and "Conti" not in reads(client, link)


HOSTILE = "\"><script>alert(1)</script> {{ 7|add:7 }} \u202egnp.exe '"


def test_hostile_words_stay_words_everywhere_a07(client, cast, db, tuesday):
    case = a_case(cast.carla, HOSTILE, desired_outcome=HOSTILE, preferences=(HOSTILE, HOSTILE))
    cast.nadia.name = HOSTILE
    cast.nadia.save(update_fields=["name"])
    promises.move(first_promise(case), Pledge(HOSTILE, TUESDAY + timedelta(days=1)), reason=HOSTILE, by=cast.nadia)
    subtasks.ask(case, cast.hardware, "x", plain_words=HOSTILE, by=cast.nadia)
    conversation.customer_writes(case, HOSTILE, by=cast.carla)
    conversation.write_to_customer(case, HOSTILE, by=cast.nadia)
    link = status_path(case)
    pages = [client.get(link)]
    proposing.propose(case, kind="solved", words=HOSTILE, why_none=HOSTILE, by=cast.nadia)
    pages += [client.get(link + act) for act in ("", "add/", "yes/", "not-yet/")]
    pages += [press(client, link + "yes/", words=HOSTILE)]
    for page in pages:
        assert page.status_code == 200
        text = page.content.decode()
        assert "<script" not in text and "&lt;script" in text
        assert "\u202e" not in text.partition("</title>")[0], "A title cannot be turned around."
        assert "{{ 7|add:7 }}" in words(page), "Nobody's words are a template."


# -- what can be done there --------------------------------------------------------------------------------------------


def test_adding_something_counts_once_and_says_what_happens_now(browser, case, link):
    opened = browser.get(link + "add/")
    form = hidden_fields(opened) | {"words": "It also fails\r\non my other computer."}
    before = latest_entry()
    answer = browser.post(link + "add/", form)
    assert (answer.status_code, answer["Location"]) == (302, link)
    browser.post(link + "add/", form)
    assert kinds(case, before) == ["message_from_customer"]
    message = case.messages.latest("pk")
    assert (message.body, message.channel) == ("It also fails\non my other computer.", Message.Channel.PORTAL)
    assert "Nadia has it and will be in touch with you by today, 3 pm." in words(browser.get(link))


def test_adding_to_what_is_late_does_not_pretend(browser, case, link):
    with clock.at(TUESDAY + timedelta(hours=5)):
        press(browser, link + "add/", words="Hello?")
        assert "Nadia has it. What we promised is still late." in words(browser.get(link))


def test_adding_nothing_is_an_error_beside_the_field_and_on_top(browser, case, link):
    answer = press(browser, link + "add/", words="  \r\n ")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error:" in " ".join(page.split())
    assert words(answer).count("Write what you would like to add.") == 2
    assert "autofocus" in page and 'aria-invalid="true"' in page


@pytest.mark.parametrize(
    "typed, error", [("x" * 20_001, "Please stay below 20000 characters"), ("a\0b", "cannot be kept")]
)
def test_what_cannot_be_kept_is_said_and_not_lost(browser, case, link, typed, error):
    before = latest_entry()
    answer = press(browser, link + "add/", words=typed)
    assert answer.status_code == 422
    assert error in words(answer)
    assert typed.replace("\0", "") in answer.content.decode().replace("\0", "")
    assert kinds(case, before) == []


def test_adding_to_what_is_over_says_who_reads_it_by_when_and_how_to_open_it_at_once(browser, cast, case, link):
    proposed(case, cast.nadia)
    answering.say_yes(case, by=case.customer)
    assert "If it is not over, say so , and we go on at once." in words(browser.get(link + "add/"))
    press(browser, link + "add/", words="Thank you, once more.")
    assert fresh(case).outcome == Case.Outcome.CONFIRMED
    page = words(browser.get(link))
    assert "We have it. Nadia reads it by Wed 11 Mar, 11 am." in page
    assert "You have written to us since. Nadia reads it by Wednesday 11 March, 11 am; if nobody has decided" in page
    press(browser, link + "not-yet/", words="")
    assert (fresh(case).state, fresh(case).owner) == (Case.State.OPEN, cast.nadia)


def test_a_plain_yes_ends_it(browser, cast, case, link):
    proposed(case, cast.nadia)
    form = hidden_fields(browser.get(link + "yes/")) | {"words": ""}
    before = latest_entry()
    assert browser.post(link + "yes/", form)["Location"] == link
    assert browser.post(link + "yes/", form)["Location"] == link
    assert kinds(case, before).count("closed") == 1
    assert fresh(case).outcome == Case.Outcome.CONFIRMED
    assert "Thank you for telling us." in words(browser.get(link))


def test_a_yes_with_words_is_shown_back_before_it_counts(browser, cast, case, link):
    proposed(case, cast.nadia)
    shown = press(browser, link + "yes/", words="Finally.\r\nThank you")
    assert shown.status_code == 200
    assert "This is what you wrote Finally. Thank you" in words(shown)
    assert fresh(case).state == Case.State.PROPOSED
    assert browser.post(link + "yes/", hidden_fields(shown)).status_code == 302
    assert fresh(case).outcome == Case.Outcome.CONFIRMED
    assert case.messages.latest("pk").body == "Finally.\nThank you"


def test_a_yes_to_what_is_no_longer_proposed_does_not_count(browser, cast, case, link):
    proposed(case, cast.nadia)
    form = hidden_fields(browser.get(link + "yes/")) | {"words": ""}
    proposing.propose(case, kind="way_round", words="We were wrong.", why_none="It broke.", by=cast.nadia)
    answer = browser.post(link + "yes/", form)
    assert answer.status_code == 409
    assert "Please read it, then answer." in words(answer) and "We were wrong." in words(answer)
    assert fresh(case).state == Case.State.PROPOSED
    assert browser.post(link + "yes/", hidden_fields(answer) | {"words": ""}).status_code == 302
    assert fresh(case).outcome == Case.Outcome.CONFIRMED


def test_a_yes_over_an_open_part_waits_for_it(browser, cast, case, link):
    part = subtasks.ask(case, cast.hardware, "Look.", by=cast.nadia)
    proposed(case, cast.nadia)
    press(browser, link + "yes/", words="")
    assert fresh(case).state == Case.State.OPEN
    assert "Thank you. We have your yes." in words(browser.get(link))
    subtasks.done(part, outcome="Good.", by=cast.olga)
    assert fresh(case).outcome == Case.Outcome.CONFIRMED


def test_it_can_be_called_solved_before_anybody_proposes_it(browser, case, link):
    press(browser, link + "yes/", words="")
    assert fresh(case).outcome == Case.Outcome.CONFIRMED


def test_not_yet_needs_no_words_and_counts_once(browser, cast, case, link):
    proposed(case, cast.nadia)
    form = hidden_fields(browser.get(link + "not-yet/")) | {"words": ""}
    before = latest_entry()
    for _ in range(2):
        assert browser.post(link + "not-yet/", form)["Location"] == link
    assert kinds(case, before).count("customer_said_not_yet") == 1
    page = words(browser.get(link))
    assert "Thank you for telling us that it is not over. Nadia has it and will be in touch" in page


def test_not_yet_with_words_sent_twice_is_heard_once(browser, cast, case, link):
    proposed(case, cast.nadia)
    form = hidden_fields(browser.get(link + "not-yet/")) | {"words": "The second code fails."}
    for _ in range(2):
        browser.post(link + "not-yet/", form)
    assert case.messages.filter(body="The second code fails.").count() == 1


@pytest.mark.parametrize("outcome", ["confirmed", "override"])
def test_not_yet_works_after_the_end_too(browser, cast, case, link, outcome):
    if outcome == "override":
        closing.override(case, reason="x", by=cast.sam)
    else:
        answering.say_yes(case, by=case.customer)
    assert fresh(case).outcome == outcome
    press(browser, link + "not-yet/", words="")
    assert (fresh(case).state, fresh(case).owner) == (Case.State.OPEN, cast.nadia)


def test_a_yes_after_an_end_without_the_customer_is_not_swallowed(browser, cast, case, link):
    form = hidden_fields(browser.get(link + "yes/")) | {"words": ""}
    closing.override(case, reason="x", by=cast.sam)
    answer = browser.post(link + "yes/", form)
    assert answer.status_code == 409
    assert fresh(case).outcome == Case.Outcome.OVERRIDE


def test_a_key_of_another_problem_means_nothing_here(browser, cast, case, link):
    other = a_case(cast.carla, "Another problem")
    form = hidden_fields(browser.get(link + "add/")) | {"words": "The same words"}
    browser.post(link + "add/", form)
    assert browser.post(status_path(other) + "add/", form).status_code == 302
    assert other.messages.filter(body="The same words").count() == 1


# -- staff look on -----------------------------------------------------------------------------------------------------


def test_staff_see_the_page_with_nothing_to_press(client, cast, case):
    client.force_login(cast.olga)
    answer = client.get(f"/help/view/C-{case.pk}/")
    page = words(answer)
    assert "You see what Carla sees. Only Carla can act here." in page
    assert f"by {THREE}." in page
    assert "Add something" not in page and "<form" not in answer.content.decode()


def test_the_staffs_view_is_closed_to_strangers_and_knows_what_is_not_there(client, cast, case):
    assert client.get(f"/help/view/C-{case.pk}/").status_code == 302
    client.force_login(cast.olga)
    assert client.get("/help/view/C-999999/").status_code == 404


# -- how much it asks of the database ---------------------------------------------------------------------------------


def test_the_page_asks_at_most_twelve_questions_however_long_the_story(
    client, cast, case, link, django_assert_max_num_queries
):
    for number in range(40):
        conversation.customer_writes(case, f"Message {number}", by=cast.carla)
        conversation.write_to_customer(case, f"Answer {number}", by=cast.nadia)
        subtasks.ask(case, cast.hardware, f"Look {number}", by=cast.nadia)
    late = TUESDAY + timedelta(hours=6)
    with clock.at(late), django_assert_max_num_queries(12):
        assert client.get(link).status_code == 200
