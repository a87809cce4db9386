"""The look back tells what a sweep at every moment has raised: the same queries, asked about the past."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import timedelta

import pytest

from cases.actors import LOG
from cases.models import Case, Handover, Subtask
from cases.verbs import (
    answering,
    assurances,
    closing,
    complaints,
    conversation,
    ownership,
    promises,
    proposing,
    subtasks,
)
from cases.verbs.promises import Pledge
from escalations import sweep as sweeping
from escalations.looking_back import Span, _as_raised, look_back
from escalations.models import Flag, RuleSetting
from escalations.rules import RULES, as_wished
from escalations.sweep import sweep, sweep_now
from supportdesk import clock
from supportdesk.errors import Conflict, NotAllowed, Refused
from tests.cast import TUESDAY, a_case, first_promise, fresh, pledge

pytestmark = pytest.mark.usefixtures("tuesday")

A_SECOND, AN_HOUR = timedelta(seconds=1), timedelta(hours=1)
STEP = timedelta(minutes=30)
ANSWERED = {rule.name for rule in RULES if not rule.forgets} | {"promise_at_risk"}


class Walk:
    """People act by chance at every half hour of three days, and a sweep comes by before and after each act."""

    def __init__(self, cast, seed, sweeps):
        self.cast, self.dice, self.sweep = cast, random.Random(seed), sweeps
        self.cases = [a_case(cast.carla), a_case(cast.mallory, "It does not start.")]

    def walk(self, steps):
        now = TUESDAY
        for _ in range(steps):
            now += STEP if now.hour < 17 else timedelta(hours=15)
            self.sweep(now - A_SECOND)
            with clock.at(now):
                for _ in range(self.dice.choice((0, 1, 1, 2))):
                    self.act(fresh(self.dice.choice(self.cases)), now)
            self.sweep(now)
        return now

    def act(self, case, now):
        acts = [name for name in dir(self) if name.startswith("do_")]
        with suppress(Conflict, NotAllowed, Refused, IndexError):  # It cannot be done now, or there is none.
            getattr(self, self.dice.choice(acts))(case, now)

    def ahead(self, now):
        return now + self.dice.randrange(1, 30) * STEP

    def part(self, case) -> Subtask:
        return self.dice.choice(list(case.subtasks.open()))

    def do_customer_writes(self, case, now):
        conversation.customer_writes(case, f"And? {now}", by=case.customer)

    def do_write(self, case, now):
        conversation.write_to_customer(case, f"We are on it. {now}", by=case.owner)

    def do_keep(self, case, now):
        promise = self.dice.choice(list(case.promises.owed()))
        words = f"write again after {now:%d %H:%M}"
        promises.keep(promise, said=f"{now}", next_promise=Pledge(words, self.ahead(now)), by=case.owner)

    def do_move(self, case, now):
        promise = self.dice.choice(list(case.promises.owed()))
        promises.move(promise, Pledge(promise.words, self.ahead(now)), reason="It takes longer.", by=case.owner)

    def do_ask(self, case, now):
        department = self.dice.choice((self.cast.hardware, self.cast.warranty))
        after = self.dice.choice((None, None, *case.subtasks.open()))
        subtasks.ask(case, department, f"What is it? {now}", after=after, by=case.owner)

    def do_see(self, case, now):
        part = self.part(case)
        subtasks.see(part, by=self.worker(part))

    def do_accept(self, case, now):
        part = self.part(case)
        subtasks.accept(part, committed_at=self.ahead(now), by=self.worker(part))

    def do_later(self, case, now):
        part = self.part(case)
        later = self.ahead(now)
        subtasks.ask_later(part, later, "It takes longer.", by=self.worker(part))
        subtasks.grant_later(part, later, by=case.owner)

    def do_done(self, case, now):
        part = self.part(case)
        subtasks.done(part, outcome="Fine.", by=self.worker(part))

    def worker(self, part):
        return self.cast.wanda if part.department == self.cast.warranty else self.cast.olga

    def do_offer(self, case, now):
        to = self.dice.choice((self.cast.nadia, self.cast.ben, self.cast.olga))
        ownership.hand_over(case, to, brief=f"{now}", by=case.owner)

    def do_answer_offer(self, case, now):
        offer = Handover.objects.filter(case=case, state="offered").first()
        if offer and self.dice.random() < 0.5:
            ownership.accept(offer, by=offer.to_agent)
        elif offer:
            ownership.give_back(offer, reason="I am away.", by=offer.to_agent)

    def do_call(self, case, now):
        assurances.take_call(case, f"Nobody called. {now}", by=self.cast.wanda)

    def do_attempt(self, case, now):
        conversation.attempt(case, "no_answer", by=case.owner)

    def do_note(self, case, now):
        conversation.note(case, f"{now}", by=case.owner)

    def do_propose(self, case, now):
        proposing.propose(case, kind="solved", words=f"There. {now}", why_none="She named none.", by=case.owner)

    def do_not_yet(self, case, now):
        answering.say_not_yet(case, words=f"Not yet. {now}", by=case.customer)

    def do_complain(self, case, now):
        complaints.complain(case, f"I was hung up on. {now}", by=case.customer)

    def do_close(self, case, now):
        if self.dice.random() < 0.1:
            closing.override(case, reason="A double.", by=self.cast.sue)
            self.cases[self.cases.index(case)] = a_case(case.customer, f"Again. {now}")


def as_flags(rules) -> set[tuple]:
    return set(Flag.objects.filter(rule__in=rules).values_list("rule", "subject", "became_true_at"))


def as_looked_back(rules, now) -> set[tuple]:
    wishes = as_wished(RULES)
    return {(name, one.subject, one.at) for name in rules for one in look_back(wishes[name], now, since=TUESDAY)}


@pytest.mark.parametrize("seed", [3, 11])
def test_a_sweep_at_every_moment_and_the_look_back_agree(cast, seed):
    now = Walk(cast, seed, sweep).walk(54)
    flags = as_flags(ANSWERED)
    assert as_looked_back(ANSWERED, now) == flags
    assert len({rule for rule, _, _ in flags}) > 6, "Too little has happened to prove anything."


def test_so_does_the_minutes_sweep_that_looks_only_at_what_can_have_changed(cast, monkeypatch):
    monkeypatch.setattr(sweeping, "EVERYTHING_EVERY", timedelta(days=99))

    def by_the_minute(now):
        with clock.at(now):
            sweep_now()

    now = Walk(cast, 5, by_the_minute).walk(54)
    # Whose last act was not a word to the customer is found when everything is looked at.
    rules = ANSWERED - {"owner_idle"}
    assert as_looked_back(rules, now) == as_flags(rules)
    with clock.at(now):
        assert Flag.objects.standing().count() > 5
    monkeypatch.undo()
    missed = sweep(now)
    assert not any(missed.settled.values())
    assert {rule for rule, raised in missed.raised.items() if raised} <= {"owner_idle"}


def test_it_looks_at_the_last_thirty_days_with_the_numbers_that_are_wished_for(cast, case):
    subtasks.ask(case, cast.hardware, "Test the board", by=cast.nadia)
    wishes = as_wished(RULES)
    rule = wishes["subtask_not_seen"].rule
    now = TUESDAY + timedelta(days=2)
    assert [one.at for one in look_back(wishes[rule.name], now)] == [TUESDAY + 4 * AN_HOUR]
    RuleSetting.objects.create(rule=rule.name, numbers={"hours": 24}, tells=[], changed_at=TUESDAY, changed_by=cast.sam)
    assert look_back(as_wished([rule])[rule.name], now) == []
    assert look_back(wishes[rule.name], now + timedelta(days=40)) == []


def test_what_the_past_does_not_tell_is_counted_as_far_as_it_was_raised(cast, case):
    promises.keep(first_promise(case), said="All is well.", by=LOG)
    sweep(TUESDAY + AN_HOUR)
    with clock.at(TUESDAY + 2 * AN_HOUR):
        promises.make(case, pledge(hours=90), by=cast.nadia)
    sweep(TUESDAY + 2 * AN_HOUR)
    wish = as_wished(RULES)["no_next_promise"]
    (fired,) = look_back(wish, TUESDAY + 3 * AN_HOUR)
    assert (fired.case, fired.at, fired.until) == (case.pk, TUESDAY, TUESDAY + 2 * AN_HOUR)


def test_put_aside_counts_from_then_on(cast, case):
    with clock.at(TUESDAY + 5 * AN_HOUR):
        Case.objects.filter(pk=case.pk).update(
            state="closed", outcome="not_a_case", not_a_case="spam", closed_by="agent", closed_by_agent=cast.nadia,
            closed_at=TUESDAY + 5 * AN_HOUR,
        )  # fmt: skip
    wish = as_wished(RULES)["unanswered"]
    assert [one.at for one in look_back(wish, TUESDAY + 9 * AN_HOUR)] == [TUESDAY + 4 * AN_HOUR]


def span(subject, began, due, until=None) -> Span:
    hours = (TUESDAY + AN_HOUR * at if at is not None else None for at in (began, due, until))
    return Span(1, subject, *hours, "")


def test_of_one_subject_one_stands_at_a_time():
    apart = [span(1, 0, 1, 2), span(1, 2, 3, 4), span(2, 0, 1)]
    assert list(_as_raised(apart)) == apart
    # What had begun before the flag was raised is part of it; what began later follows when it ends.
    within, after = span(1, 0, 2, 5), span(1, 4, 4, 9)
    assert list(_as_raised([span(1, 0, 1, 3), within, after])) == [span(1, 0, 1, 5), after]
    assert list(_as_raised([span(1, 0, 1), span(1, 2, 2, 3)])) == [span(1, 0, 1)]
