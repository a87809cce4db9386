"""Wishing for a rule: by whom, within which ranges, on record, and a look at what it would have done before."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cases.models.timeline import Kind
from cases.verbs import confidentiality, conversation, subtasks
from escalations import rules
from escalations.models import RuleChange, RuleSetting
from escalations.rules import BY_NAME, RULES
from escalations.sweep import sweep
from escalations.wishing import last_change, wish
from supportdesk import clock
from supportdesk.errors import Conflict, NotAllowed, Refused
from tests.cast import TUESDAY, WEDNESDAY, a_case, an_agent, everything
from tests.pages import said, signed_in

pytestmark = pytest.mark.usefixtures("tuesday")

NOT_SEEN = BY_NAME["subtask_not_seen"]
LIST = "/escalations/rules/"
PAGE = f"{LIST}subtask_not_seen/"
AS_IT_IS = {"is_on": True, "numbers": {"hours": 4}, "tells": ["owner", "lead"]}


def wished(by, rule=NOT_SEEN, **facts):
    return wish(rule, **{**AS_IT_IS, **facts}, by=by)


@pytest.fixture
def unseen(cast, case):
    """Hardware has not looked at its part since Tuesday at ten; it is Wednesday at ten, eight business hours later."""
    part = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    with clock.at(WEDNESDAY):
        yield part


# -- the verb ----------------------------------------------------------------------------------------------------------


def test_it_is_kept_and_stands_on_record(cast):
    made = wished(cast.sam, numbers={"hours": 6}, tells=["supervisors", "owner"])
    assert (made.is_on, made.numbers, made.tells) == (True, {"hours": 6}, ("owner", "supervisors"))
    assert made.sentence == (
        "When a department has not looked at its part for 6 business hours, tell the owner and the supervisors."
    )
    setting, change = RuleSetting.objects.get(), RuleChange.objects.get()
    assert (setting.changed_by, setting.changed_at) == (change.by, change.at) == (cast.sam, TUESDAY)
    assert rules.tells("subtask_not_seen") == ("owner", "supervisors")
    assert rules.tells("unanswered") == BY_NAME["unanswered"].tells
    assert rules.tells("no_such_rule") == ()


def test_the_same_again_changes_nothing_nor_does_what_holds_already(cast):
    wished(cast.sam)
    assert not RuleSetting.objects.exists()
    wished(cast.sam, numbers={"hours": 6})
    before = everything()
    wished(cast.sue, numbers={"hours": 6})
    assert everything() == before


@pytest.mark.parametrize("stranger", ["nadia", "olga", "carla", "mallory"])
def test_strangers_are_refused_and_leave_nothing(cast, stranger):
    before = everything()
    with pytest.raises(NotAllowed):
        wished(getattr(cast, stranger), numbers={"hours": 6})
    assert everything() == before


def test_an_administrator_may(cast):
    wished(an_agent("Ada Admin", cast.support, is_admin=True), is_on=False)
    assert RuleChange.objects.get().is_on is False


@pytest.mark.parametrize("hours", [0, 0.5, -4, 1_000_000, 80.5, "many", "", None, float("nan"), float("inf")])
def test_what_is_no_sensible_number_is_refused_with_the_range(cast, hours):
    before = everything()
    with pytest.raises(Refused) as refused:
        wished(cast.sam, numbers={"hours": hours})
    assert (refused.value.field, refused.value.sentence) == ("hours", "Choose a number from 1 to 80 business hours.")
    assert everything() == before


def test_steps_are_kept_to(cast):
    assert wished(cast.sam, numbers={"hours": "4,5"}).numbers == {"hours": 4.5}
    with pytest.raises(Refused, match="steps of 0.5"):
        wished(cast.sam, numbers={"hours": 4.3})
    with pytest.raises(Refused, match="whole numbers"):
        wished(cast.sam, BY_NAME["not_yet_twice"], numbers={"times": 2.5})


def test_nobody_unknown_is_told(cast):
    with pytest.raises(Refused) as refused:
        wished(cast.sam, tells=["owner", "everybody"])
    assert (refused.value.code, refused.value.field) == ("unknown_role", "tells")


def test_who_has_read_an_older_state_reads_it_anew(cast):
    read = last_change(NOT_SEEN)
    wished(cast.sam, numbers={"hours": 6})
    with pytest.raises(Conflict, match="Sam Sato has changed this"):
        wished(cast.sue, numbers={"hours": 8}, as_read=read)
    wished(cast.sue, numbers={"hours": 8}, as_read=last_change(NOT_SEEN))
    assert [change.numbers for change in RuleChange.objects.order_by("pk")] == [{"hours": 6}, {"hours": 8}]


def test_what_a_rule_no_longer_knows_is_passed_over(cast):
    RuleSetting.objects.create(
        rule="subtask_not_seen", numbers={"days": 3}, tells=["owner", "boss"], changed_at=TUESDAY, changed_by=cast.sam
    )
    found = rules.as_wished(RULES)["subtask_not_seen"]
    assert (found.numbers, found.tells) == ({"hours": 4}, ("owner",))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_reads_as_a_sentence_and_its_numbers_are_sensible(rule):
    assert rule.said(rule.defaults) == "".join(
        words + (f"{rule.defaults[number.name]:g}" if number else "") for words, number in rule.parts()
    )
    assert [number.name for _, number in rule.parts() if number] == list(rule.defaults)
    assert not rule.when.endswith(".") and rule.sentence.endswith(".") and rule.when[0].islower()
    assert len(rule.name) <= 40 and rule.weight in (1, 2, 3)
    assert set(rule.tells) <= rules.ROLES.keys()
    for number in rule.numbers:
        assert number.least <= number.default <= number.most
        assert 0 < number.least < number.most < 1000


# -- the pages ---------------------------------------------------------------------------------------------------------


def test_the_list_says_every_rule_as_a_sentence_and_what_stands(cast, unseen):
    sweep(WEDNESDAY)
    text = said(signed_in(cast.sam).get(LIST))
    assert (
        "When a department has not looked at its part for 4 business hours, tell the owner and the department’s lead."
        in text
    )
    assert "1 stands now" in text
    for rule in RULES:
        assert rule.title in text


@pytest.mark.parametrize("path", [LIST, PAGE])
def test_they_are_for_supervisors_and_administrators_alone(cast, path):
    assert signed_in(cast.nadia).get(path).status_code == 403
    assert signed_in(an_agent("Ada Admin", cast.support, is_admin=True)).get(path).status_code == 200
    assert signed_in(cast.sam).get(f"{LIST}no_such_rule/").status_code == 404


def test_before_it_is_saved_it_says_what_it_would_have_done(cast, unseen):
    sams = signed_in(cast.sam)
    page = sams.get(PAGE, {"try": 1, "hours": "3", "tells": ["owner"], "is_on": "on"})
    text = said(page)
    assert "It would have fired 1 time . " in text and "Carla Conti" in text and "Hardware: Test the board" in text
    assert f'href="{unseen.case.get_absolute_url()}"' in page.content.decode()
    assert "Save it so" in text
    assert not RuleSetting.objects.exists()
    text = said(sams.get(PAGE, {"try": 1, "hours": "9", "tells": ["owner"], "is_on": "on"}))
    assert "It would never have fired. As it is now: 1 time." in text


def test_as_it_is_now_there_is_nothing_to_save(cast, unseen):
    text = said(signed_in(cast.sam).get(PAGE, {"try": 1, "hours": "4", "tells": ["owner", "lead"], "is_on": "on"}))
    assert "It would have fired 1 time" in text and "That is how it is now." in text and "Save it so" not in text


def test_switched_off_it_would_have_been_silent(cast, unseen):
    text = said(signed_in(cast.sam).get(PAGE, {"try": 1, "hours": "4", "tells": ["owner", "lead"]}))
    assert "Switched off it would have been silent. As it is now: 1 time." in text


@pytest.mark.parametrize("hours", ["0", "1000000", "many", ""])
@pytest.mark.parametrize("method", ["get", "post"])
def test_thresholds_that_make_no_sense_are_refused_beside_the_field(cast, hours, method):
    sent = {"try": 1, "hours": hours, "tells": ["owner"], "is_on": "on"}
    page = getattr(signed_in(cast.sam), method)(PAGE, sent)
    assert page.status_code == 422
    assert said(page).count("Choose a number from 1 to 80 business hours.") == 2  # beside the field, and on top
    assert not RuleSetting.objects.exists()


@pytest.mark.parametrize("rule", [rule for rule in RULES if len(rule.numbers) > 1], ids=lambda rule: rule.name)
def test_two_numbers_of_a_rule_are_told_apart(cast, rule):
    labels = [number.label for number in rule.numbers]
    assert len(set(labels)) == len(labels)
    shown = said(signed_in(cast.sam).get(f"{LIST}{rule.name}/"))
    assert all(f"{number.label}: {number.range}." in shown for number in rule.numbers)


def test_saved_it_holds_from_the_next_sweep_on_and_the_history_tells_who(cast, unseen):
    sams = signed_in(cast.sam)
    sent = {"hours": "12", "tells": ["owner", "supervisors"], "is_on": "on", "as_read": "0"}
    saved = sams.post(PAGE, sent, follow=True)
    assert saved.redirect_chain == [(LIST, 302)]
    assert "Saved. When a department has not looked at its part for 12 business hours" in said(saved)
    assert sweep(WEDNESDAY).raised["subtask_not_seen"] == 0
    text = said(sams.get(PAGE))
    assert (
        "Sam Sato: 12 business hours instead of 4; no longer tells the department’s lead; tells the supervisors" in text
    )
    sues = signed_in(cast.sue).post(PAGE, sent | {"hours": "5"})
    assert sues.status_code == 409
    assert "Sam Sato has changed this since you opened it." in said(sues)


def test_a_page_takes_twelve_queries_at_most_however_much_there_is(cast, django_assert_max_num_queries):
    for turn in range(8):
        case = a_case(cast.carla, f"Problem {turn}")
        subtasks.ask(case, cast.hardware, f"Part {turn}", by=case.owner)
        wished(cast.sam, numbers={"hours": turn + 1})
    sweep(WEDNESDAY)
    sams = signed_in(cast.sam)
    with clock.at(WEDNESDAY):
        for path in (LIST, PAGE, f"{PAGE}?try=1&hours=2&is_on=on"):
            with django_assert_max_num_queries(12):
                assert sams.get(path).status_code == 200


def test_the_way_there_stands_in_the_queue_and_in_the_menu(cast):
    assert f'href="{LIST}"' in signed_in(cast.sam).get("/escalations/").content.decode()
    assert f'href="{LIST}"' in signed_in(an_agent("Ada Admin", cast.support, is_admin=True)).get("/").content.decode()
    assert f'href="{LIST}"' not in signed_in(cast.nadia).get("/").content.decode()


def test_evidence_of_a_confidential_case_is_for_who_may_see_it(cast, unseen):
    confidentiality.make_confidential(unseen.case, reason="It is about her health.", by=cast.nadia)
    sent = {"try": 1, "hours": "3", "is_on": "on"}
    assert "Test the board" in said(signed_in(cast.sam).get(PAGE, sent))
    elsewhere = an_agent("Ada Admin", cast.warranty, is_admin=True)
    text = said(signed_in(elsewhere).get(PAGE, sent))
    assert "It would have fired 1 time" in text and "Test the board" not in text


def test_a_message_that_came_back_is_said_in_words(cast, case):
    message = conversation.write_to_customer(case, "Here it is.", by=cast.nadia)
    conversation.did_not_arrive(message, "the mailbox is full", by=cast.nadia)
    assert case.entries.filter(kind=Kind.MESSAGE_DID_NOT_ARRIVE).count() == 1
    assert "Our message did not arrive (the mailbox is full)" in said(
        signed_in(cast.nadia).get(reverse("cases:page", args=[case.pk]))
    )
