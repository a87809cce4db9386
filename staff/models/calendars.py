"""Working hours as they are kept; ``staff.businesstime`` does the arithmetic."""

from __future__ import annotations

import re
from datetime import date, time
from functools import lru_cache

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from staff.businesstime import BusinessHours

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BLOCK = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")


def read_blocks(text: str) -> tuple[tuple[time, time], ...]:
    """The working blocks of one day from words such as ``09:00-12:30, 13:30-17:00``; empty words are a closed day.

    Raises:
        ValueError: the words are not such blocks.
    """
    return tuple(_read_block(part.strip()) for part in text.split(",") if part.strip())


def _read_block(words: str) -> tuple[time, time]:
    match = _BLOCK.fullmatch(words)
    try:
        from_hour, from_minute, to_hour, to_minute = (int(number) for number in match.groups())
        if to_hour > 24:
            raise ValueError
        # Midnight at the end of a day is written 24:00 and kept as 00:00.
        return time(from_hour, from_minute), time(to_hour % 24 if to_minute == 0 else to_hour, to_minute)
    except (AttributeError, ValueError):  # other words; an hour or a minute that no clock shows
        raise ValueError(f"“{words[:40]}” is not a working block. Write it like 09:00-17:00.") from None


def own_open_days(kept: object) -> dict[str, str]:
    """The own open days of a calendar, each with its blocks in words. By hand anything can be typed there.

    Raises:
        ValueError: it is something else.
    """
    kept = {} if kept is None else kept
    if isinstance(kept, dict) and all(isinstance(blocks, str) for blocks in kept.values()):
        return kept
    raise ValueError('Write open days like {"2026-12-19": "10:00-14:00"}.')


def _weekday(hours: str = "09:00-17:00") -> models.CharField:
    return models.CharField(max_length=120, blank=True, default=hours)


class Calendar(models.Model):
    """When a department works: blocks per weekday, public holidays and own closed days, in one zone."""

    name = models.CharField(max_length=80, unique=True)
    zone = models.CharField(max_length=60, default="Europe/Berlin", help_text="IANA name, such as Europe/Berlin")
    monday = _weekday()
    tuesday = _weekday()
    wednesday = _weekday()
    thursday = _weekday()
    friday = _weekday()
    saturday = _weekday("")
    sunday = _weekday("")
    country = models.CharField(max_length=2, blank=True, help_text="Public holidays of this country, such as DE")
    subdivision = models.CharField(max_length=8, blank=True, help_text="and of this part of it, such as BY")
    closed_days = ArrayField(
        models.DateField(), default=list, blank=True, help_text="Own closed days, such as 2026-12-24, 2026-12-31"
    )
    open_days = models.JSONField(
        default=dict, blank=True, help_text='Own open days with their blocks, such as {"2026-12-19": "10:00-14:00"}'
    )

    changed_at = models.DateTimeField(null=True, editable=False, help_text="When its hours were last changed.")
    changed_by = models.ForeignKey("staff.Agent", models.PROTECT, null=True, editable=False, related_name="+")

    # What stands in its openings: which hours, from when until when (``staff.openings``).
    openings_of = models.CharField(max_length=64, blank=True, editable=False)
    openings_from = models.DateTimeField(null=True, editable=False)
    openings_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    @property
    def hours(self) -> BusinessHours:
        """The same calendar as a value that can be reckoned with.

        Raises:
            ValueError: what stands in it, by whatever hand, makes no hours.
        """
        week = tuple(getattr(self, day) for day in WEEKDAYS)
        open_days = tuple(sorted(own_open_days(self.open_days).items()))
        return _hours(self.zone, week, self.country, self.subdivision, frozenset(self.closed_days), open_days)

    def clean(self):
        for day in WEEKDAYS:
            try:
                read_blocks(getattr(self, day))
            except ValueError as wrong:
                raise ValidationError({day: str(wrong)}) from wrong
        self._clean_open_days()
        try:
            _ = self.hours
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from wrong

    def _clean_open_days(self):
        """What stands there can be read as days and their blocks; a field that was emptied is no day at all."""
        day = "Open days"
        try:
            self.open_days = own_open_days(self.open_days)
            for day, blocks in self.open_days.items():
                date.fromisoformat(day)
                read_blocks(blocks)
        except ValueError as wrong:
            raise ValidationError({"open_days": f"{day}: {wrong}"}) from wrong


@lru_cache(maxsize=256)
def _hours(zone, week, country, subdivision, closed_days, open_days) -> BusinessHours:
    return BusinessHours(
        zone=zone,
        week=tuple(read_blocks(day) for day in week),
        country=country,
        subdivision=subdivision,
        closed_days=closed_days,
        open_days=tuple((date.fromisoformat(day), read_blocks(blocks)) for day, blocks in open_days),
    )
