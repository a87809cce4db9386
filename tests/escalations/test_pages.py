"""The supervisors' queue on its page."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from cases.actors import LOG
from cases.models import Case
from cases.models.timeline import Kind
from cases.verbs import (
    appeals,
    closing,
    complaints,
    conversation,
    ownership,
    promises,
    refusals,
    silence,
    subtasks,
)
from escalations import flags, queue
from escalations.models import Escalation, Flag
from escalations.rows import Key
from escalations.sweep import sweep
from staff.models import Absence, Company
from supportdesk import clock
from tests.cast import (
    SUNDAY,
    TUESDAY,
    a_case,
    an_agent,
    everything,
    first_promise,
    fresh,
    pledge,
    proposed,
)
from tests.pages import said, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_point_each")]

DUE = TUESDAY + timedelta(hours=4)


@pytest.fixture
def flag(case) -> Flag:
    """Carla's promise was broken."""
    sweep(first_promise(case).due_at + timedelta(minutes=1))
    return Flag.objects.get(rule="promise_broken")


def test_says_in_words_why_each_case_is_here(flag, cast, tuesday):
    text = said(signed_in(cast.sam).get("/escalations/"))
    assert "Promise broken: be in touch with you" in text
    assert "Carla Conti" in text


def test_is_the_supervisors_alone(flag, cast, tuesday):
    assert signed_in(cast.nadia).get("/escalations/").status_code == 403
    assert "Escalations" not in said(signed_in(cast.nadia).get("/"))


def test_shows_one_rule_when_asked(flag, cast, tuesday):
    sams = signed_in(cast.sam)
    assert "Carla Conti" in said(sams.get("/escalations/?why=promise_broken"))
    assert "No case needs you." in said(sams.get("/escalations/?why=subtask_late"))


def test_is_settled_with_a_reason(flag, cast, tuesday):
    url = reverse("escalations:settle", args=[flag.pk])
    assert signed_in(cast.sam).post(url, {"reason": ""}).status_code == 422
    response = signed_in(cast.sam).post(url, {"reason": "Nadia has rung her."})
    assert response.status_code == 302
    assert fresh(flag).settled_by == cast.sam
    assert "No case needs you." in said(signed_in(cast.sam).get("/escalations/?why=promise_broken"))


def test_nobody_settles_a_flag_about_their_own_act(case, cast):
    closing.override(case, reason="Gone.", by=cast.sam)
    sweep(clock.now())
    flag = Flag.objects.get(rule="closed_by_override")
    assert "Another supervisor settles this one." in said(signed_in(cast.sam).get("/escalations/"))
    before = everything()
    response = signed_in(cast.sam).post(reverse("escalations:settle", args=[flag.pk]), {"reason": "Fine."})
    looked = signed_in(cast.sam).get(reverse("escalations:settle", args=[flag.pk]))
    assert looked.status_code == 403 and "nobody settles a flag about their own case or act" in said(looked)
    assert response.status_code == 403
    assert everything() == before
    signed_in(cast.sue).post(reverse("escalations:settle", args=[flag.pk]), {"reason": "Asked the customer."})
    assert fresh(flag).settled_by == cast.sue


def test_lists_beside_it_who_has_not_answered(case, cast):
    silence.unconfirm(proposed(case, cast.nadia).case, by=LOG)
    assert "Close as no answer" in said(signed_in(cast.sam).get("/escalations/"))


def test_each_case_stands_once_with_every_reason_and_what_was_tried(cast, case, tuesday):
    part = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    subtasks.accept(part, committed_at=tuesday + timedelta(hours=1), by=cast.olga)
    for minute in (1, 2):
        with clock.at(tuesday + timedelta(minutes=minute)):
            conversation.attempt(case, "voice_mail", by=cast.nadia, once=str(minute))
    sweep(DUE + timedelta(minutes=1))
    with clock.at(DUE + timedelta(minutes=26)):
        page = signed_in(cast.sam).get("/escalations/")
    text = said(page)
    assert len(page.context["rows"]) == 1
    assert "Sub-task late: Hardware: Test the board" in text and "Promise broken: be in touch with you" in text
    assert "Nadia tried to call Carla twice, last today 10:02 (voice mail)" in text
    assert "Hardware was asked today 10:00" in text
    assert "Unanswered for 25\xa0min" in html.unescape(page.content.decode())
    assert "One needs an answer from you. It has waited 25 minutes." in text
    assert "Why first? Sub-task late: 1. Promise broken: 1. That makes 2 points." in text


def test_who_has_answered_stands_there_before_any_sweep(flag, cast, case, tuesday):
    with clock.at(DUE + timedelta(minutes=26)):
        conversation.note_to_owner(case, "Ring her.", by=cast.sue)
        text = said(signed_in(cast.sam).get("/escalations/"))
    assert "Sue Singh answered just now" in text and "Unanswered for" not in text
    assert "Nothing waits for an answer from you." in text


def test_narrowed_to_one_team(flag, cast, tuesday):
    sams = signed_in(cast.sam)
    assert "Carla Conti" in said(sams.get(f"/escalations/?team={cast.support.pk}"))
    assert "None for this reason and this team." in said(sams.get(f"/escalations/?team={cast.hardware.pk}"))
    for nonsense in ("x", "0", "9" * 30, "-1"):
        assert "Carla Conti" in said(sams.get("/escalations/", {"team": nonsense, "why": nonsense, "after": nonsense}))


def test_the_higher_rung_stands_first_then_more_points_then_the_longer_time(cast, tuesday):
    first, second, third, fourth = (a_case(cast.mallory, f"It fails, {number}.") for number in range(4))
    sweep(DUE + timedelta(minutes=1))
    Escalation.objects.filter(case=third).update(rung=2)
    Escalation.objects.filter(case=fourth).update(points=5)
    Escalation.objects.filter(case=second).update(since=DUE - timedelta(days=1))
    page = signed_in(cast.sam).get("/escalations/")
    assert [row.case for row in page.context["rows"]] == [third, fourth, second, first]


def test_who_stands_above_is_said_and_that_nobody_does(flag, cast, tuesday):
    text = said(signed_in(cast.sam).get("/escalations/"))
    assert "No head and no last rung is named" in text and "An administrator names them." in text
    Company.objects.update(head=cast.sue, ombudsperson=cast.wanda)
    with clock.at(DUE + timedelta(minutes=26)):
        assert "goes to Sue Singh" in said(signed_in(cast.sam).get("/escalations/"))
    sweep(DUE + timedelta(hours=3))
    assert "With Sue Singh, the head" in said(signed_in(cast.sam).get("/escalations/"))


def test_the_acts_are_those_that_are_ones_own_to_do(flag, cast, case, tuesday):
    def acts(agent):
        row = signed_in(agent).get("/escalations/").context["rows"][0]
        return [act.words.rstrip("…") for act in (*row.acts, *row.more)]

    assert acts(cast.sam) == ["Look", "Note to Nadia", "Take over", "Not needed", "Give to another"]
    ownership.take_over(case, reason="Carla asked for me.", by=cast.sue)
    assert acts(cast.sue) == ["Look", "Give to another"]
    with clock.at(DUE + timedelta(minutes=5)):
        promises.keep(case.next_promise, said="Sorry.", next_promise=pledge(), by=cast.sue)
        closing.override(case, reason="A double.", by=cast.sue)
        assert acts(cast.sam) == ["Look", "Note to Sue", "Not needed", "Open it again"]


@pytest.fixture
def three(cast, case, tuesday) -> list[Case]:
    """Three cases in the queue whose promises are all still ahead; Carla's is the second."""
    cases = [a_case(cast.mallory, "It fails."), case, a_case(cast.mallory, "It fails again.")]
    for position, one in enumerate(cases):
        since = tuesday - timedelta(hours=3 - position)
        Flag.objects.create(rule="promise_broken", case=one, subject=position, became_true_at=since, raised_at=since)
    queue.reckon_anew([one.pk for one in cases])
    queue.keep(tuesday)
    return cases


def unanswered(cast, case):
    silence.unconfirm(proposed(case, cast.nadia).case, by=LOG)


def over(cast, case):
    closing.override(case, reason="A double.", by=cast.sue)


def nothing(cast, case):
    pass


# What is pressed on a row, what has to be so before, what is typed, and what is confirmed.
FROM_A_ROW = {
    "Take over…": (nothing, {"reason": "Two promises broke."}, "You own Carla’s case now."),
    "Note to Nadia…": (nothing, {"body": "Ring her.", "once": "k"}, "Nadia has your note."),
    "Move date…": (
        nothing,
        {"words": "call you", "due_at": "2026-03-11T15:00", "reason": "The lab is shut."},
        "Carla sees the new time and why.",
    ),
    "Not needed…": (nothing, {"reason": "Nadia has rung her."}, "Settled."),
    "Give to another…": (nothing, {"brief": "She knows it."}, "Offered. It stays with Nadia until it is accepted."),
    "Close as no answer…": (unanswered, {}, "Closed as no answer."),
    "Open it again…": (
        over,
        {"reason": "It is not over.", "next_words": "call you", "next_due": "2026-03-11T15:00"},
        "Open again.",
    ),
}


def pressed(page, case, words: str) -> str:
    """The address behind an act on the row of this case."""
    row = next(row for row in page.context["rows"] if row.case == case)
    return next(act.url for act in (*row.acts, *row.more) if act.words == words)


@pytest.mark.parametrize("words", FROM_A_ROW)
def test_an_act_from_a_row_leads_back_to_the_queue_and_goes_on_with_the_next_case(words, cast, three):
    (_, case, behind), (prepare, typed, confirmed) = three, FROM_A_ROW[words]
    prepare(cast, case)
    typed = {"to": cast.ben.pk, **typed} if words.startswith("Give") else typed
    sams = signed_in(cast.sam)
    url = pressed(sams.get("/escalations/?why=promise_broken&next=//evil.example"), case, words)
    assert f'href="/escalations/?why=promise_broken&amp;at={case.number}" data-close' in sams.get(url).content.decode()
    done = sams.post(url, typed)
    assert (done.status_code, done.url) == (302, f"/escalations/?why=promise_broken&at={behind.number}")
    page = sams.get(done.url)
    assert f"{confirmed} Carla Conti, {case.number}" in said(page)
    text = page.content.decode()
    assert f'<a href="{case.get_absolute_url()}">Carla Conti, {case.number}</a>' in text
    assert f'href="{behind.get_absolute_url()}" autofocus aria-describedby="said"' in text
    assert text.index('id="said"') < text.index(f'id="{behind.number}"'), "It stands where one goes on."


def test_a_refused_form_still_leads_back_to_the_queue(cast, three):
    sams, case = signed_in(cast.sam), three[1]
    url = pressed(sams.get(f"/escalations/?team={cast.support.pk}"), case, "Take over…")
    refused = sams.post(url, {"reason": " "})
    action = re.search(r'action="([^"]*take-over/[^"]*)"', refused.content.decode())[1]
    assert refused.status_code == 422 and html.unescape(action) == url
    answer = sams.post(html.unescape(action), {"reason": "Two promises broke."}, headers={"X-Dialog": "1"})
    assert answer["X-Go-On"] == f"/escalations/?team={cast.support.pk}&at={three[2].number}"


def test_behind_the_last_case_one_goes_on_with_the_one_before_it(cast, three):
    sams = signed_in(cast.sam)
    done = sams.post(pressed(sams.get("/escalations/"), three[2], "Not needed…"), {"reason": "It is done."})
    assert done.url == f"/escalations/?at={three[1].number}"


def test_where_the_next_case_has_left_meanwhile_what_was_done_is_still_confirmed(cast, three):
    sams, (_, case, behind) = signed_in(cast.sam), three
    url = pressed(sams.get("/escalations/"), case, "Not needed…")
    flags.settle_all(behind, reason="It is done.", by=cast.sue)
    page = sams.post(url, {"reason": "It is done."}, follow=True)
    assert f"Settled. Carla Conti, {case.number}" in said(page) and " autofocus" not in page.content.decode()


def test_one_reason_settled_alone_leads_back_too(cast, three, tuesday):
    case, sams = three[1], signed_in(cast.sam)
    Flag.objects.create(rule="subtask_late", case=case, subject=1, became_true_at=tuesday, raised_at=tuesday)
    text = sams.get("/escalations/").content.decode()
    url = html.unescape(re.search(r'href="(/escalations/\d+/settle/[^"]*)"', text)[1])
    assert sams.post(url, {"reason": "It is done."}).url == f"/escalations/?at={three[2].number}"


def test_behind_the_last_page_stands_the_first(cast, three):
    first = signed_in(cast.sam).get("/escalations/").context["rows"]
    last = first[-1]
    key = Key(last.rank, last.stay.rung, last.stay.points, last.stay.since, last.stay.pk)
    page = signed_in(cast.sam).get("/escalations/", {"after": str(key)})
    assert [row.case for row in page.context["rows"]] == three


@pytest.mark.parametrize("back", ["", "?back=//evil.example", "?back=cases", "?back=queue.evil.example", "?next=/"])
def test_an_act_that_was_begun_elsewhere_leads_to_the_case(back, cast, case, tuesday):
    url = reverse("escalations:note", args=[case.pk]) + back
    response = signed_in(cast.sam).post(url, {"body": "Ring her.", "once": "k"}, follow=True)
    assert response.redirect_chain == [(case.get_absolute_url(), 302)]
    assert case.entries.latest("pk").kind == Kind.NOTE_TO_OWNER
    assert "Nadia has your note." in said(response)
    assert "Ring her." in said(signed_in(cast.nadia).get(case.get_absolute_url())), "The owner reads it."


def test_whom_the_queue_is_not_for_is_not_led_there(cast, case):
    url = reverse("cases:hand_over", args=[case.pk]) + "?back=queue"
    response = signed_in(cast.nadia).post(url, {"to": cast.ben.pk, "brief": "I am away."})
    assert response.url == case.get_absolute_url()


def test_everything_is_settled_with_one_reason(flag, cast, case, tuesday):
    url = reverse("escalations:not_needed", args=[case.pk]) + "?back=queue"
    sams = signed_in(cast.sam)
    assert sams.post(url, {"reason": ""}).status_code == 422
    followed = sams.post(url, {"reason": "Nadia has rung her.", "seen": flag.pk}, follow=True)
    assert "Settled." in said(followed) and "No case needs you." in said(followed)
    assert fresh(flag).reason == "Nadia has rung her."
    late = signed_in(cast.sue).post(url, {"reason": "I have too."})
    assert late.status_code == 409 and "Sam Sato has settled this already." in said(late)


def test_a_note_without_words_comes_back_with_what_is_missing(flag, cast, case, tuesday):
    response = signed_in(cast.sam).post(reverse("escalations:note", args=[case.pk]), {"body": " ", "once": "k"})
    assert response.status_code == 422 and "Fill in “Your note to Nadia”." in said(response)


def test_what_a_customer_asked_for_is_answered_from_the_row(cast, case, tuesday):
    appeal = appeals.ask(case, "Nobody listens to me.", by=cast.carla)
    sweep(tuesday)
    sams = signed_in(cast.sam)
    row = sams.get("/escalations/").context["rows"][0]
    assert row.acts[0].words == "Answer Carla…" and row.note == "Your answer settles it."
    taken = sams.post(reverse("escalations:take_appeal", args=[appeal.pk]))
    assert taken.status_code == 302 and fresh(appeal).taken_by_agent == cast.sam
    url = reverse("escalations:answer_appeal", args=[appeal.pk])
    assert "Nobody listens to me." in said(sams.get(url))
    assert sams.post(url, {"words": ""}).status_code == 422
    assert sams.post(url, {"words": "I have read all of it."}).status_code == 302
    assert not Flag.objects.standing().exists(), "Nobody has to settle it as well."
    assert signed_in(cast.nadia).get(url).status_code == 403


def test_where_the_last_promise_was_the_answer_the_next_one_is_asked_for(cast, case, tuesday):
    promises.keep(first_promise(case), said="So.", next_promise=pledge(hours=1), by=cast.nadia)
    appeal = appeals.ask(case, by=cast.carla)
    promises.keep(case.promises.get(words="call you"), said="So.", by=cast.nadia)
    response = signed_in(cast.sam).post(reverse("escalations:answer_appeal", args=[appeal.pk]), {"words": "I know."})
    assert response.status_code == 422 and "Say what you promise next." in said(response)


# -- beside it ---------------------------------------------------------------------------------------------------------


def test_beside_it_stands_what_will_be_here_soon(cast, case, tuesday):
    groups = signed_in(cast.sam).get("/escalations/").context["beside"]
    assert [(row.name, row.words) for row in groups.soon.rows] == [("Carla Conti", "be in touch with you")]
    assert groups.soon.words == "1 will be due within 4 hours."
    assert "No case needs you. 1 will be due within 4 hours." in said(signed_in(cast.sam).get("/escalations/"))
    sweep(DUE + timedelta(minutes=1))
    with clock.at(DUE + timedelta(minutes=1)):
        assert not signed_in(cast.sam).get("/escalations/").context["beside"].soon.rows


def test_and_what_nobody_has_taken_and_whose_owner_is_away_without_cover(cast, case, tuesday):
    with clock.at(SUNDAY):
        untaken = a_case(cast.mallory)
    Absence.objects.create(
        agent=cast.nadia, starts_at=TUESDAY, ends_at=TUESDAY + timedelta(days=2), announced_at=TUESDAY,
        announced_by=cast.nadia,
    )  # fmt: skip
    with clock.at(tuesday + timedelta(minutes=1)):
        page = signed_in(cast.sam).get("/escalations/")
    groups = page.context["beside"]
    assert [row.url for row in groups.untaken.rows] == [untaken.get_absolute_url()]
    assert [row.url for row in groups.uncovered.rows] == [case.get_absolute_url()]
    assert "Nadia Novak is away until Thu 12 Mar" in said(page)
    Absence.objects.update(cover=cast.ben)
    assert not signed_in(cast.sam).get("/escalations/").context["beside"].uncovered.rows


def test_no_group_counts_what_it_does_not_show(cast, tuesday):
    for number in range(12):
        a_case(cast.mallory, f"It fails, {number}.")
    groups = signed_in(cast.sam).get("/escalations/").context["beside"]
    assert (len(groups.soon.rows), groups.soon.count) == (10, "10+")


# -- above -------------------------------------------------------------------------------------------------------------


def test_the_last_rung_has_a_page_of_its_own(flag, cast, case, tuesday):
    Company.objects.update(ombudsperson=cast.wanda)
    wandas = signed_in(cast.wanda)
    assert "No case has come to you." in said(wandas.get("/escalations/last/"))
    sweep(DUE + timedelta(hours=3))
    page = wandas.get("/escalations/last/")
    assert "Carla Conti" in said(page) and "Last rung 1" in said(page)
    assert [act.words for act in page.context["rows"][0].acts] == ["Look", "Note to Nadia…", "Not needed…"]
    assert wandas.get("/escalations/").status_code == 403
    assert signed_in(cast.sam).get("/escalations/last/").status_code == 403
    response = wandas.post(pressed(page, case, "Not needed…"), {"reason": "I called her."})
    assert response.url == "/escalations/last/" and fresh(flag).settled_by == cast.wanda


def test_the_head_sees_the_queue_though_no_supervisor(flag, cast, tuesday):
    Company.objects.update(head=cast.wanda)
    assert "Carla Conti" in said(signed_in(cast.wanda).get("/escalations/"))
    assert "Escalations" in said(signed_in(cast.wanda).get("/"))


# -- however many ------------------------------------------------------------------------------------------------------


def test_takes_twelve_queries_at_most_however_many_cases(cast, tuesday, django_assert_max_num_queries):
    Company.objects.update(head=cast.sue, ombudsperson=cast.wanda)
    tina = an_agent("Tina Thal", cast.hardware, is_supervisor=True)
    for number in range(53):
        with clock.at(tuesday + timedelta(seconds=number % 7)):
            case = a_case(cast.mallory, f"It fails, {number}.")
            if number % 5 == 0:
                appeals.ask(case, by=cast.mallory)
            if number % 10 == 0:
                appeal = appeals.answer(case.appeals.get(), "I have read it.", by=tina)
                appeals.did_not_help(appeal, by=cast.mallory)
    sweep(DUE + timedelta(hours=1))
    sam = signed_in(cast.sam)
    with django_assert_max_num_queries(12):
        first = sam.get("/escalations/")
    second = sam.get("/escalations/", {"after": first.context["after"]})
    shown = [row.stay.pk for page in (first, second) for row in page.context["rows"]]
    assert len(shown) == len(set(shown)) == 53
    assert [row.rank for row in second.context["rows"]] == [51, 52, 53]
    wanda = signed_in(cast.wanda)
    with django_assert_max_num_queries(12):
        # What did not help, and what the head owns.
        assert len(wanda.get("/escalations/last/").context["rows"]) >= 6


def test_one_case_with_very_many_reasons_tells_a_few(cast, case, tuesday):
    Flag.objects.bulk_create(
        Flag(rule="promise_broken", case=case, subject=1000 + turn, became_true_at=tuesday, raised_at=tuesday)
        for turn in range(70)
    )
    queue.reckon_anew([case.pk])
    queue.keep(tuesday)
    row = signed_in(cast.sam).get("/escalations/").context["rows"][0]
    assert (len(row.reasons), row.others, row.stay.points) == (6, 64, 70)


# -- complaints and disputed noes --------------------------------------------------------------------------------------

NO = {
    "asked": "My money back",
    "kind": "not_entitled",
    "ground": "The offer ended on 3 March, and the order is of 5 March.",
    "read_before": "The offer of February",
    "decider": "Wanda Weiss",
}


@pytest.mark.parametrize("path", ["/escalations/complaints/", "/escalations/refusals/"])
def test_complaints_and_disputed_noes_are_the_supervisors_alone(path, cast, tuesday):
    assert signed_in(cast.nadia).get(path).status_code == 403
    assert "will stand here" in said(signed_in(cast.sam).get(path))


def test_complaints_stand_by_when_they_are_due_with_who_answers(case, cast):
    late = complaints.complain(case, "I was hung up on.", by=cast.carla)
    with clock.at(clock.now() - timedelta(days=1)):
        complaints.complain(case, "Nobody rang.", about=[cast.sam, cast.sue], by=cast.carla)
    page = signed_in(late.owner).get("/escalations/complaints/")
    text = said(page)
    assert text.index("Nobody rang.") < text.index("I was hung up on.")
    assert "Up for taking" in text and "You answer it" in text
    assert "/take/" not in page.content.decode(), "It names whoever looks."
    complaints.answer(late, "We are sorry.", by=late.owner)
    assert "I was hung up on." not in said(signed_in(cast.sam).get("/escalations/complaints/"))


def test_one_that_is_up_for_taking_is_taken_from_the_list(case, cast):
    complaint = complaints.complain(case, "Nobody rang.", about=[cast.sam, cast.sue], by=cast.carla)
    tina = signed_in(an_agent("Tina Thal", cast.hardware, is_supervisor=True))
    url = reverse("cases:take_complaint", args=[complaint.pk])
    assert url in tina.get("/escalations/complaints/").content.decode()
    assert tina.post(url).status_code == 302
    assert fresh(complaint).owner.name == "Tina Thal"


def test_disputed_noes_stand_until_another_person_has_looked(case, cast):
    refusal = refusals.refuse(case, **NO, by=cast.sam)
    assert "My money back" not in said(signed_in(cast.sue).get("/escalations/refusals/"))
    refusals.ask_for_another_look(refusal, by=cast.carla)
    url = reverse("cases:look_again", args=[refusal.pk])
    assert url in signed_in(cast.sue).get("/escalations/refusals/").content.decode()
    sams = signed_in(cast.sam).get("/escalations/refusals/")
    assert "My money back" in said(sams) and url not in sams.content.decode()
    refusals.look_again(refusal, look="upheld", words="It is right.", by=cast.sue)
    assert "My money back" not in said(signed_in(cast.sue).get("/escalations/refusals/"))


def test_their_pages_take_twelve_queries_at_most_and_go_on_by_key(case, cast, django_assert_max_num_queries):
    for turn in range(53):
        with clock.at(clock.now() + timedelta(seconds=turn % 3)):
            complaints.complain(case, f"Complaint {turn}", by=cast.carla)
            refusal = refusals.refuse(case, **{**NO, "asked": f"Wish {turn}"}, by=cast.nadia)
            refusals.ask_for_another_look(refusal, by=cast.carla)
    sam = signed_in(cast.sam)
    for path in ("/escalations/complaints/", "/escalations/refusals/"):
        with django_assert_max_num_queries(12):
            first = sam.get(path)
        second = sam.get(path, {"after": first.context["after"]})
        shown = [row.pk for page in (first, second) for row, _may in page.context["rows"]]
        assert len(shown) == len(set(shown)) == 53
