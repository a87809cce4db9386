"""The staff's part of the API: who asks, agents, departments, topics, calendars."""

from __future__ import annotations

from django.http import Http404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BooleanField, CharField, DictField, IntegerField, ListField, Serializer

from staff import hours, hours_in_words
from staff.api import versions
from staff.api.described import acting, listing, reading
from staff.api.doors import Door, narrowed
from staff.api.fields import Words
from staff.api.pages import page_of
from staff.api.shapes import Named
from staff.models import Agent, Calendar, Department, Topic
from staff.models.calendars import WEEKDAYS
from staff.models.tokens import Scope


class AgentShape(Serializer):
    """Who works on the desk. No figure stands beside anybody’s name."""

    id = IntegerField()
    name = CharField()
    department = Named()
    is_supervisor = BooleanField()
    is_service = BooleanField(help_text="A machine that comes in by a token.")
    can_work = BooleanField(help_text="Still with us, and able to sign in.")


class DepartmentShape(Serializer):
    """A group of specialists who do one kind of work."""

    id = IntegerField()
    name = CharField()
    name_for_customers = CharField()
    calendar = Named()
    is_default = BooleanField(help_text="Takes what names no topic.")
    second_line = Named(allow_null=True)
    lead = Named(allow_null=True)


class TopicShape(Serializer):
    """What a problem can be about, in the customer’s words; leads to a department."""

    id = IntegerField()
    name = CharField()
    department = Named()
    position = IntegerField()


class CalendarShape(Serializer):
    """When somebody is there: working blocks by weekday, public holidays, own closed and open days, in one zone."""

    id = IntegerField()
    name = CharField()
    zone = CharField()
    week = DictField(child=CharField(allow_blank=True), help_text="By weekday: “09:00-12:30, 13:30-17:00”.")
    country = CharField(allow_blank=True)
    subdivision = CharField(allow_blank=True)
    closed_days = ListField(child=serializers.DateField())
    open_days = DictField(child=CharField())


class MeShape(AgentShape):
    """Whoever the token acts as, and what it may do."""

    scope = serializers.ChoiceField(Scope.choices)
    departments = ListField(child=IntegerField(), help_text="To which the token is limited; none: to none.")


def named(row) -> dict | None:
    return None if row is None else {"id": row.pk, "name": getattr(row, "name", str(row))}


def agent(row: Agent) -> dict:
    return {
        "id": row.pk,
        "name": row.name,
        "department": named(row.department),
        "is_supervisor": row.is_supervisor,
        "is_service": row.is_service,
        "can_work": row.is_active and row.can_sign_in,
    }


def department(row: Department) -> dict:
    return {
        "id": row.pk,
        "name": row.name,
        "name_for_customers": row.name_for_customers,
        "calendar": named(row.calendar),
        "is_default": row.is_default,
        "second_line": named(row.second_line),
        "lead": named(row.lead),
    }


def topic(row: Topic) -> dict:
    return {"id": row.pk, "name": row.name, "department": named(row.department), "position": row.position}


def calendar(row: Calendar) -> dict:
    return {
        "id": row.pk,
        "name": row.name,
        "zone": row.zone,
        "week": {day: getattr(row, day) for day in WEEKDAYS},
        "country": row.country,
        "subdivision": row.subdivision,
        "closed_days": row.closed_days,
        "open_days": row.open_days,
    }


class Me(Door):
    @reading("me", "Who the token acts as", MeShape)
    def get(self, request: Request) -> Response:
        token = request.auth
        return self.one(request, agent(request.user) | {"scope": token.scope, "departments": token.departments})


class Agents(Door):
    @listing("agents", "Everybody on the desk", AgentShape, OpenApiParameter("department", int))
    def get(self, request: Request) -> Response:
        rows = narrowed(request, Agent.objects.all(), "department")
        wanted = request.query_params.get("department")
        if wanted is not None:
            if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= 18):
                raise ValidationError({"department": "An id."})
            rows = rows.filter(department=int(wanted))
        return page_of(request, rows, agent, names=("department",))


def _list(name: str, summary: str, shape, rows, tell) -> type[Door]:
    def get(self, request: Request) -> Response:
        return page_of(request, rows(request), tell)

    return type(name.title(), (Door,), {"get": listing(name, summary, shape)(get)})


def _one(name: str, summary: str, shape, rows, tell) -> type[Door]:
    def get(self, request: Request, pk: int) -> Response:
        return self.one(request, tell(_found(rows(request), pk)))

    return type(f"One{name.title()}", (Door,), {"get": reading(name, summary, shape)(get)})


def _found(rows, pk: int):
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _agents(request: Request):
    return narrowed(request, Agent.objects.all(), "department")


def _departments(request: Request):
    return narrowed(request, Department.objects.select_related("calendar", "second_line", "lead"), "pk")


def _topics(request: Request):
    return narrowed(request, Topic.objects.select_related("department"), "department")


def _calendars(request: Request):
    return narrowed(request, Calendar.objects.all(), "departments").distinct()


class CalendarRead(Serializer):
    zone = Words(most=60)
    week = DictField(child=Words(most=120, allow_blank=True))
    country = Words(most=2, allow_blank=True, default="")
    subdivision = Words(most=8, allow_blank=True, default="")
    closed_days = ListField(child=serializers.DateField(), max_length=400, default=list)
    open_days = DictField(child=Words(most=120), default=dict)

    def validate(self, given):
        unknown = set(given["week"]) - set(WEEKDAYS)
        if unknown:
            raise serializers.ValidationError({"week": f"There is no weekday “{sorted(unknown)[0][:20]}”."})
        return given


class OneCalendar(_one("calendar", "When somebody is there", CalendarShape, _calendars, calendar)):
    needs = Scope.ADMIN
    takes = CalendarRead

    @acting(
        "change_calendar",
        "Change when somebody is there; nothing promised moves",
        CalendarRead,
        CalendarShape,
        scope=Scope.ADMIN,
    )
    def put(self, request: Request, pk: int) -> Response:
        def do() -> Response:
            if versions.is_asked(request):
                Calendar.objects.select_for_update(no_key=True).filter(pk=pk).first()
            row = _found(_calendars(request), pk)
            versions.require_same(request, versions.version_of(calendar(row)))
            typed = hours_in_words.read(_words(self.given(request)))
            changed = hours.change(row, typed, read_as=hours.fingerprint(row), by=request.user)
            return self.one(request, calendar(changed))

        return self.once(request, do)


def _words(given: dict) -> dict[str, str]:
    """What was sent as the page's words: they are read, and refused, in one place."""
    return {
        **given,
        **given["week"],
        "closed_days": "\n".join(day.isoformat() for day in given["closed_days"]),
        "open_days": "\n".join(f"{day} {blocks}" for day, blocks in given["open_days"].items()),
    }


urlpatterns = [
    path("me", Me.as_view(), name="me"),
    path("agents", Agents.as_view(), name="agents"),
    path("agents/<int:pk>", _one("agent", "Somebody on the desk", AgentShape, _agents, agent).as_view(), name="agent"),
    path(
        "departments",
        _list("departments", "All departments", DepartmentShape, _departments, department).as_view(),
        name="departments",
    ),
    path(
        "departments/<int:pk>",
        _one("department", "A department", DepartmentShape, _departments, department).as_view(),
        name="department",
    ),
    path("topics", _list("topics", "What a problem can be about", TopicShape, _topics, topic).as_view(), name="topics"),
    path("topics/<int:pk>", _one("topic", "A topic", TopicShape, _topics, topic).as_view(), name="topic"),
    path(
        "calendars",
        _list("calendars", "When departments work", CalendarShape, _calendars, calendar).as_view(),
        name="calendars",
    ),
    path("calendars/<int:pk>", OneCalendar.as_view(), name="calendar"),
]
