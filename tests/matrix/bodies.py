"""For each act of the API something that can be read, made of what its serializer says: whoever may not act is refused
for that, and not because nothing was sent."""

from __future__ import annotations

from datetime import timedelta

from rest_framework import serializers

from cases.api import reads
from staff.api.fields import Id, Instant, Words
from supportdesk import clock
from tests.matrix.routes import Route

TOMORROW = timedelta(days=1)


def body_for(route: Route, rows: dict[str, int | str]) -> dict:
    """What is sent to this address about these rows."""
    takes = getattr(getattr(route.view, "cls", None), "takes", None)
    if takes is reads.Opening:
        return {"customer": rows["customer"], "problem": "It does not start."}
    return _filled(takes(), rows) if takes else {}


def _filled(reader: serializers.Serializer, rows: dict) -> dict:
    return {name: _something(field, rows) for name, field in reader.fields.items() if field.required}


def _something(field: serializers.Field, rows: dict):
    """A value that this field reads."""
    match field:
        case reads.OtherCase():
            return f"C-{rows['another_case']}"
        case reads.OneAgent():
            return rows["another_agent"]
        case reads.OneDepartment():
            return rows["department"]
        case Id():
            return rows["another_customer"]
        case Words():
            return "Because it is so."
        case Instant():
            return (clock.now() + TOMORROW).isoformat()
        case serializers.ChoiceField():
            return next(iter(field.choices))
        case serializers.BooleanField():
            return False
        case serializers.DictField():
            return {}
        case serializers.Serializer():
            return _filled(field, rows)
    raise AssertionError(f"Say what is sent as {type(field).__name__}.")
