"""Every way in which it ends, as the customer reads it and says it, from the link alone and without a script."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import Case, Resolution
from cases.verbs import answering, aside, closing, conversation, proposing, subtasks
from cases.verbs.promises import Pledge
from escalations.sweep import sweep
from portal.links import status_path
from supportdesk import clock
from tests.cast import TUESDAY, WEDNESDAY, a_case, first_promise, fresh, kinds, latest_entry, proposed
from tests.portal.conftest import hidden_fields, press, words

UNSEEN = "canary-4711-inside"


def reads(client, link) -> str:
    return words(client.get(link))


@pytest.fixture
def a_no(cast, case) -> Resolution:
    told = {"kind": "cannot", "words": "The maker is gone.", "tried": "Two other boards.", "why_none": "None fits."}
    return proposing.propose(case, **told, by=cast.nadia)


@pytest.fixture
def an_introduction(cast, case) -> Resolution:
    asks = Pledge("ask you whether Ada has mended it", TUESDAY + timedelta(days=7))
    told = {"kind": "another", "words": "Ada mends these.", "another": "Ada’s Repairs, 0123 456", "why_none": "x"}
    return proposing.propose(case, **told, check_back=asks, keeps=[first_promise(case)], by=cast.nadia)


# -- what it says ------------------------------------------------------------------------------------------------------


def test_we_cannot_says_why_and_what_was_tried_and_asks_to_understand(client, link, a_no):
    page = reads(client, link)
    assert "We cannot put this right." in page
    assert "The maker is gone. What we tried: Two other boards." in page
    assert "This is none of your choices. Why: None fits." in page
    assert "I understand I do not accept it Add something" in page
    assert "Yes, it is solved" not in page and "Not yet" not in page
    assert "Now: we ask you whether you understand" in page and "Then: it is over if you understand" in page


def test_another_must_do_it_says_who_and_that_we_ask(client, link, an_introduction):
    page = reads(client, link)
    assert "Somebody else has to put this right." in page
    assert "Who must do it: Ada’s Repairs, 0123 456" in page
    assert "Nadia will ask you whether Ada has mended it by Tuesday 17 March, 11 am." in page
    assert "I understand I do not accept it" in page
    assert "Then: we ask you whether they did it" in page


@pytest.mark.parametrize(
    "given_as, sentence",
    [("owed", "We owe you this."), ("put_right", "It is to put right what we did."), ("courtesy", "It is a courtesy.")],
)
def test_a_met_wish_says_on_what_it_rests(client, cast, case, link, given_as, sentence):
    wish = case.preferences.first()
    proposing.propose(case, kind="solved", words="Done.", meets=wish, given_as=given_as, by=cast.nadia)
    assert sentence in reads(client, link)


def test_an_end_that_was_understood_is_not_called_solved(client, cast, case, link, a_no):
    answering.understand(case, by=cast.carla)
    page = reads(client, link)
    assert "It is over. You said on Tuesday 10 March, 11 am that you understand." in page
    assert "we do not count this as solved" in page
    assert "You said that you understand" in page and "You said that it is over" not in page


def test_an_end_that_was_withdrawn_is_not_called_solved(client, cast, case, link):
    answering.withdraw(case, by=cast.carla)
    page = reads(client, link)
    assert "It is over. You said on Tuesday 10 March, 11 am that you no longer need it." in page
    assert "We do not count this as solved." in page


@pytest.mark.parametrize(
    "why, sentence",
    [
        ("spam", "because we took it for advertising."),
        ("test", "because we took it for a test."),
        ("mistake", "because we think that it was sent by mistake."),
    ],
)
def test_what_was_put_aside_says_so_and_how_to_object(browser, cast, case, link, why, sentence):
    aside.put_aside(case, why, by=cast.nadia)
    page = reads(browser, link)
    assert f"We have put this aside {sentence}" in page
    assert "If that is wrong, say so: Nadia looks after it at once" in page
    assert "This is wrong: look after it" in page
    press(browser, link + "not-yet/", words="")
    assert fresh(case).is_open
    assert "Nadia Novak will be in touch with you" in reads(browser, link)


def test_words_to_what_was_put_aside_open_it_at_once(browser, cast, case, link):
    aside.put_aside(case, "spam", by=cast.nadia)
    assert "We go on with it at once." in reads(browser, link + "add/")
    press(browser, link + "add/", words="I am a person.")
    assert fresh(case).is_open


def test_staff_who_look_on_get_no_way_in(client, cast, case, link):
    answering.say_yes(case, by=cast.carla)
    conversation.customer_writes(case, "Thanks.", by=cast.carla)
    client.force_login(cast.olga)
    page = client.get(f"/help/view/C-{case.pk}/").content.decode()
    assert "reads it by" in page
    assert link not in page and "not-yet" not in page


def test_the_words_of_the_desk_are_on_none_of_its_pages(client, cast, case, link, a_no):
    acts = ("", "understand/", "do-not-accept/", "withdraw/", "add/")
    pages = [reads(client, link + act) for act in acts]
    answering.understand(case, by=cast.carla)
    conversation.customer_writes(case, "Thanks.", by=cast.carla)
    pages += [reads(client, link + act) for act in ("", "not-yet/", "add/")]
    answering.say_not_yet(case, by=cast.carla)
    aside.put_aside(case, "spam", by=cast.nadia)
    pages += [reads(client, link + act) for act in ("", "not-yet/", "add/")]
    for page in pages:
        said = {word.strip(".,:;?!“”").lower() for word in page.split()}
        assert said.isdisjoint({"case", "ticket", "closed", "resolved", "sub-task", "agent", "escalation", "spam"})


# -- what is said there ------------------------------------------------------------------------------------------------


def test_i_understand_ends_what_we_cannot_do_and_counts_once(browser, cast, case, link, a_no):
    form = hidden_fields(browser.get(link + "understand/")) | {"words": ""}
    before = latest_entry()
    for _ in range(2):
        assert browser.post(link + "understand/", form)["Location"] == link
    assert kinds(case, before).count("customer_understood") == 1
    assert fresh(case).outcome == Case.Outcome.UNDERSTOOD
    assert "Thank you for telling us." in reads(browser, link)


def test_i_understand_who_must_do_it_is_thanked_and_stays_open(browser, cast, case, link, an_introduction):
    press(browser, link + "understand/", words="")
    page = reads(browser, link)
    assert "Thank you. Nadia has it and will ask you whether Ada has mended it" in page
    assert "You know who must do it: Ada’s Repairs, 0123 456." in page
    press(browser, link + "yes/", words="")
    assert fresh(case).outcome == Case.Outcome.CONFIRMED


def test_words_with_it_are_shown_back_first(browser, cast, case, link, a_no):
    shown = press(browser, link + "understand/", words="Then no.\r\nThanks")
    assert "This is what you wrote Then no. Thanks" in words(shown)
    assert fresh(case).state == Case.State.PROPOSED
    browser.post(link + "understand/", hidden_fields(shown))
    assert case.messages.latest("pk").body == "Then no.\nThanks"
    assert fresh(case).outcome == Case.Outcome.UNDERSTOOD


def test_i_do_not_accept_it_goes_on_and_before_a_supervisor(browser, cast, case, link, a_no):
    form = hidden_fields(browser.get(link + "do-not-accept/")) | {"words": "It can be mended."}
    before = latest_entry()
    for _ in range(2):
        assert browser.post(link + "do-not-accept/", form)["Location"] == link
    assert kinds(case, before).count("customer_did_not_accept") == 1
    assert "you do not accept it. A supervisor looks at it. Nadia has it and will be in touch" in reads(browser, link)
    assert sweep(clock.now()).raised["refusal_disputed"] == 1


def test_i_no_longer_need_this_is_asked_plainly_and_counts_once(browser, case, link):
    assert "I no longer need this" in reads(browser, link)
    asked = browser.get(link + "withdraw/")
    assert "Shall we stop here?" in words(asked)
    assert fresh(case).is_open, "Looking ends nothing."
    form = hidden_fields(asked) | {"words": ""}
    before = latest_entry()
    for _ in range(2):
        browser.post(link + "withdraw/", form)
    assert kinds(case, before).count("customer_withdrew") == 1
    assert fresh(case).outcome == Case.Outcome.WITHDRAWN
    assert "Thank you for telling us that you no longer need this." in reads(browser, link)


def test_a_withdrawal_over_an_open_part_says_what_follows(browser, cast, case, link):
    part = subtasks.ask(case, cast.hardware, UNSEEN, by=cast.nadia)
    press(browser, link + "withdraw/", words="")
    page = reads(browser, link)
    assert "You no longer need this. We put one thing away, then it is over." in page
    assert "I no longer need this" not in page and UNSEEN not in page
    subtasks.drop(part, reason="Withdrawn.", by=cast.nadia)
    assert fresh(case).outcome == Case.Outcome.WITHDRAWN


# -- what was on the page ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["understand", "withdraw"])
def test_an_ending_word_to_what_is_no_longer_proposed_does_not_count(browser, cast, case, link, a_no, act):
    form = hidden_fields(browser.get(f"{link}{act}/")) | {"words": ""}
    proposed(case, cast.nadia, words="It works after all.")
    answer = browser.post(f"{link}{act}/", form)
    assert answer.status_code == 409
    assert "Please read it, then answer." in words(answer)
    assert fresh(case).state == Case.State.PROPOSED
    # The form asks what is asked now.
    asked = {"understand": "Yes, it is solved", "withdraw": "I no longer need this"}[act]
    assert asked in words(answer)


def test_a_yes_on_an_old_page_becomes_the_question_that_is_asked_now(browser, cast, case, link):
    proposed(case, cast.nadia)
    form = hidden_fields(browser.get(link + "yes/")) | {"words": ""}
    proposing.propose(case, kind="cannot", words="We were wrong.", tried="All.", why_none="It broke.", by=cast.nadia)
    answer = browser.post(link + "yes/", form)
    assert answer.status_code == 409
    assert "Do you understand, and may we end here?" in words(answer)
    assert f'action="{link}understand/"' in answer.content.decode()
    assert browser.post(link + "understand/", hidden_fields(answer) | {"words": ""}).status_code == 302
    assert fresh(case).outcome == Case.Outcome.UNDERSTOOD


def test_what_was_taken_back_is_not_understood(browser, cast, case, link, a_no):
    form = hidden_fields(browser.get(link + "understand/")) | {"words": ""}
    closing.reopen(case, reason="We can.", next_promise=Pledge("call you", WEDNESDAY), by=cast.nadia)
    assert browser.post(link + "understand/", form).status_code == 409
    assert fresh(case).is_open


@pytest.mark.parametrize("act", ["understand", "withdraw"])
def test_an_ending_word_after_an_end_without_the_customer_is_not_swallowed(browser, cast, case, link, a_no, act):
    form = hidden_fields(browser.get(f"{link}{act}/")) | {"words": ""}
    closing.override(case, reason="x", by=cast.sam)
    assert browser.post(f"{link}{act}/", form).status_code == 409
    assert fresh(case).outcome == Case.Outcome.OVERRIDE


def test_no_end_hinders_an_objection(browser, cast, case, link, a_no):
    form = hidden_fields(browser.get(link + "do-not-accept/")) | {"words": "No!"}
    closing.override(case, reason="x", by=cast.sam)
    assert browser.post(link + "do-not-accept/", form)["Location"] == link
    assert fresh(case).is_open


@pytest.mark.parametrize(
    "act, leads_to",
    [("yes", "understand"), ("not-yet", "do-not-accept")],
)
def test_an_old_address_leads_to_the_answer_that_is_wanted(browser, case, link, a_no, act, leads_to):
    assert browser.get(f"{link}{act}/")["Location"] == f"{link}{leads_to}/"


@pytest.mark.parametrize("act", ["understand", "do-not-accept"])
def test_what_nobody_asks_leads_back_to_the_page(browser, case, link, act):
    assert browser.get(f"{link}{act}/")["Location"] in (link, f"{link}not-yet/")
    assert browser.get(f"{link}{act}/", follow=True).status_code == 200


HOSTILE = "\"><script>alert(1)</script> {{ 7|add:7 }} '"


def test_hostile_words_stay_words_in_what_a_no_says_a07(client, cast, case, link):
    asks = Pledge(HOSTILE, WEDNESDAY)
    told = {"words": HOSTILE, "why_none": HOSTILE, "another": HOSTILE, "tried": HOSTILE}
    for kind in ("another", "cannot"):
        proposing.propose(case, kind=kind, check_back=asks, **told, by=cast.nadia)
        for act in ("", "understand/", "do-not-accept/", "withdraw/"):
            page = client.get(link + act)
            assert page.status_code == 200
            assert "<script" not in page.content.decode()
            assert "{{ 7|add:7 }}" in words(page) or act == "withdraw/"


def test_another_customers_form_means_nothing_here(browser, cast, case, link, a_no):
    other = a_case(cast.mallory)
    form = hidden_fields(browser.get(link + "understand/")) | {"words": ""}
    answer = browser.post(status_path(other) + "understand/", form)
    assert answer.status_code in (409, 422)
    assert fresh(other).is_open and fresh(case).state == Case.State.PROPOSED
