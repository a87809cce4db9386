"""While an owner is away: who stands in speaks and keeps, and the owner stays the owner."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from cases import cover, falling_into, permissions
from cases.absence_notices import said as notice_said
from cases.absence_notices import tell_due
from cases.cover import WITHOUT_COVER
from cases.involvement import involved_in
from cases.lists import my_cases
from cases.models import Case, Entry, Notice, Promise
from cases.models.timeline import Kind
from cases.verbs import absences as told
from cases.verbs import (
    closing,
    complaints,
    confidentiality,
    conversation,
    estimates,
    joining,
    ownership,
    participants,
    promises,
    proposing,
    refusals,
    silence,
    subtasks,
)
from customers.addresses import add as add_address
from escalations import flags
from escalations.models import Flag
from escalations.rules import BY_NAME
from escalations.sweep import sweep
from staff import absences
from staff.models import Absence, Agent
from staff.origins import Origin
from supportdesk import clock
from supportdesk.announce import announce
from supportdesk.errors import Conflict, NotAllowed, Refused
from tests.cases.test_beats import NO
from tests.cast import (
    REMINDERS,
    SILENCE,
    SUNDAY,
    TUESDAY,
    WEDNESDAY,
    a_case,
    an_agent,
    as_at_commit,
    at_once,
    first_promise,
    fresh,
    kinds,
    latest_entry,
    pledge,
    proposed,
    takes_part,
)

THURSDAY = datetime(2026, 3, 12, 9, tzinfo=UTC)
MONDAY = datetime(2026, 3, 16, 9, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("tuesday")


def away(agent, cover_, starts_at=TUESDAY, ends_at=THURSDAY, *, by=None) -> Absence:
    return absences.announce(agent, starts_at, ends_at, cover_, by=by or agent)


def owned(agent, customer, **facts) -> Case:
    """A case of this agent, whoever the rule finds."""
    case = a_case(customer, **facts)
    if case.owner != agent:
        Entry.objects.create(case=case, kind=Kind.TAKEN, at=clock.now(), actor="desk", owner=agent)
        Case.objects.filter(pk=case.pk).update(owner=agent)
    return fresh(case)


@pytest.fixture
def absence(case, cast) -> Absence:
    """Nadia is away from now until Thursday, and Ben stands in."""
    assert case.owner == cast.nadia
    return away(cast.nadia, cast.ben)


class TestWhoStandsIn:
    def test_is_whoever_was_named_for_as_long_as_it_lasts(self, case, cast, absence):
        assert cover.cover_of(case) == cast.ben
        for instant in (TUESDAY - timedelta(minutes=1), THURSDAY):
            with clock.at(instant):
                assert cover.cover_of(fresh(case)) is None
                assert cover.away(fresh(case)) is None

    def test_is_nobody_while_the_owner_is_here(self, case, cast):
        assert cover.away(case) is None and cover.cover_of(case) is None

    @pytest.mark.parametrize("off", ["can_sign_in", "is_active"])
    def test_is_nobody_once_they_cannot_sign_in(self, case, cast, absence, off):
        Agent.objects.filter(pk=cast.ben.pk).update(**{off: False})
        found = cover.away(fresh(case))
        assert found.until == THURSDAY and found.cover is None and found.name == ""
        assert cover.cover_of(fresh(case)) is None

    def test_is_nobody_while_they_are_away_too(self, case, cast, absence):
        away(cast.ben, None, WEDNESDAY, WEDNESDAY + timedelta(hours=4), by=cast.sam)
        with clock.at(WEDNESDAY):
            assert cover.cover_of(fresh(case)) is None
        with clock.at(WEDNESDAY + timedelta(hours=4)):
            assert cover.cover_of(fresh(case)) == cast.ben

    def test_costs_one_query_for_a_case_in_hand_and_none_where_it_was_read_with_it(
        self, case, cast, absence, django_assert_num_queries
    ):
        plain = fresh(case)
        with django_assert_num_queries(1):
            assert cover.cover_of(plain) == cast.ben
            assert permissions.may_speak(cast.ben, plain) and not permissions.may_speak(cast.olga, plain)
        read = Case.objects.annotate(**cover.beside(TUESDAY)).get(pk=case.pk)
        with django_assert_num_queries(0):
            assert cover.away(read) == cover.away(plain)
            assert permissions.may_speak(cast.ben, read)
        owned = fresh(case)
        with django_assert_num_queries(0):
            assert permissions.may_speak(cast.nadia, owned) and permissions.may_speak(cast.sam, owned)

    def test_of_many_costs_one_query(self, case, cast, absence, django_assert_num_queries):
        theirs = [fresh(case), a_case(cast.mallory), a_case(cast.carla)]
        with django_assert_num_queries(1):
            cover.ask_for_all(theirs)
            assert [cover.covers(cast.ben, one) for one in theirs] == [one.owner_id == cast.nadia.pk for one in theirs]

    def test_is_asked_again_when_the_case_in_hand_changes_hands(self, case, cast, absence):
        case = fresh(case)
        assert permissions.may_speak(cast.ben, case)
        case.owner = cast.olga
        assert not permissions.may_speak(cast.ben, case)


# What the owner may do, and so who stands in for them.
ACTS = {
    "write": lambda case, by: conversation.write_to_customer(case, "We found it.", by=by),
    "promise": lambda case, by: promises.make(case, pledge(), by=by),
    "keep": lambda case, by: promises.keep(first_promise(case), said="Done.", next_promise=pledge(), by=by),
    "renegotiate": lambda case, by: promises.renegotiate(first_promise(case), pledge(), agreement="By phone.", by=by),
    "move": lambda case, by: promises.move(first_promise(case), pledge(), reason="The part is late.", by=by),
    "attempt": lambda case, by: conversation.attempt(case, "engaged", promise=first_promise(case), by=by),
    "ask": lambda case, by: subtasks.ask(case, Agent.objects.get(name="Olga Orlova").department, "Look", by=by),
    "propose": lambda case, by: proposing.propose(case, kind="solved", words="Done.", why_none="None was told.", by=by),
    "estimate": lambda case, by: estimates.estimate(case, over_by=WEDNESDAY, by=by),
    "refuse": lambda case, by: refusals.refuse(case, **NO, by=by),
    "invite": lambda case, by: takes_part(case, a_case_of("Mallory Moss").customer, by=by),
    "reopen": lambda case, by: closing.reopen(with_a_proposal(case), reason="Not all.", by=by),
    "join": lambda case, by: joining.join(a_case(case.customer, "Again."), case, by=by),
}


def a_case_of(name: str) -> Case:
    return next((case for case in Case.objects.all() if case.customer.name == name), None) or a_case(
        type(Case.objects.first().customer).objects.get(name=name)
    )


def with_a_proposal(case: Case) -> Case:
    proposed(case, case.owner)
    return case


class TestTheCover:
    @pytest.mark.parametrize("act", ACTS)
    def test_does_what_the_owner_does_and_the_owner_stays_the_owner(self, case, cast, absence, act):
        before = latest_entry()
        ACTS[act](case, cast.ben)
        as_at_commit()
        assert fresh(case).owner == cast.nadia
        assert cast.ben.pk in set(case.entries.filter(pk__gt=before).values_list("agent", flat=True))

    @pytest.mark.parametrize("act", ACTS)
    def test_no_longer_does_it_once_the_owner_is_back(self, case, cast, absence, act):
        absences.cut_short(absence, by=cast.nadia)
        with pytest.raises(NotAllowed) as refused:
            ACTS[act](case, cast.ben)
        assert "Nadia Novak" in refused.value.sentence

    def test_grants_a_department_a_later_date(self, case, cast, absence):
        part = subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
        part = subtasks.accept(part, committed_at=WEDNESDAY, by=cast.olga)
        part = subtasks.ask_later(part, THURSDAY, "The board is late.", by=cast.olga)
        assert subtasks.grant_later(part, THURSDAY, by=cast.ben).committed_at == THURSDAY

    def test_changes_who_takes_part(self, case, cast, absence):
        participant = takes_part(case, cast.mallory, by=cast.nadia)
        participants.end(participant, by=cast.ben)
        assert fresh(participant).ended_at == TUESDAY

    def test_never_hands_the_case_over_nor_says_who_sees_it(self, case, cast, absence):
        with pytest.raises(NotAllowed, match="Only Nadia Novak"):
            ownership.hand_over(case, cast.olga, brief="Yours.", by=cast.ben)
        with pytest.raises(NotAllowed, match="Only Nadia Novak"):
            confidentiality.make_confidential(case, reason="Hers.", by=cast.ben)

    def test_takes_no_call_for_the_owner_but_answers_it(self, case, cast, absence):
        from cases.verbs import assurances

        with pytest.raises(Refused, match="You stand in for Nadia: answer Carla"):
            assurances.take_call(case, "Nobody called.", by=cast.ben)

    def test_sees_a_confidential_case_meanwhile(self, case, cast):
        confidentiality.make_confidential(case, reason="It is about her health.", by=cast.nadia)
        assert not Case.objects.visible_to(cast.ben).exists() and not permissions.may_see(cast.ben, fresh(case))
        absence = away(cast.nadia, cast.ben)
        assert Case.objects.visible_to(cast.ben).get() == case
        assert permissions.may_see(cast.ben, fresh(case)) and not permissions.may_see(cast.wanda, fresh(case))
        conversation.write_to_customer(case, "We found it.", by=cast.ben)
        absences.cut_short(absence, by=cast.nadia)
        assert not Case.objects.visible_to(cast.ben).exists()

    def test_has_the_cases_among_their_own_marked(self, case, cast, absence):
        own = a_case(cast.mallory)
        assert own.owner == cast.ben
        _own, standing_in = cover.here_and_away(cast.ben, TUESDAY)
        rows, _ = my_cases(cast.ben, standing_in=standing_in)
        assert {row.pk: row.mark for row in rows} == {own.pk: "", case.pk: "for Nadia, away until Thursday"}

    def test_is_told_what_the_owner_is_told(self, case, cast, absence):
        conversation.customer_writes(case, "One more thing.", by=cast.carla)
        announce()
        entry = case.entries.get(kind=Kind.MESSAGE_FROM_CUSTOMER)
        reached = dict(Notice.objects.filter(entry=entry).values_list("agent__name", "why"))
        assert reached == {"Nadia Novak": "owner", "Ben Becker": "cover"}


class TestNobodyJudgesTheirOwn:
    """Sam stands in for Nadia: what is hers is his meanwhile (design rule 14)."""

    @pytest.fixture
    def standing_in(self, case, cast) -> Absence:
        return away(cast.nadia, cast.sam)

    @pytest.fixture
    def flag(self, case, cast, standing_in) -> Flag:
        promises.break_due(WEDNESDAY)
        flags.raise_all(BY_NAME["promise_broken"], WEDNESDAY)
        return Flag.objects.get()

    def test_not_a_flag_while_they_stand_in(self, flag, cast):
        with pytest.raises(NotAllowed, match="nobody settles"):
            flags.settle(flag, reason="Looked.", by=cast.sam)
        flags.settle(flag, reason="Looked.", by=cast.sue)

    def test_not_a_flag_that_was_raised_while_they_stood_in(self, flag, cast, standing_in):
        with clock.at(THURSDAY), pytest.raises(NotAllowed, match="nobody settles"):
            flags.settle(flag, reason="Looked.", by=cast.sam)

    def test_not_silence(self, case, cast):
        proposed(case, cast.nadia)
        promises.keep(first_promise(case), said="It is on its way.", by=cast.nadia)
        silence.remind_due(REMINDERS[-1])
        silence.unconfirm_due(SILENCE)
        with clock.at(SILENCE):
            away(cast.nadia, cast.sam, SILENCE, SILENCE + timedelta(days=1))
            with pytest.raises(NotAllowed):
                silence.close_unanswered(case, by=cast.sam)
            silence.close_unanswered(case, by=cast.sue)

    def test_not_a_no(self, case, cast, standing_in):
        refusal = refusals.refuse(case, **NO, by=cast.nadia)
        refusals.ask_for_another_look(refusal, words="Look.", by=cast.carla)
        with pytest.raises(NotAllowed):
            refusals.look_again(refusal, look="changed", words="You are right.", by=cast.sam)
        refusals.look_again(refusal, look="changed", words="You are right.", by=cast.sue)

    def test_not_a_complaint_now_or_later(self, case, cast, standing_in):
        complaint = complaints.complain(case, "I was hung up on.", by=cast.carla)
        assert complaint.owner == cast.sue, "Sam stands in, so it is about him too."
        assert cast.sam.pk in involved_in(complaint)
        told.begin_due(TUESDAY)
        with clock.at(MONDAY):
            assert cast.sam.pk in involved_in(complaint)
        assert cast.ben.pk not in involved_in(complaint)


class TestWhatFallsIntoIt:
    def test_is_what_is_owed_at_that_time_the_first_to_call_first(self, case, cast):
        later = promises.make(case, pledge("send the key", 30), by=cast.nadia)
        urgent = owned(cast.nadia, cast.mallory, priority=1)
        same_time = promises.make(urgent, pledge("call you", 30), by=cast.nadia)
        promises.make(case, pledge("write again", 80), by=cast.nadia)
        found = list(falling_into.promises_of(cast.nadia, TUESDAY + timedelta(hours=5), THURSDAY))
        assert found == [same_time, later]
        assert first_promise(case) in falling_into.promises_of(cast.nadia, TUESDAY, None)

    def test_is_not_what_somebody_else_keeps_nor_what_is_over(self, case, cast):
        refusal = refusals.refuse(case, **NO, by=cast.nadia)
        refusals.ask_for_another_look(refusal, words="Look.", by=cast.carla)
        assert list(falling_into.promises_of(cast.nadia, TUESDAY, MONDAY)) == [first_promise(case)]
        closing.override(case, reason="A double.", by=cast.sam)
        assert not falling_into.promises_of(cast.nadia, TUESDAY, MONDAY).exists()

    def test_comes_with_a_telephone_number_or_else_an_address(self, case, cast):
        owned(cast.nadia, cast.mallory)
        add_address(cast.carla, "phone", "+44 20 7946 0266", by=cast.nadia)
        page = falling_into.page_of(falling_into.promises_of(cast.nadia, TUESDAY, MONDAY))
        reached = {row.customer.name: row.reached_at for row in page.rows}
        assert reached["Mallory Moss"] == "mallory@home.example" and reached["Carla Conti"].startswith("+44")
        assert (page.after, page.many) == (None, "2")

    def test_goes_on_by_key(self, case, cast, monkeypatch):
        monkeypatch.setattr(falling_into, "PAGE", 2)
        for priority in (3, 1, 2):
            one = owned(cast.nadia, cast.mallory, priority=priority)
            promises.make(one, pledge("call you", 30), by=cast.nadia)
        everything = list(falling_into.promises_of(cast.nadia, TUESDAY, MONDAY))
        seen, after = [], None
        while True:
            page = falling_into.page_of(falling_into.promises_of(cast.nadia, TUESDAY, MONDAY), after)
            seen += [row.promise for row in page.rows]
            if (after := page.after) is None:
                break
        assert seen == everything and len(seen) == 7


class TestLeavingItToTheCover:
    def test_marks_it_and_tells_the_case(self, case, cast, absence):
        promise = told.leave_to_cover(first_promise(case), absence, by=cast.nadia)
        assert fresh(promise).covered_in == absence
        assert case.entries.latest("pk").data == {"absence": absence.pk, "cover": "Ben Becker"}
        assert not falling_into.promises_in(absence).exists()

    def test_all_at_once_leaves_each_once(self, case, cast, absence):
        other = owned(cast.nadia, cast.mallory)
        promises.make(other, pledge("write to you", 100), by=cast.nadia)
        before = latest_entry()
        assert told.leave_all_to_cover(absence, by=cast.nadia) == 2
        assert told.leave_all_to_cover(absence, by=cast.nadia) == 0
        assert kinds(case, before) == kinds(other, before) == [Kind.PROMISE_LEFT_TO_COVER]
        assert Promise.objects.filter(covered_in=absence).count() == 2

    @pytest.mark.parametrize("who", ["ben", "olga", "carla"])
    def test_is_the_owners_or_a_supervisors(self, case, cast, absence, who):
        for act in (
            lambda by: told.leave_to_cover(first_promise(case), absence, by=by),
            lambda by: told.leave_all_to_cover(absence, by=by),
        ):
            with pytest.raises(NotAllowed):
                act(getattr(cast, who))
        told.leave_to_cover(first_promise(case), absence, by=cast.sam)

    def test_is_refused_where_nobody_stands_in(self, case, cast):
        absence = away(cast.nadia, None, by=cast.sam)
        for act in (told.leave_to_cover, lambda _promise, absence, by: told.leave_all_to_cover(absence, by=by)):
            with pytest.raises(Refused, match="Choose a cover first"):
                act(first_promise(case), absence, by=cast.sam)

    def test_is_refused_for_what_falls_elsewhere_or_is_over(self, case, cast, absence):
        later = promises.make(case, pledge("call you", 80), by=cast.nadia)
        with pytest.raises(Refused, match="does not fall into"):
            told.leave_to_cover(later, absence, by=cast.nadia)
        promises.keep(first_promise(case), said="Done.", by=cast.nadia)
        with pytest.raises(Conflict, match="has ended"):
            told.leave_to_cover(first_promise(case), absence, by=cast.nadia)
        with clock.at(THURSDAY), pytest.raises(Conflict, match="over"):
            told.leave_to_cover(later, absence, by=cast.nadia)

    def test_is_refused_on_a_case_of_somebody_else(self, cast, absence):
        theirs = a_case(cast.mallory)
        assert theirs.owner == cast.ben
        with pytest.raises(Refused, match="absence of Ben Becker"):
            told.leave_to_cover(first_promise(theirs), absence, by=cast.sam)


class TestTheTimelineTells:
    def test_that_the_owner_is_away_and_back_each_once(self, case, cast, absence):
        assert told.begin_due(TUESDAY) == 1 and told.begin_due(TUESDAY) == 0
        assert fresh(absence).began_at == TUESDAY
        assert told.end_due(THURSDAY) == 1 and told.end_due(THURSDAY) == 0
        assert fresh(absence).ended_at == THURSDAY
        assert kinds(case)[-2:] == [Kind.OWNER_AWAY, Kind.OWNER_BACK]

    def test_anew_when_another_stands_in(self, case, cast, absence):
        told.begin_due(TUESDAY)
        absences.change(absence, cover=cast.olga, by=cast.nadia)
        assert told.begin_due(TUESDAY) == 1 and told.begin_due(TUESDAY) == 0
        named = [entry.data["name"] for entry in case.entries.filter(kind=Kind.OWNER_AWAY).order_by("pk")]
        assert named == ["Ben Becker", "Olga Orlova"]
        assert told.end_due(THURSDAY) == 1

    def test_nothing_before_it_begins_nor_of_what_was_called_off(self, case, cast):
        absence = away(cast.nadia, cast.ben, WEDNESDAY, THURSDAY)
        assert told.begin_due(TUESDAY) == 0
        absences.cut_short(absence, by=cast.nadia)
        assert told.begin_due(WEDNESDAY) == told.end_due(THURSDAY) == 0
        assert fresh(absence).ended_at == THURSDAY
        assert not Notice.objects.filter(absence=absence).exists()

    def test_nothing_of_an_absence_that_nobody_swept(self, case, cast, absence):
        assert told.begin_due(THURSDAY) == told.end_due(THURSDAY) == 0
        assert Notice.objects.get(absence=absence).reaction == "welcome_back"

    def test_in_batches_each_case_once(self, case, cast, absence, monkeypatch):
        monkeypatch.setattr(told, "BATCH", 2)
        for _ in range(4):
            owned(cast.nadia, cast.mallory)
        assert told.begin_due(TUESDAY) == 5 and fresh(absence).began_at == TUESDAY
        assert told.end_due(THURSDAY) == 5 and fresh(absence).ended_at == THURSDAY

    def test_waits_for_the_cases_that_were_left_out(self, case, cast, absence):
        other = owned(cast.nadia, cast.mallory)
        assert told.begin_due(TUESDAY, cases=[case.pk]) == 1
        assert fresh(absence).began_at is None
        assert told.begin_due(TUESDAY) == 1 and kinds(other)[-1] == Kind.OWNER_AWAY
        assert fresh(absence).began_at == TUESDAY

    def test_by_the_sweep(self, case, cast, absence):
        sweep(TUESDAY)
        sweep(TUESDAY)
        assert kinds(case).count(Kind.OWNER_AWAY) == 1
        sweep(THURSDAY)
        assert kinds(case).count(Kind.OWNER_BACK) == 1


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def test_two_sweeps_tell_each_case_once(self, case, cast, absence):
        for _ in range(20):
            owned(cast.nadia, cast.mallory)
        at_once(*[lambda: told.begin_due(TUESDAY)] * 4)
        told.begin_due(TUESDAY)
        assert fresh(absence).began_at is not None
        counted = Case.objects.filter(owner=cast.nadia)
        assert {kinds(one).count(Kind.OWNER_AWAY) for one in counted} == {1}

    def test_a_case_that_a_verb_holds_is_told_by_the_next_sweep(self, case, cast, absence):
        from django.db import transaction

        from cases.verbs.locking import lock

        with transaction.atomic():
            lock(case)
            [begun] = at_once(lambda: told.begin_due(TUESDAY))
            assert begun == 0 and fresh(absence).began_at is None
        assert told.begin_due(TUESDAY) == 1

    def test_leaving_a_promise_and_keeping_it_end_in_one_of_both(self, case, cast, absence):
        promise = first_promise(case)
        results = at_once(
            lambda: promises.keep(promise, said="Done.", next_promise=pledge(), by=cast.ben),
            lambda: told.leave_all_to_cover(absence, by=cast.nadia),
        )
        assert not [result for result in results if isinstance(result, Exception)]
        assert fresh(promise).state == Promise.State.KEPT


class TestNotices:
    def notices(self, agent) -> list[str]:
        now = clock.now()
        about = Notice.objects.filter(agent=agent, absence__isnull=False, read_at=None).order_by("pk")
        rows = about.select_related("absence__agent", "absence__cover", "absence__announced_by")
        return [notice_said(notice, now).words for notice in rows]

    def test_tell_who_stands_in_when_it_is_announced_changes_and_begins(self, case, cast):
        absence = away(cast.nadia, cast.ben, WEDNESDAY, THURSDAY)
        assert tell_due(TUESDAY) == 1 and tell_due(TUESDAY) == 0
        planned = "You stand in for Nadia from Wed 11 Mar, 10:00 until Thu 12 Mar, 09:00"
        assert self.notices(cast.ben) == [planned]
        Notice.objects.update(read_at=TUESDAY)
        with clock.at(TUESDAY + timedelta(hours=1)):
            absences.change(absence, ends_at=MONDAY, by=cast.nadia)
            assert tell_due(TUESDAY + timedelta(hours=1)) == 1
            assert "until Mon 16 Mar" in self.notices(cast.ben)[0]
            assert tell_due(TUESDAY + timedelta(hours=2)) == 0
        with clock.at(WEDNESDAY):
            told.begin_due(WEDNESDAY)
            assert len(self.notices(cast.ben)) == 2
            assert "among yours" in self.notices(cast.ben)[1]

    def test_tell_whoever_no_longer_stands_in(self, case, cast, absence):
        tell_due(TUESDAY)
        with clock.at(TUESDAY + timedelta(hours=1)):
            absences.change(absence, cover=cast.olga, by=cast.nadia)
            tell_due(TUESDAY + timedelta(hours=1))
            assert self.notices(cast.ben) == ["Olga Orlova stands in for Nadia now, not you"]
            assert "You stand in for Nadia" in self.notices(cast.olga)[0]

    def test_tell_that_it_was_called_off(self, case, cast):
        absence = away(cast.nadia, cast.ben, WEDNESDAY, THURSDAY)
        tell_due(TUESDAY)
        with clock.at(TUESDAY + timedelta(hours=1)):
            absences.cut_short(absence, by=cast.nadia)
            tell_due(TUESDAY + timedelta(hours=1))
            assert self.notices(cast.ben) == ["Nadia is not away after all: nobody has to stand in"]

    def test_tell_who_was_said_to_be_away_and_not_the_supervisor_who_named_themselves(self, case, cast):
        away(cast.nadia, cast.sam, None, None, by=cast.sam)
        tell_due(TUESDAY)
        assert "Sam Sato has said so" in self.notices(cast.nadia)[0]
        assert self.notices(cast.sam) == []

    def test_welcome_back(self, case, cast, absence):
        told.begin_due(TUESDAY)
        with clock.at(THURSDAY):
            told.end_due(THURSDAY)
            [notice] = Notice.objects.filter(agent=cast.nadia, absence=absence)
            assert notice_said(notice, THURSDAY).title == "Welcome back"
            assert notice_said(notice, THURSDAY).url == f"/away/{absence.pk}/summary/"
        assert notice.why == Notice.Why.OWN


def without_cover(now=TUESDAY) -> set[Case]:
    found = set(Case.objects.without_cover(now))
    with connection.cursor() as cursor:
        cursor.execute(WITHOUT_COVER, {"now": now})
        assert {row[0] for row in cursor.fetchall()} == {case.pk for case in found}
    return found


def since(case, now=TUESDAY) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT since FROM ({WITHOUT_COVER}) w WHERE case_id = {case.pk}", {"now": now})
        return cursor.fetchone()[0]


class TestWithoutCover:
    def test_is_every_open_case_of_whoever_is_away_with_nobody_standing_in(self, case, cast):
        others = a_case(cast.mallory)
        assert without_cover() == set()
        away(cast.nadia, None, by=cast.sam)
        assert without_cover() == {case} and others.owner == cast.ben
        assert since(case) == TUESDAY
        closing.override(case, reason="A double.", by=cast.sam)
        assert without_cover() == set()

    def test_is_nothing_of_whoever_is_covered_or_back(self, case, cast, absence):
        assert without_cover() == without_cover(MONDAY) == set()

    def test_is_what_the_cover_leaves_alone(self, case, cast, absence):
        away(cast.ben, None, WEDNESDAY, None, by=cast.sam)
        assert without_cover() == set()
        assert case in without_cover(WEDNESDAY) and since(case, WEDNESDAY) == WEDNESDAY

    def test_since_it_is_so_again_after_a_cover_was_taken_away(self, case, cast):
        absence = away(cast.nadia, None, by=cast.sam)
        absences.change(absence, cover=cast.ben, by=cast.sam)
        assert without_cover() == set()
        with clock.at(TUESDAY + timedelta(hours=1)):
            absences.change(fresh(absence), cover=None, by=cast.sam)
        assert since(case, WEDNESDAY) == TUESDAY + timedelta(hours=1), "Else its flag would never rise again."

    def test_is_what_is_given_to_somebody_who_is_away(self, case, cast):
        offer = ownership.hand_over(case, cast.ben, brief="Yours.", by=cast.nadia)
        away(cast.ben, None, by=cast.sam)
        with clock.at(WEDNESDAY):
            ownership.accept(offer, by=cast.ben)
        assert since(case, WEDNESDAY) == WEDNESDAY

    @pytest.mark.parametrize("fact", ["is_active", "can_sign_in"])
    def test_is_what_belongs_to_whoever_was_turned_off_by_any_way(self, case, cast, fact):
        Agent.objects.filter(pk=cast.nadia.pk).update(**{fact: False})
        assert without_cover() == {case}

    def test_is_not_what_nobody_owns_yet_nor_what_was_brought_in(self, cast):
        brought = an_agent("Lou Load", cast.support, origin=Origin.LOAD, can_sign_in=False)
        Agent.objects.filter(pk=brought.pk).update(email="lou@load.invalid")
        owned(brought, cast.carla)
        with clock.at(SUNDAY):
            assert a_case(cast.mallory).owner == cast.nobody
        assert without_cover() == set()

    def test_of_a_hundred_cases_none_is_left_with_an_owner_who_is_gone(self, case, cast):
        for number in range(99):
            owned(cast.nadia, cast.carla if number % 2 else cast.mallory)
        absences.sign_off(cast.nadia, by=cast.sam)
        assert len(without_cover()) == 100
        absences.sign_off(fresh(cast.nadia), cover=cast.ben, by=cast.sam)
        assert without_cover() == set()
        absences.sign_off(cast.ben, by=cast.sam)
        assert len(without_cover()) >= 100


@pytest.mark.django_db(transaction=True)
def test_during_a_transfer_nobody_who_is_gone_owns_anything_unseen(cast, tuesday):
    for number in range(20):
        Agent.objects.filter(pk=cast.ben.pk).update(can_sign_in=True)
        Absence.objects.all().delete() if number == 0 else Absence.objects.update(ends_at=TUESDAY, starts_at=TUESDAY)
        case = owned(cast.nadia, cast.carla)
        offer = ownership.hand_over(case, cast.ben, brief="Yours.", by=cast.nadia)
        results = at_once(
            lambda offer=offer: ownership.accept(offer, by=cast.ben),
            lambda: absences.sign_off(cast.ben, by=cast.sam),
        )
        assert all(not isinstance(r, Exception) or isinstance(r, Refused) for r in results), results
        gone = Case.objects.open().filter(owner__can_sign_in=False, owner__is_fallback=False)
        assert set(gone) == without_cover()
