"""Absences: who may announce what, whom nobody can rely on, and turning somebody off at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from staff import absences, duty, signing_in
from staff.models import Absence, Agent
from staff.origins import Origin
from supportdesk import clock
from supportdesk.errors import Conflict, NotAllowed, Refused
from tests.cast import TUESDAY, an_agent, at_once, fresh
from tests.pages import signed_in

THURSDAY = datetime(2026, 3, 12, 9, tzinfo=UTC)
FRIDAY = datetime(2026, 3, 13, 9, tzinfo=UTC)
MONDAY = datetime(2026, 3, 16, 9, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("tuesday")


def away(agent, cover, starts_at=THURSDAY, ends_at=MONDAY, *, by=None, **more) -> Absence:
    return absences.announce(agent, starts_at, ends_at, cover, by=by or agent, **more)


def refused(code: str, field: str = "", *, says: str = ""):
    """The announcement is refused so, and nothing is kept of it."""
    return _Refused(code, field, says)


class _Refused:
    def __init__(self, code, field, says):
        self.code, self.field, self.says = code, field, says

    def __enter__(self):
        self.before = list(Absence.objects.order_by("pk").values())

    def __exit__(self, kind, refusal, trace):
        assert isinstance(refusal, Refused), f"It was not refused, but {refusal!r}."
        assert (refusal.code, refusal.field) == (self.code, self.field), refusal.sentence
        assert self.says in refusal.sentence
        assert list(Absence.objects.order_by("pk").values()) == self.before
        return True


class TestAnnouncing:
    def test_says_who_when_and_who_stands_in(self, cast):
        absence = fresh(away(cast.nadia, cast.ben))
        assert (absence.agent, absence.cover) == (cast.nadia, cast.ben)
        assert (absence.starts_at, absence.ends_at) == (THURSDAY, MONDAY)
        assert (absence.announced_by, absence.announced_at) == (cast.nadia, TUESDAY)
        assert absence.began_at is absence.ended_at is absence.changed_at is None

    def test_twice_by_the_same_form_is_one_absence(self, cast):
        once = away(cast.nadia, cast.ben, once="k")
        assert away(cast.nadia, cast.ben, once="k") == once
        assert Absence.objects.count() == 1

    def test_the_form_written_anew_is_another_one(self, cast):
        away(cast.nadia, cast.ben, once="k")
        later = MONDAY + timedelta(days=7)
        away(cast.nadia, cast.ben, MONDAY, later, once="k")
        assert Absence.objects.count() == 2

    @pytest.mark.parametrize("who", ["ben", "olga"])
    def test_of_somebody_else_is_a_supervisors(self, cast, who):
        with pytest.raises(NotAllowed, match="Only Nadia Novak or a supervisor"):
            away(cast.nadia, cast.ben, by=getattr(cast, who))
        assert not Absence.objects.exists()

    def test_this_very_minute_is_now(self, cast):
        with clock.at(TUESDAY + timedelta(seconds=40)):
            assert away(cast.nadia, cast.ben, TUESDAY).starts_at == TUESDAY + timedelta(seconds=40)

    def test_in_the_past_is_refused(self, cast):
        with refused("in_the_past", "starts_at", says="still ahead"):
            away(cast.nadia, cast.ben, TUESDAY - timedelta(hours=1))

    @pytest.mark.parametrize("end", [THURSDAY, THURSDAY - timedelta(minutes=1)])
    def test_that_ends_before_it_starts_is_refused(self, cast, end):
        with refused("ends_before_it_starts", "ends_at", says="It begins Thu 12 Mar, 09:00"):
            away(cast.nadia, cast.ben, ends_at=end)

    def test_of_more_than_a_year_is_refused(self, cast):
        with refused("too_long", "ends_at", says="within one"):
            away(cast.nadia, cast.ben, ends_at=THURSDAY + timedelta(days=367))

    def test_more_than_a_year_ahead_is_refused(self, cast):
        with refused("too_far", "starts_at"):
            away(cast.nadia, cast.ben, TUESDAY + timedelta(days=367), TUESDAY + timedelta(days=368))

    def test_planned_by_oneself_needs_an_end_and_a_cover(self, cast):
        with refused("end_needed", "ends_at"):
            away(cast.nadia, cast.ben, ends_at=None)
        with refused("cover_needed", "cover"):
            away(cast.nadia, None)
        with refused("cover_needed", "cover"):
            away(cast.sam, None)

    def test_that_overlaps_another_of_ones_own_is_refused_and_one_behind_it_is_not(self, cast):
        away(cast.nadia, cast.ben)
        with refused("away_already", "starts_at", says="from Thu 12 Mar, 09:00 until Mon 16 Mar, 09:00"):
            away(cast.nadia, cast.olga, FRIDAY, MONDAY + timedelta(days=1))
        away(cast.nadia, cast.olga, MONDAY, MONDAY + timedelta(days=1))

    def test_may_take_the_place_of_one_that_was_called_off(self, cast):
        absences.cut_short(away(cast.nadia, cast.ben), by=cast.nadia)
        away(cast.nadia, cast.ben, TUESDAY + timedelta(days=1))


class TestTheCover:
    def test_is_somebody_else(self, cast):
        with refused("own_cover", "cover", says="somebody else"):
            away(cast.nadia, cast.nadia)
        with pytest.raises(IntegrityError), transaction.atomic():
            Absence.objects.create(
                agent=cast.nadia, cover=cast.nadia, starts_at=TUESDAY, announced_at=TUESDAY, announced_by=cast.nadia
            )

    @pytest.mark.parametrize("off", ["can_sign_in", "is_active"])
    def test_can_sign_in(self, cast, off):
        Agent.objects.filter(pk=cast.ben.pk).update(**{off: False})
        with refused("cannot_cover", "cover", says="Ben Becker cannot sign in"):
            away(cast.nadia, cast.ben)

    def test_is_not_the_fallback_owner(self, cast):
        with refused("cannot_cover", "cover"):
            away(cast.nadia, cast.nobody)

    def test_is_here_at_that_time(self, cast):
        away(cast.ben, cast.olga, FRIDAY, MONDAY)
        with refused("cover_away", "cover", says="Ben Becker is away from Fri 13 Mar, 09:00"):
            away(cast.nadia, cast.ben)
        away(cast.nadia, cast.ben, THURSDAY, FRIDAY)

    def test_is_here_for_two_weeks_where_nobody_knows_the_end(self, cast):
        away(cast.ben, cast.olga, FRIDAY, MONDAY)
        with refused("cover_away", "cover"):
            away(cast.nadia, cast.ben, None, None, by=cast.sam)
        next_month = TUESDAY + timedelta(days=30)
        away(cast.olga, cast.wanda, next_month, next_month + timedelta(days=1))
        away(cast.nadia, cast.olga, None, None, by=cast.sam)

    def test_closes_no_ring_however_far_ahead(self, cast):
        next_month = TUESDAY + timedelta(days=30)
        away(cast.ben, cast.nadia, next_month, next_month + timedelta(days=1))
        with refused("cover_ring", "cover"):
            away(cast.nadia, cast.ben, None, None, by=cast.sam)

    def test_does_not_go_away_then(self, cast):
        away(cast.nadia, cast.ben)
        with refused("stands_in", "starts_at", says="You stand in for Nadia Novak from Thu 12 Mar, 09:00 until"):
            away(cast.ben, cast.olga, FRIDAY, MONDAY)
        away(cast.ben, cast.olga, MONDAY, MONDAY + timedelta(days=1))

    def test_may_fall_ill_and_then_nobody_stands_in(self, cast):
        absence = away(cast.nadia, cast.ben, TUESDAY, MONDAY)
        assert list(Absence.objects.covered(TUESDAY)) == [absence]
        away(cast.ben, None, None, None, by=cast.sam)
        assert list(Absence.objects.covered(TUESDAY)) == []

    def test_is_not_who_relies_on_them(self, cast):
        away(cast.ben, cast.nadia)
        with refused("stands_in", "starts_at"):
            away(cast.nadia, cast.ben)
        with refused("cover_ring", "cover", says="it is Nadia who would stand in then"):
            away(cast.nadia, cast.ben, by=cast.sam)

    def test_is_not_the_end_of_a_longer_ring(self, cast):
        """Olga stands in for Ben, falls ill, and Nadia for her: Nadia cannot rely on Ben."""
        away(cast.ben, cast.olga)
        away(cast.olga, cast.nadia, by=cast.sam)
        with refused("cover_ring", "cover", says="Ben Becker is away"):
            away(cast.nadia, cast.ben, by=cast.sam)


class TestBySupervisors:
    def test_it_begins_now_and_may_leave_everything_open(self, cast):
        absence = away(cast.nadia, None, None, None, by=cast.sam)
        assert (absence.starts_at, absence.ends_at, absence.cover) == (TUESDAY, None, None)
        assert absence.announced_by == cast.sam

    def test_the_person_says_more_when_they_can(self, cast):
        absence = away(cast.nadia, None, None, None, by=cast.sam)
        with pytest.raises(Refused, match="Choose who stands in"):
            absences.change(absence, ends_at=MONDAY, by=cast.nadia)
        absence = absences.change(absence, ends_at=MONDAY, cover=cast.ben, by=cast.nadia)
        assert (absence.ends_at, absence.cover, absence.changed_at, absence.cover_since) == (
            *(MONDAY, cast.ben, TUESDAY, TUESDAY),
        )


class TestChanging:
    @pytest.fixture
    def absence(self, cast) -> Absence:
        return away(cast.nadia, cast.ben)

    def test_moves_what_has_not_begun(self, cast, absence):
        absence = fresh(absences.change(absence, starts_at=FRIDAY, by=cast.nadia))
        assert (absence.starts_at, absence.ends_at, absence.cover) == (FRIDAY, MONDAY, cast.ben)
        assert absence.changed_at == TUESDAY and absence.cover_since is None

    def test_to_what_it_is_changes_nothing(self, cast, absence):
        absences.change(absence, starts_at=THURSDAY, ends_at=MONDAY, cover=cast.ben, by=cast.nadia)
        assert fresh(absence).changed_at is None

    def test_keeps_the_beginning_of_what_has_begun(self, cast, absence):
        with clock.at(FRIDAY):
            with refused("begun", "starts_at"):
                absences.change(absence, starts_at=FRIDAY + timedelta(hours=1), by=cast.nadia)
            assert absences.change(absence, ends_at=MONDAY + timedelta(days=1), by=cast.nadia).starts_at == THURSDAY

    def test_is_told_to_the_cases_anew_while_it_lasts(self, cast, absence):
        Absence.objects.filter(pk=absence.pk).update(began_at=THURSDAY)
        with clock.at(FRIDAY):
            absences.change(fresh(absence), cover=cast.olga, by=cast.nadia)
        assert fresh(absence).began_at is None and fresh(absence).cover_since == FRIDAY

    def test_cannot_end_in_the_past(self, cast, absence):
        with clock.at(FRIDAY), refused("ended", "ends_at"):
            absences.change(absence, ends_at=FRIDAY - timedelta(hours=1), by=cast.nadia)

    def test_asks_the_same_of_another_cover(self, cast, absence):
        away(cast.olga, cast.wanda)
        with refused("cover_away", "cover"):
            absences.change(absence, cover=cast.olga, by=cast.nadia)
        with refused("own_cover", "cover"):
            absences.change(absence, cover=cast.nadia, by=cast.nadia)

    def test_to_shorter_asks_nothing_of_the_cover_who_is_named(self, cast, absence):
        away(cast.ben, None, THURSDAY, None, by=cast.sam)
        assert absences.change(absence, ends_at=FRIDAY, by=cast.nadia).ends_at == FRIDAY
        with refused("cover_away", "cover"):
            absences.change(fresh(absence), ends_at=MONDAY, by=cast.nadia)

    def test_of_what_somebody_else_has_changed_meanwhile_is_read_first(self, cast, absence):
        absences.change(fresh(absence), cover=cast.olga, by=cast.sam)
        with pytest.raises(Conflict, match="Look at it anew"):
            absences.change(absence, ends_at=FRIDAY, by=cast.nadia)

    def test_does_not_let_down_who_relies_on_one(self, cast, absence):
        away(cast.ben, cast.nadia, MONDAY, MONDAY + timedelta(days=2))
        with refused("stands_in", "starts_at"):
            absences.change(absence, ends_at=MONDAY + timedelta(days=1), by=cast.nadia)

    def test_is_refused_to_others_and_when_it_is_over(self, cast, absence):
        for stranger in (cast.ben, cast.olga):
            with pytest.raises(NotAllowed):
                absences.change(absence, ends_at=FRIDAY, by=stranger)
            with pytest.raises(NotAllowed):
                absences.cut_short(absence, by=stranger)
        with clock.at(MONDAY), pytest.raises(Conflict, match="over"):
            absences.change(absence, ends_at=MONDAY + timedelta(days=1), by=cast.nadia)


class TestComingBack:
    def test_early_ends_it_now_and_again_changes_nothing(self, cast):
        absence = away(cast.nadia, cast.ben)
        with clock.at(FRIDAY):
            assert absences.cut_short(absence, by=cast.nadia).ends_at == FRIDAY
        with clock.at(MONDAY):
            assert absences.cut_short(absence, by=cast.nadia).ends_at == FRIDAY

    def test_before_it_begins_calls_it_off(self, cast):
        absence = absences.cut_short(away(cast.nadia, cast.ben), by=cast.sam)
        assert absence.is_called_off and absence.is_over(TUESDAY)
        assert not Absence.objects.overlapping(TUESDAY, None).exists()
        assert not Absence.objects.at(THURSDAY).exists()


class TestOnDuty:
    def test_leaves_out_whoever_is_away(self, cast):
        away(cast.nadia, cast.ben)
        assert cast.nadia in duty.on_duty(TUESDAY)
        assert cast.nadia not in duty.on_duty(FRIDAY)
        assert cast.ben in duty.on_duty(FRIDAY)
        assert cast.nadia in duty.on_duty(MONDAY)

    def test_leaves_out_whoever_has_no_known_end(self, cast):
        away(cast.nadia, None, None, None, by=cast.sam)
        assert cast.nadia not in duty.on_duty(MONDAY + timedelta(days=70))


class TestSigningOff:
    def test_ends_every_session_and_link_at_once_and_for_good(self, cast, client):
        nadia, link = signed_in(cast.nadia), signing_in.issue(cast.nadia)
        assert nadia.get("/").status_code == 200
        absences.sign_off(cast.nadia, by=cast.sam)
        assert nadia.get("/").status_code == 302
        assert signing_in.usable(link) is None
        absences.sign_on(fresh(cast.nadia), by=cast.sam)
        assert nadia.get("/").status_code == 302, "What was ended never comes back."
        assert signing_in.usable(link) is None
        assert signed_in(fresh(cast.nadia)).get("/").status_code == 200

    def test_makes_them_away_until_further_notice(self, cast):
        agent = absences.sign_off(cast.nadia, by=cast.sam)
        absence = Absence.objects.get()
        assert not agent.can_sign_in and agent.is_active
        assert (absence.agent, absence.starts_at, absence.ends_at, absence.cover) == (cast.nadia, TUESDAY, None, None)

    def test_with_a_cover_who_can_stand_in(self, cast):
        away(cast.ben, cast.olga)
        with refused("cover_away", "cover"):
            absences.sign_off(cast.nadia, cover=cast.ben, by=cast.sam)
        assert fresh(cast.nadia).can_sign_in, "Refused, nothing was done; without a cover it never is."
        absences.sign_off(cast.nadia, cover=cast.olga, by=cast.sam)
        assert Absence.objects.covered(TUESDAY).get().cover == cast.olga

    def test_keeps_the_cover_who_stands_in_already_and_swallows_what_was_planned(self, cast):
        running, planned = away(cast.nadia, cast.ben, TUESDAY, THURSDAY), away(cast.nadia, cast.ben, FRIDAY, MONDAY)
        absences.sign_off(cast.nadia, by=cast.sam)
        assert (fresh(running).ends_at, fresh(running).cover) == (None, cast.ben)
        assert fresh(planned).is_called_off

    def test_twice_changes_nothing(self, cast):
        absences.sign_off(cast.nadia, by=cast.sam)
        once = list(Absence.objects.values()), fresh(cast.nadia).sessions_ended
        with clock.at(THURSDAY):
            absences.sign_off(cast.nadia, by=cast.sue)
        assert (list(Absence.objects.values()), fresh(cast.nadia).sessions_ended) == once

    def test_is_for_supervisors_and_administrators(self, cast):
        ada = an_agent("Ada Adams", cast.support, is_admin=True)
        absences.sign_off(cast.nadia, by=ada)
        absences.sign_on(cast.nadia, by=ada)
        for stranger in (cast.ben, cast.olga):
            for verb in (absences.sign_off, absences.sign_on):
                with pytest.raises(NotAllowed):
                    verb(cast.nadia, by=stranger)

    def test_letting_in_again_ends_it(self, cast):
        absences.sign_off(cast.nadia, by=cast.sam)
        with clock.at(THURSDAY):
            agent = absences.sign_on(cast.nadia, by=cast.sam)
            assert absences.sign_on(cast.nadia, by=cast.sam) == agent
        assert agent.can_sign_in and Absence.objects.get().ends_at == THURSDAY

    def test_nobody_lets_in_who_never_could(self, cast):
        with pytest.raises(Refused, match="nobody who could sign in"):
            absences.sign_on(cast.nobody, by=cast.sam)
        brought = an_agent("Lou Load", cast.support, origin=Origin.LOAD, can_sign_in=False)
        Agent.objects.filter(pk=brought.pk).update(email="lou@load.invalid")
        with pytest.raises(Refused, match="nobody who could sign in"):
            absences.sign_on(fresh(brought), by=cast.sam)
        with pytest.raises(Refused, match="nobody"):
            absences.sign_off(cast.nobody, by=cast.sam)


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def test_two_announcements_of_one_person_become_one_absence(self, cast):
        results = at_once(*[lambda cover=cover: away(cast.nadia, cover) for cover in (cast.ben, cast.olga)])
        assert sorted(type(result).__name__ for result in results) == ["Absence", "Refused"]
        assert next(r for r in results if isinstance(r, Refused)).code == "away_already"
        assert Absence.objects.count() == 1

    @pytest.mark.parametrize("ring", [("nadia", "ben"), ("nadia", "ben", "olga"), ("olga", "nadia", "wanda", "ben")])
    def test_nobody_closes_a_ring(self, cast, ring):
        people = [getattr(cast, name) for name in ring]
        pairs = list(zip(people, [*people[1:], people[0]], strict=True))
        results = at_once(*[lambda agent=agent, cover=cover: away(agent, cover) for agent, cover in pairs])
        made = [result for result in results if isinstance(result, Absence)]
        assert made and all(isinstance(result, Absence | Refused) for result in results), results
        gone = {absence.agent_id for absence in made}
        assert not gone & {absence.cover_id for absence in made}, "Nobody relies on somebody who is away."

    def test_signing_off_and_being_relied_on_never_pass_each_other(self, cast):
        at_once(lambda: absences.sign_off(cast.ben, by=cast.sam), lambda: away(cast.nadia, cast.ben, TUESDAY))
        assert not Absence.objects.covered(TUESDAY).exists()
