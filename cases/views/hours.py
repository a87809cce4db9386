"""When somebody is there, who leads, and who decides: everybody may read it, administrators change it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.forms import hours as forms
from cases.outside_hours import Outside, outside
from cases.views.acts import Act, put_beside_field
from staff import company as companies
from staff import departments, hours_in_words, mandates, places
from staff import hours as verbs
from staff.administrators import is_administrator, require_administrator
from staff.businesstime import BusinessHours
from staff.models import Calendar, Company, Department
from staff.weeks_ahead import weeks_ahead
from supportdesk import clock
from supportdesk.errors import NotAllowed, Refused


@require_safe
def hours(request: HttpRequest) -> HttpResponse:
    """The company's hours, who stands above the supervisors, and every department."""
    company = Company.objects.the()
    departments = Department.objects.select_related("calendar__changed_by", "lead", "second_line", "mandate__decider")
    context = {
        "company": company,
        "companys": _said(company.calendar),
        "supervisors": _said(company.supervisors_calendar) if company.supervisors_calendar else None,
        "rows": [_row(department, company) for department in departments],
        "may_change": is_administrator(request.user),
    }
    return render(request, "hours/hours.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: HttpRequest, calendar_pk: int) -> HttpResponse:
    """One calendar: its hours, the next four weeks, and what is promised outside of them."""
    calendar = get_object_or_404(Calendar.objects.select_related("changed_by"), pk=calendar_pk)
    if request.method != "POST":
        return _calendar_page(request, calendar, _form_of(calendar), verbs.hours_of(calendar))
    require_administrator(request.user)
    form = forms.Hours(request.POST)
    if not form.is_valid():
        return _calendar_page(request, calendar, form, None, status=422)
    typed = form.cleaned_data["hours"]
    try:
        verbs.change(calendar, typed, read_as=form.cleaned_data["read_as"], by=request.user)
    except NotAllowed:
        raise
    except Refused as refusal:
        put_beside_field(form, refusal)
        return _calendar_page(request, calendar, form, typed, status=refusal.status)
    messages.success(request, "Kept. No time that was promised has moved.")
    return redirect("cases:calendar", calendar.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def calendar_ahead(request: HttpRequest, calendar_pk: int) -> HttpResponse:
    """The next four weeks as what is typed would have them. Nothing is kept."""
    calendar = get_object_or_404(Calendar, pk=calendar_pk)
    if request.method != "POST":
        return redirect("cases:calendar", calendar.pk)
    require_administrator(request.user)
    form = forms.Hours(request.POST)
    typed = form.cleaned_data["hours"] if form.is_valid() else None
    return _calendar_page(request, calendar, form, typed, status=200 if form.is_valid() or request.htmx else 422)


@require_safe
def department(request: HttpRequest, department_pk: int) -> HttpResponse:
    """One department: when somebody is there, who leads it, and what its owners may decide alone."""
    department = _department(department_pk)
    company = Company.objects.the()
    mandate = _mandate_of(department)
    context = {
        "department": department,
        "follows": department.calendar_id == company.calendar_id,
        "hours": _said(department.calendar),
        "mandate": mandate,
        "alone": mandates.in_words(mandate),
        "may_change": is_administrator(request.user),
    }
    return render(request, "hours/department.html", context)


@require_POST
def give_own_hours(request: HttpRequest, department_pk: int) -> HttpResponse:
    """Hours of its own, as a copy of the company's, to be changed at once."""
    given = verbs.give_own_hours(_department(department_pk), by=request.user)
    messages.success(request, f"{given.name} has hours of its own now. They begin as everybody’s: change them here.")
    return redirect("cases:calendar", given.calendar_id)


@require_POST
def give_supervisors_own_hours(request: HttpRequest) -> HttpResponse:
    """Hours of their own, as a copy of the company's, to be changed at once."""
    company = verbs.give_supervisors_own_hours(by=request.user)
    messages.success(
        request, "The supervisors have hours of their own now. They begin as everybody’s: change them here."
    )
    return redirect("cases:calendar", company.supervisors_calendar_id)


class AdministratorsAct(Act):
    """An act of administrators on a department or on the company: as on a case, one form that calls one verb."""

    template_name = "hours/act.html"
    form_class = forms.Nothing
    thing: Department | Company

    def dispatch(self, request: HttpRequest, *args, **kwargs):
        self.thing = self.find(**kwargs)
        return super(Act, self).dispatch(request, *args, **kwargs)

    def require_may(self) -> None:
        require_administrator(self.request.user)

    def find(self, department_pk: int):
        return _department(department_pk)

    def back(self):
        return reverse("cases:department", args=[self.thing.pk])

    def words(self, pattern):
        return pattern.format(name=self.thing)

    def get_form_kwargs(self):
        return {**super(Act, self).get_form_kwargs(), "thing": self.thing, "auto_id": "act_%s"}

    def get_context_data(self, **context):
        return super(Act, self).get_context_data(
            title=self.words(self.title),
            lead=self.words(self.lead),
            submit=self.words(self.submit),
            back=self.back(),
            back_to=self.words("{name}"),
            **context,
        )


class FollowCompany(AdministratorsAct):
    title = "Let {name} follow everybody’s hours?"
    lead = "No time that was promised moves. Its own hours are gone unless another department has them too."
    submit = "Follow everybody’s hours"
    said = "{name} follows everybody’s hours."

    def get_context_data(self, **context):
        companys = Company.objects.the().calendar
        then, own = verbs.hours_of(companys), verbs.hours_of(self.thing.calendar)
        falls = _outside(self.request, [self.thing.pk], then, own)
        return super().get_context_data(
            own=_said(self.thing.calendar),
            companys=_said(companys),
            hours=then,
            outside=falls,
            sentence=falls.sentence(typed=own != then) if falls else "",
            **context,
        )

    def call(self, found):
        verbs.follow_company(self.thing, by=self.request.user)


class Lines(AdministratorsAct):
    form_class = forms.Lines
    title = "Who leads {name}, and who stands behind it"
    submit = "Keep it"
    said = "Kept."

    def get_initial(self):
        return {"lead": self.thing.lead_id, "second_line": self.thing.second_line_id}

    def call(self, found):
        departments.set_lines(self.thing, lead=found["lead"], second_line=found["second_line"], by=self.request.user)


class SetMandate(AdministratorsAct):
    form_class = forms.Mandate
    title = "What owners in {name} may decide alone"
    lead = "It holds for what is decided from now on."
    submit = "Keep it"
    said = "Kept."

    def get_initial(self):
        mandate = _mandate_of(self.thing)
        if mandate is None:
            return {"refund_up_to": 0, "courtesy_up_to": 0}
        names = ("refund_up_to", "courtesy_up_to", "replacement", "decider")
        return {name: getattr(mandate, name) for name in names}

    def call(self, found):
        mandates.set_mandate(self.thing, **found, by=self.request.user)


class CompanysAct(AdministratorsAct):
    """An act on the company."""

    def find(self):
        return Company.objects.the()

    def back(self):
        return reverse("cases:hours")

    def words(self, pattern):
        return pattern.format(name="Hours and who decides")


class NameRungs(CompanysAct):
    form_class = forms.Rungs
    title = "Who stands above the supervisors"
    lead = "What is left unanswered goes one rung higher, to the last one."
    submit = "Keep it"
    said = "Kept."

    def get_initial(self):
        company = self.thing
        return {
            "head": company.head_id,
            "ombudsperson": company.ombudsperson_id,
            "contact": company.ombudsperson_contact,
        }

    def call(self, found):
        companies.name_rungs(**found, by=self.request.user)


class LetSupervisorsFollow(CompanysAct):
    title = "Let the supervisors answer in everybody’s hours?"
    lead = "No time that was promised moves. Their own hours are gone unless a department has them too."
    submit = "Follow everybody’s hours"
    said = "The supervisors answer in everybody’s hours."

    def get_context_data(self, **context):
        own = self.thing.supervisors_calendar
        return super().get_context_data(own=_said(own) if own else None, companys=_said(self.thing.calendar), **context)

    def call(self, found):
        verbs.let_supervisors_follow_company(by=self.request.user)


# -- steps -------------------------------------------------------------------------------------------------------------


def _calendar_page(
    request: HttpRequest, calendar: Calendar, form: forms.Hours, shown: BusinessHours | None, status: int = 200
) -> HttpResponse:
    """The page, or for htmx what changes with the hours.

    Args:
        shown: the hours whose weeks are shown; None: those typed make none.
    """
    today = verbs.hours_of(calendar)
    whose = list(calendar.departments.order_by("name"))
    country = form["country"].value() or ""
    falls = _outside(request, [one.pk for one in whose], shown, today) if whose else None
    is_typed = shown is not None and shown != today
    context = {
        "calendar": calendar,
        "whose": whose,
        "title": _title(calendar, whose),
        "unreckonable": verbs.why_unreckonable(calendar),
        "form": form,
        "hours": shown,
        "is_typed": is_typed,
        "weeks": weeks_ahead(shown, clock.now(), instead_of=today) if shown else (),
        "outside": falls,
        "sentence": falls.sentence(is_typed) if falls else "",
        "holidays_of": hours_in_words.holidays_of(today) if today else calendar.country,
        "zones": places.zones_to_choose(),
        "parts": places.parts_to_choose(country),
        "may_change": is_administrator(request.user),
    }
    template = "hours/_ahead.html" if request.htmx else "hours/calendar.html"
    return render(request, template, context, status=status)


def _form_of(calendar: Calendar) -> forms.Hours:
    return forms.Hours(initial={**hours_in_words.write(calendar), "read_as": verbs.fingerprint(calendar)})


def _outside(
    request: HttpRequest, departments: list[int], hours: BusinessHours | None, today: BusinessHours | None
) -> Outside | None:
    if hours is None:
        return None
    return outside(departments, hours, clock.now(), reader=request.user, instead_of=today)


def _title(calendar: Calendar, whose: list[Department]) -> str:
    company = Company.objects.the()
    if calendar.pk == company.calendar_id:
        return "Everybody’s hours"
    if calendar.pk == company.supervisors_calendar_id and not whose:
        return "When supervisors answer"
    return f"Hours of {whose[0].name}" if len(whose) == 1 else calendar.name


def _said(calendar: Calendar) -> dict:
    """A calendar's hours in words, for a page that only mentions them."""
    hours = verbs.hours_of(calendar)
    said = {"calendar": calendar, "url": reverse("cases:calendar", args=[calendar.pk])}
    if hours is None:
        why = verbs.why_unreckonable(calendar)
        return {**said, "week": "What stands there makes no hours.", "place": calendar.zone, "unreckonable": why}
    return {**said, "week": hours_in_words.week(hours), "place": hours_in_words.place(hours), "unreckonable": ""}


def _row(department: Department, company: Company) -> dict:
    """A department on the list."""
    follows = department.calendar_id == company.calendar_id
    mandate = _mandate_of(department)
    said = _said(department.calendar)
    return {
        "department": department,
        "hours": "Everybody’s hours" if follows else said["week"],
        "unreckonable": said["unreckonable"],
        "alone": mandates.in_words(mandate),
        "mandate": mandate,
    }


def _department(pk: int) -> Department:
    about = ("calendar__changed_by", "hours_chosen_by", "lead", "second_line", "mandate__decider")
    return get_object_or_404(Department.objects.select_related(*about), pk=pk)


def _mandate_of(department: Department):
    return getattr(department, "mandate", None)
