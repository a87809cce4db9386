"""On duty: active, able to sign in, and within the hours of one's department."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from staff.duty import on_duty
from staff.models import Agent, Calendar
from tests.cast import SUNDAY, TUESDAY


def at(hour, minute=0, second=0, day=10):
    return datetime(2026, 3, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    "instant, working",
    [(at(8, 59, 59), False), (at(9), True), (at(16, 59, 59), True), (at(17), False), (SUNDAY, False)],
)
def test_on_duty_is_within_the_departments_hours(cast, instant, working):
    assert (cast.olga in on_duty(instant)) is working


@pytest.mark.parametrize("fact", ["is_active", "can_sign_in"])
def test_who_has_left_or_cannot_sign_in_is_not_on_duty(cast, fact):
    Agent.objects.filter(pk=cast.olga.pk).update(**{fact: False})
    assert cast.olga not in on_duty(TUESDAY)
    assert cast.nadia in on_duty(TUESDAY)


def test_the_fallback_owner_is_never_on_duty(cast):
    assert cast.nobody not in on_duty(TUESDAY)


def test_each_department_has_its_own_hours(cast):
    night = Calendar.objects.create(name="Nights", zone="UTC", tuesday="00:00-08:00", monday="")
    type(cast.hardware).objects.filter(pk=cast.hardware.pk).update(calendar=night)
    assert cast.olga in on_duty(at(7)) and cast.nadia not in on_duty(at(7))
    assert cast.olga not in on_duty(at(10)) and cast.nadia in on_duty(at(10))


def test_a_closed_day_is_nobodys(cast):
    Calendar.objects.update(closed_days=[TUESDAY.date()])
    assert not on_duty(TUESDAY).exists()
