"""Who is here, turning somebody off, and seeing somebody leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from cases.forms import people as forms
from cases.leaving import still_theirs
from cases.models import Case, Handover, Subtask
from cases.verbs import leaving, ownership, subtasks
from cases.views.acts import Act, put_beside_field
from staff import absences, permissions
from staff.administrators import is_administrator
from staff.models import Absence, Agent, Company, Department
from staff.models.absences import cover_is_there
from staff.origins import Origin
from supportdesk import clock
from supportdesk.errors import NotAllowed, Refused
from supportdesk.paging import read_key

PAGE = 50
# Offered in one go; whoever has more begins again behind these.
MOST_OFFERED = 200


@dataclass(frozen=True)
class Which:
    """Which people the page shows."""

    name: str
    title: str
    narrow: Q


HERE = Q(is_active=True)
WHICH = (
    Which("all", "All", HERE),
    Which("away", "Away", HERE),
    Which("off", "Cannot sign in", HERE & Q(can_sign_in=False)),
    Which("left", "Left", Q(is_active=False)),
)
BY_NAME = {which.name: which for which in WHICH}


@dataclass(frozen=True)
class Row:
    """One person: whether they are here, else until when not and who stands in. No figures stand here (design rule 15).

    Attributes:
        away: the absence they are in; ``ahead``: the next one, if it is announced.
        covered: whether who stands in is there.
    """

    agent: Agent
    away: Absence | None
    ahead: Absence | None
    covered: bool


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody who works here, by name."""
    _require_who_looks_after_people(request)
    which, now = BY_NAME.get(request.GET.get("which", ""), WHICH[0]), clock.now()
    after = read_key(request.GET.get("after", ""))
    found = Agent.objects.people().filter(which.narrow, origin__in=(Origin.LIVE, Origin.DEMO))
    if which.name == "away":
        found = found.filter(pk__in=Absence.objects.at(now).values("agent"))
    last = Agent.objects.filter(pk=after[1]).first() if after else None
    if last is not None:
        found = found.filter(name__gte=last.name).exclude(name=last.name, pk__lte=last.pk)
    page = list(found.order_by("name", "pk")[: PAGE + 1])
    context = {
        "rows": _rows(page[:PAGE], now),
        "which": which,
        "tabs": WHICH,
        "after": f"~{page[PAGE - 1].pk}" if len(page) > PAGE else "",
    }
    return render(request, "people/people.html", context)


class PersonAct(Act):
    """An act on one person of the staff: as on a case, one form that calls one verb."""

    form_class = forms.Nothing
    not_yours = "This is not yours to do."
    agent: Agent

    def dispatch(self, request: HttpRequest, *args, **kwargs):
        self.agent = self.find(**kwargs)
        return super(Act, self).dispatch(request, *args, **kwargs)

    def find(self, agent_pk: int) -> Agent:
        return person(agent_pk)

    def may(self):
        return permissions.may_look_after_people(self.request.user)

    def back(self):
        return reverse("cases:people")

    def words(self, pattern):
        return pattern.format(name=self.agent.name, first=self.agent.first_name)

    def get_form_kwargs(self):
        known = {"agent": self.agent, "by": self.request.user, "auto_id": "act_%s"}
        return {**super(Act, self).get_form_kwargs(), **known}

    def get_context_data(self, **context):
        return super(Act, self).get_context_data(
            title=self.words(self.title),
            lead=self.words(self.lead),
            submit=self.words(self.submit),
            busy=self.busy,
            back=self.back(),
            back_to="People",
            **context,
        )


class SignOff(PersonAct):
    form_class = forms.SignOff
    title = "Turn off {name}’s sign-in now?"
    lead = (
        "Every session and link of theirs ends this moment, and they are away until further notice. What is {first}’s"
        " stays {first}’s: who stands in goes on with it, and without anybody the supervisors see every case."
    )
    submit = "Sign {first} off"
    said = "{name} is signed off."

    def call(self, found):
        absences.sign_off(self.agent, cover=found["cover"], by=self.request.user)


class SignOn(PersonAct):
    title = "Let {name} sign in again?"
    lead = "They can sign in from now on, and are no longer away."
    submit = "Let {first} sign in"
    said = "{name} can sign in again."

    def call(self, found):
        absences.sign_on(self.agent, by=self.request.user)


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, agent_pk: int) -> HttpResponse:
    """What is still somebody's, each with the way into other hands; and, when nothing is, their leaving."""
    _require_who_looks_after_people(request)
    agent = person(agent_pk)
    refusal = None
    if request.method == "POST":
        try:
            leaving.leave(agent, by=request.user)
        except NotAllowed:
            raise
        except Refused as refused:
            refusal = refused
        else:
            messages.success(request, f"{agent.name} has left.")
            return redirect("cases:people")
    return _leaving_page(request, agent, refusal=refusal)


@require_http_methods(["POST"])
def offer_all(request: HttpRequest, agent_pk: int) -> HttpResponse:
    """Offer every open case of somebody who leaves to one person; what is offered already waits for its answer."""
    _require_who_looks_after_people(request)
    agent = person(agent_pk)
    form = forms.OfferAll(request.POST, agent=agent, by=request.user)
    if not form.is_valid():
        return _leaving_page(request, agent, form=form)
    waiting = Handover.objects.filter(state=Handover.State.OFFERED, from_agent=agent).values("case")
    cases = Case.objects.visible_to(request.user).owned_by(agent).open().exclude(pk__in=waiting).by_next_due()
    return offered(request, form, cases, back=reverse("cases:leaving", args=[agent.pk])) or _leaving_page(
        request, agent, form=form
    )


@require_http_methods(["POST"])
def give_parts(request: HttpRequest, agent_pk: int, department_pk: int) -> HttpResponse:
    """Put every part that somebody who leaves has of one department into other hands there."""
    _require_who_looks_after_people(request)
    agent, department = person(agent_pk), get_object_or_404(Department, pk=department_pk)
    form = forms.GiveParts(request.POST, agent=agent, department=department)
    if not form.is_valid():
        return _leaving_page(request, agent, parts_form=form)
    theirs = Subtask.objects.open().filter(agent=agent, department=department)
    visible = theirs.filter(case__in=Case.objects.visible_to(request.user))
    to, given, refused = form.cleaned_data["to"], 0, None
    for part in visible.order_by("committed_at", "pk")[:MOST_OFFERED]:
        try:
            subtasks.give(part, to, reason=form.cleaned_data["reason"], by=request.user)
            given += 1
        except NotAllowed:
            raise
        except Refused as refusal:
            refused = refusal
    if refused and not given:
        put_beside_field(form, refused)
        return _leaving_page(request, agent, parts_form=form)
    many = "One part is" if given == 1 else f"{given} parts are" if given else "Nothing is"
    messages.success(request, f"{many} given to {to.name if to else department.name}. The dates stay.")
    if refused:
        messages.error(request, f"Not everything could be given: {refused.sentence}")
    return redirect("cases:leaving", agent.pk)


def offered(request: HttpRequest, form: forms.OfferAll, cases: Iterable[Case], *, back: str) -> HttpResponse | None:
    """Offer these cases, each in a transaction of its own, and lead back.

    Returns:
        None where none could be offered: the form says why.
    """
    told = form.cleaned_data
    done, refused = 0, None
    for case in cases[:MOST_OFFERED]:
        try:
            ownership.hand_over(case, told["to"], brief=told["brief"], by=request.user)
            done += 1
        except Refused as refusal:
            refused = refusal
    if refused and not done:
        put_beside_field(form, refused)
        return None
    many = "One case is" if done == 1 else f"{done} cases are" if done else "Nothing is"
    messages.success(request, f"{many} offered to {told['to'].name}. Until accepted nothing changes.")
    if refused:
        messages.error(request, f"Not everything could be offered: {refused.sentence}")
    return redirect(back)


def person(pk: int) -> Agent:
    """Somebody of the staff, or 404. The fallback owner is nobody, and a machine is none."""
    return get_object_or_404(Agent.objects.people(), pk=pk)


# -- steps -------------------------------------------------------------------------------------------------------------


def _require_who_looks_after_people(request: HttpRequest) -> None:
    if not permissions.may_look_after_people(request.user):
        raise PermissionDenied("Who is here is for supervisors and administrators to see.")


def _rows(agents: list[Agent], now: datetime) -> list[Row]:
    announced = Absence.objects.not_over(now).filter(agent__in=agents).exclude(ends_at=F("starts_at"))
    found: dict[int, dict[bool, Absence]] = {}
    for absence in announced.annotate(there=cover_is_there(now)).select_related("cover").order_by("starts_at", "pk"):
        found.setdefault(absence.agent_id, {}).setdefault(absence.is_at(now), absence)
    return [_row(agent, found.get(agent.pk, {})) for agent in agents]


def _row(agent: Agent, absences_of: dict[bool, Absence]) -> Row:
    away = absences_of.get(True)
    return Row(agent, away, absences_of.get(False), covered=bool(away and away.there))


def _leaving_page(
    request: HttpRequest, agent: Agent, *, form=None, parts_form=None, refusal: Refused | None = None
) -> HttpResponse:
    if agent.left_at is not None:
        raise Http404
    theirs = still_theirs(agent, clock.now())
    context = {
        "agent": agent,
        "now": clock.now(),
        "theirs": theirs,
        "visible": set(
            Case.objects.visible_to(request.user)
            .filter(pk__in=[row.case_id for row in (*theirs.decisions, *theirs.parts)] + [c.pk for c in theirs.cases])
            .values_list("pk", flat=True)
        ),
        "form": form or forms.OfferAll(agent=agent, by=request.user),
        "parts_forms": _parts_forms(agent, theirs.parts, parts_form) if request.user.is_supervisor else [],
        "refusal": refusal,
        "from_here": f"?leaving={agent.pk}",
        "names_roles": is_administrator(request.user),
        "head": Company.objects.the().head if theirs.decisions else None,
    }
    wrong = context["wrong"] = bool(refusal or any(sent and sent.errors for sent in (form, parts_form)))
    return render(request, "people/leaving.html", context, status=422 if wrong else 200)


def _parts_forms(agent: Agent, parts: Iterable[Subtask], sent: forms.GiveParts | None) -> list[forms.GiveParts]:
    """For each department of which they have several parts, the way to give all at once; what was sent stays typed."""
    many = Counter(part.department for part in parts)
    several = [department for department, count in many.items() if count > 1]
    given = [sent] if sent else []
    return given + [
        forms.GiveParts(agent=agent, department=one) for one in several if not sent or one != sent.department
    ]
