"""What cases like this one took: the ground of an estimate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.conf import settings

from cases.models import Case
from staff.businesstime import add_business_time, business_time_between
from supportdesk import clock


@dataclass(frozen=True)
class LikeIt:
    """What the last cases of a department took, from first contact to the customer's yes.

    Attributes:
        count: from how many; 0 where they are too few to say anything.
        over_by: when this one is over if it takes as long as half of them did; aware datetime, UTC. None where they
            are too few, or where it has taken longer already.
    """

    count: int = 0
    over_by: datetime | None = None


def like_it(case: Case) -> LikeIt:
    """What the last confirmed cases of the same department say about this one.

    Args:
        case: with ``department__calendar`` at hand, or it is read.
    """
    like = Case.objects.filter(department=case.department_id, outcome=Case.Outcome.CONFIRMED)
    spans = list(
        like.order_by("-closed_at", "-pk").values_list("opened_at", "closed_at")[: settings.ESTIMATE_FROM_LAST]
    )
    if len(spans) < settings.ESTIMATE_FROM_AT_LEAST:
        return LikeIt()
    hours = case.department.calendar.hours
    half_took = median(business_time_between(opened, closed, hours) for opened, closed in spans)
    over_by = next_full_hour(add_business_time(case.opened_at, half_took, hours))
    return LikeIt(len(spans), over_by if over_by > clock.now() else None)


def next_full_hour(instant: datetime) -> datetime:
    """The instant itself if it is one."""
    hour = instant.replace(minute=0, second=0, microsecond=0)
    return hour if hour == instant else hour + timedelta(hours=1)
