"""Fields that read what comes from outside: bounded, and refused in words."""

from __future__ import annotations

from datetime import UTC, datetime

from rest_framework import serializers

from staff.api.doors import LARGEST_ID

# Nothing is promised, meant or agreed outside of these; and every zone can show what lies between.
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class Instant(serializers.DateTimeField):
    """RFC 3339 with a zone. Without one nobody could say when that is."""

    def __init__(self, **options):
        super().__init__(**options)
        self.error_messages["beyond"] = "Name an instant between the years 1970 and 2200."
        self.error_messages["invalid"] = "Write an instant like 2026-03-02T09:00:00+01:00."

    def to_internal_value(self, value):
        if not isinstance(value, str) or len(value) > 40 or not value.isascii():
            self.fail("invalid", format="RFC 3339")
        instant = super().to_internal_value(value)
        if instant.tzinfo is None:
            self.fail("invalid", format="RFC 3339")
        if not EARLIEST <= instant < LATEST:
            self.fail("beyond")
        return instant

    def enforce_timezone(self, value):
        return value


class Whole(serializers.IntegerField):
    """A whole number that is sent as one; “3” is a word."""

    def to_internal_value(self, data):
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class YesOrNo(serializers.BooleanField):
    """true or false; “yes”, 1 and “on” are neither."""

    def to_internal_value(self, data):
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Id(Whole):
    """Of something that the desk keeps."""

    def __init__(self, **options):
        super().__init__(min_value=1, max_value=LARGEST_ID, **options)


class Words(serializers.CharField):
    """What somebody says. The verb judges its length; this only keeps what is absurd from it."""

    def __init__(self, most: int = 20_000, **options):
        super().__init__(max_length=most, trim_whitespace=False, **options)

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")  # a number would be taken for its digits, in a spelling that nobody sent
        return super().to_internal_value(data)
