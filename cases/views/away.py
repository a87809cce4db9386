"""Absences: announce one, see what falls into it, and read what happened meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases import falling_into
from cases.falling_into import Falling, Uncovered
from cases.forms import people as forms
from cases.forms.fields import new_key
from cases.meanwhile import meanwhile
from cases.models import Case, Promise
from cases.verbs import absences as leaving_to_cover
from cases.views.acts import put_beside_field, visible_case
from cases.views.people import PersonAct, offered, person
from staff import absences, permissions
from staff.models import Absence, Agent
from supportdesk import clock
from supportdesk.errors import NotAllowed, Refused
from supportdesk.paging import read_key

MOST_BEFORE = 10


@dataclass(frozen=True)
class Foresight:
    """What falls into a time away.

    Attributes:
        many: how many promises, ``99+`` beyond; of a later page, how many are left.
        rows: a page of them, the first to call first; ``begins``: it is the first page.
        after: after which promise the next page begins; empty: it does not.
        uncovered: what falls due then and for which nobody stands in.
        relies: an absence in which somebody relies on this very person.
    """

    many: str
    rows: list[Falling]
    after: str
    begins: bool
    uncovered: Uncovered
    relies: Absence | None = None

    @property
    def first(self) -> Falling | None:
        return self.rows[0] if self.rows and self.begins else None


@require_http_methods(["GET", "HEAD", "POST"])
def away(request: HttpRequest) -> HttpResponse:
    """One's own absences, and announcing one: the times in the address show what would fall into them."""
    return _announcing(request, request.user)


@require_http_methods(["GET", "HEAD", "POST"])
def away_of(request: HttpRequest, agent_pk: int) -> HttpResponse:
    """The same about somebody else: "if this person is away next week, these promises break"."""
    agent = person(agent_pk)
    if agent == request.user:
        return redirect("cases:away")
    if not permissions.supervises(request.user):
        raise PermissionDenied("When somebody else is away is for supervisors to say.")
    return _announcing(request, agent)


@require_safe
def absence(request: HttpRequest, absence_pk: int) -> HttpResponse:
    """One absence: what falls into it, to be left to who stands in, given another date, or handed over."""
    return _absence_page(request, _absence(request, absence_pk))


@require_POST
def leave(request: HttpRequest, absence_pk: int, promise_pk: int) -> HttpResponse:
    """Leave one promise to who stands in."""
    absence, promise = _absence(request, absence_pk), get_object_or_404(Promise, pk=promise_pk)
    visible_case(request.user, promise.case_id)
    leaving_to_cover.leave_to_cover(promise, absence, by=request.user)
    return redirect("cases:absence", absence.pk)


@require_POST
def leave_all(request: HttpRequest, absence_pk: int) -> HttpResponse:
    """Leave everything that falls into it to who stands in."""
    absence = _absence(request, absence_pk)
    left = leaving_to_cover.leave_all_to_cover(absence, by=request.user)
    if left:
        many = "One promise is" if left == 1 else f"{left} promises are"
        messages.success(request, f"{many} left to {absence.cover.name}.")
    return redirect("cases:absence", absence.pk)


class AbsenceAct(PersonAct):
    """An act on one absence."""

    absence: Absence

    def find(self, absence_pk: int) -> Agent:
        self.absence = _absence(self.request, absence_pk)
        return self.absence.agent

    def may(self):
        return permissions.may_keep_absences_of(self.request.user, self.agent)

    def back(self):
        return reverse("cases:absence", args=[self.absence.pk])

    def get_context_data(self, **context):
        return {**super().get_context_data(**context), "back_to": "Absence"}


class Change(AbsenceAct):
    form_class = forms.Change
    title = "Other times, or another cover"
    submit = "Change it"
    said = "Changed. Whoever stands in is told."

    def get_initial(self):
        return {name: getattr(self.absence, name) for name in ("starts_at", "ends_at", "cover")}

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "absence": self.absence}

    def call(self, found):
        absences.change(self.absence, **found, by=self.request.user)


class Back(AbsenceAct):
    """They are back early; or, before it begins, they are not away at all."""

    def words(self, pattern):
        return pattern

    @property
    def title(self):
        if not self._begun:
            return "Call this absence off?"
        return "Are you back?" if self._own else f"Is {self.agent.name} back?"

    @property
    def lead(self):
        if not self._begun:
            return "Nobody has to stand in. What was left to them is yours again." if self._own else ""
        return "It ends now. You speak and keep for yourself again." if self._own else "It ends now."

    @property
    def submit(self):
        if not self._begun:
            return "Call it off"
        return "I am back" if self._own else f"{self.agent.first_name} is back"

    def call(self, found):
        absences.cut_short(self.absence, by=self.request.user)

    def back(self):
        return reverse("cases:absence", args=[self.absence.pk])

    @property
    def _own(self) -> bool:
        return self.agent == self.request.user

    @property
    def _begun(self) -> bool:
        return self.absence.starts_at <= clock.now()


class Offer(AbsenceAct):
    """Offer every case of which something falls into the absence to one person."""

    form_class = forms.OfferAll
    title = "Offer these cases to somebody"
    lead = "Each case of which something falls into this time. Until it is accepted nothing changes."
    submit = "Offer them"

    def form_valid(self, form):
        falling = falling_into.promises_in(self.absence).order_by().values("case")
        cases = Case.objects.visible_to(self.request.user).open().filter(pk__in=falling).by_next_due()
        return offered(self.request, form, cases, back=self.back()) or self.form_invalid(form)


@require_safe
def summary(request: HttpRequest, absence_pk: int) -> HttpResponse:
    """Welcome back: what happened to one's cases meanwhile."""
    absence = _absence(request, absence_pk)
    if not permissions.may_keep_absences_of(request.user, absence.agent):
        raise Http404
    context = {
        "absence": absence,
        "own": absence.agent == request.user,
        "groups": meanwhile(absence, request.user),
        "over": absence.is_over(clock.now()),
    }
    return render(request, "away/summary.html", context)


# -- steps -------------------------------------------------------------------------------------------------------------


def _absence(request: HttpRequest, pk: int) -> Absence:
    """The absence, if this agent may see it, or 404."""
    found = Absence.objects.select_related("agent__department__calendar", "cover", "announced_by").filter(pk=pk).first()
    if found is None or not permissions.may_see_absence(request.user, found):
        raise Http404
    return found


def _announcing(request: HttpRequest, agent: Agent) -> HttpResponse:
    looking = request.method != "POST"
    sent = request.POST if not looking else request.GET if "starts_at" in request.GET else None
    form = forms.Announce(_with_a_key(sent), agent=agent, by=request.user)
    times = _times(form, looking)
    if times and not looking and form.is_valid():
        made = _announce(request, agent, form)
        if made is not None:
            return redirect("cases:absence", made.pk)
    elif times and looking:
        _ask(form, agent, request.user)
    elif request.htmx:
        _forgive_what_is_not_typed_yet(form)
    own = agent == request.user
    possible = times and not {"starts_at", "ends_at"} & form.errors.keys()
    context = {
        "agent": agent,
        "own": own,
        "form": form,
        "times": times,
        "foresight": _foresight(request, agent, _start(times), times["ends_at"]) if possible else None,
        "asked": urlencode({name: (sent or {}).get(name, "") for name in ("starts_at", "ends_at", "cover")}),
        "may_announce": bool(times) and not form.errors and (times["cover"] is not None or not own),
    }
    if request.htmx and looking:
        return render(request, "away/_announcing.html", context)
    context["absences"] = _absences_of(agent)
    wrong = not looking and form.errors
    return render(request, "away/away.html", context, status=422 if wrong else 200)


def _times(form: forms.Announce, looking: bool) -> dict | None:
    """The times that were typed, if they can be read, and who stands in; who only looks need not have chosen yet."""
    if not form.is_bound:
        return None
    form.full_clean()
    if looking and not form.data.get("cover"):
        form.errors.pop("cover", None)
    found = {"cover": None, **form.cleaned_data}
    # A copy: what is refused beside its field is taken out of the form's own.
    return found if {"starts_at", "ends_at"} <= found.keys() else None


def _with_a_key(sent):
    """Times in an address carry no key of a form; what is only looked at needs none."""
    if sent is None or "once" in sent:
        return sent
    return {**sent.dict(), "once": new_key()}


def _announce(request: HttpRequest, agent: Agent, form: forms.Announce) -> Absence | None:
    found = form.cleaned_data
    try:
        made = absences.announce(
            agent, found["starts_at"], found["ends_at"], found["cover"], once=found["once"], by=request.user
        )
    except NotAllowed:
        raise
    except Refused as refusal:
        put_beside_field(form, refusal)
        return None
    messages.success(request, "Announced." if made.cover is None else f"Announced. {made.cover.name} is told.")
    return made


def _ask(form: forms.Announce, agent: Agent, by: Agent) -> None:
    """Say beside its field what would be refused; that nobody is chosen yet is no mistake while looking."""
    found = {"cover": None, **form.cleaned_data}
    try:
        absences.require_possible(agent, _start(found), found["ends_at"], found["cover"], by=by)
    except Refused as refusal:
        if refusal.code != "cover_needed":
            put_beside_field(form, refusal)


def _forgive_what_is_not_typed_yet(form: forms.Announce) -> None:
    """While times are typed one after the other, an empty field is no mistake."""
    for name in [name for name in form.errors if not form.data.get(name)]:
        del form.errors[name]


def _start(times: dict) -> datetime:
    return times["starts_at"] or clock.now()


def _foresight(request: HttpRequest, agent: Agent, start: datetime, end: datetime | None) -> Foresight:
    falling = falling_into.promises_of(agent, start, end)
    relies = absences.stands_in_for(agent, start, end) if agent != request.user else None
    return _seen(request, falling, agent, start, end, relies)


def _seen(request: HttpRequest, falling, agent: Agent, start, end, relies: Absence | None = None) -> Foresight:
    visible = falling.filter(case__in=Case.objects.visible_to(request.user))
    after = read_key(request.GET.get("after", ""))
    page = falling_into.page_of(visible, after[1] if after else None)
    return Foresight(
        many=page.many,
        rows=page.rows,
        after=f"~{page.after}" if page.after else "",
        begins=after is None,
        uncovered=falling_into.uncovered_of(agent, start, end, reader=request.user),
        relies=relies,
    )


def _absences_of(agent: Agent) -> list[Absence]:
    """What lasts or is ahead, then the last ones that were."""
    theirs = Absence.objects.filter(agent=agent).select_related("cover")
    return list(theirs.order_by("-starts_at", "-pk")[:MOST_BEFORE])


def _absence_page(request: HttpRequest, absence: Absence) -> HttpResponse:
    now, agent = clock.now(), absence.agent
    over = absence.is_over(now)
    falling = falling_into.promises_in(absence)
    left = Promise.objects.owed().filter(covered_in=absence, case__closed_at=None)
    left = left.filter(case__in=Case.objects.visible_to(request.user)).order_by("due_at", "pk")
    context = {
        "absence": absence,
        "agent": agent,
        "own": agent == request.user,
        "over": over,
        "begun": absence.starts_at <= now,
        "may_keep": permissions.may_keep_absences_of(request.user, agent),
        "foresight": None if over else _seen(request, falling, agent, absence.starts_at, absence.ends_at),
        "left": [] if over else falling_into.page_of(left).rows,
    }
    return render(request, "away/absence.html", context)
