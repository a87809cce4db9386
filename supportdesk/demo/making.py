"""Making the demo: everybody, then each story that has not been told yet, all of it or nothing."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.db import transaction

from cases.models import Case
from escalations.sweep import sweep
from staff import origins
from staff.models import Department
from staff.origins import Origin
from supportdesk import clock
from supportdesk.advisory import Alone, one_at_a_time
from supportdesk.demo import people
from supportdesk.demo.diary import Diary
from supportdesk.demo.ordinary.making import ORDINARY
from supportdesk.demo.stories import STORIES
from supportdesk.demo.telling import Stage


@transaction.atomic
def make_demo(*, seed: int) -> int:
    """Bring in everybody and tell the stories that this database does not know yet; how many those were.

    The same seed at the same instant makes the same rows; only the keys in links are always fresh, because nobody may
    guess them.

    Raises:
        NotOurs: an address of the demo belongs to somebody who is not of the demo.
    """
    # Two demos at the same moment would tell each story twice; the second waits and finds everything told.
    one_at_a_time(Alone.MAKING_THE_DEMO)
    now = clock.now()
    with origins.bringing_in(Origin.DEMO), clock.at(now):
        cast = people.bring_in()
        diary = Diary(now, Department.objects.get(is_default=True).calendar.hours)
        untold = [ref for ref in STORIES if not cases().filter(origin_ref=ref).exists()]
        for ref in untold:
            STORIES[ref](Stage(ref, cast, diary, random.Random(f"{seed}:{ref}")))
    return len(untold)


def look_at_all_of_it() -> None:
    """Sweep the demo's cases from their beginning: the minute's sweep looks for events only since its last time.

    Each story that has not been looked at first a minute after the last thing that happened to it, as the minute's
    sweep would have: so long has the queue waited for an answer.
    """
    now = clock.now()
    for case in stories().filter(flags=None):
        told_as = list(Case.objects.told_as(case).values_list("pk", flat=True))
        sweep(min(_last_of(case, now) + timedelta(minutes=1), now), cases=told_as)
    sweep(now, cases=list(cases().values_list("pk", flat=True)))


def _last_of(case: Case, now: datetime) -> datetime:
    """When something last happened to a case, or should have: an entry, a promise or a department's date gone by."""
    instants = [case.entries.latest("pk").at]
    instants += case.promises.filter(due_at__lte=now).values_list("due_at", flat=True)
    instants += case.subtasks.filter(committed_at__lte=now).values_list("committed_at", flat=True)
    return max(instants)


def cases():
    """The demo's cases, oldest number first."""
    return Case.objects.filter(origin=Origin.DEMO).order_by("pk")


def stories():
    """Those that stories tell, to be played on; where two became one, the one that goes on."""
    return cases().exclude(origin_ref__startswith=ORDINARY).filter(joined_into=None)


def ordinary():
    """Those that fill the lists."""
    return cases().filter(origin_ref__startswith=ORDINARY)
