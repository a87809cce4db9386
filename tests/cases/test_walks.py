"""Whatever is done to a case in whatever order, it has one owner, a next step, and a timeline that tells its story."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

import pytest

from cases.actors import LOG
from cases.models import Case, Handover
from cases.models.timeline import Kind
from cases.verbs import (
    afterwards,
    agreeing,
    amends,
    answering,
    aside,
    assurances,
    closing,
    complaints,
    concessions,
    conversation,
    estimates,
    ownership,
    promises,
    proposing,
    refusals,
    silence,
    subtasks,
)
from staff.models import Mandate
from supportdesk import clock
from supportdesk.errors import Refused
from tests.cast import TUESDAY, a_case, as_at_commit, fresh, pledge

STEPS = 45


class Walk:
    """One case and everybody around it; each step does something at random, allowed or not."""

    def __init__(self, cast, seed):
        self.cast, self.chance = cast, random.Random(seed)
        cast.hardware.second_line = cast.warranty
        cast.hardware.save(update_fields=["second_line"])
        Mandate.objects.create(department=cast.support, refund_up_to=20, decider=cast.sue)
        self.case = a_case(cast.carla)
        self.done = set()

    def step(self):
        # What has not been done yet comes sooner: there are more acts than a walk has steps for.
        weights = [1 if name in self.done else 3 for name in STEP_NAMES]
        self.last = name = self.chance.choices(STEP_NAMES, weights)[0]
        try:
            getattr(self, name)()
            self.done.add(name)
        except Refused as refused:
            assert refused.sentence

    def somebody(self):
        case = fresh(self.case)
        return self.chance.choice((case.owner, case.owner, self.cast.ben, self.cast.sam))

    def a_promise(self):
        return self.chance.choice(list(self.case.promises.all()))

    def a_part(self):
        if not self.case.subtasks.exists():
            subtasks.ask(self.case, self.cast.hardware, "Test", by=LOG)
        return self.chance.choice(list(self.case.subtasks.all()))

    def maybe_pledge(self):
        return self.chance.choice((None, pledge(hours=self.chance.randint(1, 60))))

    def do_hand_over(self):
        ownership.hand_over(
            self.case, self.chance.choice((self.cast.ben, self.cast.olga)), brief="Yours.", by=self.somebody()
        )

    def do_accept(self):
        if offers := list(Handover.objects.filter(case=self.case)):
            offer = self.chance.choice(offers)
            ownership.accept(offer, by=offer.to_agent)

    def do_take_over(self):
        ownership.take_over(self.case, reason="Carla asked.", by=self.somebody())

    def do_write(self):
        keeps = [self.a_promise()] if self.chance.random() < 0.6 else []
        conversation.write_to_customer(
            self.case, "We look.", keeps=keeps, next_promise=self.maybe_pledge(), by=self.somebody()
        )

    def do_customer_writes(self):
        conversation.customer_writes(self.case, "Hm.", by=self.cast.carla)

    def do_make(self):
        promises.make(self.case, pledge(hours=self.chance.randint(1, 60)), by=self.somebody())

    def do_keep(self):
        promises.keep(self.a_promise(), said="Hello.", next_promise=self.maybe_pledge(), by=self.somebody())

    def do_keep_as_log(self):
        promises.keep(self.a_promise(), said="So it was.", by=LOG)

    def do_move(self):
        promises.move(self.a_promise(), pledge(hours=self.chance.randint(1, 60)), reason="Late.", by=self.somebody())

    def do_answer_a_new_time(self):
        owner = fresh(self.case).owner
        made = promises.make(self.case, pledge(hours=self.chance.randint(1, 30)), by=owner)
        moved = promises.move(made, pledge(hours=self.chance.randint(31, 60)), reason="Late.", by=owner)
        answer = self.chance.choice((agreeing.agree, agreeing.disagree))
        answer(moved, words=self.chance.choice(("", "Hm.")), by=self.cast.carla)

    def do_make_right(self):
        told = {"apology": f"You waited {self.chance.random()} hours for me.", "why": "I forgot.", "doing": "I ring."}
        amends.make(self.a_promise(), **told, next_promise=self.maybe_pledge(), by=self.somebody())

    def do_give(self):
        told = {"amount": Decimal(self.chance.randint(1, 30)), "words": "Some", "why": "Twice."}
        concessions.give(self.case, "refund", **told, by=self.somebody())

    def do_decide(self):
        if asked := list(self.case.concessions.all()):
            granted = self.chance.random() < 0.5
            concessions.decide(self.chance.choice(asked), granted=granted, answer="So be it.", by=self.cast.sue)

    def do_hang_on_a_part(self):
        told = pledge(hours=self.chance.randint(1, 90), backed_by=self.a_part())
        promises.make(self.case, told, by=self.somebody())

    def do_ask(self):
        subtasks.ask(self.case, self.cast.hardware, "Test", by=self.somebody())

    def do_ask_after(self):
        subtasks.ask(self.case, self.cast.warranty, "Then this", after=self.a_part(), by=self.somebody())

    def do_accept_part(self):
        subtasks.accept(
            self.a_part(), committed_at=clock.now() + timedelta(hours=self.chance.randint(1, 90)), by=self.cast.olga
        )

    def do_wait(self):
        subtasks.wait(self.a_part(), "a board", by=self.cast.olga)

    def do_go_on(self):
        subtasks.go_on(self.a_part(), by=self.cast.olga)

    def do_ask_later(self):
        subtasks.ask_later(self.a_part(), clock.now() + timedelta(hours=99), "It is late.", by=self.cast.olga)

    def do_answer_later(self):
        part = self.a_part()
        answer = self.chance.choice((subtasks.grant_later, subtasks.refuse_later))
        answer(part, part.later_at or clock.now(), by=self.somebody())

    def do_could_not_reproduce(self):
        subtasks.could_not_reproduce(self.a_part(), "All of it.", by=self.cast.olga)

    def do_attempt(self):
        conversation.attempt(self.case, "engaged", promise=self.a_promise(), by=self.somebody())

    def do_take_call(self):
        assurances.take_call(self.case, "Hello?", by=self.chance.choice((self.cast.ben, self.cast.olga)))

    def do_done(self):
        subtasks.done(self.a_part(), outcome="Fine.", by=self.cast.olga)

    def do_drop(self):
        subtasks.drop(self.a_part(), reason="Not needed.", by=self.somebody())

    def do_propose(self):
        proposing.propose(
            self.case, kind="solved", words=f"Done {self.chance.random()}.", why_none="None.", by=self.somebody()
        )

    def do_say_yes(self):
        answering.say_yes(self.case, by=self.cast.carla)

    def do_say_not_yet(self):
        answering.say_not_yet(self.case, words=self.chance.choice(("", "No.")), by=self.cast.carla)

    def do_propose_what_puts_nothing_right(self):
        kind = self.chance.choice(("another", "cannot"))
        proposing.propose(
            self.case, kind=kind, words=f"No {self.chance.random()}.", why_none="None.", another="The maker",
            check_back=self.maybe_pledge(), tried="Everything.", by=self.somebody(),
        )  # fmt: skip

    def do_understand(self):
        answering.understand(self.case, by=self.cast.carla)

    def do_not_accept(self):
        answering.do_not_accept(self.case, by=self.cast.carla)

    def do_withdraw(self):
        if self.chance.random() < 0.3:
            answering.withdraw(self.case, by=self.cast.carla)

    def do_put_aside(self):
        if self.chance.random() < 0.3:
            aside.put_aside(self.case, "spam", by=self.somebody())

    def do_take_back_in(self):
        aside.take_back_in(self.case, by=self.somebody())

    def do_only_thanks(self):
        afterwards.only_thanks(self.case, by=self.somebody())

    def do_unconfirm(self):
        silence.unconfirm(self.case, by=LOG)

    def do_close(self):
        closing.close(self.case, by=self.somebody())

    def do_close_unanswered(self):
        silence.close_unanswered(self.case, by=self.cast.sam)

    def do_override(self):
        if self.chance.random() < 0.3:
            closing.override(self.case, reason="A double.", by=self.cast.sam)

    def do_reopen(self):
        closing.reopen(self.case, reason="More.", next_promise=self.maybe_pledge(), by=self.somebody())

    def a_refusal(self):
        if not self.case.refusals.exists():
            refusals.refuse(
                fresh(self.case),
                asked="My money back",
                kind="not_entitled",
                ground="The offer ended on 3 March.",
                read_before="The offer",
                decider="Wanda",
                by=fresh(self.case).owner,
            )
        return self.chance.choice(list(self.case.refusals.all()))

    def do_ask_for_another_look(self):
        refusals.ask_for_another_look(self.a_refusal(), by=self.cast.carla)

    def do_look_again(self):
        look = self.chance.choice(("upheld", "changed"))
        refusals.look_again(
            self.a_refusal(), look=look, words="I read it.", next_promise=self.maybe_pledge(), by=self.cast.sue
        )

    def do_estimate(self):
        known = {"over_by": pledge(hours=50).due_at}
        unknown = {"tell_by": pledge(hours=self.chance.randint(1, 60))}
        estimates.estimate(self.case, **self.chance.choice((known, unknown)), by=self.somebody())

    def do_complain(self):
        complaints.complain(self.case, "I was hung up on.", by=self.cast.carla)

    def do_answer_complaint(self):
        if found := list(self.case.complaints.all()):
            complaint = self.chance.choice(found)
            complaints.answer(complaint, "We are sorry.", by=complaint.owner)

    def do_sweep(self):
        now = clock.now()
        promises.break_due(now)
        silence.remind_due(now)
        silence.unconfirm_due(now)
        afterwards.reopen_undecided(now)


STEP_NAMES = sorted(name for name in vars(Walk) if name.startswith("do_"))


def slow_next_step(case):
    """What is due next, worked out row by row: the kind of step, the promise, the time (None: since some time)."""
    owed = [promise for promise in case.promises.all() if promise.is_owed]
    if owed:
        first = min(owed, key=lambda promise: (promise.due_at, promise.pk))
        return "promise", first.pk, first.due_at
    ahead = [reminder.due_at for reminder in case.reminders.all() if not (reminder.sent_at or reminder.waived_at)]
    if ahead:
        return "reminder", None, min(ahead)
    for resolution in case.resolutions.all():
        if resolution.ended_at is None and (resolution.supervisors_by or resolution.unconfirmed_due_at):
            return "supervisors", None, resolution.supervisors_by or resolution.unconfirmed_due_at
    return "nothing", None, None


STATE_AFTER = {
    Kind.OPENED: "open",
    Kind.RESOLUTION_PROPOSED: "proposed",
    Kind.UNCONFIRMED: "unconfirmed",
    Kind.CUSTOMER_SAID_YES: "open",
    Kind.CUSTOMER_SAID_NOT_YET: "open",
    Kind.CUSTOMER_UNDERSTOOD: "open",
    Kind.CUSTOMER_DID_NOT_ACCEPT: "open",
    Kind.CUSTOMER_WITHDREW: "open",
    Kind.PUT_ASIDE: "closed",
    Kind.TAKEN_BACK_IN: "open",
    Kind.REOPENED: "open",
    Kind.CLOSED: "closed",
}


THE_CUSTOMER_SPOKE = (
    *(Kind.MESSAGE_FROM_CUSTOMER, Kind.CALL_TAKEN, Kind.ANOTHER_LOOK_ASKED),
    *(Kind.PROMISE_AGREED, Kind.PROMISE_NOT_AGREED),
)


def ends_the_silence(entry) -> bool:
    """The customer has spoken, or has been spoken with."""
    return entry.kind in THE_CUSTOMER_SPOKE or (entry.message is not None and entry.message.delivery == "spoken")


def told_by_the_timeline(case):
    """The owner and the state that follow from the entries alone."""
    owner = state = None
    for entry in case.entries.select_related("message").order_by("pk"):
        owner = entry.owner_id or owner
        state = STATE_AFTER.get(entry.kind, state)
        if state == "unconfirmed" and ends_the_silence(entry):
            state = "proposed"
    return owner, state


def nothing_promised(case) -> bool:
    case = fresh(case)
    return case.is_open and case.next_step == Case.NextStep.NOTHING


def assert_sound(walk, left_by_log):
    case = fresh(walk.case)
    step, promise, due_at = slow_next_step(case)
    assert (case.next_step, case.next_promise_id) == (step, promise)
    assert case.next_due_at == due_at or (step == "nothing" and case.next_due_at <= clock.now())
    assert told_by_the_timeline(case) == (case.owner_id, case.state)
    assert step != "nothing" or not case.is_open or left_by_log, "An open case with nothing promised."
    if case.outcome not in ("", "override"):
        assert not [part for part in case.subtasks.open() if part.asked_at < case.closed_at]


@pytest.mark.parametrize("seed", range(6))
def test_after_every_step_the_case_is_sound(cast, tuesday, seed):
    walk, now = Walk(cast, seed), TUESDAY
    for _ in range(STEPS):
        now += timedelta(minutes=walk.chance.randint(1, 1500))
        with clock.at(now):
            nothing_before = nothing_promised(walk.case)
            walk.step()
            as_at_commit()
            # Only a replayed log may leave nothing promised; from then on it may stay so until somebody promises.
            left_by_log = nothing_promised(walk.case) and (nothing_before or walk.last == "do_keep_as_log")
            assert_sound(walk, left_by_log)


def test_the_walks_get_about(cast, tuesday):
    walk, now = Walk(cast, 13), TUESDAY
    for _ in range(10 * STEPS):
        now += timedelta(minutes=walk.chance.randint(1, 1500))
        with clock.at(now):
            walk.step()
    assert len(walk.done) >= len(STEP_NAMES) * 3 // 4
    assert {Kind.CLOSED, Kind.REOPENED, Kind.PROMISE_BROKEN} <= set(walk.case.entries.values_list("kind", flat=True))
    assert Case.objects.count() == 1
