"""The ordinary problems: lists that look like a real Tuesday, made by the verbs."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import transaction

from cases.models import Case, Entry, Message, Promise
from cases.models.timeline import Kind
from escalations.models import Flag
from staff.origins import Origin
from supportdesk import clock
from supportdesk.demo.ordinary import making
from supportdesk.demo.ordinary.courses import COURSES
from supportdesk.demo.ordinary.problems import PROBLEMS
from supportdesk.demo.stories import everyday
from supportdesk.reactions import REACTIONS

TUESDAY = datetime(2026, 3, 10, 13, 40, 20, tzinfo=UTC)
SOME = 24

pytestmark = pytest.mark.django_db


def told(how_many: int = SOME, seed: int = 1) -> list[tuple]:
    with clock.at(TUESDAY):
        list(making.make_ordinary(seed=seed, how_many=how_many))
    entries = Entry.objects.order_by("pk").values_list("case__origin_ref", "kind", "at", "agent__name")
    words = Message.objects.order_by("pk").values_list("case__origin_ref", "body", "send_at")
    return [*entries, *words]


def test_they_look_like_sixty_ordinary_days():
    told()
    cases = Case.objects.all()
    assert len(cases) == SOME
    assert {case.origin for case in cases} == {Origin.DEMO}
    assert all(0 < (TUESDAY - case.opened_at).days < 66 or case.opened_at < TUESDAY for case in cases)
    assert not Entry.objects.filter(at__gt=TUESDAY).exists()
    # What has no reaction may wait for the bell, and the supervisors hear what slipped; from nothing else anything
    # follows.
    followed = REACTIONS.keys() - {Kind.FLAG_RAISED}
    assert not Entry.objects.filter(announced_at=None, kind__in=followed).exists()

    # Every open one has a next promise, and most are over.
    assert not Case.objects.open().filter(next_step=Case.NextStep.NOTHING).exists()
    assert Case.objects.exclude(closed_at=None).count() > SOME / 2
    assert Case.objects.open().count() >= 3

    # What broke has been looked at by a supervisor once it was spoken about.
    answered = Promise.objects.filter(state=Promise.State.BROKEN, answered_at__isnull=False)
    assert not Flag.objects.standing().filter(subject__in=answered.values("pk"), rule="promise_broken").exists()


def test_stopped_and_started_again_it_goes_on():
    with clock.at(TUESDAY):
        telling = making.make_ordinary(seed=1, how_many=6)
        for _ in range(3):
            next(telling)
        telling.close()
    assert Case.objects.count() == 3
    told(6)
    assert Case.objects.count() == 6
    before = Entry.objects.count()
    told(6)
    assert Entry.objects.count() == before


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_seed_tells_the_same(seed):
    with transaction.atomic():
        first = told(5, seed)
        transaction.set_rollback(True)
    assert told(5, seed) == first


def test_every_problem_can_be_filled_in():
    for problem in PROBLEMS:
        assert "{" not in (problem.ask + problem.words).format(order="H-20000")
        assert problem.wish[0].islower() or problem.wish.startswith("Danish"), problem.wish


def test_courses_are_a_hundred_together():
    assert sum(course.often for course in COURSES) == 100


def test_the_command_tells_the_stories_first_and_says_what_follows():
    out = io.StringIO()
    one_story = {"offline-maps": everyday.came_in_at_closing_time}
    with mock.patch("supportdesk.demo.making.STORIES", one_story):
        call_command("demo", "--stories", stdout=out)
    assert "follow in the background" in out.getvalue()
    assert not Case.objects.filter(origin_ref__startswith=making.ORDINARY).exists()
    assert Case.objects.get(entries__kind=Kind.OPENED).origin_ref == "offline-maps"
