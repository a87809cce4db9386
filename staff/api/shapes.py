"""The form of what the API tells, for its description; what is told is made by plain functions (``told``)."""

from __future__ import annotations

from functools import cache

from rest_framework import serializers
from rest_framework.serializers import Serializer


class Named(Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()


class InTheWay(Serializer):
    type = serializers.CharField(help_text="Stable name of what stands in the way.")
    detail = serializers.CharField()
    anchor = serializers.CharField(allow_blank=True, help_text="Where on the case’s page it can be dealt with.")


class OfferShape(Serializer):
    due_at = serializers.DateTimeField()
    words = serializers.CharField(allow_blank=True)


class FieldTrouble(Serializer):
    field = serializers.CharField(allow_blank=True)
    detail = serializers.CharField()
    code = serializers.CharField()


class Problem(Serializer):
    """Why not (RFC 9457)."""

    type = serializers.CharField(help_text="Stable, one for each rule: /api/docs/problems#open_subtask")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="For people: says what to do.")
    field = serializers.CharField(required=False, help_text="What of the request it is about.")
    fields = serializers.ListField(child=FieldTrouble(), required=False)
    in_the_way = serializers.ListField(child=InTheWay(), required=False)
    offers = serializers.ListField(
        child=OfferShape(), required=False, help_text="What could be promised instead of what was refused."
    )


@cache
def page_shape(of: type[Serializer]) -> type[Serializer]:
    """A page of such things."""
    return type(
        f"{of.__name__}Page",
        (Serializer,),
        {
            "__doc__": "One page, and the address of the next.",
            "results": of(many=True),
            "next": serializers.URLField(allow_null=True, help_text="The next page; null: this is the last."),
        },
    )
