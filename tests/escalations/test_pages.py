"""The supervisors' queue on its page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.actors import LOG
from cases.verbs import closing, complaints, refusals, silence
from escalations.models import Flag
from escalations.sweep import sweep
from supportdesk import clock
from tests.cast import an_agent, everything, first_promise, fresh, proposed
from tests.pages import said, signed_in

pytestmark = pytest.mark.django_db


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
    assert response.status_code == 403
    assert everything() == before
    signed_in(cast.sue).post(reverse("escalations:settle", args=[flag.pk]), {"reason": "Asked the customer."})
    assert fresh(flag).settled_by == cast.sue


def test_lists_beside_it_who_has_not_answered(case, cast):
    silence.unconfirm(proposed(case, cast.nadia).case, by=LOG)
    assert "Close as no answer" in said(signed_in(cast.sam).get("/escalations/"))


def test_takes_twelve_queries_at_most_however_many_flags(case, cast, django_assert_max_num_queries):
    for turn in range(70):
        Flag.objects.create(
            rule="promise_broken",
            case=case,
            subject=1000 + turn,
            became_true_at=clock.now() + timedelta(seconds=turn % 7),
            raised_at=clock.now(),
        )
    sam = signed_in(cast.sam)
    with django_assert_max_num_queries(12):
        first = sam.get("/escalations/")
    second = sam.get("/escalations/", {"after": first.context["after"]})
    shown = [row.flag.pk for page in (first, second) for row in page.context["rows"]]
    assert len(shown) == len(set(shown)) == 70


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
