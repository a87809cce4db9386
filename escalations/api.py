"""The supervisors' part of the API: flags, why each stands, and settling one."""

from __future__ import annotations

from django.http import Http404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, ChoiceField, DateTimeField, IntegerField, Serializer

from cases.api.finding import cases_of
from cases.models.case import seen_by
from cases.verbs.locking import lock
from escalations import flags
from escalations.models import Flag
from escalations.rules import BY_NAME, RULES
from staff.api import versions
from staff.api.described import acting, listing, reading
from staff.api.doors import Door
from staff.api.fields import Words
from staff.api.pages import page_of


class FlagShape(Serializer):
    """One reason why a supervisor should look at a case, with its evidence."""

    id = IntegerField()
    rule = ChoiceField([(rule.name, rule.title) for rule in RULES])
    title = CharField()
    case = CharField()
    evidence = CharField(allow_blank=True)
    became_true_at = DateTimeField(help_text="Since when it is so.")
    raised_at = DateTimeField()
    settled_at = DateTimeField(allow_null=True)
    settled = ChoiceField(Flag.Settled.choices, allow_blank=True)
    reason = CharField(allow_blank=True, help_text="What was done about it.")


class SettleRead(Serializer):
    reason = Words(help_text="What was done about it; the owner reads it.")


def flag(row: Flag) -> dict:
    rule = BY_NAME.get(row.rule)
    return {
        "id": row.pk,
        "rule": row.rule,
        "title": rule.title if rule else row.rule,
        "case": row.case.number,
        "evidence": row.evidence,
        "became_true_at": row.became_true_at,
        "raised_at": row.raised_at,
        "settled_at": row.settled_at,
        "settled": row.settled,
        "reason": row.reason,
    }


def _rows(request: Request):
    rows = Flag.objects.filter(seen_by(request.user, "case__")).select_related("case")
    if request.auth.departments:
        rows = rows.filter(case__in=cases_of(request).order_by().values("pk"))
    return rows


def _found(request: Request, pk: int) -> Flag:
    row = _rows(request).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


class Flags(Door):
    @listing(
        "flags",
        "Flags, the latest first",
        FlagShape,
        OpenApiParameter("standing", bool, description="Not settled."),
        OpenApiParameter("rule", str, enum=list(BY_NAME)),
    )
    def get(self, request: Request) -> Response:
        rows, standing = _rows(request), request.query_params.get("standing")
        if standing not in (None, "true", "false"):
            raise ValidationError({"standing": "true or false."})
        if standing is not None:
            rows = rows.filter(settled_at__isnull=standing == "true")
        if (rule := request.query_params.get("rule")) is not None:
            if rule not in BY_NAME:
                raise ValidationError({"rule": f"One of {', '.join(BY_NAME)}."})
            rows = rows.filter(rule=rule)
        return page_of(request, rows, flag, latest_first=True, names=("standing", "rule"))


class OneFlag(Door):
    @reading("flag", "A flag", FlagShape)
    def get(self, request: Request, pk: int) -> Response:
        return self.one(request, flag(_found(request, pk)))


class Settle(Door):
    takes = SettleRead

    @acting("settle_flag", "A supervisor has looked and acted; nobody settles their own", SettleRead, FlagShape)
    def post(self, request: Request, pk: int) -> Response:
        def do() -> Response:
            row = _found(request, pk)
            if versions.is_asked(request):
                lock(row.case_id)
                row = _found(request, pk)
            versions.require_same(request, versions.version_of(flag(row)))
            row = flags.settle(row, by=request.user, **self.given(request))
            return self.one(request, flag(_found(request, row.pk)))

        return self.once(request, do)


urlpatterns = [
    path("flags", Flags.as_view(), name="flags"),
    path("flags/<int:pk>", OneFlag.as_view(), name="flag"),
    path("flags/<int:pk>/settle", Settle.as_view(), name="settle_flag"),
]
