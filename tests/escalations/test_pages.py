"""The supervisors' queue on its page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.actors import LOG
from cases.verbs import closing
from escalations.models import Flag
from escalations.sweep import sweep
from supportdesk import clock
from tests.cast import everything, first_promise, fresh, proposed
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
    assert "No case needs you." in said(signed_in(cast.sam).get("/escalations/"))


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
    closing.unconfirm(proposed(case, cast.nadia).case, by=LOG)
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
