"""Due soon: whoever has to keep a promise hears of it before anybody hears that it is broken, and once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cases import due_soon
from cases.due_soon import tell_due_soon
from cases.models import Case, Notice, Promise
from cases.verbs import ownership, promises
from cases.verbs.promises import Pledge
from escalations.sweep import sweep
from staff import openings, origins
from staff.models import Absence
from supportdesk import clock
from tests.cast import SUNDAY, TUESDAY, a_case, at_once, first_promise, fresh

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
THREE = TUESDAY + 5 * HOUR  # in the afternoon

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(case, cast) -> Promise:
    """Nadia has promised a call for Tuesday, three o'clock; nothing else is owed."""
    promises.keep(first_promise(case), said="We spoke.", next_promise=Pledge("call you", THREE), by=cast.nadia)
    openings.keep(TUESDAY)
    return case.promises.get(words="call you")


def told():
    return list(Notice.objects.filter(reaction="due_soon").order_by("pk").values_list("agent__name", "why"))


def away(agent, cover, **facts) -> Absence:
    facts = {"starts_at": TUESDAY, "ends_at": TUESDAY + timedelta(days=3), "announced_at": TUESDAY, **facts}
    return Absence.objects.create(agent=agent, cover=cover, announced_by=agent, **facts)


def test_the_owner_hears_of_it_two_business_hours_before(call):
    assert tell_due_soon(THREE - 2 * HOUR - MINUTE) == 0
    assert tell_due_soon(THREE - 2 * HOUR) == 1
    notice = Notice.objects.get()
    assert (notice.promise, notice.entry, notice.absence) == (call, None, None)
    assert (notice.made_at, notice.read_at) == (THREE - 2 * HOUR, None)
    assert told() == [("Nadia Novak", "owner")]


def test_telling_twice_tells_once(call):
    assert [tell_due_soon(THREE - HOUR), tell_due_soon(THREE - HOUR), tell_due_soon(THREE - MINUTE)] == [1, 0, 0]


def test_what_is_due_on_monday_morning_is_told_on_friday_afternoon(case, cast):
    openings.keep(TUESDAY)
    monday = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)
    promises.keep(first_promise(case), said="Yes.", next_promise=Pledge("call you", monday), by=cast.nadia)
    friday = datetime(2026, 3, 13, 15, 30, tzinfo=UTC)
    assert tell_due_soon(friday - MINUTE) == 0
    assert tell_due_soon(friday) == 1


def test_in_a_calendar_whose_hours_nobody_keeps_the_clock_on_the_wall_counts(case, cast):
    promises.keep(first_promise(case), said="Yes.", next_promise=Pledge("call you", THREE), by=cast.nadia)
    assert tell_due_soon(THREE - 2 * HOUR) == 1


def test_who_promised_a_moment_ago_is_not_reminded_of_it(case, cast):
    openings.keep(TUESDAY)
    with clock.at(TUESDAY + HOUR):
        promises.keep(
            first_promise(case), said="Yes.", next_promise=Pledge("call you", TUESDAY + 4 * HOUR), by=cast.nadia
        )
    assert tell_due_soon(TUESDAY + 2 * HOUR) == 0, "due in two hours, but promised an hour ago"
    assert tell_due_soon(TUESDAY + 3 * HOUR) == 1


def test_what_was_due_soon_at_the_last_look_is_not_looked_at_again(call):
    assert tell_due_soon(THREE - HOUR, since=THREE - 2 * HOUR) == 0
    assert tell_due_soon(THREE - 2 * HOUR, since=THREE - 2 * HOUR - MINUTE) == 1


def test_what_was_promised_too_lately_at_the_last_look_is_looked_at_again(case, cast):
    openings.keep(TUESDAY)
    with clock.at(TUESDAY + HOUR):
        promises.keep(
            first_promise(case), said="Yes.", next_promise=Pledge("call you", TUESDAY + 4 * HOUR), by=cast.nadia
        )
    assert tell_due_soon(TUESDAY + 3 * HOUR, since=TUESDAY + 3 * HOUR - MINUTE) == 1


def test_each_minute_looked_at_once_tells_as_much_as_all_at_once(case, cast):
    openings.keep(TUESDAY)
    monday = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)
    promises.keep(first_promise(case), said="Yes.", next_promise=Pledge("call you", monday), by=cast.nadia)
    looks = [datetime(2026, 3, 13, 12, tzinfo=UTC) + 5 * MINUTE * look for look in range(800)]
    counts = [tell_due_soon(now, since=last) for last, now in zip(looks, looks[1:], strict=False)]
    assert sum(counts) == 1
    assert looks[counts.index(1) + 1] == datetime(2026, 3, 13, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize("ended", ["kept", "closed", "past"])
def test_nothing_is_said_of_what_is_over_or_late(call, case, ended):
    now = THREE - HOUR
    if ended == "kept":
        Promise.objects.filter(pk=call.pk).update(state="kept", ended_at=now)
    elif ended == "closed":
        Case.objects.filter(pk=case.pk).update(
            state="closed", closed_at=now, closed_by="desk", outcome="override", override_reason="x"
        )
    else:
        now = THREE
    assert tell_due_soon(now) == 0


def test_nothing_is_said_of_what_was_brought_in(cast, tuesday):
    openings.keep(TUESDAY)
    with origins.bringing_in(origins.Origin.REPLAY_UCI):
        case = a_case(cast.carla)
    assert tell_due_soon(first_promise(case).due_at - HOUR) == 0
    assert tell_due_soon(first_promise(case).due_at - HOUR, leave_out="replay:") == 0


def test_nobody_is_told_of_what_nobody_owns_yet(cast):
    with clock.at(SUNDAY):
        case = a_case(cast.carla)
    openings.keep(SUNDAY)
    assert case.owner == cast.nobody
    assert tell_due_soon(first_promise(case).due_at - HOUR) == 0


class TestWhileTheOwnerIsAway:
    def test_whoever_stands_in_is_told(self, call, cast):
        away(cast.nadia, cast.ben)
        tell_due_soon(THREE - HOUR)
        assert told() == [("Ben Becker", "cover")]

    def test_after_it_or_before_it_the_owner_is(self, call, cast):
        away(cast.nadia, cast.ben, ends_at=THREE - 3 * HOUR)
        away(cast.nadia, cast.ben, starts_at=THREE)
        tell_due_soon(THREE - HOUR)
        assert told() == [("Nadia Novak", "owner")]

    @pytest.mark.parametrize("cover", ["nobody at all", "somebody who cannot sign in"])
    def test_without_a_cover_who_can_the_owner_is(self, call, cast, cover):
        away(cast.nadia, None if cover == "nobody at all" else cast.nobody)
        tell_due_soon(THREE - HOUR)
        assert told() == [("Nadia Novak", "owner")]

    def test_whoever_has_to_keep_it_now_is_told_although_somebody_else_was(self, call, cast):
        tell_due_soon(THREE - 2 * HOUR)
        away(cast.nadia, cast.ben, starts_at=THREE - HOUR)
        tell_due_soon(THREE - HOUR)
        tell_due_soon(THREE - MINUTE)
        assert told() == [("Nadia Novak", "owner"), ("Ben Becker", "cover")]


def test_a_new_owner_is_told_too(call, case, cast):
    tell_due_soon(THREE - 2 * HOUR)
    ownership.take_over(case, reason="Mine.", by=cast.sam)
    tell_due_soon(THREE - HOUR)
    assert told() == [("Nadia Novak", "owner"), ("Sam Sato", "owner")]


def test_only_these_cases(call, case):
    assert tell_due_soon(THREE - HOUR, cases=[case.pk + 1]) == 0
    assert tell_due_soon(THREE - HOUR, cases=[case.pk]) == 1


def test_in_batches(call, case, cast, monkeypatch):
    monkeypatch.setattr(due_soon, "BATCH", 3)
    for turn in range(7):
        promises.make(case, Pledge(f"call you, {turn}", THREE), by=cast.nadia)
    assert tell_due_soon(THREE - HOUR) == 8


def test_the_sweep_tells_it_before_it_breaks_and_says_it_no_more_when_it_has(call, cast):
    sweep(THREE - HOUR)
    assert Notice.objects.unread_by(cast.nadia).filter(reaction="due_soon").count() == 1
    sweep(THREE + MINUTE)
    assert fresh(call).state == "broken"
    assert not Notice.objects.unread_by(cast.nadia).filter(reaction="due_soon").exists()


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_one_moment_tell_once(call):
    results = at_once(*[lambda: tell_due_soon(THREE - HOUR)] * 4)
    assert sorted(results) == [0, 0, 0, 1]
    assert Notice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_case_that_a_verb_holds_is_left_for_the_next_sweep(call, case):
    from tests.faults.test_locks import Held

    with Held(case):
        assert tell_due_soon(THREE - HOUR) == 0
    assert tell_due_soon(THREE - HOUR) == 1
