"""No answer after the reminders: each case with what was tried, and closing several at once (design rule 3)."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import Truncator
from django.views.decorators.http import require_http_methods

from cases import permissions
from cases.cover import ask_for_all
from cases.models import Attempt, Case, Message, Reminder, Resolution
from cases.verbs import silence
from escalations.views import supervisors_only
from staff.models import Agent
from supportdesk.errors import Refused
from supportdesk.paging import read_key, write_key

PAGE = 50
# One in so many is called before anybody closes it.
CALLED = 10


@dataclass(frozen=True)
class Try:
    """One try to have an answer: a proposal, a reminder, a message, a call."""

    at: datetime
    words: str


@dataclass(frozen=True)
class Row:
    """An unconfirmed case as the list shows it.

    Attributes:
        since: from when nobody waited for the answer any more. Aware datetime.
        tries: what was tried since the proposal, and every call; the oldest first.
        call_first: of the tenth that is called.
        may_close: false for one's own.
        why_not: why it was not closed, if that was tried just now.
    """

    case: Case
    resolution: Resolution
    since: datetime
    tries: tuple[Try, ...]
    call_first: bool
    may_close: bool
    ticked: bool
    why_not: str


@dataclass(frozen=True)
class Result:
    """What came of closing one case; ``why_not`` is empty if it was closed."""

    case: Case
    why_not: str = ""


@supervisors_only
@require_http_methods(["GET", "HEAD", "POST"])
def unconfirmed(request: HttpRequest) -> HttpResponse:
    """The list, the longest waiting first; ``?tick=all`` ticks all but one's own and those to call first."""
    results = _close_ticked(request) if request.method == "POST" else []
    after = read_key(request.GET.get("after", ""))
    cases, next_key = _page(request.user, after)
    why_not = {result.case.pk: result.why_not for result in results}
    context = {
        "rows": _rows(cases, request.user, why_not, tick_all=request.GET.get("tick") == "all"),
        "results": results,
        "nothing_ticked": request.method == "POST" and not results,
        "after": write_key(next_key),
        "here": write_key(after),
        "first": after is None,
    }
    return render(request, "escalations/unconfirmed.html", context, status=422 if context["nothing_ticked"] else 200)


def is_called_first(case: Case) -> bool:
    """Whether this case is of the tenth that is called: by chance, and for the same case always the same."""
    return int.from_bytes(hashlib.sha256(case.key.encode()).digest()[:4]) % CALLED == 0


# -- steps -----------------------------------------------------------------------------------------------------------


def _page(agent: Agent, after: tuple | None) -> tuple[list[Case], tuple[datetime, int] | None]:
    cases = Case.objects.visible_to(agent).unconfirmed().select_related("customer", "owner").by_next_due()
    if after and after[0]:
        due_at, pk = after
        cases = cases.filter(next_due_at__gte=due_at).exclude(next_due_at=due_at, pk__lte=pk)
    found = list(cases[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return found[:PAGE], (last.next_due_at, last.pk) if last else None


def _close_ticked(request: HttpRequest) -> list[Result]:
    """Close each in a transaction of its own, so that what one is refused hinders no other."""
    ticked = [int(pk) for pk in request.POST.getlist("case") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    visible = Case.objects.visible_to(request.user).filter(pk__in=ticked[:PAGE])
    return [_close(case, request.user) for case in visible.select_related("customer").by_next_due()]


def _close(case: Case, by: Agent) -> Result:
    try:
        silence.close_unanswered(case, by=by)
    except Refused as refusal:
        return Result(case, " ".join(hindrance.sentence for hindrance in refusal.hindrances) or refusal.sentence)
    return Result(case)


def _rows(cases: list[Case], agent: Agent, why_not: dict[int, str], *, tick_all: bool) -> list[Row]:
    standing = Resolution.objects.filter(case__in=cases, ended_at=None).select_related("meets")
    resolutions = {resolution.case_id: resolution for resolution in standing}
    tries = _tries(cases, resolutions)
    ask_for_all(cases)
    rows = []
    for case in cases:
        resolution, call_first = resolutions[case.pk], is_called_first(case)
        may_close = permissions.may_close_unanswered(agent, case)
        refused = why_not.get(case.pk, "")
        ticked = bool(refused) or (tick_all and not call_first)
        rows.append(
            Row(
                case=case,
                resolution=resolution,
                since=resolution.unconfirmed_at or resolution.proposed_at,
                tries=tries[case.pk],
                call_first=call_first,
                may_close=may_close,
                ticked=ticked and may_close,
                why_not=refused,
            )
        )
    return rows


def _tries(cases: list[Case], resolutions: dict[int, Resolution]) -> dict[int, tuple[Try, ...]]:
    """What was tried on each of these cases, in three queries for all of them."""
    found: dict[int, list[Try]] = defaultdict(list)
    for reminder in Reminder.objects.filter(resolution__in=resolutions.values(), sent_at__isnull=False):
        found[reminder.case_id].append(Try(reminder.sent_at, f"Reminder {reminder.position} on the status page"))
    for attempt in Attempt.objects.filter(case__in=cases).select_related("agent"):
        who = attempt.agent.name if attempt.agent else "The desk"
        found[attempt.case_id].append(Try(attempt.at, f"{who} tried to call: {attempt.get_how_display()}"))
    for message in _messages_since(cases, resolutions):
        found[message.case_id].append(Try(message.send_at, f"We wrote: “{Truncator(message.body).chars(80)}”"))
    return {case.pk: tuple(sorted(found[case.pk], key=lambda each: each.at)) for case in cases}


def _messages_since(cases: list[Case], resolutions: dict[int, Resolution]) -> Iterable[Message]:
    """What went to the customers since the proposals, the proposals' own words included."""
    if not cases:
        return ()
    earliest = min(resolution.proposed_at for resolution in resolutions.values())
    ours = Message.objects.filter(case__in=cases, direction=Message.Direction.OUT, send_at__gte=earliest)
    return (message for message in ours if message.send_at >= resolutions[message.case_id].proposed_at)
