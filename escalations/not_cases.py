"""What was put aside as no case: for supervisors to look through, with the way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases.models import Case
from cases.verbs.aside import may_come_back_until
from escalations.views import supervisors_only
from supportdesk import clock
from supportdesk.paging import read_key, write_key

PAGE = 50


@dataclass(frozen=True)
class Row:
    """What was put aside; ``until`` is when it can no longer be taken back in, None if that is past."""

    case: Case
    until: datetime | None


@supervisors_only
@require_safe
def not_cases(request: HttpRequest) -> HttpResponse:
    """The list, the latest put aside first."""
    after = read_key(request.GET.get("after", ""))
    aside = Case.objects.visible_to(request.user).put_aside()
    if after and after[0]:
        closed_at, pk = after
        aside = aside.filter(closed_at__lte=closed_at).exclude(closed_at=closed_at, pk__lte=pk)
    found = list(aside.select_related("customer", "owner", "closed_by_agent").order_by("-closed_at", "pk")[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    context = {
        "rows": [_row(case, clock.now()) for case in found[:PAGE]],
        "after": write_key((last.closed_at, last.pk) if last else None),
        "first": after is None,
    }
    return render(request, "escalations/not_cases.html", context)


def _row(case: Case, now: datetime) -> Row:
    until = may_come_back_until(case)
    return Row(case, until if now < until else None)
