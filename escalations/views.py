"""The supervisor's queue: why each case is here, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import user_passes_test
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from cases import permissions
from cases.cover import ask_for_all
from cases.forms.fields import Reason
from cases.involvement import involved_in_each
from cases.models import Case, Complaint, Refusal
from cases.views.acts import Act, visible_case
from escalations import flags
from escalations.models import Flag
from escalations.rules import BY_NAME, RULES, Rule
from supportdesk.paging import read_key, write_key

PAGE = 50
BESIDE = 10


@dataclass(frozen=True)
class Row:
    """A standing flag as the queue shows it; ``may_settle`` is false for one's own."""

    flag: Flag
    rule: Rule
    rank: int
    may_settle: bool


def supervisors_only(view):
    """Anybody else of the staff is told that this is not theirs."""

    def allowed(agent) -> bool:
        if not agent.is_supervisor:
            raise PermissionDenied("The escalation queue is the supervisors’.")
        return True

    return user_passes_test(allowed)(view)


@supervisors_only
def queue(request: HttpRequest) -> HttpResponse:
    """Standing flags, the oldest first; ``?why=`` shows one rule's."""
    why = BY_NAME.get(request.GET.get("why", ""))
    after = read_key(request.GET.get("after", ""))
    standing = Flag.objects.standing().filter(case__in=Case.objects.visible_to(request.user))
    if why:
        standing = standing.filter(rule=why.name)
    if after and after[0]:
        standing = standing.filter(became_true_at__gte=after[0]).exclude(became_true_at=after[0], pk__lte=after[1])
    found = list(
        standing.select_related("case__customer", "case__owner", "case__next_promise").order_by("became_true_at", "pk")[
            : PAGE + 1
        ]
    )
    last = found[PAGE - 1] if len(found) > PAGE else None
    context = {
        "rows": _rows(found[:PAGE], request.user),
        "rules": RULES,
        "why": why,
        "after": write_key((last.became_true_at, last.pk) if last else None),
        "first": after is None,
        "unconfirmed": _beside(Case.objects.unconfirmed(), request.user),
        "up_for_taking": _beside(Case.objects.up_for_taking(), request.user),
    }
    return render(request, "escalations/queue.html", context)


@supervisors_only
def complaints(request: HttpRequest) -> HttpResponse:
    """Complaints that have not been answered, by when they were promised an answer."""
    after = read_key(request.GET.get("after", ""))
    standing = Complaint.objects.open().filter(case__in=Case.objects.visible_to(request.user))
    if after and after[0]:
        standing = standing.filter(due_at__gte=after[0]).exclude(due_at=after[0], pk__lte=after[1])
    found = list(standing.select_related("case__customer", "owner").order_by("due_at", "pk")[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    involved = involved_in_each(found[:PAGE])
    rows = [
        (complaint, permissions.acts_on_complaint(request.user, complaint, involved[complaint.pk]))
        for complaint in found[:PAGE]
    ]
    context = {"rows": rows, "after": write_key((last.due_at, last.pk) if last else None)}
    return render(request, "escalations/complaints.html", context)


@supervisors_only
def refusals(request: HttpRequest) -> HttpResponse:
    """What customers were refused and asked another person to look at, the oldest wish first."""
    after = read_key(request.GET.get("after", ""))
    disputed = Refusal.objects.disputed().filter(case__in=Case.objects.visible_to(request.user))
    if after and after[0]:
        disputed = disputed.filter(another_look_at__gte=after[0]).exclude(another_look_at=after[0], pk__lte=after[1])
    found = list(
        disputed.select_related("case__customer", "case__owner", "said_by_agent", "look_by").order_by(
            "another_look_at", "pk"
        )[: PAGE + 1]
    )
    last = found[PAGE - 1] if len(found) > PAGE else None
    ask_for_all(refusal.case for refusal in found[:PAGE])
    rows = [(refusal, permissions.may_look_again(request.user, refusal, refusal.case)) for refusal in found[:PAGE]]
    context = {"rows": rows, "after": write_key((last.another_look_at, last.pk) if last else None)}
    return render(request, "escalations/refusals.html", context)


class Settle(Act):
    form_class = Reason
    title = "Settle this flag"
    lead = "{owner} sees that you looked, and what you write."
    submit = "Settle it"
    said = "Settled."
    flag: Flag

    def find(self, flag_pk: int):
        if not self.request.user.is_supervisor:
            raise PermissionDenied("The escalation queue is the supervisors’.")
        self.flag = Flag.objects.filter(pk=flag_pk).first()
        if self.flag is None:
            raise Http404
        return visible_case(self.request.user, self.flag.case_id)

    def may(self):
        return permissions.may_settle_flag(self.request.user, self.case, self.flag.act_of_id)

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        form.fields["reason"].label = "What was done, or why nothing is needed"
        return form

    def call(self, found):
        flags.settle(self.flag, reason=found["reason"], by=self.request.user)

    def back(self):
        return "/escalations/"


def _rows(found: list[Flag], agent) -> list[Row]:
    ask_for_all(flag.case for flag in found)
    return [
        Row(flag, BY_NAME[flag.rule], rank, permissions.may_settle_flag(agent, flag.case, flag.act_of_id))
        for rank, flag in enumerate(found, start=1)
    ]


def _beside(cases, agent) -> list[Case]:
    return list(
        cases.filter(pk__in=Case.objects.visible_to(agent)).select_related("customer", "owner").by_next_due()[:BESIDE]
    )
