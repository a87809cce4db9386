"""What the customer sees of a problem that was told twice, and of a second problem that was split off."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import Case
from cases.verbs import answering, complaints, conversation, joining, promises, refusals, splitting, subtasks
from customers import merging
from portal.links import LIVES_AFTER_CLOSING, case_behind, participant_path, status_path
from supportdesk import clock
from tests.cast import TUESDAY, a_case, first_promise, fresh, kinds, pledge, proposed, takes_part
from tests.pages import signed_in
from tests.portal.conftest import press, words


@pytest.fixture
def again(case, cast) -> Case:
    with clock.at(TUESDAY + timedelta(hours=1)):
        return a_case(cast.carla, "Still no upgrade, and nobody writes.")


@pytest.fixture
def joined(again, case, cast):
    with clock.at(TUESDAY + timedelta(hours=2)):
        joining.join(again, case, by=cast.nadia)
        yield fresh(again)


def token(case: Case) -> str:
    return status_path(case).removeprefix("/help/c/").removesuffix("/")


def test_both_links_show_the_one_problem_with_every_message(client, joined, case):
    for link in (status_path(joined), status_path(case)):
        page = words(client.get(link))
        assert "Your problem: “The upgrade I paid for fails”" in page
        assert "The upgrade I paid for fails." in page
        assert "Still no upgrade, and nobody writes." in page
        assert "You told us again" in page


def test_it_is_said_without_our_words(client, joined):
    page = words(client.get(status_path(joined)))
    for ours in ("joined", "closed", "C-10402", "ticket"):
        assert ours not in page


def test_what_was_promised_on_either_can_still_be_expected(client, again, case, cast):
    with clock.at(TUESDAY + timedelta(hours=2)):
        promises.make(again, pledge("send you the key"), by=cast.nadia)
        joining.join(again, case, by=cast.nadia)
        page = words(client.get(status_path(again)))
    assert "send you the key" in page
    assert "be in touch with you" in page


def test_a_date_that_moved_before_the_joining_still_says_both(client, again, case, cast):
    with clock.at(TUESDAY + timedelta(hours=2)):
        promises.keep(first_promise(case), said="Soon.", next_promise=pledge(hours=90), by=cast.nadia)
        promises.move(first_promise(again), pledge(hours=4), reason="The part is late.", by=cast.nadia)
        joining.join(again, case, by=cast.nadia)
        page = words(client.get(status_path(again)))
    assert "We said Tuesday 10 March, 4 pm. It will be 5 pm. The reason: The part is late." in page


@pytest.mark.parametrize("link_of", ["again", "case"])
def test_a_complaint_and_a_no_on_either_go_on_here(client, again, case, cast, link_of):
    complaint = complaints.complain(again, "I was hung up on.", by=cast.carla)
    told = {"asked": "My money back", "ground": "The offer ended on 3 March.", "read_before": "The offer"}
    refusal = refusals.refuse(again, kind="not_entitled", **told, decider="Wanda", by=cast.nadia)
    with clock.at(TUESDAY + timedelta(hours=2)):
        joining.join(again, case, by=cast.nadia)
        complaints.answer(complaint, "That was wrong of us.", by=complaint.owner)
        link = status_path({"again": again, "case": case}[link_of])
        page = words(client.get(link))
        assert "I was hung up on." in page and "That was wrong of us." in page
        assert "My money back" in page and "The offer ended on 3 March." in page
        client.post(f"{link}another-look/{refusal.pk}/", {"words": "I ordered in February."})
    assert fresh(refusal).is_disputed
    assert "another_look_asked" in kinds(case) and "another_look_asked" not in kinds(again)


def test_who_takes_part_reads_no_complaint_of_the_joined_one(client, again, case, cast):
    complaints.complain(again, "I was hung up on.", by=cast.carla)
    participant = takes_part(case, cast.mallory, sees="messages", by=cast.nadia)
    with clock.at(TUESDAY + timedelta(hours=2)):
        joining.join(again, case, by=cast.nadia)
        assert "I was hung up on." not in words(client.get(participant_path(participant)))


def test_what_departments_did_for_either_stands_in_the_story(client, again, case, cast):
    part = subtasks.ask(again, cast.hardware, "Test", plain_words="testing your board", by=cast.nadia)
    subtasks.done(part, outcome="Fine.", by=cast.olga)
    with clock.at(TUESDAY + timedelta(hours=2)):
        joining.join(again, case, by=cast.nadia)
        assert "Testing your board: done" in words(client.get(status_path(again)))


def test_every_act_from_the_link_of_the_joined_one_counts_for_the_survivor(browser, joined, case, cast):
    link = status_path(joined)
    press(browser, link + "add/", words="One more thing.")
    assert case.messages.filter(body="One more thing.").exists()
    proposed(case, cast.nadia)
    press(browser, link + "not-yet/", words="It still fails.")
    assert fresh(case).state == Case.State.OPEN
    proposed(case, cast.nadia, words="Now it works.")
    press(browser, link + "yes/")
    assert fresh(case).outcome == Case.Outcome.CONFIRMED
    assert fresh(joined).outcome == Case.Outcome.JOINED


def test_the_link_lives_as_long_as_the_survivor(client, joined, case, cast):
    with clock.at(joined.closed_at + LIVES_AFTER_CLOSING + timedelta(days=1)):
        assert case_behind(token(joined)) == case
        answering.say_yes(case, by=cast.carla)
    with clock.at(fresh(case).closed_at + LIVES_AFTER_CLOSING + timedelta(days=1)):
        assert case_behind(token(joined)) is None


def test_the_link_lives_until_a_complaint_about_either_is_answered(again, case, cast):
    complaint = complaints.complain(again, "I was hung up on.", by=cast.carla)
    with clock.at(TUESDAY + timedelta(hours=2)):
        joining.join(again, case, by=cast.nadia)
        answering.withdraw(case, by=cast.carla)
    long_after = TUESDAY + LIVES_AFTER_CLOSING + timedelta(days=1)
    with clock.at(long_after):
        assert case_behind(token(again)) == case
        complaints.answer(complaint, "That was wrong of us.", by=complaint.owner)
    with clock.at(long_after + LIVES_AFTER_CLOSING + timedelta(days=1)):
        assert case_behind(token(again)) is None


def test_a_forged_link_of_a_joined_one_leads_nowhere(client, joined, case):
    assert case_behind(f"{joined.key}.{token(case).split('.')[1]}") is None


def test_taken_out_again_each_has_its_own_page(client, joined, case, cast):
    joining.undo(joined, by=cast.nadia)
    assert "Still no upgrade, and nobody writes." not in words(client.get(status_path(case)))
    assert "You told us again" not in words(client.get(status_path(joined)))
    assert case_behind(token(joined)) == joined


def test_what_was_said_while_they_were_one_is_found_from_the_page_of_what_was_taken_out(client, joined, case, cast):
    conversation.customer_writes(joined, "Both fail.", by=cast.carla)
    with clock.at(TUESDAY + timedelta(hours=3)):
        joining.undo(joined, by=cast.nadia)
        page = client.get(status_path(joined))
        assert "Both fail." not in words(page)
        assert (
            "From Tuesday 10 March, 1 pm to Tuesday 10 March, 2 pm we took this for one with your other problem."
            " What was said then stands there: “ The upgrade I paid for fails ”"
        ) in words(page)
        assert f'href="{status_path(case)}"' in page.content.decode()
        assert "Both fail." in words(client.get(status_path(case)))
        looked_at = signed_in(cast.olga).get(f"/help/view/{joined.number}/").content.decode()
        assert f'href="/help/view/{case.number}/"' in looked_at


def test_where_nothing_was_said_meanwhile_nothing_is_said_of_it(client, joined, cast):
    with clock.at(TUESDAY + timedelta(hours=3)):
        joining.undo(joined, by=cast.nadia)
        assert "your other problem" not in words(client.get(status_path(joined)))


def test_two_people_again_neither_is_led_to_what_is_the_others(client, cast, case):
    merging_of = merging.merge(cast.carla, cast.mallory, by=cast.ben)
    with clock.at(TUESDAY + timedelta(hours=1)):
        theirs = a_case(cast.mallory, "Mine fails too.")
        joining.join(theirs, case, by=cast.sam)
        conversation.customer_writes(case, "Both fail.", by=cast.carla)
        joining.undo(theirs, by=cast.sam)
    assert "your other problem" in words(client.get(status_path(theirs)))
    merging.undo(merging_of, by=cast.ben)
    assert "your other problem" not in words(client.get(status_path(theirs)))


def test_staff_see_what_the_customer_sees_under_either_number(joined, case, cast):
    page = words(signed_in(cast.olga).get(f"/help/view/{joined.number}/"))
    assert "You see what Carla sees." in page
    assert "Still no upgrade, and nobody writes." in page


def test_takes_the_same_few_queries_however_often_it_was_told(client, case, cast, django_assert_max_num_queries):
    for _ in range(5):
        joining.join(a_case(cast.carla, "Once more."), case, by=cast.nadia)
    with django_assert_max_num_queries(12):
        client.get(status_path(case))


def test_a_second_problem_and_the_first_lead_to_each_other(client, case, cast):
    conversation.customer_writes(case, "Also, my scanner is dead.", by=cast.carla)
    new = splitting.split_off(case, "my scanner is dead", subject="The scanner is dead", by=cast.nadia)
    first, second = client.get(status_path(case)), client.get(status_path(new))
    assert "Your other problem: “ The scanner is dead ”" in words(first)
    assert "Your other problem: “ The upgrade I paid for fails ”" in words(second)
    assert f'href="{status_path(new)}"' in first.content.decode()
    assert f'href="{status_path(case)}"' in second.content.decode()


def test_staff_who_look_are_led_to_the_page_that_they_may_look_at(case, cast):
    new = splitting.split_off(case, "The upgrade", by=cast.nadia)
    page = signed_in(cast.olga).get(f"/help/view/{case.number}/").content.decode()
    assert f'href="/help/view/{new.number}/"' in page
    assert status_path(new) not in page
